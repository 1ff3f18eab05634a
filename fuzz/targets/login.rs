//! Whole logins, one after the other, on an account in any standing: whoever is let in has proven
//! both factors with a step that was not spent, or one of the few things that stand for them.
//!
//! What is typed, the clock, the configuration and what fails of the machine come from the input.
//! Who may be let in is worked out a second time in support/oracle.rs.
#![no_main]

#[path = "../support/bytes.rs"]
mod bytes;
#[path = "../support/oracle.rs"]
mod oracle;
#[path = "../support/world.rs"]
mod world;

use bytes::Bytes;
use kapu_core::config::{Config, Start};
use kapu_core::date::Date;
use kapu_core::flows::login::{self, Form, Questions};
use kapu_core::id::Id;
use kapu_core::paper::{PaperCode, PaperKind};
use kapu_core::place::Place;
use kapu_core::ports::{Snapshot, World};
use kapu_core::record::{
    CodeShape, Invitation, PasswordHash, Record, RecoveryCode, Revision, Status, Token,
};
use kapu_core::secret::Secret;
use kapu_core::state::State;
use kapu_core::username::Account;
use kapu_core::verdict::{Login, Verdict, Who};
use libfuzzer_sys::fuzz_target;
use oracle::{Owner, PERIOD, code, letters};
use world::{FakeHost, Faults, MemoryStore, NOON, Person, PlainPasswords};

const PASSWORD: &[u8] = b"correct horse";
const NEW_PASSWORD: &[u8] = b"four yellow bricks";
const KEY: &[u8] = b"12345678901234567890";
/// Most logins of one input.
const MOST_LOGINS: usize = 16;
/// When an invitation ends: that of a day.
const INVITED_UNTIL: u64 = NOON + 24 * 60 * 60;
const ORDINALS: [&str; 5] = ["first", "second", "third", "fourth", "fifth"];

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

/// One account, and what its owner has.
struct Case {
    config: Config,
    store: MemoryStore,
    host: FakeHost,
    owner: Owner,
}

/// What was done at one login.
#[derive(Debug, Default)]
struct Deeds {
    password: Vec<u8>,
    answer: Vec<u8>,
    /// The key whose code was typed while it was set up, and when.
    confirmed: Option<(Vec<u8>, u64)>,
}

impl Case {
    fn of(bytes: &mut Bytes<'_>) -> Self {
        let host = FakeHost::new();
        let statuses = [Status::Live, Status::Live, Status::Live, Status::Never];
        let all = [&statuses[..], &Status::ALL].concat();
        let status = all[usize::from(bytes.byte()) % all.len()];
        let has_device = !matches!(status, Status::Never | Status::Revoked | Status::Removed);
        let mint = |kind| PaperCode::mint(kind, &host).expect("a code");
        let hash = |code: &PaperCode| code.hash(&host).expect("a hash");
        let text = |code: &PaperCode| letters(code.text().expose_text().expect("ASCII"));
        let [revocation, first, second] = [
            PaperKind::Revocation,
            PaperKind::Recovery,
            PaperKind::Recovery,
        ]
        .map(mint);
        let invitation = (bytes.below(3) == 1).then(|| mint(PaperKind::Invitation));
        let mut owner = Owner {
            password: PASSWORD.to_vec(),
            key: has_device.then(|| KEY.to_vec()),
            revocation: Some(text(&revocation)),
            recovery: vec![text(&first), text(&second)],
            invitation: invitation.as_ref().map(|code| (text(code), INVITED_UNTIL)),
            ..Owner::default()
        };
        owner.spent.insert(KEY.to_vec(), 1);
        let record = Record {
            id: Id::from_bytes([1; Id::BYTES]),
            revision: Revision::of(Id::from_bytes([2; Id::BYTES])),
            account: anna(),
            created: 1,
            password: Some(PasswordHash(Secret::copy_of(PASSWORD))),
            password_since: 1,
            tokens: if has_device {
                vec![phone()]
            } else {
                Vec::new()
            },
            revocation: Some(hash(&revocation)),
            revocation_since: 1,
            recovery: [(3, &first), (4, &second)]
                .map(|(id, code)| RecoveryCode {
                    id: Id::from_bytes([id; Id::BYTES]),
                    hash: hash(code),
                })
                .into(),
            invitation: invitation.as_ref().map(|code| Invitation {
                hash: hash(code),
                until: INVITED_UNTIL,
            }),
        };
        let stored = Snapshot {
            record: (status != Status::Removed).then_some(record),
            state: State::new(status),
        };
        Self {
            config: config(bytes),
            store: MemoryStore::of(stored),
            host,
            owner,
        }
    }

    /// What the configuration says today of who has no device: whether they pass, and whether they
    /// may set one up.
    fn requirement(&self) -> (bool, bool) {
        let today = 15 + self.host.time.get() / 86_400 - NOON / 86_400;
        let today = u8::try_from(today.clamp(1, 31)).expect("a day");
        let day = |date: Date| (1..=31).find(|day| Some(date) == january(*day));
        let last = self.config.rollout.enroll_until.and_then(day);
        match (self.config.rollout.start, last) {
            (Start::From(from), _) if day(from).is_some_and(|from| today < from) => (true, true),
            (_, Some(last)) => (false, today <= last),
            // Thirty days later no January knows.
            (Start::From(_), None) => (false, true),
            (Start::Always, None) => (false, false),
        }
    }

    fn log_in(&mut self, bytes: &mut Bytes<'_>) {
        self.move_the_clock(bytes);
        let faults = faults(bytes);
        self.store.faults.set(faults);
        self.host.no_chance.set(faults.chance);
        let status = self.store.stored.borrow().state.status;
        let (passes, sets_up) = self.requirement();
        let from = ["192.0.2.4", "198.51.100.9"][usize::from(bytes.below(2))];
        let mut deeds = Deeds::default();
        let mut questions = 0;
        let (owner, host) = (&self.owner, &self.host);
        let mut reaction = |prompt: &str, screen: &str| {
            questions += 1;
            match questions {
                1 => {
                    deeds.password = typed_password(bytes, owner);
                    Some(deeds.password.clone())
                }
                2 => {
                    deeds.answer = typed_answer(bytes, owner, &deeds.password, host.time.get());
                    Some(deeds.answer.clone())
                }
                _ => react(bytes, prompt, screen, host.time.get(), &mut deeds),
            }
        };
        let mut person = Person {
            reaction: &mut reaction,
            screen: String::new(),
        };
        let passwords = PlainPasswords(faults.hashing.into());
        let mut world = World {
            store: &self.store,
            passwords: &passwords,
            host: &self.host,
            dialog: &mut person,
        };
        let form = Questions {
            form: Form::Both,
            known: None,
        };
        let outcome = login::login(&self.config, &login_from(from), form, &mut world);
        let screen = person.screen;
        self.judge(
            outcome.verdict == Verdict::Accept,
            status,
            (passes, sets_up),
            &deeds,
            &screen,
        );
    }

    /// Compares with what may be, and follows the owner's things.
    fn judge(
        &mut self,
        is_accepted: bool,
        status: Status,
        (passes, sets_up): (bool, bool),
        deeds: &Deeds,
        screen: &str,
    ) {
        let now = self.host.time.get();
        let is_right = deeds.password == self.owner.password;
        let typed = std::str::from_utf8(&deeds.answer).unwrap_or("\u{0}");
        let answer = letters(typed);
        let is_nothing = answer.is_empty() || deeds.answer == deeds.password || answer == "+";
        let works = status == Status::Live;
        let is_closed = matches!(status, Status::Locked | Status::Removed);

        let new_key = self.new_key();
        if let Some(key) = &new_key {
            let invited = self.owner.invitation.as_ref().is_some_and(|(code, until)| {
                *code == letters(&String::from_utf8_lossy(&deeds.password)) && now <= *until
            });
            let revokes = is_right
                && self.owner.revocation.as_ref() == Some(&answer)
                && matches!(status, Status::Live | Status::Disabled | Status::Revoked);
            let begins = is_right && status == Status::Never && sets_up;
            assert!(
                !is_closed && (invited || revokes || begins),
                "{status:?} {deeds:?}"
            );
            let confirmed = deeds.confirmed.as_ref().map(|(key, _)| key);
            assert_eq!(confirmed, Some(key), "a key that nobody has confirmed");
            self.follow(key, screen, invited);
            return;
        }
        if !is_accepted {
            return;
        }
        let window = u64::from(self.config.login.window);
        if works
            && is_right
            && let Some(step) = self.owner.fresh_step(&answer, now, window)
        {
            let key = self.owner.key.clone().expect("a step has a key");
            self.owner.spent.insert(key, step);
            return;
        }
        let place = self.owner.recovery.iter().position(|code| *code == answer);
        if let (Some(place), true, Status::Live | Status::Disabled) = (place, is_right, status) {
            self.owner.recovery.remove(place);
            return;
        }
        let alone = status == Status::Never && is_right && is_nothing && passes;
        assert!(alone, "let in: {status:?} {deeds:?} {:?}", self.owner);
    }

    /// A key that the store did not have before.
    fn new_key(&self) -> Option<Vec<u8>> {
        let stored = self.store.stored.borrow();
        let tokens = &stored.record.as_ref()?.tokens;
        assert!(tokens.len() <= 1, "nobody has set up a second one");
        let key = tokens.first()?.key.expose().to_vec();
        (self.owner.key.as_ref() != Some(&key)).then_some(key)
    }

    /// What the owner has after a device was set up.
    fn follow(&mut self, key: &[u8], screen: &str, invited: bool) {
        let stored = self.store.stored.borrow();
        let record = stored.record.as_ref().expect("it has a key");
        self.owner.key = Some(key.to_vec());
        let confirmed = record
            .tokens
            .first()
            .map_or(0, |token| token.confirmed_step);
        self.owner.spent.insert(key.to_vec(), confirmed);
        self.owner.revocation = shown_paper_code(screen).map(|code| letters(&code));
        self.owner.recovery.clear();
        self.owner.invitation = None;
        assert!(record.invitation.is_none() && record.recovery.is_empty());
        assert_eq!(stored.state.status, Status::Live);
        if invited {
            self.owner.password = NEW_PASSWORD.to_vec();
        }
    }

    fn move_the_clock(&self, bytes: &mut Bytes<'_>) {
        let unit = [1, PERIOD, 3600, 86_400][usize::from(bytes.below(4))];
        let far = u64::from(bytes.byte()) * unit;
        let time = self.host.time.get();
        let time = if bytes.seldom() {
            time.saturating_sub(far)
        } else {
            time + far
        };
        self.host.time.set(time.max(NOON - 10 * 86_400));
        self.store.now.set(self.host.time.get());
    }
}

fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

fn phone() -> Token {
    Token {
        id: Id::from_bytes([7; Id::BYTES]),
        name: "phone".to_owned(),
        key: Secret::copy_of(KEY),
        shape: CodeShape::USUAL,
        confirmed_step: 1,
        since: 1,
    }
}

fn login_from(address: &str) -> Login {
    Login {
        typed_user: "anna".to_owned(),
        who: Who::Known(anna()),
        service: "sshd".to_owned(),
        rhost: Some(address.to_owned()),
        tty: None,
        ruser: None,
        place: Place::of("sshd", Some(address), 0),
    }
}

fn january(day: u8) -> Option<Date> {
    Date::parse(&format!("2027-01-{day:02}"))
}

fn config(bytes: &mut Bytes<'_>) -> Config {
    let mut config = Config::default();
    config.login.window = 1 + bytes.below(2);
    config.rollout.start = match bytes.below(2) {
        0 => Start::Always,
        _ => Start::From(january(20).expect("a day")),
    };
    config.rollout.enroll_until = (bytes.below(2) == 1).then(|| january(25).expect("a day"));
    config.enroll.at_login = !bytes.seldom();
    config
}

fn faults(bytes: &mut Bytes<'_>) -> Faults {
    let mut faults = Faults::default();
    match bytes.below(24) {
        1 => faults.reading = true,
        2 => faults.writing = true,
        3 => faults.told_in_vain = true,
        4 => faults.meanwhile = true,
        5 => faults.hashing = true,
        6 => faults.chance = true,
        _ => {}
    }
    faults
}

fn typed_password(bytes: &mut Bytes<'_>, owner: &Owner) -> Vec<u8> {
    match bytes.below(8) {
        0..=4 => owner.password.clone(),
        5 => owner
            .invitation
            .as_ref()
            .map_or_else(Vec::new, |(code, _)| code.clone().into()),
        6 => b"hunter2".to_vec(),
        _ => bytes.some().to_vec(),
    }
}

fn typed_answer(bytes: &mut Bytes<'_>, owner: &Owner, password: &[u8], now: u64) -> Vec<u8> {
    match bytes.below(12) {
        0..=4 => {
            let key = owner.key.as_deref().unwrap_or(KEY);
            let step = (now / PERIOD + u64::from(bytes.below(8))).saturating_sub(4);
            code(key, step).into()
        }
        5 => Vec::new(),
        6 => b"+".to_vec(),
        7 => owner.revocation.clone().unwrap_or_default().into(),
        8 => {
            let count = u8::try_from(owner.recovery.len()).unwrap_or(0).max(1);
            let place = usize::from(bytes.below(count));
            owner
                .recovery
                .get(place)
                .cloned()
                .unwrap_or_default()
                .into()
        }
        9 => password.to_vec(),
        10 => format!("{:06}", u32::from(bytes.byte()) * 3907).into(),
        _ => bytes.some().to_vec(),
    }
}

/// What the person does in the dialog that sets up a device.
fn react(
    bytes: &mut Bytes<'_>,
    prompt: &str,
    screen: &str,
    now: u64,
    deeds: &mut Deeds,
) -> Option<Vec<u8>> {
    match bytes.below(16) {
        1 => return None,
        2 => {
            let typed = bytes.some().to_vec();
            let digits = letters(&String::from_utf8_lossy(&typed));
            let near = (now / PERIOD).saturating_sub(2)..=now / PERIOD + 2;
            if let Some(key) = shown_key(screen)
                && near.into_iter().any(|step| code(&key, step) == digits)
            {
                deeds.confirmed = Some((key, now));
            }
            return Some(typed);
        }
        _ => {}
    }
    if prompt.contains("password") || prompt.contains("again") {
        return Some(NEW_PASSWORD.to_vec());
    }
    if let Some(asked) = ORDINALS.iter().rposition(|word| prompt.contains(word)) {
        let code = shown_paper_code(screen)?;
        return Some(code.split('-').nth(asked)?.into());
    }
    let key = shown_key(screen)?;
    let typed = code(&key, now / PERIOD);
    deeds.confirmed = Some((key, now));
    Some(typed.into())
}

fn shown_key(screen: &str) -> Option<Vec<u8>> {
    let (_, uri) = screen.rsplit_once("otpauth://")?;
    let (_, secret) = uri.split_once("secret=")?;
    let letters = secret.chars().take_while(char::is_ascii_alphanumeric);
    let (mut key, mut buffer, mut bits) = (Vec::new(), 0_u32, 0);
    for letter in letters {
        let value = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter)?;
        buffer = buffer << 5 | u32::try_from(value).ok()?;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            key.push(u8::try_from(buffer >> bits & 0xff).ok()?);
        }
    }
    Some(key)
}

fn shown_paper_code(screen: &str) -> Option<String> {
    let is_code = |line: &&str| {
        let groups: Vec<&str> = line.split('-').collect();
        groups.len() == ORDINALS.len() && groups.iter().all(|group| group.len() == 4)
    };
    screen
        .lines()
        .map(str::trim)
        .rfind(is_code)
        .map(str::to_owned)
}
