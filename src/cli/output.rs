//! Standard output and standard error. A reader that has gone away ends the program quietly.

use std::io::{ErrorKind, Write, stderr, stdout};

use kapu_core::paper::PaperCode;
use kapu_core::ports::{Dialog, DialogError};
use kapu_core::secret::Secret;

use zeroize::Zeroizing;

use crate::failure::Failure;

/// Prints text and a line end to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => Failure::OutputGone,
            // A file on a full disk: what was to be kept is not there.
            _ => Failure::Refused(format!("kapu: standard output: {error}")),
        })
}

/// What a code on paper is set off with.
const INDENT: &str = "    ";

/// Prints a code on paper on a line of its own, set off from the words around it.
pub(crate) fn print_code(code: &PaperCode) -> Result<(), Failure> {
    print_secret(INDENT, code, "")
}

/// Prints a code on paper between two texts.
pub(crate) fn print_secret(before: &str, code: &PaperCode, after: &str) -> Result<(), Failure> {
    let code = code.text();
    let code = code.expose_text().unwrap_or_default();
    let mut line = Zeroizing::new(String::with_capacity(
        before.len() + code.len() + after.len(),
    ));
    line.push_str(before);
    line.push_str(code);
    line.push_str(after);
    print(&line)
}

/// A report as JSON, for scripts.
pub(crate) fn json(report: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(report).map_err(|error| Failure::Refused(error.to_string()))
}

/// Prints text and a line end to standard error. What a terminal would obey (a file may be called
/// anything) is made harmless.
pub(crate) fn complain(text: &str) {
    let harmless: String = text
        .chars()
        .map(|letter| match letter {
            '\n' => letter,
            _ if letter.is_control() => '?',
            _ => letter,
        })
        .collect();
    let mut err = stderr().lock();
    // There is nobody left to tell.
    let _ = writeln!(err, "{harmless}");
}

/// A dialog with nobody: what is said goes to standard output.
#[derive(Debug)]
pub(crate) struct Monologue;

impl Dialog for Monologue {
    fn ask_hidden(&mut self, _prompt: &str) -> Result<Secret, DialogError> {
        Err(DialogError::NoDialog)
    }

    fn ask_shown(&mut self, _prompt: &str) -> Result<Secret, DialogError> {
        Err(DialogError::NoDialog)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        print(text).map_err(|_| DialogError::Stopped)
    }
}
