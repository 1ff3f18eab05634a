//! Changes of one account at the same moment: revocations and enrollments, that all saw it as it
//! was before any of them. One wins, and the others hear of it.

use std::thread;
use std::time::Duration;

use kapu_tests::{
    LogLine, Outcome, PASSWORD, Site, Tally, behind_the_lock, effort, tally, together,
};

/// Logins that bring one revocation code.
const LOGINS: usize = 64;
/// Programs that change one account at once.
const PROGRAMS: usize = 8;
/// From the first's reading until all wait for the lock: less than the lock is waited for.
const GATHERING: Duration = Duration::from_millis(2_500);
/// Tries for an attack that needs one of the crowd to come first.
const TRIES: usize = 4;
/// What enrolls another key and password.
const OTHER: &str = "password = \"nine green lanterns\"\ntoken = \"thief\"\n";

/// How many of 64 logins with the revocation code say that it was they who revoked, and how all
/// of them ended.
fn revocations(site: &Site) -> (usize, Tally) {
    let code = site.enroll(site.user()).revocation_code;
    let attempt = site.attempt().answers([PASSWORD, code.as_str()]);
    let outcomes = behind_the_lock(site, GATHERING, || {
        together(&[(); LOGINS], |()| attempt.run())
    });
    let winners = outcomes.iter().filter(|outcome| says_revoked(outcome));
    (winners.count(), tally(&outcomes))
}

fn says_revoked(outcome: &Outcome) -> bool {
    let changes = |line: &LogLine| {
        line.value("event") == Some("status") && line.value("to") == Some("revoked")
    };
    outcome.log.iter().any(changes)
}

#[test]
fn one_revocation_code_of_sixty_four_logins_revokes_once() {
    for _ in 0..effort(1, 20) {
        let (winners, ended) = revocations(&Site::new());
        let expected = Tally::from([
            ("revoked-now".into(), 1),
            ("record-changed".into(), LOGINS - 1),
        ]);
        assert_eq!((winners, ended), (1, expected));
    }
}

#[test]
fn judged_on_what_was_read_before_the_lock_one_code_revokes_several_times() {
    let (winners, ended) = revocations(&Site::weakened("stale-judgement", ""));
    println!("{winners} of {LOGINS} revoked: {ended:?}");
    assert!(winners > 1, "{ended:?}");
}

/// How many of the changes, each of the record that all of them saw, were stored.
fn stored(site: &Site, change: impl Fn(&Site) -> bool + Sync) -> usize {
    site.enroll(site.user());
    let ended = behind_the_lock(site, GATHERING, || {
        together(&[(); PROGRAMS], |()| change(site))
    });
    ended.into_iter().filter(|stored| *stored).count()
}

/// Enrolls over what is there; whether that was done. Otherwise it was told of a conflict.
fn enrolls_over(site: &Site) -> bool {
    let arguments = ["enroll", site.user(), "--replace", "--from", "-", "--json"];
    changes(site, &arguments, OTHER)
}

fn chooses_a_password(site: &Site) -> bool {
    let arguments = ["passwd", site.user(), "--from", "-"];
    changes(site, &arguments, "password = \"nine green lanterns\"\n")
}

fn invites(site: &Site) -> bool {
    changes(site, &["invite", site.user(), "--replace"], "")
}

fn changes(site: &Site, arguments: &[&str], input: &str) -> bool {
    let output = site.kapu(arguments, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() || said.contains("changed"),
        "{said}"
    );
    output.status.success()
}

#[test]
fn one_of_many_enrollments_over_one_record_is_stored() {
    for _ in 0..effort(1, 20) {
        assert_eq!(stored(&Site::new(), enrolls_over), 1);
    }
}

#[test]
fn one_of_many_new_passwords_or_invitations_for_one_record_is_stored() {
    for _ in 0..effort(1, 20) {
        assert_eq!(stored(&Site::new(), chooses_a_password), 1);
        assert_eq!(stored(&Site::new(), invites), 1);
    }
}

#[test]
fn without_the_comparison_several_enrollments_or_passwords_are_stored() {
    let site = || Site::weakened("blind-replace", "");
    for stored in [
        stored(&site(), enrolls_over),
        stored(&site(), chooses_a_password),
    ] {
        println!("{stored} of {PROGRAMS} stored");
        assert!(stored > 1);
    }
}

/// Whether an account that its owner revoked several times, beside one enrollment, is in use
/// afterwards; and how many of the revocations found something to revoke.
fn revocations_beside_an_enrollment(site: &Site) -> (bool, usize) {
    site.enroll(site.user());
    let revoked = behind_the_lock(site, GATHERING, || {
        thread::scope(|scope| {
            scope.spawn(|| enrolls_over(site));
            let revocations = together(&[(); PROGRAMS], |()| revokes(site));
            revocations.into_iter().filter(|done| *done).count()
        })
    });
    let output = site.kapu(&["status", site.user(), "--json"], "");
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("kapu status --json prints JSON");
    let status = report["status"].as_str().expect("a status");
    (status == "live", revoked)
}

fn revokes(site: &Site) -> bool {
    let output = site.kapu(&["revoke", site.user(), "--force", "--yes"], "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{said}");
    output.status.success()
}

/// One that came before the first of them is revoked by it; one that comes later is a conflict.
const ONCE_AND_FOR_ALL: (bool, usize) = (false, 1);

#[test]
fn no_enrollment_begun_before_a_revocation_ends_it() {
    for _ in 0..effort(1, 20) {
        let found = revocations_beside_an_enrollment(&Site::new());
        assert_eq!(found, ONCE_AND_FOR_ALL);
    }
}

/// The enrollment must not be the first that has the lock: so it is tried a few times.
#[test]
fn with_the_revision_kept_an_enrollment_ends_a_revocation() {
    let mut tries =
        (0..TRIES).map(|_| revocations_beside_an_enrollment(&Site::weakened("kept-revision", "")));
    assert!(tries.any(|found| found != ONCE_AND_FOR_ALL));
}
