//! The little of libpam that an application needs, and a transaction that ends itself.

use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::marker::PhantomData;
use std::ptr;
use std::time::Duration;

use crate::conversation::Conversation;

pub(crate) const PAM_SUCCESS: c_int = 0;
pub(crate) const PAM_BUF_ERR: c_int = 5;
pub(crate) const PAM_CONV_ERR: c_int = 19;
pub(crate) const PAM_CONV_AGAIN: c_int = 30;

pub(crate) const PAM_PROMPT_ECHO_OFF: c_int = 1;
pub(crate) const PAM_PROMPT_ECHO_ON: c_int = 2;
pub(crate) const PAM_ERROR_MSG: c_int = 3;
pub(crate) const PAM_TEXT_INFO: c_int = 4;

pub(crate) const PAM_TTY: c_int = 3;
pub(crate) const PAM_RHOST: c_int = 4;
pub(crate) const PAM_RUSER: c_int = 8;
const PAM_FAIL_DELAY: c_int = 10;

/// `PAM_CHANGE_EXPIRED_AUTHTOK`.
pub(crate) const PAM_CHANGE_EXPIRED_AUTHTOK: c_int = 0x20;
/// No texts, please.
pub(crate) const PAM_SILENT: c_int = 0x8000;
const PAM_ESTABLISH_CRED: c_int = 2;

/// The names of the return codes, by number (security/_pam_types.h).
const NAMES: [&str; 32] = [
    "PAM_SUCCESS",
    "PAM_OPEN_ERR",
    "PAM_SYMBOL_ERR",
    "PAM_SERVICE_ERR",
    "PAM_SYSTEM_ERR",
    "PAM_BUF_ERR",
    "PAM_PERM_DENIED",
    "PAM_AUTH_ERR",
    "PAM_CRED_INSUFFICIENT",
    "PAM_AUTHINFO_UNAVAIL",
    "PAM_USER_UNKNOWN",
    "PAM_MAXTRIES",
    "PAM_NEW_AUTHTOK_REQD",
    "PAM_ACCT_EXPIRED",
    "PAM_SESSION_ERR",
    "PAM_CRED_UNAVAIL",
    "PAM_CRED_EXPIRED",
    "PAM_CRED_ERR",
    "PAM_NO_MODULE_DATA",
    "PAM_CONV_ERR",
    "PAM_AUTHTOK_ERR",
    "PAM_AUTHTOK_RECOVERY_ERR",
    "PAM_AUTHTOK_LOCK_BUSY",
    "PAM_AUTHTOK_DISABLE_AGING",
    "PAM_TRY_AGAIN",
    "PAM_IGNORE",
    "PAM_ABORT",
    "PAM_AUTHTOK_EXPIRED",
    "PAM_MODULE_UNKNOWN",
    "PAM_BAD_ITEM",
    "PAM_CONV_AGAIN",
    "PAM_INCOMPLETE",
];

/// The name of a return code.
pub(crate) fn name(code: c_int) -> &'static str {
    usize::try_from(code)
        .ok()
        .and_then(|index| NAMES.get(index))
        .copied()
        .unwrap_or("PAM_?")
}

#[repr(C)]
struct PamHandle {
    _private: [u8; 0],
}

/// `struct pam_message`
#[repr(C)]
pub(crate) struct PamMessage {
    pub(crate) msg_style: c_int,
    pub(crate) msg: *const c_char,
}

/// `struct pam_response`
#[repr(C)]
pub(crate) struct PamResponse {
    pub(crate) resp: *mut c_char,
    pub(crate) resp_retcode: c_int,
}

/// The type of the function in a [`PamConv`].
pub(crate) type ConvFn =
    extern "C" fn(c_int, *mut *const PamMessage, *mut *mut PamResponse, *mut c_void) -> c_int;

/// `struct pam_conv`
#[repr(C)]
pub(crate) struct PamConv {
    pub(crate) conv: Option<ConvFn>,
    pub(crate) appdata_ptr: *mut c_void,
}

#[link(name = "pam")]
unsafe extern "C" {
    fn pam_start_confdir(
        service: *const c_char,
        user: *const c_char,
        conversation: *const PamConv,
        confdir: *const c_char,
        handle: *mut *mut PamHandle,
    ) -> c_int;
    fn pam_end(handle: *mut PamHandle, status: c_int) -> c_int;
    fn pam_set_item(handle: *mut PamHandle, item: c_int, value: *const c_void) -> c_int;
    fn pam_putenv(handle: *mut PamHandle, pair: *const c_char) -> c_int;
    fn pam_getenvlist(handle: *mut PamHandle) -> *mut *mut c_char;
    fn pam_authenticate(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_setcred(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_acct_mgmt(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_open_session(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_close_session(handle: *mut PamHandle, flags: c_int) -> c_int;
    fn pam_chauthtok(handle: *mut PamHandle, flags: c_int) -> c_int;
}

/// In place of libpam's waiting after a refusal: the suites measure the module's own, and see what
/// libpam's would have been.
extern "C" fn no_delay(_code: c_int, microseconds: c_uint, _appdata: *mut c_void) {
    println!("delay {microseconds}");
}

/// A PAM transaction, from pam_start_confdir(3) to pam_end(3).
pub(crate) struct Transaction<'a> {
    handle: *mut PamHandle,
    last: c_int,
    conversation: *const Conversation,
    _conversation: PhantomData<&'a mut Conversation>,
}

impl<'a> Transaction<'a> {
    /// Begins a transaction with the service files of `confdir` alone.
    pub(crate) fn start(
        confdir: &CStr,
        service: &CStr,
        user: Option<&CStr>,
        conversation: &'a mut Conversation,
    ) -> Result<Self, String> {
        let conv = conversation.as_pam_conv();
        let mut handle = ptr::null_mut();
        // SAFETY: terminated strings (or null for no user) and a structure that libpam copies;
        // what it points to is borrowed for 'a, which the transaction does not outlive.
        let code = unsafe {
            pam_start_confdir(
                service.as_ptr(),
                user.map_or(ptr::null(), CStr::as_ptr),
                &raw const conv,
                confdir.as_ptr(),
                &raw mut handle,
            )
        };
        if code != PAM_SUCCESS || handle.is_null() {
            return Err(format!("pam_start_confdir: {}", name(code)));
        }
        Ok(Self {
            handle,
            last: PAM_SUCCESS,
            conversation: conv.appdata_ptr.cast_const().cast(),
            _conversation: PhantomData,
        })
    }

    /// Lets a refusal return at once, as far as libpam is concerned.
    pub(crate) fn without_fail_delay(&mut self) {
        let function: extern "C" fn(c_int, c_uint, *mut c_void) = no_delay;
        // SAFETY: the item PAM_FAIL_DELAY is a function of this type (pam_set_item(3)).
        unsafe { pam_set_item(self.handle, PAM_FAIL_DELAY, function as *const c_void) };
    }

    /// Sets a text item.
    pub(crate) fn set_item(&mut self, item: c_int, value: &CString) -> Result<(), String> {
        // SAFETY: a terminated string, which libpam copies.
        match unsafe { pam_set_item(self.handle, item, value.as_ptr().cast()) } {
            PAM_SUCCESS => Ok(()),
            code => Err(format!("pam_set_item {item}: {}", name(code))),
        }
    }

    /// Sets a pair `NAME=VALUE` of the PAM environment.
    pub(crate) fn put_environment(&mut self, pair: &CStr) -> Result<(), String> {
        // SAFETY: a terminated string, which libpam copies.
        match unsafe { pam_putenv(self.handle, pair.as_ptr()) } {
            PAM_SUCCESS => Ok(()),
            code => Err(format!("pam_putenv: {}", name(code))),
        }
    }

    pub(crate) fn authenticate(&mut self, flags: c_int) -> c_int {
        self.call(pam_authenticate, flags)
    }

    pub(crate) fn setcred(&mut self) -> c_int {
        self.call(pam_setcred, PAM_ESTABLISH_CRED)
    }

    pub(crate) fn acct_mgmt(&mut self) -> c_int {
        self.call(pam_acct_mgmt, 0)
    }

    pub(crate) fn open_session(&mut self) -> c_int {
        self.call(pam_open_session, 0)
    }

    pub(crate) fn close_session(&mut self) -> c_int {
        self.call(pam_close_session, 0)
    }

    pub(crate) fn chauthtok(&mut self, flags: c_int) -> c_int {
        self.call(pam_chauthtok, flags)
    }

    fn call(
        &mut self,
        function: unsafe extern "C" fn(*mut PamHandle, c_int) -> c_int,
        flags: c_int,
    ) -> c_int {
        // SAFETY: the handle is live until pam_end(3) in `drop`.
        self.last = unsafe { function(self.handle, flags) };
        self.last
    }

    /// Time since the conversation gave its last answer.
    pub(crate) fn since_last_answer(&self) -> Option<Duration> {
        // SAFETY: the Conversation is borrowed for 'a; libpam touches it only inside its calls.
        unsafe { &*self.conversation }.since_last_answer()
    }

    /// The PAM environment as `NAME=VALUE` pairs.
    pub(crate) fn environment(&mut self) -> Vec<Vec<u8>> {
        let mut pairs = Vec::new();
        // SAFETY: pam_getenvlist(3): null, or a list of strings from malloc(3) that ends in null;
        // list and strings are the caller's to free, which is done once for each.
        unsafe {
            let list = pam_getenvlist(self.handle);
            if list.is_null() {
                return pairs;
            }
            let mut entry = list;
            while !(*entry).is_null() {
                pairs.push(CStr::from_ptr(*entry).to_bytes().to_vec());
                libc::free((*entry).cast());
                entry = entry.add(1);
            }
            libc::free(list.cast());
        }
        pairs
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        // SAFETY: the handle is from pam_start_confdir(3) and is ended here alone.
        unsafe { pam_end(self.handle, self.last) };
    }
}
