//! The rules for a new password: long enough, and not among the first that a guesser tries.
//!
//! NIST SP 800-63B-4 §3.1.1.2: any character, no demand for digits or special characters, no
//! expiry; a refusal says why. The password typed at a login meets no rule, only [`normalise`].

mod common;
mod names;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use zeroize::Zeroizing;

pub use names::Name;

use crate::ports::MAX_ANSWER;
use crate::secret::Secret;

/// Fewest characters of a password beside which a code is asked (NIST SP 800-63B-4 §3.1.1.2).
pub const MIN_LENGTH: usize = 8;

/// Fewest characters of a password that is the only thing asked (NIST SP 800-63B-4 §3.1.1.2).
pub const ALONE_MIN_LENGTH: usize = 15;

/// What a new password is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Fewest characters, counted as code points of the NFC form. Less than [`MIN_LENGTH`] counts
    /// as that.
    pub min_length: usize,
    /// Names of the person: the user name, and whatever else the account database tells.
    pub user_names: Vec<String>,
    /// Names of the site: issuer, host name. `kapu` need not be among them.
    pub site_names: Vec<String>,
}

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// It is not UTF-8, or holds control characters: it could not be typed everywhere.
    NotText,
    /// It has too few characters.
    TooShort {
        /// Characters that it has.
        has: usize,
        /// Characters that it needs.
        needs: usize,
    },
    /// It has too many bytes: a login would not take it.
    TooLong {
        /// Bytes that it may have.
        most: usize,
    },
    /// It rests on a name that a guesser knows.
    Context(Name),
    /// It is one of the commonest passwords, or a pattern as simple as those.
    Common,
}

impl Rules {
    /// Checks a new password and returns the form of it that is to be hashed.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, typed: &Secret) -> Result<Secret, Weak> {
        let too_long = Weak::TooLong { most: MAX_ANSWER };
        if typed.len() > MAX_ANSWER {
            return Err(too_long);
        }
        let password = normalise(typed);
        let is_text = |text: &&str| !text.chars().any(char::is_control);
        let text = password.expose_text().filter(is_text);
        let text = text.ok_or(Weak::NotText)?;
        // Another keyboard may send the longer of the two forms.
        if text.len() > MAX_ANSWER {
            return Err(too_long);
        }
        let (has, needs) = (text.chars().count(), self.needs());
        if has < needs {
            return Err(Weak::TooShort { has, needs });
        }
        let mut folded = fold(text);
        let common = common::is_common(&folded);
        match names::name_it_rests_on(&mut folded, self) {
            Some(name) => Err(Weak::Context(name)),
            None if common => Err(Weak::Common),
            None => Ok(password),
        }
    }

    fn needs(&self) -> usize {
        self.min_length.max(MIN_LENGTH)
    }
}

/// The form in which a password is hashed and verified: Unicode NFC, so that an `é` is one `é`
/// on every keyboard. Bytes that are not UTF-8 stay as they are.
#[must_use]
pub fn normalise(typed: &Secret) -> Secret {
    let Some(text) = typed.expose_text() else {
        return typed.clone();
    };
    // Nearly all are in that form already, and then no letter passes through buffers of the
    // Unicode crate, which are not wiped.
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        return typed.clone();
    }
    let size = text.nfc().map(char::len_utf8).sum();
    let mut normal = String::with_capacity(size);
    normal.extend(text.nfc());
    Secret::from(normal)
}

/// Lower case of `text`, in a buffer that never grows and is wiped.
fn fold(text: &str) -> Zeroizing<String> {
    let lower = || text.chars().flat_map(char::to_lowercase);
    let size = lower().map(char::len_utf8).sum();
    let mut folded = Zeroizing::new(String::with_capacity(size));
    folded.extend(lower());
    folded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(user: &str, site: &str) -> Rules {
        Rules {
            min_length: MIN_LENGTH,
            user_names: vec![user.to_owned()],
            site_names: vec![site.to_owned()],
        }
    }

    /// What becomes of `password` for anna on server1.
    fn verdict(password: &str) -> Result<Secret, Weak> {
        rules("anna", "server1.example").check(&Secret::copy_of(password.as_bytes()))
    }

    #[test]
    fn eight_code_points_of_any_kind_are_long_enough() {
        for password in [
            "mtq wkei",
            "őszibara",
            "🐎🔋📎🌧🧀🚲🪴🧲",
            "пчёлкажу",
            "        ~ piros",
        ] {
            assert!(verdict(password).is_ok(), "{password}");
        }
        let short = Weak::TooShort { has: 7, needs: 8 };
        for password in ["mtq wke", "🐎🔋📎🌧🧀🚲🪴", "e\u{301}szibar"] {
            assert_eq!(verdict(password).err(), Some(short), "{password}");
        }
    }

    #[test]
    fn a_password_that_stands_alone_needs_fifteen() {
        let mut rules = rules("anna", "server1");
        rules.min_length = ALONE_MIN_LENGTH;
        let short = Weak::TooShort { has: 14, needs: 15 };
        assert_eq!(
            rules.check(&Secret::copy_of(b"fourteen of us")).err(),
            Some(short)
        );
        assert!(rules.check(&Secret::copy_of(b"fifteen of them")).is_ok());
    }

    #[test]
    fn no_configuration_goes_below_eight() {
        let mut rules = rules("anna", "server1");
        rules.min_length = 0;
        let short = Weak::TooShort { has: 0, needs: 8 };
        assert_eq!(rules.check(&Secret::copy_of(b"")).err(), Some(short));
    }

    #[test]
    fn long_pass_phrases_need_neither_digits_nor_capitals() {
        assert!(verdict("hat piros traktor az eperfa alatt").is_ok());
        assert!(verdict(&"eperfa alatt ".repeat(78)).is_ok());
        let long = Weak::TooLong { most: MAX_ANSWER };
        assert_eq!(verdict(&"eperfa alatt ".repeat(79)).err(), Some(long));
    }

    #[test]
    fn both_forms_of_a_letter_must_fit_into_an_answer() {
        let long = Some(Weak::TooLong { most: MAX_ANSWER });
        // One letter of three bytes whose NFC form is two of three bytes each.
        assert_eq!(verdict(&"\u{958}x".repeat(200)).err(), long);
        assert_eq!(verdict(&"e\u{301}x".repeat(300)).err(), long);
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [
            &b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"[..],
            b"piros\ttraktor",
            b"\x08\n\r\x7fINCORRECT",
        ] {
            let typed = Secret::copy_of(bytes);
            assert_eq!(
                rules("anna", "server1").check(&typed).err(),
                Some(Weak::NotText)
            );
        }
    }

    #[test]
    fn the_commonest_passwords_are_refused_in_any_case() {
        for password in [
            "Password1",
            "ILOVEYOU",
            "Jelszo123",
            "asdasd123",
            "kiscica1",
            "Budapest1",
            "12345678",
            "Mtqmtqmtq",
        ] {
            assert_eq!(verdict(password).err(), Some(Weak::Common), "{password}");
        }
    }

    #[test]
    fn an_accent_typed_in_two_ways_is_one_password() {
        let (one, two) = (verdict("te\u{301}li alma"), verdict("t\u{e9}li alma"));
        assert!(one.unwrap().same_as(&two.unwrap()));
        let typed = Secret::copy_of("a\u{308}".as_bytes());
        assert_eq!(normalise(&typed).expose_text(), Some("\u{e4}"));
    }

    #[test]
    fn bytes_that_are_no_text_are_verified_as_they_are() {
        let typed = Secret::copy_of(b"e\xcc\x81\xff");
        assert!(normalise(&typed).same_as(&typed));
    }

    proptest! {
        #[test]
        fn any_bytes_get_an_answer(bytes: Vec<u8>, text: String, user: String, site: String) {
            for typed in [Secret::new(bytes), Secret::from(text)] {
                let _ = rules(&user, &site).check(&typed);
                let normal = normalise(&typed);
                prop_assert!(normalise(&normal).same_as(&normal));
            }
        }

        #[test]
        fn what_was_taken_is_the_form_a_login_verifies(text in "\\PC{8,40}", user: String) {
            let (rules, typed) = (rules(&user, "server1"), Secret::from(text));
            if let Ok(taken) = rules.check(&typed) {
                prop_assert!(taken.same_as(&normalise(&typed)));
                prop_assert!(rules.check(&taken).is_ok_and(|again| again.same_as(&taken)));
            }
        }
    }
}
