//! Counter-based devices, with codes of `oathtool`.

use kapu_tests::{
    PASSWORD, PERIOD, SECRET, Site, Terminal, bring_over, code_at, counter_code, moment_with,
    note_revocation_code, secret_of,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// Codes that are good at a time.
const LOOK_AHEAD: u64 = 10;

#[track_caller]
fn done(site: &Site, arguments: &[&str]) -> String {
    let output = site.kapu(arguments, "");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// A site whose fob shows the code of `counter` next.
fn with_fob(counter: u64) -> Site {
    let site = Site::new();
    site.enroll_counter_based(site.user(), counter);
    site
}

/// Has the fob show the code of `counter`, and types it.
fn press(site: &Site, counter: u64) -> kapu_tests::Outcome {
    site.log_in(PASSWORD, &counter_code(SECRET, counter))
}

#[test]
fn a_person_enrolls_a_counter_based_device_at_a_terminal_and_logs_in() {
    let site = Site::new();
    let mut terminal = Terminal::run(site.kapu_command(&["enroll", "--hotp", "--token", "fob"]));
    for prompt in ["New password", "Type it again"] {
        terminal.wait_for(prompt);
        terminal.type_keys(&format!("{PASSWORD}\n"));
    }
    // It was pressed once before, for fun.
    let uri = bring_over(&mut terminal, |secret| counter_code(secret, 1));
    assert!(uri.starts_with("otpauth://hotp/"), "{uri}");
    assert!(uri.contains("&counter=0"), "{uri}");
    note_revocation_code(&mut terminal);
    terminal.wait_for("Done.");
    terminal.type_keys("n\n");
    assert!(terminal.wait_for_end().success());

    let secret = secret_of(&uri);
    let log_in = |counter| site.log_in(PASSWORD, &counter_code(&secret, counter));
    log_in(1).assert_refused("replay");
    log_in(0).assert_refused("code");
    log_in(2).assert_accepted();
    log_in(2).assert_refused("replay");
    assert!(done(&site, &["status"]).contains("counter-based"));
    assert!(done(&site, &["status", "--json"]).contains("\"type\": \"hotp\""));
    assert!(done(&site, &["list", "--json"]).contains("\"counter_based\": 1"));
}

#[test]
fn the_screen_calls_the_key_counter_based_and_blames_no_clock() {
    for (locale, kind, prompt, wrong) in [
        (
            "C.UTF-8",
            "Type: counter-based",
            "Code the app shows now:",
            "Have the next one shown",
        ),
        (
            "hu_HU.UTF-8",
            "Típus: számlálóalapú",
            "Az alkalmazásban most látható kód:",
            "Kérje a következőt",
        ),
    ] {
        let site = Site::enrolled();
        let mut command = site.kapu_command(&["enroll", "--hotp", "--replace", "--code-only"]);
        command.env("LC_ALL", locale);
        let mut terminal = Terminal::run(command);
        terminal.wait_for("KeePassXC");
        terminal.type_keys("\n");
        terminal.wait_for(prompt);
        assert!(terminal.screen().text().contains(kind));
        terminal.type_keys("000000\n");
        // What was wrong, and the question once more.
        terminal.wait_until(|screen| {
            let text = screen.text();
            let (_, below) = text.split_once(wrong).unwrap_or_default();
            below.contains(prompt)
        });
        terminal.type_keys("\x03");
        assert!(!terminal.wait_for_end().success());
    }
}

#[test]
fn ten_codes_are_good_at_a_time_and_each_once() {
    let site = with_fob(5);
    press(&site, 4).assert_refused("replay");
    press(&site, 5 + LOOK_AHEAD).assert_refused("code");
    press(&site, 4 + LOOK_AHEAD).assert_accepted();
    press(&site, 4 + LOOK_AHEAD).assert_refused("replay");
    // What was passed over is spent as well.
    press(&site, 6).assert_refused("code");
    press(&site, 5 + LOOK_AHEAD).assert_accepted();
}

#[test]
fn a_device_that_ran_ahead_is_found_again_by_two_codes_in_a_row() {
    let site = with_fob(0);
    press(&site, 60).assert_refused("code");
    press(&site, 62).assert_refused("code");
    press(&site, 63).assert_accepted();
    press(&site, 63).assert_refused("replay");
    press(&site, 64).assert_accepted();
    // A code in between, and the first of the two is forgotten.
    press(&site, 140).assert_refused("code");
    press(&site, 64).assert_refused("replay");
    press(&site, 141).assert_refused("code");
    press(&site, 65).assert_accepted();
}

#[test]
fn a_fob_is_added_beside_an_app_and_each_works() {
    let site = Site::enrolled();
    let now = moment_with(3 * ONE_LOGIN);
    let mut terminal = Terminal::run(site.kapu_command(&["token", "add", "fob", "--hotp"]));
    terminal.wait_for("Password:");
    terminal.type_keys(&format!("{PASSWORD}\n"));
    terminal.wait_for("Verification code:");
    terminal.type_keys(&format!("{}\n", code_at(SECRET, now - PERIOD)));
    let uri = bring_over(&mut terminal, |secret| counter_code(secret, 0));
    terminal.wait_for("Done.");
    assert!(terminal.wait_for_end().success());
    let fob = |counter| site.log_in(PASSWORD, &counter_code(&secret_of(&uri), counter));
    fob(1).assert_accepted();
    site.log_in(PASSWORD, &code_at(SECRET, now))
        .assert_accepted();
    fob(2).assert_accepted();
    let list = done(&site, &["token", "list"]);
    assert_eq!(list.matches("counter-based").count(), 1, "{list}");
}

#[test]
fn a_script_says_what_the_type_of_code_has_and_nothing_else() {
    let site = Site::new();
    for (lines, said) in [
        ("type = 'hotp'\nperiod = 30", "period: expected none"),
        ("counter = 5", "counter: expected none"),
        ("type = 'motp'", "type: expected"),
    ] {
        let document = format!("password = \"{PASSWORD}\"\n{lines}\n");
        let output = site.kapu(&["enroll", site.user(), "--from", "-"], &document);
        assert_eq!(output.status.code(), Some(1), "{lines}");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(error.contains(said), "{lines}: {error}");
    }
    let enrolled = site.enroll_counter_based(site.user(), 7);
    assert!(enrolled.uri.ends_with("&counter=7"), "{}", enrolled.uri);
}

#[test]
fn after_a_backup_was_put_back_the_next_ten_codes_are_spent_and_that_is_said() {
    let site = with_fob(20);
    let said = done(&site, &["adopt", site.user()]);
    assert!(said.contains("counter-based devices: 1."), "{said}");
    press(&site, 28).assert_refused("code");
    press(&site, 30).assert_accepted();
}
