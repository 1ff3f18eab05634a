//! The `password` hook and what leads to it: somebody changes the password that kapu keeps, because they
//! wish or because they must.

use kapu_tests::{
    KEY_AND_PAM, KEYBOARD, Outcome, PASSWORD, PERIOD, PrivateSshd, SECRET, Site, code_at,
    moment_with, wrong_code,
};

/// Seconds that two logins may need.
const TWO_LOGINS: u64 = 6;
const NEW: &str = "seven copper kettles";
const ASKED_TO_PROVE: [&str; 2] = ["hidden Current password: ", "hidden Verification code: "];

/// A site whose service has the module in every type of rule; `more` follows the password rule.
fn site(more: &[&str]) -> Site {
    let site = Site::enrolled();
    let rules: Vec<String> = ["auth", "account", "password"]
        .iter()
        .map(|kind| format!("{kind} required {}", site.module()))
        .collect();
    let mut lines: Vec<&str> = rules.iter().map(String::as_str).collect();
    lines.push("account required pam_permit.so");
    lines.extend(more);
    site.service("all-types", &lines);
    site
}

fn run(site: &Site, hooks: &str, answers: &[&str]) -> Outcome {
    let attempt = site.attempt().service("all-types").hooks(hooks);
    attempt.answers(answers.iter().copied()).run()
}

fn asks(outcome: &Outcome, what: &str) -> bool {
    outcome.prompts.iter().any(|prompt| prompt.0.contains(what))
}

#[test]
fn an_expired_password_is_changed_right_after_the_login_that_proved_it() {
    let site = site(&[]);
    site.kapu_says(&["expire-password", site.user()]);
    let status = site.kapu_says(&["status", site.user()]);
    assert!(status.contains("a new one at the next login"), "{status}");
    let now = moment_with(TWO_LOGINS);
    let code = code_at(SECRET, now - PERIOD);
    let answers = [PASSWORD, &code, PASSWORD, PASSWORD, NEW, NEW];
    let outcome = run(&site, "auth,acct,chauthtok", &answers);
    assert_eq!(outcome.code(), "PAM_SUCCESS");
    assert_eq!(outcome.result("acct"), "PAM_NEW_AUTHTOK_REQD");
    assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{outcome:?}");
    assert!(asks(&outcome, "has expired") && asks(&outcome, "That is the present password."));
    assert!(!asks(&outcome, "Current password"));
    site.log_in(PASSWORD, &code_at(SECRET, now))
        .assert_refused("password");
    let outcome = run(&site, "auth,acct", &[NEW, &code_at(SECRET, now)]);
    assert_eq!(outcome.code(), "PAM_SUCCESS", "{outcome:?}");
    assert_eq!(outcome.result("acct"), "PAM_SUCCESS");
}

#[test]
fn who_was_not_let_in_by_us_is_asked_for_nothing() {
    let site = site(&["password required pam_permit.so"]);
    site.kapu_says(&["expire-password", site.user()]);
    // As cron, sudo without a password, and sshd after a key.
    let outcome = run(&site, "setcred,acct", &[]);
    assert_eq!(outcome.result("acct"), "PAM_SUCCESS");
    assert_eq!(outcome.prompts, []);
    // Nor after a login that was refused, whatever came of it before.
    let outcome = run(
        &site,
        "auth,acct",
        &[PASSWORD, &wrong_code(SECRET, moment_with(TWO_LOGINS))],
    );
    assert_eq!(outcome.code(), "PAM_AUTH_ERR");
    assert_eq!(outcome.result("acct"), "PAM_SUCCESS");
}

#[test]
fn whoever_knows_password_and_code_changes_the_password_and_nobody_else() {
    let site = site(&[]);
    let now = moment_with(TWO_LOGINS);
    let code = code_at(SECRET, now - PERIOD);
    for answers in [
        ["hunter2 and more", &code],
        [PASSWORD, &wrong_code(SECRET, now)],
    ] {
        let outcome = run(&site, "chauthtok", &[&answers[..], &[NEW, NEW]].concat());
        assert_ne!(outcome.result("chauthtok"), "PAM_SUCCESS");
        outcome.assert_asked(&ASKED_TO_PROVE);
    }
    let outcome = run(&site, "chauthtok", &[PASSWORD, &code, NEW, NEW]);
    assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{outcome:?}");
    assert!(asks(&outcome, "New password (8 or more characters): "));
    let line = outcome.log.last().expect("a line about the change");
    assert_eq!(line.value("event"), Some("passwd"));
    assert_eq!(line.value("by"), Some("person"));
    site.log_in(NEW, &code).assert_refused("replay");
    site.log_in(NEW, &code_at(SECRET, now)).assert_accepted();
}

#[test]
fn the_preliminary_check_writes_nothing_and_spends_no_code() {
    let site = site(&["password required pam_deny.so"]);
    let code = code_at(SECRET, moment_with(TWO_LOGINS));
    let before = site.documents();
    let outcome = run(&site, "chauthtok", &[PASSWORD, &code, NEW, NEW]);
    assert_ne!(outcome.result("chauthtok"), "PAM_SUCCESS");
    outcome.assert_asked(&ASKED_TO_PROVE);
    assert_eq!(site.documents(), before);
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn a_weak_new_password_is_refused_as_everywhere() {
    let site = site(&[]);
    let now = moment_with(TWO_LOGINS);
    let answers = [
        PASSWORD,
        &code_at(SECRET, now),
        "short",
        "password1",
        NEW,
        NEW,
    ];
    let outcome = run(&site, "chauthtok", &answers);
    assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{outcome:?}");
    assert!(asks(&outcome, "Too short") && asks(&outcome, "a common password"));
}

#[test]
fn a_module_before_us_may_have_asked_for_the_old_and_the_new_one() {
    // Two stores of one person, as of two kapu.toml: the second takes what the first has asked for.
    let first = site(&[]);
    let second = Site::enrolled();
    let rule = |site: &Site, more: &str| format!("password required {}{more}", site.module());
    let rules = [
        rule(&first, ""),
        rule(&second, " try_first_pass use_authtok"),
    ];
    first.service("both", &rules.each_ref().map(String::as_str));
    let now = moment_with(TWO_LOGINS);
    let code = code_at(SECRET, now - PERIOD);
    let attempt = first.attempt().service("both").hooks("chauthtok");
    let outcome = attempt.answers([PASSWORD, &code, &code, NEW, NEW]).run();
    assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{outcome:?}");
    for site in [&first, &second] {
        site.log_in(NEW, &code_at(SECRET, now)).assert_accepted();
    }
    // Where nobody has asked, nothing is changed.
    second.service("alone", &[&rule(&second, " use_authtok")]);
    let attempt = second.attempt().service("alone").hooks("chauthtok");
    let code = code_at(SECRET, moment_with(TWO_LOGINS) + PERIOD);
    let outcome = attempt.answers([NEW, &code, PASSWORD, PASSWORD]).run();
    assert_ne!(outcome.result("chauthtok"), "PAM_SUCCESS");
}

#[test]
fn a_password_that_is_not_ours_is_left_to_others() {
    for mode in ["password=system", "password=elsewhere"] {
        let site = Site::enrolled();
        let rule = format!("password required {}", site.module_with(mode));
        site.service("others", &[&rule, "password required pam_permit.so"]);
        let outcome = site.attempt().service("others").hooks("chauthtok").run();
        assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{mode}");
        assert_eq!(outcome.prompts, [], "{mode}");
    }
}

#[test]
#[ignore = "only root is the administrator"]
fn root_at_this_machine_sets_a_password_without_the_old_one() {
    let site = site(&[]);
    let attempt = site.attempt().service("all-types").hooks("chauthtok");
    let outcome = attempt.from("").answers([NEW, NEW]).run();
    assert_eq!(outcome.result("chauthtok"), "PAM_SUCCESS", "{outcome:?}");
    site.log_in(NEW, &code_at(SECRET, moment_with(TWO_LOGINS)))
        .assert_accepted();
}

#[test]
fn who_comes_by_an_ssh_key_alone_is_not_asked_for_a_new_password() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start_for_keys_alone(&site);
    site.kapu_says(&["expire-password", site.user()]);
    let outcome = sshd.log_in_by(KEY_AND_PAM, site.user(), "", "", "echo kapu-$((6 * 7))");
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "kapu-42\n");
    assert_eq!(outcome.prompts, "");
}

#[test]
fn over_ssh_whoever_must_choose_a_new_password_does_so_and_is_in() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start_for_passwords(&site);
    site.kapu_says(&["expire-password", site.user()]);
    let now = moment_with(2 * TWO_LOGINS);
    let log_in = |password: &str, moment: u64| {
        let mut terminal = sshd.terminal(KEYBOARD, site.user(), &[], "echo kapu-$((6 * 7))");
        terminal.wait_for("Password:");
        terminal.type_keys(&format!("{password}\n"));
        terminal.wait_for("Verification code:");
        terminal.type_keys(&format!("{}\n", code_at(SECRET, moment)));
        terminal
    };
    let mut terminal = log_in(PASSWORD, now - PERIOD);
    terminal.wait_for("has expired: choose a new one now.");
    for question in ["New password (8 or more characters):", "Type it again:"] {
        terminal.wait_for(question);
        terminal.type_keys(&format!("{NEW}\n"));
    }
    terminal.wait_for("kapu-42");
    assert!(terminal.wait_for_end().success());
    let mut terminal = log_in(NEW, now);
    terminal.wait_for("kapu-42");
    assert!(terminal.wait_for_end().success());

    // Who does not choose one is not let in, and is asked again the next time.
    site.kapu_says(&["expire-password", site.user()]);
    let now = moment_with(TWO_LOGINS);
    let mut terminal = log_in(NEW, now + PERIOD);
    terminal.wait_for("New password");
    assert!(!terminal.interrupt().success());
    assert!(!terminal.screen().text().contains("kapu-42"));
    let status = site.kapu_says(&["status", site.user()]);
    assert!(status.contains("a new one at the next login"), "{status}");
}
