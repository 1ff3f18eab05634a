//! The system's password, proven by a PAM transaction inside the one that called us.
//!
//! The service is [`SERVICE`]; its file says how this host checks a password, and asks for
//! nothing else. Only the `auth` rules run. Whether an account may log in here and now is asked of
//! the account rules of the *calling* service, by the caller, also after an ssh key; asked here as
//! well they would judge another service's rules and tell more than right or wrong. Credentials
//! (Kerberos tickets) and the PAM environment of the nested transaction are lost with it.

mod code;
mod conversation;
mod reentry;
mod service_file;
#[cfg(test)]
mod tests;
mod transaction;

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use kapu_core::ports::{Passwords, Proof, Trouble, TroubleKind};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::verdict::Login;

use self::code::Code;
use self::conversation::{Asked, Conversation};
pub use self::reentry::{HookGuard, enter};
use self::transaction::{Origin, Transaction};

/// The service whose rules check the system's password. A hook of ours that is entered under this
/// name must refuse: it would ask itself.
pub const SERVICE: &str = "kapu-password";

/// [`SERVICE`] for libpam.
const C_SERVICE: &CStr = c"kapu-password";

/// Longest password that is sent, in bytes: PAM_MAX_RESP_SIZE of `_pam_types.h` is 512 with the
/// NUL at the end. Modules with a buffer of that size would cut a longer one and compare the rest.
const MAX_PASSWORD: usize = 511;

/// The check of passwords for `password = "system"`.
#[derive(Default)]
pub struct SystemPasswords {
    directory: Option<PathBuf>,
    decoy: Option<Box<dyn Passwords>>,
}

impl SystemPasswords {
    /// Checks by the system's service files (pam.d(5)).
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks by the service files in `directory` alone (pam_start_confdir(3)).
    #[must_use]
    pub fn in_directory(directory: PathBuf) -> Self {
        Self {
            directory: Some(directory),
            decoy: None,
        }
    }

    /// Lets `decoy` do the work of one check where the system does none: its modules hash nothing
    /// for an account that does not exist, and under load the difference would tell who does.
    #[must_use]
    pub fn with_decoy(self, decoy: Box<dyn Passwords>) -> Self {
        Self {
            decoy: Some(decoy),
            ..self
        }
    }

    /// One hash for nothing. A decoy that fails is no reason to answer otherwise.
    fn work_for_nothing(&self, login: &Login, typed: &Secret) {
        if let Some(decoy) = &self.decoy {
            let _ = decoy.verify(login, None, typed);
        }
    }

    /// Asks the system about `user`.
    fn ask_system(&self, login: &Login, user: &str, typed: &Secret) -> Result<Proof, Trouble> {
        service_file::check(self.directory.as_deref()).map_err(trouble)?;
        let directory = match &self.directory {
            Some(directory) => Some(c_text(directory.as_os_str().as_bytes())?),
            None => None,
        };
        let user = c_text(user.as_bytes())?;
        let conversation = Conversation::about(typed);
        let mut transaction =
            Transaction::start(C_SERVICE, directory.as_deref(), &user, &conversation)
                .map_err(|code| failed("could not be started", code))?;
        for (item, value) in [
            (Origin::Tty, &login.tty),
            (Origin::Rhost, &login.rhost),
            (Origin::Ruser, &login.ruser),
        ] {
            if let Some(value) = value {
                let value = c_text(value.as_bytes())?;
                transaction
                    .set_origin(item, &value)
                    .map_err(|code| failed("did not take where the login comes from", code))?;
            }
        }
        let code = transaction.authenticate();
        judge(code, conversation.asked(), transaction.is_about(&user))
    }
}

impl Passwords for SystemPasswords {
    fn verify(
        &self,
        login: &Login,
        _hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble> {
        if !can_be_sent(typed) {
            self.work_for_nothing(login, typed);
            return Ok(Proof::Wrong);
        }
        let Some(account) = login.account() else {
            // Asked all the same, so that a stack that does not work is a trouble for everybody.
            // Whatever it says, there is no account to prove a password of.
            self.ask_system(login, &login.typed_user, typed)?;
            self.work_for_nothing(login, typed);
            return Ok(Proof::Wrong);
        };
        // The name that everything else of this login is about, not the one that was typed.
        self.ask_system(login, &account.name, typed)
    }

    fn hash(&self, _password: &Secret) -> Result<PasswordHash, Trouble> {
        Err(trouble(
            "the system keeps its passwords itself: change them with passwd(1)".to_owned(),
        ))
    }

    fn stale(&self, _hash: &PasswordHash) -> bool {
        false
    }
}

/// What the stack's answer is worth. Start from refusal: only one path leads to a proof.
fn judge(code: Code, asked: Asked, same_user: bool) -> Result<Proof, Trouble> {
    match (code, asked) {
        (code, Asked::Else(breach)) => Err(failed(breach, code)),
        (Code::SUCCESS, Asked::Nothing) => Err(failed("did not ask for the password", code)),
        (Code::SUCCESS, Asked::Password) if !same_user => {
            Err(failed("went on about another user", code))
        }
        (Code::SUCCESS, Asked::Password) => Ok(Proof::Right),
        (code, _) if code.turns_the_person_down() => Ok(Proof::Wrong),
        (code, _) => Err(failed("does not work", code)),
    }
}

/// Whether a password can be asked about. The empty one is never sent, since some modules take it
/// for an account without a password; C's strings end at a NUL.
fn can_be_sent(typed: &Secret) -> bool {
    (1..=MAX_PASSWORD).contains(&typed.len()) && !typed.expose().contains(&0)
}

fn c_text(bytes: &[u8]) -> Result<CString, Trouble> {
    CString::new(bytes)
        .map_err(|_| trouble("what the login says of itself holds a NUL byte".to_owned()))
}

fn failed(what: &str, code: Code) -> Trouble {
    trouble(format!("the PAM service {SERVICE}: {what} ({code})"))
}

fn trouble(detail: String) -> Trouble {
    Trouble::new(TroubleKind::SystemPassword, detail)
}
