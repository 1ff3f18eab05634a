//! Walks a TOML document section by section and key by key; what nobody asked for is a fault.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{ConfigError, alternatives};
use super::{MAX_CONFIG_BYTES, Start};
use crate::date::Date;
use crate::span;

/// Most bytes of a path.
const MAX_PATH_BYTES: usize = 255;
/// Most opening braces of a file. No key of ours takes an inline table, and dotted keys inside
/// nested ones make a tree so deep that freeing it overflows the stack of the host process.
const MAX_BRACES: usize = 8;

/// A document of which sections are taken one after the other.
pub(super) struct Document<'t> {
    text: &'t str,
    root: DeTable<'t>,
    known: Vec<&'static str>,
}

impl<'t> Document<'t> {
    pub(super) fn parse(text: &'t str) -> Result<Self, ConfigError> {
        if text.len() > MAX_CONFIG_BYTES {
            let expected = format!("a file of at most {MAX_CONFIG_BYTES} bytes");
            return Err(ConfigError::at_character(text, MAX_CONFIG_BYTES, &expected));
        }
        if let Some((offset, _)) = text.match_indices('{').nth(MAX_BRACES) {
            let expected = format!("a file of at most {MAX_BRACES} opening braces");
            return Err(ConfigError::at_character(text, offset, &expected));
        }
        let root = DeTable::parse(text).map_err(|error| syntax_error(text, &error))?;
        Ok(Self {
            text,
            root: root.into_inner(),
            known: Vec::new(),
        })
    }

    /// Gives the section of that name to `read`, if the file has it. Keys that `read` does not
    /// take are unknown.
    pub(super) fn section(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Section<'t>) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        self.known.push(name);
        let Some(value) = self.root.remove(name) else {
            return Ok(());
        };
        let written = format!("a section, written [{name}]");
        Section::of(self.text, name, value, &written)?.read_by(read)
    }

    /// Gives each of the sections written `[[name]]` to `read`, in the order of the file.
    pub(super) fn sections(
        &mut self,
        name: &'static str,
        most: usize,
        mut read: impl FnMut(&mut Section<'t>) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        self.known.push(name);
        let Some(value) = self.root.remove(name) else {
            return Ok(());
        };
        let written = format!("sections, each written [[{name}]]");
        let fault = |offset: usize, expected: String| {
            ConfigError::at_key(self.text, offset, name.to_owned(), expected)
        };
        let offset = value.span().start;
        let DeValue::Array(list) = value.into_inner() else {
            return Err(fault(offset, written));
        };
        for (number, item) in list.into_iter().enumerate() {
            if number >= most {
                return Err(fault(item.span().start, format!("at most {most} of them")));
            }
            Section::of(self.text, name, item, &written)?.read_by(&mut read)?;
        }
        Ok(())
    }

    /// Sections that were not taken are unknown.
    pub(super) fn end(self) -> Result<(), ConfigError> {
        nothing_left(self.text, &self.root, None, &self.known)
    }
}

/// What a text may be.
pub(super) struct Line<'a> {
    /// Most characters.
    pub(super) max: usize,
    /// What `allowed` asks for, in words that follow the length.
    pub(super) but: &'a str,
    /// A further condition. Control characters are refused in any case.
    pub(super) allowed: &'a dyn Fn(&str) -> bool,
}

impl Line<'_> {
    fn accepts(&self, text: &str) -> bool {
        text.chars().count() <= self.max && !text.contains(char::is_control) && (self.allowed)(text)
    }
}

/// What a list of names may be.
pub(super) struct Names<'a> {
    /// Most names.
    pub(super) max: usize,
    /// Most bytes of one.
    pub(super) longest: usize,
    /// What they are names of.
    pub(super) what: &'a str,
    /// The bytes that a name may consist of.
    pub(super) allowed: &'a dyn Fn(u8) -> bool,
}

impl Names<'_> {
    fn accepts(&self, name: &str) -> bool {
        (1..=self.longest).contains(&name.len()) && name.bytes().all(self.allowed)
    }
}

/// One section, of which keys are taken one after the other. A key that the file leaves out
/// leaves its slot alone.
pub(super) struct Section<'t> {
    text: &'t str,
    name: &'static str,
    /// Where it begins.
    offset: usize,
    table: DeTable<'t>,
    /// The keys asked for, and where the value of each begins.
    known: Vec<(&'static str, usize)>,
}

impl<'t> Section<'t> {
    /// The section that `value` is; a fault says what was `expected` in its place.
    fn of(
        text: &'t str,
        name: &'static str,
        value: Spanned<DeValue<'t>>,
        expected: &str,
    ) -> Result<Self, ConfigError> {
        let offset = value.span().start;
        let DeValue::Table(table) = value.into_inner() else {
            let expected = expected.to_owned();
            return Err(ConfigError::at_key(text, offset, name.to_owned(), expected));
        };
        Ok(Self {
            text,
            name,
            offset,
            table,
            known: Vec::new(),
        })
    }

    /// Gives it to `read`. Keys that it does not take are unknown.
    fn read_by(
        mut self,
        read: impl FnOnce(&mut Self) -> Result<(), ConfigError>,
    ) -> Result<(), ConfigError> {
        read(&mut self)?;
        self.end()
    }
}

impl Section<'_> {
    /// A whole number.
    pub(super) fn number<T>(
        &mut self,
        key: &'static str,
        bounds: RangeInclusive<T>,
        slot: &mut T,
    ) -> Result<(), ConfigError>
    where
        T: TryFrom<u64> + PartialOrd + Display,
    {
        let expected = format!("a number from {} to {}", bounds.start(), bounds.end());
        self.take(key, &expected, slot, |value| {
            let digits = value.as_integer()?;
            let number = u64::from_str_radix(digits.as_str(), digits.radix()).ok()?;
            T::try_from(number)
                .ok()
                .filter(|number| bounds.contains(number))
        })
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'static str, slot: &mut bool) -> Result<(), ConfigError> {
        self.take(key, "true or false", slot, |value| value.as_bool())
    }

    /// One word of a list.
    pub(super) fn word<T: Copy>(
        &mut self,
        key: &'static str,
        words: &[(&str, T)],
        slot: &mut T,
    ) -> Result<(), ConfigError> {
        let expected = alternatives(words.iter().map(|(word, _)| format!("\"{word}\"")));
        self.take(key, &expected, slot, |value| {
            let typed = value.as_str()?;
            let (_, meaning) = words.iter().find(|(word, _)| *word == typed)?;
            Some(*meaning)
        })
    }

    /// A text. An empty one is the same as none.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        line: &Line<'_>,
        slot: &mut Option<String>,
    ) -> Result<(), ConfigError> {
        let expected = format!("one line of at most {} characters{}", line.max, line.but);
        self.take(key, &expected, slot, |value| {
            let typed = value.as_str().filter(|typed| line.accepts(typed))?;
            Some(Some(typed.to_owned()).filter(|text| !text.is_empty()))
        })
    }

    /// A list of names, which may be empty.
    pub(super) fn names(
        &mut self,
        key: &'static str,
        names: &Names<'_>,
        slot: &mut Vec<String>,
    ) -> Result<(), ConfigError> {
        let expected = format!("a list of at most {} {}", names.max, names.what);
        self.take(key, &expected, slot, |value| {
            let list = value.as_array().filter(|list| list.len() <= names.max)?;
            let name = |item: &Spanned<DeValue<'_>>| {
                let name = item.get_ref().as_str().filter(|name| names.accepts(name))?;
                Some(name.to_owned())
            };
            list.iter().map(name).collect()
        })
    }

    /// The path of a file or directory.
    pub(super) fn absolute_path(
        &mut self,
        key: &'static str,
        slot: &mut String,
    ) -> Result<(), ConfigError> {
        let expected = format!("an absolute path of at most {MAX_PATH_BYTES} bytes, without '..'");
        self.take(key, &expected, slot, |value| {
            let path = value.as_str().filter(|path| path.starts_with('/'))?;
            let fits = path.len() <= MAX_PATH_BYTES && !path.contains(char::is_control);
            let climbs = path.split('/').any(|part| part == "..");
            (fits && !climbs).then(|| path.to_owned())
        })
    }

    /// A day, or `always`.
    pub(super) fn start(&mut self, key: &'static str, slot: &mut Start) -> Result<(), ConfigError> {
        let expected = "\"always\", or a day such as \"2027-01-16\"";
        self.take(key, expected, slot, |value| match value.as_str() {
            Some("always") => Some(Start::Always),
            _ => read_date(value).map(Start::From),
        })
    }

    /// A day. An empty text is the same as none.
    pub(super) fn date(
        &mut self,
        key: &'static str,
        slot: &mut Option<Date>,
    ) -> Result<(), ConfigError> {
        let expected = "a day such as \"2027-01-16\"";
        self.take(key, expected, slot, |value| match value.as_str() {
            Some("") => Some(None),
            _ => read_date(value).map(Some),
        })
    }

    /// So many hours or days. An empty text is the same as none.
    pub(super) fn duration(
        &mut self,
        key: &'static str,
        longest: Duration,
        slot: &mut Option<Duration>,
    ) -> Result<(), ConfigError> {
        let days = longest.as_secs() / span::DAY;
        let expected = format!("hours or days up to {days}d, such as \"8h\" or \"5d\"");
        self.take(key, &expected, slot, |value| match value.as_str()? {
            "" => Some(None),
            text => span::parse(text, longest).map(Some),
        })
    }

    /// A list of what `read` makes of each text.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        most: usize,
        what: &str,
        slot: &mut Vec<T>,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<(), ConfigError> {
        let expected = format!("a list of at most {most} {what}");
        self.take(key, &expected, slot, |value| {
            let list = value.as_array().filter(|list| list.len() <= most)?;
            list.iter()
                .map(|item| read(item.get_ref().as_str()?))
                .collect()
        })
    }

    /// Whether the section has this key, which was taken before.
    pub(super) fn has(&self, key: &str) -> bool {
        self.known
            .iter()
            .any(|(known, offset)| *known == key && *offset > 0)
    }

    /// A fault of the value of `key`, which was taken before; of the section where it has no
    /// such key.
    pub(super) fn fault(&self, key: &str, expected: &str) -> ConfigError {
        let taken = self.known.iter().find(|(known, _)| *known == key);
        let offset = taken.map_or(0, |(_, offset)| *offset).max(self.offset);
        let key = format!("{}.{key}", self.name);
        ConfigError::at_key(self.text, offset, key, expected.to_owned())
    }

    fn take<T>(
        &mut self,
        key: &'static str,
        expected: &str,
        slot: &mut T,
        read: impl FnOnce(&DeValue<'_>) -> Option<T>,
    ) -> Result<(), ConfigError> {
        let value = self.table.remove(key);
        let offset = value.as_ref().map_or(0, |value| value.span().start);
        self.known.push((key, offset));
        if let Some(value) = value {
            *slot = read(value.get_ref()).ok_or_else(|| self.fault(key, expected))?;
        }
        Ok(())
    }

    fn end(self) -> Result<(), ConfigError> {
        let known: Vec<&str> = self.known.iter().map(|(key, _)| *key).collect();
        nothing_left(self.text, &self.table, Some(self.name), &known)
    }
}

/// A day, written as a text or as TOML's own local date.
fn read_date(value: &DeValue<'_>) -> Option<Date> {
    match value {
        DeValue::String(text) => Date::parse(text),
        DeValue::Datetime(day) => Date::parse(&day.to_string()),
        _ => None,
    }
}

/// The first name of `table`, in the order of the file, is one that nobody asked for.
fn nothing_left(
    text: &str,
    table: &DeTable<'_>,
    section: Option<&str>,
    known: &[&str],
) -> Result<(), ConfigError> {
    let offset = |name: &&Spanned<_>| name.span().start;
    let Some(name) = table.keys().min_by_key(offset) else {
        return Ok(());
    };
    let (at, name) = (offset(&name), name.get_ref());
    Err(ConfigError::unknown(text, at, section, name, known))
}

/// Our own words for an error of the parser, whose message and Display quote the file: its
/// message only chooses among them.
fn syntax_error(text: &str, error: &toml::de::Error) -> ConfigError {
    let message = error.message();
    let expected = if message.starts_with("duplicate key") {
        "each section and each key only once"
    } else if message.starts_with("string values must be quoted") {
        "a number, true, false or a text in \"quotes\""
    } else {
        "TOML: lines of [section] or key = value, texts in \"quotes\""
    };
    // Only nesting beyond the parser's limit comes without a place.
    let offset = error.span().map_or(0, |span| span.start);
    ConfigError::at_character(text, offset, expected)
}
