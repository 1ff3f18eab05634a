//! What the locale of this terminal says: the language, and whether letters outside ASCII arrive.

use kapu_core::messages::{Language, Texts};

/// The variables of a category, the strongest first (locale(7)).
const MESSAGES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];
const LETTERS: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// The texts for a person with this environment; `configured` is the language where the locale
/// says nothing of it.
pub(crate) fn texts(variable: impl Fn(&str) -> Option<String>, configured: Language) -> Texts {
    let first = |names: [&str; 3]| {
        names
            .into_iter()
            .find_map(|name| variable(name).filter(|value| !value.is_empty()))
            .unwrap_or_default()
    };
    let language = match first(MESSAGES).get(..2) {
        Some("hu") => Language::Hungarian,
        Some("en") => Language::English,
        _ => configured,
    };
    let charset = first(LETTERS).to_ascii_lowercase();
    Texts {
        language,
        unicode: charset.contains("utf-8") || charset.contains("utf8"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)]) -> (Language, bool) {
        let lookup = |name: &str| {
            set.iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let texts = texts(lookup, Language::English);
        (texts.language, texts.unicode)
    }

    #[test]
    fn the_locale_chooses_language_and_letters() {
        use Language::{English, Hungarian};
        assert_eq!(of(&[("LANG", "hu_HU.UTF-8")]), (Hungarian, true));
        assert_eq!(of(&[("LANG", "hu_HU")]), (Hungarian, false));
        assert_eq!(of(&[("LANG", "en_US.utf8")]), (English, true));
        assert_eq!(of(&[("LANG", "de_DE.ISO-8859-1")]), (English, false));
        assert_eq!(of(&[]), (English, false));
    }

    #[test]
    fn lc_all_is_stronger_than_its_category_and_that_than_lang() {
        use Language::{English, Hungarian};
        let set = [
            ("LANG", "hu_HU.UTF-8"),
            ("LC_ALL", "C"),
            ("LC_CTYPE", "x.UTF-8"),
        ];
        assert_eq!(of(&set), (English, false));
        let set = [
            ("LANG", "C.UTF-8"),
            ("LC_MESSAGES", "hu_HU"),
            ("LC_ALL", ""),
        ];
        assert_eq!(of(&set), (Hungarian, true));
    }
}
