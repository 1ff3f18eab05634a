//! Every text that a person sees, English and Hungarian side by side.
//!
//! The words are in [`table`]; this file chooses the column, puts the values in and, for carriers
//! that take ASCII only, folds the accents away.

mod dates;
mod fold;
mod table;

pub use table::Message;

/// A language of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Hungarian.
    Hungarian,
}

/// Stands in a text for a character that a terminal would obey instead of showing.
const UNSHOWABLE: char = '?';

/// The texts for one carrier: a language, and whether letters outside ASCII arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Texts {
    /// The column of the table.
    pub language: Language,
    /// Whether the carrier shows letters outside ASCII; otherwise texts are folded to ASCII.
    pub unicode: bool,
}

impl Texts {
    /// A text that holds no value.
    #[must_use]
    pub fn say(&self, message: Message) -> String {
        self.fill(message, &[])
    }

    /// A text with `values` in the places of their names.
    ///
    /// Values may come from outside: what a terminal would obey becomes `?`, and a value that
    /// looks like a place is not filled in turn. Values without a place are left out; a place
    /// without a value is a bug, and stays visible.
    #[must_use]
    pub fn fill(&self, message: Message, values: &[(&str, &str)]) -> String {
        let text = substitute(message.template(self.language), values);
        if self.unicode {
            text
        } else {
            fold::to_ascii(&text)
        }
    }

    /// The sentence that says whom to ask: the value of `{ask}`. `contact` is `[site] contact`.
    #[must_use]
    pub fn ask(&self, contact: Option<&str>) -> String {
        match contact {
            Some(contact) => self.fill(Message::AskContact, &[("contact", contact)]),
            None => self.say(Message::AskAdministrator),
        }
    }

    /// The word for a group of a paper code, counted from 0: the value of `{asked}`, `{typed}`.
    #[must_use]
    pub fn group(&self, index: usize) -> String {
        self.say(match index {
            0 => Message::GroupFirst,
            1 => Message::GroupSecond,
            2 => Message::GroupThird,
            3 => Message::GroupFourth,
            _ => Message::GroupFifth,
        })
    }
}

/// `template` with each `{name}` replaced, in one pass from left to right.
fn substitute(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name, after)) = next_place(rest) {
        text.push_str(before);
        match values.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => text.extend(value.chars().map(showable)),
            None => {
                debug_assert!(false, "no value for {{{name}}} in {template:?}");
                text.extend(["{", name, "}"]);
            }
        }
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The text before the first place, the name in it, and the text after it.
fn next_place(text: &str) -> Option<(&str, &str, &str)> {
    let (before, opened) = text.split_once('{')?;
    let (name, after) = opened.split_once('}')?;
    Some((before, name, after))
}

/// Control characters move the cursor; format characters reorder what is shown.
fn showable(letter: char) -> char {
    match letter {
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => UNSHOWABLE,
        _ if letter.is_control() => UNSHOWABLE,
        _ => letter,
    }
}
