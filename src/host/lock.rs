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
#[cfg(test)]
use crate::steps::{self, Step};

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
        #[cfg(test)]
        if !steps::reach(Step::Lock, dir.path()) {
            return Ok(Self(dir));
        }
        Self::lock_until(dir, Instant::now() + WAIT)
    }

    /// Opens and locks `name` in `parent`; `None` where there is nothing of that name. `opened` is
    /// what that name has led to before, which may still be it.
    ///
    /// The directory may be renamed or removed while its lock is waited for: what is returned
    /// was still `name` after the lock was had, and only holders of the lock change that.
    pub(crate) fn child(
        parent: &CheckedDir,
        name: impl AsRef<OsStr>,
        mut opened: Option<CheckedDir>,
    ) -> Result<Option<Self>, FileError> {
        let name = name.as_ref();
        let deadline = Instant::now() + WAIT;
        loop {
            #[cfg(test)]
            steps::reach(Step::Find, parent.path());
            let dir = match opened
                .take()
                .map_or_else(|| parent.child(name, PRIVATE), Ok)
            {
                Ok(dir) => dir,
                Err(error) if error.is_missing() => return Ok(None),
                Err(error) => return Err(error),
            };
            #[cfg(test)]
            if !steps::reach(Step::Lock, dir.path()) {
                return Ok(Some(Self(dir)));
            }
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
        #[cfg(test)]
        steps::reach(Step::Unlock, self.0.path());
        // Closing alone is not enough where another thread of the host has forked meanwhile: the
        // child holds a copy of the descriptor, and with it the lock.
        let _ = flock(&self.0, libc::LOCK_UN);
    }
}

/// flock(2), which is not in nix as a function of its own any more.
pub(crate) fn flock(file: &impl AsFd, operation: libc::c_int) -> nix::Result<()> {
    // SAFETY: flock takes a descriptor, which is open for as long as `file` is borrowed, and
    // touches no memory of ours.
    let result = unsafe { libc::flock(file.as_fd().as_raw_fd(), operation) };
    Errno::result(result).map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::scratch::{Scratch, chmod, own_uid};

    fn scene() -> (Scratch, CheckedDir) {
        let scratch = Scratch::new();
        chmod(scratch.path(), 0o700);
        fs::create_dir(scratch.path().join("anna")).unwrap();
        chmod(&scratch.path().join("anna"), 0o700);
        let parent = CheckedDir::open(scratch.path(), own_uid(), PRIVATE).unwrap();
        (scratch, parent)
    }

    /// Whether the lock of `anna` can be had at once.
    fn is_free(parent: &CheckedDir) -> bool {
        let dir = parent.child("anna", PRIVATE).unwrap();
        match LockedDir::lock_until(dir, Instant::now()) {
            Ok(_) => true,
            Err(error) => {
                assert_eq!(error.fault, Fault::Busy);
                false
            }
        }
    }

    fn lock(parent: &CheckedDir) -> LockedDir {
        LockedDir::child(parent, "anna", None).unwrap().unwrap()
    }

    #[test]
    fn a_lock_keeps_others_out_until_it_is_dropped() {
        let (_scratch, parent) = scene();
        let locked = lock(&parent);
        assert!(!is_free(&parent));
        drop(locked);
        assert!(is_free(&parent));
    }

    #[test]
    fn a_lock_is_given_up_even_where_a_forked_child_holds_a_copy() {
        let (_scratch, parent) = scene();
        let locked = lock(&parent);
        let copy = locked.as_fd().try_clone_to_owned().unwrap();
        drop(locked);
        assert!(is_free(&parent));
        drop(copy);
    }

    #[test]
    fn waiting_for_a_lock_comes_to_an_end() {
        let (_scratch, parent) = scene();
        let _locked = lock(&parent);
        let begin = Instant::now();
        let dir = parent.child("anna", PRIVATE).unwrap();
        let late = LockedDir::lock_until(dir, begin + POLL * 10);
        assert_eq!(late.unwrap_err().fault, Fault::Busy);
        assert!((POLL * 10..WAIT).contains(&begin.elapsed()));
    }

    #[test]
    fn whoever_waited_gets_what_has_the_name_now() {
        let (scratch, parent) = scene();
        let path = |name: &str| scratch.path().join(name);
        for is_recreated in [true, false] {
            let locked = lock(&parent);
            let waited = std::thread::scope(|scope| {
                let waiter = scope.spawn(|| LockedDir::child(&parent, "anna", None).unwrap());
                std::thread::sleep(POLL * 10);
                fs::rename(path("anna"), path("gone")).unwrap();
                if is_recreated {
                    fs::create_dir(path("anna")).unwrap();
                    chmod(&path("anna"), 0o700);
                }
                drop(locked);
                waiter.join().unwrap()
            });
            assert_eq!(waited.is_some(), is_recreated);
            if let Some(waited) = waited {
                assert!(waited.is_still(&parent, "anna").unwrap());
            }
            fs::remove_dir(path("gone")).unwrap();
        }
    }
}
