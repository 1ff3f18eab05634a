//! Rules that never decide, because others before them decide each login that they are about.

use super::consequence::{Instead, requirement};
use super::{Finding, label};
use crate::config::Config;
use crate::date::Date;
use crate::messages::Topic;
use crate::network::Network;
use crate::ports::Host;
use crate::rule::{Rule, Says};

/// Most parts that a rule is taken apart into; one with more is looked at as a whole.
const MAX_PARTS: usize = 1024;

pub(super) fn findings(config: &Config, host: &dyn Host) -> Vec<Finding> {
    let today = Date::of(host.local_time(host.now()));
    let finding = |(index, rule): (usize, &Rule)| {
        let earlier = config.rules.get(..index).unwrap_or_default();
        let deciding = who_decide(rule, earlier, today)?;
        let others = deciding.iter().filter_map(|index| earlier.get(*index));
        let meant = requirement(config, rule.says, host);
        let instead = Instead::of(
            meant,
            others
                .clone()
                .map(|other| requirement(config, other.says, host)),
        );
        let topic = match instead {
            Instead::Less => Topic::RuleCoveredByLess,
            Instead::More => Topic::RuleCoveredByMore,
            Instead::Same => Topic::RuleCoveredBySame,
        };
        let labels: Vec<_> = deciding
            .iter()
            .zip(others)
            .map(|(index, other)| label(*index, other))
            .collect();
        let finding = Finding::in_config(topic, instead.gravity(), label(index, rule));
        Some(finding.with("others", labels.join(", ")))
    };
    config
        .rules
        .iter()
        .enumerate()
        .filter_map(finding)
        .collect()
}

/// Which of the rules `earlier` decide each login that `rule` is about, from `today` on; `None`
/// where some login may be left to it.
pub(super) fn who_decide(rule: &Rule, earlier: &[Rule], today: Date) -> Option<Vec<usize>> {
    let mut deciding = Vec::new();
    for part in parts(rule) {
        let index = earlier
            .iter()
            .position(|other| takes_all(other, &part, today))?;
        deciding.push(index);
    }
    deciding.sort_unstable();
    deciding.dedup();
    Some(deciding)
}

/// Whether the earlier `rule` decides every login that the later `part` would decide.
///
/// Each list of it being empty or holding what `part` asks for, it matches at least as well as
/// `part`: *no* is below *unknown*, and that below *yes*. What `part` takes only where it
/// certainly matches, `rule` then takes too. What `part` takes also where it may match, `rule`
/// must take likewise, and no later; unless it always knows.
fn takes_all(rule: &Rule, part: &Rule, today: Date) -> bool {
    let is_wider = is_wider(&rule.services, &part.services, PartialEq::eq)
        && is_wider(&rule.users, &part.users, PartialEq::eq)
        && is_wider(&rule.groups, &part.groups, PartialEq::eq)
        && is_wider(&rule.networks, &part.networks, Network::covers);
    let always_knows = rule.users.is_empty() && rule.groups.is_empty() && rule.networks.is_empty();
    let in_time = match (
        takes_unknown(rule.says, today),
        takes_unknown(part.says, today),
    ) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(here), Some(there)) => here <= there,
    };
    is_wider && (always_knows || in_time)
}

/// From which day on, `today` or later, a rule decides what it does not know to match.
fn takes_unknown(says: Says, today: Date) -> Option<Date> {
    match says {
        Says::Required => Some(today),
        Says::RequiredFrom(day) => Some(day.max(today)),
        Says::Exempt => None,
    }
}

/// Whether a list lets through all that another one does.
fn is_wider<T>(list: &[T], other: &[T], covers: impl Fn(&T, &T) -> bool) -> bool {
    let held = |item: &T| list.iter().any(|wider| covers(wider, item));
    list.is_empty() || (!other.is_empty() && other.iter().all(held))
}

/// The rule as many that ask for one thing of each list: it matches a login as well as the best
/// of these.
fn parts(rule: &Rule) -> Vec<Rule> {
    let lists = [
        rule.services.len(),
        rule.users.len(),
        rule.groups.len(),
        rule.networks.len(),
    ];
    if lists
        .iter()
        .map(|length| (*length).max(1))
        .product::<usize>()
        > MAX_PARTS
    {
        return vec![rule.clone()];
    }
    let mut parts = Vec::new();
    for services in ones(&rule.services) {
        for users in ones(&rule.users) {
            for groups in ones(&rule.groups) {
                for networks in ones(&rule.networks) {
                    parts.push(Rule {
                        name: None,
                        services: services.to_vec(),
                        users: users.to_vec(),
                        groups: groups.to_vec(),
                        networks: networks.to_vec(),
                        says: rule.says,
                    });
                }
            }
        }
    }
    parts
}

/// The list as lists of one; an empty one is one that asks for nothing.
fn ones<T>(list: &[T]) -> Vec<&[T]> {
    if list.is_empty() {
        vec![list]
    } else {
        list.chunks(1).collect()
    }
}
