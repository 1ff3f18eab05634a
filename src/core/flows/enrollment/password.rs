//! Choosing a new password.

use crate::messages::{Message, Texts};
use crate::password_rules::{Name, Rules, Weak};
use crate::ports::{Trouble, World};
use crate::record::PasswordHash;
use crate::secret::Secret;

use super::Broken;

/// How often a person may try to find a password that the rules accept.
const MAX_TRIES: usize = 20;

/// Asks for a new password, and hashes it: as [`ask`].
pub(super) fn choose(
    world: &mut World<'_>,
    texts: Texts,
    rules: &Rules,
) -> Result<PasswordHash, Broken> {
    let password = ask(world, texts, rules, &|_| Ok(false))?;
    Ok(world.passwords.hash(&password)?)
}

/// Asks for a new password twice, until the rules accept it and it is not the present one.
pub(in crate::flows) fn ask(
    world: &mut World<'_>,
    texts: Texts,
    rules: &Rules,
    is_present: &dyn Fn(&Secret) -> Result<bool, Trouble>,
) -> Result<Secret, Broken> {
    let min = rules.min_length.to_string();
    let prompt = texts.fill(Message::NewPassword, &[("min", &min)]);
    let again = texts.say(Message::Again);
    for _ in 0..MAX_TRIES {
        let typed = world.dialog.ask_hidden(&prompt)?;
        let password = match rules.check(&typed) {
            Ok(password) => password,
            Err(weak) => {
                world.dialog.tell(&explain(texts, weak))?;
                continue;
            }
        };
        let complaint = if !typed.same_as(&world.dialog.ask_hidden(&again)?) {
            Message::PasswordsDiffer
        } else if is_present(&password)? {
            Message::PasswordSame
        } else {
            return Ok(password);
        };
        world.dialog.tell(&texts.say(complaint))?;
    }
    Err(Broken::TooOften)
}

/// Why the rules do not accept a password, for the person who chose it.
#[must_use]
pub fn explain(texts: Texts, weak: Weak) -> String {
    match weak {
        Weak::TooShort { has, needs } => texts.fill(
            Message::PasswordTooShort,
            &[("min", &needs.to_string()), ("length", &has.to_string())],
        ),
        Weak::TooLong { most } => {
            texts.fill(Message::PasswordTooLong, &[("max", &most.to_string())])
        }
        Weak::NotText => texts.say(Message::PasswordUnusable),
        Weak::Context(Name::User) => texts.say(Message::PasswordHoldsUser),
        Weak::Context(Name::Site) => texts.say(Message::PasswordHoldsSite),
        Weak::Common => texts.say(Message::PasswordCommon),
    }
}
