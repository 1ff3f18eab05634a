//! The store of one machine: a directory for each account, with one document in it.
//!
//! ```text
//! ACCOUNTS/                 locked while an account is created or forgotten
//!     anna.1000/            locked while its document is changed
//!         account.toml
//!         account.toml.new  only while it is being written, or after a writer was killed
//!     .new/                 an account that is being created, or whose creator was killed
//!     .gone/                an account that is being forgotten, or likewise
//! ```

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kapu_core::document::{Document, Seal};
use kapu_core::id::Id;
use kapu_core::ports::{Judgement, Replaced, Snapshot, Store, Trouble, TroubleKind, UnixTime};
use kapu_core::record::{Record, Revision, Status};
use kapu_core::state::State;
use kapu_core::username::Account;

use crate::checked_open::{CheckedDir, PRIVATE};
use crate::commit;
use crate::file_error::{Fault, FileError};
use crate::held_dir::HeldDir;
use crate::identity::process_owns;
use crate::lock::LockedDir;
use crate::random;

use self::reading::{Known, Read};

mod birth;
mod reading;
#[cfg(test)]
mod tests;

/// The document's name in the directory of its account.
const DOCUMENT: &str = "account.toml";
/// How often something is tried again that another process made void meanwhile.
const TRIES: usize = 16;

/// Accounts in a directory of this machine.
pub struct DirectoryStore {
    accounts: Arc<HeldDir>,
    owner: u32,
    seal: Box<dyn Seal>,
    clock: fn() -> UnixTime,
    /// The account that was loaded last: its update usually follows.
    loaded: Mutex<Option<Read>>,
}

impl DirectoryStore {
    /// The store in the directory at `path`, which is there already and private to `owner`.
    ///
    /// `clock` dates changes of status.
    ///
    /// # Errors
    /// [`TroubleKind::MixedUids`] where this process is not `owner` and nobody else.
    pub fn new(
        path: impl Into<PathBuf>,
        owner: u32,
        seal: Box<dyn Seal>,
        clock: fn() -> UnixTime,
    ) -> Result<Self, Trouble> {
        process_owns(owner)?;
        let accounts = Arc::new(HeldDir::new(path, owner, PRIVATE));
        Ok(Self::sharing(accounts, owner, seal, clock))
    }

    /// The store in the directory `accounts` of a process that is `owner` and nobody else.
    pub(crate) fn sharing(
        accounts: Arc<HeldDir>,
        owner: u32,
        seal: Box<dyn Seal>,
        clock: fn() -> UnixTime,
    ) -> Self {
        Self {
            accounts,
            owner,
            seal,
            clock,
            loaded: Mutex::new(None),
        }
    }

    /// Visits every account in no order: the name of its directory and its document, or what is
    /// wrong with that.
    ///
    /// # Errors
    /// [`TroubleKind::StoreRead`] where the directory of accounts cannot be listed.
    pub fn each(
        &self,
        visit: &mut dyn FnMut(&OsStr, Result<Document, Trouble>),
    ) -> Result<(), Trouble> {
        let accounts = self.accounts()?;
        for name in reading::names(&accounts)? {
            match reading::any_document(&accounts, &name, &*self.seal) {
                Ok(None) => {}
                Ok(Some(document)) => visit(&name, Ok(document)),
                Err(trouble) => visit(&name, Err(trouble)),
            }
        }
        Ok(())
    }

    /// The accounts that are stored under `name`, whatever the host says of that name today;
    /// their documents need not be readable.
    ///
    /// # Errors
    /// [`TroubleKind::StoreRead`] where the directory of accounts cannot be listed.
    pub fn stored(&self, name: &str) -> Result<Vec<Account>, Trouble> {
        let directories = reading::called(&*self.accounts()?, name)?;
        let uids = directories.iter().filter_map(|entry| reading::uid(entry));
        Ok(uids
            .map(|uid| Account {
                name: name.to_owned(),
                uid,
            })
            .collect())
    }

    /// Writes every document anew, and with that seals it with the key that stands first in the
    /// key file. `step` hears how many of how many are done. Returns how many there were.
    ///
    /// Whoever writes a document reads the key file while holding the document's lock, and
    /// whoever creates one while holding that of all accounts: so after this no document is
    /// sealed with a key that was not the first one when this began.
    ///
    /// # Errors
    /// As [`Store::update`]; those not done yet are as they were.
    pub(crate) fn reseal(&self, step: &mut dyn FnMut(usize, usize)) -> Result<usize, Trouble> {
        let accounts = self.locked_accounts()?;
        let names = reading::names(&accounts)?;
        drop(accounts);
        let accounts = self.accounts()?;
        for (done, name) in names.iter().enumerate() {
            step(done, names.len());
            // One that was forgotten meanwhile needs no seal.
            if let Some(dir) = LockedDir::child(&accounts, name, None).map_err(unread)? {
                let document = reading::any_locked_document(&dir, name, &*self.seal)?;
                self.commit(&dir, &document)?;
            }
        }
        step(names.len(), names.len());
        Ok(names.len())
    }

    /// Erases the account's record and leaves a tombstone: the account does not become Never.
    ///
    /// # Errors
    /// As [`Store::update`], and where nothing is known of the account.
    pub fn remove(&self, account: &Account) -> Result<(), Trouble> {
        let now = (self.clock)();
        self.update(account, &mut |_| {
            let mut tombstone = State::new(Status::Never);
            tombstone.set_status(Status::Removed, now);
            Some(tombstone)
        })
        .map(drop)
    }

    /// Erases everything that is known of the accounts called `name`, whatever their uid,
    /// tombstone and all: afterwards they are Never. The documents need not be readable, nor the
    /// accounts exist any more. Answers whether anything was there.
    ///
    /// # Errors
    /// [`TroubleKind::StoreRead`] where a directory cannot be opened or locked,
    /// [`TroubleKind::StoreWrite`] where the file system refuses.
    pub fn forget(&self, name: &str) -> Result<bool, Trouble> {
        let accounts = self.locked_accounts()?;
        let mut found = false;
        for directory in reading::called(&accounts, name)? {
            birth::forget(&accounts, &directory)?;
            found = true;
        }
        Ok(found)
    }

    fn loaded(&self) -> MutexGuard<'_, Option<Read>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was loaded last, where that was `account`.
    fn take_loaded(&self, account: &Account) -> (Option<Known>, Option<CheckedDir>) {
        self.loaded()
            .take_if(|read| read.known.document.account() == account)
            .map_or((None, None), |Read { known, dir }| (Some(known), Some(dir)))
    }

    fn accounts(&self) -> Result<Arc<CheckedDir>, Trouble> {
        self.accounts.get().map_err(unread)
    }

    /// The directory of accounts, locked, with a descriptor of its own: a lock belongs to that.
    fn locked_accounts(&self) -> Result<LockedDir, Trouble> {
        CheckedDir::open(self.accounts.path(), self.owner, PRIVATE)
            .and_then(LockedDir::lock)
            .map_err(unread)
    }

    fn replace_in(
        &self,
        dir: &LockedDir,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Option<Status>,
    ) -> Result<Replaced, Trouble> {
        let old = reading::locked_document(dir, account, None, &*self.seal)?;
        let found = old.state().status;
        // What the administrator locked while a person typed stays locked.
        let unlocks = found == Status::Locked && status.is_some_and(|to| to != Status::Locked);
        // A tombstone has no place for a record.
        let buried = found == Status::Removed && status.is_none();
        if old.revision() != expected || unlocks || buried {
            return Ok(Replaced::Conflict);
        }
        let status = status.unwrap_or(found);
        let record = renewed(record)?;
        let now = (self.clock)();
        let state = old.state().beside(old.record(), &record, status, now);
        self.commit(dir, &Document::new(account.clone(), Some(record), state))?;
        Ok(Replaced::Done)
    }

    /// Writes the first document of an account, or answers `Conflict` where somebody else did.
    fn create(
        &self,
        account: &Account,
        record: &Record,
        status: Status,
    ) -> Result<Replaced, Trouble> {
        let accounts = self.locked_accounts()?;
        reading::is_nobody_else(&accounts, account)?;
        let record = renewed(record)?;
        let state = State::new(Status::Never).beside(None, &record, status, (self.clock)());
        let document = Document::new(account.clone(), Some(record), state);
        let text = document.print(&*self.seal)?;
        birth::create(&accounts, &directory_of(account), text.as_bytes())
    }

    fn commit(&self, dir: &LockedDir, document: &Document) -> Result<(), Trouble> {
        let text = document.print(&*self.seal)?;
        let mode = commit::DOCUMENT_MODE;
        commit::replace(dir, DOCUMENT, text.as_bytes(), mode).map_err(unwritten)
    }
}

impl Store for DirectoryStore {
    fn load(&self, account: &Account) -> Result<Snapshot, Trouble> {
        let accounts = self.accounts()?;
        let mut loaded = self.loaded();
        *loaded = None;
        *loaded = reading::document(&accounts, account, &*self.seal)?;
        match loaded.as_ref() {
            Some(read) => Ok(read.known.document.snapshot()),
            None => reading::is_nobody_else(&accounts, account).map(|()| Snapshot::never()),
        }
    }

    fn update(&self, account: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble> {
        let accounts = self.accounts()?;
        let (known, opened) = self.take_loaded(account);
        let locked = LockedDir::child(&accounts, directory_of(account), opened).map_err(unread)?;
        let Some(dir) = locked else {
            reading::is_nobody_else(&accounts, account)?;
            return match judgement(&Snapshot::never()) {
                None => Ok(Revision::ABSENT),
                Some(_) => Err(Trouble::new(
                    TroubleKind::StoreWrite,
                    "a state without a record cannot be kept",
                )),
            };
        };
        let document = reading::locked_document(&dir, account, known, &*self.seal)?;
        match judgement(&document.snapshot()) {
            None => Ok(document.revision()),
            Some(state) => {
                let document = document.with_state(state, new_revision)?;
                self.commit(&dir, &document)?;
                Ok(document.revision())
            }
        }
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

    fn let_go(&self) {
        *self.loaded() = None;
        self.accounts.let_go();
    }

    fn writes_records(&self) -> bool {
        true
    }
}

impl DirectoryStore {
    /// Stores `record` with `status`, or with the one there is.
    fn put(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Option<Status>,
    ) -> Result<Replaced, Trouble> {
        let accounts = self.accounts()?;
        for _ in 0..TRIES {
            let locked =
                LockedDir::child(&accounts, directory_of(account), None).map_err(unread)?;
            if let Some(dir) = locked {
                return self.replace_in(&dir, account, expected, record, status);
            }
            if expected != Revision::ABSENT {
                return Ok(Replaced::Conflict);
            }
            let first = status.unwrap_or(Status::Never);
            if self.create(account, record, first)? == Replaced::Done {
                return Ok(Replaced::Done);
            }
        }
        Err(unread(FileError::new(accounts.path(), Fault::Busy)))
    }
}

/// The record as a new writing of it.
fn renewed(record: &Record) -> Result<Record, Trouble> {
    let revision = new_revision()?;
    Ok(Record {
        revision,
        ..record.clone()
    })
}

fn new_revision() -> Result<Revision, Trouble> {
    Ok(Revision::of(Id::from_bytes(random::bytes()?)))
}

/// The name of an account's directory: both by which it must not be mistaken for another.
fn directory_of(account: &Account) -> String {
    format!("{}.{}", account.directory_name(), account.uid)
}

fn unread(error: FileError) -> Trouble {
    error.trouble(TroubleKind::StoreRead)
}

fn unwritten(error: FileError) -> Trouble {
    error.trouble(TroubleKind::StoreWrite)
}
