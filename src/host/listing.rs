//! The names in a directory, as the kernel tells them.
//!
//! A login of somebody who never enrolled looks at the names of all accounts, a million of them
//! maybe. So nothing is copied or allocated for a name that is of no interest.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;

use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;

use crate::checked_open::CheckedDir;
use crate::file_error::{Fault, FileError};
use crate::walk::DIRECTORY;

/// Bytes that are asked for at once: some thousand names.
const BUFFER: usize = 64 * 1024;
/// Where the length of an entry stands in `struct linux_dirent64` (getdents64(2)).
const LENGTH_AT: usize = 16;
/// Where its name begins, which ends in a zero byte.
const NAME_AT: usize = 19;
/// Entries are as long as a multiple of this.
const ALIGNMENT: usize = 8;

impl CheckedDir {
    /// Shows `visit` the names in this directory, without `.` and `..`, in no order.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn each_name(&self, mut visit: impl FnMut(&[u8])) -> Result<(), FileError> {
        let failed = || FileError::system(self.path());
        // A descriptor of its own, so that the position in the list is its own too.
        let flags = OFlag::O_RDONLY | DIRECTORY;
        let dir = openat(self, ".", flags, Mode::empty()).map_err(failed())?;
        let mut buffer = Vec::with_capacity(BUFFER);
        loop {
            fill(&mut buffer, &dir).map_err(failed())?;
            let mut rest = buffer.as_slice();
            if rest.is_empty() {
                return Ok(());
            }
            while !rest.is_empty() {
                let (name, after) =
                    first(rest).ok_or_else(|| FileError::new(self.path(), Fault::Changed))?;
                if name != b"." && name != b".." {
                    visit(name);
                }
                rest = after;
            }
        }
    }

    /// The names in this directory, without `.` and `..`, in no order.
    ///
    /// # Errors
    /// What the system said.
    pub fn names(&self) -> Result<Vec<OsString>, FileError> {
        let mut names = Vec::new();
        self.each_name(|name| names.push(OsStr::from_bytes(name).to_owned()))?;
        Ok(names)
    }
}

/// Fills the buffer with the next entries, as many as it has room for: none at the end.
fn fill(buffer: &mut Vec<u8>, dir: &OwnedFd) -> nix::Result<()> {
    buffer.clear();
    let (place, room) = (buffer.as_mut_ptr(), buffer.capacity());
    // SAFETY: getdents64(2) writes at most `room` bytes to `place`, where the vector has as many; the
    // descriptor is open for as long as it is borrowed. libc has no function for it.
    let filled = unsafe { libc::syscall(libc::SYS_getdents64, dir.as_raw_fd(), place, room) };
    let filled = usize::try_from(Errno::result(filled)?).unwrap_or(0);
    // SAFETY: that many bytes at the beginning have just been written, and are within the capacity.
    unsafe { buffer.set_len(filled.min(room)) };
    Ok(())
}

/// The name of the first entry, and what follows it; `None` where that is no entry.
fn first(entries: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = entries.get(LENGTH_AT..)?.first_chunk()?;
    let (entry, after) = entries.split_at_checked(u16::from_ne_bytes(*length).into())?;
    // The zero byte stands among the last eight, whatever fills up behind it.
    let from = entry.len().checked_sub(ALIGNMENT)?.max(NAME_AT);
    let behind = entry.get(from..)?.iter().position(|byte| *byte == 0)?;
    Some((entry.get(NAME_AT..from + behind)?, after))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;
    use crate::checked_open::PRIVATE;
    use crate::scratch::{Scratch, chmod, own_uid};

    #[test]
    fn it_shows_every_name_once_whatever_its_length() {
        let scratch = Scratch::new();
        chmod(scratch.path(), 0o700);
        // More than fit into the buffer at once, and each length that a name can have.
        let numbered = (0..3_000).map(|number| format!("somebody-{number}.{number}"));
        let long = (1..=255).map(|length| "x".repeat(length));
        let made: BTreeSet<OsString> = numbered.chain(long).map(OsString::from).collect();
        for name in &made {
            fs::write(scratch.path().join(name), "").unwrap();
        }
        let dir = CheckedDir::open(scratch.path(), own_uid(), PRIVATE).unwrap();
        for _ in 0..2 {
            let names = dir.names().unwrap();
            assert_eq!(names.len(), made.len());
            assert_eq!(names.into_iter().collect::<BTreeSet<_>>(), made);
        }
    }

    #[test]
    fn what_is_no_entry_is_not_read_as_one() {
        let mut entry = [0; 32];
        entry[NAME_AT..][..4].copy_from_slice(b"anna");
        for length in [0_u16, 7, 18, 19, 40] {
            entry[LENGTH_AT..][..2].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(first(&entry), None, "{length}");
        }
        entry[LENGTH_AT..][..2].copy_from_slice(&24_u16.to_ne_bytes());
        assert_eq!(first(&entry), Some((&b"anna"[..], &[0; 8][..])));
        entry[NAME_AT..].fill(b'x');
        assert_eq!(first(&entry), None);
        assert_eq!(first(&entry[..LENGTH_AT]), None);
    }
}
