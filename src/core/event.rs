//! One line of the log: `key=value` pairs, made so that nobody outside can forge one.

use std::fmt::Write as _;

#[cfg(test)]
pub(crate) mod page;
mod words;

pub(crate) use words::words;
pub use words::{Asks, Ended, Field, FirstPass, Means, Step, What, Word, YesNo};

/// Longest value in a log line, in bytes of the original; the rest is cut.
const MAX_VALUE: usize = 256;

/// How grave an event is (syslog(3) priorities).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Everyday: a login, right or wrong.
    Info,
    /// Somebody should look: an enrollment, a revocation, tokens switched off.
    Warning,
    /// Something of ours does not work.
    Error,
}

/// A log line under construction. There is no way to put a [`Secret`](crate::secret::Secret) in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    severity: Severity,
    line: String,
}

impl Event {
    /// Starts a line.
    #[must_use]
    pub fn new(severity: Severity, what: What) -> Self {
        Self {
            severity,
            line: format!("event={}", what.word()),
        }
    }

    /// Adds a pair whose value is a word of ours.
    #[must_use]
    pub fn word(mut self, key: Field, value: impl Word) -> Self {
        let _ = write!(self.line, " {}={}", key.word(), value.word());
        self
    }

    /// As [`word`](Event::word), left out where there is none.
    #[must_use]
    pub fn maybe_word(self, key: Field, value: Option<impl Word>) -> Self {
        match value {
            Some(value) => self.word(key, value),
            None => self,
        }
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, key: Field, value: u64) -> Self {
        let _ = write!(self.line, " {}={value}", key.word());
        self
    }

    /// Adds a pair whose value came from outside: quoted and escaped where it is not plain.
    #[must_use]
    pub fn text(mut self, key: Field, value: &str) -> Self {
        let _ = write!(self.line, " {}=", key.word());
        push_escaped(&mut self.line, value);
        self
    }

    /// As [`text`](Event::text), left out where there is no value.
    #[must_use]
    pub fn maybe(self, key: Field, value: Option<&str>) -> Self {
        match value {
            Some(value) if !value.is_empty() => self.text(key, value),
            _ => self,
        }
    }

    /// How grave it is.
    #[must_use]
    pub const fn severity(&self) -> Severity {
        self.severity
    }

    /// The line, without a line end.
    #[must_use]
    pub fn line(&self) -> &str {
        &self.line
    }
}

/// Writes a value that came from outside, as [`Event::text`] does.
///
/// Plain values stand bare; anything else is quoted, with `"`, `\` and every byte outside
/// printable ASCII written as `\xNN`: one event is always one line.
pub fn push_escaped(line: &mut String, value: &str) {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-:/@%+,".contains(&byte);
    if !value.is_empty() && value.len() <= MAX_VALUE && value.bytes().all(plain) {
        line.push_str(value);
        return;
    }
    line.push('"');
    for byte in value.bytes().take(MAX_VALUE) {
        match byte {
            b'"' | b'\\' | 0..=0x20 | 0x7f.. => {
                let _ = write!(line, "\\x{byte:02x}");
            }
            _ => line.push(char::from(byte)),
        }
    }
    line.push('"');
}

/// The pairs of a line, each value as it stands there: since none holds a blank, every blank ends
/// one.
pub fn pairs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(' ').filter_map(|pair| pair.split_once('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of(value: &str) -> String {
        Event::new(Severity::Info, What::Login)
            .text(Field::User, value)
            .line()
            .to_owned()
    }

    #[test]
    fn plain_values_stand_bare() {
        assert_eq!(line_of("anna@corp"), "event=login user=anna@corp");
    }

    #[test]
    fn a_name_cannot_forge_another_pair_or_line() {
        assert_eq!(line_of("x y"), r#"event=login user="x\x20y""#);
        assert_eq!(
            line_of("a\" result=accept"),
            r#"event=login user="a\x22\x20result=accept""#
        );
        assert_eq!(
            line_of("a\nkapu: event=login"),
            r#"event=login user="a\x0akapu:\x20event=login""#
        );
        assert_eq!(line_of("\\"), r#"event=login user="\x5c""#);
        assert_eq!(line_of(""), r#"event=login user="""#);
        assert_eq!(line_of("é"), r#"event=login user="\xc3\xa9""#);
    }

    #[test]
    fn a_line_is_read_as_the_pairs_it_was_made_of() {
        let forged = "a user=root";
        let event = Event::new(Severity::Info, What::Login).text(Field::User, forged);
        let event = event.number(Field::Tokens, 3).text(Field::Detail, "a=b");
        let read: Vec<_> = pairs(event.line()).collect();
        let made = [
            ("event", "login"),
            ("user", r#""a\x20user=root""#),
            ("tokens", "3"),
            ("detail", r#""a=b""#),
        ];
        assert_eq!(read, made);
    }

    #[test]
    fn a_long_value_is_cut() {
        assert!(line_of(&"a".repeat(100_000)).len() < 300);
    }
}
