//! Many logins that come to their decision at the same moment.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kapu_tests::{Outcome, PASSWORD, PERIOD, SECRET, Site, code_at, moment_with, wrong_code};

const PROCESSES: usize = 16;
/// Until all of them have come to the last prompt.
const GATHERING: Duration = Duration::from_secs(2);
/// Seconds of one round, at the most.
const ONE_ROUND: u64 = 12;
/// Wrong codes that cost no delay.
const FREE: usize = 3;

/// Lets 16 processes log in with the same answers, released together.
fn storm(site: &Site, code: &str) -> Vec<Outcome> {
    let release = (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    thread::scope(|scope| {
        let runners: Vec<_> = (0..PROCESSES)
            .map(|_| {
                let attempt = site.attempt().answers([PASSWORD, code]).release_at(release);
                scope.spawn(move || attempt.run())
            })
            .collect();
        runners
            .into_iter()
            .map(|runner| runner.join().expect("every login ends"))
            .collect()
    })
}

/// How many logins ended for which reason.
fn count(outcomes: &[Outcome]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for outcome in outcomes {
        let decision = outcome.decision();
        let word = decision
            .value("reason")
            .or(decision.value("result"))
            .expect("a login ends somehow");
        *counts.entry(word).or_default() += 1;
    }
    counts
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
        assert_eq!(accepted, 1, "round {round}: {:?}", count(&outcomes));
        let expected = BTreeMap::from([("accept", 1), ("replay", PROCESSES - 1)]);
        assert_eq!(count(&outcomes), expected, "round {round}");
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
    let expected = BTreeMap::from([("code", FREE), ("throttled", PROCESSES - FREE)]);
    assert_eq!(count(&outcomes), expected);
}
