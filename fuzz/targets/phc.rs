//! Stored password hashes: reading one never panics, and one that was made up proves nothing.
#![no_main]

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use kapu_core::config::Config;
use kapu_core::ports::{Passwords, Proof};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::verdict::{Login, Who};
use kapu_host::argon::OwnPasswords;
use kapu_host::identity;
use kapu_host::queue::HashQueue;
use libfuzzer_sys::fuzz_target;

/// Only the cheapest hashes are computed: the reader is what is tried here.
const CHEAPEST: &str = "$argon2id$v=19$m=8192,t=1,p=1$";

fuzz_target!(|phc: &str| {
    let queue = HashQueue::beside(&accounts(), identity::effective_uid(), None);
    let passwords = OwnPasswords::new(&Config::default().password, queue).expect("the default");
    let hash = PasswordHash(Secret::copy_of(phc.as_bytes()));
    let _ = passwords.stale(&hash);
    if phc.starts_with(CHEAPEST) {
        let proof = passwords.verify(&somebody(), Some(&hash), &Secret::copy_of(b"a password"));
        assert_ne!(proof.ok(), Some(Proof::Right));
    }
});

/// A directory beside which hashes can wait for their turn: fuzz/run.sh starts us in fuzz/.
fn accounts() -> PathBuf {
    let accounts = std::env::current_dir()
        .expect("a directory")
        .join("target/phc/accounts");
    std::fs::create_dir_all(&accounts).expect("it is ours");
    std::fs::set_permissions(&accounts, Permissions::from_mode(0o700)).expect("it is ours");
    accounts
}

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
