//! `kapu enroll`: at a terminal, or from a script.

mod from_script;

use kapu_core::config::PasswordMode;
use kapu_core::flows::enrollment::{self, Ending, NewPassword, NewToken, Plan, Setting};
use kapu_core::flows::recovery_codes;
use kapu_core::messages::Message;
use kapu_core::ports::{Dialog, DialogError, Host, Snapshot, Store, World};
use kapu_core::record::{Record, Status};
use kapu_core::username::Account;
use kapu_core::verdict::Permit;
use kapu_host::log::Machine;
use kapu_host::service::{self, passwords};

use crate::cli::{Enroll, QrChoice};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::host_key;
use crate::program_log::ProgramLog;
use crate::terminal::Terminal;

/// What a device is called where nobody names it.
const DEFAULT_TOKEN: &str = "phone";

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Enroll) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    match &options.from {
        Some(from) => from_script::run(context, options, &account, from),
        None => at_terminal(context, options, &account),
    }
}

fn at_terminal(context: &Context, options: &Enroll, account: &Account) -> Result<(), Failure> {
    let drawing = context.drawing(options.qr.unwrap_or(QrChoice::Auto), Surface::of_terminal());
    let mut terminal = Terminal::open(drawing, obeys_escapes())
        .map_err(|_| context.refusal(Message::NoTerminal, &[]))?;
    host_key::make_for_an_empty_store(&context.config.store)?;
    let store = service::open_store(&context.config)?;
    let passwords = passwords(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let snapshot = store.load(account)?;
    let permit = match may_enroll(context, options, account, &snapshot, &host)? {
        Some(permit) => permit,
        None => return Ok(()),
    };
    let rules = context.rules(account);
    let password = if keeps_password(context, options, account, &snapshot)? {
        NewPassword::Keep
    } else {
        NewPassword::Choose(&rules)
    };
    let plan = Plan {
        texts: context.texts,
        token: NewToken {
            name: options.token.as_deref().unwrap_or(DEFAULT_TOKEN),
            site: options.issuer.as_deref().unwrap_or(&context.site),
            shape: context.new_shape(options.hotp),
            replaces: replaces(options, &snapshot),
        },
        password,
        window: context.config.login.window,
        setting: Setting::Terminal,
    };
    let mut world = World {
        store: &store,
        passwords: &*passwords,
        host: &host,
        dialog: &mut terminal,
    };
    match enrollment::enroll(&mut world, permit, &plan)? {
        Ending::Done(record) => {
            let count = context.config.enroll.recovery_codes;
            recovery_codes::offer(&mut world, context.texts, plan.token.site, &record, count)?;
            Ok(())
        }
        Ending::Stopped(error) => Err(stopped(context, &mut terminal, &plan, account, error)),
        Ending::GaveUp | Ending::Conflict => Err(Failure::Told),
    }
}

fn stopped(
    context: &Context,
    terminal: &mut Terminal,
    plan: &Plan<'_>,
    account: &Account,
    error: DialogError,
) -> Failure {
    let values = [("site", plan.token.site), ("user", account.name.as_str())];
    let text = context.texts.fill(Message::Stopped, &values);
    match error {
        DialogError::Stopped => {
            // Where the terminal went away, so did the one who would read this.
            let _ = terminal.tell(&text);
            Failure::Told
        }
        DialogError::NoDialog | DialogError::BadAnswer => Failure::Refused(text),
    }
}

/// The permit of the store's owner, or `None` where nothing is to be done.
fn may_enroll(
    context: &Context,
    options: &Enroll,
    account: &Account,
    snapshot: &Snapshot,
    host: &dyn Host,
) -> Result<Option<Permit>, Failure> {
    let user = ("user", account.name.as_str());
    match snapshot.state.status {
        Status::Locked => {
            let values = [user, ("site", context.site.as_str())];
            Err(context.refusal(Message::StatusLocked, &values))
        }
        Status::Live | Status::Disabled if options.if_absent => Ok(None),
        Status::Live | Status::Disabled if !options.replace => {
            let first = snapshot
                .record
                .iter()
                .flat_map(|record| &record.tokens)
                .next();
            let (device, since) = first.map_or(("", 0), |token| (&token.name, token.since));
            let date = context.texts.date(host.local_time(since));
            let values = [user, ("device", device), ("date", &date)];
            Err(context.refusal(Message::AlreadyEnrolled, &values))
        }
        _ => Ok(Some(Permit::of_store_owner(
            account.clone(),
            snapshot.record.as_ref(),
            host.now(),
        ))),
    }
}

/// Whether there are devices that the new one takes the place of.
fn replaces(options: &Enroll, snapshot: &Snapshot) -> bool {
    let has_tokens = |record: &Record| !record.tokens.is_empty();
    options.replace && snapshot.record.as_ref().is_some_and(has_tokens)
}

/// Whether the password stays as it is, or is none of ours.
fn keeps_password(
    context: &Context,
    options: &Enroll,
    account: &Account,
    snapshot: &Snapshot,
) -> Result<bool, Failure> {
    if context.config.login.password != PasswordMode::Own {
        return Ok(true);
    }
    let record = snapshot.record.as_ref();
    let has_password = record.is_some_and(|record| record.password.is_some());
    if options.code_only && !has_password {
        let values = [("user", account.name.as_str())];
        return Err(context.refusal(Message::NoPasswordYet, &values));
    }
    Ok(options.code_only || (has_password && !options.replace))
}
