//! Remembered places: how they begin, what they open, and how they end.

use super::*;

const HOUR: u64 = 60 * 60;

/// Anna, whose code was good at the usual place at noon.
fn remembered() -> Bench {
    let (record, ..) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    bench.policy.remembers = Some(8 * HOUR);
    let right = bench.right(NOON);
    assert!(is_accepted(&bench.answer(&right, NOON)));
    bench
}

fn enters(bench: &mut Bench, at: UnixTime) -> bool {
    let before = bench.state.clone();
    let decision = bench.answer("", at);
    assert_eq!(bench.state, before, "Enter changes nothing");
    match decision {
        Decision::Accept(accepted) => accepted.by == By::RememberedPlace,
        other => {
            assert!(matches!(other, Decision::Refuse(_)), "{other:?}");
            false
        }
    }
}

#[test]
fn enter_is_enough_until_the_time_is_over_and_makes_it_no_longer() {
    let mut bench = remembered();
    for at in [NOON, NOON + HOUR, NOON + 8 * HOUR - 1] {
        assert!(enters(&mut bench, at));
    }
    assert!(!enters(&mut bench, NOON + 8 * HOUR));
}

#[test]
fn enter_is_enough_at_that_address_and_service_alone() {
    let mut bench = remembered();
    let nowhere = Login {
        place: None,
        ..ssh_login()
    };
    let sudo = Login {
        place: Place::of("sudo", Some("192.0.2.4"), 0),
        ..ssh_login()
    };
    for login in [login_from("192.0.2.5"), nowhere, sudo] {
        let decision = bench.judge(&login, Proof::Right, "", NOON + HOUR);
        assert_eq!(decision, refused(Refusal::NotACode));
    }
}

#[test]
fn a_wrong_password_ends_its_own_place_and_one_from_elsewhere_writes_nothing() {
    let mut bench = remembered();
    let before = bench.state.clone();
    let stranger = login_from("198.51.100.7");
    let decision = bench.judge(&stranger, Proof::Wrong, "", NOON + 1);
    assert_eq!(decision, refused(Refusal::Password));
    assert_eq!(bench.state, before);
    let decision = bench.judge(&ssh_login(), Proof::Wrong, "", NOON + 1);
    assert_eq!(decision, refused(Refusal::Password));
    assert!(!enters(&mut bench, NOON + 2));
}

#[test]
fn neither_a_recovery_code_nor_what_is_not_proven_makes_a_place() {
    let (record, _, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    bench.policy.remembers = Some(8 * HOUR);
    assert!(is_accepted(&bench.answer(&recovery, NOON)));
    assert!(!enters(&mut bench, NOON));
    let right = bench.right(NOON);
    let decision = bench.judge(&ssh_login(), Proof::Elsewhere, &right, NOON);
    assert!(is_accepted(&decision));
    assert!(!enters(&mut bench, NOON));
}

#[test]
fn what_is_not_proven_does_not_pass_by_enter() {
    let mut bench = remembered();
    let decision = bench.judge(&ssh_login(), Proof::Elsewhere, "", NOON + 1);
    assert_eq!(decision, refused(Refusal::NotACode));
}

#[test]
fn no_place_outlives_a_status_that_is_not_live() {
    for status in [Status::Disabled, Status::Revoked, Status::Locked] {
        let mut bench = remembered();
        bench.state.set_status(status, NOON);
        assert!(!enters(&mut bench, NOON + 1), "{status:?}");
        bench.state.set_status(Status::Live, NOON);
        assert!(!enters(&mut bench, NOON + 1), "{status:?}");
    }
}

#[test]
fn a_new_password_or_another_device_ends_it_and_a_new_hash_does_not() {
    let end = |change: &dyn Fn(&mut Record)| {
        let mut bench = remembered();
        let mut new = bench.record.clone();
        change(&mut new);
        let old = Some(&bench.record);
        bench.state = bench.state.beside(old, &new, Status::Live, NOON);
        enters(&mut bench, NOON + 1)
    };
    assert!(!end(&|record| record.password_since += 1));
    assert!(!end(&|record| record.tokens[0].id = Id::from_bytes([8; 16])));
    assert!(end(&|_| {}));
}

#[test]
fn a_clock_that_was_set_back_opens_nothing() {
    let mut bench = remembered();
    assert!(!enters(&mut bench, NOON - 1));
    // Somebody logged in later, elsewhere: that moment is known to have passed.
    let right = bench.right(NOON + 7 * HOUR);
    let office = login_from("192.0.2.5");
    let decision = bench.judge(&office, Proof::Right, &right, NOON + 7 * HOUR);
    assert!(is_accepted(&decision));
    assert!(!enters(&mut bench, NOON + HOUR));
    assert!(enters(&mut bench, NOON + 7 * HOUR));
}

#[test]
fn where_nothing_is_remembered_any_more_a_code_forgets_what_was() {
    let mut bench = remembered();
    bench.policy.remembers = None;
    assert!(!enters(&mut bench, NOON + 1));
    let right = bench.right(NOON + 60);
    assert!(is_accepted(&bench.answer(&right, NOON + 60)));
    assert!(bench.state.remembered.is_empty());
}

#[test]
fn enter_gives_back_no_wrong_codes_and_ends_no_delay() {
    let mut bench = remembered();
    bench.fail(3, NOON + 60);
    let before = bench.state.throttle.clone();
    assert!(enters(&mut bench, NOON + 61));
    assert_eq!(bench.state.throttle, before);
    assert!(
        bench
            .state
            .notices
            .wrong_codes
            .as_ref()
            .is_some_and(|it| !it.told)
    );
}
