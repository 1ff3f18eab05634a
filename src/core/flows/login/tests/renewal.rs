//! The hash of a password that was made when less was asked of it.

use std::cell::Cell;

use super::*;
use crate::id::Id;
use crate::ports::{Passwords, Snapshot};
use crate::record::{PasswordHash, Record, Revision};

/// "Hashes" that name the strength they were made with.
struct Strengths<'a> {
    now: char,
    store: &'a MemoryStore,
    /// What happens to the account while the password is hashed anew.
    meanwhile: &'a dyn Fn(&mut Snapshot),
    out_of_memory: bool,
    /// Whether the password is another module's to check.
    elsewhere: bool,
    hashed: Cell<u32>,
}

impl Passwords for Strengths<'_> {
    fn verify(
        &self,
        _login: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        if self.elsewhere {
            return Ok(Proof::Elsewhere);
        }
        let right = hash.is_some_and(|hash| hash.0.expose()[1..] == *typed.expose());
        Ok(if right { Proof::Right } else { Proof::Wrong })
    }

    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble> {
        self.hashed.set(self.hashed.get() + 1);
        if self.out_of_memory {
            return Err(Trouble::new(TroubleKind::Hash, "ENOMEM"));
        }
        (self.meanwhile)(self.store.accounts.borrow_mut().get_mut("anna").unwrap());
        Ok(hash_of(self.now, password.expose_text().unwrap()))
    }

    fn stale(&self, hash: &PasswordHash) -> bool {
        hash.0.expose()[0] < self.now as u8
    }
}

fn hash_of(strength: char, password: &str) -> PasswordHash {
    PasswordHash(Secret::from(format!("{strength}{password}")))
}

/// A store with anna, whose password was hashed with strength 1.
fn store() -> MemoryStore {
    let record = Record {
        password: Some(hash_of('1', PASSWORD)),
        ..record_of(anna())
    };
    MemoryStore::with(record, Status::Live)
}

fn strengths(now: char, store: &MemoryStore) -> Strengths<'_> {
    Strengths {
        now,
        store,
        meanwhile: &|_| {},
        out_of_memory: false,
        elsewhere: false,
        hashed: Cell::new(0),
    }
}

fn login_at(at: UnixTime, passwords: &Strengths<'_>, typed: &[&str]) -> Verdict {
    let mut world = World {
        store: passwords.store,
        passwords,
        host: &FakeHost::at(at),
        dialog: &mut Person::who_types(typed),
    };
    let questions = Questions {
        form: Form::Both,
        known: None,
    };
    super::super::login(&Config::default(), &ssh_login(), questions, &mut world).verdict
}

/// A login of anna with the right password and code.
fn good_login(passwords: &Strengths<'_>) -> Verdict {
    login_at(NOON, passwords, &[PASSWORD, &code_of(&phone(), NOON, 0)])
}

fn strength_of(store: &MemoryStore) -> char {
    let record = store.load(&anna()).unwrap().record.unwrap();
    char::from(record.password.unwrap().0.expose()[0])
}

#[test]
fn a_good_login_hashes_a_weaker_password_anew_and_changes_nothing_else() {
    let (plain, renewed) = (store(), store());
    let wrong = [PASSWORD, "000000"];
    for store in [&plain, &renewed] {
        // Something in the throttle and in the notices, that a new password would end.
        assert_ne!(
            login_at(NOON - 600, &strengths('1', store), &wrong),
            Verdict::Accept
        );
    }
    assert_eq!(good_login(&strengths('1', &plain)), Verdict::Accept);
    assert_eq!(good_login(&strengths('2', &renewed)), Verdict::Accept);
    assert_eq!((strength_of(&plain), strength_of(&renewed)), ('1', '2'));

    let [plain, renewed] = [plain, renewed].map(|store| store.load(&anna()).unwrap());
    assert!(plain.state.throttle.units > 0);
    assert_eq!(renewed.state, plain.state);
    let (before, after) = (plain.record.unwrap(), renewed.record.unwrap());
    assert!(!after.is_rebound(&before));
    assert_ne!(after.revision, before.revision);
}

#[test]
fn the_new_hash_is_good_and_is_not_made_again() {
    let store = store();
    let passwords = strengths('2', &store);
    assert_eq!(good_login(&passwords), Verdict::Accept);
    let code = code_of(&phone(), NOON + 30, 0);
    let again = login_at(NOON + 30, &passwords, &[PASSWORD, &code]);
    assert_eq!(again, Verdict::Accept);
    assert_eq!(passwords.hashed.get(), 1);
}

#[test]
fn a_refused_login_hashes_nothing_anew() {
    let store = store();
    let passwords = strengths('2', &store);
    let code = code_of(&phone(), NOON, 0);
    for typed in [["wrong", &code], [PASSWORD, "000000"], [PASSWORD, ""]] {
        assert_ne!(login_at(NOON, &passwords, &typed), Verdict::Accept);
    }
    assert_eq!(passwords.hashed.get(), 0);
    assert_eq!(strength_of(&store), '1');
}

#[test]
fn what_was_not_proven_to_be_the_password_is_not_made_the_password() {
    let store = store();
    let passwords = Strengths {
        elsewhere: true,
        ..strengths('2', &store)
    };
    assert_eq!(good_login(&passwords), Verdict::Accept);
    assert_eq!(passwords.hashed.get(), 0);
    assert_eq!(strength_of(&store), '1');
}

#[test]
fn a_hash_that_cannot_be_made_keeps_nobody_out() {
    let store = store();
    let passwords = Strengths {
        out_of_memory: true,
        ..strengths('2', &store)
    };
    assert_eq!(good_login(&passwords), Verdict::Accept);
    assert_eq!(passwords.hashed.get(), 1);
    assert_eq!(strength_of(&store), '1');
}

#[test]
fn what_happened_to_the_account_meanwhile_stays() {
    for status in [Status::Revoked, Status::Disabled, Status::Locked] {
        let store = store();
        let passwords = Strengths {
            meanwhile: &|account| account.state.status = status,
            ..strengths('2', &store)
        };
        assert_eq!(good_login(&passwords), Verdict::Accept);
        assert_eq!(store.load(&anna()).unwrap().state.status, status);
    }
}

#[test]
fn a_password_chosen_meanwhile_is_not_overwritten() {
    let store = store();
    let passwords = Strengths {
        meanwhile: &|account| {
            let record = account.record.as_mut().unwrap();
            record.revision = Revision::of(Id::from_bytes([99; 16]));
            record.password = Some(hash_of('2', "another password"));
        },
        ..strengths('2', &store)
    };
    assert_eq!(good_login(&passwords), Verdict::Accept);
    let kept = store.load(&anna()).unwrap().record.unwrap().password;
    assert!(kept.unwrap().0.same_as(&hash_of('2', "another password").0));
}
