//! The stored document of an enrolled account, and how it is brought where a case needs it:
//! into standings that no command makes yet, by changing its lines.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use kapu_tests::{Site, sealed_anew, unsealed};

use crate::mode::{Mode, SERVICE};

/// A recovery code and its hash: those of tests/vectors/paper-recovery.txt.
pub(crate) const RECOVERY_CODE: &str = "7ZZZ-ZZZZ-ZZZZ-ZZZZ-ZKBW";
const RECOVERY: &str = "[[record.recovery]]\n\
    id = \"09090909090909090909090909090909\"\n\
    hash = \"sha256:000102030405060708090a0b0c0d0e0f:\
    4fdf87adacc846ee3d46feca4a61a2382fb8903862c039048c53beeb111133ac\"\n\n";
/// Wrong codes that close every book for longer than the suite runs.
const FAILURES: u32 = 13;

/// The account that all cases start from.
pub(crate) struct Enrolled {
    /// The name of its directory.
    directory: OsString,
    document: String,
    /// What the person wrote down.
    pub(crate) revocation_code: String,
}

/// The store of one case.
pub(crate) struct CaseStore {
    path: PathBuf,
    document: PathBuf,
    /// The PAM service that uses it.
    pub(crate) service: String,
}

impl Enrolled {
    /// Enrolls the site's account, and gives it a recovery code.
    pub(crate) fn at(site: &Site, mode: &Mode) -> Self {
        let enrolled = mode.enroll(site);
        let directory = fs::read_dir(site.store())
            .expect("the store is listed")
            .map(|entry| entry.expect("an entry of it").file_name())
            .find(|name| !name.as_encoded_bytes().starts_with(b"."))
            .expect("the directory of the one account");
        let document = site.store().join(&directory).join("account.toml");
        let text = fs::read_to_string(document).expect("a document");
        Self {
            directory,
            document: sealed_anew(
                site,
                &text.replacen("[state]", &format!("{RECOVERY}[state]"), 1),
            ),
            revocation_code: enrolled.revocation_code,
        }
    }

    /// A store that holds the account as it was enrolled.
    pub(crate) fn copy(&self, site: &Site) -> CaseStore {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let service = format!("case-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = site.path().join(&service);
        let account = path.join("accounts").join(&self.directory);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&account)
            .expect("a directory for the case");
        let configuration = fs::read_to_string(site.configuration()).expect("the configuration");
        let accounts = path.join("accounts").display().to_string();
        let moved = configuration
            .replacen(&site.store().display().to_string(), &accounts, 1)
            .replace(SERVICE, &service);
        let configuration = site.write(&format!("{service}/kapu.toml"), &moved);
        let module = kapu_tests::module().display().to_string();
        site.service(
            &service,
            &[&format!(
                "auth required {module} config={}",
                configuration.display()
            )],
        );
        let document = account.join("account.toml");
        fs::write(&document, &self.document).expect("the case's document");
        fs::set_permissions(&document, fs::Permissions::from_mode(0o600)).expect("its mode");
        CaseStore {
            path,
            document,
            service,
        }
    }
}

impl CaseStore {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The document, or nothing where there is none.
    pub(crate) fn text(&self) -> String {
        fs::read_to_string(&self.document).unwrap_or_default()
    }

    pub(crate) fn edit(&self, site: &Site, change: impl FnOnce(&str) -> String) {
        let changed = change(unsealed(&self.text()));
        fs::write(&self.document, sealed_anew(site, &changed)).expect("the document is written");
    }

    /// Nothing was ever stored of the account.
    pub(crate) fn forget(&self) {
        let account = self.document.parent().expect("the account's directory");
        fs::remove_dir_all(account).expect("the account goes");
    }
}

/// The tables of a document, each with its header.
fn tables(text: &str) -> Vec<String> {
    let mut tables = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            tables.push(String::new());
        }
        let table = tables.last_mut().expect("there is one");
        table.push_str(line);
        table.push('\n');
    }
    tables
}

/// The document with another status, and without what such an account cannot have.
pub(crate) fn with_status(text: &str, status: &str) -> String {
    let gone: &[&str] = match status {
        "never" | "revoked" => &["[[record.tokens]]"],
        "removed" => &["[record", "[[record"],
        _ => &[],
    };
    let kept: String = tables(text)
        .into_iter()
        .filter(|table| !gone.iter().any(|header| table.starts_with(header)))
        .collect();
    assert!(kept.contains("status = \"live\""), "{kept}");
    kept.replacen("status = \"live\"", &format!("status = \"{status}\""), 1)
}

/// The document after so many wrong codes just now that no book is open.
pub(crate) fn throttled(text: &str, now: u64) -> String {
    let closed = |line: &str| match line.split_once(" = ") {
        Some(("failures", _)) => format!("failures = {FAILURES}\n"),
        Some(("last", _)) => format!("last = {now}\n"),
        _ => format!("{line}\n"),
    };
    let is_book =
        |table: &str| table.starts_with("[state.throttle") || table.starts_with("[[state.throttle");
    tables(text)
        .into_iter()
        .map(|table| match is_book(&table) {
            true => table.lines().map(closed).collect(),
            false => table,
        })
        .collect()
}

/// Units of the budget that were used up.
pub(crate) fn units(text: &str) -> u32 {
    text.lines()
        .find_map(|line| line.strip_prefix("units = ")?.parse().ok())
        .unwrap_or(0)
}
