//! What fail2ban makes of the log: the shipped filter and jail in the real program, on lines of real
//! logins. Counted is whoever guesses, by the address they came from, and never anybody else.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use kapu_tests::{
    Attempt, Fail2ban, Journald, LogLine, Outcome, PASSWORD, PrivateSshd, RunningFail2ban, SECRET,
    Site, code_at, moment_with, somebody_else, wrong_code,
};

/// Seconds that the logins of one test may need, which must not meet a new step.
const SOME_LOGINS: u64 = 12;
/// A paper code that nobody was given: that of tests/vectors/paper-recovery.txt.
const PAPER_CODE: &str = "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZKBW";
/// The same with a typing error.
const PAPER_TYPO: &str = "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZKBX";
/// Refusals after which the shipped jail bans.
const MAXRETRY: usize = 10;
/// Where a guesser sits.
const GUESSER: &str = "127.0.0.66";
/// Where the owner sits.
const OWNER: &str = "127.0.0.1";

/// Lines of the module as rsyslog writes them: with both kinds of time stamps, by the sshd of
/// before and since OpenSSH 9.8.
fn framed(line: &LogLine) -> [String; 2] {
    let (_, text) = line.text.split_once("> ").expect("a priority");
    let now = |format: &str| {
        let output = Command::new("date").arg(format).output();
        let stamp = output.expect("date runs").stdout;
        String::from_utf8_lossy(&stamp).trim_end().to_owned()
    };
    [
        format!("{} server1 sshd[812]: {text}", now("+%b %e %H:%M:%S")),
        format!(
            "{} server1 sshd-session[813]: {text}",
            now("+%Y-%m-%dT%H:%M:%S.%6N%:z")
        ),
    ]
}

/// Asserts that the filter counts this address, or nobody, for every line of the login, in whatever
/// form.
#[track_caller]
fn assert_counted(fail2ban: &Fail2ban, outcome: &Outcome, address: Option<&str>) {
    let lines: Vec<_> = outcome.log.iter().flat_map(framed).collect();
    let expected: Vec<_> = address.into_iter().flat_map(|one| [one, one]).collect();
    assert_eq!(fail2ban.found_in(&lines), expected, "{lines:#?}");
}

/// An attempt from an address.
fn from<'a>(site: &'a Site, address: &str, answers: [&str; 2]) -> Attempt<'a> {
    site.attempt().from(address).answers(answers)
}

#[test]
fn every_guess_counts_by_the_address_it_came_from() {
    let site = Site::enrolled();
    let fail2ban = Fail2ban::of(&site);
    let now = moment_with(SOME_LOGINS);
    let good = code_at(SECRET, now);
    let wrong = wrong_code(SECRET, now);
    assert!(site.log_in(PASSWORD, &good).is_accepted());
    let guesses = [
        ("password", "192.0.2.1", ["eight green lanterns", &good]),
        ("code", "192.0.2.2", [PASSWORD, &wrong]),
        ("code", "2001:db8::7", [PASSWORD, &wrong]),
        ("replay", "192.0.2.3", [PASSWORD, &good]),
        ("not-a-code", "192.0.2.4", [PASSWORD, "seven"]),
        ("paper-code", "2001:db8:0:1::", [PASSWORD, PAPER_CODE]),
    ];
    for (reason, address, answers) in guesses {
        let outcome = from(&site, address, answers).run();
        outcome.assert_refused(reason);
        assert_counted(&fail2ban, &outcome, Some(address));
    }
    let stranger = from(&site, "198.51.100.9", [PASSWORD, &wrong]).user("kapu-nobody");
    let outcome = stranger.run();
    outcome.assert_refused("unknown-user");
    assert_counted(&fail2ban, &outcome, Some("198.51.100.9"));
}

#[test]
fn what_a_rightful_owner_meets_counts_for_nobody() {
    let site = Site::enrolled();
    let fail2ban = Fail2ban::of(&site);
    let now = moment_with(SOME_LOGINS);
    let good = code_at(SECRET, now);
    let meets = |reason: &str, code: &str| {
        let outcome = from(&site, "192.0.2.1", [PASSWORD, code]).run();
        assert_eq!(outcome.decision().value("reason"), Some(reason));
        assert_counted(&fail2ban, &outcome, None);
    };
    let accepted = from(&site, "192.0.2.1", [PASSWORD, &good]).run();
    assert!(accepted.is_accepted());
    assert_counted(&fail2ban, &accepted, None);
    meets("paper-typo", PAPER_TYPO);
    site.kapu_says(&["lock", site.user()]);
    meets("locked", &good);
    site.kapu_says(&["unlock", site.user()]);
    site.kapu_says(&["revoke", "--force", site.user(), "--yes"]);
    meets("revoked", &good);
    site.kapu_says(&["remove", site.user(), "--yes"]);
    meets("removed", &good);
    site.kapu_says(&["invite", site.user()]);
    meets("invited", &good);
    site.write("kapu.toml", "[nonsense]\n");
    meets("config", &good);
    // The program frames its own lines.
    let by_program: Vec<_> = site
        .program_log()
        .iter()
        .filter_map(|line| Some(line.text.split_once('>')?.1.to_owned()))
        .collect();
    assert!(by_program.len() >= 5, "{by_program:?}");
    assert_eq!(fail2ban.found_in(&by_program), [] as [&str; 0]);
}

#[test]
fn who_waits_after_wrong_codes_or_has_no_device_counts_for_nobody() {
    let site = Site::enrolled();
    let fail2ban = Fail2ban::of(&site);
    let wrong = wrong_code(SECRET, moment_with(SOME_LOGINS));
    let mut waiting = None;
    for _ in 0..6 {
        let outcome = from(&site, "192.0.2.1", [PASSWORD, &wrong]).run();
        if outcome.decision().value("reason") == Some("throttled") {
            waiting = Some(outcome);
            break;
        }
    }
    assert_counted(&fail2ban, &waiting.expect("it waits in the end"), None);
    let site = Site::with_password("[enroll]\nat-login = false\n");
    let outcome = from(&site, "192.0.2.1", [PASSWORD, ""]).run();
    assert_eq!(outcome.decision().value("result"), Some("refuse"));
    assert_counted(&fail2ban, &outcome, None);
}

#[test]
fn no_name_makes_anybody_else_count() {
    let site = Site::enrolled();
    let fail2ban = Fail2ban::of(&site);
    let guess = || from(&site, "192.0.2.1", ["eight green lanterns", "123456"]);
    let line = "pam_kapu(sshd:auth): event=login result=refuse reason=password user=anna service=sshd \
                rhost=203.0.113.5 tty=ssh";
    let names = [
        "x rhost=203.0.113.5".to_owned(),
        "x service=sshd rhost=203.0.113.5".to_owned(),
        "x\" service=sshd rhost=203.0.113.5 tty=ssh".to_owned(),
        "rhost=203.0.113.5".to_owned(),
        "203.0.113.5".to_owned(),
        format!("x\nNov 14 09:12:03 server1 sshd[1]: {line}"),
        format!("x\r\n2026-11-14T09:12:03+00:00 server1 sshd[1]: {line}"),
        format!("\u{2028}{line}"),
        format!("{}{line}", "a".repeat(300)),
    ];
    for name in &names {
        let outcome = guess().user(name).run();
        assert_counted(&fail2ban, &outcome, Some("192.0.2.1"));
    }
    // Whoever can choose what stands for the address is not known by it, and nobody else is.
    for address in [
        "192.0.2.9 rhost=203.0.113.5",
        "203.0.113.5 ",
        "203.0.113.5\nx",
        "203.0.113.5.example.org",
        "a@203.0.113.5",
        "",
    ] {
        let outcome = guess().from(address).run();
        assert_counted(&fail2ban, &outcome, None);
    }
}

/// A jail that reads what a test writes as auth.log, and shuts out this host as well. All else is as
/// it is shipped.
fn on_a_file(site: &Site) -> (RunningFail2ban, AuthLog) {
    let path = site.write("auth.log", "");
    let jail = format!(
        "backend = polling\nlogpath = {}\nignoreself = false\n",
        path.display()
    );
    (Fail2ban::of(site).start(&jail), AuthLog(path))
}

/// The file to which rsyslog would append.
struct AuthLog(std::path::PathBuf);

impl AuthLog {
    fn append(&self, log: &[LogLine]) {
        use std::io::Write as _;
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .open(&self.0)
            .expect("the file is there");
        for line in log {
            let [traditional, _] = framed(line);
            writeln!(file, "{traditional}").expect("a line is written");
        }
    }
}

#[test]
fn a_guesser_is_banned_at_last_and_an_owner_who_mistypes_is_not() {
    let site = Site::enrolled();
    let sshd = PrivateSshd::start(&site);
    let (mut fail2ban, log) = on_a_file(&site);
    let now = moment_with(SOME_LOGINS);
    let wrong = wrong_code(SECRET, now);
    let log_in = |address: &str, password: &str, code: &str| {
        let outcome = sshd.log_in_from(address, site.user(), password, code, "true");
        assert_eq!(outcome.logged("rhost"), Some(address), "{outcome:?}");
        log.append(&outcome.log);
        outcome.success
    };
    for code in [wrong.as_str(), "12345", &wrong] {
        assert!(!log_in(OWNER, PASSWORD, code));
    }
    assert!(log_in(OWNER, PASSWORD, &code_at(SECRET, now)));
    for _ in 1..MAXRETRY {
        assert!(!log_in(GUESSER, "eight green lanterns", &wrong));
    }
    fail2ban.wait_for_failures(3 + MAXRETRY - 1);
    assert_eq!(fail2ban.banned(), [] as [&str; 0]);
    assert!(!log_in(GUESSER, "eight green lanterns", &wrong));
    fail2ban.wait_for_ban();
    assert_eq!(fail2ban.banned(), [GUESSER]);
}

#[test]
fn the_shipped_jail_and_filter_are_taken_as_they_are() {
    let site = Site::new();
    let tested = Fail2ban::of(&site).tested();
    assert!(tested.status.success(), "{tested:?}");
    let said = String::from_utf8_lossy(&tested.stdout);
    assert!(said.contains("configuration test is successful"), "{said}");
}

/// Sends the journal a line as sshd would, as this user.
fn forge(site: &Site, journald: &Journald, user: &str, line: &str) {
    let socket = UnixDatagram::unbound().expect("a socket");
    socket.connect(site.journal()).expect("the journal listens");
    let entry = format!("MESSAGE={line}\nPRIORITY=6\nSYSLOG_IDENTIFIER=sshd\nSYSLOG_PID=1\n");
    // The journal asks the kernel for the name of the sender, who must be there until then.
    let mut forger = Command::new("setpriv")
        .args(["--reuid", user, "--clear-groups"])
        .args([
            "perl",
            "-e",
            "$0 = 'sshd'; syswrite(STDOUT, $ARGV[0]); sleep 60;",
        ])
        .arg(entry)
        .stdout(OwnedFd::from(socket))
        .spawn()
        .expect("setpriv runs");
    let pid = format!("_PID={}", forger.id());
    assert_eq!(journald.wait_for(&[&pid])[0]["_COMM"], "sshd");
    forger.kill().expect("it is ours");
    forger.wait().expect("it ends");
}

#[test]
#[ignore = "only root can start a journal"]
fn in_the_journal_a_guesser_is_found_and_no_local_user_can_have_another_banned() {
    let site = Site::enrolled();
    let Some(journald) = Journald::start(&site) else {
        eprintln!("there is no systemd-journald here, or no namespace for it");
        return;
    };
    let sshd = PrivateSshd::start(&site);
    let jail = format!(
        "backend = systemd[journalpath={}]\nignoreself = false\n",
        journald.path().display()
    );
    let mut fail2ban = Fail2ban::of(&site).start(&jail);
    let line = "pam_kapu(sshd:auth): event=login result=refuse reason=password user=anna \
                service=sshd rhost=203.0.113.5 tty=ssh";
    for _ in 0..=MAXRETRY {
        forge(&site, &journald, somebody_else(), line);
    }
    for _ in 0..MAXRETRY {
        sshd.try_from(GUESSER, site.user(), "eight green lanterns", "123456");
    }
    fail2ban.wait_for_ban();
    fail2ban.wait_for_failures(MAXRETRY);
    assert_eq!(fail2ban.banned(), [GUESSER]);
    let found = fail2ban.configuration().found_in_journal(journald.path());
    assert_eq!(found, vec![GUESSER; MAXRETRY]);
    // Not by chance: what root writes in the name of sshd is believed.
    forge(&site, &journald, "root", line);
    fail2ban.wait_for_failures(MAXRETRY + 1);
}
