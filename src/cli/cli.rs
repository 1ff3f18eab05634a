//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::script::token_name;

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

Exit status: 0 done, 1 refused or failed, 2 the command line makes no sense.";

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set up an authenticator app: password, QR code, revocation code.
    Enroll(Enroll),
    /// Show what is set up for an account, and whether it can log in.
    Status(StatusOf),
    /// End a lock-out after wrong codes (for the owner of the store: root).
    Unlock(Unlock),
    /// End every authenticator of an account, with its revocation code.
    Revoke(Revoke),
    /// Make the host key of a new installation, or check the one there is.
    #[command(after_help = KEY_NOTE)]
    Key,
}

/// `kapu enroll`
#[derive(Debug, Args)]
#[command(after_help = ENROLL_EXAMPLES)]
pub(crate) struct Enroll {
    /// Whom; without it, yourself.
    pub(crate) user: Option<String>,

    /// Leave the password as it is.
    #[arg(long)]
    pub(crate) code_only: bool,

    /// What to call the new device [default: phone].
    #[arg(long, value_name = "NAME", value_parser = token_name)]
    pub(crate) token: Option<String>,

    /// The name under which the app shows this host.
    #[arg(long, value_name = "NAME", value_parser = token_name)]
    pub(crate) issuer: Option<String>,

    /// How to draw the QR code.
    #[arg(long, value_name = "HOW")]
    pub(crate) qr: Option<QrChoice>,

    /// End the devices there are once the new one is set up.
    #[arg(long)]
    pub(crate) replace: bool,

    /// Do nothing, and call it done, where the account is set up already.
    #[arg(long, conflicts_with = "replace")]
    pub(crate) if_absent: bool,

    /// Ask nothing: read a TOML document from FILE, or from standard input (-).
    #[arg(long, value_name = "FILE|-")]
    pub(crate) from: Option<PathBuf>,

    /// Print what was made as JSON.
    #[arg(long, requires = "from")]
    pub(crate) json: bool,
}

const ENROLL_EXAMPLES: &str = "\
For scripts, --from reads a document such as this. Only the password is a must, unless
--code-only keeps the one there is; without a secret a new one is made.
  password = \"correct horse battery\"
  secret = \"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP\"     base32
  token = \"phone\"
  algorithm = \"SHA1\"
  digits = 6
  period = 30

Examples:
  kapu enroll
  kapu enroll anna --replace                  anna has a new phone
  kapu enroll anna --from anna.toml --json    prints uri and revocation_code";

/// How to draw the QR code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QrChoice {
    /// As the locale allows.
    Auto,
    /// With half blocks.
    Utf8,
    /// With half blocks, light and dark exchanged.
    Inverse,
    /// With # only.
    Ascii,
    /// Not at all.
    None,
}

/// `kapu status`
#[derive(Debug, Args)]
#[command(after_help = STATUS_NOTE)]
pub(crate) struct StatusOf {
    /// Whose; without it, yours.
    pub(crate) user: Option<String>,

    /// Print the report as JSON; times are seconds since 1970.
    #[arg(long)]
    pub(crate) json: bool,
}

const STATUS_NOTE: &str = "Exit status: 0 where a login is possible, else 1.";

/// `kapu unlock`
#[derive(Debug, Args)]
#[command(after_help = UNLOCK_NOTE)]
pub(crate) struct Unlock {
    /// Whom.
    pub(crate) user: String,
}

const UNLOCK_NOTE: &str = "\
Waits end, the count of wrong codes starts anew, and devices that wrong codes switched off
work again. Look first who typed them: kapu status USER, and the log.";

const KEY_NOTE: &str = "\
The host key seals all that is stored. It is made once, and never while an account exists:
where it is lost, take it from the backup. Without it nobody can log in.";

/// `kapu revoke`
#[derive(Debug, Args)]
#[command(after_help = REVOKE_NOTE)]
pub(crate) struct Revoke {
    /// Whom; without it, yourself.
    pub(crate) user: Option<String>,

    /// Without password and revocation code (for the owner of the store: root).
    #[arg(long)]
    pub(crate) force: bool,

    /// Do not ask whether to go on.
    #[arg(long, requires = "force")]
    pub(crate) yes: bool,
}

const REVOKE_NOTE: &str = "\
Keep the revocation code: until a new device is set up, the password and this same
code are the way in.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
