//! `kapu token`: the devices of an account, several of them.

use kapu_core::config::PasswordMode;
use kapu_core::flows::devices::{self, Ending, OneMore};
use kapu_core::flows::enrollment::{self, NewPassword, NewToken, Plan, Setting};
use kapu_core::messages::Message;
use kapu_core::policy::Policy;
use kapu_core::ports::World;
use kapu_core::verdict::Permit;
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::{AddToken, QrChoice, RemoveToken, RenameToken, Token, TokenAction};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::terminal::Terminal;
use crate::world::with_world;
use crate::{output, revoke, status};

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Token) -> Result<(), Failure> {
    match &options.action {
        TokenAction::Add(options) => add(context, options),
        TokenAction::List(options) => status::run(context, options),
        TokenAction::Remove(options) => remove(context, options),
        TokenAction::Rename(options) => rename(context, options),
    }
}

fn add(context: &Context, options: &AddToken) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    if context.config.login.password == PasswordMode::Elsewhere {
        return Err(context.refusal(Message::TokenElsewhere, &[]));
    }
    let drawing = context.drawing(QrChoice::Auto, Surface::of_terminal());
    let mut terminal = Terminal::open(drawing, obeys_escapes())
        .map_err(|_| context.refusal(Message::TokenNoTerminal, &[]))?;
    let login = revoke::login(&account);
    let most = context.config.enroll.max_tokens;
    let wanted = (options.name.as_str(), most);
    let count = most.to_string();
    let values = [
        ("user", account.name.as_str()),
        ("site", &context.site),
        ("device", &options.name),
        ("max", &count),
    ];
    let refusal = |row| Err(context.refusal(row, &values));
    with_world(context, &mut terminal, |world| {
        let policy = Policy::of(&context.config, &login, world.host);
        match devices::one_more(world, &policy, &login, &account, context.texts, wanted)? {
            OneMore::Allowed(permit) => set_up(context, world, permit, options),
            OneMore::Refused | OneMore::Stopped(_) => Err(Failure::Told),
            OneMore::NoDevice => refusal(Message::NotEnrolled),
            OneMore::Closed => refusal(Message::DevicesClosed),
            OneMore::Young { until } => Err(context.is_young(&account.name, until, world.host)),
            OneMore::TooMany => refusal(Message::TokenTooMany),
            OneMore::Taken => refusal(Message::TokenTaken),
        }
    })
}

/// The dialog of an enrollment, whose device joins those there are.
fn set_up(
    context: &Context,
    world: &mut World<'_>,
    permit: Permit,
    options: &AddToken,
) -> Result<(), Failure> {
    let plan = Plan {
        texts: context.texts,
        token: NewToken {
            name: &options.name,
            site: &context.site,
            shape: context.new_shape(options.hotp),
            replaces: false,
        },
        password: NewPassword::Keep,
        window: context.config.login.window,
        setting: Setting::Terminal,
    };
    match enrollment::enroll(world, permit, &plan)? {
        enrollment::Ending::Done(_) => Ok(()),
        enrollment::Ending::Stopped(_)
        | enrollment::Ending::GaveUp
        | enrollment::Ending::Conflict => Err(Failure::Told),
    }
}

fn remove(context: &Context, options: &RemoveToken) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let ending = devices::remove(&store, &host, &account, &options.name)?;
    say(
        context,
        &account.name,
        &options.name,
        ending,
        Message::TokenRemoved,
    )
}

fn rename(context: &Context, options: &RenameToken) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let store = service::open_store(&context.config)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let ending = devices::rename(&store, &host, &account, &options.name, &options.new)?;
    say(
        context,
        &account.name,
        &options.new,
        ending,
        Message::TokenRenamed,
    )
}

fn say(
    context: &Context,
    user: &str,
    device: &str,
    ending: Ending,
    done: Message,
) -> Result<(), Failure> {
    let values = [("user", user), ("site", &context.site), ("device", device)];
    match ending {
        Ending::Done => output::print(&context.texts.fill(done, &values)),
        Ending::NoSuch => Err(context.refusal(Message::TokenNoSuch, &values)),
        Ending::Last => Err(context.refusal(Message::TokenLast, &values)),
        Ending::Taken => Err(context.refusal(Message::TokenTaken, &values)),
        Ending::Conflict => Err(context.refusal(Message::Changed, &[])),
    }
}
