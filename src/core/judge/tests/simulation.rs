//! A year of guessing by somebody who knows the password, against the real judge with a clock
//! that is set by hand. The figures are those of docs/threat-model.md.
//!
//! Odds are counted in units: a guess that is compared may be one of three codes of a million.
//! The guesses here are wrong on purpose, so that a run shows how many there could have been.

use super::*;
use crate::throttle::TAKE_BACKS_A_WEEK;

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
const A_YEAR_AT_HOME: u32 = PER_PASSWORD + WEEKS_TOUCHED * TAKE_BACKS_A_WEEK * WRONG_CODE;

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

#[test]
fn a_guesser_elsewhere_gets_a_hundred_guesses_however_many_addresses_there_are() {
    let one = |_| stranger(0);
    let attacks: [&dyn Fn(u32) -> String; 2] = [&one, &stranger];
    for attack in attacks {
        let mut siege = Siege::new();
        while siege.guess(&attack(siege.compared), Proof::Right, NOON + YEAR) {
            if siege.is_disabled() {
                break;
            }
        }
        assert_eq!(siege.units(), PER_PASSWORD);
        // After a day and a half it is one guess a day.
        assert_eq!(siege.days(), 86);
    }
}

#[test]
fn a_guesser_at_the_owners_place_gets_no_more_and_is_through_in_days() {
    let mut siege = Siege::new();
    while !siege.is_disabled() {
        assert!(siege.guess(HOME, Proof::Right, NOON + YEAR));
    }
    assert_eq!(siege.units(), PER_PASSWORD);
    assert_eq!(siege.days(), 3);
}

#[test]
fn guessing_from_everywhere_at_once_shares_one_budget() {
    let mut siege = Siege::new();
    let places = |number: u32| match number % 2 {
        0 => HOME.to_owned(),
        _ => stranger(number),
    };
    siege.guess_for_a_year(places);
    assert!(siege.is_disabled());
    assert_eq!(siege.units(), PER_PASSWORD);
}

#[test]
fn tokens_that_are_off_compare_nothing_for_the_rest_of_the_year() {
    let mut siege = Siege::new();
    siege.guess_for_a_year(stranger);
    assert!(siege.is_disabled());
    let before = siege.bench.state.clone();
    for day in 87..365 {
        siege.now = NOON + day * DAY;
        for address in [HOME.to_owned(), stranger(7)] {
            assert_eq!(siege.owner(&address), refused(Refusal::Disabled));
        }
    }
    assert_eq!(siege.bench.state, before);
}

#[test]
fn each_unlock_by_the_administrator_gives_one_more_budget() {
    let mut siege = Siege::new();
    for unlocks in 1..=3 {
        siege.guess_for_a_year(|_| HOME.to_owned());
        assert_eq!(siege.units(), unlocks * PER_PASSWORD);
        siege.bench.state.throttle.clear();
        siege.bench.state.set_status(Status::Live, siege.now);
        siege.now = NOON + u64::from(unlocks) * 30 * DAY;
    }
}

#[test]
fn guesses_from_elsewhere_never_keep_the_owner_waiting_at_home_and_are_told() {
    let mut siege = Siege::new();
    for day in 1..=86 {
        let noon = NOON + day * DAY;
        let before = siege.compared;
        while siege.guess(&stranger(siege.compared), Proof::Right, noon) {}
        siege.now = noon;
        if siege.is_disabled() {
            break;
        }
        let Decision::Accept(accepted) = siege.owner(HOME) else {
            panic!("day {day}: the owner waits for a stranger");
        };
        let told = accepted.notices.wrong_codes.map_or(0, |tally| tally.count);
        assert_eq!(told, siege.compared - before, "day {day}");
    }
    assert_eq!(siege.days(), 86);
    assert_eq!(siege.units(), PER_PASSWORD - WRONG_CODE);
}

#[test]
fn an_owner_who_travels_ends_the_strangers_delay_but_lends_them_no_budget() {
    let mut siege = Siege::new();
    let mut journeys = 0;
    loop {
        let evening = siege.now + DAY;
        while siege.guess(&stranger(journeys), Proof::Right, evening) {}
        if siege.is_disabled() {
            break;
        }
        // From a new address the owner waits with the strangers, and then is the first.
        journeys += 1;
        assert!(journeys < 365, "the tokens are never switched off");
        let address = format!("198.51.100.{journeys}");
        siege.now = siege.opens_at(&login_from(&address), Proof::Right);
        assert!(is_accepted(&siege.owner(&address)));
    }
    assert_eq!(siege.units(), PER_PASSWORD);
    assert_eq!(journeys, 7);
}

#[test]
fn a_patient_guesser_at_the_owners_place_gains_the_mistypings_that_are_forgiven() {
    // The year that touches most weeks starts and ends in the middle of their last days.
    let mut siege = Siege::new();
    let start = NOON / WEEK * WEEK + 3 * WEEK - DAY / 2;
    let end = start + YEAR;
    siege.now = start;
    while siege.now < end - 6 * DAY {
        // The owner logs in every hour, and the guesser knows when: a minute before.
        if siege.bench.state.throttle.taken_back < TAKE_BACKS_A_WEEK
            || siege.bench.state.throttle.take_back_week != siege.now / WEEK
        {
            assert!(siege.guess(HOME, Proof::Right, siege.now));
        }
        siege.now += MINUTE;
        let Decision::Accept(accepted) = siege.owner(HOME) else {
            panic!("the owner waits");
        };
        assert_eq!(siege.bench.state.throttle.units, 0);
        assert!(
            accepted
                .notices
                .wrong_codes
                .is_none_or(|tally| tally.count == 1)
        );
        siege.now += HOUR - MINUTE;
    }
    // The last days are for the whole budget.
    while !siege.is_disabled() {
        assert!(siege.guess(HOME, Proof::Right, end));
    }
    assert!(siege.units() > PER_PASSWORD);
    assert!(siege.units() <= A_YEAR_AT_HOME, "{}", siege.units());
    assert_eq!(A_YEAR_AT_HOME, 1_110);
}

#[test]
fn an_impatient_guesser_at_the_owners_place_is_through_in_days() {
    let mut siege = Siege::new();
    while siege.guess(HOME, Proof::Right, siege.now) && !siege.is_disabled() {
        siege.now += MINUTE;
        assert!(is_accepted(&siege.owner(HOME)));
        siege.now += HOUR - MINUTE;
        assert!(siege.days() < 7, "every guess is taken back");
    }
    let two_weeks = 2 * TAKE_BACKS_A_WEEK * WRONG_CODE;
    assert!(siege.units() <= PER_PASSWORD + two_weeks);
}

#[test]
fn an_owner_who_mistypes_on_every_working_day_is_never_switched_off() {
    let mut siege = Siege::new();
    for day in 1..=3 * 365 {
        siege.now = NOON + day * DAY;
        if day % 7 < 5 {
            siege.owner_mistypes(&login_from(HOME));
        } else {
            assert!(is_accepted(&siege.owner(HOME)));
        }
        assert_eq!(siege.bench.state.throttle.units, 0, "day {day}");
    }
}

#[test]
fn an_owner_whose_place_cannot_be_told_may_mistype_once_a_week_for_a_year() {
    let mut siege = Siege::new();
    let login = login_from("127.0.0.1");
    assert_eq!(login.place, None);
    for week in 1..=52 {
        siege.now = NOON + week * WEEK;
        siege.owner_mistypes(&login);
    }
    // Nothing is taken back where nobody can be told from anybody.
    assert_eq!(siege.bench.state.throttle.units, 52 * WRONG_CODE);
    assert_eq!(siege.bench.state.status, Status::Live);
}

#[test]
fn without_a_proven_first_factor_the_delay_alone_holds_a_guesser_for_the_year() {
    let mut siege = Siege::new();
    for day in 1..=365 {
        let noon = NOON + day * DAY;
        while siege.guess(&stranger(siege.compared), Proof::Elsewhere, noon) {}
        siege.now = noon;
        // The owner's good logins, when they come through, end nothing for the guesser.
        let right = siege.bench.right(noon);
        let _ = siege
            .bench
            .judge(&login_from(HOME), Proof::Elsewhere, &right, noon);
    }
    assert!(siege.units() <= A_YEAR_UNPROVEN, "{}", siege.units());
    assert!(siege.compared > 365, "{}", siege.compared);
    // Nor can anybody switch the tokens off who has proven nothing.
    assert_eq!(siege.bench.state.status, Status::Live);
    assert_eq!(siege.bench.state.throttle.units, 0);
}

#[test]
fn without_a_proven_first_factor_a_guesser_can_keep_the_owner_waiting() {
    let mut siege = Siege::new();
    while siege.guess(&stranger(0), Proof::Elsewhere, NOON + 30 * DAY) {}
    let right = siege.bench.right(siege.now);
    let unproven = siege
        .bench
        .judge(&login_from(HOME), Proof::Elsewhere, &right, siege.now);
    assert_eq!(unproven, refused(Refusal::Throttled));
    // The price of having no proof: with an ssh key the place is known and the owner is let in.
    assert!(is_accepted(&siege.owner(HOME)));
}

#[test]
fn a_stranger_without_the_password_changes_nothing_in_a_year() {
    let mut siege = Siege::new();
    let before = siege.bench.state.clone();
    for hour in 0..YEAR / HOUR {
        let at = NOON + hour * HOUR;
        let typed = format!("{:06}", hour * 7_919 % 1_000_000);
        let login = login_from(&stranger(hour as u32));
        let decision = siege.bench.judge(&login, Proof::Wrong, &typed, at);
        assert_eq!(decision, refused(Refusal::Password));
    }
    assert_eq!(siege.bench.state, before);
    siege.now = NOON + YEAR;
    assert!(is_accepted(&siege.owner(&stranger(9))));
}
