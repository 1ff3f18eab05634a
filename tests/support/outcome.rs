//! What came of a login.

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::time::Duration;

use crate::log::LogLine;

/// Shorter answers may stand in a log line by chance.
const SECRET_FROM: usize = 4;

/// The prompts of a login, unless the service asks less.
const BOTH_PROMPTS: [&str; 2] = ["hidden Password: ", "hidden Verification code: "];

/// A prompt or a text, as `pam-try` prints it: its style, and its bytes escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt(pub String);

/// What came of a login.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What each hook returned, by its name in `pam-try --hooks`.
    pub results: BTreeMap<String, String>,
    /// The prompts in their order.
    pub prompts: Vec<Prompt>,
    /// What was said without a question.
    pub texts: Vec<Prompt>,
    /// The PAM environment at the end.
    pub environment: Vec<String>,
    /// How long libpam would have waited after a refusal, because modules asked it to.
    pub fail_delay: Duration,
    /// From the last answer to the end of `auth`.
    pub waited: Duration,
    /// What of the host process the hooks changed, where [`Attempt::watching_the_host`] looked.
    pub changed: Vec<String>,
    /// The most memory that the process ever had, in KiB.
    pub peak: u64,
    /// What was written to the log.
    pub log: Vec<LogLine>,
}

impl Outcome {
    pub(crate) fn read(output: &str, log: Vec<LogLine>) -> Self {
        let mut outcome = Self {
            results: BTreeMap::new(),
            prompts: Vec::new(),
            texts: Vec::new(),
            environment: Vec::new(),
            fail_delay: Duration::ZERO,
            waited: Duration::ZERO,
            changed: Vec::new(),
            peak: 0,
            log,
        };
        for line in output.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            match kind {
                "ask" => outcome.prompts.push(Prompt(rest.to_owned())),
                "say" => outcome.texts.push(Prompt(rest.to_owned())),
                "changed" => outcome.changed.push(rest.to_owned()),
                "env" => outcome.environment.push(rest.to_owned()),
                "peak" => outcome.peak = rest.parse().expect("a number of KiB"),
                "waited" => {
                    outcome.waited =
                        Duration::from_millis(rest.parse().expect("a number of milliseconds"));
                }
                "delay" => {
                    outcome.fail_delay =
                        Duration::from_micros(rest.parse().expect("a number of microseconds"));
                }
                "result" => {
                    let (hook, code) = rest.split_once(' ').expect("a hook and its result");
                    outcome.results.insert(hook.to_owned(), code.to_owned());
                }
                _ => panic!("pam-try printed {line:?}"),
            }
        }
        outcome
    }

    /// What pam_authenticate(3) returned.
    ///
    /// # Panics
    /// When it was not called.
    #[must_use]
    pub fn code(&self) -> &str {
        self.result("auth")
    }

    /// What a hook returned.
    ///
    /// # Panics
    /// When it was not called.
    #[must_use]
    pub fn result(&self, hook: &str) -> &str {
        self.results
            .get(hook)
            .unwrap_or_else(|| panic!("{hook} was not called"))
    }

    /// The log line that tells how the login ended.
    ///
    /// # Panics
    /// When there is none, or more than one.
    #[must_use]
    pub fn decision(&self) -> &LogLine {
        let decisions: Vec<_> = self.log.iter().filter(|line| line.is_decision()).collect();
        assert_eq!(
            decisions.len(),
            1,
            "one log line for one login: {:?}",
            self.log
        );
        decisions[0]
    }

    /// Whether it was let in.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.code() == "PAM_SUCCESS"
    }

    /// Asserts that it was let in after both prompts, and that the log says so.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn assert_accepted(&self) {
        self.assert_accepted_asking(&BOTH_PROMPTS);
    }

    /// Asserts that it was let in after these prompts, and that the log says so.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn assert_accepted_asking(&self, prompts: &[&str]) {
        assert_eq!(self.code(), "PAM_SUCCESS", "{:?}", self.log);
        assert_eq!(self.decision().value("result"), Some("accept"));
        self.assert_asked(prompts);
    }

    /// Asserts a refusal for the reason `why` of the log line, which nothing else shows: prompts,
    /// text and PAM code are those of every refusal of this suite.
    ///
    /// # Panics
    /// When anything of this is not so.
    #[track_caller]
    pub fn assert_refused(&self, why: &str) {
        static TEXTS_OF_THE_FIRST: OnceLock<Vec<Prompt>> = OnceLock::new();
        self.assert_refused_asking(why, &BOTH_PROMPTS);
        let texts = TEXTS_OF_THE_FIRST.get_or_init(|| self.texts.clone());
        assert_eq!(&self.texts, texts, "one text for all refusals");
    }

    /// Asserts a refusal for the reason `why` of the log line, after these prompts.
    ///
    /// # Panics
    /// When anything of this is not so.
    #[track_caller]
    pub fn assert_refused_asking(&self, why: &str, prompts: &[&str]) {
        assert_eq!(self.code(), "PAM_AUTH_ERR", "{:?}", self.log);
        assert_eq!(self.decision().value("result"), Some("refuse"));
        assert_eq!(self.decision().value("reason"), Some(why));
        self.assert_asked(prompts);
        assert!(!self.texts.is_empty(), "a refusal says something");
        assert!(
            self.waited >= Duration::from_secs(1),
            "a refusal after {:?} tells by its time what was wrong",
            self.waited
        );
    }

    /// Asserts that the module could not do its work, for the reason `why` of the log line.
    ///
    /// # Panics
    /// When it could, or gave another reason.
    #[track_caller]
    pub fn assert_unavailable(&self, why: &str) {
        assert_eq!(self.code(), "PAM_AUTHINFO_UNAVAIL", "{:?}", self.log);
        assert_eq!(self.decision().value("result"), Some("unavailable"));
        assert_eq!(self.decision().value("reason"), Some(why));
    }

    /// Asserts that these prompts came, in this order, and no other one.
    ///
    /// # Panics
    /// When others did.
    #[track_caller]
    pub fn assert_asked(&self, expected: &[&str]) {
        let prompts: Vec<_> = self
            .prompts
            .iter()
            .map(|prompt| prompt.0.as_str())
            .collect();
        assert_eq!(prompts, expected, "the same prompts for everybody");
    }

    /// No answer is ever seen in the log or in a text.
    pub(crate) fn assert_secret(&self, answer: &[u8]) {
        let answer = answer.escape_ascii().to_string();
        if answer.len() < SECRET_FROM {
            return;
        }
        let bare: String = answer.chars().filter(char::is_ascii_digit).collect();
        let shown = self
            .log
            .iter()
            .map(|line| &line.text)
            .chain(self.texts.iter().map(|prompt| &prompt.0));
        for text in shown {
            assert!(!text.contains(&answer), "{answer:?} shows in {text:?}");
            assert!(
                bare.len() < SECRET_FROM || !text.contains(&bare),
                "{bare:?} shows in {text:?}"
            );
        }
    }
}
