//! How an authenticator makes its codes.

/// The hash function under HMAC in a code (RFC 6238 section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC-SHA-1: what every authenticator app computes.
    Sha1,
    /// HMAC-SHA-256: ignored by several apps, which then show wrong codes.
    Sha256,
    /// HMAC-SHA-512: likewise.
    Sha512,
}

impl Algorithm {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Sha1, Self::Sha256, Self::Sha512];

    /// The name in documents, in the configuration and in an otpauth URI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.word() == word)
    }
}

/// What an authenticator goes on by from one code to the next (RFC 4226 section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MovingFactor {
    /// Time: TOTP (RFC 6238).
    Time {
        /// Seconds of a step.
        period: u32,
    },
    /// How many codes there have been: HOTP (RFC 4226).
    Counter,
}

impl MovingFactor {
    /// The word in documents, in scripts, in reports and in an otpauth URI.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Time { .. } => "totp",
            Self::Counter => "hotp",
        }
    }
}

/// How an authenticator makes its codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeShape {
    /// The hash function.
    pub algorithm: Algorithm,
    /// Digits of a code: 6, 7 or 8.
    pub digits: u8,
    /// What goes on from one code to the next.
    pub moving: MovingFactor,
}

impl CodeShape {
    /// What every app can do: SHA-1, six digits, 30 seconds.
    pub const USUAL: Self = Self {
        algorithm: Algorithm::Sha1,
        digits: 6,
        moving: MovingFactor::Time {
            period: Self::USUAL_PERIOD,
        },
    };
    /// Seconds of the step that every app knows.
    pub const USUAL_PERIOD: u32 = 30;
    /// Fewest digits of a code (RFC 4226 section 5.3).
    pub const MIN_DIGITS: u8 = 6;
    /// Most digits of a code.
    pub const MAX_DIGITS: u8 = 8;
    /// Shortest step in seconds.
    pub const MIN_PERIOD: u32 = 15;
    /// Longest step in seconds (NIST SP 800-63B-4 section 3.1.4.1: at most two minutes).
    pub const MAX_PERIOD: u32 = 120;

    /// Whether every app can do it: what is [usual](Self::USUAL), but for the moving factor.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        let usual = Self::USUAL;
        let moves = match self.moving {
            MovingFactor::Time { .. } => self.moving == usual.moving,
            MovingFactor::Counter => true,
        };
        moves && (self.algorithm, self.digits) == (usual.algorithm, usual.digits)
    }

    /// Whether every number is within its bounds.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let moves = match self.moving {
            MovingFactor::Time { period } => {
                (Self::MIN_PERIOD..=Self::MAX_PERIOD).contains(&period)
            }
            MovingFactor::Counter => true,
        };
        moves && (Self::MIN_DIGITS..=Self::MAX_DIGITS).contains(&self.digits)
    }
}
