//! SHA-256 (FIPS 180-4), in one place for everything that is told apart by its digest.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of a digest.
pub const BYTES: usize = 32;

/// The digest of `parts`, one after the other; wiped when dropped.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> Zeroizing<[u8; BYTES]> {
    let mut state = Sha256::new();
    for part in parts {
        state.update(part);
    }
    Zeroizing::new(state.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    #[test]
    fn the_example_of_fips_180_4_comes_out_however_it_is_cut() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let whole = sha256(&[b"abc"]);
        assert_eq!(hex::encode(whole.as_slice()), expected);
        assert_eq!(sha256(&[b"a", b"", b"bc"]), whole);
    }
}
