//! What a login costs in system calls: no more than was measured, and the same whoever else is stored.
//! Time is a matter of benches/.

use std::path::PathBuf;

use kapu_tests::{
    Journal, PASSWORD, PERIOD, SECRET, Site, code_at, moment_with, own_calls, traced,
};

/// Calls of an accepted login from the opening of its configuration on, apart from those for the
/// directories above the site.
const MOST_CALLS: usize = 105;
/// Calls for each directory on the way to a file, which leads through /tmp here, and how often a
/// login takes a way anew: to the configuration and the accounts.
const FOR_A_DIRECTORY: usize = 3 * 2;
/// Accounts beside the one that logs in.
const OTHERS: usize = 60;

/// How many calls the next accepted login makes.
fn cost(site: &Site, moment: u64) -> usize {
    let code = code_at(SECRET, moment);
    let (inner, _) = site.attempt().answers([PASSWORD, &code]).prepared();
    let trace: PathBuf = site.path().join("trace");
    let output = traced(&inner, &trace, None).output().expect("strace runs");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("result auth PAM_SUCCESS"), "{output:?}");
    own_calls(&trace).len()
}

#[test]
fn a_login_makes_no_more_calls_than_it_must_however_many_accounts_there_are() {
    let site = Site::enrolled();
    // As on a host with systemd; where there is none a line costs three calls more.
    let journal = Journal::of(&site);
    let now = moment_with(20);
    // The first login makes the queue and its files.
    let first = cost(&site, now - PERIOD);
    let alone = cost(&site, now);
    assert!(alone < first, "{alone} after {first}");
    let others: Vec<(String, u32)> = (0..OTHERS)
        .map(|number| format!("u{number}"))
        .zip(5001..)
        .collect();
    let before = site.path().join("names");
    site.know(&others);
    for (name, _) in &others {
        site.enroll(name);
    }
    std::fs::remove_file(before).expect("the directory service goes");
    assert!(
        !journal.entries().is_empty(),
        "it took the lines, and has room again"
    );
    let among_others = cost(&site, now + PERIOD);
    assert_eq!(among_others, alone);
    let depth = site.path().components().count();
    let most = MOST_CALLS + FOR_A_DIRECTORY * depth;
    println!("{alone} calls, {depth} directories deep");
    assert!(alone <= most, "{alone} calls, {most} at most");
}
