//! `password = "system"`: the PAM service `kapu-password` says whether the password is right.

use std::fs;
use std::time::Duration;

use kapu_tests::{
    Invented, NESTED, PASSWORD, PERIOD, PrivateSshd, SECRET, SYSTEM, Site, code_at, moment_with,
    wrapper_module, wrong_code,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// The account's password in the system.
const RIGHT: &str = "four yellow bricks";

/// The rule of a module that asks for the password and compares it.
fn matrix(site: &Site) -> String {
    let file = site.write("passwords", &format!("{}:{RIGHT}:{NESTED}\n", site.user()));
    let module = wrapper_module("pam_matrix.so");
    format!(
        "auth required {} passdb={}",
        module.display(),
        file.display()
    )
}

/// A site whose account has a password in the system, and a device here.
fn site() -> Site {
    let site = Site::with(SYSTEM);
    site.service(NESTED, &[&matrix(&site)]);
    site.enroll_without_password(site.user());
    site
}

#[test]
fn the_systems_password_and_a_code_get_in_once() {
    let site = site();
    let now = moment_with(4 * ONE_LOGIN);
    let code = code_at(SECRET, now);
    site.log_in("four yellow brick", &code)
        .assert_refused("password");
    site.log_in("", &code).assert_refused("password");
    site.log_in(RIGHT, &wrong_code(SECRET, now))
        .assert_refused("code");
    site.log_in(RIGHT, &code).assert_accepted();
    site.log_in(RIGHT, &code).assert_refused("replay");
}

#[test]
fn a_password_of_our_own_counts_for_nothing() {
    let site = Site::enrolled();
    site.service(NESTED, &[&matrix(&site)]);
    let module = site.module_with("password=system");
    site.service("system", &[&format!("auth required {module}")]);
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    let attempt = site.attempt().service("system");
    let own = attempt.clone().answers([PASSWORD, &code]).run();
    own.assert_refused("password");
    attempt.answers([RIGHT, &code]).run().assert_accepted();
}

#[test]
fn an_unknown_user_is_asked_and_refused_as_everybody() {
    let site = site();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site
        .attempt()
        .user("kapu-no-such-user")
        .answers([RIGHT, &code]);
    attempt.run().assert_refused("unknown-user");
}

#[test]
fn enrollment_takes_no_password_of_our_own() {
    let site = Site::with(SYSTEM);
    let with_password = format!("password = \"{PASSWORD}\"\nsecret = \"{SECRET}\"\n");
    let output = site.kapu(&["enroll", site.user(), "--from", "-"], &with_password);
    assert!(!output.status.success());
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(complaint.contains("password: expected none"), "{complaint}");
    assert!(!complaint.contains(PASSWORD));
    site.enroll_without_password(site.user());
}

#[test]
fn rules_that_do_not_work_refuse_everybody_alike() {
    let site = site();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let leads_back = format!("auth required {}", site.module());
    for rules in [
        "account required pam_permit.so",
        "auth required pam_permit.so",
        "auth required pam_kapu_there_is_no_such_module.so",
        &leads_back,
    ] {
        site.write(&format!("pam.d/{NESTED}"), &format!("{rules}\n"));
        for user in [site.user(), "kapu-no-such-user"] {
            let outcome = site.attempt().user(user).answers([RIGHT, &code]).run();
            assert_eq!(outcome.code(), "PAM_AUTHINFO_UNAVAIL", "{rules}");
            let last = outcome.log.last().expect("a line");
            assert_eq!(last.value("reason"), Some("system-password"), "{rules}");
        }
    }
    fs::remove_file(site.pam_directory().join(NESTED)).expect("it is there");
    for user in [site.user(), "kapu-no-such-user"] {
        let outcome = site.attempt().user(user).answers([RIGHT, &code]).run();
        outcome.assert_unavailable("system-password");
    }
}

#[test]
fn the_module_refuses_under_the_name_of_the_nested_service() {
    let site = Site::enrolled();
    site.service(NESTED, &[&format!("auth required {}", site.module())]);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().service(NESTED).answers([PASSWORD, &code]);
    let outcome = attempt.run();
    outcome.assert_unavailable("system-password");
    outcome.assert_asked(&[]);
}

#[test]
fn the_nested_rules_learn_where_the_login_comes_from() {
    let site = site();
    let seen = site.path().join("seen");
    let script = format!(
        "#!/bin/sh\necho $PAM_SERVICE $PAM_USER $PAM_RHOST $PAM_TTY $PAM_RUSER >{}\n",
        seen.display()
    );
    let script = site.write_script("note", &script);
    let note = format!("auth optional pam_exec.so {}", script.display());
    site.service(NESTED, &[&matrix(&site), &note]);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().ruser("otto").answers([RIGHT, &code]);
    attempt.run().assert_accepted();
    let expected = format!("{NESTED} {} 192.0.2.10 ssh otto\n", site.user());
    assert_eq!(fs::read_to_string(seen).expect("what it saw"), expected);
}

#[test]
fn a_refusal_waits_for_the_whole_second_and_for_nothing_else() {
    let site = site();
    let slow = "auth optional pam_faildelay.so delay=20000000";
    site.service(NESTED, &[slow, &matrix(&site)]);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = site.log_in("wrong", &code);
    outcome.assert_refused("password");
    assert!(outcome.waited < Duration::from_secs(10), "{outcome:?}");
    assert_eq!(outcome.fail_delay, Duration::ZERO);
}

/// As where SSSD serves the accounts: it folds the names and knows its domain, local accounts are
/// pam_unix's matter, and a second module proves everybody else.
#[test]
fn a_directory_service_folds_the_name_and_a_second_module_knows_the_password() {
    let site = Site::with(SYSTEM);
    site.directory(&[
        b"#!fold",
        b"#!domain corp",
        b"anna:x:54321:54321::/nonexistent:/bin/sh",
    ]);
    let file = site.write("passwords", &format!("anna:{RIGHT}:{NESTED}\n"));
    let module = wrapper_module("pam_matrix.so");
    let second = format!(
        "auth required {} passdb={}",
        module.display(),
        file.display()
    );
    site.service(
        NESTED,
        &[
            "auth [success=ok default=1] pam_localuser.so",
            "auth [success=done default=die] pam_unix.so",
            &second,
        ],
    );
    site.enroll_without_password("anna");
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    let log_in = |user: &str, password: &str| {
        let attempt = site.attempt().user(user);
        attempt.answers([password, &code]).run()
    };
    log_in("anna", "wrong").assert_refused("password");
    log_in("Anna@corp", RIGHT).assert_accepted();
    log_in("ANNA", RIGHT).assert_refused("replay");
}

#[test]
fn sshd_opens_a_session_to_an_account_of_a_directory_service() {
    let site = Site::with(SYSTEM);
    // SAFETY: getuid(2) cannot fail and touches no memory.
    let uid = unsafe { libc::getuid() };
    let entry = format!("{}:x:{uid}:{uid}::/nonexistent:/bin/sh", site.user());
    site.directory(&[b"#!fold", b"#!domain corp", entry.as_bytes()]);
    // The first module does not know the account, the second one asks and proves it.
    let unknown =
        "auth [success=done user_unknown=ignore default=die] pam_debug.so auth=user_unknown";
    site.service(NESTED, &[unknown, &matrix(&site)]);
    site.enroll_without_password(&format!("{}@corp", site.user()));
    let sshd = PrivateSshd::start(&site);
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    let log_in = |password: &str| sshd.log_in(site.user(), password, &code, "echo in");
    log_in("wrong").assert_refused("password");
    let outcome = log_in(RIGHT);
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "in\n");
}

#[test]
fn sshd_opens_a_session_by_the_systems_password() {
    let site = site();
    let sshd = PrivateSshd::start(&site);
    let now = moment_with(3 * ONE_LOGIN);
    let log_in = |password: &str, code: &str| sshd.log_in(site.user(), password, code, "echo in");
    log_in("wrong", &code_at(SECRET, now)).assert_refused("password");
    let outcome = log_in(RIGHT, &code_at(SECRET, now));
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "in\n");
}

#[test]
#[ignore = "only root can put files in the place of the system's"]
fn pam_unix_proves_the_password_of_a_real_account() {
    for rules in ["auth required pam_unix.so", "auth substack common-auth"] {
        let Some(real) = Invented::with(&[rules], Some(RIGHT)) else {
            return;
        };
        let now = moment_with(3 * ONE_LOGIN);
        let code = code_at(SECRET, now);
        let wrong = real.log_in("wrong", &code);
        wrong.assert_refused("password");
        assert_eq!(wrong.fail_delay, Duration::ZERO, "one delay, ours");
        real.log_in(RIGHT, &code).assert_accepted();
        real.log_in(RIGHT, &code).assert_refused("replay");
    }
}

#[test]
#[ignore = "only root can put files in the place of the system's"]
fn sshd_opens_a_session_by_the_password_of_a_real_account() {
    let Some(real) = Invented::with(&["auth required pam_unix.so"], Some(RIGHT)) else {
        return;
    };
    let sshd = PrivateSshd::start(&real.site);
    let now = moment_with(3 * ONE_LOGIN);
    let log_in = |password: &str, code: &str| sshd.log_in(real.name, password, code, "echo in");
    log_in("wrong", &code_at(SECRET, now)).assert_refused("password");
    let outcome = log_in(RIGHT, &code_at(SECRET, now));
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "in\n");
}

#[test]
#[ignore = "only root can put files in the place of the system's"]
fn pam_faillock_in_the_nested_rules_locks_a_real_account() {
    let tallies = kapu_tests::Scratch::new();
    let faillock = format!("pam_faillock.so dir={} deny=2", tallies.path().display());
    let rules = [
        format!("auth requisite {faillock} preauth"),
        "auth [success=1 default=ignore] pam_unix.so".to_owned(),
        format!("auth [default=die] {faillock} authfail"),
        format!("auth required {faillock} authsucc"),
    ];
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let Some(real) = Invented::with(&rules, Some(RIGHT)) else {
        return;
    };
    let now = moment_with(4 * ONE_LOGIN);
    real.log_in(RIGHT, &code_at(SECRET, now)).assert_accepted();
    let next = code_at(SECRET, now + PERIOD);
    let sshd = PrivateSshd::start(&real.site);
    for password in ["wrong", "wrong", RIGHT] {
        let outcome = sshd.log_in(real.name, password, &next, "echo in");
        outcome.assert_refused("password");
    }
    real.log_in(RIGHT, &next).assert_refused("password");
}
