//! A password is chosen in a dialog. A person changes the own one: they prove the old one and a code, or
//! a login has just done so. The store's owner proves nothing.

use std::time::Duration;

use super::{Ending, store_it};
use crate::code;
use crate::event::{Ended, Event, Field, Means, Severity, What};
use crate::flows::beat::wait_for_the_beat;
use crate::flows::enrollment::{Broken, ask_password, explain};
use crate::flows::proof::{self, Typed};
use crate::flows::relay::Relay;
use crate::judge::Decision;
use crate::messages::{Message, Texts};
use crate::password_rules::Rules;
use crate::policy::Policy;
use crate::ports::{Dialog, DialogError, Proof, Snapshot, Trouble, UnixTime, World};
use crate::record::{Record, Status};
use crate::secret::Secret;
use crate::username::Account;
use crate::verdict::Login;

/// Who chooses.
#[derive(Debug, Clone, Copy)]
enum Chooser {
    /// The store's owner.
    Owner,
    /// The person whose it is.
    Person {
        /// Whether they must.
        must: bool,
    },
}

impl Chooser {
    /// The log's word.
    const fn word(self) -> Means {
        match self {
            Self::Owner => Means::Owner,
            Self::Person { .. } => Means::Person,
        }
    }

    /// What is said first.
    fn intro(self) -> Option<Message> {
        match self {
            Self::Owner => Some(Message::PasswdIntro),
            Self::Person { must } => must.then_some(Message::PasswordExpired),
        }
    }
}

/// A login that was let in by a password of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Who.
    pub account: Account,
    /// Where the account stood.
    pub status: Status,
    /// When the password was chosen that was proven.
    pub password_since: UnixTime,
    /// Whether a new one must be chosen now.
    pub must_change: bool,
}

impl LoggedIn {
    /// The login by the password of `record`, if it has one.
    #[must_use]
    pub fn by(record: &Record, status: Status) -> Option<Self> {
        record.password.as_ref()?;
        Some(Self {
            account: record.account.clone(),
            status,
            password_since: record.password_since,
            must_change: record.password_expired,
        })
    }

    /// Whether what it has proven is still so.
    fn holds(&self, found: &Snapshot) -> bool {
        let is_same = |record: &Record| record.password_since == self.password_since;
        self.status == found.state.status && found.record.as_ref().is_some_and(is_same)
    }
}

/// What was typed to prove who one is, and when.
#[derive(Debug, Clone)]
pub struct Answers {
    password: Secret,
    code: Secret,
    at: UnixTime,
}

impl Answers {
    /// The password that was typed.
    #[must_use]
    pub const fn password(&self) -> &Secret {
        &self.password
    }
}

/// Where the new password comes from.
#[derive(Debug)]
pub enum New {
    /// It is asked for, twice.
    Ask,
    /// Somebody else has asked for it.
    Given(Secret),
}

/// A change of the password of one account.
#[derive(Debug)]
pub struct Change<'a> {
    /// Whose.
    pub login: &'a Login,
    /// The same as an account.
    pub account: &'a Account,
    /// The words.
    pub texts: Texts,
    /// What this host is called.
    pub site: &'a str,
    /// What a new one must fulfil.
    pub rules: &'a Rules,
    /// Where it comes from.
    pub new: New,
    /// When a dialog of lines alone must have ended, by [`Host::elapsed`](crate::ports::Host::elapsed);
    /// `None` at a terminal.
    pub deadline: Option<Duration>,
}

/// How a change ended. What came of it has been said, but that somebody stopped answering.
#[derive(Debug)]
#[must_use]
pub struct Changed {
    /// How.
    pub ending: Ending,
    /// The new password, where it is stored: for the modules that follow.
    pub password: Option<Secret>,
}

impl From<Ending> for Changed {
    fn from(ending: Ending) -> Self {
        Self {
            ending,
            password: None,
        }
    }
}

/// Asks for what [`by_proof`] judges, and judges nothing. `known` is a password that was asked for
/// elsewhere. Where a login needs no code, Enter stands for one.
///
/// # Errors
/// When there is no answer.
pub fn ask_proof(
    dialog: &mut dyn Dialog,
    texts: Texts,
    known: Option<Secret>,
    now: impl Fn() -> UnixTime,
) -> Result<Answers, DialogError> {
    let password = match known {
        Some(known) => known,
        None => dialog.ask_hidden(&texts.say(Message::CurrentPassword))?,
    };
    let code = dialog.ask_hidden(&texts.say(Message::CodePrompt))?;
    Ok(Answers {
        password,
        code,
        at: now(),
    })
}

/// Changes the password for whoever has just logged in, without asking for the old one.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub fn after_login(
    world: &mut World<'_>,
    logged_in: &LoggedIn,
    change: Change<'_>,
) -> Result<Changed, Trouble> {
    let found = world.store.load(change.account)?;
    if logged_in.account != *change.account || !logged_in.holds(&found) {
        let _ = world.dialog.tell(&change.texts.say(Message::Changed));
        return Ok(Ending::Refused.into());
    }
    let must = logged_in.must_change;
    in_lines(world, &found, change, Chooser::Person { must })
}

/// Changes the password for the store's owner, who proves nothing: the caller has checked that it is
/// they who ask.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub fn by_administrator(world: &mut World<'_>, change: Change<'_>) -> Result<Changed, Trouble> {
    let found = world.store.load(change.account)?;
    if found.state.status == Status::Removed {
        return Ok(Ending::Removed.into());
    }
    in_lines(world, &found, change, Chooser::Owner)
}

/// Changes the password for whoever answered with the old one and a code, both right. The code is
/// spent.
///
/// # Errors
/// When something of ours does not work; the password was not changed.
pub fn by_proof(
    world: &mut World<'_>,
    policy: &Policy,
    answers: Answers,
    change: Change<'_>,
) -> Result<Changed, Trouble> {
    let answered = world.host.elapsed();
    let found = world.store.load(change.account)?;
    let has_password = |record: &Record| record.password.is_some();
    if !found.record.as_ref().is_some_and(has_password) {
        return Ok(Ending::NoPassword.into());
    }
    let Change { login, account, .. } = change;
    let typed = Typed {
        answer: code::read(&answers.code),
        password: answers.password,
        at: answers.at,
    };
    let decision = proof::judged(world, policy, login, account, &found, typed)?;
    if !matches!(decision, Decision::Accept(_)) {
        // As a login does: one text, and no moment that tells what was wrong.
        wait_for_the_beat(answered, world.host);
        let text = change.texts.say(Message::RefusalWithoutPaper);
        let _ = world.dialog.tell(text.trim());
        world.host.log(
            &Event::new(Severity::Warning, What::Passwd)
                .word(Field::Result, Ended::Refuse)
                .text(Field::User, &account.name)
                .word(Field::By, Means::Person),
        );
        return Ok(Ending::Refused.into());
    }
    // The code is spent by now, which is a writing of the state and not of the record.
    in_lines(world, &found, change, Chooser::Person { must: false })
}

/// Through a dialog of lines alone, what there is to say goes out with the next question.
fn in_lines(
    world: &mut World<'_>,
    found: &Snapshot,
    change: Change<'_>,
    chooser: Chooser,
) -> Result<Changed, Trouble> {
    let Some(deadline) = change.deadline else {
        return choose_and_store(world, found, change, chooser);
    };
    let mut relay = Relay::new(&mut *world.dialog, world.host, change.texts, deadline);
    let mut within = World {
        store: world.store,
        passwords: world.passwords,
        host: world.host,
        dialog: &mut relay,
    };
    let changed = choose_and_store(&mut within, found, change, chooser);
    relay.say_the_rest();
    changed
}

fn choose_and_store(
    world: &mut World<'_>,
    found: &Snapshot,
    change: Change<'_>,
    chooser: Chooser,
) -> Result<Changed, Trouble> {
    let values = [
        ("user", change.account.name.as_str()),
        ("site", change.site),
    ];
    if let Some(intro) = chooser.intro()
        && let Err(error) = world.dialog.tell(&change.texts.fill(intro, &values))
    {
        return Ok(Ending::Stopped(error).into());
    }
    let password = match choose(world, found, &change, chooser) {
        Ok(password) => password,
        Err(Broken::Dialog(error)) => return Ok(Ending::Stopped(error).into()),
        Err(Broken::TooOften | Broken::TooLate) => return Ok(Ending::GaveUp.into()),
        Err(Broken::Conflict) => return Ok(Ending::Conflict.into()),
        Err(Broken::Trouble(trouble)) => return Err(trouble),
    };
    let hash = world.passwords.hash(&password)?;
    let ending = store_it(
        world.store,
        world.host,
        change.account,
        found,
        hash,
        chooser.word(),
    )?;
    if !matches!(ending, Ending::Done(_)) {
        let _ = world.dialog.tell(&change.texts.say(Message::Changed));
        return Ok(ending.into());
    }
    let _ = world
        .dialog
        .tell(&change.texts.fill(Message::PasswdDone, &values));
    Ok(Changed {
        ending,
        password: Some(password),
    })
}

fn choose(
    world: &mut World<'_>,
    found: &Snapshot,
    change: &Change<'_>,
    chooser: Chooser,
) -> Result<Secret, Broken> {
    let present = found
        .record
        .as_ref()
        .and_then(|record| record.password.as_ref());
    let passwords = world.passwords;
    let is_present = |new: &Secret| {
        if matches!(chooser, Chooser::Owner) {
            return Ok(false);
        }
        let proof = passwords.verify(change.login, present, new)?;
        Ok(proof == Proof::Right)
    };
    let New::Given(new) = &change.new else {
        return ask_password(world, change.texts, change.rules, &is_present);
    };
    let complaint = match change.rules.check(new) {
        Err(weak) => explain(change.texts, weak),
        Ok(password) if is_present(&password)? => change.texts.say(Message::PasswordSame),
        Ok(password) => return Ok(password),
    };
    world.dialog.tell(&complaint)?;
    Err(Broken::TooOften)
}

#[cfg(test)]
mod tests;
