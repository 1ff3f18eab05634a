//! What stands in the place of a file: a FIFO, a link, a directory, a file that others may write.
//!
//! Whatever it is, the login is refused as unavailable, soon, and the log says which file; and with
//! the good file back the same code works.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use kapu_tests::{
    PASSWORD, SECRET, Site, UID_OF_SOMEBODY_ELSE, code_at, is_root, moment_with, together,
};

/// Seconds that one login may need.
const ONE_LOGIN: u64 = 4;
/// Longest wait for an answer: a refusal leaves after one second.
const AT_ONCE: Duration = Duration::from_secs(4);
/// Size of a file that nobody should read.
const HUGE: u64 = 100 << 20;

/// A file of the installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Document,
    Account,
    Config,
    HostKey,
    Store,
    Queue,
    Turn,
}

impl Place {
    const ALL: [Self; 7] = [
        Self::Document,
        Self::Account,
        Self::Config,
        Self::HostKey,
        Self::Store,
        Self::Queue,
        Self::Turn,
    ];

    fn path(self, site: &Site) -> PathBuf {
        let account = || {
            let found = fs::read_dir(site.store())
                .expect("the store")
                .flatten()
                .next();
            found.expect("an account").path()
        };
        let queue = site.path().join("queue");
        match self {
            Self::Document => account().join("account.toml"),
            Self::Account => account(),
            Self::Config => site.configuration(),
            Self::HostKey => site.host_key(),
            Self::Store => site.store(),
            Self::Queue => queue,
            Self::Turn => queue.join("turn-0"),
        }
    }

    /// The word in the log.
    const fn reason(self) -> &'static str {
        match self {
            Self::Document | Self::Account | Self::Store => "store-read",
            Self::Config => "config",
            Self::HostKey => "host-key",
            Self::Queue | Self::Turn => "hash",
        }
    }

    const fn is_directory(self) -> bool {
        matches!(self, Self::Account | Self::Store | Self::Queue)
    }
}

/// What is put there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Instead {
    Fifo,
    Link,
    SecondName,
    Directory,
    File,
    Socket,
    Zeros,
    Huge,
    WritableByOthers,
    SomebodyElses,
}

impl Instead {
    const ALL: [Self; 10] = [
        Self::Fifo,
        Self::Link,
        Self::SecondName,
        Self::Directory,
        Self::File,
        Self::Socket,
        Self::Zeros,
        Self::Huge,
        Self::WritableByOthers,
        Self::SomebodyElses,
    ];

    fn is_possible(self, place: Place) -> bool {
        match self {
            // A link to the store itself is followed, if it is root's: that is a configured path.
            Self::Link => place != Place::Store,
            // A turn is nothing but its lock: nobody reads it.
            Self::Huge if place == Place::Turn => false,
            Self::SecondName | Self::Directory | Self::Huge | Self::Zeros => !place.is_directory(),
            Self::File => place.is_directory(),
            Self::SomebodyElses => is_root(),
            // The path of a socket has room for so many bytes (unix(7)).
            Self::Socket => true,
            Self::Fifo | Self::WritableByOthers => true,
        }
    }

    /// Puts it in place of `path`, whose good file is now at `good`.
    fn put(self, path: &Path, good: &Path) {
        let mode =
            |bits| fs::set_permissions(path, fs::Permissions::from_mode(bits)).expect("a mode");
        match self {
            Self::Fifo => run("mkfifo", &["-m", "600"], path),
            Self::Link => symlink(good, path).expect("a link"),
            Self::SecondName => fs::hard_link(good, path).expect("a second name"),
            Self::Directory => {
                fs::create_dir(path).expect("a directory");
                mode(0o700);
            }
            Self::File => {
                fs::write(path, "").expect("a file");
                mode(0o600);
            }
            Self::Socket => {
                let short = Path::new("/proc/self/cwd");
                let bound = UnixListener::bind(path).or_else(|_| UnixListener::bind(short));
                drop(bound);
                if !path.exists() {
                    // The path is too long for a socket: a device stands in.
                    symlink("/dev/null", path).expect("a link");
                }
            }
            Self::Zeros if is_root() => {
                run("mknod", &["-m", "600"], path);
            }
            Self::Zeros => symlink("/dev/zero", path).expect("a link"),
            Self::Huge => {
                let file = fs::File::create(path).expect("a file");
                file.set_len(HUGE).expect("a sparse file");
                mode(0o600);
            }
            Self::WritableByOthers => {
                copy(good, path);
                mode(0o777);
            }
            Self::SomebodyElses => {
                copy(good, path);
                chown(path, Some(UID_OF_SOMEBODY_ELSE), None).expect("root gives it away");
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    run_all(Command::new("cp").arg("-a").arg(from).arg(to));
}

fn run(program: &str, arguments: &[&str], path: &Path) {
    let mut command = Command::new(program);
    command.args(arguments).arg(path);
    if program == "mknod" {
        // The numbers of /dev/zero.
        command.args(["c", "1", "5"]);
    }
    run_all(&mut command);
}

fn run_all(command: &mut Command) {
    assert!(command.status().expect("it runs").success(), "{command:?}");
}

/// How a login ended.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Accepted,
    /// For this reason, with the file named in the log or not.
    Unavailable(String, bool),
    Hung,
    Other(String),
}

/// Logs in with right answers while something stands in place of a file, and puts that back.
fn attacked(site: &Site, place: Place, instead: Instead, code: &str) -> Ending {
    let path = place.path(site);
    let good = path.with_file_name("good-one");
    fs::rename(&path, &good).expect("it is there");
    instead.put(&path, &good);
    let ending = ending(site, code, &path);
    run_all(Command::new("rm").arg("-rf").arg(&path));
    fs::rename(&good, &path).expect("it goes back");
    ending
}

fn ending(site: &Site, code: &str, path: &Path) -> Ending {
    let (mut command, log) = site.attempt().answers([PASSWORD, code]).prepared();
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .expect("pam-try runs");
    let begun = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        if begun.elapsed() > AT_ONCE {
            child.kill().expect("it is ours");
            child.wait().expect("it ends");
            return Ending::Hung;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let mut printed = String::new();
    let mut stdout = child.stdout.take().expect("it is piped");
    stdout.read_to_string(&mut printed).expect("it is text");
    let logged = fs::read_to_string(log).unwrap_or_default();
    let reason = logged
        .split("reason=")
        .nth(1)
        .and_then(|rest| rest.split_whitespace().next())
        .unwrap_or_default();
    let name = path.file_name().expect("a file").to_string_lossy();
    match printed {
        _ if printed.contains("result auth PAM_SUCCESS") => Ending::Accepted,
        _ if printed.contains("result auth PAM_AUTHINFO_UNAVAIL") => {
            Ending::Unavailable(reason.to_owned(), logged.contains(&*name))
        }
        _ => Ending::Other(printed + &logged),
    }
}

/// A site whose queue is there.
fn used(site: Site) -> Site {
    site.enroll(site.user());
    let warm = site.attempt().answers([PASSWORD, ""]).run();
    warm.assert_refused("not-a-code");
    site
}

#[test]
fn whatever_stands_in_place_of_a_file_refuses_soon_and_says_which() {
    let faults = together(&Place::ALL, |place| {
        let site = used(Site::new());
        let mut faults = Vec::new();
        for instead in Instead::ALL.into_iter().filter(|it| it.is_possible(*place)) {
            let code = code_at(SECRET, moment_with(ONE_LOGIN));
            let ending = attacked(&site, *place, instead, &code);
            if ending != Ending::Unavailable(place.reason().to_owned(), true) {
                faults.push((*place, instead, ending));
            }
        }
        if faults.is_empty() {
            let code = code_at(SECRET, moment_with(ONE_LOGIN));
            site.log_in(PASSWORD, &code).assert_accepted();
        }
        faults
    });
    let faults: Vec<_> = faults.into_iter().flatten().collect();
    assert!(faults.is_empty(), "{faults:#?}");
}

fn falls(weakness: &'static str, instead: Instead) -> Ending {
    let site = used(Site::weakened(weakness, ""));
    let code = code_at(SECRET, moment_with(ONE_LOGIN));
    attacked(&site, Place::Document, instead, &code)
}

#[test]
fn where_links_are_followed_a_linked_document_opens_the_account() {
    assert_eq!(falls("follows-links", Instead::Link), Ending::Accepted);
}

#[test]
fn where_opening_waits_a_fifo_stops_the_login_for_ever() {
    assert_eq!(falls("waits-to-open", Instead::Fifo), Ending::Hung);
}

#[test]
fn where_modes_and_names_are_not_looked_at_anybodys_document_opens_the_account() {
    for instead in [Instead::WritableByOthers, Instead::SecondName] {
        assert_eq!(falls("trusting", instead), Ending::Accepted, "{instead:?}");
    }
}
