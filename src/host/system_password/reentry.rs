//! One hook of ours at a time: so that a stack which leads back to us ends in a refusal.

use std::cell::Cell;
use std::marker::PhantomData;

thread_local! {
    /// Whether a hook of ours runs. libpam calls modules in the thread of its caller, so a stack
    /// that leads back to us does so in this thread. A flag for the whole process would make one
    /// open prompt of a threaded server refuse everybody else.
    static RUNNING: Cell<bool> = const { Cell::new(false) };
}

/// While this lives, [`enter`] gives no other one in the same thread.
#[derive(Debug)]
#[must_use = "the hook counts as ended when this is dropped"]
pub struct HookGuard(PhantomData<*const ()>);

/// Marks that a hook of ours begins; `None` where one is running already, which must refuse.
#[must_use]
pub fn enter() -> Option<HookGuard> {
    // A guard may be made only where the flag was not set: dropping one clears it.
    (!RUNNING.replace(true)).then(|| HookGuard(PhantomData))
}

impl Drop for HookGuard {
    fn drop(&mut self) {
        RUNNING.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hook_inside_a_hook_is_refused_however_often_it_tries() {
        let outer = enter();
        assert!(outer.is_some());
        assert!(enter().is_none());
        assert!(enter().is_none());
        drop(outer);
        assert!(enter().is_some());
    }

    #[test]
    fn a_hook_that_panicked_does_not_stand_in_the_way_of_the_next() {
        let hook = std::panic::catch_unwind(|| {
            let _guard = enter();
            panic!("the panic of this test");
        });
        assert!(hook.is_err());
        assert!(enter().is_some());
    }

    #[test]
    fn an_open_prompt_of_one_thread_does_not_refuse_another() {
        let _here = enter();
        let there = std::thread::spawn(|| enter().is_some());
        assert!(there.join().unwrap());
    }
}
