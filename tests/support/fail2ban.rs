//! A fail2ban of its own: the filter and the jail that are shipped, among the files that every
//! fail2ban has, and an action that notes addresses in place of shutting them out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::site::Site;
use crate::sshd::{end, end_with_this_thread};

const FILTER: &str = include_str!("../../conf/fail2ban/filter.d/pam_kapu.conf");
const JAIL: &str = include_str!("../../conf/fail2ban/jail.d/pam_kapu.conf");
/// Longest wait for something that takes a second or two.
const PATIENCE: Duration = Duration::from_secs(20);

/// The configuration of a fail2ban that runs nowhere yet.
#[derive(Debug)]
pub struct Fail2ban {
    directory: PathBuf,
}

/// A running fail2ban; it ends with this value.
#[derive(Debug)]
pub struct RunningFail2ban {
    child: Child,
    fail2ban: Fail2ban,
}

impl Fail2ban {
    /// Its files, in a directory of the site.
    ///
    /// # Panics
    /// When fail2ban is not installed.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let directory = site.path().join("fail2ban");
        let copied = Command::new("cp")
            .args(["-rL", "/etc/fail2ban"])
            .arg(&directory)
            .status()
            .expect("cp runs");
        assert!(copied.success(), "fail2ban is installed");
        // The host's own jails are none of ours.
        let jails = directory.join("jail.d");
        fs::remove_dir_all(&jails).expect("its jails go");
        fs::create_dir(&jails).expect("a directory for ours");
        let _ = fs::remove_file(directory.join("jail.local"));
        let ours = Self { directory };
        ours.write("filter.d/pam_kapu.conf", FILTER);
        ours.write("jail.d/pam_kapu.conf", JAIL);
        let at = ours.directory.display();
        ours.write(
            "fail2ban.local",
            &format!(
                "[Definition]\nlogtarget = {at}/log\nsocket = {at}/socket\n\
                 pidfile = {at}/pid\ndbfile = {at}/db\n"
            ),
        );
        ours.write(
            "action.d/noted.conf",
            &format!("[Definition]\nactionban = echo '<ip>' >>{at}/banned\n"),
        );
        ours
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.directory.join(name), content).expect("a file of fail2ban");
    }

    /// What `fail2ban-client --test` says of the configuration as it is shipped.
    ///
    /// # Panics
    /// When it cannot be run.
    #[must_use]
    pub fn tested(&self) -> Output {
        self.client(&["--test"])
    }

    /// The addresses that the filter finds in a log, in the order of its lines; none where a line
    /// does not count.
    ///
    /// # Panics
    /// When the real fail2ban-regex does not read them.
    #[must_use]
    pub fn found_in(&self, lines: &[String]) -> Vec<String> {
        self.write("lines", &(lines.join("\n") + "\n"));
        self.regex(&self.directory.join("lines").display().to_string())
    }

    /// The addresses that the filter finds in a journal, of the entries that it takes.
    ///
    /// # Panics
    /// When the real fail2ban-regex does not read it.
    #[must_use]
    pub fn found_in_journal(&self, journal: &Path) -> Vec<String> {
        self.regex(&format!(
            "systemd-journal[journalpath={}]",
            journal.display()
        ))
    }

    fn regex(&self, log: &str) -> Vec<String> {
        let output = Command::new("fail2ban-regex")
            .arg("--config")
            .arg(&self.directory)
            .args(["--out", "ip", log, "pam_kapu"])
            .output()
            .expect("fail2ban-regex runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success() && !text.contains("ERROR"),
            "{output:?}"
        );
        text.lines().map(str::to_owned).collect()
    }

    /// Starts it with the shipped jail, in which these lines come last.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(self, jail: &str) -> RunningFail2ban {
        self.write(
            "jail.d/pam_kapu.local",
            &format!("[pam_kapu]\naction = noted\n{jail}"),
        );
        let output = fs::File::create(self.directory.join("output")).expect("a file for it");
        let mut command = Command::new("fail2ban-server");
        command
            .arg("-c")
            .arg(&self.directory)
            .args(["-x", "-f", "start"])
            .stdin(Stdio::null())
            .stdout(output.try_clone().expect("the same file"))
            .stderr(output);
        end_with_this_thread(&mut command);
        let child = command.spawn().expect("fail2ban-server runs");
        let mut running = RunningFail2ban {
            child,
            fail2ban: self,
        };
        running.wait_until("the jail", |running| running.failures().is_some());
        running
    }

    fn client(&self, arguments: &[&str]) -> Output {
        Command::new("fail2ban-client")
            .arg("-c")
            .arg(&self.directory)
            .args(arguments)
            .output()
            .expect("fail2ban-client runs")
    }
}

impl RunningFail2ban {
    /// What it was started with.
    #[must_use]
    pub const fn configuration(&self) -> &Fail2ban {
        &self.fail2ban
    }

    /// How many failures the jail has seen; `None` where there is no jail yet.
    fn failures(&self) -> Option<usize> {
        let output = self.fail2ban.client(&["status", "pam_kapu"]);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (_, after) = text.split_once("Total failed:")?;
        after.split_whitespace().next()?.parse().ok()
    }

    /// Waits until the jail has seen so many failures.
    ///
    /// # Panics
    /// When it does not see them, or sees more.
    #[track_caller]
    pub fn wait_for_failures(&mut self, number: usize) {
        self.wait_until("failures", |running| running.failures() >= Some(number));
        assert_eq!(self.failures(), Some(number));
    }

    /// Waits until somebody is banned.
    ///
    /// # Panics
    /// When nobody is.
    #[track_caller]
    pub fn wait_for_ban(&mut self) {
        self.wait_until("a ban", |running| !running.banned().is_empty());
    }

    /// The addresses that were banned so far.
    #[must_use]
    pub fn banned(&self) -> Vec<String> {
        let noted = fs::read_to_string(self.fail2ban.directory.join("banned"));
        let noted = noted.unwrap_or_default();
        noted.lines().map(str::to_owned).collect()
    }

    #[track_caller]
    fn wait_until(&mut self, what: &str, has_come: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !has_come(self) {
            let ended = self.child.try_wait().expect("it is ours");
            let said = |name| fs::read_to_string(self.fail2ban.directory.join(name));
            assert!(
                ended.is_none() && begun.elapsed() < PATIENCE,
                "{what}: {ended:?} {:?} {:?}",
                said("output"),
                said("log")
            );
            thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for RunningFail2ban {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
