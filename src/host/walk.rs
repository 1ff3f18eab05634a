//! The way down to a directory, one name at a time: every step is taken from a directory that was
//! checked already, so that nobody can put another one in its place meanwhile.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat};

use crate::checked_open::{NOT_WRITABLE_BY_OTHERS, check_mode, check_owner, is_kind};
use crate::file_error::{Fault, FileError};

/// Most symbolic links on the way, as in the kernel (path_resolution(7)).
pub(crate) const MAX_LINKS: usize = 40;

/// `S_ISVTX`: only the owner of an entry may rename or remove it.
const STICKY: u32 = 0o1000;

/// What every directory is opened with.
pub(crate) const DIRECTORY: OFlag = OFlag::O_DIRECTORY
    .union(OFlag::O_NOFOLLOW)
    .union(OFlag::O_CLOEXEC);

/// Goes down to the absolute `path`. Returns the directory, opened for reading, its path without
/// symbolic links, and what it was found to be. Those above it are opened for nothing but going on
/// from them.
pub(crate) fn walk(path: &Path, owner: u32) -> Result<(OwnedFd, PathBuf, FileStat), FileError> {
    if !path.is_absolute() {
        return Err(FileError::new(path, Fault::NotAName));
    }
    let mut todo: VecDeque<OsString> = steps(path).collect();
    let mut place = PathBuf::from("/");
    let (mut here, mut stat) = root(owner, purpose(&todo))?;
    let mut links = 0;
    while let Some(name) = todo.pop_front() {
        let next = if name == ".." {
            place.parent().unwrap_or(&place).to_owned()
        } else {
            place.join(&name)
        };
        match openat(&here, &*name, purpose(&todo) | DIRECTORY, Mode::empty()) {
            Ok(fd) => {
                stat = check_step(&fd, &next, owner)?;
                (here, place) = (fd, next);
            }
            Err(Errno::ELOOP | Errno::ENOTDIR) => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(FileError::new(next, Fault::TooManyLinks));
                }
                let target = read_link(&here, &name, &next, owner)?;
                for step in steps(&target).collect::<Vec<_>>().into_iter().rev() {
                    todo.push_front(step);
                }
                if target.is_absolute() {
                    (here, stat) = root(owner, purpose(&todo))?;
                    place = PathBuf::from("/");
                } else if todo.is_empty() {
                    // A link to `.` as the last step: the directory where it stands.
                    here = openat(&here, ".", OFlag::O_RDONLY | DIRECTORY, Mode::empty())
                        .map_err(FileError::system(&place))?;
                }
            }
            Err(errno) => return Err(FileError::system(&next)(errno)),
        }
    }
    Ok((here, place, stat))
}

/// What a directory is opened for from which the steps `todo` are still to be taken.
fn purpose(todo: &VecDeque<OsString>) -> OFlag {
    if todo.is_empty() {
        OFlag::O_RDONLY
    } else {
        OFlag::O_PATH
    }
}

fn root(owner: u32, purpose: OFlag) -> Result<(OwnedFd, FileStat), FileError> {
    let path = Path::new("/");
    let fd = open(path, purpose | DIRECTORY, Mode::empty()).map_err(FileError::system(path))?;
    let stat = check_step(&fd, path, owner)?;
    Ok((fd, stat))
}

/// The names in a path, `..` included: taken from an open directory it is the true parent.
fn steps(path: &Path) -> impl Iterator<Item = OsString> {
    path.components().filter_map(|part| match part {
        Component::Normal(_) | Component::ParentDir => Some(part.as_os_str().to_owned()),
        Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
    })
}

fn read_link(above: &OwnedFd, name: &OsStr, path: &Path, owner: u32) -> Result<PathBuf, FileError> {
    let stat =
        fstatat(above, name, AtFlags::AT_SYMLINK_NOFOLLOW).map_err(FileError::system(path))?;
    if !is_kind(&stat, SFlag::S_IFLNK) {
        return Err(FileError::new(path, Fault::NotADirectory));
    }
    check_owner(&stat, path, owner)?;
    readlinkat(above, name)
        .map(PathBuf::from)
        .map_err(FileError::system(path))
}

/// A directory on the way: nobody else may be able to put another one in place of the next. In
/// a sticky one such as `/tmp` only the owner of an entry can, and that is checked next.
fn check_step(fd: &OwnedFd, path: &Path, owner: u32) -> Result<FileStat, FileError> {
    let stat = fstat(fd).map_err(FileError::system(path))?;
    check_owner(&stat, path, owner)?;
    if stat.st_mode & STICKY == 0 {
        check_mode(&stat, path, NOT_WRITABLE_BY_OTHERS)?;
    }
    Ok(stat)
}
