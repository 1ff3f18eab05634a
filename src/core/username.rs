//! Names of accounts: the one canonical name, and the file name made of it.

use std::fmt::Write;

use crate::digest::sha256;
use crate::hex;

/// Most bytes of an account's name. Linux's own limit is 32; directories (LDAP, Active Directory)
/// go beyond it.
pub const MAX_ACCOUNT_NAME: usize = 512;

/// Longest encoded name that serves as a file name, in bytes. A file name has at most 255
/// (NAME_MAX), and the store needs room for endings of its own.
const MAX_ENCODED: usize = 200;

/// How much of a longer encoding is kept, in bytes, for people to recognise the name by.
const KEPT_ENCODED: usize = 100;

/// One account of the host, by the name that the account database returned.
///
/// PAM_USER is only how somebody typed it: `ROOT`, `anna@corp` and `anna` may all be one account,
/// and everything is keyed by the name in the answer of getpwnam(3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `pw_name`.
    pub name: String,
    /// `pw_uid`. A record is good for one uid only.
    pub uid: u32,
}

impl Account {
    /// The name of the account's directory in the store: safe as a file name, never hidden, at
    /// most 200 bytes, and different for different account names.
    ///
    /// Letters, digits, `_`, `-` and `.` (but not in front) stand for themselves, every other
    /// byte is written `%XX`. Where that would be too long, its beginning is followed by `%h` and
    /// the SHA-256 of the name, which no plain encoding can hold, as `%h` is no byte.
    #[must_use]
    pub fn directory_name(&self) -> String {
        let encoded = percent_encoded(self.name.as_bytes());
        if !encoded.is_empty() && encoded.len() <= MAX_ENCODED {
            return encoded;
        }
        let digest = hex::encode(sha256(&[self.name.as_bytes()]).as_slice());
        format!("{}%h{digest}", beginning(&encoded))
    }
}

/// Whether a name can be one of the account database: not empty, at most [`MAX_ACCOUNT_NAME`]
/// bytes, no control character and no `:`, which separates the fields of passwd(5).
///
/// A `/` is allowed: winbind can be told to write `DOMAIN/anna`.
#[must_use]
pub fn account_name_is_sound(name: &str) -> bool {
    (1..=MAX_ACCOUNT_NAME).contains(&name.len())
        && !name.chars().any(|char| char.is_control() || char == ':')
}

fn percent_encoded(name: &[u8]) -> String {
    let mut encoded = String::with_capacity(name.len());
    for (index, byte) in name.iter().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' => {
                encoded.push(char::from(*byte))
            }
            b'.' if index > 0 => encoded.push('.'),
            // Writing to a String cannot fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

/// At most the first [`KEPT_ENCODED`] bytes, never a part of an escape.
fn beginning(encoded: &str) -> &str {
    let head = encoded.get(..KEPT_ENCODED).unwrap_or(encoded);
    match head.rfind('%') {
        Some(escape) if head.len() - escape < "%XX".len() => head.get(..escape).unwrap_or(head),
        _ => head,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn directory_name(name: &str) -> String {
        Account {
            name: name.to_owned(),
            uid: 1000,
        }
        .directory_name()
    }

    #[test]
    fn ordinary_names_stand_for_themselves() {
        for name in ["anna", "_apt", "systemd-network", "Anna.Kovacs", "42"] {
            assert_eq!(directory_name(name), name);
        }
    }

    #[test]
    fn other_bytes_are_escaped() {
        for (name, file) in [
            (".", "%2E"),
            ("..", "%2E."),
            (".hidden", "%2Ehidden"),
            ("../other", "%2E.%2Fother"),
            ("anna@corp", "anna%40corp"),
            ("CORP\\anna", "CORP%5Canna"),
            ("host$", "host%24"),
            ("jános", "j%C3%A1nos"),
            ("100%", "100%25"),
            ("%h", "%25h"),
        ] {
            assert_eq!(directory_name(name), file);
        }
    }

    #[test]
    fn a_name_is_hashed_only_where_its_encoding_is_too_long() {
        let fits = "a".repeat(MAX_ENCODED);
        assert_eq!(directory_name(&fits), fits);
        // printf 'a%.0s' $(seq 201) | sha256sum
        assert_eq!(
            directory_name(&"a".repeat(MAX_ENCODED + 1)),
            format!(
                "{}%ha92efd82109373e58f9a2056dee01e807e216ce6075f7051207c0a9f7d666e50",
                "a".repeat(KEPT_ENCODED)
            ),
        );
    }

    #[test]
    fn even_the_empty_name_makes_a_file_name() {
        // printf '' | sha256sum
        let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(directory_name(""), format!("%h{digest}"));
    }

    #[test]
    fn a_long_name_is_never_cut_inside_an_escape() {
        for lead in 0..3 {
            let name = format!("{}{}", "x".repeat(lead), "é".repeat(150));
            let file = directory_name(&name);
            let (head, _) = file.split_once("%h").unwrap();
            assert!(percent_encoded(name.as_bytes()).starts_with(head));
            assert_eq!((head.len() - lead) % 3, 0, "{file}");
            assert!((KEPT_ENCODED - 2..=KEPT_ENCODED).contains(&head.len()));
        }
    }

    #[test]
    fn sound_names_are_what_an_account_database_can_hold() {
        for name in ["a", "anna", "CORP/anna", "jános", &"a".repeat(512)] {
            assert!(account_name_is_sound(name), "{name}");
        }
        for name in ["", "a:b", "a\nb", "a\0", "a\u{85}", &"a".repeat(513)] {
            assert!(!account_name_is_sound(name), "{name:?}");
        }
    }

    /// Undoes the encoding of a name that was not too long.
    fn decoded(file: &str) -> Vec<u8> {
        let mut parts = file.split('%');
        let mut name = parts.next().unwrap().as_bytes().to_vec();
        for part in parts {
            name.push(u8::from_str_radix(&part[..2], 16).unwrap());
            name.extend_from_slice(&part.as_bytes()[2..]);
        }
        name
    }

    proptest! {
        #[test]
        fn an_encoding_can_be_read_back(name in "(?s).{1,16}") {
            prop_assert_eq!(decoded(&directory_name(&name)), name.as_bytes());
        }

        #[test]
        fn every_name_makes_a_safe_file_name(name in "(?s).{0,300}") {
            let file = directory_name(&name);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte);
            prop_assert!(file.bytes().all(plain), "{}", file);
            prop_assert!(!file.is_empty() && !file.starts_with('.') && file.len() <= MAX_ENCODED);
        }

        #[test]
        fn long_names_with_one_beginning_stay_apart(a in "[a-b]{1,4}", b in "[a-b]{1,4}") {
            let long = "x".repeat(MAX_ENCODED);
            let same = directory_name(&format!("{long}{a}")) == directory_name(&format!("{long}{b}"));
            prop_assert_eq!(same, a == b);
        }
    }
}
