//! `kapu key`: make the host key of a new installation, or check the one there is.

use std::path::Path;

use kapu_core::messages::Message;
use kapu_host::identity;
use kapu_host::seal::HostKey;

use crate::context::Context;
use crate::failure::Failure;
use crate::{host_key, output};

/// Runs the command.
pub(crate) fn run(context: &Context) -> Result<(), Failure> {
    context.must_own_the_store()?;
    let config = &context.config.store;
    let made = host_key::make_for_an_empty_store(config)?;
    // Whether it was just made or there before: it must be one that a login could use.
    HostKey::load(Path::new(&config.host_key), identity::effective_uid())?;
    let row = if made {
        Message::KeyMade
    } else {
        Message::KeyThere
    };
    output::print(&context.texts.fill(row, &[("path", &config.host_key)]))
}
