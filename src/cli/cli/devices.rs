//! What is about devices and codes on paper: `kapu token`, `recovery-codes`, `revocation-code`,
//! `revoke`.

use clap::{Args, Subcommand, ValueHint};

use super::StatusOf;
use crate::script::token_name;

/// `kapu token`
#[derive(Debug, Args)]
pub(crate) struct Token {
    /// What to do.
    #[command(subcommand)]
    pub(crate) action: TokenAction,
}

/// `kapu token ...`
#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Set up one more device: password, a code of a present one, then the new one.
    #[command(after_help = ADD_NOTE)]
    Add(AddToken),
    /// Show the devices, as kapu status does.
    List(StatusOf),
    /// Take a device away. The last one stays: kapu revoke, or kapu enroll --replace.
    Remove(RemoveToken),
    /// Call a device by another name.
    Rename(RenameToken),
}

/// `kapu token add`
#[derive(Debug, Args)]
pub(crate) struct AddToken {
    /// What to call the new device, such as tablet.
    #[arg(value_parser = token_name)]
    pub(crate) name: String,

    /// Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones.
    #[arg(long)]
    pub(crate) hotp: bool,

    /// The account; without it, yours.
    #[arg(long, value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}

/// `kapu token remove`
#[derive(Debug, Args)]
pub(crate) struct RemoveToken {
    /// The device, as kapu status calls it.
    pub(crate) name: String,

    /// The account; without it, yours.
    #[arg(long, value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}

/// `kapu token rename`
#[derive(Debug, Args)]
pub(crate) struct RenameToken {
    /// The device, as kapu status calls it.
    pub(crate) name: String,

    /// Its new name.
    #[arg(value_parser = token_name)]
    pub(crate) new: String,

    /// The account; without it, yours.
    #[arg(long, value_name = "USER", value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}

const ADD_NOTE: &str = "\
Every device works, with codes of its own; revocation and recovery codes are those of the account.
Each one more makes a guessed code more likely to be right, and costs a guesser as much more.

Examples:
  kapu token add tablet
  kapu token add \"work phone\" --user anna";

/// `kapu recovery-codes`, `kapu revocation-code`
#[derive(Debug, Args)]
#[command(after_help = PAPER_NOTE)]
pub(crate) struct PaperOf {
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,
}

const PAPER_NOTE: &str = "\
Codes on paper are shown once and stored as hashes alone: print or write them down. A recovery
code stands in for a code of the app, once. The revocation code ends every device and lets a new
one be set up.

Examples:
  kapu recovery-codes anna | lp
  kapu revocation-code anna";

/// `kapu revoke`
#[derive(Debug, Args)]
#[command(after_help = REVOKE_NOTE)]
pub(crate) struct Revoke {
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,

    /// Without password and revocation code.
    #[arg(long)]
    pub(crate) force: bool,

    /// With --force: do not ask whether to go on.
    #[arg(long, requires = "force")]
    pub(crate) yes: bool,
}

const REVOKE_NOTE: &str = "\
Keep the revocation code: until a new device is set up, the password and this same
code are the way in. With --force an account that was set up with the password alone within the
last seven days loses that code too: whoever set it up has it. kapu invite opens it again.

Examples:
  kapu revoke
  kapu revoke anna --force
  kapu list --young            who was set up with the password alone";
