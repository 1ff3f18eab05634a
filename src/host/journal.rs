//! Lines of the log for systemd's journal, by its native protocol: the text that syslog(3) would
//! get, and beside it a field for each pair, so that `journalctl KAPU_REASON=code` finds it.
//!
//! One datagram is one line. Where the journal does not take it, now and whole, the caller hands
//! the line to syslog(3): exactly one of the two gets it.

use std::ffi::{CStr, c_char};
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::{process, ptr};

use kapu_core::event::{Severity, pairs};
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, UnixAddr, sendto, socket};

/// Where the journal listens (systemd-journald.service(8)).
const SOCKET: &str = "/run/systemd/journal/socket";
/// `LOG_AUTHPRIV` of syslog.h, by its number.
const AUTHPRIV: &str = "10";
/// What the names of the fields begin with: no other program's do.
const PREFIX: &str = "KAPU_";
/// Room for a line of usual length, twice, and the names of its fields.
const USUAL: usize = 1024;

/// One line for the journal.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// How grave it is.
    pub severity: Severity,
    /// The name of the program, as syslog(3) has it.
    pub identifier: &'a [u8],
    /// What stands before the pairs in the text: pam_syslog(3) says there which module speaks.
    pub before: &'a str,
    /// The pairs.
    pub line: &'a str,
}

impl Entry<'_> {
    /// Hands it to the journal. `false` where nobody has it: there is no journal, or it is busy, or
    /// the line is too long for it. Never waits, and leaves no descriptor.
    #[must_use]
    pub fn send(&self) -> bool {
        self.send_to(Path::new(SOCKET))
    }

    fn send_to(&self, path: &Path) -> bool {
        let bytes = self.datagram();
        let sent = UnixAddr::new(path).and_then(|address| {
            let socket = socket(
                AddressFamily::Unix,
                SockType::Datagram,
                SockFlag::SOCK_CLOEXEC,
                None,
            )?;
            let flags = MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_NOSIGNAL;
            sendto(socket.as_raw_fd(), &bytes, &address, flags)
        });
        // A datagram goes as a whole or not at all.
        sent.is_ok()
    }

    fn datagram(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(USUAL);
        let message = [self.before, self.line].concat();
        push(&mut bytes, "MESSAGE", message.as_bytes());
        push(&mut bytes, "PRIORITY", priority(self.severity).as_bytes());
        push(&mut bytes, "SYSLOG_FACILITY", AUTHPRIV.as_bytes());
        push(&mut bytes, "SYSLOG_IDENTIFIER", self.identifier);
        push(
            &mut bytes,
            "SYSLOG_PID",
            process::id().to_string().as_bytes(),
        );
        for (key, value) in pairs(self.line) {
            let name = PREFIX.to_owned() + &key.to_ascii_uppercase().replace('-', "_");
            push(&mut bytes, &name, value.as_bytes());
        }
        bytes
    }
}

/// The severity as syslog.h counts.
const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "3",
        Severity::Warning => "4",
        Severity::Info => "6",
    }
}

/// One field. A value that holds a line end goes by its length: whatever it says, it is no field.
fn push(bytes: &mut Vec<u8>, name: &str, value: &[u8]) {
    bytes.extend_from_slice(name.as_bytes());
    if value.contains(&b'\n') {
        bytes.push(b'\n');
        // On every platform of ours a usize fits.
        let length = u64::try_from(value.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
    } else {
        bytes.push(b'=');
    }
    bytes.extend_from_slice(value);
    bytes.push(b'\n');
}

/// Longest name of a program that is told, in bytes.
const MAX_NAME: usize = 64;

unsafe extern "C" {
    static program_invocation_short_name: *const c_char;
}

/// The name of the host process as syslog(3) tells it, where nobody has called openlog(3).
#[must_use]
pub fn name_of_this_process() -> Vec<u8> {
    // SAFETY: the C library promises a pointer to a string from the start of the program on; who
    // sets another, as sshd does before it serves anybody, promises the same to syslog(3). It is
    // read through a raw pointer, since the C library declares it as a variable.
    let name = unsafe { ptr::read(&raw const program_invocation_short_name) };
    if name.is_null() {
        return Vec::new();
    }
    // SAFETY: not null, and so a string, see above; nobody sets another before it is copied.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    bytes.iter().take(MAX_NAME).copied().collect()
}

#[cfg(test)]
mod tests;
