//! One login through the real libpam, in a process of its own.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::artefacts;
use crate::outcome::Outcome;
use crate::site::{SERVICE, Site};

/// Where logins come from, unless a test says otherwise (RFC 5737).
const USUAL_ADDRESS: &str = "192.0.2.10";

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

    /// A conversation that is odd, as `pam-try --conv` takes it, from this question on; the first is 1.
    #[must_use]
    pub fn conversation(self, kind: &str, from: usize) -> Self {
        let odd = self.option("--conv", kind);
        odd.option("--conv-from", &from.to_string())
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
        let outcome = Outcome::read(&printed, self.site.lines_of(log));
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
            .env("KAPU_TEST_JOURNAL", self.site.journal())
            .env("KAPU_TEST_NAMES", self.site.names_file());
        self.site.weaken(&mut command);
        (command, log)
    }
}
