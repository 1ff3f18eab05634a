//! The same thing at the same moment, from many processes: a code, a guess, a revocation.

use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kapu_tests::{PASSWORD, SECRET, Site, code_at, effort, moment_with};

const PROCESSES: usize = 64;
/// Until all of them have come to the last prompt.
const GATHERING: Duration = Duration::from_secs(2);
/// Seconds of one round, at the most.
const ONE_ROUND: u64 = 12;

/// Lets as many processes log in with one right code, released together at the code prompt.
fn accepted_of(site: &Site) -> usize {
    site.enroll(site.user());
    let code = code_at(SECRET, moment_with(ONE_ROUND));
    let release = (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    thread::scope(|scope| {
        let runners: Vec<_> = (0..PROCESSES)
            .map(|_| {
                let attempt = site
                    .attempt()
                    .answers([PASSWORD, &code])
                    .release_at(release);
                scope.spawn(move || attempt.run())
            })
            .collect();
        runners
            .into_iter()
            .filter(|_| true)
            .map(|runner| runner.join().expect("every login ends"))
            .filter(|outcome| outcome.is_accepted())
            .count()
    })
}

#[test]
fn one_code_lets_exactly_one_of_sixty_four_in() {
    for _ in 0..effort(1, 200) {
        assert_eq!(accepted_of(&Site::new()), 1);
    }
}

#[test]
fn without_the_lock_one_code_lets_several_in() {
    assert!(accepted_of(&Site::weakened("no-lock", "")) > 1);
}
