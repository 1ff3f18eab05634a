//! Stored password hashes: reading one never panics, and one that was made up proves nothing.
#![no_main]

use kapu_core::config::Config;
use kapu_core::ports::{Passwords, Proof};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::verdict::{Login, Who};
use kapu_host::argon::OwnPasswords;
use libfuzzer_sys::fuzz_target;

/// Only the cheapest hashes are computed: the reader is what is tried here.
const CHEAPEST: &str = "$argon2id$v=19$m=8192,t=1,p=1$";

fuzz_target!(|phc: &str| {
    let passwords = OwnPasswords::new(&Config::default().password).expect("the default");
    let hash = PasswordHash(Secret::copy_of(phc.as_bytes()));
    let _ = passwords.stale(&hash);
    if phc.starts_with(CHEAPEST) {
        let proof = passwords.verify(&somebody(), Some(&hash), &Secret::copy_of(b"a password"));
        assert_ne!(proof.ok(), Some(Proof::Right));
    }
});

fn somebody() -> Login {
    Login {
        typed_user: "anna".to_owned(),
        who: Who::Unknown,
        service: "fuzz".to_owned(),
        rhost: None,
        tty: None,
        ruser: None,
        place: None,
    }
}
