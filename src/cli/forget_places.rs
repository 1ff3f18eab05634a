//! `kapu forget-places`: from everywhere a code is needed again.

use kapu_core::flows::forget_places;
use kapu_core::messages::Message;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::ForgetPlaces;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Runs the command.
pub(crate) fn run(context: &Context, options: &ForgetPlaces) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let row = match forget_places::forget_places(&store, &host, &account)? {
        0 => Message::PlacesNone,
        _ => Message::PlacesForgotten,
    };
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    output::print(&context.texts.fill(row, &values))
}
