//! Names as a directory service gives them: several spellings of one account, accounts that
//! share or inherit a uid, names no shell would like, and a service that does not answer.

use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use kapu_tests::{Outcome, PASSWORD, SECRET, Site, code_at, moment_with, wrong_code};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// NAME_MAX of limits.h.
const LONGEST_FILE_NAME: usize = 255;

/// A site whose directory service knows these accounts.
fn site_of(accounts: &[(&str, u32)]) -> Site {
    let site = Site::new();
    site.know(accounts);
    site
}

fn log_in(site: &Site, user: &str, code: &str) -> Outcome {
    site.attempt().user(user).answers([PASSWORD, code]).run()
}

/// What the store holds: the names of the accounts' directories, sorted.
fn kept(site: &Site) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(site.store())
        .expect("the store")
        .map(|entry| entry.expect("an account").file_name())
        .inspect(|name| assert!(name.as_bytes().len() <= LONGEST_FILE_NAME))
        .map(|name| name.to_str().expect("a name in ASCII").to_owned())
        .collect();
    names.sort_unstable();
    names
}

/// Asserts that `kapu enroll` refuses `user` and says something with `words` in it.
#[track_caller]
fn assert_not_enrolled(site: &Site, user: &str, words: &str) {
    let before = kept(site);
    let document = format!("password = \"{PASSWORD}\"\n");
    let output = site.kapu(&["enroll", user, "--replace", "--from", "-"], &document);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "{user} was enrolled");
    assert!(said.contains(words), "{said}");
    assert_eq!(kept(site), before);
}

/// A directory service that folds case and knows its own domain, as SSSD does.
fn folding(accounts: &[(&str, u32)]) -> Site {
    let site = Site::new();
    site.know_with(&["#!fold", "#!domain corp"], accounts);
    site
}

#[test]
fn all_spellings_of_a_name_are_one_account() {
    let site = folding(&[("anna", 2001)]);
    site.enroll("ANNA@corp");
    assert_eq!(kept(&site), ["anna.2001"]);
    let now = moment_with(4 * ONE_LOGIN);
    let code = code_at(SECRET, now);
    let first = log_in(&site, "Anna", &code);
    first.assert_accepted();
    assert_eq!(first.decision().value("user"), Some("anna"));
    for spelling in ["anna", "anna@CORP", "CORP\\anna"] {
        let again = log_in(&site, spelling, &code);
        again.assert_refused("replay");
        assert_eq!(again.decision().value("user"), Some("anna"));
    }
    assert_eq!(kept(&site), ["anna.2001"]);
}

#[test]
fn a_guesser_gets_no_more_tries_by_spelling_the_name_anew() {
    let site = folding(&[("anna", 2001)]);
    site.enroll("anna");
    let wrong = wrong_code(SECRET, moment_with(4 * ONE_LOGIN));
    for spelling in ["anna", "ANNA", "anna@corp"] {
        log_in(&site, spelling, &wrong).assert_refused("code");
    }
    log_in(&site, "corp\\Anna", &wrong).assert_refused("throttled");
}

#[test]
fn the_program_knows_the_account_by_every_spelling() {
    let site = folding(&[("anna", 2001)]);
    site.enroll("anna");
    let document = format!("password = \"{PASSWORD}\"\n");
    let again = site.kapu(&["enroll", "Anna@Corp", "--from", "-"], &document);
    let said = String::from_utf8_lossy(&again.stderr);
    assert!(said.contains("anna is already enrolled"), "{said}");
    let status = site.kapu(&["status", "CORP\\ANNA", "--json"], "");
    let report: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(report["user"], "anna");
    assert_eq!(kept(&site), ["anna.2001"]);
}

#[test]
fn names_that_only_look_alike_are_two_accounts() {
    // This service does not fold.
    let site = site_of(&[("anna", 2001), ("Anna", 2002)]);
    site.enroll("anna");
    site.enroll("Anna");
    assert_eq!(kept(&site), ["Anna.2002", "anna.2001"]);
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    log_in(&site, "anna", &code).assert_accepted();
    log_in(&site, "Anna", &code).assert_accepted();
}

#[test]
fn a_second_name_of_one_uid_neither_logs_in_nor_enrolls() {
    let site = site_of(&[("anna", 2001), ("annamari", 2001)]);
    site.enroll("anna");
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    log_in(&site, "annamari", &code).assert_unavailable("uid");
    assert_not_enrolled(&site, "annamari", "same uid under another name");
    // The first one is not disturbed.
    log_in(&site, "anna", &code).assert_accepted();
}

#[test]
fn a_uid_given_to_a_new_user_opens_nothing() {
    let site = site_of(&[("anna", 2001)]);
    site.enroll("anna");
    site.know(&[("bela", 2001)]);
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    log_in(&site, "bela", &code).assert_unavailable("uid");
    assert_not_enrolled(&site, "bela", "same uid under another name");
    log_in(&site, "anna", &code).assert_refused("unknown-user");
}

#[test]
fn a_name_given_to_a_new_uid_opens_nothing() {
    let site = site_of(&[("anna", 2001)]);
    site.enroll("anna");
    site.know(&[("anna", 2002)]);
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    log_in(&site, "anna", &code).assert_unavailable("uid");
    assert_not_enrolled(&site, "anna", "same name with another uid");
    site.know(&[("anna", 2001)]);
    log_in(&site, "anna", &code).assert_accepted();
}

#[test]
fn a_service_that_does_not_answer_makes_nobody_a_stranger() {
    let accounts = [("anna", 2001), ("bela", 2002)];
    let site = site_of(&accounts);
    site.enroll("anna");
    let code = code_at(SECRET, moment_with(4 * ONE_LOGIN));
    let errors = [
        libc::EIO,
        libc::ECONNREFUSED,
        libc::ENOENT,
        libc::EAGAIN,
        libc::ERANGE,
    ];
    for error in errors {
        site.know_with(&[&format!("#!error {error}")], &accounts);
        // Enrolled, never enrolled, never heard of: the same for all.
        let texts = ["anna", "bela", "kapu-no-such-user"].map(|user| {
            let outcome = log_in(&site, user, &code);
            outcome.assert_unavailable("names");
            assert_eq!(outcome.prompts.len(), 2, "asked like everybody");
            assert_eq!(outcome.decision().value("user"), Some(user));
            outcome.texts
        });
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    }
    assert_not_enrolled(&site, "bela", "names");
    site.know(&accounts);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    log_in(&site, "anna", &code).assert_accepted();
}

#[test]
fn unusual_names_enroll_and_log_in() {
    let long = "b".repeat(200);
    let longest = "á".repeat(200);
    let names: [(&str, &str); 12] = [
        ("anna@corp.example", "anna%40corp.example"),
        ("CORP\\anna", "CORP%5Canna"),
        ("CORP/anna", "CORP%2Fanna"),
        ("anna.kovacs", "anna.kovacs"),
        ("backup$", "backup%24"),
        (".hidden", "%2Ehidden"),
        ("anna kovacs", "anna%20kovacs"),
        ("100%25", "100%2525"),
        ("jános", "j%C3%A1nos"),
        ("\"quoted'", "%22quoted%27"),
        (&long, &long),
        // Hashed, and the hash is not the matter here.
        (&longest, ""),
    ];
    let accounts: Vec<_> = names.iter().map(|(name, _)| *name).zip(2001..).collect();
    let site = site_of(&accounts);
    for ((name, directory), (_, uid)) in names.iter().zip(&accounts) {
        site.enroll(name);
        let expected = format!("{directory}.{uid}");
        assert!(
            directory.is_empty() || kept(&site).contains(&expected),
            "{name}"
        );
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        log_in(&site, name, &code).assert_accepted();
    }
    assert_eq!(kept(&site).len(), names.len());
}

#[test]
fn a_name_is_one_escaped_word_in_the_log() {
    let names = [
        ("CORP\\anna", r#""CORP\x5canna""#),
        ("anna result=x", r#""anna\x20result=x""#),
        ("jános", r#""j\xc3\xa1nos""#),
        ("anna@corp", "anna@corp"),
    ];
    let accounts: Vec<_> = names.iter().map(|(name, _)| *name).zip(2001..).collect();
    let site = site_of(&accounts);
    for (name, logged) in names {
        let outcome = log_in(&site, name, "000000");
        outcome.assert_refused("not-enrolled");
        assert_eq!(outcome.decision().value("user"), Some(logged));
        site.enroll(name);
    }
    let programs = site.program_log();
    for (_, logged) in names {
        assert!(
            programs
                .iter()
                .any(|line| line.value("user") == Some(logged)),
            "{programs:?}"
        );
    }
}

#[test]
fn an_answer_that_is_no_name_is_a_trouble() {
    let site = Site::new();
    let long = "b".repeat(600);
    let bad: [&[u8]; 5] = [
        b"",
        b"an\x1bna",
        b"j\xe1nos",
        "an\u{85}na".as_bytes(),
        long.as_bytes(),
    ];
    for name in bad {
        // A service that answers to "anna" by another name.
        let mut line = name.to_vec();
        line.extend_from_slice(b":x:2001:2001::/nonexistent:/bin/sh");
        site.directory(&[b"#!alias anna", &line]);
        let outcome = log_in(&site, "anna", "000000");
        outcome.assert_unavailable("names");
        assert_not_enrolled(&site, "anna", "names");
    }
}
