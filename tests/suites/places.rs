//! Remembered places: where a code was typed lately, Enter is enough, and what ends that.

use kapu_tests::{Outcome, PASSWORD, PERIOD, SECRET, Site, code_at, moment_with};

/// A code is good for eight hours at the place where it was typed.
const EIGHT_HOURS: &str = "[login]\nremember-place-for = \"8h\"\n";
const HOME: &str = "192.0.2.10";
const OFFICE: &str = "198.51.100.7";
/// Seconds that three logins may need.
const THREE_LOGINS: u64 = 10;

fn from(site: &Site, address: &str, answers: [&str; 2]) -> Outcome {
    site.attempt().from(address).answers(answers).run()
}

/// A site where the caller has typed a code at home just now.
fn at_home(configuration: &str) -> Site {
    let site = Site::with(configuration);
    site.enroll(site.user());
    let code = code_at(SECRET, moment_with(THREE_LOGINS) - PERIOD);
    from(&site, HOME, [PASSWORD, &code]).assert_accepted();
    site
}

#[test]
fn where_a_code_was_typed_enter_is_enough_and_nothing_is_written() {
    let site = at_home(EIGHT_HOURS);
    let before = site.documents();
    let outcome = from(&site, HOME, [PASSWORD, ""]);
    outcome.assert_accepted();
    assert_eq!(outcome.decision().value("by"), Some("place"));
    assert_eq!(site.documents(), before);
    // A client that gives the password to every question, as sshd's method "password" does.
    from(&site, HOME, [PASSWORD, PASSWORD]).assert_accepted();
    let status = site.kapu_says(&["status", site.user()]);
    assert!(status.contains(HOME), "{status}");
}

#[test]
fn a_code_is_asked_from_elsewhere_and_in_another_service() {
    let site = at_home(EIGHT_HOURS);
    for address in [OFFICE, "127.0.0.1", "192.0.2.11", "host.example"] {
        from(&site, address, [PASSWORD, ""]).assert_refused("not-a-code");
    }
    site.service("another", &[&format!("auth required {}", site.module())]);
    let attempt = site.attempt().from(HOME).service("another");
    attempt
        .answers([PASSWORD, ""])
        .run()
        .assert_refused("not-a-code");
    from(&site, HOME, [PASSWORD, "000"]).assert_refused("not-a-code");
}

#[test]
fn a_wrong_password_from_there_ends_it_and_one_from_elsewhere_does_not() {
    let site = at_home(EIGHT_HOURS);
    from(&site, OFFICE, ["hunter2 and more", ""]).assert_refused("password");
    from(&site, HOME, [PASSWORD, ""]).assert_accepted();
    from(&site, HOME, ["hunter2 and more", ""]).assert_refused("password");
    from(&site, HOME, [PASSWORD, ""]).assert_refused("not-a-code");
}

#[test]
fn the_administrator_ends_it_and_so_does_a_new_password_a_lock_and_an_adoption() {
    for commands in [
        &[&["forget-places"][..]][..],
        &[&["lock"], &["unlock"]],
        &[&["adopt"]],
    ] {
        let site = at_home(EIGHT_HOURS);
        for command in commands {
            site.kapu_says(&[*command, &[site.user()][..]].concat());
        }
        from(&site, HOME, [PASSWORD, ""]).assert_refused("not-a-code");
    }
    let site = at_home(EIGHT_HOURS);
    let new = "four copper kettles";
    let script = format!("password = \"{new}\"\n");
    let changed = site.kapu(&["passwd", site.user(), "--from", "-"], &script);
    assert!(changed.status.success(), "{changed:?}");
    from(&site, HOME, [new, ""]).assert_refused("not-a-code");
}

#[test]
fn without_the_setting_a_code_is_asked_every_time() {
    let site = at_home("");
    from(&site, HOME, [PASSWORD, ""]).assert_refused("not-a-code");
}
