//! Why a file was not opened or not written, and what the administrator should do about it.

use std::fmt;
use std::path::{Path, PathBuf};

use kapu_core::ports::{Trouble, TroubleKind};
use nix::errno::Errno;

use crate::checked_open::NOT_WRITABLE_BY_OTHERS;

/// A file or directory, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// Which, as an absolute path.
    pub path: PathBuf,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a file or directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// There is nothing of that name, in a directory that could be searched (ENOENT).
    Missing,
    /// The path does not start with `/`, or the name is not one.
    NotAName,
    /// A symbolic link where there must be none.
    Link,
    /// More symbolic links on the way than path_resolution(7) allows.
    TooManyLinks,
    /// Not a regular file: a directory, a FIFO, a device.
    NotAFile,
    /// Not a directory.
    NotADirectory,
    /// Owned by somebody who must not decide about it.
    Owner {
        /// Who owns it.
        found: u32,
        /// Who should, unless root does.
        wanted: u32,
    },
    /// Others may do what they must not.
    Mode {
        /// The mode it has.
        found: u32,
        /// The bits it must not have.
        forbidden: u32,
    },
    /// Another name leads to it, perhaps from a directory that others may write.
    HardLinks,
    /// Longer than this many bytes.
    TooLong(usize),
    /// It grew while it was being read.
    Changed,
    /// The process may not write so long a file (RLIMIT_FSIZE); trying would kill it.
    SizeLimit,
    /// Somebody else held its lock all the time that we waited.
    Busy,
    /// The system said no.
    System(Errno),
}

impl FileError {
    /// `fault` of the file at `path`.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>, fault: Fault) -> Self {
        Self {
            path: path.into(),
            fault,
        }
    }

    /// What the system said about `path`; ENOENT becomes [`Fault::Missing`].
    pub(crate) fn system(path: &Path) -> impl FnOnce(Errno) -> Self {
        move |errno| {
            let fault = match errno {
                Errno::ENOENT => Fault::Missing,
                errno => Fault::System(errno),
            };
            Self::new(path, fault)
        }
    }

    /// As [`system`](FileError::system), of an error of the standard library.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |error| {
            let errno = error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
            Self::system(path)(errno)
        }
    }

    /// Whether there is certainly nothing of that name.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.fault == Fault::Missing
    }

    /// The command that mends it, where one can be named.
    #[must_use]
    pub fn remedy(&self) -> Option<String> {
        let path = self.path.display();
        match self.fault {
            Fault::Owner { wanted, .. } => Some(format!("chown {wanted} {path}")),
            Fault::Mode { forbidden, .. } => {
                let change = match forbidden {
                    NOT_WRITABLE_BY_OTHERS => "go-w",
                    _ => "go=",
                };
                Some(format!("chmod {change} {path}"))
            }
            _ => None,
        }
    }

    /// The same as a trouble of some kind.
    #[must_use]
    pub fn trouble(&self, kind: TroubleKind) -> Trouble {
        Trouble::new(kind, self.to_string())
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.path.display(), self.fault)?;
        match self.remedy() {
            Some(command) => write!(formatter, "; run {command}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => formatter.write_str("there is no such file or directory"),
            Self::NotAName => formatter.write_str("not an absolute path or not a file name"),
            Self::Link => formatter.write_str("a symbolic link; put the file itself there"),
            Self::TooManyLinks => formatter.write_str("too many symbolic links"),
            Self::NotAFile => formatter.write_str("not a regular file"),
            Self::NotADirectory => formatter.write_str("not a directory"),
            Self::Owner { found, .. } => write!(formatter, "owned by uid {found}"),
            Self::Mode { found, forbidden } => {
                let verb = match *forbidden {
                    NOT_WRITABLE_BY_OTHERS => "write",
                    _ => "use",
                };
                write!(formatter, "mode {found:04o} lets others {verb} it")
            }
            Self::HardLinks => {
                formatter.write_str("has another name too (a hard link); remove that one")
            }
            Self::TooLong(cap) => write!(formatter, "longer than {cap} bytes"),
            Self::Changed => formatter.write_str("changed while it was being read"),
            Self::SizeLimit => formatter.write_str(
                "longer than this process may write; raise its file size limit (ulimit -f)",
            ),
            Self::Busy => formatter.write_str("locked by another process for too long"),
            Self::System(errno) => write!(formatter, "{errno}"),
        }
    }
}

impl std::error::Error for FileError {}
