//! One login: the same questions for everybody, one verdict, one refusal.

mod asking;
mod logged;
mod set_up;
mod told;

pub use self::asking::{Form, Questions};
use self::asking::{Typed, ask};
use crate::code::Answer;
use crate::config::{Config, PasswordMode};
use crate::flows::beat::wait_for_the_beat;
use crate::flows::password_change::LoggedIn;
use crate::judge::{Accepted, Decision, Evidence, judge};
use crate::messages::Texts;
use crate::paper::{PaperCode, PaperKind};
use crate::policy::Policy;
use crate::ports::{Host, Proof, Replaced, Trouble, TroubleKind, UnixTime, World};
use crate::record::{Record, Revision, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;
use crate::verdict::{Ground, Login, Permit, Refusal, Verdict, Who};

/// How a login ended.
#[derive(Debug)]
pub struct Outcome {
    /// What PAM is told.
    pub verdict: Verdict,
    /// The password, where it was asked here and accepted: for the modules that follow.
    pub password: Option<Secret>,
    /// What was proven, where it was by a password of ours and no device had to be set up first.
    pub logged_in: Option<LoggedIn>,
}

/// What a login is held against and how it talks.
struct Terms<'a> {
    config: &'a Config,
    login: &'a Login,
    policy: Policy,
    form: Form,
    texts: Texts,
}

impl Terms<'_> {
    /// What this host is called. Few logins come to speak of it.
    fn site(&self, host: &dyn Host) -> String {
        let issuer = self.config.site.issuer.as_ref();
        issuer.cloned().unwrap_or_else(|| host.name())
    }
}

/// How the login was judged: for the log, the notices and the refusal text.
struct Judged {
    verdict: Verdict,
    accepted: Option<Accepted>,
    /// The right to set up a device: the verdict is then that of who does not.
    permit: Option<Permit>,
    status: Option<(Status, Status)>,
    wrong_codes: Option<u32>,
    /// What the password has proven, where it is one of ours.
    logged_in: Option<LoggedIn>,
    /// The record whose password was proven, where its hash is weaker than the configuration
    /// wants by now.
    weak_hash: Option<Revision>,
}

impl Judged {
    const fn plain(verdict: Verdict) -> Self {
        Self {
            verdict,
            accepted: None,
            permit: None,
            status: None,
            wrong_codes: None,
            logged_in: None,
            weak_hash: None,
        }
    }
}

/// Runs one login from the first prompt to the last line of text.
///
/// The questions are the same for every account, known or not, whatever its status; so is the
/// work done, the refusal's text and the moment it leaves.
pub fn login(
    config: &Config,
    login: &Login,
    questions: Questions,
    world: &mut World<'_>,
) -> Outcome {
    let form = questions.form;
    let texts = Texts {
        language: config.texts.language,
        unicode: config.texts.unicode,
    };
    let typed = match ask(config, login, texts, questions, world) {
        Ok(typed) => typed,
        Err(error) => {
            let judged = Judged::plain(Verdict::Unavailable(error.into()));
            logged::verdict(login, &judged, world.host);
            return Outcome {
                verdict: judged.verdict,
                password: None,
                logged_in: None,
            };
        }
    };
    let Typed {
        password,
        answer,
        at,
        answered,
    } = typed;
    let terms = Terms {
        config,
        login,
        // Not before the answers: a rule may look for the groups of those who exist, and the time
        // until the first question would tell of them.
        policy: Policy::of(config, login, world.host).within(&*world.dialog),
        form,
        texts,
    };
    let was_typo = matches!(answer, Answer::PaperTypo);
    let mut judged = decide(&terms, world, &password, answer, at)
        .unwrap_or_else(|trouble| Judged::plain(Verdict::Unavailable(trouble)));
    logged::change(login, &judged, world.host);
    // What stood in the place of the password is none.
    let is_password = judged.permit.as_ref().map(Permit::ground) != Some(Ground::Invitation);
    if let Some(permit) = judged.permit.take() {
        judged.verdict = set_up::a_device(&terms, permit, answered, world);
        logged::verdict(login, &judged, world.host);
    } else {
        logged::verdict(login, &judged, world.host);
        // Telling is best effort: the verdict stands, whether or not anybody still listens.
        let _ = match &judged.accepted {
            Some(accepted) => told::notices(&terms, accepted, world),
            None if judged.verdict == Verdict::NotOurs => Ok(()),
            None => {
                world.store.let_go();
                wait_for_the_beat(answered, world.host);
                let text = told::refusal(&terms, &judged.verdict, was_typo, world.host);
                world.dialog.tell(&text)
            }
        };
    }
    // Likewise: whoever is in is in, and the next good login tries again.
    let _ = renew_hash(&judged, login, &password, world);
    let hands_on = judged.verdict == Verdict::Accept && terms.form != Form::Code && is_password;
    Outcome {
        verdict: judged.verdict,
        password: hands_on.then_some(password),
        logged_in: judged.logged_in,
    }
}

fn decide(
    terms: &Terms<'_>,
    world: &World<'_>,
    password: &Secret,
    answer: Answer,
    at: UnixTime,
) -> Result<Judged, Trouble> {
    let login = terms.login;
    let (account, snapshot) = match &login.who {
        Who::Known(account) => (account, world.store.load(account)),
        Who::Unknown => {
            world.passwords.verify(login, None, password)?;
            return Ok(Judged::plain(Verdict::Refuse(Refusal::UnknownUser)));
        }
        Who::Unresolved(trouble) => {
            world.passwords.verify(login, None, password)?;
            return Err(trouble.clone());
        }
    };
    // The hash is paid for even where the store failed.
    let hash = snapshot
        .as_ref()
        .ok()
        .and_then(|found| found.record.as_ref()?.password.as_ref());
    let proof = world.passwords.verify(login, hash, password)?;
    let is_weak = proof == Proof::Right && hash.is_some_and(|hash| world.passwords.stale(hash));
    let snapshot = snapshot?;
    let revision = snapshot.revision();
    let evidence = Evidence {
        password: proof,
        invitation: invitation_in(password, proof),
        revision,
        answer,
        at,
    };
    let judged = judge_and_store(terms, account, world, &evidence)?;
    let is_ours = terms.config.login.password == PasswordMode::Own;
    let is_in = judged.verdict == Verdict::Accept && proof == Proof::Right && is_ours;
    // The record that was judged is the one of this revision.
    let record = snapshot.record.as_ref().filter(|_| is_in);
    Ok(Judged {
        logged_in: record.and_then(|record| LoggedIn::by(record, snapshot.state.status)),
        weak_hash: is_weak.then_some(revision),
        ..judged
    })
}

/// An invitation in place of the password, which it is not.
fn invitation_in(password: &Secret, proof: Proof) -> Option<PaperCode> {
    let text = password.expose_text().filter(|_| proof == Proof::Wrong)?;
    let code = PaperCode::parse(text).ok()?;
    (code.kind() == PaperKind::Invitation).then_some(code)
}

/// Judges under the account's lock. The state is durable when this returns, so only then may
/// anybody hear of an accept.
fn judge_and_store(
    terms: &Terms<'_>,
    account: &Account,
    world: &World<'_>,
    evidence: &Evidence,
) -> Result<Judged, Trouble> {
    let mut judged = None;
    let revision = world.store.update(account, &mut |snapshot| {
        let (old, record) = (&snapshot.state, snapshot.record.as_ref());
        let (decision, next) = judge(&terms.policy, terms.login, record, old, evidence);
        judged = Some((decision, old.status, next.clone()));
        (next != *old).then_some(next)
    })?;
    // A store that never asked has not decided anything: the refusal we started from stands.
    let (decision, old_status, next) = judged.ok_or_else(|| {
        Trouble::new(
            TroubleKind::StoreRead,
            "the store did not ask for a judgement",
        )
    })?;
    Ok(Judged {
        status: (old_status != next.status).then_some((old_status, next.status)),
        ..read_decision(decision, revision, &next, evidence.password)
    })
}

fn read_decision(decision: Decision, revision: Revision, next: &State, proof: Proof) -> Judged {
    match decision {
        Decision::Accept(accepted) => Judged {
            accepted: Some(*accepted),
            ..Judged::plain(Verdict::Accept)
        },
        Decision::Refuse(refusal) => {
            let is_counted = refusal == Refusal::Code && proof != Proof::Elsewhere;
            let tally = next.notices.wrong_codes.as_ref();
            Judged {
                wrong_codes: is_counted.then(|| tally.map_or(0, |tally| tally.count)),
                ..Judged::plain(Verdict::Refuse(refusal))
            }
        }
        Decision::Enroll(permit) => Judged {
            permit: Some(permit.on(revision)),
            ..Judged::plain(Verdict::Refuse(Refusal::SetUpFirst))
        },
        Decision::NotOurs => Judged::plain(Verdict::NotOurs),
        Decision::RecordChanged => Judged::plain(Verdict::Unavailable(Trouble::new(
            TroubleKind::RecordChanged,
            "the record was changed while the password was checked",
        ))),
    }
}

/// Hashes the password anew after a good login, where its hash is weaker than it should be.
fn renew_hash(
    judged: &Judged,
    login: &Login,
    password: &Secret,
    world: &World<'_>,
) -> Result<Replaced, Trouble> {
    match (&judged.verdict, judged.weak_hash, login.account()) {
        (Verdict::Accept, Some(revision), Some(account)) if world.store.writes_records() => {
            let hash = world.passwords.hash(password)?;
            let Some(record) = world.store.load(account)?.record else {
                return Ok(Replaced::Conflict);
            };
            let password = Some(hash);
            // Status and state stay what they are at the moment of writing: a revocation that
            // came meanwhile is not undone.
            world
                .store
                .amend(account, revision, &Record { password, ..record })
        }
        _ => Ok(Replaced::Conflict),
    }
}

#[cfg(test)]
mod tests;
