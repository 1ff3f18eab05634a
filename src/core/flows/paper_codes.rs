//! New codes on paper for an account that has a device: those of before are void.

use crate::event::{Ended, Event, Field, Severity, What};
use crate::flows::recovery_codes;
use crate::paper::{PaperCode, PaperKind};
use crate::ports::{Host, Replaced, Store, Trouble, UnixTime};
use crate::record::Record;
use crate::username::Account;

/// What became of it.
#[derive(Debug)]
#[must_use]
pub enum Ending {
    /// These are stored. This is the only time that they are known.
    Done(Vec<PaperCode>),
    /// The account has no device that they could belong to.
    NoDevice,
    /// The first device was set up on the password alone, so lately that it need not be the owner's:
    /// the revocation code stays.
    Young {
        /// Until when.
        until: UnixTime,
    },
    /// Somebody else changed the record meanwhile. Nothing was stored.
    Conflict,
}

/// Makes `count` recovery codes for `account`.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for nobody
/// else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn new_recovery_codes(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    count: usize,
) -> Result<Ending, Trouble> {
    change(store, host, account, What::RecoveryCodes, |record| {
        recovery_codes::renew(record, count, host)
    })
}

/// Makes a revocation code for `account`.
///
/// For the store's owner, as [`new_recovery_codes`].
///
/// # Errors
/// As [`new_recovery_codes`].
pub fn new_revocation_code(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<Ending, Trouble> {
    let young_until = |record: &Record| record.young_until(host.now());
    if let Some(until) = store.load(account)?.record.as_ref().and_then(young_until) {
        return Ok(Ending::Young { until });
    }
    change(store, host, account, What::RevocationCode, |record| {
        let code = PaperCode::mint(PaperKind::Revocation, host)?;
        record.revocation = Some(code.hash(host)?);
        record.revocation_since = host.now();
        Ok(vec![code])
    })
}

fn change(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    event: What,
    make: impl FnOnce(&mut Record) -> Result<Vec<PaperCode>, Trouble>,
) -> Result<Ending, Trouble> {
    let found = store.load(account)?;
    let revision = found.revision();
    let has_device = |record: &Record| !record.tokens.is_empty();
    let Some(mut record) = found.record.filter(has_device) else {
        return Ok(Ending::NoDevice);
    };
    let codes = make(&mut record)?;
    Ok(match store.amend(account, revision, &record)? {
        Replaced::Done => {
            host.log(
                &Event::new(Severity::Warning, event)
                    .word(Field::Result, Ended::Done)
                    .text(Field::User, &account.name),
            );
            Ending::Done(codes)
        }
        Replaced::Conflict => Ending::Conflict,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Status;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of};

    #[test]
    fn new_recovery_codes_make_the_old_ones_void() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        let host = FakeHost::at(NOON);
        let of = |ending| match ending {
            Ok(Ending::Done(codes)) => codes,
            other => panic!("{other:?}"),
        };
        let first = of(new_recovery_codes(&store, &host, &anna(), 3));
        let second = of(new_recovery_codes(&store, &host, &anna(), 10));
        let stored = store.load(&anna()).unwrap().record.unwrap().recovery;
        assert_eq!(stored.len(), 10);
        let is_good = |code: &PaperCode| stored.iter().any(|known| code.matches(&known.hash));
        assert!(second.iter().all(is_good) && !first.iter().any(is_good));
    }

    #[test]
    fn a_new_revocation_code_takes_the_place_of_the_old_one_and_changes_nothing_else() {
        let store = MemoryStore::with(record_of(anna()), Status::Disabled);
        let host = FakeHost::at(NOON);
        let Ok(Ending::Done(codes)) = new_revocation_code(&store, &host, &anna()) else {
            panic!();
        };
        let found = store.load(&anna()).unwrap();
        assert_eq!(found.state.status, Status::Disabled);
        let record = found.record.unwrap();
        assert!(codes[0].matches(&record.revocation.unwrap()));
        assert_eq!((record.revocation_since, record.tokens.len()), (NOON, 1));
    }

    #[test]
    fn an_account_that_was_set_up_on_the_password_alone_keeps_its_revocation_code_for_a_week() {
        let mut record = record_of(anna());
        record.on_password_alone = Some(NOON);
        let store = MemoryStore::with(record, Status::Live);
        let made = |at| new_revocation_code(&store, &FakeHost::at(at), &anna()).unwrap();
        let until = NOON + Record::YOUNG;
        let young = made(until - 1);
        assert!(matches!(young, Ending::Young { until: told } if told == until));
        assert_eq!(store.writes.get(), 0);
        assert!(matches!(made(until), Ending::Done(_)));
    }

    #[test]
    fn without_a_device_there_is_nothing_that_they_could_belong_to() {
        let mut record = record_of(anna());
        record.tokens.clear();
        for (record, status) in [
            (record, Status::Never),
            (record_of(anna()), Status::Revoked),
        ] {
            let store = MemoryStore::with(record, status);
            if status == Status::Revoked {
                let mut accounts = store.accounts.borrow_mut();
                let snapshot = accounts.get_mut("anna").unwrap();
                snapshot.record.as_mut().unwrap().tokens.clear();
            }
            let ending = new_revocation_code(&store, &FakeHost::at(NOON), &anna()).unwrap();
            assert!(matches!(ending, Ending::NoDevice));
            assert_eq!(store.writes.get(), 0);
        }
    }
}
