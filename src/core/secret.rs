//! Secrets as a type: wiped when dropped, never printed, compared in constant time.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes that nobody may see: a typed password, a token key, a PHC string, a code.
///
/// There is no `Display`, no `PartialEq` and no way to get an owned copy out; `Debug` prints a
/// placeholder. Reading the bytes is spelled [`expose`](Secret::expose), so that a reviewer can
/// search for it.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes over `bytes`; the vector is wiped when the secret is dropped.
    ///
    /// The caller should have sized the vector at once: one that grew has left unwiped copies.
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Copies `bytes` into a new secret. The original stays the caller's to wipe.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        Self::new(bytes.to_vec())
    }

    /// The bytes themselves.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, or `None` where they are not UTF-8.
    #[must_use]
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether both hold the same bytes, in time that depends on the lengths only.
    #[must_use]
    pub fn same_as(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_hold_the_secret() {
        let secret = Secret::from("hunter2 hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(format!("{:?}", Some(&secret)), "Some(Secret(..))");
    }

    #[test]
    fn secrets_are_the_same_only_when_all_bytes_are() {
        let one = Secret::copy_of(b"correct horse");
        assert!(one.same_as(&Secret::copy_of(b"correct horse")));
        assert!(!one.same_as(&Secret::copy_of(b"correct hors")));
        assert!(!one.same_as(&Secret::copy_of(b"correct horsf")));
    }

    #[test]
    fn text_is_given_only_where_the_bytes_are_utf8() {
        assert_eq!(
            Secret::copy_of("jelszó".as_bytes()).expose_text(),
            Some("jelszó")
        );
        assert_eq!(Secret::copy_of(b"\xff\xfe").expose_text(), None);
    }
}
