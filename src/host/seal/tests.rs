//! What opens, what must not, and what the key file may be.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use kapu_core::id::Id;

use super::*;
use crate::scratch::{Scratch, chmod, own_uid};

const CONTEXT: SealContext<'static> = SealContext {
    account: "anna",
    record: Id::from_bytes([1; 16]),
    field: "password",
};

fn key_file(scratch: &Scratch) -> PathBuf {
    scratch.path().join("host.key")
}

fn made() -> (Scratch, HostKey) {
    let scratch = Scratch::new();
    let key = HostKey::make(&key_file(&scratch), own_uid()).unwrap();
    (scratch, key)
}

fn load(scratch: &Scratch) -> Result<HostKey, Trouble> {
    HostKey::load(&key_file(scratch), own_uid())
}

fn secret() -> Secret {
    Secret::copy_of(b"twenty bytes of key.")
}

fn opens(key: &HostKey, context: &SealContext<'_>, sealed: &str) -> bool {
    match key.open(context, sealed) {
        Ok(plain) => {
            assert!(plain.same_as(&secret()));
            true
        }
        Err(trouble) => {
            assert_eq!(trouble.kind, TroubleKind::HostKey);
            false
        }
    }
}

#[test]
fn what_was_sealed_opens_with_the_key_from_the_file() {
    let (scratch, key) = made();
    let sealed = key.seal(&CONTEXT, &secret()).unwrap();
    assert!(opens(&load(&scratch).unwrap(), &CONTEXT, &sealed));
}

#[test]
fn a_sealed_text_is_one_plain_word_and_never_the_same_twice() {
    let (_scratch, key) = made();
    let one = key.seal(&CONTEXT, &secret()).unwrap();
    let two = key.seal(&CONTEXT, &secret()).unwrap();
    assert!(
        one.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b':')
    );
    assert_ne!(one, two);
    assert_ne!(one[20..68], two[20..68], "the nonce");
    assert!(!one.contains(&hex::encode(secret().expose())));
}

#[test]
fn a_sealed_text_opens_in_its_own_context_only() {
    let (_scratch, key) = made();
    let sealed = key.seal(&CONTEXT, &secret()).unwrap();
    let record = Id::from_bytes([2; 16]);
    for other in [
        SealContext {
            account: "bela",
            ..CONTEXT
        },
        SealContext { record, ..CONTEXT },
        SealContext {
            field: "token.1.key",
            ..CONTEXT
        },
    ] {
        assert!(!opens(&key, &other, &sealed), "{other:?}");
    }
    assert!(opens(&key, &CONTEXT, &sealed));
}

#[test]
fn no_two_contexts_are_written_alike() {
    let record = CONTEXT.record;
    let digits = record.to_string();
    let (account, field) = (format!("a{digits}"), format!("{digits}b"));
    let one = SealContext {
        account: "a",
        record,
        field: &field,
    };
    let two = SealContext {
        account: &account,
        record,
        field: "b",
    };
    assert_ne!(associated(&one), associated(&two));
}

#[test]
fn a_text_with_any_character_changed_does_not_open() {
    let (_scratch, key) = made();
    let sealed = key.seal(&CONTEXT, &secret()).unwrap();
    for at in 0..sealed.len() {
        let mut text = sealed.clone();
        let other = if &text[at..=at] == "0" { "1" } else { "0" };
        text.replace_range(at..=at, other);
        assert!(!opens(&key, &CONTEXT, &text), "{at}");
        assert!(!opens(&key, &CONTEXT, &sealed[..at]), "{at}");
    }
    assert!(!opens(&key, &CONTEXT, &sealed.to_uppercase()));
}

#[test]
fn a_key_that_is_gone_is_no_wrong_password_but_a_trouble() {
    let (_one, first) = made();
    let (_two, second) = made();
    let sealed = first.seal(&CONTEXT, &secret()).unwrap();
    assert!(!opens(&second, &CONTEXT, &sealed));
}

#[test]
fn of_several_keys_the_first_seals_and_each_opens() {
    let (old_file, old) = made();
    let (new_file, new) = made();
    let lines = [&new_file, &old_file].map(|file| fs::read_to_string(key_file(file)).unwrap());
    chmod(&key_file(&new_file), 0o600);
    fs::write(
        key_file(&new_file),
        format!("# new first\n\n{}", lines.concat()),
    )
    .unwrap();
    let both = load(&new_file).unwrap();
    assert!(opens(
        &both,
        &CONTEXT,
        &old.seal(&CONTEXT, &secret()).unwrap()
    ));
    let sealed = both.seal(&CONTEXT, &secret()).unwrap();
    assert!(opens(&new, &CONTEXT, &sealed) && !opens(&old, &CONTEXT, &sealed));
}

#[test]
fn a_new_key_file_is_the_owners_alone_and_stands_by_itself() {
    let (scratch, _key) = made();
    let mode = fs::metadata(key_file(&scratch))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o400);
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn a_key_file_is_never_replaced() {
    let (scratch, key) = made();
    let trouble = HostKey::make(&key_file(&scratch), own_uid()).err().unwrap();
    assert_eq!(trouble.kind, TroubleKind::HostKey);
    assert!(trouble.detail.contains("EEXIST"), "{trouble}");
    let sealed = key.seal(&CONTEXT, &secret()).unwrap();
    assert!(opens(&load(&scratch).unwrap(), &CONTEXT, &sealed));
    assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1);
}

#[test]
fn of_many_who_make_a_key_at_once_one_does() {
    let scratch = Scratch::new();
    let path = key_file(&scratch);
    let made: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| HostKey::make(&path, own_uid()).ok()))
            .collect();
        threads
            .into_iter()
            .filter_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(made.len(), 1);
    let sealed = made[0].seal(&CONTEXT, &secret()).unwrap();
    assert!(opens(&load(&scratch).unwrap(), &CONTEXT, &sealed));
}

#[test]
fn a_missing_or_open_key_file_is_a_trouble() {
    let scratch = Scratch::new();
    assert_eq!(load(&scratch).err().unwrap().kind, TroubleKind::HostKey);
    let (scratch, _key) = made();
    chmod(&key_file(&scratch), 0o440);
    let trouble = load(&scratch).err().unwrap();
    assert_eq!(trouble.kind, TroubleKind::HostKey);
    assert!(trouble.detail.contains("chmod"), "{trouble}");
}

#[test]
fn whatever_is_not_a_list_of_keys_is_refused_unquoted() {
    let good = format!("0123456789abcdef {}", "5e".repeat(KEY_BYTES));
    let many: String = (0..=MAX_KEYS)
        .map(|id| format!("{id:016x} {}\n", "5e".repeat(KEY_BYTES)))
        .collect();
    assert!(parse(good.as_bytes()).is_ok());
    for text in [
        "",
        "# nothing\n",
        &format!("{good}5e"),
        &good.replace(' ', "  "),
        &good.to_uppercase(),
        &good[1..],
        &good[2..],
        &good[..good.len() - 2],
        &format!("{good} # mine"),
        &format!("{good}\n{good}"),
        &many,
    ] {
        let fault = parse(text.as_bytes()).err().unwrap();
        assert!(!fault.contains("5e5e"), "{fault}");
    }
    assert!(parse(b"\xff").is_err());
}

#[test]
fn a_secret_for_another_purpose_is_the_hosts_own_and_no_key() {
    let (scratch, key) = made();
    let one = key.secret_for("one").unwrap();
    assert!(
        load(&scratch)
            .unwrap()
            .secret_for("one")
            .unwrap()
            .same_as(&one)
    );
    assert!(!key.secret_for("two").unwrap().same_as(&one));
    assert!(!made().1.secret_for("one").unwrap().same_as(&one));
    assert!(!one.same_as(&key.keys[0].bytes));
}
