//! The processor cores that this thread may run on.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::random;

/// This thread, as the calls name it.
const THIS: Pid = Pid::from_raw(0);

/// How many there are; one where the kernel does not say.
///
/// What std asks besides, the quota of a control group, is twenty calls at each login.
pub(crate) fn count() -> usize {
    sched_getaffinity(THIS).map_or(1, |allowed| each(&allowed).count())
}

/// Moves this thread to one of them that chance picks. It may run on all of them again when this
/// returns, and stays where it is until the kernel has a reason to move it.
///
/// Failures are ignored: a thread of real time is not moved, and nothing depends on it.
pub(crate) fn go_to_any() {
    let (Ok(allowed), Ok(picked)) = (sched_getaffinity(THIS), random::bytes()) else {
        return;
    };
    let count = each(&allowed).count();
    if count < 2 {
        return;
    }
    let mut one = CpuSet::new();
    let core = each(&allowed).nth(usize::from(u16::from_ne_bytes(picked)) % count);
    if core.is_some_and(|core| one.set(core).is_ok()) && sched_setaffinity(THIS, &one).is_ok() {
        // What it was before is still allowed.
        let _ = sched_setaffinity(THIS, &allowed);
    }
}

fn each(set: &CpuSet) -> impl Iterator<Item = usize> + '_ {
    (0..CpuSet::count()).filter(|core| set.is_set(*core).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use nix::sched::sched_getcpu;

    use super::*;

    /// The numbers of the cores that this thread may run on.
    fn allowed() -> Vec<usize> {
        each(&sched_getaffinity(THIS).unwrap()).collect()
    }

    #[test]
    fn it_comes_to_every_core_and_may_run_on_all_of_them_afterwards() {
        let before = allowed();
        assert_eq!(count(), before.len());
        let seen: BTreeSet<usize> = (0..64 * before.len())
            .map(|_| {
                go_to_any();
                sched_getcpu().unwrap()
            })
            .collect();
        assert_eq!(allowed(), before);
        // One may be too many for a kernel that moves it on at once.
        assert!(seen.len() > before.len() / 2, "{seen:?} of {before:?}");
        assert!(seen.iter().all(|core| before.contains(core)));
    }

    #[test]
    fn who_may_run_on_one_core_alone_stays_there() {
        // Of this thread, which ends with the test.
        let [first, ..] = allowed()[..] else {
            panic!("no core at all");
        };
        let mut one = CpuSet::new();
        one.set(first).unwrap();
        sched_setaffinity(THIS, &one).unwrap();
        go_to_any();
        assert_eq!(allowed(), [first]);
        assert_eq!(sched_getcpu(), Ok(first));
    }
}
