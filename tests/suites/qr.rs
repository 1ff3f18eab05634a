//! What a person sees who enrolls, and what a phone's camera makes of it.

use std::time::{SystemTime, UNIX_EPOCH};

use kapu_tests::{
    PASSWORD, SECRET, Screen, Site, Terminal, Theme, code_at, decode_qr, moment_with,
};

const DOCUMENT: &str = "password = \"seven green lanterns\"\n\
    secret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"\ntoken = \"phone\"\n";

/// Enrolls by a document and returns what was drawn.
fn drawn(site: &Site, mode: &str) -> Screen {
    let arguments = ["enroll", site.user(), "--from", "-", "--qr", mode];
    let output = site.kapu(&arguments, DOCUMENT);
    assert!(output.status.success(), "{output:?}");
    Screen::showing(&output.stdout)
}

#[test]
fn the_usual_drawing_is_read_on_dark_and_on_light_terminals() {
    let site = Site::new();
    let screen = drawn(&site, "utf8");
    let uri = decode_qr(&screen, Theme::Dark).expect("a camera reads it");
    assert!(uri.starts_with("otpauth://totp/"), "{uri}");
    assert!(uri.contains(&format!("secret={SECRET}")), "{uri}");
    assert_eq!(decode_qr(&screen, Theme::Light), Some(uri));
}

#[test]
fn what_a_camera_reads_is_the_uri_that_scripts_get() {
    let uri = {
        let site = Site::new();
        site.enroll(site.user()).uri
    };
    for mode in ["utf8", "inverse", "ascii"] {
        let screen = drawn(&Site::new(), mode);
        let read = [Theme::Dark, Theme::Light].map(|theme| decode_qr(&screen, theme));
        assert!(
            read.contains(&Some(uri.clone())),
            "{mode}: {read:?}\n{}",
            screen.text()
        );
    }
}

#[test]
fn the_letters_of_the_ascii_drawing_are_ascii() {
    let site = Site::new();
    let text = drawn(&site, "ascii").text();
    assert!(text.contains("##") && text.is_ascii(), "{text}");
}

#[test]
fn a_person_enrolls_at_a_terminal_and_logs_in() {
    let site = Site::new();
    let mut terminal = Terminal::run(site.kapu_command(&["enroll"]));
    terminal.wait_for("New password");
    terminal.type_keys(&format!("{PASSWORD}\n"));
    terminal.wait_for("Type it again");
    terminal.type_keys(&format!("{PASSWORD}\n"));
    terminal.wait_for("press Enter");
    terminal.type_keys("\n");
    terminal.wait_for("Code the app shows now: ");
    let screen = terminal.screen();
    assert!(
        !screen.text().contains(PASSWORD),
        "a password is never shown"
    );
    let uri = decode_qr(screen, Theme::Dark).expect("a camera reads the screen");
    let secret = secret_of(&uri);
    let now = moment_with(15);
    terminal.type_keys(&format!("{}\n", code_at(&secret, now)));
    terminal.wait_for("third group");
    let groups = revocation_code(&terminal.screen().text());
    terminal.type_keys(&format!("{}\n", groups[2]));
    terminal.wait_for("Done.");
    terminal.type_keys("n\n");
    assert!(terminal.wait_for_end().success());
    // The code that confirmed the enrollment is spent; the next one is not.
    site.log_in(PASSWORD, &code_at(&secret, now))
        .assert_refused("replay");
    site.log_in(PASSWORD, &code_at(&secret, now + kapu_tests::PERIOD))
        .assert_accepted();
}

#[test]
fn an_enrollment_that_is_broken_off_leaves_nothing() {
    let site = Site::new();
    let mut terminal = Terminal::run(site.kapu_command(&["enroll"]));
    terminal.wait_for("New password");
    terminal.type_keys("\x03");
    assert!(!terminal.wait_for_end().success());
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_secs();
    site.log_in(PASSWORD, &code_at(SECRET, seconds))
        .assert_refused("not-enrolled");
}

fn secret_of(uri: &str) -> String {
    uri.split(['?', '&'])
        .find_map(|parameter| parameter.strip_prefix("secret="))
        .expect("the URI holds the secret")
        .to_owned()
}

/// The five groups of the paper code on the screen.
fn revocation_code(text: &str) -> Vec<String> {
    let is_group =
        |group: &str| group.len() == 4 && group.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.split_whitespace()
        .map(|word| word.split('-').map(str::to_owned).collect::<Vec<_>>())
        .find(|groups| groups.len() == 5 && groups.iter().all(|group| is_group(group)))
        .unwrap_or_else(|| panic!("no revocation code on the screen\n{text}"))
}
