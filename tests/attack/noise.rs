//! Strangers and scripts that knock at a real sshd: none of it may cost the owner anything.

use kapu_tests::{PASSWORD, PrivateSshd, SECRET, Site, code_at, effort, is_root, moment_with};

/// Seconds that the owner's login may need.
const ONE_LOGIN: u64 = 6;
/// How often each of them comes: more often than wrong codes are free.
const VISITS: usize = 4;

/// What everybody may do who reaches sshd, some of them knowing the password.
fn make_noise(site: &Site, visits: usize) {
    let sshd = PrivateSshd::start(site);
    let user = site.user();
    for _ in 0..visits {
        // A port scanner, and one that breaks off at each prompt.
        sshd.knock();
        sshd.break_off(user, PASSWORD, "assword");
        sshd.break_off(user, PASSWORD, "code");
        // A backup script that has no answer, by both methods.
        sshd.ask_without_answering(user, "keyboard-interactive");
        sshd.ask_without_answering(user, "password");
        // The method password can carry one answer only, which sshd gives to both prompts.
        let outcome = sshd.log_in_by("password", user, PASSWORD, "unused", "true");
        outcome.assert_refused("not-a-code");
        // The same with neither.
        let outcome = sshd.log_in_by("password", user, "nine green lanterns", "unused", "true");
        outcome.assert_refused("password");
    }
}

/// An sshd that does not let this user in runs PAM all the same, with answers of its own making.
fn knock_where_nobody_is_let_in(site: &Site, options: &str, visits: usize) {
    let rules = format!("auth required {}", site.module());
    let sshd = PrivateSshd::start_with(site, &[&rules], options);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    for _ in 0..visits {
        let outcome = sshd.log_in(site.user(), PASSWORD, &code, "true");
        outcome.assert_refused("password");
    }
}

/// The doors at which sshd itself turns the owner's name down. Only root's name meets the first.
fn closed_doors(site: &Site) -> Vec<String> {
    let mut doors = vec![format!("DenyUsers {}\n", site.user())];
    if is_root() {
        doors.push("PermitRootLogin prohibit-password\n".to_owned());
    } else {
        eprintln!("not tested: root with prohibit-password, which needs root");
    }
    doors
}

/// Whether the owner gets in by a real sshd.
fn owner_gets_in(site: &Site) -> bool {
    let sshd = PrivateSshd::start(site);
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    sshd.log_in(site.user(), PASSWORD, &code, "true").success
}

#[test]
fn noise_at_the_door_changes_nothing_and_the_owner_gets_in() {
    let site = Site::enrolled();
    let before = site.documents();
    let visits = effort(1, 20);
    make_noise(&site, visits);
    for options in closed_doors(&site) {
        knock_where_nobody_is_let_in(&site, &options, VISITS.max(visits));
    }
    assert_eq!(site.documents(), before);
    assert!(owner_gets_in(&site));
}

#[test]
fn where_noise_is_charged_the_owner_stays_outside() {
    let site = Site::weakened("noise-charged", "");
    site.enroll(site.user());
    for options in closed_doors(&site) {
        knock_where_nobody_is_let_in(&site, &options, VISITS);
    }
    assert!(!owner_gets_in(&site));
}
