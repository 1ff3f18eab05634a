//! A program under strace(1): which system calls it makes, and what becomes of it when one of
//! them goes wrong.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::wrapped::wrapped;

/// One system call of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// Which of its name it is, from 1: the `when` of an injection.
    pub number: usize,
    /// The whole line of strace.
    pub text: String,
    /// The line of the call that opened the descriptor which this one is about.
    pub opened: Option<String>,
}

/// Calls that change what is stored, or who may.
const CHANGING: [&str; 12] = [
    "flock",
    "fchmod",
    "fchmodat",
    "fsync",
    "mkdirat",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "unlinkat",
    "write",
    "ftruncate",
];

impl Call {
    /// Whether it may change what is stored.
    #[must_use]
    pub fn is_changing(&self) -> bool {
        CHANGING.contains(&self.name.as_str()) || self.text.contains("O_CREAT")
    }

    /// The injection that does `what` to this call: `signal=SIGKILL`, `error=EIO`.
    #[must_use]
    pub fn injection(&self, what: &str) -> String {
        format!("{}:{what}:when={}", self.name, self.number)
    }
}

/// `inner` under strace, with its environment alone; the trace goes to `trace`.
#[must_use]
pub fn traced(inner: &Command, trace: &Path, injection: Option<&str>) -> Command {
    let mut arguments: Vec<OsString> = ["-qq", "-s", "80", "-o"].map(OsString::from).to_vec();
    arguments.push(trace.into());
    if let Some(injection) = injection {
        arguments.extend(["-e".into(), format!("inject={injection}").into()]);
    }
    wrapped("strace", arguments, inner)
}

/// The calls in a trace, in their order.
///
/// # Panics
/// When there is no trace.
#[must_use]
pub fn calls(trace: &Path) -> Vec<Call> {
    let text = fs::read(trace).expect("strace has written a trace");
    let mut calls: Vec<Call> = Vec::new();
    for line in String::from_utf8_lossy(&text).lines() {
        // Signals and ends of processes stand between others marks.
        let Some((name, _)) = line.split_once('(') else {
            continue;
        };
        let plain =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if name.is_empty() || !name.chars().all(plain) {
            continue;
        }
        let before = calls.iter().filter(|call| call.name == name).count();
        let opened = opening(&calls, line);
        calls.push(Call {
            name: name.to_owned(),
            number: before + 1,
            text: line.to_owned(),
            opened,
        });
    }
    calls
}

/// The line of the call among `earlier` that opened the descriptor in the first argument of `line`.
fn opening(earlier: &[Call], line: &str) -> Option<String> {
    let (_, arguments) = line.split_once('(')?;
    let descriptor: u32 = arguments.split([',', ')']).next()?.parse().ok()?;
    let result = format!(" = {descriptor}");
    let is_it = |call: &&Call| call.name == "openat" && call.text.ends_with(&result);
    earlier.iter().rfind(is_it).map(|call| call.text.clone())
}

/// The calls of a trace from where the module's or the program's own work begins: the opening of
/// its configuration.
///
/// # Panics
/// When there is no trace, and when the configuration is not read.
#[must_use]
pub fn own_calls(trace: &Path) -> Vec<Call> {
    let mut all = calls(trace);
    let first = all
        .iter()
        .position(|call| call.text.contains("\"kapu.toml\""));
    all.split_off(first.expect("it reads its configuration"))
}
