//! A private sshd on loopback, and the OpenSSH client that logs in to it.
//!
//! A preloaded library (support/private_host.c) lets the daemon read its PAM service from the site's
//! directory, so that neither root nor any file of the system is needed. The rest is as it is
//! everywhere: sshd, libpam, the module.

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::artefacts;
use crate::log::LogLine;
use crate::site::Site;

/// sshd starts itself anew by its absolute path.
const SSHD: &str = "/usr/sbin/sshd";
/// The client's ssh key.
const CLIENT_KEY: &str = "client.key";
/// The client's methods where a key and PAM are wanted.
pub const KEY_AND_PAM: &str = "publickey,keyboard-interactive";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(10);
/// Answers by the prompt's text and notes each prompt.
const ASKPASS: &str = r#"#!/bin/sh
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

/// A running sshd; it ends with this value.
#[derive(Debug)]
pub struct PrivateSshd<'a> {
    site: &'a Site,
    child: Child,
    port: u16,
}

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

impl<'a> PrivateSshd<'a> {
    /// Starts one whose PAM service loads the module.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(site: &'a Site) -> Self {
        Self::start_with(site, &[&format!("auth required {}", site.module())], "")
    }

    /// Starts one that wants an ssh key and then what these PAM rules ask. The client has the key.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_for_keys(site: &'a Site, rules: &[&str]) -> Self {
        make_key(&site.path().join(CLIENT_KEY));
        let options = format!(
            "PubkeyAuthentication yes\nAuthorizedKeysFile {}/{CLIENT_KEY}.pub\n\
             AuthenticationMethods publickey,keyboard-interactive:pam\n",
            site.path().display()
        );
        Self::start_with(site, rules, &options)
    }

    /// Starts one with these PAM rules, and these options before the usual ones: the first counts.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_with(site: &'a Site, rules: &[&str], options: &str) -> Self {
        site.service("sshd", rules);
        site.write_script("askpass", ASKPASS);
        make_key(&site.path().join("sshd.key"));
        let port = free_port();
        let options = format!("{options}{}", configuration(site.path(), port));
        site.write("sshd_config", &options);
        let log = fs::File::create(site.path().join("sshd.log")).expect("a log file for sshd");
        let mut command = site.command(Path::new(SSHD));
        command
            .args(["-D", "-e", "-f"])
            .arg(site.path().join("sshd_config"))
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LD_PRELOAD", artefacts::shim())
            .env("KAPU_TEST_PAM", site.pam_directory())
            .env("KAPU_TEST_LOG", module_log(site))
            .env("KAPU_TEST_SHELL", "/bin/sh")
            .env("KAPU_TEST_HOME", site.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log);
        site.weaken(&mut command);
        end_with_this_thread(&mut command);
        let child = command.spawn().expect("sshd starts");
        let mut sshd = Self { site, child, port };
        sshd.wait_until_it_listens();
        sshd
    }

    fn wait_until_it_listens(&mut self) {
        let begun = Instant::now();
        loop {
            let log = fs::read_to_string(self.site.path().join("sshd.log")).unwrap_or_default();
            if log.contains("Server listening") {
                return;
            }
            let ended = self.child.try_wait().expect("sshd is ours");
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "sshd does not listen: {log}"
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Logs in by keyboard-interactive and runs `command`.
    #[must_use]
    pub fn log_in(&self, user: &str, password: &str, code: &str, command: &str) -> SshOutcome {
        self.log_in_by("keyboard-interactive", user, password, code, command)
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
        let directory = self.site.path();
        let prompts = directory.join("prompts");
        let _ = fs::remove_file(&prompts);
        let before = LogLine::read(&module_log(self.site)).len();
        let output = Command::new("ssh")
            .args(["-F", "none", "-T", "-p", &self.port.to_string()])
            .args(client_options(directory, method))
            .arg(format!("{user}@127.0.0.1"))
            .arg(command)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("SSH_ASKPASS", directory.join("askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env("KAPU_TEST_PROMPTS", &prompts)
            .env("KAPU_TEST_PASSWORD", password)
            .env("KAPU_TEST_CODE", code)
            .stdin(Stdio::null())
            .output()
            .expect("ssh runs");
        let outcome = SshOutcome::of(
            &output,
            fs::read_to_string(prompts).unwrap_or_default(),
            self.log_after(before),
        );
        self.assert_not_logged(password);
        self.assert_not_logged(code);
        outcome
    }

    /// A client that knows the password and breaks the connection off at the prompt with this text.
    ///
    /// # Panics
    /// When it cannot be run.
    pub fn break_off(&self, user: &str, password: &str, prompt: &str) {
        let script = self.site.write_script("break-off", BREAK_OFF);
        let ended = self
            .client("keyboard-interactive", user)
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
        let mut client = self.client(method, user);
        let ended = client.env("SSH_ASKPASS", "/bin/false").output();
        let ended = ended.expect("ssh runs");
        assert!(!ended.status.success(), "{ended:?}");
    }

    /// Connects and hangs up after the server's first line.
    ///
    /// # Panics
    /// When there is no server.
    pub fn knock(&self) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("sshd listens");
        let mut first = [0; 4];
        stream.read_exact(&mut first).expect("sshd says its name");
        assert_eq!(&first, b"SSH-");
    }

    /// The client, about to run `true`; what answers its prompts is not set.
    fn client(&self, method: &str, user: &str) -> Command {
        let mut command = Command::new("ssh");
        command
            .args(["-F", "none", "-T", "-p", &self.port.to_string()])
            .args(client_options(self.site.path(), method))
            .arg(format!("{user}@127.0.0.1"))
            .arg("true")
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null());
        command
    }

    /// The module's lines after the first `before`, once a decision is among them: the client may
    /// hear of it first.
    fn log_after(&self, before: usize) -> Vec<LogLine> {
        let begun = Instant::now();
        loop {
            let mut lines = LogLine::read(&module_log(self.site));
            let new = lines.split_off(before.min(lines.len()));
            if new.iter().any(LogLine::is_decision) || begun.elapsed() > PATIENCE {
                return new;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn assert_not_logged(&self, secret: &str) {
        for file in [self.site.path().join("sshd.log"), module_log(self.site)] {
            let text = fs::read_to_string(&file).unwrap_or_default();
            assert!(!text.contains(secret), "{} tells {secret}", file.display());
        }
    }
}

impl Drop for PrivateSshd<'_> {
    fn drop(&mut self) {
        let pid = libc::pid_t::try_from(self.child.id()).expect("a process id");
        // SAFETY: a signal to our own child, which was not waited for yet.
        unsafe { libc::kill(pid, libc::SIGTERM) };
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl SshOutcome {
    fn of(output: &Output, prompts: String, log: Vec<LogLine>) -> Self {
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

/// A test that is killed leaves no daemon behind.
fn end_with_this_thread(command: &mut Command) {
    // SAFETY: between fork and exec only prctl(2) is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(
            || match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            },
        );
    }
}

fn module_log(site: &Site) -> PathBuf {
    site.path().join("log-of-sshd")
}

fn configuration(directory: &Path, port: u16) -> String {
    let directory = directory.display();
    let mut text = format!(
        "ListenAddress 127.0.0.1:{port}\n\
         HostKey {directory}/sshd.key\n\
         PidFile none\n\
         UsePAM yes\n\
         KbdInteractiveAuthentication yes\n\
         PasswordAuthentication yes\n\
         PubkeyAuthentication no\n\
         AuthorizedKeysFile none\n\
         PermitRootLogin yes\n\
         StrictModes no\n\
         PrintMotd no\n\
         PrintLastLog no\n\
         LogLevel VERBOSE\n"
    );
    // From 9.8 on sshd keeps an address waiting that failed before: here all share one.
    if knows_penalties() {
        text.push_str("PerSourcePenalties no\n");
    }
    text
}

fn knows_penalties() -> bool {
    let output = Command::new(SSHD)
        .args(["-G", "-f", "/dev/null", "-o", "PerSourcePenalties=no"])
        .output();
    match output {
        // sshd before 9.3 has no -G; it has no penalties either.
        Ok(output) => output.status.success(),
        Err(error) => panic!("{SSHD}: {error}"),
    }
}

fn client_options(directory: &Path, method: &str) -> Vec<String> {
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
        "LogLevel=ERROR".to_owned(),
    ]
    .into_iter()
    .flat_map(|option| ["-o".to_owned(), option])
    .collect()
}

/// Makes a key, unless an earlier sshd of the same site has made it.
fn make_key(path: &Path) {
    if path.exists() {
        return;
    }
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(path)
        .status()
        .expect("ssh-keygen runs");
    assert!(made.success(), "ssh-keygen makes a key");
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port on loopback")
        .port()
}
