//! Owners who mistype.

use super::*;

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
