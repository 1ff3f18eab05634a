//! One account in memory, kept as the text of its document, with faults that are ordered.

use std::cell::{Cell, RefCell};

use kapu_core::document::{Document, Seal, SealContext};
use kapu_core::hex;
use kapu_core::id::Id;
use kapu_core::ports::{Judgement, Replaced, Snapshot, Store, Trouble, TroubleKind, UnixTime};
use kapu_core::record::{CodeShape, PasswordHash, Record, Revision, Status};
use kapu_core::secret::Secret;
use kapu_core::state::{LastUse, State};
use kapu_core::username::Account;

/// The password that somebody else sets.
pub const OTHER_PASSWORD: &[u8] = b"seven paper lanterns";
/// How far ahead a code is that somebody else uses, in steps.
pub const USED_AHEAD: u64 = 2;

/// What the store does wrong at a login.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Nothing can be read.
    Reading,
    /// Nothing can be written, and nothing is.
    Writing,
    /// The write takes place, and an error is told all the same.
    ToldInVain,
    /// No seal can be opened.
    Opening,
    /// Nothing can be sealed.
    Sealing,
}

/// What somebody else does to the account, between the reading of it and a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// The record is written anew as it is.
    Rewritten,
    /// Another password is set.
    Password,
    /// A code of the first device is used.
    Used,
    /// The administrator locks the account.
    Locked,
}

/// Under which lock it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// That of the judgement.
    Update,
    /// That of a new record.
    Put,
}

/// One account.
pub struct MemoryStore {
    account: Account,
    stored: RefCell<Option<Document>>,
    /// What goes wrong.
    pub fault: Cell<Fault>,
    /// What somebody else does; gone once it is done.
    pub meanwhile: Cell<Option<(Meanwhile, Lock)>>,
    /// The clock.
    pub now: Cell<UnixTime>,
    revisions: Cell<u16>,
}

impl MemoryStore {
    /// With this in it, or nothing.
    pub fn of(account: Account, stored: Option<(Option<Record>, State)>, now: UnixTime) -> Self {
        let store = Self {
            account: account.clone(),
            stored: RefCell::default(),
            fault: Cell::default(),
            meanwhile: Cell::default(),
            now: Cell::new(now),
            revisions: Cell::default(),
        };
        if let Some((record, state)) = stored {
            store.keep(&Document::new(account, record, state), PlainSeal(true));
        }
        store
    }

    /// What is stored.
    pub fn snapshot(&self) -> Snapshot {
        let stored = self.stored.borrow();
        stored
            .as_ref()
            .map_or_else(Snapshot::never, Document::snapshot)
    }

    fn read(&self) -> Result<Option<Document>, Trouble> {
        match self.fault.get() {
            Fault::Reading => Err(Trouble::new(TroubleKind::StoreRead, "ordered")),
            Fault::Opening if self.stored.borrow().is_some() => Err(no_key()),
            _ => Ok(self.stored.borrow().clone()),
        }
    }

    fn write(&self, next: &Document) -> Result<(), Trouble> {
        let unwritten = || Trouble::new(TroubleKind::StoreWrite, "ordered");
        match self.fault.get() {
            Fault::Sealing => next.print(&PlainSeal(false)).map(drop),
            Fault::Writing => Err(unwritten()),
            Fault::ToldInVain => {
                self.keep(next, PlainSeal(true));
                Err(unwritten())
            }
            Fault::None | Fault::Reading | Fault::Opening => {
                self.keep(next, PlainSeal(true));
                Ok(())
            }
        }
    }

    /// Whatever logins make of an account can be written and read again.
    fn keep(&self, next: &Document, seal: PlainSeal) {
        let text = next.print(&seal).expect("it can be written");
        let again = Document::parse(&text, &self.account, &seal).expect("and read again");
        assert_eq!(again.state(), next.state());
        *self.stored.borrow_mut() = Some(again);
    }

    fn new_revision(&self) -> Revision {
        self.revisions.set(self.revisions.get() + 1);
        let mut bytes = [0xee; Id::BYTES];
        bytes[..2].copy_from_slice(&self.revisions.get().to_be_bytes());
        Revision::of(Id::from_bytes(bytes))
    }

    /// What is read under the lock, after somebody else's deed.
    fn read_locked(&self, lock: Lock) -> Result<Option<Document>, Trouble> {
        let found = self.read()?;
        if let (Some((deed, when)), Some(document)) = (self.meanwhile.get(), &found)
            && when == lock
            && let Some(record) = document.record()
        {
            self.meanwhile.set(None);
            self.keep(&self.after(deed, record, document.state()), PlainSeal(true));
            return self.read();
        }
        Ok(found)
    }

    fn after(&self, deed: Meanwhile, record: &Record, state: &State) -> Document {
        let (mut record, mut state) = (record.clone(), state.clone());
        let now = self.now.get();
        match deed {
            Meanwhile::Rewritten => record.revision = self.new_revision(),
            Meanwhile::Password => {
                record.revision = self.new_revision();
                record.password = Some(PasswordHash(Secret::copy_of(OTHER_PASSWORD)));
                record.password_since += 1;
            }
            Meanwhile::Used => {
                // The first one is of the usual shape.
                if let Some(token) = record.tokens.first() {
                    let ahead = now / u64::from(CodeShape::USUAL_PERIOD) + USED_AHEAD;
                    let step = ahead.max(state.floor(token));
                    state.last_use.insert(
                        token.id,
                        LastUse {
                            step,
                            at: now,
                            drift: 0,
                        },
                    );
                }
            }
            Meanwhile::Locked => {
                state.locked_from.get_or_insert(state.status);
                state.set_status(Status::Locked, now);
            }
        }
        Document::new(self.account.clone(), Some(record), state)
    }

    /// As the store of a machine does it.
    fn put(
        &self,
        expected: Revision,
        record: &Record,
        status: Option<Status>,
    ) -> Result<Replaced, Trouble> {
        let old = self.read_locked(Lock::Put)?;
        let found = old
            .as_ref()
            .map_or_else(Snapshot::never, Document::snapshot);
        let is_there = old.is_some();
        let now_is = found.state.status;
        let unlocks = now_is == Status::Locked && status.is_some_and(|to| to != Status::Locked);
        let is_buried = is_there && now_is == Status::Removed && status.is_none();
        if found.revision() != expected || unlocks || is_buried {
            return Ok(Replaced::Conflict);
        }
        let mut record = record.clone();
        record.revision = self.new_revision();
        let status = status.unwrap_or(now_is);
        let now = self.now.get();
        let state = found
            .state
            .beside(found.record.as_ref(), &record, status, now);
        self.write(&Document::new(self.account.clone(), Some(record), state))?;
        Ok(Replaced::Done)
    }
}

impl Store for MemoryStore {
    fn load(&self, _: &Account) -> Result<Snapshot, Trouble> {
        let stored = self.read()?;
        Ok(stored
            .as_ref()
            .map_or_else(Snapshot::never, Document::snapshot))
    }

    fn update(&self, _: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble> {
        if let (Some((_, Lock::Update)), Some(found)) = (self.meanwhile.get(), self.read()?) {
            // A first judgement that does not count, on what somebody else then changes.
            let _ = judgement(&found.snapshot());
        }
        let Some(found) = self.read_locked(Lock::Update)? else {
            let unkept = || Trouble::new(TroubleKind::StoreWrite, "a state without a record");
            let state = judgement(&Snapshot::never());
            return state.map_or(Ok(Revision::ABSENT), |_| Err(unkept()));
        };
        let Some(state) = judgement(&found.snapshot()) else {
            return Ok(found.revision());
        };
        let next = found.with_state(state, || Ok(self.new_revision()))?;
        self.write(&next)?;
        Ok(next.revision())
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

/// A seal that hides nothing, and works or does not.
#[derive(Clone, Copy)]
struct PlainSeal(bool);

impl Seal for PlainSeal {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        Ok(Box::new(*self))
    }

    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        let sealed = format!("{} {}", context.field, hex::encode(plain.expose()));
        self.0.then_some(sealed).ok_or_else(no_key)
    }

    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        let opened = sealed
            .split_once(' ')
            .filter(|(field, _)| *field == context.field)
            .and_then(|(_, plain)| hex::decode(plain));
        opened.map(Secret::new).ok_or_else(no_key)
    }
}

fn no_key() -> Trouble {
    Trouble::new(TroubleKind::HostKey, "ordered")
}
