//! Who may revoke, and what is left.

use super::*;
use crate::config::Config;
use crate::messages::Language;
use crate::paper::PaperCode;
use crate::ports::Store;
use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of, ssh_login, with_person};

const WORDS: Words<'static> = Words {
    texts: Texts {
        language: Language::English,
        unicode: true,
    },
    site: "server1",
};

/// An account with a revocation code and a recovery code, and what is left of it.
struct Scene {
    host: FakeHost,
    store: MemoryStore,
    revocation: PaperCode,
    recovery: PaperCode,
}

impl Scene {
    fn new(status: Status) -> Self {
        let host = FakeHost::at(NOON);
        let revocation = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
        let recovery = PaperCode::mint(PaperKind::Recovery, &host).unwrap();
        let mut record = record_of(anna());
        record.revocation = Some(revocation.hash(&host).unwrap());
        record.recovery.push(crate::record::RecoveryCode {
            id: crate::id::Id::from_bytes([3; 16]),
            hash: recovery.hash(&host).unwrap(),
        });
        Self {
            host,
            store: MemoryStore::with(record, status),
            revocation,
            recovery,
        }
    }

    fn state(&self) -> State {
        self.store.load(&anna()).unwrap().state
    }

    fn with_answers<T>(
        &self,
        answers: &[&str],
        flow: impl FnOnce(&mut World<'_>) -> T,
    ) -> (T, Vec<String>) {
        with_person(&self.store, &self.host, answers, flow)
    }

    fn by_code(&self, answers: &[&str]) -> (Ending, Vec<String>) {
        let policy = Policy::of(&Config::default(), &ssh_login(), &self.host);
        let (ending, heard) = self.with_answers(answers, |world| {
            by_code(world, &policy, &ssh_login(), &anna(), WORDS)
        });
        (ending.unwrap(), heard)
    }

    fn by_owner(&self, answers: &[&str], sure: bool) -> Ending {
        let (ending, _) = self.with_answers(answers, |world| by_owner(world, &anna(), WORDS, sure));
        ending.unwrap()
    }
}

fn text(code: &PaperCode) -> String {
    code.text().expose_text().unwrap().to_lowercase()
}

#[test]
fn password_and_revocation_code_revoke() {
    let scene = Scene::new(Status::Live);
    let (ending, heard) = scene.by_code(&["correct horse", &text(&scene.revocation)]);
    assert_eq!(ending, Ending::Done);
    assert_eq!(scene.state().status, Status::Revoked);
    assert!(heard.iter().any(|said| said.contains("phone")), "{heard:?}");
    assert_eq!(
        *scene.host.lines.borrow(),
        ["event=revoke result=done user=anna tokens=1 by=revocation-code to=revoked"]
    );
}

#[test]
fn a_wrong_password_and_a_wrong_code_are_refused_alike_and_both_are_asked() {
    let scene = Scene::new(Status::Live);
    let other = PaperCode::mint(PaperKind::Revocation, &scene.host).unwrap();
    let (wrong_password, first) = scene.by_code(&["hunter2", &text(&scene.revocation)]);
    let (wrong_code, second) = scene.by_code(&["correct horse", &text(&other)]);
    assert_eq!([wrong_password, wrong_code], [Ending::Refused; 2]);
    assert_eq!(first, second);
    assert_eq!(first.len(), 3, "{first:?}");
    assert_eq!(scene.state().status, Status::Live);
}

#[test]
fn a_wrong_code_beside_the_right_password_is_noticed() {
    let scene = Scene::new(Status::Live);
    let other = PaperCode::mint(PaperKind::Revocation, &scene.host).unwrap();
    let _ = scene.by_code(&["correct horse", &text(&other)]);
    assert_eq!(scene.state().notices.wrong_paper.unwrap().count, 1);
}

#[test]
fn no_other_code_is_judged_or_spent() {
    let scene = Scene::new(Status::Live);
    let before = scene.state();
    for typed in ["123456", &text(&scene.recovery), ""] {
        let (ending, _) = scene.by_code(&["correct horse", typed]);
        assert_eq!(ending, Ending::Refused, "{typed}");
    }
    assert_eq!(scene.state(), before);
}

#[test]
fn a_typing_error_is_named() {
    let scene = Scene::new(Status::Live);
    let mut typed = text(&scene.revocation);
    typed.pop();
    let (ending, heard) = scene.by_code(&["correct horse", &typed]);
    assert_eq!(ending, Ending::Refused);
    assert_eq!(heard.last(), Some(&WORDS.texts.say(Message::PaperTypo)));
}

#[test]
fn who_stops_answering_changes_nothing() {
    let scene = Scene::new(Status::Live);
    let (ending, _) = scene.by_code(&["correct horse"]);
    assert_eq!(ending, Ending::Stopped(DialogError::Stopped));
    assert_eq!(
        scene.by_owner(&[], false),
        Ending::Stopped(DialogError::Stopped)
    );
    assert_eq!(scene.store.writes.get(), 0);
}

#[test]
fn the_owner_is_asked_and_only_a_yes_revokes() {
    let scene = Scene::new(Status::Disabled);
    for no in ["", "n", "no", "ja"] {
        assert_eq!(scene.by_owner(&[no], false), Ending::Refused, "{no}");
    }
    assert_eq!(scene.state().status, Status::Disabled);
    assert_eq!(scene.by_owner(&["Igen"], false), Ending::Done);
    assert_eq!(scene.state().status, Status::Revoked);
}

#[test]
fn an_account_without_a_working_token_has_nothing_to_revoke() {
    for status in [
        Status::Never,
        Status::Invited,
        Status::Revoked,
        Status::Removed,
    ] {
        let scene = Scene::new(status);
        assert_eq!(scene.by_owner(&[], true), Ending::Nothing, "{status:?}");
        assert_eq!(scene.store.writes.get(), 0);
    }
}

#[test]
fn a_locked_account_stays_locked_and_is_revoked_behind_that() {
    let scene = Scene::new(Status::Locked);
    scene
        .store
        .update(&anna(), &mut |held| {
            let mut state = held.state.clone();
            state.locked_from = Some(Status::Live);
            Some(state)
        })
        .unwrap();
    assert_eq!(scene.by_owner(&[], true), Ending::Done);
    let state = scene.state();
    assert_eq!(state.status, Status::Locked);
    assert_eq!(state.locked_from, Some(Status::Revoked));
}

/// A scene whose anna was set up on the password alone a minute ago.
fn young(status: Status) -> Scene {
    let scene = Scene::new(status);
    let mut accounts = scene.store.accounts.borrow_mut();
    let snapshot = accounts.get_mut("anna").unwrap();
    snapshot.record.as_mut().unwrap().on_password_alone = Some(NOON - 60);
    if status == Status::Locked {
        snapshot.state.locked_from = Some(Status::Live);
    }
    drop(accounts);
    scene
}

#[test]
fn a_young_account_is_emptied_by_the_owner_and_only_an_invitation_opens_it() {
    for status in [Status::Live, Status::Disabled, Status::Locked] {
        let scene = young(status);
        assert_eq!(scene.by_owner(&[], true), Ending::Done, "{status:?}");
        if status == Status::Locked {
            assert_eq!(scene.state().status, Status::Locked);
            let _ = crate::flows::unlock::unlock(&scene.store, &scene.host, &anna()).unwrap();
        }
        assert_eq!(scene.state().status, Status::Invited);
        let record = scene.store.load(&anna()).unwrap().record.unwrap();
        assert!(record.tokens.is_empty() && record.recovery.is_empty());
        assert!(record.revocation.is_none() && record.password.is_none());
        let line = "event=revoke result=done user=anna tokens=1 by=owner to=invited";
        assert!(scene.host.lines.borrow().iter().any(|said| said == line));
    }
}

#[test]
fn a_young_account_whose_record_changed_meanwhile_is_not_emptied() {
    let scene = young(Status::Live);
    let found = scene.store.load(&anna()).unwrap();
    let record = found.record.clone().unwrap();
    let _ = scene
        .store
        .amend(&anna(), record.revision, &record)
        .unwrap();
    let taken = super::take_back::take_back(&scene.store, &anna(), &found, &record);
    assert_eq!(taken, Ok(false));
    assert_eq!(scene.state().status, Status::Live);
}

#[test]
fn a_young_account_that_was_revoked_by_whoever_set_it_up_is_taken_back_as_well() {
    let scene = young(Status::Revoked);
    let mut accounts = scene.store.accounts.borrow_mut();
    let record = accounts.get_mut("anna").unwrap().record.as_mut().unwrap();
    record.tokens.clear();
    drop(accounts);
    // Their revocation code would open it to a new device at any time.
    assert_eq!(scene.by_owner(&[], true), Ending::Done);
    assert_eq!(scene.state().status, Status::Invited);
    let record = scene.store.load(&anna()).unwrap().record.unwrap();
    assert!(record.revocation.is_none() && record.password.is_none());
    // Now there is nothing any more.
    assert_eq!(scene.by_owner(&[], true), Ending::Nothing);
}
