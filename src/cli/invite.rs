//! `kapu invite`: a code on paper with which somebody sets up the account without help.

use std::time::Duration;

use kapu_core::config::PasswordMode;
use kapu_core::flows::invitation::{self, Ending, Withdrawal};
use kapu_core::messages::Message;
use kapu_core::ports::{Host, UnixTime};
use kapu_core::username::Account;
use kapu_core::verdict::Who;
use kapu_host::directory_store::DirectoryStore;
use kapu_host::log::Machine;
use kapu_host::{names, service};

use crate::cli::Invite;
use crate::context::Context;
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::{host_key, list, output};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Invite) -> Result<(), Failure> {
    let account = match &options.user {
        Some(user) => Some(context.account(Some(user))?),
        None => None,
    };
    context.must_own_the_store()?;
    if !options.cancel {
        must_lead_somewhere(context)?;
    }
    host_key::make_for_an_empty_store(&context.config.store)?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let days = context.config.enroll.invitation_days;
    let valid = options.valid.unwrap_or(DAY * days);
    match account {
        Some(account) if options.cancel => withdraw(context, &store, &host, &account),
        Some(account) => {
            let ending = invitation::invite(&store, &host, &account, valid, options.replace)?;
            show(context, &host, &account, ending)
        }
        None => invite_all(context, &store, &host, valid),
    }
}

/// Refuses where nobody could use an invitation.
fn must_lead_somewhere(context: &Context) -> Result<(), Failure> {
    if context.config.login.password == PasswordMode::Elsewhere {
        return Err(context.refusal(Message::InviteElsewhere, &[]));
    }
    if !context.config.enroll.at_login {
        return Err(context.refusal(Message::InviteNoDialog, &[]));
    }
    Ok(())
}

fn withdraw(
    context: &Context,
    store: &DirectoryStore,
    host: &dyn Host,
    account: &Account,
) -> Result<(), Failure> {
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    match invitation::withdraw(store, host, account)? {
        Withdrawal::Done => output::print(&context.texts.fill(Message::InviteWithdrawn, &values)),
        Withdrawal::Nothing => Err(context.refusal(Message::InviteNone, &values)),
        Withdrawal::Conflict => Err(context.refusal(Message::Changed, &[])),
    }
}

fn show(
    context: &Context,
    host: &dyn Host,
    account: &Account,
    ending: Ending,
) -> Result<(), Failure> {
    let texts = &context.texts;
    let values = [("user", account.name.as_str()), ("site", &context.site)];
    match ending {
        Ending::Done { code, until } => {
            let when = texts.moment(host.local_time(until), host.local_time(host.now()));
            let [user, site] = values;
            let intro = texts.fill(Message::InviteDone, &[user, site, ("when", &when)]);
            output::print(&format!("{intro}\n"))?;
            output::print_code(&code)?;
            output::print("")?;
            output::print(&texts.fill(Message::InviteHowTo, &values))
        }
        Ending::Enrolled => Err(context.refusal(Message::InviteEnrolled, &values)),
        Ending::Locked => Err(context.refusal(Message::InviteLocked, &values)),
        Ending::Conflict => Err(context.refusal(Message::Changed, &[])),
    }
}

/// Invites everybody who has still to set up a device and has no invitation that stands, one line
/// each: user, invitation, and the second since 1970 until which it is good.
fn invite_all(
    context: &Context,
    store: &DirectoryStore,
    host: &dyn Host,
    valid: Duration,
) -> Result<(), Failure> {
    let now = host.now();
    let stands = |until: Option<UnixTime>| until.is_some_and(|until| now <= until);
    let entries = list::collect(context)?;
    let mut all_well = true;
    let mut count = 0;
    for entry in entries {
        if !entry.can_be_invited() || stands(entry.invited_until) {
            continue;
        }
        let Who::Known(account) = names::resolve(&entry.user) else {
            continue;
        };
        if count == 0 {
            output::print("user,invitation,until")?;
        }
        count += 1;
        match invitation::invite(store, host, &account, valid, false) {
            Ok(Ending::Done { code, until }) => {
                let user = &account.name;
                output::print_secret(&format!("{user},"), &code, &format!(",{until}"))?;
            }
            Ok(Ending::Enrolled | Ending::Locked | Ending::Conflict) => {}
            Err(trouble) => {
                output::complain(&format!("kapu: {}: {trouble}", account.name));
                all_well = false;
            }
        }
    }
    if count == 0 {
        output::complain(&context.texts.say(Message::InviteNobody));
    }
    if all_well { Ok(()) } else { Err(Failure::Told) }
}
