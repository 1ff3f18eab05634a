//! The log of the module: systemd's journal with its fields, else the system log.

use kapu_core::event::{Ended, Event, Field, Severity, What};
use kapu_core::ports::{Host as _, Trouble};
use kapu_host::journal::{self, Entry};
use kapu_host::log::{LogSink, Machine};
use pamsm::{LogLvl, Pam, PamLibExt as _};

use crate::items;

/// The hooks that have something to say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Hook {
    /// pam_sm_authenticate(3).
    Login,
    /// pam_sm_chauthtok(3).
    Password,
}

impl Hook {
    /// As pam_syslog(3) calls it.
    const fn word(self) -> &'static str {
        match self {
            Self::Login => "auth",
            Self::Password => "chauthtok",
        }
    }

    /// What its lines are about.
    const fn event(self) -> What {
        match self {
            Self::Login => What::Login,
            Self::Password => What::Passwd,
        }
    }
}

/// The log, for the hook that writes there.
pub(crate) struct PamLog<'a>(pub(crate) &'a Pam, pub(crate) Hook);

impl LogSink for PamLog<'_> {
    fn write(&self, severity: Severity, line: &str) {
        let Self(pam, hook) = self;
        // The text of pam_syslog(3), of a module by this name.
        let service = items::text_item(pam, items::PAM_SERVICE);
        let service = service.as_deref().unwrap_or("<unknown>");
        let entry = Entry {
            severity,
            identifier: &journal::name_of_this_process(),
            before: &format!("pam_kapu({service}:{}): ", hook.word()),
            line,
        };
        if entry.send() {
            return;
        }
        let level = match severity {
            Severity::Info => LogLvl::INFO,
            Severity::Warning => LogLvl::WARNING,
            Severity::Error => LogLvl::ERR,
        };
        // pam_syslog(3) leaves the host's own openlog(3) alone. A line with a NUL is none of ours;
        // and a log that fails changes no decision.
        let _ = pam.syslog(level, line);
    }
}

/// For what goes wrong outside a login flow, which logs for itself.
pub(crate) fn log_trouble(pam: &Pam, hook: Hook, trouble: &Trouble) {
    let log = PamLog(pam, hook);
    let event = Event::new(Severity::Error, hook.event())
        .word(Field::Result, Ended::Unavailable)
        .word(Field::Reason, trouble.kind)
        .maybe(
            Field::User,
            items::user(pam).ok().map(|user| user.shown).as_deref(),
        )
        .maybe(
            Field::Service,
            items::text_item(pam, items::PAM_SERVICE).as_deref(),
        )
        .maybe(
            Field::Rhost,
            items::text_item(pam, items::PAM_RHOST).as_deref(),
        )
        .text(Field::Detail, &trouble.detail);
    Machine::new(&log).log(&event);
}
