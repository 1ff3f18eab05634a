//! Signals while a person is asked: they arrive at the prompt and nowhere else.
//!
//! The signals are blocked from [`Watch::start`] on and let through only while
//! [`Watch::wait`] waits for the terminal, which ppoll(2) does without a gap in which one could be
//! missed. So Ctrl-C can never come between two halves of a write.

use std::os::fd::BorrowedFd;
use std::sync::atomic::{AtomicI32, Ordering};

use libc::c_int;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, raise, sigaction, sigprocmask,
};

/// Those that end a dialog, and the one that sends it to the background.
const WATCHED: [Signal; 5] = [
    Signal::SIGINT,
    Signal::SIGTERM,
    Signal::SIGHUP,
    Signal::SIGQUIT,
    Signal::SIGTSTP,
];

/// The last signal that came, or 0.
static CAUGHT: AtomicI32 = AtomicI32::new(0);

extern "C" fn note(signal: c_int) {
    CAUGHT.store(signal, Ordering::Relaxed);
}

/// What ended a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Woken {
    /// There is something to read, or the terminal is gone: reading tells which.
    Readable,
    /// Ctrl-Z.
    Suspend,
    /// Ctrl-C, a hang-up, or somebody ends this process.
    Stop,
}

/// The watch over the signals; the process has one.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The mask as it was found, with the watched signals open.
    waiting: SigSet,
}

impl Watch {
    /// Blocks the watched signals, so that they wait for [`wait`](Watch::wait).
    pub(crate) fn start() -> nix::Result<Self> {
        let action = SigAction::new(SigHandler::Handler(note), SaFlags::empty(), SigSet::empty());
        for signal in WATCHED {
            // SAFETY: the handler only stores into an atomic, which signal-safety(7) allows.
            unsafe { sigaction(signal, &action) }?;
        }
        let mut waiting = SigSet::empty();
        sigprocmask(
            SigmaskHow::SIG_BLOCK,
            Some(&SigSet::from_iter(WATCHED)),
            Some(&mut waiting),
        )?;
        for signal in WATCHED {
            waiting.remove(signal);
        }
        Ok(Self { waiting })
    }

    /// Waits until `terminal` can be read or a signal came.
    pub(crate) fn wait(&self, terminal: BorrowedFd<'_>) -> nix::Result<Woken> {
        loop {
            let mut polled = [PollFd::new(terminal, PollFlags::POLLIN)];
            match ppoll(&mut polled, None, Some(self.waiting)) {
                Ok(_) => return Ok(Woken::Readable),
                Err(Errno::EINTR) => {}
                Err(error) => return Err(error),
            }
            match CAUGHT.swap(0, Ordering::Relaxed) {
                0 => {}
                signal if signal == Signal::SIGTSTP as c_int => return Ok(Woken::Suspend),
                _ => return Ok(Woken::Stop),
            }
        }
    }

    /// Stops this process until somebody continues it, as Ctrl-Z would have.
    pub(crate) fn suspend(&self) -> nix::Result<()> {
        raise(Signal::SIGSTOP)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Write, pipe};
    use std::os::fd::AsFd;

    /// One test, because signals belong to the whole process.
    #[test]
    fn a_signal_waits_for_the_prompt_and_is_told_apart() {
        let watch = Watch::start().unwrap();
        let (reader, mut writer) = pipe().unwrap();
        for (signal, woken) in [
            (Signal::SIGINT, Woken::Stop),
            (Signal::SIGHUP, Woken::Stop),
            (Signal::SIGTSTP, Woken::Suspend),
        ] {
            raise(signal).unwrap();
            assert_eq!(CAUGHT.load(Ordering::Relaxed), 0, "{signal} came early");
            assert_eq!(watch.wait(reader.as_fd()), Ok(woken));
        }
        writer.write_all(b"x").unwrap();
        assert_eq!(watch.wait(reader.as_fd()), Ok(Woken::Readable));
    }
}
