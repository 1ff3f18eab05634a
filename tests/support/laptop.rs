//! Who logs in to a [`Machine`]: an ordinary user at a client, with an ssh key or without.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::log::LogLine;
use crate::machine::{ELSEWHERE, LOG, LOG_OF_SSHD, Machine};
use crate::ssh_client::{ASKPASS, SshOutcome};

/// The user of the client, who is nobody on the server.
const OWNER: &str = "laptop";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// The client, before it is run: what it will answer, and where it comes from.
#[derive(Debug, Clone)]
pub struct Laptop<'a> {
    machine: &'a Machine,
    address: &'a str,
    password: &'a str,
    code: &'a str,
    options: Vec<&'a str>,
}

impl Machine {
    /// Makes the client's user, who has a key and knows the server.
    pub fn make_laptop(&mut self) {
        self.run(&format!(
            "useradd --create-home --shell /bin/sh {OWNER}\ncd /home/{OWNER}\nmkdir .ssh\n\
             ssh-keygen -q -t ed25519 -N '' -f .ssh/id_ed25519\n\
             sed 's/^/server1 /' /etc/ssh/ssh_host_*_key.pub >.ssh/known_hosts\n\
             chown -R {OWNER} .ssh\nchmod 700 .ssh\n"
        ));
        let askpass = home().join("askpass");
        fs::write(&askpass, ASKPASS).expect("the client's home");
        fs::set_permissions(&askpass, fs::Permissions::from_mode(0o755)).expect("its mode");
    }

    /// Lets the client's key in to an account, with these options of authorized_keys in front.
    pub fn authorize(&mut self, name: &str, options: &str) {
        self.run(&format!(
            "cd ~{name}\nmkdir -p .ssh\n\
             printf '%s' '{options}' | cat - /home/{OWNER}/.ssh/id_ed25519.pub >.ssh/authorized_keys\n\
             chown -R {name} .ssh\nchmod 700 .ssh\n"
        ));
    }

    /// The client, which comes from elsewhere, knows no answers and leaves its key at home.
    #[must_use]
    pub fn laptop(&self) -> Laptop<'_> {
        Laptop {
            machine: self,
            address: ELSEWHERE,
            password: "",
            code: "",
            options: vec!["NumberOfPasswordPrompts=1", "PubkeyAuthentication=no"],
        }
    }
}

impl<'a> Laptop<'a> {
    /// From another address.
    #[must_use]
    pub const fn from(mut self, address: &'a str) -> Self {
        self.address = address;
        self
    }

    /// With its key.
    #[must_use]
    pub fn with_key(mut self) -> Self {
        self.options
            .retain(|option| *option != "PubkeyAuthentication=no");
        self
    }

    /// With another option of ssh_config(5).
    #[must_use]
    pub fn option(mut self, option: &'a str) -> Self {
        self.options.push(option);
        self
    }

    /// Knowing what to answer.
    #[must_use]
    pub const fn answering(mut self, password: &'a str, code: &'a str) -> Self {
        self.password = password;
        self.code = code;
        self
    }

    /// Logs in and runs `command`.
    ///
    /// # Panics
    /// When it cannot be run, and when an answer is found in a log.
    #[must_use]
    pub fn ssh(&self, user: &str, command: &str) -> SshOutcome {
        let mut words = vec!["ssh".to_owned(), "-b".to_owned(), self.address.to_owned()];
        for option in &self.options {
            words.extend(["-o".to_owned(), (*option).to_owned()]);
        }
        words.extend([format!("{user}@server1"), command.to_owned()]);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let before = self.machine.log().len();
        let (output, prompts) = self.run(&words);
        // A login that asked for nothing need not have come to the module.
        let wait = !prompts.is_empty() && !prompts.contains("'s password: ");
        let log = self.log_after(before, wait);
        for secret in [self.password, self.code] {
            self.assert_not_logged(secret);
        }
        SshOutcome::of(&output, prompts, log)
    }

    /// Runs commands as they would be typed, in the home of the client's user.
    ///
    /// # Panics
    /// When they cannot be run.
    #[must_use]
    pub fn shell(&self, script: &str) -> SshOutcome {
        let (output, prompts) = self.run(&["sh", "-euc", script]);
        SshOutcome::of(&output, prompts, Vec::new())
    }

    fn run(&self, words: &[&str]) -> (Output, String) {
        let prompts = home().join("prompts");
        let _ = fs::remove_file(&prompts);
        let output = Command::new("setpriv")
            .args(["--reuid", OWNER, "--regid", OWNER, "--clear-groups", "--"])
            .args(words)
            .current_dir(home())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", home())
            .env("LC_ALL", "C.UTF-8")
            .env("SSH_ASKPASS", home().join("askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env("KAPU_TEST_PROMPTS", &prompts)
            .env("KAPU_TEST_PASSWORD", self.password)
            .env("KAPU_TEST_CODE", self.code)
            .stdin(Stdio::null())
            .output()
            .expect("setpriv runs");
        (output, fs::read_to_string(prompts).unwrap_or_default())
    }

    /// The module's lines after the first `before`; the client may hear of a decision first.
    fn log_after(&self, before: usize, wait: bool) -> Vec<LogLine> {
        let begun = Instant::now();
        loop {
            let new = self.machine.log().split_off(before);
            if !wait || new.iter().any(LogLine::is_decision) || begun.elapsed() > PATIENCE {
                return new;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn assert_not_logged(&self, secret: &str) {
        for file in [LOG_OF_SSHD, LOG] {
            let text = fs::read_to_string(file).unwrap_or_default();
            assert!(
                secret.is_empty() || !text.contains(secret),
                "{file} tells {secret}"
            );
        }
    }
}

fn home() -> PathBuf {
    PathBuf::from("/home").join(OWNER)
}
