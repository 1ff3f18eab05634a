//! The command line.

mod accounts;
mod devices;
mod set_up;
mod store;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::accounts::{
    ExpirePassword, ForgetPlaces, List, Lock, Passwd, Remove, StatusOf, Unlock,
};
pub(crate) use self::devices::{
    AddToken, PaperOf, RemoveToken, RenameToken, Revoke, Token, TokenAction,
};
pub(crate) use self::set_up::{Enroll, Invite, QrChoice};
pub(crate) use self::store::{Adopt, Check, Key, KeyAction};

/// Set up, inspect and revoke the authenticators that pam_kapu.so asks for.
#[derive(Debug, Parser)]
#[command(name = "kapu", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// The configuration file [default: /etc/kapu/kapu.toml].
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  kapu enroll              set up an authenticator app for yourself
  kapu enroll anna         ... for anna, at your terminal (as root)
  kapu status              what is set up, and whether a login is possible
  kapu revoke              the phone is gone: end its codes now
  kapu list --unenrolled   who has still to be set up (as root)
  kapu check               is the configuration sound? (as root)

Exit status: 0 done, 1 refused or failed, 2 the command line makes no sense.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up an authenticator app: password, QR code, revocation code.
    Enroll(Enroll),
    /// Make an invitation, with which somebody sets up the account at the first login (for the
    /// owner of the store: root).
    Invite(Invite),
    /// Show what is set up for an account, and whether it can log in.
    Status(StatusOf),
    /// List the accounts: who is enrolled, and who is not (for the owner of the store: root).
    List(List),
    /// Choose a new kapu password: your own, or for an account (for the owner of the store: root).
    Passwd(Passwd),
    /// Make the next login choose a new kapu password (for the owner of the store: root).
    ExpirePassword(ExpirePassword),
    /// Set up one more device, list them, take one away, call one by another name (for the owner of
    /// the store: root).
    #[command(visible_alias = "device")]
    Token(Token),
    /// Make new recovery codes to print; the old ones are void (for the owner of the store: root).
    RecoveryCodes(PaperOf),
    /// Make a new revocation code; the old one is void (for the owner of the store: root).
    RevocationCode(PaperOf),
    /// Ask for a code again where it was enough to press Enter (for the owner of the store: root).
    ForgetPlaces(ForgetPlaces),
    /// Keep an account out until it is unlocked (for the owner of the store: root).
    Lock(Lock),
    /// End a lock, or a lock-out after wrong codes (for the owner of the store: root).
    Unlock(Unlock),
    /// End every authenticator of an account, with its revocation code.
    Revoke(Revoke),
    /// Erase what is set up for an account (for the owner of the store: root).
    Remove(Remove),
    /// Make accounts safe that came back from a backup (for the owner of the store: root).
    Adopt(Adopt),
    /// Make the host key of a new installation, or check the one there is.
    Key(Key),
    /// Look for what lets somebody in who should not, keeps somebody out, or does nothing.
    Check(Check),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
