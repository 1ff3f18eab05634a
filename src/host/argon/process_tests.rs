//! What a hash does to the process around it, each in a child of its own.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use nix::sys::resource::Resource;

use super::tests::{login, passwords};
use super::*;
use crate::in_child;

/// Bytes that a needle is stored by, so that the search does not find itself.
const MASK: u8 = 0xa5;

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

/// Whether the bytes that `needle` masks stand anywhere in the writable memory of this process.
fn memory_holds(needle: &[u8]) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let number = |text| u64::from_str_radix(text, 16).unwrap();
    maps.lines().any(|line| {
        let (range, rest) = line.split_once(' ').unwrap();
        let (start, end) = range.split_once('-').unwrap();
        let mut bytes = vec![0; usize::try_from(number(end) - number(start)).unwrap()];
        rest.starts_with("rw")
            // A mapping may have gone since the list was made.
            && memory.read_exact_at(&mut bytes, number(start)).is_ok()
            && bytes
                .windows(needle.len())
                .any(|window| window.iter().zip(needle).all(|(a, b)| a ^ MASK == *b))
    })
}

#[test]
fn without_memory_a_check_is_trouble_and_the_process_lives() {
    let test = "argon::process_tests::without_memory_a_check_is_trouble_and_the_process_lives";
    in_child::run(test, || {
        let statm = fs::read_to_string("/proc/self/statm").unwrap();
        let pages: usize = statm.split(' ').next().unwrap().parse().unwrap();
        in_child::limit(Resource::RLIMIT_AS, pages * 4096 + (6 << 20));
        let passwords = passwords(19456, 2);
        let typed = Secret::copy_of(b"password");
        for _ in 0..3 {
            let trouble = passwords.verify(&login(), None, &typed).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Hash);
            let trouble = passwords.hash(&typed).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Hash);
        }
    });
}

#[test]
fn no_thread_stays_behind() {
    let count = || fs::read_dir("/proc/self/task").unwrap().count();
    in_child::run("argon::process_tests::no_thread_stays_behind", || {
        let before = count();
        passwords(8192, 1)
            .verify(&login(), None, &Secret::copy_of(b"password"))
            .unwrap();
        assert_eq!(count(), before);
    });
}

#[test]
fn neither_password_nor_tag_stays_in_memory() {
    let test = "argon::process_tests::neither_password_nor_tag_stays_in_memory";
    in_child::run(test, || {
        let mut password = vec![0; 24];
        random::fill(&mut password).unwrap();
        let masked_password = masked(&password);
        let password = Secret::new(password);
        let passwords = passwords(8192, 1);
        let hash = passwords.hash(&password).unwrap();
        let proof = passwords.verify(&login(), Some(&hash), &password);
        assert_eq!(proof, Ok(Proof::Right));
        let masked_text = masked(hash.0.expose());
        let masked_tag = masked(Phc::read(&hash).unwrap().tag.expose());

        // The search finds what is there.
        assert!(memory_holds(&masked_password));
        assert!(memory_holds(&masked_text));
        drop(password);
        drop(hash);
        assert!(!memory_holds(&masked_password), "the password");
        assert!(!memory_holds(&masked_text), "the PHC string");
        assert!(!memory_holds(&masked_tag), "the tag");
    });
}
