use proptest::prelude::*;

use super::*;
use crate::code::{Answer, code_at, ignores_algorithm, read, step_of};
use crate::record::{Algorithm, CodeShape, MovingFactor};
use crate::secret::Secret;
use crate::testing::fob;
use crate::vectors;

/// What is expected after `floor` codes.
fn after(floor: u64) -> Expected {
    Expected {
        floor,
        at: 0,
        window: 2,
        ahead: LOOK_AHEAD,
        awaited: None,
    }
}

fn digits(typed: &str) -> Digits {
    match read(&Secret::copy_of(typed.as_bytes())) {
        Answer::Code(digits) => digits,
        other => panic!("no digits: {other:?}"),
    }
}

/// What `token` shows when it is pressed for the `step`th time.
fn shown(token: &Token, step: u64) -> Digits {
    let code = code_at(&token.key, &token.shape, step).unwrap();
    digits(code.expose_text().unwrap())
}

fn compared(expected: &Expected, step: u64) -> Comparison {
    crate::code::compare(&fob(), &shown(&fob(), step), expected)
}

#[test]
fn codes_are_those_of_the_rfc() {
    let file = include_str!("../../../../tests/vectors/rfc4226.txt");
    let mut token = fob();
    token.key = Secret::new(vectors::bytes(vectors::field(file, "key")));
    let mut codes = 0;
    for row in vectors::rows(file) {
        let ["step", counter, "code", code] = row[..] else {
            panic!("{row:?}")
        };
        let counter: u64 = counter.parse().unwrap();
        let compared = crate::code::compare(&token, &digits(code), &after(counter));
        assert_eq!(
            compared,
            Comparison::Fresh(counter + 1),
            "counter {counter}"
        );
        codes += 1;
    }
    assert_eq!(codes, 10);
}

#[test]
fn the_next_ten_codes_are_good_and_the_eleventh_is_ahead() {
    for floor in [0, 1, 1000] {
        let expected = after(floor);
        assert_eq!(expected.codes(&fob().shape), 10);
        for step in floor + 1..=floor + 10 {
            assert_eq!(compared(&expected, step), Comparison::Fresh(step));
        }
        for step in floor + 11..=floor + 100 {
            assert_eq!(compared(&expected, step), Comparison::Ahead(step));
        }
        assert_eq!(compared(&expected, floor + 101), Comparison::Wrong);
    }
}

#[test]
fn where_nothing_was_proven_three_codes_are_good() {
    let expected = Expected {
        ahead: LOOK_AHEAD_UNPROVEN,
        ..after(50)
    };
    assert_eq!(expected.codes(&fob().shape), 3);
    assert_eq!(compared(&expected, 53), Comparison::Fresh(53));
    assert_eq!(compared(&expected, 54), Comparison::Ahead(54));
}

#[test]
fn the_last_code_is_a_replay_and_older_ones_are_wrong() {
    assert_eq!(compared(&after(50), 50), Comparison::Spent);
    for step in [1, 48, 49] {
        assert_eq!(compared(&after(50), step), Comparison::Wrong);
    }
}

#[test]
fn one_code_that_is_awaited_is_good_wherever_it_is_ahead() {
    for awaited in [62, 101, 150, 151] {
        let expected = Expected {
            awaited: Some(awaited),
            ..after(50)
        };
        assert_eq!(expected.codes(&fob().shape), 11);
        assert_eq!(compared(&expected, awaited), Comparison::Fresh(awaited));
        assert_eq!(
            compared(&expected, awaited - 1),
            Comparison::Ahead(awaited - 1)
        );
    }
}

/// Of 10⁵ keys one shows the same digits twice so soon; this is found by trying.
fn twins() -> (Token, u64, u64) {
    let mut token = fob();
    for number in 0_u32.. {
        token.key = Secret::new([number.to_be_bytes(); 5].concat());
        let all: Vec<_> = (1..=10)
            .map(|step| code_at(&token.key, &token.shape, step).unwrap())
            .collect();
        for (first, one) in (1..).zip(&all) {
            for (second, other) in (first + 1..).zip(all.iter().skip(first as usize)) {
                if one.same_as(other) {
                    return (token, first, second);
                }
            }
        }
    }
    unreachable!("there are some")
}

#[test]
fn of_two_codes_that_are_alike_the_first_counts_and_the_second_is_a_replay_of_it() {
    let (token, first, second) = twins();
    let typed = shown(&token, first);
    let compared = |floor| crate::code::compare(&token, &typed, &after(floor));
    assert_eq!(compared(first - 1), Comparison::Fresh(first));
    assert_eq!(compared(first), Comparison::Spent);
    if second > first + 1 {
        assert_eq!(compared(second - 1), Comparison::Fresh(second));
    }
}

#[test]
fn one_wrong_digit_of_a_good_code_is_a_slip_and_of_any_other_is_not() {
    let slip_of = |step| {
        let code = code_at(&fob().key, &fob().shape, step).unwrap();
        let mut typed = code.expose().to_vec();
        typed[2] = b'0' + (typed[2] - b'0' + 5) % 10;
        let typed = digits(std::str::from_utf8(&typed).unwrap());
        crate::code::compare(&fob(), &typed, &after(50))
    };
    for step in [51, 55, 60] {
        assert_eq!(slip_of(step), Comparison::Slip, "{step}");
    }
    for step in [49, 50, 61, 99] {
        assert_eq!(slip_of(step), Comparison::Wrong, "{step}");
    }
}

#[test]
fn a_counter_at_its_end_has_no_codes_and_nothing_overflows() {
    let typed = digits("123456");
    for floor in [u64::MAX, u64::MAX - 100, u64::MAX - 101, u64::MAX - 102] {
        let mut expected = after(floor);
        expected.awaited = Some(u64::MAX);
        let _ = crate::code::compare(&fob(), &typed, &expected);
    }
    let nearly = u64::MAX - 50;
    assert_eq!(compared(&after(nearly), nearly + 1), Comparison::Wrong);
    assert!(code_at(&fob().key, &fob().shape, 0).is_none());
    assert_eq!(step_of(1_800_000_000, &fob().shape), None);
}

#[test]
fn an_app_that_overlooks_the_algorithm_is_recognised() {
    let mut sha256 = fob();
    sha256.shape.algorithm = Algorithm::Sha256;
    assert!(ignores_algorithm(&sha256, &shown(&fob(), 3), &after(0)));
    assert!(!ignores_algorithm(&sha256, &shown(&sha256, 3), &after(0)));
    assert!(!ignores_algorithm(&sha256, &shown(&fob(), 30), &after(0)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// No more of a million guesses are good than are paid for.
    #[test]
    fn no_more_codes_are_good_than_are_charged(
        floor in 0..1_000_000_u64,
        ahead in prop::sample::select(vec![LOOK_AHEAD, LOOK_AHEAD_UNPROVEN]),
        awaited in prop::option::of(12..=101_u64),
        key in prop::collection::vec(any::<u8>(), 16..=128),
    ) {
        let shape = CodeShape { moving: MovingFactor::Counter, ..CodeShape::USUAL };
        let token = Token { key: Secret::new(key), shape, ..fob() };
        let expected = Expected { ahead, awaited: awaited.map(|more| floor + more), ..after(floor) };
        let mut good = std::collections::BTreeSet::new();
        // Every code near by; what is no code of these steps is not good either.
        for step in floor.saturating_sub(20).max(1)..floor + 200 {
            let typed = shown(&token, step);
            if let Comparison::Fresh(fresh) = crate::code::compare(&token, &typed, &expected) {
                prop_assert!(fresh > floor);
                good.insert(typed.0.expose().to_vec());
            }
        }
        prop_assert!(good.len() <= expected.codes(&shape));
    }
}
