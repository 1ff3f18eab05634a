//! tmux(1): a terminal emulator that is not ours, with a program in it.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use crate::scratch::Scratch;

/// Longest wait for something that a program draws at once.
const PATIENCE: Duration = Duration::from_secs(20);
/// Its size: one in which a QR code of a dialog has room.
const COLUMNS: &str = "100";
const ROWS: &str = "60";

/// A window of a tmux server of its own; both end with this value.
#[derive(Debug)]
pub struct Tmux {
    scratch: Scratch,
}

impl Tmux {
    /// Starts `command`, with its environment, in a window.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn run(command: &Command) -> Self {
        let tmux = Self {
            scratch: Scratch::new(),
        };
        let mut start = tmux.command(&["-f", "/dev/null", "new-session", "-d"]);
        start.args(["-x", COLUMNS, "-y", ROWS]);
        for (name, value) in command.get_envs() {
            let value = value.expect("nothing is taken away").to_string_lossy();
            start.args(["-e", &format!("{}={value}", name.to_string_lossy())]);
        }
        start.arg("--").arg(command.get_program());
        done(start.args(command.get_args()));
        // What was drawn is to be seen after the program has ended, too.
        done(&mut tmux.command(&["set-option", "-g", "remain-on-exit", "on"]));
        tmux
    }

    /// Types, as if pressed one after the other.
    ///
    /// # Panics
    /// When the window is gone.
    pub fn type_line(&self, text: &str) {
        done(&mut self.command(&["send-keys", "-l", "--", text]));
        done(&mut self.command(&["send-keys", "Enter"]));
    }

    /// What the window shows, once that is so.
    ///
    /// # Panics
    /// When it never is.
    #[must_use]
    pub fn wait_until(&self, is_so: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let output = done(&mut self.command(&["capture-pane", "-p"]));
            let text = String::from_utf8(output.stdout).expect("text");
            if is_so(&text) {
                return text;
            }
            assert!(begun.elapsed() < PATIENCE, "that never came:\n{text}");
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn socket(&self) -> PathBuf {
        self.scratch.path().join("tmux")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(self.socket()).args(arguments);
        command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
        command
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}

fn done(command: &mut Command) -> Output {
    let output = command.output().expect("tmux runs");
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
