//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use kapu_core::span;

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

    /// Counter-based codes (HOTP), as of a key fob with a button, in place of time-based ones.
    #[arg(long, conflicts_with = "from")]
    pub(crate) hotp: bool,

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
    /// Whom.
    #[arg(
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

    /// Everybody who has still to set up a device, and has no invitation that is good.
    #[arg(long, requires = "csv")]
    pub(crate) all_unenrolled: bool,

    /// Print lines of user, invitation, and until when (seconds since 1970).
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

    /// Only bring to the present what lies in the future, after a clock that ran ahead was set
    /// back.
    #[arg(long)]
    pub(crate) clock: bool,
}

const UNLOCK_NOTE: &str = "\
Waits end, the count of wrong codes starts anew, and devices that wrong codes switched off
work again. Look first who typed them: kapu status USER, and the log.

With --clock nothing else is unlocked. No code that was used until now works again; one that
was used while the clock ran ahead could once more, when its time comes.

Examples:
  kapu unlock anna
  kapu unlock anna --clock     the host's clock was an hour ahead, and is right now";

/// `kapu list`
#[derive(Debug, Args)]
#[command(after_help = LIST_NOTE)]
pub(crate) struct List {
    /// Only those who have still to set up a device.
    #[arg(long, conflicts_with = "young")]
    pub(crate) unenrolled: bool,

    /// Only those whose first device was set up with the password alone within the last seven days:
    /// ask them whether it was they.
    #[arg(long)]
    pub(crate) young: bool,

    /// Print the list as JSON; times are seconds since 1970.
    #[arg(long)]
    pub(crate) json: bool,
}

const LIST_NOTE: &str = "\
Listed is everybody who is set up here, and everybody who could log in: a shell of /etc/shells
and a uid for people by /etc/login.defs. A directory service (LDAP) may not list its accounts.

Examples:
  kapu list
  kapu list --unenrolled --json | jq -r '.[].user'

Exit status: 0, or 1 where the document of an account cannot be read.";

/// `kapu passwd`
#[derive(Debug, Args)]
#[command(after_help = PASSWD_NOTE)]
pub(crate) struct Passwd {
    /// Whose; without it, yours.
    pub(crate) user: Option<String>,

    /// Ask nothing: read password = \"...\" from FILE, or from standard input (-).
    #[arg(long, value_name = "FILE|-")]
    pub(crate) from: Option<PathBuf>,
}

/// `kapu expire-password`
#[derive(Debug, Args)]
#[command(after_help = EXPIRE_NOTE)]
pub(crate) struct ExpirePassword {
    /// Whose.
    pub(crate) user: String,
}

const EXPIRE_NOTE: &str = "\
The service must have pam_kapu.so in its account and password rules too:
  account  required  pam_kapu.so
  password required  pam_kapu.so
Then whoever logs in with password and code is asked for a new password before anything else. Logins
by other means, such as an ssh key, cron or sudo without a password, are not asked.

Example:
  kapu expire-password anna";

const PASSWD_NOTE: &str = "\
Your own password is changed with the present one and a code; root is asked for neither.
Devices and codes stay as they are, and the count of wrong codes starts anew. Devices that are
switched off stay that: kapu unlock. An account without a password gets its first one. Where the
password is the system's ([login] password), this is refused: passwd(1) changes that.

Examples:
  kapu passwd anna
  kapu passwd anna --from anna.toml";

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

    /// Whose; without it, yours.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

/// `kapu token remove`
#[derive(Debug, Args)]
pub(crate) struct RemoveToken {
    /// Which.
    pub(crate) name: String,

    /// Whose; without it, yours.
    #[arg(long, value_name = "USER")]
    pub(crate) user: Option<String>,
}

/// `kapu token rename`
#[derive(Debug, Args)]
pub(crate) struct RenameToken {
    /// Which.
    pub(crate) name: String,

    /// What to call it.
    #[arg(value_parser = token_name)]
    pub(crate) new: String,

    /// Whose; without it, yours.
    #[arg(long, value_name = "USER")]
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
    /// Whose; without it, yours.
    pub(crate) user: Option<String>,
}

const PAPER_NOTE: &str = "\
They are shown once and stored as hashes alone: print or write them down. A recovery code stands in
for a code of the app, once. The revocation code ends every device and lets a new one be set up.

Examples:
  kapu recovery-codes anna | lp
  kapu revocation-code anna";

/// `kapu forget-places`
#[derive(Debug, Args)]
#[command(after_help = FORGET_PLACES_NOTE)]
pub(crate) struct ForgetPlaces {
    /// Whose; without it, yours.
    pub(crate) user: Option<String>,
}

const FORGET_PLACES_NOTE: &str = "\
With [login] remember-place-for a login with a code makes Enter enough at its place for a while.
kapu status tells the places. Sessions that are open go on.

Examples:
  kapu forget-places anna";

/// `kapu lock`
#[derive(Debug, Args)]
#[command(after_help = LOCK_NOTE)]
pub(crate) struct Lock {
    /// Whom.
    pub(crate) user: String,
}

const LOCK_NOTE: &str = "\
Password, codes and codes on paper are refused until kapu unlock. Sessions that are open go on,
and a login that asks kapu nothing, such as by an ssh key alone, is not kept out: to lock the
whole account, usermod --expiredate 1 USER.

Examples:
  kapu lock anna
  kapu unlock anna";

/// `kapu remove`
#[derive(Debug, Args)]
#[command(after_help = REMOVE_NOTE)]
pub(crate) struct Remove {
    /// Whom; an account that the host knows no more, too.
    pub(crate) user: String,

    /// Erase the tombstone as well.
    #[arg(long)]
    pub(crate) forget: bool,

    /// Do not ask whether to go on.
    #[arg(long)]
    pub(crate) yes: bool,
}

const REMOVE_NOTE: &str = "\
Password, devices and codes on paper are erased. A tombstone stays, so that the account does not
count as one that was never set up; kapu enroll USER sets it up anew. With --forget nothing
stays: right where the account is gone from the host, or its document cannot be read.

Examples:
  kapu remove anna
  kapu remove anna --forget --yes     anna left, and userdel has removed her";

/// `kapu adopt`
#[derive(Debug, Args)]
#[command(after_help = ADOPT_NOTE)]
pub(crate) struct Adopt {
    /// Whom.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
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
    /// Make a new key and seal everything with it (for the owner of the store: root).
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
code are the way in. With --force an account that was set up with the password alone within the
last seven days loses that code too: whoever set it up has it. kapu invite opens it again.

Examples:
  kapu revoke
  kapu revoke anna --force
  kapu list --young            who was set up with the password alone";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn an_invitation_is_good_for_hours_or_days_up_to_thirty() {
        assert_eq!(validity("12h"), Ok(Duration::from_secs(43_200)));
        assert_eq!(validity("30d"), Ok(LONGEST_VALID));
        assert!(validity("31d").is_err());
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
