//! `kapu adopt`: make accounts safe that came back from a backup.

use kapu_core::code::LOOK_AHEAD;
use kapu_core::flows::adoption::{self, Adopted};
use kapu_core::messages::Message;
use kapu_core::username::Account;
use kapu_host::directory_store::DirectoryStore;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::Adopt;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Runs the command. With `--all` the accounts that can be adopted are, whatever is wrong with
/// others.
pub(crate) fn run(context: &Context, options: &Adopt) -> Result<(), Failure> {
    let named = match &options.user {
        Some(user) => Some(context.account(Some(user))?),
        None => None,
    };
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    if let Some(account) = named {
        return match adoption::adopt(&store, &host, &account)? {
            Some(adopted) => say(context, &account, adopted),
            None => {
                let values = [("user", account.name.as_str()), ("site", &context.site)];
                Err(context.refusal(Message::AdoptNothing, &values))
            }
        };
    }
    let (accounts, mut all_well) = stored(&store)?;
    for account in accounts {
        match adoption::adopt(&store, &host, &account) {
            Ok(Some(adopted)) => say(context, &account, adopted)?,
            // A tombstone, or one that was forgotten meanwhile.
            Ok(None) => {}
            Err(trouble) => {
                output::complain(&format!("kapu: {trouble}"));
                all_well = false;
            }
        }
    }
    if all_well { Ok(()) } else { Err(Failure::Told) }
}

/// Everybody in the store, by name, and whether all documents can be read; else it was said.
fn stored(store: &DirectoryStore) -> Result<(Vec<Account>, bool), Failure> {
    let (mut accounts, mut all_well) = (Vec::new(), true);
    store.each(&mut |_, document| match document {
        Ok(document) => accounts.push(document.account().clone()),
        Err(trouble) => {
            output::complain(&format!("kapu: {trouble}"));
            all_well = false;
        }
    })?;
    accounts.sort_by(|one, other| one.name.cmp(&other.name));
    Ok((accounts, all_well))
}

fn say(context: &Context, account: &Account, adopted: Adopted) -> Result<(), Failure> {
    let codes = LOOK_AHEAD.to_string();
    let said = |message, count: usize| {
        let count = count.to_string();
        let values = [
            ("user", account.name.as_str()),
            ("count", &count),
            ("codes", &codes),
        ];
        output::print(&context.texts.fill(message, &values))
    };
    said(Message::AdoptDone, adopted.recovery_codes)?;
    match adopted.counter_based {
        0 => Ok(()),
        count => said(Message::AdoptCounter, count),
    }
}
