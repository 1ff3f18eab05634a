//! The things that write to the store, each as a command that can be run again and again on the
//! same state.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::oath::{code_at, moment_with, wrong_code};
use crate::site::{PASSWORD, SECRET, Site};

/// Seconds that a flow may need, under strace too.
const ONE_FLOW: u64 = 3;

/// Something that writes to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// A login with the right password and code.
    Login,
    /// A login with the right password and a wrong code, which is charged.
    WrongCode,
    /// A first enrollment.
    Enroll,
    /// An enrollment in place of another.
    Replace,
    /// A revocation by the owner of the store.
    Revoke,
    /// The end of a lock-out.
    Unlock,
    /// A new password.
    Password,
    /// An invitation for who is enrolled.
    Invite,
    /// New recovery codes.
    RecoveryCodes,
}

impl Flow {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Login,
        Self::WrongCode,
        Self::Enroll,
        Self::Replace,
        Self::Revoke,
        Self::Unlock,
        Self::Password,
        Self::Invite,
        Self::RecoveryCodes,
    ];

    /// Brings `site`, where nobody is enrolled, to where the flow begins.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn prepare(self, site: &Site) {
        site.write(
            "enrollment.toml",
            &format!("password = \"{PASSWORD}\"\nsecret = \"{SECRET}\"\ntoken = \"phone\"\n"),
        );
        site.write("password.toml", &format!("password = \"{PASSWORD}\"\n"));
        if self != Self::Enroll {
            site.enroll(site.user());
            // Whatever is made at the first login is there.
            let moment = moment_with(ONE_FLOW);
            let wrong = wrong_code(SECRET, moment);
            site.log_in(PASSWORD, &wrong).assert_refused("code");
        } else {
            // The queue is made by the first hash, and is no part of the store.
            let other = format!("password = \"{PASSWORD}\"\n");
            let made = site.kapu(&["enroll", site.user(), "--from", "-"], &other);
            assert!(made.status.success());
            let gone = site.kapu(&["remove", site.user(), "--forget", "--yes"], "");
            assert!(gone.status.success(), "{gone:?}");
        }
    }

    /// The command, and for a login the file that gets the module's log.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn command(self, site: &Site) -> (Command, Option<PathBuf>) {
        let attempt = |code: &str| {
            let (command, log) = site.attempt().answers([PASSWORD, code]).prepared();
            (command, Some(log))
        };
        let path = |name: &str| {
            let path = site.path().join(name);
            path.to_str().expect("a plain path").to_owned()
        };
        let document = &*path("enrollment.toml");
        let kapu = |arguments: &[&str]| (site.kapu_command(arguments), None);
        let user = site.user();
        match self {
            Self::Login => attempt(&code_at(SECRET, moment_with(ONE_FLOW))),
            Self::WrongCode => attempt(&wrong_code(SECRET, moment_with(ONE_FLOW))),
            Self::Enroll => kapu(&["enroll", user, "--from", document]),
            Self::Replace => kapu(&["enroll", user, "--replace", "--from", document]),
            Self::Revoke => kapu(&["revoke", user, "--force", "--yes"]),
            Self::Unlock => kapu(&["unlock", user]),
            Self::Password => kapu(&["passwd", user, "--from", &path("password.toml")]),
            Self::Invite => kapu(&["invite", user, "--replace"]),
            Self::RecoveryCodes => kapu(&["recovery-codes", user]),
        }
    }
}

/// The store as it was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored(BTreeMap<PathBuf, Vec<u8>>);

impl Stored {
    /// Reads every file of the store.
    ///
    /// # Panics
    /// When one cannot be read.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let mut files = BTreeMap::new();
        for account in fs::read_dir(site.store()).expect("the store").flatten() {
            for file in fs::read_dir(account.path()).expect("an account").flatten() {
                let path = file.path();
                let name = path
                    .strip_prefix(site.store())
                    .expect("a file of the store");
                files.insert(name.to_owned(), fs::read(&path).expect("a document"));
            }
        }
        Self(files)
    }

    /// Puts the store back.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn put_back(&self, site: &Site) {
        for account in fs::read_dir(site.store()).expect("the store").flatten() {
            fs::remove_dir_all(account.path()).expect("an account goes");
        }
        for (name, bytes) in &self.0 {
            self.write(&site.store().join(name), bytes);
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) {
        let account = path.parent().expect("a file in a directory");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(account)
            .expect("an account's directory");
        fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(bytes))
            .expect("a document");
    }

    /// The documents alone, without what a killed writer left beside them.
    #[must_use]
    pub fn documents(&self) -> BTreeMap<&Path, &[u8]> {
        self.0
            .iter()
            .filter(|(name, _)| {
                name.ends_with("account.toml")
                    && !name.starts_with(".new")
                    && !name.starts_with(".gone")
            })
            .map(|(name, bytes)| (name.as_path(), bytes.as_slice()))
            .collect()
    }

    /// Every file's bytes.
    pub fn contents(&self) -> impl Iterator<Item = &[u8]> {
        self.0.values().map(Vec::as_slice)
    }
}
