//! Invitations: a code on paper that stands in the place of the password once, and opens the
//! enrollment.

use std::time::Duration;

use super::enrollment::blank_record;
use crate::event::{Ended, Event, Field, Severity, What};
use crate::id::Id;
use crate::paper::{PaperCode, PaperKind};
use crate::ports::{Host, Replaced, Store, Trouble, UnixTime};
use crate::record::{Invitation, Record, Status};
use crate::username::Account;

/// What became of it.
#[derive(Debug)]
#[must_use]
pub enum Ending {
    /// The invitation stands. This is the only time that its code is known.
    Done {
        /// What the person types in place of the password.
        code: PaperCode,
        /// Until when.
        until: UnixTime,
    },
    /// The account has devices that work, and they were not to be replaced.
    Enrolled,
    /// The account is locked.
    Locked,
    /// Somebody else changed the record meanwhile. Nothing was stored.
    Conflict,
}

/// Invites `account` for so long; an invitation of before is void. The account stays what it is
/// until the enrollment is finished, but for one that was removed: its only way in is then the
/// invitation. Where devices work, `replaces` says that they are to end at that moment.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn invite(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    valid: Duration,
    replaces: bool,
) -> Result<Ending, Trouble> {
    let found = store.load(account)?;
    match found.state.status {
        Status::Locked => return Ok(Ending::Locked),
        Status::Live if !replaces => return Ok(Ending::Enrolled),
        _ => {}
    }
    let (now, revision) = (host.now(), found.revision());
    let code = PaperCode::mint(PaperKind::Invitation, host)?;
    let until = now.saturating_add(valid.as_secs());
    let record = match found.record {
        Some(record) => record,
        None => blank_record(Id::mint(host)?, account, now),
    };
    let hash = code.hash(host)?;
    let record = Record {
        invitation: Some(Invitation {
            hash,
            until,
            replaces,
        }),
        ..record
    };
    let replaced = if found.state.status == Status::Removed {
        // Not Never again: that could enroll on a password alone.
        store.replace(account, revision, &record, Status::Invited)?
    } else {
        store.amend(account, revision, &record)?
    };
    Ok(match replaced {
        Replaced::Done => {
            log(host, Ended::Done, account, Some(until));
            Ending::Done { code, until }
        }
        Replaced::Conflict => Ending::Conflict,
    })
}

/// How a withdrawal ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Withdrawal {
    /// The invitation is void.
    Done,
    /// There was none.
    Nothing,
    /// Somebody else changed the record meanwhile. Nothing was stored.
    Conflict,
}

/// Makes the invitation of `account` void, used or not. The account stays what it is.
///
/// For the store's owner, as [`invite`].
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn withdraw(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<Withdrawal, Trouble> {
    let found = store.load(account)?;
    let revision = found.revision();
    let Some(record) = found.record.filter(|record| record.invitation.is_some()) else {
        return Ok(Withdrawal::Nothing);
    };
    let record = Record {
        invitation: None,
        ..record
    };
    Ok(match store.amend(account, revision, &record)? {
        Replaced::Done => {
            log(host, Ended::Withdrawn, account, None);
            Withdrawal::Done
        }
        Replaced::Conflict => Withdrawal::Conflict,
    })
}

fn log(host: &dyn Host, result: Ended, account: &Account, until: Option<UnixTime>) {
    let mut event = Event::new(Severity::Warning, What::Invite)
        .word(Field::Result, result)
        .text(Field::User, &account.name);
    if let Some(until) = until {
        event = event.number(Field::Until, until);
    }
    host.log(&event);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of};

    const A_DAY: Duration = Duration::from_secs(24 * 60 * 60);

    fn invited(store: &MemoryStore, replaces: bool) -> Ending {
        invite(store, &FakeHost::at(NOON), &anna(), A_DAY, replaces).unwrap()
    }

    fn standing(store: &MemoryStore) -> Option<Invitation> {
        store.load(&anna()).unwrap().record?.invitation
    }

    #[test]
    fn who_has_no_device_is_invited_and_stays_what_they_are() {
        for status in [
            Status::Never,
            Status::Invited,
            Status::Revoked,
            Status::Disabled,
        ] {
            let store = MemoryStore::with(record_of(anna()), status);
            let Ending::Done { code, until } = invited(&store, false) else {
                panic!("{status:?}");
            };
            assert_eq!(until, NOON + A_DAY.as_secs());
            assert!(code.matches(&standing(&store).unwrap().hash));
            assert_eq!(store.load(&anna()).unwrap().state.status, status);
        }
    }

    #[test]
    fn who_was_never_seen_is_still_never_and_who_was_removed_is_not() {
        let store = MemoryStore::default();
        assert!(matches!(invited(&store, false), Ending::Done { .. }));
        assert_eq!(store.load(&anna()).unwrap().state.status, Status::Never);
        let store = MemoryStore::default();
        let mut state = crate::state::State::new(Status::Never);
        state.set_status(Status::Removed, NOON);
        let tombstone = crate::ports::Snapshot {
            record: None,
            state,
        };
        store
            .accounts
            .borrow_mut()
            .insert("anna".to_owned(), tombstone);
        assert!(matches!(invited(&store, false), Ending::Done { .. }));
        assert_eq!(store.load(&anna()).unwrap().state.status, Status::Invited);
    }

    #[test]
    fn working_devices_are_replaced_only_where_that_was_said_and_a_lock_stays() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        assert!(matches!(invited(&store, false), Ending::Enrolled));
        assert_eq!(store.writes.get(), 0);
        assert!(matches!(invited(&store, true), Ending::Done { .. }));
        assert_eq!(store.load(&anna()).unwrap().state.status, Status::Live);
        let store = MemoryStore::with(record_of(anna()), Status::Locked);
        assert!(matches!(invited(&store, true), Ending::Locked));
        assert_eq!(store.writes.get(), 0);
    }

    #[test]
    fn a_second_invitation_and_a_withdrawal_make_the_first_void() {
        let store = MemoryStore::with(record_of(anna()), Status::Never);
        let host = FakeHost::at(NOON);
        let Ending::Done { code, .. } = invite(&store, &host, &anna(), A_DAY, false).unwrap()
        else {
            panic!();
        };
        let _ = invite(&store, &host, &anna(), A_DAY, false).unwrap();
        assert!(!code.matches(&standing(&store).unwrap().hash));
        assert_eq!(withdraw(&store, &host, &anna()), Ok(Withdrawal::Done));
        assert!(standing(&store).is_none());
        assert_eq!(withdraw(&store, &host, &anna()), Ok(Withdrawal::Nothing));
        assert_eq!(
            host.lines.borrow().last().unwrap(),
            "event=invite result=withdrawn user=anna"
        );
    }
}
