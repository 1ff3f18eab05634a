//! The lines of module and program in systemd's journal: the socket is real, and so is, where root
//! runs the suite, the journal.

use std::time::{Duration, Instant};

use kapu_tests::{
    Attempt, Journal, JournalEntry, Journald, KEYBOARD, PASSWORD, PERIOD, PrivateSshd, SECRET,
    Site, code_at, moment_with, wrong_code,
};

/// Seconds that two logins may need.
const TWO_LOGINS: u64 = 6;
/// The fields of every line before those of its pairs.
const ALWAYS: [&str; 5] = [
    "MESSAGE",
    "PRIORITY",
    "SYSLOG_FACILITY",
    "SYSLOG_IDENTIFIER",
    "SYSLOG_PID",
];

/// The one entry that came.
#[track_caller]
fn only(journal: &Journal) -> JournalEntry {
    let mut entries = journal.entries();
    assert_eq!(entries.len(), 1, "{entries:?}");
    entries.remove(0)
}

/// The names of the fields.
fn names(entry: &JournalEntry) -> Vec<&str> {
    entry.0.iter().map(|(name, _)| name.as_str()).collect()
}

fn refused(site: &Site) -> Attempt<'_> {
    site.attempt().answers(["eight green lanterns", "123456"])
}

#[test]
fn a_login_is_one_entry_with_a_field_for_each_pair_and_no_line_elsewhere() {
    let site = Site::enrolled();
    let journal = Journal::of(&site);
    let code = code_at(SECRET, moment_with(TWO_LOGINS));
    let (mut command, log) = site.attempt().answers([PASSWORD, &code]).prepared();
    command.stdout(std::process::Stdio::null());
    let mut child = command.spawn().expect("pam-try runs");
    let pid = child.id().to_string();
    child.wait().expect("it ends");
    let entry = only(&journal);
    let pairs = [
        ("EVENT", "login"),
        ("RESULT", "accept"),
        ("USER", site.user()),
        ("SERVICE", "kapu-test"),
        ("RHOST", "192.0.2.10"),
        ("TTY", "ssh"),
        ("TOKEN", "phone"),
        ("FIRST", "yes"),
    ];
    let fields: Vec<_> = pairs.iter().map(|(key, _)| format!("KAPU_{key}")).collect();
    let expected: Vec<_> = ALWAYS
        .into_iter()
        .chain(fields.iter().map(String::as_str))
        .collect();
    assert_eq!(names(&entry), expected);
    for ((_, value), field) in pairs.iter().zip(&fields) {
        assert_eq!(entry.field(field).as_deref(), Some(*value), "{field}");
    }
    assert_eq!(entry.field("SYSLOG_IDENTIFIER").as_deref(), Some("pam-try"));
    assert_eq!(entry.field("SYSLOG_PID"), Some(pid));
    for (name, _) in &entry.0 {
        let value = entry.field(name).expect("it is there");
        assert!(
            !value.contains(PASSWORD) && !value.contains(&code),
            "{value}"
        );
    }
    assert!(!log.exists(), "syslog has it too");
}

#[test]
fn the_text_and_its_priority_are_those_that_syslog_gets() {
    let site = Site::enrolled();
    site.service(
        "wrong",
        &[
            &format!("auth required {}", site.module_with("nonsense")),
            &format!("password required {}", site.module_with("nonsense")),
        ],
    );
    let attempts = [
        refused(&site),
        site.attempt().service("wrong"),
        site.attempt().service("wrong").hooks("chauthtok"),
    ];
    for attempt in attempts {
        let by_syslog: Vec<_> = attempt
            .run()
            .log
            .into_iter()
            .map(|line| line.text)
            .collect();
        assert_eq!(by_syslog.len(), 1, "{by_syslog:?}");
        let journal = Journal::of(&site);
        assert!(attempt.run().log.is_empty());
        assert_eq!(only(&journal).as_syslog(), by_syslog[0]);
    }
}

#[test]
fn nothing_that_came_from_outside_makes_a_field() {
    let site = Site::enrolled();
    let service = "kapu\nKAPU_RESULT=accept";
    // libpam reads all names of services in small letters.
    let rules = format!("auth required {}", site.module());
    site.service(&service.to_lowercase(), &[&rules]);
    let journal = Journal::of(&site);
    let attempt = refused(&site)
        .service(service)
        .user("a KAPU_USER=root\nKAPU_USER=root");
    assert!(
        attempt
            .from("192.0.2.1\nKAPU_RHOST=192.0.2.2")
            .run()
            .log
            .is_empty()
    );
    let entry = only(&journal);
    let keys = [
        "EVENT", "RESULT", "REASON", "USER", "SERVICE", "RHOST", "TTY",
    ];
    let fields: Vec<_> = keys.iter().map(|key| format!("KAPU_{key}")).collect();
    let expected: Vec<_> = ALWAYS
        .into_iter()
        .chain(fields.iter().map(String::as_str))
        .collect();
    assert_eq!(names(&entry), expected);
    assert_eq!(entry.field("KAPU_RESULT").as_deref(), Some("refuse"));
    let message = entry.field("MESSAGE").expect("a text");
    assert!(
        message.starts_with("pam_kapu(kapu\nkapu_result=accept:auth): event=login "),
        "{message}"
    );
}

#[test]
fn where_the_journal_does_not_take_a_line_syslog_gets_it_and_nobody_waits() {
    let site = Site::enrolled();
    let now = moment_with(2 * TWO_LOGINS);
    let mut codes = [now - PERIOD, now, now + PERIOD]
        .map(|at| code_at(SECRET, at))
        .into_iter();
    let mut log_in = |what: &str| {
        let code = codes.next().expect("a code");
        let begun = Instant::now();
        let outcome = site.log_in(PASSWORD, &code);
        assert!(outcome.is_accepted(), "{what}: {outcome:?}");
        assert_eq!(outcome.log.len(), 1, "{what}: {:?}", outcome.log);
        assert!(begun.elapsed() < Duration::from_secs(5), "{what}");
    };
    log_in("no journal");
    let journal = Journal::of(&site);
    journal.fill(&site);
    log_in("busy");
    drop(journal);
    log_in("gone");
}

#[test]
fn a_login_leaves_the_host_process_as_it_was() {
    let site = Site::enrolled();
    let journal = Journal::of(&site);
    let outcome = refused(&site).watching_the_host().run();
    assert_eq!(outcome.changed, [] as [&str; 0]);
    assert!(only(&journal).field("MESSAGE").is_some());
    journal.fill(&site);
    let outcome = refused(&site).watching_the_host().run();
    assert_eq!(outcome.changed, [] as [&str; 0]);
}

#[test]
fn a_line_of_the_program_is_one_entry_and_no_line_elsewhere() {
    let site = Site::enrolled();
    let before = site.program_log().len();
    let journal = Journal::of(&site);
    site.kapu_says(&["lock", site.user()]);
    let entry = only(&journal);
    assert_eq!(site.program_log().len(), before, "syslog has it too");
    for (field, value) in [
        ("SYSLOG_IDENTIFIER", "kapu"),
        ("KAPU_EVENT", "lock"),
        ("KAPU_FROM", "live"),
        ("KAPU_TO", "locked"),
        ("KAPU_USER", site.user()),
    ] {
        assert_eq!(entry.field(field).as_deref(), Some(value), "{field}");
    }
    assert!(entry.field("KAPU_UID").is_some(), "{entry:?}");
    let text = entry.as_syslog();
    assert!(text.starts_with("<84> event=lock result=done "), "{text}");
    journal.fill(&site);
    site.kapu_says(&["unlock", site.user()]);
    drop(journal);
    site.kapu_says(&["lock", site.user()]);
    let lines = site.program_log().split_off(before);
    let events: Vec<_> = lines.iter().map(|line| line.value("event")).collect();
    assert_eq!(events, [Some("unlock"), Some("lock")]);
}

#[test]
fn sshd_stands_there_by_the_name_that_syslog_gives_it() {
    let site = Site::enrolled();
    let journal = Journal::of(&site);
    let sshd = PrivateSshd::start(&site);
    sshd.ask_without_answering(site.user(), KEYBOARD);
    let entry = journal.wait();
    let name = entry.field("SYSLOG_IDENTIFIER").expect("a name");
    assert!(["sshd", "sshd-session"].contains(&name.as_str()), "{name}");
    assert_eq!(entry.field("KAPU_SERVICE").as_deref(), Some("sshd"));
    let message = entry.field("MESSAGE").expect("a text");
    assert!(
        message.starts_with("pam_kapu(sshd:auth): event=login "),
        "{message}"
    );
    assert!(
        !site.path().join("log-of-sshd").exists(),
        "syslog has it too"
    );
}

#[test]
#[ignore = "only root can start a journal"]
fn the_journal_of_systemd_finds_lines_by_their_fields() {
    let site = Site::enrolled();
    let Some(journald) = Journald::start(&site) else {
        eprintln!("there is no systemd-journald here, or no namespace for it");
        return;
    };
    let now = moment_with(2 * TWO_LOGINS);
    assert!(site.log_in(PASSWORD, &code_at(SECRET, now)).log.is_empty());
    assert!(
        site.log_in(PASSWORD, &wrong_code(SECRET, now))
            .log
            .is_empty()
    );
    site.kapu_says(&["lock", site.user()]);
    let sshd = PrivateSshd::start(&site);
    sshd.ask_without_answering(site.user(), KEYBOARD);
    let found = journald.wait_for(&["KAPU_REASON=code"]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["KAPU_RHOST"], "192.0.2.10");
    assert_eq!(found[0]["SYSLOG_FACILITY"], "10");
    // The journal's own word on who wrote it.
    assert_eq!(found[0]["_COMM"], "pam-try");
    assert_eq!(found[0]["_PID"], found[0]["SYSLOG_PID"]);
    let text = found[0]["MESSAGE"].as_str().expect("a text");
    assert!(
        text.starts_with("pam_kapu(kapu-test:auth): event=login result=refuse "),
        "{text}"
    );
    // What rsyslog writes to auth.log is what syslog(3) would have had it write.
    let pid = found[0]["SYSLOG_PID"].as_str().expect("a number");
    let line = format!(" pam-try[{pid}]: {text}");
    let forwarded = journald.forwarded();
    let is_it = |one: &String| one.starts_with("<86>") && one.trim_end().ends_with(&line);
    assert!(forwarded.iter().any(is_it), "{line} {forwarded:?}");
    assert_eq!(
        journald.wait_for(&["-t", "kapu", "KAPU_EVENT=lock"]).len(),
        1
    );
    assert_eq!(
        journald
            .wait_for(&["-g", "pam_kapu", "KAPU_SERVICE=sshd"])
            .len(),
        1
    );
    let by_sshd = ["_COMM=sshd", "+", "_COMM=sshd-session"];
    assert_eq!(journald.wait_for(&by_sshd).len(), 1);
}
