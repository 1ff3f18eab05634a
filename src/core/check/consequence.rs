//! What comes of it when a login is decided by something else than was meant.

use super::Gravity;
use crate::config::{Config, Start};
use crate::policy::{Requirement, on_this_day};
use crate::ports::Host;
use crate::rule::Says;

/// How what decides compares to what was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Instead {
    /// Less is asked, of some logins at least.
    Less,
    /// More is asked of some, and less of none.
    More,
    /// The same is asked today.
    Same,
}

impl Instead {
    /// What is asked by `others`, one of which decides, in place of `meant`.
    pub(super) fn of(meant: Requirement, others: impl IntoIterator<Item = Requirement>) -> Self {
        let meant = asks(meant);
        others
            .into_iter()
            .map(asks)
            .fold(Self::Same, |so_far, other| match so_far {
                _ if other < meant => Self::Less,
                Self::Same if other > meant => Self::More,
                _ => so_far,
            })
    }

    /// Where somebody is asked for less than was meant, they get in; for more, they stay out.
    pub(super) const fn gravity(self) -> Gravity {
        match self {
            Self::Less => Gravity::Danger,
            Self::More => Gravity::Lockout,
            Self::Same => Gravity::Note,
        }
    }
}

/// What a rule asks for today of the logins that it decides.
pub(super) fn requirement(config: &Config, says: Says, host: &dyn Host) -> Requirement {
    match says {
        Says::Exempt => Requirement::Exempt,
        Says::Required => on_this_day(config, Start::Always, host),
        Says::RequiredFrom(day) => on_this_day(config, Start::From(day), host),
    }
}

/// How much is asked of who has no device, and how soon.
const fn asks(requirement: Requirement) -> (u8, i64) {
    match requirement {
        Requirement::Exempt => (0, 0),
        Requirement::NotYet { days, .. } => (1, -days),
        Requirement::CodeOrSetUp => (2, 0),
        Requirement::Code => (3, 0),
    }
}
