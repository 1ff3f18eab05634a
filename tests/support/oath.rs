//! Codes, made by `oathtool`: an implementation that is not ours.

use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds of a step.
pub const PERIOD: u64 = 30;

/// Steps around the present one whose codes [`wrong_code`] keeps away from.
const KEPT_AWAY: u64 = 4;

fn codes_from(secret: &str, first: u64, more: u64) -> Vec<String> {
    let output = Command::new("oathtool")
        .args(["--totp", "--base32", secret])
        .arg(format!("--now=@{first}"))
        .arg(format!("--window={more}"))
        .output()
        .expect("oathtool runs");
    assert!(
        output.status.success(),
        "oathtool: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The code that an app with this secret (base32) shows at a moment (Unix time).
///
/// # Panics
/// When oathtool cannot tell.
#[must_use]
pub fn code_at(secret: &str, moment: u64) -> String {
    codes_from(secret, moment, 0)
        .pop()
        .expect("oathtool prints a code")
}

/// The code that a counter-based device with this secret (base32) shows for a counter: 0 is that of
/// the first press.
///
/// # Panics
/// When oathtool cannot tell.
#[must_use]
pub fn counter_code(secret: &str, counter: u64) -> String {
    let output = Command::new("oathtool")
        .args(["--hotp", "--base32", secret])
        .arg(format!("--counter={counter}"))
        .output()
        .expect("oathtool runs");
    assert!(output.status.success(), "oathtool: {output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Six digits that the secret's app does not show within two minutes of `moment`, nor digits so near
/// to them that they could be mistyped ones.
///
/// # Panics
/// When oathtool cannot tell.
#[must_use]
pub fn wrong_code(secret: &str, moment: u64) -> String {
    let near = codes_from(secret, moment - KEPT_AWAY * PERIOD, 2 * KEPT_AWAY);
    (0..)
        .map(|number| format!("{:06}", (123_457 + number * 7_919) % 1_000_000))
        .find(|code| near.iter().all(|right| differing(code, right) > 2))
        .expect("few of a million codes are near")
}

/// At how many places two codes differ.
fn differing(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.filter(|(one, other)| one != other).count()
}

/// The present moment, once at least `seconds` of its step are left, so that a test can reckon
/// with steps without one ending under it.
///
/// # Panics
/// When a step has not that many seconds.
#[must_use]
pub fn moment_with(seconds: u64) -> u64 {
    assert!(seconds < PERIOD);
    let now = unix_now();
    let left = PERIOD - now.as_secs() % PERIOD;
    if left > seconds {
        return now.as_secs();
    }
    let next = Duration::from_secs(now.as_secs() + left);
    thread::sleep(next.saturating_sub(now) + Duration::from_millis(20));
    unix_now().as_secs()
}

fn unix_now() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
}
