//! The dialog of a login: the application's conversation function (pam_conv(3)).
//!
//! Written anew because every count and pointer that comes back is the application's word:
//! answers may be missing, huge or not freed, and a typed secret must not stay in the heap.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;
use std::time::Duration;

use kapu_core::ports::{Dialog, DialogError, Host, MAX_ANSWER};
use kapu_core::secret::Secret;
use kapu_host::qr::Qr;
use pamsm::Pam;
use zeroize::Zeroizing;

use crate::items::{self, PAM_SUCCESS};

/// `PAM_PROMPT_ECHO_OFF` of _pam_types.h.
const ECHO_OFF: c_int = 1;
/// `PAM_PROMPT_ECHO_ON`.
const ECHO_ON: c_int = 2;
/// `PAM_TEXT_INFO`.
const TEXT_INFO: c_int = 4;

/// Most questions of one login.
const MAX_PROMPTS: usize = 60;
/// Longest dialog of one login.
const MAX_DIALOG: Duration = Duration::from_secs(600);

/// `struct pam_message`.
#[repr(C)]
struct Message {
    style: c_int,
    text: *const c_char,
}

/// `struct pam_response`. Both it and the string in it come from malloc(3).
#[repr(C)]
struct Response {
    text: *mut c_char,
    code: c_int,
}

/// The function in `struct pam_conv`. On Linux the messages are an array of pointers.
type Converse =
    unsafe extern "C" fn(c_int, *mut *const Message, *mut *mut Response, *mut c_void) -> c_int;

/// `struct pam_conv`.
#[repr(C)]
struct Conv {
    function: Option<Converse>,
    data: *mut c_void,
}

/// The person at the other end of a PAM transaction.
pub(crate) struct Conversation<'a> {
    pam: &'a Pam,
    host: &'a dyn Host,
    started: Duration,
    prompts: usize,
    silent: bool,
}

impl<'a> Conversation<'a> {
    /// A dialog through the conversation of `pam`. `silent` is the caller's PAM_SILENT: texts
    /// are then left out, questions are not.
    pub(crate) fn new(pam: &'a Pam, host: &'a dyn Host, silent: bool) -> Self {
        Self {
            pam,
            host,
            started: host.elapsed(),
            prompts: 0,
            silent,
        }
    }

    fn ask(&mut self, style: c_int, prompt: &str) -> Result<Secret, DialogError> {
        self.prompts += 1;
        if self.prompts > MAX_PROMPTS || self.host.elapsed() - self.started > MAX_DIALOG {
            return Err(DialogError::Stopped);
        }
        self.send(style, prompt)?.ok_or(DialogError::BadAnswer)
    }

    /// Sends one message and takes the answer, `None` where there is none.
    fn send(&self, style: c_int, text: &str) -> Result<Option<Secret>, DialogError> {
        // It may hold a new key: a copy of ours shall not stay in the heap.
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + 1));
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(0);
        let text = CStr::from_bytes_with_nul(&bytes).map_err(|_| DialogError::BadAnswer)?;
        let conv = items::raw_item(self.pam, items::PAM_CONV).ok_or(DialogError::NoDialog)?;
        // SAFETY: PAM_CONV is the struct pam_conv that the application gave to pam_start(3) and
        // that libpam keeps for the whole transaction.
        let conv = unsafe { conv.cast::<Conv>().as_ref() };
        let function = conv.function.ok_or(DialogError::NoDialog)?;

        let message = Message {
            style,
            text: text.as_ptr(),
        };
        let mut messages = [&raw const message];
        let mut response: *mut Response = ptr::null_mut();
        // SAFETY: pam_conv(3): one message, an array of one pointer to it, a place for the
        // pointer to the responses, and the application's own data. All outlive the call.
        let code = unsafe { function(1, messages.as_mut_ptr(), &raw mut response, conv.data) };
        if code != PAM_SUCCESS {
            // pam_conv(3): the responses are then not set, and not ours to free.
            return Err(DialogError::Stopped);
        }
        // SAFETY: on success the responses, if any, are as `take` wants them.
        unsafe { take(response) }
    }
}

impl Dialog for Conversation<'_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask(ECHO_OFF, prompt)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask(ECHO_ON, prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        if self.silent {
            return Ok(());
        }
        self.send(TEXT_INFO, text).map(drop)
    }

    fn shows_texts(&self) -> bool {
        !self.silent
    }

    fn picture(&self, text: &Secret, plain: bool) -> Option<Secret> {
        Qr::in_a_dialog(text, plain)
    }
}

/// Copies the answer out, wipes it, and frees what the application allocated.
///
/// # Safety
/// `response` is null, or points to one `Response` from malloc(3) whose text is null or a
/// NUL-terminated string from malloc(3); both become ours (pam_conv(3)).
unsafe fn take(response: *mut Response) -> Result<Option<Secret>, DialogError> {
    if response.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, so by our contract one valid Response; it is freed only below.
    let text = unsafe { (*response).text };
    let answer = if text.is_null() {
        Ok(None)
    } else {
        // SAFETY: by our contract a NUL-terminated string.
        let length = unsafe { libc::strlen(text) };
        // SAFETY: strlen has just walked these bytes, and nobody else holds the pointer.
        let bytes = unsafe { std::slice::from_raw_parts_mut(text.cast::<u8>(), length) };
        let answer = if length <= MAX_ANSWER {
            Ok(Some(Secret::copy_of(bytes)))
        } else {
            Err(DialogError::BadAnswer)
        };
        zeroize::Zeroize::zeroize(bytes);
        // SAFETY: from malloc(3) by our contract, freed once, and `bytes` is not used again.
        unsafe { libc::free(text.cast()) };
        answer
    };
    // SAFETY: from malloc(3) by our contract, and freed once.
    unsafe { libc::free(response.cast()) };
    answer
}
