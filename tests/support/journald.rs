//! systemd's own journal, in a mount namespace and a directory of its own.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::site::Site;
use crate::sshd::{end, end_with_this_thread};

const PROGRAM: &str = "/usr/lib/systemd/systemd-journald";
/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// It looks neither at the kernel's messages nor at the audit system's, and forwards to syslog, as on
/// Debian.
const CONFIGURATION: &str = "[Journal]\nStorage=volatile\nReadKMsg=no\nAudit=no\n\
    ForwardToSyslog=yes\nForwardToWall=no\nRateLimitIntervalSec=0\n";
/// What it takes for its host: /run is the site's, /etc holds its configuration alone.
const NAMESPACE: &str = "set -e\n\
    mount --make-rprivate /\n\
    mount --bind \"$1/etc\" /etc\n\
    mount --bind \"$1/run\" /run\n\
    exec \"$2\"\n";

/// A running journal, which the processes of a site log to; it ends with this value.
#[derive(Debug)]
pub struct Journald {
    child: Child,
    /// Where it keeps what it got.
    path: PathBuf,
    /// Where rsyslog would listen.
    syslog: UnixDatagram,
}

impl Journald {
    /// Starts one; `None` where there is no such program or no such namespace.
    ///
    /// # Panics
    /// When it cannot be set up.
    #[must_use]
    pub fn start(site: &Site) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let host = site.path().join("host");
        for directory in ["etc/systemd", "run/systemd/journal", "run/log/journal"] {
            fs::create_dir_all(host.join(directory)).expect("a directory for the journal");
        }
        let id = fs::read_to_string("/proc/sys/kernel/random/uuid").expect("a random id");
        let file = |name: &str, content: &str| {
            fs::write(host.join(name), content).expect("a file for the journal");
        };
        file("etc/machine-id", &id.replace('-', ""));
        file("etc/systemd/journald.conf", CONFIGURATION);
        let socket = host.join("run/systemd/journal/socket");
        let _ = fs::remove_file(site.journal());
        symlink(&socket, site.journal()).expect("a link to its socket");
        let syslog = UnixDatagram::bind(host.join("run/systemd/journal/syslog"));
        let syslog = syslog.expect("a socket for what is forwarded");
        syslog.set_nonblocking(true).expect("a socket of ours");
        let mut command = Command::new("unshare");
        command
            .args(["-m", "sh", "-c", NAMESPACE, "sh"])
            .arg(&host)
            .arg(PROGRAM)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(site.path().join("journald.log")).expect("a log for it"));
        end_with_this_thread(&mut command);
        let mut journald = Self {
            child: command.spawn().expect("unshare runs"),
            path: host.join("run/log/journal"),
            syslog,
        };
        let begun = Instant::now();
        while !socket.exists() {
            let ended = journald.child.try_wait().expect("it is ours");
            if ended.is_some() || begun.elapsed() > PATIENCE {
                return None;
            }
            thread::sleep(Duration::from_millis(20));
        }
        Some(journald)
    }

    /// Where it keeps what it got.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it has forwarded to syslog since the last look, as long as there was room.
    #[must_use]
    pub fn forwarded(&self) -> Vec<String> {
        let mut bytes = [0; 8192];
        std::iter::from_fn(|| {
            let length = self.syslog.recv(&mut bytes).ok()?;
            Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
        })
        .collect()
    }

    /// What journalctl(1) finds by these arguments, once it finds something.
    ///
    /// # Panics
    /// When it cannot be run, and when it finds nothing for long.
    #[must_use]
    pub fn wait_for(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let begun = Instant::now();
        loop {
            let output = Command::new("journalctl")
                .args(["--no-pager", "-o", "json", "-D"])
                .arg(&self.path)
                .args(arguments)
                .output()
                .expect("journalctl runs");
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            if !text.is_empty() {
                let lines = text.lines().map(serde_json::from_str);
                return lines.collect::<Result<_, _>>().expect("lines of JSON");
            }
            assert!(begun.elapsed() < PATIENCE, "{arguments:?}: {output:?}");
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Journald {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
