//! Revocation: no token of the account works any more.

use crate::code::{self, Answer};
use crate::event::{Event, Severity};
use crate::flows::says_yes;
use crate::judge::{Decision, Evidence, judge};
use crate::messages::{Message, Texts};
use crate::paper::PaperKind;
use crate::policy::Policy;
use crate::ports::{DialogError, Host, Trouble, TroubleKind, World};
use crate::record::{Record, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;
use crate::verdict::{Login, Refusal};

/// How a revocation talks.
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    /// The words.
    pub texts: Texts,
    /// What this host is called.
    pub site: &'a str,
}

/// How a revocation ended. All but `Stopped` has been said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ending {
    /// No token of the account works any more.
    Done,
    /// There was no token that worked.
    Nothing,
    /// Password or code were not right, or a no was the answer.
    Refused,
    /// The person stopped answering.
    Stopped(DialogError),
}

/// Revokes by password and revocation code. It is a login that can end in nothing but a
/// revocation or a refusal: the same judgement, and wrong codes are noticed to the owner alike.
///
/// # Errors
/// When something of ours does not work; nothing was changed.
pub fn by_code(
    world: &mut World<'_>,
    policy: &Policy,
    login: &Login,
    account: &Account,
    words: Words<'_>,
) -> Result<Ending, Trouble> {
    let (password, typed) = match ask(world, words.texts) {
        Ok(answers) => answers,
        Err(error) => return Ok(Ending::Stopped(error)),
    };
    let at = world.host.now();
    let snapshot = world.store.load(account)?;
    let hash = snapshot
        .record
        .as_ref()
        .and_then(|record| record.password.as_ref());
    let evidence = Evidence {
        password: world.passwords.verify(login, hash, &password)?,
        invitation: None,
        revision: snapshot.revision(),
        answer: revocation_code_in(&typed),
        at,
    };
    let mut decision = Decision::RecordChanged;
    world.store.update(account, &mut |latest| {
        let (decided, state) = judge(
            policy,
            login,
            latest.record.as_ref(),
            &latest.state,
            &evidence,
        );
        decision = decided;
        (state != latest.state).then_some(state)
    })?;
    match decision {
        // A new device is set up in a login, not here.
        Decision::Refuse(Refusal::RevokedNow) | Decision::Enroll(_) => {
            say_done(world, words, snapshot.record.as_ref());
            log_done(
                world.host,
                account,
                snapshot.record.as_ref(),
                "revocation-code",
            );
            Ok(Ending::Done)
        }
        Decision::Refuse(reason) => {
            let text = words.texts.say(match reason {
                Refusal::PaperTypo => Message::PaperTypo,
                _ => Message::RevokeRefused,
            });
            let _ = world.dialog.tell(&text);
            world.host.log(
                &Event::new(Severity::Info, "revoke")
                    .word("result", "refuse")
                    .word("reason", reason.word())
                    .text("user", &account.name),
            );
            Ok(Ending::Refused)
        }
        Decision::RecordChanged | Decision::Accept(_) | Decision::NotOurs => Err(Trouble::new(
            TroubleKind::RecordChanged,
            "the record was changed during the revocation",
        )),
    }
}

/// Revokes without a proof, for the store's owner: the caller has checked that this process is the
/// owner and acts for nobody else. `sure` leaves the question out.
///
/// # Errors
/// As [`by_code`].
pub fn by_owner(
    world: &mut World<'_>,
    account: &Account,
    words: Words<'_>,
    sure: bool,
) -> Result<Ending, Trouble> {
    let snapshot = world.store.load(account)?;
    let values = [("user", account.name.as_str()), ("site", words.site)];
    let nothing = words.texts.fill(Message::RevokeNothing, &values);
    if revoked(&snapshot.state, world.host).is_none() {
        let _ = world.dialog.tell(&nothing);
        return Ok(Ending::Nothing);
    }
    if !sure {
        let question = words.texts.fill(Message::RevokeQuestion, &values);
        match says_yes(world.dialog, &question) {
            Ok(true) => {}
            Ok(false) => return Ok(Ending::Refused),
            Err(error) => return Ok(Ending::Stopped(error)),
        }
    }
    let mut is_done = false;
    world.store.update(account, &mut |latest| {
        let next = revoked(&latest.state, world.host);
        is_done = next.is_some();
        next
    })?;
    // Somebody else came first: what they erased was not ours to tell of.
    if !is_done {
        let _ = world.dialog.tell(&nothing);
        return Ok(Ending::Nothing);
    }
    say_done(world, words, snapshot.record.as_ref());
    log_done(world.host, account, snapshot.record.as_ref(), "owner");
    Ok(Ending::Done)
}

fn ask(world: &mut World<'_>, texts: Texts) -> Result<(Secret, Secret), DialogError> {
    let password = world
        .dialog
        .ask_hidden(&texts.say(Message::PasswordPrompt))?;
    let code = world
        .dialog
        .ask_shown(&texts.say(Message::RevocationCodePrompt))?;
    Ok((password, code))
}

/// What was typed, if it can revoke: any other code would be spent by the judgement.
fn revocation_code_in(typed: &Secret) -> Answer {
    match code::read(typed) {
        Answer::Paper(code) if code.kind() == PaperKind::Revocation => Answer::Paper(code),
        Answer::PaperTypo => Answer::PaperTypo,
        _ => Answer::NotACode,
    }
}

/// The state without a token that works, or `None` where there is none. A locked account stays
/// locked, and is revoked once it is unlocked.
fn revoked(state: &State, host: &dyn Host) -> Option<State> {
    let mut next = state.clone();
    match (state.status, state.locked_from) {
        (Status::Live | Status::Disabled, _) => next.set_status(Status::Revoked, host.now()),
        (Status::Locked, Some(Status::Live | Status::Disabled)) => {
            next.locked_from = Some(Status::Revoked);
        }
        _ => return None,
    }
    next.throttle.clear();
    Some(next)
}

/// Nothing of this can be undone any more, whether or not anybody hears of it.
fn say_done(world: &mut World<'_>, words: Words<'_>, record: Option<&Record>) {
    let names: Vec<&str> = record
        .iter()
        .flat_map(|record| &record.tokens)
        .map(|token| token.name.as_str())
        .collect();
    let values = [("site", words.site), ("devices", &names.join(", "))];
    let _ = world
        .dialog
        .tell(&words.texts.fill(Message::RevokeDone, &values));
    let _ = world.dialog.tell(&words.texts.say(Message::RevokeKeepCode));
}

fn log_done(host: &dyn Host, account: &Account, record: Option<&Record>, by: &'static str) {
    let tokens = record.map_or(0, |record| record.tokens.len());
    host.log(
        &Event::new(Severity::Warning, "revoke")
            .word("result", "done")
            .text("user", &account.name)
            .number("tokens", u64::try_from(tokens).unwrap_or(u64::MAX))
            .word("by", by),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::messages::Language;
    use crate::paper::PaperCode;
    use crate::ports::Store;
    use crate::testing::{
        FakeHost, MemoryStore, NOON, Person, PlainPasswords, anna, record_of, ssh_login,
    };

    const WORDS: Words<'static> = Words {
        texts: Texts {
            language: Language::English,
            unicode: true,
        },
        site: "server1",
    };

    /// An account with a revocation code and a recovery code, and what is left of it.
    struct Scene {
        host: FakeHost,
        store: MemoryStore,
        revocation: PaperCode,
        recovery: PaperCode,
    }

    impl Scene {
        fn new(status: Status) -> Self {
            let host = FakeHost::at(NOON);
            let revocation = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
            let recovery = PaperCode::mint(PaperKind::Recovery, &host).unwrap();
            let mut record = record_of(anna());
            record.revocation = Some(revocation.hash(&host).unwrap());
            record.recovery.push(crate::record::RecoveryCode {
                id: crate::id::Id::from_bytes([3; 16]),
                hash: recovery.hash(&host).unwrap(),
            });
            Self {
                host,
                store: MemoryStore::with(record, status),
                revocation,
                recovery,
            }
        }

        fn state(&self) -> State {
            self.store.load(&anna()).unwrap().state
        }

        fn with_answers<T>(
            &self,
            answers: &[&str],
            flow: impl FnOnce(&mut World<'_>) -> T,
        ) -> (T, Vec<String>) {
            let mut person = Person::who_types(answers);
            let ended = flow(&mut World {
                store: &self.store,
                passwords: &PlainPasswords::default(),
                host: &self.host,
                dialog: &mut person,
            });
            (ended, person.heard)
        }

        fn by_code(&self, answers: &[&str]) -> (Ending, Vec<String>) {
            let policy = Policy::of(&Config::default(), &ssh_login(), &self.host);
            let (ending, heard) = self.with_answers(answers, |world| {
                by_code(world, &policy, &ssh_login(), &anna(), WORDS)
            });
            (ending.unwrap(), heard)
        }

        fn by_owner(&self, answers: &[&str], sure: bool) -> Ending {
            let (ending, _) =
                self.with_answers(answers, |world| by_owner(world, &anna(), WORDS, sure));
            ending.unwrap()
        }
    }

    fn text(code: &PaperCode) -> String {
        code.text().expose_text().unwrap().to_lowercase()
    }

    #[test]
    fn password_and_revocation_code_revoke() {
        let scene = Scene::new(Status::Live);
        let (ending, heard) = scene.by_code(&["correct horse", &text(&scene.revocation)]);
        assert_eq!(ending, Ending::Done);
        assert_eq!(scene.state().status, Status::Revoked);
        assert!(heard.iter().any(|said| said.contains("phone")), "{heard:?}");
        assert_eq!(
            *scene.host.lines.borrow(),
            ["event=revoke result=done user=anna tokens=1 by=revocation-code"]
        );
    }

    #[test]
    fn a_wrong_password_and_a_wrong_code_are_refused_alike_and_both_are_asked() {
        let scene = Scene::new(Status::Live);
        let other = PaperCode::mint(PaperKind::Revocation, &scene.host).unwrap();
        let (wrong_password, first) = scene.by_code(&["hunter2", &text(&scene.revocation)]);
        let (wrong_code, second) = scene.by_code(&["correct horse", &text(&other)]);
        assert_eq!([wrong_password, wrong_code], [Ending::Refused; 2]);
        assert_eq!(first, second);
        assert_eq!(first.len(), 3, "{first:?}");
        assert_eq!(scene.state().status, Status::Live);
    }

    #[test]
    fn a_wrong_code_beside_the_right_password_is_noticed() {
        let scene = Scene::new(Status::Live);
        let other = PaperCode::mint(PaperKind::Revocation, &scene.host).unwrap();
        let _ = scene.by_code(&["correct horse", &text(&other)]);
        assert_eq!(scene.state().notices.wrong_paper.unwrap().count, 1);
    }

    #[test]
    fn no_other_code_is_judged_or_spent() {
        let scene = Scene::new(Status::Live);
        let before = scene.state();
        for typed in ["123456", &text(&scene.recovery), ""] {
            let (ending, _) = scene.by_code(&["correct horse", typed]);
            assert_eq!(ending, Ending::Refused, "{typed}");
        }
        assert_eq!(scene.state(), before);
    }

    #[test]
    fn a_typing_error_is_named() {
        let scene = Scene::new(Status::Live);
        let mut typed = text(&scene.revocation);
        typed.pop();
        let (ending, heard) = scene.by_code(&["correct horse", &typed]);
        assert_eq!(ending, Ending::Refused);
        assert_eq!(heard.last(), Some(&WORDS.texts.say(Message::PaperTypo)));
    }

    #[test]
    fn who_stops_answering_changes_nothing() {
        let scene = Scene::new(Status::Live);
        let (ending, _) = scene.by_code(&["correct horse"]);
        assert_eq!(ending, Ending::Stopped(DialogError::Stopped));
        assert_eq!(
            scene.by_owner(&[], false),
            Ending::Stopped(DialogError::Stopped)
        );
        assert_eq!(scene.store.writes.get(), 0);
    }

    #[test]
    fn the_owner_is_asked_and_only_a_yes_revokes() {
        let scene = Scene::new(Status::Disabled);
        for no in ["", "n", "no", "ja"] {
            assert_eq!(scene.by_owner(&[no], false), Ending::Refused, "{no}");
        }
        assert_eq!(scene.state().status, Status::Disabled);
        assert_eq!(scene.by_owner(&["Igen"], false), Ending::Done);
        assert_eq!(scene.state().status, Status::Revoked);
    }

    #[test]
    fn an_account_without_a_working_token_has_nothing_to_revoke() {
        for status in [
            Status::Never,
            Status::Invited,
            Status::Revoked,
            Status::Removed,
        ] {
            let scene = Scene::new(status);
            assert_eq!(scene.by_owner(&[], true), Ending::Nothing, "{status:?}");
            assert_eq!(scene.store.writes.get(), 0);
        }
    }

    #[test]
    fn a_locked_account_stays_locked_and_is_revoked_behind_that() {
        let scene = Scene::new(Status::Locked);
        scene
            .store
            .update(&anna(), &mut |held| {
                let mut state = held.state.clone();
                state.locked_from = Some(Status::Live);
                Some(state)
            })
            .unwrap();
        assert_eq!(scene.by_owner(&[], true), Ending::Done);
        let state = scene.state();
        assert_eq!(state.status, Status::Locked);
        assert_eq!(state.locked_from, Some(Status::Revoked));
    }
}
