//! Who may be let in, worked out a second time and without the code under test: codes by RFC 4226 and
//! RFC 6238, and a list of what was spent.

use hmac::{Hmac, KeyInit, Mac};
use kapu_core::id::Id;
use kapu_core::record::{Algorithm, CodeShape, MovingFactor};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// Longest answer at the code prompt that is anything at all, in bytes.
const LONGEST_ANSWER: usize = 64;

/// What a counter-based device is pressed to, from the last code that is spent: to the next ones, to
/// the last that is good and the first that is not, and to two in a row far ahead.
const PRESSES: [i64; 8] = [40, 41, -1, 0, 1, 2, 10, 11];

/// The code of a step (RFC 4226, 5.3; RFC 6238, 1.2); those of a counter are counted from one.
pub fn code(key: &[u8], shape: &CodeShape, step: u64) -> String {
    let counter = match shape.moving {
        MovingFactor::Time { .. } => step,
        MovingFactor::Counter => step.saturating_sub(1),
    };
    let counter = counter.to_be_bytes();
    let tag = match shape.algorithm {
        Algorithm::Sha1 => tag::<Hmac<Sha1>>(key, &counter),
        Algorithm::Sha256 => tag::<Hmac<Sha256>>(key, &counter),
        Algorithm::Sha512 => tag::<Hmac<Sha512>>(key, &counter),
    };
    let offset = usize::from(tag[tag.len() - 1] & 0xf);
    let word = [
        tag[offset] & 0x7f,
        tag[offset + 1],
        tag[offset + 2],
        tag[offset + 3],
    ];
    let digits = usize::from(shape.digits);
    let number = u32::from_be_bytes(word) % 10_u32.pow(shape.digits.into());
    format!("{number:0digits$}")
}

fn tag<M: Mac + KeyInit>(key: &[u8], counter: &[u8]) -> Vec<u8> {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("a key of any length");
    mac.update(counter);
    mac.finalize().into_bytes().to_vec()
}

/// An app with a key of the account.
#[derive(Debug, Clone)]
pub struct Device {
    /// What the store calls it.
    pub id: Id,
    /// The key.
    pub key: Vec<u8>,
    /// How its codes are made.
    pub shape: CodeShape,
    /// The last step that is spent.
    pub spent: u64,
}

impl Device {
    /// The step of a moment; where time is nothing, the last one that is spent.
    pub fn step(&self, at: u64) -> u64 {
        match self.shape.moving {
            MovingFactor::Time { period } => at / u64::from(period),
            MovingFactor::Counter => self.spent,
        }
    }

    /// What it shows, so many steps after that of `at`, from four before to three behind; or after
    /// one of the [`PRESSES`].
    pub fn code(&self, at: u64, steps: i64) -> String {
        let press = usize::try_from(steps + 4).expect("it is one of eight");
        let steps = match self.shape.moving {
            MovingFactor::Time { .. } => steps,
            MovingFactor::Counter => PRESSES[press],
        };
        self.code_of(self.step(at).saturating_add_signed(steps))
    }

    fn code_of(&self, step: u64) -> String {
        code(&self.key, &self.shape, step)
    }

    /// The steps that are good now and not spent, and whose code this is.
    pub fn steps_of(&self, typed: &str, good: &Good<'_>) -> Vec<u64> {
        let (present, spent) = (self.step(good.at), self.spent);
        let steps = match self.shape.moving {
            MovingFactor::Time { .. } => {
                present.saturating_sub(good.window)..=present + good.window
            }
            // What was used last is no good, whatever other step has the same digits.
            MovingFactor::Counter if self.code_of(spent) == typed => return Vec::new(),
            MovingFactor::Counter => spent + 1..=spent + good.ahead,
        };
        let awaited = good.awaited.filter(|(id, _)| *id == self.id);
        // Only after the code before it has been typed.
        let awaited = awaited.map(|(_, step)| step + 1).filter(|step| {
            let before = self.code_of(step - 1);
            *step > spent && good.typed.contains(&before)
        });
        awaited
            .into_iter()
            .chain(steps)
            .filter(|step| *step > spent && self.code_of(*step) == typed)
            .collect()
    }
}

/// An invitation.
#[derive(Debug, Clone)]
pub struct Invited {
    /// The code.
    pub code: String,
    /// Until when it is good.
    pub until: u64,
    /// Whether it ends devices that work.
    pub replaces: bool,
}

/// Which codes are good.
#[derive(Debug)]
pub struct Good<'a> {
    /// Now.
    pub at: u64,
    /// Steps before and after the present one.
    pub window: u64,
    /// Codes ahead, where they are counted.
    pub ahead: u64,
    /// The device, and the step of a code too far ahead, after which one more is good.
    pub awaited: Option<(Id, u64)>,
    /// What was typed so far.
    pub typed: &'a [String],
}

/// What the owner knows and has.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    /// The password, where there is one.
    pub password: Option<Vec<u8>>,
    /// The apps.
    pub devices: Vec<Device>,
    /// The revocation code.
    pub revocation: Option<String>,
    /// Recovery codes that were not used.
    pub recovery: Vec<String>,
    /// The invitation that stands.
    pub invitation: Option<Invited>,
    /// Codes on paper that are no good: used ones, and another account's.
    pub worn: Vec<String>,
    /// Where codes were typed, and when, unless that has ended.
    pub codes_typed: Vec<(String, u64)>,
    /// The code that let somebody in last.
    pub last_code: Option<String>,
    /// What was typed for a code so far.
    pub typed: Vec<String>,
}

impl Owner {
    /// The devices and steps for which these digits are right now and not spent.
    pub fn fresh_steps(&self, typed: &str, good: &Good<'_>) -> Vec<(Id, u64)> {
        let of = |device: &Device| {
            let id = device.id;
            let steps = device.steps_of(typed, good).into_iter();
            steps.map(move |step| (id, step))
        };
        self.devices.iter().flat_map(of).collect()
    }
}

/// What was typed, as far as it can be anything: without what separates, as it is read on paper.
pub fn letters(typed: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(typed).ok()?;
    if text.len() > LONGEST_ANSWER || text.chars().any(char::is_control) {
        return None;
    }
    let read = |letter: char| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let kept = text
        .chars()
        .filter(|letter| letter.is_ascii_graphic() && *letter != '-');
    Some(kept.map(read).collect())
}
