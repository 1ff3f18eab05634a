//! Who has proven nothing.

use super::*;

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
