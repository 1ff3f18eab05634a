//! The nested transaction's conversation (pam_conv(3)): it answers one question, once.

use std::cell::Cell;
use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use kapu_core::secret::Secret;

use super::code::Code;

/// `PAM_PROMPT_ECHO_OFF` of _pam_types.h.
const ECHO_OFF: c_int = 1;
/// `PAM_ERROR_MSG`.
const ERROR_MSG: c_int = 3;
/// `PAM_TEXT_INFO`.
const TEXT_INFO: c_int = 4;
/// `PAM_MAX_NUM_MSG`: the most messages that one call may bring.
const MAX_MESSAGES: usize = 32;

/// `struct pam_message`. Only the style is read: whatever a module says is swallowed.
#[repr(C)]
pub(super) struct Message {
    style: c_int,
    text: *const c_char,
}

/// `struct pam_response`.
#[repr(C)]
pub(super) struct Response {
    text: *mut c_char,
    code: c_int,
}

/// What the stack has asked so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: whatever it says does not come from the password.
    Nothing,
    /// One hidden question, alone, and it has got the password for it.
    Password,
    /// Something else, said here for the log. Its result counts for nothing.
    Else(&'static str),
}

/// The application's side of the nested transaction.
pub(super) struct Conversation<'a> {
    password: &'a Secret,
    asked: Cell<Asked>,
}

impl<'a> Conversation<'a> {
    /// A conversation that will answer `password`, which must hold no NUL byte.
    pub(super) const fn about(password: &'a Secret) -> Self {
        Self {
            password,
            asked: Cell::new(Asked::Nothing),
        }
    }

    /// What the stack has asked so far.
    pub(super) const fn asked(&self) -> Asked {
        self.asked.get()
    }

    /// Answers one call. Once one could not be answered, none is any more.
    ///
    /// # Safety
    /// As for [`converse`].
    unsafe fn answer(
        &self,
        count: c_int,
        messages: *mut *const Message,
        responses: *mut *mut Response,
    ) -> Code {
        // This stands if anything below fails, even by a panic.
        let before = self.asked.replace(Asked::Else("it could not be answered"));
        // SAFETY: the arguments are as our caller promises.
        match unsafe { self.try_answer(before, count, messages, responses) } {
            Ok(asked) => {
                self.asked.set(asked);
                Code::SUCCESS
            }
            Err(breach) => {
                self.asked.set(Asked::Else(breach));
                Code::CONV_ERR
            }
        }
    }

    /// As [`answer`](Self::answer), without the state.
    ///
    /// # Safety
    /// As for [`converse`].
    unsafe fn try_answer(
        &self,
        before: Asked,
        count: c_int,
        messages: *mut *const Message,
        responses: *mut *mut Response,
    ) -> Result<Asked, &'static str> {
        // SAFETY: the messages are as our caller promises.
        let styles = unsafe { styles_of(count, messages) }?;
        let asked = consider(before, &styles)?;
        let password = (asked != before).then_some(self.password);
        if !responses.is_null() {
            let array = allocate_responses(styles.len(), password)?;
            // SAFETY: not null, so a place for the pointer.
            unsafe { responses.write(array) };
        } else if password.is_some() {
            return Err("it left no room for the answer");
        }
        Ok(asked)
    }
}

/// What has been asked once a call with messages of these styles is answered.
fn consider(before: Asked, styles: &[c_int]) -> Result<Asked, &'static str> {
    let is_text = |style: &c_int| [ERROR_MSG, TEXT_INFO].contains(style);
    match (before, styles) {
        (Asked::Else(breach), _) => Err(breach),
        (_, styles) if styles.iter().all(is_text) => Ok(before),
        (Asked::Nothing, [ECHO_OFF]) => Ok(Asked::Password),
        (Asked::Password, [ECHO_OFF]) => Err("it asked a second question"),
        (_, [_]) => Err("it asked a question that is not hidden"),
        _ => Err("it asked a question together with something else"),
    }
}

/// The styles of the messages of one call.
///
/// # Safety
/// `messages` leads to `count` pointers to messages, which live during the call.
unsafe fn styles_of(
    count: c_int,
    messages: *mut *const Message,
) -> Result<Vec<c_int>, &'static str> {
    let count = usize::try_from(count)
        .ok()
        .filter(|count| (1..=MAX_MESSAGES).contains(count))
        .ok_or("it sent no message, or too many")?;
    // SAFETY: on Linux `messages` is an array of `count` pointers (pam_conv(3)).
    let messages = unsafe { std::slice::from_raw_parts(messages, count) };
    // SAFETY: each of them points to one message, by our contract.
    let style = |message: &*const Message| unsafe { (**message).style };
    Ok(messages.iter().map(style).collect())
}

/// An array of `count` responses, the first of which holds `password`. It comes from malloc(3),
/// because the module frees it (pam_conv(3)); libpam and the modules wipe the password in it.
fn allocate_responses(
    count: usize,
    password: Option<&Secret>,
) -> Result<*mut Response, &'static str> {
    const NO_MEMORY: &str = "there was no memory for the answer";
    // SAFETY: calloc(3) may be called with any sizes. Null texts and codes of 0 are valid.
    let array = unsafe { libc::calloc(count, size_of::<Response>()) }.cast::<Response>();
    if array.is_null() {
        return Err(NO_MEMORY);
    }
    let Some(password) = password.map(Secret::expose) else {
        return Ok(array);
    };
    // SAFETY: as above; one byte more than the password, so that a NUL ends it.
    let text = unsafe { libc::calloc(password.len() + 1, 1) }.cast::<u8>();
    if text.is_null() {
        // SAFETY: allocated above, and given to nobody.
        unsafe { libc::free(array.cast()) };
        return Err(NO_MEMORY);
    }
    // SAFETY: `text` is a new allocation of more than the password's length.
    unsafe { ptr::copy_nonoverlapping(password.as_ptr(), text, password.len()) };
    // SAFETY: the array has at least one response, since every call has at least one message.
    unsafe { (*array).text = text.cast() };
    Ok(array)
}

/// The function in `struct pam_conv`.
///
/// # Safety
/// To be called by libpam and its modules alone, as pam_conv(3) says: `messages` leads to `count`
/// pointers to messages, and `data` is the [`Conversation`] that the transaction was started with
/// and that outlives it. `responses` can take a pointer, or is null: some modules that only send
/// texts want nothing back.
pub(super) unsafe extern "C" fn converse(
    count: c_int,
    messages: *mut *const Message,
    responses: *mut *mut Response,
    data: *mut c_void,
) -> c_int {
    // SAFETY: our own data, by the contract; it is only ever shared, never borrowed mutably.
    let conversation = unsafe { &*data.cast::<Conversation<'_>>() };
    // SAFETY: the arguments are passed on as they came.
    let answer = || unsafe { conversation.answer(count, messages, responses) };
    // A panic must not unwind into C. The conversation's state is sound at every point.
    let code = catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|payload| {
        // Dropping a payload could panic again.
        std::mem::forget(payload);
        Code::CONV_ERR
    });
    code.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CStr;

    const ECHO_ON: c_int = 2;
    const RADIO: c_int = 5;
    const BINARY: c_int = 7;

    /// Calls `converse` with messages of these styles, as a module would.
    fn call(conversation: &Conversation<'_>, styles: &[c_int]) -> Result<Vec<Option<String>>, i32> {
        let messages: Vec<Message> = styles
            .iter()
            .map(|&style| Message {
                style,
                text: c"text".as_ptr(),
            })
            .collect();
        let mut pointers: Vec<*const Message> = messages.iter().map(ptr::from_ref).collect();
        let mut responses: *mut Response = ptr::null_mut();
        let count = c_int::try_from(styles.len()).unwrap();
        let data = ptr::from_ref(conversation).cast_mut().cast();
        // SAFETY: what pam_conv(3) wants, all of it alive during the call.
        let code = unsafe { converse(count, pointers.as_mut_ptr(), &raw mut responses, data) };
        if code != Code::SUCCESS.0 {
            assert!(responses.is_null());
            return Err(code);
        }
        // SAFETY: on success one response for each message.
        let answers = unsafe { std::slice::from_raw_parts(responses, styles.len()) };
        let texts = answers.iter().map(|answer| {
            assert_eq!(answer.code, 0);
            (!answer.text.is_null()).then(|| {
                // SAFETY: not null, so a string, which is ours to free.
                let text = unsafe { CStr::from_ptr(answer.text) }.to_str().unwrap();
                let text = text.to_owned();
                // SAFETY: from malloc(3).
                unsafe { libc::free(answer.text.cast()) };
                text
            })
        });
        let texts = texts.collect();
        // SAFETY: from malloc(3).
        unsafe { libc::free(responses.cast()) };
        Ok(texts)
    }

    #[test]
    fn one_hidden_question_gets_the_password_and_texts_get_nothing() {
        let password = Secret::copy_of(b"correct horse");
        let conversation = Conversation::about(&password);
        assert_eq!(call(&conversation, &[TEXT_INFO]), Ok(vec![None]));
        assert_eq!(conversation.asked(), Asked::Nothing);
        let answer = Some("correct horse".to_owned());
        assert_eq!(call(&conversation, &[ECHO_OFF]), Ok(vec![answer]));
        assert_eq!(conversation.asked(), Asked::Password);
        let texts = [ERROR_MSG, TEXT_INFO];
        assert_eq!(call(&conversation, &texts), Ok(vec![None, None]));
        assert_eq!(conversation.asked(), Asked::Password);
    }

    #[test]
    fn any_other_question_is_not_answered() {
        let password = Secret::copy_of(b"correct horse");
        let too_many = [TEXT_INFO; MAX_MESSAGES + 1];
        let questions: [&[c_int]; 9] = [
            &[ECHO_ON],
            &[RADIO],
            &[BINARY],
            &[99],
            &[ECHO_OFF, ECHO_OFF],
            &[TEXT_INFO, ECHO_OFF],
            &[ECHO_OFF, TEXT_INFO],
            &[],
            &too_many,
        ];
        for styles in questions {
            let conversation = Conversation::about(&password);
            assert_eq!(call(&conversation, styles), Err(19), "{styles:?}");
            assert!(matches!(conversation.asked(), Asked::Else(_)), "{styles:?}");
        }
    }

    #[test]
    fn a_module_that_wants_no_responses_gets_none() {
        let password = Secret::copy_of(b"correct horse");
        let conversation = Conversation::about(&password);
        let data = ptr::from_ref(&conversation).cast_mut().cast();
        let ask = |style| {
            let message = Message {
                style,
                text: c"text".as_ptr(),
            };
            let mut pointer = &raw const message;
            // SAFETY: one message, alive during the call.
            unsafe { converse(1, &raw mut pointer, ptr::null_mut(), data) }
        };
        assert_eq!(ask(TEXT_INFO), Code::SUCCESS.0);
        assert_eq!(ask(ECHO_OFF), Code::CONV_ERR.0);
        assert!(matches!(conversation.asked(), Asked::Else(_)));
    }

    #[test]
    fn nothing_is_answered_after_a_question_that_was_not() {
        let password = Secret::copy_of(b"correct horse");
        let conversation = Conversation::about(&password);
        assert_eq!(call(&conversation, &[ECHO_ON]), Err(19));
        assert_eq!(call(&conversation, &[ECHO_OFF]), Err(19));
        assert_eq!(
            conversation.asked(),
            Asked::Else("it asked a question that is not hidden")
        );
    }

    #[test]
    fn a_second_hidden_question_takes_the_first_answer_back() {
        let password = Secret::copy_of(b"correct horse");
        let conversation = Conversation::about(&password);
        assert!(call(&conversation, &[ECHO_OFF]).is_ok());
        assert_eq!(call(&conversation, &[ECHO_OFF]), Err(19));
        assert_eq!(
            conversation.asked(),
            Asked::Else("it asked a second question")
        );
    }
}
