//! Counter-based tokens: what is good, what is spent, and how one that ran ahead is found again.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::code::{LOOK_AHEAD, LOOK_AHEAD_UNPROVEN, RESYNC_AHEAD};
use crate::state::Resync;
use crate::testing::fob;
use crate::throttle::{FREE_FAILURES, TAKE_BACK_A_WEEK};

/// Units of a wrong code.
const WRONG: u32 = LOOK_AHEAD as u32;
/// Codes that were used before a test begins.
const USED: u64 = 50;
const AHEAD: u64 = USED + 40;

/// Anna with a fob alone.
fn bench() -> Bench {
    let mut record = record_of(anna());
    record.tokens = vec![Token {
        confirmed_step: USED,
        ..fob()
    }];
    Bench::of(record, Status::Live)
}

/// What the fob shows when it is pressed for the `step`th time.
fn pressed(step: u64) -> String {
    shown(&fob(), step)
}

fn shown(token: &Token, step: u64) -> String {
    let code = code::code_at(&token.key, &token.shape, step).unwrap();
    code.expose_text().unwrap().to_owned()
}

/// The code of `step` with one digit mistyped.
fn slip(step: u64) -> String {
    let mut typed = pressed(step).into_bytes();
    typed[3] = b'0' + (typed[3] - b'0' + 5) % 10;
    String::from_utf8(typed).unwrap()
}

/// Six digits that are no code near by, nor anything near to one.
fn wrong() -> String {
    let near: Vec<_> = (1..USED + 300).map(pressed).collect();
    (0..)
        .map(|number| format!("{number:06}"))
        .find(|code| near.iter().all(|right| differing(code, right) > 2))
        .unwrap()
}

fn floor(bench: &Bench) -> u64 {
    bench.state.floor(&bench.record.tokens[0])
}

#[test]
fn ten_codes_ahead_are_good_and_each_code_is_good_once() {
    let mut bench = bench();
    let mut now = NOON;
    for more in [1, 10, 2, 10] {
        now += 1;
        let step = floor(&bench) + more;
        assert!(is_accepted(&bench.answer(&pressed(step), now)), "{step}");
        assert_eq!(floor(&bench), step);
        assert_eq!(bench.answer(&pressed(step), now), refused(Refusal::Replay));
    }
    assert_eq!(bench.state.throttle.units, 0);
    let tally = bench.state.notices.replays.as_ref().unwrap();
    assert_eq!(tally.from.as_deref(), Some("192.0.2.4"));
    // What was passed over is as good as spent, and no replay: nobody has seen it used.
    let step = floor(&bench) - 1;
    assert_eq!(bench.answer(&pressed(step), now), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, WRONG);
}

#[test]
fn a_wrong_code_costs_as_many_units_as_codes_are_good() {
    let mut bench = bench();
    assert_eq!(bench.answer(&wrong(), NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, WRONG);
    assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, 2 * WRONG);
    // Now one more is good.
    assert_eq!(bench.answer(&wrong(), NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, 3 * WRONG + 1);
    // Beside another device both are paid for.
    bench.record.tokens.push(phone());
    bench.state.throttle.clear();
    let wrong = (0..)
        .map(|number| format!("{number:06}"))
        .find(|typed| {
            let before = bench.state.clone();
            let decision = bench.answer(typed, NOON);
            let is_wrong = decision == refused(Refusal::Code) && bench.state.throttle.units > 0;
            bench.state = before;
            is_wrong
        })
        .unwrap();
    assert_eq!(bench.answer(&wrong, NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, WRONG + WRONG_CODE);
}

#[test]
fn a_code_too_far_ahead_is_refused_like_any_other_and_the_very_next_one_is_accepted() {
    for ahead in [11, 12, RESYNC_AHEAD.into()] {
        let (mut bench, mut other) = (bench(), bench());
        let step = USED + ahead;
        assert_eq!(bench.answer(&pressed(step), NOON), refused(Refusal::Code));
        assert_eq!(other.answer(&wrong(), NOON), refused(Refusal::Code));
        // Nothing else tells the two apart.
        let kept = bench.state.resync.take();
        assert_eq!(bench.state, other.state);
        let token = fob().id;
        assert_eq!(
            kept,
            Some(Resync {
                token,
                step,
                at: NOON
            })
        );
        bench.state.resync = kept;

        let next = pressed(step + 1);
        assert!(is_accepted(&bench.answer(&next, NOON + 20)), "{ahead}");
        assert_eq!((floor(&bench), bench.state.resync), (step + 1, None));
        assert_eq!(bench.answer(&next, NOON + 20), refused(Refusal::Replay));
        // The owner's own wrong code is taken back.
        assert_eq!(bench.state.throttle.units, 0);
        assert!(is_accepted(&bench.answer(&pressed(step + 2), NOON + 21)));
    }
}

#[test]
fn a_token_too_far_ahead_is_not_found_again() {
    let mut bench = bench();
    let step = USED + u64::from(RESYNC_AHEAD) + 1;
    for step in [step, step + 1] {
        assert_eq!(bench.answer(&pressed(step), NOON), refused(Refusal::Code));
        assert_eq!(bench.state.resync, None);
    }
}

#[test]
fn the_very_next_code_alone_will_do() {
    for step in [AHEAD - 1, AHEAD, AHEAD + 2, AHEAD + 10] {
        let mut bench = bench();
        assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
        assert_eq!(bench.answer(&pressed(step), NOON), refused(Refusal::Code));
        // That was judged, so it is what the next must follow.
        assert_eq!(bench.state.resync.unwrap().step, step);
        bench.state.throttle.clear();
        assert!(is_accepted(&bench.answer(&pressed(step + 1), NOON)));
    }
}

#[test]
fn any_code_that_is_judged_in_between_ends_the_waiting() {
    let mut with_phone = bench();
    with_phone.record.tokens.push(phone());
    let used = pressed(USED);
    let phones = with_phone.code(1, NOON);
    for typed in [wrong(), slip(AHEAD + 1), slip(USED + 1), used, phones] {
        let mut bench = with_phone.clone();
        assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
        assert!(bench.state.resync.is_some());
        let _ = bench.answer(&typed, NOON);
        assert_eq!(bench.state.resync, None, "{typed}");
        let next = pressed(AHEAD + 1);
        assert_eq!(bench.answer(&next, NOON), refused(Refusal::Code));
    }
}

#[test]
fn what_is_not_judged_leaves_it_waited_for() {
    let mut bench = bench();
    assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
    let waiting = bench.state.clone();
    let next = pressed(AHEAD + 1);
    for (password, typed) in [
        (Proof::Wrong, next.as_str()),
        (Proof::Right, ""),
        (Proof::Right, "12345"),
        (Proof::Right, "12345678"),
    ] {
        assert!(!is_accepted(&bench.judge(
            &ssh_login(),
            password,
            typed,
            NOON
        )));
        assert_eq!(bench.state, waiting, "{typed}");
    }
    // And it may come from another place.
    let office = login_from("192.0.2.5");
    assert!(is_accepted(&bench.judge(
        &office,
        Proof::Right,
        &next,
        NOON
    )));
}

#[test]
fn the_next_code_comes_within_ten_minutes_or_not_at_all() {
    for (late, is_good) in [(0, true), (600, true), (601, false)] {
        let mut bench = bench();
        assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
        let decision = bench.answer(&pressed(AHEAD + 1), NOON + late);
        assert_eq!(is_accepted(&decision), is_good, "{late}");
    }
    // Nor does a clock that runs back make them longer.
    let mut bench = bench();
    assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
    let decision = bench.answer(&pressed(AHEAD + 1), NOON - 1);
    assert_eq!(decision, refused(Refusal::Code));
}

#[test]
fn a_wait_of_the_throttle_does_not_count() {
    let mut bench = bench();
    let mut now = NOON;
    // Until the wait is an hour.
    for _ in 0..12 {
        now = now.max(bench.state.throttle.opens_at(None, now));
        assert_eq!(bench.answer(&wrong(), now), refused(Refusal::Code));
        bench.state.throttle.units = 0;
    }
    now = bench.state.throttle.opens_at(None, now);
    assert_eq!(bench.answer(&pressed(AHEAD), now), refused(Refusal::Code));
    let opens = bench.state.throttle.opens_at(None, now);
    assert!(opens > now + Resync::LIFETIME);
    let next = pressed(AHEAD + 1);
    assert_eq!(bench.answer(&next, opens - 1), refused(Refusal::Throttled));
    let mut late = bench.clone();
    assert!(is_accepted(&bench.answer(&next, opens + Resync::LIFETIME)));
    let decision = late.answer(&next, opens + Resync::LIFETIME + 1);
    assert_eq!(decision, refused(Refusal::Code));
}

#[test]
fn throttled_and_disabled_tokens_compare_nothing() {
    let mut throttled = bench();
    for _ in 0..FREE_FAILURES {
        assert_eq!(throttled.answer(&wrong(), NOON), refused(Refusal::Code));
    }
    let mut disabled = bench();
    disabled.policy.disable_after = WRONG;
    let ahead = disabled.answer(&pressed(AHEAD), NOON);
    assert_eq!(ahead, refused(Refusal::Code));
    for (mut bench, refusal) in [
        (throttled, Refusal::Throttled),
        (disabled, Refusal::Disabled),
    ] {
        let before = bench.state.clone();
        for step in [USED, USED + 1, AHEAD, AHEAD + 1] {
            assert_eq!(bench.answer(&pressed(step), NOON), refused(refusal));
        }
        assert_eq!(bench.state, before);
    }
}

#[test]
fn without_proof_three_codes_are_good_and_a_token_is_found_again_all_the_same() {
    let mut bench = bench();
    let mut answer = |step, at| bench.judge(&ssh_login(), Proof::Elsewhere, &pressed(step), at);
    let last = USED + u64::from(LOOK_AHEAD_UNPROVEN);
    assert!(is_accepted(&answer(last, NOON)));
    let step = last + u64::from(LOOK_AHEAD_UNPROVEN) + 1;
    assert_eq!(answer(step, NOON), refused(Refusal::Code));
    assert!(is_accepted(&answer(step + 1, NOON)));
    assert_eq!(bench.state.throttle.units, 0);
}

#[test]
fn another_record_waits_for_nothing() {
    let mut bench = bench();
    assert_eq!(bench.answer(&pressed(AHEAD), NOON), refused(Refusal::Code));
    let old = Some(&bench.record);
    let next = bench.state.beside(old, &bench.record, Status::Live, NOON);
    assert_eq!(next.resync, None);
}

#[test]
fn a_thief_of_the_password_gets_thirty_guesses() {
    let mut bench = bench();
    let (mut now, mut guesses) = (NOON, 0);
    while bench.state.status == Status::Live {
        now = now.max(bench.state.throttle.opens_at(None, now));
        assert_eq!(bench.answer(&wrong(), now), refused(Refusal::Code));
        guesses += 1;
    }
    // 30 guesses of 10 in a million: 3 in 10,000, as of a time-based token.
    assert_eq!(guesses, 30);
}

#[test]
fn a_neighbour_gains_no_more_a_week_than_beside_a_time_based_token() {
    let (mut bench, mut step) = (bench(), USED);
    let mut free = 0;
    for minute in 0..20 {
        let now = NOON + 60 * minute;
        let before = bench.state.throttle.units;
        assert_eq!(bench.answer(&wrong(), now), refused(Refusal::Code));
        step += 1;
        assert!(is_accepted(&bench.answer(&pressed(step), now)));
        free += before + WRONG - bench.state.throttle.units;
    }
    assert_eq!(free, TAKE_BACK_A_WEEK);
}

#[test]
fn an_owner_who_mistypes_one_code_in_ten_ten_times_a_day_is_not_switched_off_in_a_year() {
    const LOGINS: u64 = 10 * 365;
    let (mut bench, mut step, mut most) = (bench(), USED, 0);
    let wrong = wrong();
    for login in 0..LOGINS {
        let now = NOON + login * 8_640;
        step += 1;
        if login % 10 == 0 {
            // Of twenty errors three are no slip and could be a code; here they come in a row.
            let typed = match login / 10 % 20 {
                0..15 => slip(step),
                15 | 16 => "12345".to_owned(),
                _ => wrong.clone(),
            };
            assert!(!is_accepted(&bench.answer(&typed, now)));
        }
        assert!(is_accepted(&bench.answer(&pressed(step), now + 20)));
        most = most.max(bench.state.throttle.units);
    }
    assert_eq!(most, 230);
}

/// What the model knows: the floor, and the step whose next is good.
#[derive(Debug, Default)]
struct Model {
    floor: u64,
    awaited: Option<u64>,
}

impl Model {
    /// Whether the code of `step` lets in, seconds after what was judged last.
    fn judges(&mut self, step: u64, seconds: u64) -> bool {
        let ahead = step.saturating_sub(self.floor);
        let is_next = self.awaited.take() == Some(step) && seconds <= Resync::LIFETIME;
        let is_good = is_next || (1..=LOOK_AHEAD.into()).contains(&ahead);
        if is_good {
            self.floor = step;
        } else if (11..=RESYNC_AHEAD.into()).contains(&ahead) {
            self.awaited = Some(step + 1);
        }
        is_good
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_code_opens_twice_and_none_that_the_rules_do_not_name(
        presses in prop::collection::vec((-3..130_i64, 0..900_u64), 1..24),
    ) {
        let mut bench = bench();
        // Of eight digits, so that no two codes are alike by chance.
        bench.record.tokens[0].shape.digits = 8;
        let token = bench.record.tokens[0].clone();
        let mut model = Model { floor: USED, ..Model::default() };
        let (mut now, mut opened) = (NOON, BTreeSet::new());
        let mut last = USED;
        for (more, seconds) in presses {
            // Half of them go on from the last press, as a person does.
            let from = if more % 2 == 0 { last } else { model.floor };
            let step = from.saturating_add_signed(if more % 2 == 0 { 1 } else { more }).max(1);
            last = step;
            now += seconds;
            bench.state.throttle.clear();
            let is_good = is_accepted(&bench.answer(&shown(&token, step), now));
            prop_assert_eq!(is_good, model.judges(step, seconds), "step {}, {:?}", step, model);
            prop_assert_eq!(floor(&bench), model.floor);
            prop_assert!(!is_good || opened.insert(step));
        }
    }
}
