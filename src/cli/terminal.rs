//! The person at the terminal.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsFd;

use kapu_core::key_card::KeyCard;
use kapu_core::ports::{Dialog, DialogError, MAX_ANSWER};
use kapu_core::secret::Secret;
use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::screen::{Drawing, Screen, Window};
use crate::signals::{Watch, Woken};

/// The longest line a terminal hands over at once (termios(3), canonical mode).
const MAX_LINE: usize = 4096;
/// Home, clear the screen, clear what scrolled off it: a key must not wait in the history.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";

/// The controlling terminal, whatever standard input and output are.
#[derive(Debug)]
pub(crate) struct Terminal {
    tty: File,
    watch: Watch,
    drawing: Drawing,
    /// Whether the terminal obeys escape sequences.
    obeys: bool,
}

impl Terminal {
    /// Opens the terminal of this process.
    ///
    /// # Errors
    /// [`DialogError::NoDialog`] where it has none.
    pub(crate) fn open(drawing: Drawing, obeys: bool) -> Result<Self, DialogError> {
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/tty")
            .map_err(|_| DialogError::NoDialog)?;
        let watch = Watch::start().map_err(|_| DialogError::NoDialog)?;
        Ok(Self {
            tty,
            watch,
            drawing,
            obeys,
        })
    }

    fn write(&mut self, text: &str) -> Result<(), DialogError> {
        self.tty
            .write_all(text.as_bytes())
            .map_err(|_| DialogError::Stopped)
    }

    /// Asks until there is an answer. Ctrl-Z puts the terminal right before it stops the
    /// program, and asks again afterwards.
    fn ask(&mut self, prompt: &str, hidden: bool) -> Result<Secret, DialogError> {
        loop {
            let silence = if hidden {
                Some(Silence::of(&self.tty)?)
            } else {
                None
            };
            self.write(prompt)?;
            match self.watch.wait(self.tty.as_fd()) {
                Ok(Woken::Readable) => return self.read_line(),
                Ok(Woken::Suspend) => {
                    drop(silence);
                    let _ = self.watch.suspend();
                }
                Ok(Woken::Stop) | Err(_) => {
                    drop(silence);
                    let _ = self.write("\n");
                    return Err(DialogError::Stopped);
                }
            }
        }
    }

    fn read_line(&mut self) -> Result<Secret, DialogError> {
        let mut line = Zeroizing::new([0; MAX_LINE]);
        let length = self
            .tty
            .read(line.as_mut_slice())
            .map_err(|_| DialogError::Stopped)?;
        match line.get(..length) {
            // Ctrl-D on an empty line, or the terminal is gone.
            None | Some([]) => Err(DialogError::Stopped),
            Some([text @ .., b'\n'] | text) if text.len() <= MAX_ANSWER => {
                Ok(Secret::copy_of(text))
            }
            Some(_) => Err(DialogError::BadAnswer),
        }
    }

    fn show(&mut self, screen: &Screen) -> Result<(), DialogError> {
        self.clear()?;
        self.write(&screen.text)
    }
}

impl Dialog for Terminal {
    fn ask_hidden(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask(prompt, true)
    }

    fn ask_shown(&mut self, prompt: &str) -> Result<Secret, DialogError> {
        self.ask(prompt, false)
    }

    fn tell(&mut self, text: &str) -> Result<(), DialogError> {
        self.write(text)?;
        self.write("\n")
    }

    fn show_key(&mut self, card: &KeyCard<'_>) -> Result<(), DialogError> {
        let screen = self.drawing.first(card, Window::of(&self.tty));
        self.show(&screen)
    }

    fn redraw(&mut self, card: &KeyCard<'_>, typed: &str) -> Result<bool, DialogError> {
        match typed.to_ascii_lowercase().as_str() {
            "q" => {}
            "i" => self.drawing.ink = self.drawing.ink.inverted(),
            "a" => self.drawing.letters = self.drawing.letters.other(),
            "u" => {
                self.tell(card.uri.expose_text().unwrap_or_default())?;
                return Ok(true);
            }
            _ => return Ok(false),
        }
        let screen = self.drawing.on_request(card, Window::of(&self.tty));
        self.show(&screen)?;
        Ok(true)
    }

    fn clear(&mut self) -> Result<(), DialogError> {
        if self.obeys {
            self.write(CLEAR)
        } else {
            Ok(())
        }
    }
}

/// While this lives the terminal does not show what is typed, save for the line's end.
struct Silence {
    tty: File,
    before: Termios,
}

impl Silence {
    fn of(tty: &File) -> Result<Self, DialogError> {
        let tty = tty.try_clone().map_err(|_| DialogError::Stopped)?;
        let before = tcgetattr(&tty).map_err(|_| DialogError::Stopped)?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        silent
            .local_flags
            .insert(LocalFlags::ECHONL | LocalFlags::ICANON | LocalFlags::ISIG);
        // FLUSH: what was typed while it was still shown is no answer to a hidden question.
        tcsetattr(&tty, SetArg::TCSAFLUSH, &silent).map_err(|_| DialogError::Stopped)?;
        Ok(Self { tty, before })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // A terminal that is gone needs no putting right.
        let _ = tcsetattr(&self.tty, SetArg::TCSADRAIN, &self.before);
    }
}
