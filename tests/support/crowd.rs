//! Many that do something at the same moment.

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::File;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::attempt::Attempt;
use crate::outcome::Outcome;
use crate::site::Site;

/// Until all processes of a crowd have come to their barrier.
const GATHERING: Duration = Duration::from_millis(1_200);

/// Longest wait for the first of a crowd to read the account: a busy machine needs seconds for the
/// handshakes of many ssh clients.
const SETTING_OUT: Duration = Duration::from_secs(60);

/// How many ended for which reason.
pub type Tally = BTreeMap<String, usize>;

/// The moment at which a crowd that is started now is there (Unix time in milliseconds).
///
/// # Panics
/// Before 1970.
#[must_use]
pub fn moment_of_release() -> u128 {
    (SystemTime::now() + GATHERING)
        .duration_since(UNIX_EPOCH)
        .expect("the clock is past 1970")
        .as_millis()
}

/// Does one thing for each of `these`, all at once.
///
/// # Panics
/// When one of them does.
pub fn together<T: Sync, R: Send>(these: &[T], one: impl Fn(&T) -> R + Sync) -> Vec<R> {
    thread::scope(|scope| {
        let one = &one;
        let runners: Vec<_> = these
            .iter()
            .map(|this| scope.spawn(move || one(this)))
            .collect();
        runners
            .into_iter()
            .map(|runner| runner.join().expect("every one of them ends"))
            .collect()
    })
}

/// Makes these logins, each in a process of its own, and lets them give their last answer at once.
///
/// # Panics
/// When one does not end.
#[must_use]
pub fn released_together<'a>(attempts: impl IntoIterator<Item = Attempt<'a>>) -> Vec<Outcome> {
    let moment = moment_of_release();
    let attempts: Vec<_> = attempts
        .into_iter()
        .map(|attempt| attempt.release_at(moment))
        .collect();
    together(&attempts, Attempt::run)
}

/// How many logins ended for which reason of their log line.
///
/// # Panics
/// When one has no such line.
#[must_use]
pub fn tally(outcomes: &[Outcome]) -> Tally {
    let mut counts = Tally::new();
    for outcome in outcomes {
        let decision = outcome.decision();
        let word = decision.value("reason").or(decision.value("result"));
        let word = word.expect("a login ends somehow").to_owned();
        *counts.entry(word).or_default() += 1;
    }
    counts
}

/// Holds the lock of the site's account, its only one, until `wait` after the first of `crowd` has
/// read it: whoever came meanwhile has loaded the account before any of them changed it. However
/// slowly a crowd sets out, it is together while it waits, and `wait` is all that the first waits.
///
/// # Panics
/// When there is no such account, somebody else holds its lock, or nobody comes.
pub fn behind_the_lock<R>(site: &Site, wait: Duration, crowd: impl FnOnce() -> R) -> R {
    let account = std::fs::read_dir(site.store())
        .expect("the store")
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|account| account.join("account.toml").exists())
        .expect("an account");
    let opened = Opened::watch(&account);
    let lock = locked(&account);
    thread::scope(|scope| {
        let keeper = scope.spawn(move || {
            let came = opened.wait(SETTING_OUT);
            if came {
                thread::sleep(wait);
            }
            // SAFETY: flock(2) takes an open descriptor and touches no memory of ours. That descriptor
            // may have been inherited: closing it is not enough.
            unsafe { libc::flock(lock.as_raw_fd(), libc::LOCK_UN) };
            came
        });
        let outcome = crowd();
        assert!(
            keeper.join().expect("it only waits"),
            "nobody read the account"
        );
        outcome
    })
}

/// A file or directory whose lock is held until this is dropped.
///
/// # Panics
/// When it cannot be opened, or somebody else holds its lock.
#[must_use]
pub fn locked(path: &Path) -> File {
    let file = File::open(path).expect("it is there");
    // SAFETY: flock(2) takes an open descriptor and touches no memory of ours.
    let held = unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) };
    assert_eq!(held, 0, "somebody holds the lock");
    file
}

/// Hears when something is opened in a directory, by inotify(7).
struct Opened(File);

impl Opened {
    fn watch(dir: &Path) -> Self {
        // SAFETY: inotify_init1(2) takes flags and touches no memory of ours.
        let descriptor = unsafe { libc::inotify_init1(libc::IN_CLOEXEC) };
        assert!(descriptor >= 0, "inotify is there");
        // SAFETY: it has just been opened, and nobody else knows of it.
        let events = unsafe { OwnedFd::from_raw_fd(descriptor) };
        let path = CString::new(dir.as_os_str().as_bytes()).expect("a path has no NUL");
        // SAFETY: the path is a string of C for as long as the call lasts.
        let watched =
            unsafe { libc::inotify_add_watch(events.as_raw_fd(), path.as_ptr(), libc::IN_OPEN) };
        assert!(watched >= 0, "{} can be watched", dir.display());
        Self(File::from(events))
    }

    /// Whether something is opened before `patience` is over.
    fn wait(&self, patience: Duration) -> bool {
        let mut waiting = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        let patience = libc::c_int::try_from(patience.as_millis()).expect("some seconds");
        // SAFETY: poll(2) reads and writes the one structure that it is told of.
        unsafe { libc::poll(&raw mut waiting, 1, patience) == 1 }
    }
}
