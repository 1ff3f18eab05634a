//! A host of its own for one test: a directory of accounts and a host key.

use super::*;
use crate::scratch::{Scratch, chmod, own_uid};

pub(super) struct Scene {
    pub(super) scratch: Scratch,
}

impl Scene {
    pub(super) fn new() -> Self {
        let scratch = Scratch::new();
        fs::create_dir(scratch.path().join("accounts")).unwrap();
        chmod(&scratch.path().join("accounts"), 0o700);
        HostKey::make(&scratch.path().join("host.key"), own_uid()).unwrap();
        Self { scratch }
    }

    pub(super) fn accounts(&self) -> PathBuf {
        self.scratch.path().join("accounts")
    }

    pub(super) fn document(&self) -> PathBuf {
        self.accounts().join("anna").join(DOCUMENT)
    }

    pub(super) fn store(&self) -> DirectoryStore {
        store_in(self.scratch.path())
    }

    /// A scene in which anna is enrolled.
    pub(super) fn enrolled() -> Self {
        let scene = Self::new();
        let done = scene
            .store()
            .replace(&anna(), Revision::ABSENT, &record(), Status::Live);
        assert_eq!(done, Ok(Replaced::Done));
        scene
    }
}

pub(super) fn store_in(path: &std::path::Path) -> DirectoryStore {
    let key = HostKey::load(&path.join("host.key"), own_uid()).unwrap();
    DirectoryStore::new(path.join("accounts"), own_uid(), Box::new(key), || 1_000).unwrap()
}

pub(super) fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

pub(super) fn record() -> Record {
    Record {
        id: Id::from_bytes([1; 16]),
        revision: Revision::of(Id::from_bytes([2; 16])),
        account: anna(),
        created: 900,
        password: Some(PasswordHash(Secret::copy_of(b"$argon2id$not-a-real-hash"))),
        password_since: 900,
        tokens: vec![Token {
            id: Id::from_bytes([3; 16]),
            name: "phone".to_owned(),
            key: Secret::copy_of(b"twenty bytes of key."),
            shape: CodeShape::USUAL,
            confirmed_step: 30,
            since: 900,
        }],
        revocation: None,
        revocation_since: 900,
        recovery: Vec::new(),
        invitation: None,
    }
}
