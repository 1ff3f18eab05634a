//! TOTP (RFC 6238): which step's code the typed digits are.

use std::fmt::Write;

use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use totp_rs::{Builder, Totp};

use super::Digits;
use crate::ports::UnixTime;
use crate::record::{Algorithm, CodeShape, Token};
use crate::secret::Secret;

/// How far off a phone's clock may be for [`offset_of`] to find it, in steps to either side: ten
/// minutes of the usual steps. Farther searches would soon find digits that match by chance.
pub const CLOCK_HINT_STEPS: u64 = 20;

/// Whether typed digits are a token's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The code of this step, which is above the floor.
    Fresh(u64),
    /// A code of the window, but not above the floor.
    Spent,
    /// Not a code of the window, but one above the floor with one digit mistyped or two
    /// neighbours swapped. Of a million guesses beside three codes 177 are that at the most.
    Slip,
    /// Not a code of the window.
    Wrong,
}

/// Compares `digits` with every code of `token` within `window` steps of the moment `at`, in
/// time that does not depend on the outcome. Of two steps that match, one above `floor` counts.
///
/// Only of a fresh code is there a slip: whoever read a used one could else guess around it for
/// nothing, since each such guess may be the code of another step.
///
/// A token whose key or shape is out of bounds has no codes: everything is wrong for it.
#[must_use]
pub fn compare(token: &Token, digits: &Digits, at: UnixTime, window: u8, floor: u64) -> Comparison {
    let Some(codes) = codes_around(&token.key, &token.shape, at, window) else {
        return Comparison::Wrong;
    };
    let slip = is_slip(&codes, digits, floor);
    match last_match(&codes, digits) {
        Some(step) if step > floor => Comparison::Fresh(step),
        Some(_) => Comparison::Spent,
        None if slip => Comparison::Slip,
        None => Comparison::Wrong,
    }
}

/// The code of one step as text, or `None` where key or shape is out of bounds.
#[must_use]
pub fn code_at(key: &Secret, shape: &CodeShape, step: u64) -> Option<Secret> {
    code_of(&authenticator(key, shape)?, step)
}

/// The step that the moment `at` belongs to (RFC 6238 section 4.2, with T0 = 0).
#[must_use]
pub fn step_of(at: UnixTime, shape: &CodeShape) -> u64 {
    at / u64::from(shape.period.max(1))
}

/// How far the clock of the app seems to be off, in seconds, going by digits that are the code
/// of another moment: negative where the app is slow. `None` where they are not the code of any
/// step within [`CLOCK_HINT_STEPS`].
///
/// Only for a hint to the person who is just being shown this key: it takes no care of timing,
/// and what it finds proves nothing.
#[must_use]
pub fn offset_of(key: &Secret, shape: &CodeShape, digits: &Digits, at: UnixTime) -> Option<i64> {
    let authenticator = authenticator(key, shape)?;
    let present = step_of(at, shape);
    let step = steps_around(present, CLOCK_HINT_STEPS)
        .filter(|step| code_of(&authenticator, *step).is_some_and(|code| code.same_as(&digits.0)))
        .min_by_key(|step| step.abs_diff(present))?;
    let steps = i64::try_from(step.abs_diff(present)).ok()?;
    let seconds = steps.checked_mul(i64::from(shape.period))?;
    Some(if step < present { -seconds } else { seconds })
}

/// Whether the app seems to have overlooked the algorithm that `shape` asks for: another than
/// SHA-1 is wanted, and the digits are what SHA-1 gives. For a hint while enrolling.
#[must_use]
pub fn ignores_algorithm(
    key: &Secret,
    shape: &CodeShape,
    digits: &Digits,
    at: UnixTime,
    window: u8,
) -> bool {
    let plain = CodeShape {
        algorithm: Algorithm::Sha1,
        ..*shape
    };
    let matches = || last_match(&codes_around(key, &plain, at, window)?, digits);
    shape.algorithm != Algorithm::Sha1 && matches().is_some()
}

/// The steps within `window` of `at`, in rising order, and their codes.
fn codes_around(
    key: &Secret,
    shape: &CodeShape,
    at: UnixTime,
    window: u8,
) -> Option<Vec<(u64, Secret)>> {
    let authenticator = authenticator(key, shape)?;
    steps_around(step_of(at, shape), window.into())
        .map(|step| Some((step, code_of(&authenticator, step)?)))
        .collect()
}

/// The last of these steps whose code the digits are. Every step is compared and none ends the
/// search, so the time taken tells neither whether one matched nor which.
fn last_match(codes: &[(u64, Secret)], digits: &Digits) -> Option<u64> {
    let mut matched = Choice::from(0);
    let mut last = 0;
    for (step, code) in codes {
        let hit = code.expose().ct_eq(digits.0.expose());
        last.conditional_assign(step, hit);
        matched |= hit;
    }
    bool::from(matched).then_some(last)
}

/// Whether the digits are a slip of a code above `floor`. Here, too, nothing ends the search.
fn is_slip(codes: &[(u64, Secret)], digits: &Digits, floor: u64) -> bool {
    codes.iter().fold(false, |found, (step, code)| {
        found | ((*step > floor) & is_slip_of(code.expose(), digits.0.expose()))
    })
}

/// Whether `typed` is `code` but for one digit, or but for two neighbours in each other's place.
fn is_slip_of(code: &[u8], typed: &[u8]) -> bool {
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

/// The steps at most `reach` away from `step`, in rising order.
fn steps_around(step: u64, reach: u64) -> std::ops::RangeInclusive<u64> {
    step.saturating_sub(reach)..=step.saturating_add(reach)
}

/// What computes the codes: asked for a *time*, but with steps of one second, so that the time
/// is the step counter itself and nothing can overflow.
fn authenticator(key: &Secret, shape: &CodeShape) -> Option<Totp> {
    if !shape.is_sound() {
        return None;
    }
    let algorithm = match shape.algorithm {
        Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
        Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
        Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
    };
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(shape.digits)
        .with_step_duration(1)
        .with_secret(key.expose())
        .build()
        .ok()
}

fn code_of(authenticator: &Totp, step: u64) -> Option<Secret> {
    let mut text = String::with_capacity(CodeShape::MAX_DIGITS.into());
    write!(text, "{}", authenticator.generate(step)).ok()?;
    Some(Secret::from(text))
}

#[cfg(test)]
mod tests;
