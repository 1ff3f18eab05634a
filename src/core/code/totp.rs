//! TOTP (RFC 6238): codes that go on with time.

use std::ops::RangeInclusive;

use super::Digits;
use super::comparison::{Comparison, Expected, is_slip, last_match};
use super::making::{code_at, codes};
use crate::ports::UnixTime;
use crate::record::{CodeShape, MovingFactor, Token};
use crate::secret::Secret;

/// How far off a phone's clock may be for [`offset_of`] to find it, in steps to either side: ten
/// minutes of the usual steps. Farther searches would soon find digits that match by chance.
pub const CLOCK_HINT_STEPS: u64 = 20;

/// Compares `digits` with the code of every step of the window. Of two that match, one above the
/// floor counts.
pub(super) fn compare(
    token: &Token,
    period: u32,
    digits: &Digits,
    expected: &Expected,
) -> Option<Comparison> {
    let present = step_at(expected.at, period);
    let steps = steps_around(present, expected.window.into());
    let codes = codes(&token.key, &token.shape, steps)?;
    let slip = is_slip(
        codes.iter().filter(|(step, _)| *step > expected.floor),
        digits,
    );
    Some(match last_match(codes.iter(), digits) {
        Some(step) if step > expected.floor => Comparison::Fresh(step),
        Some(_) => Comparison::Spent,
        None if slip => Comparison::Slip,
        None => Comparison::Wrong,
    })
}

/// The step that the moment `at` belongs to (RFC 6238 section 4.2, with T0 = 0). `None` for a
/// token that does not go by time.
#[must_use]
pub fn step_of(at: UnixTime, shape: &CodeShape) -> Option<u64> {
    match shape.moving {
        MovingFactor::Time { period } => Some(step_at(at, period)),
        MovingFactor::Counter => None,
    }
}

/// How far the clock of the app seems to be off, in seconds, going by digits that are the code
/// of another moment: negative where the app is slow. `None` where they are not the code of any
/// step within [`CLOCK_HINT_STEPS`].
///
/// Only for a hint to the person who is just being shown this key: it takes no care of timing,
/// and what it finds proves nothing.
#[must_use]
pub fn offset_of(key: &Secret, shape: &CodeShape, digits: &Digits, at: UnixTime) -> Option<i64> {
    let MovingFactor::Time { period } = shape.moving else {
        return None;
    };
    let present = step_at(at, period);
    let step = steps_around(present, CLOCK_HINT_STEPS)
        .filter(|step| code_at(key, shape, *step).is_some_and(|code| code.same_as(&digits.0)))
        .min_by_key(|step| step.abs_diff(present))?;
    let steps = i64::try_from(step.abs_diff(present)).ok()?;
    let seconds = steps.checked_mul(i64::from(period))?;
    Some(if step < present { -seconds } else { seconds })
}

fn step_at(at: UnixTime, period: u32) -> u64 {
    at / u64::from(period.max(1))
}

/// The steps at most `reach` away from `step`, in rising order.
fn steps_around(step: u64, reach: u64) -> RangeInclusive<u64> {
    step.saturating_sub(reach)..=step.saturating_add(reach)
}

#[cfg(test)]
mod tests;
