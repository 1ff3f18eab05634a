//! Chance: getrandom(2).

use std::io;

use kapu_core::ports::{Trouble, TroubleKind};

/// Fills `bytes` with random bytes that suit keys. Early at boot it waits until the kernel has
/// gathered enough, as every maker of keys must.
///
/// # Errors
/// When the system has none; what `bytes` then holds must not be used.
pub fn fill(bytes: &mut [u8]) -> Result<(), Trouble> {
    fill_from(bytes, ask_kernel)
}

/// Asks `source` until `bytes` is full: it may be interrupted, or give less than was asked for.
fn fill_from(
    mut bytes: &mut [u8],
    mut source: impl FnMut(&mut [u8]) -> io::Result<usize>,
) -> Result<(), Trouble> {
    let trouble = |why: &str| Trouble::new(TroubleKind::Random, format!("getrandom: {why}"));
    while !bytes.is_empty() {
        match source(bytes) {
            // Not promised to be impossible, and asking again could go on for ever.
            Ok(0) => return Err(trouble("nothing came")),
            Ok(got) => {
                bytes = bytes
                    .get_mut(got..)
                    .ok_or_else(|| trouble("more came than was asked for"))?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(trouble(&error.to_string())),
        }
    }
    Ok(())
}

/// A fixed number of random bytes.
///
/// # Errors
/// As [`fill`].
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Trouble> {
    let mut bytes = [0; N];
    fill(&mut bytes)?;
    Ok(bytes)
}

fn ask_kernel(bytes: &mut [u8]) -> io::Result<usize> {
    // SAFETY: the kernel writes at most `len` bytes from the pointer on, and `bytes` is that long
    // and ours to write (getrandom(2)).
    let got = unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), bytes.len(), 0) };
    usize::try_from(got).map_err(|_| io::Error::last_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_filled_and_no_two_fillings_are_the_same() {
        let mut seen = [false; 33];
        let mut last = [0; 33];
        // A byte stays zero in 64 fillings with a chance of 2^-512.
        for _ in 0..64 {
            let mut bytes = [0; 33];
            fill(&mut bytes).unwrap();
            assert_ne!(bytes, last);
            last = bytes;
            for (seen, byte) in seen.iter_mut().zip(bytes) {
                *seen |= byte != 0;
            }
        }
        assert_eq!(seen, [true; 33]);
        fill(&mut []).unwrap();
    }

    #[test]
    fn an_interruption_and_a_short_answer_are_asked_again() {
        let mut calls = 0;
        let mut bytes = [0; 5];
        fill_from(&mut bytes, |room| {
            calls += 1;
            if calls % 2 == 1 {
                return Err(io::Error::from_raw_os_error(libc::EINTR));
            }
            let got = room.len().min(2);
            room[..got].fill(calls);
            Ok(got)
        })
        .unwrap();
        assert_eq!(bytes, [2, 2, 4, 4, 6]);
    }

    #[test]
    fn no_randomness_is_trouble() {
        let answers: [fn() -> io::Result<usize>; 3] = [
            || Err(io::Error::from_raw_os_error(libc::ENOSYS)),
            || Ok(0),
            || Ok(9),
        ];
        for answer in answers {
            let trouble = fill_from(&mut [0; 8], |_| answer()).unwrap_err();
            assert_eq!(trouble.kind, TroubleKind::Random);
        }
    }
}
