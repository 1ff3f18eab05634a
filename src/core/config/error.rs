//! Where kapu.toml is wrong, and what was expected there.

use std::fmt;

/// Longest name of a section or key that is shown.
const MAX_SHOWN_NAME: usize = 40;
/// Most letters by which a mistyped name differs from the one it is taken for.
const MAX_TYPOS: usize = 2;

/// The first fault of a file.
///
/// It names a place and what belongs there, and never quotes a value: its text goes to the log,
/// and a wrong value may well be a password that was put on the wrong line. For the same reason
/// a name in it is shown only if it looks like the name of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// Line of the file, counted from 1.
    pub line: usize,
    /// Character of that line, counted from 1, where no key could be told.
    pub column: Option<usize>,
    /// The section or `section.key`, where it is known and may be shown.
    pub key: Option<String>,
    /// What belongs there, such as `a number from 1 to 2`.
    pub expected: String,
}

impl ConfigError {
    /// A fault in the value of a key or in a section; `offset` is a byte of `text`.
    pub(super) fn at_key(text: &str, offset: usize, key: String, expected: String) -> Self {
        Self {
            line: line(text, offset),
            column: None,
            key: Some(key),
            expected,
        }
    }

    /// A fault in the writing, before keys can be told apart.
    pub(super) fn at_character(text: &str, offset: usize, expected: &str) -> Self {
        let row = text
            .get(..offset)
            .and_then(|before| before.rsplit('\n').next());
        Self {
            line: line(text, offset),
            column: row.map(|row| row.chars().count() + 1),
            key: None,
            expected: expected.to_owned(),
        }
    }

    /// A name that is none of `known`; `section` is `None` for the name of a section.
    pub(super) fn unknown(
        text: &str,
        offset: usize,
        section: Option<&str>,
        name: &str,
        known: &[&str],
    ) -> Self {
        let (what, prefix) = match section {
            Some(section) => (format!("a key of [{section}]"), format!("{section}.")),
            None => ("a [section]".to_owned(), String::new()),
        };
        let name = Some(name).filter(|name| may_be_shown(name));
        let hint = match name.and_then(|name| nearest(name, known)) {
            Some(near) => format!("; did you mean {near}?"),
            None => format!(": {}", alternatives(known.iter().map(ToString::to_string))),
        };
        Self {
            line: line(text, offset),
            column: None,
            key: name.map(|name| prefix + name),
            expected: what + &hint,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(out, ", column {column}")?;
        }
        match self.key.as_deref().map(|key| (key, key.split_once('.'))) {
            Some((_, Some((section, key)))) => write!(out, ": [{section}] {key}")?,
            Some((section, None)) => write!(out, ": {section}")?,
            None => {}
        }
        write!(out, ": expected {}", self.expected)
    }
}

impl std::error::Error for ConfigError {}

/// `a, b or c`.
pub(super) fn alternatives(words: impl IntoIterator<Item = String>) -> String {
    let mut words: Vec<String> = words.into_iter().collect();
    match (words.pop(), words.is_empty()) {
        (Some(last), false) => format!("{} or {last}", words.join(", ")),
        (only, _) => only.unwrap_or_default(),
    }
}

/// The line, counted from 1, that holds the byte at `offset`.
fn line(text: &str, offset: usize) -> usize {
    let before = text.bytes().take(offset);
    before.filter(|byte| *byte == b'\n').count() + 1
}

fn may_be_shown(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    (1..=MAX_SHOWN_NAME).contains(&name.len()) && name.bytes().all(plain)
}

fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let distances = known.iter().map(|key| (typos(name, key), *key));
    let (distance, key) = distances.min()?;
    (distance <= MAX_TYPOS).then_some(key)
}

/// Letters to insert, drop or change to make `wanted` of `typed` (Levenshtein's distance).
fn typos(typed: &str, wanted: &str) -> usize {
    // row[j] is the distance of the letters of `typed` so far from the first j of `wanted`.
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (done, letter) in typed.bytes().enumerate() {
        let mut diagonal = done;
        let mut left = done + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(wanted.bytes()) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typos_are_letters_inserted_dropped_or_changed() {
        assert_eq!(typos("window", "window"), 0);
        assert_eq!(typos("windw", "window"), 1);
        assert_eq!(typos("windoow", "window"), 1);
        assert_eq!(typos("min_length", "min-length"), 1);
        assert_eq!(typos("kitten", "sitting"), 3);
        assert_eq!(typos("", "path"), 4);
    }

    #[test]
    fn a_name_is_shown_only_if_it_looks_like_a_key() {
        assert!(may_be_shown("memory-kib") && may_be_shown("sha_1"));
        for name in [
            "",
            "Secret",
            "two words",
            "pass.word",
            "kőris",
            &"a".repeat(41),
        ] {
            assert!(!may_be_shown(name), "{name}");
        }
    }

    #[test]
    fn lines_and_columns_count_from_one_and_columns_count_characters() {
        let at = |offset| {
            let error = ConfigError::at_character("ab\nőőx\n", offset, "x");
            (error.line, error.column)
        };
        assert_eq!(at(0), (1, Some(1)));
        assert_eq!(at(2), (1, Some(3)));
        assert_eq!(at(3), (2, Some(1)));
        assert_eq!(at(4), (2, None), "inside a letter");
        assert_eq!(at(7), (2, Some(3)));
        assert_eq!(at(9), (3, Some(1)));
    }

    #[test]
    fn alternatives_read_like_a_sentence() {
        let of = |words: &[&str]| alternatives(words.iter().map(|word| (*word).to_owned()));
        assert_eq!(of(&[]), "");
        assert_eq!(of(&["a"]), "a");
        assert_eq!(of(&["a", "b"]), "a or b");
        assert_eq!(of(&["a", "b", "c"]), "a, b or c");
    }
}
