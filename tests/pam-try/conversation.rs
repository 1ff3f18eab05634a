//! The application's side of pam_conv(3): it answers hidden and shown prompts from a list and
//! prints what it was asked and told.

use std::collections::VecDeque;
use std::ffi::{CStr, CString, c_int, c_void};
use std::ptr;
use std::time::{Duration, Instant, SystemTime};

use crate::libpam::{
    PAM_BUF_ERR, PAM_CONV_ERR, PAM_ERROR_MSG, PAM_PROMPT_ECHO_OFF, PAM_PROMPT_ECHO_ON, PAM_SUCCESS,
    PAM_TEXT_INFO, PamConv, PamMessage, PamResponse,
};

/// How answers reach the module: well, or in one of the ways that a bad application has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// As pam_conv(3) says.
    Answers,
    /// The application has no conversation function.
    Absent,
    /// The function returns PAM_CONV_ERR.
    Failing,
    /// The function succeeds, and every reply is a null pointer.
    NullReplies,
    /// The function succeeds and leaves the array of replies null.
    NullArray,
}

/// The answers still to be given, and what is known of those given.
#[derive(Debug)]
pub(crate) struct Conversation {
    carrier: Carrier,
    answers: VecDeque<CString>,
    release_at: Option<SystemTime>,
    given: usize,
    last_answer: Option<Instant>,
}

impl Conversation {
    /// A conversation that has not begun.
    pub(crate) fn new(
        carrier: Carrier,
        answers: Vec<CString>,
        release_at: Option<SystemTime>,
    ) -> Self {
        Self {
            carrier,
            answers: answers.into(),
            release_at,
            given: 0,
            last_answer: None,
        }
    }

    /// Time since the last answer was given, or since the last question that got none.
    pub(crate) fn since_last_answer(&self) -> Option<Duration> {
        self.last_answer.map(|answered| answered.elapsed())
    }

    /// The C structure for this conversation. It points to `self`, which must outlive it.
    pub(crate) fn as_pam_conv(&mut self) -> PamConv {
        PamConv {
            conv: (self.carrier != Carrier::Absent).then_some(converse as _),
            appdata_ptr: ptr::from_mut(self).cast(),
        }
    }

    /// Prints one message and finds its answer: `Ok(None)` where none is due.
    fn take(&mut self, style: c_int, text: &CStr) -> Result<Option<CString>, c_int> {
        let kind = match style {
            PAM_PROMPT_ECHO_OFF => "ask hidden",
            PAM_PROMPT_ECHO_ON => "ask shown",
            PAM_ERROR_MSG => "say error",
            PAM_TEXT_INFO => "say info",
            _ => return Err(PAM_CONV_ERR),
        };
        println!("{kind} {}", text.to_bytes().escape_ascii());
        if style == PAM_ERROR_MSG || style == PAM_TEXT_INFO {
            return Ok(None);
        }
        if self.given > 0 {
            sleep_until(self.release_at);
        }
        self.given += 1;
        self.last_answer = Some(Instant::now());
        match self.carrier {
            Carrier::Answers => self.answers.pop_front().map(Some).ok_or(PAM_CONV_ERR),
            Carrier::NullReplies => Ok(None),
            Carrier::Absent | Carrier::Failing | Carrier::NullArray => Err(PAM_CONV_ERR),
        }
    }
}

/// Waits for a moment, if there is one and it has not passed.
pub(crate) fn sleep_until(moment: Option<SystemTime>) {
    let wait = moment.and_then(|moment| moment.duration_since(SystemTime::now()).ok());
    if let Some(wait) = wait {
        std::thread::sleep(wait);
    }
}

/// The function of pam_conv(3).
extern "C" fn converse(
    count: c_int,
    messages: *mut *const PamMessage,
    replies: *mut *mut PamResponse,
    appdata: *mut c_void,
) -> c_int {
    let Ok(count) = usize::try_from(count) else {
        return PAM_CONV_ERR;
    };
    // SAFETY: appdata is the pointer of `as_pam_conv`, whose Conversation outlives the
    // transaction, and libpam calls from one thread, so there is no other reference.
    let conversation = unsafe { &mut *appdata.cast::<Conversation>() };
    // SAFETY: calloc(3) with a count and a size; null is checked.
    let array = unsafe { libc::calloc(count, size_of::<PamResponse>()) }.cast::<PamResponse>();
    if array.is_null() {
        return PAM_BUF_ERR;
    }
    for index in 0..count {
        // SAFETY: pam_conv(3), as Linux-PAM does it: `messages` is an array of `count` pointers to
        // messages, each with a string that ends in a zero byte.
        let (style, text) = unsafe {
            let message = &**messages.add(index);
            (message.msg_style, CStr::from_ptr(message.msg))
        };
        match conversation.take(style, text) {
            Ok(Some(answer)) => {
                // SAFETY: the array has `count` elements; strdup(3) copies a terminated string.
                unsafe { (*array.add(index)).resp = libc::strdup(answer.as_ptr()) };
            }
            Ok(None) => {}
            Err(code) => {
                // SAFETY: as above; the strings set so far are ours, from strdup(3).
                unsafe { release(array, count) };
                return if conversation.carrier == Carrier::NullArray {
                    // SAFETY: libpam hands in a place for the pointer.
                    unsafe { *replies = ptr::null_mut() };
                    PAM_SUCCESS
                } else {
                    code
                };
            }
        }
    }
    // SAFETY: libpam hands in a place for the pointer; the module frees array and strings.
    unsafe { *replies = array };
    PAM_SUCCESS
}

/// Frees an array of replies.
///
/// # Safety
/// `array` is from calloc(3) with `count` elements, each null or from strdup(3); it is not used
/// afterwards.
unsafe fn release(array: *mut PamResponse, count: usize) {
    for index in 0..count {
        // SAFETY: by this function's contract; free(3) takes null.
        unsafe { libc::free((*array.add(index)).resp.cast::<c_void>()) };
    }
    // SAFETY: by this function's contract.
    unsafe { libc::free(array.cast()) };
}
