//! Whether typed digits are a token's code, in time that does not depend on the outcome.

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::{Digits, hotp, totp};
use crate::ports::UnixTime;
use crate::record::{Algorithm, CodeShape, MovingFactor, Token};
use crate::secret::Secret;

/// Whether typed digits are a token's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The code of this step, which is above the floor.
    Fresh(u64),
    /// A code that was within reach, but is not above the floor.
    Spent,
    /// The code of this step of a counter-based token, too far ahead to be accepted: the next
    /// one may follow.
    Ahead(u64),
    /// Not a code within reach, but one above the floor with one digit mistyped or two
    /// neighbours swapped. Of a million guesses beside three codes 177 are that at the most.
    Slip,
    /// Not a code within reach.
    Wrong,
}

/// Which codes of a token are good.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The last step that is spent; only later ones are good.
    pub floor: u64,
    /// The moment that codes of a time-based token are compared as of.
    pub at: UnixTime,
    /// Steps to either side of it that are good.
    pub window: u8,
    /// Steps above the floor of a counter-based token that are good: its look-ahead.
    pub ahead: u8,
    /// One more step that is good, farther ahead: the code before it was seen
    /// ([`Comparison::Ahead`]).
    pub awaited: Option<u64>,
}

impl Expected {
    /// How many codes of a token are good at this moment: of a million guesses so many are right,
    /// and so many units a wrong one costs.
    #[must_use]
    pub fn codes(&self, shape: &CodeShape) -> usize {
        match shape.moving {
            MovingFactor::Time { .. } => 2 * usize::from(self.window) + 1,
            MovingFactor::Counter => usize::from(self.ahead) + usize::from(self.awaited.is_some()),
        }
    }
}

/// Compares `digits` with every code of `token` within reach, in time that does not depend on the
/// outcome.
///
/// Only of a fresh code is there a slip: whoever read a used one could else guess around it for
/// nothing, since each such guess may be the code of another step.
///
/// A token whose key or shape is out of bounds has no codes: everything is wrong for it.
#[must_use]
pub fn compare(token: &Token, digits: &Digits, expected: &Expected) -> Comparison {
    let compared = match token.shape.moving {
        MovingFactor::Time { period } => totp::compare(token, period, digits, expected),
        MovingFactor::Counter => hotp::compare(token, digits, expected),
    };
    compared.unwrap_or(Comparison::Wrong)
}

/// Whether the app seems to have overlooked the algorithm that `token` asks for: another than
/// SHA-1 is wanted, and the digits are what SHA-1 gives. For a hint while enrolling.
#[must_use]
pub fn ignores_algorithm(token: &Token, digits: &Digits, expected: &Expected) -> bool {
    let mut plain = token.clone();
    plain.shape.algorithm = Algorithm::Sha1;
    let compared = compare(&plain, digits, expected);
    token.shape.algorithm != Algorithm::Sha1 && matches!(compared, Comparison::Fresh(_))
}

/// The last of these steps whose code the digits are. Every step is compared and none ends the
/// search, so the time taken tells neither whether one matched nor which.
pub(super) fn last_match<'a>(
    codes: impl Iterator<Item = &'a (u64, Secret)>,
    digits: &Digits,
) -> Option<u64> {
    let mut matched = Choice::from(0);
    let mut last = 0;
    for (step, code) in codes {
        let hit = code.expose().ct_eq(digits.0.expose());
        last.conditional_assign(step, hit);
        matched |= hit;
    }
    bool::from(matched).then_some(last)
}

/// Whether the digits are a slip of one of these codes. Here, too, nothing ends the search.
pub(super) fn is_slip<'a>(codes: impl Iterator<Item = &'a (u64, Secret)>, digits: &Digits) -> bool {
    codes.fold(false, |found, (_, code)| {
        found | is_slip_of(code.expose(), digits.0.expose())
    })
}

/// Whether `typed` is `code` but for one digit, or but for two neighbours in each other's place.
pub(super) fn is_slip_of(code: &[u8], typed: &[u8]) -> bool {
    let differing: u32 = code
        .iter()
        .zip(typed)
        .map(|(code, typed)| u32::from(code != typed))
        .sum();
    let here = code.iter().zip(typed);
    let next = here.clone().skip(1);
    let swapped: u32 = here
        .zip(next)
        .map(|((code, typed), (next_code, next_typed))| {
            u32::from((code != typed) & (code == next_typed) & (next_code == typed))
        })
        .sum();
    (code.len() == typed.len()) & ((differing == 1) | ((differing == 2) & (swapped == 1)))
}
