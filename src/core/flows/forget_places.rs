//! Forgetting places: from everywhere a code is needed again.

use crate::event::{Ended, Event, Field, Severity, What};
use crate::ports::{Host, Store, Trouble};
use crate::username::Account;

/// Ends every remembered place of `account` and answers how many there were, with those whose time
/// was over anyway.
///
/// For the store's owner: the caller has checked that this process is the owner and acts for
/// nobody else.
///
/// # Errors
/// When the account cannot be read or written; nothing was changed.
pub fn forget_places(
    store: &dyn Store,
    host: &dyn Host,
    account: &Account,
) -> Result<usize, Trouble> {
    let mut count = 0;
    store.update(account, &mut |snapshot| {
        let mut next = snapshot.state.clone();
        count = next.remembered.kept().len();
        next.remembered.clear();
        (count > 0).then_some(next)
    })?;
    if count > 0 {
        host.log(
            &Event::new(Severity::Warning, What::ForgetPlaces)
                .word(Field::Result, Ended::Done)
                .text(Field::User, &account.name)
                .number(Field::Places, u64::try_from(count).unwrap_or(u64::MAX)),
        );
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;
    use crate::record::Status;
    use crate::testing::{FakeHost, MemoryStore, NOON, anna, record_of};

    #[test]
    fn all_places_are_forgotten_at_once_and_the_log_tells_how_many() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        let host = FakeHost::at(NOON);
        for address in ["192.0.2.4", "192.0.2.5"] {
            let place = Place::of("sshd", Some(address), 0).unwrap();
            if let Some(snapshot) = store.accounts.borrow_mut().get_mut("anna") {
                snapshot.state.remembered.remember(&place, 60, NOON);
            }
        }
        assert_eq!(forget_places(&store, &host, &anna()), Ok(2));
        assert!(store.load(&anna()).unwrap().state.remembered.is_empty());
        assert_eq!(
            *host.lines.borrow(),
            ["event=forget-places result=done user=anna places=2"]
        );
    }

    #[test]
    fn where_none_is_remembered_nothing_is_written() {
        let store = MemoryStore::with(record_of(anna()), Status::Live);
        let host = FakeHost::at(NOON);
        assert_eq!(forget_places(&store, &host, &anna()), Ok(0));
        assert_eq!(store.writes.get(), 0);
        assert!(host.lines.borrow().is_empty());
    }
}
