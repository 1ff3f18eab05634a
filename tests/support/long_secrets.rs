//! An account whose secrets are long: most of each is left even where an allocator has written over
//! the first bytes of freed memory.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::site::Site;

/// A password of which most is left even where an allocator has written over the first bytes. Freed memory
/// of a size that programs use much is soon used again: hence its odd length.
pub const LONG_PASSWORD: &str = "seven-green-lanterns-above-four-yellow-bricks-and-one-blue-door-\
    nine-silver-spoons-below-two-wooden-shelves-and-some-red-curtain-\
    five-copper-kettles-beside-six-paper-windows-and-an-old-grey-bell-\
    three-velvet-chairs-behind-ten-crooked-ladders-and-a-tall-oak-mast";
/// The raw key of an account, likewise.
const LONG_KEY: &[u8; 60] = b"a key of sixty bytes, of which any twenty-four are enough ..";
/// Bytes at the end of a secret that are looked for.
const TAIL: usize = 24;
/// How a hash of kapu's goes on, here, after the sixteen bytes that the C library's free(3) writes over.
const HASH: &[u8] = b"=8192,t=1,p=1$";

/// Enrolls the account of a site with the long password and the long key; its revocation code.
///
/// # Panics
/// When `kapu enroll` does not do it.
pub fn enroll_with_long_secrets(site: &Site) -> String {
    let document = format!(
        "password = \"{LONG_PASSWORD}\"\nsecret = \"{}\"\n",
        long_secret()
    );
    let arguments = ["enroll", site.user(), "--from", "-", "--json"];
    let output = site.kapu(&arguments, &document);
    assert!(output.status.success(), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    report["revocation_code"]
        .as_str()
        .expect("a code")
        .to_owned()
}

/// The key in base32, as [`code_at`](crate::code_at) takes it.
///
/// # Panics
/// When coreutils have no base32.
#[must_use]
pub fn long_secret() -> String {
    let mut child = Command::new("base32")
        .arg("--wrap=0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("base32 of coreutils runs");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(LONG_KEY).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8(output.stdout).expect("ASCII");
    text.trim_end_matches('=').to_owned()
}

/// Everything secret about a login with `code`, by name: raw, as it is written, and as it is stored.
///
/// # Panics
/// When the site has no host key.
#[must_use]
pub fn secrets(site: &Site, code: &str) -> Vec<(&'static str, Vec<u8>)> {
    let tail = |bytes: &[u8]| bytes[bytes.len().saturating_sub(TAIL)..].to_vec();
    let key_file = fs::read_to_string(site.host_key()).expect("the host key");
    let host_key = key_file.split_whitespace().last().expect("a key");
    let raw = host_key.as_bytes().chunks(2).map(|pair| {
        let digits = std::str::from_utf8(pair).expect("ASCII");
        u8::from_str_radix(digits, 16).expect("hexadecimal digits")
    });
    vec![
        ("the password", tail(LONG_PASSWORD.as_bytes())),
        ("the key", tail(LONG_KEY)),
        ("the key in base32", tail(long_secret().as_bytes())),
        ("the code", code.as_bytes().to_vec()),
        ("the hash", HASH.to_vec()),
        ("the host key", tail(&raw.collect::<Vec<u8>>())),
        ("the host key in hexadecimal", tail(host_key.as_bytes())),
    ]
}
