//! A device is set up within a login, by a person at the terminal of a real ssh client: what they
//! see, what becomes of it, and what is left when they break off.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use kapu_tests::{
    KEY_AND_PAM, KEYBOARD, LogLine, NewDevice, Outcome, PASSWORD, PERIOD, PrivateSshd, Scratch,
    Screen, Site, Terminal, Theme, Tmux, begin_login, code_at, decode_qr, moment_with, secret_of,
    set_up, shown_uri, wrong_code,
};

/// The password alone opens the enrollment.
const TODAY: &str = "[rollout]\ncode-required-from = \"2020-01-01\"\nenroll-until = \"2099-12-31\"\n\
    [site]\nissuer = \"server1\"\n";
/// Seconds that one login with an enrollment in it may need.
const ONE_ENROLLMENT: u64 = 12;
const UTF8: [(&str, &str); 1] = [("LC_ALL", "C.UTF-8")];
/// A command whose output the client cannot make up.
const COMMAND: &str = "echo kapu-$((6 * 7))";
const INSIDE: &str = "kapu-42";

/// Logs in with the password and `answer` in place of the code.
fn begin(sshd: &PrivateSshd<'_>, site: &Site, locale: &[(&str, &str)], answer: &str) -> Terminal {
    begin_login(sshd, site.user(), locale, [PASSWORD, answer], COMMAND)
}

fn has_no_device(site: &Site) -> bool {
    let output = site.kapu(&["status", site.user(), "--json"], "");
    let status: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    status["status"] == "never"
}

fn log_of(site: &Site) -> Vec<LogLine> {
    site.sshd_log()
}

/// That the device works: its next code opens a session, once.
fn assert_works(sshd: &PrivateSshd<'_>, site: &Site, device: &NewDevice, moment: u64) {
    let code = code_at(&device.secret, moment);
    let outcome = sshd.log_in(site.user(), PASSWORD, &code, COMMAND);
    assert!(outcome.success, "{outcome:?}");
    let again = sshd.log_in(site.user(), PASSWORD, &code, COMMAND);
    again.assert_refused("replay");
}

#[test]
fn finishing_the_enrollment_is_the_login_whatever_the_locale() {
    let scratch = Scratch::new();
    let latin = latin_locale(&scratch);
    let directory = scratch.path().to_str().expect("a plain path");
    let locales: [&[(&str, &str)]; 3] = [
        &UTF8,
        &[("LC_ALL", "C")],
        &[("LC_ALL", latin), ("LOCPATH", directory)],
    ];
    for locale in locales {
        let site = Site::with_password(TODAY);
        let sshd = PrivateSshd::start(&site);
        let now = moment_with(ONE_ENROLLMENT);
        let mut terminal = begin(&sshd, &site, locale, "");
        let device = set_up(&mut terminal, now - PERIOD);
        terminal.wait_for(INSIDE);
        assert!(terminal.wait_for_end().success());
        let text = terminal.screen().text();
        assert!(text.is_ascii(), "{locale:?}\n{text}");
        for row in [
            "No code yet? Press Enter.",
            "Your password is right, but server1 also needs a code.",
            "Done. From now on server1 asks for your password and a code.",
        ] {
            assert!(text.contains(row), "{row:?} is missing\n{text}");
        }
        assert_works(&sshd, &site, &device, now);
        let enrolled = log_of(&site)
            .into_iter()
            .rfind(|line| line.value("event") == Some("enroll"))
            .expect("a line about the enrollment");
        assert_eq!(enrolled.value("result"), Some("done"));
        assert_eq!(enrolled.value("by"), Some("password"));
        assert_eq!(enrolled.value("rhost"), Some("127.0.0.1"));
    }
}

/// A locale that the machine need not have, made for this test.
fn latin_locale(scratch: &Scratch) -> &'static str {
    let name = "en_US.ISO-8859-1";
    let made = Command::new("localedef")
        .args(["-i", "en_US", "-f", "ISO-8859-1"])
        .arg(scratch.path().join(name))
        .output()
        .expect("localedef runs");
    assert!(made.status.success(), "{made:?}");
    name
}

#[test]
fn a_phone_reads_the_qr_code_from_the_clients_terminal() {
    let site = Site::with_password(TODAY);
    let sshd = PrivateSshd::start(&site);
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    terminal.wait_for("Code: ");
    let uri = shown_uri(terminal.screen());
    for word in ["qr", "QRA"] {
        let before = terminal.screen().text().matches("Code:").count();
        terminal.type_keys(&format!("{word}\n"));
        terminal.wait_until(|screen| screen.text().matches("Code:").count() > before);
        let picture = after_the_last(terminal.screen(), "Enlarge the window");
        assert_eq!(
            decode_qr(&picture, Theme::Dark).as_ref(),
            Some(&uri),
            "{word}\n{}",
            picture.text()
        );
    }
    let secret = secret_of(&uri);
    terminal.type_keys(&format!("{}\n", code_at(&secret, now)));
    terminal.wait_for("The code is right.");
}

/// What stands below the last row with these words.
fn after_the_last(screen: &Screen, words: &str) -> Screen {
    rows_after(&screen.text(), words)
}

fn rows_after(text: &str, words: &str) -> Screen {
    let (_, below) = text.rsplit_once(words).expect("the words are there");
    let (_, below) = below.split_once('\n').expect("rows below them");
    Screen::showing(below.as_bytes())
}

#[test]
fn a_phone_reads_the_qr_code_from_tmux() {
    let site = Site::with_password(TODAY);
    let sshd = PrivateSshd::start(&site);
    let client = sshd.client_of_a_person(KEYBOARD, site.user(), &UTF8, COMMAND);
    let tmux = Tmux::run(&client);
    let _ = tmux.wait_until(|text| text.contains("Password:"));
    tmux.type_line(PASSWORD);
    let _ = tmux.wait_until(|text| text.contains("Verification code:"));
    tmux.type_line("");
    let shown = tmux.wait_until(|text| text.contains("Code:"));
    let uri = shown_uri(&Screen::showing(shown.as_bytes()));
    tmux.type_line("qr");
    let is_drawn = |text: &str| {
        text.rsplit_once("Enlarge")
            .is_some_and(|(_, below)| below.contains("Code:"))
    };
    let picture = rows_after(&tmux.wait_until(is_drawn), "Enlarge");
    assert_eq!(
        decode_qr(&picture, Theme::Dark),
        Some(uri),
        "{}",
        picture.text()
    );
}

#[test]
fn who_breaks_off_anywhere_leaves_nothing_behind_and_may_try_again() {
    let site = Site::with_password(TODAY);
    let sshd = PrivateSshd::start(&site);
    // Ctrl-C at the key.
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    terminal.wait_for("Code: ");
    let first = shown_uri(terminal.screen());
    assert!(!terminal.interrupt().success());
    assert!(has_no_device(&site));
    // The terminal goes away while the revocation code is on it.
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    terminal.wait_for("Code: ");
    let second = shown_uri(terminal.screen());
    assert_ne!(first, second, "a key is never shown twice");
    terminal.type_keys(&format!("{}\n", code_at(&secret_of(&second), now)));
    terminal.wait_for("group (or all of it): ");
    drop(terminal);
    // sshd ends the process when it hears of it.
    let is_begun = |line: &LogLine| line.value("result") == Some("begun");
    assert_eq!(
        log_of(&site).iter().filter(|line| is_begun(line)).count(),
        2
    );
    assert!(has_no_device(&site));
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    let device = set_up(&mut terminal, now);
    terminal.wait_for(INSIDE);
    assert_works(&sshd, &site, &device, now + PERIOD);
}

#[test]
fn five_wrong_codes_end_the_login_and_nothing_is_stored() {
    let site = Site::with_password(TODAY);
    let sshd = PrivateSshd::start(&site);
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    for count in 1..=5 {
        terminal.wait_until(|screen| screen.text().matches("\nCode:").count() == count);
        let secret = secret_of(&shown_uri(terminal.screen()));
        terminal.type_keys(&format!("{}\n", wrong_code(&secret, moment_with(1))));
    }
    terminal.wait_for("Not set up; nothing was saved.");
    assert!(!terminal.wait_for_end().success());
    assert!(has_no_device(&site));
}

#[test]
fn before_the_day_the_password_is_enough_and_a_plus_sets_up() {
    let tomorrow = in_days(1);
    let site = Site::with_password(&format!(
        "[rollout]\ncode-required-from = \"{tomorrow}\"\n[site]\nissuer = \"server1\"\n"
    ));
    assert_eq!(code_column(&site), tomorrow);
    let status = site.kapu(&["status", site.user()], "");
    let shown = String::from_utf8_lossy(&status.stdout).into_owned();
    assert!(
        status.status.success() && shown.contains("Days left: 1"),
        "{shown}"
    );
    let sshd = PrivateSshd::start(&site);
    let outcome = sshd.log_in(site.user(), PASSWORD, "", COMMAND);
    assert!(outcome.success, "{outcome:?}");
    assert_eq!(outcome.prompts.matches("code:").count(), 1, "{outcome:?}");
    assert_eq!(outcome.logged("by"), Some("password-alone"));
    let mut terminal = begin(&sshd, &site, &UTF8, "");
    terminal.wait_for("Last day: from tomorrow server1 also asks for a code.");
    terminal.wait_for(INSIDE);
    // A wrong password opens nothing, and a code that nobody can have neither.
    let wrong = sshd.log_in(site.user(), "eight green lanterns", "", COMMAND);
    wrong.assert_refused("password");
    let invented = sshd.log_in(site.user(), PASSWORD, "123456", COMMAND);
    invented.assert_refused("not-enrolled");
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin(&sshd, &site, &UTF8, "+");
    let device = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    assert!(terminal.wait_for_end().success());
    assert_works(&sshd, &site, &device, now);
    // Whoever has a code needs it, also before the day.
    let outcome = sshd.log_in(site.user(), PASSWORD, "", COMMAND);
    outcome.assert_refused("not-a-code");
}

/// What `kapu list` says of whether the site's account needs a code.
fn code_column(site: &Site) -> String {
    let output = site.kapu(&["list", "--json"], "");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let entries = list.as_array().expect("entries");
    let entry = entries.iter().find(|entry| entry["user"] == site.user());
    entry.expect("an entry")["code"]
        .as_str()
        .expect("a word")
        .to_owned()
}

#[test]
fn a_rule_lets_in_without_a_code_whom_it_names_and_nobody_else() {
    let rules = format!(
        "[[rule]]\nusers = [\"{}\"]\ncode = \"exempt\"\n",
        kapu_tests::caller()
    );
    let exempt = Site::with_password(&rules);
    assert_eq!(code_column(&exempt), "exempt");
    let sshd = PrivateSshd::start(&exempt);
    assert!(sshd.log_in(exempt.user(), PASSWORD, "", COMMAND).success);
    let wrong = sshd.log_in(exempt.user(), "eight green lanterns", "", COMMAND);
    wrong.assert_refused("password");
    drop(sshd);
    let other = Site::with_password("[[rule]]\nusers = [\"somebody-else\"]\ncode = \"exempt\"\n");
    assert_eq!(code_column(&other), "required");
    let sshd = PrivateSshd::start(&other);
    sshd.log_in(other.user(), PASSWORD, "", COMMAND)
        .assert_refused("not-enrolled");
}

/// The local date so many days from now, as date(1) tells it.
fn in_days(days: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let moment = now.as_secs() + days * 24 * 60 * 60;
    let output = Command::new("date")
        .args([format!("--date=@{moment}"), "+%Y-%m-%d".to_owned()])
        .output()
        .expect("date runs");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn after_the_last_day_the_password_opens_nothing() {
    let late = "[rollout]\ncode-required-from = \"2020-01-01\"\n";
    let site = Site::with_password(late);
    let sshd = PrivateSshd::start(&site);
    let outcome = sshd.log_in(site.user(), PASSWORD, "", COMMAND);
    outcome.assert_refused("not-enrolled");
    assert!(!outcome.prompts.contains("No code yet?"), "{outcome:?}");
    assert!(has_no_device(&site));
}

#[test]
fn only_where_a_secret_may_be_shown_is_a_device_set_up() {
    for (configuration, service) in [
        (TODAY.to_owned(), "cockpit"),
        (format!("{TODAY}[enroll]\nat-login = false\n"), "sshd"),
    ] {
        let site = Site::with_password(&configuration);
        site.service(service, &[&format!("auth required {}", site.module())]);
        let outcome = site
            .attempt()
            .service(service)
            .answers([PASSWORD, ""])
            .run();
        assert_set_up_first(&outcome);
        let told = format!("{:?}", outcome.texts);
        assert!(told.contains("you have none yet"), "{told}");
        assert!(!told.contains("otpauth"), "{told}");
        assert!(has_no_device(&site));
    }
}

#[test]
fn where_texts_are_suppressed_no_device_is_set_up() {
    let site = Site::with_password(TODAY);
    site.service("sshd", &[&format!("auth required {}", site.module())]);
    let attempt = site.attempt().service("sshd").answers([PASSWORD, ""]);
    let outcome = attempt.silent().run();
    assert_set_up_first(&outcome);
    assert!(has_no_device(&site));
}

fn assert_set_up_first(outcome: &Outcome) {
    assert_eq!(outcome.code(), "PAM_AUTH_ERR");
    assert_eq!(outcome.decision().value("reason"), Some("set-up-first"));
}

#[test]
#[ignore = "only root's sshd is believed"]
fn behind_an_ssh_key_who_has_nothing_yet_sets_up_a_device() {
    let site = Site::with("[login]\npassword = \"elsewhere\"\n");
    let sshd = PrivateSshd::start_for_keys(&site, &[&format!("auth required {}", site.module())]);
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = sshd.terminal(KEY_AND_PAM, site.user(), &UTF8, COMMAND);
    terminal.wait_for("Verification code:");
    terminal.type_keys("\n");
    let device = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    assert!(terminal.wait_for_end().success());
    let code = code_at(&device.secret, now);
    let outcome = sshd.log_in_by(KEY_AND_PAM, site.user(), "", &code, COMMAND);
    assert!(outcome.success, "{outcome:?}");
}

#[test]
fn a_lost_phone_is_replaced_at_the_login_also_when_that_is_broken_off() {
    let site = Site::with_password(TODAY);
    let sshd = PrivateSshd::start(&site);
    let old = site.enroll(site.user());
    let mut terminal = begin(&sshd, &site, &UTF8, &old.revocation_code.to_lowercase());
    terminal.wait_for("Revocation code accepted.");
    terminal.wait_for("Code: ");
    assert!(!terminal.interrupt().success());
    // Neither the lost phone nor the password alone gets in.
    let now = moment_with(ONE_ENROLLMENT);
    let code = code_at(kapu_tests::SECRET, now);
    sshd.log_in(site.user(), PASSWORD, &code, COMMAND)
        .assert_refused("revoked");
    sshd.log_in(site.user(), PASSWORD, "", COMMAND)
        .assert_refused("not-a-code");
    let now = moment_with(ONE_ENROLLMENT);
    let mut terminal = begin(&sshd, &site, &UTF8, &old.revocation_code);
    let new = set_up(&mut terminal, now - PERIOD);
    terminal.wait_for(INSIDE);
    assert_ne!(new.revocation_code, old.revocation_code);
    assert_works(&sshd, &site, &new, now);
    // The old code on paper went with the old record.
    sshd.log_in(site.user(), PASSWORD, &old.revocation_code, COMMAND)
        .assert_refused("paper-code");
}
