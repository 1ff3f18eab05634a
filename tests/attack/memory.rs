//! What a login leaves in the memory of the process that it ran in.

use kapu_tests::{
    HostProcess, LONG_PASSWORD, Site, code_at, enroll_with_long_secrets, long_secret, moment_with,
    secrets, wrong_code,
};

/// Seconds of the present step that are enough: its code is good for one step more.
const A_MOMENT: u64 = 1;

/// What of a login with these answers is in memory after its pam_end(3).
fn left_behind(site: &Site, password: &str, code: &str) -> Vec<&'static str> {
    let secrets = secrets(site, code);
    let mut host = HostProcess::start(site, &["stop"]);
    host.tell(&format!("kapu-test\t{}\t{password}\t{code}\n", site.user()));
    host.wait_until_stopped();
    let memory = host.memory();
    let is_there = |secret: &[u8]| {
        memory
            .iter()
            .any(|part| part.windows(secret.len()).any(|bytes| bytes == secret))
    };
    let found = secrets.iter().filter(|(_, secret)| is_there(secret));
    found.map(|(name, _)| *name).collect()
}

/// The endings of a login, each in a process of its own: what they leave behind.
fn left_by_any(site: &Site) -> Vec<(&'static str, Vec<&'static str>)> {
    let paper = enroll_with_long_secrets(site);
    let secret = long_secret();
    let now = moment_with(A_MOMENT);
    let right = code_at(&secret, now);
    let wrong = wrong_code(&secret, now);
    // Its end, which is what is looked for, is the same.
    let another = format!("another-{LONG_PASSWORD}");
    let cases = [
        ("wrong code", LONG_PASSWORD, wrong.as_str()),
        ("wrong password", another.as_str(), wrong.as_str()),
        ("accepted", LONG_PASSWORD, right.as_str()),
        ("replay", LONG_PASSWORD, right.as_str()),
        ("revoked", LONG_PASSWORD, paper.as_str()),
    ];
    let looked = cases.map(|(name, password, code)| (name, left_behind(site, password, code)));
    looked
        .into_iter()
        .filter(|(_, left)| !left.is_empty())
        .collect()
}

#[test]
fn after_its_end_nothing_of_a_login_is_in_memory() {
    assert_eq!(left_by_any(&Site::new()), []);
}

/// A login of a site without that defence leaves behind each of `expected`.
fn falls(weakness: &'static str, expected: &[&str]) {
    let left = left_by_any(&Site::weakened(weakness, ""));
    for name in expected {
        assert!(
            left.iter().any(|(_, names)| names.contains(name)),
            "{name} is not found: {left:?}"
        );
    }
}

#[test]
fn unwiped_secrets_are_found() {
    falls(
        "unwiped-secrets",
        &["the password", "the key", "the hash", "the host key"],
    );
}

#[test]
fn unwiped_answers_are_found() {
    falls("unwiped-answers", &["the password", "the code"]);
}
