//! Everybody at a glance, for `kapu list`: who is stored, and who could log in and is not.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::document::Document;
use crate::ports::{Trouble, UnixTime};
use crate::record::{Record, Status};
use crate::username::Account;
use crate::verdict::Who;

/// What the host says of an account that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It is an account of this host.
    Present,
    /// There is no account of that name any more.
    Gone,
    /// The name belongs to another uid today: every login is refused as unavailable.
    OtherUid,
    /// The account database did not answer.
    Unknown,
}

impl Presence {
    fn of(stored: &Account, who: &Who) -> Self {
        match who {
            Who::Known(account) if account.uid == stored.uid => Self::Present,
            Who::Known(_) => Self::OtherUid,
            Who::Unknown => Self::Gone,
            Who::Unresolved(_) => Self::Unknown,
        }
    }
}

/// One account as `kapu list --json` prints it. Times are seconds since 1970 (UTC).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// The account's name; of a document that cannot be read, what its directory calls it.
    pub user: String,
    /// Its uid, where that is known.
    pub uid: Option<u32>,
    /// Where it stands, unless its document cannot be read.
    pub status: Option<Status>,
    /// What the host says of it.
    pub account: Presence,
    /// Whether a login over ssh from anywhere needs a code: `required`, `exempt`, or the day from which
    /// on (2027-01-16) who has no device needs one. Not known of an account that is gone.
    pub code: Option<String>,
    /// Authenticators.
    pub devices: usize,
    /// How many of them are counter-based.
    pub counter_based: usize,
    /// The last good login.
    pub last_login: Option<UnixTime>,
    /// When its invitation ends, where it has one.
    pub invited_until: Option<UnixTime>,
    /// Until when it is young ([`Record::young_until`](crate::record::Record::young_until)), where it was set up on the password alone.
    pub young_until: Option<UnixTime>,
    /// Why its document cannot be read.
    pub error: Option<String>,
    /// Whether it has a document.
    #[serde(skip)]
    pub is_stored: bool,
    /// Whether kapu keeps a password for it.
    #[serde(skip)]
    pub has_password: bool,
}

impl Entry {
    /// Whether a device has still to be set up. Of a document that cannot be read nobody knows.
    #[must_use]
    pub const fn is_unenrolled(&self) -> bool {
        matches!(
            self.status,
            None | Some(Status::Never | Status::Invited | Status::Revoked)
        )
    }

    /// Whether it is an account of this host that an invitation would help: without a device that
    /// works, and neither locked nor removed.
    #[must_use]
    pub fn can_be_invited(&self) -> bool {
        let is_ours = self.account == Presence::Present && self.error.is_none();
        let lacks = matches!(
            self.status,
            Some(Status::Never | Status::Invited | Status::Revoked)
        );
        is_ours && lacks
    }

    /// Whether password and code can get in.
    #[must_use]
    pub fn is_enrolled(&self) -> bool {
        self.status == Some(Status::Live)
    }
}

/// A list in the making.
#[derive(Debug, Default)]
pub struct Listing(BTreeMap<String, Entry>);

impl Listing {
    /// Adds an account that is stored; `who` is what the host says of its name.
    pub fn add_stored(&mut self, document: &Document, who: &Who, now: UnixTime) {
        let (account, state) = (document.account(), document.state());
        let record = document.record();
        let invitation = record.and_then(|record| record.invitation.as_ref());
        self.add(Entry {
            user: account.name.clone(),
            uid: Some(account.uid),
            status: Some(state.status),
            account: Presence::of(account, who),
            code: None,
            devices: record.map_or(0, |record| record.tokens.len()),
            counter_based: record.map_or(0, Record::counter_based),
            last_login: state.last_login.as_ref().map(|login| login.at),
            invited_until: invitation.map(|invitation| invitation.until),
            young_until: record.and_then(|record| record.young_until(now)),
            error: None,
            is_stored: true,
            has_password: record.is_some_and(|record| record.password.is_some()),
        });
    }

    /// Adds a directory of the store, called by an encoded name and a uid, whose document cannot
    /// be read.
    pub fn add_unreadable(&mut self, directory: &str, trouble: &Trouble) {
        let (name, uid) = directory.rsplit_once('.').unwrap_or((directory, ""));
        self.add(Entry {
            user: name.to_owned(),
            uid: uid.parse().ok(),
            status: None,
            account: Presence::Unknown,
            code: None,
            devices: 0,
            counter_based: 0,
            last_login: None,
            invited_until: None,
            young_until: None,
            error: Some(trouble.to_string()),
            is_stored: true,
            has_password: false,
        });
    }

    /// Adds an account that can log in to this host, after all that is stored: one that is
    /// stored stays what it is.
    pub fn add_host_account(&mut self, account: &Account) {
        let directory = account.directory_name();
        let is_spoilt = |entry: &Entry| entry.error.is_some();
        let error = if self.0.get(&directory).is_some_and(is_spoilt) {
            self.0.remove(&directory).and_then(|entry| entry.error)
        } else if self.0.contains_key(&account.name) {
            return;
        } else {
            None
        };
        self.add(Entry {
            user: account.name.clone(),
            uid: Some(account.uid),
            status: error.is_none().then_some(Status::Never),
            account: Presence::Present,
            code: None,
            devices: 0,
            counter_based: 0,
            last_login: None,
            invited_until: None,
            young_until: None,
            is_stored: error.is_some(),
            has_password: false,
            error,
        });
    }

    /// The accounts by their names.
    #[must_use]
    pub fn entries(self) -> Vec<Entry> {
        self.0.into_values().collect()
    }

    fn add(&mut self, entry: Entry) {
        self.0.insert(entry.user.clone(), entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::TroubleKind;
    use crate::state::{LastLogin, State};
    use crate::testing::{NOON, record_of};

    fn account(name: &str, uid: u32) -> Account {
        let name = name.to_owned();
        Account { name, uid }
    }

    fn live(name: &str, uid: u32) -> Document {
        let account = account(name, uid);
        let mut state = State::new(Status::Live);
        state.last_login = Some(LastLogin {
            at: NOON,
            from: None,
        });
        Document::new(account.clone(), Some(record_of(account)), state)
    }

    fn unreadable() -> Trouble {
        Trouble::new(TroubleKind::StoreRead, "bad document")
    }

    #[test]
    fn stored_and_host_accounts_stand_once_each_and_sorted() {
        let mut list = Listing::default();
        let anna = account("anna", 1000);
        list.add_stored(
            &live("cecil", 1002),
            &Who::Known(account("cecil", 1002)),
            NOON,
        );
        list.add_stored(&live("anna", 1000), &Who::Known(anna.clone()), NOON);
        for known in [anna, account("bela", 1001)] {
            list.add_host_account(&known);
        }
        let entries = list.entries();
        let names: Vec<_> = entries.iter().map(|entry| entry.user.as_str()).collect();
        assert_eq!(names, ["anna", "bela", "cecil"]);
        assert_eq!((entries[0].devices, entries[0].last_login), (1, Some(NOON)));
        let open: Vec<_> = entries.iter().map(Entry::is_unenrolled).collect();
        assert_eq!(open, [false, true, false]);
    }

    #[test]
    fn an_account_that_the_host_knows_no_more_or_by_another_uid_shows_as_that() {
        let unresolved = Who::Unresolved(unreadable());
        for (who, expected) in [
            (Who::Known(account("anna", 1000)), Presence::Present),
            (Who::Known(account("anna", 1001)), Presence::OtherUid),
            (Who::Unknown, Presence::Gone),
            (unresolved, Presence::Unknown),
        ] {
            let mut list = Listing::default();
            list.add_stored(&live("anna", 1000), &who, NOON);
            assert_eq!(list.entries()[0].account, expected);
        }
    }

    #[test]
    fn an_account_that_was_set_up_on_the_password_alone_shows_as_that_for_a_week() {
        let mut record = record_of(account("anna", 1000));
        record.on_password_alone = Some(NOON);
        let state = State::new(Status::Live);
        let document = Document::new(account("anna", 1000), Some(record), state);
        let until = NOON + crate::record::Record::YOUNG;
        for (now, expected) in [(NOON, Some(until)), (until, None)] {
            let mut list = Listing::default();
            list.add_stored(&document, &Who::Unknown, now);
            assert_eq!(list.entries()[0].young_until, expected);
        }
    }

    #[test]
    fn a_document_that_cannot_be_read_is_never_shown_as_not_enrolled() {
        let mut list = Listing::default();
        list.add_unreadable("anna%40corp.1000", &unreadable());
        list.add_host_account(&account("anna@corp", 1000));
        let entries = list.entries();
        assert_eq!(entries.len(), 1);
        assert_eq!(
            (entries[0].user.as_str(), entries[0].status),
            ("anna@corp", None)
        );
        assert!(entries[0].error.is_some());
    }

    #[test]
    fn a_name_that_reads_like_the_directory_of_another_is_another() {
        let mut list = Listing::default();
        list.add_stored(&live("anna%40corp", 1000), &Who::Unknown, NOON);
        list.add_host_account(&account("anna@corp", 1001));
        assert_eq!(list.entries().len(), 2);
    }
}
