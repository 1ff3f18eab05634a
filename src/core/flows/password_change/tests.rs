//! A new password from the store's owner.

use super::*;
use crate::event::Means;
use crate::messages::{Language, Texts};
use crate::testing::{
    FakeHost, MemoryStore, NOON, PlainPasswords, anna, record_of, rules, ssh_login, with_person,
};
use crate::throttle::Throttle;

const TEXTS: Texts = Texts {
    language: Language::English,
    unicode: true,
};
const GOOD: &str = "seven green lanterns";

struct Scene {
    store: MemoryStore,
    host: FakeHost,
}

impl Scene {
    fn new(store: MemoryStore) -> Self {
        let host = FakeHost::at(NOON);
        Self { store, host }
    }

    fn types(&self, answers: &[&str]) -> (Ending, Vec<String>) {
        let (login, account, rules) = (ssh_login(), anna(), rules());
        let change = Change {
            login: &login,
            account: &account,
            texts: TEXTS,
            site: "server1",
            rules: &rules,
            new: New::Ask,
            deadline: None,
        };
        with_person(&self.store, &self.host, answers, |world| {
            by_administrator(world, change).unwrap().ending
        })
    }

    fn snapshot(&self) -> Snapshot {
        self.store.load(&anna()).unwrap()
    }

    fn has(&self, password: &str) -> bool {
        let hash = self.snapshot().record.and_then(|record| record.password);
        hash.is_some_and(|hash| hash.0.same_as(&Secret::from(password.to_owned())))
    }
}

#[test]
fn a_password_typed_twice_is_stored_and_the_devices_stay() {
    let scene = Scene::new(MemoryStore::with(record_of(anna()), Status::Live));
    let (ending, heard) = scene.types(&["short", "anna-anna", GOOD, GOOD]);
    assert_eq!(ending, Ending::Done(Status::Live));
    assert!(
        heard.iter().any(|said| said.starts_with("Too short")),
        "{heard:?}"
    );
    assert!(scene.has(GOOD));
    let record = scene.snapshot().record.unwrap();
    assert_eq!((record.tokens.len(), record.password_since), (1, NOON));
    assert_eq!(
        *scene.host.lines.borrow(),
        ["event=passwd result=done user=anna by=owner"]
    );
}

#[test]
fn a_second_password_within_a_second_is_another() {
    let scene = Scene::new(MemoryStore::with(record_of(anna()), Status::Live));
    let record = || scene.snapshot().record.unwrap();
    let _ = scene.types(&[GOOD, GOOD]);
    let first = record();
    let _ = scene.types(&["four copper kettles", "four copper kettles"]);
    assert!(record().is_rebound(&first));
}

#[test]
fn who_stops_typing_changes_nothing() {
    let scene = Scene::new(MemoryStore::with(record_of(anna()), Status::Live));
    let (ending, _) = scene.types(&[GOOD]);
    assert_eq!(ending, Ending::Stopped(DialogError::Stopped));
    assert!(scene.has("correct horse"));
}

#[test]
fn an_account_without_a_record_gets_a_password_and_is_never_until_a_device_comes() {
    let scene = Scene::new(MemoryStore::default());
    let (ending, _) = scene.types(&[GOOD, GOOD]);
    assert_eq!(ending, Ending::Done(Status::Never));
    let snapshot = scene.snapshot();
    assert_eq!(snapshot.state.status, Status::Never);
    assert!(snapshot.record.unwrap().tokens.is_empty() && scene.has(GOOD));
}

#[test]
fn the_budget_is_emptied_and_the_status_stays() {
    for status in [Status::Disabled, Status::Locked, Status::Revoked] {
        let scene = Scene::new(MemoryStore::with(record_of(anna()), status));
        let charge = |snapshot: &Snapshot| {
            let mut state = snapshot.state.clone();
            (0..9).for_each(|_| state.throttle.charge(None, 3, NOON));
            Some(state)
        };
        scene.store.update(&anna(), &mut { charge }).unwrap();
        let (ending, _) = scene.types(&[GOOD, GOOD]);
        assert_eq!(ending, Ending::Done(status));
        let state = scene.snapshot().state;
        assert_eq!(
            (state.status, state.throttle),
            (status, Throttle::default())
        );
    }
}

#[test]
fn an_account_that_was_removed_gets_no_password() {
    let scene = Scene::new(MemoryStore::default());
    let mut state = crate::state::State::new(Status::Never);
    state.set_status(Status::Removed, NOON);
    let tombstone = Snapshot {
        record: None,
        state,
    };
    scene
        .store
        .accounts
        .borrow_mut()
        .insert("anna".to_owned(), tombstone);
    assert_eq!(scene.types(&[GOOD, GOOD]).0, Ending::Removed);
    let password = Secret::from(GOOD.to_owned());
    let ending = unattended(
        &scene.store,
        &PlainPasswords::default(),
        &scene.host,
        &anna(),
        &password,
    );
    assert_eq!(ending, Ok(Ending::Removed));
    assert!(scene.snapshot().record.is_none());
}

#[test]
fn a_revocation_while_the_password_is_typed_is_a_conflict() {
    let scene = Scene::new(MemoryStore::with(record_of(anna()), Status::Live));
    let found = scene.snapshot();
    scene
        .store
        .update(&anna(), &mut |snapshot| {
            let mut state = snapshot.state.clone();
            state.set_status(Status::Revoked, NOON);
            Some(state)
        })
        .unwrap();
    let hash = PasswordHash(Secret::from(GOOD.to_owned()));
    let ending = store_it(
        &scene.store,
        &scene.host,
        &anna(),
        &found,
        hash,
        Means::Owner,
    );
    assert_eq!(ending, Ok(Ending::Conflict));
    assert!(!scene.has(GOOD));
    assert_eq!(scene.snapshot().state.status, Status::Revoked);
}
