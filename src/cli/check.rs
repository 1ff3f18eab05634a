//! `kapu check`: what lets somebody in who should not, keeps somebody out, or does nothing.

mod files;
mod screen;

use std::path::Path;

use kapu_core::check::{self, Directory, Finding, Gravity};
use kapu_core::config::Config;
use kapu_core::messages::Message;
use kapu_core::ports::{Host, TroubleKind};
use kapu_core::verdict::Who;
use kapu_host::log::Machine;
use kapu_host::queue::HashQueue;
use kapu_host::service::DEFAULT_CONFIG;
use kapu_host::{identity, names};
use nix::sys::sysinfo::sysinfo;
use serde::Serialize;

use crate::cli::Check;
use crate::context::Context;
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::{list, output};

/// Bytes.
const KIB: u64 = 1024;

/// What is looked at, each by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Part {
    Rules,
    Names,
    Store,
    HostKey,
    Queue,
    Records,
    Accounts,
}

impl Part {
    /// What only the owner of the store can look at.
    const OF_OWNER: [Self; 5] = [
        Self::Store,
        Self::HostKey,
        Self::Queue,
        Self::Records,
        Self::Accounts,
    ];

    const fn message(self) -> Message {
        match self {
            Self::Rules => Message::PartRules,
            Self::Names => Message::PartNames,
            Self::Store => Message::PartStore,
            Self::HostKey => Message::PartHostKey,
            Self::Queue => Message::PartQueue,
            Self::Records => Message::PartRecords,
            Self::Accounts => Message::PartAccounts,
        }
    }
}

/// Why something was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Reason {
    NotOwner,
    MendFirst,
    NoAnswer,
}

impl Reason {
    const ALL: [Self; 3] = [Self::NotOwner, Self::MendFirst, Self::NoAnswer];

    const fn message(self) -> Message {
        match self {
            Self::NotOwner => Message::CheckNotOwner,
            Self::MendFirst => Message::CheckMendFirst,
            Self::NoAnswer => Message::CheckNoAnswer,
        }
    }
}

#[derive(Debug, Serialize)]
struct Skipped {
    check: Part,
    reason: Reason,
}

/// What of the configuration is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum InForce {
    File,
    Defaults,
    Nothing,
}

/// What was looked at and what was found.
#[derive(Debug)]
struct Examination {
    in_force: InForce,
    /// Records that the store holds, where all of it could be looked at.
    records: Option<usize>,
    findings: Vec<Finding>,
    skipped: Vec<Skipped>,
}

impl Examination {
    fn skip(&mut self, parts: impl IntoIterator<Item = Part>, reason: Reason) {
        let skipped = parts.into_iter().map(|check| Skipped { check, reason });
        self.skipped.extend(skipped);
    }
}

/// Runs the command. It ends well where nothing is found but notes.
pub(crate) fn run(context: &Context, path: Option<&Path>, options: &Check) -> Result<(), Failure> {
    let file = path.unwrap_or_else(|| Path::new(DEFAULT_CONFIG));
    let mut found = examine(context, path, file)?;
    check::sort(&mut found.findings);
    output::print(&if options.json {
        screen::json(context, file, &found)?
    } else {
        screen::page(context, file, &found)
    })?;
    if found
        .findings
        .iter()
        .any(|finding| finding.gravity < Gravity::Note)
    {
        return Err(Failure::Told);
    }
    Ok(())
}

fn examine(context: &Context, path: Option<&Path>, file: &Path) -> Result<Examination, Failure> {
    let mut found = Examination {
        in_force: InForce::File,
        records: None,
        findings: Vec::new(),
        skipped: Vec::new(),
    };
    let own = identity::effective_uid();
    let is_owner = own == identity::ROOT || own == context.store_owner();
    // What a login makes of the file, which runs as the owner of the store.
    let owner = if is_owner { own } else { identity::ROOT };
    if files::config(context, path, file, owner, &mut found)? {
        look_at_config(&context.config, &mut found);
    } else {
        found.skip([Part::Rules, Part::Names], Reason::MendFirst);
        found.skip(Part::OF_OWNER, Reason::MendFirst);
        return Ok(found);
    }
    if !is_owner {
        found.skip(Part::OF_OWNER, Reason::NotOwner);
        return Ok(found);
    }
    if files::beside(context, owner, &mut found) {
        look_at_accounts(context, &mut found)?;
    } else {
        found.skip([Part::Records, Part::Accounts], Reason::MendFirst);
    }
    Ok(found)
}

fn look_at_config(config: &Config, found: &mut Examination) {
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    found.findings.extend(check::of_config(config, &host));
    let names = check::of_names(config, &host, &Accounts);
    found.findings.extend(names.findings);
    if names.unanswered {
        found.skip([Part::Names], Reason::NoAnswer);
    }
    let simultaneous = config.password.simultaneous;
    let queue = HashQueue::beside(Path::new(&config.store.path), identity::ROOT, simultaneous);
    // Where the kernel does not say how much there is, nothing is said of it.
    let memory = sysinfo().map_or(u64::MAX, |info| info.ram_total() / KIB);
    let too_much = check::hashes_exceed_memory(config, queue.turns(), memory);
    found.findings.extend(too_much);
}

fn look_at_accounts(context: &Context, found: &mut Examination) -> Result<(), Failure> {
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    match list::collect(context) {
        Ok(entries) => {
            found.records = Some(entries.iter().filter(|entry| entry.is_stored).count());
            let requirement = |account: &_| context.requirement(account, &host);
            let accounts = check::of_accounts(&context.config, &entries, host.now(), &requirement);
            found.findings.extend(accounts);
        }
        Err(Failure::Trouble(trouble)) if trouble.kind == TroubleKind::Names => {
            found.skip([Part::Records, Part::Accounts], Reason::NoAnswer);
        }
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// The account database of this host.
struct Accounts;

impl Directory for Accounts {
    fn resolve(&self, user: &str) -> Who {
        names::resolve(user)
    }

    fn has_group(&self, group: &str) -> Option<bool> {
        names::has_group(group)
    }
}
