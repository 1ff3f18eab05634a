//! Settings that do something else than people think, on this day.

use std::path::Path;

use super::cover::who_decide;
use super::{Finding, Gravity, label};
use crate::config::{Config, PasswordMode, Start};
use crate::date::Date;
use crate::messages::Topic;
use crate::network::Network;
use crate::password_rules::ALONE_MIN_LENGTH;
use crate::ports::{Host, LocalTime};
use crate::record::{CodeShape, MovingFactor};
use crate::rule::{Rule, Says};

/// Days after which a day of the roll-out looks like a slip in the year.
const FAR_DAYS: i64 = 366;

/// The least of `memory-kib` times `passes` among the parameters of Argon2id that the OWASP
/// Password Storage Cheat Sheet calls equally strong (12 MiB and 3 passes, 9 MiB and 4).
const LEAST_WORK: u64 = 36_864;

/// The share of the memory of a host that hashes may take: one part of so many.
const MEMORY_SHARE: u64 = 2;

/// Seconds in which most people have set up an app for the first time.
const USUAL_TIME: u32 = 300;

/// The account that every guesser knows.
const ROOT: &str = "root";

pub(super) fn findings(config: &Config, host: &dyn Host) -> Vec<Finding> {
    let now = host.local_time(host.now());
    let today = Date::of(now);
    let mut findings: Vec<_> = config
        .rules
        .iter()
        .enumerate()
        .filter_map(|(index, rule)| exempts_too_much(config, index, rule, today))
        .collect();
    if host.now() < config.written {
        let (written, now) = (moment(host.local_time(config.written)), moment(now));
        let line = format!("written {written}, and the clock says {now}");
        findings.push(Finding::in_config(
            Topic::ClockBehind,
            Gravity::Lockout,
            line,
        ));
    } else {
        // A clock that is wrong tells no day.
        findings.extend(on_this_day(config, today));
    }
    let single = [
        host_key_in_store,
        letters_beyond_ascii,
        hashes_cheap,
        password_alone_short,
        time_short,
        codes_unusual,
        no_contact,
    ];
    findings.extend(single.into_iter().filter_map(|look| look(config)));
    findings
}

/// A rule by which a name that everybody knows, or any name, needs no code over ssh.
fn exempts_too_much(config: &Config, index: usize, rule: &Rule, today: Date) -> Option<Finding> {
    let services: Vec<_> = config
        .login
        .sshd_services
        .iter()
        .filter(|service| rule.services.is_empty() || rule.services.contains(service))
        .cloned()
        .collect();
    let from_everywhere =
        rule.networks.is_empty() || rule.networks.iter().any(Network::is_everywhere);
    if rule.says != Says::Exempt || services.is_empty() || !from_everywhere {
        return None;
    }
    let earlier = config.rules.get(..index).unwrap_or_default();
    let over_ssh = Rule {
        services,
        ..rule.clone()
    };
    if who_decide(&over_ssh, earlier, today).is_some() {
        return None;
    }
    let names_root = rule.users.iter().any(|user| user == ROOT);
    let topic = match (rule.users.is_empty(), rule.groups.is_empty()) {
        (true, true) => Topic::ExemptsEverybody,
        (false, true) if names_root => Topic::ExemptsRoot,
        _ => return None,
    };
    Some(Finding::in_config(
        topic,
        Gravity::Danger,
        label(index, rule),
    ))
}

/// A moment as days are written in the configuration.
fn moment(time: LocalTime) -> String {
    let (day, hour, minute) = (Date::of(time), time.hour, time.minute);
    format!("{day} {hour:02}:{minute:02}")
}

/// The days from which on a code is required, and where they are written.
fn days(config: &Config) -> Vec<(String, Date)> {
    let place = |day: Date| format!("[rollout] code-required-from = \"{day}\"");
    let rollout = match config.rollout.start {
        Start::From(day) => Some((place(day), day)),
        Start::Always => None,
    };
    let of_rule = |(index, rule): (usize, &Rule)| match rule.says {
        Says::RequiredFrom(day) => Some((label(index, rule), day)),
        Says::Required | Says::Exempt => None,
    };
    let rules = config.rules.iter().enumerate().filter_map(of_rule);
    rollout.into_iter().chain(rules).collect()
}

/// What becomes of the days that are still to come.
fn on_this_day(config: &Config, today: Date) -> Vec<Finding> {
    let mut findings = Vec::new();
    let coming: Vec<_> = days(config)
        .into_iter()
        .filter(|(_, day)| today < *day)
        .collect();
    if let (Some(place), Some(first)) = (no_set_up(config), coming.iter().map(|(_, day)| day).min())
    {
        let finding = Finding::in_config(Topic::NoSetUp, Gravity::Lockout, place);
        findings.push(finding.with("day", first));
    }
    for (place, day) in coming {
        if let Some(last) = config.rollout.enroll_until.filter(|last| *last < day) {
            let place = format!("[rollout] enroll-until = \"{last}\"; {place}");
            let finding = Finding::in_config(Topic::SetUpEndsTooEarly, Gravity::Lockout, place);
            findings.push(finding.with("day", day));
        } else if day.days_since(today) > FAR_DAYS {
            let finding = Finding::in_config(Topic::DayFarAway, Gravity::Note, place);
            findings.push(finding.with("day", day));
        }
    }
    findings
}

/// The setting by which nobody can set up a device over ssh.
pub(super) fn no_set_up(config: &Config) -> Option<&'static str> {
    let enroll = &config.enroll;
    let is_of_ssh = |service| config.login.sshd_services.contains(service);
    if !enroll.at_login {
        Some("[enroll] at-login = false")
    } else if !enroll.services.iter().any(is_of_ssh) {
        Some("[enroll] services, with none of [login] sshd-services")
    } else {
        None
    }
}

fn host_key_in_store(config: &Config) -> Option<Finding> {
    let store = &config.store;
    Path::new(&store.host_key)
        .starts_with(&store.path)
        .then(|| {
            let line = format!("[store] host-key = \"{}\"", store.host_key);
            Finding::in_config(Topic::HostKeyInStore, Gravity::Leak, line)
        })
}

fn letters_beyond_ascii(config: &Config) -> Option<Finding> {
    let line = "[texts] unicode = true";
    let finding = || Finding::in_config(Topic::LettersBeyondAscii, Gravity::Lockout, line);
    config.texts.unicode.then(finding)
}

/// The hashes that are kept where the password is kapu's own.
fn hashes_cheap(config: &Config) -> Option<Finding> {
    let (memory, passes) = (config.password.memory_kib, config.password.passes);
    let is_cheap = u64::from(memory).saturating_mul(u64::from(passes)) < LEAST_WORK;
    (config.login.password == PasswordMode::Own && is_cheap).then(|| {
        let line = format!("[password] memory-kib = {memory}, passes = {passes}");
        Finding::in_config(Topic::HashesCheap, Gravity::Leak, line).with("count", LEAST_WORK)
    })
}

/// Whether as many hashes as may be computed `at_once` take too much of the `memory` of the host,
/// in KiB.
#[must_use]
pub fn hashes_exceed_memory(config: &Config, at_once: usize, memory: u64) -> Option<Finding> {
    let each = config.password.memory_kib;
    let all = u64::try_from(at_once)
        .unwrap_or(u64::MAX)
        .saturating_mul(each.into());
    let is_used = config.login.password != PasswordMode::Elsewhere;
    (is_used && all > memory / MEMORY_SHARE).then(|| {
        let line = format!("[password] memory-kib = {each}, simultaneous = {at_once}");
        Finding::in_config(Topic::HashesExceedMemory, Gravity::Lockout, line).with("count", at_once)
    })
}

/// Where a rule exempts, the password is the only thing asked.
fn password_alone_short(config: &Config) -> Option<Finding> {
    let min = config.password.min_length;
    let exempts = config.rules.iter().any(|rule| rule.says == Says::Exempt);
    let is_ours = config.login.password == PasswordMode::Own;
    (exempts && is_ours && min < ALONE_MIN_LENGTH).then(|| {
        let line = format!("[password] min-length = {min}");
        Finding::in_config(Topic::PasswordAloneShort, Gravity::Note, line)
            .with("count", ALONE_MIN_LENGTH)
    })
}

fn time_short(config: &Config) -> Option<Finding> {
    let enroll = &config.enroll;
    (enroll.at_login && enroll.time_limit < USUAL_TIME).then(|| {
        let line = format!("[enroll] time-limit = {}", enroll.time_limit);
        Finding::in_config(Topic::TimeShort, Gravity::Note, line)
    })
}

fn codes_unusual(config: &Config) -> Option<Finding> {
    let shape = config.enroll.shape;
    (shape != CodeShape::USUAL).then(|| {
        let (algorithm, digits) = (shape.algorithm.word(), shape.digits);
        let mut line = format!("[enroll] algorithm = \"{algorithm}\", digits = {digits}");
        if let MovingFactor::Time { period } = shape.moving {
            line = format!("{line}, period = {period}");
        }
        Finding::in_config(Topic::CodesUnusual, Gravity::Note, line)
    })
}

fn no_contact(config: &Config) -> Option<Finding> {
    let finding = || Finding::in_config(Topic::NoContact, Gravity::Note, "[site] contact");
    config.site.contact.is_none().then(finding)
}
