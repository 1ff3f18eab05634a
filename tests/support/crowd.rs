//! Many that do something at the same moment.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::attempt::Attempt;
use crate::outcome::Outcome;
use crate::site::Site;

/// Until all processes of a crowd have come to their barrier.
const GATHERING: Duration = Duration::from_millis(1_200);

/// How many ended for which reason.
pub type Tally = BTreeMap<String, usize>;

/// The moment at which a crowd that is started now is there (Unix time in milliseconds).
///
/// # Panics
/// Before 1970.
#[must_use]
pub fn moment_of_release() -> u128 {
    (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis()
}

/// Does one thing for each of `these`, all at once.
///
/// # Panics
/// When one of them does.
pub fn together<T: Sync, R: Send>(these: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let one = &one;
        let runners: Vec<_> = these
            .iter()
            .map(|this| scope.spawn(move || one(this)))
            .collect();
        runners
            .into_iter()
            .map(|runner| runner.join().expect("every one of them ends"))
            .collect()
    })
}

/// Makes these logins, each in a process of its own, and lets them give their last answer at once.
///
/// # Panics
/// When one does not end.
#[must_use]
pub fn released_together<'a>(attempts: impl IntoIterator<Item = Attempt<'a>>) -> Vec<Outcome> {
    let moment = moment_of_release();
    let attempts: Vec<_> = attempts
        .into_iter()
        .map(|attempt| attempt.release_at(moment))
        .collect();
    together(&attempts, Attempt::run)
}

/// How many logins ended for which reason of their log line.
///
/// # Panics
/// When one has no such line.
#[must_use]
pub fn tally(outcomes: &[Outcome]) -> Tally {
    let mut counts = Tally::new();
    for outcome in outcomes {
        let decision = outcome.decision();
        let word = decision.value("reason").or(decision.value("result"));
        let word = word.expect("a login ends somehow").to_owned();
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Holds the lock of the site's account, its only one, while `crowd` begins, and lets go after a
/// while: whoever came meanwhile has loaded the account before any of them changed it.
///
/// # Panics
/// When there is no such account or somebody else holds its lock.
pub fn behind_the_lock<R>(site: &Site, wait: Duration, crowd: impl FnOnce() -> R) -> R {
    let entry = std::fs::read_dir(site.store())
        .expect("the store")
        .filter_map(Result::ok)
        .find(|entry| entry.path().join("account.toml").exists())
        .expect("an account");
    let lock = File::open(entry.path()).expect("its directory");
    // SAFETY: flock(2) takes an open descriptor and touches no memory of ours.
    let held = unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) };
    assert_eq!(held, 0, "somebody holds the lock");
    thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(wait);
            // SAFETY: as above. The descriptor may have been inherited: closing is not enough.
            unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_UN) };
        });
        crowd()
    })
}
