//! Who knows the password, alone or at the owner's own place.

use super::*;

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
        if siege.bench.state.throttle.taken_back < TAKE_BACK_A_WEEK
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
    let two_weeks = 2 * TAKE_BACK_A_WEEK;
    assert!(siege.units() <= PER_PASSWORD + two_weeks);
}
