//! Who may change a password, and what is left of who may not.

use std::time::Duration;

use super::*;
use crate::code::{code_at, step_of};
use crate::config::Config;
use crate::flows::password_change::expire;
use crate::messages::Language;
use crate::ports::{Replaced, Store};
use crate::testing::{
    FakeHost, MemoryStore, NOON, anna, phone, record_of, rules, ssh_login, with_person,
};

const TEXTS: Texts = Texts {
    language: Language::English,
    unicode: true,
};
const OLD: &str = "correct horse";
const GOOD: &str = "seven green lanterns";

struct Scene {
    store: MemoryStore,
    host: FakeHost,
}

impl Scene {
    fn new() -> Self {
        Self {
            store: MemoryStore::with(record_of(anna()), Status::Live),
            host: FakeHost::at(NOON),
        }
    }

    /// What somebody changes who types these answers.
    fn changed(
        &self,
        answers: &[&str],
        new: New,
        flow: impl FnOnce(&mut World<'_>, Change<'_>) -> Changed,
    ) -> (Changed, Vec<String>) {
        let (login, account, rules) = (ssh_login(), anna(), rules());
        let change = Change {
            login: &login,
            account: &account,
            texts: TEXTS,
            site: "server1",
            rules: &rules,
            new,
            deadline: None,
        };
        with_person(&self.store, &self.host, answers, |world| {
            flow(world, change)
        })
    }

    fn by_proof(&self, answers: &[&str]) -> (Changed, Vec<String>) {
        self.changed(answers, New::Ask, |world, change| {
            let policy = Policy::of(&Config::default(), &ssh_login(), &self.host);
            let typed = ask_proof(world.dialog, TEXTS, None, || NOON).unwrap();
            by_proof(world, &policy, typed, change).unwrap()
        })
    }

    fn after_login(&self, logged_in: &LoggedIn, answers: &[&str]) -> (Changed, Vec<String>) {
        self.changed(answers, New::Ask, |world, change| {
            after_login(world, logged_in, change).unwrap()
        })
    }

    fn given(&self, new: &str) -> (Changed, Vec<String>) {
        let logged_in = self.logged_in();
        let new = New::Given(Secret::from(new.to_owned()));
        self.changed(&[], new, |world, change| {
            after_login(world, &logged_in, change).unwrap()
        })
    }

    fn record(&self) -> Record {
        self.store.load(&anna()).unwrap().record.unwrap()
    }

    fn logged_in(&self) -> LoggedIn {
        let found = self.store.load(&anna()).unwrap();
        LoggedIn::by(&found.record.unwrap(), found.state.status).unwrap()
    }

    fn has(&self, password: &str) -> bool {
        let hash = self.record().password.unwrap();
        hash.0.same_as(&Secret::from(password.to_owned()))
    }
}

fn code() -> String {
    let step = step_of(NOON, &phone().shape).unwrap();
    let code = code_at(&phone().key, &phone().shape, step).unwrap();
    code.expose_text().unwrap().to_owned()
}

#[test]
fn password_and_code_change_the_password_and_the_code_is_spent() {
    let scene = Scene::new();
    let code = code();
    let (changed, heard) = scene.by_proof(&[OLD, &code, GOOD, GOOD]);
    assert_eq!(changed.ending, Ending::Done(Status::Live), "{heard:?}");
    let password = changed.password.unwrap();
    assert_eq!(password.expose_text(), Some(GOOD));
    assert!(scene.has(GOOD));
    let line = "event=passwd result=done user=anna by=person";
    assert_eq!(scene.host.lines.borrow().last().unwrap(), line);
    let (again, _) = scene.by_proof(&[GOOD, &code]);
    assert_eq!(again.ending, Ending::Refused);
}

#[test]
fn who_proves_less_is_refused_alike_and_not_asked_for_a_new_one() {
    let code = code();
    let mut said = Vec::new();
    for answers in [["hunter2", code.as_str()], [OLD, "000000"], [OLD, ""]] {
        let scene = Scene::new();
        scene.host.elapsed.set(Duration::from_millis(300));
        let (changed, heard) = scene.by_proof(&answers);
        assert_eq!(changed.ending, Ending::Refused, "{answers:?}");
        assert!(scene.has(OLD) && changed.password.is_none());
        let waited = scene.host.elapsed.get() - Duration::from_millis(300);
        assert_eq!(waited, Duration::from_secs(1));
        said.push(heard);
    }
    assert!(said.iter().all(|heard| *heard == said[0]), "{said:?}");
}

#[test]
fn after_a_login_the_new_one_alone_is_asked_and_must_be_another() {
    let scene = Scene::new();
    assert_eq!(
        expire(&scene.store, &scene.host, &anna()),
        Ok(Some(Replaced::Done))
    );
    let logged_in = scene.logged_in();
    assert!(logged_in.must_change);
    let answers = [OLD, OLD, "anna-anna", GOOD, GOOD];
    let (changed, heard) = scene.after_login(&logged_in, &answers);
    assert_eq!(changed.ending, Ending::Done(Status::Live), "{heard:?}");
    for said in ["has expired", "That is the present password.", "Too easy"] {
        assert!(heard.iter().any(|text| text.contains(said)), "{heard:?}");
    }
    assert!(scene.has(GOOD) && !scene.record().password_expired);
}

#[test]
fn a_login_proves_nothing_any_more_once_the_account_changed() {
    let scene = Scene::new();
    let before = scene.logged_in();
    let mut record = scene.record();
    record.password_since += 1;
    let _ = scene
        .store
        .amend(&anna(), record.revision, &record)
        .unwrap();
    let (changed, _) = scene.after_login(&before, &[GOOD, GOOD]);
    assert_eq!(changed.ending, Ending::Refused);

    let before = scene.logged_in();
    let locked = &mut |snapshot: &Snapshot| {
        let mut state = snapshot.state.clone();
        state.set_status(Status::Locked, NOON);
        Some(state)
    };
    scene.store.update(&anna(), locked).unwrap();
    let (changed, _) = scene.after_login(&before, &[GOOD, GOOD]);
    assert_eq!(changed.ending, Ending::Refused);
    assert!(scene.has(OLD));
}

#[test]
fn a_new_one_that_somebody_else_asked_for_must_fulfil_the_rules_as_well() {
    let scene = Scene::new();
    for weak in ["short", OLD] {
        let (changed, heard) = scene.given(weak);
        assert_eq!(changed.ending, Ending::GaveUp, "{heard:?}");
        assert!(scene.has(OLD) && !heard.is_empty());
    }
    assert_eq!(scene.given(GOOD).0.ending, Ending::Done(Status::Live));
}

#[test]
fn where_there_is_no_password_of_ours_none_is_changed() {
    let scene = Scene::new();
    let mut record = scene.record();
    record.password = None;
    let _ = scene
        .store
        .amend(&anna(), record.revision, &record)
        .unwrap();
    let (changed, _) = scene.by_proof(&[OLD, &code()]);
    assert_eq!(changed.ending, Ending::NoPassword);
    assert_eq!(expire(&scene.store, &scene.host, &anna()), Ok(None));
}
