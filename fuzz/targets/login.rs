//! Whole logins, one after the other, on an account in any standing: whoever is let in has proven
//! both factors with a step that was not spent, or one of the few things that stand for them; and
//! an owner who has both is let in.
//!
//! What is typed, the clock, the configuration and what fails of the machine come from the input.
//! Who may be let in is worked out a second time: support/oracle.rs and support/referee.rs.
#![no_main]

#[path = "../support/account.rs"]
mod account;
#[path = "../support/bytes.rs"]
mod bytes;
#[path = "../support/oracle.rs"]
mod oracle;
#[path = "../support/person.rs"]
mod person;
#[path = "../support/referee.rs"]
mod referee;
#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/store.rs"]
mod store;
#[path = "../support/world.rs"]
mod world;

use account::anna;
use bytes::Bytes;
use kapu_core::config::{Config, Start};
use kapu_core::date::Date;
use kapu_core::flows::login::{self, Form, Questions};
use kapu_core::place::Place;
use kapu_core::ports::{Proof, World};
use kapu_core::rule::{Rule, Says};
use kapu_core::secret::Secret;
use kapu_core::verdict::{Login, Who};
use libfuzzer_sys::fuzz_target;
use oracle::Owner;
use person::{Person, Typed};
use referee::{Deed, Terms};
use store::{Fault, Lock, Meanwhile, MemoryStore};
use world::{DAY, FakeHost, NOON, PlainPasswords};

/// Most logins of one input.
const MOST_LOGINS: usize = 16;
/// Earliest time that the clock is put back to.
const EARLIEST: u64 = NOON - 10 * DAY;
/// The service for which a rule may ask for no code.
const EXEMPT_SERVICE: &str = "login";

fuzz_target!(|input: &[u8]| {
    let mut bytes = Bytes(input);
    let mut case = Case::of(&mut bytes);
    for _ in 0..MOST_LOGINS {
        if bytes.is_empty() {
            return;
        }
        case.log_in(&mut bytes);
    }
});

/// For how long Enter is enough where a code was typed, where the configuration says so.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(8 * 60 * 60);

/// One account, and what its owner has.
struct Case {
    config: Config,
    store: MemoryStore,
    host: FakeHost,
    owner: Owner,
}

impl Case {
    fn of(bytes: &mut Bytes<'_>) -> Self {
        let host = FakeHost::new();
        let (stored, owner) = account::account(bytes, &host);
        Self {
            config: config(bytes),
            store: MemoryStore::of(anna(), stored, NOON),
            host,
            owner,
        }
    }

    fn log_in(&mut self, bytes: &mut Bytes<'_>) {
        self.move_the_clock(bytes);
        let now = self.host.time.get();
        let (form, decided) = form(bytes);
        let login = login_of(bytes);
        let mut passwords = PlainPasswords {
            decided,
            fails: false,
            are_stale: bytes.below(8) == 1,
        };
        let is_sound = !self.order_faults(bytes, &mut passwords);
        let before = self.store.snapshot();
        let ordered = self.store.meanwhile.get();
        let (mut script, typed) = Typed::of(bytes, &self.owner, now).at(form);
        let known = match form {
            Form::Both | Form::Joined if bytes.below(8) == 1 => script.pop_front(),
            _ => None,
        };
        let mut person = Person {
            script,
            bytes,
            now,
            screen: String::new(),
            confirmed: Vec::new(),
        };
        let mut world = World {
            store: &self.store,
            passwords: &passwords,
            host: &self.host,
            dialog: &mut person,
        };
        let known = known.map(Secret::new);
        let questions = Questions { form, known };
        let outcome = login::login(&self.config, &login, questions, &mut world);
        let Person {
            confirmed, screen, ..
        } = person;
        let deed = Deed {
            typed,
            confirmed,
            screen,
            decided,
            is_sound,
            meanwhile: ordered.filter(|_| self.store.meanwhile.get().is_none()),
            now,
        };
        let terms = self.terms(&login);
        let after = self.store.snapshot();
        referee::judge(
            &outcome.verdict,
            &terms,
            &deed,
            (&before, &after),
            &mut self.owner,
        );
    }

    /// What goes wrong at this login, and who comes in between. Whether anything does.
    fn order_faults(&self, bytes: &mut Bytes<'_>, passwords: &mut PlainPasswords) -> bool {
        let mut fault = Fault::None;
        let mut meanwhile = None;
        self.host.no_chance.set(false);
        let choice = bytes.below(32);
        match choice {
            1 => fault = Fault::Reading,
            2 => fault = Fault::Writing,
            3 => fault = Fault::ToldInVain,
            4 => fault = Fault::Opening,
            5 => fault = Fault::Sealing,
            6 => passwords.fails = true,
            7 => self.host.no_chance.set(true),
            8..=11 => {
                let deeds = [
                    Meanwhile::Rewritten,
                    Meanwhile::Password,
                    Meanwhile::Used,
                    Meanwhile::Locked,
                ];
                let lock = [Lock::Update, Lock::Put][usize::from(bytes.below(2))];
                meanwhile = Some((deeds[usize::from(choice) - 8], lock));
            }
            _ => {}
        }
        self.store.fault.set(fault);
        self.store.meanwhile.set(meanwhile);
        (1..=11).contains(&choice)
    }

    /// What the configuration says today.
    fn terms(&self, login: &Login) -> Terms {
        let today = 15 + self.host.time.get() / DAY - NOON / DAY;
        let today = u8::try_from(today.clamp(1, 31)).expect("a day");
        let day = |date: Date| (1..=31).find(|day| january(*day) == date);
        let rollout = &self.config.rollout;
        let last = rollout.enroll_until.and_then(day);
        let (passes, sets_up) = match (rollout.start, last) {
            (Start::From(from), _) if day(from).is_some_and(|from| today < from) => (true, true),
            (_, Some(last)) => (false, today <= last),
            // Thirty days later no January knows.
            (Start::From(_), None) => (false, true),
            (Start::Always, None) => (false, false),
        };
        let is_exempt = !self.config.rules.is_empty() && login.service == EXEMPT_SERVICE;
        Terms {
            passes: passes && !is_exempt,
            sets_up: sets_up || is_exempt,
            is_exempt,
            enrolls: self.config.enroll.at_login,
            window: self.config.login.window.into(),
            remembers: self
                .config
                .login
                .remember_place_for
                .map(|span| span.as_secs()),
            place: login.place.as_ref().map(|place| place.as_str().to_owned()),
        }
    }

    fn move_the_clock(&self, bytes: &mut Bytes<'_>) {
        let unit = [1, 30, 3600, DAY][usize::from(bytes.below(4))];
        let far = u64::from(bytes.byte()) * unit;
        let time = self.host.time.get();
        let time = if bytes.seldom() {
            time.saturating_sub(far)
        } else {
            time + far
        };
        self.host.time.set(time.max(EARLIEST));
        self.store.now.set(self.host.time.get());
    }
}

/// What is asked, and who answers for the first factor where it is not asked.
fn form(bytes: &mut Bytes<'_>) -> (Form, Option<Proof>) {
    match bytes.below(8) {
        1 => (Form::Joined, None),
        2 => (Form::Code, Some(Proof::Elsewhere)),
        3 => (Form::Code, Some(Proof::Key)),
        _ => (Form::Both, None),
    }
}

fn login_of(bytes: &mut Bytes<'_>) -> Login {
    let choice = bytes.byte();
    let address = ["192.0.2.4", "198.51.100.9"][usize::from(choice % 2)];
    let service = if choice % 8 == 7 {
        EXEMPT_SERVICE
    } else {
        "sshd"
    };
    Login {
        typed_user: "anna".to_owned(),
        who: Who::Known(anna()),
        service: service.to_owned(),
        rhost: Some(address.to_owned()),
        tty: None,
        ruser: None,
        place: Place::of(service, Some(address), 0),
    }
}

fn january(day: u8) -> Date {
    Date::parse(&format!("2027-01-{day:02}")).expect("a day")
}

fn config(bytes: &mut Bytes<'_>) -> Config {
    let mut config = Config::default();
    let drawn = bytes.below(4);
    config.login.window = 1 + drawn % 2;
    config.login.remember_place_for = (drawn >= 2).then_some(REMEMBERED);
    config.rollout.start = match bytes.below(2) {
        0 => Start::Always,
        _ => Start::From(january(20)),
    };
    config.rollout.enroll_until = (bytes.below(2) == 1).then(|| january(25));
    config.enroll.at_login = !bytes.seldom();
    if bytes.below(4) == 1 {
        config.rules.push(Rule {
            name: None,
            services: vec![EXEMPT_SERVICE.to_owned()],
            users: Vec::new(),
            groups: Vec::new(),
            networks: Vec::new(),
            says: Says::Exempt,
        });
    }
    config
}
