//! `kapu list`: who is enrolled, and who is not.

use kapu_core::date::Date;
use kapu_core::listing::{Entry, Listing, Presence};
use kapu_core::messages::{Message, Texts};
use kapu_core::policy::Requirement;
use kapu_core::ports::{Host, UnixTime};
use kapu_core::record::Status;
use kapu_core::username::Account;
use kapu_host::log::Machine;
use kapu_host::{names, people, service};

use crate::cli::List;
use crate::context::Context;
use crate::failure::Failure;
use crate::program_log::ProgramLog;
use crate::{output, table};

/// What [`Entry::code`] says where it is no day.
const REQUIRED: &str = "required";
const EXEMPT: &str = "exempt";
/// What stands where there is nothing to say.
const NOTHING: &str = "-";

/// Runs the command. It ends well where every document can be read.
pub(crate) fn run(context: &Context, options: &List) -> Result<(), Failure> {
    context.must_own_the_store()?;
    let mut entries = collect(context)?;
    if options.unenrolled {
        entries.retain(Entry::is_unenrolled);
    }
    if options.young {
        entries.retain(|entry| entry.young_until.is_some());
    }
    output::print(&if options.json {
        output::json(&entries)?
    } else if entries.is_empty() {
        context
            .texts
            .say(match (options.unenrolled, options.young) {
                (true, _) => Message::ListAllEnrolled,
                (_, true) => Message::ListNoYoung,
                _ => Message::ListEmpty,
            })
    } else {
        page(context, &entries, options.unenrolled || options.young)
    })?;
    let troubles: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.error.as_ref())
        .collect();
    for trouble in &troubles {
        output::complain(&format!("kapu: {trouble}"));
    }
    if troubles.is_empty() {
        Ok(())
    } else {
        Err(Failure::Told)
    }
}

/// Everybody who is stored, and everybody who could log in.
pub(crate) fn collect(context: &Context) -> Result<Vec<Entry>, Failure> {
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let now = host.now();
    let mut list = Listing::default();
    service::open_store(&context.config)?.each(&mut |directory, document| match document {
        Ok(document) => {
            let who = names::resolve(&document.account().name);
            list.add_stored(&document, &who, now);
        }
        Err(trouble) => list.add_unreadable(&directory.to_string_lossy(), &trouble),
    })?;
    for account in people::who_can_log_in()? {
        list.add_host_account(&account);
    }
    let mut entries = list.entries();
    for entry in entries
        .iter_mut()
        .filter(|entry| entry.account == Presence::Present)
    {
        if let Some(uid) = entry.uid {
            let name = entry.user.clone();
            let requirement = context.requirement(&Account { name, uid }, &host);
            entry.code = Some(match requirement {
                Requirement::NotYet { from, .. } if entry.is_unenrolled() => from.to_string(),
                Requirement::Exempt => EXEMPT.to_owned(),
                _ => REQUIRED.to_owned(),
            });
        }
    }
    Ok(entries)
}

fn page(context: &Context, entries: &[Entry], is_part: bool) -> String {
    let texts = &context.texts;
    let log = ProgramLog::open();
    let host = Machine::new(&log);
    let heading = [
        Message::ListUser,
        Message::ListCode,
        Message::ListDevices,
        Message::ListLastLogin,
        Message::ListNote,
    ];
    let mut rows = vec![heading.map(|row| texts.say(row))];
    rows.extend(entries.iter().map(|entry| row(context, &host, entry)));
    let table = table::lines(&rows);
    if is_part {
        return table;
    }
    let enrolled = entries.iter().filter(|entry| entry.is_enrolled()).count();
    let (left, count) = (enrolled.to_string(), entries.len().to_string());
    let values = [("left", left.as_str()), ("count", &count)];
    format!("{table}\n\n{}", texts.fill(Message::ListSummary, &values))
}

fn row(context: &Context, host: &dyn Host, entry: &Entry) -> [String; 5] {
    let texts = &context.texts;
    let moment = |at: UnixTime| texts.moment(host.local_time(at), host.local_time(host.now()));
    let devices = match entry.devices {
        0 => NOTHING.to_owned(),
        count => count.to_string(),
    };
    [
        texts.show(&entry.user),
        code(texts, entry),
        devices,
        entry.last_login.map_or_else(|| NOTHING.to_owned(), moment),
        note(context, host, entry),
    ]
}

/// Whether a code is needed, in words.
fn code(texts: &Texts, entry: &Entry) -> String {
    match entry.code.as_deref() {
        None => NOTHING.to_owned(),
        Some(REQUIRED) => texts.say(Message::CodeRequired),
        Some(EXEMPT) => texts.say(Message::CodeExempt),
        Some(day) => match Date::parse(day) {
            Some(date) => {
                let day = texts.day(date.midnight());
                texts.fill(Message::CodeFrom, &[("day", &day)])
            }
            None => NOTHING.to_owned(),
        },
    }
}

/// What an administrator should know: whatever keeps the account from logging in.
fn note(context: &Context, host: &dyn Host, entry: &Entry) -> String {
    let status = match entry.status {
        None => Some(Message::NoteUnreadable),
        Some(Status::Never) => Some(Message::NoteUnenrolled),
        Some(Status::Invited) => Some(Message::NoteInvited),
        Some(Status::Live) => None,
        Some(Status::Revoked) => Some(Message::NoteRevoked),
        Some(Status::Disabled) => Some(Message::NoteDisabled),
        Some(Status::Locked) => Some(Message::NoteLocked),
        Some(Status::Removed) => Some(Message::NoteRemoved),
    };
    let presence = match entry.account {
        Presence::Gone => Some(Message::NoteGone),
        Presence::OtherUid => Some(Message::NoteOtherUid),
        Presence::Present | Presence::Unknown => None,
    };
    let said = |row| match (row, entry.invited_until) {
        (Message::NoteInvited | Message::NoteUnenrolled, Some(until)) => {
            let date = context.texts.day(host.local_time(until));
            context
                .texts
                .fill(Message::NoteInvitedUntil, &[("date", &date)])
        }
        (row, _) => context.texts.say(row),
    };
    let young = entry.young_until.map(|_| Message::NoteYoung);
    let notes: Vec<_> = [status, young, presence]
        .into_iter()
        .flatten()
        .map(said)
        .collect();
    notes.join("; ")
}
