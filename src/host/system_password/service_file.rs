//! The service file: there is one, and libpam will use it.
//!
//! For a service without a file, or with a file that has no `auth` rule, libpam silently takes the
//! rules of `other`, which answer another question than the one we ask. Files that this one includes
//! are not looked into; the shipped one says `substack`, which never leads to `other`.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use super::SERVICE;

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

/// The text of the file in this directory; `None` where there is none.
fn read(directory: &Path) -> Result<Option<String>, String> {
    let path = directory.join(SERVICE);
    let explain = |error: io::Error| format!("{}: {error}", path.display());
    match fs::metadata(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(explain(error)),
        // Opening a FIFO would wait for somebody to write.
        Ok(metadata) if !metadata.is_file() => {
            return Err(format!("{}: not a regular file", path.display()));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    fs::File::open(&path)
        .and_then(|file| file.take(MAX_FILE).read_to_end(&mut bytes))
        .map_err(explain)?;
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
