mod person;

use std::cell::Cell;

use super::*;
use crate::code::step_of;
use crate::id::Id;
use crate::messages::Language;
use crate::paper::PaperCode;
use crate::ports::{Host, Judgement, Snapshot, Store};
use crate::record::{Algorithm, Invitation, MovingFactor, RecoveryCode, Revision};
use crate::secret::Secret;
use crate::testing::{FakeHost, MemoryStore, NOON, PlainPasswords, anna};
use crate::username::Account;
use person::{Act, Person};

const ENGLISH: Texts = Texts {
    language: Language::English,
    unicode: true,
};
static RULES: Rules = Rules {
    min_length: 8,
    user_names: Vec::new(),
    site_names: Vec::new(),
};
const PASSWORD: &str = "blue horse staple";
const ALL_RIGHT: [Act; 5] = [
    Act::Type(PASSWORD),
    Act::Type(PASSWORD),
    Act::Type(""),
    Act::Code(0),
    Act::Group(0),
];

fn plan() -> Plan<'static> {
    Plan {
        texts: ENGLISH,
        token: NewToken {
            name: "phone",
            site: "server1",
            shape: CodeShape::USUAL,
            replaces: false,
        },
        password: NewPassword::Choose(&RULES),
        window: 1,
        setting: Setting::Terminal,
    }
}

/// A world with a store, and what is left after somebody did `acts` there.
struct Scene {
    host: FakeHost,
    store: MemoryStore,
    /// Somebody else writes the record right before it is stored.
    meddled_with: bool,
}

/// A store in which somebody else is faster by one write.
struct Meddled<'a>(&'a MemoryStore, Cell<bool>);

impl Store for Meddled<'_> {
    fn load(&self, account: &Account) -> Result<Snapshot, Trouble> {
        self.0.load(account)
    }

    fn update(&self, account: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble> {
        self.0.update(account, judgement)
    }

    fn replace(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Status,
    ) -> Result<Replaced, Trouble> {
        if self.1.take() {
            let _ = self.0.replace(account, expected, record, status)?;
        }
        self.0.replace(account, expected, record, status)
    }

    fn amend(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
    ) -> Result<Replaced, Trouble> {
        self.0.amend(account, expected, record)
    }

    fn writes_records(&self) -> bool {
        true
    }
}

impl Scene {
    fn new() -> Self {
        Self {
            host: FakeHost::at(NOON),
            store: MemoryStore::default(),
            meddled_with: false,
        }
    }

    fn enroll(&self, plan: &Plan<'_>, acts: &[Act]) -> (Ending, Person<'_>) {
        let record = self.record();
        let permit = Permit::of_store_owner(anna(), record.as_ref(), self.host.now());
        self.enroll_by(permit, plan, acts)
    }

    fn enroll_by(&self, permit: Permit, plan: &Plan<'_>, acts: &[Act]) -> (Ending, Person<'_>) {
        let mut person = Person::who_does(&self.host, acts);
        let store = Meddled(&self.store, Cell::new(self.meddled_with));
        let mut world = World {
            store: &store,
            passwords: &PlainPasswords::default(),
            host: &self.host,
            dialog: &mut person,
        };
        let ending = enroll(&mut world, permit, plan).unwrap();
        (ending, person)
    }

    fn record(&self) -> Option<Record> {
        self.store.load(&anna()).unwrap().record
    }

    fn nothing_was_stored(&self) -> bool {
        self.store.writes.get() == 0 && self.record().is_none()
    }

    fn last_log(&self) -> String {
        self.host.lines.borrow().last().unwrap().clone()
    }
}

#[test]
fn the_right_answers_end_in_one_write_with_the_step_spent() {
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan(), &ALL_RIGHT);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    assert_eq!(scene.store.writes.get(), 1);
    let state = scene.store.load(&anna()).unwrap().state;
    assert_eq!(state.status, Status::Live);

    let record = scene.record().unwrap();
    let [token] = &record.tokens[..] else {
        panic!("one token")
    };
    let now = scene.host.now();
    assert_eq!(
        token.confirmed_step,
        step_of(now, &CodeShape::USUAL).unwrap()
    );
    assert_eq!((token.name.as_str(), token.since), ("phone", now));
    let hash = record.password.unwrap().0;
    assert_eq!(hash.expose_text(), Some(PASSWORD));

    let shown = person.told.iter().find(|text| text.starts_with("    "));
    let code = PaperCode::parse(shown.unwrap().trim()).unwrap();
    assert!(code.matches(&record.revocation.unwrap()));
    assert!(person.was_told("Done. From now on server1"));
    assert_eq!(
        scene.last_log(),
        "event=enroll result=done user=anna by=owner seconds=0"
    );
}

#[test]
fn only_the_passwords_are_asked_hidden() {
    let scene = Scene::new();
    let (_, person) = scene.enroll(&plan(), &ALL_RIGHT);
    let hidden = person.asked.iter().map(|prompt| prompt.starts_with('*'));
    assert_eq!(
        hidden.collect::<Vec<_>>(),
        [true, true, false, false, false]
    );
}

#[test]
fn ctrl_c_at_any_prompt_stores_nothing() {
    for answered in 0..ALL_RIGHT.len() {
        let scene = Scene::new();
        let (ending, _) = scene.enroll(&plan(), &ALL_RIGHT[..answered]);
        assert!(
            matches!(ending, Ending::Stopped(DialogError::Stopped)),
            "{ending:?}"
        );
        assert!(scene.nothing_was_stored(), "after {answered} answers");
        let step = ["password", "password", "app", "app", "revocation-code"][answered];
        let line = scene.last_log();
        assert!(
            line.contains(&format!("result=abandoned step={step} ")),
            "{line}"
        );
    }
}

/// The right answers, with `at_code` in place of the first right code.
fn with_codes(at_code: &[Act]) -> Vec<Act> {
    [&ALL_RIGHT[..3], at_code, &ALL_RIGHT[4..]].concat()
}

#[test]
fn five_wrong_codes_end_the_enrollment() {
    let wrong = Act::Code(-3_000_000);
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan(), &with_codes(&[wrong; 5]));
    assert!(matches!(ending, Ending::GaveUp), "{ending:?}");
    assert!(scene.nothing_was_stored());
    assert!(person.was_told("Not set up; nothing was saved."));

    let four = [wrong, wrong, wrong, wrong, Act::Code(0)];
    let (ending, _) = Scene::new().enroll(&plan(), &with_codes(&four));
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
}

#[test]
fn a_clock_that_is_off_is_explained_and_not_accepted() {
    for (offset, said) in [
        (-180, "the phone's clock is about 3 minutes slow"),
        (180, "the phone's clock is about 3 minutes fast"),
    ] {
        let scene = Scene::new();
        let (ending, person) = scene.enroll(&plan(), &with_codes(&[Act::Code(offset)])[..4]);
        assert!(matches!(ending, Ending::Stopped(_)), "{ending:?}");
        assert!(person.was_told(said), "{:?}", person.told);
    }
}

#[test]
fn a_clock_within_the_window_is_accepted_and_its_own_step_spent() {
    let scene = Scene::new();
    let (ending, _) = scene.enroll(&plan(), &with_codes(&[Act::Code(30)]));
    let Ending::Done(record) = ending else {
        panic!("{ending:?}")
    };
    let now = step_of(scene.host.now(), &CodeShape::USUAL).unwrap();
    assert_eq!(record.tokens[0].confirmed_step, now + 1);
}

#[test]
fn an_app_that_ignores_the_algorithm_is_explained() {
    let mut plan = plan();
    plan.token.shape.algorithm = Algorithm::Sha256;
    let acts = with_codes(&[Act::PlainCode, Act::Code(0)]);
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan, &acts);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    assert!(person.was_told("This app ignores the setting SHA256"));
}

#[test]
fn what_is_no_code_costs_no_try_but_not_for_ever() {
    let acts = with_codes(&[
        Act::Type("server1 (anna)"),
        Act::Type("12345678"),
        Act::Type("q"),
        Act::Type(""),
        Act::Type("q"),
        Act::Code(0),
    ]);
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan(), &acts);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    let told = person.told.iter();
    let refused = told.filter(|text| text.contains("A code has 6 digits"));
    assert_eq!(refused.count(), 3);

    let (ending, _) = Scene::new().enroll(&plan(), &with_codes(&[Act::Type("q"); 200]));
    assert!(matches!(ending, Ending::GaveUp), "{ending:?}");
}

/// The right answers, with `at_group` in place of the right group.
fn with_groups(at_group: &[Act]) -> Vec<Act> {
    [&ALL_RIGHT[..4], at_group].concat()
}

#[test]
fn another_group_is_named_and_the_right_one_asked_again() {
    let acts = with_groups(&[Act::Group(1), Act::Type("????"), Act::Group(0)]);
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan(), &acts);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    let words: Vec<&str> = person.asked[5..]
        .iter()
        .map(|prompt| prompt.split_inclusive(' ').next().unwrap())
        .collect();
    assert_eq!(words, ["That ", "That "]);
    assert!(
        person.asked[5].starts_with("That is the "),
        "{:?}",
        person.asked
    );
    assert_eq!(
        person.asked[6].split(". ").next(),
        Some("That is not in the code")
    );
}

#[test]
fn the_whole_revocation_code_is_as_good_as_a_group() {
    let (ending, _) = Scene::new().enroll(&plan(), &with_groups(&[Act::WholeCode]));
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
}

#[test]
fn who_never_types_the_group_is_not_enrolled() {
    let scene = Scene::new();
    let (ending, _) = scene.enroll(&plan(), &with_groups(&[Act::Type(""); 100]));
    assert!(matches!(ending, Ending::GaveUp), "{ending:?}");
    assert!(scene.nothing_was_stored());
}

#[test]
fn a_weak_password_and_two_different_ones_are_asked_again() {
    let acts = [
        &[
            Act::Type("short"),
            Act::Type(PASSWORD),
            Act::Type("blue horse maple"),
        ],
        &ALL_RIGHT[..],
    ]
    .concat();
    let scene = Scene::new();
    let (ending, person) = scene.enroll(&plan(), &acts);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    assert!(person.was_told("Too short: at least 8 characters, this has 5."));
    assert!(person.was_told("The two were not the same."));
}

#[test]
fn a_record_that_changed_meanwhile_is_left_alone() {
    let scene = Scene {
        meddled_with: true,
        ..Scene::new()
    };
    let (ending, person) = scene.enroll(&plan(), &ALL_RIGHT);
    assert!(matches!(ending, Ending::Conflict), "{ending:?}");
    assert_eq!(scene.store.writes.get(), 1);
    assert!(person.was_told("changed meanwhile. Nothing was saved"));
    assert!(scene.last_log().contains("result=conflict"));
}

#[test]
fn a_permit_for_another_record_shows_no_key() {
    let scene = Scene::new();
    let stale = Permit::of_store_owner(anna(), None, 0);
    let _ = scene.enroll(&plan(), &ALL_RIGHT);
    let (ending, person) = scene.enroll_by(stale, &plan(), &ALL_RIGHT);
    assert!(matches!(ending, Ending::Conflict), "{ending:?}");
    assert!(person.asked.is_empty());
    assert_eq!(scene.store.writes.get(), 1);
}

/// A scene with a record of one token, a recovery code and an invitation.
fn enrolled() -> (Scene, Record) {
    let scene = Scene::new();
    let _ = scene.enroll(&plan(), &ALL_RIGHT);
    let mut record = scene.record().unwrap();
    let hash = record.revocation.clone().unwrap();
    record.recovery.push(RecoveryCode {
        id: Id::from_bytes([5; 16]),
        hash: hash.clone(),
    });
    let until = NOON;
    record.invitation = Some(Invitation {
        hash,
        until,
        replaces: false,
    });
    let revision = record.revision;
    let done = scene
        .store
        .replace(&anna(), revision, &record, Status::Live)
        .unwrap();
    assert_eq!(done, Replaced::Done);
    (scene, record)
}

#[test]
fn a_second_token_keeps_password_tokens_and_codes() {
    let (scene, first) = enrolled();
    let mut second = plan();
    second.password = NewPassword::Keep;
    second.token.name = "tablet";
    let (ending, _) = scene.enroll(&second, &[Act::Type(""), Act::Code(0)]);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");

    let record = scene.record().unwrap();
    let names = record.tokens.iter().map(|token| token.name.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["phone", "tablet"]);
    assert_eq!(record.id, first.id);
    assert_eq!(record.revocation, first.revocation);
    assert_eq!(record.recovery.len(), 1);
    assert!(record.invitation.is_none());
    assert_eq!(record.created, first.created);
    assert!(same_password(&record, &first));
}

#[test]
fn a_replacement_keeps_the_password_where_told_and_nothing_else() {
    let (scene, first) = enrolled();
    let mut other = plan();
    other.password = NewPassword::Keep;
    other.token.replaces = true;
    let (ending, person) = scene.enroll(&other, &ALL_RIGHT[2..]);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");
    assert!(person.was_told("The devices you had before no longer work here."));

    let record = scene.record().unwrap();
    assert_eq!(record.tokens.len(), 1);
    assert_ne!(record.tokens[0].id, first.tokens[0].id);
    assert_ne!(record.revocation, first.revocation);
    assert!(record.recovery.is_empty() && record.invitation.is_none());
    assert_eq!(record.id, first.id);
    assert!(same_password(&record, &first));
}

#[test]
fn an_enrollment_after_a_revocation_brings_a_new_revocation_code() {
    let scene = Scene::new();
    let _ = scene.enroll(&plan(), &ALL_RIGHT);
    let first = scene.record().unwrap();
    scene
        .store
        .update(&anna(), &mut |held| {
            let mut state = held.state.clone();
            state.set_status(Status::Revoked, NOON);
            Some(state)
        })
        .unwrap();
    let mut again = plan();
    again.password = NewPassword::Keep;
    let (ending, _) = scene.enroll(&again, &ALL_RIGHT[2..]);
    assert!(matches!(ending, Ending::Done(_)), "{ending:?}");

    let record = scene.record().unwrap();
    assert_eq!(record.tokens.len(), 1);
    assert_ne!(record.tokens[0].id, first.tokens[0].id);
    assert_ne!(record.revocation, first.revocation);
    assert!(same_password(&record, &first));
}

fn same_password(one: &Record, other: &Record) -> bool {
    let hash = |record: &Record| record.password.clone().unwrap().0;
    hash(one).same_as(&hash(other)) && one.password_since == other.password_since
}

#[test]
fn an_unattended_enrollment_makes_a_key_whose_present_code_is_good() {
    let scene = Scene::new();
    let password = Secret::copy_of(PASSWORD.as_bytes());
    let given = Given {
        token: plan().token,
        password: Some(&password),
        key: None,
        counter: 0,
        scratch: Vec::new(),
        window: 1,
    };
    let permit = Permit::of_store_owner(anna(), None, scene.host.now());
    let made = enroll_unattended(
        &scene.store,
        &PlainPasswords::default(),
        &scene.host,
        permit,
        given,
    )
    .unwrap()
    .unwrap();
    let record = scene.record().unwrap();
    let code = made.revocation_code.expose_text().unwrap();
    let code = PaperCode::parse(code).unwrap();
    assert!(code.matches(record.revocation.as_ref().unwrap()));
    let oldest = step_of(scene.host.now(), &CodeShape::USUAL).unwrap() - 1;
    assert_eq!(record.tokens[0].confirmed_step, oldest - 1);
    assert!(
        made.uri
            .expose_text()
            .unwrap()
            .starts_with("otpauth://totp/server1:anna?")
    );
    assert!(
        scene
            .last_log()
            .contains("result=done user=anna by=owner confirmed=no")
    );
}

/// A plan for a counter-based device.
fn counter_plan() -> Plan<'static> {
    let mut plan = plan();
    plan.token.shape.moving = MovingFactor::Counter;
    plan
}

#[test]
fn a_counter_based_device_is_confirmed_by_one_of_its_first_ten_codes() {
    for (counter, is_good) in [(0, true), (1, true), (9, true), (10, false), (50, false)] {
        let scene = Scene::new();
        let mut acts = ALL_RIGHT;
        acts[3] = Act::Code(counter);
        let acts = if is_good { &acts[..] } else { &acts[..4] };
        let (ending, person) = scene.enroll(&counter_plan(), acts);
        assert!(person.was_told("otpauth://hotp/server1:anna?"));
        assert!(person.was_told("&counter=0"));
        assert_eq!(matches!(ending, Ending::Done(_)), is_good, "{counter}");
        assert_eq!(person.was_told("not the code of this key"), !is_good);
        if let Some(record) = scene.record() {
            assert_eq!(record.tokens[0].confirmed_step, counter.unsigned_abs() + 1);
            assert_eq!(record.tokens[0].shape, counter_plan().token.shape);
        }
    }
}

#[test]
fn of_a_counter_based_device_no_clock_is_blamed_but_the_algorithm_may_be() {
    let scene = Scene::new();
    let (_, person) = scene.enroll(
        &counter_plan(),
        &[&ALL_RIGHT[..3], &[Act::Code(15)]].concat(),
    );
    assert!(
        person.was_told("Have the next one shown"),
        "{:?}",
        person.told
    );
    assert!(!person.was_told("clock") && !person.was_told("Wait for"));
    let mut plan = counter_plan();
    plan.token.shape.algorithm = Algorithm::Sha256;
    let (_, person) = scene.enroll(&plan, &[&ALL_RIGHT[..3], &[Act::PlainCode]].concat());
    assert!(person.was_told("ignores the setting SHA256"));
}

#[test]
fn a_counter_based_key_that_is_in_use_goes_on_where_it_stands() {
    let scene = Scene::new();
    let password = Secret::copy_of(PASSWORD.as_bytes());
    let given = Given {
        token: counter_plan().token,
        password: Some(&password),
        key: None,
        counter: 17,
        scratch: Vec::new(),
        window: 1,
    };
    let permit = Permit::of_store_owner(anna(), None, scene.host.now());
    let passwords = PlainPasswords::default();
    let made = enroll_unattended(&scene.store, &passwords, &scene.host, permit, given);
    let uri = made.unwrap().unwrap().uri;
    let uri = uri.expose_text().unwrap();
    assert!(uri.ends_with("&counter=17"), "{uri}");
    // Seventeen codes are spent; the next one, of counter 17, is good.
    let record = scene.record().unwrap();
    assert_eq!(record.tokens[0].confirmed_step, 17);
}
