//! What functions that have returned left below on the stack.

use std::hint::black_box;

use zeroize::Zeroize;

/// Bytes below the caller that are overwritten: more than the frames of a hash take.
const DEPTH: usize = 16 * 1024;

/// Overwrites what functions that the caller has called left on the stack. A library's hash copies
/// its result from frame to frame, and a key that it is fed; whether the copies stay there is up to
/// the compiler.
#[inline(never)]
pub(crate) fn scrub() {
    let mut below = [0_u64; DEPTH / size_of::<u64>()];
    below.zeroize();
    black_box(&below);
}
