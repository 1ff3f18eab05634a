//! A disk that takes nothing: full, without inodes, read-only.
//!
//! A login whose step cannot be stored is refused, and the log names the file and the error; as
//! soon as there is room the same code lets in. The disk is a small tmpfs(5) over the store, in a
//! mount namespace that ends with the login.

use std::process::Command;

use kapu_tests::{LogLine, PASSWORD, SECRET, Site, code_at, moment_with, wrapped};

/// Seconds that two logins may need, the first of which waits for its beat.
const TWO_LOGINS: u64 = 5;

/// A way in which a disk takes nothing.
struct Disk {
    /// Options of its tmpfs.
    options: &'static str,
    /// Shell commands, in the store, that bring it there.
    spoil: &'static str,
    /// Shell commands that bring it back.
    mend: &'static str,
    /// The error that the log names.
    error: &'static str,
}

const FULL: Disk = Disk {
    options: "size=64k",
    spoil: "head -c 1M /dev/zero >filler",
    mend: "rm filler",
    error: "ENOSPC",
};
const WITHOUT_INODES: Disk = Disk {
    options: "nr_inodes=32",
    spoil: "mkdir filler; for number in $(seq 64); do : >filler/$number; done",
    mend: "rm -r filler",
    error: "ENOSPC",
};
const READ_ONLY: Disk = Disk {
    options: "size=64k",
    spoil: "mount -o remount,ro .",
    mend: "mount -o remount,rw .",
    error: "EROFS",
};

/// Whether there are mount namespaces here: where not, that is said.
fn can_mount() -> bool {
    let mut mount = Command::new("unshare");
    mount.args(["-m", "mount", "-t", "tmpfs", "kapu-test", "/mnt"]);
    let works = mount.output().is_ok_and(|output| output.status.success());
    if !works {
        println!("not tried: there is no mount namespace here, or no mount(8) in one");
    }
    works
}

/// What pam_authenticate(3) returned, and the log, of two logins with the same right answers: on
/// the spoiled disk, and on the mended one.
fn twice(site: &Site, disk: &Disk) -> (Vec<String>, Vec<LogLine>) {
    site.enroll(site.user());
    // What the first login makes lies beside the store, and is no matter of this.
    site.log_in("wrong", "000000").assert_refused("password");
    let store = site.store();
    let script = format!(
        "#!/bin/sh\nset -eu\nshift\nstore={}\ncopy={}\ncp -a \"$store\" \"$copy\"\n\
         mount -t tmpfs -o mode=700,{} kapu-test \"$store\"\ncp -a \"$copy/.\" \"$store\"\n\
         cd \"$store\"\n({}) 2>/dev/null || true\n\"$@\"\n{}\n\"$@\"\n",
        store.display(),
        site.path().join("copy").display(),
        disk.options,
        disk.spoil,
        disk.mend,
    );
    let script = site.write_script("twice", &script);
    let code = code_at(SECRET, moment_with(TWO_LOGINS));
    let (inner, log) = site.attempt().answers([PASSWORD, &code]).prepared();
    let arguments = ["-m".as_ref(), script.as_os_str()];
    let output = wrapped("unshare", arguments, &inner)
        .output()
        .expect("unshare runs");
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8_lossy(&output.stdout);
    let results = printed
        .lines()
        .filter_map(|line| line.strip_prefix("result auth "))
        .map(str::to_owned)
        .collect();
    let mut lines = LogLine::read(&log);
    lines.retain(LogLine::is_decision);
    (results, lines)
}

fn is_survived(disk: &Disk) {
    if !can_mount() {
        return;
    }
    let (results, log) = twice(&Site::new(), disk);
    assert_eq!(results, ["PAM_AUTHINFO_UNAVAIL", "PAM_SUCCESS"], "{log:?}");
    assert_eq!(log[0].value("reason"), Some("store-write"));
    let detail = log[0].value("detail").expect("what went wrong");
    assert!(detail.contains("/account.toml"), "{detail}");
    assert!(detail.contains(disk.error), "{detail}");
}

#[test]
#[ignore = "only root mounts"]
fn on_a_full_disk_nobody_is_let_in_until_there_is_room() {
    is_survived(&FULL);
}

#[test]
#[ignore = "only root mounts"]
fn without_inodes_nobody_is_let_in_until_there_are_some() {
    is_survived(&WITHOUT_INODES);
}

#[test]
#[ignore = "only root mounts"]
fn on_a_read_only_disk_nobody_is_let_in_until_it_can_be_written() {
    is_survived(&READ_ONLY);
}

#[test]
#[ignore = "only root mounts"]
fn with_errors_of_writing_swallowed_a_full_disk_lets_in() {
    if can_mount() {
        let (results, _) = twice(&Site::weakened("write-ignored", ""), &FULL);
        assert_eq!(results[0], "PAM_SUCCESS");
    }
}
