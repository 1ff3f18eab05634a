//! A pseudo-terminal of 80 by 24 with a program in it: what it draws, and keys for it.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::ptr;
use std::thread;
use std::time::{Duration, Instant};

use crate::screen::Screen;

/// Longest wait for something that a program draws at once.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long somebody waits who has pressed Ctrl-C for nothing.
const AGAIN: Duration = Duration::from_secs(1);

/// A program that believes to be at a terminal.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    ours: File,
    screen: Screen,
}

impl Terminal {
    /// Starts `command` with a new terminal as its controlling one.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn run(mut command: Command) -> Self {
        let (ours, theirs) = open_pair();
        let stdio = || Stdio::from(theirs.try_clone().expect("a descriptor"));
        command.stdin(stdio()).stdout(stdio()).stderr(stdio());
        // SAFETY: between fork and exec only setsid(2), ioctl(2) and signal(2) are called, which are
        // async-signal-safe; descriptor 0 is the terminal by then.
        unsafe {
            command.pre_exec(|| {
                // What a shell starts in the background ignores Ctrl-C, and so would its children.
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                libc::signal(libc::SIGQUIT, libc::SIG_DFL);
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().expect("the program starts");
        Self {
            child,
            ours: File::from(ours),
            screen: Screen::new(Screen::COLUMNS),
        }
    }

    /// What the terminal shows now.
    #[must_use]
    pub const fn screen(&self) -> &Screen {
        &self.screen
    }

    /// Types.
    ///
    /// # Panics
    /// When the terminal is gone.
    pub fn type_keys(&mut self, keys: &str) {
        self.ours
            .write_all(keys.as_bytes())
            .expect("the terminal takes keys");
    }

    /// Reads on until `text` is to be seen.
    ///
    /// # Panics
    /// When it never is.
    pub fn wait_for(&mut self, text: &str) {
        let begun = Instant::now();
        // A question ends in a blank, which the screen leaves out.
        let text = text.trim_end();
        while !self.screen.text().contains(text) {
            assert!(
                self.read_on(begun) || self.screen.text().contains(text),
                "{text:?} never came; the screen shows\n{}",
                self.screen.text()
            );
        }
    }

    /// Reads on until the screen is so.
    ///
    /// # Panics
    /// When it never is.
    pub fn wait_until(&mut self, is_so: impl Fn(&Screen) -> bool) {
        let begun = Instant::now();
        while !is_so(&self.screen) {
            assert!(
                self.read_on(begun) || is_so(&self.screen),
                "that never came; the screen shows\n{}",
                self.screen.text()
            );
        }
    }

    /// Presses Ctrl-C until the program has ended. The client of ssh does not hear of one that comes
    /// between its question and its reading of the answer: people press it again.
    ///
    /// # Panics
    /// When it does not end.
    pub fn interrupt(&mut self) -> ExitStatus {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            // It may be gone by now.
            let _ = self.ours.write_all(b"\x03");
            while is_readable(&self.ours, AGAIN) {
                if !self.read_on(begun) {
                    return self.wait_for_end();
                }
            }
        }
        panic!("the program does not end");
    }

    /// Reads on until the program has ended.
    ///
    /// # Panics
    /// When it does not end.
    pub fn wait_for_end(&mut self) -> ExitStatus {
        let begun = Instant::now();
        while self.read_on(begun) {}
        loop {
            if let Some(status) = self.child.try_wait().expect("the program is ours") {
                return status;
            }
            assert!(begun.elapsed() < PATIENCE, "the program does not end");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Draws what comes next; false when the program has closed the terminal.
    fn read_on(&mut self, begun: Instant) -> bool {
        let left = PATIENCE.saturating_sub(begun.elapsed());
        assert!(
            !left.is_zero() && is_readable(&self.ours, left),
            "nothing more came; the screen shows\n{}",
            self.screen.text()
        );
        let mut bytes = [0; 4096];
        // Linux answers EIO once the last program has closed its side.
        let count = self.ours.read(&mut bytes).unwrap_or(0);
        self.screen.draw(&bytes[..count]);
        count > 0
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn open_pair() -> (OwnedFd, OwnedFd) {
    let (mut ours, mut theirs) = (-1, -1);
    let size = libc::winsize {
        ws_row: Screen::ROWS as u16,
        ws_col: Screen::COLUMNS as u16,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: openpty(3) fills two integers; no name and no settings are asked for.
    let opened = unsafe {
        libc::openpty(
            &raw mut ours,
            &raw mut theirs,
            ptr::null_mut(),
            ptr::null(),
            &raw const size,
        )
    };
    assert_eq!(opened, 0, "openpty: {}", std::io::Error::last_os_error());
    // SAFETY: both are new descriptors, owned by nobody else.
    unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) }
}

fn is_readable(file: &File, patience: Duration) -> bool {
    let mut poll = libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    };
    let milliseconds = i32::try_from(patience.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: one structure, as the count says.
    unsafe { libc::poll(&raw mut poll, 1, milliseconds) > 0 }
}
