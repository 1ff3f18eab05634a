//! Invitations: for whoever has no device, and for whoever lost everything; and what an account that was
//! set up without one is not yet trusted with.

use kapu_tests::{
    PASSWORD, PERIOD, PrivateSshd, SECRET, Screen, Site, Terminal, begin_login, code_at,
    moment_with, set_up, shown_paper_code,
};

/// Seconds that one login with an enrollment in it may need.
const ONE_ENROLLMENT: u64 = 12;
const UTF8: [(&str, &str); 1] = [("LC_ALL", "C.UTF-8")];
/// A command whose output the client cannot make up.
const COMMAND: &str = "echo kapu-$((6 * 7))";
const INSIDE: &str = "kapu-42";

/// Makes an invitation for the site's account and returns it.
fn invitation(site: &Site, more: &[&str]) -> String {
    let arguments = [&["invite", site.user()], more].concat();
    let output = site.kapu(&arguments, "");
    assert!(output.status.success(), "{output:?}");
    shown_paper_code(&Screen::showing(&output.stdout))
}

fn choose_password(terminal: &mut Terminal, new: &str) {
    for question in ["New password (8 or more characters):", "Type it again:"] {
        terminal.wait_for(question);
        terminal.type_keys(&format!("{new}\n"));
    }
}

#[test]
fn an_invitation_opens_the_dialog_at_the_password_prompt_and_dies_with_its_end() {
    // Also long after the last day, and with no record at all.
    let site = Site::with("[site]\nissuer = \"server1\"\n");
    let sshd = PrivateSshd::start(&site);
    let typed = invitation(&site, &[]);
    let new = "four yellow bricks";
    let now = moment_with(ONE_ENROLLMENT);
    let as_read = typed.to_lowercase().replace('-', " ");
    let mut terminal = begin_login(&sshd, site.user(), &UTF8, [&as_read, ""], COMMAND);
    terminal.wait_for("Welcome,");
    choose_password(&mut terminal, new);
    let device = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    assert!(terminal.wait_for_end().success());
    let shown = terminal.screen().text();
    assert!(!shown.contains(&typed) && !shown.contains(new), "{shown}");
    sshd.log_in(site.user(), &typed, "", COMMAND)
        .assert_refused("invitation");
    let code = code_at(&device.secret, now);
    assert!(sshd.log_in(site.user(), new, &code, COMMAND).success);
}

#[test]
fn an_invitation_passes_over_a_device_only_where_that_was_said() {
    let site = Site::enrolled();
    let refused = site.kapu(&["invite", site.user()], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--replace"));
    let typed = invitation(&site, &["--replace", "--valid", "12h"]);
    // Until it is used, all is as it was.
    let now = moment_with(8);
    site.log_in(PASSWORD, &code_at(SECRET, now))
        .assert_accepted();
    let cancelled = site.kapu(&["invite", site.user(), "--cancel"], "");
    assert!(cancelled.status.success(), "{cancelled:?}");
    site.log_in(&typed, "").assert_refused("invitation");
    let again = site.kapu(&["invite", site.user(), "--cancel"], "");
    assert_eq!(again.status.code(), Some(1));
}

#[test]
fn whoever_came_first_with_the_password_alone_is_found_and_the_account_taken_back() {
    let site = Site::with_password(
        "[rollout]\ncode-required-from = \"2020-01-01\"\nenroll-until = \"2099-12-31\"\n",
    );
    let sshd = PrivateSshd::start(&site);
    let user = site.user();
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin_login(&sshd, user, &UTF8, [PASSWORD, ""], COMMAND);
    let thief = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    let young = site.kapu_says(&["list", "--young"]);
    assert!(
        young.contains(user) && young.contains("password alone"),
        "{young}"
    );
    // Nothing that would outlast the taking back.
    let refused = site.kapu(&["revocation-code", user], "");
    assert_eq!(refused.status.code(), Some(1));
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(told.contains("with the password alone"), "{told}");

    site.kapu_says(&["revoke", user, "--force", "--yes"]);
    let code = code_at(&thief.secret, now);
    for answer in [&code, &thief.revocation_code, ""] {
        sshd.log_in(user, PASSWORD, answer, COMMAND)
            .assert_refused("invited");
    }
    let typed = invitation(&site, &[]);
    let new = "four yellow bricks";
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin_login(&sshd, user, &UTF8, [&typed, ""], COMMAND);
    choose_password(&mut terminal, new);
    let _ = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    let nobody = site.kapu_says(&["list", "--young"]);
    assert!(!nobody.contains(user), "{nobody}");
}
