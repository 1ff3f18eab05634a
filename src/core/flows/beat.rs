//! Refusals leave on a beat, so that the time tells nothing of the way they took.

use std::time::Duration;

use crate::ports::Host;

/// Refusals leave on a multiple of this after the last answer, so that the time tells nothing of
/// the way a refusal took.
const REFUSAL_BEAT: Duration = Duration::from_secs(1);
/// How long before a beat a refusal wakes, again and again, before it leaves.
const SETTLING: [Duration; 6] = [
    Duration::from_millis(100),
    Duration::from_millis(80),
    Duration::from_millis(60),
    Duration::from_millis(40),
    Duration::from_millis(20),
    Duration::ZERO,
];

/// Sleeps until a whole number of beats after the last answer.
///
/// In parts: how soon a busy machine lets a process run again depends on what it did before it slept,
/// and that differs by what was wrong. After some awakenings all are alike. But for the core: whoever
/// waited for the disk is let run at the one that serves it, stays there however often it sleeps, and
/// is let run sooner or later there than elsewhere.
pub(super) fn wait_for_the_beat(answered: Duration, host: &dyn Host) {
    host.go_anywhere();
    for before in SETTLING {
        sleep_until_the_beat(answered, before, host);
    }
}

/// Sleeps until so long before the next beat; not at all where that has passed.
fn sleep_until_the_beat(answered: Duration, before: Duration, host: &dyn Host) {
    let beat = REFUSAL_BEAT.as_nanos();
    let waited = host.elapsed().saturating_sub(answered).as_nanos();
    let left = Duration::from_nanos(u64::try_from(beat - waited % beat).unwrap_or(0));
    host.sleep(left.saturating_sub(before));
}
