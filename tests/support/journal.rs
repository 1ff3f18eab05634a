//! A stand-in for systemd's journal: the socket is real, and what comes is read by the rules of
//! its native protocol and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixDatagram;
use std::thread;
use std::time::{Duration, Instant};

use crate::site::Site;

/// Longest wait for something that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);
/// Longer than any datagram that a socket takes by default (net.core.wmem_default).
const MAX_DATAGRAM: usize = 256 * 1024;

/// A journal that listens for the processes of a site.
#[derive(Debug)]
pub struct Journal(UnixDatagram);

/// What one datagram said: names and values, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry(pub Vec<(String, Vec<u8>)>);

impl Journal {
    /// Listens from now on, until the value ends.
    ///
    /// # Panics
    /// When that is not possible.
    #[must_use]
    pub fn of(site: &Site) -> Self {
        let path = site.journal();
        let _ = fs::remove_file(&path);
        let socket = UnixDatagram::bind(&path).expect("a socket for the journal");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).expect("its mode");
        socket.set_nonblocking(true).expect("a socket of ours");
        Self(socket)
    }

    /// What has come since the last look.
    ///
    /// # Panics
    /// When a datagram does not keep to the protocol.
    #[must_use]
    pub fn entries(&self) -> Vec<JournalEntry> {
        let mut bytes = vec![0; MAX_DATAGRAM];
        std::iter::from_fn(|| {
            self.0
                .recv(&mut bytes)
                .ok()
                .map(|length| bytes[..length].to_vec())
        })
        .map(|datagram| JournalEntry::read(&datagram))
        .collect()
    }

    /// The next entry, waited for.
    ///
    /// # Panics
    /// When none comes, and when a datagram does not keep to the protocol.
    #[must_use]
    pub fn wait(&self) -> JournalEntry {
        let begun = Instant::now();
        loop {
            if let Some(entry) = self.entries().pop() {
                return entry;
            }
            assert!(begun.elapsed() < PATIENCE, "nothing comes");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Takes no more: sends to itself until there is no room.
    ///
    /// # Panics
    /// When there is no end of room.
    pub fn fill(&self, site: &Site) {
        let sender = UnixDatagram::unbound().expect("a socket");
        sender.set_nonblocking(true).expect("a socket of ours");
        let full = (0..100_000).any(|_| sender.send_to(b"A=1\n", site.journal()).is_err());
        assert!(full, "the queue of a socket has an end");
    }
}

impl JournalEntry {
    fn read(datagram: &[u8]) -> Self {
        let mut rest = datagram;
        let mut fields = Vec::new();
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| b"=\n".contains(byte));
            let end = end.expect("a name ends");
            let name = String::from_utf8(rest[..end].to_vec()).expect("a name is ASCII");
            let by_length = rest[end] == b'\n';
            rest = &rest[end + 1..];
            let length = if by_length {
                let (length, after) = rest.split_first_chunk::<8>().expect("a length");
                rest = after;
                usize::try_from(u64::from_le_bytes(*length)).expect("a length")
            } else {
                let end = rest.iter().position(|byte| *byte == b'\n');
                end.expect("a value ends")
            };
            fields.push((name, rest[..length].to_vec()));
            assert_eq!(rest[length], b'\n', "a line end after each value");
            rest = &rest[length + 1..];
        }
        Self(fields)
    }

    /// The value of the field, which stands there once.
    ///
    /// # Panics
    /// When it stands there twice.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let mut found = self.0.iter().filter(|(known, _)| known == name);
        let value = found.next().map(|(_, value)| value);
        assert_eq!(found.next(), None, "{name} once: {self:?}");
        value.map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The line as a syslog daemon would have got it: `<priority> text`.
    #[must_use]
    pub fn as_syslog(&self) -> String {
        let number = |name| self.field(name).and_then(|text| text.parse::<u8>().ok());
        let priority = number("SYSLOG_FACILITY")
            .zip(number("PRIORITY"))
            .map(|(facility, severity)| facility * 8 + severity);
        let priority = priority.map_or_else(String::new, |number| number.to_string());
        format!("<{priority}> {}", self.field("MESSAGE").unwrap_or_default())
    }
}
