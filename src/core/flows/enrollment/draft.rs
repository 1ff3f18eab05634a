//! The record that an enrollment will store.

use crate::id::Id;
use crate::paper::PaperHash;
use crate::ports::{Host, Snapshot, Trouble};
use crate::record::{PasswordHash, Record, Revision, Status, Token};
use crate::username::Account;
use crate::verdict::Ground;

use super::NewToken;

/// What an enrollment made.
pub(super) struct Parts {
    /// A new password, or `None` to keep the one there is.
    pub(super) password: Option<PasswordHash>,
    /// The new token.
    pub(super) token: Token,
    /// Whether it [`joins`] others.
    pub(super) joins: bool,
    /// A new revocation code, or `None` to keep the one there is.
    pub(super) revocation: Option<PaperHash>,
    /// What it rests on.
    pub(super) ground: Ground,
}

/// Whether a new token joins others that work. The first one does not, nor one after a revocation,
/// which comes with a new revocation code.
pub(super) fn joins(new: &NewToken<'_>, snapshot: &Snapshot) -> bool {
    let works = matches!(snapshot.state.status, Status::Live | Status::Disabled);
    let has_tokens = |record: &Record| !record.tokens.is_empty();
    works && !new.replaces && snapshot.record.as_ref().is_some_and(has_tokens)
}

/// The record with `parts` in it; the store gives it its revision. Whatever is not replaced stays: the id of the record, a
/// password, other tokens. An invitation is used up.
pub(super) fn compose(
    host: &dyn Host,
    account: &Account,
    old: Option<&Record>,
    parts: Parts,
) -> Result<Record, Trouble> {
    let now = host.now();
    let mut record = match old {
        Some(old) => old.clone(),
        None => blank(Id::mint(host)?, account, now),
    };
    record.invitation = None;
    if let Some(password) = parts.password {
        record.set_password(password, now);
    }
    if !parts.joins {
        record.tokens.clear();
        record.recovery.clear();
        record.scratch.clear();
    }
    record.tokens.push(parts.token);
    match parts.ground {
        Ground::Password => record.on_password_alone = Some(now),
        // The revocation code is of whoever set up the first device.
        Ground::RevocationCode => {}
        Ground::Owner | Ground::Key | Ground::Invitation => record.on_password_alone = None,
    }
    if let Some(revocation) = parts.revocation {
        record.revocation = Some(revocation);
        record.revocation_since = now;
    }
    Ok(record)
}

/// A record with nothing in it yet.
pub(in crate::flows) fn blank(id: Id, account: &Account, now: u64) -> Record {
    Record {
        id,
        revision: Revision::ABSENT,
        account: account.clone(),
        created: now,
        password: None,
        password_since: 0,
        password_expired: false,
        tokens: Vec::new(),
        revocation: None,
        revocation_since: 0,
        recovery: Vec::new(),
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
    }
}
