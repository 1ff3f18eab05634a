//! Everything that must not be taken for a file of ours.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use nix::unistd::{Gid, Uid, fchownat, mkfifo};

use super::*;
use crate::scratch::{Scratch, chmod, own_uid};
use crate::walk::MAX_LINKS;

/// Somebody who is neither root nor whoever runs the tests.
const STRANGER: u32 = 54_321;
const CAP: usize = 16;

/// A directory with a good file `key` in it.
fn scene() -> Scratch {
    let scratch = Scratch::new();
    fs::write(scratch.path().join("key"), "secret").unwrap();
    chmod(&scratch.path().join("key"), 0o600);
    scratch
}

fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    read_file(path, own_uid(), PRIVATE, CAP).map(|bytes| bytes.to_vec())
}

/// What is wrong with the file `key` of a scene.
fn fault(scratch: &Scratch) -> Fault {
    read(&scratch.path().join("key")).unwrap_err().fault
}

/// Gives a file or link away, which only root can: elsewhere the test has nothing to show.
fn give_away(path: &Path) -> bool {
    let (user, group) = (Uid::from_raw(STRANGER), Gid::from_raw(STRANGER));
    let flags = AtFlags::AT_SYMLINK_NOFOLLOW;
    own_uid() == 0 && fchownat(nix::fcntl::AT_FDCWD, path, Some(user), Some(group), flags).is_ok()
}

#[test]
fn a_good_file_is_read_whole() {
    let scene = scene();
    assert_eq!(read(&scene.path().join("key")).unwrap(), b"secret");
    fs::write(scene.path().join("key"), [b'x'; CAP]).unwrap();
    assert_eq!(read(&scene.path().join("key")).unwrap(), [b'x'; CAP]);
    fs::write(scene.path().join("key"), "").unwrap();
    assert_eq!(read(&scene.path().join("key")).unwrap(), b"");
}

#[test]
fn one_byte_over_the_cap_is_refused_and_not_cut() {
    let scene = scene();
    fs::write(scene.path().join("key"), [b'x'; CAP + 1]).unwrap();
    assert_eq!(fault(&scene), Fault::TooLong(CAP));
}

#[test]
fn a_missing_file_or_directory_is_told_from_everything_else() {
    let scene = scene();
    assert!(read(&scene.path().join("kez")).unwrap_err().is_missing());
    let deep = scene.path().join("no/such/key");
    let error = read(&deep).unwrap_err();
    assert!(error.is_missing());
    assert_eq!(error.path, scene.path().join("no"));
    let through_a_file = read(&scene.path().join("key/key")).unwrap_err();
    assert_eq!(through_a_file.fault, Fault::NotADirectory);
}

#[test]
fn a_key_that_others_may_use_is_refused_with_the_remedy() {
    let scene = scene();
    let path = scene.path().join("key");
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o644] {
        chmod(&path, mode);
        let error = read(&path).unwrap_err();
        let text = format!(
            "{0}: mode {mode:04o} lets others use it; run chmod go= {0}",
            path.display()
        );
        assert_eq!(error.to_string(), text);
    }
}

#[test]
fn a_configuration_may_be_read_but_not_written_by_others() {
    let scene = scene();
    let path = scene.path().join("key");
    let read = || read_file(&path, own_uid(), NOT_WRITABLE_BY_OTHERS, CAP);
    chmod(&path, 0o644);
    assert!(read().is_ok());
    for mode in [0o664, 0o646] {
        chmod(&path, mode);
        let text = read().unwrap_err().to_string();
        assert!(
            text.ends_with(&format!("run chmod go-w {}", path.display())),
            "{text}"
        );
    }
}

#[test]
fn a_symbolic_link_is_not_followed() {
    let scene = scene();
    fs::rename(scene.path().join("key"), scene.path().join("real")).unwrap();
    symlink("real", scene.path().join("key")).unwrap();
    assert_eq!(fault(&scene), Fault::Link);
    symlink("nowhere", scene.path().join("dangling")).unwrap();
    let dangling = read(&scene.path().join("dangling")).unwrap_err();
    assert_eq!(dangling.fault, Fault::Link);
}

#[test]
fn a_fifo_a_socket_a_directory_and_a_device_are_no_files_and_block_nobody() {
    let scene = scene();
    let path = scene.path().join("key");
    fs::remove_file(&path).unwrap();
    mkfifo(&path, Mode::S_IRUSR | Mode::S_IWUSR).unwrap();
    assert_eq!(fault(&scene), Fault::NotAFile);

    fs::remove_file(&path).unwrap();
    let _listener = UnixListener::bind(&path).unwrap();
    assert_eq!(fault(&scene), Fault::NotAFile);

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(fault(&scene), Fault::NotAFile);

    let zero = read(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(zero.fault, Fault::NotAFile);
}

#[test]
fn a_file_with_two_names_is_refused() {
    let scene = scene();
    fs::hard_link(scene.path().join("key"), scene.path().join("other")).unwrap();
    assert_eq!(fault(&scene), Fault::HardLinks);
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let scene = scene();
    if give_away(&scene.path().join("key")) {
        let (found, wanted) = (STRANGER, 0);
        assert_eq!(fault(&scene), Fault::Owner { found, wanted });
    }
    // Whose the file must be is the caller's to say; root's is good for everybody.
    let of_stranger = read_file(&scene.path().join("key"), STRANGER, PRIVATE, CAP);
    assert_eq!(of_stranger.is_ok(), own_uid() == 0);
}

#[test]
fn a_directory_that_others_may_change_is_refused_wherever_it_is_on_the_way() {
    let scene = scene();
    let (outer, inner) = (scene.path().join("a"), scene.path().join("a/b"));
    fs::create_dir_all(&inner).unwrap();
    let open = || CheckedDir::open(&inner, own_uid(), NOT_WRITABLE_BY_OTHERS);
    assert!(open().is_ok());
    for (path, mode) in [
        (&outer, 0o775),
        (&outer, 0o757),
        (&inner, 0o775),
        (&inner, 0o1777),
    ] {
        chmod(path, mode);
        let error = open().unwrap_err();
        assert!(matches!(error.fault, Fault::Mode { .. }), "{error}");
        assert_eq!(error.path, *path);
        chmod(path, 0o755);
    }
    // In a sticky directory others cannot touch what is ours.
    chmod(&outer, 0o1777);
    assert!(open().is_ok());
}

#[test]
fn a_directory_of_somebody_else_is_refused_wherever_it_is_on_the_way() {
    let scene = scene();
    let (outer, inner) = (scene.path().join("a"), scene.path().join("a/b"));
    fs::create_dir_all(&inner).unwrap();
    for path in [&inner, &outer] {
        if give_away(path) {
            let error = CheckedDir::open(&inner, own_uid(), PRIVATE).unwrap_err();
            assert!(matches!(error.fault, Fault::Owner { .. }), "{error}");
            assert_eq!(error.path, *path);
        }
    }
}

#[test]
fn a_private_directory_must_be_closed_to_all_others() {
    let scene = scene();
    for (mode, good) in [
        (0o700, true),
        (0o755, false),
        (0o711, false),
        (0o750, false),
    ] {
        chmod(scene.path(), mode);
        let opened = CheckedDir::open(scene.path(), own_uid(), PRIVATE);
        assert_eq!(opened.is_ok(), good, "{mode:o}");
    }
}

#[test]
fn our_own_symbolic_links_on_the_way_are_followed() {
    let scene = scene();
    fs::create_dir_all(scene.path().join("a/b")).unwrap();
    fs::create_dir(scene.path().join("c")).unwrap();
    fs::rename(scene.path().join("key"), scene.path().join("c/key")).unwrap();
    symlink("../../c", scene.path().join("a/b/relative")).unwrap();
    symlink(scene.path().join("a/./b"), scene.path().join("absolute")).unwrap();
    let path = scene.path().join("absolute/relative");
    assert_eq!(read(&path.join("key")).unwrap(), b"secret");
    let dir = CheckedDir::open(&path, own_uid(), NOT_WRITABLE_BY_OTHERS).unwrap();
    assert_eq!(dir.path(), scene.path().join("c"));
}

#[test]
fn a_symbolic_link_of_somebody_else_is_not_followed() {
    let scene = scene();
    fs::create_dir(scene.path().join("real")).unwrap();
    let link = scene.path().join("link");
    symlink("real", &link).unwrap();
    let open = || CheckedDir::open(&link, own_uid(), NOT_WRITABLE_BY_OTHERS);
    assert!(open().is_ok());
    if give_away(&link) {
        let (found, wanted) = (STRANGER, 0);
        assert_eq!(open().unwrap_err().fault, Fault::Owner { found, wanted });
    }
}

#[test]
fn symbolic_links_are_followed_up_to_a_limit() {
    let scene = scene();
    let link = |number: usize| scene.path().join(format!("link{number}"));
    symlink(".", link(0)).unwrap();
    for number in 1..=MAX_LINKS {
        symlink(format!("link{}", number - 1), link(number)).unwrap();
    }
    assert!(read(&link(MAX_LINKS - 1).join("key")).is_ok());
    let error = read(&link(MAX_LINKS).join("key")).unwrap_err();
    assert_eq!(error.fault, Fault::TooManyLinks);
}

#[test]
fn a_name_leads_nowhere_else() {
    let scene = scene();
    let dir = CheckedDir::open(scene.path(), own_uid(), NOT_WRITABLE_BY_OTHERS).unwrap();
    for name in [
        "",
        ".",
        "..",
        "../key",
        "a/key",
        "/etc/passwd",
        "key/",
        "key/.",
        "./key",
    ] {
        assert_eq!(
            dir.file(name, PRIVATE).unwrap_err().fault,
            Fault::NotAName,
            "{name}"
        );
        assert_eq!(
            dir.child(name, PRIVATE).unwrap_err().fault,
            Fault::NotAName,
            "{name}"
        );
    }
    assert_eq!(read(Path::new("key")).unwrap_err().fault, Fault::NotAName);
    assert_eq!(read(Path::new("/")).unwrap_err().fault, Fault::NotAName);
}

#[test]
fn names_are_listed_without_the_directory_itself() {
    let scene = scene();
    fs::create_dir(scene.path().join(".new")).unwrap();
    let dir = CheckedDir::open(scene.path(), own_uid(), NOT_WRITABLE_BY_OTHERS).unwrap();
    for _ in 0..2 {
        let mut names = dir.names().unwrap();
        names.sort();
        assert_eq!(names, [".new", "key"]);
    }
}

#[test]
fn beside_a_directory_is_what_its_own_directory_holds() {
    let scratch = Scratch::new();
    let dir = CheckedDir::open(&scratch.accounts(), own_uid(), PRIVATE).unwrap();
    assert!(dir.sibling("other", PRIVATE).unwrap_err().is_missing());
    dir.make_sibling("other").unwrap();
    dir.make_sibling("other").unwrap();
    let other = dir.sibling("other", PRIVATE).unwrap();
    assert_eq!(other.path(), scratch.path().join("other"));
}
