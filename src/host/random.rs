//! The system's randomness.

use kapu_core::ports::{Trouble, TroubleKind};
use nix::errno::Errno;

/// Fills `bytes` from getrandom(2), which waits only while the machine has just been started.
///
/// # Errors
/// [`TroubleKind::Random`] where the system call is refused.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Trouble> {
    let mut rest = bytes;
    while !rest.is_empty() {
        // SAFETY: getrandom writes at most `rest.len()` bytes to `rest.as_mut_ptr()`, which is
        // the start of that many writable bytes, and keeps no pointer.
        let count = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match Errno::result(count) {
            Ok(count) => {
                let count = usize::try_from(count).unwrap_or(0);
                rest = rest.get_mut(count..).unwrap_or_default();
            }
            Err(Errno::EINTR) => {}
            Err(errno) => {
                return Err(Trouble::new(
                    TroubleKind::Random,
                    format!("getrandom: {errno}"),
                ));
            }
        }
    }
    Ok(())
}

/// A fixed number of random bytes.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}
