//! `kapu lock`: keep an account out.

use kapu_core::flows::lock::{self, Ending};
use kapu_core::messages::Message;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::Lock;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Lock) -> Result<(), Failure> {
    let account = context.account(Some(&options.user))?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    let row = match lock::lock(&store, &Machine::new(&log), &account)? {
        Ending::Done(_) => Message::LockDone,
        Ending::Already => Message::LockAlready,
        Ending::Nothing => return Err(context.refusal(Message::LockNothing, &values)),
    };
    output::print(&context.texts.fill(row, &values))
}
