//! `kapu check`: what it finds on a whole installation, and that what it says is true.

#[path = "check/files.rs"]
mod files;

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::process::Output;

use kapu_tests::{PASSWORD, Site, UID_OF_SOMEBODY_ELSE};
use serde_json::Value;

/// Columns of a line, but for paths.
const COLUMNS: usize = 79;
/// Where nobody is kept out for want of a device: behind an ssh key everybody can set one up.
const BY_KEY: &str = "[login]\npassword = \"elsewhere\"\n";
/// Two rules and a setting that are found whatever the host is.
const FAULTY: &str = "[texts]\nunicode = true\n[[rule]]\nname = \"robots\"\ncode = \"exempt\"\n\
                      [[rule]]\nusers = [\"root\"]\ncode = \"exempt\"\n";

/// Mode bits by which others may list a directory and go through it.
const LISTABLE: u32 = 0o055;

const DOCUMENTED: &str = include_str!("../../docs/check.md");
const TOPICS: &str = include_str!("../../src/core/messages/findings.rs");

/// A site in whose configuration nothing is to be found but what `more` brings.
fn site(more: &str) -> Site {
    let site = Site::new();
    configure(&site, more);
    site
}

fn configure(site: &Site, more: &str) {
    let (store, key) = (site.store(), site.host_key());
    let text = format!(
        "[store]\npath = \"{}\"\nhost-key = \"{}\"\n[site]\ncontact = \"helpdesk\"\n{more}",
        store.display(),
        key.display()
    );
    site.write("kapu.toml", &text);
}

fn check(site: &Site, arguments: &[&str]) -> Output {
    let output = site.kapu(&[&["check"], arguments].concat(), "");
    assert!(output.stderr.is_empty(), "{output:?}");
    output
}

#[track_caller]
fn report(site: &Site, status: i32) -> Value {
    let output = check(site, &["--json"]);
    assert_eq!(output.status.code(), Some(status), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Gravity and id of every finding.
fn found(report: &Value) -> Vec<(&str, &str)> {
    let findings = report["findings"].as_array().expect("a list");
    findings
        .iter()
        .map(|finding| {
            let word = |key: &str| finding[key].as_str().expect("a word");
            (word("gravity"), word("id"))
        })
        .collect()
}

/// The finding with this id.
#[track_caller]
fn finding<'a>(report: &'a Value, id: &str) -> &'a Value {
    let findings = report["findings"].as_array().expect("a list");
    let found = findings.iter().find(|finding| finding["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not in {report}"))
}

#[test]
fn a_sound_installation_has_no_findings() {
    let site = site(BY_KEY);
    site.enroll_without_password(site.user());
    let output = check(&site, &[]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text, "config ok; store ok, records: 1\n\nNo findings.\n");
    let report = report(&site, 0);
    assert_eq!(report["records"], 1);
    assert_eq!(report["in_force"], "file");
    assert_eq!(report["findings"], Value::Array(Vec::new()));
    assert_eq!(report["skipped"], Value::Array(Vec::new()));
}

#[test]
fn findings_are_a_page_with_the_worst_first() {
    let site = site(&format!("{BY_KEY}{FAULTY}"));
    let output = check(&site, &[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let config = site.configuration();
    let page = format!(
        "\
config ok; store ok, records: 0

1  DANGER   No code is needed over ssh: this rule exempts everybody.
   where    {0}: [[rule]] 1 (robots)
   why      It names no users and no groups, nor a network that leaves anybody
            out. Only a rule before it can ask for a code.
   fix      Name users or groups in it, or take it out.

2  LOCKOUT  Some ssh clients hang up: a login may send accented letters.
   where    {0}: [texts] unicode = true
   why      In a locale such as ISO-8859-1 the client of OpenSSH ends the
            connection when it is sent UTF-8.
   fix      unicode = false: letters come without accents.

3  NOTE     This rule never decides.
   where    {0}: [[rule]] 2
   why      Each login that it is about is decided before, and today to the
            same end:
            [[rule]] 1 (robots)
   fix      Take it out, or put it before them.

3 findings: 1 danger, 1 lockout, 1 note.
",
        config.display()
    );
    assert_eq!(text, page);
}

#[test]
fn the_page_is_hungarian_too_and_ascii_where_nothing_else_is_shown() {
    let site = site(FAULTY);
    let page = |locale: &str| {
        let mut command = site.kapu_command(&["check"]);
        let output = command.env("LC_ALL", locale).output().expect("kapu runs");
        String::from_utf8(output.stdout).expect("text")
    };
    let hungarian = page("hu_HU.UTF-8");
    assert!(hungarian.contains("1  VESZÉLY  ") && hungarian.contains("\n   miért    "));
    let (ascii, english) = (page("hu_HU"), page("C"));
    assert!(ascii.contains("1  VESZELY  ") && ascii.is_ascii() && english.is_ascii());
    for line in [&hungarian, &ascii, &english]
        .iter()
        .flat_map(|page| page.lines())
    {
        let holds_a_path = line.contains("kapu.toml");
        assert!(holds_a_path || line.chars().count() <= COLUMNS, "{line}");
    }
}

#[test]
fn json_has_words_for_scripts_and_one_line_for_people() {
    let site = site(&format!("{BY_KEY}{FAULTY}"));
    let report = report(&site, 1);
    let expected = [
        ("danger", "exempts-everybody"),
        ("lockout", "letters-beyond-ascii"),
        ("note", "rule-covered-by-same"),
    ];
    assert_eq!(found(&report), expected);
    let first = finding(&report, "exempts-everybody");
    let place = first["where"].as_str().expect("a place");
    assert!(place.ends_with("kapu.toml: [[rule]] 1 (robots)"), "{place}");
    for key in ["what", "why", "fix"] {
        let text = first[key].as_str().expect("a text");
        assert!(!text.is_empty() && !text.contains('\n'), "{text}");
    }
}

#[test]
fn notes_alone_end_well() {
    let site = site(&format!("{BY_KEY}[enroll]\ndigits = 8\n"));
    assert_eq!(found(&report(&site, 0)), [("note", "codes-unusual")]);
}

#[test]
fn more_memory_than_the_host_has_is_found() {
    let text = fs::read_to_string("/proc/meminfo").expect("the memory of this host");
    let total = text
        .split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse().ok());
    let total: u64 = total.expect("MemTotal comes first");
    let site = site("[password]\nmemory-kib = 1048576\nsimultaneous = 64\n");
    let output = check(&site, &["--json"]);
    let is_found = String::from_utf8_lossy(&output.stdout).contains("hashes-exceed-memory");
    // Half of what those take: a host so large has room for them.
    assert_eq!(is_found, total / 2 < 64 * 1_048_576);
}

#[test]
fn a_leak_ends_badly() {
    let site = site("[password]\nmemory-kib = 8192\npasses = 1\n");
    assert!(found(&report(&site, 1)).contains(&("leak", "hashes-cheap")));
}

#[test]
fn names_that_the_host_does_not_know_are_found_and_it_is_true_what_is_said_of_them() {
    let rule =
        "[[rule]]\nusers = [\"no-such-user\"]\ngroups = [\"no-such-group\"]\ncode = \"exempt\"\n";
    let group = "[[rule]]\ngroups = [\"no-such-group\"]\ncode = \"exempt\"\n";
    let site = site(&format!("{rule}{group}"));
    site.enroll(site.user());
    let report = report(&site, 1);
    for expected in [
        ("lockout", "user-unknown"),
        ("lockout", "group-exempts-nobody"),
    ] {
        assert!(found(&report).contains(&expected), "{report}");
    }
    // It exempts nobody.
    site.log_in(PASSWORD, "").assert_refused("not-a-code");
    // Where it requires, it holds everybody: the exemption of all after it is for nobody.
    let all = "[[rule]]\nservices = [\"kapu-test\"]\ncode = \"exempt\"\n";
    configure(&site, all);
    site.log_in(PASSWORD, "").assert_accepted();
    configure(
        &site,
        &format!("{}{all}", group.replace("exempt", "required")),
    );
    assert!(found(&self::report(&site, 1)).contains(&("lockout", "group-holds-everybody")));
    site.log_in(PASSWORD, "").assert_refused("not-a-code");
}

#[test]
fn a_user_of_a_directory_is_to_be_written_as_the_directory_does() {
    let site = site(&format!(
        "{BY_KEY}[[rule]]\nusers = [\"ANNA\"]\ncode = \"exempt\"\n"
    ));
    site.directory(&[b"#!fold", b"anna:x:4242:4242::/nonexistent:/bin/sh"]);
    let report = report(&site, 1);
    let fix = &finding(&report, "user-otherwise-called")["fix"];
    assert_eq!(fix, "Write it so: anna");
    site.directory(&[b"#!error 5"]);
    let report = self::report(&site, 0);
    let skipped = &report["skipped"][0];
    assert_eq!(
        (&skipped["check"], &skipped["reason"]),
        (&"names".into(), &"no-answer".into())
    );
}

#[test]
fn nothing_is_changed_or_logged() {
    let site = site(FAULTY);
    site.enroll(site.user());
    let queue = site.path().join("queue");
    fs::remove_dir_all(&queue).expect("made by the enrollment");
    let state = || {
        let times = [site.store(), site.path().to_owned(), site.host_key()].map(|path| {
            let found = fs::metadata(path).expect("it is there");
            found.modified().expect("a time")
        });
        (site.documents(), times, site.program_log().len())
    };
    let before = state();
    check(&site, &[]);
    assert!(before == state() && !queue.exists());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let site = site(BY_KEY);
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut command = site.kapu_command(&["check"]);
    let output = command.stdout(writer).output().expect("kapu runs");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(1), 0));
}

#[test]
fn every_finding_is_documented() {
    let rows = TOPICS
        .lines()
        .filter_map(|line| line.trim().strip_suffix(" =>"));
    let mut count = 0;
    for row in rows {
        let id = row.chars().fold(String::new(), |id, letter| match letter {
            'A'..='Z' if !id.is_empty() => format!("{id}-{}", letter.to_ascii_lowercase()),
            _ => format!("{id}{}", letter.to_ascii_lowercase()),
        });
        assert!(
            DOCUMENTED.contains(&format!("| `{id}` |")),
            "docs/check.md lacks {id}"
        );
        count += 1;
    }
    let lines = DOCUMENTED
        .lines()
        .filter(|line| line.starts_with("| `"))
        .count();
    assert_eq!(
        count, lines,
        "docs/check.md has a finding that there is not"
    );
}

#[test]
#[ignore = "only root can run it as somebody else"]
fn who_does_not_own_the_store_sees_the_configuration_and_is_told_what_was_skipped() {
    let site = site(FAULTY);
    // Others must be able to go down to the site: the tests' directory may be root's alone.
    for directory in site.path().ancestors().take(2) {
        let mode = fs::metadata(directory)
            .expect("it is there")
            .permissions()
            .mode();
        let open = fs::Permissions::from_mode(mode | LISTABLE);
        fs::set_permissions(directory, open).expect("its mode");
    }
    let open = fs::Permissions::from_mode(0o644);
    fs::set_permissions(site.configuration(), open).expect("its mode");
    let run = |arguments: &[&str]| {
        let mut command = site.kapu_command(arguments);
        let command = command.uid(UID_OF_SOMEBODY_ELSE).gid(UID_OF_SOMEBODY_ELSE);
        command.output().expect("kapu runs")
    };
    let text = String::from_utf8(run(&["check"]).stdout).expect("text");
    assert!(text.starts_with("config ok\n"), "{text}");
    let skipped =
        "Skipped: store, host key, queue, records, accounts of the host. Run as root for these.\n";
    assert!(text.ends_with(skipped), "{text}");
    let output = run(&["check", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(report["skipped"].as_array().map(Vec::len), Some(5));
    assert!(found(&report).contains(&("danger", "exempts-everybody")));
    // What a login of root's makes of it is what counts.
    chown(site.configuration(), Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
    let output = run(&["check", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(found(&report), [("lockout", "config-unusable")]);
    // A file that is for root to read tells nothing.
    chown(site.configuration(), Some(0), None).expect("root takes it back");
    let closed = fs::Permissions::from_mode(0o600);
    fs::set_permissions(site.configuration(), closed).expect("its mode");
    let output = run(&["check"]);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("EACCES"));
}
