//! Who passes without a code, and who may set up a device.

use super::*;
use crate::date::Date;

const NOT_YET: Requirement = Requirement::NotYet {
    from: Date::FAR,
    days: 5,
};
const REQUIREMENTS: [Requirement; 4] = [
    Requirement::Code,
    Requirement::CodeOrSetUp,
    NOT_YET,
    Requirement::Exempt,
];
const PROOFS: [Proof; 4] = [Proof::Right, Proof::Key, Proof::Wrong, Proof::Elsewhere];

/// What somebody without a token is told, by requirement, proof and answer.
fn of_never(requirement: Requirement, password: Proof, typed: &str) -> Decision {
    let record = Record {
        tokens: Vec::new(),
        ..record_of(anna())
    };
    let mut bench = Bench::of(record, Status::Never);
    bench.policy.requirement = requirement;
    bench.policy.enrolls = true;
    let before = bench.state.clone();
    let decision = bench.judge(&ssh_login(), password, typed, NOON);
    // That one was begun is all that is written.
    bench.state.notices.unfinished = None;
    assert_eq!(bench.state, before);
    decision
}

fn ground(decision: &Decision) -> Option<Ground> {
    match decision {
        Decision::Enroll(permit) => Some(permit.ground()),
        _ => None,
    }
}

fn alone() -> Decision {
    Decision::Accept(Box::new(Accepted {
        by: By::PasswordAlone,
        notices: Notices::default(),
        reminder: None,
        is_first: false,
    }))
}

#[test]
fn before_the_day_who_has_no_code_passes_on_a_proven_password_and_enter() {
    for proof in [Proof::Right, Proof::Key] {
        assert_eq!(of_never(NOT_YET, proof, ""), alone());
    }
    assert_eq!(
        of_never(NOT_YET, Proof::Wrong, ""),
        refused(Refusal::Password)
    );
    assert_eq!(of_never(NOT_YET, Proof::Elsewhere, ""), Decision::NotOurs);
    for typed in ["123456", "hunter2"] {
        assert_eq!(
            of_never(NOT_YET, Proof::Right, typed),
            refused(Refusal::NotEnrolled)
        );
    }
}

#[test]
fn a_plus_opens_the_enrollment_before_the_day_and_enter_from_then_on() {
    for (requirement, typed) in [
        (NOT_YET, "+"),
        (Requirement::Exempt, "+"),
        (Requirement::CodeOrSetUp, "+"),
        (Requirement::CodeOrSetUp, ""),
    ] {
        let by_password = of_never(requirement, Proof::Right, typed);
        assert_eq!(ground(&by_password), Some(Ground::Password));
        let by_key = of_never(requirement, Proof::Key, typed);
        assert_eq!(ground(&by_key), Some(Ground::Key));
    }
}

#[test]
fn when_the_time_to_enroll_is_over_only_a_key_opens_it() {
    for typed in ["", "+"] {
        let by_password = of_never(Requirement::Code, Proof::Right, typed);
        assert_eq!(by_password, refused(Refusal::NotEnrolled));
        let by_key = of_never(Requirement::Code, Proof::Key, typed);
        assert_eq!(ground(&by_key), Some(Ground::Key));
    }
}

#[test]
fn without_a_proven_first_factor_nothing_is_enrolled() {
    for requirement in REQUIREMENTS {
        for proof in [Proof::Wrong, Proof::Elsewhere] {
            for typed in ["", "+", "123456"] {
                assert_eq!(ground(&of_never(requirement, proof, typed)), None);
            }
        }
    }
}

#[test]
fn an_exempt_login_needs_the_password_and_writes_nothing() {
    for status in [
        Status::Live,
        Status::Disabled,
        Status::Revoked,
        Status::Never,
    ] {
        let mut record = record_of(anna());
        if status == Status::Never {
            record.tokens.clear();
        }
        let mut bench = Bench::of(record, status);
        bench.policy.requirement = Requirement::Exempt;
        let before = bench.state.clone();
        for (proof, expected) in [
            (Proof::Right, alone()),
            (Proof::Key, alone()),
            (Proof::Wrong, refused(Refusal::Password)),
            (Proof::Elsewhere, Decision::NotOurs),
        ] {
            assert_eq!(
                bench.judge(&ssh_login(), proof, "", NOON),
                expected,
                "{status:?}"
            );
        }
        assert_eq!(bench.state, before);
    }
}

#[test]
fn an_exempt_login_that_brings_a_code_is_judged_by_it() {
    let mut bench = Bench::new();
    bench.policy.requirement = Requirement::Exempt;
    let wrong = bench.wrong(NOON);
    assert_eq!(bench.answer(&wrong, NOON), refused(Refusal::Code));
    let right = bench.right(NOON);
    assert!(is_accepted(&bench.answer(&right, NOON)));
}

#[test]
fn nothing_exempts_who_is_locked_or_removed() {
    for (status, refusal) in [
        (Status::Locked, Refusal::Locked),
        (Status::Removed, Refusal::Removed),
    ] {
        let mut bench = Bench::of(record_of(anna()), status);
        bench.policy.requirement = Requirement::Exempt;
        for proof in PROOFS {
            let decision = bench.judge(&ssh_login(), proof, "", NOON);
            assert_eq!(decision, refused(refusal));
        }
    }
}

#[test]
fn whoever_has_a_token_needs_it_on_every_day() {
    for requirement in [Requirement::Code, Requirement::CodeOrSetUp, NOT_YET] {
        for status in [
            Status::Live,
            Status::Disabled,
            Status::Revoked,
            Status::Invited,
        ] {
            let mut bench = Bench::of(record_of(anna()), status);
            bench.policy.requirement = requirement;
            bench.policy.enrolls = true;
            for typed in ["", "+", "hunter2"] {
                for proof in PROOFS {
                    let decision = bench.judge(&ssh_login(), proof, typed, NOON);
                    assert!(
                        matches!(decision, Decision::Refuse(_)),
                        "{status:?} {decision:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_revocation_code_goes_on_to_a_new_device_and_later_does_so_again() {
    let (record, revocation, _) = with_paper();
    let mut bench = Bench::of(record, Status::Live);
    bench.policy.enrolls = true;
    for _ in 0..2 {
        let decision = bench.answer(&revocation, NOON);
        assert_eq!(ground(&decision), Some(Ground::RevocationCode));
        assert_eq!(bench.state.status, Status::Revoked);
    }
    assert_eq!(bench.answer("", NOON), refused(Refusal::NotACode));
    for proof in [Proof::Wrong, Proof::Elsewhere] {
        let decision = bench.judge(&ssh_login(), proof, &revocation, NOON);
        assert_eq!(ground(&decision), None);
    }
}

#[test]
fn where_no_device_can_be_set_up_in_a_login_it_says_so() {
    let mut bench = Bench::of(
        Record {
            tokens: Vec::new(),
            ..record_of(anna())
        },
        Status::Never,
    );
    bench.policy.requirement = Requirement::CodeOrSetUp;
    assert_eq!(bench.answer("", NOON), refused(Refusal::SetUpFirst));
}
