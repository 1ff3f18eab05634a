//! What is said after a login: the notices of a good one, the text of a refusal.

use super::{Form, Terms};
use crate::judge::{Accepted, By, Reminder};
use crate::messages::Message;
use crate::notices::{Added, Tally};
use crate::policy::Requirement;
use crate::ports::{DialogError, Host, UnixTime, World};
use crate::verdict::{Refusal, Verdict};

/// The text of a refusal. It depends on what was typed alone, except where the password was right
/// and what is said of it can be of use to nobody but its owner.
pub(super) fn refusal(
    terms: &Terms<'_>,
    verdict: &Verdict,
    was_typo: bool,
    host: &dyn Host,
) -> String {
    let texts = &terms.texts;
    match verdict {
        Verdict::Refuse(Refusal::RevokedNow) => {
            return texts.fill(Message::Revoked, &[("ask", &ask(terms))]);
        }
        Verdict::Refuse(Refusal::SetUpFirst) => {
            let site = terms.site(host);
            let values = [("site", site.as_str()), ("ask", &ask(terms))];
            return texts.fill(Message::SetUpFirst, &values);
        }
        _ => {}
    }
    texts.say(match terms.form {
        _ if was_typo => Message::PaperTypo,
        Form::Both => Message::Refusal,
        // A paper code does not fit in there, or revokes nothing without a proven password.
        Form::Joined | Form::Code => Message::RefusalWithoutPaper,
    })
}

/// Tells the owner after a good login what there is to tell, the gravest first.
pub(super) fn notices(
    terms: &Terms<'_>,
    accepted: &Accepted,
    world: &mut World<'_>,
) -> Result<(), DialogError> {
    let lines = lines(terms, accepted, world.host);
    if lines.is_empty() {
        return Ok(());
    }
    world.dialog.tell(&format!("\n{}\n", lines.join("\n\n")))
}

fn lines(terms: &Terms<'_>, accepted: &Accepted, host: &dyn Host) -> Vec<String> {
    let seen = &accepted.notices;
    [
        recovered(terms, host, seen.recovered.as_ref()),
        device_added(terms, host, seen.device_added.as_ref()),
        tally(
            terms,
            host,
            seen.wrong_codes.as_ref(),
            [Message::NoticeWrongCode, Message::NoticeWrongCodes],
        ),
        tally(
            terms,
            host,
            seen.wrong_paper.as_ref(),
            [Message::NoticeWrongPaper, Message::NoticeWrongPapers],
        ),
        tally(
            terms,
            host,
            seen.replays.as_ref(),
            [Message::NoticeReplay, Message::NoticeReplays],
        ),
        by(terms, &accepted.by, host),
        reminder(terms, accepted),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tally(
    terms: &Terms<'_>,
    host: &dyn Host,
    tally: Option<&Tally>,
    [one, many]: [Message; 2],
) -> Option<String> {
    let texts = &terms.texts;
    let tally = tally?;
    let from = from(terms, tally);
    let since = texts.day(host.local_time(tally.since));
    let count = tally.count.to_string();
    let row = if tally.count == 1 { one } else { many };
    let values = [
        ("count", count.as_str()),
        ("day", since.as_str()),
        ("from", from.as_str()),
    ];
    Some(with_advice(terms, &texts.fill(row, &values)))
}

/// What happened, and what to do where it was somebody else.
fn with_advice(terms: &Terms<'_>, what: &str) -> String {
    let advice = terms.texts.fill(Message::NotYou, &[("ask", &ask(terms))]);
    format!("{what}\n{advice}")
}

/// Where the last of a tally came from.
fn from(terms: &Terms<'_>, tally: &Tally) -> String {
    let this = || terms.texts.say(Message::ThisMachine);
    tally.from.clone().unwrap_or_else(this)
}

fn ask(terms: &Terms<'_>) -> String {
    terms.texts.ask(terms.config.site.contact.as_deref())
}

fn recovered(terms: &Terms<'_>, host: &dyn Host, tally: Option<&Tally>) -> Option<String> {
    let tally = tally?;
    let (when, from) = (moment(terms, host, tally.last), from(terms, tally));
    let values = [("when", when.as_str()), ("from", &from)];
    let what = terms.texts.fill(Message::NoticeRecovered, &values);
    Some(with_advice(terms, &what))
}

fn device_added(terms: &Terms<'_>, host: &dyn Host, added: Option<&Added>) -> Option<String> {
    let added = added?;
    let (when, device) = (moment(terms, host, added.at), added.name.as_str());
    let values = [("when", when.as_str()), ("device", device)];
    let what = terms.texts.fill(Message::NoticeDeviceAdded, &values);
    Some(with_advice(terms, &what))
}

fn moment(terms: &Terms<'_>, host: &dyn Host, at: UnixTime) -> String {
    let now = host.local_time(host.now());
    terms.texts.moment(host.local_time(at), now)
}

/// What the owner had better see to.
fn reminder(terms: &Terms<'_>, accepted: &Accepted) -> Option<String> {
    let texts = &terms.texts;
    let (row, seconds) = match accepted.reminder? {
        Reminder::ClockSlow(seconds) => (Message::NoticeClockSlow, seconds),
        Reminder::ClockFast(seconds) => (Message::NoticeClockFast, seconds),
        Reminder::NoRevocationCode => {
            let row = Message::NoticeNoRevocationCode;
            return Some(texts.fill(row, &[("ask", &ask(terms))]));
        }
    };
    let duration = texts.duration(seconds.into());
    Some(texts.fill(row, &[("duration", &duration)]))
}

/// What there is to say of what the login was proven by.
fn by(terms: &Terms<'_>, by: &By, host: &dyn Host) -> Option<String> {
    let texts = &terms.texts;
    match (by, terms.policy.requirement) {
        (By::RecoveryCode { left: 0 }, _) => Some(texts.say(Message::RecoveryAcceptedLast)),
        (By::RecoveryCode { left }, _) => {
            let count = left.to_string();
            Some(texts.fill(Message::RecoveryAccepted, &[("count", &count)]))
        }
        (By::PasswordAlone, Requirement::NotYet { from, days }) => {
            let (days, day) = (days.to_string(), texts.day(from.midnight()));
            let site = terms.site(host);
            let values = [("days", days.as_str()), ("day", &day), ("site", &site)];
            let row = if days == "1" {
                Message::LastDay
            } else {
                Message::DaysLeft
            };
            let how = if terms.policy.enrolls {
                texts.say(Message::SetUpByPlus)
            } else {
                texts.ask(terms.config.site.contact.as_deref())
            };
            Some(format!("{}\n{how}", texts.fill(row, &values)))
        }
        (By::Token(_) | By::RememberedPlace | By::PasswordAlone, _) => None,
    }
}
