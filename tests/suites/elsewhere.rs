//! `password = "elsewhere"`: an earlier module or an ssh key decides, and kapu asks for the code.

use std::process::Command;

use kapu_tests::{
    Attempt, KEY_AND_PAM, PERIOD, PrivateSshd, SECRET, Site, code_at, moment_with, wrapper_module,
    wrong_code,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 6;
const CODE_PROMPT: [&str; 1] = ["hidden Verification code: "];
const ELSEWHERE: &str = "[login]\npassword = \"elsewhere\"\n";
/// What sshd puts into the PAM environment after a key.
const KEY: &str = "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5";

/// A site that asks only the code in the services `kapu-test`, `sshd` and `other-sshd`.
fn site() -> Site {
    let site = Site::with(ELSEWHERE);
    for service in ["sshd", "other-sshd"] {
        site.service(service, &[&format!("auth required {}", site.module())]);
    }
    site.enroll_without_password(site.user());
    site
}

fn with_key<'a>(site: &'a Site, code: &str) -> Attempt<'a> {
    let attempt = site.attempt().service("sshd").pam_environment(KEY);
    attempt.answers([code])
}

/// Whether the store remembers a place.
fn knows_a_place(site: &Site) -> bool {
    // A place is an address and a service; an address alone stands there for other reasons.
    let found = Command::new("grep")
        .args(["-rqF", "192.0.2.10 "])
        .arg(site.store())
        .status();
    match found.expect("grep runs").code() {
        Some(0) => true,
        Some(1) => false,
        other => panic!("grep: {other:?}"),
    }
}

#[test]
fn only_the_code_is_asked_and_it_works_once() {
    let site = site();
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    let attempt = site.attempt().answers([code.as_str()]);
    attempt.run().assert_accepted_asking(&CODE_PROMPT);
    attempt.run().assert_refused_asking("replay", &CODE_PROMPT);
    let unknown = attempt.user("kapu-no-such-user").run();
    unknown.assert_refused_asking("unknown-user", &CODE_PROMPT);
}

#[test]
fn the_argument_comes_before_the_configuration() {
    let site = Site::enrolled();
    let module = site.module_with("password=elsewhere");
    site.service("code-only", &[&format!("auth required {module}")]);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = site.attempt().service("code-only").answers([code]).run();
    outcome.assert_accepted_asking(&CODE_PROMPT);
}

#[test]
fn a_password_that_an_earlier_module_was_told_stays_after_an_accept_and_goes_with_a_refusal() {
    let site = site();
    let tell = wrapper_module("pam_get_items.so");
    site.service(
        "stack",
        &[
            "auth optional pam_unix.so nodelay",
            &format!("auth required {}", site.module()),
            &format!("auth optional {}", tell.display()),
        ],
    );
    let now = moment_with(3 * ONE_LOGIN);
    let authtok = |code: &str| {
        let attempt = site.attempt().service("stack");
        let outcome = attempt.answers(["own-horse", code]).run();
        let told = outcome
            .environment
            .contains(&"PAM_AUTHTOK=own-horse".to_owned());
        (outcome.code().to_owned(), told)
    };
    let refused = authtok(&wrong_code(SECRET, now));
    assert_eq!(refused, ("PAM_AUTH_ERR".to_owned(), false));
    let accepted = authtok(&code_at(SECRET, now));
    assert_eq!(accepted, ("PAM_SUCCESS".to_owned(), true));
}

#[test]
fn a_code_after_a_wrong_password_is_asked_for_and_proves_nothing() {
    let site = site();
    let matrix = wrapper_module("pam_matrix.so");
    let file = site.write("passwords", &format!("{}:own-horse:stack\n", site.user()));
    let matrix = format!(
        "auth required {} passdb={}",
        matrix.display(),
        file.display()
    );
    site.service(
        "stack",
        &[&matrix, &format!("auth required {}", site.module())],
    );
    let now = moment_with(2 * ONE_LOGIN);
    let log_in = |password: &str, at: u64| {
        let attempt = site.attempt().service("stack");
        attempt.answers([password, &code_at(SECRET, at)]).run()
    };
    let wrong = log_in("another", now);
    assert_eq!(wrong.code(), "PAM_AUTH_ERR");
    let right = log_in("own-horse", now + PERIOD);
    assert_eq!(right.code(), "PAM_SUCCESS");
    assert_eq!(wrong.prompts, right.prompts);
    assert!(!knows_a_place(&site));
}

#[test]
fn a_paper_code_does_nothing_without_a_proof() {
    let site = Site::with(ELSEWHERE);
    let paper = site.enroll_without_password(site.user()).revocation_code;
    let outcome = site.attempt().answers([paper.as_str()]).run();
    outcome.assert_refused_asking("paper-code", &CODE_PROMPT);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = site.attempt().answers([code]).run();
    outcome.assert_accepted_asking(&CODE_PROMPT);
}

#[test]
#[ignore = "only root's sshd is believed"]
fn after_an_ssh_key_places_are_learnt_and_the_revocation_code_works() {
    let site = Site::with(ELSEWHERE);
    site.service("sshd", &[&format!("auth required {}", site.module())]);
    let paper = site.enroll_without_password(site.user()).revocation_code;
    let now = moment_with(3 * ONE_LOGIN);
    let wrong = with_key(&site, &wrong_code(SECRET, now)).run();
    wrong.assert_refused_asking("code", &CODE_PROMPT);
    assert_eq!(wrong.decision().value("wrong-codes"), Some("1"));
    with_key(&site, &code_at(SECRET, now))
        .run()
        .assert_accepted_asking(&CODE_PROMPT);
    assert!(knows_a_place(&site));
    // A device is to be set up then, and nobody goes on with that here.
    let revoked = with_key(&site, &paper).run();
    revoked.assert_unavailable("dialog");
    let code = code_at(SECRET, now + PERIOD);
    let lost = with_key(&site, &code).run();
    lost.assert_refused_asking("revoked", &CODE_PROMPT);
}

#[test]
fn nobody_else_is_believed_that_there_was_a_key() {
    let site = site();
    let now = moment_with(4 * ONE_LOGIN);
    let other_service = with_key(&site, &code_at(SECRET, now)).service("other-sshd");
    other_service.run().assert_accepted_asking(&CODE_PROMPT);
    let code = code_at(SECRET, now + PERIOD);
    let other_method = site.attempt().service("sshd").answers([code]);
    let other_method = other_method.pam_environment("SSH_AUTH_INFO_0=password");
    other_method.run().assert_accepted_asking(&CODE_PROMPT);
    assert!(!knows_a_place(&site));
    if !kapu_tests::is_root() {
        let wrong = wrong_code(SECRET, now);
        let outcome = with_key(&site, &wrong).run();
        outcome.assert_refused_asking("code", &CODE_PROMPT);
        assert_eq!(outcome.decision().value("wrong-codes"), None);
    }
}

#[test]
fn a_key_and_a_code_open_a_session_and_neither_does_alone() {
    let site = site();
    let sshd = PrivateSshd::start_for_keys(&site, &[&format!("auth required {}", site.module())]);
    let now = moment_with(3 * ONE_LOGIN);
    let command = "echo kapu-$((6 * 7))";
    let log_in =
        |method: &str, code: &str| sshd.log_in_by(method, site.user(), "unused", code, command);

    let code = code_at(SECRET, now);
    let outcome = log_in(KEY_AND_PAM, &code);
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, "kapu-42\n");
    assert_eq!(
        outcome.prompts,
        format!("({}@127.0.0.1) Verification code: \n", site.user())
    );
    let wrong = log_in(KEY_AND_PAM, &wrong_code(SECRET, now));
    wrong.assert_refused("code");
    // Root's sshd is believed that there was a key, and the owner will be told of the wrong code.
    let proven = kapu_tests::is_root().then_some("1");
    assert_eq!(wrong.logged("wrong-codes"), proven);
}
