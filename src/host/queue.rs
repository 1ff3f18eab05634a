//! The queue for password hashes: a few at once on the whole host, however many logins there are.
//!
//! ```text
//! queue/         beside the directory of accounts
//!     turn-0 ..  locked while a hash is computed: as many files as there may be hashes at once
//!     from-00 .. locked by the one login, of all the addresses that share the number, which
//!                waits for a turn: so a flood from one address is one rival and not thousands
//!     local      likewise, of the logins without an address
//! ```
//!
//! Which number an address has only this host can tell: nobody can choose one that shares
//! another's.
//!
//! The locks are those of flock(2): the kernel gives them back however their holder ends. The
//! files are made when they are first needed and never removed: whoever has the lock of a removed
//! file and whoever makes it anew would both have the same turn.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use kapu_core::digest::sha256;
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::secret::Secret;
use kapu_core::verdict::Login;
use nix::errno::Errno;

use crate::checked_open::{CheckedDir, CheckedFile, PRIVATE};
use crate::file_error::{Fault, FileError};
use crate::held_dir::HeldDir;
use crate::lock::flock;
use crate::{commit, cores};

/// How long a turn is waited for.
const WAIT: Duration = Duration::from_secs(10);
/// How long between two attempts. Never a blocking wait: that could not be given up without a
/// signal, and signals belong to the host process.
const POLL: Duration = Duration::from_millis(5);
/// The same for whoever comes behind another login of the same address. They ask less often, so
/// that next to a flood an address with one login usually goes first.
const POLL_IN_LINE: Duration = Duration::from_millis(20);

/// The directory's name.
const DIRECTORY: &str = "queue";
/// Where logins without an address wait.
const LOCAL: &str = "local";

/// Most hashes at once where nobody said how many: each has its arena of memory.
const MOST_CORES: usize = 16;

/// Gives turns to hash to all processes that keep their accounts in the same place.
#[derive(Debug, Clone)]
pub struct HashQueue {
    accounts: Arc<HeldDir>,
    simultaneous: Option<NonZeroUsize>,
    numbering: Option<Secret>,
    wait: Duration,
}

impl HashQueue {
    /// The queue beside the directory of accounts at `accounts`, whose owner is `owner`, for
    /// `simultaneous` hashes at once, or as many as this process may use processor cores, at most
    /// sixteen. All logins wait in the same line.
    #[must_use]
    pub fn beside(accounts: &Path, owner: u32, simultaneous: Option<NonZeroUsize>) -> Self {
        let accounts = Arc::new(HeldDir::new(accounts, owner, PRIVATE));
        Self::sharing(accounts, simultaneous, None)
    }

    /// The queue beside the directory `accounts`, in which addresses have their numbers by the
    /// host's own secret `numbering`.
    pub(crate) fn sharing(
        accounts: Arc<HeldDir>,
        simultaneous: Option<NonZeroUsize>,
        numbering: Option<Secret>,
    ) -> Self {
        Self {
            accounts,
            simultaneous,
            numbering,
            wait: WAIT,
        }
    }

    /// The same, for work that is done only where there is a turn at once.
    #[must_use]
    pub(crate) fn without_waiting(self) -> Self {
        Self {
            wait: Duration::ZERO,
            ..self
        }
    }

    /// Waits for a turn, which lasts until what is returned is dropped. Hashes that belong to no
    /// login wait with those of this machine.
    ///
    /// # Errors
    /// [`TroubleKind::Hash`] where there was no turn for ten seconds, or the queue's files are
    /// not there and cannot be made, or are not what they should be; [`TroubleKind::StoreRead`]
    /// where the directory of accounts is not.
    pub(crate) fn turn(&self, login: Option<&Login>) -> Result<Turn, Trouble> {
        let deadline = Instant::now() + self.wait;
        let unread = |error: FileError| error.trouble(TroubleKind::StoreRead);
        let accounts = self.accounts.get().map_err(unread)?;
        let dir = open(&accounts).map_err(failed)?;
        let line = match (login.and_then(address), &self.numbering) {
            (Some(address), Some(numbering)) => line_of(address, numbering),
            _ => LOCAL.to_owned(),
        };
        self.wait_in(&dir, &line, deadline)
            .map_err(failed)?
            .ok_or_else(|| {
                let detail = format!("queue full: no turn within {:?}", self.wait);
                Trouble::new(TroubleKind::Hash, detail)
            })
    }

    fn wait_in(
        &self,
        dir: &CheckedDir,
        line: &str,
        deadline: Instant,
    ) -> Result<Option<Turn>, FileError> {
        let line = vec![lock_file(dir, line)?];
        let Some(first) = first_free(line, POLL_IN_LINE, deadline)? else {
            return Ok(None);
        };
        let waited = first.waited;
        let (mut turns, mut most) = (Vec::new(), 1);
        while turns.len() < most {
            let file = lock_file(dir, &format!("turn-{}", turns.len()))?;
            if is_locked_now(&file)? {
                return Ok(Some(Turn { file, waited }));
            }
            // How many there are is asked only where the first one is taken.
            if turns.is_empty() {
                most = self.turns();
            }
            turns.push(file);
        }
        let poll = if waited { POLL_IN_LINE } else { POLL };
        first_free(turns, poll, deadline)
    }

    /// How many hashes there may be at once.
    #[must_use]
    pub fn turns(&self) -> usize {
        self.simultaneous
            .map_or_else(|| cores::count().clamp(1, MOST_CORES), NonZeroUsize::get)
    }

    /// Looks at what there is of the queue, and makes nothing.
    ///
    /// # Errors
    /// What would keep everybody from getting a turn.
    pub fn examine(&self) -> Result<(), FileError> {
        let dir = match self.accounts.get()?.sibling(DIRECTORY, PRIVATE) {
            // It is made when it is first needed.
            Err(error) if error.is_missing() => return Ok(()),
            opened => opened?,
        };
        for name in dir.names()? {
            match dir.file(name, PRIVATE) {
                Err(error) if error.is_missing() => {}
                opened => drop(opened?),
            }
        }
        Ok(())
    }
}

/// Opens the directory beside `accounts`, and makes it where there is none.
fn open(accounts: &CheckedDir) -> Result<CheckedDir, FileError> {
    match accounts.sibling(DIRECTORY, PRIVATE) {
        Err(error) if error.is_missing() => {}
        opened => return opened,
    }
    accounts.make_sibling(DIRECTORY)?;
    accounts.sibling(DIRECTORY, PRIVATE)
}

/// A turn, or the first place of a line, until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    file: CheckedFile,
    /// Whether somebody else had it when it was first asked for.
    waited: bool,
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing alone is not enough where another thread of the host has forked meanwhile: the
        // child holds a copy of the descriptor, and with it the lock.
        let _ = flock(&self.file, libc::LOCK_UN);
    }
}

/// The first of `files` that is free, locked; `None` where none was until `deadline`.
fn first_free(
    mut files: Vec<CheckedFile>,
    poll: Duration,
    deadline: Instant,
) -> Result<Option<Turn>, FileError> {
    let mut waited = false;
    loop {
        if let Some(free) = lock_one(&files)? {
            let file = files.swap_remove(free);
            return Ok(Some(Turn { file, waited }));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        waited = true;
        thread::sleep(poll.min(left));
    }
}

/// Locks one of `files`, unless all are locked: which.
fn lock_one(files: &[CheckedFile]) -> Result<Option<usize>, FileError> {
    for (index, file) in files.iter().enumerate() {
        if is_locked_now(file)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

/// Locks a file, unless somebody else has it locked: whether it is locked now by us.
fn is_locked_now(file: &CheckedFile) -> Result<bool, FileError> {
    loop {
        match flock(file, libc::LOCK_EX | libc::LOCK_NB) {
            Ok(()) => return Ok(true),
            Err(Errno::EWOULDBLOCK) => return Ok(false),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(FileError::system(file.path())(errno)),
        }
    }
}

/// Opens a file that is nothing but its lock, and makes it where there is none.
fn lock_file(dir: &CheckedDir, name: &str) -> Result<CheckedFile, FileError> {
    match dir.file(name, PRIVATE) {
        Err(error) if error.is_missing() => {}
        opened => return opened,
    }
    match commit::write_new(dir, name, &[], commit::DOCUMENT_MODE) {
        Ok(()) => {}
        // Another process was faster.
        Err(error) if error.fault == Fault::System(Errno::EEXIST) => {}
        Err(error) => return Err(error),
    }
    dir.file(name, PRIVATE)
}

/// Where a login comes from: its address (IPv6 by its /64, which one person may have whole), or
/// the name that stands in place of one; `None` for a login of this machine.
fn address(login: &Login) -> Option<&str> {
    let rhost = login.rhost.as_deref()?;
    let place = login.place.as_ref();
    place
        .and_then(|place| place.as_str().split(' ').next())
        .or(Some(rhost))
}

/// The file where logins from `address` wait.
fn line_of(address: &str, numbering: &Secret) -> String {
    let [number, ..] = *sha256(&[numbering.expose(), address.as_bytes()]);
    format!("from-{number:02x}")
}

fn failed(error: FileError) -> Trouble {
    error.trouble(TroubleKind::Hash)
}

#[cfg(test)]
mod tests;
