//! What belongs to the application and not to a module: looked at before the transaction and after
//! it, and told where it is not the same.

use std::collections::BTreeSet;
use std::ffi::{CStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::ptr;

/// The lines of /proc/self/status that a module must leave alone: ids, umask, threads, the
/// signals that are blocked, ignored and caught, and the processor cores that may be used.
const STATUS: [&str; 10] = [
    "Umask:",
    "Uid:",
    "Gid:",
    "Groups:",
    "Threads:",
    "SigBlk:",
    "SigIgn:",
    "SigCgt:",
    "NoNewPrivs:",
    "Cpus_allowed_list:",
];
/// The first number that is no signal (signal(7)).
const AFTER_THE_LAST_SIGNAL: libc::c_int = 65;

/// The process at one moment: what is looked at, and how it is.
pub(crate) struct HostState(Vec<(&'static str, String)>);

impl HostState {
    /// Looks at this process.
    pub(crate) fn now() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = |key: &'static str| {
            let found = status.lines().find(|line| line.starts_with(key));
            (
                key.trim_end_matches(':'),
                found.unwrap_or_default().to_owned(),
            )
        };
        let mut seen: Vec<_> = STATUS.into_iter().map(line).collect();
        let mut environment: Vec<(OsString, OsString)> = std::env::vars_os().collect();
        environment.sort();
        seen.extend([
            ("descriptors", format!("{:?}", descriptors())),
            ("dispositions", format!("{:?}", dispositions())),
            ("locale", format!("{:?}", locale())),
            ("dumpable", dumpable().to_string()),
            ("directory", format!("{:?}", std::env::current_dir())),
            ("environment", format!("{environment:?}")),
            (
                "limits",
                fs::read_to_string("/proc/self/limits").unwrap_or_default(),
            ),
        ]);
        Self(seen)
    }

    /// The names of what is not as it was.
    pub(crate) fn changed_since(&self, earlier: &Self) -> Vec<&'static str> {
        let pairs = earlier.0.iter().zip(&self.0);
        pairs
            .filter(|(before, after)| before != after)
            .map(|(before, _)| before.0)
            .collect()
    }
}

/// The open descriptors, and what they lead to.
fn descriptors() -> BTreeSet<(OsString, PathBuf)> {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return BTreeSet::new();
    };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name(), fs::read_link(entry.path()).ok()?)))
        // The one by which this is read.
        .filter(|(_, target)| !is_listing(target))
        .collect()
}

fn is_listing(target: &Path) -> bool {
    target.starts_with("/proc") && target.ends_with("fd")
}

/// Whether the kernel may write a core of this process (prctl(2)).
fn dumpable() -> i32 {
    // SAFETY: prctl(2) with a plain number.
    unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }
}

/// The handler, flags and mask of each signal.
fn dispositions() -> Vec<(usize, libc::c_int)> {
    (1..AFTER_THE_LAST_SIGNAL)
        .map(|signal| {
            // SAFETY: a structure of integers and a function's address, for which zeros are valid.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            // SAFETY: sigaction(2) without a new action only fills in the old one. The C library's
            // own signals give an error, and leave the zeros.
            unsafe { libc::sigaction(signal, ptr::null(), &raw mut action) };
            (action.sa_sigaction, action.sa_flags)
        })
        .collect()
}

/// The name of the locale of every category.
fn locale() -> Option<Vec<u8>> {
    // SAFETY: setlocale(3) with null only asks; the string stays until the next call that sets.
    let name = unsafe { libc::setlocale(libc::LC_ALL, ptr::null()) };
    // SAFETY: null, or terminated as above.
    (!name.is_null()).then(|| unsafe { CStr::from_ptr(name) }.to_bytes().to_vec())
}
