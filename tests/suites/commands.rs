//! The administrator's commands, and what the next login makes of them.

use std::fs;
use std::process::Output;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kapu_tests::{PASSWORD, PERIOD, SECRET, Site, Terminal, code_at, moment_with};

/// Seconds that a command and a login may need.
const ONE_STEP: u64 = 8;
const OTHER_PASSWORD: &str = "nine copper kettles";
/// Logins at the same time as a rotation of the host key.
const LOGINS: usize = 50;
/// Until they have all come to the last prompt.
const GATHERING: Duration = Duration::from_secs(3);
/// Longest time until the last of them has ended.
const PATIENCE: Duration = Duration::from_secs(120);

fn run(site: &Site, arguments: &[&str]) -> Output {
    site.kapu(arguments, "")
}

/// Runs a command that does what it is asked to; what it said.
#[track_caller]
fn done(site: &Site, arguments: &[&str]) -> String {
    let output = run(site, arguments);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// Runs a command that refuses; what it said.
#[track_caller]
fn refused(site: &Site, arguments: &[&str]) -> String {
    let output = run(site, arguments);
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {output:?}");
    String::from_utf8(output.stderr).expect("text")
}

fn code_now() -> String {
    code_at(SECRET, moment_with(ONE_STEP))
}

/// The value of a key in the program's last log line.
fn logged(site: &Site, key: &str) -> Option<String> {
    let log = site.program_log();
    log.last()?.value(key).map(str::to_owned)
}

#[test]
fn a_locked_account_is_kept_out_until_it_is_unlocked() {
    let site = Site::enrolled();
    done(&site, &["lock", site.user()]);
    assert_eq!(logged(&site, "event").as_deref(), Some("lock"));
    let code = code_at(SECRET, moment_with(3 * ONE_STEP));
    site.log_in(PASSWORD, &code).assert_refused("locked");
    assert!(done(&site, &["lock", site.user()]).contains("already"));
    done(&site, &["unlock", site.user()]);
    site.log_in(PASSWORD, &code).assert_accepted();
}

#[test]
fn an_account_that_nobody_enrolled_cannot_be_locked() {
    let site = Site::new();
    assert!(refused(&site, &["lock", site.user()]).contains("nothing to lock"));
    assert!(site.program_log().is_empty());
}

#[test]
fn a_removed_account_is_refused_and_only_the_owner_sets_it_up_anew() {
    let site = Site::enrolled();
    done(&site, &["remove", site.user(), "--yes"]);
    site.log_in(PASSWORD, &code_now()).assert_refused("removed");
    assert!(done(&site, &["remove", site.user(), "--yes"]).contains("already"));
    assert!(refused(&site, &["lock", site.user()]).contains("nothing to lock"));
    site.enroll(site.user());
    site.log_in(PASSWORD, &code_now()).assert_accepted();
}

#[test]
fn a_forgotten_account_is_as_if_never_set_up() {
    let site = Site::enrolled();
    done(&site, &["remove", site.user(), "--forget", "--yes"]);
    assert_eq!(logged(&site, "forget").as_deref(), Some("yes"));
    site.log_in(PASSWORD, &code_now())
        .assert_refused("not-enrolled");
    assert!(
        fs::read_dir(site.store())
            .expect("the store")
            .next()
            .is_none()
    );
    refused(&site, &["remove", site.user(), "--forget", "--yes"]);
}

#[test]
fn a_removal_is_asked_for_and_only_a_yes_removes() {
    let site = Site::enrolled();
    // Without a terminal nobody can answer.
    refused(&site, &["remove", site.user()]);
    for (answer, is_done) in [("n\n", false), ("\n", false), ("y\n", true)] {
        let mut terminal = Terminal::run(site.kapu_command(&["remove", site.user()]));
        terminal.wait_for("[y/N]");
        terminal.type_keys(answer);
        assert_eq!(terminal.wait_for_end().success(), is_done, "{answer:?}");
    }
    site.log_in(PASSWORD, &code_now()).assert_refused("removed");
}

#[test]
fn a_damaged_account_can_be_forgotten() {
    let site = Site::enrolled();
    spoil_the_document(&site);
    site.log_in(PASSWORD, &code_now())
        .assert_unavailable("store-read");
    refused(&site, &["remove", site.user(), "--yes"]);
    done(&site, &["remove", site.user(), "--forget", "--yes"]);
    site.enroll(site.user());
    site.log_in(PASSWORD, &code_now()).assert_accepted();
}

#[test]
fn a_new_password_from_a_script_takes_the_place_of_the_old_one() {
    let site = Site::enrolled();
    let script = format!("password = \"{OTHER_PASSWORD}\"\n");
    let arguments = ["passwd", site.user(), "--from", "-"];
    let output = site.kapu(&arguments, &script);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(logged(&site, "event").as_deref(), Some("passwd"));
    let code = code_at(SECRET, moment_with(2 * ONE_STEP));
    site.log_in(PASSWORD, &code).assert_refused("password");
    site.log_in(OTHER_PASSWORD, &code).assert_accepted();
}

#[test]
fn a_weak_or_misplaced_password_in_a_script_changes_nothing_and_is_not_repeated() {
    let site = Site::enrolled();
    let arguments = ["passwd", site.user(), "--from", "-"];
    for script in [
        "password = \"qwerty\"",
        "password = \"swordfish1234\"\nsecret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"",
        "pasword = \"swordfish1234\"",
        "",
    ] {
        let output = site.kapu(&arguments, script);
        assert_eq!(output.status.code(), Some(1), "{script}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            !said.contains("qwerty") && !said.contains("swordfish"),
            "{said}"
        );
    }
    site.log_in(PASSWORD, &code_now()).assert_accepted();
}

#[test]
fn a_new_password_at_a_terminal_is_typed_twice_and_never_shown() {
    let site = Site::enrolled();
    let mut terminal = Terminal::run(site.kapu_command(&["passwd", site.user()]));
    let spent = code_now();
    if site.user() != "root" {
        terminal.wait_for("Current password:");
        terminal.type_keys(&format!("{PASSWORD}\n"));
        terminal.wait_for("Verification code:");
        terminal.type_keys(&format!("{spent}\n"));
    }
    terminal.wait_for("New password");
    terminal.type_keys(&format!("{OTHER_PASSWORD}\n"));
    terminal.wait_for("again");
    terminal.type_keys(&format!("{OTHER_PASSWORD}\n"));
    terminal.wait_for("Done.");
    assert!(terminal.wait_for_end().success());
    assert!(!terminal.screen().text().contains("kettles"));
    let next = if site.user() == "root" {
        spent
    } else {
        site.log_in(OTHER_PASSWORD, &spent).assert_refused("replay");
        code_at(SECRET, moment_with(5) + PERIOD)
    };
    site.log_in(OTHER_PASSWORD, &next).assert_accepted();
}

#[test]
fn who_does_not_know_the_password_does_not_change_it() {
    let site = Site::enrolled();
    if site.user() == "root" {
        // root is asked for nothing, and nobody else is this site's account.
        return;
    }
    let mut terminal = Terminal::run(site.kapu_command(&["passwd"]));
    terminal.wait_for("Current password:");
    terminal.type_keys("hunter2\n");
    terminal.wait_for("Verification code:");
    terminal.type_keys(&format!("{}\n", code_now()));
    terminal.wait_for("Those details are not correct.");
    assert!(!terminal.wait_for_end().success());
    site.log_in(PASSWORD, &code_now()).assert_accepted();
}

#[test]
fn a_password_alone_lets_nobody_in_and_a_device_can_follow() {
    let site = Site::new();
    let arguments = ["passwd", site.user(), "--from", "-"];
    let output = site.kapu(&arguments, &format!("password = \"{PASSWORD}\"\n"));
    assert!(output.status.success(), "{output:?}");
    for answer in ["", "123456"] {
        site.log_in(PASSWORD, answer).assert_refused("not-enrolled");
    }
    let arguments = ["enroll", site.user(), "--code-only", "--from", "-"];
    let output = site.kapu(&arguments, &format!("secret = \"{SECRET}\"\n"));
    assert!(output.status.success(), "{output:?}");
    site.log_in(PASSWORD, &code_now()).assert_accepted();
}

#[test]
fn the_password_of_the_system_is_not_changed_here() {
    for mode in ["system", "elsewhere"] {
        let site = Site::with(&format!("[login]\npassword = \"{mode}\"\n"));
        let script = format!("password = \"{PASSWORD}\"\n");
        let output = site.kapu(&["passwd", site.user(), "--from", "-"], &script);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            fs::read_dir(site.store())
                .expect("the store")
                .next()
                .is_none()
        );
    }
}

#[test]
fn an_adopted_account_takes_the_next_code_and_none_before() {
    let site = Site::enrolled();
    refused(&Site::new(), &["adopt", site.user()]);
    for which in [site.user(), "--all"] {
        let now = moment_with(3 * ONE_STEP);
        assert!(done(&site, &["adopt", which]).contains(site.user()));
        assert_eq!(logged(&site, "event").as_deref(), Some("adopt"));
        for moment in [now - PERIOD, now] {
            site.log_in(PASSWORD, &code_at(SECRET, moment))
                .assert_refused("replay");
        }
    }
    let now = moment_with(ONE_STEP);
    site.log_in(PASSWORD, &code_at(SECRET, now + PERIOD))
        .assert_accepted();
}

#[test]
fn what_a_fast_clock_left_behind_is_set_to_the_present() {
    let site = Site::enrolled();
    let now = moment_with(3 * ONE_STEP);
    let (present, next) = (code_at(SECRET, now), code_at(SECRET, now + PERIOD));
    site.log_in(PASSWORD, &next).assert_accepted();
    assert!(done(&site, &["unlock", "--clock", site.user()]).contains("phone"));
    assert_eq!(logged(&site, "event").as_deref(), Some("clock"));
    site.log_in(PASSWORD, &present).assert_refused("replay");
    site.log_in(PASSWORD, &next).assert_accepted();
}

#[test]
fn the_list_shows_who_is_enrolled_and_who_is_not() {
    let site = Site::enrolled();
    let listed = |more: &[&str]| -> Vec<serde_json::Value> {
        let arguments = [&["list", "--json"], more].concat();
        serde_json::from_str(&done(&site, &arguments)).expect("JSON")
    };
    let is_ours = |entry: &&serde_json::Value| entry["user"] == site.user();
    let all = listed(&[]);
    let entry = all.iter().find(is_ours).expect("the caller is listed");
    assert_eq!(
        (&entry["status"], &entry["devices"]),
        (&"live".into(), &1.into())
    );
    assert!(listed(&["--unenrolled"]).iter().find(is_ours).is_none());

    let table = done(&site, &["list"]);
    let mut rows = table.lines();
    let heading = rows.next().expect("a heading");
    assert!(
        heading.starts_with("USER ") && heading.ends_with(" NOTE"),
        "{heading}"
    );
    let ours = rows
        .find(|row| row.starts_with(site.user()))
        .expect("a row");
    assert_eq!(ours.find("required"), heading.find("CODE"), "{table}");

    done(&site, &["lock", site.user()]);
    assert!(done(&site, &["list"]).contains("locked"));
}

#[test]
fn a_document_that_cannot_be_read_is_listed_as_that() {
    let site = Site::enrolled();
    spoil_the_document(&site);
    let output = run(&site, &["list"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stdout);
    let row = said.lines().find(|row| row.starts_with(site.user()));
    assert!(row.expect("a row").contains("cannot be read"), "{said}");
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(why.contains("account.toml"), "{why}");
}

fn spoil_the_document(site: &Site) {
    for account in fs::read_dir(site.store()).expect("the store") {
        let document = account.expect("an account").path().join("account.toml");
        fs::write(document, "format = ").expect("it is ours");
    }
}

#[test]
fn no_login_is_refused_wrongly_while_the_host_key_is_rotated() {
    let site = Site::enrolled();
    let before = fs::read(site.host_key()).expect("a key");
    let code = code_at(SECRET, moment_with(ONE_STEP));
    let release = (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis();
    let begun = Instant::now();
    let outcomes: Vec<_> = thread::scope(|scope| {
        let logins: Vec<_> = (0..LOGINS)
            .map(|_| {
                let attempt = site
                    .attempt()
                    .answers([PASSWORD, &code])
                    .release_at(release);
                scope.spawn(move || attempt.run())
            })
            .collect();
        while !logins.iter().all(thread::ScopedJoinHandle::is_finished) {
            done(&site, &["key", "rotate"]);
            assert!(begun.elapsed() < PATIENCE, "the logins do not end");
        }
        logins
            .into_iter()
            .map(|login| login.join().expect("every login ends"))
            .collect()
    });
    assert_ne!(fs::read(site.host_key()).expect("a key"), before);
    let accepted = outcomes.iter().filter(|outcome| outcome.is_accepted());
    assert_eq!(accepted.count(), 1);
    for outcome in outcomes.iter().filter(|outcome| !outcome.is_accepted()) {
        outcome.assert_refused("replay");
    }
    site.log_in(PASSWORD, &code_now()).assert_refused("replay");
    let key = fs::read_to_string(site.host_key()).expect("a key");
    assert_eq!(key.lines().count(), 1, "the old keys are dropped");
}

#[test]
fn every_line_of_the_program_says_who_acts() {
    let site = Site::enrolled();
    for arguments in [
        &["lock", site.user()][..],
        &["unlock", site.user()],
        &["adopt", "--all"],
        &["key", "rotate"],
        &["remove", site.user(), "--yes"],
    ] {
        let mut command = site.kapu_command(arguments);
        command.env("SUDO_USER", "an na");
        let output = command.output().expect("kapu runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        assert_eq!(logged(&site, "sudo-user").as_deref(), Some(r#""an\x20na""#));
    }
    // SAFETY: getuid(2) takes nothing and always succeeds.
    let uid = unsafe { libc::getuid() }.to_string();
    let log = site.program_log();
    assert!(log.len() >= 6, "{log:?}");
    for line in log {
        assert_eq!(line.value("uid"), Some(uid.as_str()), "{line:?}");
    }
}

#[test]
fn a_command_line_that_makes_no_sense_ends_with_2() {
    let site = Site::new();
    for arguments in [
        &["adopt"][..],
        &["adopt", "anna", "--all"],
        &["lock"],
        &["key", "turn"],
        &["remove"],
    ] {
        let output = run(&site, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {output:?}");
    }
}
