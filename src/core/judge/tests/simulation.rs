//! A year of guessing by somebody who knows the password, against the real judge with a clock
//! that is set by hand. The figures are those of docs/threat-model.md.
//!
//! Odds are counted in units: a guess that is compared may be one of three codes of a million.
//! The guesses here are wrong on purpose, so that a run shows how many there could have been.

mod owner;
mod thief;
mod unproven;
mod year;

use super::*;
use crate::throttle::TAKE_BACK_A_WEEK;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const YEAR: u64 = 365 * DAY;

/// The promise for one password: 3 in 10,000.
const PER_PASSWORD: u32 = 300;
/// The promise for a year without a proven first factor: 1.2 in 1,000.
const A_YEAR_UNPROVEN: u32 = 1_200;
/// Calendar weeks that a year can touch.
const WEEKS_TOUCHED: u32 = 54;
/// The promise for a year at the owner's own address: 1.11 in 1,000.
const A_YEAR_AT_HOME: u32 = PER_PASSWORD + WEEKS_TOUCHED * TAKE_BACK_A_WEEK;

/// Where the owner logs in.
const HOME: &str = "192.0.2.4";

/// The account under attack.
struct Siege {
    bench: Bench,
    now: UnixTime,
    /// Wrong codes that were compared: what the guesser's odds are counted by.
    compared: u32,
}

impl Siege {
    /// Begins after the owner's first login from [`HOME`].
    fn new() -> Self {
        let mut siege = Self {
            bench: Bench::new(),
            now: NOON,
            compared: 0,
        };
        assert!(is_accepted(&siege.owner(HOME)));
        siege
    }

    fn days(&self) -> u64 {
        (self.now - NOON) / DAY
    }

    fn units(&self) -> u32 {
        self.compared * WRONG_CODE
    }

    fn is_disabled(&self) -> bool {
        self.bench.state.status == Status::Disabled
    }

    /// The owner types the right code.
    fn owner(&mut self, address: &str) -> Decision {
        let right = self.bench.right(self.now);
        let login = login_from(address);
        self.bench.judge(&login, Proof::Right, &right, self.now)
    }

    /// The owner mistypes and, a step later, types the right code.
    fn owner_mistypes(&mut self, login: &Login) {
        let wrong = self.bench.wrong(self.now);
        let _ = self.bench.judge(login, Proof::Right, &wrong, self.now);
        let next = self.now + 30;
        let right = self.bench.right(next);
        let decision = self.bench.judge(login, Proof::Right, &right, next);
        assert!(is_accepted(&decision), "day {}: {decision:?}", self.days());
    }

    /// When a guess from there is compared.
    fn opens_at(&self, login: &Login, proof: Proof) -> UnixTime {
        let throttle = &self.bench.state.throttle;
        let opens = match proof {
            Proof::Elsewhere => throttle.shared_opens_at(),
            Proof::Right | Proof::Key | Proof::Wrong => {
                throttle.opens_at(login.place.as_ref(), self.now)
            }
        };
        opens.max(self.now)
    }

    /// Waits no longer than it must and guesses, unless that would be after `until`.
    fn guess(&mut self, address: &str, proof: Proof, until: UnixTime) -> bool {
        let login = login_from(address);
        let opens = self.opens_at(&login, proof);
        if opens > until || self.is_disabled() {
            self.now = until;
            return false;
        }
        if opens > self.now {
            self.refused_a_second_before(&login, proof, opens);
        }
        self.now = opens;
        let wrong = self.bench.wrong(opens);
        let decision = self.bench.judge(&login, proof, &wrong, opens);
        assert_eq!(decision, refused(Refusal::Code));
        self.compared += 1;
        true
    }

    /// A guess that comes too early is not compared and changes nothing.
    fn refused_a_second_before(&mut self, login: &Login, proof: Proof, opens: UnixTime) {
        let before = self.bench.state.clone();
        let wrong = self.bench.wrong(opens - 1);
        let decision = self.bench.judge(login, proof, &wrong, opens - 1);
        assert_eq!(decision, refused(Refusal::Throttled));
        assert_eq!(self.bench.state, before);
    }

    /// Guesses as fast as possible until the year ends or the tokens are off.
    fn guess_for_a_year(&mut self, mut address: impl FnMut(u32) -> String) {
        while self.guess(&address(self.compared), Proof::Right, NOON + YEAR) {}
    }
}

/// One of very many addresses, never [`HOME`].
fn stranger(number: u32) -> String {
    format!("2001:db8:{number:x}::1")
}
