//! What a login asks. It is chosen by configuration and arguments, never by the account.

use std::time::Duration;

use crate::code::{self, Answer};
use crate::config::Config;
use crate::messages::{Message, Texts};
use crate::policy;
use crate::ports::{Dialog, DialogError, UnixTime, World};
use crate::secret::Secret;
use crate::verdict::Login;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The password, then the code.
    Both,
    /// Both in one answer, the code last: for clients that have one field.
    Joined,
    /// The code alone: the password is somebody else's matter.
    Code,
}

/// What is asked, and what is known already.
#[derive(Debug)]
pub struct Questions {
    /// What is asked.
    pub form: Form,
    /// What another module asked for before us (PAM_AUTHTOK): it stands for the answer to the
    /// first question. [`Form::Code`] has no use for it.
    pub known: Option<Secret>,
}

/// What was typed, and when the last of it came.
pub(super) struct Typed {
    /// Empty where no password was asked.
    pub(super) password: Secret,
    pub(super) answer: Answer,
    pub(super) at: UnixTime,
    pub(super) answered: Duration,
}

/// Asks what is not known.
pub(super) fn ask(
    config: &Config,
    login: &Login,
    texts: Texts,
    questions: Questions,
    world: &mut World<'_>,
) -> Result<Typed, DialogError> {
    let prompt = |own: &Option<String>, message| own.clone().unwrap_or_else(|| texts.say(message));
    let password_prompt = prompt(&config.texts.password_prompt, Message::PasswordPrompt);
    let mut code_prompt = prompt(&config.texts.code_prompt, Message::CodePrompt);
    if policy::shows_hint(config, login, world.host) {
        code_prompt.insert_str(0, &texts.say(Message::CodeHint));
    }
    let dialog = &mut *world.dialog;
    let first = |dialog: &mut dyn Dialog, prompt: &str| match questions.known {
        Some(known) => Ok(known),
        None => dialog.ask_hidden(prompt),
    };
    let (password, answer) = match questions.form {
        Form::Both => {
            let password = first(dialog, &password_prompt)?;
            let answer = read(&dialog.ask_hidden(&code_prompt)?, &password);
            (password, answer)
        }
        Form::Joined => {
            let typed = first(dialog, &texts.say(Message::JoinedPrompt))?;
            split(typed, config.enroll.shape.digits)
        }
        Form::Code => {
            let answer = code::read(&dialog.ask_hidden(&code_prompt)?);
            (Secret::copy_of(b""), answer)
        }
    };
    Ok(Typed {
        password,
        answer,
        at: world.host.now(),
        answered: world.host.elapsed(),
    })
}

/// A client with one field, or sshd's method "password", gives the password to every question.
fn read(typed: &Secret, password: &Secret) -> Answer {
    if typed.same_as(password) {
        Answer::Nothing
    } else {
        code::read(typed)
    }
}

/// The password, and the code of `digits` digits that stands right after it. There is this one
/// split: trying others as well would accept what nobody meant, and judge one answer twice.
fn split(typed: Secret, digits: u8) -> (Secret, Answer) {
    let parts = typed
        .len()
        .checked_sub(usize::from(digits))
        .and_then(|at| typed.expose().split_at_checked(at));
    match parts {
        Some((password, code)) if code.iter().all(u8::is_ascii_digit) => (
            Secret::copy_of(password),
            code::read(&Secret::copy_of(code)),
        ),
        _ => (typed, Answer::NotACode),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(typed: &[u8], digits: u8) -> (Vec<u8>, Answer) {
        let (password, answer) = split(Secret::copy_of(typed), digits);
        (password.expose().to_vec(), answer)
    }

    fn is_code(answer: &Answer, digits: u8) -> bool {
        matches!(answer, Answer::Code(code) if code.fits(digits))
    }

    #[test]
    fn the_last_digits_are_the_code_and_the_rest_is_the_password() {
        for (typed, password) in [
            (&b"correct horse123456"[..], &b"correct horse"[..]),
            (b"99123456", b"99"),
            (b"123456", b""),
            (b" 123456", b" "),
            (b"\xff\xfe123456", b"\xff\xfe"),
        ] {
            let (found, answer) = parts(typed, 6);
            assert_eq!(found, password);
            assert!(is_code(&answer, 6), "{typed:?}");
        }
        let (password, answer) = parts(b"horse12345678", 8);
        assert_eq!(password, b"horse");
        assert!(is_code(&answer, 8));
    }

    #[test]
    fn what_does_not_end_in_a_code_is_all_password() {
        for typed in [
            &b""[..],
            b"12345",
            b"horse 123 456",
            b"horse123456 ",
            b"horse12345x",
            b"\x08\n\r\x7fINCORRECT",
        ] {
            let (password, answer) = parts(typed, 6);
            assert_eq!(password, typed);
            assert!(matches!(answer, Answer::NotACode), "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn a_split_neither_panics_nor_loses_a_byte(
            typed in prop::collection::vec(any::<u8>(), 0..40),
            digits in 6_u8..=8,
        ) {
            let (password, answer) = parts(&typed, digits);
            let code = if is_code(&answer, digits) { usize::from(digits) } else { 0 };
            prop_assert_eq!(&password[..], &typed[..typed.len() - code]);
        }
    }
}
