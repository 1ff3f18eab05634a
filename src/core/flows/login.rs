//! One login: the same questions for everybody, one verdict, one refusal.

mod asking;

use std::time::Duration;

pub use self::asking::{Form, Questions};
use self::asking::{Typed, ask};
use crate::code::Answer;
use crate::config::Config;
use crate::event::{Event, Severity};
use crate::judge::{Accepted, Decision, Evidence, judge};
use crate::messages::{Message, Texts};
use crate::notices::Tally;
use crate::policy::Policy;
use crate::ports::{DialogError, Host, Proof, Replaced, Trouble, TroubleKind, UnixTime, World};
use crate::record::{Record, Revision, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;
use crate::verdict::{Login, Refusal, Verdict, Who};

/// Refusals leave on a multiple of this after the last answer, so that the time tells nothing of
/// the way a refusal took.
const REFUSAL_BEAT: Duration = Duration::from_secs(1);

/// How a login ended.
#[derive(Debug)]
pub struct Outcome {
    /// What PAM is told.
    pub verdict: Verdict,
    /// The password, where it was asked here and accepted: for the modules that follow.
    pub password: Option<Secret>,
}

/// How the login was judged: for the log, the notices and the refusal text.
struct Judged {
    verdict: Verdict,
    accepted: Option<Accepted>,
    status: Option<(Status, Status)>,
    wrong_codes: Option<u32>,
    /// The record whose password was proven, where its hash is weaker than the configuration
    /// wants by now.
    weak_hash: Option<Revision>,
}

impl Judged {
    const fn plain(verdict: Verdict) -> Self {
        Self {
            verdict,
            accepted: None,
            status: None,
            wrong_codes: None,
            weak_hash: None,
        }
    }
}

/// Runs one login from the first prompt to the last line of text.
///
/// The questions are the same for every account, known or not, whatever its status; so is the
/// work done, the refusal's text and the moment it leaves.
pub fn login(
    config: &Config,
    login: &Login,
    questions: Questions,
    world: &mut World<'_>,
) -> Outcome {
    let texts = Texts {
        language: config.texts.language,
        unicode: config.texts.unicode,
    };
    let form = questions.form;
    let typed = match ask(config, &texts, questions, world) {
        Ok(typed) => typed,
        Err(error) => {
            let judged = Judged::plain(Verdict::Unavailable(error.into()));
            log(login, &judged, world.host);
            return Outcome {
                verdict: judged.verdict,
                password: None,
            };
        }
    };
    let Typed {
        password,
        answer,
        at,
        answered,
    } = typed;
    let was_typo = matches!(answer, Answer::PaperTypo);
    let judged = decide(config, login, world, &password, answer, at)
        .unwrap_or_else(|trouble| Judged::plain(Verdict::Unavailable(trouble)));
    log(login, &judged, world.host);
    // Telling is best effort: the verdict stands, whether or not anybody still listens.
    let _ = match &judged.accepted {
        Some(accepted) => tell_notices(accepted, config, &texts, world),
        None => {
            wait_for_the_beat(answered, world.host);
            world
                .dialog
                .tell(&refusal(&judged.verdict, form, was_typo, config, &texts))
        }
    };
    // Likewise: whoever is in is in, and the next good login tries again.
    let _ = renew_hash(&judged, login, &password, world);
    let hands_on = judged.verdict == Verdict::Accept && form != Form::Code;
    Outcome {
        verdict: judged.verdict,
        password: hands_on.then_some(password),
    }
}

fn decide(
    config: &Config,
    login: &Login,
    world: &World<'_>,
    password: &Secret,
    answer: Answer,
    at: UnixTime,
) -> Result<Judged, Trouble> {
    let (account, snapshot) = match &login.who {
        Who::Known(account) => (account, world.store.load(account)),
        Who::Unknown => {
            world.passwords.verify(login, None, password)?;
            return Ok(Judged::plain(Verdict::Refuse(Refusal::UnknownUser)));
        }
        Who::Unresolved(trouble) => {
            world.passwords.verify(login, None, password)?;
            return Err(trouble.clone());
        }
    };
    // The hash is paid for even where the store failed.
    let hash = snapshot
        .as_ref()
        .ok()
        .and_then(|found| found.record.as_ref()?.password.as_ref());
    let proof = world.passwords.verify(login, hash, password)?;
    let is_weak = proof == Proof::Right && hash.is_some_and(|hash| world.passwords.stale(hash));
    let revision = snapshot?.revision();
    let evidence = Evidence {
        password: proof,
        revision,
        answer,
        at,
    };
    let judged = judge_and_store(config, login, account, world, &evidence)?;
    Ok(Judged {
        weak_hash: is_weak.then_some(revision),
        ..judged
    })
}

/// Judges under the account's lock. The state is durable when this returns, so only then may
/// anybody hear of an accept.
fn judge_and_store(
    config: &Config,
    login: &Login,
    account: &Account,
    world: &World<'_>,
    evidence: &Evidence,
) -> Result<Judged, Trouble> {
    let policy = Policy::of(config, login);
    let mut judged = None;
    world.store.update(account, &mut |snapshot| {
        let old = &snapshot.state;
        let (decision, next) = judge(&policy, login, snapshot.record.as_ref(), old, evidence);
        judged = Some((decision, old.status, next.clone()));
        (next != *old).then_some(next)
    })?;
    // A store that never asked has not decided anything: the refusal we started from stands.
    let (decision, old_status, next) = judged.ok_or_else(|| {
        Trouble::new(
            TroubleKind::StoreRead,
            "the store did not ask for a judgement",
        )
    })?;
    Ok(read_decision(
        decision,
        old_status,
        &next,
        evidence.password,
    ))
}

fn read_decision(decision: Decision, old: Status, next: &State, proof: Proof) -> Judged {
    let status = (old != next.status).then_some((old, next.status));
    match decision {
        Decision::Accept(accepted) => Judged {
            verdict: Verdict::Accept,
            accepted: Some(accepted),
            status,
            wrong_codes: None,
            weak_hash: None,
        },
        Decision::Refuse(refusal) => Judged {
            verdict: Verdict::Refuse(refusal),
            accepted: None,
            status,
            wrong_codes: (refusal == Refusal::Code && proof == Proof::Right).then(|| {
                next.notices
                    .wrong_codes
                    .as_ref()
                    .map_or(0, |tally| tally.count)
            }),
            weak_hash: None,
        },
        Decision::RecordChanged => Judged::plain(Verdict::Unavailable(Trouble::new(
            TroubleKind::RecordChanged,
            "the record was changed while the password was checked",
        ))),
    }
}

/// Hashes the password anew after a good login, where its hash is weaker than it should be.
fn renew_hash(
    judged: &Judged,
    login: &Login,
    password: &Secret,
    world: &World<'_>,
) -> Result<Replaced, Trouble> {
    match (&judged.verdict, judged.weak_hash, login.account()) {
        (Verdict::Accept, Some(revision), Some(account)) if world.store.writes_records() => {
            let hash = world.passwords.hash(password)?;
            let Some(record) = world.store.load(account)?.record else {
                return Ok(Replaced::Conflict);
            };
            let password = Some(hash);
            // Status and state stay what they are at the moment of writing: a revocation that
            // came meanwhile is not undone.
            world
                .store
                .amend(account, revision, &Record { password, ..record })
        }
        _ => Ok(Replaced::Conflict),
    }
}

fn wait_for_the_beat(answered: Duration, host: &dyn Host) {
    let beat = REFUSAL_BEAT.as_nanos();
    let waited = host.elapsed().saturating_sub(answered).as_nanos();
    let left = beat - waited % beat;
    host.sleep(Duration::from_nanos(u64::try_from(left).unwrap_or(0)));
}

/// The text of a refusal. It depends on what was typed alone, except where the password and the
/// revocation code were both right.
fn refusal(
    verdict: &Verdict,
    form: Form,
    was_typo: bool,
    config: &Config,
    texts: &Texts,
) -> String {
    if *verdict == Verdict::Refuse(Refusal::RevokedNow) {
        let ask = texts.ask(config.site.contact.as_deref());
        return texts.fill(Message::Revoked, &[("ask", &ask)]);
    }
    texts.say(match form {
        _ if was_typo => Message::PaperTypo,
        Form::Both => Message::Refusal,
        // A paper code does not fit in there, or revokes nothing without a proven password.
        Form::Joined | Form::Code => Message::RefusalWithoutPaper,
    })
}

/// What the owner is told after a good login, the gravest first.
fn notices(accepted: &Accepted, config: &Config, texts: &Texts, host: &dyn Host) -> Vec<String> {
    let ask = texts.ask(config.site.contact.as_deref());
    let tally = |tally: &Option<Tally>, one, many| {
        let tally = tally.as_ref()?;
        let from = tally
            .from
            .clone()
            .unwrap_or_else(|| texts.say(Message::ThisMachine));
        let since = texts.day(host.local_time(tally.since));
        let count = tally.count.to_string();
        let row = if tally.count == 1 { one } else { many };
        let values = [
            ("count", count.as_str()),
            ("day", since.as_str()),
            ("from", from.as_str()),
        ];
        let advice = texts.fill(Message::NotYou, &[("ask", &ask)]);
        Some(format!("{}\n{advice}", texts.fill(row, &values)))
    };
    let seen = &accepted.notices;
    [
        tally(
            &seen.wrong_codes,
            Message::NoticeWrongCode,
            Message::NoticeWrongCodes,
        ),
        tally(
            &seen.wrong_paper,
            Message::NoticeWrongPaper,
            Message::NoticeWrongPapers,
        ),
        tally(&seen.replays, Message::NoticeReplay, Message::NoticeReplays),
        accepted.recovery_left.map(|left| match left {
            0 => texts.say(Message::RecoveryAcceptedLast),
            left => texts.fill(Message::RecoveryAccepted, &[("count", &left.to_string())]),
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn tell_notices(
    accepted: &Accepted,
    config: &Config,
    texts: &Texts,
    world: &mut World<'_>,
) -> Result<(), DialogError> {
    let lines = notices(accepted, config, texts, world.host);
    if lines.is_empty() {
        return Ok(());
    }
    world.dialog.tell(&format!("\n{}\n", lines.join("\n\n")))
}

fn log(login: &Login, judged: &Judged, host: &dyn Host) {
    let (severity, result, reason) = match &judged.verdict {
        Verdict::Accept => (Severity::Info, "accept", None),
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
    if let Some(accepted) = &judged.accepted {
        event = match &accepted.token {
            Some(token) => event.text("token", token),
            None => event.word("by", "recovery-code"),
        };
    }
    if let Some(count) = judged.wrong_codes {
        event = event.number("wrong-codes", u64::from(count));
    }
    if let Verdict::Unavailable(trouble) = &judged.verdict {
        event = event.text("detail", &trouble.detail);
    }
    host.log(&event);
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

#[cfg(test)]
mod tests;
