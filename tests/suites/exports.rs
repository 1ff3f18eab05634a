//! The built module as a file: what it offers to libpam, what it needs, and how it is linked.

use std::fs;
use std::process::Command;

use kapu_tests::module;

/// What pam(8) calls: the six functions, and nothing else.
const HOOKS: [&str; 6] = [
    "pam_sm_acct_mgmt",
    "pam_sm_authenticate",
    "pam_sm_chauthtok",
    "pam_sm_close_session",
    "pam_sm_open_session",
    "pam_sm_setcred",
];
/// What every Debian has where there is a libpam at all, but for the dynamic loader.
const LIBRARIES: [&str; 3] = ["libpam.so.0", "libgcc_s.so.1", "libc.so.6"];
/// The module is loaded into every login: 1.5 MiB, a fifth of it for the dialog that sets up a device.
const MAX_BYTES: u64 = 15 * 1024 * 1024 / 10;

fn readelf(options: &[&str]) -> String {
    let output = Command::new("readelf")
        .args(["--wide"])
        .args(options)
        .arg(module())
        .env("LC_ALL", "C")
        .output()
        .expect("readelf runs");
    assert!(output.status.success(), "readelf reads the module");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_six_hooks_are_exported_and_nothing_else() {
    let table = readelf(&["--dyn-syms"]);
    let mut exported: Vec<_> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|fields| {
            fields.len() == 8
                && ["GLOBAL", "WEAK"].contains(&fields[4])
                && !["UND", "Ndx"].contains(&fields[6])
        })
        .map(|fields| fields[7].to_owned())
        .collect();
    exported.sort();
    assert_eq!(exported, HOOKS);
}

#[test]
fn it_needs_only_what_every_login_has_loaded() {
    let dynamic = readelf(&["--dynamic"]);
    let needed: Vec<_> = dynamic
        .lines()
        .filter(|line| line.contains("(NEEDED)"))
        .filter_map(|line| line.split(['[', ']']).nth(1))
        .collect();
    assert!(needed.contains(&"libpam.so.0"), "{needed:?}");
    for library in needed {
        assert!(
            LIBRARIES.contains(&library) || library.starts_with("ld-linux"),
            "it needs {library}"
        );
    }
}

#[test]
fn it_finds_no_library_in_a_directory_of_its_builder() {
    let dynamic = readelf(&["--dynamic"]);
    assert!(!dynamic.contains("(RPATH)"), "{dynamic}");
    assert!(!dynamic.contains("(RUNPATH)"), "{dynamic}");
}

#[test]
fn its_memory_is_never_both_writable_and_executable() {
    let segments = readelf(&["--segments"]);
    let stack = segments
        .lines()
        .find(|line| line.contains("GNU_STACK"))
        .expect("the kind of stack is stated");
    assert!(stack.contains(" RW "), "{stack}");
    assert!(!segments.contains("RWE"), "{segments}");
}

#[test]
fn what_the_loader_has_filled_in_is_read_only_afterwards() {
    assert!(readelf(&["--segments"]).contains("GNU_RELRO"));
    let dynamic = readelf(&["--dynamic"]);
    assert!(
        dynamic.contains("BIND_NOW") || dynamic.contains("NOW"),
        "{dynamic}"
    );
}

#[test]
fn it_is_small() {
    let bytes = fs::metadata(module()).expect("the module is there").len();
    assert!(bytes < MAX_BYTES, "{bytes} bytes");
}
