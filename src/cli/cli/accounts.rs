//! What is about one account, or all: `kapu status`, `list`, `unlock`, `passwd`, `expire-password`,
//! `forget-places`, `lock`, `remove`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

/// `kapu status`
#[derive(Debug, Args)]
#[command(after_help = STATUS_NOTE)]
pub(crate) struct StatusOf {
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
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
    /// The account.
    #[arg(value_hint = ValueHint::Username)]
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
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
    pub(crate) user: Option<String>,

    /// Ask nothing: read password = "..." from FILE, or from standard input (-).
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath)]
    pub(crate) from: Option<PathBuf>,
}

/// `kapu expire-password`
#[derive(Debug, Args)]
#[command(after_help = EXPIRE_NOTE)]
pub(crate) struct ExpirePassword {
    /// The account.
    #[arg(value_hint = ValueHint::Username)]
    pub(crate) user: String,
}

const EXPIRE_NOTE: &str = "\
The service must have pam_kapu.so in its account and password rules too:
  account   required                                   pam_kapu.so
  password  [success=done ignore=ignore default=die]   pam_kapu.so    before its other rules
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

/// `kapu forget-places`
#[derive(Debug, Args)]
#[command(after_help = FORGET_PLACES_NOTE)]
pub(crate) struct ForgetPlaces {
    /// The account; without it, yours.
    #[arg(value_hint = ValueHint::Username)]
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
    /// The account.
    #[arg(value_hint = ValueHint::Username)]
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
    /// The account; also one that the host does not know any more.
    #[arg(value_hint = ValueHint::Username)]
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
