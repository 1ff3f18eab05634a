//! The host key of a new installation.

use std::io::ErrorKind;
use std::path::Path;

use kapu_core::config::StoreConfig;
use kapu_core::ports::{Trouble, TroubleKind};
use kapu_host::checked_open::{CheckedDir, PRIVATE};
use kapu_host::identity;
use kapu_host::seal::HostKey;

/// Makes the host key where there is none and no account either: a key that is gone while
/// accounts exist must come back from a backup, and a new one in its place would hide that. Tells
/// whether one was made.
pub(crate) fn make_for_an_empty_store(config: &StoreConfig) -> Result<bool, Trouble> {
    let path = Path::new(&config.host_key);
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        // It is there, or the one who opens it will say what is wrong.
        _ => return Ok(false),
    }
    let owner = identity::effective_uid();
    let accounts = CheckedDir::open(Path::new(&config.path), owner, PRIVATE)
        .and_then(|dir| dir.names())
        .map_err(|error| error.trouble(TroubleKind::StoreRead))?;
    if accounts.is_empty() {
        HostKey::make(path, owner)?;
        return Ok(true);
    }
    Ok(false)
}
