//! `kapu status`: what is set up for an account, and whether it can log in.

use kapu_core::config::PasswordMode;
use kapu_core::messages::{Message, Texts};
use kapu_core::policy::Requirement;
use kapu_core::ports::{Host, Snapshot, Store, UnixTime};
use kapu_core::record::{MovingFactor, Record, Status};
use kapu_core::report::{Device, Report, WrongCodes};
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::StatusOf;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Blank columns at the left.
const MARGIN: usize = 2;
/// Width of the left column, with the gap behind it.
const LABEL: usize = 17;
/// Width of the column with the names of devices, with the gap behind it.
const DEVICE: usize = 14;
/// How a report calls a counter-based device.
const COUNTER: &str = MovingFactor::Counter.word();
/// Columns of a line: a terminal of 80, and its last column free.
const COLUMNS: usize = 79;

/// Runs the command. It ends well where a login is possible.
pub(crate) fn run(context: &Context, options: &StatusOf) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let snapshot = service::open_store(&context.config)?.load(&account)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let mut report = Report::of(&account.name, &snapshot, &context.config, host.now());
    let requirement = context.requirement(&account, &host);
    report.login_possible |= passes_without(context, requirement, &snapshot);
    output::print(&if options.json {
        output::json(&report)?
    } else {
        Page {
            context,
            host: &host,
            texts: context.texts,
            now: host.now(),
            requirement,
        }
        .of(&report)
    })?;
    if report.login_possible {
        Ok(())
    } else {
        Err(Failure::Told)
    }
}

/// The words of one report.
struct Page<'a> {
    context: &'a Context,
    host: &'a dyn Host,
    texts: Texts,
    now: UnixTime,
    requirement: Requirement,
}

/// Whether the password alone gets in: of who never had a device before the day of the roll-out, or
/// where a rule asks for no code.
fn passes_without(context: &Context, requirement: Requirement, snapshot: &Snapshot) -> bool {
    let status = snapshot.state.status;
    let by_policy = match requirement {
        Requirement::Exempt => !matches!(status, Status::Locked | Status::Removed),
        Requirement::NotYet { .. } => status == Status::Never,
        Requirement::Code | Requirement::CodeOrSetUp => false,
    };
    let has_password = |record: &Record| record.password.is_some();
    let is_ours = context.config.login.password == PasswordMode::Own;
    by_policy && (!is_ours || snapshot.record.as_ref().is_some_and(has_password))
}

impl Page<'_> {
    fn of(&self, report: &Report) -> String {
        let mut lines = vec![self.headline(report)];
        if report.status == Status::Disabled {
            lines.push(
                self.texts
                    .fill(Message::StatusDisabledAdvice, &[("user", &report.user)]),
            );
        }
        let rows = self.rows(report);
        if !rows.is_empty() {
            lines.push(String::new());
        }
        let mut last = None;
        for (label, value) in rows {
            // A label that goes on stands once.
            let shown = if last == Some(label) {
                String::new()
            } else {
                self.texts.say(label)
            };
            let indent = if label == Message::LabelDevices {
                DEVICE
            } else {
                0
            };
            for (row, value) in fitted(&value, indent).iter().enumerate() {
                let shown = if row == 0 { shown.as_str() } else { "" };
                lines.push(format!("{:MARGIN$}{shown:LABEL$}{value}", ""));
            }
            last = Some(label);
        }
        lines.join("\n")
    }

    fn headline(&self, report: &Report) -> String {
        let row = match report.status {
            Status::Never if report.login_possible => return self.without_a_code(report),
            Status::Never => Message::StatusNever,
            Status::Invited => Message::StatusInvited,
            Status::Live => Message::StatusLive,
            Status::Revoked => Message::StatusRevoked,
            Status::Disabled => Message::StatusDisabled,
            Status::Locked => Message::StatusLocked,
            Status::Removed => Message::StatusRemoved,
        };
        let when = self.moment(report.status_since);
        let site = self.context.site.as_str();
        self.texts.fill(
            row,
            &[("user", &report.user), ("site", site), ("when", &when)],
        )
    }

    /// The first line of who gets in with the password alone.
    fn without_a_code(&self, report: &Report) -> String {
        let mut values = vec![("user", report.user.as_str()), ("site", &self.context.site)];
        let Requirement::NotYet { from, days } = self.requirement else {
            return self.texts.fill(Message::StatusExempt, &values);
        };
        let (date, days) = (self.texts.date(from.midnight()), days.to_string());
        values.extend([("date", date.as_str()), ("days", &days)]);
        self.texts.fill(Message::StatusNotYet, &values)
    }

    fn rows(&self, report: &Report) -> Vec<(Message, String)> {
        let mut rows: Vec<_> = report
            .devices
            .iter()
            .map(|device| (Message::LabelDevices, self.device(device, report.status)))
            .collect();
        if report.recovery_codes > 0 {
            let (left, count) = (report.recovery_codes_left, report.recovery_codes);
            let values = [("left", left.to_string()), ("count", count.to_string())];
            let values = values
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            rows.push((
                Message::LabelRecovery,
                self.texts.fill(Message::RecoveryLeft, &values),
            ));
        }
        if let Some(since) = report.revocation_code_since {
            rows.push((
                Message::LabelRevocation,
                self.dated(Message::RevocationSaved, since),
            ));
        }
        if report.status == Status::Live {
            rows.push((Message::LabelWrongCodes, self.wrong_codes(report)));
        }
        rows.extend(report.remembered_places.iter().map(|place| {
            let when = self.moment(place.until);
            let values = [("place", place.place.as_str()), ("when", &when)];
            let row = self.texts.fill(Message::PlaceUntil, &values);
            (Message::LabelPlaces, row)
        }));
        if let Some(since) = report.password_since {
            rows.push((
                Message::LabelPassword,
                self.dated(
                    if report.password_expired {
                        Message::PasswordChangedExpired
                    } else {
                        Message::PasswordChanged
                    },
                    since,
                ),
            ));
        }
        rows
    }

    fn device(&self, device: &Device, status: Status) -> String {
        let used = match device.last_used {
            _ if status == Status::Disabled => self.texts.say(Message::DeviceSwitchedOff),
            Some(at) => self
                .texts
                .fill(Message::DeviceLastUsed, &[("when", &self.moment(at))]),
            None => self.texts.say(Message::DeviceNeverUsed),
        };
        let name_width = DEVICE - 1;
        let counts = match device.kind {
            COUNTER => format!(",\n{}", self.texts.say(Message::DeviceCounter)),
            _ => String::new(),
        };
        format!(
            "{:name_width$} {},\n{used}{counts}",
            device.name,
            self.dated(Message::DeviceSince, device.since)
        )
    }

    fn wrong_codes(&self, report: &Report) -> String {
        let wrong = match &report.wrong_codes {
            None => self.texts.say(Message::WrongCodesNone),
            Some(WrongCodes { count, last, from }) => {
                let here = || self.texts.say(Message::ThisMachine);
                let from = from.clone().unwrap_or_else(here);
                let (count, when) = (count.to_string(), self.moment(*last));
                let values = [("count", count.as_str()), ("when", &when), ("from", &from)];
                self.texts.fill(Message::WrongCodesSome, &values)
            }
        };
        match report.next_try {
            None => wrong,
            Some(at) => {
                let next = self
                    .texts
                    .fill(Message::NextTry, &[("when", &self.moment(at))]);
                format!("{wrong};\n{next}")
            }
        }
    }

    fn dated(&self, row: Message, at: UnixTime) -> String {
        self.texts.fill(
            row,
            &[("date", &self.texts.short_date(self.host.local_time(at)))],
        )
    }

    fn moment(&self, at: UnixTime) -> String {
        self.texts
            .moment(self.host.local_time(at), self.host.local_time(self.now))
    }
}

/// A value on as few lines as it fits on. It may be broken where it has a line end, and goes on
/// `indent` columns further right.
fn fitted(value: &str, indent: usize) -> Vec<String> {
    let room = COLUMNS - MARGIN - LABEL;
    let mut lines: Vec<String> = Vec::new();
    for part in value.lines() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + part.chars().count() <= room => {
                line.push(' ');
                line.push_str(part);
            }
            Some(_) => lines.push(format!("{:indent$}{part}", "")),
            None => lines.push(part.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use kapu_core::config::Config;
    use kapu_core::messages::Language;
    use kapu_core::report::PlaceUntil;
    use kapu_host::log::LogSink;

    use super::*;

    /// 28 September 2025, 18:04 UTC: of the month with the longest name.
    const AT: UnixTime = 1_759_082_640;
    /// A year later, so that moments are told with their year.
    const NOW: UnixTime = AT + 365 * 24 * 60 * 60;

    struct NoLog;

    impl LogSink for NoLog {
        fn write(&self, _: kapu_core::event::Severity, _: &str) {}
    }

    fn report(status: Status) -> Report {
        Report {
            user: "anna.kovacs1".to_owned(),
            status,
            status_since: AT,
            login_possible: true,
            devices: vec![Device {
                name: "phone".to_owned(),
                kind: COUNTER,
                since: AT,
                last_used: Some(AT),
            }],
            recovery_codes_left: 7,
            recovery_codes: 10,
            revocation_code_since: Some(AT),
            wrong_codes: Some(WrongCodes {
                count: 100,
                last: AT,
                from: Some("2001:db8:1234:5678:9abc:def0:1234:5678".to_owned()),
            }),
            budget_used: 0,
            budget: 300,
            remembered_places: vec![PlaceUntil {
                place: "2001:db8:1234:5678::/64 kapu-sshd".to_owned(),
                until: NOW + 60,
            }],
            next_try: Some(NOW + 60),
            password_since: Some(AT),
            password_expired: true,
            last_login: Some(AT),
        }
    }

    fn page(texts: Texts, report: &Report) -> String {
        let context = Context {
            config: Config::default(),
            texts,
            site: "twelve-chars".to_owned(),
        };
        let page = Page {
            context: &context,
            host: &Machine::new(&NoLog),
            texts,
            now: NOW,
            requirement: Requirement::Code,
        };
        page.of(report)
    }

    #[test]
    fn the_page_fits_the_terminal_in_every_language_and_status() {
        let statuses = [
            Status::Never,
            Status::Invited,
            Status::Live,
            Status::Revoked,
            Status::Disabled,
            Status::Locked,
            Status::Removed,
        ];
        for language in [Language::English, Language::Hungarian] {
            for unicode in [true, false] {
                for status in statuses {
                    let page = page(Texts { language, unicode }, &report(status));
                    assert!(unicode || page.is_ascii(), "{page}");
                    for line in page.lines() {
                        assert!(line.chars().count() <= COLUMNS, "{line}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_value_is_broken_only_where_it_does_not_fit() {
        assert_eq!(
            fitted("6, last today,\nfrom here", 0),
            ["6, last today, from here"]
        );
        let long = "x".repeat(60);
        assert_eq!(
            fitted(&format!("{long}\nbehind"), 3),
            [long, "   behind".to_owned()]
        );
    }
}
