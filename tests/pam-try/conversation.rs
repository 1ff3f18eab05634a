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
    /// The function returns this code, and no replies.
    Failing(c_int),
    /// It returns PAM_CONV_ERR, though the replies are there, with the right answer.
    TakenBack,
    /// It returns PAM_CONV_ERR, and in place of the replies a pointer to nowhere.
    Nowhere,
    /// It succeeds, and every reply is a null pointer.
    NullReplies,
    /// It succeeds, and the array of replies is null.
    NullArray,
    /// It succeeds, and has not touched the place for the replies.
    Untouched,
    /// It succeeds, with more replies than there were messages, and with codes that mean nothing.
    Lavish,
    /// It answers, and returns PAM_CONV_ERR to every text.
    Deaf,
}

/// What [`Carrier::Nowhere`] points to: no page has this address.
const NOWHERE: usize = 0x10;
/// The code of a reply, which has no meaning yet (pam_conv(3)).
const ODD_CODE: c_int = 77;

/// The answers still to be given, and what is known of those given.
#[derive(Debug)]
pub(crate) struct Conversation {
    carrier: Carrier,
    /// The question from which on the carrier is that; the first is 1.
    from: usize,
    answers: VecDeque<CString>,
    release_at: Option<SystemTime>,
    given: usize,
    last_answer: Option<Instant>,
}

impl Conversation {
    /// A conversation that has not begun.
    pub(crate) fn new(
        carrier: Carrier,
        from: usize,
        answers: Vec<CString>,
        release_at: Option<SystemTime>,
    ) -> Self {
        Self {
            carrier,
            from,
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

    /// How the message that was taken last is carried.
    fn carrier(&self) -> Carrier {
        if self.given < self.from {
            Carrier::Answers
        } else {
            self.carrier
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
            return match self.carrier {
                Carrier::Deaf => Err(PAM_CONV_ERR),
                _ => Ok(None),
            };
        }
        if self.given > 0 {
            sleep_until(self.release_at);
        }
        self.given += 1;
        self.last_answer = Some(Instant::now());
        match self.carrier() {
            Carrier::NullReplies | Carrier::NullArray | Carrier::Untouched => Ok(None),
            Carrier::Failing(code) => Err(code),
            Carrier::Absent
            | Carrier::Answers
            | Carrier::Deaf
            | Carrier::Lavish
            | Carrier::Nowhere
            | Carrier::TakenBack => self.answers.pop_front().map(Some).ok_or(PAM_CONV_ERR),
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
    // One more than there are messages: see Carrier::Lavish.
    let room = count + 1;
    // SAFETY: calloc(3) with a count and a size; null is checked.
    let array = unsafe { libc::calloc(room, size_of::<PamResponse>()) }.cast::<PamResponse>();
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
                // SAFETY: the array has more than `count` elements; strdup(3) copies a terminated
                // string.
                unsafe { (*array.add(index)).resp = libc::strdup(answer.as_ptr()) };
            }
            Ok(None) => {}
            Err(code) => {
                // SAFETY: as above; the strings set so far are ours, from strdup(3).
                unsafe { release(array, count) };
                return code;
            }
        }
    }
    let (code, handed_out) = match conversation.carrier() {
        Carrier::TakenBack => (PAM_CONV_ERR, Some(array)),
        Carrier::Nowhere => (PAM_CONV_ERR, Some(ptr::without_provenance_mut(NOWHERE))),
        Carrier::NullArray => (PAM_SUCCESS, Some(ptr::null_mut())),
        Carrier::Untouched => (PAM_SUCCESS, None),
        Carrier::Lavish => {
            // SAFETY: the array has `room` elements.
            unsafe { lavish(array, room) };
            (PAM_SUCCESS, Some(array))
        }
        _ => (PAM_SUCCESS, Some(array)),
    };
    if let Some(handed_out) = handed_out {
        // SAFETY: libpam hands in a place for the pointer; after a success the module frees array
        // and strings.
        unsafe { *replies = handed_out };
    }
    code
}

/// Gives every reply a code, and the last, which answers no message, a text.
///
/// # Safety
/// `array` has `room` elements, and at least one.
unsafe fn lavish(array: *mut PamResponse, room: usize) {
    for index in 0..room {
        // SAFETY: by this function's contract.
        unsafe { (*array.add(index)).resp_retcode = ODD_CODE };
    }
    // SAFETY: likewise; strdup(3) copies a terminated string.
    unsafe { (*array.add(room - 1)).resp = libc::strdup(c"to nothing".as_ptr()) };
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
