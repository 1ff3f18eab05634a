//! `kapu status`: what is set up for an account, and whether it can log in.

use kapu_core::messages::{Message, Texts};
use kapu_core::ports::{Host, Store, UnixTime};
use kapu_core::record::Status;
use kapu_core::report::{Device, Report, WrongCodes};
use kapu_host::log::Machine;
use kapu_host::service;

use crate::cli::StatusOf;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::program_log::ProgramLog;

/// Width of the left column, with its margins.
const LABEL: usize = 17;

/// Runs the command. It ends well where a login is possible.
pub(crate) fn run(context: &Context, options: &StatusOf) -> Result<(), Failure> {
    let account = context.account(options.user.as_deref())?;
    context.must_own_the_store()?;
    let snapshot = service::open_store(&context.config)?.load(&account)?;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let budget = context.config.throttle.disable_after;
    let report = Report::of(&account.name, &snapshot, budget, host.now());
    output::print(&if options.json {
        output::json(&report)?
    } else {
        Page {
            context,
            host: &host,
            texts: context.texts,
            now: host.now(),
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
            lines.push(format!("  {shown:LABEL$}{value}"));
            last = Some(label);
        }
        lines.join("\n")
    }

    fn headline(&self, report: &Report) -> String {
        let row = match report.status {
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
        if let Some(since) = report.password_since {
            rows.push((
                Message::LabelPassword,
                self.dated(Message::PasswordChanged, since),
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
        format!(
            "{:13} {}, {used}",
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
                format!("{wrong}; {next}")
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
