//! The codes of a key (RFC 4226 section 5.3, RFC 6238): which code belongs to which step.

use std::fmt::Write;
use std::ops::RangeInclusive;

use totp_rs::{Builder, Totp};

use crate::record::{Algorithm, CodeShape, MovingFactor};
use crate::secret::Secret;

/// Codes and the steps they belong to, in rising order.
pub(super) type Codes = Vec<(u64, Secret)>;

/// The code of one step as text. `None` where key or shape is out of bounds, and for step 0 of a
/// counter-based token, whose codes are counted from one.
#[must_use]
pub fn code_at(key: &Secret, shape: &CodeShape, step: u64) -> Option<Secret> {
    code_of(&authenticator(key, shape)?, shape, step)
}

/// The codes of these steps, or `None` where one of them has none.
pub(super) fn codes(key: &Secret, shape: &CodeShape, steps: RangeInclusive<u64>) -> Option<Codes> {
    let authenticator = authenticator(key, shape)?;
    steps
        .map(|step| Some((step, code_of(&authenticator, shape, step)?)))
        .collect()
}

/// What computes the codes: asked for a *time*, but with steps of one second, so that the time
/// is the moving factor itself and nothing can overflow.
fn authenticator(key: &Secret, shape: &CodeShape) -> Option<Totp> {
    if !shape.is_sound() {
        return None;
    }
    let algorithm = match shape.algorithm {
        Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
        Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
        Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
    };
    Builder::new()
        .with_algorithm(algorithm)
        .with_digits(shape.digits)
        .with_step_duration(1)
        .with_secret(key.expose())
        .build()
        .ok()
}

fn code_of(authenticator: &Totp, shape: &CodeShape, step: u64) -> Option<Secret> {
    let factor = match shape.moving {
        MovingFactor::Time { .. } => step,
        MovingFactor::Counter => step.checked_sub(1)?,
    };
    let mut text = String::with_capacity(CodeShape::MAX_DIGITS.into());
    write!(text, "{}", authenticator.generate(factor)).ok()?;
    Some(Secret::from(text))
}
