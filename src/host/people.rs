//! The accounts of this host that people log in with.

use std::ffi::{CStr, c_char};
use std::fs;
use std::io::ErrorKind;

use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::username::{Account, account_name_is_sound};
use nix::errno::Errno;

/// The login shells of this host (shells(5)).
const SHELLS: &str = "/etc/shells";
/// Where there is no such file (getusershell(3)).
const DEFAULT_SHELLS: &str = "/bin/sh\n/bin/csh\n";
/// The shell of an account that names none (passwd(5)).
const NO_SHELL: &str = "/bin/sh";
/// Listed in some of those files though nobody can log in with them.
const CLOSED: [&str; 2] = ["nologin", "false"];
/// Which uids are given to people (login.defs(5)).
const LOGIN_DEFS: &str = "/etc/login.defs";
/// Where that file does not say.
const DEFAULT_UIDS: (u32, u32) = (1000, 60_000);

/// Accounts with a uid for people and a shell to log in with, as far as the account database
/// lists them (getpwent(3)): a directory service may not.
///
/// # Errors
/// [`TroubleKind::Names`] where the database breaks off, or one of the two files cannot be read.
pub fn who_can_log_in() -> Result<Vec<Account>, Trouble> {
    let shells = read(SHELLS)?.unwrap_or_else(|| DEFAULT_SHELLS.to_owned());
    let uids = uids_of_people(&read(LOGIN_DEFS)?.unwrap_or_default());
    let mut people = Vec::new();
    each_entry(|name, uid, shell| {
        if is_person(uid, shell, uids, &shells) && account_name_is_sound(name) {
            people.push(Account {
                name: name.to_owned(),
                uid,
            });
        }
    })?;
    Ok(people)
}

fn is_person(uid: u32, shell: &str, (first, last): (u32, u32), shells: &str) -> bool {
    let shell = if shell.is_empty() { NO_SHELL } else { shell };
    let is_closed = shell
        .rsplit('/')
        .next()
        .is_some_and(|name| CLOSED.contains(&name));
    (first..=last).contains(&uid)
        && !is_closed
        && shells.lines().any(|listed| listed.trim() == shell)
}

/// `UID_MIN` and `UID_MAX`.
fn uids_of_people(defs: &str) -> (u32, u32) {
    let value = |key: &str| {
        let mut lines = defs.lines().map(str::split_whitespace);
        lines.find_map(|mut words| {
            (words.next() == Some(key)).then(|| words.next()?.parse().ok())?
        })
    };
    let (first, last) = DEFAULT_UIDS;
    (
        value("UID_MIN").unwrap_or(first),
        value("UID_MAX").unwrap_or(last),
    )
}

/// The text of a file; `None` where there is none.
fn read(path: &str) -> Result<Option<String>, Trouble> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(trouble(format!("{path}: {error}"))),
    }
}

/// Visits name, uid and shell of every entry. A name that is not UTF-8 has no account here.
///
/// The database has one position for the whole process: for programs with one thread only.
fn each_entry(mut visit: impl FnMut(&str, u32, &str)) -> Result<(), Trouble> {
    // SAFETY: takes nothing and returns nothing; it sets the position that getpwent uses.
    unsafe { libc::setpwent() };
    let broken = loop {
        Errno::clear();
        // SAFETY: it returns null or a pointer to an entry that stays as it is until the next
        // call of this family, which nothing makes before the entry was visited.
        let Some(entry) = (unsafe { libc::getpwent().as_ref() }) else {
            // At the end of the list errno is as it was, or ENOENT where a source has none.
            break match Errno::last() {
                Errno::UnknownErrno | Errno::ENOENT => None,
                errno => Some(errno),
            };
        };
        let shell = text(entry.pw_shell).unwrap_or_default();
        if let Some(name) = text(entry.pw_name) {
            visit(&name, entry.pw_uid, &shell);
        }
    };
    // SAFETY: as setpwent.
    unsafe { libc::endpwent() };
    match broken {
        None => Ok(()),
        Some(errno) => Err(trouble(format!("the account database: {}", errno.desc()))),
    }
}

/// A copy of a text of an entry.
fn text(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: a text of an entry of the account database is null-terminated and stays as it is
    // until the next entry is asked for; the copy is made before.
    let text = unsafe { CStr::from_ptr(pointer) };
    text.to_str().ok().map(str::to_owned)
}

fn trouble(detail: String) -> Trouble {
    Trouble::new(TroubleKind::Names, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str = "# valid login shells\n/bin/sh\n/bin/bash\n/usr/sbin/nologin\n";

    #[test]
    fn a_person_has_a_uid_of_people_and_a_listed_shell_that_lets_in() {
        let is_person = |uid, shell| is_person(uid, shell, DEFAULT_UIDS, DEBIAN);
        assert!(is_person(1000, "/bin/bash") && is_person(60_000, "/bin/sh"));
        assert!(is_person(1000, ""));
        for (uid, shell) in [
            (0, "/bin/bash"),
            (999, "/bin/bash"),
            (60_001, "/bin/bash"),
            (1000, "/bin/zsh"),
            (1000, "/usr/sbin/nologin"),
            (1000, "/bin/false"),
        ] {
            assert!(!is_person(uid, shell), "{uid} {shell}");
        }
    }

    #[test]
    fn the_uids_of_people_are_those_of_login_defs() {
        let defs = "# UID_MIN 5\nUMASK 022\nUID_MIN\t\t 500\nSYS_UID_MAX 99\nUID_MAX 70000 \n";
        assert_eq!(uids_of_people(defs), (500, 70_000));
        assert_eq!(uids_of_people("UID_MIN many\n"), DEFAULT_UIDS);
        assert_eq!(uids_of_people(""), DEFAULT_UIDS);
    }

    #[test]
    fn the_entries_are_those_of_the_database_each_time() {
        let list = || {
            let mut names = Vec::new();
            each_entry(|name, uid, _| names.push((name.to_owned(), uid))).unwrap();
            names
        };
        assert!(list().contains(&("root".to_owned(), 0)));
        assert_eq!(list(), list());
    }
}
