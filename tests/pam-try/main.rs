//! `pam-try`: one PAM transaction through the real libpam, with service files of our own.
//!
//! The suites start it once for each login, so that every login has a fresh process as it has
//! under sshd, and read what happened from its output, one fact a line:
//!
//! ```text
//! ask hidden Password:\x20        a prompt, in the order they came
//! say info You are late           a text
//! result auth PAM_SUCCESS         what a hook of the stack returned
//! delay 2000000                   microseconds that libpam would have waited, asked to by modules
//! waited 1003                     milliseconds from the last answer to the end of `auth`
//! peak 12345                      the most KiB that the process ever had in memory
//! env NAME=VALUE                  the PAM environment at the end
//! changed umask                   what of the process the hooks left other than it was
//! ```
//!
//! Exit 0 when the transaction took place, whatever its results; 2 when it could not.

mod arguments;
mod conversation;
mod host_state;
mod libpam;

use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::process::ExitCode;
use std::time::Duration;

use crate::arguments::{Arguments, Hook};
use crate::conversation::{Conversation, sleep_until};
use crate::host_state::HostState;
use crate::libpam::{PAM_CHANGE_EXPIRED_AUTHTOK, PAM_SILENT, Transaction};

/// Exit code when the transaction could not be begun.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    match Arguments::read(std::env::args_os().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("pam-try: {problem}");
            ExitCode::from(EXIT_USAGE)
        }
    }
}

fn run(arguments: Arguments) -> Result<(), String> {
    if let Some(uid) = arguments.real_uid {
        take_real_uid(uid)?;
    }
    let mut conversation = Conversation::new(
        arguments.carrier,
        arguments.carrier_from,
        arguments.answers,
        arguments.release_at,
    );
    sleep_until(arguments.start_at);
    let mut transaction = Transaction::start(
        &arguments.confdir,
        &arguments.service,
        arguments.user.as_deref(),
        &mut conversation,
    )?;
    transaction.without_fail_delay();
    for (item, value) in &arguments.items {
        transaction.set_item(*item, value)?;
    }
    for pair in &arguments.environment {
        transaction.put_environment(pair)?;
    }
    let before = arguments.is_watched.then(HostState::now);
    let mut is_expired = false;
    for hook in &arguments.hooks {
        let code = match hook {
            // As every application does that was told so by pam_acct_mgmt(3).
            Hook::Chauthtok if is_expired => transaction.chauthtok(PAM_CHANGE_EXPIRED_AUTHTOK),
            hook => call(&mut transaction, *hook, arguments.is_silent),
        };
        is_expired |= *hook == Hook::Acct && libpam::name(code) == "PAM_NEW_AUTHTOK_REQD";
        println!("result {} {}", hook.word(), libpam::name(code));
        if *hook == Hook::Auth {
            println!("waited {}", milliseconds(transaction.since_last_answer()));
        }
    }
    if let Some(before) = before {
        for what in HostState::now().changed_since(&before) {
            println!("changed {what}");
        }
    }
    println!("peak {}", peak_memory());
    for pair in transaction.environment() {
        println!("env {}", pair.escape_ascii());
    }
    Ok(())
}

fn call(transaction: &mut Transaction<'_>, hook: Hook, is_silent: bool) -> c_int {
    match hook {
        Hook::Auth => transaction.authenticate(if is_silent { PAM_SILENT } else { 0 }),
        Hook::Setcred => transaction.setcred(),
        Hook::Acct => transaction.acct_mgmt(),
        Hook::Open => transaction.open_session(),
        Hook::Close => transaction.close_session(),
        Hook::Chauthtok => transaction.chauthtok(0),
    }
}

/// The greatest resident set so far, in KiB (getrusage(2)).
fn peak_memory() -> i64 {
    let mut usage = MaybeUninit::uninit();
    // SAFETY: getrusage(2) fills the structure; RUSAGE_SELF cannot fail.
    unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init().ru_maxrss
    }
}

fn milliseconds(duration: Option<Duration>) -> u128 {
    duration.map_or(0, |duration| duration.as_millis())
}

fn take_real_uid(uid: libc::uid_t) -> Result<(), String> {
    /// What leaves an id as it is (setresuid(2)).
    const KEEP: libc::uid_t = libc::uid_t::MAX;
    // SAFETY: setresuid(2) takes plain numbers.
    match unsafe { libc::setresuid(uid, KEEP, KEEP) } {
        0 => Ok(()),
        _ => Err(format!("setresuid: {}", std::io::Error::last_os_error())),
    }
}
