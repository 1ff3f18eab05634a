use proptest::prelude::*;

use super::*;
use crate::code::comparison::is_slip_of;
use crate::code::{Answer, ignores_algorithm, read};
use crate::id::Id;
use crate::record::Algorithm;
use crate::vectors;

const KEY: &[u8] = b"12345678901234567890";
/// A moment in the middle of step 1000.
const AT: UnixTime = 1000 * 30 + 15;
/// A step whose usual code is also that of the next step; found by trying one after another.
const TWINS: u64 = 910_737;

fn token(key: &[u8], shape: CodeShape) -> Token {
    Token {
        id: Id::from_bytes([0; Id::BYTES]),
        name: "phone".to_owned(),
        key: Secret::copy_of(key),
        shape,
        confirmed_step: 0,
        since: 0,
    }
}

fn usual() -> Token {
    token(KEY, CodeShape::USUAL)
}

fn expected(at: UnixTime, window: u8, floor: u64) -> Expected {
    Expected {
        floor,
        at,
        window,
        ahead: 0,
        awaited: None,
    }
}

fn compare(token: &Token, digits: &Digits, at: UnixTime, window: u8, floor: u64) -> Comparison {
    crate::code::compare(token, digits, &expected(at, window, floor))
}

fn digits(typed: &[u8]) -> Digits {
    match read(&Secret::copy_of(typed)) {
        Answer::Code(digits) => digits,
        other => panic!("no digits: {other:?}"),
    }
}

/// The digits that the app of `token` shows in `step`.
fn shown(token: &Token, step: u64) -> Digits {
    digits(code_at(&token.key, &token.shape, step).unwrap().expose())
}

/// Checks one file of codes; returns how many it held.
fn check_vectors(file: &str) -> usize {
    let shape = CodeShape {
        algorithm: Algorithm::from_word(vectors::field(file, "algorithm")).unwrap(),
        digits: vectors::field(file, "digits").parse().unwrap(),
        moving: MovingFactor::Time {
            period: vectors::field(file, "period").parse().unwrap(),
        },
    };
    let token = token(&vectors::bytes(vectors::field(file, "key")), shape);
    vectors::rows(file)
        .map(|row| {
            let (at, code) = match row[..] {
                ["time", time, "code", code] => (time.parse().unwrap(), code),
                ["step", step, "code", code] => (step.parse::<u64>().unwrap() * 30, code),
                _ => panic!("{row:?}"),
            };
            let step = step_of(at, &shape).unwrap();
            let made = code_at(&token.key, &shape, step).unwrap();
            assert_eq!(made.expose_text(), Some(code), "at {at}");
            let comparison = compare(&token, &digits(code.as_bytes()), at, 0, 0);
            // Step 0 is never above a floor.
            let expected = if step > 0 {
                Comparison::Fresh(step)
            } else {
                Comparison::Spent
            };
            assert_eq!(comparison, expected, "at {at}");
        })
        .count()
}

#[test]
fn codes_are_those_of_the_rfcs() {
    for (file, codes) in [
        (
            include_str!("../../../../tests/vectors/rfc6238-sha1.txt"),
            6,
        ),
        (
            include_str!("../../../../tests/vectors/rfc6238-sha256.txt"),
            6,
        ),
        (
            include_str!("../../../../tests/vectors/rfc6238-sha512.txt"),
            6,
        ),
        (include_str!("../../../../tests/vectors/rfc4226.txt"), 10),
    ] {
        assert_eq!(check_vectors(file), codes);
    }
}

#[test]
fn keys_of_every_allowed_length_work_in_the_year_2100() {
    let file = include_str!("../../../../tests/vectors/key-lengths-2100.txt");
    let at = vectors::field(file, "time").parse().unwrap();
    for row in vectors::rows(file) {
        let ["bytes", length, algorithm, code] = row[..] else {
            panic!("{row:?}")
        };
        let key: Vec<u8> = (0..length.parse::<u32>().unwrap())
            .map(|n| (7 * n + 1) as u8)
            .collect();
        let shape = CodeShape {
            algorithm: Algorithm::from_word(algorithm).unwrap(),
            ..CodeShape::USUAL
        };
        assert_eq!(
            compare(&token(&key, shape), &digits(code.as_bytes()), at, 1, 0),
            Comparison::Fresh(at / 30),
            "{row:?}"
        );
    }
}

#[test]
fn a_code_is_good_up_to_the_edge_of_the_window_and_not_beyond() {
    for window in 0..=2 {
        for step in 990..=1010_u64 {
            let expected = if step.abs_diff(1000) <= window {
                Comparison::Fresh(step)
            } else {
                Comparison::Wrong
            };
            let window = u8::try_from(window).unwrap();
            let typed = shown(&usual(), step);
            assert_eq!(
                compare(&usual(), &typed, AT, window, 0),
                expected,
                "{step} {window}"
            );
        }
    }
}

#[test]
fn a_code_at_or_below_the_floor_is_spent() {
    for (floor, expected) in [
        (998, Comparison::Fresh(999)),
        (999, Comparison::Spent),
        (1000, Comparison::Spent),
        (u64::MAX, Comparison::Spent),
    ] {
        assert_eq!(
            compare(&usual(), &shown(&usual(), 999), AT, 1, floor),
            expected
        );
    }
}

#[test]
fn of_two_steps_with_one_code_the_later_counts() {
    let (token, first) = (usual(), TWINS);
    let typed = shown(&token, first);
    let at = first * 30;
    assert_eq!(
        compare(&token, &typed, at, 1, 0),
        Comparison::Fresh(first + 1)
    );
    assert_eq!(
        compare(&token, &typed, at, 1, first),
        Comparison::Fresh(first + 1)
    );
    assert_eq!(compare(&token, &typed, at, 1, first + 1), Comparison::Spent);
    assert_eq!(compare(&token, &typed, at, 0, 0), Comparison::Fresh(first));
}

#[test]
fn comparing_holds_at_both_ends_of_time() {
    let token = usual();
    let last = u64::MAX / 30;
    for (at, step) in [(0, 0), (29, 1), (u64::MAX, last), (u64::MAX, last + 1)] {
        for window in [1, u8::MAX] {
            let expected = if step > 0 {
                Comparison::Fresh(step)
            } else {
                Comparison::Spent
            };
            assert_eq!(
                compare(&token, &shown(&token, step), at, window, 0),
                expected
            );
        }
    }
}

#[test]
fn digits_of_another_length_are_wrong() {
    let eight = CodeShape {
        digits: 8,
        ..CodeShape::USUAL
    };
    // The shorter code is the tail of the longer one: only the length tells them apart.
    let long = shown(&token(KEY, eight), 1000);
    let short = shown(&usual(), 1000);
    assert_eq!(compare(&usual(), &long, AT, 1, 0), Comparison::Wrong);
    assert_eq!(
        compare(&token(KEY, eight), &short, AT, 1, 0),
        Comparison::Wrong
    );
    assert!(short.fits(6) && !short.fits(8) && long.fits(8));
}

#[test]
fn a_token_out_of_bounds_has_no_codes() {
    let typed = digits(b"123456");
    let shape = |digits, period| CodeShape {
        digits,
        moving: MovingFactor::Time { period },
        ..CodeShape::USUAL
    };
    for (key, shape) in [
        (&KEY[..15], CodeShape::USUAL),
        (&[], CodeShape::USUAL),
        (KEY, shape(0, 30)),
        (KEY, shape(5, 30)),
        (KEY, shape(u8::MAX, 30)),
        (KEY, shape(6, 0)),
        (KEY, shape(6, u32::MAX)),
    ] {
        let token = token(key, shape);
        assert!(code_at(&token.key, &shape, 1).is_none(), "{shape:?}");
        assert_eq!(compare(&token, &typed, AT, 1, 0), Comparison::Wrong);
        assert_eq!(offset_of(&token.key, &shape, &typed, AT), None);
    }
}

#[test]
fn the_clock_hint_says_how_far_off_the_phone_is() {
    let token = usual();
    let hint = |step| offset_of(&token.key, &token.shape, &shown(&token, step), AT);
    assert_eq!(hint(1000), Some(0));
    assert_eq!(hint(994), Some(-180));
    assert_eq!(hint(1003), Some(90));
    assert_eq!(hint(980), Some(-600));
    assert_eq!(hint(1020), Some(600));
    assert_eq!(hint(979), None);
    assert_eq!(hint(1021), None);
}

#[test]
fn the_clock_hint_names_the_nearest_of_two_moments() {
    let token = usual();
    let typed = shown(&token, TWINS);
    let hint = |step| offset_of(&token.key, &token.shape, &typed, step * 30);
    assert_eq!(hint(TWINS - 1), Some(30));
    assert_eq!(hint(TWINS + 3), Some(-60));
}

#[test]
fn an_app_that_overlooks_the_algorithm_is_recognised() {
    let sha256 = CodeShape {
        algorithm: Algorithm::Sha256,
        ..CodeShape::USUAL
    };
    let typed = shown(&usual(), 1001);
    let is_hinted = |shape, typed: &Digits, window| {
        ignores_algorithm(&token(KEY, shape), typed, &expected(AT, window, 0))
    };
    assert!(is_hinted(sha256, &typed, 1));
    assert!(!is_hinted(sha256, &typed, 0));
    assert!(!is_hinted(CodeShape::USUAL, &typed, 1));
    let right = shown(&token(KEY, sha256), 1000);
    assert!(!is_hinted(sha256, &right, 1));
}

fn any_shape() -> impl Strategy<Value = CodeShape> {
    let algorithms = prop::sample::select(Algorithm::ALL.to_vec());
    (algorithms, 6..=8_u8, 15..=120_u32).prop_map(|(algorithm, digits, period)| CodeShape {
        algorithm,
        digits,
        moving: MovingFactor::Time { period },
    })
}

proptest! {
    #[test]
    fn the_code_of_every_step_of_the_window_is_fresh(
        key in prop::collection::vec(any::<u8>(), 16..=128),
        shape in any_shape(),
        at in 1_000_000..u64::MAX,
        back in 0..=4_u64,
    ) {
        let token = token(&key, shape);
        let step = step_of(at, &shape).unwrap() + 2 - back;
        let compared = compare(&token, &shown(&token, step), at, 2, 0);
        // Another step of the window may have the same digits: then the later one counts.
        let Comparison::Fresh(fresh) = compared else {
            return Err(TestCaseError::fail(format!("{compared:?}")));
        };
        prop_assert!(fresh >= step);
        prop_assert!(code_at(&token.key, &shape, fresh).unwrap().same_as(&code_at(&token.key, &shape, step).unwrap()));
    }
}

#[test]
fn one_wrong_digit_or_two_neighbours_swapped_is_a_slip_of_a_fresh_code_only() {
    let token = usual();
    let code = code_at(&token.key, &token.shape, 1000).unwrap();
    let code = code.expose_text().unwrap();
    let swapped = |first: usize| {
        let mut typed = code.as_bytes().to_vec();
        typed.swap(first, first + 1);
        typed
    };
    let changed = |places: &[usize]| {
        let mut typed = code.as_bytes().to_vec();
        for place in places {
            typed[*place] = b'0' + (typed[*place] - b'0' + 5) % 10;
        }
        typed
    };
    let compared = |typed: &[u8], floor| compare(&token, &digits(typed), AT, 1, floor);
    for first in 0..5 {
        let expected = if swapped(first) == code.as_bytes() {
            Comparison::Fresh(1000)
        } else {
            Comparison::Slip
        };
        assert_eq!(compared(&swapped(first), 0), expected, "{first}");
    }
    for place in 0..6 {
        assert_eq!(compared(&changed(&[place]), 0), Comparison::Slip, "{place}");
        assert_eq!(compared(&changed(&[place]), 1001), Comparison::Wrong);
    }
    for places in [[0, 1], [0, 5], [2, 4]] {
        assert_eq!(compared(&changed(&places), 0), Comparison::Wrong);
    }
}

#[test]
fn of_a_million_guesses_a_hundred_and_seventy_seven_are_slips_at_the_most() {
    // One digit of six may be any of nine others, and five pairs may be swapped, of three codes.
    let most = 3 * (6 * 9 + 5);
    let token = usual();
    let codes = codes(&token.key, &token.shape, 999..=1001).unwrap();
    let is_slip = |typed: &str| {
        let mut codes = codes.iter();
        codes.any(|(_, code)| is_slip_of(code.expose(), typed.as_bytes()))
    };
    let slips = (0..1_000_000)
        .filter(|number| is_slip(&format!("{number:06}")))
        .count();
    assert!((150..=most).contains(&slips), "{slips}");
}
