//! What the judge charges, spends and ends, and what it leaves alone.

mod counter;
mod remembered;
mod requirements;
mod simulation;

use super::*;
use crate::code;
use crate::config::Config;
use crate::id::Id;
use crate::paper::PaperKind;
use crate::place::Place;
use crate::record::{RecoveryCode, ScratchCode, Token};
use crate::secret::Secret;
use crate::testing::{FakeHost, NOON, anna, phone, record_of, ssh_login};
use crate::throttle::{FIRST_DELAY, Throttle};

/// Units of a wrong code: one token, one step each way.
const WRONG_CODE: u32 = 3;

/// One account before the judge, with nothing between them.
#[derive(Clone)]
struct Bench {
    record: Record,
    state: State,
    policy: Policy,
}

impl Bench {
    fn new() -> Self {
        Self::of(record_of(anna()), Status::Live)
    }

    fn of(record: Record, status: Status) -> Self {
        Self {
            record,
            state: State::new(status),
            policy: Policy {
                enrolls: false,
                ..Policy::of(&Config::default(), &ssh_login(), &FakeHost::at(NOON))
            },
        }
    }

    fn judge(&mut self, login: &Login, password: Proof, typed: &str, at: UnixTime) -> Decision {
        let evidence = Evidence {
            password,
            invitation: None,
            revision: self.record.revision,
            answer: code::read(&Secret::copy_of(typed.as_bytes())),
            at,
        };
        let record = Some(&self.record);
        let (decision, next) = judge(&self.policy, login, record, &self.state, &evidence);
        self.state = next;
        decision
    }

    /// With the right password from the usual address.
    fn answer(&mut self, typed: &str, at: UnixTime) -> Decision {
        self.judge(&ssh_login(), Proof::Right, typed, at)
    }

    fn code(&self, token: usize, at: UnixTime) -> String {
        let token = &self.record.tokens[token];
        let step = code::step_of(at, &token.shape).unwrap();
        let code = code::code_at(&token.key, &token.shape, step).unwrap();
        code.expose_text().unwrap().to_owned()
    }

    fn right(&self, at: UnixTime) -> String {
        self.code(0, at)
    }

    /// Six digits that no token shows around this moment, nor anything near to them.
    fn wrong(&self, at: UnixTime) -> String {
        let tokens = 0..self.record.tokens.len();
        let near: Vec<_> = tokens
            .flat_map(|token| {
                [at - 60, at - 30, at, at + 30, at + 60].map(|at| self.code(token, at))
            })
            .collect();
        (0..)
            .map(|number| format!("{number:06}"))
            .find(|code| near.iter().all(|right| differing(code, right) > 2))
            .unwrap()
    }

    fn fail(&mut self, times: u32, at: UnixTime) {
        for _ in 0..times {
            let wrong = self.wrong(at);
            assert_eq!(self.answer(&wrong, at), refused(Refusal::Code));
        }
    }
}

/// At how many places two codes differ.
fn differing(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    pairs.filter(|(one, other)| one != other).count()
}

fn refused(refusal: Refusal) -> Decision {
    Decision::Refuse(refusal)
}

fn is_accepted(decision: &Decision) -> bool {
    matches!(decision, Decision::Accept(_))
}

/// A login of anna from `address`.
fn login_from(address: &str) -> Login {
    Login {
        place: Place::of("sshd", Some(address), 0),
        rhost: Some(address.to_owned()),
        ..ssh_login()
    }
}

/// A new code of this kind: as it is typed, and as it is stored.
fn paper(kind: PaperKind) -> (String, crate::paper::PaperHash) {
    let host = FakeHost::at(NOON);
    let code = PaperCode::mint(kind, &host).unwrap();
    let typed = code.text().expose_text().unwrap().to_owned();
    (typed, code.hash(&host).unwrap())
}

/// A revocation code and a recovery code, and a record that has them.
fn with_paper() -> (Record, String, String) {
    let (revocation, revocation_hash) = paper(PaperKind::Revocation);
    let (recovery, hash) = paper(PaperKind::Recovery);
    let id = Id::from_bytes([9; 16]);
    let record = Record {
        revocation: Some(revocation_hash),
        recovery: vec![RecoveryCode { id, hash }],
        ..record_of(anna())
    };
    (record, revocation, recovery)
}

#[test]
fn a_wrong_code_costs_as_many_units_as_there_are_right_ones() {
    for (window, tokens, units) in [(0, 1, 1), (1, 1, 3), (2, 1, 5), (1, 3, 9)] {
        let mut bench = Bench::new();
        bench.policy.window = window;
        for extra in 1..tokens {
            bench.record.tokens.push(Token {
                id: Id::from_bytes([extra; 16]),
                key: Secret::copy_of(&[extra; 20]),
                ..phone()
            });
        }
        bench.fail(1, NOON);
        assert_eq!(bench.state.throttle.units, units, "{window} {tokens}");
        let tally = bench.state.notices.wrong_codes.as_ref().unwrap();
        assert_eq!((tally.count, tally.told), (1, false));
    }
}

#[test]
fn a_token_of_another_length_is_neither_compared_nor_paid_for() {
    let mut bench = Bench::new();
    bench.record.tokens.push(Token {
        id: Id::from_bytes([8; 16]),
        shape: crate::record::CodeShape {
            digits: 8,
            ..phone().shape
        },
        ..phone()
    });
    bench.fail(1, NOON);
    assert_eq!(bench.state.throttle.units, WRONG_CODE);
    assert_eq!(bench.answer("1234567", NOON), refused(Refusal::NotACode));
    assert_eq!(bench.state.throttle.units, WRONG_CODE);
}

#[test]
fn nothing_but_a_wrong_code_beside_a_right_password_is_charged() {
    let mut bench = Bench::new();
    let (right, wrong) = (bench.right(NOON), bench.wrong(NOON));
    let (revocation, _) = paper(PaperKind::Revocation);
    let mistyped = revocation.replace('-', "")[..19].to_owned();
    assert!(is_accepted(&bench.answer(&right, NOON)));
    let before = bench.state.throttle.clone();
    for (password, typed, refusal) in [
        (Proof::Wrong, right.as_str(), Refusal::Password),
        (Proof::Wrong, &wrong, Refusal::Password),
        (Proof::Wrong, &revocation, Refusal::Password),
        (Proof::Right, "", Refusal::NotACode),
        (Proof::Right, "12345", Refusal::NotACode),
        (Proof::Right, "\u{8}\n\r\u{7f}INCORRECT", Refusal::NotACode),
        (Proof::Right, &right, Refusal::Replay),
        (Proof::Right, &mistyped, Refusal::PaperTypo),
        (Proof::Right, &revocation, Refusal::PaperCode),
    ] {
        let decision = bench.judge(&ssh_login(), password, typed, NOON);
        assert_eq!(decision, refused(refusal), "{typed:?}");
        assert_eq!(bench.state.throttle, before, "{typed:?}");
    }
}

#[test]
fn a_wrong_password_is_called_that_and_changes_nothing_whatever_is_typed_beside_it() {
    let (record, revocation, recovery) = with_paper();
    for status in [Status::Live, Status::Disabled, Status::Revoked] {
        let mut bench = Bench::of(record.clone(), status);
        let before = bench.state.clone();
        let (right, wrong) = (bench.right(NOON), bench.wrong(NOON));
        for typed in ["", "12345a", &right, &wrong, &revocation, &recovery] {
            let decision = bench.judge(&ssh_login(), Proof::Wrong, typed, NOON);
            assert_eq!(decision, refused(Refusal::Password), "{status:?} {typed:?}");
            assert_eq!(bench.state, before, "{status:?} {typed:?}");
        }
    }
}

#[test]
fn while_throttled_a_wrong_code_costs_nothing_and_a_right_one_is_not_spent() {
    let mut bench = Bench::new();
    bench.fail(3, NOON);
    let before = bench.state.clone();
    for typed in [bench.right(NOON), bench.wrong(NOON)] {
        assert_eq!(bench.answer(&typed, NOON), refused(Refusal::Throttled));
    }
    assert_eq!(bench.state, before);
    let later = NOON + FIRST_DELAY;
    let right = bench.right(later);
    assert_eq!(bench.answer(&right, later - 1), refused(Refusal::Throttled));
    assert!(is_accepted(&bench.answer(&right, later)));
}

#[test]
fn a_good_login_ends_the_delay_of_its_own_place_and_not_of_another() {
    let (home, office) = (login_from("192.0.2.4"), login_from("192.0.2.5"));
    let mut bench = Bench::new();
    let mut now = NOON;
    for place in [&home, &office] {
        now += 30;
        let right = bench.right(now);
        assert!(is_accepted(&bench.judge(place, Proof::Right, &right, now)));
    }
    for place in [&home, &office] {
        for _ in 0..3 {
            let wrong = bench.wrong(now);
            let decision = bench.judge(place, Proof::Right, &wrong, now);
            assert_eq!(decision, refused(Refusal::Code));
        }
    }
    now += FIRST_DELAY;
    let right = bench.right(now);
    assert!(is_accepted(&bench.judge(&home, Proof::Right, &right, now)));
    let throttle = &bench.state.throttle;
    assert_eq!(throttle.opens_at(home.place.as_ref(), now), 0);
    assert_eq!(throttle.opens_at(office.place.as_ref(), now), now);
    // The three mistypings at home are forgiven; those in the office are not.
    assert_eq!(throttle.units, 3 * WRONG_CODE);
}

#[test]
fn a_recovery_code_ends_no_delay_and_takes_nothing_back() {
    let (record, _, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    bench.fail(3, NOON);
    let before = bench.state.throttle.clone();
    assert!(is_accepted(&bench.answer(&recovery, NOON)));
    assert_eq!(bench.state.throttle, before);
    let right = bench.right(NOON);
    assert_eq!(bench.answer(&right, NOON), refused(Refusal::Throttled));
}

#[test]
fn disabled_tokens_stay_so_and_only_paper_codes_are_judged() {
    let (record, revocation, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    bench.policy.disable_after = 3 * WRONG_CODE;
    bench.fail(3, NOON);
    assert_eq!(bench.state.status, Status::Disabled);
    assert_eq!(bench.state.status_since, NOON);
    let now = NOON + 400 * 24 * 60 * 60;
    let before = bench.state.clone();
    for typed in [bench.right(now), bench.wrong(now)] {
        assert_eq!(bench.answer(&typed, now), refused(Refusal::Disabled));
    }
    assert_eq!(bench.state, before);
    assert!(is_accepted(&bench.answer(&recovery, now)));
    assert_eq!(bench.state.status, Status::Disabled);
    assert_eq!(bench.answer(&revocation, now), refused(Refusal::RevokedNow));
    assert_eq!(bench.state.status, Status::Revoked);
    assert_eq!(bench.state.throttle, Throttle::default());
}

#[test]
fn nothing_opens_an_account_that_was_locked_removed_or_never_enrolled() {
    let (record, revocation, recovery) = with_paper();
    for (status, refusal) in [
        (Status::Never, Refusal::NotEnrolled),
        (Status::Invited, Refusal::Invited),
        (Status::Locked, Refusal::Locked),
        (Status::Removed, Refusal::Removed),
    ] {
        let mut bench = Bench::of(record.clone(), status);
        let before = bench.state.clone();
        let right = bench.right(NOON);
        for typed in ["", &right, &revocation, &recovery] {
            for password in [Proof::Right, Proof::Wrong, Proof::Elsewhere] {
                let decision = bench.judge(&ssh_login(), password, typed, NOON);
                assert_eq!(decision, refused(refusal), "{typed:?}");
            }
        }
        assert_eq!(bench.state, before);
    }
}

#[test]
fn a_wrong_or_spent_paper_code_is_noticed_and_never_charged() {
    let (record, revocation, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    // A hash that is not this account's: the code is well-formed and wrong.
    bench.record.revocation = None;
    assert!(is_accepted(&bench.answer(&recovery, NOON)));
    let (invitation, _) = paper(PaperKind::Invitation);
    for (count, typed) in (1..).zip([&revocation, &recovery, &invitation]) {
        assert_eq!(bench.answer(typed, NOON), refused(Refusal::PaperCode));
        let tally = bench.state.notices.wrong_paper.as_ref().unwrap();
        assert_eq!(tally.count, count);
        assert_eq!(tally.from.as_deref(), Some("192.0.2.4"));
    }
    assert_eq!(bench.state.throttle, Throttle::default());
    assert_eq!(bench.state.status, Status::Live);
}

#[test]
fn a_revoked_account_takes_no_code_but_the_revocation_code() {
    let (record, revocation, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    assert_eq!(
        bench.answer(&revocation, NOON),
        refused(Refusal::RevokedNow)
    );
    let right = bench.right(NOON);
    assert_eq!(bench.answer(&right, NOON), refused(Refusal::Revoked));
    assert_eq!(bench.answer(&recovery, NOON), refused(Refusal::PaperCode));
    assert!(bench.state.spent_recovery.is_empty());
    assert_eq!(
        bench.answer(&revocation, NOON),
        refused(Refusal::RevokedNow)
    );
}

#[test]
fn without_proof_a_code_is_spent_and_nothing_is_learnt_ended_or_charged() {
    let mut bench = Bench::new();
    let login = ssh_login();
    let elsewhere =
        |bench: &mut Bench, typed: &str, at| bench.judge(&login, Proof::Elsewhere, typed, at);
    let wrong = bench.wrong(NOON);
    for _ in 0..3 {
        assert_eq!(elsewhere(&mut bench, &wrong, NOON), refused(Refusal::Code));
    }
    assert_eq!(bench.state.throttle.units, 0);
    let now = NOON + FIRST_DELAY;
    let right = bench.right(now);
    let throttled = elsewhere(&mut bench, &right, now - 1);
    assert_eq!(throttled, refused(Refusal::Throttled));
    assert!(is_accepted(&elsewhere(&mut bench, &right, now)));
    assert_eq!(elsewhere(&mut bench, &right, now), refused(Refusal::Replay));
    assert_eq!(bench.state.throttle.shared.failures, 3);
    assert_eq!(bench.state.throttle.places, []);
    assert_eq!(bench.state.notices, Notices::default());
}

#[test]
fn without_proof_no_paper_code_is_judged() {
    let (record, revocation, recovery) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    let before = bench.state.clone();
    for typed in [&revocation, &recovery] {
        let decision = bench.judge(&ssh_login(), Proof::Elsewhere, typed, NOON);
        assert_eq!(decision, refused(Refusal::PaperCode));
    }
    assert_eq!(bench.state, before);
}

/// Codes of eight digits from another module.
fn with_scratch(codes: &[&str]) -> Record {
    let scratch = (1..).zip(codes).map(|(id, code)| ScratchCode {
        id: Id::from_bytes([id; 16]),
        code: Secret::copy_of(code.as_bytes()),
    });
    Record {
        scratch: scratch.collect(),
        ..record_of(anna())
    }
}

#[test]
fn a_code_from_another_module_works_once_within_the_throttle_and_makes_guesses_dearer() {
    let mut bench = Bench::of(with_scratch(&["11112222", "33334444"]), Status::Live);
    // Each guess of eight digits could have been two codes.
    assert_eq!(bench.answer("99990000", NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, 2);
    let Decision::Accept(accepted) = bench.answer("1111 2222", NOON) else {
        panic!("it is right");
    };
    assert_eq!(accepted.by, By::RecoveryCode { left: 1 });
    // It forgives nothing, and is spent.
    assert_eq!(bench.state.throttle.units, 2);
    assert_eq!(bench.answer("11112222", NOON), refused(Refusal::Code));
    assert_eq!(bench.state.throttle.units, 3);
    assert_eq!(bench.answer("99990000", NOON), refused(Refusal::Code));
    let before = bench.state.clone();
    assert_eq!(bench.answer("33334444", NOON), refused(Refusal::Throttled));
    assert_eq!(bench.state, before);
    assert!(is_accepted(&bench.answer("33334444", NOON + FIRST_DELAY)));
    // None is left, and no device has codes so long.
    let gone = bench.answer("33334444", NOON + 2 * FIRST_DELAY);
    assert_eq!(gone, refused(Refusal::NotACode));
}

#[test]
fn a_code_from_another_module_needs_a_proven_password_and_devices_that_work() {
    let record = with_scratch(&["11112222"]);
    for (status, refusal) in [
        (Status::Disabled, Refusal::Disabled),
        (Status::Revoked, Refusal::Revoked),
    ] {
        let mut bench = Bench::of(record.clone(), status);
        assert_eq!(bench.answer("11112222", NOON), refused(refusal));
    }
    let mut bench = Bench::of(record, Status::Live);
    let before = bench.state.clone();
    let login = ssh_login();
    let wrong = bench.judge(&login, Proof::Wrong, "11112222", NOON);
    assert_eq!(wrong, refused(Refusal::Password));
    let unproven = bench.judge(&login, Proof::Elsewhere, "11112222", NOON);
    assert_eq!(unproven, refused(Refusal::NotACode));
    assert_eq!(bench.state, before);
}

#[test]
fn a_clock_that_runs_backwards_frees_no_code_and_no_delay() {
    let mut bench = Bench::new();
    let right = bench.right(NOON);
    assert!(is_accepted(&bench.answer(&right, NOON)));
    bench.fail(3, NOON);
    let before = bench.state.clone();
    // An hour back: the codes of that hour are older than one that was used.
    let earlier = NOON - 3600;
    let old = bench.right(earlier);
    assert_eq!(bench.answer(&old, earlier), refused(Refusal::Throttled));
    assert_eq!(bench.state, before);
    bench.state.throttle.clear();
    assert_eq!(bench.answer(&old, earlier), refused(Refusal::Replay));
    assert_eq!(bench.answer(&right, earlier), refused(Refusal::Code));
    // Once the clock is right again, so is everything else.
    let later = NOON + 30;
    let right = bench.right(later);
    assert!(is_accepted(&bench.answer(&right, later)));
}

#[test]
fn moments_at_both_ends_of_time_are_judged_like_others() {
    for at in [0, 1, u64::MAX - 1, u64::MAX] {
        let mut bench = Bench::new();
        bench.record.tokens[0].confirmed_step = 0;
        for _ in 0..5 {
            assert!(!is_accepted(&bench.answer("000000", at)));
        }
        assert!(bench.state.throttle.units >= 3 * WRONG_CODE);
    }
}
