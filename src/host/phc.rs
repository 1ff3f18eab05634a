//! The one form of a stored password: an Argon2id PHC string
//! (<https://github.com/P-H-C/phc-string-format>), read strictly and capped before use.
//!
//! A string of its own rather than a general PHC parser: there is one algorithm, one version and
//! one lane, each parameter has one spelling and one place, and salt and tag are wiped.

use std::fmt::Write as _;

use base64ct::{Base64Unpadded, Encoding};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use zeroize::Zeroizing;

/// Argon2id, version 1.3 (RFC 9106 section 3.1).
const HEAD: &str = "$argon2id$v=19$m=";
const BEFORE_PASSES: &str = ",t=";
/// One lane: a login has one core to spend, and threads do not belong in sshd.
const BEFORE_SALT: &str = ",p=1$";

/// Fewest KiB of memory that a stored or configured hash may ask for.
const MIN_MEMORY_KIB: u32 = 8 * 1024;
/// Most KiB: what a bad document or setting may cost a server that many people log in to.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
/// Fewest passes.
const MIN_PASSES: u32 = 1;
/// Most passes.
const MAX_PASSES: u32 = 10;
/// Fewest bytes of salt (RFC 9106 section 3.1 recommends 16 and Argon2 demands 8).
const MIN_SALT: usize = 8;
/// Most bytes of salt.
const MAX_SALT: usize = 64;
/// Fewest bytes of tag: 128 bits.
const MIN_TAG: usize = 16;
/// Most bytes of tag.
const MAX_TAG: usize = 64;
/// Most bytes of a salt or tag in base64 without padding.
const MAX_BASE64: usize = (MAX_TAG * 4).div_ceil(3);
/// Longest PHC string: the words, seven digits of memory, two of passes, salt, `$`, tag.
const MAX_TEXT: usize =
    HEAD.len() + 7 + BEFORE_PASSES.len() + 2 + BEFORE_SALT.len() + 2 * MAX_BASE64 + 1;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost {
    memory_kib: u32,
    passes: u32,
}

impl Cost {
    /// The cost of these numbers, or `None` where one is beyond its bounds.
    pub(crate) fn new(memory_kib: u32, passes: u32) -> Option<Self> {
        let sound = (MIN_MEMORY_KIB..=MAX_MEMORY_KIB).contains(&memory_kib)
            && (MIN_PASSES..=MAX_PASSES).contains(&passes);
        sound.then_some(Self { memory_kib, passes })
    }

    /// Memory in KiB: 8 MiB to 1 GiB.
    pub(crate) const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory: 1 to 10.
    pub(crate) const fn passes(self) -> u32 {
        self.passes
    }

    /// Whether either number is lower than that of `other`.
    pub(crate) const fn is_below(self, other: Self) -> bool {
        self.memory_kib < other.memory_kib || self.passes < other.passes
    }
}

/// A stored password, taken apart.
#[derive(Debug)]
pub(crate) struct Phc {
    /// What it cost, and what a check of it costs.
    pub(crate) cost: Cost,
    /// 8 to 64 bytes.
    pub(crate) salt: Vec<u8>,
    /// 16 to 64 bytes: what the right password hashes to.
    pub(crate) tag: Secret,
}

/// Why a stored password is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It is not a PHC string of the only form there is.
    Malformed,
    /// It asks for more, or for less, than is ever allowed.
    BeyondBounds,
}

impl Unusable {
    /// For the administrator.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Malformed => "the stored password is not an Argon2id PHC string with p=1",
            Self::BeyondBounds => "the stored password has parameters beyond all bounds",
        }
    }
}

impl Phc {
    /// Takes a stored password apart.
    pub(crate) fn read(hash: &PasswordHash) -> Result<Self, Unusable> {
        let text = hash.0.expose_text().ok_or(Unusable::Malformed)?;
        let (memory_kib, passes, salt, tag) = split(text).ok_or(Unusable::Malformed)?;
        let cost = Cost::new(memory_kib, passes).ok_or(Unusable::BeyondBounds)?;
        let salt = decode(salt, MIN_SALT, MAX_SALT)?;
        let tag = decode(tag, MIN_TAG, MAX_TAG)?;
        Ok(Self {
            cost,
            salt: salt.expose().to_vec(),
            tag,
        })
    }

    /// The string to store.
    pub(crate) fn write(&self) -> PasswordHash {
        // Sized at once: a string that grew would leave copies behind.
        let mut text = String::with_capacity(MAX_TEXT);
        let Cost { memory_kib, passes } = self.cost;
        let _ = write!(
            text,
            "{HEAD}{memory_kib}{BEFORE_PASSES}{passes}{BEFORE_SALT}"
        );
        push_base64(&mut text, &self.salt);
        text.push('$');
        push_base64(&mut text, self.tag.expose());
        PasswordHash(Secret::from(text))
    }
}

/// The four parts that can differ: memory, passes, salt, tag.
fn split(text: &str) -> Option<(u32, u32, &str, &str)> {
    let rest = text.strip_prefix(HEAD)?;
    let (memory_kib, rest) = rest.split_once(BEFORE_PASSES)?;
    let (passes, rest) = rest.split_once(BEFORE_SALT)?;
    let (salt, tag) = rest.split_once('$')?;
    Some((number(memory_kib)?, number(passes)?, salt, tag))
}

/// A decimal number in its only spelling: no sign, no leading zero.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    if plain { text.parse().ok() } else { None }
}

fn decode(text: &str, min: usize, max: usize) -> Result<Secret, Unusable> {
    if text.len() > MAX_BASE64 {
        return Err(Unusable::BeyondBounds);
    }
    let mut room = Zeroizing::new([0; MAX_TAG]);
    let bytes =
        Base64Unpadded::decode(text, room.as_mut_slice()).map_err(|_| Unusable::Malformed)?;
    if (min..=max).contains(&bytes.len()) {
        Ok(Secret::copy_of(bytes))
    } else {
        Err(Unusable::BeyondBounds)
    }
}

fn push_base64(text: &mut String, bytes: &[u8]) {
    let mut room = Zeroizing::new([0; MAX_BASE64]);
    // It always fits: salt and tag come from `read`, or are shorter constants.
    if let Ok(encoded) = Base64Unpadded::encode(bytes, room.as_mut_slice()) {
        text.push_str(encoded);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxNmJ5dGVz$\
                        MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE";

    fn read(text: &str) -> Result<Phc, Unusable> {
        Phc::read(&PasswordHash(Secret::copy_of(text.as_bytes())))
    }

    #[test]
    fn a_good_string_is_taken_apart_and_put_together_again() {
        let phc = read(GOOD).unwrap();
        assert_eq!(Some(phc.cost), Cost::new(19456, 2));
        assert_eq!(phc.salt, b"somesalt16bytes");
        assert_eq!(phc.tag.expose(), b"01234567890123456789012345678901");
        assert_eq!(phc.write().0.expose_text(), Some(GOOD));
    }

    #[test]
    fn only_one_spelling_is_taken() {
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("argon2id", "argon2d"),
            ("v=19", "v=16"),
            ("$v=19", ""),
            ("m=19456", "m=+19456"),
            ("m=19456", "m=019456"),
            ("m=19456", "m="),
            ("m=19456", "m=4294967296"),
            ("m=19456,t=2", "t=2,m=19456"),
            ("t=2", "t=-2"),
            ("p=1", "p=2"),
            ("p=1", "p=1,keyid=AAAA"),
            ("p=1", "p=1,data=AAAA"),
            ("c29tZXNhbHQxNmJ5dGVz", ""),
            ("MDEy", "MD=="),
            ("MDEy", "MD y"),
            ("MDEy", "$MDEy"),
            ("ODkwMTIzNDU2Nzg5MDE", "ODkwMTIzNDU2Nzg5MDF"),
            ("ODkwMTIzNDU2Nzg5MDE", "ODkwMTIzNDU2Nzg5MDE="),
            ("ODkwMTIzNDU2Nzg5MDE", "ODkwMTIzNDU2Nzg5MDE\n"),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_ne!(bad, GOOD);
            assert!(read(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn costs_beyond_the_bounds_are_told_from_bad_spelling() {
        for (from, to) in [
            ("m=19456", "m=8191"),
            ("m=19456", "m=1048577"),
            ("m=19456", "m=4194304"),
            ("m=19456", "m=4294967295"),
            ("t=2", "t=11"),
            ("c29tZXNhbHQxNmJ5dGVz", "c29tZXNhbA"),
        ] {
            let bad = GOOD.replacen(from, to, 1);
            assert_eq!(read(&bad).unwrap_err(), Unusable::BeyondBounds, "{bad}");
        }
        for (from, to) in [
            ("m=19456", "m=8192"),
            ("m=19456", "m=1048576"),
            ("t=2", "t=10"),
        ] {
            assert!(read(&GOOD.replacen(from, to, 1)).is_ok());
        }
    }

    #[test]
    fn the_longest_string_fits_the_room_made_for_it() {
        let phc = Phc {
            cost: Cost::new(MAX_MEMORY_KIB, MAX_PASSES).unwrap(),
            salt: vec![7; MAX_SALT],
            tag: Secret::new(vec![9; MAX_TAG]),
        };
        let text = phc.write();
        assert_eq!(text.0.len(), MAX_TEXT);
        assert!(Phc::read(&text).unwrap().tag.same_as(&phc.tag));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes: Vec<u8>) {
            prop_assert!(Phc::read(&PasswordHash(Secret::new(bytes))).is_err());
        }

        #[test]
        fn what_is_read_is_written_back_to_the_letter(
            text in "\\$argon2id\\$v=19\\$m=[0-9]{4,7},t=[0-9]{1,2},p=1\\$[A-Za-z0-9+/]{10,90}\\$[A-Za-z0-9+/]{20,90}",
        ) {
            if let Ok(phc) = read(&text) {
                let again = phc.write();
                prop_assert_eq!(again.0.expose_text(), Some(text.as_str()));
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            memory_kib in MIN_MEMORY_KIB..=MAX_MEMORY_KIB,
            passes in MIN_PASSES..=MAX_PASSES,
            salt in prop::collection::vec(any::<u8>(), MIN_SALT..=MAX_SALT),
            tag in prop::collection::vec(any::<u8>(), MIN_TAG..=MAX_TAG),
        ) {
            let cost = Cost::new(memory_kib, passes).unwrap();
            let phc = Phc { cost, salt, tag: Secret::new(tag) };
            let again = Phc::read(&phc.write()).unwrap();
            prop_assert_eq!(again.cost, phc.cost);
            prop_assert_eq!(again.salt, phc.salt);
            prop_assert!(again.tag.same_as(&phc.tag));
        }
    }
}
