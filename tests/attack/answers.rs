//! What comes through the conversation, the PAM items and the line of the PAM file: answers that are
//! no answers, items that want to be lines of the log, arguments that mean nothing.
//!
//! Nobody is let in, the log has one whole line about it, nothing is stored, and the process is
//! as it was.

use std::fs;

use kapu_tests::{
    Attempt, LogLine, Outcome, PASSWORD, SECRET, SERVICE, Site, code_at, moment_with, together,
};

/// More than any answer may have.
const MEGABYTE: usize = 1024 * 1024;
/// Answers of up to so many bytes are looked at.
const LONGEST_ANSWER: usize = 1024;
/// KiB that a login may have in memory: its hash has 8 MiB here, and the process with the longest
/// answers in it was seen to need 5 MiB more.
const MOST_MEMORY: u64 = 16 * 1024;
/// Seconds that one login may need.
const ONE_LOGIN: u64 = 5;
/// What a forger wants to see in the log.
const FORGED: &str = "event=login result=accept user=root";

/// Texts that nobody's password and nobody's code is.
fn odd_answers() -> Vec<Vec<u8>> {
    let bomb = "e\u{301}\u{302}\u{303}".repeat(LONGEST_ANSWER / 7);
    let lines = format!("123456\nkapu: {FORGED}");
    let odd: [&[u8]; 12] = [
        b"",
        b"\x01\x02\x1b[2J\x7f",
        b"\x08\n\r\x7fINCORRECT",
        b"\xff\xfe\xc0\x80",
        bomb.as_bytes(),
        "\u{202e}654321\u{200b}".as_bytes(),
        "１２３４５６".as_bytes(),
        b"-----",
        b"+123456",
        b"123456 or 1=1",
        b"%s%n%s%n",
        lines.as_bytes(),
    ];
    odd.iter().map(|answer| answer.to_vec()).collect()
}

/// What is wrong with an outcome that should be a refusal without a trace.
fn fault_of(outcome: &Outcome) -> Option<String> {
    let found = |what: &str| Some(format!("{what}: {outcome:?}"));
    if outcome.is_accepted() {
        return found("let in");
    }
    if !["PAM_AUTH_ERR", "PAM_AUTHINFO_UNAVAIL"].contains(&outcome.code()) {
        return found("neither refused nor unavailable");
    }
    if let Some(fault) = fault_of_log(&outcome.log) {
        return found(&fault);
    }
    if !outcome.changed.is_empty() {
        return found("the process was changed");
    }
    if outcome.peak > MOST_MEMORY {
        return found("too much memory");
    }
    None
}

/// One line tells how the login ended, and nothing in it, or beside it, is anybody else's.
fn fault_of_log(log: &[LogLine]) -> Option<String> {
    let told = log.iter().filter(|line| line.is_decision()).count();
    if told != 1 || log.len() != 1 {
        return Some(format!("{} lines, {told} of them a decision", log.len()));
    }
    let is_raw = log.iter().any(|line| !line.is_printable());
    is_raw.then(|| "raw bytes in the log".to_owned())
}

/// What is wrong after these logins, made at once.
fn faults(site: &Site, attempts: &[Attempt<'_>]) -> Vec<String> {
    let before = site.documents();
    let outcomes = together(attempts, Attempt::run);
    let mut found: Vec<String> = outcomes.iter().filter_map(fault_of).collect();
    if site.documents() != before {
        found.push("something was stored".to_owned());
    }
    found
}

#[test]
fn odd_answers_to_either_question_are_refused_and_leave_nothing() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let mut attempts = Vec::new();
    for odd in odd_answers() {
        let odd = odd.as_slice();
        attempts.push(site.attempt().answers([odd, code.as_bytes()]));
        attempts.push(site.attempt().answers([PASSWORD.as_bytes(), odd]));
        attempts.push(site.attempt().answers([odd, odd]));
    }
    let attempts: Vec<_> = attempts
        .into_iter()
        .map(Attempt::watching_the_host)
        .collect();
    assert_eq!(faults(&site, &attempts), [""; 0]);
    // The code was good all the time.
    site.log_in(PASSWORD, &code_at(SECRET, moment_with(ONE_LOGIN)))
        .assert_accepted();
}

/// Answers longer than the cap that were taken for answers.
fn taken_though_too_long(site: &Site) -> Vec<String> {
    site.enroll(site.user());
    let mut attempts = Vec::new();
    for length in [LONGEST_ANSWER + 1, MEGABYTE] {
        attempts.push(site.attempt().long_answer(length));
        attempts.push(site.attempt().answers([PASSWORD]).long_answer(length));
    }
    let mut found = faults(site, &attempts);
    for outcome in together(&attempts, Attempt::run) {
        if outcome.decision().value("reason") != Some("dialog") {
            found.push(outcome.decision().text.clone());
        }
    }
    found
}

#[test]
fn no_answer_beyond_the_cap_is_taken() {
    assert_eq!(taken_though_too_long(&Site::new()), [""; 0]);
}

#[test]
fn without_the_cap_answers_of_any_length_are_taken() {
    let found = taken_though_too_long(&Site::weakened("endless-answers", ""));
    // A line of the log; the memory that was used is beside the point.
    let is_taken = |line: &&String| line.starts_with('<') && line.contains("reason=not-a-code");
    // The second question got an answer of either length.
    assert_eq!(found.iter().filter(is_taken).count(), 2, "{found:?}");
}

/// Lines that a stranger has put into the log by names that hold a line end.
fn forged_lines(site: &Site) -> Vec<String> {
    let evil = format!("nobody\n<86> pam_kapu(sshd:auth): {FORGED}");
    let typed = || site.attempt().answers(["x", "y"]);
    let attempts = [
        typed().user(&evil),
        typed().from(&evil),
        typed().ruser(&evil),
        typed().user(format!("nobody {FORGED}")),
        typed().from("\u{1b}]0;owned\u{7}"),
    ];
    let mut found: Vec<String> = together(&attempts, Attempt::run)
        .iter()
        .filter_map(|outcome| fault_of_log(&outcome.log))
        .collect();
    // By a text that reads as one, even where its line is whole.
    for outcome in together(&attempts, Attempt::run) {
        let lines = outcome.log.into_iter();
        found.extend(
            lines
                .map(|line| line.text)
                .filter(|text| text.contains(FORGED)),
        );
    }
    found
}

#[test]
fn nobody_forges_a_line_of_the_log() {
    assert_eq!(forged_lines(&Site::enrolled()), [""; 0]);
}

#[test]
fn unescaped_a_name_forges_a_line_of_the_log() {
    let found = forged_lines(&Site::weakened("unescaped-log", ""));
    let is_forged = |line: &String| line.starts_with("<86> pam_kapu(sshd:auth): event=login");
    assert!(found.iter().any(is_forged), "{found:?}");
    let is_raw = |fault: &String| fault.starts_with("raw bytes");
    assert!(found.iter().any(is_raw), "{found:?}");
}

/// Arguments with which the right password and the right code are let in.
fn arguments_passed_over(site: &Site, arguments: &[&[u8]]) -> Vec<String> {
    site.enroll(site.user());
    let services: Vec<String> = (0..arguments.len())
        .map(|number| format!("arguments-{number}"))
        .collect();
    for (service, argument) in services.iter().zip(arguments) {
        write_rule(site, service, argument);
    }
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let outcomes = together(&services, |service| {
        let attempt = site.attempt().service(service);
        attempt.answers([PASSWORD, &code]).run()
    });
    let passed_over = outcomes.iter().zip(arguments).filter(|(outcome, _)| {
        let told = outcome.log.len() == 1
            && outcome.decision().value("reason") == Some("arguments")
            && outcome.decision().is_printable();
        !(outcome.code() == "PAM_AUTHINFO_UNAVAIL" && told)
    });
    passed_over
        .map(|(outcome, argument)| format!("{}: {outcome:?}", argument.escape_ascii()))
        .collect()
}

/// A PAM service whose line ends in these bytes.
fn write_rule(site: &Site, service: &str, argument: &[u8]) {
    const MARK: &[u8] = b"THE-ARGUMENT";
    let rule = format!("auth required {} THE-ARGUMENT", site.module());
    site.service(service, &[&rule]);
    let file = site.pam_directory().join(service);
    let text = fs::read(&file).expect("the service file");
    let at = text
        .windows(MARK.len())
        .position(|part| part == MARK)
        .expect("the mark");
    let changed = [&text[..at], argument, &text[at + MARK.len()..]].concat();
    fs::write(&file, changed).expect("the service file");
}

const SENSELESS: [&[u8]; 11] = [
    b"nullok",
    b"Debug",
    b"debug debug",
    b"password=none",
    b"password=own password=system",
    b"password=",
    b"config=kapu.toml",
    b"config=/etc/kapu/kapu.toml config=/etc/kapu/kapu.toml",
    b"prompt=both",
    b"use_first_pass try_first_pass",
    b"password=\xc3\xb6wn",
];

#[test]
fn an_argument_that_makes_no_sense_refuses_and_is_named() {
    assert_eq!(arguments_passed_over(&Site::new(), &SENSELESS), [""; 0]);
}

#[test]
fn an_argument_that_is_no_text_never_reaches_the_module() {
    let site = Site::enrolled();
    write_rule(&site, "no-text", b"\xff\xfe");
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().service("no-text").answers([PASSWORD, &code]);
    // The glue between C and Rust turns it away, before there is anything that could log.
    let outcome = attempt.run();
    assert_eq!(outcome.code(), "PAM_SERVICE_ERR");
    assert_eq!(outcome.prompts, []);
}

#[test]
fn passed_over_an_unknown_argument_lets_in() {
    let site = Site::weakened("any-argument", "");
    let found = arguments_passed_over(&site, &SENSELESS);
    // The code is one: whichever of these logins is first has it.
    assert!(
        found.iter().any(|line| line.contains("PAM_SUCCESS")),
        "{found:?}"
    );
}

#[test]
fn the_usual_service_of_the_site_has_none_of_them() {
    let site = Site::enrolled();
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    let attempt = site.attempt().service(SERVICE).answers([PASSWORD, &code]);
    attempt.run().assert_accepted();
}
