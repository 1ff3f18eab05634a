//! The command line of `pam-try`.

use std::ffi::{CString, OsString, c_int};
use std::os::unix::ffi::OsStringExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::conversation::Carrier;
use crate::libpam::{PAM_CONV_AGAIN, PAM_CONV_ERR, PAM_RHOST, PAM_RUSER, PAM_TTY};

/// A code that libpam has no name for.
const UNHEARD_OF: c_int = -1;

/// One function of the PAM stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    /// pam_authenticate(3)
    Auth,
    /// pam_setcred(3)
    Setcred,
    /// pam_acct_mgmt(3)
    Acct,
    /// pam_open_session(3)
    Open,
    /// pam_close_session(3)
    Close,
    /// pam_chauthtok(3)
    Chauthtok,
}

impl Hook {
    const ALL: [Self; 6] = [
        Self::Auth,
        Self::Setcred,
        Self::Acct,
        Self::Open,
        Self::Close,
        Self::Chauthtok,
    ];

    /// Its name on the command line and in the output.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Setcred => "setcred",
            Self::Acct => "acct",
            Self::Open => "open",
            Self::Close => "close",
            Self::Chauthtok => "chauthtok",
        }
    }
}

/// What is to be tried.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// `--confdir`: the directory of the service files.
    pub(crate) confdir: CString,
    /// `--service`
    pub(crate) service: CString,
    /// `--user`; without it the stack asks.
    pub(crate) user: Option<CString>,
    /// `--rhost`, `--tty`, `--ruser`
    pub(crate) items: Vec<(c_int, CString)>,
    /// `--env`, a pair `NAME=VALUE` of the PAM environment
    pub(crate) environment: Vec<CString>,
    /// `--hooks`, by commas; only `auth` without it.
    pub(crate) hooks: Vec<Hook>,
    /// `--answer`, or `--long-answer` with a number of letters, once for each prompt, in order.
    pub(crate) answers: Vec<CString>,
    /// `--conv`: how the answers are carried, or not.
    pub(crate) carrier: Carrier,
    /// `--conv-from`: the question from which on they are carried so; the first is 1.
    pub(crate) carrier_from: usize,
    /// `--start-at`, in Unix milliseconds: the transaction is not begun before.
    pub(crate) start_at: Option<SystemTime>,
    /// `--release-at`, in Unix milliseconds: no answer after the first is given before, so that
    /// many processes come to their decision together.
    pub(crate) release_at: Option<SystemTime>,
    /// `--real-uid`: the process keeps its effective uid and takes another real one, as a program
    /// with the set-user-ID bit has it.
    pub(crate) real_uid: Option<libc::uid_t>,
    /// `--silent yes`: PAM_SILENT for auth, as of an application that shows no texts.
    pub(crate) is_silent: bool,
    /// `--host-state yes`: what the hooks changed of the process itself is told.
    pub(crate) is_watched: bool,
}

impl Arguments {
    /// Reads the arguments after the program's name.
    pub(crate) fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let mut confdir = None;
        let mut service = None;
        let mut read = Self {
            confdir: CString::default(),
            service: CString::default(),
            user: None,
            items: Vec::new(),
            environment: Vec::new(),
            hooks: vec![Hook::Auth],
            answers: Vec::new(),
            carrier: Carrier::Answers,
            carrier_from: 1,
            start_at: None,
            release_at: None,
            real_uid: None,
            is_silent: false,
            is_watched: false,
        };
        let mut arguments = arguments;
        while let Some(option) = arguments.next() {
            let option = option.to_string_lossy().into_owned();
            let value = arguments
                .next()
                .ok_or_else(|| format!("{option} needs a value"))?;
            let value = CString::new(value.into_vec())
                .map_err(|_| format!("{option} cannot hold a zero byte"))?;
            match option.as_str() {
                "--confdir" => confdir = Some(value),
                "--service" => service = Some(value),
                "--user" => read.user = Some(value),
                "--rhost" => read.items.push((PAM_RHOST, value)),
                "--tty" => read.items.push((PAM_TTY, value)),
                "--ruser" => read.items.push((PAM_RUSER, value)),
                "--env" => read.environment.push(value),
                "--answer" => read.answers.push(value),
                "--long-answer" => read.answers.push(letters(&word(&value)?)?),
                "--hooks" => read.hooks = hooks(&word(&value)?)?,
                "--conv" => read.carrier = carrier(&word(&value)?)?,
                "--conv-from" => read.carrier_from = number(&word(&value)?)?,
                "--start-at" => read.start_at = Some(moment(&word(&value)?)?),
                "--release-at" => read.release_at = Some(moment(&word(&value)?)?),
                "--real-uid" => read.real_uid = Some(uid(&word(&value)?)?),
                "--silent" => read.is_silent = word(&value)? == "yes",
                "--host-state" => read.is_watched = word(&value)? == "yes",
                _ => return Err(format!("unknown option {option}")),
            }
        }
        read.confdir = confdir.ok_or("--confdir is missing")?;
        read.service = service.ok_or("--service is missing")?;
        Ok(read)
    }
}

fn word(value: &CString) -> Result<String, String> {
    value
        .clone()
        .into_string()
        .map_err(|_| "not UTF-8".to_owned())
}

fn hooks(list: &str) -> Result<Vec<Hook>, String> {
    let one = |word: &str| {
        Hook::ALL
            .into_iter()
            .find(|hook| hook.word() == word)
            .ok_or_else(|| format!("unknown hook {word}"))
    };
    list.split(',').map(one).collect()
}

/// So many letters: more than a command line holds.
fn letters(count: &str) -> Result<CString, String> {
    CString::new(vec![b'a'; number(count)?]).map_err(|error| error.to_string())
}

fn number(word: &str) -> Result<usize, String> {
    word.parse().map_err(|_| format!("{word} is no number"))
}

fn carrier(word: &str) -> Result<Carrier, String> {
    Ok(match word {
        "answers" => Carrier::Answers,
        "none" => Carrier::Absent,
        "error" => Carrier::Failing(PAM_CONV_ERR),
        "again" => Carrier::Failing(PAM_CONV_AGAIN),
        "unheard-of" => Carrier::Failing(UNHEARD_OF),
        "taken-back" => Carrier::TakenBack,
        "nowhere" => Carrier::Nowhere,
        "null-reply" => Carrier::NullReplies,
        "null-array" => Carrier::NullArray,
        "untouched" => Carrier::Untouched,
        "lavish" => Carrier::Lavish,
        "deaf" => Carrier::Deaf,
        _ => return Err(format!("unknown conversation {word}")),
    })
}

fn moment(milliseconds: &str) -> Result<SystemTime, String> {
    milliseconds
        .parse()
        .map(|milliseconds| UNIX_EPOCH + Duration::from_millis(milliseconds))
        .map_err(|_| format!("not a number of milliseconds: {milliseconds}"))
}

fn uid(number: &str) -> Result<libc::uid_t, String> {
    number.parse().map_err(|_| format!("not a uid: {number}"))
}
