//! The machine that a flow runs on, for the time that it runs.

use kapu_core::ports::{Dialog, World};
use kapu_host::log::Machine;
use kapu_host::service;

use crate::context::Context;
use crate::failure::Failure;
use crate::program_log::ProgramLog;

/// Opens what a flow needs beside the person at `dialog`, and runs `flow` with it.
pub(crate) fn with_world<T>(
    context: &Context,
    dialog: &mut dyn Dialog,
    flow: impl FnOnce(&mut World<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let store = service::open_store(&context.config)?;
    let passwords = service::passwords(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    flow(&mut World {
        store: &store,
        passwords: &*passwords,
        host: &host,
        dialog,
    })
}
