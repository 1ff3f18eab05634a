//! What the journal gets, read by the rules of its protocol; and what becomes of a line that it
//! does not take.

use kapu_core::event::{Field, What};
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::scratch::Scratch;

/// The fields of a datagram, as the native protocol has them.
fn fields(mut bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut fields = Vec::new();
    while !bytes.is_empty() {
        let end = bytes.iter().position(|byte| b"=\n".contains(byte)).unwrap();
        let name = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let is_short = bytes[end] == b'=';
        bytes = &bytes[end + 1..];
        let length = if is_short {
            bytes.iter().position(|byte| *byte == b'\n').unwrap()
        } else {
            let (length, rest) = bytes.split_first_chunk().unwrap();
            bytes = rest;
            usize::try_from(u64::from_le_bytes(*length)).unwrap()
        };
        fields.push((name, bytes[..length].to_vec()));
        assert_eq!(bytes[length], b'\n');
        bytes = &bytes[length + 1..];
    }
    fields
}

fn entry<'a>(before: &'a str, line: &'a str) -> Entry<'a> {
    Entry {
        severity: Severity::Warning,
        identifier: b"sshd",
        before,
        line,
    }
}

/// A journal that listens, and where.
fn listening(scratch: &Scratch) -> (UnixDatagram, std::path::PathBuf) {
    let path = scratch.path().join("journal");
    (UnixDatagram::bind(&path).unwrap(), path)
}

#[test]
fn the_text_and_each_pair_are_fields() {
    let scratch = Scratch::new();
    let (journal, path) = listening(&scratch);
    let line = r#"event=login reason=code user="a\x20b" wrong-codes=3"#;
    assert!(entry("pam_kapu(sshd:auth): ", line).send_to(&path));
    let mut bytes = [0; 4096];
    let length = journal.recv(&mut bytes).unwrap();
    let message = format!("pam_kapu(sshd:auth): {line}");
    let pid = process::id().to_string();
    let expected = [
        ("MESSAGE", message.as_str()),
        ("PRIORITY", "4"),
        ("SYSLOG_FACILITY", "10"),
        ("SYSLOG_IDENTIFIER", "sshd"),
        ("SYSLOG_PID", &pid),
        ("KAPU_EVENT", "login"),
        ("KAPU_REASON", "code"),
        ("KAPU_USER", r#""a\x20b""#),
        ("KAPU_WRONG_CODES", "3"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    assert_eq!(fields(&bytes[..length]), expected);
    journal.set_nonblocking(true).unwrap();
    assert!(
        journal.recv(&mut bytes).is_err(),
        "one datagram is one line"
    );
}

#[test]
fn the_facility_is_that_of_syslog() {
    assert_eq!(AUTHPRIV, (libc::LOG_AUTHPRIV >> 3).to_string());
    for (severity, level) in [
        (Severity::Error, libc::LOG_ERR),
        (Severity::Warning, libc::LOG_WARNING),
        (Severity::Info, libc::LOG_INFO),
    ] {
        assert_eq!(priority(severity), level.to_string());
    }
}

#[test]
fn where_nobody_listens_the_line_is_not_taken() {
    let scratch = Scratch::new();
    let (journal, path) = listening(&scratch);
    drop(journal);
    assert!(!entry("", "event=login").send_to(&path), "refused");
    std::fs::remove_file(&path).unwrap();
    assert!(!entry("", "event=login").send_to(&path), "missing");
    std::fs::write(&path, "").unwrap();
    assert!(!entry("", "event=login").send_to(&path), "no socket");
    let stream = scratch.path().join("stream");
    let _listener = std::os::unix::net::UnixListener::bind(&stream).unwrap();
    assert!(!entry("", "event=login").send_to(&stream), "another kind");
    let long = scratch.path().join("a".repeat(200));
    assert!(!entry("", "event=login").send_to(&long), "too long a path");
}

#[test]
fn a_journal_that_does_not_read_is_not_waited_for() {
    let scratch = Scratch::new();
    let (_journal, path) = listening(&scratch);
    let begun = Instant::now();
    let taken = (0..10_000).take_while(|_| entry("", "event=login").send_to(&path));
    let taken = taken.count();
    assert!((1..10_000).contains(&taken), "{taken} taken");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_line_that_no_datagram_can_hold_is_not_taken() {
    let scratch = Scratch::new();
    let (_journal, path) = listening(&scratch);
    let line = format!("event=login user={}", "a".repeat(1 << 20));
    assert!(!entry("", &line).send_to(&path));
}

#[test]
fn the_name_of_this_process_is_the_one_that_the_kernel_started() {
    let path = std::env::current_exe().unwrap();
    let name = path.file_name().unwrap().as_encoded_bytes();
    assert_eq!(name_of_this_process(), name[..name.len().min(MAX_NAME)]);
}

/// The fields of a line with a user and nothing else.
const FIELDS: [&str; 7] = [
    "MESSAGE",
    "PRIORITY",
    "SYSLOG_FACILITY",
    "SYSLOG_IDENTIFIER",
    "SYSLOG_PID",
    "KAPU_EVENT",
    "KAPU_USER",
];

proptest! {
    #[test]
    fn no_value_makes_a_field(
        before in "\\PC*\n?[A-Z_]*=?\\PC*",
        name in any::<Vec<u8>>(),
        user in any::<String>(),
    ) {
        let event = kapu_core::event::Event::new(Severity::Info, What::Login).text(Field::User, &user);
        let entry = Entry { identifier: &name, ..entry(&before, event.line()) };
        let read = fields(&entry.datagram());
        let names: Vec<_> = read.iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names, FIELDS);
        let message = [before.as_str(), event.line()].concat();
        prop_assert_eq!(&read[0].1, message.as_bytes());
        prop_assert_eq!(&read[3].1, &name);
    }
}
