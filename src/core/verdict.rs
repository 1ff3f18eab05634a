//! One login: who asks, from where, and the one outcome it has.

use crate::event::words;
use crate::place::Place;
use crate::ports::{Trouble, UnixTime};
use crate::record::{Record, Revision};
use crate::username::Account;

/// What the account database said of the name that was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An account of this host.
    Known(Account),
    /// No such account; the dialog goes on as if there were one.
    Unknown,
    /// The database did not answer.
    Unresolved(Trouble),
}

/// One login as the caller describes it. Every text here came from outside.
#[derive(Debug, Clone)]
pub struct Login {
    /// PAM_USER, as typed.
    pub typed_user: String,
    /// Who that is.
    pub who: Who,
    /// PAM_SERVICE.
    pub service: String,
    /// PAM_RHOST.
    pub rhost: Option<String>,
    /// PAM_TTY.
    pub tty: Option<String>,
    /// PAM_RUSER.
    pub ruser: Option<String>,
    /// Where it comes from, if that can be remembered.
    pub place: Option<Place>,
}

impl Login {
    /// The account, where there is one.
    #[must_use]
    pub const fn account(&self) -> Option<&Account> {
        match &self.who {
            Who::Known(account) => Some(account),
            Who::Unknown | Who::Unresolved(_) => None,
        }
    }
}

words! {
    /// Why a login is refused. One text and one PAM code for all of them; only the log tells.
    pub enum Refusal {
        /// No such account.
        UnknownUser = "unknown-user",
        /// The account has no token, and a code is required.
        NotEnrolled = "not-enrolled",
        /// The account waits for its invitation.
        Invited = "invited",
        /// An invitation that is not this account's, was used, or is no longer good.
        Invitation = "invitation",
        /// The account was removed by the administrator.
        Removed = "removed",
        /// The account was locked by the administrator.
        Locked = "locked",
        /// The tokens are switched off after too many wrong codes.
        Disabled = "disabled",
        /// The tokens were revoked earlier, and no revocation code came.
        Revoked = "revoked",
        /// The tokens were revoked just now, by this login, and no new one can be set up in it.
        RevokedNow = "revoked-now",
        /// A device must be set up first, and cannot be within this login.
        SetUpFirst = "set-up-first",
        /// The password is wrong.
        Password = "password",
        /// The code is wrong.
        Code = "code",
        /// The code was used before, or is older than one that was.
        Replay = "replay",
        /// No code is compared at present.
        Throttled = "throttled",
        /// What was typed cannot be a code.
        NotACode = "not-a-code",
        /// What was typed is a paper code with a typing error.
        PaperTypo = "paper-typo",
        /// A well-formed paper code that is not this account's, or is spent.
        PaperCode = "paper-code",
    }
}

/// The one outcome of a login. It starts as a refusal and only `judge` makes it anything else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verdict {
    /// Password and code are right, and the step is durably spent.
    Accept,
    /// Somebody is not who they say, as far as we can tell.
    Refuse(Refusal),
    /// Something of ours does not work.
    Unavailable(Trouble),
    /// Policy says that this login is not ours to decide.
    NotOurs,
}

words! {
    /// What the right to enroll rests on.
    pub enum Ground {
        /// This process owns the store.
        Owner = "owner",
        /// The password alone, of an account that never had a code.
        Password = "password",
        /// An ssh key.
        Key = "ssh-key",
        /// The password and the revocation code.
        RevocationCode = "revocation-code",
        /// An invitation.
        Invitation = "invitation",
    }
}

/// The right to enroll this account, on this record. Only a judgement or the store's owner makes
/// one, and the enrollment uses it up, so a thief of the password cannot come by one.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Permit {
    account: Account,
    revision: Revision,
    granted: UnixTime,
    ground: Ground,
    unfinished: Option<UnixTime>,
}

impl Permit {
    /// The store's owner enrolls whom they like: the caller has checked that this process is the
    /// owner and acts for nobody else.
    pub fn of_store_owner(account: Account, record: Option<&Record>, granted: UnixTime) -> Self {
        let revision = record.map_or(Revision::ABSENT, |record| record.revision);
        Self {
            account,
            revision,
            granted,
            ground: Ground::Owner,
            unfinished: None,
        }
    }

    /// What a login has proven, on the record of `revision`.
    pub(crate) fn of_judgement(
        account: Account,
        revision: Revision,
        granted: UnixTime,
        ground: Ground,
    ) -> Self {
        Self {
            account,
            revision,
            granted,
            ground,
            unfinished: None,
        }
    }

    /// The same right after an enrollment that was begun then and not finished.
    pub(crate) fn after(self, unfinished: Option<UnixTime>) -> Self {
        Self { unfinished, ..self }
    }

    /// When an enrollment before this one was begun that was not finished.
    #[must_use]
    pub const fn unfinished(&self) -> Option<UnixTime> {
        self.unfinished
    }

    /// The same right on the record as the judgement itself has written it.
    pub(crate) fn on(self, revision: Revision) -> Self {
        Self { revision, ..self }
    }

    /// What it rests on.
    #[must_use]
    pub const fn ground(&self) -> Ground {
        self.ground
    }

    /// Whom it lets enroll.
    #[must_use]
    pub const fn account(&self) -> &Account {
        &self.account
    }

    /// The record it was granted for.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        self.revision
    }

    /// When it was granted.
    #[must_use]
    pub const fn granted(&self) -> UnixTime {
        self.granted
    }
}
