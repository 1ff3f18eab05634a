//! A person proves outside a login what a login would ask: the same judgement, for another end.

use crate::code::Answer;
use crate::judge::{Decision, Evidence, judge};
use crate::policy::Policy;
use crate::ports::{Snapshot, Trouble, UnixTime, World};
use crate::secret::Secret;
use crate::username::Account;
use crate::verdict::Login;

/// What was typed to prove who one is, and when.
pub(super) struct Typed {
    pub(super) password: Secret,
    pub(super) answer: Answer,
    pub(super) at: UnixTime,
}

/// Judges what was typed against the account as it was `found`, and stores what that changes: a
/// code is spent, a wrong one is charged.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub(super) fn judged(
    world: &World<'_>,
    policy: &Policy,
    login: &Login,
    account: &Account,
    found: &Snapshot,
    typed: Typed,
) -> Result<Decision, Trouble> {
    let hash = found
        .record
        .as_ref()
        .and_then(|record| record.password.as_ref());
    let evidence = Evidence {
        password: world.passwords.verify(login, hash, &typed.password)?,
        invitation: None,
        revision: found.revision(),
        answer: typed.answer,
        at: typed.at,
    };
    let mut decision = Decision::RecordChanged;
    world.store.update(account, &mut |latest| {
        let old = &latest.state;
        let (decided, mut state) = judge(policy, login, latest.record.as_ref(), old, &evidence);
        if matches!(decided, Decision::Accept(_)) {
            // It is no login: what its owner is to be told then waits for one.

            state.notices = old.notices.clone();
            state.last_login.clone_from(&old.last_login);
            state.unvisited = old.unvisited;
        }
        decision = decided;
        (state != *old).then_some(state)
    })?;
    Ok(decision)
}
