//! The six hooks that libpam calls, and the one place where a verdict becomes a PAM code.

use std::panic::{AssertUnwindSafe, catch_unwind};

use kapu_core::config::{Config, PasswordMode};
use kapu_core::event::FirstPass;
use kapu_core::flows::login::{self, Form, Outcome, Questions};
use kapu_core::flows::password_change::LoggedIn;
use kapu_core::place::Place;
use kapu_core::ports::{Host, Trouble, TroubleKind, World};
use kapu_core::verdict::{Login, Verdict, Who};
use kapu_host::elsewhere::Elsewhere;
use kapu_host::log::Machine;
use kapu_host::service::{self, Service};
use kapu_host::undumpable::Undumpable;
use kapu_host::{identity, names, system_password};
use pamsm::{Pam, PamError, PamFlags, PamServiceModule, pam_module};

use crate::arguments::Arguments;
use crate::conversation::Conversation;
use crate::data;
use crate::items::{self, PAM_AUTHTOK};
use crate::log::{Hook, PamLog, log_trouble};
use crate::password::{self, Call, LOGGED_IN};

struct Kapu;

impl PamServiceModule for Kapu {
    fn authenticate(pam: Pam, flags: PamFlags, words: Vec<String>) -> PamError {
        let verdict = guarded(&pam, || authenticate(&pam, flags, &words));
        if verdict != Verdict::Accept {
            items::set_authtok(&pam, PAM_AUTHTOK, None);
        }
        code_of(&verdict)
    }

    // sshd, cron and others call this after a login by whatever means: any other answer would
    // break those logins.
    fn setcred(_: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        PamError::SUCCESS
    }

    // A login that this module has let in, in this very transaction, may have to change its password.
    // Others, such as cron's or one by an ssh key, are none of its business.
    fn acct_mgmt(pam: Pam, _: PamFlags, words: Vec<String>) -> PamError {
        match caught(|| must_change(&pam, &words)) {
            Ok(true) => PamError::NEW_AUTHTOK_REQD,
            Ok(false) | Err(_) => PamError::IGNORE,
        }
    }

    fn chauthtok(pam: Pam, flags: PamFlags, words: Vec<String>) -> PamError {
        let _undumpable = Undumpable::from_now_on();
        let call = caught(|| change_password(&pam, flags, &words)).and_then(|call| call);
        match call {
            Ok(Call::Done) => PamError::SUCCESS,
            Ok(Call::NotOurs) => PamError::IGNORE,
            Ok(Call::Refused) => PamError::AUTHTOK_ERR,
            Err(trouble) => {
                let _ = catch_unwind(AssertUnwindSafe(|| {
                    log_trouble(&pam, Hook::Password, &trouble)
                }));
                PamError::AUTHTOK_ERR
            }
        }
    }

    // The remaining hooks do what their absence would. They are written out because pamsm's own
    // ones answer PAM_SERVICE_ERR.
    fn open_session(_: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        PamError::IGNORE
    }

    fn close_session(_: Pam, _: PamFlags, _: Vec<String>) -> PamError {
        PamError::IGNORE
    }
}

/// The one match. A refusal is never PAM_MAXTRIES, which would make sshd drop the method and so
/// tell; PAM_USER_UNKNOWN would tell more.
const fn code_of(verdict: &Verdict) -> PamError {
    match verdict {
        Verdict::Accept => PamError::SUCCESS,
        Verdict::Refuse(_) => PamError::AUTH_ERR,
        Verdict::Unavailable(_) => PamError::AUTHINFO_UNAVAIL,
        Verdict::NotOurs => PamError::IGNORE,
    }
}

/// Runs a hook so that no panic reaches C, where it would abort the whole host process.
fn caught<T>(hook: impl FnOnce() -> T) -> Result<T, Trouble> {
    // Unwind safe: after a panic nothing of the hook is looked at again but the handle, which
    // belongs to libpam.
    catch_unwind(AssertUnwindSafe(hook)).map_err(|payload| {
        // Dropping a payload could panic again.
        std::mem::forget(payload);
        Trouble::new(TroubleKind::Panic, "a bug was caught; the login is refused")
    })
}

/// The verdict of a hook, whatever becomes of it.
fn guarded(pam: &Pam, hook: impl FnOnce() -> Verdict) -> Verdict {
    caught(hook).unwrap_or_else(|trouble| {
        let _ = catch_unwind(AssertUnwindSafe(|| log_trouble(pam, Hook::Login, &trouble)));
        Verdict::Unavailable(trouble)
    })
}

/// Whether a login of this transaction, by the same configuration, has to change its password.
fn must_change(pam: &Pam, words: &[String]) -> bool {
    let login = Arguments::parse(words)
        .ok()
        .and_then(|arguments| data::left::<LoggedIn>(pam, &arguments.called(LOGGED_IN)));
    login.is_some_and(|login| login.must_change)
}

fn change_password(pam: &Pam, flags: PamFlags, words: &[String]) -> Result<Call, Trouble> {
    let _running = system_password::enter().ok_or_else(asked_by_ourselves)?;
    password::change(pam, flags, words)
}

fn authenticate(pam: &Pam, flags: PamFlags, words: &[String]) -> Verdict {
    let _undumpable = Undumpable::from_now_on();
    let prepared = Arguments::parse(words).and_then(|arguments| {
        let left = arguments.called(LOGGED_IN);
        data::forget(pam, &left);
        let outcome = prepared(pam, flags, &arguments)?;
        if let Some(logged_in) = &outcome.logged_in {
            data::leave(pam, &left, logged_in.clone());
        }
        Ok(outcome)
    });
    match prepared {
        Ok(outcome) => {
            // What an earlier module has put there stays, where we asked for no password.
            if outcome.password.is_some() {
                items::set_authtok(pam, PAM_AUTHTOK, outcome.password.as_ref());
            }
            outcome.verdict
        }
        Err(trouble) => {
            log_trouble(pam, Hook::Login, &trouble);
            Verdict::Unavailable(trouble)
        }
    }
}

/// Reads the configuration and runs the login. What goes wrong before the first
/// prompt goes wrong alike for every user name, so it tells nobody who exists.
fn prepared(pam: &Pam, flags: PamFlags, arguments: &Arguments) -> Result<Outcome, Trouble> {
    let _running = system_password::enter().ok_or_else(asked_by_ourselves)?;
    let login = describe(pam)?;
    if login.service == system_password::SERVICE {
        return Err(asked_by_ourselves());
    }
    #[cfg(feature = "test-panic")]
    assert_ne!(
        login.service, "kapu-panic",
        "the panic that a test asked for"
    );
    let mut loaded = service::load(arguments.config.as_deref())?;
    let mode = arguments.password.unwrap_or(loaded.config.login.password);
    loaded.config.login.password = mode;
    let questions = questions(pam, arguments, mode)?;
    let log = PamLog(pam, Hook::Login);
    let machine = Machine::new(&log);
    if arguments.debug {
        machine.log(&arguments.event(mode, questions.form));
    }
    let mut service = Service::open(loaded)?;
    if questions.form == Form::Code && is_by_ssh_key(pam, &login, &service.config) {
        service.passwords = Box::new(Elsewhere::SshKey);
    }
    let mut dialog = Conversation::new(pam, &machine, flags.contains(PamFlags::SILENT));
    let mut world = World {
        store: &service.store,
        passwords: &*service.passwords,
        host: &machine,
        dialog: &mut dialog,
    };
    Ok(login::login(&service.config, &login, questions, &mut world))
}

/// The rules that check the system's password lead to us, who ask those rules.
fn asked_by_ourselves() -> Trouble {
    let detail = format!(
        "the PAM service {} must not lead to pam_kapu.so",
        system_password::SERVICE
    );
    Trouble::new(TroubleKind::SystemPassword, detail)
}

/// What is asked, and what an earlier module has asked already.
fn questions(pam: &Pam, arguments: &Arguments, mode: PasswordMode) -> Result<Questions, Trouble> {
    let form = arguments.form(mode)?;
    let known = match arguments.first_pass() {
        FirstPass::Ask => None,
        FirstPass::Try => items::authtok(pam, PAM_AUTHTOK),
        FirstPass::Use => Some(items::authtok(pam, PAM_AUTHTOK).ok_or_else(|| {
            let detail = "use_first_pass: no module before pam_kapu.so has asked for a password";
            Trouble::new(TroubleKind::Dialog, detail)
        })?),
    };
    Ok(Questions { form, known })
}

/// Whether sshd itself has checked an ssh key: in another service, or in a process that a user has
/// started, anybody could have written the variable.
fn is_by_ssh_key(pam: &Pam, login: &Login, config: &Config) -> bool {
    config.login.sshd_services.contains(&login.service)
        && identity::process_owns(identity::ROOT).is_ok()
        && items::names_an_ssh_key(pam)
}

/// The login as the caller describes it.
pub(crate) fn describe(pam: &Pam) -> Result<Login, Trouble> {
    let user = items::user(pam)?;
    let service = items::text_item(pam, items::PAM_SERVICE).unwrap_or_default();
    let rhost = items::text_item(pam, items::PAM_RHOST);
    let place = Place::of(&service, rhost.as_deref(), identity::real_uid());
    Ok(Login {
        who: user.exact.as_deref().map_or(Who::Unknown, names::resolve),
        typed_user: user.shown,
        service,
        rhost,
        tty: items::text_item(pam, items::PAM_TTY),
        ruser: items::text_item(pam, items::PAM_RUSER),
        place,
    })
}

pam_module!(Kapu);
