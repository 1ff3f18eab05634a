//! Names of this machine: its accounts, itself, and who once logged in to this session.

use std::ffi::CString;
use std::fs::File;
use std::io::Read;

use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::username::{Account, MAX_ACCOUNT_NAME, account_name_is_sound};
use kapu_core::verdict::Who;
use nix::errno::Errno;
use nix::unistd::{Group, Uid, User, getgrouplist};

/// What stands for the host's name where it has none.
const NAMELESS_HOST: &str = "this host";

/// What /proc/self/loginuid holds where nobody logged in (`AUDIT_UID_UNSET`).
const NO_LOGIN_UID: u32 = u32::MAX;

/// Longest content of /proc/self/loginuid: ten digits, and room for a line end.
const MAX_LOGIN_UID: u64 = 12;

/// Whose name this is, by the account database (getpwnam_r(3)).
///
/// The account carries the name that the database returned, which may differ from `name`.
#[must_use]
pub fn resolve(name: &str) -> Who {
    if name.is_empty() || name.len() > MAX_ACCOUNT_NAME || name.contains('\0') {
        return Who::Unknown;
    }
    who(User::from_name(name))
}

/// Whose uid this is (getpwuid_r(3)).
#[must_use]
pub fn of_uid(uid: u32) -> Who {
    who(User::from_uid(Uid::from_raw(uid)))
}

/// Reads an answer of the account database.
///
/// Only a clean "no such entry" (success without an entry) is *unknown*. The man page warns that
/// not-found may also come as ENOENT, ESRCH, EBADF or EPERM, but that is about systems of old:
/// glibc and musl return success for it, and an errno only where a source of names did not
/// answer. There, ENOENT is the usual errno of a directory service whose socket is gone, so
/// taking it for "not found" would make every account of a broken directory a stranger.
fn who(answer: Result<Option<User>, Errno>) -> Who {
    match answer {
        Ok(Some(user)) => known(user),
        Ok(None) => Who::Unknown,
        Err(error) => unresolved(error.desc()),
    }
}

fn known(user: User) -> Who {
    // A name that is not UTF-8 arrives with replacement characters, and two such names could
    // become one: neither has an account here.
    if user.name.contains(char::REPLACEMENT_CHARACTER) {
        return unresolved("the account's name is not UTF-8");
    }
    if !account_name_is_sound(&user.name) {
        return unresolved("the account's name is empty, too long, or holds a control character");
    }
    Who::Known(Account {
        name: user.name,
        uid: user.uid.as_raw(),
    })
}

fn unresolved(why: &str) -> Who {
    Who::Unresolved(Trouble::new(
        TroubleKind::Names,
        format!("the account database: {why}"),
    ))
}

/// The name of this host up to its first dot (gethostname(2)), or words in its place.
#[must_use]
pub fn host_name() -> String {
    let full = nix::unistd::gethostname().unwrap_or_default();
    first_label(&full.to_string_lossy())
}

/// Whether `account` is in the group called `group` (getgrnam_r(3), getgrouplist(3)), or `None`
/// where there is no such group or the database does not answer.
#[must_use]
pub fn is_member(account: &Account, group: &str) -> Option<bool> {
    let group = Group::from_name(group).ok()??;
    let user = User::from_name(&account.name).ok()??;
    let name = CString::new(account.name.as_str()).ok()?;
    let groups = getgrouplist(&name, user.gid).ok()?;
    Some(groups.contains(&group.gid))
}

/// Whether there is a group called `group` (getgrnam_r(3)), or `None` where the database does not
/// answer.
#[must_use]
pub fn has_group(group: &str) -> Option<bool> {
    Group::from_name(group).ok().map(|found| found.is_some())
}

fn first_label(full: &str) -> String {
    let label = full.split('.').next().unwrap_or_default();
    if label.is_empty() {
        NAMELESS_HOST
    } else {
        label
    }
    .to_owned()
}

/// The uid with which the session of this process began, whatever su and sudo made of it since
/// (`/proc/self/loginuid`, proc(5)); `None` for a daemon, and where the kernel does not audit.
#[must_use]
pub fn login_uid() -> Option<u32> {
    let mut text = String::new();
    File::open("/proc/self/loginuid")
        .ok()?
        .take(MAX_LOGIN_UID)
        .read_to_string(&mut text)
        .ok()?;
    parse_login_uid(&text)
}

fn parse_login_uid(text: &str) -> Option<u32> {
    let uid = text.trim_end().parse().ok()?;
    (uid != NO_LOGIN_UID).then_some(uid)
}

#[cfg(test)]
mod tests {
    use nix::sys::resource::Resource;

    use super::*;

    fn root() -> Who {
        Who::Known(Account {
            name: "root".to_owned(),
            uid: 0,
        })
    }

    fn user(name: &str) -> User {
        let mut user = User::from_uid(Uid::from_raw(0)).unwrap().unwrap();
        user.name = name.to_owned();
        user
    }

    #[test]
    fn root_is_found_by_name_and_by_uid() {
        assert_eq!(resolve("root"), root());
        assert_eq!(of_uid(0), root());
    }

    #[test]
    fn a_name_that_nobody_has_is_unknown() {
        let long = "r".repeat(MAX_ACCOUNT_NAME + 1);
        for name in [
            "",
            "no-such-account",
            "root\0",
            "root ",
            "root:",
            "ö",
            "-",
            &long,
        ] {
            assert_eq!(resolve(name), Who::Unknown, "{name:?}");
        }
        assert_eq!(of_uid(u32::MAX - 7), Who::Unknown);
    }

    #[test]
    fn a_group_is_there_or_not() {
        assert_eq!(has_group("root"), Some(true));
        assert_eq!(has_group("no-such-group"), Some(false));
    }

    #[test]
    fn the_account_has_the_name_that_the_database_returned() {
        let account = Account {
            name: "anna".to_owned(),
            uid: 0,
        };
        assert_eq!(who(Ok(Some(user("anna")))), Who::Known(account));
    }

    #[test]
    fn any_error_is_unresolved_and_never_unknown() {
        for error in [
            Errno::EIO,
            Errno::ENOENT,
            Errno::ESRCH,
            Errno::EBADF,
            Errno::EPERM,
            Errno::ERANGE,
            Errno::EAGAIN,
        ] {
            let Who::Unresolved(trouble) = who(Err(error)) else {
                panic!("{error}");
            };
            assert_eq!(trouble.kind, TroubleKind::Names);
        }
    }

    #[test]
    fn an_answer_that_is_no_sound_name_is_unresolved() {
        let long = "a".repeat(MAX_ACCOUNT_NAME + 1);
        for name in ["", "j\u{fffd}nos", "an\nna", "an:na", &long] {
            let answer = who(Ok(Some(user(name))));
            assert!(matches!(answer, Who::Unresolved(_)), "{name:?}");
        }
    }

    #[test]
    fn a_database_that_cannot_be_opened_is_unresolved() {
        let test = "names::tests::a_database_that_cannot_be_opened_is_unresolved";
        crate::in_child::run(test, || {
            crate::in_child::limit(Resource::RLIMIT_NOFILE, 0);
            assert!(matches!(resolve("root"), Who::Unresolved(_)));
            assert!(matches!(resolve("no-such-account"), Who::Unresolved(_)));
            assert!(matches!(of_uid(0), Who::Unresolved(_)));
            assert_eq!(has_group("root"), None);
        });
    }

    #[test]
    fn the_host_is_called_by_its_first_label() {
        assert_eq!(first_label("gate.example.org"), "gate");
        assert_eq!(first_label("gate"), "gate");
        assert_eq!(first_label(""), NAMELESS_HOST);
        assert_eq!(first_label(".example.org"), NAMELESS_HOST);
        assert!(!host_name().is_empty());
    }

    #[test]
    fn an_unset_login_uid_is_none() {
        assert_eq!(parse_login_uid("4294967295"), None);
        assert_eq!(parse_login_uid("1000\n"), Some(1000));
        assert_eq!(parse_login_uid("0"), Some(0));
        assert_eq!(parse_login_uid(""), None);
        assert_eq!(parse_login_uid("-1"), None);
        // Whatever it is here, it must be readable without an error.
        assert_ne!(login_uid(), Some(NO_LOGIN_UID));
    }
}
