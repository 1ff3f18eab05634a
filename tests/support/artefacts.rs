//! Where the built things are: run.sh says it, having built them.

use std::path::PathBuf;

/// The module of the release build.
#[must_use]
pub fn module() -> PathBuf {
    named_by("KAPU_MODULE")
}

/// The module built with the feature `test-panic`.
#[must_use]
pub fn module_that_panics() -> PathBuf {
    named_by("KAPU_PANIC_MODULE")
}

/// The module from which defences can be taken away (attack/weaken.sh).
pub(crate) fn weak_module() -> PathBuf {
    named_by("KAPU_WEAK_MODULE")
}

/// The program `kapu` of the release build.
pub(crate) fn program() -> PathBuf {
    named_by("KAPU_PROGRAM")
}

/// The program from which defences can be taken away.
pub(crate) fn weak_program() -> PathBuf {
    named_by("KAPU_WEAK_PROGRAM")
}

/// The host process of many logins (tests/pam-host).
pub(crate) fn pam_host() -> PathBuf {
    named_by("KAPU_PAM_HOST")
}

/// The program that makes one PAM transaction.
pub(crate) fn pam_try() -> PathBuf {
    named_by("KAPU_PAM_TRY")
}

/// The library to preload, built of support/*.c.
pub(crate) fn shim() -> PathBuf {
    named_by("KAPU_TEST_SHIM")
}

/// One of the modules that the package libpam-wrapper brings.
///
/// # Panics
/// When it is not there.
#[must_use]
pub fn wrapper_module(name: &str) -> PathBuf {
    let directories = std::fs::read_dir("/usr/lib").expect("/usr/lib").flatten();
    directories
        .map(|directory| directory.path().join("pam_wrapper").join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("there is no {name} here: run `sh tests/setup.sh`"))
}

/// There is no default: a file left over from an earlier build would be tested without anybody
/// noticing.
fn named_by(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: run `sh tests/run.sh`, which builds what the suites test and names it")
    });
    assert!(
        path.is_absolute() && path.is_file(),
        "{variable} must be the absolute path of a file: {}",
        path.display()
    );
    path
}
