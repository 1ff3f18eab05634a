//! What sets up an account: `kapu enroll`, `kapu invite`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use kapu_core::span;

use crate::script::token_name;

/// `kapu enroll`
#[derive(Debug, Args)]
#[command(after_help = ENROLL_EXAMPLES)]
pub(crate) struct Enroll {
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,

    /// Leave the password as it is.
    #[arg(long)]
    pub(crate) code_only: bool,

    /// What to call the new device [default: phone].
    #[arg(long, value_name = "NAME", value_parser = token_name)]
    pub(crate) token: Option<String>,

    /// Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones.
    #[arg(long, conflicts_with = "from")]
    pub(crate) hotp: bool,

    /// The name under which the app shows this host [default: [site] issuer].
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
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) from: Option<PathBuf>,

    /// With --from: print what was made as JSON.
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
  scratch-codes = [\"12345678\"]                   from google-authenticator, each good once
A counter-based device has no period, but
  type = \"hotp\"
  counter = 0                                    of the next code it shows

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

/// `kapu invite`
#[derive(Debug, Args)]
#[command(after_help = INVITE_NOTE)]
pub(crate) struct Invite {
    /// The account.
    #[arg(
        value_hint = ValueHint::Username,
        required_unless_present = "all_unenrolled",
        conflicts_with = "all_unenrolled"
    )]
    pub(crate) user: Option<String>,

    /// How long it is good: so many hours (12h) or days (5d), 30d at most [default: 5d, or
    /// [enroll] invitation-valid].
    #[arg(long, value_name = "TIME", value_parser = validity)]
    pub(crate) valid: Option<Duration>,

    /// Also where devices are set up: they end when the invitation is used.
    #[arg(long, conflicts_with_all = ["cancel", "all_unenrolled"])]
    pub(crate) replace: bool,

    /// Withdraw the invitation.
    #[arg(long, conflicts_with_all = ["valid", "all_unenrolled"])]
    pub(crate) cancel: bool,

    /// With --csv: everybody who has still to set up a device, and has no invitation that is good.
    #[arg(long, requires = "csv")]
    pub(crate) all_unenrolled: bool,

    /// With --all-unenrolled: print lines of user, invitation, and until when (seconds since 1970).
    #[arg(long, requires = "all_unenrolled")]
    pub(crate) csv: bool,
}

const INVITE_NOTE: &str = "\
The invitation is typed in place of the password, and Enter in place of the code. It opens the
dialog in which a password (where kapu keeps one) is chosen and an app is set up, and dies when
that is finished. It is shown once: whoever sees it can use it.

Examples:
  kapu invite dora
  kapu invite dora --valid 12h
  kapu invite dora --replace          she lost phone and paper
  kapu invite dora --cancel
  kapu invite --all-unenrolled --csv >letters.csv";

/// Longest time for which an invitation may be good.
const LONGEST_VALID: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Reads 12h or 5d.
fn validity(text: &str) -> Result<Duration, String> {
    let valid = span::parse(text, LONGEST_VALID);
    valid.ok_or_else(|| "expected hours or days up to 30d, such as 12h or 5d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_good_for_hours_or_days_up_to_thirty() {
        assert_eq!(validity("12h"), Ok(Duration::from_secs(43_200)));
        assert_eq!(validity("30d"), Ok(LONGEST_VALID));
        assert!(validity("31d").is_err());
    }
}
