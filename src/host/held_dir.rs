//! A directory that is opened once for several uses.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::checked_open::CheckedDir;
use crate::file_error::FileError;

/// A directory that the way down to is taken once, for as long as its path leads to it.
///
/// The directories above, and links on the way, are looked at when the way is taken. Whoever could
/// put others in their place later is root or `owner`, who may; and then the path, as it was named,
/// leads to another directory, and the way is taken anew.
#[derive(Debug)]
pub(crate) struct HeldDir {
    path: PathBuf,
    owner: u32,
    forbidden: u32,
    held: Mutex<Option<Arc<CheckedDir>>>,
}

/// A directory that the way down to was taken, and its name then.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) path: PathBuf,
    pub(crate) dir: Arc<CheckedDir>,
}

impl HeldDir {
    /// The directory at the absolute `path`, not yet opened: as [`CheckedDir::open`].
    pub(crate) fn new(path: impl Into<PathBuf>, owner: u32, forbidden: u32) -> Self {
        Self {
            path: path.into(),
            owner,
            forbidden,
            held: Mutex::new(None),
        }
    }

    /// The same, opened already where `known` is that directory, under that very name, by the same
    /// owner: another name may lead there by another way.
    pub(crate) fn known_as(self, known: Option<&Known>) -> Self {
        let same = known.filter(|known| known.path == self.path && known.dir.is_of(self.owner));
        Self {
            held: Mutex::new(same.map(|known| Arc::clone(&known.dir))),
            ..self
        }
    }

    /// Where it is, as it was named.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Closes it, until it is wanted again.
    pub(crate) fn let_go(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The directory, opened.
    ///
    /// # Errors
    /// As [`CheckedDir::open`].
    pub(crate) fn get(&self) -> Result<Arc<CheckedDir>, FileError> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dir) = held
            .as_ref()
            .filter(|dir| dir.is_at(&self.path, self.forbidden))
        {
            return Ok(Arc::clone(dir));
        }
        let dir = Arc::new(CheckedDir::open(&self.path, self.owner, self.forbidden)?);
        *held = Some(Arc::clone(&dir));
        Ok(dir)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::checked_open::PRIVATE;
    use crate::file_error::Fault;
    use crate::scratch::{Scratch, chmod, own_uid};

    /// Two directories, and a link that leads to the first.
    fn scene() -> Scratch {
        let scratch = Scratch::new();
        for name in ["first", "second"] {
            fs::create_dir(scratch.path().join(name)).unwrap();
            chmod(&scratch.path().join(name), 0o700);
        }
        symlink("first", scratch.path().join("link")).unwrap();
        scratch
    }

    fn held(scene: &Scratch, name: &str) -> HeldDir {
        HeldDir::new(scene.path().join(name), own_uid(), PRIVATE)
    }

    #[test]
    fn it_is_opened_once() {
        let scene = scene();
        let held = held(&scene, "link");
        assert!(Arc::ptr_eq(&held.get().unwrap(), &held.get().unwrap()));
    }

    #[test]
    fn what_is_known_under_another_name_or_of_another_owner_is_not_taken_for_it() {
        let scene = scene();
        let known = Known {
            path: scene.path().join("first"),
            dir: held(&scene, "first").get().unwrap(),
        };
        let take = |name: &str, owner| {
            let held = HeldDir::new(scene.path().join(name), owner, PRIVATE).known_as(Some(&known));
            held.get().is_ok_and(|dir| Arc::ptr_eq(&dir, &known.dir))
        };
        assert!(take("first", own_uid()));
        assert!(!take("link", own_uid()));
        assert!(!take("second", own_uid()));
        assert!(!take("first", own_uid() + 1));
    }

    #[test]
    fn a_link_that_leads_elsewhere_by_now_is_followed_anew() {
        let scene = scene();
        let held = held(&scene, "link");
        let before = held.get().unwrap();
        fs::remove_file(scene.path().join("link")).unwrap();
        symlink("second", scene.path().join("link")).unwrap();
        let after = held.get().unwrap();
        assert!(!Arc::ptr_eq(&before, &after));
        assert!(after.path().ends_with("second"));
    }

    #[test]
    fn another_directory_in_its_place_is_opened_and_an_opened_up_one_refused() {
        let scene = scene();
        let held = held(&scene, "first");
        let before = held.get().unwrap();
        fs::rename(scene.path().join("first"), scene.path().join("old")).unwrap();
        assert!(held.get().unwrap_err().is_missing());
        fs::rename(scene.path().join("second"), scene.path().join("first")).unwrap();
        assert!(!Arc::ptr_eq(&before, &held.get().unwrap()));
        chmod(&scene.path().join("first"), 0o750);
        let fault = held.get().unwrap_err().fault;
        assert!(matches!(fault, Fault::Mode { .. }), "{fault:?}");
    }
}
