//! Who this process is.

use kapu_core::ports::{Trouble, TroubleKind};
use nix::unistd::getresuid;

/// The uid of the administrator.
pub const ROOT: u32 = 0;

/// The uid that the kernel judges this process by.
#[must_use]
pub fn effective_uid() -> u32 {
    nix::unistd::geteuid().as_raw()
}

/// The uid of whoever started this process.
#[must_use]
pub fn real_uid() -> u32 {
    nix::unistd::getuid().as_raw()
}

/// Whether this process is `uid` and nobody else: real, effective and saved uid are all `uid`.
///
/// In a set-uid program the calling user may stop or trace the process, and one that holds a
/// lock while it is stopped keeps everybody out.
///
/// # Errors
/// [`TroubleKind::MixedUids`] where it is somebody else, or several at once.
pub fn process_owns(uid: u32) -> Result<(), Trouble> {
    uids().and_then(|ids| demand(ids, uid))
}

/// The one uid that this process is, as [`process_owns`] demands it.
///
/// # Errors
/// [`TroubleKind::MixedUids`] where it is several at once.
pub(crate) fn only_uid() -> Result<u32, Trouble> {
    let ids @ [_, effective, _] = uids()?;
    demand(ids, effective).map(|()| effective)
}

/// The real, the effective and the saved uid of this process (credentials(7)).
fn uids() -> Result<[u32; 3], Trouble> {
    let ids = getresuid().map_err(|errno| mixed(format!("getresuid: {errno}")))?;
    Ok([ids.real, ids.effective, ids.saved].map(nix::unistd::Uid::as_raw))
}

fn demand(ids: [u32; 3], owner: u32) -> Result<(), Trouble> {
    if ids == [owner; 3] {
        return Ok(());
    }
    let [real, effective, saved] = ids;
    Err(mixed(format!(
        "real, effective and saved uid are {real}, {effective} and {saved}; the store is of uid {owner}"
    )))
}

fn mixed(detail: String) -> Trouble {
    Trouble::new(TroubleKind::MixedUids, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_owns_what_is_of_its_only_uid_and_nothing_else() {
        let own = nix::unistd::geteuid().as_raw();
        assert_eq!(process_owns(own), Ok(()));
        let trouble = process_owns(own + 1).unwrap_err();
        assert_eq!(trouble.kind, TroubleKind::MixedUids);
        assert_eq!(only_uid(), Ok(own));
    }

    #[test]
    fn whoever_is_several_at_once_owns_nothing() {
        for ids in [[7, 0, 0], [0, 7, 0], [0, 0, 7]] {
            for owner in [0, 7] {
                let trouble = demand(ids, owner).unwrap_err();
                assert_eq!(trouble.kind, TroubleKind::MixedUids);
            }
        }
    }
}
