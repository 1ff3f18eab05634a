//! The way down to a directory, so that nobody can put another one in place of a step meanwhile.
//!
//! Where no directory on the way lets others change an entry, looking at each in turn is enough.
//! Where one does, as `/tmp` lets its users, or where a link leads on, every step is taken from a
//! directory that is open and was checked.

use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};

use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstat, fstatat, lstat};

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
    match straight(path, owner) {
        Some(found) => Ok(found),
        None => step_by_step(path, owner),
    }
}

/// The way by paths alone: one call for each directory in place of three. `None` where anything is
/// unusual, a fault too: the careful way says what.
///
/// The directories are looked at from `/` on. Whoever is neither root nor `owner` cannot change an
/// entry of one that passes, so the next name leads where it led when it was looked at.
fn straight(path: &Path, owner: u32) -> Option<(OwnedFd, PathBuf, FileStat)> {
    let mut place = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => {
                let stat = lstat(&place).ok()?;
                if !is_closed(&stat, &place, owner) {
                    return None;
                }
                place.push(name);
            }
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    let fd = open(&place, OFlag::O_RDONLY | DIRECTORY, Mode::empty()).ok()?;
    let stat = fstat(&fd).ok()?;
    check_step(&stat, &place, owner).ok()?;
    Some((fd, place, stat))
}

/// Whether this is a directory in which nobody but root and `owner` can change any entry.
fn is_closed(stat: &FileStat, path: &Path, owner: u32) -> bool {
    is_kind(stat, SFlag::S_IFDIR)
        && stat.st_mode & STICKY == 0
        && check_step(stat, path, owner).is_ok()
}

/// The way one name at a time.
fn step_by_step(path: &Path, owner: u32) -> Result<(OwnedFd, PathBuf, FileStat), FileError> {
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
                stat = checked(&fd, &next, owner)?;
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
    let stat = checked(&fd, path, owner)?;
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

/// An open directory on the way.
fn checked(fd: &OwnedFd, path: &Path, owner: u32) -> Result<FileStat, FileError> {
    let stat = fstat(fd).map_err(FileError::system(path))?;
    check_step(&stat, path, owner)?;
    Ok(stat)
}

/// A directory on the way: nobody else may be able to put another one in place of the next. In
/// a sticky one such as `/tmp` only the owner of an entry can, and that is checked next.
fn check_step(stat: &FileStat, path: &Path, owner: u32) -> Result<(), FileError> {
    check_owner(stat, path, owner)?;
    if stat.st_mode & STICKY == 0 {
        check_mode(stat, path, NOT_WRITABLE_BY_OTHERS)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::scratch::{Scratch, chmod, own_uid};

    #[test]
    fn both_ways_lead_to_the_same_directory() {
        let path = Path::new("/usr/./lib");
        let (_, place, stat) = straight(path, 0).unwrap();
        let (_, slowly, same) = step_by_step(path, 0).unwrap();
        assert_eq!(place, slowly);
        assert_eq!((stat.st_dev, stat.st_ino), (same.st_dev, same.st_ino));
    }

    #[test]
    fn the_quick_way_is_taken_only_where_others_can_change_nothing_on_it() {
        let scratch = Scratch::new();
        let path = scratch.path().join("directory");
        fs::create_dir(&path).unwrap();
        let closed = |path: &Path, owner| is_closed(&lstat(path).unwrap(), path, owner);
        for (mode, expected) in [
            (0o755, true),
            (0o700, true),
            (0o775, false),
            (0o757, false),
            (0o1777, false),
            (0o1755, false),
        ] {
            chmod(&path, mode);
            assert_eq!(closed(&path, own_uid()), expected, "{mode:o}");
        }
        chmod(&path, 0o755);
        assert_eq!(closed(&path, own_uid() + 1), own_uid() == 0);
        symlink("directory", scratch.path().join("link")).unwrap();
        assert!(!closed(&scratch.path().join("link"), own_uid()));
        fs::write(scratch.path().join("file"), "").unwrap();
        assert!(!closed(&scratch.path().join("file"), own_uid()));
    }

    #[test]
    fn the_quick_way_leaves_what_it_does_not_know_to_the_careful_one() {
        // A link could have led the step before `..` anywhere.
        assert!(straight(Path::new("/usr/../usr/lib"), 0).is_none());
        assert!(straight(Path::new("/usr/lib/no-such-directory"), 0).is_none());
        assert!(straight(Path::new("/etc/passwd"), 0).is_none());
        // Sticky, on every system.
        assert!(straight(Path::new("/tmp/x"), 0).is_none());
        assert!(step_by_step(Path::new("/usr/../usr/lib"), 0).is_ok());
    }
}
