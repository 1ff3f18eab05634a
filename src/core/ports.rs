//! What the flows need of the world, as traits: a person, a store, a password check, a host.
//!
//! The module, the programs and the tests each bring their own implementations; the flows cannot
//! tell them apart.

use std::fmt;
use std::time::Duration;

use crate::event::{Event, words};
use crate::key_card::KeyCard;
use crate::record::{PasswordHash, Record, Revision, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;
use crate::verdict::Login;

/// Seconds since 1970-01-01 00:00:00 UTC.
pub type UnixTime = u64;

/// Something of ours does not work: whatever was asked for is refused, and the log says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What does not work, as a word for the log.
    pub kind: TroubleKind,
    /// Which file, which system error: for the administrator. Never holds a secret.
    pub detail: String,
}

impl Trouble {
    /// A trouble with its explanation.
    pub fn new(kind: TroubleKind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.kind.word(), self.detail)
    }
}

impl std::error::Error for Trouble {}

words! {
    /// The kinds of [`Trouble`].
    pub enum TroubleKind {
        /// The configuration cannot be read or does not make sense.
        Config = "config",
        /// The module's arguments in the PAM file do not make sense.
        Arguments = "arguments",
        /// A stored document, its directory or its lock cannot be read.
        StoreRead = "store-read",
        /// A stored document could not be made durable.
        StoreWrite = "store-write",
        /// The host key is missing, or does not open what it should.
        HostKey = "host-key",
        /// The account database did not answer.
        Names = "names",
        /// The account's record belongs to another uid.
        Uid = "uid",
        /// No memory or no turn for the password hash.
        Hash = "hash",
        /// The nested check of the system password could not be made.
        SystemPassword = "system-password",
        /// The person's answers could not be had: the caller has no conversation, or it broke off.
        Dialog = "dialog",
        /// The system has no random bytes.
        Random = "random",
        /// The record was changed between the password check and the decision.
        RecordChanged = "record-changed",
        /// The process runs with several user ids, or does not own the store.
        MixedUids = "mixed-uids",
        /// A bug of ours was caught.
        Panic = "panic",
    }
}

/// The person could not be asked, or stopped answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DialogError {
    /// There is no way to ask: no conversation, no terminal.
    NoDialog,
    /// The person pressed Ctrl-C, hung up, or the caller broke off.
    Stopped,
    /// An answer was missing, longer than [`MAX_ANSWER`] or there were too many prompts.
    BadAnswer,
}

impl From<DialogError> for Trouble {
    fn from(error: DialogError) -> Self {
        let detail = match error {
            DialogError::NoDialog => "there is nobody to ask",
            DialogError::Stopped => "the dialog was broken off",
            DialogError::BadAnswer => "an answer was missing or too long",
        };
        Self::new(TroubleKind::Dialog, detail)
    }
}

/// A conversation with the person: a PAM conversation or a terminal.
pub trait Dialog {
    /// Asks with the typing hidden.
    ///
    /// # Errors
    /// When there is no answer. An empty answer is an answer.
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError>;

    /// Asks with the typing shown.
    ///
    /// # Errors
    /// As [`ask_hidden`](Dialog::ask_hidden).
    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError>;

    /// Says something; the carrier may show it late or not at all, so nothing may depend on it.
    ///
    /// # Errors
    /// When the dialog has ended.
    fn tell(&mut self, text: &str) -> Result<(), DialogError>;

    /// Whether texts come through at all. Where they do not, no key can be handed over.
    fn shows_texts(&self) -> bool {
        true
    }

    /// Puts a new key before the person, as well as the carrier can; as lines, unless it knows better.
    ///
    /// # Errors
    /// When the dialog has ended.
    fn show_key(&mut self, card: &KeyCard<'_>) -> Result<(), DialogError> {
        for line in card.key_lines(KEY_GROUPS_A_LINE).iter().chain([&card.uri]) {
            self.tell(line.expose_text().unwrap_or_default())?;
        }
        self.tell(&card.labels().join("\n"))
    }

    /// What was typed where a code of the app was expected: whether it was a wish to see the key
    /// drawn another way, which has then been done.
    ///
    /// # Errors
    /// When the dialog has ended.
    fn redraw(&mut self, _card: &KeyCard<'_>, _typed: &str) -> Result<bool, DialogError> {
        Ok(false)
    }

    /// A QR code of `text` as lines, in ASCII alone where `plain` is set; `None` where the carrier
    /// draws none.
    fn picture(&self, _text: &Secret, _plain: bool) -> Option<Secret> {
        None
    }

    /// Takes what was shown off the screen, where the carrier has one.
    ///
    /// # Errors
    /// When the dialog has ended.
    fn clear(&mut self) -> Result<(), DialogError> {
        Ok(())
    }
}

/// Groups of four letters in a line of a key: 32 letters, a usual key, stand in one line.
const KEY_GROUPS_A_LINE: usize = 8;

/// Longest answer that any dialog takes, in bytes.
pub const MAX_ANSWER: usize = 1024;

/// One account as the store holds it at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// What enrollment made, with its keys opened; `None` for an account never seen and for one
    /// that was removed.
    pub record: Option<Record>,
    /// What logins changed.
    pub state: State,
}

impl Snapshot {
    /// An account that the store has never seen.
    #[must_use]
    pub fn never() -> Self {
        Self {
            record: None,
            state: State::new(Status::Never),
        }
    }

    /// The revision of the record, to be handed back to [`Store::replace`].
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.record
            .as_ref()
            .map_or(Revision::ABSENT, |record| record.revision)
    }
}

/// How a compare-and-swap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Replaced {
    /// The new record is durable.
    Done,
    /// Somebody else changed the record meanwhile; nothing was written.
    Conflict,
}

/// What a flow decides about the state of an account: the new state, or `None` to write nothing.
pub type Judgement<'a> = &'a mut dyn FnMut(&Snapshot) -> Option<State>;

/// The accounts, one document each.
pub trait Store {
    /// What is known of `account`.
    ///
    /// # Errors
    /// When anything is there that cannot be read, trusted or opened. *Never* is returned only
    /// where the store is certain that there is nothing.
    fn load(&self, account: &Account) -> Result<Snapshot, Trouble>;

    /// Reads `account` again under its lock, calls `judgement`, and makes the state it returns
    /// durable before returning. May call it again on a newer snapshot: the last call counts.
    /// Answers the revision of the record as it stands then: a state that erases keys makes a new
    /// one.
    ///
    /// # Errors
    /// When the account cannot be read or the state cannot be made durable; the state is then
    /// the old one or the new one, never something between, and the caller must refuse.
    fn update(&self, account: &Account, judgement: Judgement<'_>) -> Result<Revision, Trouble>;

    /// Puts `record` in place of the one of revision `expected`; `status` is the account's
    /// status from then on. Both become durable before this returns.
    ///
    /// # Errors
    /// As [`update`](Store::update).
    fn replace(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
        status: Status,
    ) -> Result<Replaced, Trouble>;

    /// Puts `record` in place of the one of revision `expected` and leaves the account in the
    /// status that it is found in: for what is no enrollment. An account without a record is
    /// Never from then on; one that was removed is a conflict.
    ///
    /// # Errors
    /// As [`update`](Store::update).
    fn amend(
        &self,
        account: &Account,
        expected: Revision,
        record: &Record,
    ) -> Result<Replaced, Trouble>;

    /// Gives back what is held for a next call. A login does this before its refusal waits for the
    /// beat: done after it, the time that it takes would tell what there was to give back.
    fn let_go(&self) {}

    /// Whether this process may write records at all (a fleet's hosts may not).
    fn writes_records(&self) -> bool;
}

/// What is known about a typed password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It is right.
    Right,
    /// In its place sshd has checked an ssh key of the account, which no leaked password opens.
    Key,
    /// It is wrong, or there is nothing to compare it with.
    Wrong,
    /// Another module or an ssh key decides; here nothing is known.
    Elsewhere,
}

/// The check of passwords: our own (Argon2id) or the system's.
pub trait Passwords {
    /// Checks `typed` for this login. Where there is nothing to compare with (no account, no
    /// record, no password in it) it does work of the same cost and answers [`Proof::Wrong`].
    ///
    /// # Errors
    /// When the check could not be made.
    fn verify(
        &self,
        login: &Login,
        hash: Option<&PasswordHash>,
        typed: &Secret,
    ) -> Result<Proof, Trouble>;

    /// Hashes a new password with the configured parameters.
    ///
    /// # Errors
    /// When there is no memory or randomness for it.
    fn hash(&self, password: &Secret) -> Result<PasswordHash, Trouble>;

    /// Whether `hash` was made with weaker parameters than are configured now.
    fn stale(&self, hash: &PasswordHash) -> bool;
}

/// Local calendar time, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// Calendar year.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
}

/// Clock, chance and log.
pub trait Host {
    /// The wall clock.
    fn now(&self) -> UnixTime;

    /// Time since some fixed moment, never running backwards.
    fn elapsed(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration);

    /// Goes on at a processor core that chance picks, where the machine can: at which one somebody
    /// is tells what was waited for last. Best effort.
    fn go_anywhere(&self) {}

    /// What this host is called.
    fn name(&self) -> String;

    /// Local calendar time of a moment.
    fn local_time(&self, at: UnixTime) -> LocalTime;

    /// Whether `account` is in the group of that name, or `None` where that cannot be known now:
    /// there is no such group, or a directory service does not answer.
    fn is_member(&self, _account: &Account, _group: &str) -> Option<bool> {
        None
    }

    /// Fills `bytes` from the system's randomness.
    ///
    /// # Errors
    /// When the system has none.
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble>;

    /// Writes one line to the log. A log that cannot be written never changes a decision.
    fn log(&self, event: &Event);
}

/// Everything a flow may touch.
pub struct World<'a> {
    /// The accounts.
    pub store: &'a dyn Store,
    /// The check of passwords.
    pub passwords: &'a dyn Passwords,
    /// Clock, chance and log.
    pub host: &'a dyn Host,
    /// The person.
    pub dialog: &'a mut dyn Dialog,
}
