//! Names: those that want to be paths, and those under which somebody enrolled comes back as a
//! stranger, who may still log in with the password alone.

use std::fs;

use kapu_tests::{NESTED, SYSTEM, Site, together, wrapper_module};

/// The password of everybody in the system.
const PASSWORD: &str = "four yellow bricks";
/// Before this day, who never had a device passes on the password alone.
const FAR: &str = "[rollout]\ncode-required-from = \"2099-01-01\"\n";
/// Bytes of a name that no account has.
const LONG: usize = 64 * 1024;
/// Bytes that a line of the log may have, whatever the name in it.
const LONGEST_LINE: usize = 1024;

/// A directory service that folds case, knows its domain, and these accounts.
fn know(site: &Site, accounts: &[(&str, u32)]) {
    site.know_with(&["#!fold", "#!domain corp"], accounts);
}

/// Makes the system say yes to the password of everybody.
fn trust_everybody(site: &Site, names: &[&str]) {
    let lines: String = names
        .iter()
        .map(|name| format!("{name}:{PASSWORD}:{NESTED}\n"))
        .collect();
    let file = site.write("passwords", &lines);
    let module = wrapper_module("pam_matrix.so");
    let rule = format!(
        "auth required {} passdb={}",
        module.display(),
        file.display()
    );
    site.service(NESTED, &[&rule]);
}

/// Under which names and uids an enrolled account gets in without a code.
fn in_without_a_code(site: &Site) -> Vec<String> {
    let names = ["anna", "ANNA", "anna@corp", "corp\\Anna", "bela", "eva"];
    trust_everybody(site, &names);
    know(site, &[("anna", 2001)]);
    site.enroll_without_password("anna");
    let mut found = Vec::new();
    let mut knock = |accounts: &[(&str, u32)], names: &[&str]| {
        know(site, accounts);
        let outcomes = together(names, |name| {
            site.attempt().user(name).answers([PASSWORD, ""]).run()
        });
        let let_in = outcomes
            .iter()
            .zip(names)
            .filter(|(outcome, _)| outcome.is_accepted());
        found.extend(let_in.map(|(_, name)| format!("{name} of {accounts:?}")));
    };
    // Other spellings; a second name of the uid; the account renamed; the name of a new uid; the uid
    // of somebody new, after whom nobody has tidied up.
    knock(&[("anna", 2001)], &names[..4]);
    knock(&[("anna", 2001), ("bela", 2001)], &["bela"]);
    knock(&[("bela", 2001)], &["bela"]);
    knock(&[("anna", 2002)], &["anna"]);
    knock(&[("eva", 2001)], &["eva"]);
    // That this attack could succeed: somebody who really never had a device gets in.
    know(site, &[("eva", 2009)]);
    let stranger = site.attempt().user("eva").answers([PASSWORD, ""]).run();
    stranger.assert_accepted();
    found
}

fn configuration() -> String {
    format!("{SYSTEM}{FAR}")
}

#[test]
fn whoever_is_enrolled_needs_the_code_under_every_name_and_uid() {
    let site = Site::with(&configuration());
    assert_eq!(in_without_a_code(&site), [""; 0]);
}

#[test]
fn strangers_to_their_own_record_get_in_without_a_code() {
    let site = Site::weakened("strangers-to-themselves", &configuration());
    let found = in_without_a_code(&site);
    for name in ["ANNA", "bela", "anna of", "eva"] {
        assert!(
            found.iter().any(|line| line.starts_with(name)),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn a_name_that_wants_to_be_a_path_or_a_line_is_nobody() {
    let site = Site::enrolled();
    let long = "a".repeat(LONG);
    let names: [&[u8]; 23] = [
        b"",
        b"../anna",
        b"../../../../etc/passwd",
        b"/",
        b"/etc/shadow",
        b".",
        b"..",
        b"accounts",
        b"\xff\xfe",
        b"anna\xc0\xaf..",
        b"\x01\x07\x7f",
        b"\x1b[2J",
        b"root\n",
        b"root ",
        b" root",
        "ro\u{200b}ot".as_bytes(),
        "ｒｏｏｔ".as_bytes(),
        "r\u{f6}\u{301}ot".as_bytes(),
        b"%72oot",
        b"root.0",
        b"CORP\\root",
        b"root@",
        long.as_bytes(),
    ];
    let before = site.documents();
    let outcomes = together(&names, |name| {
        let attempt = site.attempt().user(name).answers(["x", "000000"]);
        attempt.watching_the_host().run()
    });
    for (outcome, name) in outcomes.iter().zip(names) {
        let shown = name.escape_ascii();
        assert_eq!(outcome.code(), "PAM_AUTH_ERR", "{shown}: {outcome:?}");
        let reason = outcome.decision().value("reason");
        assert_eq!(reason, Some("unknown-user"), "{shown}");
        assert_eq!(outcome.log.len(), 1, "{shown}");
        assert!(outcome.log[0].is_printable(), "{:?}", outcome.log);
        assert_eq!(outcome.changed, [""; 0], "{shown}");
        let text = &outcome.log[0].text;
        assert!(text.len() < LONGEST_LINE, "{text}");
    }
    assert_eq!(site.documents(), before);
    let made = fs::read_dir(site.store()).expect("the store").count();
    assert_eq!(made, 1, "nothing but the account that is enrolled");
}
