//! Many logins in one process: it does not grow, and nothing of what it allocates is lost.

use std::process::Output;

use kapu_tests::{
    HostProcess, PASSWORD, PERIOD, SECRET, Site, code_at, effort, moment_with, wrapped, wrong_code,
};

/// Accounts that log in one after the other, all in one process, three times each.
const ACCOUNTS: (usize, usize) = (40, 340);
/// Refused logins after each round of accepted ones; each lasts a second.
const REFUSED: (usize, usize) = (1, 10);
/// Seconds of the present step that the first round needs: it uses the code of the step before.
const FIRST_ROUND: (u64, u64) = (5, 25);
/// Logins after which everything that is kept on purpose is there.
const WARMED_UP: usize = 30;
/// KiB that the process may have grown by then: what the allocator keeps for itself.
const MOST_GROWTH: u64 = 256;

/// Logs everybody in three times in one process, and returns what it prints after each login: result,
/// resident KiB, descriptors, threads, mappings, microseconds.
fn in_one_process(site: &Site) -> Vec<Vec<u64>> {
    let (count, failures) = (effort(ACCOUNTS.0, ACCOUNTS.1), effort(REFUSED.0, REFUSED.1));
    let names: Vec<String> = (0..=count).map(|number| format!("u{number}")).collect();
    let accounts: Vec<(&String, u32)> = names.iter().zip(3001..).collect();
    site.know(&accounts);
    for name in &names {
        site.enroll(name);
    }
    let (mistyping, names) = names.split_last().expect("one more");
    let now = moment_with(effort(FIRST_ROUND.0, FIRST_ROUND.1));
    let login = |name: &String, code: &str| format!("kapu-test\t{name}\t{PASSWORD}\t{code}\n");
    let refused = login(mistyping, &wrong_code(SECRET, now));
    let mut logins = refused.clone();
    for moment in [now - PERIOD, now, now + PERIOD] {
        let code = code_at(SECRET, moment);
        logins.extend(names.iter().map(|name| login(name, &code)));
        logins.push_str(&refused.repeat(failures));
    }
    let mut host = HostProcess::start(site, &[]);
    host.tell(&logins);
    let printed = host.printed();
    let numbers = printed.lines().map(|line| {
        let numbers = line.split(' ').map(|number| number.parse());
        numbers.collect::<Result<_, _>>().expect("numbers")
    });
    numbers.collect()
}

/// What grew in a process between its thirtieth login and its last.
fn growth(site: &Site) -> Vec<String> {
    let printed = in_one_process(site);
    let accepted = printed.iter().filter(|line| line[0] == 0).count();
    assert_eq!(accepted, 3 * effort(ACCOUNTS.0, ACCOUNTS.1));
    assert_eq!(
        printed.len(),
        accepted + 3 * effort(REFUSED.0, REFUSED.1) + 1
    );
    let (warm, last) = (&printed[WARMED_UP], &printed[printed.len() - 1]);
    println!("{} logins: {} to {} KiB", printed.len(), warm[1], last[1]);
    let mut found = Vec::new();
    if last[1] > warm[1] + MOST_GROWTH {
        found.push(format!("memory: {} to {} KiB", warm[1], last[1]));
    }
    for (what, place) in [("descriptors", 2), ("threads", 3), ("mappings", 4)] {
        if last[place] > warm[place] {
            found.push(format!("{what}: {} to {}", warm[place], last[place]));
        }
    }
    found
}

#[test]
fn a_process_of_many_logins_does_not_grow() {
    assert_eq!(growth(&Site::new()), [""; 0]);
}

#[test]
fn what_leaks_a_little_at_each_login_is_seen() {
    let found = growth(&Site::weakened("leaks-memory", ""));
    assert!(
        found.iter().any(|line| line.starts_with("memory")),
        "{found:?}"
    );
    let found = growth(&Site::weakened("leaks-descriptor", ""));
    assert!(
        found.iter().any(|line| line.starts_with("descriptors")),
        "{found:?}"
    );
}

/// Exit code for what valgrind found.
const FOUND: i32 = 77;

/// A login under memcheck: valgrind's exit and words.
fn checked(site: &Site, code: &str) -> Output {
    let attempt = site.attempt().answers([PASSWORD, code]);
    let (command, _) = attempt.prepared();
    let arguments = [
        "--quiet",
        "--leak-check=full",
        "--errors-for-leak-kinds=definite",
        &format!("--error-exitcode={FOUND}"),
    ];
    let mut valgrind = wrapped("valgrind", arguments, &command);
    valgrind.output().expect("valgrind runs")
}

#[test]
fn memcheck_finds_nothing_in_a_login_whatever_its_end() {
    let site = Site::enrolled();
    let now = moment_with(20);
    let (right, wrong) = (code_at(SECRET, now + PERIOD), wrong_code(SECRET, now));
    for (code, expected) in [(&wrong, "PAM_AUTH_ERR"), (&right, "PAM_SUCCESS")] {
        let output = checked(&site, code);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(printed.contains(expected), "{output:?}");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
}

#[test]
fn memcheck_finds_a_leak() {
    let site = Site::weakened("leaks-memory", "");
    site.enroll(site.user());
    let output = checked(&site, &wrong_code(SECRET, moment_with(20)));
    assert_eq!(output.status.code(), Some(FOUND), "{output:?}");
}
