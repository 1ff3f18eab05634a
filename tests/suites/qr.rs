//! What a person sees who enrolls, and what a phone's camera makes of it.

use std::time::{SystemTime, UNIX_EPOCH};

use kapu_tests::{
    PASSWORD, SECRET, Screen, Site, Terminal, Theme, code_at, decode_qr, moment_with,
};

const DOCUMENT: &str = "password = \"seven green lanterns\"\n\
    secret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"\ntoken = \"phone\"\n";

/// Enrolls by a document and returns what was written into a pipe.
fn written(mode: &str) -> Screen {
    let site = Site::new();
    let arguments = ["enroll", site.user(), "--from", "-", "--qr", mode];
    let output = site.kapu(&arguments, DOCUMENT);
    assert!(output.status.success(), "{output:?}");
    Screen::showing(&output.stdout)
}

/// Enrolls by a document and returns what a terminal shows.
fn shown(mode: &str) -> Screen {
    let site = Site::new();
    let document = site.write("enrollment.toml", DOCUMENT);
    let document = document.to_str().expect("a plain path");
    let arguments = ["enroll", site.user(), "--from", document, "--qr", mode];
    let mut terminal = Terminal::run(site.kapu_command(&arguments));
    assert!(terminal.wait_for_end().success());
    terminal.screen().clone()
}

/// The URI that scripts get for the document.
fn uri() -> String {
    let site = Site::new();
    site.enroll(site.user()).uri
}

#[test]
fn the_uri_names_the_secret() {
    let uri = uri();
    assert!(uri.starts_with("otpauth://totp/"), "{uri}");
    assert!(uri.contains(&format!("secret={SECRET}")), "{uri}");
}

#[test]
fn a_camera_reads_the_exact_uri_from_any_terminal() {
    let uri = Some(uri());
    for mode in ["auto", "utf8"] {
        let screen = shown(mode);
        for theme in [Theme::Dark, Theme::Light] {
            let read = decode_qr(&screen, theme);
            assert_eq!(read, uri, "{mode} {theme:?}\n{}", screen.text());
        }
    }
}

#[test]
fn a_camera_reads_the_exact_uri_from_what_was_written_to_a_file() {
    let uri = Some(uri());
    // Paper is light, and what is inverted is for dark terminals.
    for (mode, theme) in [
        ("utf8", Theme::Light),
        ("ascii", Theme::Light),
        ("inverse", Theme::Dark),
    ] {
        let screen = written(mode);
        let read = decode_qr(&screen, theme);
        assert_eq!(read, uri, "{mode}\n{}", screen.text());
    }
}

#[test]
fn the_letters_of_the_ascii_drawing_are_ascii() {
    let text = written("ascii").text();
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
    terminal.wait_for("Code the app shows now:");
    let screen = terminal.screen();
    assert!(
        !screen.text().contains(PASSWORD),
        "a password is never shown"
    );
    let uri = decode_qr(screen, Theme::Dark).expect("a camera reads the screen");
    let secret = secret_of(&uri);
    let now = moment_with(15);
    terminal.type_keys(&format!("{}\n", code_at(&secret, now)));
    terminal.wait_for("group (or all of it):");
    let group = group_asked_for(&terminal.screen().text());
    terminal.type_keys(&format!("{group}\n"));
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

/// The group of the paper code that the screen asks back.
fn group_asked_for(text: &str) -> String {
    let index = ["first", "second", "third", "fourth", "fifth"]
        .iter()
        .position(|ordinal| text.contains(&format!("Type its {ordinal} group")))
        .unwrap_or_else(|| panic!("no group is asked for\n{text}"));
    revocation_code(text).swap_remove(index)
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
