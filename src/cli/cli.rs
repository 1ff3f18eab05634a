//! The command line.

mod accounts;
mod devices;
mod set_up;
mod store;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};

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
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Everything but kapu check is for the owner of the store, which is root. Everybody else sets up a
device, and ends a lost one by the revocation code, within the login.

Examples:
  kapu enroll anna         set up an authenticator app for anna, beside you at this terminal
  kapu invite dora         ... or make a code by which dora does it over ssh
  kapu status anna         what is set up, and whether a login is possible
  kapu revoke anna         the phone is gone: end its codes now
  kapu list --unenrolled   who has still to be set up
  kapu check               is the configuration sound?

Exit status: 0 done, 1 refused or failed, 2 the command line makes no sense.
More: man kapu, man kapu.toml, man pam_kapu";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up an authenticator app: password, QR code, revocation code.
    Enroll(Enroll),
    /// Make an invitation, with which somebody sets up the account at the first login.
    Invite(Invite),
    /// Show what is set up for an account, and whether it can log in.
    Status(StatusOf),
    /// List the accounts: who is enrolled, and who is not.
    List(List),
    /// Choose a new kapu password: your own, or for an account.
    Passwd(Passwd),
    /// Make the next login choose a new kapu password.
    ExpirePassword(ExpirePassword),
    /// Set up one more device, list them, take one away, call one by another name.
    #[command(visible_alias = "device")]
    Token(Token),
    /// Make new recovery codes to print; the old ones are void.
    RecoveryCodes(PaperOf),
    /// Make a new revocation code; the old one is void.
    RevocationCode(PaperOf),
    /// Ask for a code again where it was enough to press Enter.
    ForgetPlaces(ForgetPlaces),
    /// Keep an account out until it is unlocked.
    Lock(Lock),
    /// End a lock, or a lock-out after wrong codes.
    Unlock(Unlock),
    /// End every device of an account: the phone is gone.
    Revoke(Revoke),
    /// Erase what is set up for an account.
    Remove(Remove),
    /// Make accounts safe that came back from a backup.
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
