//! The state: what logins change. Holds no secret.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::id::Id;
use crate::notices::{Added, Notices};
use crate::ports::UnixTime;
use crate::record::{Record, Status};
use crate::remembered::Remembered;
use crate::throttle::Throttle;

/// The last code of one token that was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LastUse {
    /// The step it belonged to; only later ones are accepted. Of a counter-based token: its
    /// counter plus one, which is how many codes are spent.
    pub step: u64,
    /// When it was accepted.
    pub at: UnixTime,
    /// For how many codes in a row the app's clock seemed slow (less than 0) or fast.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub drift: i8,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
const fn is_zero(drift: &i8) -> bool {
    *drift == 0
}

/// A counter-based token that ran ahead of us: the code after this one is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Resync {
    /// Which.
    pub token: Id,
    /// The step of the code that was refused.
    pub step: u64,
    /// When that was.
    pub at: UnixTime,
}

impl Resync {
    /// How long the next code is waited for, in seconds, once codes are compared again.
    pub const LIFETIME: u64 = 10 * 60;

    /// Whether the next code is still waited for, where codes were compared from `opened` on.
    #[must_use]
    pub fn holds(&self, opened: UnixTime, now: UnixTime) -> bool {
        let end = self.at.max(opened).saturating_add(Self::LIFETIME);
        (self.at..=end).contains(&now)
    }
}

/// What logins change of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct State {
    /// Where the account stands.
    pub status: Status,
    /// Since when.
    pub status_since: UnixTime,
    /// What it was before the administrator locked it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked_from: Option<Status>,
    /// Whether nobody has logged in since the account was set up, recovered or unlocked, or since a
    /// device came: whoever did that need not be the owner.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unvisited: bool,
    /// The last good login: when and from where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_login: Option<LastLogin>,
    /// Recovery codes that were used.
    pub spent_recovery: BTreeSet<Id>,
    /// Last use by token.
    pub last_use: BTreeMap<Id, LastUse>,
    /// A token that ran ahead, if the code that was judged last has shown that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resync: Option<Resync>,
    /// Failures, budget, places.
    pub throttle: Throttle,
    /// Where Enter is enough beside the right password.
    #[serde(default, skip_serializing_if = "Remembered::is_empty")]
    pub remembered: Remembered,
    /// What the owner is to be told.
    pub notices: Notices,
}

/// The last good login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LastLogin {
    /// When.
    pub at: UnixTime,
    /// From where, as the caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
}

impl State {
    /// The state of an account that nobody has logged in to.
    #[must_use]
    pub fn new(status: Status) -> Self {
        Self {
            status,
            status_since: 0,
            locked_from: None,
            unvisited: false,
            last_login: None,
            spent_recovery: BTreeSet::new(),
            last_use: BTreeMap::new(),
            resync: None,
            throttle: Throttle::default(),
            remembered: Remembered::default(),
            notices: Notices::default(),
        }
    }

    /// Changes the status and notes when. What was remembered does not outlive a change: an account
    /// that comes back to be Live begins with a code.
    pub fn set_status(&mut self, status: Status, now: UnixTime) {
        if self.status != status {
            self.status = status;
            self.status_since = now;
            self.unvisited |= status == Status::Live;
            self.remembered.clear();
        }
    }

    /// How many recovery codes of `record`, printed or from another module, were not used yet.
    #[must_use]
    pub fn recovery_left(&self, record: &Record) -> usize {
        let unspent = |id: &Id| !self.spent_recovery.contains(id);
        record.recovery_ids().filter(unspent).count()
    }

    /// The step that a code of this token must be above.
    #[must_use]
    pub fn floor(&self, token: &crate::record::Token) -> u64 {
        let last = self.last_use.get(&token.id).map_or(0, |last| last.step);
        last.max(token.confirmed_step)
    }

    /// The state beside a new record: counters of tokens and codes that went are dropped, those
    /// that stayed are kept, and a rebound record starts with an empty throttle and no remembered
    /// place.
    #[must_use]
    pub fn beside(
        &self,
        old: Option<&Record>,
        new: &Record,
        status: Status,
        now: UnixTime,
    ) -> Self {
        let mut next = self.clone();
        next.last_use
            .retain(|id, _| new.tokens.iter().any(|token| token.id == *id));
        next.spent_recovery
            .retain(|id| new.recovery_ids().any(|known| known == *id));
        if old.is_none_or(|old| new.is_rebound(old)) {
            next.throttle.clear();
            next.remembered.clear();
        }
        next.resync = None;
        if new.has_new_token(old) {
            next.unvisited = true;
            next.notices.unfinished = None;
        }
        if let Some(joined) = old.and_then(|old| new.joined_token(old)) {
            next.notices.device_added = Some(Added::at(&joined.name, now));
        }
        next.set_status(status, now);
        next
    }
}

impl Serialize for Status {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::from_word(&word).ok_or_else(|| serde::de::Error::custom("not a status"))
    }
}
