//! Reading documents, and being certain that there is none.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use kapu_core::document::{Document, MAX_DOCUMENT, Seal};
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::username::Account;
use zeroize::Zeroizing;

use super::{DOCUMENT, TRIES, directory_of, unread};
use crate::checked_open::{CheckedDir, CheckedFile, PRIVATE};
use crate::file_error::{Fault, FileError};
use crate::lock::LockedDir;
#[cfg(test)]
use crate::steps::{self, Step};

/// How the names begin of what is being created or forgotten.
const HIDDEN: &[u8] = b".";

/// A document that was read without its lock.
pub(super) struct Read {
    pub(super) known: Known,
    /// Where it was read.
    pub(super) dir: CheckedDir,
}

/// A document, and the very bytes that it was read from.
pub(super) struct Known {
    pub(super) document: Document,
    bytes: Zeroizing<Vec<u8>>,
}

/// The document of `account`; `None` where there is no directory of that name.
pub(super) fn document(
    accounts: &CheckedDir,
    account: &Account,
    seal: &dyn Seal,
) -> Result<Option<Read>, Trouble> {
    let name = OsString::from(directory_of(account));
    opened(accounts, &name, |bytes| parse(bytes, account, seal))
}

/// The document in the directory `name`, whoever's it is.
pub(super) fn any_document(
    accounts: &CheckedDir,
    name: &OsStr,
    seal: &dyn Seal,
) -> Result<Option<Document>, Trouble> {
    let read = opened(accounts, name, |bytes| owned(bytes, name, seal))?;
    Ok(read.map(|read| read.known.document))
}

/// Reads the document in the directory `name` and opens it; `None` where there is no such directory.
///
/// Nobody has locked it: between reading and opening, a rotation of the host key may have written it
/// anew and taken its key out of the key file. What does not open is read once more, and is a
/// trouble when it is still the same.
fn opened(
    accounts: &CheckedDir,
    name: &OsStr,
    open: impl Fn(&[u8]) -> Result<Document, Trouble>,
) -> Result<Option<Read>, Trouble> {
    let mut before = None;
    for _ in 0..TRIES {
        let Some((bytes, dir)) = read_whole(accounts, name)? else {
            return Ok(None);
        };
        let place = dir.path().join(DOCUMENT);
        match open(&bytes) {
            Ok(document) => {
                let known = Known { document, bytes };
                return Ok(Some(Read { known, dir }));
            }
            Err(trouble) if trouble.kind == TroubleKind::HostKey => {
                if before.as_ref() == Some(&bytes) {
                    return Err(in_file(place)(trouble));
                }
                before = Some(bytes);
            }
            Err(trouble) => return Err(in_file(place)(trouble)),
        }
    }
    Err(unread(FileError::new(
        accounts.path().join(name),
        Fault::Busy,
    )))
}

/// The document in the directory `name`, which the caller has locked, whoever's it is.
pub(super) fn any_locked_document(
    dir: &LockedDir,
    name: &OsStr,
    seal: &dyn Seal,
) -> Result<Document, Trouble> {
    let bytes = locked_bytes(dir)?;
    owned(&bytes, name, seal).map_err(in_file(dir.path().join(DOCUMENT)))
}

/// The document in `bytes`, which must be of the account that the directory `name` is of.
fn owned(bytes: &[u8], name: &OsStr, seal: &dyn Seal) -> Result<Document, Trouble> {
    let account = Document::owner(text(bytes)?)?;
    if name == directory_of(&account).as_str() {
        return parse(bytes, &account, seal);
    }
    let detail = "bad document: it is of another account than its directory";
    Err(Trouble::new(TroubleKind::StoreRead, detail))
}

/// The document of `account`, whose directory the caller has locked. It is read in any case; only
/// where each byte is as it was in `known`, an earlier reading, it is not parsed and opened again.
pub(super) fn locked_document(
    dir: &LockedDir,
    account: &Account,
    known: Option<Known>,
    seal: &dyn Seal,
) -> Result<Document, Trouble> {
    let bytes = locked_bytes(dir)?;
    match known {
        Some(known) if known.bytes == bytes && known.document.account() == account => {
            Ok(known.document)
        }
        _ => parse(&bytes, account, seal).map_err(in_file(dir.path().join(DOCUMENT))),
    }
}

fn locked_bytes(dir: &LockedDir) -> Result<Zeroizing<Vec<u8>>, Trouble> {
    open(dir)
        .and_then(|file| file.read(MAX_DOCUMENT))
        .map_err(no_document)
}

/// Makes sure that no other account has the name or the uid of `account`, which has no document:
/// one that was given another name or uid must not pass for one that never enrolled.
///
/// The names of the directories tell; no document is read.
pub(super) fn is_nobody_else(accounts: &CheckedDir, account: &Account) -> Result<(), Trouble> {
    let own = directory_of(account);
    let name_and_dot = format!("{}.", account.directory_name());
    let dot_and_uid = format!(".{}", account.uid);
    let mut found = None;
    let look = |entry: &[u8]| {
        let detail = if entry.ends_with(dot_and_uid.as_bytes()) {
            "the same uid under another name"
        } else if entry
            .strip_prefix(name_and_dot.as_bytes())
            .is_some_and(|uid| !uid.contains(&b'.'))
        {
            "the same name with another uid"
        } else {
            return;
        };
        // Ours came into being after it was looked for; hidden is what comes into being or goes.
        if entry != own.as_bytes() && !entry.starts_with(HIDDEN) {
            found = Some((accounts.path().join(OsStr::from_bytes(entry)), detail));
        }
    };
    accounts.each_name(look).map_err(unread)?;
    found.map_or(Ok(()), |(place, detail)| {
        let detail = format!(
            "{}: {detail}; if that account is gone, run kapu remove --forget",
            place.display()
        );
        Err(Trouble::new(TroubleKind::Uid, detail))
    })
}

/// The directories of accounts with this name, whatever their uid.
pub(super) fn called(accounts: &CheckedDir, name: &str) -> Result<Vec<OsString>, Trouble> {
    let account = Account {
        name: name.to_owned(),
        uid: 0,
    };
    let wanted = account.directory_name();
    let mut names = names(accounts)?;
    names.retain(|entry| name_and_uid(entry).is_some_and(|(name, _)| name == wanted));
    Ok(names)
}

/// The uid that a directory's name tells.
pub(super) fn uid(directory: &OsStr) -> Option<u32> {
    name_and_uid(directory)?.1.parse().ok()
}

/// The two parts of a directory's name, each as it is written.
fn name_and_uid(directory: &OsStr) -> Option<(&str, &str)> {
    directory.to_str()?.rsplit_once('.')
}

/// The names of the accounts' directories.
pub(super) fn names(accounts: &CheckedDir) -> Result<Vec<OsString>, Trouble> {
    let mut names = accounts.names().map_err(unread)?;
    names.retain(|name| !name.as_bytes().starts_with(HIDDEN));
    Ok(names)
}

fn parse(bytes: &[u8], account: &Account, seal: &dyn Seal) -> Result<Document, Trouble> {
    Document::parse(text(bytes)?, account, seal)
}

fn text(bytes: &[u8]) -> Result<&str, Trouble> {
    std::str::from_utf8(bytes)
        .map_err(|_| Trouble::new(TroubleKind::StoreRead, "bad document: not text"))
}

pub(super) type Found = Option<(Zeroizing<Vec<u8>>, CheckedDir)>;

fn read_whole(accounts: &CheckedDir, name: &OsStr) -> Result<Found, Trouble> {
    read(accounts, name, |dir| open(dir)?.read(MAX_DOCUMENT))
}

/// Reads the document in the directory `name`; `None` where there is no such directory.
pub(super) fn read(
    accounts: &CheckedDir,
    name: &OsStr,
    contents: impl Fn(&CheckedDir) -> Result<Zeroizing<Vec<u8>>, FileError>,
) -> Result<Found, Trouble> {
    for _ in 0..TRIES {
        #[cfg(test)]
        steps::reach(Step::Find, accounts.path());
        let dir = match accounts.child(name, PRIVATE) {
            Ok(dir) => dir,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(unread(error)),
        };
        match contents(&dir) {
            Ok(bytes) => return Ok(Some((bytes, dir))),
            // Nobody had locked it, so the account may have been forgotten since it was opened.
            Err(error) if error.is_missing() => {
                if dir.is_still(accounts, name).map_err(unread)? {
                    return Err(no_document(error));
                }
            }
            Err(error) => return Err(unread(error)),
        }
    }
    Err(unread(FileError::new(
        accounts.path().join(name),
        Fault::Busy,
    )))
}

pub(super) fn open(dir: &CheckedDir) -> Result<CheckedFile, FileError> {
    #[cfg(test)]
    steps::reach(Step::Read, dir.path());
    dir.file(DOCUMENT, PRIVATE)
}

/// An account without its document is damaged: it is not one that never enrolled.
fn no_document(error: FileError) -> Trouble {
    let mut trouble = unread(error.clone());
    if error.is_missing() {
        trouble.detail.push_str(
            ", though its account has a directory; put it back, or run kapu remove --forget",
        );
    }
    trouble
}

/// Says in which file the trouble is.
fn in_file(place: PathBuf) -> impl FnOnce(Trouble) -> Trouble {
    move |trouble| {
        Trouble::new(
            trouble.kind,
            format!("{}: {}", place.display(), trouble.detail),
        )
    }
}
