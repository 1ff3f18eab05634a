//! One system call that fails, and whether that can matter.

use kapu_tests::Call;

/// Calls whose failure may leave an accept: the name (every one where there is none), what else
/// the trace says of the call or of the file it is about, and why.
const HARMLESS: [(&str, &str, &str); 11] = [
    (
        "",
        "cgroup",
        "the number of cores: without it there are as many hashes at once as there are cores",
    ),
    (
        "sched_getaffinity",
        "",
        "the same: there is one hash at once",
    ),
    (
        "close",
        "",
        "the descriptor is gone all the same, and was synced where that matters",
    ),
    (
        "flock",
        "LOCK_UN",
        "the descriptor is closed next, and the lock goes with it",
    ),
    (
        "geteuid",
        "",
        "it cannot fail; here it tells a number that nobody has",
    ),
    (
        "madvise",
        "",
        "advice about the arena, which is wiped anyway",
    ),
    (
        "getpid",
        "",
        "it cannot fail; here the journal is told a wrong number",
    ),
    (
        "socket",
        "SOCK_DGRAM|SOCK_CLOEXEC, 0)",
        "the line for the journal, when all is decided: syslog gets it",
    ),
    ("sendto", "MESSAGE=", "the same"),
    ("mlock", "", "the same: a host may allow less locked memory"),
    ("munmap", "", "the arena is wiped before it is given back"),
];

/// One fault: which call fails, and with what.
pub(super) struct Fault<'a> {
    pub(super) call: &'a Call,
    pub(super) error: &'static str,
}

impl Fault<'_> {
    /// Whether the table has its call.
    pub(super) fn is_harmless(&self) -> bool {
        HARMLESS
            .iter()
            .any(|(name, mark, _)| self.is_of(name, mark))
    }

    fn is_of(&self, name: &str, mark: &str) -> bool {
        let opened = self.call.opened.as_deref().unwrap_or_default();
        (name.is_empty() || self.call.name == name)
            && (self.call.text.contains(mark) || opened.contains(mark))
    }
}
