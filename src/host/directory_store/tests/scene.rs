//! A host of its own for one test: a directory of accounts and a host key.

use super::*;
use crate::scratch::Scratch;

/// What the store's clock says.
pub(super) const NOW: UnixTime = 1_000;

pub(super) struct Scene {
    pub(super) scratch: Scratch,
}

impl Scene {
    /// A host where nobody has enrolled.
    pub(super) fn new() -> Self {
        let scratch = Scratch::new();
        let scene = Self { scratch };
        fs::create_dir(scene.accounts()).unwrap();
        chmod(&scene.accounts(), 0o700);
        scene.make_key();
        scene
    }

    /// A host where anna is enrolled.
    pub(super) fn enrolled() -> Self {
        let scene = Self::new();
        let store = scene.store();
        let done = store.replace(&anna(), Revision::ABSENT, &record(), Status::Live);
        assert_eq!(done, Ok(Replaced::Done));
        scene
    }

    pub(super) fn make_key(&self) {
        HostKey::make(&self.scratch.path().join("host.key"), own_uid()).unwrap();
    }

    pub(super) fn accounts(&self) -> PathBuf {
        self.scratch.path().join("accounts")
    }

    /// Where anna's document is.
    pub(super) fn document(&self) -> PathBuf {
        self.accounts().join("anna.1000").join(DOCUMENT)
    }

    pub(super) fn store(&self) -> DirectoryStore {
        store_in(self.scratch.path())
    }

    pub(super) fn load(&self) -> Result<Snapshot, Trouble> {
        self.store().load(&anna())
    }

    pub(super) fn set_status(&self, status: Status) {
        let change = |snapshot: &Snapshot| {
            let mut state = snapshot.state.clone();
            state.set_status(status, NOW);
            Some(state)
        };
        self.store().update(&anna(), &mut { change }).unwrap();
    }

    pub(super) fn names_in(&self, directory: &str) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.scratch.path().join(directory))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

/// The store of the scene in `path`, perhaps another process's.
pub(super) fn store_in(path: &Path) -> DirectoryStore {
    let key = HostKey::load(&path.join("host.key"), own_uid()).unwrap();
    DirectoryStore::new(path.join("accounts"), own_uid(), Box::new(key), || NOW).unwrap()
}

pub(super) fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

pub(super) fn bela() -> Account {
    Account {
        name: "bela".to_owned(),
        uid: 1002,
    }
}

pub(super) fn record() -> Record {
    record_of(&anna())
}

pub(super) fn record_of(account: &Account) -> Record {
    Record {
        id: Id::from_bytes([1; 16]),
        revision: Revision::of(Id::from_bytes([2; 16])),
        account: account.clone(),
        created: 900,
        password: Some(PasswordHash(Secret::copy_of(b"$argon2id$not-a-real-hash"))),
        password_since: 900,
        password_expired: false,
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
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
    }
}
