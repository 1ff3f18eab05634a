//! Accented text for carriers that know ASCII only.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// `text` in ASCII: letters lose their accents, typographic marks become plain ones, and whatever
/// is left becomes `?`.
pub(super) fn to_ascii(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfd().filter(|letter| !is_combining_mark(*letter)) {
        match letter {
            '„' | '“' | '”' => folded.push('"'),
            '‘' | '’' => folded.push('\''),
            '–' | '—' | '·' => folded.push('-'),
            '…' => folded.push_str("..."),
            _ if letter.is_ascii() => folded.push(letter),
            _ => folded.push('?'),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hungarian_letter_keeps_its_base() {
        assert_eq!(
            to_ascii("árvíztűrő tükörfúrógép ÁRVÍZTŰRŐ TÜKÖRFÚRÓGÉP"),
            "arvizturo tukorfurogep ARVIZTURO TUKORFUROGEP"
        );
    }

    #[test]
    fn typographic_marks_become_plain_ones() {
        assert_eq!(
            to_ascii("„a” – “b” — c’s · d…"),
            "\"a\" - \"b\" - c's - d..."
        );
    }

    #[test]
    fn what_has_no_ascii_form_becomes_a_question_mark() {
        assert_eq!(to_ascii("Łukasz ✓ Šimon"), "?ukasz ? Simon");
    }

    #[test]
    fn ascii_stays_as_it_is() {
        let ascii: String = ('\0'..='\x7f').collect();
        assert_eq!(to_ascii(&ascii), ascii);
    }
}
