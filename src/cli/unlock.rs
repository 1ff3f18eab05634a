//! `kapu unlock`: end a lock-out.

use kapu_core::flows::unlock;
use kapu_core::messages::Message;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::Unlock;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Unlock) -> Result<(), Failure> {
    let account = context.account(Some(&options.user))?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let done = unlock::unlock(&store, &Machine::new(&log), &account)?;
    let row = if done {
        Message::UnlockDone
    } else {
        Message::UnlockNothing
    };
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    output::print(&context.texts.fill(row, &values))
}
