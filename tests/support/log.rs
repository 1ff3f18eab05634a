//! The lines that went to the log, caught by the preloaded stand-in for a syslog daemon.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use crate::log_page::LogPage;

/// One line of the log.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// The line as it was handed to syslog, with `<priority>` in front.
    pub text: String,
}

impl LogLine {
    /// All lines of a file; none where there is no file.
    #[must_use]
    pub fn read(path: &Path) -> Vec<Self> {
        let bytes = fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes)
            .lines()
            .map(|line| Self {
                text: line.to_owned(),
            })
            .collect()
    }

    /// Asserts that docs/logging.md knows it.
    pub(crate) fn assert_documented(&self) {
        static PAGE: OnceLock<LogPage> = OnceLock::new();
        // Other modules write there too.
        if let Some(at) = self.text.find("event=") {
            let objection = PAGE.get_or_init(LogPage::read).objection(&self.text[at..]);
            assert_eq!(objection, None, "docs/logging.md: {}", self.text);
        }
    }

    /// The value of `key=value`, as written.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.text
            .split(' ')
            .find_map(|pair| pair.strip_prefix(key)?.strip_prefix('='))
    }

    /// Whether nothing in it is raw: only printable ASCII, so that no terminal obeys it.
    #[must_use]
    pub fn is_printable(&self) -> bool {
        self.text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
    }

    /// Whether it tells how a login ended.
    #[must_use]
    pub fn is_decision(&self) -> bool {
        self.value("event") == Some("login")
    }
}
