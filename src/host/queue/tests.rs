//! Turns among threads, which are as good as processes here: each opens the files for itself.
//! `processes` has what takes real ones.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use kapu_core::config::Config;
use kapu_core::place::Place;
use kapu_core::ports::Passwords;
use kapu_core::secret::Secret;
use kapu_core::verdict::Who;
use nix::sys::stat::Mode;

use super::*;
use crate::argon::OwnPasswords;
use crate::scratch::{Scratch, chmod, own_uid};

mod processes;

/// A wait that nobody is meant to come to the end of.
const LONG: Duration = Duration::from_secs(60);
/// A wait that is meant to come to its end.
const SHORT: Duration = Duration::from_millis(150);
/// What stands for a hash.
const WORK: Duration = Duration::from_millis(40);

const FLOOD: &str = "198.51.100.7";
const OTHER: &str = "192.0.2.4";

/// A queue beside the directory `accounts` in the directory at `path`.
fn queue_in(path: &Path, turns: usize, wait: Duration) -> HashQueue {
    let accounts = HeldDir::new(path.join("accounts"), own_uid(), PRIVATE);
    let numbering = Secret::copy_of(b"one");
    let turns = NonZeroUsize::new(turns);
    HashQueue {
        wait,
        ..HashQueue::sharing(Arc::new(accounts), turns, Some(numbering))
    }
}

/// The same, with the directory of accounts.
fn queue(scratch: &Scratch, turns: usize, wait: Duration) -> HashQueue {
    scratch.accounts();
    queue_in(scratch.path(), turns, wait)
}

fn login_from(rhost: Option<&str>) -> Login {
    Login {
        typed_user: "anna".to_owned(),
        who: Who::Unknown,
        service: "sshd".to_owned(),
        rhost: rhost.map(str::to_owned),
        tty: None,
        ruser: None,
        place: Place::of("sshd", rhost, 0),
    }
}

impl HashQueue {
    fn turn_from(&self, rhost: &str) -> Result<Turn, Trouble> {
        self.turn(Some(&login_from(Some(rhost))))
    }
}

#[track_caller]
fn assert_full(turn: Result<Turn, Trouble>) {
    let trouble = turn.unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::Hash);
    assert!(trouble.detail.starts_with("queue full: "), "{trouble}");
}

#[test]
fn work_that_does_not_wait_is_done_where_there_is_a_turn_and_else_not() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, LONG);
    let eager = queue.clone().without_waiting();
    let turn = queue.turn(None).unwrap();
    assert_eq!(eager.turn(None).unwrap_err().kind, TroubleKind::Hash);
    drop(turn);
    assert!(eager.turn(None).is_ok());
}

#[test]
fn never_more_are_inside_than_may_be_and_all_come_in() {
    let scratch = Scratch::new();
    let inside = AtomicUsize::new(0);
    let most = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..16 {
            let (queue, inside, most) = (queue(&scratch, 3, LONG), &inside, &most);
            scope.spawn(move || {
                let turn = queue.turn_from(&format!("192.0.2.{number}")).unwrap();
                most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(WORK);
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            });
        }
    });
    assert_eq!(most.into_inner(), 3);
}

#[test]
fn when_the_deadline_passes_whoever_asks_is_refused_alike() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, SHORT);
    let held = queue.turn(None).unwrap();
    let begin = Instant::now();
    let remote = queue.turn_from(OTHER).unwrap_err();
    assert!(begin.elapsed() >= SHORT);
    let local = queue.turn(Some(&login_from(None))).unwrap_err();
    let new_password = queue.turn(None).unwrap_err();
    assert!(remote == local && local == new_password, "{remote} {local}");
    drop(held);
    assert!(queue.turn_from(OTHER).is_ok());
}

#[test]
fn every_hash_waits_for_its_turn_be_it_a_check_a_decoy_or_a_new_one() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, SHORT);
    let config = Config::default().password;
    let passwords = OwnPasswords::new(&config, queue.clone()).unwrap();
    let typed = Secret::copy_of(b"password");
    let hash = passwords.hash(&typed).unwrap();
    let login = login_from(Some(OTHER));
    let _held = queue.turn(None).unwrap();
    let check = passwords.verify(&login, Some(&hash), &typed).unwrap_err();
    let decoy = passwords.verify(&login, None, &typed).unwrap_err();
    let new = passwords.hash(&typed).unwrap_err();
    assert!(check == decoy && decoy == new, "{check} {decoy} {new}");
    assert!(check.detail.starts_with("queue full: "), "{check}");
}

#[test]
fn of_one_address_only_one_login_waits_for_a_turn_and_the_others_for_it() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, SHORT);
    let first_in_line = {
        let dir = open(&queue.accounts.get().unwrap()).unwrap();
        let line = line_of(FLOOD, &Secret::copy_of(b"one"));
        first_free(vec![lock_file(&dir, &line).unwrap()], POLL, Instant::now()).unwrap()
    };
    // There is a free turn, and still.
    assert_full(queue.turn_from(FLOOD));
    assert!(queue.turn(None).is_ok());
    drop(first_in_line);
    assert!(queue.turn_from(FLOOD).is_ok());
}

#[test]
fn whoever_has_a_turn_keeps_nobody_of_the_same_address_from_the_next() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 2, SHORT);
    let _one = queue.turn_from(FLOOD).unwrap();
    let _two = queue.turn_from(FLOOD).unwrap();
    assert_full(queue.turn_from(FLOOD));
}

#[test]
fn next_to_a_flood_another_address_soon_has_its_turn() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, LONG);
    let order = Mutex::new(Vec::new());
    let pass = |rhost: &'static str| {
        let _turn = queue.turn_from(rhost).unwrap();
        order.lock().unwrap().push(rhost);
        thread::sleep(WORK);
    };
    thread::scope(|scope| {
        let held = queue.turn_from(FLOOD).unwrap();
        for _ in 0..24 {
            scope.spawn(|| pass(FLOOD));
        }
        thread::sleep(WORK);
        scope.spawn(|| pass(OTHER));
        thread::sleep(WORK);
        drop(held);
    });
    let order = order.into_inner().unwrap();
    let before = order.iter().position(|rhost| *rhost == OTHER).unwrap();
    // At worst every turn is tossed for between two: a chance of 1 in 1000.
    assert!(before < 10, "{before} went first");
}

#[test]
fn addresses_are_told_apart_as_places_are() {
    let of = |rhost| address(&login_from(rhost)).map(str::to_owned);
    assert_eq!(of(None), None);
    assert_eq!(of(Some("192.0.2.4")).as_deref(), Some("192.0.2.4"));
    assert_eq!(of(Some("::ffff:192.0.2.4")), of(Some("192.0.2.4")));
    assert_eq!(of(Some("2001:db8::1")), of(Some("2001:db8::ffff")));
    assert_ne!(of(Some("2001:db8::1")), of(Some("2001:db8:0:1::1")));
    assert_eq!(of(Some("host.example")).as_deref(), Some("host.example"));
    let other_service = Login {
        place: Place::of("vsftpd", Some(OTHER), 0),
        ..login_from(Some(OTHER))
    };
    assert_eq!(address(&other_service), Some(OTHER));
}

#[test]
fn which_addresses_share_a_line_differs_from_host_to_host() {
    let lines = |numbering: &[u8]| -> Vec<_> {
        let numbering = Secret::copy_of(numbering);
        (0..64)
            .map(|number| line_of(&format!("192.0.2.{number}"), &numbering))
            .collect()
    };
    assert_ne!(lines(b"one"), lines(b"two"));
    assert_eq!(lines(b"one"), lines(b"one"));
    let mut different = lines(b"one");
    different.sort();
    different.dedup();
    assert!(different.len() > 40, "{}", different.len());
}

#[test]
fn who_has_no_numbers_for_addresses_waits_in_one_line() {
    let scratch = Scratch::new();
    let queue = HashQueue {
        numbering: None,
        ..queue(&scratch, 2, SHORT)
    };
    drop(queue.turn_from(OTHER).unwrap());
    let path = scratch.path().join(DIRECTORY);
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, [LOCAL, "turn-0"]);
}

#[test]
fn the_queue_is_beside_the_directory_that_a_link_leads_to() {
    let scratch = Scratch::new();
    let real = scratch.path().join("real");
    fs::create_dir_all(real.join("data")).unwrap();
    chmod(&real.join("data"), 0o700);
    symlink("real/data", scratch.path().join("accounts")).unwrap();
    let queue = queue_in(scratch.path(), 1, SHORT);
    drop(queue.turn_from(OTHER).unwrap());
    assert!(real.join(DIRECTORY).is_dir());
    assert!(!scratch.path().join(DIRECTORY).exists());
}

#[test]
fn the_directory_and_its_files_are_the_owners_alone() {
    let scratch = Scratch::new();
    drop(queue(&scratch, 1, SHORT).turn_from(OTHER).unwrap());
    let path = scratch.path().join(DIRECTORY);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode(&path), 0o700);
    let files: Vec<_> = fs::read_dir(&path).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 2);
    for file in files {
        assert_eq!(mode(&file.path()), 0o600, "{file:?}");
    }
}

#[test]
fn what_is_not_a_file_of_ours_is_refused_and_named() {
    for name in ["turn-0", LOCAL] {
        let scratch = Scratch::new();
        let queue = queue(&scratch, 1, SHORT);
        drop(queue.turn(None).unwrap());
        let path = scratch.path().join(DIRECTORY).join(name);
        let elsewhere = scratch.path().join("elsewhere");
        let spoil: [&dyn Fn(); 5] = [
            &|| symlink(&elsewhere, &path).unwrap(),
            &|| nix::unistd::mkfifo(&path, Mode::S_IRWXU).unwrap(),
            &|| fs::create_dir(&path).unwrap(),
            &|| {
                fs::write(&path, "").unwrap();
                chmod(&path, 0o644);
            },
            &|| {
                fs::write(&elsewhere, "").unwrap();
                chmod(&elsewhere, 0o600);
                fs::hard_link(&elsewhere, &path).unwrap();
            },
        ];
        for (number, spoil) in spoil.iter().enumerate() {
            let _ = fs::remove_file(&path).or_else(|_| fs::remove_dir(&path));
            spoil();
            let trouble = queue.turn(None).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Hash);
            let named = format!("{}: ", path.display());
            assert!(trouble.detail.starts_with(&named), "{number}: {trouble}");
            assert!(number > 0 || !elsewhere.exists(), "the link was followed");
        }
    }
}

#[test]
fn a_directory_that_others_may_enter_or_that_is_a_link_is_refused() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, SHORT);
    drop(queue.turn_from(OTHER).unwrap());
    let path = scratch.path().join(DIRECTORY);
    chmod(&path, 0o750);
    let trouble = queue.turn_from(OTHER).unwrap_err();
    assert!(trouble.detail.contains("chmod"), "{trouble}");
    chmod(&path, 0o700);
    fs::rename(&path, scratch.path().join("real")).unwrap();
    symlink("real", &path).unwrap();
    let trouble = queue.turn_from(OTHER).unwrap_err();
    assert!(trouble.detail.contains("not a directory"), "{trouble}");
}

#[test]
fn where_there_is_no_place_for_a_queue_the_trouble_names_it() {
    let scratch = Scratch::new();
    let nowhere = scratch.path().join("nowhere");
    let trouble = queue_in(&nowhere, 1, SHORT).turn(None).unwrap_err();
    assert_eq!(trouble.kind, TroubleKind::StoreRead);
    assert!(trouble.detail.contains("nowhere: there is no"), "{trouble}");
}

#[test]
fn a_turn_is_given_back_even_where_a_forked_child_holds_a_copy() {
    let scratch = Scratch::new();
    let queue = queue(&scratch, 1, SHORT);
    let turn = queue.turn(None).unwrap();
    let copy = std::os::fd::AsFd::as_fd(&turn.file).try_clone_to_owned();
    drop(turn);
    assert!(queue.turn(None).is_ok());
    drop(copy);
}
