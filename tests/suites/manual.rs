//! The manual pages: what the tools that read them say of them, that the module takes the arguments
//! which pam_kapu(8) has, and that a terminal shows what they show of one.

use std::path::Path;
use std::process::{Command, Output};

use kapu_tests::{PASSWORD, Scratch, Site};

const MODULE: &str = include_str!("../../man/pam_kapu.8");
const PROGRAM: &str = include_str!("../../man/kapu.1");
const HUNGARIAN: &str = include_str!("../../man/hu/kapu.1");
const CONFIGURATION: &str = include_str!("../../man/kapu.toml.5");
const STORIES: &str = include_str!("../../docs/stories.md");

/// Every page, as it is called below `man`.
const PAGES: [(&str, &str); 4] = [
    ("pam_kapu.8", MODULE),
    ("kapu.1", PROGRAM),
    ("hu/kapu.1", HUNGARIAN),
    ("kapu.toml.5", CONFIGURATION),
];
/// Where a minimal Ubuntu keeps man(1); in its place stands a script that prints a remark.
const DIVERTED: &str = "/usr/bin/man.REAL";

fn run(command: &mut Command) -> Output {
    command.output().expect("mandoc and man-db are installed")
}

/// A page in a file of its own, given to a command as its last argument.
fn of_page(name: &str, text: &str, command: &mut Command) -> Output {
    let scratch = Scratch::new();
    run(command.arg(scratch.write(name, 0o600, text)))
}

#[track_caller]
fn assert_silent(output: &Output, name: &str) {
    let said = [&output.stdout[..], &output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && said.is_empty(), "{name}: {said}");
}

#[test]
fn mandoc_has_nothing_to_say_of_the_pages() {
    for (name, text) in PAGES {
        let mut lint = Command::new("mandoc");
        assert_silent(
            &of_page(name, text, lint.args(["-Tlint", "-W", "warning"])),
            name,
        );
    }
}

#[test]
fn man_formats_the_pages_without_a_warning() {
    let man = if Path::new(DIVERTED).exists() {
        DIVERTED
    } else {
        "man"
    };
    for (name, text) in PAGES {
        // As lintian does.
        let mut command = Command::new(man);
        command.args(["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"]);
        let environment = [
            ("LC_ALL", "C.UTF-8"),
            ("MANROFFSEQ", ""),
            ("MANWIDTH", "80"),
        ];
        let mut output = of_page(name, text, command.envs(environment));
        let page = std::mem::take(&mut output.stdout);
        assert_silent(&output, name);
        let page = String::from_utf8_lossy(&page);
        assert!(page.matches('\n').count() > 1000, "{name}: {page}");
    }
}

#[test]
fn apropos_finds_the_pages_by_name_and_purpose() {
    for (name, text) in PAGES {
        let output = of_page(name, text, &mut Command::new("lexgrog"));
        let said = String::from_utf8_lossy(&output.stdout);
        let (stem, _) = name.rsplit_once('.').expect("a section");
        let begin = format!(": \"{} - ", stem.trim_start_matches("hu/"));
        assert!(output.status.success() && said.contains(&begin), "{said}");
    }
}

/// A line of mdoc(7) or man(7) without its escapes.
fn plain(line: &str) -> String {
    line.replace("\\-", "-")
}

/// The arguments of the module, as its manual has them.
fn documented() -> Vec<String> {
    let part = MODULE
        .split("\n.Sh ")
        .find(|part| part.starts_with("ARGUMENTS\n"));
    let lines = part.expect("a section ARGUMENTS").lines();
    let items = lines.filter_map(|line| line.strip_prefix(".It Cm "));
    items
        .map(|item| plain(item).replace(" Ns Ar ", ""))
        .collect()
}

/// Logs in with one more argument of the module; the log says what became of it.
fn with_argument(site: &Site, argument: &str) -> (Option<String>, String) {
    let rule = format!("auth required {}", site.module_with(argument));
    site.service("argued", &[&rule]);
    let attempt = site.attempt().service("argued");
    let outcome = attempt.answers([PASSWORD, "not a code"]).run();
    let value = |key| outcome.decision().value(key).map(str::to_owned);
    let detail = value("detail").unwrap_or_default();
    (
        value("reason"),
        detail.replace("\\x20", " ").replace('"', ""),
    )
}

#[test]
fn the_module_takes_the_arguments_of_its_manual_and_no_other() {
    let site = Site::enrolled();
    let (reason, detail) = with_argument(&site, "no_such_argument");
    assert_eq!(reason.as_deref(), Some("arguments"));
    let (_, known) = detail.split_once("there are ").expect("a list");
    let mut known: Vec<&str> = known.split(", ").collect();
    let mut documented = documented();
    for argument in &documented {
        // Every rule of a site has one already.
        if argument == "config=FILE" {
            continue;
        }
        let (reason, detail) = with_argument(&site, &argument.replace("MODE", "own"));
        assert_ne!(reason.as_deref(), Some("arguments"), "{argument}: {detail}");
    }
    known.sort_unstable();
    documented.sort_unstable();
    assert_eq!(documented, known);
}

/// What a page shows of terminals: of mdoc(7) and of man(7).
fn displays(page: &str) -> Vec<String> {
    let displays = |begin, end| {
        let parts = page.split(begin).skip(1);
        parts.map(move |part: &str| plain(part.split(end).next().unwrap_or_default()))
    };
    let mdoc = displays("\n.Bd -literal -offset indent\n", "\n.Ed");
    mdoc.chain(displays("\n.nf\n", "\n.fi")).collect()
}

/// What a page shows of the terminal in which this was typed.
fn shown(page: &str, typed: &str) -> String {
    let begin = format!("{typed}\n");
    let mut displays = displays(page).into_iter();
    displays
        .find(|display| display.starts_with(&begin))
        .expect("a display")
}

#[test]
fn what_the_manual_shows_of_an_invitation_and_a_login_is_a_story() {
    for typed in ["# kapu invite anna", "$ ssh anna@server1"] {
        let shown = shown(PROGRAM, typed);
        assert!(STORIES.contains(&shown), "{shown}");
    }
}

/// The headline behind the name of the site, and what the rows are called.
fn frame(page: &str) -> Vec<String> {
    let headline = page
        .lines()
        .find_map(|line| line.split_once(": "))
        .expect("a headline")
        .1;
    let rows = page.lines().filter_map(|line| line.strip_prefix("  "));
    let labels = rows
        .filter_map(|row| row.split_once("  "))
        .map(|(label, _)| label);
    std::iter::once(headline)
        .chain(labels)
        .map(str::to_owned)
        .collect()
}

#[test]
fn what_the_manuals_show_of_an_account_has_the_form_of_kapu_status() {
    let site = Site::enrolled();
    for (page, locale) in [(PROGRAM, "en_US.UTF-8"), (HUNGARIAN, "hu_HU.UTF-8")] {
        let mut command = site.kapu_command(&["status", site.user()]);
        let output = run(command.env("LC_ALL", locale));
        let found = String::from_utf8(output.stdout).expect("UTF-8");
        assert_eq!(frame(&shown(page, "# kapu status anna")), frame(&found));
    }
}
