//! Copied into the weakened tree as `kapu_core::weak`: which defence is missing in this process.
//! The preloaded library of the tests (support/private_host.c) knows it: the environment does not,
//! since sshd empties that of the process in which it runs PAM.

use std::ffi::{CStr, c_char, c_void};

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, symbol: *const c_char) -> *mut c_void;
}

/// Whether the defence of that name is missing.
pub fn is(name: &str) -> bool {
    // SAFETY: a null handle is RTLD_DEFAULT, and the name is terminated.
    let found = unsafe { dlsym(std::ptr::null_mut(), c"kapu_test_weakness".as_ptr()) };
    if found.is_null() {
        return false;
    }
    // SAFETY: the library defines this symbol as a function of this type.
    let weakness: extern "C" fn() -> *const c_char = unsafe { std::mem::transmute(found) };
    let chosen = weakness();
    // SAFETY: null, or a terminated string that stays.
    !chosen.is_null() && unsafe { CStr::from_ptr(chosen) }.to_bytes() == name.as_bytes()
}
