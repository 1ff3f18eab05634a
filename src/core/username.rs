//! Names of accounts: the one canonical name, and the file name made of it.

/// One account of the host, by the name that the account database returned.
///
/// PAM_USER is only how somebody typed it: `ROOT`, `anna@corp` and `anna` may all be one account,
/// and everything is keyed by the name in the answer of getpwnam(3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `pw_name`.
    pub name: String,
    /// `pw_uid`. A record is good for one uid only.
    pub uid: u32,
}
