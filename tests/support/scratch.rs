//! A directory of its own for each test, gone afterwards.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// A new directory, mode 0700, removed with all that is in it.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes one below the directory for temporary files.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "it makes a directory: that should be seen"
    )]
    pub fn new() -> Self {
        let template = env::temp_dir().join("kapu-test.XXXXXX");
        let mut bytes = template.into_os_string().as_bytes().to_vec();
        bytes.push(0);
        // SAFETY: a writable, terminated template, as mkdtemp(3) asks.
        let made = unsafe { libc::mkdtemp(bytes.as_mut_ptr().cast()) };
        assert!(
            !made.is_null(),
            "mkdtemp: {}",
            std::io::Error::last_os_error()
        );
        bytes.pop();
        Self {
            path: PathBuf::from(OsString::from_vec(bytes)),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into it and returns its path.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn write(&self, name: &str, mode: u32, content: &str) -> PathBuf {
        let path = self.path.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).expect("a directory in the scratch directory");
        }
        fs::write(&path, content).expect("a file in the scratch directory");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("its mode");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("{} stays: {error}", self.path.display());
        }
    }
}
