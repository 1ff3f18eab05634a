//! Names in rules beside those that the host knows.

use super::consequence::{Instead, requirement};
use super::{Finding, Gravity, label};
use crate::config::Config;
use crate::messages::Topic;
use crate::policy::Requirement;
use crate::ports::Host;
use crate::rule::Rule;
use crate::verdict::Who;

/// What the account database of the host answers; membership is asked of the [`Host`].
pub trait Directory {
    /// Whose name this is.
    fn resolve(&self, user: &str) -> Who;

    /// Whether there is such a group; `None` where that cannot be known now.
    fn has_group(&self, group: &str) -> Option<bool>;
}

/// What comes of asking for every name.
#[derive(Debug, Default)]
pub struct Names {
    /// What was found.
    pub findings: Vec<Finding>,
    /// Whether some name could not be asked for.
    pub unanswered: bool,
}

/// Asks for every user and group of every rule.
#[must_use]
pub fn of_names(config: &Config, host: &dyn Host, directory: &dyn Directory) -> Names {
    let mut names = Names::default();
    for (index, rule) in config.rules.iter().enumerate() {
        let scene = Scene {
            config,
            host,
            directory,
            index,
            rule,
        };
        for user in &rule.users {
            scene.look_at_user(user, &mut names);
        }
        for group in &rule.groups {
            scene.look_at_group(group, &mut names);
        }
        if scene.is_about_nobody() {
            let topic = Topic::RuleAboutNobody;
            names
                .findings
                .push(scene.finding(topic, scene.if_it_does_not_match().gravity()));
        }
    }
    names
}

/// One rule among the others.
struct Scene<'a> {
    config: &'a Config,
    host: &'a dyn Host,
    directory: &'a dyn Directory,
    index: usize,
    rule: &'a Rule,
}

impl Scene<'_> {
    fn look_at_user(&self, user: &str, names: &mut Names) {
        let missed = || self.if_it_does_not_match().gravity();
        match self.directory.resolve(user) {
            Who::Known(account) if account.name == user => {}
            Who::Known(account) => names.findings.push(
                self.finding(Topic::UserOtherwiseCalled, missed())
                    .with("user", user)
                    .with("name", account.name),
            ),
            Who::Unknown => names.findings.push(
                self.finding(Topic::UserUnknown, missed())
                    .with("user", user),
            ),
            Who::Unresolved(_) => names.unanswered = true,
        }
    }

    fn look_at_group(&self, group: &str, names: &mut Names) {
        match self.directory.has_group(group) {
            Some(true) => {}
            Some(false) => names
                .findings
                .push(self.unknown_group().with("group", group)),
            None => names.unanswered = true,
        }
    }

    /// A group that is not there is one of which nobody can be known to be a member: as
    /// [`Policy::of`](crate::policy::Policy::of) takes it, that never exempts, and counts as
    /// required from the day on on which the rule requires.
    fn unknown_group(&self) -> Finding {
        let meant = self.asks(self.rule);
        match meant {
            Requirement::Exempt => self.finding(
                Topic::GroupExemptsNobody,
                self.if_it_does_not_match().gravity(),
            ),
            Requirement::NotYet { from, .. } => self
                .finding(Topic::GroupUntilDay, self.if_it_does_not_match().gravity())
                .with("day", from),
            Requirement::CodeOrSetUp | Requirement::Code => {
                let gravity = match self.if_it_does_not_match() {
                    // Whoever would be asked for less is asked by this rule.
                    Instead::Less => Gravity::Lockout,
                    // And the other way round.
                    Instead::More => Gravity::Danger,
                    Instead::Same => Gravity::Note,
                };
                self.finding(Topic::GroupHoldsEverybody, gravity)
            }
        }
    }

    /// Users and groups, and the host knows them all, and none of the ones is in one of the others.
    fn is_about_nobody(&self) -> bool {
        let (users, groups) = (&self.rule.users, &self.rule.groups);
        let is_outside = |user: &String| match self.directory.resolve(user) {
            Who::Known(account) => groups
                .iter()
                .all(|group| self.host.is_member(&account, group) == Some(false)),
            Who::Unknown | Who::Unresolved(_) => false,
        };
        !users.is_empty() && !groups.is_empty() && users.iter().all(is_outside)
    }

    /// What decides in place of this rule where it does not match: a later one that is about the
    /// same service, or the roll-out.
    fn if_it_does_not_match(&self) -> Instead {
        let later = self.config.rules.get(self.index + 1..).unwrap_or_default();
        let later = later
            .iter()
            .filter(|other| shares_a_service(self.rule, other));
        let rollout = crate::policy::on_this_day(self.config, self.config.rollout.start, self.host);
        let others = later.map(|rule| self.asks(rule)).chain([rollout]);
        Instead::of(self.asks(self.rule), others)
    }

    fn asks(&self, rule: &Rule) -> Requirement {
        requirement(self.config, rule.says, self.host)
    }

    fn finding(&self, topic: Topic, gravity: Gravity) -> Finding {
        Finding::in_config(topic, gravity, label(self.index, self.rule))
    }
}

fn shares_a_service(rule: &Rule, other: &Rule) -> bool {
    let is_shared = |service| other.services.contains(service);
    rule.services.is_empty() || other.services.is_empty() || rule.services.iter().any(is_shared)
}
