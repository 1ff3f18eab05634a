//! What was typed at the code prompt, and whether it is a code of a token.

use crate::paper::PaperCode;
use crate::ports::UnixTime;
use crate::record::Token;
use crate::secret::Secret;

/// Six to eight typed digits.
#[derive(Debug)]
pub struct Digits(Secret);

/// What an answer at the code prompt is.
#[derive(Debug)]
pub enum Answer {
    /// Only Enter.
    Nothing,
    /// Digits that may be a code of an app.
    Code(Digits),
    /// A well-formed paper code.
    Paper(PaperCode),
    /// A paper code with a typing error.
    PaperTypo,
    /// None of these.
    NotACode,
}

/// Whether typed digits are a token's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The code of this step, which is above the floor.
    Fresh(u64),
    /// A code of the window, but not above the floor.
    Spent,
    /// Not a code of the window.
    Wrong,
}

impl Digits {
    /// Whether a code of `digits` digits has this length.
    #[must_use]
    pub fn fits(&self, digits: u8) -> bool {
        self.0.len() == usize::from(digits)
    }
}

/// Reads what was typed: spaces and dashes never matter, nor upper or lower case.
#[must_use]
pub fn read(_typed: &Secret) -> Answer {
    Answer::NotACode
}

/// Compares `digits` with every code of `token` within `window` steps of the moment `at`, in
/// time that does not depend on the outcome. Of two steps that match, one above `floor` counts.
#[must_use]
pub fn compare(
    _token: &Token,
    _digits: &Digits,
    _at: UnixTime,
    _window: u8,
    _floor: u64,
) -> Comparison {
    Comparison::Wrong
}
