mod forms;

use super::*;
use crate::code;
use crate::paper::{PaperCode, PaperKind};
use crate::ports::Store;
use crate::record::{RecoveryCode, Token};
use crate::testing::{
    FakeHost, MemoryStore, NOON, Person, PlainPasswords, anna, phone, record_of, ssh_login,
};
use crate::throttle;

mod invited;
mod machine;
mod renewal;
mod set_up;
mod told;

const PASSWORD: &str = "correct horse";

/// One site with anna's phone, and logins to it.
struct Site {
    store: MemoryStore,
    passwords: PlainPasswords,
    host: FakeHost,
    config: Config,
    form: Form,
}

impl Site {
    fn new() -> Self {
        Self::of(record_of(anna()), Status::Live)
    }

    fn of(record: crate::record::Record, status: Status) -> Self {
        Self {
            store: MemoryStore::with(record, status),
            passwords: PlainPasswords::default(),
            host: FakeHost::at(NOON),
            config: Config::default(),
            form: Form::Both,
        }
    }

    fn login_as(&self, login: &Login, answers: &[&str]) -> (Verdict, Vec<String>) {
        let mut person = Person::who_types(answers);
        let mut world = World {
            store: &self.store,
            passwords: &self.passwords,
            host: &self.host,
            dialog: &mut person,
        };
        let questions = Questions {
            form: self.form,
            known: None,
        };
        let outcome = super::login(&self.config, login, questions, &mut world);
        assert_eq!(
            outcome.password.is_some(),
            outcome.verdict == Verdict::Accept && self.form != Form::Code
        );
        (outcome.verdict, person.heard)
    }

    fn login(&self, password: &str, code: &str) -> Verdict {
        self.login_as(&ssh_login(), &[password, code]).0
    }

    /// The code that the phone shows, `steps` away from now.
    fn code(&self, steps: i64) -> String {
        code_of(&phone(), self.host.time.get(), steps)
    }

    fn state(&self) -> State {
        self.store.load(&anna()).unwrap().state
    }

    fn pass(&self, seconds: u64) {
        self.host.time.set(self.host.time.get() + seconds);
    }
}

fn code_of(token: &Token, at: UnixTime, steps: i64) -> String {
    let step = code::step_of(at, &token.shape)
        .unwrap()
        .checked_add_signed(steps)
        .unwrap();
    let code = code::code_at(&token.key, &token.shape, step).unwrap();
    code.expose_text().unwrap().to_owned()
}

/// Six digits that are no code of the window.
fn wrong_code(site: &Site) -> String {
    let near: Vec<_> = (-2..=2).map(|steps| site.code(steps)).collect();
    ["111111", "222222", "333333", "444444", "555555", "666666"]
        .into_iter()
        .find(|wrong| near.iter().all(|code| code != wrong))
        .unwrap()
        .to_owned()
}

fn refused(refusal: Refusal) -> Verdict {
    Verdict::Refuse(refusal)
}

#[test]
fn the_right_password_and_code_get_in_once() {
    let site = Site::new();
    let code = site.code(0);
    assert_eq!(site.login(PASSWORD, &code), Verdict::Accept);
    assert_eq!(site.login(PASSWORD, &code), refused(Refusal::Replay));
    site.pass(30);
    assert_eq!(site.login(PASSWORD, &site.code(0)), Verdict::Accept);
}

#[test]
fn an_older_unused_code_is_refused_after_a_newer_one() {
    let site = Site::new();
    assert_eq!(site.login(PASSWORD, &site.code(1)), Verdict::Accept);
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Replay)
    );
    assert_eq!(
        site.login(PASSWORD, &site.code(-1)),
        refused(Refusal::Replay)
    );
}

#[test]
fn the_code_that_confirmed_the_enrollment_is_spent() {
    let mut record = record_of(anna());
    record.tokens[0].confirmed_step = code::step_of(NOON, &record.tokens[0].shape).unwrap();
    let site = Site::of(record, Status::Live);
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Replay)
    );
    assert_eq!(site.login(PASSWORD, &site.code(1)), Verdict::Accept);
}

#[test]
fn nothing_but_the_log_tells_why_a_login_was_refused() {
    let site = Site::new();
    let right = site.code(0);
    let wrong = wrong_code(&site);
    let stranger = Login {
        who: Who::Unknown,
        typed_user: "nobody-here".into(),
        ..ssh_login()
    };
    let never = Login {
        who: Who::Known(Account {
            name: "bela".into(),
            uid: 1001,
        }),
        ..ssh_login()
    };
    let unresolved = Login {
        who: Who::Unresolved(Trouble::new(TroubleKind::Names, "EIO")),
        ..ssh_login()
    };
    let (_, expected) = site.login_as(&ssh_login(), &["wrong", &wrong]);
    assert_eq!(expected.len(), 3);
    for (login, answers) in [
        (ssh_login(), ["wrong", right.as_str()]),
        (ssh_login(), [PASSWORD, &wrong]),
        (ssh_login(), [PASSWORD, ""]),
        (ssh_login(), [PASSWORD, PASSWORD]),
        (
            ssh_login(),
            ["\u{8}\n\r\u{7f}INCORRECT", "\u{8}\n\r\u{7f}INCORRECT"],
        ),
        (stranger, [PASSWORD, right.as_str()]),
        (never, [PASSWORD, &right]),
        (unresolved, [PASSWORD, &right]),
    ] {
        let checks = site.passwords.checks.get();
        let (verdict, heard) = site.login_as(&login, &answers);
        assert_ne!(verdict, Verdict::Accept);
        assert_eq!(heard, expected, "{verdict:?}");
        assert_eq!(
            site.passwords.checks.get(),
            checks + 1,
            "{verdict:?}: one hash, always"
        );
        assert_eq!(
            site.host.elapsed.get().subsec_nanos(),
            0,
            "{verdict:?}: on the whole second"
        );
    }
}

#[test]
fn a_wrong_password_changes_nothing_and_spends_nothing() {
    let site = Site::new();
    let before = site.state();
    assert_eq!(
        site.login("wrong", &site.code(0)),
        refused(Refusal::Password)
    );
    assert_eq!(
        site.login("wrong", &wrong_code(&site)),
        refused(Refusal::Password)
    );
    assert_eq!(site.state(), before);
    assert_eq!(site.store.writes.get(), 0);
    assert_eq!(site.login(PASSWORD, &site.code(0)), Verdict::Accept);
}

#[test]
fn a_code_may_be_typed_with_spaces_or_dashes() {
    for (index, separator) in [" ", "-"].into_iter().enumerate() {
        let site = Site::new();
        let code = site.code(i64::try_from(index).unwrap());
        let typed = format!("{}{separator}{}", &code[..3], &code[3..]);
        assert_eq!(
            site.login(PASSWORD, &typed),
            Verdict::Accept,
            "{separator:?}"
        );
    }
}

#[test]
fn what_cannot_be_a_code_is_refused_and_not_charged() {
    let site = Site::new();
    for typed in ["", "12345", "1234567", "12345678", "abcdef", PASSWORD] {
        assert_eq!(
            site.login(PASSWORD, typed),
            refused(Refusal::NotACode),
            "{typed:?}"
        );
    }
    assert_eq!(site.state().throttle.units, 0);
}

#[test]
fn after_three_wrong_codes_even_the_right_one_waits() {
    let site = Site::new();
    for _ in 0..3 {
        assert_eq!(
            site.login(PASSWORD, &wrong_code(&site)),
            refused(Refusal::Code)
        );
    }
    assert_eq!(site.state().throttle.units, 9);
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Throttled)
    );
    assert_eq!(
        site.login(PASSWORD, &wrong_code(&site)),
        refused(Refusal::Throttled)
    );
    assert_eq!(site.state().throttle.units, 9);
    site.pass(throttle::FIRST_DELAY);
    assert_eq!(site.login(PASSWORD, &site.code(0)), Verdict::Accept);
}

#[test]
fn a_hundred_wrong_codes_switch_the_tokens_off_and_no_code_turns_them_on() {
    let site = Site::new();
    let mut charged = 0;
    while site.state().status == Status::Live {
        site.pass(throttle::MAX_SHARED_DELAY);
        assert_eq!(
            site.login(PASSWORD, &wrong_code(&site)),
            refused(Refusal::Code)
        );
        charged += 1;
    }
    assert_eq!(charged, 100);
    site.pass(365 * throttle::MAX_SHARED_DELAY);
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Disabled)
    );
    let lines = site.host.lines.borrow();
    assert!(
        lines
            .iter()
            .any(|line| line.starts_with("event=status from=live to=disabled user=anna"))
    );
}

#[test]
fn the_owner_is_told_of_wrong_codes_once() {
    let site = Site::new();
    let thief = Login {
        rhost: Some("198.51.100.7".into()),
        place: None,
        ..ssh_login()
    };
    let _ = site.login_as(&thief, &[PASSWORD, &wrong_code(&site)]);
    let _ = site.login_as(&thief, &[PASSWORD, &wrong_code(&site)]);
    let (verdict, heard) = site.login_as(&ssh_login(), &[PASSWORD, &site.code(0)]);
    assert_eq!(verdict, Verdict::Accept);
    assert!(heard[2].contains("2 wrong codes"), "{heard:?}");
    assert!(heard[2].contains("198.51.100.7"), "{heard:?}");
    site.pass(30);
    let (_, heard) = site.login_as(&ssh_login(), &[PASSWORD, &site.code(0)]);
    assert_eq!(heard.len(), 2, "{heard:?}");
}

#[test]
fn a_login_that_cannot_be_written_down_is_refused() {
    let site = Site::new();
    site.store.fail_writes.set(true);
    let verdict = site.login(PASSWORD, &site.code(0));
    assert!(
        matches!(&verdict, Verdict::Unavailable(trouble) if trouble.kind == TroubleKind::StoreWrite)
    );
    site.store.fail_writes.set(false);
    assert_eq!(site.login(PASSWORD, &site.code(0)), Verdict::Accept);
}

#[test]
fn every_status_but_live_is_refused() {
    for (status, refusal) in [
        (Status::Never, Refusal::NotEnrolled),
        (Status::Invited, Refusal::Invited),
        (Status::Revoked, Refusal::Revoked),
        (Status::Disabled, Refusal::Disabled),
        (Status::Locked, Refusal::Locked),
        (Status::Removed, Refusal::Removed),
    ] {
        let site = Site::of(record_of(anna()), status);
        assert_eq!(
            site.login(PASSWORD, &site.code(0)),
            refused(refusal),
            "{status:?}"
        );
        assert_eq!(site.state().status, status);
    }
}

#[test]
fn the_revocation_code_revokes_only_beside_the_right_password() {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
    let typed = paper.text().expose_text().unwrap().to_owned();
    let mut record = record_of(anna());
    record.revocation = Some(paper.hash(&host).unwrap());
    let mut site = Site::of(record, Status::Live);
    site.config.enroll.at_login = false;

    assert_eq!(site.login("wrong", &typed), refused(Refusal::Password));
    assert_eq!(site.state().status, Status::Live);
    let (verdict, heard) = site.login_as(&ssh_login(), &[PASSWORD, &typed.to_lowercase()]);
    assert_eq!(verdict, refused(Refusal::RevokedNow));
    assert!(heard[2].contains("Revocation code accepted"), "{heard:?}");
    assert_eq!(site.state().status, Status::Revoked);
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Revoked)
    );
    assert_eq!(site.login(PASSWORD, &typed), refused(Refusal::RevokedNow));
}

#[test]
fn a_paper_code_is_judged_while_codes_wait() {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Recovery, &host).unwrap();
    let typed = paper.text().expose_text().unwrap().to_owned();
    let mut record = record_of(anna());
    record.recovery = vec![RecoveryCode {
        id: crate::id::Id::from_bytes([9; 16]),
        hash: paper.hash(&host).unwrap(),
    }];
    let site = Site::of(record, Status::Live);
    for _ in 0..3 {
        let _ = site.login(PASSWORD, &wrong_code(&site));
    }
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Throttled)
    );
    assert_eq!(site.login(PASSWORD, &typed), Verdict::Accept);
    assert_eq!(site.login(PASSWORD, &typed), refused(Refusal::PaperCode));
    // It ended nothing for the phone, which it did not use.
    assert_eq!(
        site.login(PASSWORD, &site.code(0)),
        refused(Refusal::Throttled)
    );
}

#[test]
fn a_mistyped_paper_code_says_so_to_anybody_and_is_not_charged() {
    let site = Site::new();
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
    let mut typed = paper.text().expose_text().unwrap().to_owned();
    let last = if typed.ends_with('7') { "8" } else { "7" };
    typed.replace_range(typed.len() - 1.., last);
    let stranger = Login {
        who: Who::Unknown,
        ..ssh_login()
    };
    let (verdict, heard) = site.login_as(&ssh_login(), &[PASSWORD, &typed]);
    assert_eq!(verdict, refused(Refusal::PaperTypo));
    assert_eq!(site.login_as(&stranger, &["x", &typed]).1, heard);
    assert!(heard[2].contains("mistyped"), "{heard:?}");
    assert_eq!(site.state().throttle.units, 0);
}

#[test]
fn a_record_that_changed_during_the_password_check_decides_nothing() {
    let site = Site::new();
    let judgement = judge(
        &Policy::of(&site.config, &ssh_login(), &site.host),
        &ssh_login(),
        Some(&record_of(anna())),
        &State::new(Status::Live),
        &Evidence {
            invitation: None,
            password: Proof::Right,
            revision: crate::record::Revision::of(crate::id::Id::from_bytes([99; 16])),
            answer: code::read(&Secret::from(site.code(0))),
            at: NOON,
        },
    );
    assert_eq!(
        judgement,
        (Decision::RecordChanged, State::new(Status::Live))
    );
}

#[test]
fn a_dialog_that_breaks_off_is_unavailable_and_changes_nothing() {
    let site = Site::new();
    for answers in [&[][..], &[PASSWORD]] {
        let (verdict, _) = site.login_as(&ssh_login(), answers);
        assert!(matches!(verdict, Verdict::Unavailable(_)));
    }
    assert_eq!(site.store.writes.get(), 0);
}

#[test]
fn no_log_line_holds_what_was_typed() {
    let site = Site::new();
    let wrong = wrong_code(&site);
    for (password, code) in [
        (PASSWORD, site.code(0)),
        ("sekret-marker", wrong.clone()),
        (PASSWORD, wrong.clone()),
    ] {
        let _ = site.login(password, &code);
        for line in site.host.lines.borrow().iter() {
            assert!(!line.contains(password) && !line.contains(&code), "{line}");
        }
    }
    let lines = site.host.lines.borrow();
    assert_eq!(
        lines[0],
        "event=login result=accept user=anna service=sshd rhost=192.0.2.4 tty=ssh token=phone"
    );
    assert_eq!(
        lines[1],
        "event=login result=refuse reason=password user=anna service=sshd rhost=192.0.2.4 tty=ssh"
    );
    assert_eq!(
        lines[2],
        "event=login result=refuse reason=code user=anna service=sshd rhost=192.0.2.4 tty=ssh wrong-codes=1"
    );
}
