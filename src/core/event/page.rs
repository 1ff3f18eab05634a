//! docs/logging.md has every word of the log, and none besides; and each of them is written.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::*;
use crate::config::PasswordMode;
use crate::ports::TroubleKind;
use crate::record::Status;
use crate::verdict::{Ground, Refusal};

#[path = "../../../tests/support/log_page.rs"]
#[expect(unreachable_pub, reason = "the suites' library offers it")]
mod log_page;

use log_page::LogPage;

/// Every line that a unit test of a flow sees is held against the page.
pub(crate) fn assert_documented(event: &Event) {
    static PAGE: OnceLock<LogPage> = OnceLock::new();
    let objection = PAGE.get_or_init(LogPage::read).objection(event.line());
    assert_eq!(objection, None, "docs/logging.md: {}", event.line());
}

/// The words of a list.
fn words_of<T: Word>(all: &[T]) -> BTreeSet<&'static str> {
    all.iter().map(|word| word.word()).collect()
}

/// Words of the page.
fn set(words: &[&'static str]) -> BTreeSet<&'static str> {
    words.iter().copied().collect()
}

#[test]
fn the_page_has_every_event_and_none_besides() {
    let page = LogPage::read();
    let events: BTreeSet<_> = page.events.keys().copied().collect();
    assert_eq!(events, words_of(What::ALL));
}

#[test]
fn the_page_has_every_key_and_none_besides() {
    let page = LogPage::read();
    let keys: BTreeSet<_> = page.keys.keys().copied().collect();
    let mut expected = words_of(Field::ALL);
    expected.insert("event");
    assert_eq!(keys, expected);
    let used: BTreeSet<_> = page.events.values().flatten().copied().collect();
    let of_the_actor = words_of(&[Field::Uid, Field::LoginUid, Field::SudoUser]);
    assert_eq!(
        &used | &of_the_actor,
        words_of(Field::ALL),
        "some event has it"
    );
}

#[test]
fn the_page_has_every_word_of_a_value_and_none_besides() {
    let page = LogPage::read();
    let means = &words_of(Means::ALL) | &words_of(Ground::ALL);
    let expected = [
        ("result", words_of(Ended::ALL)),
        ("step", words_of(Step::ALL)),
        ("by", means),
        ("from", words_of(&Status::ALL)),
        ("to", words_of(&Status::ALL)),
        ("times", words_of(YesNo::ALL)),
        ("forget", words_of(YesNo::ALL)),
        ("first", words_of(&[YesNo::Yes])),
        ("confirmed", words_of(&[YesNo::No])),
        ("password", words_of(&PasswordMode::ALL)),
        ("asks", words_of(Asks::ALL)),
        ("first-pass", words_of(FirstPass::ALL)),
    ];
    for (key, words) in &expected {
        assert_eq!(&set(&page.keys[key]), words, "{key}");
    }
    for (key, words) in &page.keys {
        let is_known = expected.iter().any(|(known, _)| known == key);
        assert!(is_known || words.is_empty(), "{key} may be anything");
    }
    assert_eq!(set(&page.refusals), words_of(Refusal::ALL));
    assert_eq!(set(&page.troubles), words_of(TroubleKind::ALL));
}

#[test]
fn the_page_objects_to_what_it_does_not_know() {
    let page = LogPage::read();
    for line in [
        "event=login result=refuse reason=code user=anna",
        "event=lock result=done user=anna from=live to=locked uid=0 sudo-user=bela",
    ] {
        assert_eq!(page.objection(line), None, "{line}");
    }
    for line in [
        "result=refuse",
        "event=logout",
        "event=login result=perhaps",
        "event=login result=refuse reason=whim",
        "event=login user=anna result=refuse",
        "event=login result=accept tokens=3",
    ] {
        assert!(page.objection(line).is_some(), "{line}");
    }
}

/// The code that runs: every file but those of tests and those that declare the words.
fn code() -> String {
    fn walk(directory: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                walk(&path, files);
            } else if name.ends_with(".rs") && !["tests.rs", "words.rs"].contains(&name.as_str()) {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    walk(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
        &mut files,
    );
    files
        .iter()
        .map(|path| fs::read_to_string(path).unwrap())
        .collect()
}

#[test]
fn every_word_is_written_somewhere() {
    let code = code();
    let assert_used = |name: String| {
        let is_used = code.match_indices(&name).any(|(at, _)| {
            let after = code[at + name.len()..].chars().next();
            !after.is_some_and(char::is_alphanumeric)
        });
        assert!(is_used, "{name} is never written");
    };
    What::ALL
        .iter()
        .for_each(|word| assert_used(format!("What::{word:?}")));
    Field::ALL
        .iter()
        .for_each(|word| assert_used(format!("Field::{word:?}")));
    Ended::ALL
        .iter()
        .for_each(|word| assert_used(format!("Ended::{word:?}")));
    Means::ALL
        .iter()
        .for_each(|word| assert_used(format!("Means::{word:?}")));
    Step::ALL
        .iter()
        .for_each(|word| assert_used(format!("Step::{word:?}")));
    Asks::ALL
        .iter()
        .for_each(|word| assert_used(format!("Asks::{word:?}")));
    FirstPass::ALL
        .iter()
        .for_each(|word| assert_used(format!("FirstPass::{word:?}")));
    Refusal::ALL
        .iter()
        .for_each(|word| assert_used(format!("Refusal::{word:?}")));
    Ground::ALL
        .iter()
        .for_each(|word| assert_used(format!("Ground::{word:?}")));
    TroubleKind::ALL
        .iter()
        .for_each(|word| assert_used(format!("TroubleKind::{word:?}")));
}
