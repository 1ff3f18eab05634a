//! The log lines of a login.

use super::Judged;
use crate::event::{Ended, Event, Field, Means, Severity, What, YesNo};
use crate::judge::{Accepted, By};
use crate::ports::Host;
use crate::verdict::{Login, Verdict};

/// The line that tells how the login ended.
pub(super) fn verdict(login: &Login, judged: &Judged, host: &dyn Host) {
    let (severity, result) = match &judged.verdict {
        Verdict::Accept => (severity_of(judged.accepted.as_ref()), Ended::Accept),
        Verdict::Refuse(_) => (Severity::Info, Ended::Refuse),
        Verdict::Unavailable(_) => (Severity::Error, Ended::Unavailable),
        Verdict::NotOurs => (Severity::Info, Ended::NotOurs),
    };
    let mut event = Event::new(severity, What::Login).word(Field::Result, result);
    event = match &judged.verdict {
        Verdict::Refuse(refusal) => event.word(Field::Reason, *refusal),
        Verdict::Unavailable(trouble) => event.word(Field::Reason, trouble.kind),
        Verdict::Accept | Verdict::NotOurs => event,
    };
    event = describe(event, login);
    event = match judged.accepted.as_ref().map(|accepted| &accepted.by) {
        Some(By::Token(token)) => event.text(Field::Token, token),
        Some(By::RecoveryCode { .. }) => event.word(Field::By, Means::RecoveryCode),
        Some(By::RememberedPlace) => event.word(Field::By, Means::Place),
        Some(By::PasswordAlone) => event.word(Field::By, Means::PasswordAlone),
        None if judged.verdict == Verdict::Accept => event.word(Field::By, Means::Enrollment),
        None => event,
    };
    if judged
        .accepted
        .as_ref()
        .is_some_and(|accepted| accepted.is_first)
    {
        event = event.word(Field::First, YesNo::Yes);
    }
    if let Some(count) = judged.wrong_codes {
        event = event.number(Field::WrongCodes, u64::from(count));
    }
    if let Verdict::Unavailable(trouble) = &judged.verdict {
        event = event.text(Field::Detail, &trouble.detail);
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
        let event = Event::new(Severity::Warning, What::Status)
            .word(Field::From, from)
            .word(Field::To, to);
        host.log(&describe(event, login));
    }
}

/// Adds who and from where, as the caller described them.
fn describe(event: Event, login: &Login) -> Event {
    let user = login
        .account()
        .map_or(login.typed_user.as_str(), |account| account.name.as_str());
    event
        .text(Field::User, user)
        .text(Field::Service, &login.service)
        .maybe(Field::Rhost, login.rhost.as_deref())
        .maybe(Field::Tty, login.tty.as_deref())
}
