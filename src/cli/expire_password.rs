//! `kapu expire-password`: the next login must choose a new password.

use kapu_core::config::PasswordMode;
use kapu_core::flows::password_change::expire;
use kapu_core::messages::Message;
use kapu_core::ports::Replaced;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::ExpirePassword;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Runs the command.
pub(crate) fn run(context: &Context, options: &ExpirePassword) -> Result<(), Failure> {
    let account = context.account(Some(&options.user))?;
    context.must_own_the_store()?;
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    if context.config.login.password != PasswordMode::Own {
        return Err(context.refusal(Message::PasswdNotOurs, &values));
    }
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    match expire(&store, &host, &account)? {
        Some(Replaced::Done) => output::print(&context.texts.fill(Message::PasswdExpires, &values)),
        Some(Replaced::Conflict) => Err(context.refusal(Message::Changed, &[])),
        None => Err(context.refusal(Message::PasswdNone, &values)),
    }
}
