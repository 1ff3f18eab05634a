//! The devices of an account: one is taken away, one gets another name, one more is allowed for.

use crate::code::{self, Answer};
use crate::event::{Ended, Event, Field, Severity, What};
use crate::flows::proof::{self, Typed};
use crate::judge::Decision;
use crate::messages::{Message, Texts};
use crate::policy::Policy;
use crate::ports::{DialogError, Host, Replaced, Store, Trouble, UnixTime, World};
use crate::record::{Record, Status};
use crate::username::Account;
use crate::verdict::{Login, Permit};

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// It is stored.
    Done,
    /// The account has no device of that name.
    NoSuch,
    /// It is the only one: without it nobody could log in.
    Last,
    /// Another device has the new name.
    Taken,
    /// Somebody else changed the record meanwhile. Nothing was stored.
    Conflict,
}

/// Takes the device called `name` away; its key is erased.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for nobody
/// else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn remove(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    name: &str,
) -> Result<Ending, Trouble> {
    change(store, host, account, What::TokenRemove, name, |record| {
        if record.tokens.len() == 1 {
            return Ending::Last;
        }
        record.tokens.retain(|token| token.name != name);
        Ending::Done
    })
}

/// Calls the device `name` by another one.
///
/// For the store's owner, as [`remove`].
///
/// # Errors
/// As [`remove`].
pub fn rename(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    name: &str,
    new: &str,
) -> Result<Ending, Trouble> {
    change(store, host, account, What::TokenRename, name, |record| {
        if record.tokens.iter().any(|token| token.name == new) {
            return Ending::Taken;
        }
        for token in &mut record.tokens {
            if token.name == name {
                new.clone_into(&mut token.name);
            }
        }
        Ending::Done
    })
}

fn change(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
    event: What,
    name: &str,
    change: impl FnOnce(&mut Record) -> Ending,
) -> Result<Ending, Trouble> {
    let found = store.load(account)?;
    let revision = found.revision();
    let has_it = |record: &Record| record.tokens.iter().any(|token| token.name == name);
    let Some(mut record) = found.record.filter(has_it) else {
        return Ok(Ending::NoSuch);
    };
    match change(&mut record) {
        Ending::Done => {}
        ending => return Ok(ending),
    }
    Ok(match store.amend(account, revision, &record)? {
        Replaced::Done => {
            host.log(
                &Event::new(Severity::Warning, event)
                    .word(Field::Result, Ended::Done)
                    .text(Field::User, &account.name)
                    .text(Field::Token, name),
            );
            Ending::Done
        }
        Replaced::Conflict => Ending::Conflict,
    })
}

/// Whether one more device may be set up.
#[derive(Debug)]
#[must_use]
pub enum OneMore {
    /// The person is who they say.
    Allowed(Permit),
    /// Password or code were not right. That was said.
    Refused,
    /// There is no device yet: that is an enrollment.
    NoDevice,
    /// There are devices, and none works at present.
    Closed,
    /// The first device was set up on the password alone, so lately that it need not be the owner's.
    Young {
        /// Until when.
        until: UnixTime,
    },
    /// There are as many as there may be.
    TooMany,
    /// A device has that name.
    Taken,
    /// The person stopped answering.
    Stopped(DialogError),
}

/// Asks for the password and a present code, as a login does, and spends the code: whoever adds a
/// device must be able to log in. `most` is how many devices there may be.
///
/// # Errors
/// When something of ours does not work.
pub fn one_more(
    world: &mut World<'_>,
    policy: &Policy,
    login: &Login,
    account: &Account,
    texts: Texts,
    (name, most): (&str, usize),
) -> Result<OneMore, Trouble> {
    let found = world.store.load(account)?;
    let tokens = found
        .record
        .as_ref()
        .map_or(&[][..], |record| &record.tokens);
    match found.state.status {
        Status::Live if !tokens.is_empty() => {}
        Status::Disabled | Status::Locked | Status::Revoked => return Ok(OneMore::Closed),
        _ => return Ok(OneMore::NoDevice),
    }
    if tokens.len() >= most {
        return Ok(OneMore::TooMany);
    }
    if tokens.iter().any(|token| token.name == name) {
        return Ok(OneMore::Taken);
    }
    let young_until = |record: &Record| record.young_until(world.host.now());
    if let Some(until) = found.record.as_ref().and_then(young_until) {
        return Ok(OneMore::Young { until });
    }
    let mut ask = |message| world.dialog.ask_hidden(&texts.say(message));
    let answers =
        ask(Message::PasswordPrompt).and_then(|password| Ok((password, ask(Message::CodePrompt)?)));
    let (password, typed) = match answers {
        Ok(answers) => answers,
        Err(error) => return Ok(OneMore::Stopped(error)),
    };
    let at = world.host.now();
    let typed = Typed {
        password,
        answer: match code::read(&typed) {
            code @ Answer::Code(_) => code,
            // One on paper is for whoever has no device.
            _ => Answer::NotACode,
        },
        at,
    };
    let decision = proof::judged(world, policy, login, account, &found, typed)?;
    if !matches!(decision, Decision::Accept(_)) {
        let _ = world.dialog.tell(&texts.say(Message::Refusal));
        return Ok(OneMore::Refused);
    }
    let permit = Permit::of_store_owner(account.clone(), found.record.as_ref(), at);
    Ok(OneMore::Allowed(permit))
}

#[cfg(test)]
mod tests;
