//! The service file: there is one, and libpam will use it.
//!
//! For a service without a file, or with a file that has no `auth` rule, libpam silently takes the
//! rules of `other`, which answer another question than the one we ask. Files that this one includes
//! are not looked into; the shipped one says `substack`, which never leads to `other`.

use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::{fmt, fs};

use super::SERVICE;
use crate::checked_open::NOT_WRITABLE_BY_OTHERS;
use crate::identity;

/// Where libpam looks for service files, in its order (pam.d(5)).
const DIRECTORIES: [&str; 2] = ["/etc/pam.d", "/usr/lib/pam.d"];

/// Longest file that is looked through, in bytes; a rule after that is not seen.
const MAX_FILE: u64 = 64 * 1024;

/// Makes sure that the service has rules of its own, in `directory` or else where libpam looks.
///
/// # Errors
/// The explanation for the log.
pub(super) fn check(directory: Option<&Path>) -> Result<(), String> {
    let rules = match directory {
        Some(directory) => read(directory)?,
        None => {
            let mut found = None;
            for directory in DIRECTORIES {
                found = read(Path::new(directory))?;
                if found.is_some() {
                    break;
                }
            }
            found
        }
    };
    match rules {
        None => Err(format!("there is no PAM service file {SERVICE}")),
        Some(rules) if rules.lines().any(is_auth_rule) => Ok(()),
        Some(_) => Err(format!("the PAM service file {SERVICE} has no auth rule")),
    }
}

/// The text of the file in this directory; `None` where there is none. Whoever can write it decides
/// which passwords are right, so it must be root's (or the caller's own) and nobody else's.
fn read(directory: &Path) -> Result<Option<String>, String> {
    let path = directory.join(SERVICE);
    let explain = |what: &dyn fmt::Display| format!("{}: {what}", path.display());
    // Opening a FIFO would wait for somebody to write.
    let opened = fs::OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.raw_os_error() == Some(libc::ELOOP) => {
            return Err(explain(&"a symbolic link"));
        }
        Err(error) => return Err(explain(&error)),
    };
    let found = file.metadata().map_err(|error| explain(&error))?;
    if !found.is_file() {
        return Err(explain(&"not a regular file"));
    }
    if found.uid() != 0 && found.uid() != identity::effective_uid() {
        return Err(explain(&"owned by somebody who must not decide about it"));
    }
    if found.mode() & NOT_WRITABLE_BY_OTHERS != 0 {
        return Err(explain(&"others may write it"));
    }
    let mut bytes = Vec::new();
    file.take(MAX_FILE)
        .read_to_end(&mut bytes)
        .map_err(|error| explain(&error))?;
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Whether a line gives the service an `auth` rule, directly or by Debian's `@include`.
fn is_auth_rule(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let kind = word.strip_prefix('-').unwrap_or(word);
    kind.eq_ignore_ascii_case("auth") || word == "@include"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_check_passwords_are_told_from_the_others() {
        for rule in [
            "auth required pam_unix.so",
            "  AUTH\tsubstack common-auth",
            "-auth optional pam_x.so",
            "@include common-auth",
        ] {
            assert!(is_auth_rule(rule), "{rule}");
        }
        for other in [
            "",
            "#auth required pam_unix.so",
            "account required pam_unix.so",
            "authx",
        ] {
            assert!(!is_auth_rule(other), "{other}");
        }
    }
}
