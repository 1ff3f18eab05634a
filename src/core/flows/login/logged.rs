//! The log lines of a login.

use super::Judged;
use crate::event::{Event, Severity};
use crate::judge::{Accepted, By};
use crate::ports::Host;
use crate::verdict::{Login, Verdict};

/// The line that tells how the login ended.
pub(super) fn verdict(login: &Login, judged: &Judged, host: &dyn Host) {
    let (severity, result, reason) = match &judged.verdict {
        Verdict::Accept => (severity_of(judged.accepted.as_ref()), "accept", None),
        Verdict::Refuse(refusal) => (Severity::Info, "refuse", Some(refusal.word())),
        Verdict::Unavailable(trouble) => {
            (Severity::Error, "unavailable", Some(trouble.kind.word()))
        }
        Verdict::NotOurs => (Severity::Info, "not-ours", None),
    };
    let mut event = Event::new(severity, "login").word("result", result);
    if let Some(reason) = reason {
        event = event.word("reason", reason);
    }
    event = describe(event, login);
    event = match judged.accepted.as_ref().map(|accepted| &accepted.by) {
        Some(By::Token(token)) => event.text("token", token),
        Some(By::RecoveryCode { .. }) => event.word("by", "recovery-code"),
        Some(By::RememberedPlace) => event.word("by", "place"),
        Some(By::PasswordAlone) => event.word("by", "password-alone"),
        None if judged.verdict == Verdict::Accept => event.word("by", "enrollment"),
        None => event,
    };
    if judged
        .accepted
        .as_ref()
        .is_some_and(|accepted| accepted.is_first)
    {
        event = event.word("first", "yes");
    }
    if let Some(count) = judged.wrong_codes {
        event = event.number("wrong-codes", u64::from(count));
    }
    if let Verdict::Unavailable(trouble) = &judged.verdict {
        event = event.text("detail", &trouble.detail);
    }
    host.log(&event);
}

/// How grave it is that somebody got in: who comes first after a change, or with a code on paper, need
/// not be the owner.
pub(super) fn severity_of(accepted: Option<&Accepted>) -> Severity {
    let by_paper = |accepted: &Accepted| matches!(accepted.by, By::RecoveryCode { .. });
    match accepted {
        Some(accepted) if accepted.is_first || by_paper(accepted) => Severity::Warning,
        _ => Severity::Info,
    }
}

/// The line of a change of status, where there is one.
pub(super) fn change(login: &Login, judged: &Judged, host: &dyn Host) {
    if let Some((from, to)) = judged.status {
        let event = Event::new(Severity::Warning, "status")
            .word("from", from.word())
            .word("to", to.word());
        host.log(&describe(event, login));
    }
}

/// Adds who and from where, as the caller described them.
fn describe(event: Event, login: &Login) -> Event {
    let user = login
        .account()
        .map_or(login.typed_user.as_str(), |account| account.name.as_str());
    event
        .text("user", user)
        .text("service", &login.service)
        .maybe("rhost", login.rhost.as_deref())
        .maybe("tty", login.tty.as_deref())
}
