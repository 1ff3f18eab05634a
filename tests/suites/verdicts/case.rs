//! One row and column of the table, and the login that fills it.

use std::fs;

use kapu_tests::{Attempt, Outcome, PASSWORD, SECRET, Site, code_at, moment_with, wrong_code};

use crate::document::{self, Enrolled};
use crate::mode::FirstFactor;

/// Whom no host knows.
const NOBODY_KNOWN: &str = "kapu-no-such-user";
/// A revocation code that nobody has, and the same with its last character mistyped.
const WRONG_REVOCATION_CODE: &str = "200H-48SM-8NB6-EY49-J7ND";
const MISTYPED_CODE: &str = "200H-48SM-8NB6-EY49-J7NE";
/// What sshd puts into the PAM environment after a key.
const KEY: &str = "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5";
/// What a log line says of every login of this suite.
const SAID_OF_ALL: [&str; 4] = ["user", "service", "rhost", "tty"];
/// The last three bits of a syslog priority are its severity (syslog(3)).
const SEVERITIES: [&str; 8] = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
];

/// Where the account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The host knows no such name.
    Unknown,
    /// An account that nothing is stored of.
    NoDocument,
    /// A document with this status.
    Status(&'static str),
}

/// What is typed at the code prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Enter,
    RightCode,
    WrongCode,
    UsedCode,
    PasswordAgain,
    NotACode,
    RevocationCode,
    WrongRevocationCode,
    MistypedCode,
    RecoveryCode,
}

/// One login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) first_factor: FirstFactor,
    pub(crate) standing: Standing,
    pub(crate) password_is_right: bool,
    pub(crate) throttled: bool,
    pub(crate) answer: Answer,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// What pam_authenticate(3) returned.
    pub(crate) pam: String,
    /// The log lines, each with its severity, without what is the same for all.
    pub(crate) log: Vec<String>,
    /// The reason in the log line, or how it was accepted.
    pub(crate) reason: String,
    /// What was said.
    pub(crate) texts: Vec<String>,
    /// Units charged to the budget.
    pub(crate) units: u32,
    /// Whether the document changed.
    pub(crate) written: bool,
}

impl Standing {
    pub(crate) const ALL: [Self; 9] = [
        Self::Unknown,
        Self::NoDocument,
        Self::Status("never"),
        Self::Status("invited"),
        Self::Status("live"),
        Self::Status("revoked"),
        Self::Status("disabled"),
        Self::Status("locked"),
        Self::Status("removed"),
    ];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Unknown => "no such user",
            Self::NoDocument => "nothing stored",
            Self::Status(status) => status,
        }
    }
}

impl Answer {
    pub(crate) const ALL: [Self; 10] = [
        Self::Enter,
        Self::RightCode,
        Self::WrongCode,
        Self::UsedCode,
        Self::PasswordAgain,
        Self::NotACode,
        Self::RevocationCode,
        Self::WrongRevocationCode,
        Self::MistypedCode,
        Self::RecoveryCode,
    ];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Enter => "Enter",
            Self::RightCode => "right code",
            Self::WrongCode => "wrong code",
            Self::UsedCode => "used code",
            Self::PasswordAgain => "password again",
            Self::NotACode => "not a code",
            Self::RevocationCode => "revocation code",
            Self::WrongRevocationCode => "another's revocation code",
            Self::MistypedCode => "mistyped paper code",
            Self::RecoveryCode => "recovery code",
        }
    }
}

impl Case {
    /// All of them, in the order of the table.
    pub(crate) fn all(first_factor: FirstFactor) -> impl Iterator<Item = Self> {
        let passwords: &[bool] = match first_factor {
            FirstFactor::Password => &[true, false],
            FirstFactor::Key | FirstFactor::Unproven => &[true],
        };
        Standing::ALL.into_iter().flat_map(move |standing| {
            let throttles: &[bool] = match standing {
                Standing::Status(_) => &[false, true],
                Standing::Unknown | Standing::NoDocument => &[false],
            };
            passwords.iter().flat_map(move |&password_is_right| {
                throttles.iter().flat_map(move |&throttled| {
                    Answer::ALL.map(|answer| Self {
                        first_factor,
                        standing,
                        password_is_right,
                        throttled,
                        answer,
                    })
                })
            })
        })
    }

    /// Makes the login, on a store of its own.
    pub(crate) fn judged(self, site: &Site, enrolled: &Enrolled) -> Verdict {
        let store = enrolled.copy(site);
        let now = moment_with(1);
        let answer = self.typed(enrolled, now);
        let attempt = site.attempt().service(&store.service);
        if self.answer == Answer::UsedCode {
            let first = self.answered(attempt.clone(), PASSWORD, &answer).run();
            assert!(first.is_accepted(), "{self:?} {:?}", first.log);
        }
        match self.standing {
            Standing::Unknown => {}
            Standing::NoDocument => store.forget(),
            Standing::Status(status) => {
                store.edit(site, |text| document::with_status(text, status));
                if self.throttled {
                    store.edit(site, |text| document::throttled(text, now));
                }
            }
        }
        let before = store.text();
        let attempt = match self.standing {
            Standing::Unknown => attempt.user(NOBODY_KNOWN),
            Standing::NoDocument | Standing::Status(_) => attempt,
        };
        let outcome = self.answered(attempt, self.password(), &answer).run();
        let after = store.text();
        fs::remove_dir_all(store.path()).expect("the case's directory goes");
        self.verdict(&outcome, &before, &after)
    }

    fn verdict(self, outcome: &Outcome, before: &str, after: &str) -> Verdict {
        if !outcome.is_accepted() {
            assert!(outcome.waited.as_millis() >= 1_000, "{self:?}");
        }
        let questions = match self.first_factor {
            FirstFactor::Password => 2,
            FirstFactor::Key | FirstFactor::Unproven => 1,
        };
        assert_eq!(outcome.prompts.len(), questions, "{self:?}");
        let line = outcome.decision();
        let reason = line.value("reason").or(line.value("by"));
        let reason = reason.or(line.value("result")).expect("a result");
        let log = outcome.log.iter();
        Verdict {
            pam: outcome.code().to_owned(),
            reason: reason.to_owned(),
            log: log.filter_map(|line| normal(&line.text)).collect(),
            texts: outcome.texts.iter().map(|text| text.0.clone()).collect(),
            units: document::units(after).saturating_sub(document::units(before)),
            written: before != after,
        }
    }

    /// The attempt with the answers to the questions that this mode asks.
    fn answered<'a>(self, attempt: Attempt<'a>, password: &str, answer: &str) -> Attempt<'a> {
        match self.first_factor {
            FirstFactor::Password => attempt.answers([password, answer]),
            FirstFactor::Key => attempt.pam_environment(KEY).answers([answer]),
            FirstFactor::Unproven => attempt.answers([answer]),
        }
    }

    const fn password(self) -> &'static str {
        if self.password_is_right {
            PASSWORD
        } else {
            "eight green lanterns"
        }
    }

    fn typed(self, enrolled: &Enrolled, now: u64) -> String {
        match self.answer {
            Answer::Enter => String::new(),
            // What was typed as the password, right or wrong.
            Answer::PasswordAgain => self.password().to_owned(),
            Answer::RightCode | Answer::UsedCode => code_at(SECRET, now),
            Answer::WrongCode => wrong_code(SECRET, now),
            Answer::NotACode => "12345a".to_owned(),
            Answer::RevocationCode => enrolled.revocation_code.clone(),
            Answer::WrongRevocationCode => WRONG_REVOCATION_CODE.to_owned(),
            Answer::MistypedCode => MISTYPED_CODE.to_owned(),
            Answer::RecoveryCode => document::RECOVERY_CODE.to_owned(),
        }
    }
}

/// A log line of ours as severity and event, without what all lines have; `None` for a line of
/// libpam's.
fn normal(line: &str) -> Option<String> {
    let (priority, text) = line.strip_prefix('<')?.split_once('>')?;
    let event = &text[text.find("event=")?..];
    let severity = SEVERITIES[priority.parse::<usize>().ok()? & 7];
    let kept: Vec<_> = event
        .split(' ')
        .filter(|pair| {
            let key = pair.split('=').next().unwrap_or_default();
            !SAID_OF_ALL.contains(&key)
        })
        .collect();
    assert!(
        SAID_OF_ALL
            .iter()
            .all(|key| event.contains(&format!(" {key}="))),
        "{line}"
    );
    Some(format!("{severity}: {}", kept.join(" ")))
}
