//! Is a code required of this login, and by which numbers is it judged?

use crate::config::Config;
use crate::verdict::Login;

/// Whether this login needs a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// Password and code.
    Code,
}

/// The rules of one login, worked out from the configuration before anything is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Whether a code is required.
    pub requirement: Requirement,
    /// Steps before and after the present one whose codes are accepted.
    pub window: u8,
    /// Units of wrong codes at which the tokens are switched off.
    pub disable_after: u32,
}

impl Policy {
    /// The policy for `login`.
    #[must_use]
    pub const fn of(config: &Config, _login: &Login) -> Self {
        Self {
            requirement: Requirement::Code,
            window: config.login.window,
            disable_after: config.throttle.disable_after,
        }
    }
}
