//! `kapu check`: what of the configuration lets somebody in who should not, keeps somebody out, or
//! does nothing.
//!
//! Findings are data; their words are in `messages/findings.rs`. What has to be asked of the
//! machine comes as an argument: the clock, the account database, the accounts.

mod accounts;
mod consequence;
mod cover;
mod names;
mod settings;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::config::Config;
use crate::messages::{Message, Texts, Topic};
use crate::ports::Host;
use crate::rule::Rule;

pub use accounts::of_accounts;
pub use names::{Directory, Names, of_names};
pub use settings::hashes_exceed_memory;

/// How much a finding matters, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gravity {
    /// Somebody gets in.
    Danger,
    /// Somebody stays out.
    Lockout,
    /// Somebody learns something.
    Leak,
    /// Nothing of these.
    Note,
}

impl Gravity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Danger, Self::Lockout, Self::Leak, Self::Note];

    /// Its word.
    #[must_use]
    pub const fn message(self) -> Message {
        match self {
            Self::Danger => Message::GravityDanger,
            Self::Lockout => Message::GravityLockout,
            Self::Leak => Message::GravityLeak,
            Self::Note => Message::GravityNote,
        }
    }
}

/// Where something is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In the configuration, as that writes it: `[texts] unicode = true`.
    Config(String),
    /// A file, and what is wrong with it.
    File(String),
}

/// Something that an administrator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub topic: Topic,
    /// How much it matters.
    pub gravity: Gravity,
    /// Where.
    pub place: Place,
    /// What its words leave open.
    pub values: Vec<(&'static str, String)>,
}

/// A finding in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// How much it matters.
    pub gravity: Gravity,
    /// What it is, for scripts.
    pub id: Topic,
    /// Where.
    #[serde(rename = "where")]
    pub place: String,
    /// What is wrong.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// A finding about a line of the configuration.
    pub(crate) fn in_config(topic: Topic, gravity: Gravity, line: impl Into<String>) -> Self {
        Self {
            topic,
            gravity,
            place: Place::Config(line.into()),
            values: Vec::new(),
        }
    }

    /// A file that cannot be used as it is, so that nobody can log in.
    #[must_use]
    pub fn in_file(topic: Topic, file: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            topic,
            gravity: Gravity::Lockout,
            place: Place::File(file.into()),
            values: vec![("fix", fix.into())],
        }
    }

    /// With a value for its words.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.values.push((name, value.to_string()));
        self
    }

    /// In words; `config` is the path of the configuration.
    #[must_use]
    pub fn told(&self, texts: &Texts, config: &str) -> Told {
        let values: Vec<_> = self
            .values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let text = texts.fill(self.topic, &values);
        // No value holds a line end.
        let mut paragraphs = text.splitn(3, "\n\n").map(str::to_owned);
        let mut next = || paragraphs.next().unwrap_or_default();
        Told {
            gravity: self.gravity,
            id: self.topic,
            place: texts.show(&match &self.place {
                Place::Config(line) => format!("{config}: {line}"),
                Place::File(file) => file.clone(),
            }),
            what: next(),
            why: next(),
            fix: next(),
        }
    }
}

impl Told {
    /// The same without line ends in its texts.
    #[must_use]
    pub fn in_lines(mut self) -> Self {
        for text in [&mut self.what, &mut self.why, &mut self.fix] {
            *text = text.replace('\n', " ");
        }
        self
    }
}

/// What is to be said of the configuration alone, on this day.
#[must_use]
pub fn of_config(config: &Config, host: &dyn Host) -> Vec<Finding> {
    let mut findings = cover::findings(config, host);
    findings.extend(settings::findings(config, host));
    findings
}

/// The worst first, otherwise as they were found.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by_key(|finding| finding.gravity);
}

/// What a rule is called, counted from 0.
fn label(index: usize, rule: &Rule) -> String {
    let number = index + 1;
    match &rule.name {
        Some(name) => format!("[[rule]] {number} ({name})"),
        None => format!("[[rule]] {number}"),
    }
}
