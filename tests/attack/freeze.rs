//! SIGSTOP: a process that is frozen while it holds an account's lock, and who could freeze one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kapu_tests::{
    Call, PASSWORD, SECRET, Site, UID_OF_SOMEBODY_ELSE, calls, code_at, moment_with, somebody_else,
    traced, wrong_code,
};

/// Seconds that a login may need, under strace too.
const ONE_LOGIN: u64 = 4;
/// How long a lock is waited for, and a little.
const DEADLINE: Duration = Duration::from_secs(5);
const AND_A_LITTLE: Duration = Duration::from_secs(3);
/// Longest wait for a process to come to its stop.
const PATIENCE: Duration = Duration::from_secs(30);

/// A login that is frozen at one of its calls.
struct Frozen {
    strace: Child,
    pid: libc::pid_t,
}

impl Frozen {
    fn at(site: &Site, call: &Call) -> Self {
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let (command, _) = site.attempt().answers([PASSWORD, &code]).prepared();
        let trace = site.path().join("trace");
        let strace = traced(&command, &trace, Some(&call.injection("signal=SIGSTOP")))
            .stdout(Stdio::null())
            .spawn()
            .expect("strace runs");
        let pid = stop_of(strace.id(), call);
        Self { strace, pid }
    }

    fn let_go(&mut self) -> bool {
        // SAFETY: a signal to the process that we have stopped.
        unsafe { libc::kill(self.pid, libc::SIGCONT) };
        self.strace.wait().expect("strace ends").success()
    }

    fn goes_on(mut self) -> bool {
        self.let_go()
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.let_go();
    }
}

/// The child of a process, once it has come to its stop at `call`.
fn stop_of(parent: u32, call: &Call) -> libc::pid_t {
    let begun = Instant::now();
    loop {
        if let Some(pid) = stopped_child_of(parent) {
            return pid;
        }
        assert!(begun.elapsed() < PATIENCE, "it stops at {}", call.text);
        thread::sleep(Duration::from_millis(5));
    }
}

/// The child of a process, once it is stopped by a signal and the tracer has let go of it.
fn stopped_child_of(parent: u32) -> Option<libc::pid_t> {
    let children = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).ok()?;
    let pid = children.split_whitespace().next()?.parse().ok()?;
    let trace = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let state = trace.rsplit(") ").next()?.chars().next()?;
    matches!(state, 'T' | 't')
        .then_some(pid)
        .filter(|pid| is_pending_no_more(*pid))
}

/// strace stops its child at every call; ours has got its SIGSTOP once the trace says so.
fn is_pending_no_more(pid: libc::pid_t) -> bool {
    thread::sleep(Duration::from_millis(50));
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    matches!(
        stat.rsplit(") ")
            .next()
            .and_then(|rest| rest.chars().next()),
        Some('T' | 't')
    )
}

/// The calls of a login between taking the account's lock and giving it back.
fn calls_of_a_commit(site: &Site) -> Vec<Call> {
    // What the first login makes is there.
    let wrong = wrong_code(SECRET, moment_with(ONE_LOGIN));
    site.log_in(PASSWORD, &wrong).assert_refused("code");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let (command, _) = site.attempt().answers([PASSWORD, &code]).prepared();
    let trace = site.path().join("trace");
    let output = traced(&command, &trace, None)
        .output()
        .expect("strace runs");
    assert!(output.status.success());
    assert!(
        site.kapu(
            &["enroll", site.user(), "--replace", "--from", "-"],
            &document()
        )
        .status
        .success()
    );
    let all = calls(&trace);
    let rename = all
        .iter()
        .rposition(|call| call.name == "renameat")
        .expect("a commit renames");
    let is_lock = |call: &Call| call.name == "flock";
    let first = all[..rename].iter().rposition(is_lock).expect("it locks");
    let last = rename + all[rename..].iter().position(is_lock).expect("it unlocks");
    let changing = |call: &&Call| call.is_changing() && call.name != "flock";
    all[first..last].iter().filter(changing).cloned().collect()
}

fn document() -> String {
    format!("password = \"{PASSWORD}\"\nsecret = \"{SECRET}\"\ntoken = \"phone\"\n")
}

fn other_login(site: &Site) -> Child {
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let (mut command, _) = site.attempt().answers([PASSWORD, &code]).prepared();
    command
        .stdout(Stdio::piped())
        .spawn()
        .expect("pam-try runs")
}

#[test]
fn a_frozen_login_keeps_its_account_waiting_to_the_deadline_and_then_nothing_is_lost() {
    let stages = calls_of_a_commit(&Site::enrolled());
    assert!(stages.len() >= 6, "{stages:?}");
    // Each stage on a site of its own, all at once: each waits for the deadline.
    let sites: Vec<_> = stages.iter().map(|_| Site::enrolled()).collect();
    for site in &sites {
        let wrong = wrong_code(SECRET, moment_with(ONE_LOGIN));
        site.log_in(PASSWORD, &wrong).assert_refused("code");
    }
    let frozen: Vec<_> = sites
        .iter()
        .zip(&stages)
        .map(|(site, call)| Frozen::at(site, call))
        .collect();
    let begun = Instant::now();
    let others: Vec<_> = sites.iter().map(other_login).collect();
    for (other, call) in others.into_iter().zip(&stages) {
        let output = other.wait_with_output().expect("it ends");
        let printed = String::from_utf8_lossy(&output.stdout);
        let unavailable = printed.contains("result auth PAM_AUTHINFO_UNAVAIL");
        assert!(unavailable, "{}: {printed}", call.text);
    }
    let waited = begun.elapsed();
    assert!(
        waited >= DEADLINE && waited < DEADLINE + AND_A_LITTLE,
        "{waited:?}"
    );
    for ((site, frozen), call) in sites.iter().zip(frozen).zip(&stages) {
        assert!(frozen.goes_on(), "{}", call.text);
        // Its step is spent, and the next one is good.
        let later = code_at(SECRET, moment_with(ONE_LOGIN) + 30);
        site.log_in(PASSWORD, &later).assert_accepted();
    }
}

#[test]
fn without_a_deadline_who_waits_for_a_frozen_login_waits_for_ever() {
    let site = Site::weakened("no-deadline", "");
    site.enroll(site.user());
    let stages = calls_of_a_commit(&site);
    let frozen = Frozen::at(&site, &stages[0]);
    let mut other = other_login(&site);
    thread::sleep(DEADLINE + AND_A_LITTLE);
    assert!(other.try_wait().expect("it is ours").is_none());
    assert!(frozen.goes_on());
    assert!(other.wait().expect("it ends").success());
}

#[test]
#[ignore = "only root enrolls others"]
fn a_frozen_login_does_not_disturb_other_accounts() {
    let site = Site::enrolled();
    site.enroll(somebody_else());
    let stages = calls_of_a_commit(&site);
    for call in &stages {
        let frozen = Frozen::at(&site, call);
        let code = code_at(SECRET, moment_with(ONE_LOGIN));
        let other = site.attempt().user(somebody_else());
        other.answers([PASSWORD, &code]).run().assert_accepted();
        assert!(frozen.goes_on());
        for user in [site.user(), somebody_else()] {
            let again = site.kapu(&["enroll", user, "--replace", "--from", "-"], &document());
            assert!(again.status.success(), "{again:?}");
        }
    }
}

/// Whether `nobody` can do it.
fn can_nobody(program: &str, arguments: &[&str]) -> bool {
    Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", program])
        .args(arguments)
        .output()
        .expect("setpriv runs")
        .status
        .success()
}

#[test]
#[ignore = "only root has processes that others may not touch"]
fn an_ordinary_user_can_neither_stop_nor_look_into_a_holder_of_a_lock_nor_take_its_locks() {
    let site = Site::enrolled();
    // The walls of the store, and not those of the directory that the test lies in.
    fs::set_permissions(site.path(), fs::Permissions::from_mode(0o755)).expect("its mode");
    let stages = calls_of_a_commit(&site);
    let frozen = Frozen::at(&site, &stages[0]);
    let pid = frozen.pid.to_string();
    let file = |name: &str| format!("/proc/{pid}/{name}");
    assert!(can_nobody("true", &[]), "nobody can do something");
    for (program, arguments) in [
        ("kill", vec!["-STOP", &pid]),
        ("strace", vec!["-o", "/dev/null", "-p", &pid]),
        ("prlimit", vec!["--pid", &pid, "--nofile=1:1"]),
        ("renice", vec!["-n", "19", "-p", &pid]),
        ("taskset", vec!["-p", "1", &pid]),
        ("head", vec!["-c", "1", &file("mem")]),
        ("head", vec!["-c", "1", &file("environ")]),
        ("ls", vec![&file("fd")]),
    ] {
        assert!(!can_nobody(program, &arguments), "{program} {arguments:?}");
    }
    let account = fs::read_dir(site.store())
        .expect("the store")
        .flatten()
        .next();
    let account = account.expect("an account").path();
    let queue = site.path().join("queue");
    for path in [
        site.store(),
        account.clone(),
        account.join("account.toml"),
        queue.clone(),
        queue.join("turn-0"),
    ] {
        assert!(
            !can_nobody("flock", &["-n", path.to_str().expect("plain"), "true"]),
            "{path:?}"
        );
        let mode = fs::metadata(&path)
            .expect("it is there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{path:?}");
    }
    assert!(frozen.goes_on());
}

/// Whether a process of mixed uids comes so far as to open the key or an account.
fn mixed_uids_reach_the_store(site: &Site) -> bool {
    site.enroll(site.user());
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().answers([PASSWORD, &code]);
    let (command, _) = attempt.real_uid(UID_OF_SOMEBODY_ELSE).prepared();
    let trace = site.path().join("trace");
    let output = traced(&command, &trace, None)
        .output()
        .expect("strace runs");
    assert!(output.status.success(), "{output:?}");
    let opens = |name: &str| {
        calls(Path::new(&trace))
            .iter()
            .any(|call| call.text.contains(name))
    };
    assert!(opens("kapu.toml"), "it comes to us");
    opens("host.key") || opens("account.toml") || opens("LOCK_EX")
}

#[test]
#[ignore = "only root can have mixed uids"]
fn a_process_that_its_user_could_stop_never_comes_to_a_lock() {
    assert!(!mixed_uids_reach_the_store(&Site::new()));
}

#[test]
#[ignore = "only root can have mixed uids"]
fn without_the_check_a_process_of_mixed_uids_takes_the_lock() {
    assert!(mixed_uids_reach_the_store(&Site::weakened(
        "mixed-uids",
        ""
    )));
}
