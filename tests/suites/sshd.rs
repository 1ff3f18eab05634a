//! A real sshd on loopback and the real OpenSSH client.

use kapu_tests::{PASSWORD, PERIOD, PrivateSshd, SECRET, Site, code_at, moment_with, wrong_code};

/// Seconds that one login by ssh may need.
const ONE_LOGIN: u64 = 6;
/// A command whose output the client cannot make up.
const COMMAND: &str = "echo kapu-$((6 * 7)) as $(id -un)";

#[test]
fn password_and_code_open_a_session_that_runs_a_command() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = sshd.log_in(site.user(), PASSWORD, &code, COMMAND);
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.stdout, format!("kapu-42 as {}\n", site.user()));
    assert_eq!(outcome.stderr, "", "a good login is silent");
    let prefix = format!("({}@127.0.0.1) ", site.user());
    assert_eq!(
        outcome.prompts,
        format!("{prefix}Password: \n{prefix}Verification code: \n")
    );
    assert_eq!(outcome.logged("result"), Some("accept"));
    assert_eq!(outcome.logged("service"), Some("sshd"));
    assert_eq!(outcome.logged("rhost"), Some("127.0.0.1"));
}

#[test]
fn a_wrong_password_or_a_wrong_code_is_denied() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    let now = moment_with(2 * ONE_LOGIN);
    sshd.log_in(
        site.user(),
        "eight green lanterns",
        &code_at(SECRET, now),
        COMMAND,
    )
    .assert_refused("password");
    sshd.log_in(site.user(), PASSWORD, &wrong_code(SECRET, now), COMMAND)
        .assert_refused("code");
}

#[test]
fn a_code_opens_one_session() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    let now = moment_with(3 * ONE_LOGIN);
    let code = code_at(SECRET, now);
    assert!(sshd.log_in(site.user(), PASSWORD, &code, COMMAND).success);
    sshd.log_in(site.user(), PASSWORD, &code, COMMAND)
        .assert_refused("replay");
    let next = code_at(SECRET, now + PERIOD);
    assert!(sshd.log_in(site.user(), PASSWORD, &next, COMMAND).success);
}

#[test]
fn an_unknown_user_is_denied_with_the_prompts_and_words_of_everybody() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    let wrong = wrong_code(SECRET, moment_with(2 * ONE_LOGIN));
    let name = "kapu-no-such-user";
    let unknown = sshd.log_in(name, PASSWORD, &wrong, COMMAND);
    unknown.assert_refused("unknown-user");
    let known = sshd.log_in(site.user(), PASSWORD, &wrong, COMMAND);
    known.assert_refused("code");
    let nameless = |text: &str, name: &str| text.replace(&format!("{name}@"), "@");
    assert_eq!(
        nameless(&unknown.prompts, name),
        nameless(&known.prompts, site.user())
    );
    assert_eq!(
        nameless(&unknown.stderr, name),
        nameless(&known.stderr, site.user())
    );
}

#[test]
fn the_method_password_is_denied_even_with_the_right_one() {
    // It can carry one answer only, which sshd gives to both prompts.
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    sshd.log_in_by("password", site.user(), PASSWORD, "unused", COMMAND)
        .assert_refused("not-a-code");
}
