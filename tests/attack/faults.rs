//! Faults: every system call of everything that writes fails once, with each error that matters.
//!
//! Whoever is let in is so for a reason that can be named, and the step is spent; whoever is not
//! finds the store as it was, or changed as a whole. The host process lives, one line of the log
//! says how it ended, and the next one gets through.

#[path = "faults/fault.rs"]
mod fault;

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kapu_tests::{Call, Flow, LogLine, Site, Stored, calls, is_long, own_calls, traced};

use self::fault::Fault;

/// What a call may fail with.
const ERRORS: [&str; 6] = ["EIO", "ENOSPC", "EMFILE", "ENOMEM", "EINTR", "EACCES"];
/// What the calls of programs that change something fail with in the short form.
const ERRORS_OF_WRITING: [&str; 3] = ["EIO", "ENOSPC", "EINTR"];
/// Faults tried at the same time: a refusal mostly waits for its beat.
const AT_ONCE: usize = 12;

/// What a fault has broken.
type Broken = String;

/// A flow on a site, and what it starts from.
struct Scene {
    site: Site,
    flow: Flow,
    before: Stored,
}

/// How a flow ended.
struct Ended {
    output: Output,
    log: Vec<LogLine>,
    /// Whether the call that failed was made again.
    repeated: bool,
}

impl Scene {
    fn new(site: Site, flow: Flow) -> Self {
        flow.prepare(&site);
        let before = Stored::of(&site);
        Self { site, flow, before }
    }

    /// The flow's command. Of a login it is also told what it changes of the host process.
    fn command(&self) -> (Command, Option<PathBuf>) {
        let (mut command, log) = self.flow.command(&self.site);
        if log.is_some() {
            command.args(["--host-state", "yes"]);
        }
        (command, log)
    }

    /// The calls of the flow that are ours: from the configuration to the line of the log, which
    /// the stand-in for syslog writes when everything is decided. What the application writes to
    /// its standard output in between is its own.
    fn calls(&self) -> Vec<Call> {
        let trace = self.site.path().join("trace");
        let (command, _) = self.command();
        let output = traced(&command, &trace, None)
            .output()
            .expect("strace runs");
        assert!(output.status.success(), "{output:?}");
        self.before.put_back(&self.site);
        own_calls(&trace)
            .into_iter()
            .take_while(|call| !call.text.contains("log-of-"))
            .filter(|call| !call.text.starts_with("write(1,"))
            .collect()
    }

    fn run(&self, fault: &Fault<'_>) -> Ended {
        let trace = self.site.path().join("trace");
        let (command, log) = self.command();
        let injection = fault.call.injection(&format!("error={}", fault.error));
        let output = traced(&command, &trace, Some(&injection))
            .output()
            .expect("strace runs");
        let made = calls(&trace);
        let failed = made
            .iter()
            .position(|call| call.text.contains("(INJECTED)"));
        let repeated = failed.is_some_and(|place| {
            let (failed, later) = (&made[place], &made[place + 1..]);
            let on = |call: &Call| call.text.split([',', ')']).next().map(str::to_owned);
            // At once, perhaps on the next of several files; or after a while, on the same.
            later.first().is_some_and(|next| next.name == failed.name)
                || later.iter().any(|call| on(call) == on(failed))
        });
        Ended {
            output,
            log: log.map_or_else(Vec::new, |file| LogLine::read(&file)),
            repeated,
        }
    }

    /// Lets the flow meet a fault, and looks at what is left.
    fn fails_at(&self, fault: &Fault<'_>) -> Result<(), Broken> {
        let ended = self.run(fault);
        let found = self.look(fault, &ended);
        self.before.put_back(&self.site);
        found.map_err(|broken| {
            format!(
                "{:?}, {} at {}: {broken}",
                self.flow, fault.error, fault.call.text
            )
        })
    }

    fn look(&self, fault: &Fault<'_>, ended: &Ended) -> Result<(), Broken> {
        let changed = Stored::of(&self.site).documents() != self.before.documents();
        let is_login = matches!(self.flow, Flow::Login | Flow::WrongCode);
        let is_done = match is_login {
            true => self.answer(ended)?,
            false => self.exit(ended)?,
        };
        if is_done && !changed {
            return Err("what was heard was not stored".to_owned());
        }
        let is_overcome = fault.error == "EINTR" && ended.repeated;
        // A program may do without what it looks up: a cache of names, a time zone. Not without
        // anything that it writes.
        let may_matter = is_login || fault.call.is_changing();
        if is_done && may_matter && !fault.is_harmless() && !is_overcome {
            return Err("done in spite of the fault".to_owned());
        }
        // A descriptor whose closing never came to the kernel stays open.
        let printed = String::from_utf8_lossy(&ended.output.stdout);
        if printed.contains("\nchanged ") && fault.call.name != "close" {
            return Err(format!("the host process is not what it was: {printed}"));
        }
        self.next_one(changed)
    }

    /// Whether the module came to a decision, which its one line of the log tells too.
    fn answer(&self, ended: &Ended) -> Result<bool, Broken> {
        if !ended.output.status.success() {
            return Err(format!("the host process died: {:?}", ended.output));
        }
        let decisions: Vec<_> = ended.log.iter().filter(|line| line.is_decision()).collect();
        let [decision] = decisions[..] else {
            return Err(format!("not one line of the log: {:?}", ended.log));
        };
        let printed = String::from_utf8_lossy(&ended.output.stdout);
        let answer = printed
            .lines()
            .find_map(|line| line.strip_prefix("result auth "));
        match (answer, decision.value("result")) {
            (Some("PAM_SUCCESS"), Some("accept")) | (Some("PAM_AUTH_ERR"), Some("refuse")) => {
                Ok(true)
            }
            (Some("PAM_AUTHINFO_UNAVAIL"), Some("unavailable")) => Ok(false),
            _ => Err(format!("{answer:?} is not what {decision:?} says")),
        }
    }

    /// Whether the program did what it was asked to.
    fn exit(&self, ended: &Ended) -> Result<bool, Broken> {
        match ended.output.status.code() {
            Some(0) => Ok(true),
            Some(code) if code < 100 && !ended.output.stderr.is_empty() => Ok(false),
            _ => Err(format!("the program died: {:?}", ended.output)),
        }
    }

    /// Whoever comes next gets through, and where nothing changed, the same one does.
    fn next_one(&self, changed: bool) -> Result<(), Broken> {
        let output = self.site.kapu(&["unlock", self.site.user()], "");
        if !output.status.success() {
            return Err(format!("the next one: {output:?}"));
        }
        if changed {
            return Ok(());
        }
        let flow = match self.flow {
            // It would wait for its beat.
            Flow::WrongCode => Flow::Login,
            flow => flow,
        };
        let (mut command, _) = flow.command(&self.site);
        let again = command.output().expect("the flow runs");
        let printed = String::from_utf8_lossy(&again.stdout);
        match again.status.success() && !printed.contains("result auth PAM_AUTH") {
            true => Ok(()),
            false => Err(format!("the flow no longer works: {again:?}")),
        }
    }
}

/// The first and the last call of each name, or all of them in the long form.
fn ends(calls: Vec<Call>) -> Vec<Call> {
    let is_end = |place: usize| {
        let same = |other: &Call| other.name == calls[place].name;
        !calls[..place].iter().any(same) || !calls[place + 1..].iter().any(same)
    };
    (0..calls.len())
        .filter(|place| is_long() || is_end(*place))
        .map(|place| calls[place].clone())
        .collect()
}

/// Tries all faults of `calls`, on several sites at once: what was broken.
fn tried(
    make: &(impl Fn() -> Site + Sync),
    flow: Flow,
    choose: impl Fn(Vec<Call>) -> Vec<Call>,
    errors: &[&'static str],
) -> Vec<Broken> {
    let chosen = choose(Scene::new(make(), flow).calls());
    let faults: Vec<_> = chosen
        .iter()
        .flat_map(|call| errors.iter().map(|error| Fault { call, error }))
        .collect();
    println!("{flow:?}: {} faults", faults.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let scene = Scene::new(make(), flow);
        let one = || faults.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(one)
            .filter_map(|fault| scene.fails_at(fault).err())
            .collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..AT_ONCE.min(faults.len()))
            .map(|_| scope.spawn(work))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("a worker ends"))
            .collect()
    })
}

#[test]
fn a_login_meets_each_fault_and_nobody_is_let_in_by_it() {
    let broken = tried(&Site::new, Flow::Login, ends, &ERRORS);
    assert!(broken.is_empty(), "{broken:#?}");
}

fn writing(mut calls: Vec<Call>) -> Vec<Call> {
    calls.retain(|call| is_long() || call.is_changing());
    calls
}

fn nothing_that_is_written_breaks(flow: Flow) {
    let errors: &[&str] = match is_long() {
        true => &ERRORS,
        false => &ERRORS_OF_WRITING,
    };
    let broken = tried(&Site::new, flow, writing, errors);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_login_with_a_wrong_code_meets_each_fault_of_writing() {
    nothing_that_is_written_breaks(Flow::WrongCode);
}

#[test]
fn programs_meet_each_fault_of_writing() {
    for flow in [
        Flow::Enroll,
        Flow::Replace,
        Flow::Revoke,
        Flow::Unlock,
        Flow::Password,
        Flow::Invite,
    ] {
        nothing_that_is_written_breaks(flow);
    }
}

/// The failures of one call, EIO, with the weakened build.
fn fallen(weakness: &'static str, name: &str, how: &str) {
    let site = || Site::weakened(weakness, "");
    let choose = |mut calls: Vec<Call>| {
        calls.retain(|call| call.name == name);
        calls
    };
    let broken = tried(&site, Flow::Login, choose, &["EIO"]);
    let is_it = |broken: &Broken| broken.contains(how);
    assert!(broken.iter().any(is_it), "{broken:#?}");
}

#[test]
fn with_errors_of_syncing_swallowed_a_login_goes_on() {
    fallen("sync-ignored", "fsync", "done in spite of the fault");
}

#[test]
fn with_errors_of_writing_swallowed_a_login_goes_on() {
    fallen("write-ignored", "write", "done in spite of the fault");
}

#[test]
fn a_descriptor_that_stays_open_after_a_fault_is_seen() {
    fallen("leaks-descriptor", "fsync", "changed descriptors");
}
