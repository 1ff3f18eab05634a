//! Whoever knows the password tries to live on a place that the owner is remembered at.

use kapu_tests::{PASSWORD, PERIOD, SECRET, Site, code_at, moment_with};

const REMEMBERS: &str = "[login]\nremember-place-for = \"8h\"\n";
const HOME: &str = "192.0.2.10";
const ELSEWHERE: &str = "198.51.100.7";
/// Seconds that the owner's login may need.
const ONE_LOGIN: u64 = 5;

/// By which ways a thief of the password gets in without a code, after the owner has typed one at home.
fn ways_in(site: &Site) -> Vec<&'static str> {
    let log_in = |address: &str, answers: [&str; 2]| {
        let attempt = site.attempt().from(address).answers(answers);
        attempt.run().is_accepted()
    };
    let enrolled = site.enroll(site.user());
    let code = code_at(SECRET, moment_with(ONE_LOGIN) - PERIOD);
    assert!(log_in(HOME, [PASSWORD, &code]));
    assert!(log_in(HOME, [PASSWORD, ""]), "the owner, by Enter");
    let mut found = Vec::new();
    if log_in(ELSEWHERE, [PASSWORD, ""]) {
        found.push("from another address");
    }
    // A guesser at the owner's address finds the password at the second try.
    assert!(!log_in(HOME, ["hunter2 and more", ""]));
    if log_in(HOME, [PASSWORD, ""]) {
        found.push("after a wrong password from there");
    }
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    assert!(log_in(HOME, [PASSWORD, &code]));
    let service = site.attempt().from(HOME);
    assert!(
        !service
            .answers([PASSWORD, &enrolled.revocation_code])
            .run()
            .is_accepted()
    );
    if log_in(HOME, [PASSWORD, ""]) {
        found.push("after a revocation");
    }
    found
}

#[test]
fn a_remembered_place_is_the_owners_and_ends() {
    assert!(ways_in(&Site::with(REMEMBERS)).is_empty());
}

#[test]
fn where_any_place_will_do_another_address_gets_in() {
    let found = ways_in(&Site::weakened("any-place", REMEMBERS));
    assert!(found.contains(&"from another address"), "{found:?}");
}

#[test]
fn where_a_wrong_password_ends_nothing_a_guesser_gets_in() {
    let found = ways_in(&Site::weakened("kept-place", REMEMBERS));
    assert_eq!(found, ["after a wrong password from there"]);
}
