//! One login through the real libpam, in a process of its own, and what came of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::artefacts;
use crate::log::LogLine;
use crate::site::{SERVICE, Site};

/// Where logins come from, unless a test says otherwise (RFC 5737).
const USUAL_ADDRESS: &str = "192.0.2.10";
/// Shorter answers may stand in a log line by chance.
const SECRET_FROM: usize = 4;

/// The prompts of a login, unless the service asks less.
const BOTH_PROMPTS: [&str; 2] = ["hidden Password: ", "hidden Verification code: "];

/// A prompt or a text, as `pam-try` prints it: its style, and its bytes escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt(pub String);

/// A login to be made.
#[derive(Debug, Clone)]
pub struct Attempt<'a> {
    site: &'a Site,
    user: Vec<u8>,
    service: String,
    rhost: String,
    answers: Vec<Vec<u8>>,
    more: Vec<String>,
}

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

impl<'a> Attempt<'a> {
    pub(crate) fn new(site: &'a Site) -> Self {
        Self {
            site,
            user: site.user().into(),
            service: SERVICE.to_owned(),
            rhost: USUAL_ADDRESS.to_owned(),
            answers: Vec::new(),
            more: Vec::new(),
        }
    }

    /// Somebody else logs in.
    #[must_use]
    pub fn user(mut self, user: impl AsRef<[u8]>) -> Self {
        user.as_ref().clone_into(&mut self.user);
        self
    }

    /// Through another service.
    #[must_use]
    pub fn service(mut self, service: &str) -> Self {
        service.clone_into(&mut self.service);
        self
    }

    /// From another address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        address.clone_into(&mut self.rhost);
        self
    }

    /// The answers to the prompts, in order.
    #[must_use]
    pub fn answers<T: Into<Vec<u8>>>(mut self, answers: impl IntoIterator<Item = T>) -> Self {
        self.answers = answers.into_iter().map(Into::into).collect();
        self
    }

    /// The functions to be called, by commas, as `pam-try --hooks` takes them.
    #[must_use]
    pub fn hooks(self, hooks: &str) -> Self {
        self.option("--hooks", hooks)
    }

    /// With an answer of so many letters, after those given.
    #[must_use]
    pub fn long_answer(self, letters: usize) -> Self {
        self.option("--long-answer", &letters.to_string())
    }

    /// A conversation that does not work, as `pam-try --conv` takes it.
    #[must_use]
    pub fn conversation(self, kind: &str) -> Self {
        self.option("--conv", kind)
    }

    /// Holds the last answers back until a moment (Unix time in milliseconds).
    #[must_use]
    pub fn release_at(self, milliseconds: u128) -> Self {
        self.option("--release-at", &milliseconds.to_string())
    }

    /// Begins at a moment (Unix time in milliseconds), in a process that is there already.
    #[must_use]
    pub fn start_at(self, milliseconds: u128) -> Self {
        self.option("--start-at", &milliseconds.to_string())
    }

    /// With PAM_RUSER.
    #[must_use]
    pub fn ruser(self, ruser: &str) -> Self {
        self.option("--ruser", ruser)
    }

    /// With a pair `NAME=VALUE` in the PAM environment, as the application sets it.
    #[must_use]
    pub fn pam_environment(self, pair: &str) -> Self {
        self.option("--env", pair)
    }

    /// In a process whose real uid is another than its effective one.
    #[must_use]
    pub fn real_uid(self, uid: u32) -> Self {
        self.option("--real-uid", &uid.to_string())
    }

    /// For an application that shows no texts (PAM_SILENT).
    #[must_use]
    pub fn silent(self) -> Self {
        self.option("--silent", "yes")
    }

    /// With a look at what the hooks change of the process they run in.
    #[must_use]
    pub fn watching_the_host(self) -> Self {
        self.option("--host-state", "yes")
    }

    fn option(mut self, name: &str, value: &str) -> Self {
        self.more.extend([name.to_owned(), value.to_owned()]);
        self
    }

    /// Makes the login.
    ///
    /// # Panics
    /// When no transaction took place, and when an answer is found in the log: that holds for
    /// every login of every suite.
    pub fn run(&self) -> Outcome {
        let (mut command, log) = self.prepared();
        let output = command.output().expect("pam-try runs");
        assert!(
            output.status.success(),
            "pam-try: {} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        self.outcome_of(&output, &log)
    }

    /// What came of a login whose process may have been killed: what it printed until then.
    ///
    /// # Panics
    /// When an answer is found in the log.
    #[must_use]
    pub fn outcome_of(&self, output: &Output, log: &Path) -> Outcome {
        let printed = String::from_utf8_lossy(&output.stdout);
        let outcome = Outcome::read(&printed, LogLine::read(log));
        for answer in &self.answers {
            outcome.assert_secret(answer);
        }
        outcome
    }

    /// The command that makes the login, and the file that gets the log.
    #[must_use]
    pub fn prepared(&self) -> (Command, PathBuf) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = self.site.path().join(format!("log-of-attempt-{number}"));
        let mut command = self.site.command(&artefacts::pam_try());
        command
            .arg("--confdir")
            .arg(self.site.pam_directory())
            .args(["--service", &self.service])
            .arg("--user")
            .arg(OsString::from_vec(self.user.clone()))
            .args(["--rhost", &self.rhost])
            .args(["--tty", "ssh"]);
        for answer in &self.answers {
            command
                .arg("--answer")
                .arg(OsString::from_vec(answer.clone()));
        }
        command
            .args(&self.more)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LD_PRELOAD", artefacts::shim())
            .env("KAPU_TEST_PAM", self.site.pam_directory())
            .env("KAPU_TEST_LOG", &log)
            .env("KAPU_TEST_NAMES", self.site.names_file());
        self.site.weaken(&mut command);
        (command, log)
    }
}

impl Outcome {
    fn read(output: &str, log: Vec<LogLine>) -> Self {
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
    fn assert_secret(&self, answer: &[u8]) {
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
