//! One enrollment: a new key goes to the app, and a new record to the store.
//!
//! Nothing is stored before the person has shown that the app makes the right codes and that the
//! revocation code is kept; then one compare-and-swap stores everything. An enrollment that
//! breaks off leaves no trace, and its key is never shown again.

mod app;
mod draft;
mod password;
mod revocation_code;
#[cfg(test)]
mod tests;
mod unattended;

use std::time::Duration;

use crate::event::{Ended, Event, Field, Severity, Step, What};
use crate::messages::{Message, Texts};
use crate::password_rules::Rules;
use crate::ports::{DialogError, Host, Replaced, Trouble, World};
use crate::record::{CodeShape, Record, Status};
use crate::verdict::Permit;

use draft::Parts;
pub(in crate::flows) use draft::blank as blank_record;
pub(in crate::flows) use password::ask as ask_password;
pub use password::explain;
pub use unattended::{Given, Made, enroll_unattended};

/// The token to be enrolled.
#[derive(Debug, Clone, Copy)]
pub struct NewToken<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// What the app will call this host.
    pub site: &'a str,
    /// How its codes are made.
    pub shape: CodeShape,
    /// Whether it takes the place of the tokens there are, and new codes on paper the place of
    /// the ones they came with.
    pub replaces: bool,
}

/// Where the password of the new record comes from.
#[derive(Debug, Clone, Copy)]
pub enum NewPassword<'a> {
    /// It stays as it is.
    Keep,
    /// The person chooses one by these rules.
    Choose(&'a Rules),
}

/// What an enrollment is to make, and how it talks.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    /// The words.
    pub texts: Texts,
    /// The token.
    pub token: NewToken<'a>,
    /// The password.
    pub password: NewPassword<'a>,
    /// How exactly the app's clock must go, in steps ([`LoginConfig::window`](crate::config::LoginConfig::window)).
    pub window: u8,
    /// Where it takes place.
    pub setting: Setting<'a>,
}

/// Where an enrollment takes place.
#[derive(Debug, Clone, Copy)]
pub enum Setting<'a> {
    /// At a terminal, whose screen is ours.
    Terminal,
    /// Within a login, whose dialog is lines alone and ends at a fixed time.
    Login {
        /// What is said first.
        intro: &'a str,
        /// When it must have ended, by [`Host::elapsed`].
        deadline: Duration,
        /// The remote host, for the log.
        rhost: Option<&'a str>,
    },
}

impl Setting<'_> {
    /// Whether the time for it has run out.
    fn is_over(&self, host: &dyn Host) -> bool {
        matches!(self, Self::Login { deadline, .. } if host.elapsed() >= *deadline)
    }
}

/// How an enrollment ended.
#[derive(Debug)]
#[must_use]
pub enum Ending {
    /// The record is stored and the account Live.
    Done(Box<Record>),
    /// The person stopped answering. Nothing was stored, and nothing was said about it: most
    /// carriers cannot say anything any more.
    Stopped(DialogError),
    /// The person did not get it right too often, or too late. Nothing was stored, and that was
    /// said.
    GaveUp,
    /// Somebody else changed the record meanwhile. Nothing was stored, and that was said.
    Conflict,
}

/// Time left that a person needs to write the revocation code down. With less it is not shown: a
/// code on paper for an enrollment that never happened is the worst ending.
const TO_NOTE_A_CODE: Duration = Duration::from_secs(30);

/// Why the dialog went no further.
#[derive(Debug)]
pub(in crate::flows) enum Broken {
    Dialog(DialogError),
    TooOften,
    TooLate,
    Conflict,
    Trouble(Trouble),
}

impl From<DialogError> for Broken {
    fn from(error: DialogError) -> Self {
        Self::Dialog(error)
    }
}

impl From<Trouble> for Broken {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

/// Enrolls one token for the account of `permit`.
///
/// # Errors
/// When something of ours does not work; nothing was stored, unless a write failed half-way
/// (see [`Store::replace`](crate::ports::Store::replace)).
pub fn enroll(world: &mut World<'_>, permit: Permit, plan: &Plan<'_>) -> Result<Ending, Trouble> {
    let started = world.host.elapsed();
    let mut step = Step::Password;
    if matches!(plan.setting, Setting::Login { .. }) {
        // When its client goes away, sshd ends the process: no later line is certain to come.
        world
            .host
            .log(&event(Severity::Info, Ended::Begun, None, &permit, plan));
    }
    let outcome = dialog(world, &permit, plan, &mut step).map_err(|broken| match broken {
        Broken::Dialog(_) if plan.setting.is_over(world.host) => Broken::TooLate,
        other => other,
    });

    let seconds = world.host.elapsed().saturating_sub(started).as_secs();
    let log = |result, reason: Option<&Trouble>| {
        let severity = match reason {
            Some(_) => Severity::Error,
            None => Severity::Warning,
        };
        let step = (result != Ended::Done).then_some(step);
        let mut event =
            event(severity, result, step, &permit, plan).number(Field::Seconds, seconds);
        if let Some(trouble) = reason {
            event = event
                .word(Field::Reason, trouble.kind)
                .text(Field::Detail, &trouble.detail);
        }
        world.host.log(&event);
    };
    match outcome {
        Ok(enrolled) => {
            log(Ended::Done, None);
            say_done(world, plan, enrolled.ended_others);
            Ok(Ending::Done(Box::new(enrolled.record)))
        }
        Err(Broken::Dialog(error)) => {
            log(Ended::Abandoned, None);
            Ok(Ending::Stopped(error))
        }
        Err(broken @ (Broken::TooOften | Broken::TooLate)) => {
            log(Ended::Abandoned, None);
            let user = permit.account().name.as_str();
            let values = [("site", plan.token.site), ("user", user)];
            let message = match (broken, plan.setting) {
                (Broken::TooLate, _) => Message::LoginTooLate,
                (_, Setting::Terminal) => Message::NotSetUp,
                (_, Setting::Login { .. }) => Message::LoginNotSetUp,
            };
            let _ = world.dialog.tell(&plan.texts.fill(message, &values));
            Ok(Ending::GaveUp)
        }
        Err(Broken::Conflict) => {
            log(Ended::Conflict, None);
            let _ = world.dialog.tell(&plan.texts.say(Message::Changed));
            Ok(Ending::Conflict)
        }
        Err(Broken::Trouble(trouble)) => {
            log(Ended::Unavailable, Some(&trouble));
            Err(trouble)
        }
    }
}

/// A line about the enrollment that `permit` allows.
fn event(
    severity: Severity,
    result: Ended,
    step: Option<Step>,
    permit: &Permit,
    plan: &Plan<'_>,
) -> Event {
    let rhost = match plan.setting {
        Setting::Login { rhost, .. } => rhost,
        Setting::Terminal => None,
    };
    Event::new(severity, What::Enroll)
        .word(Field::Result, result)
        .maybe_word(Field::Step, step)
        .text(Field::User, &permit.account().name)
        .word(Field::By, permit.ground())
        .maybe(Field::Rhost, rhost)
}

/// What a dialog came to.
struct Enrolled {
    record: Record,
    /// Whether devices ended that worked until then.
    ended_others: bool,
}

/// Everything up to the one write.
fn dialog(
    world: &mut World<'_>,
    permit: &Permit,
    plan: &Plan<'_>,
    step: &mut Step,
) -> Result<Enrolled, Broken> {
    let account = permit.account();
    let snapshot = world.store.load(account)?;
    if snapshot.revision() != permit.revision() {
        return Err(Broken::Conflict);
    }
    introduce(world, permit, plan)?;
    let password = match plan.password {
        NewPassword::Keep => None,
        NewPassword::Choose(rules) => Some(password::choose(world, plan.texts, rules)?),
    };
    if let (Some(_), Setting::Login { .. }) = (&password, plan.setting) {
        world.dialog.tell(&plan.texts.say(Message::LoginNowApp))?;
    }
    *step = Step::App;
    let token = app::bring_over(world, account, plan)?;
    *step = Step::RevocationCode;
    if let Setting::Login { deadline, .. } = plan.setting
        && world.host.elapsed() + TO_NOTE_A_CODE > deadline
    {
        return Err(Broken::TooLate);
    }
    world.dialog.clear()?;
    world.dialog.tell(&plan.texts.say(Message::CodeRight))?;
    let joins = draft::joins(&plan.token, &snapshot);
    let has_code = |record: &Record| record.revocation.is_some();
    let revocation = if joins && snapshot.record.as_ref().is_some_and(has_code) {
        None
    } else {
        Some(revocation_code::hand_over(world, plan)?)
    };
    *step = Step::Store;
    let record = draft::compose(
        world.host,
        account,
        snapshot.record.as_ref(),
        Parts {
            password,
            token,
            joins,
            revocation,
            ground: permit.ground(),
        },
    )?;
    match world
        .store
        .replace(account, permit.revision(), &record, Status::Live)?
    {
        Replaced::Done => {
            let had_some = |record: &Record| !record.tokens.is_empty();
            Ok(Enrolled {
                ended_others: !joins && snapshot.record.as_ref().is_some_and(had_some),
                record,
            })
        }
        Replaced::Conflict => Err(Broken::Conflict),
    }
}

fn introduce(world: &mut World<'_>, permit: &Permit, plan: &Plan<'_>) -> Result<(), DialogError> {
    if let Setting::Login { intro, .. } = plan.setting {
        return world.dialog.tell(intro);
    }
    let message = if plan.token.replaces {
        Message::EnrollIntroReplace
    } else {
        Message::EnrollIntro
    };
    let values = [
        ("user", permit.account().name.as_str()),
        ("site", plan.token.site),
    ];
    world.dialog.tell(&plan.texts.fill(message, &values))
}

/// The account is enrolled whether or not anybody still hears of it.
fn say_done(world: &mut World<'_>, plan: &Plan<'_>, ended_others: bool) {
    let done = plan.texts.fill(Message::Done, &[("site", plan.token.site)]);
    let _ = world.dialog.tell(&format!("\n{done}"));
    if ended_others {
        let _ = world.dialog.tell(&plan.texts.say(Message::DoneReplaced));
    }
    let _ = world.dialog.tell(&plan.texts.say(Message::DonePhoneLost));
}
