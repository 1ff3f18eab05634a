//! A person who enrolls.

use std::collections::VecDeque;

use crate::code::{code_at, step_of};
use crate::key_card::KeyCard;
use crate::otpauth;
use crate::ports::{Dialog, DialogError, Host};
use crate::record::CodeShape;
use crate::secret::Secret;
use crate::testing::FakeHost;

/// What a person does at one prompt.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act {
    /// Types these words.
    Type(&'static str),
    /// Types what the app shows while its clock is off by so many seconds; of a counter-based one,
    /// the code of this counter.
    Code(i64),
    /// Types what an app shows that only knows SHA-1.
    PlainCode,
    /// Types the group of the revocation code that is asked for, or one so many places further.
    Group(usize),
    /// Types the whole code that was shown last.
    WholeCode,
}

/// A person who answers by a list, and presses Ctrl-C at its end.
pub(super) struct Person<'a> {
    host: &'a FakeHost,
    acts: VecDeque<Act>,
    key: Option<(Secret, CodeShape)>,
    /// Every prompt, `*` before the hidden ones.
    pub(super) asked: Vec<String>,
    /// Everything that was said, and every key that was shown.
    pub(super) told: Vec<String>,
}

impl<'a> Person<'a> {
    pub(super) fn who_does(host: &'a FakeHost, acts: &[Act]) -> Self {
        Self {
            host,
            acts: acts.iter().copied().collect(),
            key: None,
            asked: Vec::new(),
            told: Vec::new(),
        }
    }

    pub(super) fn was_told(&self, words: &str) -> bool {
        self.told.iter().any(|text| text.contains(words))
    }

    fn code(&self, offset: i64, shape: impl Fn(CodeShape) -> CodeShape) -> String {
        let (key, known) = self.key.as_ref().expect("a key was shown");
        let shape = shape(*known);
        let at = self.host.now().checked_add_signed(offset).unwrap();
        let step = step_of(at, &shape).unwrap_or(offset.unsigned_abs() + 1);
        let code = code_at(key, &shape, step).unwrap();
        code.expose_text().unwrap().to_owned()
    }

    fn paper_code(&self) -> String {
        let shown = self.told.iter().rev().find(|text| text.starts_with("    "));
        shown.expect("a code was shown").trim().to_owned()
    }

    fn answer(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        let act = self.acts.pop_front().ok_or(DialogError::Stopped)?;
        let typed = match act {
            Act::Type(words) => words.to_owned(),
            Act::Code(offset) => self.code(offset, |shape| shape),
            Act::PlainCode => self.code(0, |shape| CodeShape {
                algorithm: CodeShape::USUAL.algorithm,
                ..shape
            }),
            Act::Group(further) => {
                let words = ["first", "second", "third", "fourth", "fifth"];
                let asked = (0..words.len())
                    .max_by_key(|index| prompt.rfind(words[*index]))
                    .unwrap();
                let code = self.paper_code();
                let group = code.split('-').nth((asked + further) % words.len());
                group.unwrap().to_lowercase()
            }
            Act::WholeCode => self.paper_code(),
        };
        Ok(Secret::from(typed))
    }
}

impl Dialog for Person<'_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.asked.push(format!("*{prompt}"));
        self.answer(prompt)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.asked.push(prompt.to_owned());
        self.answer(prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.told.push(text.to_owned());
        Ok(())
    }

    fn show_key(&mut self, card: &KeyCard<'_>) -> Result<(), DialogError> {
        let text = card.key.expose_text().unwrap();
        let key = otpauth::base32_decode(text).unwrap();
        self.key = Some((key, card.shape));
        self.tell(card.uri.expose_text().unwrap())
    }

    fn redraw(&mut self, _card: &KeyCard<'_>, typed: &str) -> Result<bool, DialogError> {
        Ok(typed == "q")
    }
}
