//! What was typed at the code prompt, and whether it is a code of a token.

mod comparison;
mod hotp;
mod making;
mod totp;

pub use comparison::{Comparison, Expected, compare, ignores_algorithm};
pub use hotp::{LOOK_AHEAD, LOOK_AHEAD_UNPROVEN, RESYNC_AHEAD};
pub use making::code_at;
pub use totp::{CLOCK_HINT_STEPS, offset_of, step_of};

use crate::grouping::compact;
use crate::paper::{PaperCode, PaperError};
use crate::record::CodeShape;
use crate::secret::Secret;

/// Longest answer that is looked at, in bytes: a paper code with something between all its
/// characters fits.
const MAX_TYPED: usize = 64;

/// What asks to set up a device now; the same in every language.
const SET_UP: &str = "+";

/// Six to eight typed digits.
#[derive(Debug)]
pub struct Digits(Secret);

/// What an answer at the code prompt is.
#[derive(Debug)]
pub enum Answer {
    /// Only Enter.
    Nothing,
    /// The sign that asks to set up a device now.
    SetUp,
    /// Digits that may be a code of an app.
    Code(Digits),
    /// A well-formed paper code.
    Paper(PaperCode),
    /// A paper code with a typing error.
    PaperTypo,
    /// None of these.
    NotACode,
}

impl Digits {
    /// Whether they are these, in time that does not depend on where they differ.
    #[must_use]
    pub fn are(&self, code: &Secret) -> bool {
        self.0.same_as(code)
    }

    /// Whether a code of `digits` digits has this length.
    #[must_use]
    pub fn fits(&self, digits: u8) -> bool {
        self.0.len() == usize::from(digits)
    }
}

/// Reads what was typed: spaces and dashes never matter, nor upper or lower case.
///
/// Control characters make it [`Answer::NotACode`]: sshd answers with some for a user whom it
/// does not know, and that answer must never be charged as a guess.
#[must_use]
pub fn read(typed: &Secret) -> Answer {
    let Some(text) = typed.expose_text() else {
        return Answer::NotACode;
    };
    if text.len() > MAX_TYPED || text.chars().any(char::is_control) {
        return Answer::NotACode;
    }
    let kept = compact(text);
    if kept.is_empty() {
        return Answer::Nothing;
    }
    if kept.as_str() == SET_UP {
        return Answer::SetUp;
    }
    if is_digits(&kept) {
        return Answer::Code(Digits(Secret::copy_of(kept.as_bytes())));
    }
    match PaperCode::parse(text) {
        Ok(code) => Answer::Paper(code),
        Err(PaperError::Typo) => Answer::PaperTypo,
        Err(PaperError::NotPaper) => Answer::NotACode,
    }
}

/// ASCII only: an app shows no other digits, and what looks alike need not be alike.
fn is_digits(text: &str) -> bool {
    let lengths = usize::from(CodeShape::MIN_DIGITS)..=usize::from(CodeShape::MAX_DIGITS);
    lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paper::PaperKind;

    fn answer(typed: &str) -> Answer {
        read(&Secret::copy_of(typed.as_bytes()))
    }

    #[test]
    fn spaces_and_dashes_in_a_code_do_not_matter() {
        for typed in ["123456", "123 456", "123-456", " 12\u{2013}34 56 "] {
            let Answer::Code(digits) = answer(typed) else {
                panic!("{typed:?} is a code");
            };
            assert_eq!(digits.0.expose(), b"123456", "{typed:?}");
        }
    }

    #[test]
    fn six_to_eight_digits_may_be_a_code_and_other_numbers_of_them_may_not() {
        for count in 1..=17 {
            let typed = "7".repeat(count);
            let is_code = matches!(answer(&typed), Answer::Code(_));
            assert_eq!(is_code, (6..=8).contains(&count), "{count} digits");
        }
    }

    #[test]
    fn an_answer_of_separators_alone_is_nothing() {
        for typed in ["", " ", "\u{a0}", " - "] {
            assert!(matches!(answer(typed), Answer::Nothing), "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_not_one() {
        for typed in [
            "\u{8}\n\r\u{7f}INCORRECT",
            "hunter2",
            "12345a",
            "+123456",
            "123.456",
            "１２３４５６",
            "١٢٣٤٥٦",
            "123456\n",
            "123456\0",
            &format!("123456{}", " ".repeat(MAX_TYPED)),
        ] {
            assert!(matches!(answer(typed), Answer::NotACode), "{typed:?}");
        }
        assert!(matches!(
            read(&Secret::copy_of(b"123456\xff")),
            Answer::NotACode
        ));
    }

    #[test]
    fn an_answer_is_read_up_to_its_greatest_length() {
        let typed = format!("{:>MAX_TYPED$}", "123456");
        assert!(matches!(answer(&typed), Answer::Code(_)));
        assert!(matches!(answer(&format!(" {typed}")), Answer::NotACode));
    }

    #[test]
    fn a_paper_code_is_told_from_one_with_a_typing_error() {
        for typed in ["200H-48SM-8NB6-EY49-J7ND", "2ooh48sm 8nb6ey49 j7nd"] {
            assert!(
                matches!(answer(typed), Answer::Paper(code) if code.kind() == PaperKind::Revocation)
            );
        }
        for typed in [
            "200H-48SM-8NB6-EY49-J7NE",
            "200H-48SM-8NB6-EY49-J7N",
            "200H-48SM-8NB6-EY49-J7NDD",
        ] {
            assert!(matches!(answer(typed), Answer::PaperTypo), "{typed}");
        }
    }

    #[test]
    fn debug_output_of_an_answer_does_not_hold_what_was_typed() {
        let shown = format!("{:?}", answer("123456"));
        assert!(!shown.contains("123"), "{shown}");
    }

    proptest! {
        #[test]
        fn reading_never_panics(typed in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = read(&Secret::new(typed));
        }

        #[test]
        fn reading_text_never_panics(typed in "\\PC{0,70}") {
            let _ = answer(&typed);
        }
    }
}
