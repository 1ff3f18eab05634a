//! How a key reaches the app: base32 text to type, and the otpauth URI that a QR code holds.

use std::fmt::Write;

use crate::grouping;
use crate::record::{Algorithm, CodeShape, MovingFactor, Token};
use crate::secret::Secret;

/// RFC 4648 section 6.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// Bits of a character.
const CHARACTER_BITS: u32 = 5;
/// Longest text that [`base32_decode`] looks at, in bytes: the longest key, even with something
/// between all its characters.
const MAX_TEXT: usize = 512;
/// Bytes of a URI beside its names and its key, at most.
const URI_FRAME: usize =
    "otpauth://hotp/:?secret=&issuer=&algorithm=SHA512&digits=255&counter=18446744073709551615"
        .len();

/// `bytes` in base32 without padding, which the Google app for iOS refuses.
#[must_use]
pub fn base32_encode(bytes: &[u8]) -> Secret {
    let mut text = Vec::with_capacity(encoded_length(bytes));
    for chunk in bytes.chunks(5) {
        let mut bits = [0; 8];
        for (place, byte) in bits.iter_mut().skip(3).zip(chunk) {
            *place = *byte;
        }
        let bits = u64::from_be_bytes(bits);
        let characters = (chunk.len() * 8).div_ceil(5);
        text.extend(
            (0..8)
                .rev()
                .take(characters)
                .map(|place| character(bits >> (place * CHARACTER_BITS))),
        );
    }
    Secret::new(text)
}

/// The bytes of a base32 text, in any case, with spaces, dashes and padding as people and sites
/// write them. `None` for every other character, for a length that no encoding has (a character
/// was lost), and for more than 512 bytes of text.
///
/// Bits left over at the end are dropped, as apps do: some sites make keys of whole characters
/// rather than of whole bytes.
#[must_use]
pub fn base32_decode(text: &str) -> Option<Secret> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let kept = grouping::compact(text);
    let characters = kept.trim_end_matches('=');
    if matches!(characters.len() % 8, 1 | 3 | 6) {
        return None;
    }
    let mut bytes = Vec::with_capacity(characters.len() * 5 / 8);
    let (mut bits, mut held) = (0_u16, 0);
    for character in characters.bytes() {
        bits = bits << CHARACTER_BITS | value(character)?;
        held += CHARACTER_BITS;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    Some(Secret::new(bytes))
}

/// A base32 text as it is shown: in groups of four with spaces between them.
#[must_use]
pub fn grouped(text: &Secret) -> Secret {
    grouping::grouped(text.expose(), b' ')
}

/// The URI that enrolls `token` in an app, such as
/// `otpauth://totp/server1:anna?secret=...&issuer=server1`. Of a counter-based token it holds the
/// counter of the first code that is not spent.
///
/// It follows the "Key Uri Format" of the Google app: the issuer both before the account and as
/// a parameter, percent-encoding by RFC 3986 (a `+` is no space to apps), and what is
/// [usual](CodeShape::USUAL) left out, for the sake of small QR codes and simple apps. A colon in
/// issuer or account, which that format cannot hold, becomes a dash.
#[must_use]
pub fn uri(issuer: &str, account: &str, token: &Token) -> Secret {
    let key = &token.key;
    let mut uri = String::with_capacity(room(issuer, account, key));
    uri.push_str("otpauth://");
    uri.push_str(token.shape.moving.word());
    uri.push('/');
    push_escaped(&mut uri, issuer);
    uri.push(':');
    push_escaped(&mut uri, account);
    uri.push_str("?secret=");
    uri.push_str(
        base32_encode(key.expose())
            .expose_text()
            .unwrap_or_default(),
    );
    uri.push_str("&issuer=");
    push_escaped(&mut uri, issuer);
    push_shape(&mut uri, token);
    Secret::from(uri)
}

/// The most bytes that a URI can need, so that it is never moved while it grows.
fn room(issuer: &str, account: &str, key: &Secret) -> usize {
    let names = "%XX".len() * (2 * issuer.len() + account.len());
    URI_FRAME + names + encoded_length(key.expose())
}

fn push_escaped(uri: &mut String, name: &str) {
    for byte in name.bytes() {
        // Writing to a String cannot fail.
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            b':' => uri.push('-'),
            _ => _ = write!(uri, "%{byte:02X}"),
        }
    }
}

fn push_shape(uri: &mut String, token: &Token) {
    let shape = &token.shape;
    // Writing to a String cannot fail.
    if shape.algorithm != Algorithm::Sha1 {
        _ = write!(uri, "&algorithm={}", shape.algorithm.word());
    }
    if shape.digits != CodeShape::USUAL.digits {
        _ = write!(uri, "&digits={}", shape.digits);
    }
    match shape.moving {
        MovingFactor::Time { period } if period == CodeShape::USUAL_PERIOD => {}
        MovingFactor::Time { period } => _ = write!(uri, "&period={period}"),
        // A must in that format. As many codes are spent as its value says.
        MovingFactor::Counter => _ = write!(uri, "&counter={}", token.confirmed_step),
    }
}

const fn encoded_length(bytes: &[u8]) -> usize {
    (bytes.len() * 8).div_ceil(CHARACTER_BITS as usize)
}

/// The character of the lowest five bits.
#[expect(clippy::indexing_slicing, reason = "five bits are below 32")]
fn character(bits: u64) -> u8 {
    ALPHABET[(bits & 0x1f) as usize]
}

fn value(character: u8) -> Option<u16> {
    let upper = character.to_ascii_uppercase();
    let (value, _) = (0..).zip(ALPHABET).find(|(_, known)| **known == upper)?;
    Some(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::phone;
    use crate::vectors;

    fn shown(secret: &Secret) -> &str {
        secret.expose_text().unwrap()
    }

    fn uri_of(issuer: &str, account: &str, shape: &CodeShape) -> String {
        let token = Token {
            key: base32_decode("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").unwrap(),
            shape: *shape,
            confirmed_step: 7,
            ..phone()
        };
        shown(&uri(issuer, account, &token)).to_owned()
    }

    #[test]
    fn base32_is_that_of_the_rfc() {
        let file = include_str!("../../tests/vectors/rfc4648-base32.txt");
        let mut rows = 0;
        for row in vectors::rows(file) {
            let [bytes, text] = row[..] else {
                panic!("{row:?}")
            };
            let unpadded = text.trim_end_matches('=');
            assert_eq!(shown(&base32_encode(bytes.as_bytes())), unpadded);
            for typed in [text, unpadded, &unpadded.to_lowercase()] {
                assert_eq!(base32_decode(typed).unwrap().expose(), bytes.as_bytes());
            }
            rows += 1;
        }
        assert_eq!(rows, 6);
        assert!(base32_encode(b"").is_empty());
    }

    #[test]
    fn a_key_is_read_with_spaces_and_dashes() {
        let key = base32_decode(" jbsw y3dp-EHPK 3PXP ====").unwrap();
        assert_eq!(key.expose(), b"Hello!\xde\xad\xbe\xef");
    }

    #[test]
    fn what_is_not_base32_is_refused() {
        for text in [
            "A", "ABC", "ABCDEF", "AB0D", "AB1D", "AB8D", "AB=D", "AB.D", "ABé",
        ] {
            assert!(base32_decode(text).is_none(), "{text}");
        }
        assert!(base32_decode(&"A".repeat(MAX_TEXT)).is_some());
        assert!(base32_decode(&"A".repeat(MAX_TEXT + 8)).is_none());
    }

    #[test]
    fn a_key_is_shown_in_groups_of_four() {
        let text = Secret::copy_of(b"JBSWY3DPEHPK3PXP");
        assert_eq!(shown(&grouped(&text)), "JBSW Y3DP EHPK 3PXP");
    }

    #[test]
    fn a_usual_token_has_the_shortest_uri() {
        assert_eq!(
            uri_of("server1", "anna", &CodeShape::USUAL),
            "otpauth://totp/server1:anna?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=server1"
        );
    }

    #[test]
    fn what_is_not_usual_is_said() {
        let shape = CodeShape {
            algorithm: Algorithm::Sha256,
            digits: 8,
            moving: MovingFactor::Time { period: 60 },
        };
        let uri = uri_of("server1", "anna", &shape);
        assert!(
            uri.ends_with("&issuer=server1&algorithm=SHA256&digits=8&period=60"),
            "{uri}"
        );
    }

    #[test]
    fn a_counter_based_token_has_the_counter_of_its_next_code() {
        let shape = CodeShape {
            moving: MovingFactor::Counter,
            ..CodeShape::USUAL
        };
        let uri = uri_of("server1", "anna", &shape);
        assert!(
            uri.starts_with("otpauth://hotp/server1:anna?secret="),
            "{uri}"
        );
        assert!(uri.ends_with("&issuer=server1&counter=7"), "{uri}");
    }

    #[test]
    fn names_are_percent_encoded_and_hold_no_colon() {
        let uri = uri_of("Ügyfélkapu+ 2", "a:b@c/d&e", &CodeShape::USUAL);
        let issuer = "%C3%9Cgyf%C3%A9lkapu%2B%202";
        assert!(
            uri.starts_with(&format!("otpauth://totp/{issuer}:a-b%40c%2Fd%26e?secret=")),
            "{uri}"
        );
        assert!(uri.ends_with(&format!("&issuer={issuer}")), "{uri}");
    }

    #[test]
    fn the_longest_uri_fits_in_its_buffer() {
        let shape = CodeShape {
            algorithm: Algorithm::Sha512,
            digits: u8::MAX,
            moving: MovingFactor::Counter,
        };
        let token = Token {
            key: Secret::new(vec![0xff; 128]),
            shape,
            confirmed_step: u64::MAX,
            ..phone()
        };
        assert_eq!(uri("é", "é", &token).len(), room("é", "é", &token.key));
    }

    proptest! {
        #[test]
        fn every_key_survives_being_written_and_read(key in prop::collection::vec(any::<u8>(), 0..=128)) {
            let text = base32_encode(&key);
            prop_assert_eq!(text.len(), encoded_length(&key));
            for text in [&text, &grouped(&text)] {
                let read = base32_decode(shown(text)).unwrap();
                prop_assert_eq!(read.expose(), &key);
            }
        }

        #[test]
        fn reading_base32_never_panics(text in "\\PC{0,600}") {
            let _ = base32_decode(&text);
        }
    }
}
