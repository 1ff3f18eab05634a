//! The login, row by row of the verdict table, through the real libpam: what is let in, what is
//! refused, and that nobody but the log learns why.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use kapu_tests::{
    PASSWORD, PERIOD, SECRET, Site, code_at, is_root, moment_with, somebody_else, wrong_code,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// Whom no host knows.
const NOBODY_KNOWN: &str = "kapu-no-such-user";
/// What sshd gives as the answer of a user whom it will not let in in any case.
const GIVEN_FOR_INVALID_USERS: &[u8] = b"\x08\n\r\x7fINCORRECT";

#[test]
fn the_right_password_and_code_are_accepted() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcome = site.log_in(PASSWORD, &code);
    outcome.assert_accepted();
    let line = outcome.decision();
    assert_eq!(line.value("user"), Some(site.user()));
    assert_eq!(line.value("service"), Some("kapu-test"));
    assert_eq!(line.value("rhost"), Some("192.0.2.10"));
}

#[test]
fn a_code_may_be_typed_with_a_space_or_a_dash() {
    for separator in [' ', '-'] {
        let site = Site::enrolled();
        let mut code = code_at(SECRET, moment_with(ONE_LOGIN));
        code.insert(3, separator);
        site.log_in(PASSWORD, &code).assert_accepted();
    }
}

#[test]
fn the_codes_of_the_neighbouring_steps_are_accepted_in_their_order() {
    let site = Site::enrolled();
    let now = moment_with(3 * ONE_LOGIN);
    for moment in [now - PERIOD, now, now + PERIOD] {
        site.log_in(PASSWORD, &code_at(SECRET, moment))
            .assert_accepted();
    }
}

#[test]
fn a_code_two_steps_away_is_wrong() {
    let now = moment_with(2 * ONE_LOGIN);
    for moment in [now - 2 * PERIOD, now + 2 * PERIOD] {
        let site = Site::enrolled();
        site.log_in(PASSWORD, &code_at(SECRET, moment))
            .assert_refused("code");
    }
}

#[test]
fn a_wrong_password_is_refused_and_spends_nothing() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    site.log_in("eight green lanterns", &code)
        .assert_refused("password");
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn an_empty_password_is_refused() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in("", &code).assert_refused("password");
}

#[test]
fn a_wrong_code_is_refused() {
    let site = Site::enrolled();
    let code = wrong_code(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_refused("code");
}

#[test]
fn a_code_works_once() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_accepted();
    site.log_in(PASSWORD, &code).assert_refused("replay");
}

#[test]
fn an_older_code_is_refused_after_a_newer_one() {
    let site = Site::enrolled();
    let now = moment_with(2 * ONE_LOGIN);
    site.log_in(PASSWORD, &code_at(SECRET, now))
        .assert_accepted();
    site.log_in(PASSWORD, &code_at(SECRET, now - PERIOD))
        .assert_refused("replay");
}

#[test]
fn what_cannot_be_a_code_is_refused_and_not_counted() {
    let site = Site::enrolled();
    // The password again is what a client with a single field sends.
    for answer in [&b""[..], PASSWORD.as_bytes(), b"12345", b"12345a"] {
        let outcome = site.attempt().answers([PASSWORD.as_bytes(), answer]).run();
        outcome.assert_refused("not-a-code");
    }
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn the_answers_that_sshd_makes_up_are_refused() {
    let site = Site::enrolled();
    let made_up = site
        .attempt()
        .answers([GIVEN_FOR_INVALID_USERS, GIVEN_FOR_INVALID_USERS])
        .run();
    made_up.assert_refused("password");
}

#[test]
fn who_does_not_exist_or_is_not_enrolled_is_refused_like_everybody() {
    let site = Site::enrolled();
    let code = wrong_code(SECRET, moment_with(3 * ONE_LOGIN));
    let answers = [PASSWORD, code.as_str()];
    let enrolled = site.attempt().answers(answers).run();
    enrolled.assert_refused("code");
    let never = site.attempt().user(somebody_else()).answers(answers).run();
    never.assert_refused("not-enrolled");
    let unknown = site.attempt().user(NOBODY_KNOWN).answers(answers).run();
    unknown.assert_refused("unknown-user");
    for other in [never, unknown] {
        assert_eq!(other.prompts, enrolled.prompts);
        assert_eq!(other.texts, enrolled.texts);
    }
}

#[test]
fn a_user_name_cannot_forge_a_log_line() {
    let site = Site::enrolled();
    let forged = "x result=accept\nkapu: event=login";
    let outcome = site.attempt().user(forged).answers(["a", "b"]).run();
    outcome.assert_refused("unknown-user");
    assert_eq!(outcome.log.len(), 1, "{:?}", outcome.log);
}

#[test]
fn three_wrong_codes_are_free_and_then_none_is_compared() {
    let site = Site::enrolled();
    let now = moment_with(4 * ONE_LOGIN);
    let wrong = wrong_code(SECRET, now);
    for _ in 0..3 {
        site.log_in(PASSWORD, &wrong).assert_refused("code");
    }
    let right = code_at(SECRET, now);
    site.log_in(PASSWORD, &right).assert_refused("throttled");
    let unlocked = site.kapu(&["unlock", site.user()], "");
    assert!(unlocked.status.success(), "{unlocked:?}");
    site.log_in(PASSWORD, &right).assert_accepted();
}

#[test]
fn too_many_wrong_codes_switch_the_account_off() {
    // Two steps each way: a wrong code costs five units, and six of them use the budget up.
    let site = Site::with("[login]\nwindow = 2\n[throttle]\ndisable-after = 30\n");
    site.enroll(site.user());
    let now = moment_with(4 * ONE_LOGIN);
    let wrong = wrong_code(SECRET, now);
    // From now on the owner's address has a book of its own.
    site.log_in(PASSWORD, &code_at(SECRET, now - PERIOD))
        .assert_accepted();
    for address in ["198.51.100.7", "192.0.2.10"] {
        for _ in 0..3 {
            let attempt = site.attempt().from(address);
            attempt
                .answers([PASSWORD, &wrong])
                .run()
                .assert_refused("code");
        }
    }
    let right = code_at(SECRET, now);
    site.log_in(PASSWORD, &right).assert_refused("disabled");
    let unlocked = site.kapu(&["unlock", site.user()], "");
    assert!(unlocked.status.success(), "{unlocked:?}");
    site.log_in(PASSWORD, &right).assert_accepted();
}

#[test]
fn without_a_working_conversation_nothing_is_decided() {
    let site = Site::enrolled();
    for kind in ["none", "error", "null-reply", "null-array"] {
        let outcome = site.attempt().conversation(kind, 1).run();
        outcome.assert_unavailable("dialog");
    }
}

#[test]
fn a_person_who_stops_answering_is_not_let_in() {
    let site = Site::enrolled();
    site.attempt()
        .answers([PASSWORD])
        .run()
        .assert_unavailable("dialog");
}

#[test]
fn an_answer_of_absurd_length_is_not_taken() {
    let site = Site::enrolled();
    let long = "7".repeat(2_000);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    for answers in [[long.as_str(), code.as_str()], [PASSWORD, long.as_str()]] {
        site.attempt()
            .answers(answers)
            .run()
            .assert_unavailable("dialog");
    }
}

#[test]
fn a_broken_configuration_lets_nobody_in() {
    let site = Site::enrolled();
    let good = fs::read_to_string(site.configuration()).expect("the configuration");
    let code = code_at(SECRET, moment_with(3 * ONE_LOGIN));
    for broken in [
        good.replace("[store]", "[stroe]"),
        good.replace("memory-kib = 8192", "memory-kib = \"seven green lanterns\""),
        good.clone() + "this is not TOML\n",
    ] {
        site.write("kapu.toml", &broken);
        site.log_in(PASSWORD, &code).assert_unavailable("config");
    }
    site.write("kapu.toml", &good);
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn a_configuration_that_is_named_but_absent_lets_nobody_in() {
    let site = Site::enrolled();
    fs::remove_file(site.configuration()).expect("there was one");
    site.log_in(PASSWORD, "123456").assert_unavailable("config");
}

#[test]
fn an_unknown_argument_lets_nobody_in() {
    let site = Site::enrolled();
    let line = format!("auth required {} nullok", site.module());
    site.service("argued", &[&line]);
    let outcome = site
        .attempt()
        .service("argued")
        .answers([PASSWORD, "123456"])
        .run();
    outcome.assert_unavailable("arguments");
}

#[test]
fn without_the_host_key_nobody_is_let_in_and_no_new_one_is_made() {
    let site = Site::enrolled();
    fs::remove_file(site.host_key()).expect("there was one");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_unavailable("host-key");
    assert!(!site.host_key().exists());
}

#[test]
fn another_host_key_is_a_trouble_and_not_a_wrong_password() {
    let site = Site::enrolled();
    fs::remove_file(site.host_key()).expect("there was one");
    fs::copy(Site::new().host_key(), site.host_key()).expect("the key of another site");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &code).assert_unavailable("host-key");
}

#[test]
fn a_store_that_cannot_be_trusted_or_read_lets_nobody_in() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    let mode = |mode| {
        fs::set_permissions(site.store(), fs::Permissions::from_mode(mode))
            .expect("the store's mode");
    };
    // Anybody may write into it.
    mode(0o777);
    site.log_in(PASSWORD, &code)
        .assert_unavailable("store-read");
    if !is_root() {
        mode(0o000);
        site.log_in(PASSWORD, &code)
            .assert_unavailable("store-read");
    }
    mode(0o700);
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn a_store_that_is_gone_is_not_an_empty_store() {
    let site = Site::enrolled();
    fs::rename(site.store(), site.path().join("elsewhere")).expect("the store moves");
    site.log_in(PASSWORD, "123456")
        .assert_unavailable("store-read");
}

#[test]
fn later_modules_get_the_password_alone_and_after_a_refusal_nothing() {
    let site = Site::enrolled();
    let script = site.write_script("keep-token", "#!/bin/sh\nexec cat >\"$0.out\"\n");
    // pam_exec(8) asks for a password where it finds none.
    let exec = format!("pam_exec.so quiet expose_authtok {}", script.display());
    site.service(
        "reported",
        &[
            &format!("auth required {}", site.module()),
            &format!("auth optional {exec}"),
        ],
    );
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    let attempt = site
        .attempt()
        .service("reported")
        .answers([PASSWORD, &code]);
    let accepted = attempt.run();
    accepted.assert_accepted();
    let token = fs::read(site.path().join("keep-token.out")).expect("the script ran");
    let token = token.strip_suffix(b"\0").unwrap_or(&token);
    assert_eq!(token, PASSWORD.as_bytes());
    let refused = attempt.run();
    assert_eq!(refused.code(), "PAM_AUTH_ERR");
    assert_eq!(refused.prompts.len(), 3, "the third is by pam_exec");
}
