//! What is about the store as a whole: `kapu adopt`, `key`, `check`.

use clap::{Args, Subcommand, ValueHint};

/// `kapu adopt`
#[derive(Debug, Args)]
#[command(after_help = ADOPT_NOTE)]
pub(crate) struct Adopt {
    /// The account.
    #[arg(
        value_hint = ValueHint::Username,
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) user: Option<String>,

    /// Everybody in the store.
    #[arg(long)]
    pub(crate) all: bool,
}

const ADOPT_NOTE: &str = "\
A document from a backup does not know which codes were used since. So every code up to the one
shown now is spent, and so are all recovery codes. Password, devices, revocation code and status
are those of the backup: look at them with kapu status.

Examples:
  kapu adopt anna
  kapu adopt --all";

/// `kapu key`
#[derive(Debug, Args)]
#[command(after_help = KEY_NOTE)]
pub(crate) struct Key {
    /// What to do with the key there is.
    #[command(subcommand)]
    pub(crate) action: Option<KeyAction>,
}

/// `kapu key ...`
#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum KeyAction {
    /// Make a new key and seal everything with it.
    #[command(after_help = ROTATE_NOTE)]
    Rotate,
}

const KEY_NOTE: &str = "\
The host key seals all that is stored. It is made once, and never while an account exists:
where it is lost, take it from the backup. Without it nobody can log in.

Examples:
  kapu key
  kapu key rotate     somebody may have seen the key";

const ROTATE_NOTE: &str = "\
Logins go on meanwhile. Where it is interrupted, everything still opens: run it again.
A backup from before opens with the key of its time only: to use one, append its line to the
key file, and when all is well, kapu key rotate.";

/// `kapu check`
#[derive(Debug, Args)]
#[command(after_help = CHECK_NOTE)]
pub(crate) struct Check {
    /// Print the findings as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

const CHECK_NOTE: &str = "\
Looked at are the configuration, its rules and the names in them, the clock, the host key, the
store and the records in it. Nothing is changed. Not looked at yet: sshd and the PAM files.
Whoever does not own the store (root) sees the configuration alone, and is told what was skipped.

The gravest findings come first:
  DANGER    somebody gets in who should not
  LOCKOUT   somebody stays out who should get in
  LEAK      somebody learns what is none of their business
  NOTE      none of these, but worth a look

In JSON, gravity and id are words for scripts; what, why and fix are in the language of the locale.

Examples:
  kapu check
  kapu --config /root/new.toml check   before it takes the place of the other
  kapu check --json | jq -r '.findings[].id'

Exit status: 0 where nothing is found but notes, 1 for anything graver and for other trouble.";
