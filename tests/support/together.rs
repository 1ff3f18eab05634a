//! Many logins that come to their decision at the same moment.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::attempt::{Attempt, Outcome};

/// Until all of them have come to the last prompt.
const GATHERING: Duration = Duration::from_secs(2);

/// Makes these logins, each in a process of its own, and lets them give their last answer at once.
///
/// # Panics
/// When one does not end.
#[must_use]
pub fn together<'a>(attempts: impl IntoIterator<Item = Attempt<'a>>) -> Vec<Outcome> {
    let release = (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    thread::scope(|scope| {
        let runners: Vec<_> = attempts
            .into_iter()
            .map(|attempt| scope.spawn(move || attempt.release_at(release).run()))
            .collect();
        runners
            .into_iter()
            .map(|runner| runner.join().expect("every login ends"))
            .collect()
    })
}

/// How many logins ended in which way: by the reason of a refusal, or the result.
///
/// # Panics
/// When one did not end in one way.
#[must_use]
pub fn endings(outcomes: &[Outcome]) -> BTreeMap<&str, usize> {
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
