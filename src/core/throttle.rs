//! The throttle: what a wrong code beside a proven password costs.
//!
//! Two things hold a guesser back. The **delay** lives in books: a place that logged in with a
//! code before has a book of its own, everybody else shares one, so that a stranger who knows
//! the password can slow down strangers but not the owner. The **budget** is one number for the
//! account: at its end the tokens are switched off (NIST SP 800-63B-4 section 3.2.2).

use serde::{Deserialize, Serialize};

use crate::place::Place;
use crate::ports::UnixTime;

/// Wrong codes in one book that cost no delay.
pub const FREE_FAILURES: u32 = 3;
/// The first delay, in seconds; each further wrong code doubles it.
pub const FIRST_DELAY: u64 = 30;
/// Longest delay in a place's own book.
pub const MAX_OWN_DELAY: u64 = 60 * 60;
/// Longest delay in the shared book.
pub const MAX_SHARED_DELAY: u64 = 24 * 60 * 60;
/// How long a place keeps its own book after its last login with a code.
pub const PLACE_LIFETIME: u64 = 90 * DAY;
/// Most places with a book of their own; the one not used for longest goes first.
pub const MAX_PLACES: usize = 8;
/// How old a wrong code may be for a good login from the same place to take it back.
pub const TAKE_BACK_WITHIN: u64 = 120;
/// Most units taken back in one week. What is taken back is free: a guesser at the owner's own
/// address, who guesses shortly before the owner logs in, gets as many tries beside the budget. Five
/// wrong codes of one time-based token a week keep his odds of a year near 10^-3, whatever tokens
/// there are, and forgive an owner's few mistypings.
pub const TAKE_BACK_A_WEEK: u32 = 15;
/// Wrong codes remembered for being taken back.
pub const MAX_RECENT: usize = 8;
/// Seconds of a day.
const DAY: u64 = 24 * 60 * 60;
/// Seconds of a week; weeks are counted from the start of Unix time.
const WEEK: u64 = 7 * DAY;

/// Failures since the last good login, and when the last one was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Book {
    /// Wrong codes since the delay was last ended.
    pub failures: u32,
    /// When the last one came.
    pub last: UnixTime,
}

impl Book {
    /// When codes are compared again.
    fn opens_at(&self, longest: u64) -> UnixTime {
        let Some(doublings) = self.failures.checked_sub(FREE_FAILURES) else {
            return 0;
        };
        let delay = 1u64.checked_shl(doublings).map_or(longest, |factor| {
            FIRST_DELAY.saturating_mul(factor).min(longest)
        });
        self.last.saturating_add(delay)
    }

    fn fail(&mut self, at: UnixTime) {
        self.failures = self.failures.saturating_add(1);
        self.last = self.last.max(at);
    }
}

/// A place that logged in with a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KnownPlace {
    /// Which.
    pub place: Place,
    /// Its last login with a code.
    pub seen: UnixTime,
    /// Its own failures.
    pub book: Book,
}

/// A charged wrong code that a good login may yet take back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RecentFailure {
    /// Where it came from.
    pub place: Place,
    /// When.
    pub at: UnixTime,
    /// What it cost.
    pub units: u32,
}

/// Everything that wrong codes changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Throttle {
    /// Codes that would have been accepted, summed over all wrong ones: the budget used so far.
    pub units: u32,
    /// The week (since 1970) of the last take-back.
    pub take_back_week: u64,
    /// Units taken back in that week.
    pub taken_back: u32,
    /// The book of everybody without one of their own.
    pub shared: Book,
    /// Places with a book of their own.
    pub places: Vec<KnownPlace>,
    /// The last wrong codes.
    pub recent: Vec<RecentFailure>,
}

impl Throttle {
    /// When a code from `place` is compared again; a moment in the past means now.
    #[must_use]
    pub fn opens_at(&self, place: Option<&Place>, now: UnixTime) -> UnixTime {
        match self.own(place, now) {
            Some(known) => known.book.opens_at(MAX_OWN_DELAY),
            None => self.shared.opens_at(MAX_SHARED_DELAY),
        }
    }

    /// Charges one wrong code of `units` to the book of `place` and to the budget. One of no units
    /// is a slip: only the delay counts it, and there is nothing to take back.
    pub fn charge(&mut self, place: Option<&Place>, units: u32, now: UnixTime) {
        self.delay(place, now);
        if units == 0 {
            return;
        }
        self.units = self.units.saturating_add(units);
        if let Some(place) = place {
            self.recent.retain(|failure| is_recent(failure, now));
            if self.recent.len() >= MAX_RECENT {
                self.recent.remove(0);
            }
            self.recent.push(RecentFailure {
                place: place.clone(),
                at: now,
                units,
            });
        }
    }

    fn delay(&mut self, place: Option<&Place>, now: UnixTime) {
        match self
            .places
            .iter_mut()
            .find(|known| is_own(known, place, now))
        {
            Some(known) => known.book.fail(now),
            None => self.shared.fail(now),
        }
    }

    /// Counts a wrong code in the delay of the shared book alone, wherever it came from: where no
    /// first factor was proven, a stranger must not be able to switch the tokens off.
    pub fn delay_shared(&mut self, now: UnixTime) {
        self.shared.fail(now);
    }

    /// When a code is compared again by the shared book alone.
    #[must_use]
    pub fn shared_opens_at(&self) -> UnixTime {
        self.shared.opens_at(MAX_SHARED_DELAY)
    }

    /// A login with password and code came from `place`: ends the delay of its own book (which
    /// is the shared one for a place not known so far), takes back its last mistypings, and
    /// remembers the place.
    pub fn succeed(&mut self, place: Option<&Place>, now: UnixTime) {
        match self
            .places
            .iter_mut()
            .find(|known| is_own(known, place, now))
        {
            Some(known) => known.book = Book::default(),
            None => self.shared = Book::default(),
        }
        let Some(place) = place else { return };
        self.take_back(place, now);
        self.learn(place, now);
    }

    /// Forgets failures and budget, as new keys, a new password or the administrator do. The
    /// places stay known.
    pub fn clear(&mut self) {
        let places = std::mem::take(&mut self.places);
        *self = Self::default();
        self.places = places
            .into_iter()
            .map(|known| KnownPlace {
                book: Book::default(),
                ..known
            })
            .collect();
    }

    fn own(&self, place: Option<&Place>, now: UnixTime) -> Option<&KnownPlace> {
        self.places.iter().find(|known| is_own(known, place, now))
    }

    fn take_back(&mut self, place: &Place, now: UnixTime) {
        let this_week = now / WEEK;
        if self.take_back_week != this_week {
            self.take_back_week = this_week;
            self.taken_back = 0;
        }
        for failure in self
            .recent
            .iter()
            .filter(|failure| failure.place == *place && is_recent(failure, now))
        {
            let left = TAKE_BACK_A_WEEK.saturating_sub(self.taken_back);
            let units = failure.units.min(left);
            self.taken_back += units;
            self.units = self.units.saturating_sub(units);
        }
        self.recent
            .retain(|failure| failure.place != *place && is_recent(failure, now));
    }

    fn learn(&mut self, place: &Place, now: UnixTime) {
        self.places
            .retain(|known| known.place == *place || !is_forgotten(known, now));
        if let Some(known) = self.places.iter_mut().find(|known| known.place == *place) {
            known.seen = known.seen.max(now);
            known.book = Book::default();
            return;
        }
        if self.places.len() >= MAX_PLACES {
            let oldest = self
                .places
                .iter()
                .enumerate()
                .min_by_key(|(_, known)| known.seen);
            if let Some((index, _)) = oldest {
                self.places.remove(index);
            }
        }
        self.places.push(KnownPlace {
            place: place.clone(),
            seen: now,
            book: Book::default(),
        });
    }
}

fn is_own(known: &KnownPlace, place: Option<&Place>, now: UnixTime) -> bool {
    Some(&known.place) == place && !is_forgotten(known, now)
}

const fn is_forgotten(known: &KnownPlace, now: UnixTime) -> bool {
    now.saturating_sub(known.seen) > PLACE_LIFETIME
}

const fn is_recent(failure: &RecentFailure, now: UnixTime) -> bool {
    now.saturating_sub(failure.at) <= TAKE_BACK_WITHIN
}

#[cfg(test)]
mod tests;
