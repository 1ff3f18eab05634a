//! A hundred thousand events in the life of an account, against a model of one bit: once a device has
//! worked, no password alone opens anything, until the store's owner forgets the account. But for where a
//! code was typed within the hours that the configuration says, and nothing has ended that.

use std::time::Duration;

use super::set_up::{ALL, Act};
use super::*;
use crate::date::Date;
use crate::flows::{invitation, lock, paper_codes, password_change, revocation, unlock};
use crate::paper::PaperCode;
use crate::policy::Requirement;
use crate::ports::Snapshot;

/// Events in all, in lives of so many.
const EVENTS: usize = 100_000;
const A_LIFE: usize = 200;
/// For how long Enter is enough where a code was typed.
const REMEMBERED: Duration = Duration::from_secs(8 * 60 * 60);
const WRONG: &str = "hunter2";
/// Days of the roll-out between which the lives go to and fro.
const DAYS: [&str; 3] = ["2026-12-01", "2027-01-15", "2027-02-20"];

/// Chance that is the same in each run (xorshift64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// One account from its first password on, and what its owner holds on paper.
struct Life {
    site: Site,
    /// Whether a device has ever worked.
    had_device: bool,
    paper: Option<String>,
    invitation: Option<String>,
    /// When a code was last typed, unless what follows a code has ended since.
    code_typed: Option<UnixTime>,
    /// How often Enter was enough after that.
    entered: usize,
}

impl Life {
    fn new() -> Self {
        let mut site = Site::of_the_day();
        // Ten wrong codes switch off.
        site.config.throttle.disable_after = 30;
        site.config.login.remember_place_for = Some(REMEMBERED);
        Self {
            site,
            had_device: false,
            paper: None,
            invitation: None,
            code_typed: None,
            entered: 0,
        }
    }

    fn status(&self) -> Status {
        self.site.state().status
    }

    /// One event of any kind, by the owner of the account, a thief of the password, or root.
    fn go_on(&mut self, chance: &mut Chance) {
        let (store, host) = (&self.site.store, &self.site.host);
        let status = self.status();
        match chance.below(24) {
            0 => drop(lock::lock(store, host, &anna())),
            1 | 2 => drop(unlock::unlock(store, host, &anna())),
            3 => self.invite(chance),
            4 => drop(invitation::withdraw(store, host, &anna())),
            5 => self.revoke_by_force(),
            6 => self.change_the_day(chance),
            7 => self.new_paper(),
            8 => self.new_password(),
            9 => self.wrong_codes(),
            10 => self.site.pass(u64::try_from(chance.below(5_000)).unwrap()),
            11..=13 => self.log_in_with_a_code(),
            _ => self.log_in(chance),
        }
        self.had_device |= self.status() == Status::Live;
        if self.status() != status {
            self.code_typed = None;
        }
    }

    fn invite(&mut self, chance: &mut Chance) {
        let (store, host) = (&self.site.store, &self.site.host);
        let day = Duration::from_secs(24 * 60 * 60);
        let replaces = chance.below(2) == 0;
        if let Ok(invitation::Ending::Done { code, .. }) =
            invitation::invite(store, host, &anna(), day, replaces)
        {
            self.invitation = Some(text_of(&code));
        }
    }

    fn revoke_by_force(&self) {
        let mut person = Person::default();
        let mut world = World {
            store: &self.site.store,
            passwords: &self.site.passwords,
            host: &self.site.host,
            dialog: &mut person,
        };
        let words = revocation::Words {
            texts: Texts {
                language: self.site.config.texts.language,
                unicode: true,
            },
            site: "server1",
        };
        let _ = revocation::by_owner(&mut world, &anna(), words, true);
    }

    fn change_the_day(&mut self, chance: &mut Chance) {
        let day = Date::parse(DAYS[chance.below(DAYS.len())]).unwrap();
        self.site.config.rollout.start = crate::config::Start::From(day);
        self.site.config.enroll.at_login = chance.below(8) > 0;
    }

    fn new_paper(&mut self) {
        let (store, host) = (&self.site.store, &self.site.host);
        if let Ok(paper_codes::Ending::Done(codes)) =
            paper_codes::new_revocation_code(store, host, &anna())
        {
            self.paper = Some(text_of(&codes[0]));
        }
    }

    fn new_password(&mut self) {
        let (store, host) = (&self.site.store, &self.site.host);
        let password = Secret::from(PASSWORD.to_owned());
        let ending =
            password_change::unattended(store, &self.site.passwords, host, &anna(), &password);
        if matches!(ending, Ok(password_change::Ending::Done(_))) {
            self.code_typed = None;
        }
    }

    fn wrong_codes(&self) {
        for _ in 0..4 {
            let _ = self.site.login(PASSWORD, "000000");
            self.site.pass(100_000);
        }
    }

    fn log_in_with_a_code(&mut self) {
        let record = self.site.store.load(&anna()).unwrap().record;
        let Some(token) = record.and_then(|record| record.tokens.first().cloned()) else {
            return;
        };
        self.site.pass(60);
        let code = code_of(&token, self.site.host.time.get(), 0);
        if self.site.login(PASSWORD, &code) == Verdict::Accept {
            self.code_typed = Some(self.site.host.time.get());
        }
    }

    /// A login that goes as far as it can: what it rested on must be enough.
    fn log_in(&mut self, chance: &mut Chance) {
        let before = self.site.store.load(&anna()).unwrap();
        let nothing = String::new();
        let paper = self.paper.clone().unwrap_or_default();
        let invitation = self.invitation.clone().unwrap_or_default();
        let passwords = [PASSWORD, PASSWORD, WRONG, &invitation];
        let password = passwords[chance.below(passwords.len())].to_owned();
        let answers = [nothing.as_str(), "+", &paper, "000000"];
        let answer = answers[chance.below(answers.len())].to_owned();
        let mut acts = vec![Act::Type(&password), Act::Type(&answer)];
        if password == invitation {
            acts.extend([Act::Type(PASSWORD); 2]);
        }
        acts.extend(&ALL[2..]);
        acts.truncate(2 + chance.below(acts.len()));
        let (verdict, shown) = self.site.reads(&acts);
        if verdict == Verdict::Accept {
            self.judge(&before, &password, &answer, &shown);
        }
        if password == WRONG {
            self.code_typed = None;
        }
    }

    fn judge(&mut self, before: &Snapshot, password: &str, answer: &str, shown: &str) {
        let after = self.site.store.load(&anna()).unwrap();
        let keys = |snapshot: &Snapshot| -> Vec<_> {
            let record = snapshot.record.iter();
            record
                .flat_map(|record| &record.tokens)
                .map(|token| token.id)
                .collect()
        };
        let is_new = keys(before) != keys(&after);
        let by_paper = self.paper.as_deref() == Some(answer) && password == PASSWORD;
        let by_invitation = self.invitation.as_deref() == Some(password);
        let status = before.state.status;
        if is_new {
            let may = by_paper || by_invitation || (status == Status::Never && !self.had_device);
            assert!(may, "{status:?}, {password:?}, {answer:?}\n{shown}");
            self.paper = shown
                .lines()
                .filter_map(|line| PaperCode::parse(line.trim()).ok())
                .next_back()
                .map(|code| text_of(&code));
            self.invitation = None;
            self.code_typed = None;
        } else if self.is_remembered() && password == PASSWORD && answer.is_empty() {
            self.entered += 1;
        } else {
            let policy = Policy::of(&self.site.config, &ssh_login(), &self.site.host);
            let passes = matches!(policy.requirement, Requirement::NotYet { .. });
            assert!(
                passes && status == Status::Never && !self.had_device,
                "{status:?}\n{shown}"
            );
        }
    }
}

impl Life {
    /// Whether a code was typed so lately that Enter may be enough.
    fn is_remembered(&self) -> bool {
        let now = self.site.host.time.get();
        let until = |at: UnixTime| at + REMEMBERED.as_secs();
        self.code_typed.is_some_and(|at| now < until(at))
    }
}

fn text_of(code: &PaperCode) -> String {
    code.text().expose_text().unwrap().to_owned()
}

#[test]
fn whatever_happens_no_password_alone_opens_what_a_device_has_opened_before() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut devices, mut entered) = (0, 0);
    let mut statuses = std::collections::BTreeSet::new();
    for _ in 0..EVENTS / A_LIFE {
        let mut life = Life::new();
        for _ in 0..A_LIFE {
            life.go_on(&mut chance);
            statuses.insert(life.status().word());
        }
        devices += usize::from(life.had_device);
        entered += life.entered;
    }
    // The lives were lives.
    assert!(devices > EVENTS / A_LIFE / 2, "{devices}");
    assert!(entered > EVENTS / 1000, "{entered}");
    for status in [
        Status::Never,
        Status::Live,
        Status::Revoked,
        Status::Disabled,
        Status::Locked,
    ] {
        assert!(statuses.contains(status.word()), "{status:?}");
    }
}
