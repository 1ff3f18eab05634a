//! Locking: the store's owner keeps an account out, until they unlock it.

use crate::event::{Ended, Event, Field, Severity, What};
use crate::ports::{Host, Snapshot, Store, Trouble, UnixTime};
use crate::record::Status;
use crate::state::State;
use crate::username::Account;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// The account is locked; it was this before, and will be when it is unlocked.
    Done(Status),
    /// It was locked already.
    Already,
    /// There is no record of it that could be locked.
    Nothing,
}

/// Locks `account` until [`unlock`](super::unlock::unlock). What was enrolled stays as it is.
///
/// An account with a password and no device is locked as well: it must not enroll meanwhile. One
/// without a record is not ours to lock, and one that was removed cannot log in anyway.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn lock(store: &dyn Store, host: &dyn Host, account: &Account) -> Result<Ending, Trouble> {
    let mut ending = Ending::Nothing;
    store.update(account, &mut |snapshot| {
        let (decided, state) = locked(snapshot, host.now());
        ending = decided;
        state
    })?;
    if let Ending::Done(from) = ending {
        host.log(
            &Event::new(Severity::Warning, What::Lock)
                .word(Field::Result, Ended::Done)
                .text(Field::User, &account.name)
                .word(Field::From, from)
                .word(Field::To, Status::Locked),
        );
    }
    Ok(ending)
}

fn locked(snapshot: &Snapshot, now: UnixTime) -> (Ending, Option<State>) {
    let was = snapshot.state.status;
    if snapshot.record.is_none() {
        return (Ending::Nothing, None);
    }
    if was == Status::Locked {
        return (Ending::Already, None);
    }
    let mut next = snapshot.state.clone();
    next.locked_from = Some(was);
    next.set_status(Status::Locked, now);
    (Ending::Done(was), Some(next))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::unlock::unlock;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of};

    #[test]
    fn a_locked_account_is_afterwards_what_it_was() {
        for was in [
            Status::Never,
            Status::Invited,
            Status::Live,
            Status::Revoked,
            Status::Disabled,
        ] {
            let store = MemoryStore::with(record_of(anna()), was);
            let host = FakeHost::at(NOON);
            assert_eq!(lock(&store, &host, &anna()), Ok(Ending::Done(was)));
            let state = store.load(&anna()).unwrap().state;
            assert_eq!((state.status, state.status_since), (Status::Locked, NOON));
            assert_eq!(lock(&store, &host, &anna()), Ok(Ending::Already));
            assert_eq!(unlock(&store, &host, &anna()), Ok(true));
            assert_eq!(store.load(&anna()).unwrap().state.status, was);
        }
    }

    #[test]
    fn the_log_tells_what_it_was() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        let host = FakeHost::at(NOON);
        assert_eq!(lock(&store, &host, &anna()), Ok(Ending::Done(Status::Live)));
        assert_eq!(
            *host.lines.borrow(),
            ["event=lock result=done user=anna from=live to=locked"]
        );
    }

    #[test]
    fn an_account_without_a_record_has_nothing_to_lock() {
        let store = MemoryStore::default();
        let host = FakeHost::at(NOON);
        assert_eq!(lock(&store, &host, &anna()), Ok(Ending::Nothing));
        assert!(host.lines.borrow().is_empty());
        assert_eq!(store.writes.get(), 0);
    }

    #[test]
    fn a_lock_that_could_not_be_written_is_not_logged_as_one() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        store.fail_writes.set(true);
        let host = FakeHost::at(NOON);
        assert!(lock(&store, &host, &anna()).is_err());
        assert!(host.lines.borrow().is_empty());
    }
}
