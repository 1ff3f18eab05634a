//! Who may add a device, and what is left of one that is taken away.

use super::*;
use crate::config::Config;
use crate::id::Id;
use crate::messages::Language;
use crate::record::Token;
use crate::secret::Secret;
use crate::testing::{FakeHost, MemoryStore, NOON, anna, phone, record_of, ssh_login, with_person};

const ENGLISH: Texts = Texts {
    language: Language::English,
    unicode: true,
};
const PASSWORD: &str = "correct horse";
const MOST: usize = 3;

fn tablet() -> Token {
    Token {
        id: Id::from_bytes([9; 16]),
        name: "tablet".to_owned(),
        key: Secret::copy_of(b"another key of twenty"),
        ..phone()
    }
}

fn with_two() -> MemoryStore {
    let mut record = record_of(anna());
    record.tokens.push(tablet());
    MemoryStore::with(record, Status::Live)
}

fn names(store: &MemoryStore) -> Vec<String> {
    let record = store.load(&anna()).unwrap().record.unwrap();
    record.tokens.into_iter().map(|token| token.name).collect()
}

fn code_of(token: &Token) -> String {
    let step = code::step_of(NOON, &token.shape).unwrap();
    let code = code::code_at(&token.key, &token.shape, step).unwrap();
    code.expose_text().unwrap().to_owned()
}

fn asked(store: &MemoryStore, name: &str, answers: &[&str]) -> OneMore {
    let (host, login) = (FakeHost::at(NOON), ssh_login());
    let policy = Policy::of(&Config::default(), &login, &host);
    let (asked, _) = with_person(store, &host, answers, |world| {
        one_more(world, &policy, &login, &anna(), ENGLISH, (name, MOST)).unwrap()
    });
    asked
}

#[test]
fn a_device_is_taken_away_and_the_last_one_stays() {
    let (store, host) = (with_two(), FakeHost::at(NOON));
    let take = |name| remove(&store, &host, &anna(), name);
    assert_eq!(take("watch"), Ok(Ending::NoSuch));
    assert_eq!(take("phone"), Ok(Ending::Done));
    assert_eq!(names(&store), ["tablet"]);
    assert_eq!(take("tablet"), Ok(Ending::Last));
    assert_eq!(names(&store), ["tablet"]);
}

#[test]
fn a_device_gets_a_name_that_no_other_has() {
    let (store, host) = (with_two(), FakeHost::at(NOON));
    let call = |name, new| rename(&store, &host, &anna(), name, new);
    assert_eq!(call("phone", "tablet"), Ok(Ending::Taken));
    assert_eq!(call("phone", "work phone"), Ok(Ending::Done));
    assert_eq!(names(&store), ["work phone", "tablet"]);
    assert_eq!(call("phone", "x"), Ok(Ending::NoSuch));
}

#[test]
fn whoever_adds_one_proves_password_and_code_and_the_code_is_spent() {
    let store = MemoryStore::with(record_of(anna()), Status::Live);
    let code = code_of(&phone());
    assert!(matches!(
        asked(&store, "tablet", &["hunter2", &code]),
        OneMore::Refused
    ));
    assert!(matches!(
        asked(&store, "tablet", &[PASSWORD, ""]),
        OneMore::Refused
    ));
    assert!(matches!(
        asked(&store, "tablet", &[PASSWORD, "000000"]),
        OneMore::Refused
    ));
    assert!(matches!(
        asked(&store, "tablet", &[PASSWORD]),
        OneMore::Stopped(_)
    ));
    assert!(matches!(
        asked(&store, "tablet", &[PASSWORD, &code]),
        OneMore::Allowed(_)
    ));
    assert!(matches!(
        asked(&store, "tablet", &[PASSWORD, &code]),
        OneMore::Refused
    ));
}

#[test]
fn nobody_is_asked_where_none_can_be_added() {
    let mut record = record_of(anna());
    record.tokens.push(tablet());
    record.tokens.push(Token {
        id: Id::from_bytes([8; 16]),
        name: "watch".to_owned(),
        ..tablet()
    });
    let full = MemoryStore::with(record, Status::Live);
    assert!(matches!(asked(&full, "third", &[]), OneMore::TooMany));
    assert!(matches!(asked(&with_two(), "tablet", &[]), OneMore::Taken));
    let never = MemoryStore::with(record_of(anna()), Status::Never);
    assert!(matches!(asked(&never, "tablet", &[]), OneMore::NoDevice));
    for status in [Status::Revoked, Status::Disabled, Status::Locked] {
        let store = MemoryStore::with(record_of(anna()), status);
        let ending = asked(&store, "tablet", &[]);
        assert!(matches!(ending, OneMore::Closed), "{status:?}");
    }
}

#[test]
fn an_account_that_was_set_up_on_the_password_alone_gets_no_second_device_for_a_week() {
    let mut record = record_of(anna());
    record.on_password_alone = Some(NOON - Record::YOUNG + 1);
    let store = MemoryStore::with(record.clone(), Status::Live);
    let until = NOON + 1;
    let ending = asked(&store, "tablet", &[PASSWORD, &code_of(&phone())]);
    assert!(matches!(ending, OneMore::Young { until: told } if told == until));
    record.on_password_alone = Some(NOON - Record::YOUNG);
    let store = MemoryStore::with(record, Status::Live);
    let ending = asked(&store, "tablet", &[PASSWORD, &code_of(&phone())]);
    assert!(matches!(ending, OneMore::Allowed(_)));
}

#[test]
fn what_the_owner_is_to_be_told_waits_for_a_login() {
    let store = MemoryStore::with(record_of(anna()), Status::Live);
    let refused = asked(&store, "tablet", &[PASSWORD, "000000"]);
    assert!(matches!(refused, OneMore::Refused));
    let told = || store.load(&anna()).unwrap().state;
    let before = told();
    assert_eq!(before.notices.wrong_codes.as_ref().unwrap().count, 1);
    let allowed = asked(&store, "tablet", &[PASSWORD, &code_of(&phone())]);
    assert!(matches!(allowed, OneMore::Allowed(_)));
    assert_eq!(told().notices, before.notices);
    assert_eq!(told().last_login, None);
}
