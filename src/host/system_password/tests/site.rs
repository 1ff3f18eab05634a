//! What the tests share: a site with its service files, and somebody who logs in.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use kapu_core::ports::{Passwords, Proof, Trouble, TroubleKind};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::username::Account;
use kapu_core::verdict::{Login, Who};

use crate::system_password::{SERVICE, SystemPasswords, trouble};

/// The password of everybody here.
pub(super) const RIGHT: &str = "correct horse";

/// A directory of service files, one of which is ours, and a file of passwords.
pub(super) struct Site(PathBuf);

impl Site {
    /// With these rules, in which `MATRIX` stands for a module that asks for the password of
    /// `anna` or `nobody` and compares it, and `PROBE` for our own.
    pub(super) fn with(rules: &str) -> Self {
        let site = Self::without_service();
        site.service(SERVICE, rules);
        site
    }

    pub(super) fn without_service() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kapu-nested-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        let site = Self(path);
        let accounts = ["anna", "nobody"].map(|name| format!("{name}:{RIGHT}:{SERVICE}\n"));
        fs::write(site.file("passwords"), accounts.concat()).unwrap();
        site
    }

    pub(super) fn service(&self, name: &str, rules: &str) {
        let matrix = format!(
            "{} passdb={}",
            wrapper_module("pam_matrix.so").display(),
            self.file("passwords").display()
        );
        let mut rules = rules.replace("MATRIX", &matrix);
        if rules.contains("PROBE") {
            rules = rules.replace("PROBE", &self.probe().display().to_string());
        }
        fs::write(self.file(name), rules).unwrap();
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Builds our own module.
    fn probe(&self) -> PathBuf {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/system_password/tests/probe.c");
        let module = self.file("probe.so");
        let status = Command::new("cc")
            .args(["-shared", "-fPIC", "-Wall", "-Werror", "-o"])
            .args([module.as_os_str(), source.as_ref()])
            .arg("-lpam")
            .status()
            .expect("these tests need a C compiler");
        assert!(
            status.success(),
            "probe.c does not build: is libpam0g-dev here?"
        );
        module
    }

    pub(super) fn passwords(&self) -> SystemPasswords {
        SystemPasswords::in_directory(self.0.clone())
    }

    pub(super) fn verify(&self, login: &Login, typed: &str) -> Result<Proof, TroubleKind> {
        let typed = Secret::copy_of(typed.as_bytes());
        let proof = self.passwords().verify(login, None, &typed);
        proof.map_err(|trouble| trouble.kind)
    }

    /// What the log would be told of anna's login with the right password.
    pub(super) fn complaint(&self) -> String {
        let typed = Secret::copy_of(RIGHT.as_bytes());
        let proof = self.passwords().verify(&login_of("anna"), None, &typed);
        proof
            .expect_err("the stack is one that must not count")
            .detail
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// One of the modules that the package libpam-wrapper brings.
pub(super) fn wrapper_module(name: &str) -> PathBuf {
    let libraries = fs::read_dir("/usr/lib").unwrap().flatten();
    let mut places: Vec<PathBuf> = libraries.map(|entry| entry.path()).collect();
    places.extend(["/usr/lib".into(), "/usr/lib64".into()]);
    places
        .iter()
        .map(|place| place.join("pam_wrapper").join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("there is no {name} here: install libpam-wrapper"))
}

pub(super) fn login_of(name: &str) -> Login {
    Login {
        typed_user: name.to_owned(),
        who: Who::Known(Account {
            name: name.to_owned(),
            uid: 1000,
        }),
        service: "sshd".to_owned(),
        rhost: Some("192.0.2.4".to_owned()),
        tty: Some("ssh".to_owned()),
        ruser: Some("otto".to_owned()),
        place: None,
    }
}

pub(super) fn login_of_nobody_known(name: &str) -> Login {
    Login {
        who: Who::Unknown,
        ..login_of(name)
    }
}

/// Counts how often it is asked for work.
#[derive(Clone, Default)]
pub(super) struct CountingDecoy(pub(super) Rc<Cell<u32>>);

impl Passwords for CountingDecoy {
    fn verify(
        &self,
        _login: &Login,
        hash: Option<&PasswordHash>,
        _typed: &Secret,
    ) -> Result<Proof, Trouble> {
        assert!(hash.is_none());
        self.0.set(self.0.get() + 1);
        Err(trouble("this decoy fails".to_owned()))
    }

    fn hash(&self, _password: &Secret) -> Result<PasswordHash, Trouble> {
        unreachable!("a decoy hashes nothing new")
    }

    fn stale(&self, _hash: &PasswordHash) -> bool {
        false
    }
}
