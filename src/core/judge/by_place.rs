//! A remembered place: where a code was judged not long ago, Enter is enough beside the proven
//! first factor. How such a place begins and how it ends.

use super::{Accepted, By, Case, Decision};
use crate::ports::Proof;
use crate::record::Status;
use crate::state::State;
use crate::verdict::Refusal;

impl Case<'_> {
    /// Only Enter.
    ///
    /// Changes no state. Nothing is made longer or taken back by it, and what the owner is told
    /// is not marked as told: whoever sits at the place may be somebody else.
    pub(super) fn enter(&self, state: &State) -> Decision {
        let is_proven = matches!(self.evidence.password, Proof::Right | Proof::Key);
        if !is_proven || state.status != Status::Live || !self.is_remembered(state) {
            return Decision::Refuse(Refusal::NotACode);
        }
        Decision::Accept(Box::new(Accepted {
            by: By::RememberedPlace,
            notices: state.notices.clone().tell(self.evidence.at),
            reminder: None,
            is_first: false,
        }))
    }

    fn is_remembered(&self, state: &State) -> bool {
        let now = self.evidence.at;
        let (Some(place), Some(lifetime)) = (&self.login.place, self.policy.remembers) else {
            return false;
        };
        // A clock behind the last login was set back, and says nothing of the time that passed.
        let is_behind = state.last_login.as_ref().is_some_and(|last| last.at > now);
        let mut good = state.remembered.good(lifetime, now);
        !is_behind && good.any(|known| known.place == *place)
    }

    /// After a good code beside a proven first factor. Where nothing is to be remembered, what was
    /// is forgotten: it must not come back with the setting.
    pub(super) fn remember_place(&self, state: &mut State) {
        let place = self
            .login
            .place
            .as_ref()
            .filter(|place| place.has_address());
        match (place, self.policy.remembers) {
            (_, None) => state.remembered.clear(),
            (Some(place), Some(lifetime)) => {
                state.remembered.remember(place, lifetime, self.evidence.at);
            }
            (None, Some(_)) => {}
        }
    }

    /// After a wrong password. Only where this place is remembered is there anything to write, and
    /// a refusal leaves on the beat either way.
    pub(super) fn forget_place(&self, state: &mut State) {
        if let Some(place) = &self.login.place {
            state.remembered.forget(place);
        }
    }
}
