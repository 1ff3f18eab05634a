//! Random names of records, tokens and paper codes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::hex;
use crate::ports::{Host, Trouble};

/// 128 random bits, written as 32 lower-case hexadecimal digits.
///
/// A record's state is keyed by these and not by position or name, so that a counter can never
/// be read as that of another token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Id([u8; Id::BYTES]);

impl Id {
    /// Length of an id in bytes.
    pub const BYTES: usize = 16;

    /// A new id from the host's randomness.
    ///
    /// # Errors
    /// When the host has no randomness to give.
    pub fn mint(host: &dyn Host) -> Result<Self, Trouble> {
        let mut bytes = [0; Self::BYTES];
        host.random(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// An id of known bytes: for tests, and for reading a document.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&hex::encode(&self.0))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The text is not 32 lower-case hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("expected 32 lower-case hexadecimal digits")
    }
}

impl std::error::Error for NotAnId {}

impl std::str::FromStr for Id {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        crate::hex::decode_array(text).map(Self).ok_or(NotAnId)
    }
}

impl TryFrom<String> for Id {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_being_written_and_read() {
        let id = Id::from_bytes(*b"\x00\x01\x7f\x80\xff0123456789a");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn anything_but_32_lower_case_digits_is_refused() {
        for text in [
            "",
            "0",
            &"0".repeat(31),
            &"0".repeat(33),
            &"A".repeat(32),
            &"é".repeat(16),
        ] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }
}
