//! Other processes: this test program started again, to do one thing in a scene and end.

use std::os::fd::AsRawFd;
use std::process::{Child, Command, Stdio};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::stat::{Mode, umask};

use super::scene::store_in;
use super::*;

/// Names the scene and the act to a child.
const SCENE: &str = "KAPU_TEST_SCENE";
const ACT: &str = "KAPU_TEST_ACT";

/// Starts a process that does `act` in the scene.
pub(super) fn start(scene: &Scene, act: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "directory_store::tests::child::acts",
            "--nocapture",
        ])
        .env(SCENE, scene.scratch.path())
        .env(ACT, act)
        .stdout(Stdio::null())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// Has a process do `act` and insists that it ended well.
pub(super) fn run(scene: &Scene, act: &str) {
    let status = start(scene, act).wait().unwrap();
    assert!(status.success(), "{act}: {status}");
}

/// The other end of [`start`]: no test of its own.
#[test]
fn acts() {
    let (Some(scene), Ok(act)) = (std::env::var_os(SCENE), std::env::var(ACT)) else {
        return;
    };
    let path = PathBuf::from(scene);
    let store = store_in(&path);
    match act.as_str() {
        "count for ever" => loop {
            count_up(&store).unwrap();
        },
        "come and go for ever" => loop {
            let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
            // Conflict where a process killed earlier had got that far.
            assert!(done.is_ok(), "{done:?}");
            store.forget("bela").unwrap();
        },
        "count to five" => (0..5).for_each(|_| count_up_in_a_crowd(&store).unwrap()),
        "race to create" => {
            let done = store.replace(&anna(), Revision::ABSENT, &record(), Status::Live);
            let name = match done.unwrap() {
                Replaced::Done => "done",
                Replaced::Conflict => "conflict",
            };
            fs::write(path.join(format!("{name}-{}", std::process::id())), "").unwrap();
        }
        "write within a file size limit" => within_a_file_size_limit(&store),
        "read without descriptors" => without_descriptors(&store),
        "write under a closed umask" => {
            umask(Mode::from_bits_truncate(0o777));
            count_up(&store).unwrap();
            let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
            assert_eq!(done, Ok(Replaced::Done));
            assert_eq!(umask(Mode::empty()).bits(), 0o777);
        }
        "leave no descriptor" => {
            drop(store);
            leaves_no_descriptor(&path);
        }
        other => panic!("no act {other}"),
    }
}

fn within_a_file_size_limit(store: &DirectoryStore) {
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, 100, hard).unwrap();
    let trouble = count_up(store).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::StoreWrite);
    assert!(trouble.detail.contains("ulimit -f"), "{trouble}");
    let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
    assert_eq!(done.unwrap_err().kind, TroubleKind::StoreWrite);
}

fn without_descriptors(store: &DirectoryStore) {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    let free = fs::File::open("/dev/null").unwrap().as_raw_fd() as u64;
    // One descriptor more each time, so that every place that needs one is refused once.
    let refused = (0..16).take_while(|spare| {
        setrlimit(Resource::RLIMIT_NOFILE, free + spare, hard).unwrap();
        let Err(trouble) = count_up(store) else {
            return false;
        };
        assert!(trouble.detail.contains("EMFILE"), "{trouble}");
        true
    });
    let refused = refused.count();
    assert!((3..16).contains(&refused), "{refused}");
}

fn leaves_no_descriptor(path: &Path) {
    let before = descriptors();
    let store = store_in(path);
    let stranger = Account {
        uid: 1000,
        ..bela()
    };
    for _ in 0..10 {
        count_up(&store).unwrap();
        store.load(&anna()).unwrap();
        store.load(&bela()).unwrap();
        store.load(&stranger).map(drop).unwrap_err();
        let done = store.replace(&bela(), Revision::ABSENT, &record_of(&bela()), Status::Live);
        assert_eq!(done, Ok(Replaced::Done));
        let conflict = store.replace(&bela(), Revision::ABSENT, &record(), Status::Live);
        assert_eq!(conflict, Ok(Replaced::Conflict));
        store.each(&mut |_, _| {}).unwrap();
        store.forget("bela").unwrap();
        // The store itself holds two directories for as long as it is there.
        assert_eq!(descriptors(), before + 2);
    }
    // And that of the account that was loaded last.
    store.load(&anna()).unwrap();
    assert_eq!(descriptors(), before + 3);
    store.let_go();
    assert_eq!(descriptors(), before + 1);
    store.load(&anna()).unwrap();
    drop(store);
    assert_eq!(descriptors(), before);
}

/// Open descriptors of this process; no other thread of it opens any here.
fn descriptors() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}
