//! An app whose clock is wrong shows codes of the step before or after. Some logins in a row tell.

use super::Reminder;
use crate::code::step_of;
use crate::ports::UnixTime;
use crate::record::{CodeShape, MovingFactor};

/// Codes in a row after which the owner is told.
const IN_A_ROW: i8 = 3;

/// For how many codes in a row the clock seems slow (less than 0) or fast, after one of `step` that
/// was accepted `now`.
pub(super) fn after(before: i8, shape: &CodeShape, step: u64, now: UnixTime) -> i8 {
    // What counts has no clock.
    let (Some(present), Some(period)) = (step_of(now, shape), period(shape)) else {
        return 0;
    };
    let period = u64::from(period).max(1);
    let seen = match step.cmp(&present) {
        std::cmp::Ordering::Greater => 1,
        std::cmp::Ordering::Equal => 0,
        // Typing takes its time: early in a step a code of the one before says nothing.
        std::cmp::Ordering::Less if now % period < period / 2 => return before,
        std::cmp::Ordering::Less => -1,
    };
    if seen == before.signum() {
        before.saturating_add(seen).clamp(-IN_A_ROW, IN_A_ROW)
    } else {
        seen
    }
}

/// What the owner is told when it has just become certain.
pub(super) fn reminder(before: i8, after: i8, shape: &CodeShape) -> Option<Reminder> {
    let period = period(shape)?;
    match after {
        _ if before == after => None,
        IN_A_ROW => Some(Reminder::ClockFast(period)),
        slow if slow == -IN_A_ROW => Some(Reminder::ClockSlow(period)),
        _ => None,
    }
}

/// Seconds of a step.
const fn period(shape: &CodeShape) -> Option<u32> {
    match shape.moving {
        MovingFactor::Time { period } => Some(period),
        MovingFactor::Counter => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: CodeShape = CodeShape::USUAL;
    /// The beginning of a step.
    const BEGINNING: UnixTime = 1_800_014_400;

    /// What is counted after codes of these steps, from the present one, typed so many seconds into
    /// it; and whether anything was told.
    fn counted(codes: &[(i64, u64)]) -> (i8, Vec<Reminder>) {
        let mut told = Vec::new();
        let mut drift = 0;
        for (offset, into) in codes {
            let now = BEGINNING + into;
            let step = step_of(now, &SHAPE).unwrap().saturating_add_signed(*offset);
            let next = after(drift, &SHAPE, step, now);
            told.extend(reminder(drift, next, &SHAPE));
            drift = next;
        }
        (drift, told)
    }

    #[test]
    fn three_codes_in_a_row_from_another_time_are_told_once() {
        assert_eq!(counted(&[(-1, 20); 5]), (-3, vec![Reminder::ClockSlow(30)]));
        assert_eq!(counted(&[(1, 20); 5]), (3, vec![Reminder::ClockFast(30)]));
        assert_eq!(counted(&[(-1, 20); 2]).1, []);
    }

    #[test]
    fn one_that_is_right_begins_anew_and_one_that_was_typed_slowly_says_nothing() {
        let codes = [(-1, 20), (-1, 20), (0, 3), (-1, 20), (-1, 3), (-1, 20)];
        assert_eq!(counted(&codes), (-2, vec![]));
        assert_eq!(counted(&[(-1, 3); 9]), (0, vec![]));
        let again = [(1, 5), (1, 5), (1, 5), (0, 5), (1, 5), (1, 5), (1, 5)];
        assert_eq!(counted(&again).1.len(), 2);
    }

    #[test]
    fn the_ends_of_time_are_counted_like_the_rest() {
        for now in [0, u64::MAX] {
            for step in [0, u64::MAX] {
                assert!(after(0, &SHAPE, step, now).abs() <= 1);
            }
        }
    }
}
