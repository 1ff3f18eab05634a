//! The lock of a directory.
//!
//! flock(2) and nothing else: the kernel drops it with the process, however that ends, and other
//! descriptors that the host process opens and closes do not matter to it (those of fcntl(2) are
//! dropped by any of them).

use std::ffi::OsStr;
use std::ops::Deref;
use std::os::fd::{AsFd, AsRawFd};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::checked_open::{CheckedDir, PRIVATE};
use crate::file_error::{Fault, FileError};

/// How long a lock is waited for. It is held for one judgement and one write, so that even on a
/// slow disk a queue of hundreds is through by then.
const WAIT: Duration = Duration::from_secs(5);
/// How long between two attempts. Never a blocking wait: that could not be given up without a
/// signal, and signals belong to the host process.
const POLL: Duration = Duration::from_millis(2);

/// A directory whose lock is held until this is dropped.
#[derive(Debug)]
pub(crate) struct LockedDir(CheckedDir);

impl LockedDir {
    /// Locks an open directory.
    pub(crate) fn lock(dir: CheckedDir) -> Result<Self, FileError> {
        Self::lock_until(dir, Instant::now() + WAIT)
    }

    /// Opens and locks `name` in `parent`; `None` where there is nothing of that name.
    ///
    /// The directory may be renamed or removed while its lock is waited for: what is returned
    /// was still `name` after the lock was had, and only holders of the lock change that.
    pub(crate) fn child(
        parent: &CheckedDir,
        name: impl AsRef<OsStr>,
    ) -> Result<Option<Self>, FileError> {
        let name = name.as_ref();
        let deadline = Instant::now() + WAIT;
        loop {
            let dir = match parent.child(name, PRIVATE) {
                Ok(dir) => dir,
                Err(error) if error.is_missing() => return Ok(None),
                Err(error) => return Err(error),
            };
            let locked = Self::lock_until(dir, deadline)?;
            if locked.is_still(parent, name)? {
                return Ok(Some(locked));
            }
            if Instant::now() >= deadline {
                return Err(FileError::new(locked.path(), Fault::Busy));
            }
        }
    }

    fn lock_until(dir: CheckedDir, deadline: Instant) -> Result<Self, FileError> {
        loop {
            match flock(&dir, libc::LOCK_EX | libc::LOCK_NB) {
                Ok(()) => return Ok(Self(dir)),
                Err(Errno::EWOULDBLOCK) if Instant::now() >= deadline => {
                    return Err(FileError::new(dir.path(), Fault::Busy));
                }
                Err(Errno::EWOULDBLOCK) => std::thread::sleep(POLL),
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(FileError::system(dir.path())(errno)),
            }
        }
    }
}

impl Deref for LockedDir {
    type Target = CheckedDir;

    fn deref(&self) -> &CheckedDir {
        &self.0
    }
}

impl Drop for LockedDir {
    fn drop(&mut self) {
        // Closing alone is not enough where another thread of the host has forked meanwhile: the
        // child holds a copy of the descriptor, and with it the lock.
        let _ = flock(&self.0, libc::LOCK_UN);
    }
}

fn flock(dir: &CheckedDir, operation: libc::c_int) -> nix::Result<()> {
    // SAFETY: flock takes a descriptor, which is open for as long as `dir` is borrowed, and
    // touches no memory of ours.
    let result = unsafe { libc::flock(dir.as_fd().as_raw_fd(), operation) };
    Errno::result(result).map(drop)
}
