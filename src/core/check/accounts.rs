//! The accounts of the store beside those of the host.

use super::settings::no_set_up;
use super::{Finding, Gravity, Place};
use crate::config::{Config, PasswordMode};
use crate::listing::{Entry, Presence};
use crate::messages::Topic;
use crate::policy::Requirement;
use crate::ports::UnixTime;
use crate::record::Status;
use crate::username::Account;

/// Most names in one finding.
const MAX_NAMES: usize = 4;

/// What is to be said of the accounts, which lie in the store at `store`; `requirement` is that of
/// a login over ssh.
#[must_use]
pub fn of_accounts(
    config: &Config,
    entries: &[Entry],
    now: UnixTime,
    requirement: &dyn Fn(&Account) -> Requirement,
) -> Vec<Finding> {
    let in_store = |topic, gravity| Finding {
        topic,
        gravity,
        place: Place::File(config.store.path.clone()),
        values: Vec::new(),
    };
    let mut findings = Vec::new();
    let spoilt: Vec<_> = entries
        .iter()
        .filter_map(|entry| entry.error.as_deref())
        .collect();
    if let Some(first) = spoilt.first() {
        let place = Place::File((*first).to_owned());
        let finding = in_store(Topic::RecordsUnreadable, Gravity::Lockout);
        findings.push(Finding { place, ..finding }.with("count", spoilt.len()));
    }
    let other = some(entries, |entry| entry.account == Presence::OtherUid);
    if !other.is_empty() {
        let finding = in_store(Topic::AccountOfOtherUid, Gravity::Lockout);
        findings.push(finding.with("names", names(&other)));
    }
    let gone = some(entries, |entry| entry.account == Presence::Gone);
    let heirs = some(entries, |entry| {
        let is_heir = |old: &&Entry| old.uid == entry.uid && old.user != entry.user;
        let is_new = entry.account == Presence::Present && !entry.is_stored;
        is_new && gone.iter().any(is_heir)
    });
    if !heirs.is_empty() {
        let is_old = |old: &&Entry| heirs.iter().any(|heir| heir.uid == old.uid);
        let old: Vec<_> = gone.iter().copied().filter(is_old).collect();
        let finding = in_store(Topic::UidOfAnother, Gravity::Lockout);
        findings.push(
            finding
                .with("names", names(&heirs))
                .with("old", names(&old)),
        );
    } else if !gone.is_empty() {
        let finding = in_store(Topic::AccountsGone, Gravity::Note);
        findings.push(
            finding
                .with("count", gone.len())
                .with("names", names(&gone)),
        );
    }
    let kept_out = some(entries, |entry| {
        !heirs.contains(&entry) && is_kept_out(config, entry, now, requirement)
    });
    if !kept_out.is_empty() {
        let finding = Finding::in_config(Topic::KeptOut, Gravity::Note, "[rollout]");
        let finding = finding.with("count", kept_out.len());
        findings.push(finding.with("names", names(&kept_out)));
    }
    findings
}

/// Whether an account of this host can neither log in nor set up a first device by itself. Behind
/// an ssh key, with `elsewhere`, everybody can.
fn is_kept_out(
    config: &Config,
    entry: &Entry,
    now: UnixTime,
    requirement: &dyn Fn(&Account) -> Requirement,
) -> bool {
    let is_without = matches!(entry.status, Some(Status::Never | Status::Invited));
    // Where no dialog can come, an invitation opens nothing.
    let opens = no_set_up(config).is_none();
    let is_invited = opens && entry.invited_until.is_some_and(|until| now < until);
    let is_here = entry.account == Presence::Present;
    let Some(uid) = entry.uid.filter(|_| is_here && is_without && !is_invited) else {
        return false;
    };
    match config.login.password {
        PasswordMode::Elsewhere => return false,
        PasswordMode::Own if !entry.has_password => return true,
        PasswordMode::Own | PasswordMode::System => {}
    }
    let name = entry.user.clone();
    match requirement(&Account { name, uid }) {
        Requirement::Code => true,
        Requirement::CodeOrSetUp => !opens,
        Requirement::NotYet { .. } | Requirement::Exempt => false,
    }
}

fn some(entries: &[Entry], wanted: impl Fn(&Entry) -> bool) -> Vec<&Entry> {
    entries.iter().filter(|entry| wanted(entry)).collect()
}

/// The first names, and a mark where there are more.
fn names(entries: &[&Entry]) -> String {
    let mut names: Vec<_> = entries
        .iter()
        .take(MAX_NAMES)
        .map(|entry| entry.user.as_str())
        .collect();
    if entries.len() > MAX_NAMES {
        names.push("...");
    }
    names.join(", ")
}
