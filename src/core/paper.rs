//! Paper codes: revocation code, invitation, recovery codes.
//!
//! A code is 100 bits, written as 20 characters of Crockford's base32 in five groups of four:
//! 4 bits of kind, 80 random bits, 16 bits of CRC over these 84. The CRC is there for typing
//! errors, not against forgers: as it finds every error within 16 neighbouring bits, it finds
//! every wrong character and every swap of two neighbours, and of all other errors it misses one
//! in 65,536.

use std::ops::RangeInclusive;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::digest::sha256;
use crate::grouping::{GROUP, compact, grouped};
use crate::hex;
use crate::ports::{Host, Trouble};
use crate::secret::Secret;

/// Characters of a code, without the dashes.
const LENGTH: usize = 20;
/// Lengths that can only come of a slip in typing a code.
const NEAR_LENGTHS: RangeInclusive<usize> = LENGTH - 2..=LENGTH + 2;
/// Crockford's base32: no I, L, O, which look like digits, and no U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Bits of a character.
const CHARACTER_BITS: usize = 5;
/// Random bytes of a code: 80 bits.
const RANDOM_BYTES: usize = 10;
/// Bits of kind and random part together.
const PAYLOAD_BITS: usize = 84;
/// Bits of the checksum.
const CHECK_BITS: usize = 16;
/// x^16 + x^12 + x^5 + 1, the polynomial of ITU-T V.41.
const CRC_POLYNOMIAL: u16 = 0x1021;
/// Where the CRC starts; not zero, so that leading zeros count.
const CRC_START: u16 = 0xffff;
/// What our hashes begin with, so that they are no hashes of anything else.
const HASH_DOMAIN: &[u8] = b"kapu paper code 1\0";
/// Bytes of a salt.
const SALT_BYTES: usize = 16;
/// The word in front of a hash written as text.
const HASH_NAME: &str = "sha256";

/// What a paper code is compared with.
///
/// One fast salted hash is enough, as nobody can go through 80 random bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperHash {
    /// Random salt.
    pub salt: [u8; SALT_BYTES],
    /// SHA-256 of a fixed prefix, the salt and the code's 20 characters.
    pub hash: [u8; 32],
}

impl PaperHash {
    /// One line for a document: `sha256:`, the salt, `:`, the hash, in lower-case hexadecimal.
    #[must_use]
    pub fn to_text(&self) -> String {
        let (salt, hash) = (hex::encode(&self.salt), hex::encode(&self.hash));
        format!("{HASH_NAME}:{salt}:{hash}")
    }

    /// Reads what [`to_text`](Self::to_text) wrote, and nothing else.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once(':')?;
        let (salt, hash) = rest.split_once(':')?;
        if name != HASH_NAME {
            return None;
        }
        Some(Self {
            salt: hex::decode_array(salt)?,
            hash: hex::decode_array(hash)?,
        })
    }
}

/// What a paper code is for; held in the code itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperKind {
    /// Ends all tokens and lets a new one be enrolled.
    Revocation,
    /// Lets a person choose the first password.
    Invitation,
    /// Stands in for a code of the app, once.
    Recovery,
}

impl PaperKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Revocation, Self::Invitation, Self::Recovery];

    /// The number in the first four bits of a code. Printed codes hold it: it can never change.
    const fn number(self) -> u128 {
        match self {
            Self::Revocation => 1,
            Self::Invitation => 2,
            Self::Recovery => 3,
        }
    }

    fn of_number(number: u128) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// Why a text is no paper code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperError {
    /// It does not look like one.
    NotPaper,
    /// It looks like one with a typing error: the length is right or nearly so, but the checksum
    /// is wrong.
    Typo,
}

/// A well-formed paper code.
#[derive(Debug)]
pub struct PaperCode {
    kind: PaperKind,
    /// The 20 characters, upper case, without dashes.
    characters: Secret,
}

impl PaperCode {
    /// A new code from the host's randomness.
    ///
    /// # Errors
    /// When the host has no randomness to give.
    pub fn mint(kind: PaperKind, host: &dyn Host) -> Result<Self, Trouble> {
        let mut random = Zeroizing::new([0; RANDOM_BYTES]);
        host.random(random.as_mut_slice())?;
        Ok(Self::of_random(kind, &random))
    }

    fn of_random(kind: PaperKind, random: &[u8; RANDOM_BYTES]) -> Self {
        let mut payload = Zeroizing::new(kind.number());
        for byte in random {
            *payload = *payload << 8 | u128::from(*byte);
        }
        Self::of_bits(kind, &with_checksum(*payload))
    }

    fn of_bits(kind: PaperKind, bits: &Zeroizing<u128>) -> Self {
        let characters = (0..LENGTH)
            .rev()
            .map(|place| character(**bits >> (place * CHARACTER_BITS)))
            .collect();
        Self {
            kind,
            characters: Secret::new(characters),
        }
    }

    /// Reads a code as people type it: in any case, with spaces and dashes anywhere, with the
    /// letter O for zero and I or L for one.
    ///
    /// # Errors
    /// [`PaperError::Typo`] where about 20 letters and digits do not make a code, and
    /// [`PaperError::NotPaper`] for everything else.
    pub fn parse(typed: &str) -> Result<Self, PaperError> {
        let kept = compact(typed);
        let letters_and_digits = kept.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !NEAR_LENGTHS.contains(&kept.len()) || !letters_and_digits {
            return Err(PaperError::NotPaper);
        }
        Self::decode(&kept).ok_or(PaperError::Typo)
    }

    fn decode(characters: &str) -> Option<Self> {
        if characters.len() != LENGTH {
            return None;
        }
        let mut bits = Zeroizing::new(0);
        for character in characters.bytes() {
            *bits = *bits << CHARACTER_BITS | value(character)?;
        }
        let kind = PaperKind::of_number(*bits >> (CHECK_BITS + 8 * RANDOM_BYTES))?;
        (with_checksum(*bits >> CHECK_BITS) == bits).then(|| Self::of_bits(kind, &bits))
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> PaperKind {
        self.kind
    }

    /// The code as it is shown: five groups of four with dashes between them.
    #[must_use]
    pub fn text(&self) -> Secret {
        grouped(self.characters.expose(), b'-')
    }

    /// One of the five groups, counted from zero; `None` past the last, so that no answer can be
    /// taken for a group that is not there.
    #[must_use]
    pub fn group(&self, index: usize) -> Option<Secret> {
        let group = self.characters.expose().chunks(GROUP).nth(index)?;
        Some(Secret::copy_of(group))
    }

    /// What is stored in place of the code.
    ///
    /// # Errors
    /// When the host has no randomness for the salt.
    pub fn hash(&self, host: &dyn Host) -> Result<PaperHash, Trouble> {
        let mut salt = [0; SALT_BYTES];
        host.random(&mut salt)?;
        let hash = self.salted(&salt);
        Ok(PaperHash { salt, hash })
    }

    /// Whether this is the code that `hash` was made of. Constant time.
    #[must_use]
    pub fn matches(&self, hash: &PaperHash) -> bool {
        self.salted(&hash.salt).ct_eq(&hash.hash).into()
    }

    fn salted(&self, salt: &[u8; SALT_BYTES]) -> [u8; 32] {
        *sha256(&[HASH_DOMAIN, salt, self.characters.expose()])
    }
}

fn with_checksum(payload: u128) -> Zeroizing<u128> {
    let crc = (0..PAYLOAD_BITS).rev().fold(CRC_START, |crc, place| {
        let bit = u16::from(payload >> place & 1 == 1);
        let carry = (crc >> 15) ^ bit;
        (crc << 1) ^ (CRC_POLYNOMIAL * carry)
    });
    Zeroizing::new(payload << CHECK_BITS | u128::from(crc))
}

/// The character of the lowest five bits.
#[expect(clippy::indexing_slicing, reason = "five bits are below 32")]
fn character(bits: u128) -> u8 {
    ALPHABET[(bits & 0x1f) as usize]
}

/// The five bits of a character, read as Crockford says.
fn value(character: u8) -> Option<u128> {
    let meant = match character.to_ascii_uppercase() {
        b'O' => b'0',
        b'I' | b'L' => b'1',
        other => other,
    };
    let (value, _) = (0..).zip(ALPHABET).find(|(_, known)| **known == meant)?;
    Some(value)
}

#[cfg(test)]
mod tests;
