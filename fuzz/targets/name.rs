//! Directory names: safe, short, and different for different accounts.
#![no_main]

use kapu_core::username::Account;
use libfuzzer_sys::fuzz_target;

/// Stands between two names.
const BETWEEN: char = ':';
/// Room for endings in the 255 bytes of a file name.
const LONGEST: usize = 200;

fuzz_target!(|names: &str| {
    let (one, other) = names.split_once(BETWEEN).unwrap_or((names, ""));
    assert_apart(one, other);
    // The likeliest to be taken for an account is who is called like its directory.
    assert_apart(one, &directory_of(one));
});

fn assert_apart(one: &str, other: &str) {
    assert_eq!(directory_of(one) == directory_of(other), one == other);
}

fn directory_of(name: &str) -> String {
    let account = Account {
        name: name.to_owned(),
        uid: 1000,
    };
    let directory = account.directory_name();
    assert!((1..=LONGEST).contains(&directory.len()));
    assert!(!directory.starts_with('.'));
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.%".contains(&byte);
    assert!(directory.bytes().all(safe), "{directory}");
    directory
}
