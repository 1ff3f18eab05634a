//! `kapu remove`: erase what is set up for an account.

use kapu_core::event::{Ended, Event, Field, Severity, What, YesNo};
use kapu_core::flows::says_yes;
use kapu_core::messages::Message;
use kapu_core::ports::{Host, Store};
use kapu_core::record::Status;
use kapu_core::username::Account;
use kapu_core::verdict::Who;
use kapu_host::directory_store::DirectoryStore;
use kapu_host::log::Machine;
use kapu_host::{names, service};

use crate::cli::{QrChoice, Remove};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;
use crate::terminal::Terminal;

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Remove) -> Result<(), Failure> {
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let name = canonical(&options.user)?;
    let values = [("user", name.as_str()), ("site", &context.site)];
    let accounts = store.stored(&name)?;
    if accounts.is_empty() {
        return Err(context.refusal(Message::RemoveNothing, &values));
    }
    if !options.forget && are_removed(&store, &accounts)? {
        return output::print(&context.texts.fill(Message::RemoveAlready, &values));
    }
    if !options.yes {
        let question = if options.forget {
            Message::ForgetQuestion
        } else {
            Message::RemoveQuestion
        };
        ask(context, &context.texts.fill(question, &values))?;
    }
    let log = ProgramLog::open();
    let done = if options.forget {
        store.forget(&name)?;
        Message::ForgetDone
    } else {
        for account in &accounts {
            store.remove(account)?;
        }
        Message::RemoveDone
    };
    Machine::new(&log).log(
        &Event::new(Severity::Warning, What::Remove)
            .word(Field::Result, Ended::Done)
            .text(Field::User, &name)
            .word(Field::Forget, YesNo::from(options.forget)),
    );
    output::print(&context.texts.fill(done, &values))
}

/// The name as the host has it. One that the host knows no more may well be stored still.
fn canonical(user: &str) -> Result<String, Failure> {
    match names::resolve(user) {
        Who::Known(account) => Ok(account.name),
        Who::Unknown => Ok(user.to_owned()),
        Who::Unresolved(trouble) => Err(trouble.into()),
    }
}

fn are_removed(store: &DirectoryStore, accounts: &[Account]) -> Result<bool, Failure> {
    for account in accounts {
        if store.load(account)?.state.status != Status::Removed {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Goes on only after a yes.
fn ask(context: &Context, question: &str) -> Result<(), Failure> {
    let drawing = context.drawing(QrChoice::None, Surface::Terminal);
    let mut terminal = Terminal::open(drawing, obeys_escapes())
        .map_err(|_| context.refusal(Message::RemoveNoTerminal, &[]))?;
    match says_yes(&mut terminal, question) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Failure::Told),
    }
}
