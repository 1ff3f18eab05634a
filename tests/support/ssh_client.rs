//! The OpenSSH client at a private sshd: logins by scripts, and by a person at a terminal.

use std::fs;
use std::io::Read as _;
use std::net::TcpStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::log::LogLine;
use crate::sshd::{CLIENT_KEY, PrivateSshd, module_log};
use crate::terminal::Terminal;

/// The client's methods where a key and PAM are wanted.
pub const KEY_AND_PAM: &str = "publickey,keyboard-interactive";
/// The client's method where PAM asks.
pub const KEYBOARD: &str = "keyboard-interactive";
/// What the client says: at its usual level also what the server tells after the last prompt.
const USUAL: &str = "INFO";
const QUIET: &str = "ERROR";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers by the prompt's text and notes each prompt.
pub(crate) const ASKPASS: &str = r#"#!/bin/sh
printf '%s\n' "$1" >>"$KAPU_TEST_PROMPTS"
case $1 in
*assword:*) printf '%s\n' "$KAPU_TEST_PASSWORD" ;;
*code:*) printf '%s\n' "$KAPU_TEST_CODE" ;;
*) exit 1 ;;
esac
"#;

/// Gives the password where it is asked for, and ends the client without a word where the prompt is
/// the one to break off at.
const BREAK_OFF: &str = r#"#!/bin/sh
case $1 in
*$KAPU_TEST_BREAK*) kill -9 $PPID ;;
*) printf '%s\n' "$KAPU_TEST_PASSWORD" ;;
esac
"#;

/// What a client's login came to.
#[derive(Debug)]
pub struct SshOutcome {
    /// Whether the client ran the command and it succeeded.
    pub success: bool,
    /// What the remote command printed.
    pub stdout: String,
    /// What the client said.
    pub stderr: String,
    /// The prompts as the client showed them.
    pub prompts: String,
    /// What the module wrote to the log.
    pub log: Vec<LogLine>,
}

impl PrivateSshd<'_> {
    /// Logs in by keyboard-interactive and runs `command`.
    #[must_use]
    pub fn log_in(&self, user: &str, password: &str, code: &str, command: &str) -> SshOutcome {
        self.log_in_by(KEYBOARD, user, password, code, command)
    }

    /// As [`log_in`](Self::log_in), from this address of loopback.
    #[must_use]
    pub fn log_in_from(
        &self,
        address: &str,
        user: &str,
        password: &str,
        code: &str,
        command: &str,
    ) -> SshOutcome {
        let client = self.client_from(address, KEYBOARD, user, command, QUIET);
        self.log_in_as(client, password, code)
    }

    /// As [`log_in_from`](Self::log_in_from), and looks for nothing in the log.
    ///
    /// # Panics
    /// When the client cannot be run.
    pub fn try_from(&self, address: &str, user: &str, password: &str, code: &str) {
        let client = self.client_from(address, KEYBOARD, user, "true", QUIET);
        self.answer(client, password, code);
    }

    /// Logs in by a method of the ssh protocol and runs `command`.
    ///
    /// # Panics
    /// When the client cannot be run, and when password or code is found in sshd's log or ours.
    #[must_use]
    pub fn log_in_by(
        &self,
        method: &str,
        user: &str,
        password: &str,
        code: &str,
        command: &str,
    ) -> SshOutcome {
        let client = self.client(method, user, command, QUIET);
        self.log_in_as(client, password, code)
    }

    fn log_in_as(&self, client: Command, password: &str, code: &str) -> SshOutcome {
        let before = self.site().sshd_log().len();
        let (output, prompts) = self.answer(client, password, code);
        let outcome = SshOutcome::of(&output, prompts, self.log_after(before));
        self.assert_not_logged(password);
        self.assert_not_logged(code);
        outcome
    }

    /// Lets the client answer the prompts: what came of it, and the prompts.
    fn answer(&self, mut client: Command, password: &str, code: &str) -> (Output, String) {
        let directory = self.site().path();
        let prompts = directory.join("prompts");
        let _ = fs::remove_file(&prompts);
        let output = client
            .env("SSH_ASKPASS", directory.join("askpass"))
            .env("KAPU_TEST_PROMPTS", &prompts)
            .env("KAPU_TEST_PASSWORD", password)
            .env("KAPU_TEST_CODE", code)
            .output()
            .expect("ssh runs");
        (output, fs::read_to_string(prompts).unwrap_or_default())
    }

    /// A client that knows the password and breaks the connection off at the prompt with this text.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn break_off(&self, user: &str, password: &str, prompt: &str) {
        let script = self.site().write_script("break-off", BREAK_OFF);
        let ended = self
            .client(KEYBOARD, user, "true", QUIET)
            .env("SSH_ASKPASS", script)
            .env("KAPU_TEST_BREAK", prompt)
            .env("KAPU_TEST_PASSWORD", password)
            .output()
            .expect("ssh runs");
        assert_eq!(ended.status.signal(), Some(libc::SIGKILL), "{ended:?}");
    }

    /// A client that has nothing to answer with.
    ///
    /// # Panics
    /// When it cannot be run, and when it is let in.
    pub fn ask_without_answering(&self, user: &str, method: &str) {
        let mut client = self.client(method, user, "true", QUIET);
        let ended = client.env("SSH_ASKPASS", "/bin/false").output();
        let ended = ended.expect("ssh runs");
        assert!(!ended.status.success(), "{ended:?}");
    }

    /// Connects and hangs up after the server's first line.
    ///
    /// # Panics
    /// When there is no server.
    pub fn knock(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port())).expect("sshd listens");
        let mut first = [0; 4];
        stream.read_exact(&mut first).expect("sshd says its name");
        assert_eq!(&first, b"SSH-");
    }

    /// A person at a terminal who logs in, by `method`, and then runs `command`. `locale` are
    /// variables such as `LC_ALL`.
    ///
    /// # Panics
    /// When the client cannot be run.
    #[must_use]
    pub fn terminal(
        &self,
        method: &str,
        user: &str,
        locale: &[(&str, &str)],
        command: &str,
    ) -> Terminal {
        Terminal::run(self.client_of_a_person(method, user, locale, command))
    }

    /// The client of [`terminal`](Self::terminal), not yet running.
    #[must_use]
    pub fn client_of_a_person(
        &self,
        method: &str,
        user: &str,
        locale: &[(&str, &str)],
        command: &str,
    ) -> Command {
        let mut client = self.client(method, user, command, USUAL);
        client.env("SSH_ASKPASS_REQUIRE", "never");
        client.env("TERM", "xterm").envs(locale.iter().copied());
        client
    }

    /// The client, about to run `command`; what answers its prompts is not set.
    fn client(&self, method: &str, user: &str, command: &str, log_level: &str) -> Command {
        self.client_from("127.0.0.1", method, user, command, log_level)
    }

    fn client_from(
        &self,
        address: &str,
        method: &str,
        user: &str,
        command: &str,
        log_level: &str,
    ) -> Command {
        let mut client = Command::new("ssh");
        client
            .args(["-F", "none", "-T", "-b", address])
            .args(["-p", &self.port().to_string()])
            .args(client_options(self.site().path(), method, log_level))
            .arg(format!("{user}@127.0.0.1"))
            .arg(command)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null());
        client
    }

    /// The module's lines after the first `before`, once a decision is among them: the client may
    /// hear of it first.
    fn log_after(&self, before: usize) -> Vec<LogLine> {
        let begun = Instant::now();
        loop {
            let mut lines = self.site().sshd_log();
            let new = lines.split_off(before.min(lines.len()));
            if new.iter().any(LogLine::is_decision) || begun.elapsed() > PATIENCE {
                return new;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn assert_not_logged(&self, secret: &str) {
        for file in [self.site().path().join("sshd.log"), module_log(self.site())] {
            let text = fs::read_to_string(&file).unwrap_or_default();
            assert!(
                secret.is_empty() || !text.contains(secret),
                "{} tells {secret}",
                file.display()
            );
        }
    }
}

impl SshOutcome {
    pub(crate) fn of(output: &Output, prompts: String, log: Vec<LogLine>) -> Self {
        Self {
            success: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            prompts,
            log,
        }
    }

    /// The value of `key` in the line that tells how the login ended.
    #[must_use]
    pub fn logged(&self, key: &str) -> Option<&str> {
        self.log.iter().find(|line| line.is_decision())?.value(key)
    }

    /// Asserts that the client was turned away, for the reason `why` of the module's log line.
    ///
    /// # Panics
    /// When it was not.
    #[track_caller]
    pub fn assert_refused(&self, why: &str) {
        assert!(!self.success, "{self:?}");
        assert_eq!(self.stdout, "", "nothing ran");
        assert!(self.stderr.contains("Permission denied"), "{self:?}");
        assert_eq!(self.logged("result"), Some("refuse"), "{self:?}");
        assert_eq!(self.logged("reason"), Some(why), "{self:?}");
    }
}

fn client_options(directory: &Path, method: &str, log_level: &str) -> Vec<String> {
    let has_key = method == KEY_AND_PAM;
    [
        format!("PreferredAuthentications={method}"),
        format!(
            "PubkeyAuthentication={}",
            if has_key { "yes" } else { "no" }
        ),
        format!("IdentityFile={}/{CLIENT_KEY}", directory.display()),
        "IdentitiesOnly=yes".to_owned(),
        "NumberOfPasswordPrompts=1".to_owned(),
        "StrictHostKeyChecking=accept-new".to_owned(),
        format!("UserKnownHostsFile={}/known_hosts", directory.display()),
        "GlobalKnownHostsFile=none".to_owned(),
        format!("LogLevel={log_level}"),
    ]
    .into_iter()
    .flat_map(|option| ["-o".to_owned(), option])
    .collect()
}
