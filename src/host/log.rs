//! The machine as the flows see it: clock, chance and log.

use std::thread;
use std::time::Duration;

use kapu_core::event::{Event, Severity};
use kapu_core::ports::{Host, LocalTime, Trouble, UnixTime};
use kapu_core::username::Account;

use crate::clock::{self, Stopwatch};
use crate::{cores, names, random};

/// Where log lines go: the journal, or pam_syslog(3) in the module and syslog(3) in the programs.
pub trait LogSink {
    /// Writes one line. It is complete and escaped, and never a format string. A log that cannot
    /// be written is ignored: it must not decide who gets in.
    fn write(&self, severity: Severity, line: &str);
}

/// This machine.
pub struct Machine<'a> {
    sink: &'a dyn LogSink,
    stopwatch: Stopwatch,
}

impl<'a> Machine<'a> {
    /// This machine, logging to `sink`; [`elapsed`](Host::elapsed) counts from here.
    #[must_use]
    pub fn new(sink: &'a dyn LogSink) -> Self {
        Self {
            sink,
            stopwatch: Stopwatch::start(),
        }
    }
}

impl Host for Machine<'_> {
    fn now(&self) -> UnixTime {
        clock::now()
    }

    fn elapsed(&self) -> Duration {
        self.stopwatch.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn go_anywhere(&self) {
        cores::go_to_any();
    }

    fn local_time(&self, at: UnixTime) -> LocalTime {
        clock::local_time(at)
    }

    fn name(&self) -> String {
        names::host_name()
    }

    fn is_member(&self, account: &Account, group: &str) -> Option<bool> {
        names::is_member(account, group)
    }

    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble> {
        random::fill(bytes)
    }

    fn log(&self, event: &Event) {
        self.sink.write(event.severity(), event.line());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use kapu_core::event::{Field, What};

    use super::*;

    #[derive(Default)]
    struct Lines(RefCell<Vec<(Severity, String)>>);

    impl LogSink for Lines {
        fn write(&self, severity: Severity, line: &str) {
            self.0.borrow_mut().push((severity, line.to_owned()));
        }
    }

    #[test]
    fn an_event_reaches_the_sink_whole_and_with_its_severity() {
        let lines = Lines::default();
        Machine::new(&lines)
            .log(&Event::new(Severity::Warning, What::Login).text(Field::User, "a b"));
        assert_eq!(
            *lines.0.borrow(),
            [(Severity::Warning, r#"event=login user="a\x20b""#.to_owned())]
        );
    }

    #[test]
    fn a_sleep_passes_on_the_clock_that_measures_it() {
        let lines = Lines::default();
        let machine = Machine::new(&lines);
        let before = machine.elapsed();
        machine.sleep(Duration::from_millis(20));
        assert!(machine.elapsed() >= before + Duration::from_millis(20));
    }
}
