//! `kapu revoke`: every authenticator of an account ends.

use kapu_core::config::PasswordMode;
use kapu_core::flows::revocation::{self, Ending, Words};
use kapu_core::messages::Message;
use kapu_core::policy::Policy;
use kapu_core::ports::Dialog;
use kapu_core::username::Account;
use kapu_core::verdict::{Login, Who};

use crate::cli::{QrChoice, Revoke};
use crate::context::{Context, Surface, obeys_escapes};
use crate::failure::Failure;
use crate::output::Monologue;
use crate::terminal::Terminal;
use crate::world::with_world;

/// The service that the log names.
const SERVICE: &str = "kapu";

/// Runs the command.
pub(crate) fn run(context: &Context, options: &Revoke) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    // By code it takes a password that is proven here.
    if !options.force && context.config.login.password == PasswordMode::Elsewhere {
        return Err(context.refusal(Message::RevokeElsewhere, &[]));
    }
    let mut dialog = dialog(context, options)?;
    let words = Words {
        texts: context.texts,
        site: &context.site,
    };
    let ending = with_world(context, &mut *dialog, |world| {
        Ok(if options.force {
            revocation::by_owner(world, &account, words, options.yes)?
        } else {
            let login = login(&account);
            let policy = Policy::of(&context.config, &login, world.host);
            revocation::by_code(world, &policy, &login, &account, words)?
        })
    })?;
    match ending {
        Ending::Done => Ok(()),
        Ending::Nothing | Ending::Conflict | Ending::Refused | Ending::Stopped(_) => {
            Err(Failure::Told)
        }
    }
}

/// The terminal, unless nothing is going to be asked.
fn dialog(context: &Context, options: &Revoke) -> Result<Box<dyn Dialog>, Failure> {
    if options.yes {
        return Ok(Box::new(Monologue));
    }
    let drawing = context.drawing(QrChoice::None, Surface::Terminal);
    match Terminal::open(drawing, obeys_escapes()) {
        Ok(terminal) => Ok(Box::new(terminal)),
        Err(_) => Err(context.refusal(Message::RevokeNoTerminal, &[])),
    }
}

/// A revocation is judged as a login at this machine. It has no place: what is learnt of places,
/// a login teaches.
pub(crate) fn login(account: &Account) -> Login {
    Login {
        typed_user: account.name.clone(),
        who: Who::Known(account.clone()),
        service: SERVICE.to_owned(),
        rhost: None,
        tty: None,
        ruser: None,
        place: None,
    }
}
