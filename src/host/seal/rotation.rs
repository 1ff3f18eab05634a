//! A new host key in place of the one there is.
//!
//! At every moment each document opens with the keys in the file, so a process may be killed
//! and logins may go on at any of them:
//!
//! 1. the new key is added behind the others, durably: nothing can be sealed with it yet;
//! 2. it is put in front: what is sealed from now on is sealed with it;
//! 3. every document is written anew, each under its lock;
//! 4. the other keys are dropped.
//!
//! A login that read the file before looks into it again (see [`super`]): under the document's
//! lock before it seals, so that after step 3 none can write with an old key; and where it meets
//! a key that it does not know, so that it can read what step 3 wrote.

use std::path::Path;

use kapu_core::ports::{Trouble, TroubleKind};

use super::key_file::HeldFile;
use super::{HostKey, Key};
use crate::directory_store::DirectoryStore;
use crate::file_error::FileError;

/// Makes a new key in the file at `path`, seals every document of `store` with it, and drops the
/// other keys. `step` hears how many of how many documents are done. Returns how many there were.
///
/// # Errors
/// Where a document cannot be read nothing was changed. Later the old keys stay in the file,
/// everything opens, and the next rotation finishes the work.
pub fn rotate(
    path: &Path,
    owner: u32,
    store: &DirectoryStore,
    step: &mut dyn FnMut(usize, usize),
) -> Result<usize, Trouble> {
    let file = HeldFile::hold(path, owner).map_err(failed)?;
    must_open(store)?;
    let old = HostKey::load(path, owner)?.keys;
    let new = Key::mint()?;
    file.write(old.iter().chain([&new])).map_err(failed)?;
    file.write([&new].into_iter().chain(&old)).map_err(failed)?;
    let count = store.reseal(step)?;
    file.write([&new]).map_err(failed)?;
    Ok(count)
}

/// Makes sure that every document opens: one that does not would keep all old keys in the file.
fn must_open(store: &DirectoryStore) -> Result<(), Trouble> {
    let mut first = Ok(());
    store.each(&mut |_, document| {
        if let (Err(trouble), Ok(())) = (document, &first) {
            first = Err(trouble);
        }
    })?;
    first
}

fn failed(error: FileError) -> Trouble {
    error.trouble(TroubleKind::HostKey)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::PathBuf;

    use kapu_core::document::{Seal, SealContext};
    use kapu_core::id::Id;
    use kapu_core::ports::{Replaced, Store};
    use kapu_core::record::{PasswordHash, Record, Revision, Status};
    use kapu_core::secret::Secret;
    use kapu_core::username::Account;

    use super::*;
    use crate::clock;
    use crate::scratch::{Scratch, chmod, own_uid};

    const ACCOUNTS: u32 = 5;

    struct Scene(Scratch);

    impl Scene {
        /// A host with a key and some accounts.
        fn new() -> Self {
            let scene = Self(Scratch::new());
            fs::create_dir(scene.0.path().join("accounts")).unwrap();
            chmod(&scene.0.path().join("accounts"), 0o700);
            HostKey::make(&scene.key(), own_uid()).unwrap();
            let store = scene.store();
            for uid in 0..ACCOUNTS {
                let record = record_of(uid);
                let done = store.replace(&record.account, Revision::ABSENT, &record, Status::Live);
                assert_eq!(done, Ok(Replaced::Done));
            }
            scene
        }

        fn key(&self) -> PathBuf {
            self.0.path().join("host.key")
        }

        fn keys(&self) -> Vec<String> {
            let keys = HostKey::load(&self.key(), own_uid()).unwrap().keys;
            keys.into_iter().map(|key| key.id).collect()
        }

        fn store(&self) -> DirectoryStore {
            let key = HostKey::load(&self.key(), own_uid()).unwrap();
            let path = self.0.path().join("accounts");
            DirectoryStore::new(path, own_uid(), Box::new(key), clock::now).unwrap()
        }

        fn rotate(&self, step: &mut dyn FnMut(usize, usize)) -> Result<usize, Trouble> {
            rotate(&self.key(), own_uid(), &self.store(), step)
        }

        /// How many accounts open, of which none may fail.
        fn opened(&self) -> u32 {
            let mut count = 0;
            let visit = &mut |_: &std::ffi::OsStr, document: Result<_, Trouble>| {
                document.unwrap();
                count += 1;
            };
            self.store().each(visit).unwrap();
            count
        }
    }

    fn record_of(uid: u32) -> Record {
        Record {
            id: Id::from_bytes([7; 16]),
            revision: Revision::ABSENT,
            account: Account {
                name: format!("user{uid}"),
                uid: 3000 + uid,
            },
            created: 0,
            password: Some(PasswordHash(Secret::copy_of(b"$argon2id$v=19$x"))),
            password_since: 0,
            password_expired: false,
            tokens: Vec::new(),
            revocation: None,
            revocation_since: 0,
            recovery: Vec::new(),
            scratch: Vec::new(),
            invitation: None,
            on_password_alone: None,
        }
    }

    fn write_again(store: &DirectoryStore, uid: u32) -> Result<(), Trouble> {
        store.update(&record_of(uid).account, &mut |snapshot| {
            let mut state = snapshot.state.clone();
            state.throttle.units += 1;
            Some(state)
        })?;
        Ok(())
    }

    #[test]
    fn afterwards_there_is_one_new_key_and_it_opens_everything() {
        let scene = Scene::new();
        let before = scene.keys();
        assert_eq!(scene.rotate(&mut |_, _| {}), Ok(ACCOUNTS as usize));
        let after = scene.keys();
        assert_eq!(after.len(), 1);
        assert_ne!(before, after);
        assert_eq!(scene.opened(), ACCOUNTS);
        let names: Vec<_> = fs::read_dir(scene.0.path()).unwrap().collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn killed_anywhere_it_leaves_everything_open_and_the_next_one_ends_it() {
        for at in 0..=ACCOUNTS as usize {
            let scene = Scene::new();
            let mut kill = |done, _| assert_ne!(done, at, "killed");
            let killed = catch_unwind(AssertUnwindSafe(|| scene.rotate(&mut kill)));
            assert!(killed.is_err());
            assert_eq!(scene.keys().len(), 2);
            assert_eq!(scene.opened(), ACCOUNTS);
            write_again(&scene.store(), 0).unwrap();
            scene.rotate(&mut |_, _| {}).unwrap();
            assert_eq!((scene.keys().len(), scene.opened()), (1, ACCOUNTS));
        }
    }

    #[test]
    fn a_login_that_began_before_reads_and_writes_at_every_moment() {
        let scene = Scene::new();
        let early = scene.store();
        let mut use_it = |_, _| {
            for uid in 0..ACCOUNTS {
                early.load(&record_of(uid).account).unwrap();
                write_again(&early, uid).unwrap();
            }
        };
        scene.rotate(&mut use_it).unwrap();
        use_it(0, 0);
        assert_eq!((scene.keys().len(), scene.opened()), (1, ACCOUNTS));
        scene.rotate(&mut |_, _| {}).unwrap();
        use_it(0, 0);
        assert_eq!(scene.opened(), ACCOUNTS);
    }

    #[test]
    fn an_account_created_or_forgotten_meanwhile_does_not_matter() {
        let scene = Scene::new();
        let early = scene.store();
        let late = record_of(ACCOUNTS);
        scene
            .rotate(&mut |done, _| {
                if done == 1 {
                    let created =
                        early.replace(&late.account, Revision::ABSENT, &late, Status::Live);
                    assert_eq!(created, Ok(Replaced::Done));
                    // Whichever it comes to last, one of them is still to come.
                    for uid in 0..ACCOUNTS - 1 {
                        early.forget(&record_of(uid).account.name).unwrap();
                    }
                }
            })
            .unwrap();
        assert_eq!((scene.keys().len(), scene.opened()), (1, 2));
    }

    #[test]
    fn a_document_that_does_not_open_stops_it_before_anything_is_changed() {
        let scene = Scene::new();
        let before = fs::read(scene.key()).unwrap();
        let document = scene.0.path().join("accounts/user3.3003/account.toml");
        fs::write(&document, "").unwrap();
        let trouble = scene.rotate(&mut |_, _| panic!("it began")).unwrap_err();
        assert!(trouble.detail.contains("user3"), "{trouble}");
        assert_eq!(fs::read(scene.key()).unwrap(), before);
    }

    #[test]
    fn a_document_from_before_opens_again_with_the_key_of_its_time() {
        let scene = Scene::new();
        let document = scene.0.path().join("accounts/user3.3003/account.toml");
        let (old_key, old) = (fs::read(scene.key()).unwrap(), fs::read(&document).unwrap());
        scene.rotate(&mut |_, _| {}).unwrap();
        fs::write(&document, old).unwrap();
        let account = record_of(3).account;
        let trouble = scene.store().load(&account).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::HostKey);
        chmod(&scene.key(), 0o600);
        let both = [fs::read(scene.key()).unwrap(), old_key].concat();
        fs::write(scene.key(), both).unwrap();
        assert!(scene.store().load(&account).unwrap().record.is_some());
    }

    #[test]
    fn a_key_is_looked_for_in_the_file_again_before_it_is_missed() {
        let scene = Scene::new();
        let context = SealContext {
            account: "anna",
            record: Id::from_bytes([1; 16]),
            field: "password",
        };
        let early = HostKey::load(&scene.key(), own_uid()).unwrap();
        let sealed = early.seal(&context, &Secret::copy_of(b"x")).unwrap();
        scene.rotate(&mut |_, _| {}).unwrap();
        // Sealed before and read only now, by one who knows both.
        assert!(early.open(&context, &sealed).is_ok());
        let now = early.for_writing().unwrap();
        let resealed = now.seal(&context, &Secret::copy_of(b"x")).unwrap();
        assert!(resealed.contains(&scene.keys()[0]));
        assert!(early.open(&context, &resealed).is_ok());
    }
}
