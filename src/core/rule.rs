//! Rules: for whom, where and from when a code is required.
//!
//! What a rule asks about may be impossible to know: a group while the directory does not answer, a
//! network where sshd gave a host name. So a match has three values, and what cannot be known
//! falls on the side of asking for a code.

use crate::date::Date;
use crate::network::Network;
use crate::ports::Host;
use crate::verdict::{Login, Who};

/// What a rule says of the logins that it matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// A code is required.
    Required,
    /// No code is required.
    Exempt,
    /// A code is required from this day on.
    RequiredFrom(Date),
}

/// One `[[rule]]` of kapu.toml. A list that is empty asks about nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What the administrator calls it.
    pub name: Option<String>,
    /// PAM services.
    pub services: Vec<String>,
    /// Accounts, by their `pw_name`.
    pub users: Vec<String>,
    /// Groups, of which the account must be in one.
    pub groups: Vec<String>,
    /// Networks, of which the remote address must be in one.
    pub networks: Vec<Network>,
    /// What it says.
    pub says: Says,
}

/// Whether a rule is about a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// That cannot be known now.
    Unknown,
}

impl Match {
    const fn of(known: Option<bool>) -> Self {
        match known {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown,
        }
    }

    /// Both must match.
    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Yes, Self::Yes) => Self::Yes,
        }
    }

    /// One of them must match.
    const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::No, Self::No) => Self::No,
        }
    }
}

impl Rule {
    /// Whether this rule is about `login`. Groups are asked for last: that may cost a question to
    /// a directory service.
    #[must_use]
    pub fn matches(&self, login: &Login, host: &dyn Host) -> Match {
        let of_service = any(&self.services, |service| {
            Match::of(Some(*service == login.service))
        });
        let of_network = any(&self.networks, |network| {
            Match::of(network.holds(login.rhost.as_deref()))
        });
        let of_user = any(&self.users, |user| match &login.who {
            Who::Known(account) => Match::of(Some(account.name == *user)),
            Who::Unknown => Match::No,
            Who::Unresolved(_) => Match::Unknown,
        });
        let so_far = of_service.and(of_network).and(of_user);
        if so_far == Match::No {
            return Match::No;
        }
        so_far.and(any(&self.groups, |group| match &login.who {
            Who::Known(account) => Match::of(host.is_member(account, group)),
            Who::Unknown => Match::No,
            Who::Unresolved(_) => Match::Unknown,
        }))
    }
}

/// Whether one of `list` matches; an empty list asks about nothing.
fn any<T>(list: &[T], matches: impl Fn(&T) -> Match) -> Match {
    if list.is_empty() {
        return Match::Yes;
    }
    list.iter()
        .fold(Match::No, |so_far, item| so_far.or(matches(item)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Trouble, TroubleKind};
    use crate::testing::{FakeHost, NOON, ssh_login};

    fn rule() -> Rule {
        Rule {
            name: None,
            services: Vec::new(),
            users: Vec::new(),
            groups: Vec::new(),
            networks: Vec::new(),
            says: Says::Required,
        }
    }

    fn matches(rule: &Rule, login: &Login) -> Match {
        let host = FakeHost::at(NOON);
        host.groups
            .borrow_mut()
            .extend([("staff", Some(true)), ("guests", Some(false))]);
        rule.matches(login, &host)
    }

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    fn networks(list: &[&str]) -> Vec<Network> {
        list.iter()
            .map(|text| Network::parse(text).unwrap())
            .collect()
    }

    fn from(rhost: Option<&str>) -> Login {
        Login {
            rhost: rhost.map(str::to_owned),
            ..ssh_login()
        }
    }

    #[test]
    fn a_rule_that_asks_about_nothing_is_about_everybody() {
        assert_eq!(matches(&rule(), &ssh_login()), Match::Yes);
    }

    #[test]
    fn every_list_must_have_one_that_fits() {
        let both = |services: &[&str], users: &[&str]| Rule {
            services: names(services),
            users: names(users),
            ..rule()
        };
        for (services, users, expected) in [
            (&["login", "sshd"][..], &["anna"][..], Match::Yes),
            (&["login"], &["anna"], Match::No),
            (&["sshd"], &["bela"], Match::No),
            (&["SSHD"], &["anna"], Match::No),
        ] {
            assert_eq!(matches(&both(services, users), &ssh_login()), expected);
        }
    }

    #[test]
    fn a_group_is_asked_of_the_host_which_may_not_know() {
        for (groups, expected) in [
            (&["staff"][..], Match::Yes),
            (&["guests"], Match::No),
            (&["ldap"], Match::Unknown),
            (&["guests", "staff"], Match::Yes),
            (&["ldap", "staff"], Match::Yes),
            (&["guests", "ldap"], Match::Unknown),
        ] {
            let groups = names(groups);
            assert_eq!(matches(&Rule { groups, ..rule() }, &ssh_login()), expected);
        }
    }

    #[test]
    fn an_account_that_is_not_known_is_in_no_group_and_one_that_is_not_resolved_may_be() {
        let of = |who| Login { who, ..ssh_login() };
        let trouble = Trouble::new(TroubleKind::Names, "gone");
        for list in [
            Rule {
                users: names(&["anna"]),
                ..rule()
            },
            Rule {
                groups: names(&["staff"]),
                ..rule()
            },
        ] {
            assert_eq!(matches(&list, &of(Who::Unknown)), Match::No);
            let unresolved = of(Who::Unresolved(trouble.clone()));
            assert_eq!(matches(&list, &unresolved), Match::Unknown);
        }
    }

    #[test]
    fn a_network_holds_its_addresses_and_cannot_tell_of_names() {
        let lan = Rule {
            networks: networks(&["192.0.2.0/24", "2001:db8::/32", "198.51.100.7"]),
            ..rule()
        };
        for (rhost, expected) in [
            (Some("192.0.2.4"), Match::Yes),
            (Some("::ffff:192.0.2.4"), Match::Yes),
            (Some("192.0.3.4"), Match::No),
            (Some("2001:db8:ffff::1"), Match::Yes),
            (Some("2001:db9::1"), Match::No),
            (Some("198.51.100.7"), Match::Yes),
            (Some("198.51.100.8"), Match::No),
            (Some("host.example"), Match::Unknown),
            (Some(""), Match::Unknown),
            (None, Match::No),
        ] {
            assert_eq!(matches(&lan, &from(rhost)), expected, "{rhost:?}");
        }
    }

    #[test]
    fn all_of_one_kind_of_address_is_none_of_the_other() {
        let all = Rule {
            networks: networks(&["0.0.0.0/0"]),
            ..rule()
        };
        assert_eq!(matches(&all, &from(Some("203.0.113.9"))), Match::Yes);
        assert_eq!(matches(&all, &from(Some("2001:db8::1"))), Match::No);
    }

    #[test]
    fn what_one_list_excludes_needs_no_group() {
        let other = Rule {
            services: names(&["login"]),
            groups: names(&["ldap"]),
            ..rule()
        };
        assert_eq!(matches(&other, &ssh_login()), Match::No);
    }
}
