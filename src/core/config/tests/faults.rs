//! The exact words about a file that is not understood, and that they never quote it.

use proptest::prelude::*;

use super::{complaint, every_key};
use crate::config::{Config, MAX_CONFIG_BYTES};

#[test]
fn an_unknown_key_is_named_beside_the_key_it_is_taken_for() {
    assert_eq!(
        complaint("[login]\nwindow = 1\nwindw = 1\n"),
        "line 3: [login] windw: expected a key of [login]; did you mean window?"
    );
    assert_eq!(
        complaint("[enroll]\nmax_tokens = 2\n"),
        "line 2: [enroll] max_tokens: expected a key of [enroll]; did you mean max-tokens?"
    );
    assert_eq!(
        complaint("[password]\nwindow = 1\n"),
        "line 2: [password] window: expected a key of [password]: min-length, memory-kib, passes or simultaneous"
    );
    assert_eq!(
        complaint("[login]\n\"Geheim 1\" = 1\n"),
        "line 2: expected a key of [login]: password, sshd-services, window or remember-place-for"
    );
    assert_eq!(
        complaint("[login]\nz = 1\na = 2\n"),
        "line 2: [login] z: expected a key of [login]: password, sshd-services, window or remember-place-for"
    );
}

#[test]
fn an_unknown_section_is_named_beside_the_section_it_is_taken_for() {
    assert_eq!(
        complaint("[login]\n[enrol]\n"),
        "line 2: enrol: expected a [section]; did you mean enroll?"
    );
    let all = "site, texts, login, rollout, enroll, throttle, password, store or rule";
    assert_eq!(
        complaint("window = 1\n"),
        format!("line 1: window: expected a [section]: {all}")
    );
    assert_eq!(
        complaint("[[SEKRET]]\n"),
        format!("line 1: expected a [section]: {all}")
    );
}

#[test]
fn a_section_is_a_table() {
    assert_eq!(
        complaint("password = \"own\"\n"),
        "line 1: password: expected a section, written [password]"
    );
    assert_eq!(
        complaint("\n[[login]]\n"),
        "line 2: login: expected a section, written [login]"
    );
    assert_eq!(
        complaint("[login.window]\n"),
        "line 1: [login] window: expected a number from 1 to 2"
    );
    assert_eq!(
        Config::parse("login.window = 2"),
        Config::parse("login = { window = 2 }")
    );
}

#[test]
fn a_repeated_key_or_section_is_refused() {
    let expected = "expected each section and each key only once";
    assert_eq!(
        complaint("[login]\nwindow = 1\n  window = 1\n"),
        format!("line 3, column 3: {expected}")
    );
    assert_eq!(
        complaint("[login]\n[site]\n[login]\n"),
        format!("line 3, column 2: {expected}")
    );
}

#[test]
fn a_value_without_quotes_is_told_from_other_broken_toml() {
    assert_eq!(
        complaint("[texts]\nlanguage = hu\n"),
        "line 2, column 12: expected a number, true, false or a text in \"quotes\""
    );
    let toml = "expected TOML: lines of [section] or key = value, texts in \"quotes\"";
    for (text, place) in [
        ("[site]\nissuer = \"open\n[login]\n", "line 2, column 15"),
        ("[site]\nissuer\n", "line 2, column 7"),
        ("[site\n", "line 1, column 6"),
        ("[site]\nissuer = \"a\" b\n", "line 2, column 14"),
        ("[login]\nwindow = 01\n", "line 2, column 10"),
    ] {
        assert_eq!(complaint(text), format!("{place}: {toml}"));
    }
}

#[test]
fn a_file_is_not_larger_than_its_limit() {
    let mut text = "#\n".repeat(MAX_CONFIG_BYTES / 2);
    assert_eq!(Config::parse(&text), Ok(Config::default()));
    text.push('\n');
    assert_eq!(
        complaint(&text),
        "line 32769, column 1: expected a file of at most 65536 bytes"
    );
}

#[test]
fn a_deep_file_does_not_overflow_the_stack() {
    const DEEPEST_KEY: usize = 78;
    let nested = |braces: usize| {
        let open = ("a.".repeat(DEEPEST_KEY) + "a = {").repeat(braces);
        format!("{open}{}", "}".repeat(braces))
    };
    assert_eq!(
        complaint(&nested(78)),
        "line 1, column 1449: expected a file of at most 8 opening braces"
    );
    assert!(complaint(&nested(8)).starts_with("line 1: a: expected a [section]: site"));
    assert!(Config::parse(&("a.".repeat(30_000) + "a = 1")).is_err());
    assert!(Config::parse(&("a = ".to_owned() + &"[".repeat(60_000))).is_err());
}

#[test]
fn no_complaint_quotes_the_file() {
    const MARKER: &str = "SEKRET-MARKER";
    #[rustfmt::skip]
    let values = [
        "\"M\"", "'M'", "M", "\"M", "'''\nM\n", "'''M'''", "[\"M\"]", "[M", "{ M = 1 }", "{ x = \"M\" }", "{ M",
        "1M", "1979-05-27M", "\"\\M\"", "\"\\u001bM\"", "= M", "1 M", "1\nM", "1\nM = 1", "1\n\"M\" = 1", "1\n[M]",
        "1\n[[M]]", "1\n[M.M]", "0xM", "\"/M/..\"", "\"M:\\u007f\"", "\"ő M\"", "true M",
    ];
    let mut complaints = 0;
    for (section, key) in every_key() {
        for value in values {
            let text = format!("[{section}]\n{key} = {}\n", value.replace('M', MARKER));
            if let Err(error) = Config::parse(&text) {
                complaints += 1;
                let words = format!("{error} {error:?}");
                assert!(!words.contains("SEKRET"), "{text}: {words}");
            }
        }
    }
    assert!(complaints > 20 * every_key().len());
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_at_one_of_its_lines(text in "(?s).{0,200}") {
        if let Err(error) = Config::parse(&text) {
            prop_assert!((1..=text.matches('\n').count() + 1).contains(&error.line));
            prop_assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn any_pieces_of_toml_are_parsed_or_refused(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "[login]\n", "[", "]", "[[", "window", "password", " = ", "1", "\"own\"", "\"", "'''",
                "\"\"\"", ".", "\n", "\r\n", "{", "}", ",", "#", "-", "0x", "\\u", "é", "\0", "1979-05-27",
            ]),
            0..40,
        )
    ) {
        let _ = Config::parse(&pieces.concat());
    }
}
