//! Unlocking: the store's owner ends what wrong codes brought about.

use crate::event::{Ended, Event, Field, Severity, What};
use crate::ports::{Host, Store, Trouble, UnixTime};
use crate::record::Status;
use crate::state::State;
use crate::username::Account;

/// Ends waits, empties the budget, and switches tokens on again that wrong codes switched off.
/// The administrator's own lock is lifted too. `Ok(false)` where nothing of it held anybody back.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn unlock(store: &dyn Store, host: &dyn Host, account: &Account) -> Result<bool, Trouble> {
    let mut changed = None;
    store.update(account, &mut |snapshot| {
        let state = unlocked(&snapshot.state, host.now());
        changed = state
            .as_ref()
            .map(|state| (snapshot.state.status, state.status));
        state
    })?;
    let Some((from, to)) = changed else {
        return Ok(false);
    };
    let event = Event::new(Severity::Warning, What::Unlock).word(Field::Result, Ended::Done);
    host.log(
        &event
            .text(Field::User, &account.name)
            .word(Field::From, from)
            .word(Field::To, to),
    );
    Ok(true)
}

/// The state without whatever holds the account back, or `None` where nothing does.
fn unlocked(state: &State, now: UnixTime) -> Option<State> {
    let mut next = state.clone();
    next.throttle.clear();
    match state.status {
        Status::Disabled => next.set_status(Status::Live, now),
        Status::Locked => {
            next.set_status(state.locked_from.unwrap_or(Status::Revoked), now);
            next.locked_from = None;
        }
        _ => {}
    }
    (next != *state).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of};
    use crate::throttle::Throttle;

    fn after(status: Status, change: impl FnOnce(&mut State)) -> (bool, State) {
        let store = MemoryStore::with(record_of(anna()), status);
        if let Some(snapshot) = store.accounts.borrow_mut().get_mut("anna") {
            change(&mut snapshot.state);
        }
        let done = unlock(&store, &FakeHost::at(NOON), &anna()).unwrap();
        (done, store.load(&anna()).unwrap().state)
    }

    #[test]
    fn disabled_tokens_work_again_with_an_empty_budget() {
        let (done, state) = after(Status::Disabled, |state| {
            (0..100).for_each(|_| state.throttle.charge(None, 3, NOON));
        });
        assert!(done);
        assert_eq!(
            (state.status, state.throttle),
            (Status::Live, Throttle::default())
        );
    }

    #[test]
    fn an_account_locked_by_the_administrator_is_what_it_was() {
        for was in [Status::Live, Status::Revoked] {
            let (done, state) = after(Status::Locked, |state| state.locked_from = Some(was));
            assert!(done);
            assert_eq!((state.status, state.locked_from), (was, None));
        }
    }

    #[test]
    fn what_is_not_locked_is_left_as_it_is() {
        for status in [
            Status::Live,
            Status::Revoked,
            Status::Removed,
            Status::Invited,
        ] {
            assert_eq!(
                after(status, |_| {}),
                (false, State::new(status)),
                "{status:?}"
            );
        }
    }
}
