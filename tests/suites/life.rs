//! What becomes of an account when the host around it changes: its user goes and another comes, gets
//! another name or uid; the store comes from a backup or moves to another machine. Each is refused until
//! the administrator has said what is meant, and then works.

use std::fs;
use std::path::Path;
use std::process::Command;

use kapu_tests::{LogLine, Outcome, PASSWORD, PERIOD, SECRET, Site, code_at, moment_with};

/// Seconds that three logins may need.
const THREE_LOGINS: u64 = 15;

fn log_in(site: &Site, user: &str, code: &str) -> Outcome {
    site.attempt().user(user).answers([PASSWORD, code]).run()
}

/// A site with anna, uid 2001, who is enrolled.
fn site() -> Site {
    let site = Site::new();
    site.know(&[("anna", 2001)]);
    site.enroll("anna");
    site
}

/// What `kapu list` has to say of a user.
fn note(site: &Site, user: &str) -> String {
    let list = site.kapu_says(&["list"]);
    let row = list.lines().find(|row| row.starts_with(user));
    row.unwrap_or_else(|| panic!("{user}: {list}")).to_owned()
}

/// That whoever is called `user` gets in once what was stored as `old` is forgotten.
fn assert_healed(site: &Site, old: &str, user: &str) {
    site.kapu_says(&["remove", old, "--forget", "--yes"]);
    let code = code_at(SECRET, moment_with(THREE_LOGINS));
    log_in(site, user, &code).assert_refused("not-enrolled");
    site.enroll(user);
    log_in(site, user, &code).assert_accepted();
}

#[test]
fn a_new_user_of_an_old_name_inherits_nothing_and_starts_anew() {
    let site = site();
    // userdel anna, and another anna is hired.
    site.know(&[("anna", 2002)]);
    let code = code_at(SECRET, moment_with(THREE_LOGINS));
    log_in(&site, "anna", &code).assert_unavailable("uid");
    assert!(
        note(&site, "anna").contains("uid"),
        "{}",
        note(&site, "anna")
    );
    assert_healed(&site, "anna", "anna");
}

#[test]
fn a_user_who_is_gone_is_refused_and_shows_as_that() {
    let site = site();
    site.know::<&str>(&[]);
    let code = code_at(SECRET, moment_with(THREE_LOGINS));
    log_in(&site, "anna", &code).assert_refused("unknown-user");
    assert!(
        note(&site, "anna").contains("no such account"),
        "{}",
        note(&site, "anna")
    );
    site.kapu_says(&["remove", "anna", "--forget", "--yes"]);
    assert!(!site.kapu_says(&["list"]).contains("anna"));
}

#[test]
fn a_renamed_user_is_refused_under_both_names_and_starts_anew() {
    let site = site();
    // usermod --login annamari anna
    site.know(&[("annamari", 2001)]);
    let code = code_at(SECRET, moment_with(THREE_LOGINS));
    log_in(&site, "anna", &code).assert_refused("unknown-user");
    log_in(&site, "annamari", &code).assert_unavailable("uid");
    assert_healed(&site, "anna", "annamari");
}

#[test]
fn a_user_whose_uid_changed_and_changed_back_lost_nothing() {
    let site = site();
    site.know(&[("anna", 2009)]);
    let code = code_at(SECRET, moment_with(THREE_LOGINS));
    log_in(&site, "anna", &code).assert_unavailable("uid");
    site.know(&[("anna", 2001)]);
    log_in(&site, "anna", &code).assert_accepted();
}

#[test]
fn a_store_from_a_backup_opens_to_no_used_code_once_it_is_adopted() {
    let site = site();
    let document = site.document_of("anna");
    let backup = fs::read(&document).expect("a document");
    let now = moment_with(THREE_LOGINS);
    let used = code_at(SECRET, now);
    log_in(&site, "anna", &used).assert_accepted();
    fs::write(&document, backup).expect("it is ours");
    site.kapu_says(&["adopt", "--all"]);
    log_in(&site, "anna", &used).assert_refused("replay");
    log_in(&site, "anna", &code_at(SECRET, now + PERIOD)).assert_accepted();
}

#[test]
fn a_store_on_another_host_opens_with_its_key_and_not_without() {
    let old = site();
    let new = Site::new();
    new.know(&[("anna", 2001)]);
    copy(&old.store().join("anna.2001"), &new.store());
    let now = moment_with(THREE_LOGINS);
    let code = code_at(SECRET, now - PERIOD);
    // The new host has a key of its own.
    let outcome = log_in(&new, "anna", &code);
    outcome.assert_unavailable("host-key");
    let said: Vec<&LogLine> = outcome.log.iter().collect();
    assert_eq!(said.len(), 1, "{said:?}");
    fs::remove_file(new.host_key()).expect("it is ours");
    copy(&old.host_key(), &new.host_key());
    log_in(&new, "anna", &code).assert_accepted();
    // Both know the same key by now, and neither knows what the other has seen: one of them must go.
    log_in(&old, "anna", &code_at(SECRET, now)).assert_accepted();
}

/// cp -a, as an administrator moves things.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status();
    assert!(copied.expect("cp runs").success());
}
