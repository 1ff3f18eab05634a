//! The record: what an enrollment made. Logins never change it.

mod shape;

pub use self::shape::{Algorithm, CodeShape, MovingFactor};
use crate::event::Word;
use crate::id::Id;
use crate::paper::PaperHash;
use crate::ports::UnixTime;
use crate::secret::Secret;
use crate::username::Account;

/// Which writing of a record: minted anew by each, so that a compare-and-swap cannot be fooled by
/// an account that was removed and enrolled again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision(Option<Id>);

impl Revision {
    /// There is no record.
    pub const ABSENT: Self = Self(None);

    /// The writing of this id.
    #[must_use]
    pub const fn of(id: Id) -> Self {
        Self(Some(id))
    }

    /// The id, unless there is no record.
    #[must_use]
    pub const fn id(self) -> Option<Id> {
        self.0
    }
}

/// Where an account stands. Stored, never derived from the list of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Has never had a token. The only status that could ever pass on a password alone.
    Never,
    /// Waits for the person to come with an invitation.
    Invited,
    /// Password and code.
    Live,
    /// The revocation code was used: no key works, and a new enrollment needs that code.
    Revoked,
    /// Too many wrong codes beside the right password; paper codes still work.
    Disabled,
    /// Locked by the administrator.
    Locked,
    /// Removed by the administrator: a tombstone, so that the account does not become
    /// [`Never`](Status::Never) again.
    Removed,
}

impl Word for Status {
    fn word(self) -> &'static str {
        Self::word(self)
    }
}

impl Status {
    /// Every status, in the order of an account's life.
    pub const ALL: [Self; 7] = [
        Self::Never,
        Self::Invited,
        Self::Live,
        Self::Revoked,
        Self::Disabled,
        Self::Locked,
        Self::Removed,
    ];

    /// The word in documents, reports and log lines.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Never => "never",
            Self::Invited => "invited",
            Self::Live => "live",
            Self::Revoked => "revoked",
            Self::Disabled => "disabled",
            Self::Locked => "locked",
            Self::Removed => "removed",
        }
    }

    /// The status of that word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }
}

/// A password hash as a PHC string. Secret: it can be guessed against.
#[derive(Debug, Clone)]
pub struct PasswordHash(pub Secret);

/// Fewest bytes of a token key (RFC 4226 section 4, R6: 128 bits).
pub const MIN_KEY_BYTES: usize = 16;
/// Most bytes of a token key: the block of SHA-512.
pub const MAX_KEY_BYTES: usize = 128;
/// Bytes of a key that we make: 160 bits, which is 32 characters of base32 without padding.
pub const NEW_KEY_BYTES: usize = 20;

/// One authenticator: a phone, a desktop app.
#[derive(Debug, Clone)]
pub struct Token {
    /// Keys the token's counters in the state.
    pub id: Id,
    /// What the owner calls it: 1 to [`Token::MAX_NAME`] characters, none of them a control.
    pub name: String,
    /// The shared key.
    pub key: Secret,
    /// How its codes are made.
    pub shape: CodeShape,
    /// The step whose code confirmed the enrollment: spent. The steps of a counter-based token
    /// are its codes counted from one, so step 1 is counter 0, and after 0 every code is to come.
    pub confirmed_step: u64,
    /// When it was enrolled.
    pub since: UnixTime,
}

impl Token {
    /// Most characters of a name.
    pub const MAX_NAME: usize = 32;
    /// Most tokens of one account.
    pub const MAX_COUNT: usize = 16;
}

/// A one-time paper code that stands in for a code of the app.
#[derive(Debug, Clone)]
pub struct RecoveryCode {
    /// Keys it in the state's list of spent codes.
    pub id: Id,
    /// What it is compared with.
    pub hash: PaperHash,
}

/// Most recovery codes of one account.
pub const MAX_RECOVERY_CODES: usize = 32;

/// A one-time code of eight digits that came from another module. It is guessed as easily as a code of
/// an app, so it is judged like one, and kept like a key.
#[derive(Debug, Clone)]
pub struct ScratchCode {
    /// Keys it in the state's list of spent codes.
    pub id: Id,
    /// The digits.
    pub code: Secret,
}

impl ScratchCode {
    /// Digits of one.
    pub const DIGITS: u8 = 8;
    /// Most of them of one account: each makes a guess more likely to be right.
    pub const MAX_COUNT: usize = 10;
}

/// A one-time paper code by which a person chooses the first password.
#[derive(Debug, Clone)]
pub struct Invitation {
    /// What it is compared with.
    pub hash: PaperHash,
    /// When it stops being good.
    pub until: UnixTime,
    /// Whether it was made to end the devices of an account that has some that work. Without that
    /// it opens nothing while they do, though they did not when it was made.
    pub replaces: bool,
}

/// What an enrollment made.
#[derive(Debug, Clone)]
pub struct Record {
    /// Minted once; bound into everything sealed.
    pub id: Id,
    /// Minted by each writing.
    pub revision: Revision,
    /// Whose it is.
    pub account: Account,
    /// When the record was first made.
    pub created: UnixTime,
    /// kapu's own password; `None` where the system's is used.
    pub password: Option<PasswordHash>,
    /// When the password was last chosen (a mere re-hash keeps it).
    pub password_since: UnixTime,
    /// Whether the next login must choose a new password.
    pub password_expired: bool,
    /// The authenticators.
    pub tokens: Vec<Token>,
    /// The revocation code, unless none was made yet.
    pub revocation: Option<PaperHash>,
    /// When the revocation code was made.
    pub revocation_since: UnixTime,
    /// The printed codes.
    pub recovery: Vec<RecoveryCode>,
    /// Codes that stand in for one of the app, from before.
    pub scratch: Vec<ScratchCode>,
    /// A pending invitation.
    pub invitation: Option<Invitation>,
    /// When the first device was set up on the password alone, where it was: whoever knew that need
    /// not be the owner.
    pub on_password_alone: Option<UnixTime>,
}

impl Record {
    /// How many seconds a record that was made on the password alone is young: as long as its owner
    /// has to find that somebody else came first.
    pub const YOUNG: u64 = 7 * 24 * 60 * 60;

    /// Until when it is young, if it is. Whoever set it up can then neither add a device nor renew the
    /// revocation code, and the store's owner can take the account back.
    #[must_use]
    pub fn young_until(&self, now: UnixTime) -> Option<UnixTime> {
        let until = self.on_password_alone?.saturating_add(Self::YOUNG);
        (now < until).then_some(until)
    }

    /// Gives it a password that was chosen at the moment `now`.
    pub fn set_password(&mut self, hash: PasswordHash, now: UnixTime) {
        // Another choice is known by another moment, even within one second.
        let next = match self.password {
            Some(_) => self.password_since.saturating_add(1),
            None => 0,
        };
        self.password = Some(hash);
        self.password_since = now.max(next);
        self.password_expired = false;
    }

    /// How many of the tokens are counter-based.
    #[must_use]
    pub fn counter_based(&self) -> usize {
        let counts = |token: &&Token| token.shape.moving == MovingFactor::Counter;
        self.tokens.iter().filter(counts).count()
    }

    /// The ids of the codes that stand in for one of the app, printed or from another module.
    pub fn recovery_ids(&self) -> impl Iterator<Item = Id> {
        let printed = self.recovery.iter().map(|code| code.id);
        printed.chain(self.scratch.iter().map(|code| code.id))
    }

    /// Whether `self` proves anything that `old` did not: another password or other tokens.
    /// A re-hash of the same password does not count.
    #[must_use]
    pub fn is_rebound(&self, old: &Self) -> bool {
        self.password_since != old.password_since
            || self.password.is_some() != old.password.is_some()
            || self.tokens.len() != old.tokens.len()
            || self.has_new_token(Some(old))
    }

    /// The token that joined others, which `old` had.
    #[must_use]
    pub fn joined_token(&self, old: &Self) -> Option<&Token> {
        let is_old = |token: &&Token| old.tokens.iter().any(|had| had.id == token.id);
        let new = self.tokens.iter().find(|token| !is_old(token));
        new.filter(|_| self.tokens.iter().any(|token| is_old(&token)))
    }

    /// Whether there is a token that `old` did not have.
    #[must_use]
    pub fn has_new_token(&self, old: Option<&Self>) -> bool {
        let had = old.map_or(&[][..], |old| &old.tokens);
        self.tokens
            .iter()
            .any(|token| !had.iter().any(|had| had.id == token.id))
    }
}
