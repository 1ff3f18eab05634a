//! `kapu recovery-codes` and `kapu revocation-code`: new codes on paper.

use kapu_core::flows::paper_codes::{self, Ending};
use kapu_core::messages::Message;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::PaperOf;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Which codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As many as the configuration says.
    Recovery,
    /// The one.
    Revocation,
}

/// Runs the command.
pub(crate) fn run(context: &Context, options: &PaperOf, kind: Kind) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    let count = context.config.enroll.recovery_codes;
    let (heading, ending) = match kind {
        Kind::Recovery if count == 0 => {
            return Err(context.refusal(Message::RecoveryNone, &values));
        }
        Kind::Recovery => (
            Message::RecoveryPage,
            paper_codes::new_recovery_codes(&store, &host, &account, count)?,
        ),
        Kind::Revocation => (
            Message::RevocationPage,
            paper_codes::new_revocation_code(&store, &host, &account)?,
        ),
    };
    match ending {
        Ending::Done(codes) => {
            output::print(&format!("{}\n", context.texts.fill(heading, &values)))?;
            codes.iter().try_for_each(output::print_code)
        }
        Ending::Young { until } => Err(context.is_young(&account.name, until, &host)),
        Ending::NoDevice => Err(context.refusal(Message::NotEnrolled, &values)),
        Ending::Conflict => Err(context.refusal(Message::Changed, &[])),
    }
}
