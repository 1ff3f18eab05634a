//! Reading documents, and being certain that there is none.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use kapu_core::document::{Document, MAX_DOCUMENT, Seal};
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_core::username::Account;
use zeroize::Zeroizing;

use super::{DOCUMENT, TRIES, unread};
use crate::checked_open::{CheckedDir, CheckedFile, PRIVATE};
use crate::file_error::{Fault, FileError};
use crate::lock::LockedDir;

/// How much of a document is read to learn whose it is: several times its longest first lines.
const HEAD: usize = 4096;

/// The document of `account`; `None` where there is no directory of that name.
pub(super) fn document(
    accounts: &CheckedDir,
    account: &Account,
    seal: &dyn Seal,
) -> Result<Option<Document>, Trouble> {
    let name = OsString::from(account.directory_name());
    let Some((bytes, place)) = read_whole(accounts, &name)? else {
        return Ok(None);
    };
    parse(&bytes, account, seal)
        .map(Some)
        .map_err(in_file(place))
}

/// The document in the directory `name`, whoever's it is.
pub(super) fn any_document(
    accounts: &CheckedDir,
    name: &OsStr,
    seal: &dyn Seal,
) -> Result<Option<Document>, Trouble> {
    let Some((bytes, place)) = read_whole(accounts, name)? else {
        return Ok(None);
    };
    owner(&bytes, name)
        .and_then(|account| parse(&bytes, &account, seal))
        .map(Some)
        .map_err(in_file(place))
}

/// The document of `account`, whose directory the caller has locked.
pub(super) fn locked_document(
    dir: &LockedDir,
    account: &Account,
    seal: &dyn Seal,
) -> Result<Document, Trouble> {
    let bytes = open(dir)
        .and_then(|file| file.read(MAX_DOCUMENT))
        .map_err(no_document)?;
    parse(&bytes, account, seal).map_err(in_file(dir.path().join(DOCUMENT)))
}

/// Makes sure that no other account has the uid of `account`: one that was given another name
/// must not pass for an account that never enrolled.
///
/// This reads the first lines of every document, some ten microseconds each, and happens only
/// for an account without one. A document that cannot be read might be the one: it is an error.
pub(super) fn uid_is_free(accounts: &CheckedDir, account: &Account) -> Result<(), Trouble> {
    let own = account.directory_name();
    for name in names(accounts)? {
        if name == *own {
            continue;
        }
        let start = read(accounts, &name, |file| file.read_start(HEAD))?;
        let Some((bytes, place)) = start else {
            continue;
        };
        let other = owner(&bytes, &name).map_err(in_file(place))?;
        if other.uid == account.uid {
            let detail = format!(
                "uid {} is that of {}, known by another name; run kapu remove --forget there if that account is gone",
                account.uid,
                accounts.path().join(&name).display(),
            );
            return Err(Trouble::new(TroubleKind::Uid, detail));
        }
    }
    Ok(())
}

/// The names of the accounts' directories.
pub(super) fn names(accounts: &CheckedDir) -> Result<Vec<OsString>, Trouble> {
    let mut names = accounts.names().map_err(unread)?;
    // What is being created or forgotten.
    names.retain(|name| !name.as_encoded_bytes().starts_with(b"."));
    Ok(names)
}

fn parse(bytes: &[u8], account: &Account, seal: &dyn Seal) -> Result<Document, Trouble> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Trouble::new(TroubleKind::StoreRead, "bad document: not text"))?;
    Document::parse(text, account, seal)
}

/// Whose document begins with `bytes`, which may end anywhere.
fn owner(bytes: &[u8], name: &OsStr) -> Result<Account, Trouble> {
    let text = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let account = Document::owner(text)?;
    if name != account.directory_name().as_str() {
        let detail = "bad document: it is of another account than its directory";
        return Err(Trouble::new(TroubleKind::StoreRead, detail));
    }
    Ok(account)
}

type Found = Option<(Zeroizing<Vec<u8>>, PathBuf)>;

fn read_whole(accounts: &CheckedDir, name: &OsStr) -> Result<Found, Trouble> {
    read(accounts, name, |file| file.read(MAX_DOCUMENT))
}

/// Reads the document in the directory `name`; `None` where there is no such directory.
fn read(
    accounts: &CheckedDir,
    name: &OsStr,
    contents: impl Fn(CheckedFile) -> Result<Zeroizing<Vec<u8>>, FileError>,
) -> Result<Found, Trouble> {
    for _ in 0..TRIES {
        let dir = match accounts.child(name, PRIVATE) {
            Ok(dir) => dir,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(unread(error)),
        };
        match open(&dir).and_then(&contents) {
            Ok(bytes) => return Ok(Some((bytes, dir.path().join(DOCUMENT)))),
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

fn open(dir: &CheckedDir) -> Result<CheckedFile, FileError> {
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
