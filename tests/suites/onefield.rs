//! Clients with one field, and modules that hand a password on: the arguments of the module.

use kapu_tests::{
    Outcome, PASSWORD, PERIOD, SECRET, Site, code_at, moment_with, wrapper_module, wrong_code,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
const PASSWORD_PROMPT: &str = "hidden Password: ";
const CODE_PROMPT: &str = "hidden Verification code: ";
const JOINED_PROMPT: &str = "hidden Password and verification code: ";

/// Makes a service: the rules `before`, the module with `arguments`, and a module that copies
/// PAM_AUTHTOK into the PAM environment.
fn service(site: &Site, name: &str, before: &[&str], arguments: &str) {
    let module = format!("auth required {}", site.module_with(arguments));
    let tell = format!(
        "auth optional {}",
        wrapper_module("pam_get_items.so").display()
    );
    let mut rules = before.to_vec();
    rules.extend([module.as_str(), &tell]);
    site.service(name, &rules);
}

/// The rule of a module that asks for a password and hands it on, whether it is right or not.
const ASKS_BEFORE: &str = "auth optional pam_unix.so nodelay";

fn log_in(site: &Site, service: &str, answers: &[&str]) -> Outcome {
    let answers = answers.iter().copied();
    site.attempt().service(service).answers(answers).run()
}

fn authtok(outcome: &Outcome) -> Option<&str> {
    let value = |pair: &'_ String| pair.strip_prefix("PAM_AUTHTOK=").map(str::len);
    let pair = outcome
        .environment
        .iter()
        .find(|pair| value(pair).is_some())?;
    pair.strip_prefix("PAM_AUTHTOK=")
}

#[test]
fn one_answer_holds_password_and_code_and_the_password_alone_is_handed_on() {
    let site = Site::enrolled();
    service(&site, "joined", &[], "prompt=joined");
    let answer = format!("{PASSWORD}{}", code_at(SECRET, moment_with(3 * ONE_LOGIN)));
    let outcome = log_in(&site, "joined", &[&answer]);
    outcome.assert_accepted_asking(&[JOINED_PROMPT]);
    assert_eq!(authtok(&outcome), Some(PASSWORD));
    let replay = log_in(&site, "joined", &[&answer]);
    replay.assert_refused_asking("replay", &[JOINED_PROMPT]);
    assert_eq!(authtok(&replay), None);
}

#[test]
fn one_answer_is_split_in_one_place_only() {
    let site = Site::enrolled();
    service(&site, "joined", &[], "prompt=joined");
    let now = moment_with(5 * ONE_LOGIN);
    let (code, wrong) = (code_at(SECRET, now), wrong_code(SECRET, now));
    for (answer, why) in [
        (format!("{code}{PASSWORD}"), "password"),
        (format!("{PASSWORD}{code} "), "password"),
        (format!("{PASSWORD} {code}"), "password"),
        (format!("{PASSWORD}{wrong}"), "code"),
        (format!("{PASSWORD}0{code}"), "password"),
    ] {
        let outcome = log_in(&site, "joined", &[&answer]);
        outcome.assert_refused_asking(why, &[JOINED_PROMPT]);
    }
}

#[test]
fn an_unknown_user_gets_the_one_prompt_and_the_words_of_everybody() {
    let site = Site::enrolled();
    service(&site, "joined", &[], "prompt=joined");
    let answer = format!(
        "{PASSWORD}{}",
        wrong_code(SECRET, moment_with(2 * ONE_LOGIN))
    );
    let attempt = site.attempt().service("joined").answers([answer.as_str()]);
    let known = attempt.run();
    known.assert_refused_asking("code", &[JOINED_PROMPT]);
    let unknown = attempt.user("kapu-no-such-user").run();
    unknown.assert_refused_asking("unknown-user", &[JOINED_PROMPT]);
    assert_eq!(unknown.texts, known.texts);
}

#[test]
fn a_password_that_was_asked_before_is_taken_over() {
    let site = Site::enrolled();
    let now = moment_with(4 * ONE_LOGIN);
    for (argument, at) in [("try_first_pass", now), ("use_first_pass", now + PERIOD)] {
        service(&site, argument, &[ASKS_BEFORE], argument);
        let code = code_at(SECRET, at);
        let wrong = log_in(&site, argument, &["eight green lanterns", &code]);
        wrong.assert_refused_asking("password", &[PASSWORD_PROMPT, CODE_PROMPT]);
        assert_eq!(authtok(&wrong), None);
        let outcome = log_in(&site, argument, &[PASSWORD, &code]);
        outcome.assert_accepted_asking(&[PASSWORD_PROMPT, CODE_PROMPT]);
        assert_eq!(authtok(&outcome), Some(PASSWORD));
    }
}

#[test]
fn where_no_module_has_asked_one_argument_asks_and_the_other_refuses_everybody() {
    let site = Site::enrolled();
    service(&site, "try", &[], "try_first_pass");
    service(&site, "use", &[], "use_first_pass");
    let code = code_at(SECRET, moment_with(2 * ONE_LOGIN));
    let refused = log_in(&site, "use", &[PASSWORD, &code]);
    refused.assert_unavailable("dialog");
    refused.assert_asked(&[]);
    let accepted = log_in(&site, "try", &[PASSWORD, &code]);
    accepted.assert_accepted_asking(&[PASSWORD_PROMPT, CODE_PROMPT]);
}

#[test]
fn an_answer_that_was_asked_before_is_split_as_well() {
    let site = Site::enrolled();
    service(
        &site,
        "both",
        &[ASKS_BEFORE],
        "prompt=joined use_first_pass",
    );
    let answer = format!("{PASSWORD}{}", code_at(SECRET, moment_with(ONE_LOGIN)));
    let outcome = log_in(&site, "both", &[&answer]);
    outcome.assert_accepted_asking(&[PASSWORD_PROMPT]);
    assert_eq!(authtok(&outcome), Some(PASSWORD));
}

#[test]
fn arguments_that_make_no_sense_refuse_everybody_before_the_first_question() {
    let site = Site::enrolled();
    for arguments in [
        "prompt",
        "prompt=",
        "prompt=two",
        "prompt=joined prompt=joined",
        "try_first_pass use_first_pass",
        "use_first_pass use_first_pass",
        "try_first_pass=yes",
        "debug debug",
        "debug=1",
        "password",
        "password=",
        "password=Own",
        "password=own password=system",
        "password=elsewhere prompt=joined",
        "password=elsewhere try_first_pass",
        "password=elsewhere use_first_pass",
        "nullok",
        "config=relative",
        "config",
    ] {
        service(&site, "wrong", &[], arguments);
        let outcome = log_in(&site, "wrong", &[PASSWORD, "123456"]);
        outcome.assert_unavailable("arguments");
        outcome.assert_asked(&[]);
    }
}

#[test]
fn the_log_tells_what_is_in_force_if_it_is_asked_to() {
    let site = Site::enrolled();
    service(&site, "debug", &[], "debug prompt=joined try_first_pass");
    let outcome = log_in(&site, "debug", &[PASSWORD]);
    let line = outcome
        .log
        .iter()
        .find(|line| line.value("event") == Some("debug"))
        .expect("a line");
    let config = site.configuration().display().to_string();
    assert_eq!(line.value("config"), Some(config.as_str()));
    assert_eq!(line.value("password"), Some("own"));
    assert_eq!(line.value("asks"), Some("joined"));
    assert_eq!(line.value("first-pass"), Some("try"));
}
