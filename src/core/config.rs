//! kapu.toml: every key, its default and its bounds.
//!
//! A new key is a field, its default in [`Config::default`] and one line in the `read` of its
//! section. How a file is walked and how its faults are worded is in `config/`.

mod error;
mod rules;
mod sections;
#[cfg(test)]
mod tests;

use crate::event::Word;
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::time::Duration;

pub use error::ConfigError;
use sections::{Document, Line, Names, Section};

use crate::date::Date;
use crate::messages::Language;
use crate::ports::UnixTime;
use crate::record::{Algorithm, CodeShape, MAX_RECOVERY_CODES, MovingFactor, Token};
use crate::rule::Rule;

/// Most bytes of the file.
pub const MAX_CONFIG_BYTES: usize = 64 * 1024;

/// Longest time for which a place is remembered: 90 days.
pub const MAX_REMEMBERING: Duration = Duration::from_secs(90 * 24 * 60 * 60);
const MAX_ISSUER: usize = 64;
const MAX_CONTACT: usize = 200;
const MAX_PROMPT: usize = 60;
const WINDOW: RangeInclusive<u8> = 1..=2;
const RECOVERY_CODES: RangeInclusive<usize> = 0..=MAX_RECOVERY_CODES;
const DIGITS: RangeInclusive<u8> = CodeShape::MIN_DIGITS..=CodeShape::MAX_DIGITS;
const PERIOD: RangeInclusive<u32> = CodeShape::MIN_PERIOD..=CodeShape::MAX_PERIOD;
const MAX_TOKENS: RangeInclusive<usize> = 1..=Token::MAX_COUNT;
const DISABLE_AFTER: RangeInclusive<u32> = 30..=300;
const MIN_LENGTH: RangeInclusive<usize> = 8..=64;
const MEMORY_KIB: RangeInclusive<u32> = 8_192..=1_048_576;
const PASSES: RangeInclusive<u32> = 1..=10;
const SIMULTANEOUS: RangeInclusive<usize> = 0..=64;

const LANGUAGES: &[(&str, Language)] = &[("en", Language::English), ("hu", Language::Hungarian)];
/// libpam writes the names of services in lower case (pam_start(3)).
const SERVICES: Names<'static> = Names {
    max: 16,
    longest: 64,
    what: "PAM services in lower case",
    allowed: &|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'),
};
const TIME_LIMIT: RangeInclusive<u32> = 120..=600;
const INVITATION_DAYS: RangeInclusive<u32> = 1..=30;
/// Most rules: each may cost a question to a directory service.
const MAX_RULES: usize = 64;

/// Where the password's verdict comes from (`[login] password`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMode {
    /// kapu's own password, hashed in the record.
    Own,
    /// The system's password, proven by the PAM service `kapu-password`.
    System,
    /// A module before us or an ssh key: we ask for the code alone.
    Elsewhere,
}

impl Word for PasswordMode {
    fn word(self) -> &'static str {
        Self::word(self)
    }
}

impl PasswordMode {
    /// Every mode.
    pub const ALL: [Self; 3] = [Self::Own, Self::System, Self::Elsewhere];

    /// Its word in the configuration, in the module's arguments and in the log.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::System => "system",
            Self::Elsewhere => "elsewhere",
        }
    }
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
    /// Whether everybody is told that Enter is enough without a code, while a device may be set
    /// up on the password.
    pub hint: bool,
}

/// `[login]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginConfig {
    /// Where the password's verdict comes from.
    pub password: PasswordMode,
    /// The services of sshd, which alone are believed that an ssh key was proven.
    pub sshd_services: Vec<String>,
    /// Steps before and after the present one whose codes are accepted: 1 or 2.
    pub window: u8,
    /// For how long Enter is enough at a place after a code was judged there: up to
    /// [`MAX_REMEMBERING`]; `None`: never.
    pub remember_place_for: Option<Duration>,
}

/// From when on a code is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Since ever.
    Always,
    /// From the first minute of this day, local time.
    From(Date),
}

/// `[rollout]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RolloutConfig {
    /// From when on a code is required of everybody.
    pub start: Start,
    /// The last day on which who never had a code may set one up on the password alone; `None`:
    /// [`ENROLL_DAYS`](crate::policy::ENROLL_DAYS) after the start, or never.
    pub enroll_until: Option<Date>,
}

/// `[enroll]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollConfig {
    /// Whether a device may be set up within a login.
    pub at_login: bool,
    /// The PAM services that can show a secret to the person who logs in, and to nobody else.
    pub services: Vec<String>,
    /// Seconds in which a login that sets up a device must end: 120 to 600.
    pub time_limit: u32,
    /// Days for which an invitation is good: 1 to 30.
    pub invitation_days: u32,
    /// How many recovery codes are offered: 0 (none) to [`MAX_RECOVERY_CODES`].
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
    /// Most hashes that the host computes at once: up to 64; `None` (written 0): as many as it
    /// has processor cores.
    pub simultaneous: Option<NonZeroUsize>,
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
    /// `[rollout]`
    pub rollout: RolloutConfig,
    /// `[enroll]`
    pub enroll: EnrollConfig,
    /// `[throttle]`
    pub throttle: ThrottleConfig,
    /// `[password]`
    pub password: PasswordConfig,
    /// `[store]`
    pub store: StoreConfig,
    /// `[[rule]]`, in the order of the file.
    pub rules: Vec<Rule>,
    /// When the file was last written; 0 where there is none. A clock that shows an earlier time
    /// is wrong.
    pub written: UnixTime,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            site: SiteConfig {
                issuer: None,
                contact: None,
            },
            texts: TextsConfig {
                language: Language::English,
                unicode: false,
                password_prompt: None,
                code_prompt: None,
                hint: true,
            },
            login: LoginConfig {
                password: PasswordMode::Own,
                sshd_services: ["sshd", "kapu-sshd", "kapu-sshd-key", "kapu-sshd-system"]
                    .map(str::to_owned)
                    .to_vec(),
                window: 1,
                remember_place_for: None,
            },
            rollout: RolloutConfig {
                start: Start::Always,
                enroll_until: None,
            },
            enroll: EnrollConfig {
                at_login: true,
                services: [
                    "sshd",
                    "kapu-sshd",
                    "kapu-sshd-key",
                    "kapu-sshd-system",
                    "login",
                ]
                .map(str::to_owned)
                .to_vec(),
                time_limit: 600,
                invitation_days: 5,
                recovery_codes: 10,
                shape: CodeShape::USUAL,
                max_tokens: 5,
            },
            throttle: ThrottleConfig { disable_after: 300 },
            password: PasswordConfig {
                min_length: 8,
                memory_kib: 19_456,
                passes: 2,
                simultaneous: None,
            },
            store: StoreConfig {
                path: "/var/lib/kapu/accounts".to_owned(),
                host_key: "/etc/kapu/host.key".to_owned(),
            },
            rules: Vec::new(),
            written: 0,
        }
    }
}

impl Config {
    /// Reads a whole kapu.toml; what it leaves out keeps its default.
    ///
    /// # Errors
    ///
    /// Everything that is not understood, because a setting that silently does nothing is worse
    /// than a refused login: broken TOML, unknown or repeated sections and keys, values of the
    /// wrong type or out of bounds, more than [`MAX_CONFIG_BYTES`]. The error never quotes a value.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut file = Document::parse(text)?;
        file.section("site", |section| config.site.read(section))?;
        file.section("texts", |section| config.texts.read(section))?;
        file.section("login", |section| config.login.read(section))?;
        file.section("rollout", |section| config.rollout.read(section))?;
        file.section("enroll", |section| config.enroll.read(section))?;
        file.section("throttle", |section| config.throttle.read(section))?;
        file.section("password", |section| config.password.read(section))?;
        file.section("store", |section| config.store.read(section))?;
        file.sections("rule", MAX_RULES, |section| {
            config.rules.push(rules::read(section)?);
            Ok(())
        })?;
        file.end()?;
        Ok(config)
    }
}

impl SiteConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        // The issuer stands in front of a colon in an otpauth URI.
        let issuer = Line {
            max: MAX_ISSUER,
            but: ", without ':'",
            allowed: &|text| !text.contains(':'),
        };
        let contact = Line {
            max: MAX_CONTACT,
            but: "",
            allowed: &|_| true,
        };
        section.text("issuer", &issuer, &mut self.issuer)?;
        section.text("contact", &contact, &mut self.contact)
    }
}

impl TextsConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        section.word("language", LANGUAGES, &mut self.language)?;
        section.flag("unicode", &mut self.unicode)?;
        section.flag("hint", &mut self.hint)?;
        // An ISO-8859-1 client of OpenSSH hangs up at any other byte.
        let prompt = Line {
            max: MAX_PROMPT,
            but: ", all of them ASCII unless [texts] unicode = true",
            allowed: &|text| self.unicode || text.is_ascii(),
        };
        section.text("password-prompt", &prompt, &mut self.password_prompt)?;
        section.text("code-prompt", &prompt, &mut self.code_prompt)?;
        if self.code_prompt.is_some() && self.code_prompt == self.password_prompt {
            return Err(section.fault("code-prompt", "another text than that of password-prompt"));
        }
        Ok(())
    }
}

impl LoginConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        let modes = PasswordMode::ALL.map(|mode| (mode.word(), mode));
        section.word("password", &modes, &mut self.password)?;
        section.names("sshd-services", &SERVICES, &mut self.sshd_services)?;
        section.number("window", WINDOW, &mut self.window)?;
        section.duration(
            "remember-place-for",
            MAX_REMEMBERING,
            &mut self.remember_place_for,
        )
    }
}

impl RolloutConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        section.start("code-required-from", &mut self.start)?;
        section.date("enroll-until", &mut self.enroll_until)
    }
}

impl EnrollConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        let algorithms = Algorithm::ALL.map(|algorithm| (algorithm.word(), algorithm));
        section.flag("at-login", &mut self.at_login)?;
        section.names("services", &SERVICES, &mut self.services)?;
        section.number("time-limit", TIME_LIMIT, &mut self.time_limit)?;
        section.number(
            "invitation-valid",
            INVITATION_DAYS,
            &mut self.invitation_days,
        )?;
        section.number("recovery-codes", RECOVERY_CODES, &mut self.recovery_codes)?;
        section.word("algorithm", &algorithms, &mut self.shape.algorithm)?;
        section.number("digits", DIGITS, &mut self.shape.digits)?;
        let mut period = CodeShape::USUAL_PERIOD;
        section.number("period", PERIOD, &mut period)?;
        self.shape.moving = MovingFactor::Time { period };
        section.number("max-tokens", MAX_TOKENS, &mut self.max_tokens)
    }
}

impl ThrottleConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        section.number("disable-after", DISABLE_AFTER, &mut self.disable_after)
    }
}

impl PasswordConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        section.number("min-length", MIN_LENGTH, &mut self.min_length)?;
        section.number("memory-kib", MEMORY_KIB, &mut self.memory_kib)?;
        section.number("passes", PASSES, &mut self.passes)?;
        let mut simultaneous = self.simultaneous.map_or(0, NonZeroUsize::get);
        section.number("simultaneous", SIMULTANEOUS, &mut simultaneous)?;
        self.simultaneous = NonZeroUsize::new(simultaneous);
        Ok(())
    }
}

impl StoreConfig {
    fn read(&mut self, section: &mut Section<'_>) -> Result<(), ConfigError> {
        section.absolute_path("path", &mut self.path)?;
        section.absolute_path("host-key", &mut self.host_key)
    }
}
