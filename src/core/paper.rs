//! Paper codes: revocation code, invitation, recovery codes.

/// What a paper code is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperHash {
    /// Random salt.
    pub salt: [u8; 16],
    /// The hash.
    pub hash: [u8; 32],
}

/// What a paper code is for; held in the code itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaperKind {
    /// Ends all tokens and lets a new one be enrolled.
    Revocation,
    /// Lets a person choose the first password.
    Invitation,
    /// Stands in for a code of the app, once.
    Recovery,
}

/// A well-formed paper code.
#[derive(Debug)]
pub struct PaperCode {
    kind: PaperKind,
}

impl PaperCode {
    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> PaperKind {
        self.kind
    }

    /// Whether this is the code that `hash` was made of. Constant time.
    #[must_use]
    pub fn matches(&self, _hash: &PaperHash) -> bool {
        false
    }
}
