//! What wrong codes cost, and what a good login forgives.

use super::*;

const NOON: UnixTime = 1_800_000_000;

fn place(last: u8) -> Place {
    Place::of("sshd", Some(&format!("192.0.2.{last}")), 0).unwrap()
}

/// Seconds until a code from there is compared.
fn wait(throttle: &Throttle, from: Option<&Place>, now: UnixTime) -> u64 {
    throttle.opens_at(from, now).saturating_sub(now)
}

#[test]
fn three_wrong_codes_are_free_and_then_each_doubles_the_wait() {
    let mut throttle = Throttle::default();
    let mut waits = Vec::new();
    for _ in 0..8 {
        waits.push(wait(&throttle, None, NOON));
        throttle.charge(None, 3, NOON);
    }
    assert_eq!(waits, [0, 0, 0, 30, 60, 120, 240, 480]);
}

#[test]
fn the_wait_ends_at_an_hour_in_an_own_book_and_at_a_day_in_the_shared_one() {
    let home = place(1);
    let mut throttle = Throttle::default();
    throttle.succeed(Some(&home), NOON);
    for _ in 0..200 {
        throttle.charge(Some(&home), 3, NOON);
        throttle.charge(None, 3, NOON);
    }
    assert_eq!(wait(&throttle, Some(&home), NOON), MAX_OWN_DELAY);
    assert_eq!(wait(&throttle, None, NOON), MAX_SHARED_DELAY);
}

#[test]
fn a_stranger_does_not_slow_down_a_place_with_its_own_book() {
    let home = place(1);
    let mut throttle = Throttle::default();
    throttle.succeed(Some(&home), NOON);
    for stranger in 2..30 {
        throttle.charge(Some(&place(stranger)), 3, NOON);
    }
    assert_eq!(wait(&throttle, Some(&home), NOON), 0);
    assert!(wait(&throttle, Some(&place(99)), NOON) > 0);
}

#[test]
fn a_good_login_ends_the_delay_of_its_own_book_only() {
    let home = place(1);
    let mut throttle = Throttle::default();
    throttle.succeed(Some(&home), NOON);
    for _ in 0..5 {
        throttle.charge(Some(&home), 3, NOON);
        throttle.charge(None, 3, NOON);
    }
    throttle.succeed(Some(&home), NOON + 1000);
    assert_eq!(wait(&throttle, Some(&home), NOON), 0);
    assert_eq!(wait(&throttle, None, NOON), 120);
}

#[test]
fn time_does_not_lower_the_budget_and_a_good_login_only_its_own_last_mistypings() {
    let home = place(1);
    let mut throttle = Throttle::default();
    throttle.succeed(Some(&home), NOON);
    throttle.charge(Some(&place(2)), 3, NOON);
    throttle.charge(Some(&home), 3, NOON);
    throttle.charge(Some(&home), 3, NOON + 100);
    throttle.succeed(Some(&home), NOON + 200);
    // The one of two minutes ago is forgiven; the older one and the stranger's stay.
    assert_eq!(throttle.units, 6);
    throttle.succeed(Some(&home), NOON + 300 * DAY);
    assert_eq!(throttle.units, 6);
}

#[test]
fn a_slip_costs_the_delay_alone_and_none_of_what_is_forgiven() {
    let home = place(1);
    let mut throttle = Throttle::default();
    throttle.succeed(Some(&home), NOON);
    for _ in 0..=FREE_FAILURES {
        throttle.charge(Some(&home), 0, NOON);
    }
    assert_eq!(wait(&throttle, Some(&home), NOON), 2 * FIRST_DELAY);
    throttle.succeed(Some(&home), NOON + 100);
    assert_eq!((throttle.units, throttle.taken_back), (0, 0));
}

#[test]
fn a_costly_wrong_code_is_taken_back_in_part_where_little_is_left() {
    let home = place(1);
    let mut throttle = Throttle::default();
    for units in [0, 5, 15] {
        throttle.charge(Some(&home), 10, NOON);
        throttle.succeed(Some(&home), NOON + 1);
        assert_eq!(throttle.units, units);
    }
}

#[test]
fn at_most_five_mistypings_a_week_are_taken_back() {
    let home = place(1);
    let monday = NOON / WEEK * WEEK;
    let mut throttle = Throttle::default();
    let mut mistype_at = |moment| {
        throttle.charge(Some(&home), 3, moment);
        throttle.succeed(Some(&home), moment + 1);
        throttle.units
    };
    let units: Vec<_> = (0..7).map(|day| mistype_at(monday + day * DAY)).collect();
    assert_eq!(units, [0, 0, 0, 0, 0, 3, 6]);
    assert_eq!(mistype_at(monday + WEEK), 6);
}

#[test]
fn a_place_is_forgotten_after_ninety_days_and_the_oldest_makes_room() {
    let mut throttle = Throttle::default();
    for last in 1..=9 {
        throttle.succeed(Some(&place(last)), NOON + u64::from(last));
    }
    assert_eq!(throttle.places.len(), MAX_PLACES);
    assert!(throttle.places.iter().all(|known| known.place != place(1)));
    throttle.charge(None, 3, NOON + PLACE_LIFETIME);
    for _ in 0..3 {
        throttle.charge(None, 3, NOON + PLACE_LIFETIME);
    }
    assert_eq!(wait(&throttle, Some(&place(9)), NOON + PLACE_LIFETIME), 0);
    assert!(wait(&throttle, Some(&place(9)), NOON + PLACE_LIFETIME + 30) > 0);
}

#[test]
fn numbers_at_their_limits_do_not_overflow() {
    let mut throttle = Throttle {
        units: u32::MAX,
        shared: Book {
            failures: u32::MAX,
            last: u64::MAX,
        },
        ..Throttle::default()
    };
    throttle.charge(None, u32::MAX, u64::MAX);
    assert_eq!(throttle.units, u32::MAX);
    assert_eq!(throttle.opens_at(None, u64::MAX), u64::MAX);
}
