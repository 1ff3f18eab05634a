//! A host process of many logins (tests/pam-host), which keeps nothing of them itself.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use crate::artefacts;
use crate::site::Site;

/// The process, and where it is told of logins. It ends with this value.
#[derive(Debug)]
pub struct HostProcess {
    child: Child,
    input: Option<ChildStdin>,
}

impl HostProcess {
    /// Starts one for this site; `more` is as in pam-host.c.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn start(site: &Site, more: &[&str]) -> Self {
        let mut command = Command::new(artefacts::pam_host());
        command
            .arg(site.pam_directory())
            .args(more)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            // As sshd is linked. A lazily linked host saves the vector registers on its stack at the first
            // call of each function, with the last bytes that libpam copied in them.
            .env("LD_BIND_NOW", "1")
            .env("LD_PRELOAD", artefacts::shim())
            .env("KAPU_TEST_PAM", site.pam_directory())
            .env("KAPU_TEST_LOG", site.path().join("log-of-host"))
            .env("KAPU_TEST_JOURNAL", site.journal())
            .env("KAPU_TEST_NAMES", site.path().join("names"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        site.weaken(&mut command);
        let mut child = command.spawn().expect("pam-host runs");
        let input = child.stdin.take();
        Self { child, input }
    }

    /// Tells it of all its logins, lines as in pam-host.c.
    ///
    /// # Panics
    /// When it was told before.
    pub fn tell(&mut self, logins: &str) {
        let mut input = self.input.take().expect("once");
        input.write_all(logins.as_bytes()).expect("it reads");
    }

    /// Waits until it has stopped itself.
    ///
    /// # Panics
    /// When it ends instead.
    pub fn wait_until_stopped(&self) {
        let pid = libc::pid_t::try_from(self.child.id()).expect("a process id");
        let mut status = 0;
        // SAFETY: waitpid(2) of our own child, and a place for its status.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, libc::WUNTRACED) };
        assert_eq!(waited, pid);
        assert!(libc::WIFSTOPPED(status), "it did not stop: {status}");
    }

    /// What it printed, once it has ended.
    ///
    /// # Panics
    /// When it printed no text.
    #[must_use]
    pub fn printed(mut self) -> String {
        let mut text = String::new();
        let output = self.child.stdout.as_mut().expect("a pipe");
        output.read_to_string(&mut text).expect("text");
        text
    }

    /// All that it has in memory, while it is stopped.
    ///
    /// # Panics
    /// When that cannot be read.
    #[must_use]
    pub fn memory(&self) -> Vec<Vec<u8>> {
        let proc = Path::new("/proc").join(self.child.id().to_string());
        let maps = fs::read_to_string(proc.join("maps")).expect("its mappings");
        let mem = File::open(proc.join("mem")).expect("its memory");
        let readable = maps.lines().filter(|line| {
            let is_kernels = line.contains("[v");
            line.split(' ')
                .nth(1)
                .is_some_and(|mode| mode.starts_with('r'))
                && !is_kernels
        });
        readable
            .map(|line| {
                let (range, _) = line.split_once(' ').expect("a range");
                let (from, to) = range.split_once('-').expect("two addresses");
                let [from, to] =
                    [from, to].map(|at| u64::from_str_radix(at, 16).expect("an address"));
                let mut bytes = vec![0; usize::try_from(to - from).expect("a size")];
                mem.read_exact_at(&mut bytes, from).expect(line);
                bytes
            })
            .collect()
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
