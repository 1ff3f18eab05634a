//! What holds of every document, read or written.

use std::collections::BTreeSet;

use crate::id::Id;
use crate::notices::MAX_FROM;
use crate::record::{
    MAX_KEY_BYTES, MAX_RECOVERY_CODES, MIN_KEY_BYTES, PasswordHash, Record, ScratchCode, Status,
    Token,
};
use crate::remembered::MAX_REMEMBERED;
use crate::state::State;
use crate::throttle::{MAX_PLACES, MAX_RECENT};
use crate::username::{Account, account_name_is_sound};

/// Longest PHC string in bytes.
pub(super) const MAX_PHC: usize = 256;
/// Longest text of a place: an IPv6 network, a space and a service.
const MAX_PLACE: usize = 128;

/// What is wrong with a document, without a value of it.
pub(super) type Fault = &'static str;

/// Checks every bound and every rule between record and state.
pub(super) fn check(
    account: &Account,
    record: Option<&Record>,
    state: &State,
) -> Result<(), Fault> {
    ensure(account_name_is_sound(&account.name), "the account's name")?;
    match (record, state.status) {
        (Some(record), status) => {
            ensure(record.account == *account, "the record's account")?;
            check_record(record, status)?;
        }
        (None, Status::Removed) => {}
        (None, _) => return Err("the record is missing"),
    }
    check_state(state)
}

fn check_record(record: &Record, status: Status) -> Result<(), Fault> {
    let tokens = &record.tokens;
    ensure(tokens.len() <= Token::MAX_COUNT, "too many tokens")?;
    ensure(
        record.recovery.len() <= MAX_RECOVERY_CODES,
        "too many recovery codes",
    )?;
    // Only Never may pass on a password alone, so it must not be said of an account with keys.
    ensure(
        tokens.is_empty() || status != Status::Never,
        "tokens of an account that never had one",
    )?;
    ensure(
        tokens.is_empty() || status != Status::Revoked,
        "tokens of a revoked account",
    )?;
    ensure(status != Status::Removed, "the record of a removed account")?;
    ensure(
        all_differ(tokens.iter().map(|token| token.id)),
        "two tokens with one id",
    )?;
    ensure(
        record.scratch.len() <= ScratchCode::MAX_COUNT,
        "too many codes of another module",
    )?;
    let recovery = record.recovery.iter().map(|code| code.id);
    let scratch = record.scratch.iter().map(|code| code.id);
    ensure(
        all_differ(recovery.chain(scratch)),
        "two recovery codes with one id",
    )?;
    let is_sound = |known: &ScratchCode| {
        let digits = known.code.expose();
        digits.len() == usize::from(ScratchCode::DIGITS) && digits.iter().all(u8::is_ascii_digit)
    };
    ensure(
        record.scratch.iter().all(is_sound),
        "a code of another module",
    )?;
    if let Some(PasswordHash(phc)) = &record.password {
        ensure((1..=MAX_PHC).contains(&phc.len()), "the password's length")?;
    }
    tokens.iter().try_for_each(check_token)
}

fn check_token(token: &Token) -> Result<(), Fault> {
    ensure(token.shape.is_sound(), "a token's digits or period")?;
    ensure(
        (MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&token.key.len()),
        "the length of a token's key",
    )?;
    ensure(
        !token.name.is_empty() && is_tame(&token.name, Token::MAX_NAME),
        "a token's name",
    )
}

fn check_state(state: &State) -> Result<(), Fault> {
    ensure(
        state.last_use.len() <= Token::MAX_COUNT,
        "too many last uses",
    )?;
    ensure(
        state.spent_recovery.len() <= MAX_RECOVERY_CODES + ScratchCode::MAX_COUNT,
        "too many spent recovery codes",
    )?;
    ensure(state.throttle.places.len() <= MAX_PLACES, "too many places")?;
    ensure(
        state.throttle.recent.len() <= MAX_RECENT,
        "too many recent failures",
    )?;
    let remembered = state.remembered.kept();
    ensure(
        remembered.len() <= MAX_REMEMBERED,
        "too many remembered places",
    )?;
    let known = state.throttle.places.iter().map(|known| &known.place);
    let recent = state.throttle.recent.iter().map(|failure| &failure.place);
    ensure(
        known
            .chain(recent)
            .chain(remembered.iter().map(|known| &known.place))
            .all(|place| is_tame(place.as_str(), MAX_PLACE)),
        "a place",
    )?;
    let notices = &state.notices;
    let added = notices.device_added.as_ref();
    ensure(
        added.is_none_or(|added| is_tame(&added.name, Token::MAX_NAME)),
        "the name of a device that was added",
    )?;
    let told = notices.tallies().map(|tally| &tally.from);
    let login = state.last_login.iter().map(|login| &login.from);
    ensure(
        told.chain(login)
            .flatten()
            .all(|from| is_tame(from, MAX_FROM)),
        "a remote address",
    )
}

/// Whether `text` has at most `longest` characters, none of them a control.
fn is_tame(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && !text.chars().any(char::is_control)
}

fn all_differ(ids: impl Iterator<Item = Id>) -> bool {
    let mut seen = BTreeSet::new();
    ids.into_iter().all(|id| seen.insert(id))
}

const fn ensure(holds: bool, fault: Fault) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(fault) }
}
