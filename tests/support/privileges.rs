//! Who runs the tests.

use std::process::Command;

/// Whether root runs them.
#[must_use]
pub fn is_root() -> bool {
    // SAFETY: geteuid(2) cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// The account that runs them.
///
/// # Panics
/// When it has no name.
#[must_use]
pub fn caller() -> String {
    let output = Command::new("id").arg("-un").output().expect("id runs");
    assert!(output.status.success(), "the caller's uid has no name");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// An account that every Debian has, and that is not the caller.
#[must_use]
pub const fn somebody_else() -> &'static str {
    "daemon"
}

/// Its uid on every Debian.
pub const UID_OF_SOMEBODY_ELSE: u32 = 1;
