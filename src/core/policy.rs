//! Is a code required of this login, and by which numbers is it judged?
//!
//! The first rule that matches decides, else the roll-out date. Everything here depends on the
//! configuration, the day and who logs in from where, never on what is stored of the account.

use crate::config::{Config, Start};
use crate::date::Date;
use crate::ports::{Dialog, Host};
use crate::rule::{Match, Says};
use crate::verdict::Login;

/// Days after the roll-out date in which an account that never had a code may still set one up on
/// the password alone, where the configuration names no day: later, an account that nobody uses
/// must not fall to a password that leaked.
pub const ENROLL_DAYS: i64 = 30;

/// Whether this login needs a code. Accounts that have one need it unless a rule exempts the
/// login; the others differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// A code. Who never had one needs an invitation or an ssh key to set one up.
    Code,
    /// A code. Who never had one sets one up on the password, and can do nothing else.
    CodeOrSetUp,
    /// Who never had a code passes on the password until this day, and may set one up.
    NotYet {
        /// The first day on which a code is required.
        from: Date,
        /// Days until then, at least 1.
        days: i64,
    },
    /// A rule asks for none.
    Exempt,
}

impl Requirement {
    /// Whether the password alone may open an enrollment for who never had a code.
    #[must_use]
    pub const fn lets_set_up(self) -> bool {
        matches!(self, Self::CodeOrSetUp | Self::NotYet { .. } | Self::Exempt)
    }
}

/// The rules of one login, worked out from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether a code is required.
    pub requirement: Requirement,
    /// Whether a device may be set up within this login.
    pub enrolls: bool,
    /// Steps before and after the present one whose codes are accepted.
    pub window: u8,
    /// Units of wrong codes at which the tokens are switched off.
    pub disable_after: u32,
    /// Seconds for which a place is remembered, if any is.
    pub remembers: Option<u64>,
}

impl Policy {
    /// The policy for `login` at this moment.
    #[must_use]
    pub fn of(config: &Config, login: &Login, host: &dyn Host) -> Self {
        Self {
            requirement: requirement(config, login, host),
            enrolls: may_enroll(config, login),
            window: config.login.window,
            disable_after: config.throttle.disable_after,
            // By a clock from before the file was written no time is measured.
            remembers: (config.login.remember_place_for)
                .filter(|_| host.now() >= config.written)
                .map(|lifetime| lifetime.as_secs()),
        }
    }

    /// The same for a login through `dialog`: no device is set up where no text comes through.
    #[must_use]
    pub fn within(self, dialog: &dyn Dialog) -> Self {
        Self {
            enrolls: self.enrolls && dialog.shows_texts(),
            ..self
        }
    }
}

/// Whether a device may be set up within a login of this service: it must be able to show a
/// secret to the person and to nobody else.
fn may_enroll(config: &Config, login: &Login) -> bool {
    config.enroll.at_login && config.enroll.services.contains(&login.service)
}

/// Whether everybody is told that Enter is enough without a code. It depends on configuration,
/// service and day alone, so it tells nothing about anybody.
#[must_use]
pub fn shows_hint(config: &Config, login: &Login, host: &dyn Host) -> bool {
    let start = config.rollout.start;
    config.texts.hint && may_enroll(config, login) && on_this_day(config, start, host).lets_set_up()
}

fn requirement(config: &Config, login: &Login, host: &dyn Host) -> Requirement {
    for rule in &config.rules {
        match (rule.matches(login, host), rule.says) {
            (Match::Yes, Says::Exempt) => return Requirement::Exempt,
            (Match::No, _) | (Match::Unknown, Says::Exempt) => {}
            (_, Says::Required) => return on_this_day(config, Start::Always, host),
            (found, Says::RequiredFrom(day)) => {
                let requirement = on_this_day(config, Start::From(day), host);
                // A day that has not come lets people pass: not those of whom nothing is known.
                let passes = matches!(requirement, Requirement::NotYet { .. });
                if found == Match::Yes || !passes {
                    return requirement;
                }
            }
        }
    }
    on_this_day(config, config.rollout.start, host)
}

/// What is required where a code is required from `start` on.
pub(crate) fn on_this_day(config: &Config, start: Start, host: &dyn Host) -> Requirement {
    let now = host.now();
    // A clock from before the file was written is wrong, and must not bring back an earlier time.
    if now < config.written {
        return Requirement::Code;
    }
    // Where no date decides, none is worked out: that reads the time zone.
    if start == Start::Always && config.rollout.enroll_until.is_none() {
        return Requirement::Code;
    }
    let today = Date::of(host.local_time(now));
    if let Start::From(from) = start
        && today < from
    {
        let days = from.days_since(today);
        return Requirement::NotYet { from, days };
    }
    let is_open = match (config.rollout.enroll_until, start) {
        (Some(last), _) => today <= last,
        (None, Start::From(from)) => today.days_since(from) <= ENROLL_DAYS,
        (None, Start::Always) => false,
    };
    if is_open {
        Requirement::CodeOrSetUp
    } else {
        Requirement::Code
    }
}

#[cfg(test)]
mod tests;
