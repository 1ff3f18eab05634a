//! Is this among the first things that a guesser tries?
//!
//! A list, and two shapes that no list could hold all of. No estimate of strength: a reason that
//! can be said in half a sentence is worth more to the person than a score.

use std::cmp::Ordering;
use std::iter::successors;

/// The commonest passwords of eight characters or more: lower case ASCII, one a line, in the
/// order of their bytes. Where they come from is told in docs/third-party.md.
const LIST: &str = include_str!("common.txt");

/// Digits and exclamation marks at the end that make no new password of a common one: a year and
/// a mark. Where a rule demanded such characters, that is where people put them.
const MAX_SUFFIX: usize = 5;

/// Longest pattern whose repetition is seen: `aaaaaaaa`, `abababab`, `abcabcabc`.
const MAX_PERIOD: usize = 3;

/// Characters that stand side by side on a keyboard (American or Hungarian), in the alphabet, or
/// in counting.
const ROWS: [&str; 9] = [
    "01234567890",
    "!@#$%^&*()",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "qwertzuiopőú",
    "asdfghjkl",
    "asdfghjkléáű",
    "zxcvbnm",
    "yxcvbnm",
];

/// A walk along the rows has this many characters for each jump, or more. Words of a language
/// jump at nearly every letter.
const STRIDE: usize = 4;

/// Whether `folded` (lower case, NFC) is common, or nothing but a simple pattern. An empty text
/// is one, too.
pub(super) fn is_common(folded: &str) -> bool {
    repeats(folded) || walks(folded) || stems(folded).any(is_listed)
}

/// Whether it is one pattern of at most [`MAX_PERIOD`] characters over and over.
fn repeats(text: &str) -> bool {
    (1..=MAX_PERIOD).any(|period| {
        let later = text.chars().skip(period);
        text.chars().zip(later).all(|(one, next)| one == next)
    })
}

/// Whether it is put together from pieces of [`ROWS`], in either direction, and repeated keys:
/// `12345678`, `qwertyasdf`, `abcd4321`, `11223344`.
fn walks(text: &str) -> bool {
    let pairs = text.chars().zip(text.chars().skip(1));
    let jumps = pairs.filter(|&(one, next)| !is_step(one, next)).count();
    (jumps + 1) * STRIDE <= text.chars().count()
}

fn is_step(one: char, next: char) -> bool {
    let side_by_side = |row: &str| {
        let mut pairs = row.chars().zip(row.chars().skip(1));
        pairs.any(|pair| pair == (one, next) || pair == (next, one))
    };
    one == next || ROWS.into_iter().any(side_by_side)
}

/// The text, and what is left of it as a suffix is taken off character by character.
fn stems(text: &str) -> impl Iterator<Item = &str> {
    let is_suffix = |last: char| last.is_ascii_digit() || last == '!';
    successors(Some(text), move |stem| stem.strip_suffix(is_suffix)).take(MAX_SUFFIX + 1)
}

/// Binary search in the text as it lies in the library: no table is built inside sshd.
fn is_listed(word: &str) -> bool {
    let mut rest = LIST;
    while !rest.is_empty() {
        let half = rest.get(..rest.len() / 2).unwrap_or_default();
        let line_start = half.rfind('\n').map_or(0, |newline| newline + 1);
        let (before, from_line) = rest.split_at(line_start);
        let (line, after) = from_line.split_once('\n').unwrap_or((from_line, ""));
        rest = match word.cmp(line) {
            Ordering::Less => before,
            Ordering::Equal => return true,
            Ordering::Greater => after,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A list inside sshd stays small.
    const MOST_BYTES: usize = 40 * 1024;

    #[test]
    fn the_list_is_sorted_by_bytes_and_holds_nothing_twice() {
        let lines: Vec<&str> = LIST.lines().collect();
        for pair in lines.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
        assert!(LIST.len() <= MOST_BYTES, "{} bytes", LIST.len());
        assert!(lines.len() > 3000, "{} entries", lines.len());
    }

    #[test]
    fn every_entry_is_lower_case_ascii_of_eight_characters_or_more() {
        for line in LIST.lines() {
            assert!(line.len() >= 8, "{line}");
            let plain = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
            assert!(line.bytes().all(plain), "{line}");
        }
        assert!(LIST.ends_with('\n') && !LIST.contains('\r'));
    }

    #[test]
    fn no_entry_is_one_that_the_rules_find_without_it() {
        for line in LIST.lines() {
            assert!(!repeats(line) && !walks(line), "{line}");
            assert!(!stems(line).skip(1).any(is_listed), "{line}");
        }
    }

    #[test]
    fn every_entry_is_found_and_its_neighbours_are_not() {
        for line in LIST.lines() {
            assert!(is_listed(line), "{line}");
            let between = format!("{line}\u{1}");
            assert!(!is_listed(&between), "{line}");
        }
        for other in [
            "",
            "\n",
            "a",
            "~~~~~~~~~",
            "\u{10ffff}",
            "passwor",
            "password\n",
        ] {
            assert!(!is_listed(other), "{other:?}");
        }
    }

    #[test]
    fn a_year_and_a_mark_at_the_end_make_no_new_password() {
        for common in [
            "password",
            "password1",
            "password!!",
            "jelszo123",
            "sunshine99!",
            "budapest2026!",
        ] {
            assert!(is_common(common), "{common}");
        }
        for other in ["password730541", "password-or-not", "1password of mine"] {
            assert!(!is_common(other), "{other}");
        }
    }

    #[test]
    fn a_short_pattern_repeated_is_common() {
        for common in [
            "aaaaaaaa",
            "abababab",
            "xyqxyqxyqx",
            "ééééééééé",
            "🙂🙂🙂🙂🙂🙂🙂🙂",
        ] {
            assert!(repeats(common), "{common}");
        }
        for other in ["tuesdayt", "abcdeabcde", "aaaaaaab"] {
            assert!(!repeats(other), "{other}");
        }
    }

    #[test]
    fn a_walk_along_the_keyboard_is_common() {
        for common in [
            "12345678",
            "0987654321",
            "qwertyuiop",
            "qwertzui",
            "asdfghjkléáű",
            "qwerasdfzxcv",
            "abcd4321",
            "11223344",
            "!@#$%^&*",
            "aaaabbbb",
        ] {
            assert!(walks(common), "{common}");
        }
        for other in [
            "q7wexkma",
            "property",
            "deferment",
            "understudy",
            "piros traktor",
        ] {
            assert!(!walks(other), "{other}");
        }
    }
}
