//! Accounts of a directory service in front of the host's own, and their documents in the store.

use std::fs;
use std::path::PathBuf;

use crate::site::Site;

impl Site {
    /// Makes the directory service know these accounts, by name and uid, and no others.
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn know<Name: AsRef<str>>(&self, accounts: &[(Name, u32)]) {
        self.know_with(&[], accounts);
    }

    /// As [`know`](Site::know), of a service that follows `directives` (see [`Site::directory`]).
    ///
    /// # Panics
    /// When it cannot be told.
    pub fn know_with<Name: AsRef<str>>(&self, directives: &[&str], accounts: &[(Name, u32)]) {
        let entries: Vec<String> = accounts
            .iter()
            .map(|(name, uid)| {
                let name = name.as_ref();
                format!("{name}:x:{uid}:{uid}::/nonexistent:/bin/sh")
            })
            .collect();
        let entries = entries.iter().map(String::as_bytes);
        let lines: Vec<&[u8]> = directives
            .iter()
            .map(|line| line.as_bytes())
            .chain(entries)
            .collect();
        self.directory(&lines);
    }

    /// The document of the account that is stored under this name, whatever its uid.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn document_of(&self, user: &str) -> PathBuf {
        let is_of = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.rsplit_once('.').is_some_and(|(name, _)| name == user)
        };
        fs::read_dir(self.store())
            .expect("the store")
            .map(|entry| entry.expect("an account").path())
            .find(is_of)
            .expect("an account of that name")
            .join("account.toml")
    }
}
