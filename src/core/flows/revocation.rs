//! Revocation: no token of the account works any more.

use self::take_back::take_back;
use crate::code::{self, Answer};
use crate::event::{Ended, Event, Field, Means, Severity, What};
use crate::flows::proof::{self, Typed};
use crate::flows::says_yes;
use crate::judge::Decision;
use crate::messages::{Message, Texts};
use crate::paper::PaperKind;
use crate::policy::Policy;
use crate::ports::{DialogError, Host, Trouble, TroubleKind, World};
use crate::record::{Record, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;
use crate::verdict::{Login, Refusal};

mod take_back;

/// How a revocation talks.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The words.
    pub texts: Texts,
    /// What this host is called.
    pub site: &'a str,
}

/// How a revocation ended. All but `Stopped` has been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// No token of the account works any more.
    Done,
    /// There was no token that worked.
    Nothing,
    /// Somebody else changed the record meanwhile. Nothing was erased.
    Conflict,
    /// Password or code were not right, or a no was the answer.
    Refused,
    /// The person stopped answering.
    Stopped(DialogError),
}

/// Revokes by password and revocation code. It is a login that can end in nothing but a
/// revocation or a refusal: the same judgement, and wrong codes are noticed to the owner alike.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub fn by_code(
    world: &mut World<'_>,
    policy: &Policy,
    login: &Login,
    account: &Account,
    words: Words<'_>,
) -> Result<Ending, Trouble> {
    let (password, typed) = match ask(world, words.texts) {
        Ok(answers) => answers,
        Err(error) => return Ok(Ending::Stopped(error)),
    };
    let typed = Typed {
        password,
        answer: revocation_code_in(&typed),
        at: world.host.now(),
    };
    let snapshot = world.store.load(account)?;
    let decision = proof::judged(world, policy, login, account, &snapshot, typed)?;
    match decision {
        // A new device is set up in a login, not here.
        Decision::Refuse(Refusal::RevokedNow) | Decision::Enroll(_) => {
            say_done(world, words, snapshot.record.as_ref());
            log_done(
                world.host,
                account,
                snapshot.record.as_ref(),
                Means::RevocationCode,
                Status::Revoked,
            );
            Ok(Ending::Done)
        }
        Decision::Refuse(reason) => {
            let text = words.texts.say(match reason {
                Refusal::PaperTypo => Message::PaperTypo,
                _ => Message::RevokeRefused,
            });
            let _ = world.dialog.tell(&text);
            world.host.log(
                &Event::new(Severity::Info, What::Revoke)
                    .word(Field::Result, Ended::Refuse)
                    .word(Field::Reason, reason)
                    .text(Field::User, &account.name),
            );
            Ok(Ending::Refused)
        }
        Decision::RecordChanged | Decision::Accept(_) | Decision::NotOurs => Err(Trouble::new(
            TroubleKind::RecordChanged,
            "the record was changed during the revocation",
        )),
    }
}

/// Revokes without a proof, for the store's owner: the caller has checked that this process is the
/// owner and acts for nobody else. `sure` leaves the question out.
///
/// An account that was set up on the password alone lately is emptied and waits for an invitation.
///
/// # Errors
/// As [`by_code`].
pub fn by_owner(
    world: &mut World<'_>,
    account: &Account,
    words: Words<'_>,
    sure: bool,
) -> Result<Ending, Trouble> {
    let snapshot = world.store.load(account)?;
    let values = [("user", account.name.as_str()), ("site", words.site)];
    let nothing = words.texts.fill(Message::RevokeNothing, &values);
    let is_young = |record: &&Record| record.young_until(world.host.now()).is_some();
    let young = snapshot.record.as_ref().filter(is_young);
    if young.is_none() && revoked(&snapshot.state, world.host).is_none() {
        let _ = world.dialog.tell(&nothing);
        return Ok(Ending::Nothing);
    }
    if !sure {
        let question = words.texts.fill(Message::RevokeQuestion, &values);
        match says_yes(world.dialog, &question) {
            Ok(true) => {}
            Ok(false) => return Ok(Ending::Refused),
            Err(error) => return Ok(Ending::Stopped(error)),
        }
    }
    if let Some(record) = young {
        if !take_back(world.store, account, &snapshot, record)? {
            let _ = world.dialog.tell(&words.texts.say(Message::Changed));
            return Ok(Ending::Conflict);
        }
        if !record.tokens.is_empty() {
            say_devices_ended(world, words, Some(record));
        }
        let _ = world
            .dialog
            .tell(&words.texts.fill(Message::RevokeTakenBack, &values));
        log_done(
            world.host,
            account,
            Some(record),
            Means::Owner,
            Status::Invited,
        );
        return Ok(Ending::Done);
    }
    let mut is_done = false;
    world.store.update(account, &mut |latest| {
        let next = revoked(&latest.state, world.host);
        is_done = next.is_some();
        next
    })?;
    // Somebody else came first: what they erased was not ours to tell of.
    if !is_done {
        let _ = world.dialog.tell(&nothing);
        return Ok(Ending::Nothing);
    }
    say_done(world, words, snapshot.record.as_ref());
    let record = snapshot.record.as_ref();
    log_done(world.host, account, record, Means::Owner, Status::Revoked);
    Ok(Ending::Done)
}

fn ask(world: &mut World<'_>, texts: Texts) -> Result<(Secret, Secret), DialogError> {
    let password = world
        .dialog
        .ask_hidden(&texts.say(Message::PasswordPrompt))?;
    let code = world
        .dialog
        .ask_shown(&texts.say(Message::RevocationCodePrompt))?;
    Ok((password, code))
}

/// What was typed, if it can revoke: any other code would be spent by the judgement.
fn revocation_code_in(typed: &Secret) -> Answer {
    match code::read(typed) {
        Answer::Paper(code) if code.kind() == PaperKind::Revocation => Answer::Paper(code),
        Answer::PaperTypo => Answer::PaperTypo,
        _ => Answer::NotACode,
    }
}

/// The state without a token that works, or `None` where there is none. A locked account stays
/// locked, and is revoked once it is unlocked.
fn revoked(state: &State, host: &dyn Host) -> Option<State> {
    let mut next = state.clone();
    match (state.status, state.locked_from) {
        (Status::Live | Status::Disabled, _) => next.set_status(Status::Revoked, host.now()),
        (Status::Locked, Some(Status::Live | Status::Disabled)) => {
            next.locked_from = Some(Status::Revoked);
        }
        _ => return None,
    }
    next.throttle.clear();
    Some(next)
}

/// Nothing of this can be undone any more, whether or not anybody hears of it.
fn say_done(world: &mut World<'_>, words: Words<'_>, record: Option<&Record>) {
    say_devices_ended(world, words, record);
    let _ = world.dialog.tell(&words.texts.say(Message::RevokeKeepCode));
}

fn say_devices_ended(world: &mut World<'_>, words: Words<'_>, record: Option<&Record>) {
    let names: Vec<&str> = record
        .iter()
        .flat_map(|record| &record.tokens)
        .map(|token| token.name.as_str())
        .collect();
    let values = [("site", words.site), ("devices", &names.join(", "))];
    let _ = world
        .dialog
        .tell(&words.texts.fill(Message::RevokeDone, &values));
}

fn log_done(host: &dyn Host, account: &Account, record: Option<&Record>, by: Means, to: Status) {
    let tokens = record.map_or(0, |record| record.tokens.len());
    host.log(
        &Event::new(Severity::Warning, What::Revoke)
            .word(Field::Result, Ended::Done)
            .text(Field::User, &account.name)
            .number(Field::Tokens, u64::try_from(tokens).unwrap_or(u64::MAX))
            .word(Field::By, by)
            .word(Field::To, to),
    );
}

#[cfg(test)]
mod tests;
