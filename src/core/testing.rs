//! A world for the tests of flows: a store in memory, a clock that is set by hand, a person who
//! answers from a list. The decisions and the codes are the real ones.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::event::Event;
use crate::id::Id;
use crate::paper::PaperHash;
use crate::password_rules::Rules;
use crate::ports::{
    Dialog, DialogError, Host, Judgement, LocalTime, Passwords, Proof, Replaced, Snapshot, Store,
    Trouble, TroubleKind, UnixTime, World,
};
use crate::record::{CodeShape, MovingFactor, PasswordHash, Record, Revision, Status, Token};
use crate::secret::Secret;
use crate::username::Account;
use crate::verdict::{Login, Who};

/// A Friday at noon, UTC.
pub(crate) const NOON: UnixTime = 1_800_014_400;

/// The account of most tests.
pub(crate) fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

/// A login of `anna` over ssh from 192.0.2.4.
pub(crate) fn ssh_login() -> Login {
    let place = crate::place::Place::of("sshd", Some("192.0.2.4"), 0);
    Login {
        typed_user: "anna".to_owned(),
        who: Who::Known(anna()),
        service: "sshd".to_owned(),
        rhost: Some("192.0.2.4".to_owned()),
        tty: Some("ssh".to_owned()),
        ruser: None,
        place,
    }
}

/// A phone that was confirmed long ago.
pub(crate) fn phone() -> Token {
    Token {
        id: Id::from_bytes([7; 16]),
        name: "phone".to_owned(),
        key: Secret::copy_of(b"12345678901234567890"),
        shape: CodeShape::USUAL,
        confirmed_step: 1,
        since: NOON - 1_000_000,
    }
}

/// A key fob that is pressed for its next code, and was not pressed yet.
pub(crate) fn fob() -> Token {
    Token {
        id: Id::from_bytes([8; 16]),
        name: "fob".to_owned(),
        key: Secret::copy_of(b"09876543210987654321"),
        shape: CodeShape {
            moving: MovingFactor::Counter,
            ..CodeShape::USUAL
        },
        confirmed_step: 0,
        since: NOON - 1_000_000,
    }
}

/// A record with one phone and the password "correct horse".
pub(crate) fn record_of(account: Account) -> Record {
    Record {
        id: Id::from_bytes([1; 16]),
        revision: Revision::of(Id::from_bytes([2; 16])),
        account,
        created: NOON - 1_000_000,
        password: Some(PasswordHash(Secret::copy_of(b"correct horse"))),
        password_since: NOON - 1_000_000,
        password_expired: false,
        tokens: vec![phone()],
        revocation: Some(PaperHash {
            salt: [4; 16],
            hash: [5; 32],
        }),
        revocation_since: NOON - 1_000_000,
        recovery: Vec::new(),
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
    }
}

/// Accounts in memory.
#[derive(Default)]
pub(crate) struct MemoryStore {
    pub(crate) accounts: RefCell<BTreeMap<String, Snapshot>>,
    pub(crate) writes: Cell<u32>,
    pub(crate) fail_writes: Cell<bool>,
    revisions: Cell<u8>,
}

impl MemoryStore {
    pub(crate) fn with(record: Record, status: Status) -> Self {
        let store = Self::default();
        let name = record.account.name.clone();
        let snapshot = Snapshot {
            record: Some(record),
            state: crate::state::State::new(status),
        };
        store.accounts.borrow_mut().insert(name, snapshot);
        store
    }

    fn written(&self) -> Result<(), Trouble> {
        if self.fail_writes.get() {
            return Err(Trouble::new(TroubleKind::StoreWrite, "ENOSPC"));
        }
        self.writes.set(self.writes.get() + 1);
        Ok(())
    }
}

impl Store for MemoryStore {
    fn load(&self, account: &Account) -> Result<Snapshot, Trouble> {
        Ok(self
            .accounts
            .borrow()
            .get(&account.name)
            .cloned()
            .unwrap_or_else(Snapshot::never))
    }

    fn update(&self, account: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble> {
        let mut snapshot = self.load(account)?;
        if let Some(state) = judgement(&snapshot) {
            self.written()?;
            let revokes =
                state.status == Status::Revoked && snapshot.state.status != Status::Revoked;
            if let (true, Some(record)) = (revokes, &mut snapshot.record) {
                record.revision = self.new_revision();
            }
            snapshot.state = state;
            let revision = snapshot.revision();
            self.accounts
                .borrow_mut()
                .insert(account.name.clone(), snapshot);
            return Ok(revision);
        }
        Ok(snapshot.revision())
    }

    fn replace(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Status,
    ) -> Result<Replaced, Trouble> {
        self.put(account, expected, record, Some(status))
    }

    fn amend(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
    ) -> Result<Replaced, Trouble> {
        self.put(account, expected, record, None)
    }

    fn writes_records(&self) -> bool {
        true
    }
}

impl MemoryStore {
    fn new_revision(&self) -> Revision {
        self.revisions.set(self.revisions.get() + 1);
        Revision::of(Id::from_bytes([self.revisions.get(); 16]))
    }

    /// Stores `record` with `status`, or with the one there is.
    fn put(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Option<Status>,
    ) -> Result<Replaced, Trouble> {
        let old = self.load(account)?;
        let buried = status.is_none() && old.state.status == Status::Removed;
        if old.revision() != expected || buried {
            return Ok(Replaced::Conflict);
        }
        let status = status.unwrap_or(old.state.status);
        self.written()?;
        let mut record = record.clone();
        record.revision = self.new_revision();
        let state = old.state.beside(old.record.as_ref(), &record, status, NOON);
        let snapshot = Snapshot {
            record: Some(record),
            state,
        };
        self.accounts
            .borrow_mut()
            .insert(account.name.clone(), snapshot);
        Ok(Replaced::Done)
    }
}

/// Passwords "hashed" by keeping them; counts the checks.
#[derive(Default)]
pub(crate) struct PlainPasswords {
    pub(crate) checks: Cell<u32>,
    /// The answer to every check, where somebody else decides.
    pub(crate) decided: Cell<Option<Proof>>,
}

impl Passwords for PlainPasswords {
    fn verify(
        &self,
        _login: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        self.checks.set(self.checks.get() + 1);
        if let Some(proof) = self.decided.get() {
            return Ok(proof);
        }
        let right = hash.is_some_and(|hash| hash.0.same_as(typed));
        Ok(if right { Proof::Right } else { Proof::Wrong })
    }

    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble> {
        Ok(PasswordHash(password.clone()))
    }

    fn stale(&self, _hash: &PasswordHash) -> bool {
        false
    }
}

/// A host whose clock only moves when it sleeps or is told to.
pub(crate) struct FakeHost {
    pub(crate) time: Cell<UnixTime>,
    pub(crate) elapsed: Cell<Duration>,
    /// What every moment is in local time.
    pub(crate) local: Cell<LocalTime>,
    pub(crate) lines: RefCell<Vec<String>>,
    /// Who is in which group is not asked here: a group has everybody, nobody, or is not known.
    pub(crate) groups: RefCell<BTreeMap<&'static str, Option<bool>>>,
    /// How often a group was asked for.
    pub(crate) asked_groups: Cell<u32>,
    random: Cell<u64>,
}

impl FakeHost {
    pub(crate) fn at(time: UnixTime) -> Self {
        Self {
            time: Cell::new(time),
            elapsed: Cell::new(Duration::ZERO),
            local: Cell::new(LocalTime {
                year: 2027,
                month: 1,
                day: 15,
                hour: 12,
                minute: 0,
            }),
            lines: RefCell::default(),
            groups: RefCell::default(),
            asked_groups: Cell::default(),
            random: Cell::new(1),
        }
    }
}

impl Host for FakeHost {
    fn now(&self) -> UnixTime {
        self.time.get()
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get() + duration);
    }

    fn local_time(&self, _at: UnixTime) -> LocalTime {
        self.local.get()
    }

    fn name(&self) -> String {
        "server1".to_owned()
    }

    fn is_member(&self, _account: &Account, group: &str) -> Option<bool> {
        self.asked_groups.set(self.asked_groups.get() + 1);
        self.groups.borrow().get(group).copied().flatten()
    }

    /// Different bytes at each call, the same ones in each run (xorshift64).
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        for byte in bytes {
            let mut x = self.random.get();
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            self.random.set(x);
            *byte = x.to_le_bytes()[3];
        }
        Ok(())
    }

    fn log(&self, event: &Event) {
        crate::event::page::assert_documented(event);
        self.lines.borrow_mut().push(event.line().to_owned());
    }
}

/// A person who types these answers and then hangs up.
#[derive(Default)]
pub(crate) struct Person {
    pub(crate) answers: VecDeque<String>,
    pub(crate) heard: Vec<String>,
}

impl Person {
    pub(crate) fn who_types(answers: &[&str]) -> Self {
        let answers = answers.iter().map(|answer| (*answer).to_owned()).collect();
        Self {
            answers,
            heard: Vec::new(),
        }
    }
}

impl Dialog for Person {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.heard.push(prompt.to_owned());
        self.answers
            .pop_front()
            .map(Secret::from)
            .ok_or(DialogError::Stopped)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.heard.push(text.to_owned());
        Ok(())
    }
}

/// What a flow comes to with a person who types these answers, and what they heard.
pub(crate) fn with_person<T>(
    store: &MemoryStore,
    host: &FakeHost,
    answers: &[&str],
    flow: impl FnOnce(&mut World<'_>) -> T,
) -> (T, Vec<String>) {
    let mut person = Person::who_types(answers);
    let ended = flow(&mut World {
        store,
        passwords: &PlainPasswords::default(),
        host,
        dialog: &mut person,
    });
    (ended, person.heard)
}

/// What a new password of anna's must fulfil.
pub(crate) fn rules() -> Rules {
    Rules {
        min_length: 8,
        user_names: vec!["anna".to_owned()],
        site_names: Vec::new(),
    }
}
