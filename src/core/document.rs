//! The document: everything kept of one account, as one TOML text.
//!
//! Record and state are one document, so that an enrollment, a login and a revocation are each
//! one write: there is no moment at which a reader sees half of one. What the text holds of
//! secrets is sealed first; `docs/record-format.md` describes it field by field.

mod bounds;
mod written;

use crate::id::Id;
use crate::notices::MAX_FROM;
use crate::ports::{Snapshot, Trouble, TroubleKind};
use crate::record::{Record, Revision, Status};
use crate::secret::Secret;
use crate::state::State;
use crate::username::Account;

/// Longest document in bytes: several times what an account with every list full needs.
pub const MAX_DOCUMENT: usize = 64 * 1024;

/// The only format there is.
pub const FORMAT: u32 = 1;

/// What a sealed field is bound to: it opens in no other account, record or field.
#[derive(Debug, Clone, Copy)]
pub struct SealContext<'a> {
    /// Name of the account.
    pub account: &'a str,
    /// The record's id.
    pub record: Id,
    /// Which field: `password`, `token.ID.key`, or `document` for the text as a whole.
    pub field: &'a str,
}

/// Encrypts the secret fields of a document, so that a copy of the accounts alone is no use, and
/// vouches for the whole of it.
pub trait Seal {
    /// The seal for one writing, with the key that seals at this moment.
    ///
    /// # Errors
    /// [`TroubleKind::HostKey`].
    fn for_writing(&self) -> Result<Box<dyn Seal + '_>, Trouble>;

    /// Seals `plain` into a line of printable ASCII without quotes or backslashes.
    ///
    /// # Errors
    /// [`TroubleKind::HostKey`] or [`TroubleKind::Random`].
    fn seal(&self, context: &SealContext<'_>, plain: &Secret) -> Result<String, Trouble>;

    /// Opens what [`seal`](Seal::seal) made for the same context.
    ///
    /// # Errors
    /// [`TroubleKind::HostKey`] where the key is not there or the text was not sealed by it for
    /// this context.
    fn open(&self, context: &SealContext<'_>, sealed: &str) -> Result<Secret, Trouble>;

    /// Whether `sealed` is what [`seal`](Seal::seal) made of `plain` for the same context.
    ///
    /// # Errors
    /// As [`open`](Seal::open).
    fn vouches(
        &self,
        context: &SealContext<'_>,
        sealed: &str,
        plain: &Secret,
    ) -> Result<bool, Trouble> {
        Ok(self.open(context, sealed)?.same_as(plain))
    }
}

/// Everything kept of one account.
///
/// A document whose status is Revoked has no tokens and one that is Removed has no record,
/// whoever made it: both are erased here and not only forgotten by the reader.
#[derive(Debug, Clone)]
pub struct Document {
    account: Account,
    record: Option<Record>,
    state: State,
}

impl Document {
    /// The document of `account`.
    ///
    /// Texts in the state that came from outside are cut to what a document may hold.
    #[must_use]
    pub fn new(account: Account, record: Option<Record>, state: State) -> Self {
        let mut document = Self {
            account,
            record,
            state,
        };
        document.erase();
        document.shorten();
        document
    }

    /// The same document with another state.
    ///
    /// One that revokes erases keys, which makes another writing of the record, of the revision
    /// that `mint` gives: whoever has seen the keys has seen an earlier record.
    ///
    /// # Errors
    /// Those of `mint`.
    pub fn with_state(
        mut self,
        state: State,
        mint: impl FnOnce() -> Result<Revision, Trouble>,
    ) -> Result<Self, Trouble> {
        let revokes = state.status == Status::Revoked && self.state.status != Status::Revoked;
        if let (true, Some(record)) = (revokes, &mut self.record) {
            record.revision = mint()?;
        }
        Ok(Self::new(self.account, self.record, state))
    }

    /// Whose it is.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// What enrollment made.
    #[must_use]
    pub const fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// What logins changed.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The revision of the record.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.record
            .as_ref()
            .map_or(Revision::ABSENT, |record| record.revision)
    }

    /// The document as the flows see it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            record: self.record.clone(),
            state: self.state.clone(),
        }
    }

    /// Reads the document of `expected`.
    ///
    /// # Errors
    /// [`TroubleKind::Uid`] where it is another account's, [`TroubleKind::HostKey`] where a
    /// seal does not open, [`TroubleKind::StoreRead`] for everything that is not exactly the
    /// format. No error quotes the text.
    pub fn parse(text: &str, expected: &Account, seal: &dyn Seal) -> Result<Self, Trouble> {
        let owner = Self::owner(text)?;
        if owner.name != expected.name {
            return Err(Trouble::new(
                TroubleKind::Uid,
                "the document is another account's",
            ));
        }
        if owner.uid != expected.uid {
            let detail = format!("it is of uid {}, not of uid {}", owner.uid, expected.uid);
            return Err(Trouble::new(TroubleKind::Uid, detail));
        }
        written::read(text, owner, seal)
    }

    /// Whose document this is, from its first lines alone: `text` may end anywhere after them.
    ///
    /// # Errors
    /// [`TroubleKind::StoreRead`] where the first lines are not those of a document.
    pub fn owner(text: &str) -> Result<Account, Trouble> {
        written::read_owner(text)
    }

    /// The document as text, with new seals.
    ///
    /// # Errors
    /// Those of the seal, and [`TroubleKind::StoreWrite`] for a document that could not be read
    /// again: it is better not written.
    pub fn print(&self, seal: &dyn Seal) -> Result<String, Trouble> {
        written::write(self, &*seal.for_writing()?)
    }

    fn erase(&mut self) {
        match self.state.status {
            Status::Removed => self.record = None,
            Status::Revoked => {
                if let Some(record) = &mut self.record {
                    record.tokens.clear();
                    record.scratch.clear();
                }
            }
            Status::Never | Status::Invited | Status::Live | Status::Disabled | Status::Locked => {}
        }
    }

    /// A caller may name any remote host, of any length: that must not make the account's
    /// document unreadable, nor its login fail.
    fn shorten(&mut self) {
        let tallies = self.state.notices.tallies_mut();
        let told = tallies.map(|tally| &mut tally.from);
        let login = self
            .state
            .last_login
            .iter_mut()
            .map(|login| &mut login.from);
        for from in told.chain(login).flatten() {
            *from = from
                .chars()
                .filter(|c| !c.is_control())
                .take(MAX_FROM)
                .collect();
        }
    }
}

#[cfg(test)]
mod tests;
