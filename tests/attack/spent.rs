//! What was used, or lies too far ahead, is typed by somebody who knows the password and saw a code.

use kapu_tests::{PASSWORD, SECRET, Site, code_at, counter_code, moment_with};

/// Seconds that two logins may need.
const TWO_LOGINS: u64 = 10;
/// A counter that no login looks ahead to.
const FAR_AHEAD: u64 = 40;

/// Whether one code lets in twice.
fn opens_twice(site: &Site, code: &str) -> bool {
    site.log_in(PASSWORD, code).assert_accepted();
    site.log_in(PASSWORD, code).is_accepted()
}

fn app_opens_twice(site: &Site) -> bool {
    site.enroll(site.user());
    opens_twice(site, &code_at(SECRET, moment_with(TWO_LOGINS)))
}

fn fob_opens_twice(site: &Site) -> bool {
    site.enroll_counter_based(site.user(), 0);
    opens_twice(site, &counter_code(SECRET, 3))
}

/// Whether a code that was read off a fob long before its time lets in.
fn opens_ahead(site: &Site) -> bool {
    site.enroll_counter_based(site.user(), 0);
    let code = counter_code(SECRET, FAR_AHEAD);
    let outcome = site.log_in(PASSWORD, &code);
    outcome.is_accepted() || site.log_in(PASSWORD, &code).is_accepted()
}

#[test]
fn a_code_of_an_app_or_a_fob_opens_once() {
    assert!(!app_opens_twice(&Site::new()));
    assert!(!fob_opens_twice(&Site::new()));
}

#[test]
fn without_a_floor_a_code_opens_twice() {
    assert!(app_opens_twice(&Site::weakened("no-floor", "")));
    assert!(fob_opens_twice(&Site::weakened("no-floor", "")));
}

#[test]
fn a_code_far_ahead_opens_nothing_however_often_it_is_typed() {
    assert!(!opens_ahead(&Site::new()));
}

#[test]
fn taken_for_a_code_near_by_one_far_ahead_opens() {
    assert!(opens_ahead(&Site::weakened("ahead-at-once", "")));
}
