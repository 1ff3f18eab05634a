//! An account that never had a token: the one status that may pass, or enroll, on a password alone.

use super::{Case, Decision, on_the_password_alone};
use crate::code::Answer;
use crate::policy::Requirement;
use crate::ports::Proof;
use crate::state::State;
use crate::verdict::{Ground, Refusal};

impl Case<'_> {
    pub(super) fn never(&self, state: &mut State) -> Decision {
        let (requirement, password) = (self.policy.requirement, self.evidence.password);
        let ground = match password {
            // Without a proven first factor nothing is enrolled.
            Proof::Wrong | Proof::Elsewhere => None,
            Proof::Key => Some(Ground::Key),
            Proof::Right => requirement.lets_set_up().then_some(Ground::Password),
        };
        let passes = matches!(requirement, Requirement::NotYet { .. });
        match (&self.evidence.answer, password, ground) {
            (_, Proof::Wrong, _) if requirement.lets_set_up() => {
                Decision::Refuse(Refusal::Password)
            }
            (Answer::Nothing, Proof::Elsewhere, _) if passes => Decision::NotOurs,
            (Answer::Nothing, _, Some(_)) if passes => on_the_password_alone(),
            (Answer::Nothing | Answer::SetUp, _, Some(ground)) => {
                self.set_up(state, ground, Refusal::SetUpFirst)
            }
            _ => Decision::Refuse(Refusal::NotEnrolled),
        }
    }
}
