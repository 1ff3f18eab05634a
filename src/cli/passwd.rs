//! `kapu passwd`: a new password, from the owner of the store or from the person whose it is.

use std::path::Path;

use kapu_core::config::PasswordMode;
use kapu_core::flows::enrollment::explain;
use kapu_core::flows::password_change::{self, Change, Ending, New};
use kapu_core::messages::Message;
use kapu_core::policy::Policy;
use kapu_core::ports::Store as _;
use kapu_core::record::Status;
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_host::log::Machine;
use kapu_host::{identity, service};

use crate::cli::{Passwd, QrChoice};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::script::PASSWORD;
use crate::terminal::Terminal;
use crate::world::with_world;
use crate::{host_key, output, revoke, script_file};

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Passwd) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    if context.config.login.password != PasswordMode::Own {
        return Err(context.refusal(Message::PasswdNotOurs, &values));
    }
    let ending = match &options.from {
        Some(from) => from_script(context, &account, from)?,
        None => attended(context, &account)?,
    };
    match ending {
        Ending::Done(status) => {
            if options.from.is_some() {
                output::print(&context.texts.fill(Message::PasswdDone, &values))?;
            }
            match hindrance(status) {
                Some(row) => output::print(&context.texts.fill(row, &values)),
                None => Ok(()),
            }
        }
        Ending::Removed => Err(context.refusal(Message::PasswdRemoved, &values)),
        Ending::NoPassword => Err(context.refusal(Message::PasswdNone, &values)),
        Ending::Conflict if options.from.is_some() => Err(context.refusal(Message::Changed, &[])),
        // The dialog has said it.
        Ending::Conflict | Ending::Refused => Err(Failure::Told),
        Ending::GaveUp | Ending::Stopped(_) => Err(context.refusal(Message::PasswdStopped, &[])),
    }
}

/// Whether it is the own password, which is changed by whoever knows it: as with passwd(1) nobody but
/// root is believed without. A first one has none before it.
fn must_prove(context: &Context, account: &Account) -> Result<bool, Failure> {
    host_key::make_for_an_empty_store(&context.config.store)?;
    let own = identity::real_uid();
    if own == identity::ROOT || own != account.uid {
        return Ok(false);
    }
    let record = service::open_store(&context.config)?.load(account)?.record;
    Ok(record.is_some_and(|record| record.password.is_some()))
}

/// At a terminal: of who must prove it the old password and a code, then the new one.
fn attended(context: &Context, account: &Account) -> Result<Ending, Failure> {
    let mut terminal = terminal(context)?;
    let proves = must_prove(context, account)?;
    let login = revoke::login(account);
    let rules = context.rules(account);
    let change = Change {
        login: &login,
        account,
        texts: context.texts,
        site: &context.site,
        rules: &rules,
        new: New::Ask,
        deadline: None,
    };
    with_world(context, &mut terminal, |world| {
        if !proves {
            return Ok(password_change::by_administrator(world, change)?.ending);
        }
        let host = world.host;
        match password_change::ask_proof(world.dialog, context.texts, None, || host.now()) {
            Ok(answers) => {
                let policy = Policy::of(&context.config, &login, host);
                Ok(password_change::by_proof(world, &policy, answers, change)?.ending)
            }
            Err(error) => Ok(Ending::Stopped(error)),
        }
    })
}

fn terminal(context: &Context) -> Result<Terminal, Failure> {
    let drawing = context.drawing(QrChoice::None, Surface::Terminal);
    Terminal::open(drawing, obeys_escapes())
        .map_err(|_| context.refusal(Message::PasswdNoTerminal, &[]))
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
