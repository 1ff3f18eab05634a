//! `kapu passwd`: a new password from the owner of the store, at a terminal or from a script.

use std::path::Path;

use kapu_core::flows::enrollment::explain;
use kapu_core::flows::password_change::{self, Ending};
use kapu_core::messages::Message;
use kapu_core::ports::World;
use kapu_core::record::Status;
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::{Passwd, QrChoice};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::script::PASSWORD;
use crate::terminal::Terminal;
use crate::{host_key, output, script_file};

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Passwd) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let ending = match &options.from {
        Some(from) => from_script(context, &account, from)?,
        None => at_terminal(context, &account)?,
    };
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    match ending {
        Ending::Done(status) => {
            output::print(&context.texts.fill(Message::PasswdDone, &values))?;
            match hindrance(status) {
                Some(row) => output::print(&context.texts.fill(row, &values)),
                None => Ok(()),
            }
        }
        Ending::Removed => Err(context.refusal(Message::PasswdRemoved, &values)),
        Ending::Conflict => Err(context.refusal(Message::Changed, &[])),
        Ending::GaveUp | Ending::Stopped(_) => Err(context.refusal(Message::PasswdStopped, &[])),
    }
}

/// What is still in the way of a login with the new password.
const fn hindrance(status: Status) -> Option<Message> {
    match status {
        Status::Live | Status::Removed => None,
        Status::Never | Status::Invited | Status::Revoked => Some(Message::PasswdNoDevice),
        Status::Disabled => Some(Message::StatusDisabledAdvice),
        Status::Locked => Some(Message::StatusLocked),
    }
}

fn at_terminal(context: &Context, account: &Account) -> Result<Ending, Failure> {
    let drawing = context.drawing(QrChoice::None, Surface::Terminal);
    let mut terminal = Terminal::open(drawing, obeys_escapes())
        .map_err(|_| context.refusal(Message::PasswdNoTerminal, &[]))?;
    host_key::make_for_an_empty_store(&context.config.store)?;
    let store = service::open_store(&context.config)?;
    let passwords = service::passwords(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let mut world = World {
        store: &store,
        passwords: &*passwords,
        host: &host,
        dialog: &mut terminal,
    };
    let rules = context.rules(account);
    let (texts, site) = (context.texts, context.site.as_str());
    Ok(password_change::at_terminal(
        &mut world, account, texts, site, &rules,
    )?)
}

fn from_script(context: &Context, account: &Account, from: &Path) -> Result<Ending, Failure> {
    let password = given(context, account, from)?;
    host_key::make_for_an_empty_store(&context.config.store)?;
    let store = service::open_store(&context.config)?;
    let passwords = service::passwords(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    Ok(password_change::unattended(
        &store,
        &*passwords,
        &host,
        account,
        &password,
    )?)
}

/// The password of the script, in the form that the rules give it.
fn given(context: &Context, account: &Account, from: &Path) -> Result<Secret, Failure> {
    let script = script_file::read(from, &PASSWORD)?;
    let wrong = |what: &str| {
        let name = script_file::called(from);
        Failure::Refused(format!("kapu: {name}: password: {what}"))
    };
    let Some(password) = &script.password else {
        return Err(wrong("expected one"));
    };
    let rules = context.rules(account);
    rules
        .check(password)
        .map_err(|weak| wrong(&explain(context.texts, weak)))
}
