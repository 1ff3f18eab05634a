//! No core dump while a login is in progress.
//!
//! A password, a code, a key and the arena of a hash are in memory for as long as they are needed, and a
//! core that is written meanwhile holds them. A limit of its size (RLIMIT_CORE) does not keep it from a
//! collector that the kernel pipes cores to; the process's own word does (PR_SET_DUMPABLE of prctl(2)).

use nix::libc;

use crate::identity;

/// As long as it lives, the kernel writes no core of this process, and no ordinary user may trace it.
///
/// The word is the process's: where a host runs two logins in threads of its own, the first to end
/// takes it back. It is only ever taken back to what it was.
#[derive(Debug)]
#[must_use]
pub struct Undumpable {
    was_dumpable: bool,
}

impl Undumpable {
    /// From now on, where this is root's process: that of an ordinary user (the demo, a test) holds
    /// nothing that this user may not see. Best effort: a kernel that refuses does not refuse the login.
    pub fn from_now_on() -> Self {
        if identity::effective_uid() != identity::ROOT {
            return Self {
                was_dumpable: false,
            };
        }
        // SAFETY: prctl(2) with plain numbers; it touches no memory of ours.
        let was_dumpable = unsafe { libc::prctl(libc::PR_GET_DUMPABLE, 0, 0, 0, 0) } == DUMPABLE;
        // What a set-uid program has (0, or 2) is as good already, and could not be set back.
        if was_dumpable {
            set(NOT_DUMPABLE);
        }
        Self { was_dumpable }
    }
}

impl Drop for Undumpable {
    fn drop(&mut self) {
        if self.was_dumpable {
            set(DUMPABLE);
        }
    }
}

/// SUID_DUMP_USER of prctl(2).
const DUMPABLE: libc::c_int = 1;
/// SUID_DUMP_DISABLE of prctl(2).
const NOT_DUMPABLE: libc::c_int = 0;

fn set(value: libc::c_int) {
    // SAFETY: prctl(2) with plain numbers; it touches no memory of ours.
    let _ = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, value, 0, 0, 0) };
}
