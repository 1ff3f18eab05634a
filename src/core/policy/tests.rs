//! What is required on which day, of whom, and what cannot be known.

use super::*;
use crate::testing::{FakeHost, NOON, ssh_login};

/// 15 January 2027, which [`FakeHost`] takes every moment for.
const TODAY: &str = "2027-01-15";

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn config(text: &str) -> Config {
    Config::parse(text).unwrap()
}

fn required(text: &str, login: &Login) -> Requirement {
    let host = FakeHost::at(NOON);
    host.groups
        .borrow_mut()
        .extend([("staff", Some(true)), ("robots", Some(false))]);
    Policy::of(&config(text), login, &host).requirement
}

fn of_anna(text: &str) -> Requirement {
    required(text, &ssh_login())
}

fn rollout(from: &str) -> String {
    format!("[rollout]\ncode-required-from = \"{from}\"\n")
}

#[test]
fn without_a_word_of_it_a_code_is_required_and_nobody_sets_one_up_on_a_password() {
    assert_eq!(of_anna(""), Requirement::Code);
}

#[test]
fn before_the_day_who_has_no_code_passes_and_the_days_are_counted() {
    for (from, days) in [("2027-01-16", 1), ("2027-02-14", 30), ("2028-01-15", 365)] {
        let from_day = day(from);
        let expected = Requirement::NotYet {
            from: from_day,
            days,
        };
        assert_eq!(of_anna(&rollout(from)), expected);
    }
}

#[test]
fn from_the_day_on_a_code_can_be_set_up_for_thirty_days() {
    for (from, expected) in [
        (TODAY, Requirement::CodeOrSetUp),
        ("2026-12-16", Requirement::CodeOrSetUp),
        ("2026-12-15", Requirement::Code),
        ("2020-01-01", Requirement::Code),
    ] {
        assert_eq!(of_anna(&rollout(from)), expected, "{from}");
    }
}

#[test]
fn a_last_day_to_enroll_counts_to_its_end_and_in_place_of_the_thirty_days() {
    for (start, until, expected) in [
        ("always", TODAY, Requirement::CodeOrSetUp),
        ("always", "2027-01-14", Requirement::Code),
        ("2020-01-01", "2027-06-30", Requirement::CodeOrSetUp),
        ("2027-01-10", "2027-01-14", Requirement::Code),
    ] {
        let text = format!("{}enroll-until = \"{until}\"\n", rollout(start));
        assert_eq!(of_anna(&text), expected, "{start} {until}");
    }
}

#[test]
fn a_clock_from_before_the_file_was_written_counts_as_after_every_day() {
    let mut config = config(&rollout("2027-06-01"));
    config.written = NOON + 1;
    let host = FakeHost::at(NOON);
    let policy = Policy::of(&config, &ssh_login(), &host);
    assert_eq!(policy.requirement, Requirement::Code);
    assert!(!shows_hint(&config, &ssh_login(), &host));
    config.written = NOON;
    let policy = Policy::of(&config, &ssh_login(), &host);
    assert!(matches!(policy.requirement, Requirement::NotYet { .. }));
}

#[test]
fn the_first_rule_that_matches_decides() {
    let text = "[[rule]]\nusers = [\"bela\"]\ncode = \"exempt\"\n\
                [[rule]]\nservices = [\"sshd\"]\ncode = \"exempt\"\n\
                [[rule]]\ncode = \"required\"\n";
    assert_eq!(of_anna(text), Requirement::Exempt);
    let console = Login {
        service: "login".to_owned(),
        ..ssh_login()
    };
    assert_eq!(required(text, &console), Requirement::Code);
}

#[test]
fn what_cannot_be_known_never_exempts_and_is_asked_for_a_code() {
    let exempt = "[[rule]]\ngroups = [\"ldap\"]\ncode = \"exempt\"\n";
    assert_eq!(of_anna(exempt), Requirement::Code);
    let open = rollout("2027-06-01");
    let required = format!("{open}[[rule]]\ngroups = [\"ldap\"]\ncode = \"required\"\n");
    assert_eq!(of_anna(&required), Requirement::Code);
    let later = "[[rule]]\ngroups = [\"ldap\"]\ncode-required-from = \"2027-06-01\"\n";
    assert_eq!(of_anna(later), Requirement::Code);
    let passed = "[[rule]]\ngroups = [\"ldap\"]\ncode-required-from = \"2027-01-01\"\n";
    assert_eq!(
        of_anna(&format!("{open}{passed}")),
        Requirement::CodeOrSetUp
    );
}

#[test]
fn a_rule_with_a_day_of_its_own_spreads_the_crowd() {
    let text = format!(
        "{}[[rule]]\ngroups = [\"staff\"]\ncode-required-from = \"2027-01-20\"\n",
        rollout("2027-06-01")
    );
    let from = day("2027-01-20");
    assert_eq!(of_anna(&text), Requirement::NotYet { from, days: 5 });
    let others = text.replace("staff", "robots");
    assert!(matches!(
        of_anna(&others),
        Requirement::NotYet { days: 137, .. }
    ));
}

#[test]
fn the_hint_is_shown_while_somebody_could_set_up_a_device() {
    let host = FakeHost::at(NOON);
    for (text, shown) in [
        (rollout(TODAY), true),
        (rollout("2027-06-01"), true),
        (rollout("2020-01-01"), false),
        (rollout("always"), false),
        (format!("[texts]\nhint = false\n{}", rollout(TODAY)), false),
        (
            format!("[enroll]\nat-login = false\n{}", rollout(TODAY)),
            false,
        ),
        (
            format!("[enroll]\nservices = [\"login\"]\n{}", rollout(TODAY)),
            false,
        ),
    ] {
        assert_eq!(
            shows_hint(&config(&text), &ssh_login(), &host),
            shown,
            "{text}"
        );
    }
}
