//! The `password` hook: somebody changes the password that kapu keeps.
//!
//! libpam calls it twice (pam_sm_chauthtok(3)). The first time it asks what proves who it is, and
//! judges and writes nothing; the second time it judges that, asks for the new one, and stores it.

use std::time::Duration;

use kapu_core::config::PasswordMode;
use kapu_core::event::FirstPass;
use kapu_core::flows::password_change::{
    Answers, Change, Ending, LoggedIn, New, after_login, ask_proof, by_administrator, by_proof,
};
use kapu_core::messages::Texts;
use kapu_core::password_rules::Rules;
use kapu_core::policy::Policy;
use kapu_core::ports::{Host, Store as _, Trouble, TroubleKind, World};
use kapu_core::record::Record;
use kapu_core::secret::Secret;
use kapu_core::verdict::Login;
use kapu_host::identity;
use kapu_host::log::Machine;
use kapu_host::service::{self, Service};
use pamsm::{Pam, PamFlags};

use crate::arguments::Arguments;
use crate::conversation::Conversation;
use crate::data;
use crate::hooks::describe;
use crate::items::{self, PAM_AUTHTOK, PAM_OLDAUTHTOK};
use crate::log::{Hook, PamLog};

/// `PAM_PRELIM_CHECK` of pam_modules.h: the first of the two calls.
const PRELIM_CHECK: i32 = 0x4000;
/// What a login leaves for the hooks after it.
pub(crate) const LOGGED_IN: &str = "logged-in";
/// What the first call leaves for the second.
const ANSWERS: &str = "answers";

/// What became of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// The first one is content, or the second has stored the new password.
    Done,
    /// There is no password of ours, or nobody asked us to change it.
    NotOurs,
    /// It was refused, or the person stopped. That was said.
    Refused,
}

/// One call of the hook.
pub(crate) fn change(pam: &Pam, flags: PamFlags, words: &[String]) -> Result<Call, Trouble> {
    let arguments = Arguments::parse(words)?;
    let mut loaded = service::load(arguments.config.as_deref())?;
    let mode = arguments.password.unwrap_or(loaded.config.login.password);
    loaded.config.login.password = mode;
    let login = describe(pam)?;
    let Some(account) = login.account().cloned() else {
        return Ok(Call::NotOurs);
    };
    if mode != PasswordMode::Own {
        return Ok(Call::NotOurs);
    }
    let logged_in = data::left::<LoggedIn>(pam, &arguments.called(LOGGED_IN))
        .filter(|left| left.account == account);
    let right = match (flags.contains(PamFlags::CHANGE_EXPIRED_AUTHTOK), logged_in) {
        (true, Some(left)) if left.must_change => Right::LoggedIn(left),
        // Somebody's password has expired, and it is not ours.
        (true, _) => return Ok(Call::NotOurs),
        // Who changes it without need proves who they are: a login may be long ago.
        (false, _) if is_administrator(&login) => Right::Administrator,
        (false, _) => Right::ToBeProven,
    };
    let service = Service::open(loaded)?;
    let has_password = |record: &Record| record.password.is_some();
    if !service
        .store
        .load(&account)?
        .record
        .as_ref()
        .is_some_and(has_password)
    {
        return Ok(Call::NotOurs);
    }
    let log = PamLog(pam, Hook::Password);
    let machine = Machine::new(&log);
    let mut dialog = Conversation::new(pam, &machine, flags.contains(PamFlags::SILENT));
    let texts = Texts {
        language: service.config.texts.language,
        unicode: service.config.texts.unicode,
    };
    if flags.bits() & PRELIM_CHECK != 0 {
        return match right {
            Right::ToBeProven => ask(pam, &arguments, texts, &mut dialog, &machine),
            Right::LoggedIn(_) | Right::Administrator => Ok(Call::Done),
        };
    }
    let new = new_password(pam, &arguments)?;
    let mut world = World {
        store: &service.store,
        passwords: &*service.passwords,
        host: &machine,
        dialog: &mut dialog,
    };
    let site = service.config.site.issuer.clone();
    let site = site.unwrap_or_else(|| machine.name());
    let rules = Rules {
        min_length: service.config.password.min_length,
        user_names: vec![account.name.clone()],
        site_names: vec![site.clone(), machine.name()],
    };
    let limit = Duration::from_secs(service.config.enroll.time_limit.into());
    let change = Change {
        login: &login,
        account: &account,
        texts,
        site: &site,
        rules: &rules,
        new,
        deadline: Some(machine.elapsed() + limit),
    };
    let changed = match right {
        Right::LoggedIn(left) => after_login(&mut world, &left, change),
        Right::Administrator => by_administrator(&mut world, change),
        Right::ToBeProven => {
            let kind = arguments.called(ANSWERS);
            let answers = data::left::<Answers>(pam, &kind);
            data::forget(pam, &kind);
            let answers = answers.ok_or_else(|| {
                let detail = "the preliminary check of a password change has not taken place";
                Trouble::new(TroubleKind::Dialog, detail)
            })?;
            let policy = Policy::of(&service.config, &login, &machine);
            by_proof(&mut world, &policy, answers, change)
        }
    }?;
    items::set_authtok(pam, PAM_AUTHTOK, changed.password.as_ref());
    Ok(match changed.ending {
        Ending::Done(_) => {
            // What it has proven is the password of before.
            data::forget(pam, &arguments.called(LOGGED_IN));
            Call::Done
        }
        _ => Call::Refused,
    })
}

/// The new password, where a module before us has asked for it.
fn new_password(pam: &Pam, arguments: &Arguments) -> Result<New, Trouble> {
    if arguments.use_authtok {
        earlier(pam, PAM_AUTHTOK, "use_authtok").map(New::Given)
    } else {
        Ok(New::Ask)
    }
}

/// What a module before us must have asked for.
fn earlier(pam: &Pam, item: i32, word: &str) -> Result<Secret, Trouble> {
    items::authtok(pam, item).ok_or_else(|| {
        let detail = format!("{word}: no module before pam_kapu.so has asked for a password");
        Trouble::new(TroubleKind::Dialog, detail)
    })
}

/// By what somebody may change a password.
enum Right {
    /// A login of this very transaction, which must change it.
    LoggedIn(LoggedIn),
    /// root at this machine, as for passwd(1).
    Administrator,
    /// The old password and a code.
    ToBeProven,
}

/// Whether root acts at this machine, and not a service of root's for somebody elsewhere.
fn is_administrator(login: &Login) -> bool {
    let is_here = login.rhost.as_deref().is_none_or(str::is_empty);
    is_here && identity::process_owns(identity::ROOT).is_ok()
}

/// The first call: what is to be judged in the second.
fn ask(
    pam: &Pam,
    arguments: &Arguments,
    texts: Texts,
    dialog: &mut Conversation<'_>,
    machine: &Machine<'_>,
) -> Result<Call, Trouble> {
    let known = match arguments.first_pass() {
        FirstPass::Ask => None,
        FirstPass::Try => items::authtok(pam, PAM_OLDAUTHTOK),
        FirstPass::Use => Some(earlier(pam, PAM_OLDAUTHTOK, "use_first_pass")?),
    };
    let Ok(answers) = ask_proof(dialog, texts, known, || machine.now()) else {
        return Ok(Call::Refused);
    };
    items::set_authtok(pam, PAM_OLDAUTHTOK, Some(answers.password()));
    if data::leave(pam, &arguments.called(ANSWERS), answers) {
        Ok(Call::Done)
    } else {
        let detail = "libpam keeps nothing from one call to the next";
        Err(Trouble::new(TroubleKind::Dialog, detail))
    }
}
