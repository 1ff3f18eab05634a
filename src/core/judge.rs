//! The whole decision of one login: from what was proven to accept or refuse, and to the state
//! that must be durable before anybody hears of it.
//!
//! `judge` is a function of its arguments. It is called under the account's lock, on a state just
//! read, and may be called again on a newer one.

use crate::code::{self, Answer, Comparison, Digits};
use crate::notices::{self, Notices};
use crate::paper::{PaperCode, PaperKind};
use crate::policy::Policy;
use crate::ports::{Proof, UnixTime};
use crate::record::{Record, Revision, Status, Token};
use crate::state::{LastLogin, LastUse, State};
use crate::verdict::{Login, Refusal};

/// What a person brought to a login.
#[derive(Debug)]
pub struct Evidence {
    /// What is known of the password.
    pub password: Proof,
    /// The record that the password was checked against.
    pub revision: Revision,
    /// What was typed at the code prompt.
    pub answer: Answer,
    /// When it was typed: a code is compared as of this moment, however long the lock took.
    pub at: UnixTime,
}

/// What is to become of the login.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Let in, once the new state is durable.
    Accept(Accepted),
    /// Refuse.
    Refuse(Refusal),
    /// The record was changed since the password was checked: nothing can be said.
    RecordChanged,
}

/// How a login was proven, and what its owner is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The name of the token, or `None` for a recovery code.
    pub token: Option<String>,
    /// Recovery codes left, where one was used.
    pub recovery_left: Option<usize>,
    /// What happened since the last login.
    pub notices: Notices,
}

/// Judges one login of an account of which `enrolled` and `state` are stored.
///
/// The returned state is the one to store; it equals `state` where nothing is to be written.
pub fn judge(
    policy: &Policy,
    login: &Login,
    enrolled: Option<&Record>,
    state: &State,
    evidence: &Evidence,
) -> (Decision, State) {
    let mut next = state.clone();
    let decision = decide(policy, login, enrolled, &mut next, evidence);
    (decision, next)
}

fn decide(
    policy: &Policy,
    login: &Login,
    enrolled: Option<&Record>,
    state: &mut State,
    evidence: &Evidence,
) -> Decision {
    let revision = enrolled.map_or(Revision::ABSENT, |record| record.revision);
    if revision != evidence.revision {
        return Decision::RecordChanged;
    }
    let Some(record) = enrolled else {
        return Decision::Refuse(without_record(state.status));
    };
    match state.status {
        Status::Live | Status::Disabled | Status::Revoked => {}
        Status::Never | Status::Invited | Status::Removed | Status::Locked => {
            return Decision::Refuse(without_record(state.status));
        }
    }
    let decision = match &evidence.answer {
        Answer::Nothing | Answer::NotACode => Decision::Refuse(Refusal::NotACode),
        Answer::PaperTypo => Decision::Refuse(Refusal::PaperTypo),
        // Before the throttle: whoever lost the phone must get in while somebody else guesses.
        Answer::Paper(code) => judge_paper(login, record, state, evidence, code),
        Answer::Code(digits) => match state.status {
            Status::Live => judge_code(policy, login, record, state, evidence, digits),
            Status::Disabled => Decision::Refuse(Refusal::Disabled),
            _ => Decision::Refuse(Refusal::Revoked),
        },
    };
    match evidence.password {
        // Whatever else is wrong: who guesses passwords is found in the log under one word.
        Proof::Wrong => Decision::Refuse(Refusal::Password),
        Proof::Right | Proof::Elsewhere => decision,
    }
}

/// The refusal of an account that no answer can open.
const fn without_record(status: Status) -> Refusal {
    match status {
        Status::Never => Refusal::NotEnrolled,
        Status::Invited => Refusal::Invited,
        Status::Removed => Refusal::Removed,
        Status::Disabled => Refusal::Disabled,
        Status::Revoked => Refusal::Revoked,
        Status::Live | Status::Locked => Refusal::Locked,
    }
}

fn judge_code(
    policy: &Policy,
    login: &Login,
    record: &Record,
    state: &mut State,
    evidence: &Evidence,
    digits: &Digits,
) -> Decision {
    let now = evidence.at;
    let place = login.place.as_ref();
    let unproven = evidence.password == Proof::Elsewhere;
    let opens = if unproven {
        state.throttle.shared_opens_at()
    } else {
        state.throttle.opens_at(place, now)
    };
    if now < opens {
        return Decision::Refuse(Refusal::Throttled);
    }
    let candidates = || {
        record
            .tokens
            .iter()
            .filter(|token| digits.fits(token.shape.digits))
    };
    let units = candidates().count() * (2 * usize::from(policy.window) + 1);
    if units == 0 {
        return Decision::Refuse(Refusal::NotACode);
    }
    let outcome = best(candidates().map(|token| {
        (
            token,
            code::compare(token, digits, now, policy.window, state.floor(token)),
        )
    }));
    if evidence.password == Proof::Wrong {
        // One verdict for both answers teaches a guesser nothing: not charged, not spent.
        return Decision::Refuse(Refusal::Password);
    }
    match outcome {
        Some((token, Comparison::Fresh(step))) => {
            state.last_use.insert(token.id, LastUse { step, at: now });
            if !unproven {
                state.throttle.succeed(place, now);
            }
            accept(login, state, now, Some(token.name.clone()), None)
        }
        Some((_, Comparison::Spent)) => {
            if !unproven {
                notices::add(&mut state.notices.replays, login.rhost.as_deref(), now);
            }
            Decision::Refuse(Refusal::Replay)
        }
        Some((_, Comparison::Slip)) => {
            // Owners mistype often and guessers hardly ever by so little: it costs the delay alone.
            charge(policy, login, state, now, 0, unproven);
            Decision::Refuse(Refusal::Code)
        }
        Some((_, Comparison::Wrong)) | None => {
            charge(policy, login, state, now, units, unproven);
            Decision::Refuse(Refusal::Code)
        }
    }
}

/// The comparison that counts: a fresh code of any token before a spent one before a slip before
/// none.
fn best<'a>(
    comparisons: impl Iterator<Item = (&'a Token, Comparison)>,
) -> Option<(&'a Token, Comparison)> {
    comparisons.max_by_key(|(_, comparison)| match comparison {
        Comparison::Fresh(_) => 3,
        Comparison::Spent => 2,
        Comparison::Slip => 1,
        Comparison::Wrong => 0,
    })
}

fn charge(
    policy: &Policy,
    login: &Login,
    state: &mut State,
    now: UnixTime,
    units: usize,
    unproven: bool,
) {
    if unproven {
        state.throttle.delay_shared(now);
        return;
    }
    notices::add(&mut state.notices.wrong_codes, login.rhost.as_deref(), now);
    state.throttle.charge(
        login.place.as_ref(),
        u32::try_from(units).unwrap_or(u32::MAX),
        now,
    );
    if state.throttle.units >= policy.disable_after {
        state.set_status(Status::Disabled, now);
    }
}

fn judge_paper(
    login: &Login,
    record: &Record,
    state: &mut State,
    evidence: &Evidence,
    code: &PaperCode,
) -> Decision {
    match evidence.password {
        Proof::Right => {}
        Proof::Wrong => return Decision::Refuse(Refusal::Password),
        // Without a proven first factor nothing is revoked and no code is spent.
        Proof::Elsewhere => return Decision::Refuse(Refusal::PaperCode),
    }
    let now = evidence.at;
    match code.kind() {
        PaperKind::Revocation
            if record
                .revocation
                .as_ref()
                .is_some_and(|hash| code.matches(hash)) =>
        {
            state.set_status(Status::Revoked, now);
            state.throttle.clear();
            Decision::Refuse(Refusal::RevokedNow)
        }
        PaperKind::Recovery if state.status != Status::Revoked => {
            let unspent = |id| !state.spent_recovery.contains(&id);
            let hit = record
                .recovery
                .iter()
                .filter(|known| code.matches(&known.hash))
                .map(|known| known.id)
                .find(|id| unspent(*id));
            let Some(id) = hit else {
                return wrong_paper(login, state, now);
            };
            state.spent_recovery.insert(id);
            let left = record
                .recovery
                .iter()
                .filter(|known| !state.spent_recovery.contains(&known.id))
                .count();
            accept(login, state, now, None, Some(left))
        }
        _ => wrong_paper(login, state, now),
    }
}

fn wrong_paper(login: &Login, state: &mut State, now: UnixTime) -> Decision {
    notices::add(&mut state.notices.wrong_paper, login.rhost.as_deref(), now);
    Decision::Refuse(Refusal::PaperCode)
}

fn accept(
    login: &Login,
    state: &mut State,
    now: UnixTime,
    token: Option<String>,
    recovery_left: Option<usize>,
) -> Decision {
    let notices = state.notices.tell(now);
    state.last_login = Some(LastLogin {
        at: now,
        from: login.rhost.clone(),
    });
    Decision::Accept(Accepted {
        token,
        recovery_left,
        notices,
    })
}

#[cfg(test)]
mod tests;
