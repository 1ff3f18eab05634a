//! The queue for password hashes: a few at once on the whole host, however many logins there are.
//!
//! ```text
//! queue/         beside the directory of accounts
//!     turn-0 ..  locked while a hash is computed: as many files as there may be hashes at once
//!     from-00 .. locked by the one login, of all the addresses that share the number, which
//!                waits for a turn: so a flood from one address is one rival and not thousands
//!     local      likewise, of the logins without an address
//!     salt       so that nobody can choose an address that shares another's number
//! ```
//!
//! The locks are those of flock(2): the kernel gives them back however their holder ends. The
//! files are made when they are first needed and never removed: whoever has the lock of a removed
//! file and whoever makes it anew would both have the same turn.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::verdict::Login;
use nix::errno::Errno;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat, mkdirat};
use nix::unistd::Pid;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::checked_open::{CheckedDir, CheckedFile, PRIVATE};
use crate::commit;
use crate::file_error::{Fault, FileError};
use crate::lock::{LockedDir, flock};
use crate::random;

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
/// The salt's name.
const SALT: &str = "salt";
/// Bytes of a new salt.
const NEW_SALT: usize = 32;
/// Most bytes of a salt.
const MAX_SALT: usize = 64;
/// Where logins without an address wait.
const LOCAL: &str = "local";

/// Most hashes at once where nobody said how many: each has its arena of memory.
const MOST_CORES: usize = 16;

/// Gives turns to hash to all processes that keep their accounts in the same place.
#[derive(Debug, Clone)]
pub struct HashQueue {
    above: PathBuf,
    owner: u32,
    turns: NonZeroUsize,
    wait: Duration,
}

impl HashQueue {
    /// The queue beside the directory of accounts at `accounts`, whose owner is `owner`, for
    /// `simultaneous` hashes at once, or as many as this process may use processor cores, at most
    /// sixteen.
    #[must_use]
    pub fn beside(accounts: &Path, owner: u32, simultaneous: Option<NonZeroUsize>) -> Self {
        // What std asks besides, the quota of a control group, is twenty calls at each login.
        let cores = || {
            let set = sched_getaffinity(Pid::from_raw(0)).ok();
            let count = set.map_or(1, |set| {
                (0..CpuSet::count())
                    .filter(|cpu| set.is_set(*cpu).unwrap_or(false))
                    .count()
            });
            NonZeroUsize::new(count.min(MOST_CORES)).unwrap_or(NonZeroUsize::MIN)
        };
        Self {
            above: accounts.parent().unwrap_or(accounts).to_owned(),
            owner,
            turns: simultaneous.unwrap_or_else(cores),
            wait: WAIT,
        }
    }

    /// Waits for a turn, which lasts until what is returned is dropped. Hashes that belong to no
    /// login wait with those of this machine.
    ///
    /// # Errors
    /// [`TroubleKind::Hash`] where there was no turn for ten seconds, or the queue's files are
    /// not there and cannot be made, or are not what they should be; [`TroubleKind::Random`].
    pub(crate) fn turn(&self, login: Option<&Login>) -> Result<Turn, Trouble> {
        let deadline = Instant::now() + self.wait;
        let dir = self.open().map_err(failed)?;
        let source = login.and_then(address);
        let line = match source {
            None => LOCAL.to_owned(),
            Some(address) => line_of(address, &self.salt(&dir)?),
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
        let mut turns = Vec::new();
        for number in 0..self.turns.get() {
            let file = lock_file(dir, &format!("turn-{number}"))?;
            if is_locked_now(&file)? {
                let waited = first.waited;
                return Ok(Some(Turn { file, waited }));
            }
            turns.push(file);
        }
        let poll = if first.waited { POLL_IN_LINE } else { POLL };
        first_free(turns, poll, deadline)
    }

    /// Opens the directory, and makes it where there is none.
    fn open(&self) -> Result<CheckedDir, FileError> {
        let above = CheckedDir::open(&self.above, self.owner, 0)?;
        match above.child(DIRECTORY, PRIVATE) {
            Err(error) if error.is_missing() => {}
            opened => return opened,
        }
        let path = above.path().join(DIRECTORY);
        let failed = || FileError::system(&path);
        match mkdirat(&above, DIRECTORY, Mode::S_IRWXU) {
            // The host's umask may have taken bits away, and is not ours to change.
            Ok(()) => {
                let flags = FchmodatFlags::FollowSymlink;
                fchmodat(&above, DIRECTORY, Mode::S_IRWXU, flags).map_err(failed())?;
            }
            // Another process was faster.
            Err(Errno::EEXIST) => {}
            Err(errno) => return Err(failed()(errno)),
        }
        above.child(DIRECTORY, PRIVATE)
    }

    /// How many hashes there may be at once.
    #[must_use]
    pub const fn turns(&self) -> usize {
        self.turns.get()
    }

    /// Looks at what there is of the queue, and makes nothing.
    ///
    /// # Errors
    /// What would keep everybody from getting a turn.
    pub fn examine(&self) -> Result<(), FileError> {
        let above = CheckedDir::open(&self.above, self.owner, 0)?;
        let dir = match above.child(DIRECTORY, PRIVATE) {
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

    /// Reads the salt in the queue's directory `dir`, and makes it where there is none.
    fn salt(&self, dir: &CheckedDir) -> Result<Zeroizing<Vec<u8>>, Trouble> {
        match read_salt(dir) {
            Err(error) if error.is_missing() => {}
            read => return read.map_err(failed),
        }
        let dir = self.open().and_then(LockedDir::lock).map_err(failed)?;
        match read_salt(&dir) {
            Err(error) if error.is_missing() => {}
            // Another process was faster.
            read => return read.map_err(failed),
        }
        let salt = Zeroizing::new(random::bytes::<NEW_SALT>()?.to_vec());
        commit::replace(&dir, SALT, &salt, commit::DOCUMENT_MODE).map_err(failed)?;
        Ok(salt)
    }
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

fn read_salt(dir: &CheckedDir) -> Result<Zeroizing<Vec<u8>>, FileError> {
    dir.file(SALT, PRIVATE)?.read(MAX_SALT)
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
fn line_of(address: &str, salt: &[u8]) -> String {
    let digest = Sha256::new().chain_update(salt).chain_update(address);
    let [number, ..] = <[u8; 32]>::from(digest.finalize());
    format!("from-{number:02x}")
}

fn failed(error: FileError) -> Trouble {
    error.trouble(TroubleKind::Hash)
}

#[cfg(test)]
mod tests;
