//! A private sshd on loopback.
//!
//! A preloaded library (support/private_host.c) lets the daemon read its PAM service from the site's
//! directory, so that neither root nor any file of the system is needed. The rest is as it is
//! everywhere: sshd, libpam, the module.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::artefacts;
use crate::site::Site;
use crate::ssh_client::ASKPASS;

/// sshd starts itself anew by its absolute path.
pub(crate) const SSHD: &str = "/usr/sbin/sshd";
/// The client's ssh key.
pub(crate) const CLIENT_KEY: &str = "client.key";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// A running sshd; it ends with this value.
#[derive(Debug)]
pub struct PrivateSshd<'a> {
    site: &'a Site,
    child: Child,
    port: u16,
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
        Self::start_by(site, rules, "publickey,keyboard-interactive:pam")
    }

    /// Starts one that also makes people choose a new password, as conf/pam.d/kapu-sshd does: a new
    /// password of ours ends the stack, whatever follows.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_for_passwords(site: &'a Site) -> Self {
        let rules = rules_for_passwords(site);
        Self::start_with(site, &rules.each_ref().map(String::as_str), "")
    }

    /// As [`start_for_passwords`](Self::start_for_passwords), but an ssh key is enough.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start_for_keys_alone(site: &'a Site) -> Self {
        let rules = rules_for_passwords(site);
        Self::start_by(site, &rules.each_ref().map(String::as_str), "publickey")
    }

    fn start_by(site: &'a Site, rules: &[&str], methods: &str) -> Self {
        make_key(&site.path().join(CLIENT_KEY));
        let options = format!(
            "PubkeyAuthentication yes\nAuthorizedKeysFile {}/{CLIENT_KEY}.pub\n\
             AuthenticationMethods {methods}\n",
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
            .env("KAPU_TEST_JOURNAL", site.journal())
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

    /// Where it listens, on loopback.
    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// The site it lets people into.
    pub(crate) const fn site(&self) -> &Site {
        self.site
    }
}

impl Drop for PrivateSshd<'_> {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a daemon of ours: in order, and otherwise by force.
pub(crate) fn end(child: &mut Child) {
    let pid = libc::pid_t::try_from(child.id()).expect("a process id");
    // SAFETY: a signal to our own child, which was not waited for yet.
    unsafe { libc::kill(pid, libc::SIGTERM) };
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn rules_for_passwords(site: &Site) -> [String; 5] {
    let module = site.module();
    [
        format!("auth requisite {module}"),
        format!("account required {module}"),
        "account required pam_permit.so".to_owned(),
        format!("password [success=done ignore=ignore default=die] {module}"),
        "password required pam_deny.so".to_owned(),
    ]
}

/// A test that is killed leaves no daemon behind.
pub(crate) fn end_with_this_thread(command: &mut Command) {
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

pub(crate) fn module_log(site: &Site) -> PathBuf {
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

pub(crate) fn knows_penalties() -> bool {
    let output = Command::new(SSHD)
        .args(["-G", "-f", "/dev/null", "-o", "PerSourcePenalties=no"])
        .output();
    match output {
        // sshd before 9.3 has no -G; it has no penalties either.
        Ok(output) => output.status.success(),
        Err(error) => panic!("{SSHD}: {error}"),
    }
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
