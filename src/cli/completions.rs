//! `conf/completions`: what the shells complete, made from the command line as `cli.rs` has it.
//!
//! `KAPU_BLESS=1 cargo test -p kapu completions` writes them anew.

use std::fs;
use std::path::Path;

use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::{Shell, generate};

use crate::cli::Cli;

const HOW: &str = "if it is meant, KAPU_BLESS=1 cargo test -p kapu completions";

/// What `shell` is to be told.
fn made_for(shell: Shell) -> String {
    let mut made = Vec::new();
    generate(shell, &mut Cli::command(), "kapu", &mut made);
    let mut made = String::from_utf8(made).unwrap();
    // The generator completes names of users everywhere for zsh alone.
    match shell {
        Shell::Bash => bash_users(&Cli::command(), "kapu", &mut made),
        Shell::Fish => fish_users(&Cli::command(), &[], &mut made),
        _ => {}
    }
    made
}

fn is_user(arg: &&Arg) -> bool {
    arg.get_value_hint() == ValueHint::Username
}

/// In the part that `label` marks: names of users behind the options where an argument is one, and
/// in place of names of files behind an option that takes one.
fn bash_users(command: &Command, label: &str, script: &mut String) {
    if command.get_arguments().any(|arg| is_user(&arg)) {
        let begin = format!("\n        {label})\n            opts=\"");
        let (before, after) = script.split_once(&begin).unwrap();
        let (part, rest) = after.split_once("\n            ;;\n").unwrap();
        let mut part = part.to_owned();
        for arg in command.get_arguments().filter(is_user) {
            part = match arg.get_long() {
                None => part.replacen('"', " $(compgen -u)\"", 1),
                Some(long) => {
                    let files = |action| format!("--{long})\n{:20}COMPREPLY=($({action} ", "");
                    assert!(part.contains(&files("compgen -f")));
                    part.replace(&files("compgen -f"), &files("compgen -u"))
                }
            };
        }
        *script = format!("{before}{begin}{part}\n            ;;\n{rest}");
    }
    for inner in command.get_subcommands() {
        let name = inner.get_name().replace('-', "__subcmd__");
        bash_users(inner, &format!("{label}__subcmd__{name}"), script);
    }
}

/// A line more for each command where an argument is a user; of options the generator knows.
fn fish_users(command: &Command, path: &[&str], script: &mut String) {
    if command.get_positionals().any(|arg| is_user(&arg)) {
        let mut seen = String::new();
        for (depth, name) in path.iter().enumerate() {
            seen += match depth {
                0 => "__fish_kapu_using_subcommand ",
                _ => "; and __fish_seen_subcommand_from ",
            };
            seen += name;
        }
        *script += &format!("complete -c kapu -n \"{seen}\" -f -a \"(__fish_complete_users)\"\n");
    }
    for inner in command.get_subcommands() {
        for name in std::iter::once(inner.get_name()).chain(inner.get_visible_aliases()) {
            fish_users(inner, &[path, &[name]].concat(), script);
        }
    }
}

fn compare(shell: Shell, file: &str) {
    let completions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conf/completions");
    let path = completions.join(file);
    let made = made_for(shell);
    if std::env::var_os("KAPU_BLESS").is_some_and(|bless| !bless.is_empty()) {
        fs::write(&path, &made).unwrap();
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|there| there == made),
        "{file} is not what the command line makes of it now: {HOW}"
    );
}

#[test]
fn the_completions_are_those_of_the_command_line() {
    for (shell, file) in [
        (Shell::Bash, "kapu.bash"),
        (Shell::Zsh, "_kapu"),
        (Shell::Fish, "kapu.fish"),
    ] {
        compare(shell, file);
    }
}
