//! The whole decision of one login: from what was proven to accept or refuse, and to the state
//! that must be durable before anybody hears of it.
//!
//! `judge` is a function of its arguments. It is called under the account's lock, on a state just
//! read, and may be called again on a newer one.

mod by_code;
mod by_paper;
mod by_place;
mod decision;
mod drift;
mod never;

pub use self::decision::{Accepted, By, Decision, Reminder};
use crate::code::Answer;
use crate::notices::Notices;
use crate::paper::PaperCode;
use crate::policy::{Policy, Requirement};
use crate::ports::{Proof, UnixTime};
use crate::record::{Record, Revision, Status};
use crate::state::{LastLogin, State};
use crate::verdict::{Ground, Login, Permit, Refusal};

/// What a person brought to a login.
#[derive(Debug)]
pub struct Evidence {
    /// What is known of the password.
    pub password: Proof,
    /// An invitation that was typed in place of the password.
    pub invitation: Option<PaperCode>,
    /// The record that the password was checked against.
    pub revision: Revision,
    /// What was typed at the code prompt.
    pub answer: Answer,
    /// When it was typed: a code is compared as of this moment, however long the lock took.
    pub at: UnixTime,
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
    let case = Case {
        policy,
        login,
        enrolled,
        evidence,
    };
    let decision = case.decide(&mut next);
    (decision, next)
}

/// One login before the judge.
struct Case<'a> {
    policy: &'a Policy,
    login: &'a Login,
    enrolled: Option<&'a Record>,
    evidence: &'a Evidence,
}

impl Case<'_> {
    fn decide(&self, state: &mut State) -> Decision {
        if self.revision() != self.evidence.revision {
            return Decision::RecordChanged;
        }
        if self.evidence.password == Proof::Wrong {
            self.forget_place(state);
        }
        let closed = Decision::Refuse(closed_by(state.status));
        match state.status {
            Status::Removed | Status::Locked => return closed,
            _ if self.evidence.invitation.is_some() => return self.invited(state),
            _ if self.is_exempt() => return self.exempt(),
            Status::Never => return self.never(state),
            Status::Invited => return closed,
            Status::Live | Status::Disabled | Status::Revoked => {}
        }
        let Some(record) = self.enrolled else {
            return closed;
        };
        let decision = match &self.evidence.answer {
            Answer::Nothing => self.enter(state),
            Answer::SetUp | Answer::NotACode => Decision::Refuse(Refusal::NotACode),
            Answer::PaperTypo => Decision::Refuse(Refusal::PaperTypo),
            // Before the throttle: whoever lost the phone must get in while somebody else guesses.
            Answer::Paper(code) => self.paper(record, state, code),
            Answer::Code(digits) => match state.status {
                Status::Live => self.code(record, state, digits),
                Status::Disabled => Decision::Refuse(Refusal::Disabled),
                _ => Decision::Refuse(Refusal::Revoked),
            },
        };
        match self.evidence.password {
            // Whatever else is wrong: who guesses passwords is found in the log under one word.
            Proof::Wrong => Decision::Refuse(Refusal::Password),
            Proof::Right | Proof::Key | Proof::Elsewhere => decision,
        }
    }

    /// An empty answer is taken for one only where a rule asks for no code.
    fn is_exempt(&self) -> bool {
        let asks_none = self.policy.requirement == Requirement::Exempt;
        asks_none && matches!(self.evidence.answer, Answer::Nothing)
    }

    /// Changes no state, so that it needs no write: the way in while the disk is full.
    fn exempt(&self) -> Decision {
        match self.evidence.password {
            Proof::Right | Proof::Key => on_the_password_alone(),
            Proof::Wrong => Decision::Refuse(Refusal::Password),
            Proof::Elsewhere => Decision::NotOurs,
        }
    }

    /// The right to set up a device in this login, or the refusal where that cannot be done in it.
    fn set_up(&self, state: &mut State, ground: Ground, otherwise: Refusal) -> Decision {
        let account = self.login.account().filter(|_| self.policy.enrolls);
        let Some(account) = account else {
            return Decision::Refuse(otherwise);
        };
        let now = self.evidence.at;
        let permit = Permit::of_judgement(account.clone(), self.revision(), now, ground);
        // What has no record yet cannot keep a state.
        let unfinished = self
            .enrolled
            .and_then(|_| state.notices.unfinished.replace(now));
        Decision::Enroll(permit.after(unfinished))
    }

    fn accept(&self, state: &mut State, by: By, reminder: Option<Reminder>) -> Decision {
        let now = self.evidence.at;
        let notices = state.notices.tell(now);
        let is_first = std::mem::take(&mut state.unvisited);
        state.last_login = Some(LastLogin {
            at: now,
            from: self.login.rhost.clone(),
        });
        Decision::Accept(Box::new(Accepted {
            by,
            notices,
            reminder: reminder.or_else(|| self.paper_reminder(state)),
            is_first,
        }))
    }

    fn paper_reminder(&self, state: &mut State) -> Option<Reminder> {
        let lacks = self.enrolled?.revocation.is_none();
        (lacks && state.notices.remind(self.evidence.at)).then_some(Reminder::NoRevocationCode)
    }

    fn revision(&self) -> Revision {
        self.enrolled
            .map_or(Revision::ABSENT, |record| record.revision)
    }
}

fn on_the_password_alone() -> Decision {
    Decision::Accept(Box::new(Accepted {
        by: By::PasswordAlone,
        notices: Notices::default(),
        reminder: None,
        is_first: false,
    }))
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

#[cfg(test)]
mod tests;
