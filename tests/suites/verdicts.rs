//! The verdict table, docs/verdicts.md, made by the running module: every status beside every
//! kind of answer, with the right and with a wrong password, throttled or not.
//!
//! `KAPU_BLESS=1 sh tests/run.sh verdicts` writes the table anew. What must never be let in is
//! asserted here, so that no blessing can allow it.

#[path = "verdicts/case.rs"]
mod case;
#[path = "verdicts/document.rs"]
mod document;
#[path = "verdicts/table.rs"]
mod table;

use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kapu_tests::Site;

use crate::case::{Answer, Case, Standing, Verdict};

/// The committed table.
const COMMITTED: &str = include_str!("../../docs/verdicts.md");
/// Where it is committed.
const HOME_OF_TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/verdicts.md");
/// Logins made at once: a refusal mostly waits.
const AT_ONCE: usize = 24;

/// One way to prove the password.
struct Mode {
    /// The value of `password =`.
    name: &'static str,
    /// Lines of kapu.toml.
    configuration: &'static str,
}

const MODES: [Mode; 1] = [Mode {
    name: "own",
    configuration: "",
}];

#[test]
fn the_verdicts_of_the_module_are_those_of_the_table() {
    let mut text = table::INTRODUCTION.to_owned();
    for mode in MODES {
        text += &table::of_mode(mode.name, &verdicts(&mode));
    }
    if std::env::var_os("KAPU_BLESS").is_some_and(|bless| !bless.is_empty()) {
        // The suites run as "nobody" too, who may not write there.
        if let Err(error) = fs::write(HOME_OF_TABLE, &text) {
            eprintln!("{HOME_OF_TABLE}: {error}");
        }
        return;
    }
    for (line, (found, committed)) in (1..).zip(text.lines().zip(COMMITTED.lines())) {
        assert_eq!(found, committed, "docs/verdicts.md, line {line}");
    }
    assert_eq!(text.lines().count(), COMMITTED.lines().count());
}

/// Makes every login of a mode, many at once.
fn verdicts(mode: &Mode) -> Vec<(Case, Verdict)> {
    let site = Site::with(mode.configuration);
    let enrolled = document::Enrolled::at(&site);
    let cases: Vec<_> = Case::all().collect();
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
        && ["live", "disabled"]
            .map(Standing::Status)
            .contains(&case.standing);
    let may_pass = case.password_is_right && (by_code || by_paper);
    assert_eq!(
        verdict.pam == "PAM_SUCCESS",
        may_pass,
        "{case:?} {verdict:?}"
    );
    if !may_pass {
        assert_eq!(verdict.pam, "PAM_AUTH_ERR", "{case:?} {verdict:?}");
    }
    if !case.password_is_right {
        assert!(!verdict.written, "{case:?} {verdict:?}");
    }
}
