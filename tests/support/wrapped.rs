//! A command behind another one that starts it: strace(1), prlimit(1).

use std::ffi::OsStr;
use std::process::Command;

/// `program` with `arguments`, and behind them `inner` with its environment alone.
#[must_use]
pub fn wrapped<T: AsRef<OsStr>>(
    program: &str,
    arguments: impl IntoIterator<Item = T>,
    inner: &Command,
) -> Command {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg("--")
        .arg(inner.get_program())
        .args(inner.get_args())
        .env_clear();
    for (name, value) in inner.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command
}
