//! What happens, from the first question to the last write. Generic over the
//! [ports](crate::ports): a login's conversation, a terminal and a test run the same flows.

use zeroize::Zeroizing;

use crate::ports::{Dialog, DialogError};
use crate::secret::Secret;

pub mod adoption;
pub mod clock_correction;
pub mod devices;
pub mod enrollment;
pub mod forget_places;
pub mod invitation;
pub mod lock;
pub mod login;
pub mod paper_codes;
pub mod password_change;
pub mod recovery_codes;
pub mod revocation;
pub mod unlock;

mod beat;
mod proof;
mod relay;

/// What a code to be copied by hand is set off with.
const INDENT: &str = "    ";

/// Shows a secret on a line of its own, set off from the words around it.
fn tell_indented(dialog: &mut dyn Dialog, secret: &Secret) -> Result<(), DialogError> {
    let text = secret.expose_text().unwrap_or_default();
    let mut line = Zeroizing::new(String::with_capacity(INDENT.len() + text.len()));
    line.push_str(INDENT);
    line.push_str(text);
    dialog.tell(&line)
}

/// Asks a question that any answer but a yes denies. `y` and `i` (*igen*) are a yes in every
/// language.
///
/// # Errors
/// When there is no answer.
pub fn says_yes(dialog: &mut dyn Dialog, question: &str) -> Result<bool, DialogError> {
    let answer = dialog.ask_shown(question)?;
    let first = answer.expose().first().map(u8::to_ascii_lowercase);
    Ok(matches!(first, Some(b'y' | b'i')))
}
