//! The revocation code goes to paper, and the person proves that it arrived there.

use crate::flows::tell_indented;
use crate::grouping::compact;
use crate::messages::{Message, Texts};
use crate::paper::{PaperCode, PaperHash, PaperKind};
use crate::ports::{Host, Trouble, World};
use crate::secret::Secret;

use super::{Broken, Plan, Setting};

/// Answers after which an enrollment ends.
const MAX_ANSWERS: u32 = 10;

/// Shows a new revocation code and asks one of its groups back, chosen at random so that nobody
/// learns to write down that one alone.
pub(super) fn hand_over(world: &mut World<'_>, plan: &Plan<'_>) -> Result<PaperHash, Broken> {
    let texts = plan.texts;
    let code = PaperCode::mint(PaperKind::Revocation, world.host)?;
    let intro = texts.say(match plan.setting {
        Setting::Terminal => Message::RevocationIntro,
        Setting::Login { .. } => Message::LoginStepRevocation,
    });
    world.dialog.tell(&format!("\n{intro}\n"))?;
    tell_indented(world.dialog, &code.text())?;
    world.dialog.tell("")?;
    ask_back(world, texts, &code)?;
    Ok(code.hash(world.host)?)
}

fn ask_back(world: &mut World<'_>, texts: Texts, code: &PaperCode) -> Result<(), Broken> {
    let groups: Vec<Secret> = (0..).map_while(|index| code.group(index)).collect();
    let asked = any_of(groups.len(), world.host)?;
    let asked_word = texts.group(asked);
    let mut prompt = texts.fill(Message::GroupPrompt, &[("asked", &asked_word)]);
    for _ in 0..MAX_ANSWERS {
        let typed = world.dialog.ask_shown(&prompt)?;
        let typed = typed.expose_text().unwrap_or_default();
        let group = as_written(typed);
        let found = groups.iter().position(|known| known.same_as(&group));
        if found == Some(asked) || is_all_of(code, typed) {
            return Ok(());
        }
        prompt = match found {
            Some(other) => texts.fill(
                Message::GroupOther,
                &[("typed", &texts.group(other)), ("asked", &asked_word)],
            ),
            None => texts.fill(Message::GroupWrong, &[("asked", &asked_word)]),
        };
    }
    Err(Broken::TooOften)
}

/// The index of one of `count` groups, by chance. Nothing is guessed here, so it need not be
/// quite even.
fn any_of(count: usize, host: &dyn Host) -> Result<usize, Trouble> {
    let mut byte = [0];
    host.random(&mut byte)?;
    let [byte] = byte;
    Ok(usize::from(byte) % count.max(1))
}

/// A typed group with the letters and digits that the code is written with.
fn as_written(typed: &str) -> Secret {
    let group = compact(typed)
        .bytes()
        .map(|letter| match letter.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            other => other,
        })
        .collect();
    Secret::new(group)
}

fn is_all_of(code: &PaperCode, typed: &str) -> bool {
    PaperCode::parse(typed).is_ok_and(|typed| typed.text().same_as(&code.text()))
}
