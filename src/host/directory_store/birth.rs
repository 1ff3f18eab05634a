//! How an account comes and goes: by one rename of its whole directory, so that nobody ever sees
//! a directory without a document.
//!
//! The caller holds the lock of the directory of accounts. So whatever stands under one of the
//! two names used on the way was left by a process that was killed, and is removed.

use std::ffi::OsStr;

use kapu_core::ports::{Replaced, Trouble};
use nix::errno::Errno;
use nix::fcntl::{RenameFlags, renameat, renameat2};
use nix::sys::stat::{FchmodatFlags, Mode, fchmodat, mkdirat};
use nix::unistd::{UnlinkatFlags, unlinkat};

use super::{DOCUMENT, unread, unwritten};
use crate::checked_open::{CheckedDir, PRIVATE};
use crate::commit;
use crate::file_error::FileError;
use crate::lock::LockedDir;
#[cfg(test)]
use crate::steps::{self, Step};

/// An account that is being created. No account's directory starts with a dot.
const NEW: &str = ".new";
/// An account that is being forgotten.
const GONE: &str = ".gone";

/// Creates the directory `name` with a document in it; `Conflict` where it is there already.
pub(super) fn create(accounts: &LockedDir, name: &str, text: &[u8]) -> Result<Replaced, Trouble> {
    clear(accounts, NEW)
        .and_then(|()| clear(accounts, GONE))
        .and_then(|()| build(accounts, text))
        .map_err(unwritten)?;
    let path = accounts.path().join(name);
    let flags = RenameFlags::RENAME_NOREPLACE;
    #[cfg(test)]
    steps::reach(Step::Rename, accounts.path());
    match renameat2(&**accounts, NEW, &**accounts, name, flags) {
        Ok(()) => {
            commit::sync(accounts).map_err(unwritten)?;
            Ok(Replaced::Done)
        }
        Err(errno) => {
            let _ = clear(accounts, NEW);
            match errno {
                Errno::EEXIST => Ok(Replaced::Conflict),
                errno => Err(unwritten(FileError::system(&path)(errno))),
            }
        }
    }
}

/// Removes the directory `name` and the document in it, if there is one.
pub(super) fn forget(accounts: &LockedDir, name: &OsStr) -> Result<(), Trouble> {
    clear(accounts, GONE).map_err(unwritten)?;
    // With its lock, so that no writer is in the middle of something.
    let Some(dir) = LockedDir::child(accounts, name, None).map_err(unread)? else {
        return Ok(());
    };
    renameat(&**accounts, name, &**accounts, GONE)
        .map_err(FileError::system(dir.path()))
        .and_then(|()| commit::sync(accounts))
        .and_then(|()| clear(accounts, GONE))
        .and_then(|()| commit::sync(accounts))
        .map_err(unwritten)
}

fn build(accounts: &LockedDir, text: &[u8]) -> Result<(), FileError> {
    let path = accounts.path().join(NEW);
    let failed = || FileError::system(&path);
    mkdirat(&**accounts, NEW, Mode::S_IRWXU).map_err(failed())?;
    // The host's umask may have taken bits away, and is not ours to change.
    let flags = FchmodatFlags::FollowSymlink;
    fchmodat(&**accounts, NEW, Mode::S_IRWXU, flags).map_err(failed())?;
    let dir = accounts.child(NEW, PRIVATE)?;
    let written = commit::write_new(&dir, DOCUMENT, text, commit::DOCUMENT_MODE)
        .and_then(|()| commit::sync(&dir));
    if written.is_err() {
        let _ = clear(accounts, NEW);
    }
    written
}

/// Removes a leftover and every file in it: an editor may have put its own beside ours.
fn clear(accounts: &CheckedDir, name: &str) -> Result<(), FileError> {
    let dir = match accounts.child(name, PRIVATE) {
        Err(error) if error.is_missing() => return Ok(()),
        opened => opened?,
    };
    for file in dir.names()? {
        commit::remove(&dir, &file)?;
    }
    unlinkat(accounts, name, UnlinkatFlags::RemoveDir).map_err(FileError::system(dir.path()))
}
