//! Many logins that come to their decision at the same moment.

use kapu_tests::{
    Outcome, PASSWORD, PERIOD, SECRET, Site, Tally, code_at, moment_of_release, moment_with, tally,
    together, wrong_code,
};

const PROCESSES: usize = 16;
/// Seconds of one round, at the most.
const ONE_ROUND: u64 = 12;
/// Wrong codes that cost no delay.
const FREE: usize = 3;

/// Lets 16 processes log in with the same answers, released together.
fn storm(site: &Site, code: &str) -> Vec<Outcome> {
    let release = moment_of_release();
    let attempt = site.attempt().answers([PASSWORD, code]).release_at(release);
    together(&[(); PROCESSES], |()| attempt.run())
}

#[test]
fn one_code_lets_exactly_one_of_sixteen_in() {
    let site = Site::enrolled();
    let now = moment_with(ONE_ROUND);
    // Each round needs a later step than the one before: the window has three.
    for (round, moment) in [now - PERIOD, now, now + PERIOD].into_iter().enumerate() {
        let outcomes = storm(&site, &code_at(SECRET, moment));
        let accepted = outcomes
            .iter()
            .filter(|outcome| outcome.is_accepted())
            .count();
        assert_eq!(accepted, 1, "round {round}: {:?}", tally(&outcomes));
        let expected = Tally::from([("accept".into(), 1), ("replay".into(), PROCESSES - 1)]);
        assert_eq!(tally(&outcomes), expected, "round {round}");
    }
}

#[test]
fn of_sixteen_guesses_beside_the_right_password_three_are_compared() {
    let site = Site::enrolled();
    let wrong = wrong_code(SECRET, moment_with(ONE_ROUND));
    let outcomes = storm(&site, &wrong);
    for outcome in &outcomes {
        assert!(!outcome.is_accepted());
    }
    let expected = Tally::from([
        ("code".into(), FREE),
        ("throttled".into(), PROCESSES - FREE),
    ]);
    assert_eq!(tally(&outcomes), expected);
}
