//! kapu.toml: every key, its default and its bounds.

use crate::messages::Language;
use crate::record::CodeShape;

/// Where the password's verdict comes from (`[login] password`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMode {
    /// kapu's own password, hashed in the record.
    Own,
}

/// `[site]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteConfig {
    /// The name that apps and texts show for this host; `None`: the host name up to its first dot.
    pub issuer: Option<String>,
    /// Whom to ask, shown in texts.
    pub contact: Option<String>,
}

/// `[texts]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextsConfig {
    /// Language of the login dialog.
    pub language: Language,
    /// Whether a login dialog may hold letters outside ASCII.
    pub unicode: bool,
    /// In place of `Password: `.
    pub password_prompt: Option<String>,
    /// In place of `Verification code: `.
    pub code_prompt: Option<String>,
}

/// `[login]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginConfig {
    /// Where the password's verdict comes from.
    pub password: PasswordMode,
    /// Steps before and after the present one whose codes are accepted: 1 or 2.
    pub window: u8,
}

/// `[enroll]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollConfig {
    /// How many recovery codes are offered: 0 (none) to [`MAX_RECOVERY_CODES`](crate::record::MAX_RECOVERY_CODES).
    pub recovery_codes: usize,
    /// How the codes of new tokens are made.
    pub shape: CodeShape,
    /// Most tokens of one account: 1 to [`Token::MAX_COUNT`](crate::record::Token::MAX_COUNT).
    pub max_tokens: usize,
}

/// `[throttle]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThrottleConfig {
    /// Units of wrong codes at which the tokens are switched off: 30 to 300.
    pub disable_after: u32,
}

/// `[password]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordConfig {
    /// Fewest characters of a new password: 8 to 64.
    pub min_length: usize,
    /// Argon2id memory in KiB: 8192 to 1048576.
    pub memory_kib: u32,
    /// Argon2id passes: 1 to 10.
    pub passes: u32,
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    /// Directory of the accounts; absolute.
    pub path: String,
    /// File of the host key; absolute.
    pub host_key: String,
}

/// The whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `[site]`
    pub site: SiteConfig,
    /// `[texts]`
    pub texts: TextsConfig,
    /// `[login]`
    pub login: LoginConfig,
    /// `[enroll]`
    pub enroll: EnrollConfig,
    /// `[throttle]`
    pub throttle: ThrottleConfig,
    /// `[password]`
    pub password: PasswordConfig,
    /// `[store]`
    pub store: StoreConfig,
}
