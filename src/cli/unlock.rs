//! `kapu unlock`: end a lock-out.

use kapu_core::flows::clock_correction::{self, Corrected};
use kapu_core::flows::unlock;
use kapu_core::messages::Message;
use kapu_core::username::Account;
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
    let host = Machine::new(&log);
    if options.clock {
        let corrected = clock_correction::correct(&store, &host, &account)?;
        return say_corrected(context, &account, &corrected);
    }
    let done = unlock::unlock(&store, &host, &account)?;
    let row = if done {
        Message::UnlockDone
    } else {
        Message::UnlockNothing
    };
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    output::print(&context.texts.fill(row, &values))
}

fn say_corrected(
    context: &Context,
    account: &Account,
    corrected: &Corrected,
) -> Result<(), Failure> {
    let devices = corrected.devices.join(", ");
    let values = [("user", account.name.as_str()), ("devices", &devices)];
    let said = [
        (!corrected.devices.is_empty(), Message::ClockDevices),
        (corrected.times, Message::ClockTimes),
        (*corrected == Corrected::default(), Message::ClockNothing),
    ];
    for (is_so, row) in said {
        if is_so {
            output::print(&context.texts.fill(row, &values))?;
        }
    }
    Ok(())
}
