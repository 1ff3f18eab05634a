//! Several devices of one account, and new codes on paper.

use std::fs;

use kapu_tests::{
    PASSWORD, PERIOD, SECRET, Screen, Site, Terminal, code_at, moment_with, set_up_at_terminal,
    shown_paper_code,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;

#[track_caller]
fn refused(site: &Site, arguments: &[&str]) -> String {
    let output = site.kapu(arguments, "");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).expect("text")
}

/// Begins to add a device, and proves who one is with this code.
fn begin_to_add(site: &Site, name: &str, code: &str) -> Terminal {
    let mut terminal = Terminal::run(site.kapu_command(&["token", "add", name]));
    terminal.wait_for("Password:");
    terminal.type_keys(&format!("{PASSWORD}\n"));
    terminal.wait_for("Verification code:");
    terminal.type_keys(&format!("{code}\n"));
    terminal
}

#[test]
fn a_second_device_is_added_with_a_code_of_the_first_and_each_works_alone() {
    let site = Site::enrolled();
    let now = moment_with(4 * ONE_LOGIN);
    let used = code_at(SECRET, now - PERIOD);
    let mut terminal = begin_to_add(&site, "tablet", &used);
    let tablet = set_up_at_terminal(&mut terminal, now - PERIOD);
    terminal.wait_for("Done.");
    assert!(terminal.wait_for_end().success());
    // The code that proved it is spent, and the revocation code is that of before.
    site.log_in(PASSWORD, &used).assert_refused("replay");
    site.log_in(PASSWORD, &code_at(SECRET, now))
        .assert_accepted();
    site.log_in(PASSWORD, &code_at(&tablet, now))
        .assert_accepted();
    let taken = refused(&site, &["token", "rename", "tablet", "phone"]);
    assert!(taken.contains("already"), "{taken}");
    site.kapu_says(&["device", "rename", "tablet", "slate"]);
    let list = site.kapu_says(&["token", "list"]);
    assert!(list.contains("phone") && list.contains("slate"), "{list}");
    site.kapu_says(&["token", "remove", "phone"]);
    let gone = site.log_in(PASSWORD, &code_at(SECRET, now + PERIOD));
    gone.assert_refused("code");
    site.log_in(PASSWORD, &code_at(&tablet, now + PERIOD))
        .assert_accepted();
    let last = refused(&site, &["token", "remove", "slate"]);
    assert!(last.contains("only device"), "{last}");
}

#[test]
fn without_a_present_code_no_device_is_added() {
    let site = Site::enrolled();
    for code in ["000000", ""] {
        let mut terminal = begin_to_add(&site, "tablet", code);
        terminal.wait_for("Those details are not correct.");
        assert_eq!(terminal.wait_for_end().code(), Some(1));
        assert!(!terminal.screen().text().contains("Scan this"));
    }
    assert!(!site.kapu_says(&["token", "list"]).contains("tablet"));
}

#[test]
fn new_recovery_codes_work_once_each_and_the_old_ones_no_more() {
    let site = Site::enrolled();
    let print = || site.kapu_says(&["recovery-codes", site.user()]);
    let old = shown_paper_code(&Screen::showing(print().as_bytes()));
    let sheet = print();
    let codes = sheet.lines().filter(|line| line.matches('-').count() == 4);
    assert_eq!(codes.count(), 10, "{sheet}");
    let new = shown_paper_code(&Screen::showing(sheet.as_bytes()));
    site.log_in(PASSWORD, &old).assert_refused("paper-code");
    site.log_in(PASSWORD, &new).assert_accepted();
    site.log_in(PASSWORD, &new).assert_refused("paper-code");
}

#[test]
fn a_new_revocation_code_takes_the_place_of_the_old_one() {
    let site = Site::new();
    assert!(refused(&site, &["revocation-code"]).contains("not enrolled"));
    let old = site.enroll(site.user()).revocation_code;
    let sheet = site.kapu_says(&["revocation-code"]);
    let new = shown_paper_code(&Screen::showing(sheet.as_bytes()));
    site.log_in(PASSWORD, &old).assert_refused("paper-code");
    let texts = site.log_in(PASSWORD, &new);
    assert_eq!(texts.decision().value("reason"), Some("revoked-now"));
}

#[test]
fn codes_from_another_module_come_along_and_work_once_each() {
    let site = Site::new();
    let script = format!(
        "password = \"{PASSWORD}\"\nsecret = \"{SECRET}\"\n\
         scratch-codes = [\"11112222\", \"33334444\"]\n"
    );
    let enrolled = site.kapu(&["enroll", site.user(), "--from", "-"], &script);
    assert!(enrolled.status.success(), "{enrolled:?}");
    let status = site.kapu_says(&["status", site.user()]);
    assert!(status.contains("2 of 2"), "{status}");
    let document = fs::read_to_string(site.document_of(site.user())).expect("a document");
    assert!(!document.contains("11112222"), "they are sealed");
    site.log_in(PASSWORD, "1111-2222").assert_accepted();
    site.log_in(PASSWORD, "11112222").assert_refused("code");
    site.log_in(PASSWORD, "33334444").assert_accepted();
    site.log_in(PASSWORD, &code_at(SECRET, moment_with(ONE_LOGIN)))
        .assert_accepted();
}
