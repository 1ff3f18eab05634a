//! The clocks: what day it is, and how long something took.

use std::mem::MaybeUninit;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kapu_core::ports::{LocalTime, UnixTime};

/// The start of the epoch, for a moment that no calendar of this machine can name.
const EPOCH: LocalTime = LocalTime {
    year: 1970,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
};

/// The wall clock. One that stands before 1970 counts as 1970: no code is right then.
#[must_use]
pub fn now() -> UnixTime {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Measures waits. This is CLOCK_MONOTONIC, which stands still while the machine sleeps: a wait
/// for a lock must not fail because somebody shut the lid, and nobody types meanwhile either.
/// Nothing of it is ever stored, so a reboot cannot confuse it.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// A stopwatch that runs from now on.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since its start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Local calendar time of a moment, by the time zone of the process (localtime_r(3)).
///
/// The C library reads `TZ` or /etc/localtime the first time that anything in the process asks,
/// which the syslog(3) of the host does too; nothing is changed that the host would not have
/// found the same. `TZ` may have been set by the user of a setuid program: the result is for
/// people to read and decides nothing.
#[must_use]
pub fn local_time(at: UnixTime) -> LocalTime {
    let Ok(at) = libc::time_t::try_from(at) else {
        return EPOCH;
    };
    let mut parts = MaybeUninit::<libc::tm>::uninit();
    // SAFETY: both pointers are good for the call; the function keeps neither, is safe to call
    // from any thread, and on success has written every field (localtime_r(3)).
    let parts = unsafe {
        if libc::localtime_r(&raw const at, parts.as_mut_ptr()).is_null() {
            return EPOCH;
        }
        parts.assume_init()
    };
    let small = |number: libc::c_int| u8::try_from(number).unwrap_or_default();
    LocalTime {
        year: parts.tm_year.saturating_add(1900),
        month: small(parts.tm_mon.saturating_add(1)),
        day: small(parts.tm_mday),
        hour: small(parts.tm_hour),
        minute: small(parts.tm_min),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    #[test]
    fn the_wall_clock_agrees_with_date() {
        let before = now();
        let output = Command::new("date").arg("+%s").output().unwrap();
        let date: UnixTime = String::from_utf8(output.stdout)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        assert!((before..=now()).contains(&date));
    }

    #[test]
    fn the_local_time_agrees_with_date() {
        // A leap day, both sides of a change to summer time, and a year beyond 32-bit time.
        for at in [0, 951_782_400, 1_711_846_799, 1_711_846_800, 5_000_000_000] {
            let time = local_time(at);
            let output = Command::new("date")
                .args(["-d", &format!("@{at}"), "+%Y-%-m-%-d %-H:%-M"])
                .output()
                .unwrap();
            let ours = format!(
                "{}-{}-{} {}:{}",
                time.year, time.month, time.day, time.hour, time.minute
            );
            assert_eq!(
                ours,
                String::from_utf8(output.stdout).unwrap().trim(),
                "{at}"
            );
        }
    }

    #[test]
    fn a_moment_beyond_the_calendar_is_the_epoch() {
        assert_eq!(local_time(u64::MAX), EPOCH);
        assert_eq!(local_time(i64::MAX as u64), EPOCH);
    }

    #[test]
    fn the_stopwatch_counts_at_least_a_sleep() {
        let stopwatch = Stopwatch::start();
        thread::sleep(Duration::from_millis(20));
        let elapsed = stopwatch.elapsed();
        assert!(elapsed >= Duration::from_millis(20) && elapsed < Duration::from_secs(20));
    }
}
