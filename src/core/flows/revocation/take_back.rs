//! An account that was set up on the password alone is taken back: whoever did it has the revocation
//! code too, so a revocation would leave them a way in.

use crate::ports::{Replaced, Snapshot, Store, Trouble};
use crate::record::{Record, Status};
use crate::username::Account;

/// Erases all that `found` holds of the account, but for its name: only an invitation opens it then. A
/// locked account stays locked, and is that once it is unlocked. Answers whether it was done: not where
/// somebody else changed the record meanwhile.
///
/// # Errors
/// When the account cannot be read or written; what was erased stays so.
pub(super) fn take_back(
    store: &dyn Store,
    account: &Account,
    found: &Snapshot,
    record: &Record,
) -> Result<bool, Trouble> {
    let emptied = Record {
        password: None,
        tokens: Vec::new(),
        revocation: None,
        recovery: Vec::new(),
        scratch: Vec::new(),
        invitation: None,
        on_password_alone: None,
        ..record.clone()
    };
    let replaced = if found.state.status == Status::Locked {
        // First what it is to be once it is unlocked: at no moment can unlocking open it.
        store.update(account, &mut |latest| {
            let is_locked = latest.state.status == Status::Locked;
            is_locked.then(|| {
                let mut next = latest.state.clone();
                next.locked_from = Some(Status::Invited);
                next
            })
        })?;
        store.amend(account, found.revision(), &emptied)?
    } else {
        store.replace(account, found.revision(), &emptied, Status::Invited)?
    };
    Ok(replaced == Replaced::Done)
}
