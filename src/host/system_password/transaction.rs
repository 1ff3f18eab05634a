//! A PAM transaction of our own, inside the one that called us.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr;

use super::code::Code;
use super::conversation::{Conversation, Message, Response, converse};

/// `PAM_USER` of _pam_types.h.
const PAM_USER: c_int = 2;
/// `PAM_FAIL_DELAY`.
const PAM_FAIL_DELAY: c_int = 10;
/// `PAM_DISALLOW_NULL_AUTHTOK`: an account without a password cannot log in.
const DISALLOW_NULL_AUTHTOK: c_int = 1;

/// The items that say where a login comes from.
#[derive(Debug, Clone, Copy)]
#[repr(i32)]
pub(super) enum Origin {
    /// `PAM_TTY`.
    Tty = 3,
    /// `PAM_RHOST`.
    Rhost = 4,
    /// `PAM_RUSER`.
    Ruser = 8,
}

/// `pam_handle_t`, which only libpam can look into.
type Handle = *mut c_void;

/// The function in `struct pam_conv`.
type Converse =
    unsafe extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

/// `struct pam_conv`.
#[repr(C)]
struct Conv {
    function: Converse,
    data: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start(
        service: *const c_char,
        user: *const c_char,
        conv: *const Conv,
        handle: *mut Handle,
    ) -> c_int;
    fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conv: *const Conv,
        directory: *const c_char,
        handle: *mut Handle,
    ) -> c_int;
    fn pam_set_item(handle: Handle, item: c_int, value: *const c_void) -> c_int;
    fn pam_get_item(handle: Handle, item: c_int, value: *mut *const c_void) -> c_int;
    fn pam_authenticate(handle: Handle, flags: c_int) -> c_int;
    fn pam_end(handle: Handle, status: c_int) -> c_int;
}

/// One transaction, from pam_start(3) to pam_end(3).
pub(super) struct Transaction<'a> {
    handle: Handle,
    /// What the last call returned, which pam_end(3) tells the modules.
    status: Code,
    /// libpam holds a pointer to it for as long as the transaction lasts.
    conversation: PhantomData<&'a Conversation<'a>>,
}

impl<'a> Transaction<'a> {
    /// Starts one with the service files in `directory`, or else with the system's.
    pub(super) fn start(
        service: &CStr,
        directory: Option<&CStr>,
        user: &CStr,
        conversation: &'a Conversation<'a>,
    ) -> Result<Self, Code> {
        let conv = Conv {
            function: converse,
            data: ptr::from_ref(conversation).cast_mut().cast(),
        };
        let mut handle: Handle = ptr::null_mut();
        let (service, user) = (service.as_ptr(), user.as_ptr());
        let code = match directory {
            // SAFETY: pam_start(3): NUL-terminated strings and a struct pam_conv, all copied
            // during the call, and a place for the handle. What `conv.data` points to outlives
            // the transaction by our lifetime.
            None => unsafe { pam_start(service, user, &raw const conv, &raw mut handle) },
            // SAFETY: the same, and one more string.
            Some(directory) => unsafe {
                let directory = directory.as_ptr();
                pam_start_confdir(service, user, &raw const conv, directory, &raw mut handle)
            },
        };
        // After a failure there is no transaction to end.
        succeeded(Code(code))?;
        let transaction = Self {
            handle,
            status: Code::SUCCESS,
            conversation: PhantomData,
        };
        transaction.leave_delays_to_the_caller()?;
        Ok(transaction)
    }

    /// Sets where the login comes from.
    pub(super) fn set_origin(&self, item: Origin, value: &CStr) -> Result<(), Code> {
        // SAFETY: pam_set_item(3): these items are NUL-terminated strings, copied by libpam.
        let code = unsafe { pam_set_item(self.handle, item as c_int, value.as_ptr().cast()) };
        succeeded(Code(code))
    }

    /// Runs the `auth` rules.
    pub(super) fn authenticate(&mut self) -> Code {
        // SAFETY: a handle that pam_start(3) made and that was not ended.
        self.status = Code(unsafe { pam_authenticate(self.handle, DISALLOW_NULL_AUTHTOK) });
        self.status
    }

    /// Whether the transaction is still about this user: modules may change that.
    pub(super) fn is_about(&self, user: &CStr) -> bool {
        let mut value = ptr::null();
        // SAFETY: a live handle and a place for a pointer (pam_get_item(3)).
        let code = Code(unsafe { pam_get_item(self.handle, PAM_USER, &raw mut value) });
        if code != Code::SUCCESS || value.is_null() {
            return false;
        }
        // SAFETY: PAM_USER is a NUL-terminated string that is libpam's until it is set again.
        let now = unsafe { CStr::from_ptr(value.cast()) };
        now == user
    }

    /// Modules ask libpam to wait after a failure. The calling transaction has its own delay and
    /// we our beat, so here nobody waits.
    fn leave_delays_to_the_caller(&self) -> Result<(), Code> {
        let function: DelayFunction = no_delay;
        let value = function as *const c_void;
        // SAFETY: pam_fail_delay(3): the item is a pointer to a function of this signature.
        let code = unsafe { pam_set_item(self.handle, PAM_FAIL_DELAY, value) };
        succeeded(Code(code))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // SAFETY: a handle that pam_start(3) made, ended here and nowhere else. Its code is
        // about the modules' tidying up, which no longer concerns anybody.
        unsafe { pam_end(self.handle, self.status.0) };
    }
}

/// What the item PAM_FAIL_DELAY points to: the stack's code, microseconds, the conversation's data.
type DelayFunction = extern "C" fn(c_int, c_uint, *mut c_void);

/// Does not wait.
extern "C" fn no_delay(_status: c_int, _microseconds: c_uint, _data: *mut c_void) {}

fn succeeded(code: Code) -> Result<(), Code> {
    if code == Code::SUCCESS {
        Ok(())
    } else {
        Err(code)
    }
}
