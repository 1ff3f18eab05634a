//! A login's dialog while a device is set up, or a password chosen, in it.
//!
//! The application at the other end may show a text late, or not at all: so what there is to say
//! goes out with the next question. It knows nothing of screens: the key comes as lines.

use std::time::Duration;

use zeroize::Zeroizing;

use crate::key_card::KeyCard;
use crate::messages::{Message, Texts};
use crate::ports::{Dialog, DialogError, Host};
use crate::secret::Secret;

/// Time left from which on every question says it.
const LITTLE_TIME: Duration = Duration::from_secs(120);
/// Bytes that are said between two questions, unless a QR code is among them.
const USUAL_TEXT: usize = 4096;
/// What a line of the key card is set off with.
const INDENT: &str = "     ";
/// Groups of the key in one line.
const GROUPS: usize = 8;

/// Asks for a QR code of half blocks.
const DRAW: &str = "qr";
/// Asks for one in ASCII.
const DRAW_PLAIN: &str = "qra";

/// Passes questions on, each with all that was said since the one before.
pub(super) struct Relay<'a> {
    to: &'a mut dyn Dialog,
    host: &'a dyn Host,
    texts: Texts,
    deadline: Duration,
    said: Zeroizing<String>,
}

impl<'a> Relay<'a> {
    /// Relays to `to` until `deadline`, by [`Host::elapsed`].
    pub(super) fn new(
        to: &'a mut dyn Dialog,
        host: &'a dyn Host,
        texts: Texts,
        deadline: Duration,
    ) -> Self {
        Self {
            to,
            host,
            texts,
            deadline,
            said: Zeroizing::new(String::with_capacity(USUAL_TEXT)),
        }
    }

    /// Says what no question has taken along.
    pub(super) fn say_the_rest(&mut self) {
        if !self.said.is_empty() {
            let mut text = Zeroizing::new(String::with_capacity(1 + self.said.len()));
            text.push('\n');
            text.push_str(&self.said);
            // The verdict stands, whether or not anybody still listens.
            let _ = self.to.tell(&text);
            self.said = Zeroizing::default();
        }
    }

    /// Adds a text and a line end. A buffer that is too small is wiped, not left behind.
    fn push(&mut self, text: &str) {
        let needed = self.said.len() + text.len() + 1;
        if needed > self.said.capacity() {
            let mut larger = Zeroizing::new(String::with_capacity(needed + USUAL_TEXT));
            larger.push_str(&self.said);
            self.said = larger;
        }
        self.said.push_str(text);
        self.said.push('\n');
    }

    /// The question with what was said before it: from a new line on, since the client writes its
    /// own words in front.
    fn question(&mut self, prompt: &str) -> Result<Zeroizing<String>, DialogError> {
        let left = self.deadline.saturating_sub(self.host.elapsed());
        if left.is_zero() {
            // A revocation code that is not asked back any more belongs to nothing.
            self.said = Zeroizing::default();
            return Err(DialogError::Stopped);
        }
        if left < LITTLE_TIME {
            let duration = self.texts.duration(left.as_secs());
            let line = self
                .texts
                .fill(Message::LoginTimeLeft, &[("duration", &duration)]);
            self.push(&line);
        }
        let mut question =
            Zeroizing::new(String::with_capacity(1 + self.said.len() + prompt.len()));
        if !self.said.is_empty() {
            question.push('\n');
            question.push_str(&self.said);
        }
        question.push_str(prompt);
        self.said = Zeroizing::new(String::with_capacity(USUAL_TEXT));
        Ok(question)
    }
}

impl Dialog for Relay<'_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        let question = self.question(prompt)?;
        self.to.ask_hidden(&question)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        let question = self.question(prompt)?;
        self.to.ask_shown(&question)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.push(text);
        Ok(())
    }

    fn show_key(&mut self, card: &KeyCard<'_>) -> Result<(), DialogError> {
        let texts = card.texts;
        self.push(&format!("\n{}\n", texts.say(Message::LoginStepApp)));
        for line in card.key_lines(GROUPS) {
            let groups = line.expose_text().unwrap_or_default();
            self.push(&Zeroizing::new(format!("{INDENT}{groups}")));
        }
        for label in card.labels() {
            self.push(&format!("{INDENT}{label}"));
        }
        self.push(&format!("\n{}", texts.say(Message::LoginStepQr)));
        // On a line of its own and from its beginning, so that copying works.
        self.push(card.uri.expose_text().unwrap_or_default());
        self.push(&format!("\n{}", texts.say(Message::LoginStepCode)));
        Ok(())
    }

    fn redraw(&mut self, card: &KeyCard<'_>, typed: &str) -> Result<bool, DialogError> {
        let word = typed.to_ascii_lowercase();
        if word != DRAW && word != DRAW_PLAIN {
            return Ok(false);
        }
        let Some(picture) = self.to.picture(&card.uri, word == DRAW_PLAIN) else {
            return Ok(false);
        };
        let enlarge = self.texts.say(Message::LoginEnlarge);
        self.push(&enlarge);
        self.push(picture.expose_text().unwrap_or_default());
        Ok(true)
    }
}
