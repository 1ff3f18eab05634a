//! Codes on paper: the revocation code and recovery codes beside a proven password, and the invitation
//! in its place.

use super::{By, Case, Decision};
use crate::code::Answer;
use crate::notices;
use crate::paper::{PaperCode, PaperKind};
use crate::ports::Proof;
use crate::record::{Record, Status};
use crate::state::State;
use crate::verdict::{Ground, Refusal};

impl Case<'_> {
    pub(super) fn paper(&self, record: &Record, state: &mut State, code: &PaperCode) -> Decision {
        match self.evidence.password {
            Proof::Right | Proof::Key => {}
            Proof::Wrong => return Decision::Refuse(Refusal::Password),
            // Without a proven first factor nothing is revoked and no code is spent.
            Proof::Elsewhere => return Decision::Refuse(Refusal::PaperCode),
        }
        match code.kind() {
            PaperKind::Revocation => {
                let revocation = record.revocation.as_ref();
                if !revocation.is_some_and(|hash| code.matches(hash)) {
                    return self.wrong_paper(state);
                }
                let (rhost, now) = (self.login.rhost.as_deref(), self.evidence.at);
                notices::add(&mut state.notices.recovered, rhost, now);
                state.set_status(Status::Revoked, now);
                state.throttle.clear();
                self.set_up(state, Ground::RevocationCode, Refusal::RevokedNow)
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
                    return self.wrong_paper(state);
                };
                state.spent_recovery.insert(id);
                let left = state.recovery_left(record);
                self.accept(state, By::RecoveryCode { left }, None)
            }
            PaperKind::Recovery | PaperKind::Invitation => self.wrong_paper(state),
        }
    }

    /// An invitation is proof enough, and opens the enrollment alone. It stays good until that is
    /// finished, but ends no devices that work unless it was made for that.
    pub(super) fn invited(&self, state: &mut State) -> Decision {
        let standing = self
            .enrolled
            .and_then(|record| record.invitation.as_ref())
            .filter(|invitation| self.evidence.at <= invitation.until)
            .filter(|invitation| invitation.replaces || state.status != Status::Live);
        let typed = self.evidence.invitation.as_ref();
        match (standing, typed, &self.evidence.answer) {
            (Some(standing), Some(typed), Answer::Nothing | Answer::SetUp)
                if typed.matches(&standing.hash) =>
            {
                self.set_up(state, Ground::Invitation, Refusal::SetUpFirst)
            }
            _ => Decision::Refuse(Refusal::Invitation),
        }
    }

    fn wrong_paper(&self, state: &mut State) -> Decision {
        let (rhost, now) = (self.login.rhost.as_deref(), self.evidence.at);
        notices::add(&mut state.notices.wrong_paper, rhost, now);
        Decision::Refuse(Refusal::PaperCode)
    }
}
