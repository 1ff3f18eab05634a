//! PAM's return codes (`_pam_types.h`): their names, and what each says of a password.

use std::ffi::c_int;
use std::fmt;

/// What a function of libpam returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(pub(super) c_int);

impl Code {
    pub(super) const SUCCESS: Self = Self(0);
    const PERM_DENIED: Self = Self(6);
    const AUTH_ERR: Self = Self(7);
    const USER_UNKNOWN: Self = Self(10);
    const MAXTRIES: Self = Self(11);
    const NEW_AUTHTOK_REQD: Self = Self(12);
    const ACCT_EXPIRED: Self = Self(13);
    const CRED_UNAVAIL: Self = Self(15);
    const CRED_EXPIRED: Self = Self(16);
    const CRED_ERR: Self = Self(17);
    const AUTHTOK_EXPIRED: Self = Self(27);
    pub(super) const CONV_ERR: Self = Self(19);

    /// Whether the stack worked and turned this person down. Every other failure means that the
    /// stack does not work, for whoever comes.
    ///
    /// An expired password or account counts as turned down although the password may be right:
    /// as a trouble it would get another PAM code than a wrong password, and so tell a guesser
    /// that the guess was good. For the same reason PAM_NEW_AUTHTOK_REQD is no proof; whether
    /// a password must be changed is asked of the account rules of the calling service.
    /// PAM_CRED_INSUFFICIENT is not in the list: pam_authenticate(3) means the *process* by it,
    /// which may not read what it needs.
    pub(super) fn turns_the_person_down(self) -> bool {
        [
            Self::PERM_DENIED,
            Self::AUTH_ERR,
            Self::USER_UNKNOWN,
            Self::MAXTRIES,
            Self::NEW_AUTHTOK_REQD,
            Self::ACCT_EXPIRED,
            Self::CRED_UNAVAIL,
            Self::CRED_EXPIRED,
            Self::CRED_ERR,
            Self::AUTHTOK_EXPIRED,
        ]
        .contains(&self)
    }
}

/// The names of the codes, each at its number. Unlike pam_strerror(3) they do not depend on the
/// locale, and they are the words of the manual pages.
const NAMES: [&str; 32] = [
    "PAM_SUCCESS",
    "PAM_OPEN_ERR",
    "PAM_SYMBOL_ERR",
    "PAM_SERVICE_ERR",
    "PAM_SYSTEM_ERR",
    "PAM_BUF_ERR",
    "PAM_PERM_DENIED",
    "PAM_AUTH_ERR",
    "PAM_CRED_INSUFFICIENT",
    "PAM_AUTHINFO_UNAVAIL",
    "PAM_USER_UNKNOWN",
    "PAM_MAXTRIES",
    "PAM_NEW_AUTHTOK_REQD",
    "PAM_ACCT_EXPIRED",
    "PAM_SESSION_ERR",
    "PAM_CRED_UNAVAIL",
    "PAM_CRED_EXPIRED",
    "PAM_CRED_ERR",
    "PAM_NO_MODULE_DATA",
    "PAM_CONV_ERR",
    "PAM_AUTHTOK_ERR",
    "PAM_AUTHTOK_RECOVERY_ERR",
    "PAM_AUTHTOK_LOCK_BUSY",
    "PAM_AUTHTOK_DISABLE_AGING",
    "PAM_TRY_AGAIN",
    "PAM_IGNORE",
    "PAM_ABORT",
    "PAM_AUTHTOK_EXPIRED",
    "PAM_MODULE_UNKNOWN",
    "PAM_BAD_ITEM",
    "PAM_CONV_AGAIN",
    "PAM_INCOMPLETE",
];

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = usize::try_from(self.0)
            .ok()
            .and_then(|number| NAMES.get(number));
        match name {
            Some(name) => formatter.write_str(name),
            None => write!(formatter, "PAM code {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All codes there are, and some that there are not.
    fn codes() -> impl Iterator<Item = Code> {
        (-3..50).map(Code)
    }

    #[test]
    fn names_stand_at_the_numbers_of_the_header() {
        assert_eq!(Code::AUTH_ERR.to_string(), "PAM_AUTH_ERR");
        assert_eq!(Code::CONV_ERR.to_string(), "PAM_CONV_ERR");
        assert_eq!(Code(31).to_string(), "PAM_INCOMPLETE");
        assert_eq!(Code(32).to_string(), "PAM code 32");
        assert_eq!(Code(-1).to_string(), "PAM code -1");
    }

    #[test]
    fn a_stack_that_does_not_work_turns_nobody_down() {
        let down: Vec<String> = codes()
            .filter(|code| code.turns_the_person_down())
            .map(|code| code.to_string())
            .collect();
        assert_eq!(
            down,
            [
                "PAM_PERM_DENIED",
                "PAM_AUTH_ERR",
                "PAM_USER_UNKNOWN",
                "PAM_MAXTRIES",
                "PAM_NEW_AUTHTOK_REQD",
                "PAM_ACCT_EXPIRED",
                "PAM_CRED_UNAVAIL",
                "PAM_CRED_EXPIRED",
                "PAM_CRED_ERR",
                "PAM_AUTHTOK_EXPIRED",
            ]
        );
    }
}
