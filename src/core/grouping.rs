//! Long codes are shown in groups of four; what people type between the characters is ignored.

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Characters of a group: as many as people read at a glance.
pub(crate) const GROUP: usize = 4;

/// `text` in groups of [`GROUP`] with `separator` between them.
pub(crate) fn grouped(text: &[u8], separator: u8) -> Secret {
    let mut out = Vec::with_capacity(text.len() + text.len() / GROUP);
    for (index, group) in text.chunks(GROUP).enumerate() {
        if index > 0 {
            out.push(separator);
        }
        out.extend_from_slice(group);
    }
    Secret::new(out)
}

/// `typed` without its spaces and dashes, in a buffer that never grew.
pub(crate) fn compact(typed: &str) -> Zeroizing<String> {
    let mut kept = Zeroizing::new(String::with_capacity(typed.len()));
    kept.extend(typed.chars().filter(|typed| !is_separator(*typed)));
    kept
}

/// White space, the hyphen, and the dashes that phone keyboards and word processors make of it.
fn is_separator(typed: char) -> bool {
    typed.is_whitespace() || matches!(typed, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_four_characters_and_the_last_one_the_rest() {
        for (text, shown) in [
            ("", ""),
            ("ABC", "ABC"),
            ("ABCD", "ABCD"),
            ("ABCDE", "ABCD E"),
            ("ABCDEFGHI", "ABCD EFGH I"),
        ] {
            assert_eq!(grouped(text.as_bytes(), b' ').expose(), shown.as_bytes());
        }
    }

    #[test]
    fn spaces_and_dashes_of_every_keyboard_are_left_out() {
        let typed = " A-B\u{2013}C\u{2014}D\u{2212}E\u{a0}F\u{202f}G ";
        assert_eq!(compact(typed).as_str(), "ABCDEFG");
        assert_eq!(compact("_+.é").as_str(), "_+.é");
    }
}
