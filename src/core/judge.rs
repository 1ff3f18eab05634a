//! The whole decision of one login: from what was proven to accept or refuse, and to the state
//! that must be durable before anybody hears of it.
//!
//! `judge` is a function of its arguments. It is called under the account's lock, on a state just
//! read, and may be called again on a newer one.

use crate::code::{self, Answer, Comparison, Digits};
use crate::notices::{self, Notices};
use crate::paper::{PaperCode, PaperKind};
use crate::policy::{Policy, Requirement};
use crate::ports::{Proof, UnixTime};
use crate::record::{Record, Revision, Status, Token};
use crate::state::{LastLogin, LastUse, State};
use crate::verdict::{Ground, Login, Permit, Refusal};

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
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Let in, once the new state is durable.
    Accept(Accepted),
    /// Refuse.
    Refuse(Refusal),
    /// Let in if a device is set up within this login.
    Enroll(Permit),
    /// Nothing was proven here and nothing is required: others decide.
    NotOurs,
    /// The record was changed since the password was checked: nothing can be said.
    RecordChanged,
}

/// How a login was proven, and what its owner is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// By what, beside the password.
    pub by: By,
    /// What happened since the last login.
    pub notices: Notices,
}

/// What a login was proven by, beside the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A code of the token of this name.
    Token(String),
    /// A recovery code; so many are left.
    RecoveryCode {
        /// How many.
        left: usize,
    },
    /// Nothing: policy asks for no more.
    PasswordAlone,
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
    let closed = Decision::Refuse(closed_by(state.status));
    match state.status {
        Status::Removed | Status::Locked => return closed,
        _ if is_exempt(policy, evidence) => return exempt(evidence),
        Status::Never => return judge_never(policy, login, revision, evidence),
        Status::Invited => return closed,
        Status::Live | Status::Disabled | Status::Revoked => {}
    }
    let Some(record) = enrolled else {
        return closed;
    };
    let decision = match &evidence.answer {
        Answer::Nothing | Answer::SetUp | Answer::NotACode => Decision::Refuse(Refusal::NotACode),
        Answer::PaperTypo => Decision::Refuse(Refusal::PaperTypo),
        // Before the throttle: whoever lost the phone must get in while somebody else guesses.
        Answer::Paper(code) => judge_paper(policy, login, record, state, evidence, code),
        Answer::Code(digits) => match state.status {
            Status::Live => judge_code(policy, login, record, state, evidence, digits),
            Status::Disabled => Decision::Refuse(Refusal::Disabled),
            _ => Decision::Refuse(Refusal::Revoked),
        },
    };
    match evidence.password {
        // Whatever else is wrong: who guesses passwords is found in the log under one word.
        Proof::Wrong => Decision::Refuse(Refusal::Password),
        Proof::Right | Proof::Key | Proof::Elsewhere => decision,
    }
}

/// An empty answer is taken for one only where a rule asks for no code.
fn is_exempt(policy: &Policy, evidence: &Evidence) -> bool {
    policy.requirement == Requirement::Exempt && matches!(evidence.answer, Answer::Nothing)
}

/// Changes no state, so that it needs no write: the way in while the disk is full.
fn exempt(evidence: &Evidence) -> Decision {
    match evidence.password {
        Proof::Right | Proof::Key => on_the_password_alone(),
        Proof::Wrong => Decision::Refuse(Refusal::Password),
        Proof::Elsewhere => Decision::NotOurs,
    }
}

fn on_the_password_alone() -> Decision {
    Decision::Accept(Accepted {
        by: By::PasswordAlone,
        notices: Notices::default(),
    })
}

/// An account that never had a token: the one status that may pass, or enroll, on a password
/// alone.
fn judge_never(
    policy: &Policy,
    login: &Login,
    revision: Revision,
    evidence: &Evidence,
) -> Decision {
    let ground = match evidence.password {
        // Without a proven first factor nothing is enrolled.
        Proof::Wrong | Proof::Elsewhere => None,
        Proof::Key => Some(Ground::Key),
        Proof::Right => policy.requirement.lets_set_up().then_some(Ground::Password),
    };
    let passes = matches!(policy.requirement, Requirement::NotYet { .. });
    match (&evidence.answer, evidence.password, ground) {
        (_, Proof::Wrong, _) if policy.requirement.lets_set_up() => {
            Decision::Refuse(Refusal::Password)
        }
        (Answer::Nothing, Proof::Elsewhere, _) if passes => Decision::NotOurs,
        (Answer::Nothing, _, Some(_)) if passes => on_the_password_alone(),
        (Answer::Nothing | Answer::SetUp, _, Some(ground)) => {
            set_up(policy, login, revision, evidence, ground)
                .unwrap_or(Decision::Refuse(Refusal::SetUpFirst))
        }
        _ => Decision::Refuse(Refusal::NotEnrolled),
    }
}

/// The right to set up a device in this login; `None` where that cannot be done in it.
fn set_up(
    policy: &Policy,
    login: &Login,
    revision: Revision,
    evidence: &Evidence,
    ground: Ground,
) -> Option<Decision> {
    let account = login.account().filter(|_| policy.enrolls)?;
    let permit = Permit::of_judgement(account.clone(), revision, evidence.at, ground);
    Some(Decision::Enroll(permit))
}

/// The refusal of an account that no answer can open.
const fn closed_by(status: Status) -> Refusal {
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
            accept(login, state, now, By::Token(token.name.clone()))
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
    policy: &Policy,
    login: &Login,
    record: &Record,
    state: &mut State,
    evidence: &Evidence,
    code: &PaperCode,
) -> Decision {
    match evidence.password {
        Proof::Right | Proof::Key => {}
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
            set_up(
                policy,
                login,
                evidence.revision,
                evidence,
                Ground::RevocationCode,
            )
            .unwrap_or(Decision::Refuse(Refusal::RevokedNow))
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
            accept(login, state, now, By::RecoveryCode { left })
        }
        _ => wrong_paper(login, state, now),
    }
}

fn wrong_paper(login: &Login, state: &mut State, now: UnixTime) -> Decision {
    notices::add(&mut state.notices.wrong_paper, login.rhost.as_deref(), now);
    Decision::Refuse(Refusal::PaperCode)
}

fn accept(login: &Login, state: &mut State, now: UnixTime, by: By) -> Decision {
    let notices = state.notices.tell(now);
    state.last_login = Some(LastLogin {
        at: now,
        from: login.rhost.clone(),
    });
    Decision::Accept(Accepted { by, notices })
}

#[cfg(test)]
mod tests;
