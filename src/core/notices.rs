//! What the owner is told after a good login: kept until told, and at least seven days.

use serde::{Deserialize, Serialize};

use crate::ports::UnixTime;

/// How long a notice that was told stays in the state, for `kapu status`.
pub const KEPT: u64 = 7 * 24 * 60 * 60;
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
    /// Takes what was not told yet, marks it told, and drops what was told long ago.
    pub fn tell(&mut self, now: UnixTime) -> Self {
        let mut fresh = Self::default();
        for (tally, untold) in [
            (&mut self.wrong_codes, &mut fresh.wrong_codes),
            (&mut self.replays, &mut fresh.replays),
            (&mut self.wrong_paper, &mut fresh.wrong_paper),
        ] {
            match tally {
                Some(open) if !open.told => {
                    *untold = Some(open.clone());
                    open.told = true;
                }
                Some(old) if now.saturating_sub(old.last) > KEPT => *tally = None,
                _ => {}
            }
        }
        fresh
    }
}
