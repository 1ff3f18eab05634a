//! What the owner is told after a good login: kept until told, and at least seven days.

use serde::{Deserialize, Serialize};

use crate::ports::UnixTime;

/// How long a notice that was told stays in the state, for `kapu status`.
pub const KEPT: u64 = 7 * 24 * 60 * 60;
/// Most notices told after one login; the others wait for the next.
const MAX_TOLD: usize = 2;
/// Longest address kept in a notice, in characters.
pub const MAX_FROM: usize = 64;

/// Several happenings of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tally {
    /// How many.
    pub count: u32,
    /// When the first was.
    pub since: UnixTime,
    /// When the last was.
    pub last: UnixTime,
    /// Where the last came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Whether the owner has been told.
    #[serde(default)]
    pub told: bool,
}

/// A device that joined others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Added {
    /// What it is called.
    pub name: String,
    /// When it came.
    pub at: UnixTime,
    /// Whether the owner has been told.
    #[serde(default)]
    pub told: bool,
}

impl Added {
    /// A device that came just now.
    #[must_use]
    pub fn at(name: &str, at: UnixTime) -> Self {
        Self {
            name: name.to_owned(),
            at,
            told: false,
        }
    }
}

/// What happened that the owner should know of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Notices {
    /// Wrong codes beside the right password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_codes: Option<Tally>,
    /// Used codes that came again beside the right password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replays: Option<Tally>,
    /// Well-formed paper codes that were not this account's, beside the right password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrong_paper: Option<Tally>,
    /// The revocation code, used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovered: Option<Tally>,
    /// The device that joined others last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_added: Option<Added>,
    /// When an enrollment within a login was begun that has not been finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<UnixTime>,
    /// When the owner was last told that there is no revocation code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reminded: Option<UnixTime>,
}

/// Adds one happening to a tally; one that was told already starts anew.
pub fn add(tally: &mut Option<Tally>, from: Option<&str>, now: UnixTime) {
    let from = from.map(|text| {
        text.chars()
            .filter(|c| !c.is_control())
            .take(MAX_FROM)
            .collect()
    });
    match tally {
        Some(open) if !open.told => {
            open.count = open.count.saturating_add(1);
            open.last = open.last.max(now);
            open.from = from;
        }
        _ => {
            *tally = Some(Tally {
                count: 1,
                since: now,
                last: now,
                from,
                told: false,
            })
        }
    }
}

/// What is told once.
trait Happening: Clone {
    /// When it was, the last time.
    fn last(&self) -> UnixTime;
    /// Whether the owner has been told.
    fn told(&mut self) -> &mut bool;
}

impl Happening for Tally {
    fn last(&self) -> UnixTime {
        self.last
    }

    fn told(&mut self) -> &mut bool {
        &mut self.told
    }
}

impl Happening for Added {
    fn last(&self) -> UnixTime {
        self.at
    }

    fn told(&mut self) -> &mut bool {
        &mut self.told
    }
}

impl Notices {
    /// Takes what was not told yet, the gravest first, marks it told, and drops what was told
    /// long ago.
    pub fn tell(&mut self, now: UnixTime) -> Self {
        let mut left = MAX_TOLD;
        // In the order of this list.
        Self {
            recovered: take_untold(&mut self.recovered, now, &mut left),
            device_added: take_untold(&mut self.device_added, now, &mut left),
            wrong_codes: take_untold(&mut self.wrong_codes, now, &mut left),
            wrong_paper: take_untold(&mut self.wrong_paper, now, &mut left),
            replays: take_untold(&mut self.replays, now, &mut left),
            unfinished: None,
            reminded: None,
        }
    }

    /// Everything that is counted.
    pub(crate) fn tallies(&self) -> impl Iterator<Item = &Tally> {
        [
            &self.recovered,
            &self.wrong_codes,
            &self.wrong_paper,
            &self.replays,
        ]
        .into_iter()
        .flatten()
    }

    /// As [`tallies`](Self::tallies).
    pub(crate) fn tallies_mut(&mut self) -> impl Iterator<Item = &mut Tally> {
        [
            &mut self.recovered,
            &mut self.wrong_codes,
            &mut self.wrong_paper,
            &mut self.replays,
        ]
        .into_iter()
        .flatten()
    }

    /// Every moment in it.
    pub(crate) fn moments_mut(&mut self) -> Vec<&mut UnixTime> {
        let Self {
            recovered,
            wrong_codes,
            wrong_paper,
            replays,
            device_added,
            unfinished,
            reminded,
        } = self;
        let tallies = [recovered, wrong_codes, wrong_paper, replays];
        let counted = tallies
            .into_iter()
            .flatten()
            .flat_map(|tally| [&mut tally.since, &mut tally.last]);
        let added = device_added.iter_mut().map(|added| &mut added.at);
        let single = unfinished.iter_mut().chain(reminded);
        counted.chain(added).chain(single).collect()
    }

    /// Whether it is time to tell that there is no revocation code; it then counts as told.
    pub(crate) fn remind(&mut self, now: UnixTime) -> bool {
        let is_fresh = |at| now.saturating_sub(at) < KEPT;
        if self.reminded.is_some_and(is_fresh) {
            return false;
        }
        self.reminded = Some(now);
        true
    }
}

/// What is in `slot` and was not told yet, if there may be one more.
fn take_untold<T: Happening>(slot: &mut Option<T>, now: UnixTime, left: &mut usize) -> Option<T> {
    let open = slot.as_mut()?;
    if *open.told() {
        if now.saturating_sub(open.last()) > KEPT {
            *slot = None;
        }
        return None;
    }
    *left = left.checked_sub(1)?;
    let untold = open.clone();
    *open.told() = true;
    Some(untold)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixTime = 1_800_014_400;

    #[test]
    fn happenings_of_one_kind_are_counted_until_they_are_told() {
        let mut notices = Notices::default();
        add(&mut notices.wrong_codes, Some("192.0.2.9"), NOON);
        add(&mut notices.wrong_codes, Some("192.0.2.7"), NOON + 5);
        let told = notices.tell(NOON + 10).wrong_codes.unwrap();
        assert_eq!((told.count, told.since, told.last), (2, NOON, NOON + 5));
        assert_eq!(told.from.as_deref(), Some("192.0.2.7"));
        assert_eq!(notices.tell(NOON + 20).wrong_codes, None);
        add(&mut notices.wrong_codes, None, NOON + 30);
        assert_eq!(notices.tell(NOON + 40).wrong_codes.unwrap().count, 1);
    }

    #[test]
    fn of_three_kinds_the_least_grave_waits_for_the_next_login() {
        let mut notices = Notices::default();
        add(&mut notices.replays, None, NOON);
        add(&mut notices.wrong_paper, None, NOON);
        add(&mut notices.wrong_codes, None, NOON);
        let first = notices.tell(NOON);
        assert!(first.wrong_codes.is_some() && first.wrong_paper.is_some());
        assert_eq!(first.replays, None);
        assert!(notices.tell(NOON).replays.is_some());
    }

    #[test]
    fn what_lets_somebody_in_from_now_on_is_told_before_what_did_not() {
        let mut notices = Notices::default();
        add(&mut notices.wrong_codes, None, NOON);
        notices.device_added = Some(Added::at("tablet", NOON));
        add(&mut notices.recovered, Some("192.0.2.9"), NOON);
        let first = notices.tell(NOON);
        assert!(first.recovered.is_some() && first.device_added.is_some());
        assert_eq!(first.wrong_codes, None);
        assert!(notices.tell(NOON).wrong_codes.is_some());
        assert_eq!(notices.tell(NOON), Notices::default());
    }

    #[test]
    fn who_has_no_revocation_code_is_reminded_once_a_week() {
        let mut notices = Notices::default();
        let told = [NOON, NOON + 1, NOON + KEPT - 1, NOON + KEPT].map(|at| notices.remind(at));
        assert_eq!(told, [true, false, false, true]);
    }

    #[test]
    fn a_told_notice_is_kept_for_seven_days() {
        let mut notices = Notices::default();
        add(&mut notices.replays, None, NOON);
        let _ = notices.tell(NOON);
        let _ = notices.tell(NOON + KEPT);
        assert!(notices.replays.is_some());
        let _ = notices.tell(NOON + KEPT + 1);
        assert_eq!(notices.replays, None);
    }

    #[test]
    fn an_address_is_cut_and_loses_its_control_characters() {
        let mut tally = None;
        add(
            &mut tally,
            Some(&format!("a\x1b[2J\n{}", "x".repeat(500))),
            NOON,
        );
        let from = tally.unwrap().from.unwrap();
        assert!(from.starts_with("a[2Jx"));
        assert_eq!(from.chars().count(), MAX_FROM);
    }
}
