//! Passwords that are compared as they are, and a host whose clock is set.

use std::cell::Cell;
use std::time::Duration;

use kapu_core::event::Event;
use kapu_core::ports::{Host, LocalTime, Passwords, Proof, Trouble, TroubleKind, UnixTime};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_core::verdict::Login;

/// Noon of 15 January 2027, UTC.
pub const NOON: UnixTime = 1_800_014_400;
/// Seconds of a day.
pub const DAY: UnixTime = 24 * 60 * 60;

/// Passwords that are stored as they are.
pub struct PlainPasswords {
    /// The answer to every check, where somebody else decides.
    pub decided: Option<Proof>,
    /// Nothing can be checked.
    pub fails: bool,
    /// Every hash is weaker than it should be.
    pub are_stale: bool,
}

impl Passwords for PlainPasswords {
    fn verify(
        &self,
        _: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        if self.fails {
            return Err(Trouble::new(TroubleKind::Hash, "ordered"));
        }
        if let Some(proof) = self.decided {
            return Ok(proof);
        }
        let is_right = hash.is_some_and(|hash| hash.0.same_as(typed));
        Ok(if is_right { Proof::Right } else { Proof::Wrong })
    }

    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble> {
        Ok(PasswordHash(password.clone()))
    }

    fn stale(&self, _: &PasswordHash) -> bool {
        self.are_stale
    }
}

/// A host whose clock moves when it is told to.
pub struct FakeHost {
    /// Seconds since 1970.
    pub time: Cell<UnixTime>,
    elapsed: Cell<Duration>,
    /// No random bytes.
    pub no_chance: Cell<bool>,
    chance: Cell<u64>,
}

impl FakeHost {
    /// At noon.
    pub fn new() -> Self {
        Self {
            time: Cell::new(NOON),
            elapsed: Cell::default(),
            no_chance: Cell::default(),
            chance: Cell::new(0x9e37_79b9_7f4a_7c15),
        }
    }
}

impl Host for FakeHost {
    fn now(&self) -> UnixTime {
        self.time.get()
    }

    fn elapsed(&self) -> Duration {
        self.elapsed.get()
    }

    fn sleep(&self, duration: Duration) {
        self.elapsed.set(self.elapsed.get() + duration);
    }

    fn local_time(&self, at: UnixTime) -> LocalTime {
        // Of January alone: the days before and after it are its first and its last.
        let day = (15 + at / DAY).saturating_sub(NOON / DAY).clamp(1, 31);
        LocalTime {
            year: 2027,
            month: 1,
            day: u8::try_from(day).unwrap_or(31),
            hour: u8::try_from(at % DAY / 3600).unwrap_or(0),
            minute: u8::try_from(at % 3600 / 60).unwrap_or(0),
        }
    }

    fn name(&self) -> String {
        "server1".to_owned()
    }

    fn is_member(&self, _: &Account, _: &str) -> Option<bool> {
        None
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        if self.no_chance.get() {
            return Err(Trouble::new(TroubleKind::Random, "ordered"));
        }
        for byte in bytes {
            let mut x = self.chance.get();
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            self.chance.set(x);
            *byte = x.to_le_bytes()[3];
        }
        Ok(())
    }

    fn log(&self, _: &Event) {}
}
