//! Making a file durable: afterwards it is the old one or the new one, whatever happens between.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, renameat};
use nix::sys::resource::{Resource, getrlimit};
use nix::sys::stat::{Mode, fchmod};
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};

use crate::checked_open::CheckedDir;
use crate::file_error::{Fault, FileError};
#[cfg(test)]
use crate::steps::{self, Step};

/// What is added to a name for the file that is to replace it.
const SUFFIX: &str = ".new";

/// Mode of every document: its owner's alone.
pub(crate) const DOCUMENT_MODE: Mode = Mode::S_IRUSR.union(Mode::S_IWUSR);

/// The name of the file that is to replace `name`.
fn successor(name: &str) -> String {
    format!("{name}{SUFFIX}")
}

/// Puts `bytes` in place of the file `name`, which only the holder of the directory's lock may do.
pub(crate) fn replace(
    dir: &CheckedDir,
    name: &str,
    bytes: &[u8],
    mode: Mode,
) -> Result<(), FileError> {
    let new = successor(name);
    #[cfg(test)]
    steps::reach(Step::Write, dir.path());
    let written = match write_new(dir, &new, bytes, mode) {
        // A writer that was killed leaves one, and whoever holds the lock knows that it is dead.
        Err(error) if error.fault == Fault::System(Errno::EEXIST) => {
            remove(dir, &new).and_then(|()| write_new(dir, &new, bytes, mode))
        }
        written => written,
    };
    let written = written.and_then(|()| rename(dir, &new, name));
    if written.is_err() {
        let _ = remove(dir, &new);
    }
    written?;
    sync(dir)
}

/// Writes a file that must not be there yet, and syncs it.
pub(crate) fn write_new(
    dir: &CheckedDir,
    name: impl AsRef<OsStr>,
    bytes: &[u8],
    mode: Mode,
) -> Result<(), FileError> {
    let (name, path) = dir.entry(name.as_ref())?;
    let failed = || FileError::system(&path);
    let (size_limit, _) = getrlimit(Resource::RLIMIT_FSIZE).map_err(failed())?;
    if usize::try_from(size_limit).is_ok_and(|limit| bytes.len() > limit) {
        // Writing on would raise SIGXFSZ, which kills the host process.
        return Err(FileError::new(path, Fault::SizeLimit));
    }
    let flags = OFlag::O_WRONLY
        | OFlag::O_CREAT
        | OFlag::O_EXCL
        | OFlag::O_NOFOLLOW
        | OFlag::O_CLOEXEC
        | OFlag::O_NOCTTY;
    let fd = openat(dir, name, flags, mode).map_err(failed())?;
    // The host's umask may have taken bits away, and is not ours to change.
    fchmod(&fd, mode).map_err(failed())?;
    let mut file = File::from(fd);
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(FileError::io(&path))
}

/// Removes a file, if there is one.
pub(crate) fn remove(dir: &CheckedDir, name: impl AsRef<OsStr>) -> Result<(), FileError> {
    let (name, path) = dir.entry(name.as_ref())?;
    match unlinkat(dir, name, UnlinkatFlags::NoRemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => Ok(()),
        Err(errno) => Err(FileError::system(&path)(errno)),
    }
}

/// Makes what was created, renamed and removed in `dir` durable.
pub(crate) fn sync(dir: &CheckedDir) -> Result<(), FileError> {
    // Its change has been made by now: a signal alone must not make it doubtful.
    loop {
        match fsync(dir) {
            Err(Errno::EINTR) => {}
            done => return done.map_err(FileError::system(dir.path())),
        }
    }
}

fn rename(dir: &CheckedDir, from: &str, to: &str) -> Result<(), FileError> {
    let (to, path) = dir.entry(to.as_ref())?;
    #[cfg(test)]
    steps::reach(Step::Rename, dir.path());
    renameat(dir, from, dir, to).map_err(FileError::system(&path))
}
