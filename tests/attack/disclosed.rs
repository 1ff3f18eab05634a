//! What a login writes where others may read it later: no core of its process, no secret in a log.

use std::fs;
use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::process::Stdio;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kapu_tests::{
    LONG_PASSWORD, PASSWORD, Site, code_at, enroll_with_long_secrets, long_secret, moment_with,
    secrets, wrong_code,
};

/// Seconds of the present step that are enough: its code is good for one step more.
const A_MOMENT: u64 = 1;

/// Bytes at the beginning of a typed password that are looked for: a log may cut what is long.
const HEAD: usize = 16;

/// Whether the kernel writes a core of a process that dies while a login waits for its code; `None`
/// where it writes none of anybody here.
fn dumps(site: &Site) -> Option<bool> {
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").expect("a pattern");
    if pattern.starts_with('|') || pattern.contains('/') {
        println!("not tested: here cores go to {}", pattern.trim());
        return None;
    }
    let later = SystemTime::now() + Duration::from_secs(60);
    let later = later
        .duration_since(UNIX_EPOCH)
        .expect("after 1970")
        .as_millis();
    let attempt = site
        .attempt()
        .answers([PASSWORD, "000000"])
        .release_at(later);
    let (mut command, _) = attempt.prepared();
    command.current_dir(site.path()).stdout(Stdio::piped());
    // SAFETY: between fork and exec only setrlimit(2) is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(|| {
            let limit = libc::rlimit {
                rlim_cur: libc::RLIM_INFINITY,
                rlim_max: libc::RLIM_INFINITY,
            };
            // Only root may raise it: an ordinary user has what there is.
            libc::setrlimit(libc::RLIMIT_CORE, &raw const limit);
            Ok(())
        });
    }
    let mut child = command.spawn().expect("pam-try runs");
    let mut shown = [0; 256];
    let mut seen = String::new();
    let output = child.stdout.as_mut().expect("a pipe");
    while !seen.contains("code") {
        let count = output.read(&mut shown).expect("it asks");
        assert!(count > 0, "it ended: {seen}");
        seen.push_str(&String::from_utf8_lossy(&shown[..count]));
    }
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    // SAFETY: a signal to our own child, which was not waited for yet.
    unsafe { libc::kill(pid, libc::SIGABRT) };
    child.wait().expect("it dies");
    let is_core = |name: &str| name == "core" || name.starts_with("core.");
    let entries = fs::read_dir(site.path()).expect("the site");
    let names = entries.map(|entry| entry.expect("a file").file_name());
    Some(
        names
            .into_iter()
            .any(|name| is_core(&name.to_string_lossy())),
    )
}

#[test]
#[ignore = "only root can raise the limit of a core's size"]
fn no_core_is_written_of_a_process_in_the_middle_of_a_login() {
    assert_ne!(dumps(&Site::enrolled()), Some(true));
}

#[test]
#[ignore = "only root can raise the limit of a core's size"]
fn left_dumpable_the_process_leaves_a_core() {
    let site = Site::weakened("dumpable", "");
    site.enroll(site.user());
    assert_ne!(dumps(&site), Some(false));
}

/// Secrets that the log shows of logins with the argument `debug`.
fn told_to_the_log(site: &Site) -> Vec<&'static str> {
    let paper = enroll_with_long_secrets(site);
    let rule = format!("auth required {}", site.module_with("debug"));
    site.service("debug", &[&rule]);
    let secret = long_secret();
    let now = moment_with(A_MOMENT);
    let wrong = wrong_code(&secret, now);
    let right = code_at(&secret, now);
    let mut found = Vec::new();
    for (password, code) in [
        (LONG_PASSWORD, wrong.as_str()),
        ("another password", &wrong),
        (LONG_PASSWORD, &right),
        (LONG_PASSWORD, &paper),
    ] {
        let attempt = site.attempt().service("debug");
        let (mut command, log) = attempt.answers([password, code]).prepared();
        let output = command.output().expect("pam-try runs");
        let written = [output.stdout, output.stderr, fs::read(log).expect("a log")].concat();
        let typed = [(
            "what was typed as the password",
            password.as_bytes()[..HEAD].to_vec(),
        )];
        let all = secrets(site, code).into_iter().chain(typed);
        let is_there = |secret: &[u8]| written.windows(secret.len()).any(|bytes| bytes == secret);
        found.extend(
            all.filter(|(_, secret)| is_there(secret))
                .map(|(name, _)| name),
        );
    }
    found
}

#[test]
fn no_secret_is_told_to_a_log_at_any_level() {
    assert_eq!(told_to_the_log(&Site::new()), [""; 0]);
}

#[test]
fn a_log_that_tells_what_was_typed_is_seen() {
    assert!(!told_to_the_log(&Site::weakened("talkative-log", "")).is_empty());
}
