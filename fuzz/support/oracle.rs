//! Who may be let in, worked out a second time and without the code under test: codes by RFC 4226 and
//! RFC 6238, and a list of what was spent.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// Seconds of a step.
pub const PERIOD: u64 = 30;

/// The six digits of a step (RFC 4226, 5.3).
pub fn code(key: &[u8], step: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).expect("a key of any length");
    mac.update(&step.to_be_bytes());
    let tag = mac.finalize().into_bytes();
    let offset = usize::from(tag[19] & 0xf);
    let word = [
        tag[offset] & 0x7f,
        tag[offset + 1],
        tag[offset + 2],
        tag[offset + 3],
    ];
    format!("{:06}", u32::from_be_bytes(word) % 1_000_000)
}

/// What the owner knows and has, and which steps let somebody in.
#[derive(Debug, Clone, Default)]
pub struct Owner {
    /// The password.
    pub password: Vec<u8>,
    /// The app's key, where one is set up.
    pub key: Option<Vec<u8>>,
    /// The revocation code as it is written.
    pub revocation: Option<String>,
    /// Recovery codes that were not used.
    pub recovery: Vec<String>,
    /// The invitation and until when it is good.
    pub invitation: Option<(String, u64)>,
    /// By key: the last step that is spent.
    pub spent: BTreeMap<Vec<u8>, u64>,
}

impl Owner {
    /// The step for which these digits are right around `now`, if that is not spent.
    pub fn fresh_step(&self, typed: &str, now: u64, window: u64) -> Option<u64> {
        let key = self.key.as_ref()?;
        let present = now / PERIOD;
        let floor = self.spent.get(key).copied().unwrap_or(0);
        let steps = present.saturating_sub(window)..=present + window;
        steps
            .rev()
            .find(|step| *step > floor && code(key, *step) == typed)
    }
}

/// The letters of a code on paper, as it is read.
pub fn letters(typed: &str) -> String {
    typed
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}
