//! Documents that a test has changed, sealed anew as docs/record-format.md says, with the site's key
//! and not with our code.

use std::fs;

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};

use crate::site::Site;

/// What stands before the seal in the last line.
const END: &str = "# sealed ";
/// The id of a record that is none: the last line is bound to no record.
const NO_RECORD: &str = "00000000000000000000000000000000";
/// Chance is not needed where everything is thrown away after the test.
const NONCE: [u8; 24] = [7; 24];

/// The text without its last line, whatever that is.
#[must_use]
pub fn unsealed(document: &str) -> &str {
    document.rsplit_once(END).map_or(document, |(body, _)| body)
}

/// The text with a last line that fits it.
///
/// # Panics
/// When it is no document, or the site's key no key.
#[must_use]
pub fn sealed_anew(site: &Site, document: &str) -> String {
    let body = unsealed(document);
    let account = body
        .lines()
        .find_map(|line| line.strip_prefix("account = \"")?.strip_suffix('"'))
        .expect("whose document it is");
    let keys = fs::read_to_string(site.host_key()).expect("the host key");
    let line = keys
        .lines()
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .expect("a key");
    let (id, key) = line.split_once(' ').expect("a name and a key");

    let mut bound_to = Vec::new();
    for part in [account, NO_RECORD, "document"] {
        bound_to.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound_to.extend_from_slice(part.as_bytes());
    }
    let mut buffer = Sha256::digest(body).to_vec();
    XChaCha20Poly1305::new_from_slice(&bytes_of(key))
        .expect("32 bytes")
        .encrypt_in_place(&XNonce::from(NONCE), &bound_to, &mut buffer)
        .expect("a few bytes can be sealed");
    let (nonce, sealed) = (digits_of(&NONCE), digits_of(&buffer));
    format!("{body}{END}v1:{id}:{nonce}{sealed}\n")
}

fn bytes_of(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    pairs
        .map(|pair| byte(pair).expect("hexadecimal digits"))
        .collect()
}

fn digits_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
