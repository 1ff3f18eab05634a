//! The verdict table, docs/verdicts.md, made by the running module: every status beside every
//! kind of answer, with the right and with a wrong password, throttled or not.
//!
//! `KAPU_BLESS=1 sh tests/run.sh verdicts` writes the table anew. What must never be let in is
//! asserted here, so that no blessing can allow it.

#[path = "verdicts/case.rs"]
mod case;
#[path = "verdicts/document.rs"]
mod document;
#[path = "verdicts/mode.rs"]
mod mode;
#[path = "verdicts/table.rs"]
mod table;

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::case::{Answer, Case, Standing, Verdict};
use crate::mode::{FirstFactor, Mode};

/// The committed table.
const COMMITTED: &str = include_str!("../../docs/verdicts.md");
/// Where it is committed.
const HOME_OF_TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verdicts.md");
/// Logins made at once: a refusal mostly waits.
const AT_ONCE: usize = 24;

#[test]
fn with_a_password_of_our_own_the_verdicts_are_those_of_the_table() {
    compare(&mode::OWN);
}

#[test]
fn with_the_systems_password_the_verdicts_are_those_of_the_table() {
    compare(&mode::SYSTEM);
}

#[test]
fn with_a_password_of_elsewhere_the_verdicts_are_those_of_the_table() {
    compare(&mode::ELSEWHERE);
}

#[test]
#[ignore = "only root's sshd is believed"]
fn after_an_ssh_key_the_verdicts_are_those_of_the_table() {
    compare(&mode::ELSEWHERE_AFTER_A_KEY);
}

/// Compares what the module does with the committed section of the mode, or writes it.
fn compare(mode: &Mode) {
    let found = table::of_mode(mode.heading, &verdicts(mode));
    if std::env::var_os("KAPU_BLESS").is_some_and(|bless| !bless.is_empty()) {
        return bless(mode.heading, &found);
    }
    let committed = table::section(COMMITTED, mode.heading).unwrap_or_default();
    for (found, committed) in found.lines().zip(committed.lines()) {
        assert_eq!(found, committed, "docs/verdicts.md, {}", mode.heading);
    }
    assert_eq!(found, committed, "docs/verdicts.md, {}", mode.heading);
}

fn bless(heading: &str, found: &str) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let old = fs::read_to_string(HOME_OF_TABLE).unwrap_or_default();
    let new = table::with_section(&old, heading, found);
    // The suites run as "nobody" too, who may not write there.
    if let Err(error) = fs::write(HOME_OF_TABLE, new) {
        eprintln!("{HOME_OF_TABLE}: {error}");
    }
}

/// Makes every login of a mode, many at once.
fn verdicts(mode: &Mode) -> Vec<(Case, Verdict)> {
    let site = mode.site();
    let enrolled = document::Enrolled::at(&site, mode);
    let cases: Vec<_> = Case::all(mode.first_factor).collect();
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(cases.len()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = case.judged(&site, &enrolled);
                    assert_safe(*case, &verdict);
                    done.lock().expect("no case failed").push((*case, verdict));
                }
            });
        }
    });
    let mut verdicts = done.into_inner().expect("no case failed");
    verdicts.sort_by_key(|(case, _)| cases.iter().position(|known| known == case));
    verdicts
}

/// What holds whatever the table says.
fn assert_safe(case: Case, verdict: &Verdict) {
    let by_code = case.answer == Answer::RightCode
        && case.standing == Standing::Status("live")
        && !case.throttled;
    let by_paper = case.answer == Answer::RecoveryCode
        && case.first_factor != FirstFactor::Unproven
        && ["live", "disabled"]
            .map(Standing::Status)
            .contains(&case.standing);
    let may_pass = case.password_is_right && (by_code || by_paper);
    let expected = if may_pass {
        "PAM_SUCCESS"
    } else {
        "PAM_AUTH_ERR"
    };
    assert_eq!(verdict.pam, expected, "{case:?} {verdict:?}");
    if !case.password_is_right {
        assert!(!verdict.written, "{case:?} {verdict:?}");
    }
}
