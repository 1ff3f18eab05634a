//! docs/stories.md, made by really living through it: a sshd on loopback, the OpenSSH client in a
//! terminal, the administrator's commands.
//!
//! `KAPU_BLESS=1 sh tests/run.sh stories` writes it anew.

#[path = "stories/page.rs"]
mod page;

use std::fs;

use kapu_tests::{
    NewDevice, PASSWORD, PERIOD, PrivateSshd, Screen, Site, Terminal, begin_login, code_at,
    moment_with, set_up, set_up_at_terminal, shown_paper_code,
};

use crate::page::Page;

/// The committed stories.
const COMMITTED: &str = include_str!("../../docs/stories.md");
/// Where they are committed.
const HOME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/stories.md");
/// Seconds that a login with an enrollment in it may need.
const ONE_ENROLLMENT: u64 = 12;
/// Seconds that two logins may need.
const TWO_LOGINS: u64 = 8;
/// What to do where the stories differ.
const HOW: &str = "if it is meant, KAPU_BLESS=1 sh tests/run.sh stories";
const UTF8: [(&str, &str); 1] = [("LC_ALL", "C.UTF-8")];
const COMMAND: &str = "echo You are in.";
const INSIDE: &str = "You are in.";
const ANNAS: &str = "seven green lanterns";
const ANNAS_NEXT: &str = "four copper kettles";
const CONFIGURATION: &str = "[site]\nissuer = \"server1\"\ncontact = \"help@example.org\"\n";

const OPENING: &str = "# Stories

The life of an account, as people see it. This page is made by `KAPU_BLESS=1 sh tests/run.sh stories`, which really does all of it: a real sshd, the real
ssh client in a terminal of 80 columns, the built module and program. What differs from run to run is replaced by something of its kind: names, addresses,
keys, codes, times, days. What is typed at *Password*, *Verification code* and *New password* is not shown, as in a terminal; it stands in the text.";

/// Somebody's life, being told.
struct Life<'a> {
    site: &'a Site,
    sshd: &'a PrivateSshd<'a>,
    page: &'a mut Page,
    told: usize,
}

impl Life<'_> {
    fn log_in(&self, password: &str, answer: &str) -> Terminal {
        let answers = [password, answer];
        begin_login(self.sshd, self.site.user(), &UTF8, answers, COMMAND)
    }

    /// Waits until the login is through, and tells what was seen and logged.
    fn tell_success(&mut self, mut terminal: Terminal) {
        terminal.wait_for(INSIDE);
        assert!(terminal.wait_for_end().success());
        self.page.ssh(self.site.user(), terminal.screen());
        self.tell_log();
    }

    fn tell_log(&mut self) {
        let lines = self.site.sshd_log();
        let new = lines.get(self.told..).unwrap_or_default();
        self.page.log(new);
        self.told = lines.len();
    }

    fn command(&mut self, arguments: &[&str]) -> String {
        let output = self.site.kapu_says(arguments);
        let command = format!("kapu {}", arguments.join(" "));
        self.page.command(&command, &output);
        output
    }

    fn invited(&mut self) -> NewDevice {
        self.page.heading("An invitation, and the first login");
        self.page
            .say("Anna is new. The administrator makes an invitation and gives it to her.");
        let user = self.site.user();
        let output = self.command(&["invite", user]);
        let invitation = shown_paper_code(&Screen::showing(output.as_bytes()));
        self.page.say(
            "She types it at *Password*, presses Enter at *Verification code*, chooses a password, types \
             the key into her app (or scans it: `qr`), and notes the revocation code.",
        );
        let now = moment_with(ONE_ENROLLMENT);
        let mut terminal = self.log_in(&invitation.to_lowercase(), "");
        for question in ["New password (8 or more characters):", "Type it again:"] {
            terminal.wait_for(question);
            terminal.type_keys(&format!("{ANNAS}\n"));
        }
        let phone = set_up(&mut terminal, now - PERIOD);
        self.tell_success(terminal);
        phone
    }

    fn logs_in(&mut self, phone: &NewDevice) {
        self.page.heading("A login");
        self.page.say("Her password, and the code that the app shows. When all is well, nothing more is said.");
        let now = moment_with(TWO_LOGINS);
        let terminal = self.log_in(ANNAS, &code_at(&phone.secret, now));
        self.tell_success(terminal);
    }

    fn second_device(&mut self, phone: &NewDevice) {
        self.page.heading("A second device");
        self.page.say(
            "The administrator sits beside Anna, who types her password and a code, scans the new key with \
             her tablet as she did with her phone, and types its first code. The screen with the key is \
             cleared; at the end there stands:",
        );
        let now = moment_with(ONE_ENROLLMENT) + PERIOD;
        let user = self.site.user();
        let mut terminal = Terminal::run(
            self.site
                .kapu_command(&["device", "add", "tablet", "--user", user]),
        );
        for (question, answer) in [
            ("Password:", ANNAS),
            ("Verification code:", &code_at(&phone.secret, now)),
        ] {
            terminal.wait_for(question);
            terminal.type_keys(&format!("{answer}\n"));
        }
        let tablet = set_up_at_terminal(&mut terminal, now - PERIOD);
        terminal.wait_for("Done.");
        assert!(terminal.wait_for_end().success());
        let command = format!("kapu device add tablet --user {user}");
        self.page
            .terminal(&command, "The code is right.", terminal.screen());
        self.page.say("At the next login she is told.");
        let terminal = self.log_in(ANNAS, &code_at(&tablet, now));
        self.tell_success(terminal);
    }

    fn lost_phone(&mut self, phone: &NewDevice) -> NewDevice {
        self.page.heading("The phone is lost, and a new one set up");
        self.page.say(
            "Anna types the revocation code in place of the code. From this moment none of her devices \
             works, and the login goes on to the new one, which comes with a new revocation code.",
        );
        let now = moment_with(ONE_ENROLLMENT);
        let mut terminal = self.log_in(ANNAS, &phone.revocation_code.to_lowercase());
        let new = set_up(&mut terminal, now - PERIOD);
        self.tell_success(terminal);
        self.page
            .say("At the next login she is told once more, in case it was not she.");
        let terminal = self.log_in(ANNAS, &code_at(&new.secret, now));
        self.tell_success(terminal);
        new
    }

    fn recovery_code(&mut self) {
        self.page.heading("A day without the phone");
        self.page
            .say("Recovery codes lie in Anna's drawer, printed by the administrator.");
        let user = self.site.user();
        let output = self.command(&["recovery-codes", user]);
        let code = shown_paper_code(&Screen::showing(output.as_bytes()));
        self.page
            .say("She types one in place of the code of the app.");
        let terminal = self.log_in(ANNAS, &code);
        self.tell_success(terminal);
    }

    fn forced_change(&mut self, phone: &NewDevice) {
        self.page
            .heading("A new password, because the administrator says so");
        let user = self.site.user();
        self.command(&["expire-password", user]);
        self.page.say(
            "After password and code, the next login asks for a new password before the session begins. Logins \
             by other means (a key, cron, sudo) are not touched.",
        );
        let now = moment_with(TWO_LOGINS) + PERIOD;
        let mut terminal = self.log_in(ANNAS, &code_at(&phone.secret, now));
        for question in ["New password (8 or more characters):", "Type it again:"] {
            terminal.wait_for(question);
            terminal.type_keys(&format!("{ANNAS_NEXT}\n"));
        }
        self.tell_success(terminal);
    }
}

/// A colleague who has a password and no device, before the day and on it.
fn roll_out(page: &mut Page) {
    page.heading("The day of the roll-out, for a colleague");
    page.say(
        "Bela has a password and no device. Until the day that `code-required-from` names he gets in with \
         it, by Enter at *Verification code*, and is told how many days are left.",
    );
    for (from, words) in [
        ("2099-01-01", None),
        (
            "2020-01-01",
            Some("From that day on his password opens the set-up, and nothing else."),
        ),
    ] {
        if let Some(words) = words {
            page.say(words);
        }
        let rollout = format!(
            "{CONFIGURATION}[rollout]\ncode-required-from = \"{from}\"\nenroll-until = \"2099-12-31\"\n"
        );
        let site = Site::with_password(&rollout);
        page.call(site.user(), "bela");
        let sshd = PrivateSshd::start(&site);
        let mut life = Life {
            site: &site,
            sshd: &sshd,
            page,
            told: 0,
        };
        let now = moment_with(ONE_ENROLLMENT);
        let mut terminal = life.log_in(PASSWORD, "");
        if words.is_some() {
            let _ = set_up(&mut terminal, now);
        }
        life.tell_success(terminal);
    }
}

#[test]
fn the_stories_are_those_that_are_told() {
    let site = Site::with(CONFIGURATION);
    let sshd = PrivateSshd::start_for_passwords(&site);
    let mut page = Page::new(OPENING);
    page.call(site.user(), "anna");
    let mut life = Life {
        site: &site,
        sshd: &sshd,
        page: &mut page,
        told: 0,
    };
    let phone = life.invited();
    life.logs_in(&phone);
    life.second_device(&phone);
    let phone = life.lost_phone(&phone);
    life.recovery_code();
    let told = life.told;
    roll_out(&mut page);
    page.call(site.user(), "anna");
    let mut life = Life {
        site: &site,
        sshd: &sshd,
        page: &mut page,
        told,
    };
    life.forced_change(&phone);

    let found = page.text();
    if std::env::var_os("KAPU_BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(HOME, found).expect("docs/stories.md is written");
        return;
    }
    let mut story = "";
    for (found, committed) in found.lines().zip(COMMITTED.lines()) {
        if found.starts_with("## ") {
            story = found;
        }
        assert_eq!(found, committed, "docs/stories.md, {story:?}: {HOW}");
    }
    assert_eq!(
        found, COMMITTED,
        "docs/stories.md is not told to the end: {HOW}"
    );
}
