//! What only root can show: one store for many accounts, and processes of mixed uids.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use kapu_tests::{
    PASSWORD, SECRET, Site, UID_OF_SOMEBODY_ELSE, code_at, moment_with, somebody_else,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;

#[test]
#[ignore = "only root enrolls others"]
fn accounts_of_one_store_log_in_and_do_not_spend_each_others_codes() {
    let site = Site::enrolled();
    site.enroll(somebody_else());
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    let other = site
        .attempt()
        .user(somebody_else())
        .answers([PASSWORD, &code]);
    other.run().assert_accepted();
    site.log_in(PASSWORD, &code).assert_accepted();
    other.run().assert_refused("replay");
}

#[test]
#[ignore = "only root can have mixed uids"]
fn a_process_of_mixed_uids_lets_nobody_in() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().real_uid(UID_OF_SOMEBODY_ELSE);
    attempt
        .answers([PASSWORD, &code])
        .run()
        .assert_unavailable("mixed-uids");
}

#[test]
#[ignore = "only root can give files away"]
fn a_store_of_somebody_else_lets_nobody_in() {
    let site = Site::enrolled();
    chown(site.store(), Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = site.log_in(PASSWORD, &code);
    assert_eq!(outcome.code(), "PAM_AUTHINFO_UNAVAIL", "{:?}", outcome.log);
}

#[test]
#[ignore = "only root can give files away"]
fn a_configuration_of_somebody_else_lets_nobody_in() {
    let site = Site::enrolled();
    chown(site.configuration(), Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_unavailable("config");
}

#[test]
#[ignore = "only root can give files away"]
fn a_host_key_of_somebody_else_is_not_used() {
    let site = Site::enrolled();
    chown(site.host_key(), Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
    fs::set_permissions(site.host_key(), fs::Permissions::from_mode(0o400)).expect("its mode");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_unavailable("host-key");
}
