//! The store in real directories. `storm` has what takes several processes.

use std::cell::Cell;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kapu_core::document::SealContext;
use kapu_core::record::{CodeShape, PasswordHash, Token};
use kapu_core::secret::Secret;

use super::*;
use crate::scratch::{chmod, own_uid};
use crate::seal::HostKey;

mod child;
mod interleavings;
mod loaded;
mod scene;
mod schedule;
mod storm;
use scene::{Scene, anna, bela, record, record_of};

/// Writes a state with one more unit: what the tests count by.
fn count_up(store: &DirectoryStore) -> Result<(), Trouble> {
    store.update(&anna(), &mut |snapshot| {
        let mut state = snapshot.state.clone();
        state.throttle.units += 1;
        Some(state)
    })?;
    Ok(())
}

/// As [`count_up`], for one of a crowd: on a busy disk somebody may wait longer than a lock is
/// waited for, and is told so. That count is not lost, and is made again.
fn count_up_in_a_crowd(store: &DirectoryStore) -> Result<(), Trouble> {
    loop {
        match count_up(store) {
            Err(trouble) if trouble.detail.ends_with(&Fault::Busy.to_string()) => {}
            counted => return counted,
        }
    }
}

fn count(scene: &Scene) -> u32 {
    scene.load().unwrap().state.throttle.units
}

#[test]
fn an_account_nobody_enrolled_is_never() {
    let scene = Scene::new();
    let snapshot = scene.load().unwrap();
    assert!(snapshot.record.is_none());
    assert_eq!(snapshot.state, State::new(Status::Never));
}

#[test]
fn what_was_written_is_read_again_under_a_new_revision() {
    let scene = Scene::enrolled();
    let snapshot = scene.load().unwrap();
    let read = snapshot.record.unwrap();
    assert!(read.tokens[0].key.same_as(&record().tokens[0].key));
    assert_eq!(snapshot.state.status, Status::Live);
    assert_ne!(read.revision, record().revision);
}

#[test]
fn a_document_and_its_directory_are_the_owners_alone_and_hold_no_secret_in_clear() {
    let scene = Scene::enrolled();
    count_up(&scene.store()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&scene.document()), 0o600);
    assert_eq!(mode(scene.document().parent().unwrap()), 0o700);
    let text = fs::read_to_string(scene.document()).unwrap();
    assert!(text.contains("phone") && !text.contains("argon2id"));
    assert!(!text.contains(&kapu_core::hex::encode(b"twenty bytes of key.")));
}

#[test]
fn a_directory_without_a_document_is_a_trouble_and_not_never() {
    let scene = Scene::enrolled();
    fs::remove_file(scene.document()).unwrap();
    for trouble in [scene.load().err(), count_up(&scene.store()).err()] {
        let trouble = trouble.unwrap();
        assert_eq!(trouble.kind, TroubleKind::StoreRead);
        assert!(trouble.detail.contains("put it back"), "{trouble}");
    }
}

#[test]
fn whatever_is_wrong_with_the_document_is_a_trouble_and_not_never() {
    let spoil: [fn(&Path); 7] = [
        |path| fs::write(path, "").unwrap(),
        |path| fs::write(path, "\u{0}\u{ff}").unwrap(),
        |path| fs::write(path, " ".repeat(100_000)).unwrap(),
        |path| chmod(path, 0o640),
        |path| fs::hard_link(path, path.with_extension("bak")).unwrap(),
        |path| {
            fs::rename(path, path.with_extension("bak")).unwrap();
            std::os::unix::fs::symlink("account.bak", path).unwrap();
        },
        |path| {
            fs::remove_file(path).unwrap();
            nix::unistd::mkfifo(path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        },
    ];
    for (number, spoil) in spoil.iter().enumerate() {
        let scene = Scene::enrolled();
        spoil(&scene.document());
        for trouble in [scene.load().err(), count_up(&scene.store()).err()] {
            let trouble = trouble.unwrap();
            assert_eq!(trouble.kind, TroubleKind::StoreRead, "{number}");
            assert!(
                trouble.detail.contains("anna.1000/account.toml"),
                "{trouble}"
            );
        }
    }
}

#[test]
fn a_directory_of_accounts_that_is_gone_or_open_is_a_trouble_and_not_never() {
    let scene = Scene::new();
    chmod(&scene.accounts(), 0o755);
    assert_eq!(scene.load().err().unwrap().kind, TroubleKind::StoreRead);
    fs::remove_dir(scene.accounts()).unwrap();
    assert_eq!(scene.load().err().unwrap().kind, TroubleKind::StoreRead);
}

#[test]
fn a_directory_of_an_account_that_others_may_enter_is_a_trouble() {
    let scene = Scene::enrolled();
    chmod(scene.document().parent().unwrap(), 0o755);
    assert_eq!(scene.load().err().unwrap().kind, TroubleKind::StoreRead);
}

#[test]
fn a_host_key_that_does_not_open_is_a_trouble_of_its_own() {
    let scene = Scene::enrolled();
    fs::remove_file(scene.scratch.path().join("host.key")).unwrap();
    scene.make_key();
    assert_eq!(scene.load().err().unwrap().kind, TroubleKind::HostKey);
    assert_eq!(
        count_up(&scene.store()).err().unwrap().kind,
        TroubleKind::HostKey
    );
}

#[test]
fn the_record_is_good_for_one_uid() {
    let scene = Scene::enrolled();
    let other = Account {
        uid: 1001,
        ..anna()
    };
    let trouble = scene.store().load(&other).err().unwrap();
    assert_eq!(trouble.kind, TroubleKind::Uid);
}

#[test]
fn an_account_that_was_given_another_name_is_not_never() {
    let scene = Scene::enrolled();
    let store = scene.store();
    let renamed = Account {
        uid: anna().uid,
        ..bela()
    };
    assert_eq!(store.load(&renamed).err().unwrap().kind, TroubleKind::Uid);
    let judged = store.update(&renamed, &mut |_| panic!("judged as Never"));
    assert_eq!(judged.unwrap_err().kind, TroubleKind::Uid);
    let record = record_of(&renamed);
    let replaced = store.replace(&renamed, Revision::ABSENT, &record, Status::Live);
    assert_eq!(replaced.unwrap_err().kind, TroubleKind::Uid);
    assert!(store.load(&bela()).unwrap().record.is_none());
}

#[test]
fn a_name_or_uid_that_is_a_part_of_another_is_nobody_elses() {
    let scene = Scene::new();
    let store = scene.store();
    for name in [
        "anna.maria.7",
        "maria.anna.10001",
        "anna.1000.8",
        "xanna.9",
        ".anna.1000",
    ] {
        fs::create_dir(scene.accounts().join(name)).unwrap();
    }
    assert!(store.load(&anna()).is_ok());
    for name in ["anna.10001", "maria.anna.1000"] {
        fs::create_dir(scene.accounts().join(name)).unwrap();
        assert_eq!(
            store.load(&anna()).err().unwrap().kind,
            TroubleKind::Uid,
            "{name}"
        );
        fs::remove_dir(scene.accounts().join(name)).unwrap();
    }
    assert!(store.load(&anna()).is_ok());
}

#[test]
fn a_damaged_account_does_not_keep_others_out() {
    let scene = Scene::enrolled();
    fs::write(scene.document(), "").unwrap();
    fs::create_dir(scene.accounts().join("lost+found")).unwrap();
    fs::write(scene.accounts().join("notes.txt"), "").unwrap();
    assert!(scene.store().load(&bela()).unwrap().record.is_none());
}

#[test]
fn the_judgement_sees_what_is_stored_and_may_write_nothing() {
    let scene = Scene::enrolled();
    let store = scene.store();
    count_up(&store).unwrap();
    let before = fs::read(scene.document()).unwrap();
    let mut seen = Vec::new();
    store
        .update(&anna(), &mut |snapshot| {
            seen.push(snapshot.state.throttle.units);
            None
        })
        .unwrap();
    assert_eq!(seen, [1]);
    assert_eq!(fs::read(scene.document()).unwrap(), before);
}

#[test]
fn a_state_is_never_kept_without_a_record() {
    let scene = Scene::new();
    let trouble = count_up(&scene.store()).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::StoreWrite);
    assert_eq!(fs::read_dir(scene.accounts()).unwrap().count(), 0);
    assert_eq!(
        scene.store().update(&anna(), &mut |_| None),
        Ok(Revision::ABSENT)
    );
}

#[test]
fn a_record_replaced_meanwhile_is_a_conflict() {
    let scene = Scene::enrolled();
    let store = scene.store();
    let revision = scene.load().unwrap().revision();
    let replace = |expected| store.replace(&anna(), expected, &record(), Status::Live);
    assert_eq!(replace(Revision::ABSENT), Ok(Replaced::Conflict));
    assert_eq!(replace(revision), Ok(Replaced::Done));
    assert_eq!(replace(revision), Ok(Replaced::Conflict));
    assert_eq!(replace(record().revision), Ok(Replaced::Conflict));
    let absent = store.replace(&bela(), revision, &record_of(&bela()), Status::Live);
    assert_eq!(absent, Ok(Replaced::Conflict));
    assert!(!scene.accounts().join("bela.1002").exists());
}

#[test]
fn who_comes_second_to_create_an_account_finds_it_there() {
    let scene = Scene::enrolled();
    let revision = scene.load().unwrap().revision();
    let created = scene.store().create(&anna(), &record(), Status::Live);
    assert_eq!(created, Ok(Replaced::Conflict));
    assert_eq!(scene.load().unwrap().revision(), revision);
    assert_eq!(scene.names_in("accounts"), ["anna.1000"]);
}

#[test]
fn a_process_that_does_not_own_the_store_has_none() {
    let scene = Scene::new();
    let key = HostKey::load(&scene.scratch.path().join("host.key"), own_uid()).unwrap();
    let store = DirectoryStore::new(scene.accounts(), own_uid() + 1, Box::new(key), || 0);
    assert_eq!(store.err().unwrap().kind, TroubleKind::MixedUids);
}

#[test]
fn a_login_in_between_is_no_conflict_and_is_kept() {
    let scene = Scene::enrolled();
    let revision = scene.load().unwrap().revision();
    count_up(&scene.store()).unwrap();
    let done = scene
        .store()
        .replace(&anna(), revision, &record(), Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    assert_eq!(count(&scene), 1);
}

#[test]
fn what_the_administrator_locked_stays_locked_until_unlocked() {
    let scene = Scene::enrolled();
    let store = scene.store();
    let revision = scene.load().unwrap().revision();
    scene.set_status(Status::Locked);
    let replace = |status| store.replace(&anna(), revision, &record(), status);
    assert_eq!(replace(Status::Live), Ok(Replaced::Conflict));
    assert_eq!(replace(Status::Locked), Ok(Replaced::Done));
    assert_eq!(scene.load().unwrap().state.status, Status::Locked);
}

#[test]
fn the_status_changes_at_the_time_of_the_clock() {
    let scene = Scene::enrolled();
    assert_eq!(scene.load().unwrap().state.status_since, scene::NOW);
}

#[test]
fn revocation_leaves_no_key_on_the_disk() {
    let scene = Scene::enrolled();
    scene.set_status(Status::Revoked);
    assert!(
        !fs::read_to_string(scene.document())
            .unwrap()
            .contains("token")
    );
    assert!(scene.load().unwrap().record.unwrap().tokens.is_empty());
}

#[test]
fn a_removed_account_is_a_tombstone_until_it_is_forgotten() {
    let scene = Scene::enrolled();
    let store = scene.store();
    store.remove(&anna()).unwrap();
    let snapshot = scene.load().unwrap();
    assert!(snapshot.record.is_none());
    assert_eq!(snapshot.state.status, Status::Removed);
    assert!(
        !fs::read_to_string(scene.document())
            .unwrap()
            .contains("record")
    );
    let again = store.replace(&anna(), Revision::ABSENT, &record(), Status::Live);
    assert_eq!(again, Ok(Replaced::Done));

    assert_eq!(store.forget("anna"), Ok(true));
    assert_eq!(scene.load().unwrap().state.status, Status::Never);
    assert_eq!(fs::read_dir(scene.accounts()).unwrap().count(), 0);
    assert_eq!(store.forget("anna"), Ok(false));
    assert_eq!(
        store.remove(&anna()).unwrap_err().kind,
        TroubleKind::StoreWrite
    );
}

#[test]
fn an_account_is_forgotten_by_its_name_even_where_nothing_of_it_can_be_read() {
    let scene = Scene::enrolled();
    fs::write(scene.document(), "").unwrap();
    fs::create_dir(scene.accounts().join("anna.1001")).unwrap();
    chmod(&scene.accounts().join("anna.1001"), 0o700);
    for other in ["bela.1000", "anna.x.1000", "anna"] {
        fs::create_dir(scene.accounts().join(other)).unwrap();
    }
    assert_eq!(scene.store().forget("anna"), Ok(true));
    let left = ["anna", "anna.x.1000", "bela.1000"];
    assert_eq!(scene.names_in("accounts"), left);
}

#[test]
fn an_account_that_is_forgotten_while_it_is_read_is_not_there() {
    let scene = Scene::enrolled();
    let accounts = scene.store().accounts().unwrap();
    let found = reading::read(&accounts, "anna.1000".as_ref(), |dir| {
        scene.store().forget("anna").unwrap();
        reading::open(dir)?.read(1)
    });
    assert!(matches!(found, Ok(None)));
}

#[test]
fn what_killed_writers_left_is_removed_by_the_next() {
    let scene = Scene::enrolled();
    let store = scene.store();
    fs::write(
        scene.document().with_extension("toml.new"),
        "half of a docu",
    )
    .unwrap();
    count_up(&store).unwrap();
    assert_eq!(scene.names_in("accounts/anna.1000"), ["account.toml"]);

    for leftover in [".new", ".gone"] {
        let leftover = scene.accounts().join(leftover);
        fs::create_dir(&leftover).unwrap();
        chmod(&leftover, 0o700);
        fs::write(leftover.join("account.toml"), "half").unwrap();
        fs::write(leftover.join("account.toml~"), "somebody's").unwrap();
    }
    assert!(store.load(&bela()).unwrap().record.is_none());
    let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
    assert_eq!(done, Ok(Replaced::Done));
    assert_eq!(scene.names_in("accounts"), ["anna.1000", "bela.1002"]);
}

#[test]
fn a_write_that_fails_changes_nothing() {
    let scene = Scene::enrolled();
    let in_the_way = scene.document().with_extension("toml.new");
    fs::create_dir(&in_the_way).unwrap();
    let trouble = count_up(&scene.store()).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::StoreWrite);
    assert!(trouble.detail.contains("EISDIR"), "{trouble}");
    assert_eq!(count(&scene), 0);
}

#[test]
fn each_visits_all_accounts_and_says_which_cannot_be_read() {
    let scene = Scene::enrolled();
    let store = scene.store();
    let done = store.replace(
        &bela(),
        Revision::ABSENT,
        &record_of(&bela()),
        Status::Invited,
    );
    assert_eq!(done, Ok(Replaced::Done));
    fs::create_dir(scene.accounts().join(".new")).unwrap();
    // Somebody renamed a directory by hand.
    fs::create_dir(scene.accounts().join("cili.1000")).unwrap();
    chmod(&scene.accounts().join("cili.1000"), 0o700);
    fs::copy(
        scene.document(),
        scene.accounts().join("cili.1000").join(DOCUMENT),
    )
    .unwrap();

    let mut seen = Vec::new();
    let word = |document: &Document| document.state().status.word();
    store
        .each(&mut |name, document| {
            let outcome = document
                .as_ref()
                .map_or_else(|trouble| trouble.kind.word(), word);
            seen.push(format!("{} {outcome}", name.display()));
        })
        .unwrap();
    seen.sort();
    assert_eq!(
        seen,
        [
            "anna.1000 live",
            "bela.1002 invited",
            "cili.1000 store-read"
        ]
    );
}

#[test]
fn an_unusual_name_has_a_directory_of_its_own() {
    let scene = Scene::new();
    let store = scene.store();
    for (uid, name) in ["..", ".new", "a/b", "a%2Fb", "\u{e9}", "a b"]
        .iter()
        .enumerate()
    {
        let account = Account {
            name: (*name).to_owned(),
            uid: uid as u32,
        };
        let done = store.replace(
            &account,
            Revision::ABSENT,
            &record_of(&account),
            Status::Live,
        );
        assert_eq!(done, Ok(Replaced::Done), "{name}");
        assert!(store.load(&account).unwrap().record.is_some(), "{name}");
    }
    assert_eq!(scene.names_in("accounts").len(), 6);
    assert_eq!(
        scene.names_in(".").len(),
        2,
        "nothing beside the accounts and the key"
    );
}

/// A key that is not there any more when a document is to be opened: a rotation was faster.
struct Overtaken<'a> {
    scene: &'a Scene,
    key: HostKey,
    is_first: Cell<bool>,
}

impl Seal for Overtaken<'_> {
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble> {
        self.key.for_writing()
    }

    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble> {
        self.key.seal(context, plain)
    }

    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble> {
        if self.is_first.take() {
            count_up(&self.scene.store())?;
            return Err(Trouble::new(TroubleKind::HostKey, "it was rotated"));
        }
        self.key.open(context, sealed)
    }
}

#[test]
fn a_document_that_a_rotation_wrote_anew_meanwhile_is_read_once_more() {
    let scene = Scene::enrolled();
    let accounts = CheckedDir::open(&scene.accounts(), own_uid(), PRIVATE).unwrap();
    let seal = Overtaken {
        scene: &scene,
        key: HostKey::load(&scene.scratch.path().join("host.key"), own_uid()).unwrap(),
        is_first: Cell::new(true),
    };
    let document = reading::document(&accounts, &anna(), &seal)
        .unwrap()
        .unwrap();
    assert_eq!(document.known.document.state().throttle.units, 1);
}
