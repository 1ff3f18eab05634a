//! `man/kapu.1` and its Hungarian twin name what the command line has, and nothing else. So do the
//! other pages, where they speak of `kapu`.

use std::collections::BTreeSet;

use clap::{Arg, Command, CommandFactory};

use crate::cli::Cli;

/// The pages of this program, and what the sections of its options and commands are called.
const ENGLISH: Page = Page {
    text: include_str!("../../man/kapu.1"),
    options: ".Sh OPTIONS",
    commands: ".Sh COMMANDS",
};
const HUNGARIAN: Page = Page {
    text: include_str!("../../man/hu/kapu.1"),
    options: ".SH KAPCSOLÓK",
    commands: ".SH PARANCSOK",
};
const OTHERS: [&str; 2] = [
    include_str!("../../man/pam_kapu.8"),
    include_str!("../../man/kapu.toml.5"),
];

struct Page {
    text: &'static str,
    options: &'static str,
    commands: &'static str,
}

impl Page {
    /// The lines of a section.
    fn section(&self, heading: &str) -> Vec<&'static str> {
        let begin = self.text.lines().skip_while(|line| *line != heading);
        let is_next = |line: &&str| line.starts_with(".Sh ") || line.starts_with(".SH ");
        let lines: Vec<_> = begin.skip(1).take_while(|line| !is_next(line)).collect();
        assert!(!lines.is_empty(), "no section {heading}");
        lines
    }

    /// Each command by its heading, and the lines that speak of it.
    fn commands(&self) -> Vec<(String, Vec<&'static str>)> {
        let mut commands: Vec<(String, Vec<_>)> = Vec::new();
        for line in self.section(self.commands) {
            if let Some(name) = line.strip_prefix(".Ss ").or(line.strip_prefix(".SS ")) {
                commands.push((plain(name).replace('"', ""), Vec::new()));
            } else if let Some((_, lines)) = commands.last_mut() {
                lines.push(line);
            }
        }
        commands
    }
}

/// A line as it is read: without macros and fonts. Of mdoc(7), `Fl` stands for a hyphen and `Nm` for
/// the program.
fn plain(line: &str) -> String {
    let mut line = line.replace("\\-", "-").replace("\\&", "");
    for font in ["\\fB", "\\fI", "\\fR"] {
        line = line.replace(font, "");
    }
    let Some(macros) = line.strip_prefix('.') else {
        return line;
    };
    let mut words: Vec<String> = Vec::new();
    let mut hyphen = "";
    for word in macros.split(' ') {
        match word.as_bytes() {
            b"Fl" => hyphen = "-",
            b"Nm" => words.push("kapu".to_owned()),
            [b'A'..=b'Z', b'a'..=b'z'] => {}
            _ => words.push(std::mem::take(&mut hyphen).to_owned() + word),
        }
    }
    words
        .join(" ")
        .replace("kapu kapu", "kapu")
        .replace(" ,", ",")
}

/// What the items of these lines are called, where they are options: `--token NAME`.
fn tags(lines: &[&str]) -> Vec<String> {
    let mut tags = Vec::new();
    let mut above = "";
    for line in lines {
        if line.starts_with(".It Fl") || (above == ".TP" && line.starts_with("\\fB\\-")) {
            tags.push(plain(line));
        }
        above = line;
    }
    tags
}

/// What the manual calls an option: `--token NAME`.
fn tag(arg: &Arg) -> String {
    let long = arg.get_long().unwrap();
    let value = value_names(arg).join(" ");
    format!("--{long} {value}").trim_end().to_owned()
}

/// What it calls its value, where it takes one.
fn value_names(arg: &Arg) -> Vec<&str> {
    let takes_one = arg.is_positional() || arg.get_action().takes_values();
    let names = arg.get_value_names().filter(|_| takes_one);
    let names = names.unwrap_or_default();
    names.iter().map(|name| name.as_str()).collect()
}

/// Every command, by its name behind those of the commands that it is under.
fn tree() -> Vec<(String, Command)> {
    fn walk(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            found.push((path.trim_start().to_owned(), inner.clone()));
            walk(inner, &path, found);
        }
    }
    let mut found = Vec::new();
    walk(&Cli::command(), "", &mut found);
    // clap adds it by itself.
    found.push(("help".to_owned(), Command::new("help")));
    found
}

/// The options of a command, without those that every command has.
fn own_options(command: &Command) -> Vec<String> {
    let options = command
        .get_arguments()
        .filter(|arg| arg.get_long().is_some());
    options
        .filter(|arg| !arg.is_global_set())
        .map(tag)
        .collect()
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

#[test]
fn each_command_has_its_part_with_its_options_values_and_other_names() {
    for page in [ENGLISH, HUNGARIAN] {
        let parts = page.commands();
        let headings: Vec<&str> = parts.iter().map(|(heading, _)| heading.as_str()).collect();
        let tree = tree();
        let names: Vec<&str> = tree.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(headings, names, "in the order of kapu --help");
        for ((name, command), (_, lines)) in tree.iter().zip(&parts) {
            assert_eq!(
                sorted(tags(lines)),
                sorted(own_options(command)),
                "kapu {name}"
            );
            let text: Vec<String> = lines.iter().map(|line| plain(line)).collect();
            let usage = text.first().unwrap();
            assert!(usage.starts_with(&format!("kapu {name}")), "{usage}");
            let text = text.join(" ");
            for alias in command.get_visible_aliases() {
                assert!(text.contains(&format!("kapu {alias}")), "{alias}");
            }
            let words: BTreeSet<&str> = text
                .split(|letter: char| " ().,[]:".contains(letter))
                .collect();
            for arg in command.get_arguments() {
                let names = value_names(arg);
                let values = arg.get_possible_values();
                // A flag has some, too.
                let values = values.iter().filter(|_| !names.is_empty());
                let values = values.map(|value| value.get_name());
                for word in names.iter().copied().chain(values) {
                    assert!(words.contains(word), "kapu {name}: {word}");
                }
            }
        }
    }
}

#[test]
fn the_options_of_every_command_have_a_part_of_their_own() {
    let config = Cli::command().get_arguments().map(tag).collect::<Vec<_>>();
    let expected = [
        &config[..],
        &["-h, --help".to_owned(), "-V, --version".to_owned()],
    ]
    .concat();
    for page in [ENGLISH, HUNGARIAN] {
        assert_eq!(tags(&page.section(page.options)), expected);
    }
}

/// What follows `begin` in `text`, as far as it consists of small letters and hyphens.
fn words_behind<'t>(text: &'t str, begin: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(begin).map(|(at, _)| {
        let rest = &text[at + begin.len()..];
        let end = rest.find(|letter: char| !matches!(letter, 'a'..='z' | '-'));
        &rest[..end.unwrap_or(rest.len())]
    })
}

/// Options of other programs that the help names.
const FOREIGN: [&str; 1] = ["expiredate"];

#[test]
fn no_page_and_no_help_names_an_option_or_a_command_that_there_is_not() {
    let tree = tree();
    let top = Cli::command();
    let commands: Vec<&Command> = tree.iter().map(|(_, command)| command).collect();
    let commands = [&commands[..], &[&top]].concat();
    let mut options = BTreeSet::from(["help", "version"]);
    options.extend(FOREIGN);
    for command in &commands {
        options.extend(command.get_arguments().filter_map(Arg::get_long));
    }
    let mut names = BTreeSet::from(["help"]);
    for command in top.get_subcommands() {
        names.insert(command.get_name());
        names.extend(command.get_visible_aliases());
    }
    let pages = [ENGLISH.text, HUNGARIAN.text].into_iter().chain(OTHERS);
    let help = |command: &Command| command.clone().render_long_help().to_string();
    let texts = pages
        .map(str::to_owned)
        .chain(commands.into_iter().map(help));
    for text in texts {
        let lines: Vec<String> = text.lines().map(plain).collect();
        for option in lines.iter().flat_map(|line| words_behind(line, "--")) {
            assert!(options.contains(option), "--{option}");
        }
        // Commands as mdoc(7) and man(7) mark them, as somebody types them, and in the help.
        let marks = [
            "Nm Cm ",
            "Nm kapu Cm ",
            "\\fBkapu ",
            "\n# kapu ",
            "\n$ kapu ",
            "\n  kapu ",
        ];
        let source = text.replace("\\-", "-");
        for name in marks.iter().flat_map(|mark| words_behind(&source, mark)) {
            // An option stands before the command.
            let is_command = !name.starts_with('-');
            assert!(!is_command || names.contains(name), "kapu {name}");
        }
    }
}
