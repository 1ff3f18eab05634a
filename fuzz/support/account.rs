//! The account that an input begins with, and what its owner has.

use kapu_core::id::Id;
use kapu_core::paper::{PaperCode, PaperHash, PaperKind};
use kapu_core::record::{
    Algorithm, CodeShape, Invitation, MovingFactor, PasswordHash, Record, RecoveryCode, Revision,
    Status, Token,
};
use kapu_core::secret::Secret;
use kapu_core::state::{LastUse, State};
use kapu_core::throttle::{Book, FREE_FAILURES};
use kapu_core::username::Account;

use crate::bytes::Bytes;
use crate::oracle::{Device, Invited, Owner, letters};
use crate::world::{DAY, FakeHost, NOON};

const PASSWORD: &[u8] = b"correct horse";
/// How the codes of the first, second and third device are made.
const SHAPES: [CodeShape; 3] = [
    CodeShape::USUAL,
    CodeShape {
        algorithm: Algorithm::Sha256,
        digits: 8,
        moving: MovingFactor::Time { period: 30 },
    },
    CodeShape {
        algorithm: Algorithm::Sha512,
        digits: 6,
        moving: MovingFactor::Time { period: 60 },
    },
];
/// And those of one more, once in sixteen times.
const FOB: CodeShape = CodeShape {
    algorithm: Algorithm::Sha1,
    digits: 6,
    moving: MovingFactor::Counter,
};
/// Which of sixteen choices comes with it.
const WITH_FOB: u8 = 11;
/// Units of wrong codes that are all but the budget.
const NEARLY_ALL: u32 = 299;

/// Anna.
pub fn anna() -> Account {
    Account {
        name: "anna".to_owned(),
        uid: 1000,
    }
}

/// What is stored, if anything, and what the owner has.
pub fn account(bytes: &mut Bytes<'_>, host: &FakeHost) -> (Option<(Option<Record>, State)>, Owner) {
    let mut printer = Printer { host };
    let mut owner = Owner {
        worn: PaperKind::ALL.map(|kind| printer.code(kind).1).into(),
        ..Owner::default()
    };
    let Some(status) = status(bytes) else {
        return (None, owner);
    };
    let mut state = State::new(status);
    if status == Status::Removed {
        return (Some((None, state)), owner);
    }
    let has_devices = !matches!(status, Status::Never | Status::Revoked);
    let choice = bytes.byte();
    let count = 1 + usize::from(choice % 3);
    let fob = (choice % 16 == WITH_FOB).then_some(&FOB);
    let shapes = SHAPES.iter().take(count).chain(fob);
    let shapes = shapes.take(if has_devices { usize::MAX } else { 0 });
    owner.devices = (7..).zip(shapes).map(device).collect();
    owner.password = Some(PASSWORD.to_vec());
    let (revocation, text) = printer.code(PaperKind::Revocation);
    owner.revocation = Some(text);
    let recovery = [3, 4].map(|id| {
        let (hash, text) = printer.code(PaperKind::Recovery);
        owner.recovery.push(text);
        let id = Id::from_bytes([id; Id::BYTES]);
        RecoveryCode { id, hash }
    });
    let drawn = bytes.below(3);
    let invitation = (drawn != 0).then(|| {
        let (hash, text) = printer.code(PaperKind::Invitation);
        let until = NOON + DAY;
        let replaces = drawn == 1;
        owner.invitation = Some(Invited {
            code: text,
            until,
            replaces,
        });
        Invitation {
            hash,
            until,
            replaces,
        }
    });
    history(bytes, &mut owner, &mut state);
    let record = Record {
        id: Id::from_bytes([1; Id::BYTES]),
        revision: Revision::of(Id::from_bytes([2; Id::BYTES])),
        account: anna(),
        created: 1,
        password: owner
            .password
            .as_deref()
            .map(Secret::copy_of)
            .map(PasswordHash),
        password_since: 1,
        password_expired: false,
        tokens: owner.devices.iter().map(token).collect(),
        revocation: Some(revocation),
        revocation_since: 1,
        recovery: recovery.into(),
        scratch: Vec::new(),
        invitation,
        on_password_alone: None,
    };
    (Some((Some(record), state)), owner)
}

/// Mostly Live; `None` for an account that the store has never seen.
fn status(bytes: &mut Bytes<'_>) -> Option<Status> {
    match usize::from(bytes.below(16)) {
        place @ 0..7 => Some(Status::ALL[place]),
        7 => None,
        8 => Some(Status::Never),
        _ => Some(Status::Live),
    }
}

/// What logins before the first one have left: the floor of the first device, and guesses.
fn history(bytes: &mut Bytes<'_>, owner: &mut Owner, state: &mut State) {
    if let (Some(device), ahead @ 1..) = (owner.devices.first_mut(), bytes.below(4)) {
        let step = device.step(NOON) + u64::from(ahead) - 2;
        device.spent = step;
        state.last_use.insert(
            device.id,
            LastUse {
                step,
                at: NOON,
                drift: 0,
            },
        );
    }
    match bytes.below(8) {
        1 => state.throttle.units = NEARLY_ALL,
        2 => {
            state.throttle.shared = Book {
                failures: FREE_FAILURES,
                last: NOON,
            }
        }
        _ => {}
    }
}

fn device((number, shape): (u8, &CodeShape)) -> Device {
    Device {
        id: Id::from_bytes([number; Id::BYTES]),
        key: vec![number; 20],
        shape: *shape,
        spent: 1,
    }
}

fn token(device: &Device) -> Token {
    Token {
        id: device.id,
        name: "phone".to_owned(),
        key: Secret::copy_of(&device.key),
        shape: device.shape,
        confirmed_step: 1,
        since: 1,
    }
}

/// Prints codes on paper.
struct Printer<'a> {
    host: &'a FakeHost,
}

impl Printer<'_> {
    fn code(&mut self, kind: PaperKind) -> (PaperHash, String) {
        let code = PaperCode::mint(kind, self.host).expect("there is chance");
        let hash = code.hash(self.host).expect("there is chance");
        let text = letters(code.text().expose()).expect("a code on paper is ASCII");
        (hash, text)
    }
}
