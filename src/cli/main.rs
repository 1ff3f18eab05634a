//! `kapu`: set up, inspect and revoke the authenticators that pam_kapu.so asks for.

mod adopt;
mod check;
mod cli;
#[cfg(test)]
mod completions;
mod context;
mod enroll;
mod expire_password;
mod failure;
mod forget_places;
mod host_key;
mod invite;
mod key;
mod list;
mod locale;
mod lock;
#[cfg(test)]
mod manual;
mod output;
mod paper;
mod passwd;
mod program_log;
mod remove;
mod revoke;
mod screen;
mod script;
mod script_file;
mod signals;
mod status;
mod table;
mod terminal;
mod token;
mod unlock;
mod world;

use std::process::ExitCode;

use clap::Parser;
use kapu_core::config::Config;
use nix::sys::resource::{Resource, setrlimit};

use cli::{Cli, Command};
use context::Context;
use failure::Failure;

fn main() -> ExitCode {
    let cli = Cli::parse();
    // Passwords and keys pass through here: they must not end in a core dump. Best effort.
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn run(cli: &Cli) -> Result<(), Failure> {
    let path = cli.config.as_deref();
    let context = match (Context::load(path), &cli.command) {
        // It tells itself why the configuration cannot be loaded.
        (Err(_), Command::Check(_)) => Context::of(Config::default()),
        (loaded, _) => loaded?,
    };
    match &cli.command {
        Command::Enroll(options) => enroll::run(&context, options),
        Command::Invite(options) => invite::run(&context, options),
        Command::Status(options) => status::run(&context, options),
        Command::List(options) => list::run(&context, options),
        Command::Passwd(options) => passwd::run(&context, options),
        Command::ExpirePassword(options) => expire_password::run(&context, options),
        Command::Token(options) => token::run(&context, options),
        Command::RecoveryCodes(options) => paper::run(&context, options, paper::Kind::Recovery),
        Command::RevocationCode(options) => paper::run(&context, options, paper::Kind::Revocation),
        Command::ForgetPlaces(options) => forget_places::run(&context, options),
        Command::Lock(options) => lock::run(&context, options),
        Command::Unlock(options) => unlock::run(&context, options),
        Command::Revoke(options) => revoke::run(&context, options),
        Command::Remove(options) => remove::run(&context, options),
        Command::Adopt(options) => adopt::run(&context, options),
        Command::Key(options) => key::run(&context, options),
        Command::Check(options) => check::run(&context, path, options),
    }
}
