//! A new password, from the store's owner or from the person whose it is.

mod attended;

pub use self::attended::{
    Answers, Change, Changed, LoggedIn, New, after_login, ask_proof, by_administrator, by_proof,
};
use super::enrollment::blank_record;
use crate::event::{Ended, Event, Field, Means, Severity, What};
use crate::id::Id;
use crate::ports::{DialogError, Host, Passwords, Replaced, Snapshot, Store, Trouble};
use crate::record::{PasswordHash, Record, Status};
use crate::secret::Secret;
use crate::username::Account;

/// How a change of the password ended.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// The new password is stored. The account stands as it did: somebody switched off, locked
    /// or revoked is that still.
    Done(Status),
    /// The account was removed: only a new enrollment brings it back. Nothing was changed.
    Removed,
    /// Somebody else changed the record meanwhile. Nothing was changed.
    Conflict,
    /// No password was found that the rules accept. Nothing was changed.
    GaveUp,
    /// The person stopped answering. Nothing was changed.
    Stopped(DialogError),
    /// What was to prove the person did not, or proves nothing by now. Nothing was changed.
    Refused,
    /// There is no password of ours that could be changed.
    NoPassword,
}

/// Stores `password`, which the rules accept and which is in the form that they gave it.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub fn unattended(
    store: &dyn Store,
    passwords: &dyn Passwords,
    host: &dyn Host,
    account: &Account,
    password: &Secret,
) -> Result<Ending, Trouble> {
    let found = store.load(account)?;
    if found.state.status == Status::Removed {
        return Ok(Ending::Removed);
    }
    let hash = passwords.hash(password)?;
    store_it(store, host, account, &found, hash, Means::Owner)
}

/// Makes the next login of `account` choose a new password. Answers `None` where there is none of ours.
///
/// For the store's owner, as [`unattended`].
///
/// # Errors
/// As [`unattended`].
pub fn expire(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<Option<Replaced>, Trouble> {
    let found = store.load(account)?;
    let revision = found.revision();
    let has_password = |record: &Record| record.password.is_some();
    let Some(record) = found.record.filter(has_password) else {
        return Ok(None);
    };
    let expired = Record {
        password_expired: true,
        ..record
    };
    let replaced = store.amend(account, revision, &expired)?;
    let result = match replaced {
        Replaced::Done => Ended::Expired,
        Replaced::Conflict => Ended::Conflict,
    };
    host.log(
        &Event::new(Severity::Warning, What::Passwd)
            .word(Field::Result, result)
            .text(Field::User, &account.name)
            .word(Field::By, Means::Owner),
    );
    Ok(Some(replaced))
}

fn store_it(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    found: &Snapshot,
    hash: PasswordHash,
    by: Means,
) -> Result<Ending, Trouble> {
    let now = host.now();
    let mut record = match &found.record {
        Some(record) => record.clone(),
        None => blank_record(Id::mint(host)?, account, now),
    };
    record.set_password(hash, now);
    // The status that is found under the lock: a revocation of this moment must stand.
    let (result, ending) = match store.amend(account, found.revision(), &record)? {
        Replaced::Done => (Ended::Done, Ending::Done(found.state.status)),
        Replaced::Conflict => (Ended::Conflict, Ending::Conflict),
    };
    host.log(
        &Event::new(Severity::Warning, What::Passwd)
            .word(Field::Result, result)
            .text(Field::User, &account.name)
            .word(Field::By, by),
    );
    Ok(ending)
}

#[cfg(test)]
mod tests;
