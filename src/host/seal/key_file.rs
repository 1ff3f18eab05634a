//! Writing the key file.

use std::ffi::OsStr;
use std::path::Path;

use kapu_core::hex;
use nix::fcntl::{RenameFlags, renameat2};
use nix::sys::stat::Mode;
use zeroize::Zeroizing;

use super::Key;
use crate::checked_open::{CheckedDir, NOT_WRITABLE_BY_OTHERS, split};
use crate::commit;
use crate::file_error::{Fault, FileError};
use crate::lock::LockedDir;

/// Nobody but its owner reads it, and nobody writes it.
const MODE: Mode = Mode::S_IRUSR;

/// Makes the file at `path` with one key, where there is none.
pub(super) fn create(path: &Path, owner: u32, key: &Key) -> Result<(), FileError> {
    let (dir, name) = split(path)?;
    let dir = CheckedDir::open(dir, owner, NOT_WRITABLE_BY_OTHERS)?;
    let (name, path) = dir.entry(name)?;
    let temporary = format!(".kapu-{}.new", key.id);
    commit::write_new(&dir, &temporary, text([key]).as_bytes(), MODE)?;
    let flags = RenameFlags::RENAME_NOREPLACE;
    let renamed = renameat2(&dir, temporary.as_str(), &dir, name, flags);
    if renamed.is_err() {
        let _ = commit::remove(&dir, &temporary);
    }
    renamed.map_err(FileError::system(&path))?;
    commit::sync(&dir)
}

/// The key file of one process that changes it: others wait, and give up.
pub(super) struct HeldFile<'a> {
    dir: LockedDir,
    name: &'a str,
}

impl<'a> HeldFile<'a> {
    /// Holds the file at `path`, by the lock of its directory.
    pub(super) fn hold(path: &'a Path, owner: u32) -> Result<Self, FileError> {
        let (dir, name) = split(path)?;
        let name = OsStr::to_str(name).ok_or_else(|| FileError::new(path, Fault::NotAName))?;
        let dir = LockedDir::lock(CheckedDir::open(dir, owner, NOT_WRITABLE_BY_OTHERS)?)?;
        Ok(Self { dir, name })
    }

    /// Puts `keys` in place of those in the file; durable when this returns.
    pub(super) fn write<'k>(
        &self,
        keys: impl IntoIterator<Item = &'k Key>,
    ) -> Result<(), FileError> {
        commit::replace(&self.dir, self.name, text(keys).as_bytes(), MODE)
    }
}

/// The content of the file.
fn text<'k>(keys: impl IntoIterator<Item = &'k Key>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::new());
    for key in keys {
        let digits = Zeroizing::new(hex::encode(key.bytes.expose()));
        // Into a new buffer each time: one that grows would leave keys behind.
        text = Zeroizing::new([text.as_str(), &key.id, " ", &digits, "\n"].concat());
    }
    text
}
