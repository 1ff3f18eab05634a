//! The document of `kapu enroll --from` and `kapu passwd --from`: what a script says instead of a person.

use std::fmt;
use std::ops::Range;

use kapu_core::otpauth;
use kapu_core::record::{Algorithm, CodeShape, MAX_KEY_BYTES, MIN_KEY_BYTES, ScratchCode, Token};
use kapu_core::secret::Secret;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Longest document, in bytes.
pub(crate) const MAX_SCRIPT: usize = 16 * 1024;

/// What a script gives; what it leaves out is `None`.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// The password.
    pub(crate) password: Option<Secret>,
    /// The key.
    pub(crate) key: Option<Secret>,
    /// What to call the device.
    pub(crate) token: Option<String>,
    /// The hash function of the codes.
    pub(crate) algorithm: Option<Algorithm>,
    /// Digits of a code.
    pub(crate) digits: Option<u8>,
    /// Seconds of a step.
    pub(crate) period: Option<u32>,
    /// Whether the codes go on with a counter.
    pub(crate) hotp: bool,
    /// The counter of the next code.
    pub(crate) counter: Option<u64>,
    /// Codes that stand in for one of the app, from another module.
    pub(crate) scratch: Vec<Secret>,
}

/// What is wrong with a script. It never holds a value: one may be a password in the wrong place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ScriptError {
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The key, where it is one of ours.
    pub(crate) key: Option<&'static str>,
    /// What should stand there.
    pub(crate) expected: String,
}

impl fmt::Display for ScriptError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: ", self.line)?;
        if let Some(key) = self.key {
            write!(formatter, "{key}: ")?;
        }
        write!(formatter, "expected {}", self.expected)
    }
}

/// The keys that the script of a new password may hold.
pub(crate) const PASSWORD: [&str; 1] = ["password"];
/// The keys that the script of an enrollment may hold.
pub(crate) const ENROLLMENT: [&str; 9] = [
    "password",
    "secret",
    "token",
    "algorithm",
    "digits",
    "period",
    "type",
    "counter",
    "scratch-codes",
];
/// Greatest counter: what TOML has numbers for.
const MAX_COUNTER: u64 = i64::MAX as u64;

/// Reads a script that may hold these `keys`.
pub(crate) fn parse(text: &str, keys: &[&'static str]) -> Result<Script, ScriptError> {
    let error = |span: Range<usize>, key, expected: String| ScriptError {
        line: line_at(text, span.start),
        key,
        expected,
    };
    let table = DeTable::parse(text).map_err(|failure| {
        let span = failure.span().unwrap_or_default();
        error(
            span,
            None,
            "a TOML document of the form key = value".to_owned(),
        )
    })?;
    let mut script = Script::default();
    for (name, value) in table.get_ref() {
        let known = keys.iter().copied().find(|key| key == name.get_ref());
        let Some(key) = known else {
            return Err(error(
                name.span(),
                None,
                format!("one of {}", keys.join(", ")),
            ));
        };
        script
            .set(key, value.get_ref())
            .map_err(|expected| error(value.span(), Some(key), expected))?;
    }
    Ok(script)
}

impl Script {
    /// Takes one value; the error says what should have stood there.
    fn set(&mut self, key: &'static str, value: &DeValue<'_>) -> Result<(), String> {
        match key {
            "password" => self.password = Some(Secret::copy_of(text(value)?.as_bytes())),
            "secret" => self.key = Some(token_key(value)?),
            "token" => self.token = Some(token_name(text(value)?)?),
            "algorithm" => {
                let word = value.as_str().and_then(Algorithm::from_word);
                let expected = "\"SHA1\", \"SHA256\" or \"SHA512\"";
                self.algorithm = Some(word.ok_or(expected)?);
            }
            "digits" => {
                let bounds = (CodeShape::MIN_DIGITS, CodeShape::MAX_DIGITS);
                self.digits = Some(number(value, bounds)?);
            }
            "type" => {
                self.hotp = match value.as_str() {
                    Some("totp") => false,
                    Some("hotp") => true,
                    _ => return Err("\"totp\" or \"hotp\"".to_owned()),
                };
            }
            "scratch-codes" => self.scratch = scratch_codes(value)?,
            "counter" => self.counter = Some(number(value, (0, MAX_COUNTER))?),
            _ => {
                let bounds = (CodeShape::MIN_PERIOD, CodeShape::MAX_PERIOD);
                self.period = Some(number(value, bounds)?);
            }
        }
        Ok(())
    }
}

fn text<'a>(value: &'a DeValue<'_>) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| "a text in quotes".to_owned())
}

/// A whole number from the first of `bounds` to the second.
fn number<N>(value: &DeValue<'_>, bounds: (N, N)) -> Result<N, String>
where
    N: TryFrom<i64> + PartialOrd + Copy + fmt::Display,
{
    let (least, most) = bounds;
    value
        .as_integer()
        .and_then(|integer| i64::from_str_radix(integer.as_str(), integer.radix()).ok())
        .and_then(|integer| N::try_from(integer).ok())
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| format!("a whole number from {least} to {most}"))
}

/// Codes of eight digits, as google-authenticator writes them into its file.
fn scratch_codes(value: &DeValue<'_>) -> Result<Vec<Secret>, String> {
    let (most, digits) = (ScratchCode::MAX_COUNT, usize::from(ScratchCode::DIGITS));
    let one = |item: &Spanned<DeValue<'_>>| {
        let text = item.get_ref().as_str()?;
        let is_code = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_code.then(|| Secret::copy_of(text.as_bytes()))
    };
    value
        .as_array()
        .filter(|list| list.len() <= most)
        .and_then(|list| list.iter().map(one).collect())
        .ok_or_else(|| format!("a list of at most {most} texts of {digits} digits"))
}

/// A key in base32, as people hand it on: in any case, in groups, with or without padding.
fn token_key(value: &DeValue<'_>) -> Result<Secret, String> {
    otpauth::base32_decode(text(value)?)
        .filter(|key| (MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&key.len()))
        .ok_or_else(|| format!("{MIN_KEY_BYTES} to {MAX_KEY_BYTES} bytes in base32"))
}

/// The name of a device, from the command line or a script.
pub(crate) fn token_name(name: &str) -> Result<String, String> {
    let sound = (1..=Token::MAX_NAME).contains(&name.chars().count())
        && !name.chars().any(char::is_control);
    if sound {
        Ok(name.to_owned())
    } else {
        Err(format!("a name of 1 to {} characters", Token::MAX_NAME))
    }
}

/// The line of a byte, counted from 1.
fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Script, ScriptError> {
        super::parse(text, &ENROLLMENT)
    }

    #[test]
    fn every_key_is_read() {
        let script = parse(
            "password = 'korrekt ló'\nsecret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'\n\
             token = \"work phone\"\nalgorithm = \"SHA256\"\ndigits = 8\nperiod = 60\n\
             type = 'hotp'\ncounter = 9223372036854775807\n\
             scratch-codes = ['12345678', '00000000']\n",
        )
        .unwrap();
        let password = script.password.unwrap();
        assert_eq!(password.expose_text(), Some("korrekt ló"));
        assert_eq!(
            script.key.unwrap().expose(),
            b"Hello!\xde\xad\xbe\xefHello!\xde\xad\xbe\xef"
        );
        assert_eq!(script.token.as_deref(), Some("work phone"));
        assert_eq!(script.algorithm, Some(Algorithm::Sha256));
        assert_eq!((script.digits, script.period), (Some(8), Some(60)));
        assert_eq!((script.hotp, script.counter), (true, Some(MAX_COUNTER)));
        assert!(!parse("type = 'totp'").unwrap().hotp);
    }

    #[test]
    fn an_empty_script_gives_nothing() {
        let script = parse("# nothing\n").unwrap();
        assert!(script.password.is_none() && script.key.is_none() && script.token.is_none());
    }

    #[test]
    fn an_error_names_line_and_key_and_never_the_value() {
        for (text, said) in [
            ("pasword = 'hunter2'", "line 1: expected one of password,"),
            ("\n\npassword = hunter2", "line 3: expected a TOML document"),
            (
                "password = ['hunter2']",
                "line 1: password: expected a text",
            ),
            (
                "digits = 6\nsecret = 'hunter2'",
                "line 2: secret: expected 16 to 128 bytes",
            ),
            (
                "secret = 'JBSWY3DP'",
                "line 1: secret: expected 16 to 128 bytes",
            ),
            (
                "algorithm = 'hunter2'",
                "line 1: algorithm: expected \"SHA1\"",
            ),
            (
                "digits = 9",
                "line 1: digits: expected a whole number from 6 to 8",
            ),
            (
                "digits = 262",
                "line 1: digits: expected a whole number from 6 to 8",
            ),
            (
                "period = 'hunter2'",
                "line 1: period: expected a whole number from 15 to 120",
            ),
            (
                "type = 'hunter2'",
                "line 1: type: expected \"totp\" or \"hotp\"",
            ),
            (
                "counter = -1",
                "line 1: counter: expected a whole number from 0 to",
            ),
            (
                "token = ''",
                "line 1: token: expected a name of 1 to 32 characters",
            ),
            (
                "[hunter2]\npassword = 'x'",
                "line 1: expected one of password,",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(said), "{text:?}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_key_that_the_command_does_not_know_is_refused() {
        let error = super::parse("digits = 6", &PASSWORD).unwrap_err();
        assert_eq!(error.to_string(), "line 1: expected one of password");
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        assert!(parse("digits = 6\ndigits = 7").is_err());
    }
}
