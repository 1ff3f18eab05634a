//! The password where somebody else decides: an earlier module, or an ssh key.

use kapu_core::ports::{Passwords, Proof, Trouble, TroubleKind};
use kapu_core::record::PasswordHash;
use kapu_core::secret::Secret;
use kapu_core::verdict::Login;

/// What is known of the first factor, for `password = "elsewhere"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elsewhere {
    /// Nothing: an earlier module of the stack may have refused, and we would not know.
    Unproven,
    /// sshd has checked an ssh key of the account.
    SshKey,
}

impl Passwords for Elsewhere {
    fn verify(
        &self,
        _login: &Login,
        _hash: Option<&PasswordHash>,
        _typed: &Secret,
    ) -> Result<Proof, Trouble> {
        Ok(match self {
            Self::Unproven => Proof::Elsewhere,
            Self::SshKey => Proof::Key,
        })
    }

    fn hash(&self, _password: &Secret) -> Result<PasswordHash, Trouble> {
        let detail = "[login] password = \"elsewhere\": kapu keeps no passwords here";
        Err(Trouble::new(TroubleKind::Config, detail))
    }

    fn stale(&self, _hash: &PasswordHash) -> bool {
        false
    }
}
