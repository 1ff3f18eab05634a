//! `kapu key`: make the host key of a new installation, check the one there is, or put a new one
//! in its place.

use std::path::Path;
use std::time::{Duration, Instant};

use kapu_core::event::{Ended, Event, Field, Severity, What};
use kapu_core::messages::Message;
use kapu_core::ports::Host;
use kapu_host::log::Machine;
use kapu_host::seal::{HostKey, rotation};
use kapu_host::{identity, service};

use crate::cli::{Key, KeyAction};
use crate::context::Context;
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::{host_key, output};

/// How often progress is told.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Key) -> Result<(), Failure> {
    context.must_own_the_store()?;
    match options.action {
        None => make_or_check(context),
        Some(KeyAction::Rotate) => rotate(context),
    }
}

fn make_or_check(context: &Context) -> Result<(), Failure> {
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

fn rotate(context: &Context) -> Result<(), Failure> {
    let path = &context.config.store.host_key;
    let store = service::open_store(&context.config)?;
    let mut told = Instant::now();
    let mut tell = |done: usize, count: usize| {
        if told.elapsed() >= TOLD_EVERY {
            told = Instant::now();
            let (left, count) = (done.to_string(), count.to_string());
            let values = [("left", left.as_str()), ("count", &count)];
            output::complain(&context.texts.fill(Message::KeyProgress, &values));
        }
    };
    let owner = identity::effective_uid();
    let result = rotation::rotate(Path::new(path), owner, &store, &mut tell);
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let count = result.inspect_err(|trouble| {
        let event =
            Event::new(Severity::Error, What::KeyRotate).word(Field::Result, Ended::Unavailable);
        let event = event.word(Field::Reason, trouble.kind);
        host.log(&event.text(Field::Detail, &trouble.detail));
    })?;
    let event = Event::new(Severity::Warning, What::KeyRotate).word(Field::Result, Ended::Done);
    host.log(&event.number(Field::Accounts, u64::try_from(count).unwrap_or(u64::MAX)));
    let count = count.to_string();
    let values = [("path", path.as_str()), ("count", &count)];
    output::print(&context.texts.fill(Message::KeyRotated, &values))
}
