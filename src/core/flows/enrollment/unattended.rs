//! An enrollment that asks nothing, for scripts of the store's owner.

use crate::code::step_of;
use crate::event::{Ended, Event, Field, Severity, What, YesNo};
use crate::id::Id;
use crate::otpauth;
use crate::paper::{PaperCode, PaperKind};
use crate::ports::{Host, Passwords, Replaced, Snapshot, Store, Trouble};
use crate::record::{Record, ScratchCode, Status};
use crate::secret::Secret;
use crate::verdict::Permit;

use super::NewToken;
use super::app::{mint, new_key};
use super::draft::{Parts, compose, joins};

/// What a script gives.
#[derive(Debug)]
pub struct Given<'a> {
    /// The token.
    pub token: NewToken<'a>,
    /// A password that the rules accept, or `None` to keep the one there is.
    pub password: Option<&'a Secret>,
    /// A key that an app may hold already, or `None` to make one.
    pub key: Option<Secret>,
    /// The counter of the next code, where the token is counter-based; what is before it is spent.
    pub counter: u64,
    /// Codes of another module that stand in for one of the app, at most [`ScratchCode::MAX_COUNT`].
    pub scratch: Vec<Secret>,
    /// Steps before the present one whose codes are accepted
    /// ([`LoginConfig::window`](crate::config::LoginConfig::window)).
    pub window: u8,
}

/// What an unattended enrollment made: to be handed to the person, and kept nowhere else.
#[derive(Debug)]
pub struct Made {
    /// What the app reads, as a QR code or as text.
    pub uri: Secret,
    /// The revocation code.
    pub revocation_code: Secret,
}

/// Enrolls the account of `permit` with what is given. `None` means that somebody else changed
/// the record meanwhile and nothing was stored.
///
/// No code has confirmed the key; the first one may be the oldest that is accepted now.
///
/// # Errors
/// As [`enroll`](super::enroll).
pub fn enroll_unattended(
    store: &dyn Store,
    passwords: &dyn Passwords,
    host: &dyn Host,
    permit: Permit,
    given: Given<'_>,
) -> Result<Option<Made>, Trouble> {
    let account = permit.account();
    let snapshot = store.load(account)?;
    let (record, made) = make(passwords, host, &permit, &snapshot, given)?;
    let (result, made) = match store.replace(account, permit.revision(), &record, Status::Live)? {
        Replaced::Done => (Ended::Done, Some(made)),
        Replaced::Conflict => (Ended::Conflict, None),
    };
    host.log(
        &Event::new(Severity::Warning, What::Enroll)
            .word(Field::Result, result)
            .text(Field::User, &account.name)
            .word(Field::By, permit.ground())
            .word(Field::Confirmed, YesNo::No),
    );
    Ok(made)
}

fn make(
    passwords: &dyn Passwords,
    host: &dyn Host,
    permit: &Permit,
    old: &Snapshot,
    given: Given<'_>,
) -> Result<(Record, Made), Trouble> {
    let account = permit.account();
    let key = match given.key {
        Some(key) => key,
        None => new_key(host)?,
    };
    let mut token = mint(host, &given.token, key)?;
    token.confirmed_step = match step_of(token.since, &token.shape) {
        Some(present) => present
            .saturating_sub(u64::from(given.window))
            .saturating_sub(1),
        None => given.counter,
    };
    let code = PaperCode::mint(PaperKind::Revocation, host)?;
    let made = Made {
        uri: otpauth::uri(given.token.site, &account.name, &token),
        revocation_code: code.text(),
    };
    let password = given
        .password
        .map(|password| passwords.hash(password))
        .transpose()?;
    let parts = Parts {
        password,
        token,
        joins: joins(&given.token, old),
        revocation: Some(code.hash(host)?),
        ground: permit.ground(),
    };
    let mut record = compose(host, account, old.record.as_ref(), parts)?;
    for code in given.scratch {
        let id = Id::mint(host)?;
        record.scratch.push(ScratchCode { id, code });
    }
    Ok((record, made))
}
