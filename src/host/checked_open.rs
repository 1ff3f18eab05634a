//! The one way in which kapu opens a file.
//!
//! Whatever decides about logins is read through a directory that nobody else can have put there,
//! and is checked on the descriptor and not by its path: between a check of a path and its use,
//! the file may become another one.

use std::ffi::OsStr;
use std::fs::File;
use std::io::Read;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path, PathBuf};

use kapu_core::ports::UnixTime;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, openat};
use nix::libc::{dev_t, ino_t};
use nix::sys::stat::{
    FchmodatFlags, FileStat, Mode, SFlag, fchmodat, fstat, fstatat, mkdirat, stat,
};
use zeroize::Zeroizing;

use crate::file_error::{Fault, FileError};
use crate::walk::{DIRECTORY, walk};

/// Mode bits that a file must not have which others may read but not write: configuration.
pub const NOT_WRITABLE_BY_OTHERS: u32 = 0o022;
/// Mode bits that a file must not have which is nobody else's business: keys and documents.
pub const PRIVATE: u32 = 0o077;

/// An open directory that only root and one user can have put where it is.
#[derive(Debug)]
pub struct CheckedDir {
    fd: OwnedFd,
    path: PathBuf,
    owner: u32,
    identity: (dev_t, ino_t),
}

impl CheckedDir {
    /// Opens the directory at the absolute `path`.
    ///
    /// Every directory from `/` on, and every symbolic link on the way, must belong to root or
    /// to the uid `owner`, and no other user may be able to change an entry of it. The directory
    /// itself must have none of the mode bits `forbidden`.
    ///
    /// # Errors
    /// [`Fault::Missing`] where it or a directory above it does not exist; otherwise what is
    /// wrong with which of them.
    pub fn open(path: &Path, owner: u32, forbidden: u32) -> Result<Self, FileError> {
        let (fd, path, stat) = walk(path, owner)?;
        Self::checked(fd, path, &stat, owner, forbidden)
    }

    /// Opens a directory in this one.
    ///
    /// # Errors
    /// As [`open`](CheckedDir::open); a symbolic link is never followed.
    pub fn child(&self, name: impl AsRef<OsStr>, forbidden: u32) -> Result<Self, FileError> {
        let (name, path) = self.entry(name.as_ref())?;
        self.at(name, path, forbidden)
    }

    /// Opens a directory beside this one, in the very directory that holds it.
    ///
    /// # Errors
    /// As [`child`](CheckedDir::child).
    pub(crate) fn sibling(&self, name: &'static str, forbidden: u32) -> Result<Self, FileError> {
        let (step, path) = self.beside(name);
        self.at(OsStr::new(&step), path, forbidden)
    }

    /// Makes a directory beside this one that nobody but its owner may enter, unless another
    /// process is faster.
    ///
    /// # Errors
    /// What the system said.
    pub(crate) fn make_sibling(&self, name: &'static str) -> Result<(), FileError> {
        let (step, path) = self.beside(name);
        match mkdirat(&self.fd, step.as_str(), Mode::S_IRWXU) {
            // The host's umask may have taken bits away, and is not ours to change.
            Ok(()) => {
                let flags = FchmodatFlags::FollowSymlink;
                fchmodat(&self.fd, step.as_str(), Mode::S_IRWXU, flags)
            }
            Err(Errno::EEXIST) => Ok(()),
            Err(errno) => Err(errno),
        }
        .map_err(FileError::system(&path))
    }

    /// The step to `name` beside this directory, and the path of it. `..` of an open directory is
    /// the one that it is in, which was checked on the way.
    fn beside(&self, name: &'static str) -> (String, PathBuf) {
        let above = self.path.parent().unwrap_or(&self.path);
        (["../", name].concat(), above.join(name))
    }

    fn at(&self, step: &OsStr, path: PathBuf, forbidden: u32) -> Result<Self, FileError> {
        let flags = OFlag::O_RDONLY | DIRECTORY;
        let fd = openat(&self.fd, step, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::ELOOP | Errno::ENOTDIR => FileError::new(&path, Fault::NotADirectory),
            errno => FileError::system(&path)(errno),
        })?;
        let stat = fstat(&fd).map_err(FileError::system(&path))?;
        Self::checked(fd, path, &stat, self.owner, forbidden)
    }

    fn checked(
        fd: OwnedFd,
        path: PathBuf,
        stat: &FileStat,
        owner: u32,
        forbidden: u32,
    ) -> Result<Self, FileError> {
        check_owner(stat, &path, owner)?;
        check_mode(stat, &path, forbidden)?;
        Ok(Self {
            fd,
            path,
            owner,
            identity: identity(stat),
        })
    }

    /// Whether it was opened for `owner`.
    pub(crate) const fn is_of(&self, owner: u32) -> bool {
        self.owner == owner
    }

    /// Whether `path` leads to this directory, which is still its owner's alone.
    pub(crate) fn is_at(&self, path: &Path, forbidden: u32) -> bool {
        stat(path).is_ok_and(|there| {
            identity(&there) == self.identity
                && check_owner(&there, path, self.owner).is_ok()
                && check_mode(&there, path, forbidden).is_ok()
        })
    }

    /// Opens a regular file in this directory.
    ///
    /// # Errors
    /// [`Fault::Missing`] where there is nothing of that name; otherwise what is wrong: anything
    /// but a regular file with one name, of root or the directory's user, and with none of the
    /// mode bits `forbidden`.
    pub fn file(&self, name: impl AsRef<OsStr>, forbidden: u32) -> Result<CheckedFile, FileError> {
        let (name, path) = self.entry(name.as_ref())?;
        // Not blocking: opening a FIFO would wait for a writer that never comes.
        let flags = OFlag::O_RDONLY
            | OFlag::O_NOFOLLOW
            | OFlag::O_CLOEXEC
            | OFlag::O_NONBLOCK
            | OFlag::O_NOCTTY;
        let fd = openat(&self.fd, name, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::ELOOP => FileError::new(&path, Fault::Link),
            // A socket, or a device without a driver.
            Errno::ENXIO | Errno::ENODEV => FileError::new(&path, Fault::NotAFile),
            errno => FileError::system(&path)(errno),
        })?;
        let stat = fstat(&fd).map_err(FileError::system(&path))?;
        if !is_kind(&stat, SFlag::S_IFREG) {
            return Err(FileError::new(path, Fault::NotAFile));
        }
        check_owner(&stat, &path, self.owner)?;
        check_mode(&stat, &path, forbidden)?;
        // None at all is a document that was replaced since it was opened: whole, and as good
        // as if it had been read a moment earlier.
        if stat.st_nlink > 1 {
            return Err(FileError::new(path, Fault::HardLinks));
        }
        Ok(CheckedFile {
            file: File::from(fd),
            path,
            size: usize::try_from(stat.st_size).unwrap_or(usize::MAX),
            written: u64::try_from(stat.st_mtime).unwrap_or(0),
        })
    }

    /// Whether `name` in `parent` is still this directory.
    ///
    /// # Errors
    /// What the system said, unless that there is no such name.
    pub(crate) fn is_still(
        &self,
        parent: &Self,
        name: impl AsRef<OsStr>,
    ) -> Result<bool, FileError> {
        let failed = || FileError::system(&self.path);
        match fstatat(&parent.fd, name.as_ref(), AtFlags::AT_SYMLINK_NOFOLLOW) {
            Ok(there) => Ok(identity(&there) == self.identity),
            Err(Errno::ENOENT) => Ok(false),
            Err(errno) => Err(failed()(errno)),
        }
    }

    /// Where it is, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The name and path of an entry; a name leads nowhere else.
    pub(crate) fn entry<'a>(&self, name: &'a OsStr) -> Result<(&'a OsStr, PathBuf), FileError> {
        let path = self.path.join(name);
        let mut parts = Path::new(name).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(only)), None) if only == name => Ok((name, path)),
            _ => Err(FileError::new(path, Fault::NotAName)),
        }
    }
}

impl AsFd for CheckedDir {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// What a directory is known by, whatever it is called.
const fn identity(stat: &FileStat) -> (dev_t, ino_t) {
    (stat.st_dev, stat.st_ino)
}

/// An open regular file that passed every check of [`CheckedDir::file`].
#[derive(Debug)]
pub struct CheckedFile {
    file: File,
    path: PathBuf,
    size: usize,
    written: UnixTime,
}

impl CheckedFile {
    /// Where it is, for messages.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// When it was last written.
    #[must_use]
    pub const fn written(&self) -> UnixTime {
        self.written
    }

    /// Reads the whole file into a buffer that is wiped when dropped and never grows.
    ///
    /// # Errors
    /// [`Fault::TooLong`] where it is longer than `cap` bytes: nothing is ever cut.
    pub fn read(mut self, cap: usize) -> Result<Zeroizing<Vec<u8>>, FileError> {
        if self.size > cap {
            return Err(FileError::new(self.path, Fault::TooLong(cap)));
        }
        // One byte more than there should be tells whether there is more.
        let mut bytes = Zeroizing::new(vec![0; self.size.saturating_add(1)]);
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..) {
            match self.file.read(rest) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FileError::io(&self.path)(error)),
            }
            // As long as it was said to be: whether there is more is not worth another call.
            if filled == self.size {
                break;
            }
            if filled > self.size {
                return Err(FileError::new(self.path, Fault::Changed));
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

impl AsFd for CheckedFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

/// Reads the file at the absolute `path`: through a checked directory, a regular file of root or
/// `owner` with none of the mode bits `forbidden` and at most `cap` bytes.
///
/// # Errors
/// [`Fault::Missing`] where it or its directory does not exist; otherwise what is wrong.
pub fn read_file(
    path: &Path,
    owner: u32,
    forbidden: u32,
    cap: usize,
) -> Result<Zeroizing<Vec<u8>>, FileError> {
    open_file(path, owner, forbidden)?.read(cap)
}

/// Opens the file at the absolute `path`, as [`read_file`] does.
///
/// # Errors
/// As [`read_file`].
pub fn open_file(path: &Path, owner: u32, forbidden: u32) -> Result<CheckedFile, FileError> {
    let (dir, name) = split(path)?;
    CheckedDir::open(dir, owner, NOT_WRITABLE_BY_OTHERS)?.file(name, forbidden)
}

/// The directory and the name of a file.
pub(crate) fn split(path: &Path) -> Result<(&Path, &OsStr), FileError> {
    match (path.parent(), path.file_name()) {
        (Some(dir), Some(name)) => Ok((dir, name)),
        _ => Err(FileError::new(path, Fault::NotAName)),
    }
}

pub(crate) fn check_owner(stat: &FileStat, path: &Path, owner: u32) -> Result<(), FileError> {
    if stat.st_uid == 0 || stat.st_uid == owner {
        return Ok(());
    }
    let (found, wanted) = (stat.st_uid, owner);
    Err(FileError::new(path, Fault::Owner { found, wanted }))
}

pub(crate) fn check_mode(stat: &FileStat, path: &Path, forbidden: u32) -> Result<(), FileError> {
    if stat.st_mode & forbidden == 0 {
        return Ok(());
    }
    let found = stat.st_mode & 0o7777;
    Err(FileError::new(path, Fault::Mode { found, forbidden }))
}

pub(crate) fn is_kind(stat: &FileStat, kind: SFlag) -> bool {
    stat.st_mode & SFlag::S_IFMT.bits() == kind.bits()
}

#[cfg(test)]
mod tests;
