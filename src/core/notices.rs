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
    /// When an enrollment within a login was begun that has not been finished.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<UnixTime>,
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

impl Notices {
    /// Takes what was not told yet, the gravest first, marks it told, and drops what was told
    /// long ago.
    pub fn tell(&mut self, now: UnixTime) -> Self {
        let mut fresh = Self::default();
        let mut told = 0;
        for (tally, untold) in [
            (&mut self.wrong_codes, &mut fresh.wrong_codes),
            (&mut self.wrong_paper, &mut fresh.wrong_paper),
            (&mut self.replays, &mut fresh.replays),
        ] {
            match tally {
                Some(open) if !open.told && told < MAX_TOLD => {
                    *untold = Some(open.clone());
                    open.told = true;
                    told += 1;
                }
                Some(old) if old.told && now.saturating_sub(old.last) > KEPT => *tally = None,
                _ => {}
            }
        }
        fresh
    }
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
