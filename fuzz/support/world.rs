//! A world in memory for a whole login: a store whose faults are ordered, passwords that are compared
//! as they are, a clock that is set, a person who reads the screen.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use kapu_core::event::Event;
use kapu_core::id::Id;
use kapu_core::ports::{
    Dialog, DialogError, Host, Judgement, LocalTime, Passwords, Proof, Replaced, Snapshot, Store,
    Trouble, TroubleKind, UnixTime,
};
use kapu_core::record::{PasswordHash, Record, Revision, Status};
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_core::verdict::Login;

/// Noon of 15 January 2027, UTC.
pub const NOON: UnixTime = 1_800_014_400;
const DAY: UnixTime = 24 * 60 * 60;

/// What the store does at its next calls.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// Nothing can be read.
    pub reading: bool,
    /// Nothing can be written, and nothing is.
    pub writing: bool,
    /// The write takes place, and an error is told all the same.
    pub told_in_vain: bool,
    /// Somebody else writes between reading and judging.
    pub meanwhile: bool,
    /// The password cannot be checked.
    pub hashing: bool,
    /// No random bytes are to be had.
    pub chance: bool,
}

/// One account.
pub struct MemoryStore {
    /// As it is stored.
    pub stored: RefCell<Snapshot>,
    /// What goes wrong.
    pub faults: Cell<Faults>,
    /// The clock, for what a new record starts with.
    pub now: Cell<UnixTime>,
    revisions: Cell<u8>,
}

impl MemoryStore {
    /// With this in it.
    pub fn of(stored: Snapshot) -> Self {
        Self {
            stored: RefCell::new(stored),
            faults: Cell::default(),
            now: Cell::new(NOON),
            revisions: Cell::new(1),
        }
    }

    fn new_revision(&self) -> Revision {
        let number = self.revisions.get().wrapping_add(1);
        self.revisions.set(number);
        let mut bytes = [number; Id::BYTES];
        bytes[0] = 0xee;
        Revision::of(Id::from_bytes(bytes))
    }

    fn write(&self, next: Snapshot) -> Result<(), Trouble> {
        let faults = self.faults.get();
        let trouble = || Trouble::new(TroubleKind::StoreWrite, "ordered");
        if faults.writing {
            return Err(trouble());
        }
        *self.stored.borrow_mut() = next;
        if faults.told_in_vain {
            return Err(trouble());
        }
        Ok(())
    }

    fn put(
        &self,
        expected: Revision,
        record: &Record,
        status: Option<Status>,
    ) -> Result<Replaced, Trouble> {
        let old = self.stored.borrow().clone();
        let is_buried = status.is_none() && old.state.status == Status::Removed;
        if old.revision() != expected || is_buried {
            return Ok(Replaced::Conflict);
        }
        let mut record = record.clone();
        record.revision = self.new_revision();
        let status = status.unwrap_or(old.state.status);
        let now = self.now.get();
        let state = old.state.beside(old.record.as_ref(), &record, status, now);
        let record = Some(record);
        self.write(Snapshot { record, state })?;
        Ok(Replaced::Done)
    }
}

impl Store for MemoryStore {
    fn load(&self, _: &Account) -> Result<Snapshot, Trouble> {
        if self.faults.get().reading {
            return Err(Trouble::new(TroubleKind::StoreRead, "ordered"));
        }
        Ok(self.stored.borrow().clone())
    }

    fn update(&self, account: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble> {
        let mut found = self.load(account)?;
        if self.faults.get().meanwhile {
            // A first judgement that does not count, on what somebody else then changes.
            let _ = judgement(&found);
            if let Some(record) = &mut found.record {
                record.revision = self.new_revision();
            }
            *self.stored.borrow_mut() = found.clone();
        }
        let Some(state) = judgement(&found) else {
            return Ok(found.revision());
        };
        if found.record.is_none() {
            return Err(Trouble::new(TroubleKind::StoreWrite, "no record"));
        }
        let revokes = state.status == Status::Revoked && found.state.status != Status::Revoked;
        if let (true, Some(record)) = (revokes, &mut found.record) {
            record.revision = self.new_revision();
            record.tokens.clear();
        }
        found.state = state;
        let revision = found.revision();
        self.write(found)?;
        Ok(revision)
    }

    fn replace(
        &self,
        _: &Account,
        expected: Revision,
        record: &Record,
        status: Status,
    ) -> Result<Replaced, Trouble> {
        self.put(expected, record, Some(status))
    }

    fn amend(&self, _: &Account, expected: Revision, record: &Record) -> Result<Replaced, Trouble> {
        self.put(expected, record, None)
    }

    fn writes_records(&self) -> bool {
        true
    }
}

/// Passwords that are stored as they are.
pub struct PlainPasswords(pub Cell<bool>);

impl Passwords for PlainPasswords {
    fn verify(
        &self,
        _: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        if self.0.get() {
            return Err(Trouble::new(TroubleKind::Hash, "ordered"));
        }
        let is_right = hash.is_some_and(|hash| hash.0.same_as(typed));
        Ok(if is_right { Proof::Right } else { Proof::Wrong })
    }

    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble> {
        Ok(PasswordHash(password.clone()))
    }

    fn stale(&self, _: &PasswordHash) -> bool {
        false
    }
}

/// A host whose clock moves when it is told to.
pub struct FakeHost {
    /// Seconds since 1970.
    pub time: Cell<UnixTime>,
    /// Time since its start.
    pub elapsed: Cell<Duration>,
    /// No random bytes.
    pub no_chance: Cell<bool>,
    chance: Cell<u64>,
}

impl FakeHost {
    /// At noon.
    pub fn new() -> Self {
        Self {
            time: Cell::new(NOON),
            elapsed: Cell::default(),
            no_chance: Cell::default(),
            chance: Cell::new(0x9e37_79b9_7f4a_7c15),
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

    fn local_time(&self, at: UnixTime) -> LocalTime {
        // Of January alone: the days before and after it are its first and its last.
        let day = (15 + at / DAY).saturating_sub(NOON / DAY).clamp(1, 31);
        LocalTime {
            year: 2027,
            month: 1,
            day: u8::try_from(day).unwrap_or(31),
            hour: u8::try_from(at % DAY / 3600).unwrap_or(0),
            minute: u8::try_from(at % 3600 / 60).unwrap_or(0),
        }
    }

    fn name(&self) -> String {
        "server1".to_owned()
    }

    fn is_member(&self, _: &Account, _: &str) -> Option<bool> {
        None
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        if self.no_chance.get() {
            return Err(Trouble::new(TroubleKind::Random, "ordered"));
        }
        for byte in bytes {
            let mut x = self.chance.get();
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            self.chance.set(x);
            *byte = x.to_le_bytes()[3];
        }
        Ok(())
    }

    fn log(&self, _: &Event) {}
}

/// What the person does at a question, who has read everything so far.
pub type Reaction<'a> = &'a mut dyn FnMut(&str, &str) -> Option<Vec<u8>>;

/// A person at the other end: what they do is asked of somebody who knows the question and all that
/// stood on the screen before it.
pub struct Person<'a> {
    /// What they do; `None` to hang up.
    pub reaction: Reaction<'a>,
    /// All that was said.
    pub screen: String,
}

impl Dialog for Person<'_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.screen.push_str(prompt);
        self.screen.push('\n');
        let answer = (self.reaction)(prompt, &self.screen);
        answer.map(Secret::new).ok_or(DialogError::Stopped)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.screen.push_str(text);
        self.screen.push('\n');
        Ok(())
    }
}
