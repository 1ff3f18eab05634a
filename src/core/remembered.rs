//! Remembered places: where Enter is enough beside the right password, for a while.
//!
//! A place is remembered by a login there with a code of the app, for so long as the configuration
//! says at the moment of the next one. Nothing but another code makes it longer: a thief who sits
//! at the place cannot live on it by logging in.

use serde::{Deserialize, Serialize};

use crate::place::Place;
use crate::ports::UnixTime;

/// Most remembered places of one account; the one remembered for longest goes first.
pub const MAX_REMEMBERED: usize = 8;

/// One remembered place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RememberedPlace {
    /// Which.
    pub place: Place,
    /// When a code was last judged good there.
    pub since: UnixTime,
}

impl RememberedPlace {
    /// When a code is needed again.
    #[must_use]
    pub const fn until(&self, lifetime: u64) -> UnixTime {
        self.since.saturating_add(lifetime)
    }

    /// A moment before `since` is that of a clock that was set back: it proves nothing.
    const fn is_good(&self, lifetime: u64, now: UnixTime) -> bool {
        self.since <= now && now < self.until(lifetime)
    }
}

/// The remembered places of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remembered(Vec<RememberedPlace>);

impl Remembered {
    /// Whether nothing is kept.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All that are kept, also those whose time is over.
    #[must_use]
    pub fn kept(&self) -> &[RememberedPlace] {
        &self.0
    }

    /// Those at which Enter is enough at the moment `now`, where a place is remembered for
    /// `lifetime` seconds.
    pub fn good(&self, lifetime: u64, now: UnixTime) -> impl Iterator<Item = &RememberedPlace> {
        let is_good = move |known: &&RememberedPlace| known.is_good(lifetime, now);
        self.0.iter().filter(is_good)
    }

    /// Remembers `place`, and drops what is good no more.
    pub fn remember(&mut self, place: &Place, lifetime: u64, now: UnixTime) {
        self.0
            .retain(|known| known.place != *place && known.is_good(lifetime, now));
        if self.0.len() >= MAX_REMEMBERED {
            let oldest = self.0.iter().enumerate().min_by_key(|(_, it)| it.since);
            if let Some((index, _)) = oldest {
                self.0.remove(index);
            }
        }
        self.0.push(RememberedPlace {
            place: place.clone(),
            since: now,
        });
    }

    /// Ends one place.
    pub fn forget(&mut self, place: &Place) {
        self.0.retain(|known| known.place != *place);
    }

    /// Ends what was remembered while the clock ran ahead: its time would come again.
    pub fn forget_the_future(&mut self, now: UnixTime) {
        self.0.retain(|known| known.since <= now);
    }

    /// Ends all of them.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = 1_800_000_000;
    const HOUR: u64 = 60 * 60;

    fn place(last: u8) -> Place {
        Place::of("sshd", Some(&format!("192.0.2.{last}")), 0).unwrap()
    }

    fn good_at(places: &Remembered, now: UnixTime) -> Vec<&str> {
        let good = places.good(HOUR, now);
        good.map(|known| known.place.as_str()).collect()
    }

    #[test]
    fn a_place_is_good_from_its_moment_on_until_its_time_is_over() {
        let mut places = Remembered::default();
        places.remember(&place(1), HOUR, NOON);
        for (now, is_good) in [
            (NOON - 1, false),
            (NOON, true),
            (NOON + HOUR - 1, true),
            (NOON + HOUR, false),
            (u64::MAX, false),
            (0, false),
        ] {
            assert_eq!(!good_at(&places, now).is_empty(), is_good, "{now}");
        }
    }

    #[test]
    fn the_ninth_place_takes_the_room_of_the_oldest() {
        let mut places = Remembered::default();
        for last in 1..=9 {
            places.remember(&place(last), HOUR, NOON + u64::from(last));
        }
        assert_eq!(places.kept().len(), MAX_REMEMBERED);
        assert!(!good_at(&places, NOON + 9).contains(&place(1).as_str()));
    }

    #[test]
    fn remembering_drops_what_is_over_and_what_lies_in_the_future() {
        let mut places = Remembered::default();
        places.remember(&place(1), HOUR, NOON);
        places.remember(&place(2), HOUR, NOON + HOUR);
        assert_eq!(places.kept().len(), 1);
        places.remember(&place(3), HOUR, NOON);
        assert_eq!(good_at(&places, NOON), ["192.0.2.3 sshd"]);
        assert_eq!(places.kept().len(), 1);
    }

    #[test]
    fn one_is_forgotten_and_the_others_stay() {
        let mut places = Remembered::default();
        places.remember(&place(1), HOUR, NOON);
        places.remember(&place(2), HOUR, NOON);
        places.forget(&place(1));
        assert_eq!(good_at(&places, NOON), ["192.0.2.2 sshd"]);
        places.forget_the_future(NOON - 1);
        assert!(places.is_empty());
    }
}
