//! The log of the programs: systemd's journal with its fields, else syslog; facility authpriv. Every
//! line says who acts.

use std::fmt::Write as _;
use std::io::Write;
use std::mem::MaybeUninit;
use std::time::Duration;

use kapu_core::event::{Field, Severity, push_escaped};
use kapu_host::journal::Entry;
use kapu_host::log::LogSink;
use kapu_host::{identity, names};
use syslog::{Facility, LogFormat, LoggerBackend};

/// The program's name in the log.
const NAME: &str = "kapu";
/// How long a line may wait for a log daemon that does not read.
const PATIENCE: Duration = Duration::from_secs(1);
/// The months as RFC 3164 section 4.1.2 writes them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The log, or nothing where there is none: a program works without a log.
pub(crate) struct ProgramLog {
    /// What ends each line: the pairs that say who acts.
    actor: String,
}

impl ProgramLog {
    /// The log of this process.
    pub(crate) fn open() -> Self {
        let sudo_user = std::env::var_os("SUDO_USER");
        let sudo_user = sudo_user.as_ref().map(|name| name.to_string_lossy());
        Self {
            actor: actor(
                identity::real_uid(),
                names::login_uid(),
                sudo_user.as_deref(),
            ),
        }
    }
}

impl LogSink for ProgramLog {
    fn write(&self, severity: Severity, line: &str) {
        let line = format!("{line}{}", self.actor);
        let entry = Entry {
            severity,
            identifier: NAME.as_bytes(),
            before: "",
            line: &line,
        };
        if !entry.send() {
            to_syslog(severity, &line);
        }
    }
}

/// Connects to the daemon at one of its usual places and gives it the line.
fn to_syslog(severity: Severity, line: &str) {
    let Ok(mut logger) = syslog::unix(LocalLines) else {
        return;
    };
    if let LoggerBackend::Unix(socket) = &logger.backend {
        // Best effort: without it a daemon that hangs would hang us as well.
        let _ = socket.set_write_timeout(Some(PATIENCE));
    }
    let _ = match severity {
        Severity::Info => logger.info(line),
        Severity::Warning => logger.warning(line),
        Severity::Error => logger.err(line),
    };
}

/// The pairs that say who acts: the uid of this process, the uid with which the session began
/// (that nobody can change afterwards), and the one whom sudo worked for (which root could forge).
fn actor(uid: u32, login_uid: Option<u32>, sudo_user: Option<&str>) -> String {
    let mut pairs = format!(" {}={uid}", Field::Uid.word());
    if let Some(login_uid) = login_uid {
        // Writing to a String cannot fail.
        let _ = write!(pairs, " {}={login_uid}", Field::LoginUid.word());
    }
    if let Some(name) = sudo_user.filter(|name| !name.is_empty()) {
        let _ = write!(pairs, " {}=", Field::SudoUser.word());
        push_escaped(&mut pairs, name);
    }
    pairs
}

/// Lines as the C library's syslog(3) sends them: the time is local, as the daemon expects. The
/// crate's own formats send UTC without saying so.
#[derive(Debug, Clone, Copy)]
struct LocalLines;

impl LogFormat<&str> for LocalLines {
    fn format<W: Write>(
        &self,
        to: &mut W,
        severity: syslog::Severity,
        line: &str,
    ) -> syslog::Result<()> {
        let priority = Facility::LOG_AUTHPRIV as i32 | severity as i32;
        let time = local_time().map_or_else(String::new, |time| stamp(&time));
        let pid = std::process::id();
        write!(to, "<{priority}>{time}{NAME}[{pid}]: {line}").map_err(syslog::Error::Write)
    }
}

/// The present in local calendar time.
fn local_time() -> Option<libc::tm> {
    let mut broken_down = MaybeUninit::uninit();
    // SAFETY: time(2) with a null pointer only returns the time; localtime_r(3) reads that time
    // and fills the tm it is given, which is ours, whenever it returns a pointer.
    unsafe {
        let now = libc::time(std::ptr::null_mut());
        let filled = libc::localtime_r(&raw const now, broken_down.as_mut_ptr());
        (!filled.is_null()).then(|| broken_down.assume_init())
    }
}

/// `Nov  3 09:05:07`, and a blank behind it.
fn stamp(time: &libc::tm) -> String {
    let month = usize::try_from(time.tm_mon)
        .ok()
        .and_then(|month| MONTHS.get(month))
        .unwrap_or(&"???");
    format!(
        "{month} {:2} {:02}:{:02}:{:02} ",
        time.tm_mday, time.tm_hour, time.tm_min, time.tm_sec
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_rfc_3164_has_it() {
        let mut time = local_time().unwrap();
        (time.tm_mon, time.tm_mday) = (10, 3);
        (time.tm_hour, time.tm_min, time.tm_sec) = (9, 5, 7);
        assert_eq!(stamp(&time), "Nov  3 09:05:07 ");
    }

    #[test]
    fn the_time_is_local() {
        let now = local_time().unwrap();
        // SAFETY: mktime(3) reads and normalises the tm it is given.
        let (seconds, utc) = unsafe {
            (
                libc::mktime(&mut now.clone()),
                libc::time(std::ptr::null_mut()),
            )
        };
        assert!(utc.abs_diff(seconds) <= 1, "{seconds} is not {utc}");
    }

    #[test]
    fn a_line_is_authpriv_and_names_program_and_process() {
        let mut line = Vec::new();
        LocalLines
            .format(&mut line, syslog::Severity::LOG_WARNING, "event=enroll")
            .unwrap();
        let line = String::from_utf8(line).unwrap();
        let end = format!(" kapu[{}]: event=enroll", std::process::id());
        assert!(line.starts_with("<84>") && line.ends_with(&end), "{line}");
    }

    #[test]
    fn what_is_not_known_of_the_actor_is_left_out_and_the_rest_cannot_forge_a_pair() {
        assert_eq!(actor(0, None, None), " uid=0");
        assert_eq!(actor(7, None, Some("")), " uid=7");
        assert_eq!(
            actor(0, Some(5), Some("a result=done\n")),
            " uid=0 loginuid=5 sudo-user=\"a\\x20result=done\\x0a\""
        );
    }
}
