//! One code at the same moment, from many real ssh clients.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use kapu_tests::{
    PASSWORD, PrivateSshd, SECRET, Site, behind_the_lock, code_at, effort, moment_with, together,
};

const CLIENTS: usize = 16;
/// From the first login's reading until all wait for the lock: less than the lock is waited for.
const GATHERING: Duration = Duration::from_secs(4);
/// Longest wait for lines of the log.
const PATIENCE: Duration = Duration::from_secs(30);
/// sshd would turn some of a crowd away before they are asked anything.
const NO_LIMIT: &str = "MaxStartups 100\n";

/// How many of the clients were let in, and how many refused for a used code.
fn clients(site: &Site) -> (usize, usize) {
    site.enroll(site.user());
    let rules = format!("auth required {}", site.module());
    let sshd = PrivateSshd::start_with(site, &[&rules], NO_LIMIT);
    let code = code_at(SECRET, moment_with(0));
    let outcomes = behind_the_lock(site, GATHERING, || {
        together(&[(); CLIENTS], |()| {
            sshd.log_in(site.user(), PASSWORD, &code, "true")
        })
    });
    let accepted = outcomes.iter().filter(|outcome| outcome.success).count();
    (accepted, replays(site, CLIENTS - accepted))
}

/// The lines that tell of a used code, once there are so many.
fn replays(site: &Site, expected: usize) -> usize {
    let begun = Instant::now();
    loop {
        let log = fs::read_to_string(site.path().join("log-of-sshd")).unwrap_or_default();
        let found = log.matches("reason=replay").count();
        if found >= expected || begun.elapsed() > PATIENCE {
            return found;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn one_code_lets_exactly_one_of_sixteen_clients_in() {
    for _ in 0..effort(1, 20) {
        assert_eq!(clients(&Site::new()), (1, CLIENTS - 1), "accepted, replays");
    }
}

#[test]
fn judged_on_what_was_read_before_the_lock_one_code_lets_several_clients_in() {
    let (accepted, _) = clients(&Site::weakened("stale-judgement", ""));
    println!("{accepted} of {CLIENTS} let in");
    assert!(accepted > 1);
}
