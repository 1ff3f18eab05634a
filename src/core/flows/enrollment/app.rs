//! The key goes to the app, and the app proves that it arrived.

use crate::code::{self, Answer, Comparison, Digits, Expected, LOOK_AHEAD};
use crate::id::Id;
use crate::key_card::KeyCard;
use crate::messages::Message;
use crate::otpauth;
use crate::ports::{Host, Trouble, World};
use crate::record::{MovingFactor, NEW_KEY_BYTES, Token};
use crate::secret::Secret;
use crate::username::Account;

use super::{Broken, NewToken, Plan, Setting};

/// Wrong codes after which an enrollment ends: the app holds another key, and a new attempt is
/// the shorter way.
const MAX_WRONG: u32 = 5;
/// Answers of any kind after which it ends.
const MAX_ANSWERS: u32 = 30;
/// The floor of a key that has never been used.
const NOTHING_SPENT: u64 = 0;

/// Shows a new key until the app confirms it with a code. The step of that code is spent.
pub(super) fn bring_over(
    world: &mut World<'_>,
    account: &Account,
    plan: &Plan<'_>,
) -> Result<Token, Broken> {
    let texts = plan.texts;
    if matches!(plan.setting, Setting::Terminal) {
        let open = texts.say(Message::OpenApp);
        let none_yet = texts.say(Message::NoAppYet);
        world.dialog.ask_shown(&format!("{open}\n{none_yet}\n"))?;
    }

    let mut token = mint(world.host, &plan.token, new_key(world.host)?)?;
    let card = KeyCard {
        texts,
        site: plan.token.site,
        user: &account.name,
        shape: token.shape,
        key: otpauth::base32_encode(token.key.expose()),
        uri: otpauth::uri(plan.token.site, &account.name, &token),
    };
    world.dialog.show_key(&card)?;
    token.confirmed_step = confirm(world, plan, &card, &token)?;
    Ok(token)
}

/// A key of our own making.
pub(super) fn new_key(host: &dyn Host) -> Result<Secret, Trouble> {
    let mut bytes = vec![0; NEW_KEY_BYTES];
    host.random(&mut bytes)?;
    Ok(Secret::new(bytes))
}

/// A token that no code has confirmed yet.
pub(super) fn mint(host: &dyn Host, new: &NewToken<'_>, key: Secret) -> Result<Token, Trouble> {
    Ok(Token {
        id: Id::mint(host)?,
        name: new.name.to_owned(),
        key,
        shape: new.shape,
        confirmed_step: NOTHING_SPENT,
        since: host.now(),
    })
}

/// Asks for a code until one fits, and returns its step.
fn confirm(
    world: &mut World<'_>,
    plan: &Plan<'_>,
    card: &KeyCard<'_>,
    token: &Token,
) -> Result<u64, Broken> {
    let texts = plan.texts;
    let prompt = texts.say(match plan.setting {
        Setting::Terminal => Message::AppCodePrompt,
        Setting::Login { .. } => Message::LoginAppCodePrompt,
    });
    let digits_wanted = token.shape.digits;
    let mut wrong = 0;
    for _ in 0..MAX_ANSWERS {
        let typed = world.dialog.ask_shown(&prompt)?;
        let at = world.host.now();
        let word = typed.expose_text().unwrap_or_default().trim();
        if world.dialog.redraw(card, word)? {
            continue;
        }
        let digits = match code::read(&typed) {
            Answer::Code(digits) if digits.fits(digits_wanted) => digits,
            _ => {
                let count = digits_wanted.to_string();
                let text = texts.fill(Message::ConfirmNotACode, &[("digits", &count)]);
                world.dialog.tell(&text)?;
                continue;
            }
        };
        let expected = Expected {
            floor: NOTHING_SPENT,
            at,
            window: plan.window,
            ahead: LOOK_AHEAD,
            awaited: None,
        };
        if let Comparison::Fresh(step) = code::compare(token, &digits, &expected) {
            return Ok(step);
        }
        wrong += 1;
        if wrong == MAX_WRONG {
            break;
        }
        world.dialog.tell(&hint(plan, token, &digits, &expected))?;
    }
    Err(Broken::TooOften)
}

/// Why the app may have shown these digits. It speaks of the digits typed and of no others, and
/// changes nothing: what a hint explains is still refused.
fn hint(plan: &Plan<'_>, token: &Token, digits: &Digits, expected: &Expected) -> String {
    let texts = plan.texts;
    if let Some(offset) = code::offset_of(&token.key, &token.shape, digits, expected.at) {
        let duration = texts.duration(offset.unsigned_abs());
        let message = if offset < 0 {
            Message::ClockSlow
        } else {
            Message::ClockFast
        };
        return texts.fill(message, &[("duration", &duration)]);
    }
    if code::ignores_algorithm(token, digits, expected) {
        let algorithm = token.shape.algorithm.word();
        return texts.fill(Message::AppIgnoresAlgorithm, &[("algorithm", algorithm)]);
    }
    texts.say(match token.shape.moving {
        MovingFactor::Time { .. } => Message::ConfirmWrong,
        MovingFactor::Counter => Message::ConfirmWrongCounter,
    })
}
