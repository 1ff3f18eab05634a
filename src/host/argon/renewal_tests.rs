//! A login after the configuration became stronger, with the real store and the real hash.

use std::path::Path;
use std::time::Duration;

use kapu_core::code::{code_at, step_of};
use kapu_core::config::Config;
use kapu_core::event::Event;
use kapu_core::flows::login::{Form, Questions, login as log_in};
use kapu_core::id::Id;
use kapu_core::ports::{
    Dialog, DialogError, Host, LocalTime, Replaced, Snapshot, Store, UnixTime, World,
};
use kapu_core::record::{CodeShape, Record, Revision, Status, Token};
use kapu_core::username::Account;
use kapu_core::verdict::{Verdict, Who};

use super::tests::{login, passwords_in};
use super::*;
use crate::directory_store::DirectoryStore;
use crate::scratch::{Scratch, chmod, own_uid};
use crate::seal::HostKey;

const NOW: UnixTime = 1_800_014_400;
const PASSWORD: &str = "correct horse";

struct Still;

impl Host for Still {
    fn now(&self) -> UnixTime {
        NOW
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _duration: Duration) {}

    fn local_time(&self, at: UnixTime) -> LocalTime {
        crate::clock::local_time(at)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        random::fill(bytes)
    }

    fn name(&self) -> String {
        "gate".to_owned()
    }

    fn log(&self, _event: &Event) {}
}

/// A person who types the password, then the code.
struct Person([Option<Secret>; 2]);

impl Dialog for Person {
    fn ask_hidden(&mut self, _prompt: &str) -> Result<Secret, DialogError> {
        let answer = self.0.iter_mut().find_map(Option::take);
        answer.ok_or(DialogError::Stopped)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, _text: &str) -> Result<(), DialogError> {
        Ok(())
    }
}

fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

fn phone() -> Token {
    Token {
        id: Id::from_bytes([3; 16]),
        name: "phone".to_owned(),
        key: Secret::copy_of(b"twenty bytes of key."),
        shape: CodeShape::USUAL,
        confirmed_step: 30,
        since: 900,
    }
}

fn store_in(path: &Path) -> DirectoryStore {
    std::fs::create_dir(path.join("accounts")).unwrap();
    chmod(&path.join("accounts"), 0o700);
    HostKey::make(&path.join("host.key"), own_uid()).unwrap();
    let key = HostKey::load(&path.join("host.key"), own_uid()).unwrap();
    DirectoryStore::new(path.join("accounts"), own_uid(), Box::new(key), || NOW).unwrap()
}

fn enroll(store: &DirectoryStore, password: PasswordHash) {
    let record = Record {
        id: Id::from_bytes([1; 16]),
        revision: Revision::ABSENT,
        account: anna(),
        created: 900,
        password: Some(password),
        password_since: 900,
        password_expired: false,
        tokens: vec![phone()],
        revocation: None,
        revocation_since: 900,
        recovery: Vec::new(),
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
    };
    let _ = store
        .replace(&anna(), Revision::ABSENT, &record, Status::Live)
        .unwrap();
    // Charged once, by somebody who knew the password: a new password would forget it.
    let charge = |snapshot: &Snapshot| {
        let mut state = snapshot.state.clone();
        state.throttle.units = 3;
        Some(state)
    };
    store.update(&anna(), &mut { charge }).unwrap();
}

#[test]
fn a_good_login_renews_the_stored_hash_and_keeps_what_logins_changed() {
    let scratch = Scratch::new();
    let store = store_in(scratch.path());
    let [weak, strong] = [1, 2].map(|passes| passwords_in(&scratch, 8192, passes).unwrap());
    let typed = Secret::from(PASSWORD.to_owned());
    enroll(&store, weak.hash(&typed).unwrap());
    let before = store.load(&anna()).unwrap().record.unwrap();
    let step = step_of(NOW, &CodeShape::USUAL).unwrap();
    let code = code_at(&phone().key, &CodeShape::USUAL, step).unwrap();

    let mut world = World {
        store: &store,
        passwords: &strong,
        host: &Still,
        dialog: &mut Person([Some(typed.clone()), Some(code)]),
    };
    let login = Login {
        who: Who::Known(anna()),
        ..login()
    };
    let questions = Questions {
        form: Form::Both,
        known: None,
    };
    let outcome = log_in(&Config::default(), &login, questions, &mut world);
    assert_eq!(outcome.verdict, Verdict::Accept);

    let Snapshot { record, state } = store.load(&anna()).unwrap();
    let after = record.unwrap();
    let hash = after.password.as_ref().unwrap();
    assert!(hash.0.expose_text().unwrap().contains("m=8192,t=2,p=1"));
    assert_eq!(strong.verify(&login, Some(hash), &typed), Ok(Proof::Right));
    assert!(!strong.stale(hash));
    assert!(!after.is_rebound(&before));
    assert_eq!(state.last_use[&phone().id].step, step);
    assert_eq!((state.status, state.throttle.units), (Status::Live, 3));
}

#[test]
fn a_hash_is_renewed_only_in_the_record_it_was_proven_for() {
    let scratch = Scratch::new();
    let store = store_in(scratch.path());
    let passwords = passwords_in(&scratch, 8192, 1).unwrap();
    let hash = passwords.hash(&Secret::copy_of(b"password")).unwrap();
    enroll(&store, hash.clone());
    let record = store.load(&anna()).unwrap().record.unwrap();
    let renew = |revision| store.amend(&anna(), revision, &record);
    assert_eq!(renew(Revision::ABSENT), Ok(Replaced::Conflict));
    assert_eq!(renew(record.revision), Ok(Replaced::Done));
    assert_eq!(renew(record.revision), Ok(Replaced::Conflict));
}

#[test]
fn a_revocation_between_login_and_new_hash_is_not_undone() {
    let scratch = Scratch::new();
    let store = store_in(scratch.path());
    let passwords = passwords_in(&scratch, 8192, 1).unwrap();
    let hash = passwords.hash(&Secret::copy_of(b"password")).unwrap();
    enroll(&store, hash.clone());
    let before = store.load(&anna()).unwrap().record.unwrap();
    let revoke = |snapshot: &Snapshot| {
        let mut state = snapshot.state.clone();
        state.set_status(Status::Revoked, NOW);
        Some(state)
    };
    store.update(&anna(), &mut { revoke }).unwrap();
    let _ = store.amend(&anna(), before.revision, &before).unwrap();
    let Snapshot { record, state } = store.load(&anna()).unwrap();
    assert_eq!(state.status, Status::Revoked);
    assert!(record.unwrap().tokens.is_empty());
}
