//! Does a password rest on a name that a guesser knows?

use std::cmp::Reverse;

use unicode_normalization::UnicodeNormalization;

use super::common::is_common;
use super::{Rules, fold};

/// Fewest characters of a name that a password hardly holds by chance. A shorter one, such as
/// `al`, is part of many good words.
const TELLING: usize = 4;

/// A name that is known of every site.
const OUR_NAME: &str = "kapu";

/// Whose name a guesser knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// The person's.
    User,
    /// The site's.
    Site,
}

/// Names add nothing to a password, so they are taken out of `rest`, and what is left must do by
/// itself: as a whole password, or after a short name at least not be trivial. Tells whose name
/// it was that left too little.
pub(super) fn name_it_rests_on(rest: &mut String, rules: &Rules) -> Option<Name> {
    for (name, word) in known_words(rules) {
        let needs = if word.chars().count() < TELLING {
            TELLING
        } else {
            rules.needs()
        };
        let held = take_out(rest, &word);
        if held && (rest.chars().count() < needs || is_common(rest)) {
            return Some(name);
        }
    }
    None
}

/// The words of all names. Long ones come first, so that a short one does not tear them.
fn known_words(rules: &Rules) -> Vec<(Name, String)> {
    let mut words = words_of(Name::Site, OUR_NAME);
    for (name, texts) in [
        (Name::User, &rules.user_names),
        (Name::Site, &rules.site_names),
    ] {
        words.extend(texts.iter().flat_map(|text| words_of(name, text)));
    }
    words.sort_by_key(|(_, word)| Reverse(word.chars().count()));
    words
}

/// The words of one name, forwards and backwards: `bela.kiss` is two.
fn words_of(name: Name, text: &str) -> Vec<(Name, String)> {
    let folded = fold(&text.nfc().collect::<String>());
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    let both_ways = |word: &str| [word.to_owned(), word.chars().rev().collect()];
    words
        .filter(|word| !word.is_empty())
        .flat_map(both_ways)
        .map(|word| (name, word))
        .collect()
}

/// Removes each `word` from `text`, in place. Tells whether there was one.
fn take_out(text: &mut String, word: &str) -> bool {
    let before = text.len();
    while let Some(at) = text.find(word) {
        text.drain(at..at + word.len());
    }
    text.len() < before
}

#[cfg(test)]
mod tests {
    use super::super::{MIN_LENGTH, Weak};
    use super::*;
    use crate::secret::Secret;

    /// What `user` of server1 is told of `password`.
    fn refusal(user: &str, password: &str) -> Option<Weak> {
        let rules = Rules {
            min_length: MIN_LENGTH,
            user_names: vec![user.to_owned()],
            site_names: vec!["server1.example".to_owned()],
        };
        rules.check(&Secret::copy_of(password.as_bytes())).err()
    }

    #[test]
    fn a_password_that_rests_on_the_user_name_is_refused() {
        for password in [
            "anna2kutya",
            "AnnaAnna",
            "kutya-ANNA",
            "Anna12345678",
            "annasunshine",
        ] {
            assert_eq!(
                refusal("anna", password),
                Some(Weak::Context(Name::User)),
                "{password}"
            );
        }
        for password in ["aleb-1999", "ssikaleb", "Bela.Kiss", "kisssssbela"] {
            let held = refusal("bela.kiss", password);
            assert_eq!(held, Some(Weak::Context(Name::User)), "{password}");
        }
    }

    #[test]
    fn a_password_that_is_long_enough_without_the_user_name_is_taken() {
        assert_eq!(refusal("anna", "hannah piros traktorja"), None);
        assert_eq!(refusal("anna", "anna mtq wkei"), None);
    }

    #[test]
    fn a_short_user_name_may_stand_in_words() {
        for password in ["alabaster", "mentality", "salad bar"] {
            assert_eq!(refusal("al", password), None, "{password}");
        }
        for password in ["alalalal", "al123456", "LA-al-la", "alpassword"] {
            assert_eq!(
                refusal("al", password),
                Some(Weak::Context(Name::User)),
                "{password}"
            );
        }
    }

    #[test]
    fn a_password_that_rests_on_the_site_name_is_refused() {
        for password in [
            "server1kutya",
            "1revreskutya",
            "KapuKapu7",
            "Example-77",
            "kapu-pass",
        ] {
            assert_eq!(
                refusal("anna", password),
                Some(Weak::Context(Name::Site)),
                "{password}"
            );
        }
    }

    #[test]
    fn a_short_name_does_not_hide_a_long_one() {
        let held = refusal("er", "server1-mtqw");
        assert_eq!(held, Some(Weak::Context(Name::Site)));
    }

    #[test]
    fn a_name_is_found_in_any_case_and_either_unicode_form() {
        for user in ["bél\u{e1}né", "BE\u{301}LA\u{301}NE\u{301}"] {
            let held = refusal(user, "Be\u{301}láné-99");
            assert_eq!(held, Some(Weak::Context(Name::User)), "{user}");
        }
    }

    #[test]
    fn names_of_nothing_refuse_nothing() {
        for user in ["", ".", "-_-"] {
            assert_eq!(refusal(user, "mtq.wkei-_-"), None, "{user}");
        }
    }

    #[test]
    fn a_name_does_not_count_towards_a_greater_length_either() {
        let rules = Rules {
            min_length: 15,
            user_names: vec!["anna".to_owned()],
            site_names: Vec::new(),
        };
        let check = |password: &[u8]| rules.check(&Secret::copy_of(password)).err();
        assert_eq!(
            check(b"anna mtq wkei rizs"),
            Some(Weak::Context(Name::User))
        );
        assert_eq!(check(b"anna mtq wkei rizsa"), None);
    }
}
