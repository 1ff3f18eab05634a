//! What the judge answers.

use crate::notices::Notices;
use crate::verdict::{Permit, Refusal};

/// What is to become of the login.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Let in, once the new state is durable.
    Accept(Box<Accepted>),
    /// Refuse.
    Refuse(Refusal),
    /// Let in if a device is set up within this login.
    Enroll(Permit),
    /// Nothing was proven here and nothing is required: others decide.
    NotOurs,
    /// The record was changed since the password was checked: nothing can be said.
    RecordChanged,
}

/// How a login was proven, and what its owner is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// By what, beside the password.
    pub by: By,
    /// What happened since the last login.
    pub notices: Notices,
    /// What the owner had better see to.
    pub reminder: Option<Reminder>,
    /// Whether nobody has logged in since the account was set up, recovered or unlocked, or since a
    /// device joined the others: whoever did that need not be the owner.
    pub is_first: bool,
}

/// What an owner had better see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reminder {
    /// The clock of the device is behind by so many seconds, or a bit less.
    ClockSlow(u32),
    /// It is ahead.
    ClockFast(u32),
    /// There is no revocation code.
    NoRevocationCode,
}

/// What a login was proven by, beside the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// A code of the token of this name.
    Token(String),
    /// A recovery code; so many are left.
    RecoveryCode {
        /// How many.
        left: usize,
    },
    /// The place, where a code was judged not long ago.
    RememberedPlace,
    /// Nothing: policy asks for no more.
    PasswordAlone,
}
