//! HOTP (RFC 4226): codes that go on with each one that the token shows.
//!
//! A token is pressed for fun, or a code of it fails on the way, so its counter runs ahead of ours.
//! A few codes ahead are good ([`LOOK_AHEAD`]). Who is farther ahead types two codes that follow
//! each other, in two logins (RFC 4226 section 7.4): the first is a wrong code like any other, and
//! only its step is remembered ([`Comparison::Ahead`]); at the next login that one code more is good.
//!
//! What that gives a guesser: of a million guesses [`LOOK_AHEAD`] are right, and each costs as many
//! units. A wrong one has found a code farther ahead with 90 in a million, which nobody tells, and
//! then the next guess is right with one in a million more, and costs one unit more: a guesser who
//! hopes for both gains less than 10⁻¹⁰ a guess, and nothing beside the budget.

use std::ops::RangeInclusive;

use super::Digits;
use super::comparison::{Comparison, Expected, is_slip, last_match};
use super::making::codes;
use crate::record::Token;

/// Codes above the floor that are good beside a proven first factor.
pub const LOOK_AHEAD: u8 = 10;
/// As many where no first factor was proven, so that no budget holds a guesser but the delay
/// alone: as many as the usual window of a time-based token, whose odds are borne there.
pub const LOOK_AHEAD_UNPROVEN: u8 = 3;
/// Codes above the floor among which a token that ran ahead is found again.
pub const RESYNC_AHEAD: u8 = 100;

/// Compares `digits` with the codes above the floor, and with the last one that was accepted.
///
/// That one alone is a replay: it is what a client sends twice and an onlooker saw last. Each
/// older one that were looked for would be one more guess that costs nothing. It is a replay even
/// where its digits are those of a later step, too: what was used once must not open again.
///
/// Of two later steps that match, the first counts: the token itself cannot be behind its floor.
pub(super) fn compare(token: &Token, digits: &Digits, expected: &Expected) -> Option<Comparison> {
    let Expected { floor, .. } = *expected;
    // Step 0 is before the first code. A floor this near to the end of numbers has no codes.
    let farthest = floor.checked_add(RESYNC_AHEAD.into())?;
    let good = floor + u64::from(expected.ahead.min(RESYNC_AHEAD));
    // Whoever is that far ahead goes on with one more.
    let steps = floor.max(1)..=farthest.checked_add(1)?;
    let codes = codes(&token.key, &token.shape, steps)?;
    let among = |steps: RangeInclusive<u64>| {
        let codes = codes.iter().rev();
        codes.filter(move |(step, _)| steps.contains(step))
    };
    let first = |steps| last_match(among(steps), digits);
    let spent = first(floor..=floor);
    let awaited = expected.awaited.unwrap_or_default();
    let awaited = first(awaited..=awaited);
    let near = first(floor + 1..=good);
    let far = first(good + 1..=farthest);
    let slip = is_slip(among(floor + 1..=good), digits);
    Some(match (spent, awaited.or(near), far) {
        (Some(_), ..) => Comparison::Spent,
        (None, Some(step), _) => Comparison::Fresh(step),
        (None, None, Some(step)) => Comparison::Ahead(step),
        (None, None, None) if slip => Comparison::Slip,
        (None, None, None) => Comparison::Wrong,
    })
}

#[cfg(test)]
mod tests;
