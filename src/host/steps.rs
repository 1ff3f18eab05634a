//! The steps of the store that other processes can see, announced to a test before they are taken.
//! Only tests have this: a build that is used announces nothing.

use std::cell::RefCell;
use std::path::Path;

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Looking up an account's directory.
    Find,
    /// Opening a document, which is then read whole: no writer changes a file that has its name.
    Read,
    /// Trying a lock.
    Lock,
    /// Writing what is to replace a document, beside it.
    Write,
    /// Giving what was written its name.
    Rename,
    /// Giving a lock back.
    Unlock,
}

/// Hears of a step in a path, and answers whether it is to be taken; it may let the thread wait.
pub(crate) type Watcher = Box<dyn Fn(Step, &Path) -> bool>;

thread_local! {
    static WATCHER: RefCell<Option<Watcher>> = const { RefCell::new(None) };
}

/// Has `watcher` hear of this thread's steps until the thread ends.
pub(crate) fn watch(watcher: Watcher) {
    WATCHER.with(|slot| *slot.borrow_mut() = Some(watcher));
}

/// Announces a step; answers whether it is to be taken.
pub(crate) fn reach(step: Step, path: &Path) -> bool {
    WATCHER.with(|slot| {
        slot.borrow()
            .as_ref()
            .is_none_or(|watcher| watcher(step, path))
    })
}
