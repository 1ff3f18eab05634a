//! Every text that a person sees, English and Hungarian side by side.
//!
//! The words are in `table.rs` and `findings.rs`; this file chooses the column, puts the values in
//! and, for carriers that take ASCII only, folds the accents away.

/// Makes an enum and its two columns from rows.
macro_rules! messages {
    (
        $(#[$about:meta])*
        $table:ident:
        $($(#[$note:meta])* $name:ident => $english:literal, $magyar:literal;)*
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $table {
            $(
                $(#[$note])*
                #[doc = concat!("```text\n", $english, "\n```")]
                $name,
            )*
        }

        impl $table {
            /// Every row.
            pub const ALL: &[Self] = &[$(Self::$name),*];
        }

        impl crate::messages::Row for $table {
            fn template(self, language: crate::messages::Language) -> &'static str {
                use crate::messages::Language;
                match (self, language) {
                    $(
                        (Self::$name, Language::English) => $english,
                        (Self::$name, Language::Hungarian) => $magyar,
                    )*
                }
            }
        }
    };
}

mod dates;
mod findings;
mod fold;
mod table;
#[cfg(test)]
mod tests;

pub use findings::Topic;
pub use table::Message;

/// A row of one of the tables.
pub trait Row: Copy {
    /// The row's text, its places for values still open.
    fn template(self, language: Language) -> &'static str;
}

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
    pub fn say(&self, message: impl Row) -> String {
        self.fill(message, &[])
    }

    /// A text with `values` in the places of their names.
    ///
    /// Values may come from outside: what a terminal would obey becomes `?`, and a value that
    /// looks like a place is not filled in turn. Values without a place are left out; a place
    /// without a value is a bug, and stays visible.
    #[must_use]
    pub fn fill(&self, message: impl Row, values: &[(&str, &str)]) -> String {
        self.carried(substitute(message.template(self.language), values))
    }

    /// A text that came from outside, as harmless as a value of [`fill`](Texts::fill).
    #[must_use]
    pub fn show(&self, text: &str) -> String {
        self.carried(text.chars().map(showable).collect())
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

    /// `text` as the carrier can show it.
    fn carried(&self, text: String) -> String {
        if self.unicode {
            text
        } else {
            fold::to_ascii(&text)
        }
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

#[cfg(test)]
mod filling {
    use proptest::prelude::*;

    use super::*;

    const ENGLISH: Texts = Texts {
        language: Language::English,
        unicode: true,
    };
    const HUNGARIAN_ASCII: Texts = Texts {
        language: Language::Hungarian,
        unicode: false,
    };

    #[test]
    fn values_stand_in_the_places_of_their_names() {
        assert_eq!(
            ENGLISH.fill(Message::Done, &[("site", "server1")]),
            "Done. From now on server1 asks for your password and a code."
        );
        assert_eq!(
            HUNGARIAN_ASCII.fill(Message::Done, &[("site", "szerverő")]),
            "Kesz. Mostantol jelszoval es koddal lehet belepni ide: szervero."
        );
    }

    #[test]
    fn a_value_that_looks_like_a_place_is_not_filled() {
        let text = substitute(
            "{user} on {site}",
            &[("user", "{site}"), ("site", "{user}")],
        );
        assert_eq!(text, "{site} on {user}");
    }

    #[test]
    fn a_value_cannot_move_the_cursor_or_turn_the_line() {
        let nasty = "a\x1b[2J\r\n\u{9b}1m\u{202e}b";
        let text = substitute("<{user}>", &[("user", nasty)]);
        assert_eq!(text, "<a?[2J???1m?b>");
    }

    #[test]
    fn a_text_from_outside_is_shown_harmlessly_and_as_the_carrier_can() {
        assert_eq!(ENGLISH.show("j\u{e1}nos\x1b[2J"), "j\u{e1}nos?[2J");
        assert_eq!(HUNGARIAN_ASCII.show("j\u{e1}nos\n"), "janos?");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "no value for {site}")]
    fn a_place_without_a_value_is_a_bug() {
        let _ = ENGLISH.fill(Message::Done, &[("user", "anna")]);
    }

    #[test]
    #[cfg(not(debug_assertions))]
    fn a_place_without_a_value_stays_visible() {
        assert!(ENGLISH.say(Message::Done).contains("{site}"));
    }

    #[test]
    fn whom_to_ask_is_said_with_and_without_a_contact() {
        assert_eq!(ENGLISH.ask(None), "Ask your administrator.");
        assert_eq!(
            HUNGARIAN_ASCII.ask(Some("Béla, 112")),
            "Forduljon a rendszergazdahoz: Bela, 112"
        );
    }

    #[test]
    fn groups_are_counted_from_the_first() {
        let words: Vec<String> = (0..5).map(|index| ENGLISH.group(index)).collect();
        assert_eq!(words, ["first", "second", "third", "fourth", "fifth"]);
    }

    proptest! {
        #[test]
        fn any_value_is_shown_harmlessly(value in ".*", row in 0..Message::ALL.len()) {
            let message = Message::ALL[row];
            let values: Vec<_> = tests::places(message.template(Language::English))
                .into_iter()
                .map(|name| (name, value.as_str()))
                .collect();
            for texts in tests::CARRIERS {
                let text = texts.fill(message, &values);
                let own_lines = message.template(texts.language).matches('\n').count();
                prop_assert_eq!(text.matches('\n').count(), own_lines);
                prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
                prop_assert!(texts.unicode || text.is_ascii());
            }
        }
    }
}
