//! A device set up within the login, from the first prompt to the next login with its code.

use std::time::Duration;

use super::*;
use crate::date::Date;
use crate::otpauth;
use crate::ports::{Dialog, DialogError};

/// The day on which [`FakeHost`] stands.
const TODAY: &str = "2027-01-15";

/// What the person does at a question.
#[derive(Debug, Clone, Copy)]
pub(super) enum Act<'a> {
    Type(&'a str),
    /// The code of the key that was shown last.
    Code,
    /// The group of the revocation code that is asked for.
    Group,
    /// Lets so many seconds pass and hangs on.
    Dawdle(u64, &'a str),
}

/// A person who reads what is on the screen.
struct Reader<'a> {
    host: &'a FakeHost,
    acts: Vec<Act<'a>>,
    /// Everything that was shown: texts and questions.
    screen: Vec<String>,
}

impl Reader<'_> {
    fn shown(&self) -> String {
        self.screen.concat()
    }

    fn code(&self) -> String {
        let shown = self.shown();
        let uri = shown
            .lines()
            .rfind(|line| line.starts_with("otpauth://"))
            .unwrap();
        let secret = uri
            .split("secret=")
            .nth(1)
            .unwrap()
            .split('&')
            .next()
            .unwrap();
        let key = otpauth::base32_decode(secret).unwrap();
        let token = Token { key, ..phone() };
        code_of(&token, self.host.time.get(), 0)
    }

    fn group(&self, question: &str) -> String {
        let shown = self.shown();
        let code = shown
            .lines()
            .filter_map(|line| PaperCode::parse(line.trim()).ok())
            .next_back()
            .unwrap();
        let words = ["first", "second", "third", "fourth", "fifth"];
        let asked = words
            .iter()
            .position(|word| question.contains(word))
            .unwrap();
        code.group(asked).unwrap().expose_text().unwrap().to_owned()
    }
}

impl Dialog for Reader<'_> {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.screen.push(prompt.to_owned());
        if self.acts.is_empty() {
            return Err(DialogError::Stopped);
        }
        let typed = match self.acts.remove(0) {
            Act::Type(typed) => typed.to_owned(),
            Act::Code => self.code(),
            Act::Group => self.group(prompt),
            Act::Dawdle(seconds, typed) => {
                let host = self.host;
                host.elapsed
                    .set(host.elapsed.get() + Duration::from_secs(seconds));
                typed.to_owned()
            }
        };
        self.screen.push("\n".to_owned());
        Ok(Secret::from(typed))
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.screen.push(format!("{text}\n"));
        Ok(())
    }
}

impl Site {
    /// A site of the day of the roll-out, with a password of anna's and no device.
    pub(super) fn of_the_day() -> Self {
        let record = crate::record::Record {
            tokens: Vec::new(),
            ..record_of(anna())
        };
        let mut site = Self::of(record, Status::Never);
        site.config.rollout.start = crate::config::Start::From(Date::parse(TODAY).unwrap());
        site
    }

    pub(super) fn reads(&self, acts: &[Act<'_>]) -> (Verdict, String) {
        let (outcome, shown) = self.reads_on(acts);
        (outcome.verdict, shown)
    }

    pub(super) fn reads_on(&self, acts: &[Act<'_>]) -> (Outcome, String) {
        let mut reader = Reader {
            host: &self.host,
            acts: acts.to_vec(),
            screen: Vec::new(),
        };
        let mut world = World {
            store: &self.store,
            passwords: &self.passwords,
            host: &self.host,
            dialog: &mut reader,
        };
        let questions = Questions {
            form: self.form,
            known: None,
        };
        let outcome = super::super::login(&self.config, &ssh_login(), questions, &mut world);
        (outcome, reader.shown())
    }

    fn is_as_it_was(&self) -> bool {
        let found = self.store.load(&anna()).unwrap();
        let tokens = found.record.map_or(0, |record| record.tokens.len());
        tokens == 0 && found.state.status == Status::Never
    }
}

/// Password, Enter, the code of the new key, the group asked for.
pub(super) const ALL: [Act<'static>; 4] =
    [Act::Type(PASSWORD), Act::Type(""), Act::Code, Act::Group];

#[test]
fn finishing_the_enrollment_is_the_login_and_its_code_works_at_the_next() {
    let site = Site::of_the_day();
    let (verdict, shown) = site.reads(&ALL);
    assert_eq!(verdict, Verdict::Accept, "{shown}");
    assert!(shown.contains("No code yet? Press Enter."), "{shown}");
    assert!(shown.contains("You have 10 minutes"), "{shown}");
    assert!(shown.contains("Done. From now on server1 asks"), "{shown}");
    assert_eq!(site.state().status, Status::Live);
    let lines = site.host.lines.borrow().clone();
    assert_eq!(
        lines,
        [
            "event=enroll result=begun user=anna by=password rhost=192.0.2.4",
            "event=enroll result=done user=anna by=password rhost=192.0.2.4 seconds=0",
            "event=login result=accept user=anna service=sshd rhost=192.0.2.4 tty=ssh by=enrollment",
        ]
    );
    // From now on the code is needed, on this day and every other.
    assert_eq!(site.login(PASSWORD, ""), refused(Refusal::NotACode));
    site.pass(30);
    let token = site.store.load(&anna()).unwrap().record.unwrap().tokens[0].clone();
    let code = code_of(&token, site.host.time.get(), 0);
    assert_eq!(site.login(PASSWORD, &code), Verdict::Accept);
}

#[test]
fn the_dialog_is_lines_of_ascii_that_fit_a_terminal() {
    for language in [
        crate::messages::Language::English,
        crate::messages::Language::Hungarian,
    ] {
        let mut site = Site::of_the_day();
        site.config.texts.language = language;
        let (_, shown) = site.reads(&ALL[..3]);
        assert!(shown.is_ascii(), "{shown}");
        for line in shown.lines().filter(|line| !line.starts_with("otpauth://")) {
            assert!(line.len() < 80 && !line.contains('\t'), "{line:?}");
        }
    }
}

#[test]
fn whoever_breaks_off_at_any_question_leaves_nothing_behind() {
    for answered in 2..ALL.len() {
        let site = Site::of_the_day();
        let (verdict, _) = site.reads(&ALL[..answered]);
        assert!(matches!(verdict, Verdict::Unavailable(_)), "{verdict:?}");
        assert!(site.is_as_it_was(), "after {answered} answers");
    }
}

#[test]
fn five_wrong_codes_end_the_login_and_nothing_is_stored() {
    let site = Site::of_the_day();
    let mut acts = ALL[..2].to_vec();
    acts.extend([Act::Type("000000"); 5]);
    let (verdict, shown) = site.reads(&acts);
    assert_eq!(verdict, refused(Refusal::SetUpFirst));
    assert!(shown.contains("Not set up; nothing was saved."), "{shown}");
    assert!(shown.contains("and log in again"), "{shown}");
    assert!(site.is_as_it_was());
}

#[test]
fn the_time_left_is_said_and_kept() {
    let site = Site::of_the_day();
    let slow = [ALL[0], ALL[1], Act::Dawdle(500, "x"), ALL[2], ALL[3]];
    let (verdict, shown) = site.reads(&slow);
    assert_eq!(verdict, Verdict::Accept);
    assert!(shown.contains("About 2 minutes left."), "{shown}");

    // Too late to note a code down: it is not shown.
    let site = Site::of_the_day();
    let late = [ALL[0], ALL[1], Act::Dawdle(575, "x"), ALL[2], ALL[3]];
    let (verdict, shown) = site.reads(&late);
    assert_eq!(verdict, refused(Refusal::SetUpFirst));
    assert!(shown.contains("Too little time left to finish."), "{shown}");
    assert!(!shown.contains("revocation code. Write"), "{shown}");
    assert!(site.is_as_it_was());

    let site = Site::of_the_day();
    let over = [ALL[0], ALL[1], Act::Dawdle(601, "x"), ALL[2]];
    let (verdict, shown) = site.reads(&over);
    assert_eq!(verdict, refused(Refusal::SetUpFirst));
    // What was to be said with the next question belongs to nothing any more.
    assert_eq!(shown.matches("A code has").count(), 0, "{shown}");
    assert!(shown.contains("Too little time left to finish."), "{shown}");
    assert!(site.is_as_it_was());
}

#[test]
fn a_wrong_password_sees_the_usual_refusal_and_no_key() {
    let site = Site::of_the_day();
    let (verdict, shown) = site.reads(&[Act::Type("hunter2"), Act::Type("")]);
    assert_eq!(verdict, refused(Refusal::Password));
    assert!(shown.contains("Those details are not correct"), "{shown}");
    assert!(!shown.contains("otpauth"), "{shown}");
}

#[test]
fn the_revocation_code_goes_on_to_a_new_device_at_once_or_later() {
    let host = FakeHost::at(NOON);
    let paper = PaperCode::mint(PaperKind::Revocation, &host).unwrap();
    let typed = paper.text().expose_text().unwrap().to_owned();
    let mut record = record_of(anna());
    record.revocation = Some(paper.hash(&host).unwrap());
    let site = Site::of(record, Status::Live);

    let start = [Act::Type(PASSWORD), Act::Type(&typed)];
    let (verdict, shown) = site.reads(&start);
    assert!(matches!(verdict, Verdict::Unavailable(_)), "{verdict:?}");
    assert!(shown.contains("Revocation code accepted."), "{shown}");
    assert_eq!(site.state().status, Status::Revoked);
    // The password alone opens nothing.
    for typed in ["", "+"] {
        assert_eq!(site.login(PASSWORD, typed), refused(Refusal::NotACode));
    }
    // Another writing of the record has finished nothing.
    let record = site.store.load(&anna()).unwrap().record.unwrap();
    let amended = site.store.amend(&anna(), record.revision, &record).unwrap();
    assert_eq!(amended, crate::ports::Replaced::Done);
    let all = [start[0], start[1], Act::Code, Act::Group];
    let (verdict, shown) = site.reads(&all);
    assert_eq!(verdict, Verdict::Accept, "{shown}");
    assert!(shown.contains("Your last attempt (today"), "{shown}");
    assert_eq!(site.state().notices.unfinished, None);
    assert_eq!(site.state().status, Status::Live);
    // With the new device came a new revocation code.
    let (verdict, _) = site.reads(&start);
    assert_eq!(verdict, refused(Refusal::PaperCode));
}

#[test]
fn before_the_day_the_days_are_told_and_a_plus_sets_up() {
    let mut site = Site::of_the_day();
    site.config.rollout.start = crate::config::Start::From(Date::parse("2027-01-27").unwrap());
    let (verdict, shown) = site.reads(&ALL[..2]);
    assert_eq!(verdict, Verdict::Accept);
    assert!(
        shown.contains("12 days left: from 27 Jan server1 also asks"),
        "{shown}"
    );
    assert!(site.is_as_it_was() && site.store.writes.get() == 0);
    let (verdict, _) = site.reads(&[ALL[0], Act::Type("+"), ALL[2], ALL[3]]);
    assert_eq!(verdict, Verdict::Accept);
    assert_eq!(site.state().status, Status::Live);
    // On the last day it says so.
    let mut site = Site::of_the_day();
    site.config.rollout.start = crate::config::Start::From(Date::parse("2027-01-16").unwrap());
    let (_, shown) = site.reads(&ALL[..2]);
    assert!(shown.contains("Last day: from tomorrow server1"), "{shown}");
}

/// Notes at each question how often a group had been asked for by then.
struct Watch<'a>(&'a FakeHost, Vec<u32>);

impl Dialog for Watch<'_> {
    fn ask_hidden(&mut self, _prompt: &str) -> Result<Secret, DialogError> {
        self.1.push(self.0.asked_groups.get());
        Ok(Secret::from(PASSWORD.to_owned()))
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask_hidden(prompt)
    }

    fn tell(&mut self, _text: &str) -> Result<(), DialogError> {
        Ok(())
    }
}

#[test]
fn nobodys_groups_are_looked_for_before_the_questions_are_answered() {
    let mut site = Site::of_the_day();
    let rule = "[[rule]]\ngroups = [\"staff\"]\ncode = \"exempt\"\n";
    site.config.rules = Config::parse(rule).unwrap().rules;
    let mut watch = Watch(&site.host, Vec::new());
    let mut world = World {
        store: &site.store,
        passwords: &site.passwords,
        host: &site.host,
        dialog: &mut watch,
    };
    let questions = Questions {
        form: Form::Both,
        known: None,
    };
    let _ = super::super::login(&site.config, &ssh_login(), questions, &mut world);
    // The password, the code; then the dialog that follows.
    assert_eq!(watch.1.get(..3), Some(&[0, 0, 1][..]));
}
