//! SIGKILL: at each system call of everything that writes, and at any moment.
//!
//! Whatever was going on, afterwards the document is whole and the old one or the new one, nothing
//! that is left holds a secret, the next one gets through at once, and what was heard stands.

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kapu_tests::{
    Call, Flow, PASSWORD, SECRET, Site, Stored, code_at, effort, is_long, moment_with, own_calls,
    traced,
};

/// The secret's bytes.
const RAW_SECRET: &[u8] = b"Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef";
/// Longest wait of whoever comes after a process that was killed: far less than for a lock.
const AT_ONCE: Duration = Duration::from_secs(4);
/// Of the calls that change nothing, one in so many is taken in the short form.
const STRIDE: usize = 16;

/// What a killed process has broken.
type Broken = String;

/// A flow on a site, and what it starts from.
struct Scene {
    site: Site,
    flow: Flow,
    before: Stored,
}

impl Scene {
    fn new(site: Site, flow: Flow) -> Self {
        flow.prepare(&site);
        let before = Stored::of(&site);
        Self { site, flow, before }
    }

    /// The calls of the flow when nothing goes wrong, from where our own begin.
    fn calls(&self) -> Vec<Call> {
        let trace = self.site.path().join("trace");
        let (command, _) = self.flow.command(&self.site);
        let output = traced(&command, &trace, None)
            .output()
            .expect("strace runs");
        assert!(output.status.success(), "{output:?}");
        self.before.put_back(&self.site);
        own_calls(&trace)
    }

    /// Runs the flow, kills it at `call`, and looks at what is left.
    fn killed_at(&self, call: &Call) -> Result<(), Broken> {
        let (command, _) = self.flow.command(&self.site);
        let trace = self.site.path().join("trace");
        let injection = call.injection("signal=SIGKILL");
        let output = traced(&command, &trace, Some(&injection))
            .output()
            .expect("strace runs");
        let found = self.look(&output);
        self.before.put_back(&self.site);
        found.map_err(|broken| format!("{:?} at {}: {broken}", self.flow, call.text))
    }

    fn look(&self, output: &Output) -> Result<(), Broken> {
        let after = Stored::of(&self.site);
        for content in after.contents() {
            for secret in [
                SECRET.as_bytes(),
                PASSWORD.as_bytes(),
                RAW_SECRET,
                b"$argon2",
            ] {
                if content.windows(secret.len()).any(|part| part == secret) {
                    return Err("a secret is left in clear".to_owned());
                }
            }
        }
        let changed = after.documents() != self.before.documents();
        let heard = String::from_utf8_lossy(&output.stdout).contains("result auth PAM_");
        if heard && !changed {
            return Err("what was heard was not stored".to_owned());
        }
        self.next_one(changed)
    }

    /// Whoever comes next gets through at once, whatever was left.
    fn next_one(&self, changed: bool) -> Result<(), Broken> {
        let begun = Instant::now();
        let output = self.site.kapu(&["unlock", self.site.user()], "");
        if !output.status.success() {
            return Err(format!("the next one: {output:?}"));
        }
        if !changed {
            // The store is as it was, so the whole flow works; a refusal would wait for its beat.
            let flow = match self.flow {
                Flow::WrongCode => Flow::Login,
                flow => flow,
            };
            let (mut command, _) = flow.command(&self.site);
            let again = command.output().expect("the flow runs");
            if !again.status.success() {
                return Err(format!("the flow no longer works: {again:?}"));
            }
        }
        match begun.elapsed() {
            waited if waited > AT_ONCE => Err(format!("the next one waited {waited:?}")),
            _ => Ok(()),
        }
    }
}

/// Kills the flow at each of its calls, or at those that change something and some others: what
/// was broken, until `enough` of it.
fn killed_everywhere(site: Site, flow: Flow, enough: impl Fn(&Broken) -> bool) -> Vec<Broken> {
    let scene = Scene::new(site, flow);
    let calls = scene.calls();
    let chosen = calls
        .iter()
        .enumerate()
        .filter(|(place, call)| is_long() || call.is_changing() || place % STRIDE == 0);
    let mut found = Vec::new();
    for (_, call) in chosen {
        found.extend(scene.killed_at(call).err());
        if found.last().is_some_and(&enough) {
            break;
        }
    }
    found
}

fn nothing_breaks(flow: Flow) {
    let broken = killed_everywhere(Site::new(), flow, |_| false);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_login_may_be_killed_at_any_call() {
    nothing_breaks(Flow::Login);
}

#[test]
fn a_login_with_a_wrong_code_may_be_killed_at_any_call() {
    nothing_breaks(Flow::WrongCode);
}

#[test]
fn an_enrollment_may_be_killed_at_any_call() {
    nothing_breaks(Flow::Enroll);
    nothing_breaks(Flow::Replace);
}

#[test]
fn a_revocation_and_an_unlock_may_be_killed_at_any_call() {
    nothing_breaks(Flow::Revoke);
    nothing_breaks(Flow::Unlock);
}

#[test]
fn a_new_password_an_invitation_and_new_codes_may_be_killed_at_any_call() {
    nothing_breaks(Flow::Password);
    nothing_breaks(Flow::Invite);
    nothing_breaks(Flow::RecoveryCodes);
}

fn some_break(weakness: &'static str, flow: Flow, how: &str) {
    let is_it = |broken: &Broken| broken.contains(how);
    let broken = killed_everywhere(Site::weakened(weakness, ""), flow, is_it);
    assert!(
        broken.iter().any(|broken| broken.contains(how)),
        "{broken:#?}"
    );
}

#[test]
fn written_in_place_a_document_is_torn_and_the_next_one_does_not_get_through() {
    some_break("in-place", Flow::Login, "the next one");
}

#[test]
fn with_a_lock_that_is_a_file_nobody_gets_through_any_more() {
    some_break("lock-file", Flow::Login, "the next one");
}

#[test]
fn a_draft_in_clear_is_left_behind() {
    some_break("clear-draft", Flow::Login, "a secret is left in clear");
}

#[test]
fn an_answer_before_the_write_is_not_stored() {
    some_break(
        "unwritten",
        Flow::WrongCode,
        "what was heard was not stored",
    );
}

/// Kills a command after a while.
fn killed_after(mut command: Command, wait: Duration) -> Output {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the flow starts");
    thread::sleep(wait);
    // It may have ended.
    let _ = child.kill();
    child.wait_with_output().expect("it ends")
}

#[test]
fn everything_that_writes_may_be_killed_at_any_moment() {
    let rounds = effort(16, 170);
    for flow in Flow::ALL {
        let scene = Scene::new(Site::new(), flow);
        let begun = Instant::now();
        let (mut command, _) = flow.command(&scene.site);
        let usual = command.output().map(|_| begun.elapsed()).expect("it runs");
        // A refusal ends with waiting for its beat: what is written is written before.
        let usual = usual.min(Duration::from_millis(80));
        scene.before.put_back(&scene.site);
        for round in 0..rounds {
            let (command, _) = flow.command(&scene.site);
            let output = killed_after(command, usual * round / rounds);
            if let Err(broken) = scene.look(&output) {
                panic!("{flow:?}, round {round}: {broken}");
            }
            scene.before.put_back(&scene.site);
        }
    }
}

#[test]
fn a_code_that_was_heard_to_be_right_is_spent_whatever_comes_after() {
    let scene = Scene::new(Site::new(), Flow::Login);
    let code = code_at(SECRET, moment_with(6));
    let attempt = scene.site.attempt().answers([PASSWORD, &code]);
    let (command, log) = attempt.prepared();
    // The module has answered when libpam unloads it.
    let trace = scene.site.path().join("trace");
    let output = traced(&command, &trace, Some("exit_group:signal=SIGKILL"))
        .output()
        .expect("strace runs");
    assert!(attempt.outcome_of(&output, &log).is_accepted());
    attempt.run().assert_refused("replay");
}
