//! The files: the configuration, and what it names.

use std::path::Path;

use kapu_core::check::{Finding, Gravity, Place};
use kapu_core::config::PasswordMode;
use kapu_core::messages::{Message, Topic};
use kapu_core::ports::TroubleKind;
use kapu_host::checked_open::{self, CheckedDir, NOT_WRITABLE_BY_OTHERS, PRIVATE};
use kapu_host::file_error::{Fault, FileError};
use kapu_host::queue::HashQueue;
use kapu_host::seal::HostKey;
use kapu_host::{identity, service};
use nix::errno::Errno;

use super::{Examination, InForce};
use crate::context::Context;
use crate::failure::Failure;

/// What makes the first host key.
const MAKE_KEY: &str = "kapu key";

/// Looks at the configuration: whether a login can use it.
pub(super) fn config(
    context: &Context,
    path: Option<&Path>,
    file: &Path,
    owner: u32,
    found: &mut Examination,
) -> Result<bool, Failure> {
    let topic = Topic::ConfigUnusable;
    let opened = checked_open::open_file(file, owner, NOT_WRITABLE_BY_OTHERS);
    let finding = match opened.map(|_| service::load_config(path)) {
        Ok(Ok(_)) => return Ok(true),
        Ok(Err(trouble)) => Finding::in_file(
            topic,
            trouble.detail,
            context.texts.say(Message::CheckMendIt),
        ),
        Err(error) if error.is_missing() && path.is_none() => {
            found.in_force = InForce::Defaults;
            return Ok(true);
        }
        // It is for root to read: that tells nothing of what root finds in it.
        Err(error)
            if error.fault == Fault::System(Errno::EACCES)
                && identity::effective_uid() != identity::ROOT =>
        {
            return Err(error.trouble(TroubleKind::Config).into());
        }
        Err(error) => unusable(context, topic, &error, None),
    };
    found.in_force = InForce::Nothing;
    found.findings.push(finding);
    Ok(false)
}

/// Looks at store, queue and host key, as their owner: whether the records can be read.
pub(super) fn beside(context: &Context, owner: u32, found: &mut Examination) -> bool {
    let (is_there, is_empty) = store(context, owner, found);
    let opens = host_key(context, owner, is_empty, found);
    is_there && opens
}

/// Whether the store can be used, and whether nothing is in it.
fn store(context: &Context, owner: u32, found: &mut Examination) -> (bool, bool) {
    let config = &context.config;
    let path = Path::new(&config.store.path);
    match CheckedDir::open(path, owner, PRIVATE).and_then(|dir| dir.names()) {
        Ok(names) => {
            let queue = HashQueue::beside(path, owner, config.password.simultaneous);
            let is_used = config.login.password != PasswordMode::Elsewhere;
            if let Err(error) = queue.examine()
                && is_used
            {
                let finding = unusable(context, Topic::QueueUnusable, &error, None);
                found.findings.push(finding);
            }
            (true, names.is_empty())
        }
        Err(error) => {
            let make = format!("install -d -m 0700 {}", config.store.path);
            let finding = unusable(context, Topic::StoreUnusable, &error, Some(make));
            found.findings.push(finding);
            (false, error.is_missing())
        }
    }
}

/// Whether there is a host key that can be used.
fn host_key(context: &Context, owner: u32, is_empty: bool, found: &mut Examination) -> bool {
    let topic = Topic::HostKeyUnusable;
    let path = Path::new(&context.config.store.host_key);
    let from_backup = context.texts.say(Message::CheckFromBackup);
    let opened = checked_open::open_file(path, owner, PRIVATE);
    let finding = match opened.map(|_| HostKey::load(path, owner)) {
        Ok(Ok(key)) => {
            found.findings.extend(several_keys(path, key.spare()));
            return true;
        }
        Ok(Err(trouble)) => Finding::in_file(topic, trouble.detail, from_backup),
        // A new one for records that another has sealed would open none of them.
        Err(error) => {
            let if_missing = if is_empty {
                MAKE_KEY.to_owned()
            } else {
                from_backup
            };
            unusable(context, topic, &error, Some(if_missing))
        }
    };
    found.findings.push(finding);
    false
}

fn several_keys(path: &Path, spare: usize) -> Option<Finding> {
    (spare > 0).then(|| Finding {
        topic: Topic::HostKeysSeveral,
        gravity: Gravity::Note,
        place: Place::File(path.display().to_string()),
        values: vec![("count", spare.to_string())],
    })
}

/// A file that keeps everybody out, and the command that mends it.
fn unusable(
    context: &Context,
    topic: Topic,
    error: &FileError,
    if_missing: Option<String>,
) -> Finding {
    let fix = error
        .remedy()
        .or_else(|| if_missing.filter(|_| error.is_missing()))
        .unwrap_or_else(|| context.texts.say(Message::CheckMendIt));
    Finding::in_file(
        topic,
        format!("{}: {}", error.path.display(), error.fault),
        fix,
    )
}
