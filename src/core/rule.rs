//! Rules: for whom, where and from when a code is required.
//!
//! What a rule asks about may be impossible to know: a group while the directory does not answer, a
//! network where sshd gave a host name. So a match has three values, and what cannot be known
//! falls on the side of asking for a code.

use std::net::{IpAddr, Ipv6Addr};

use crate::date::Date;
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

/// A network in CIDR notation (RFC 4632, RFC 4291): an address and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

/// IPv4 addresses as IPv6 writes them (RFC 4291, section 2.5.5.2). Those of logins are compared
/// as IPv4.
const MAPPED: Network = Network {
    address: IpAddr::V6(Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0)),
    bits: 96,
};

impl Network {
    /// Reads `192.0.2.0/24`, `2001:db8::/32` or a single address. Bits set behind the prefix are
    /// a slip, and refused; so is IPv4 written as IPv6 (`::ffff:192.0.2.0/120`), which would never
    /// hold the address of a login.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) if bits.bytes().all(|byte| byte.is_ascii_digit()) => {
                (address, Some(bits.parse::<u8>().ok()?))
            }
            Some(_) => return None,
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = width(address);
        let bits = bits.unwrap_or(most);
        let network = Self { address, bits };
        let is_whole = bits <= most && network.prefix(address) == value(address);
        (is_whole && !MAPPED.covers(&network)).then_some(network)
    }

    /// Whether the remote host of a login is in it: `None` where that is no numeric address. A
    /// login without a remote host comes over no network.
    #[must_use]
    pub fn holds(&self, rhost: Option<&str>) -> Option<bool> {
        let Some(rhost) = rhost else {
            return Some(false);
        };
        let address = rhost.parse::<IpAddr>().ok()?.to_canonical();
        Some(
            width(address) == width(self.address)
                && self.prefix(address) == self.prefix(self.address),
        )
    }

    /// Whether every address of `other` is in it.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        width(self.address) == width(other.address)
            && self.bits <= other.bits
            && self.prefix(other.address) == self.prefix(self.address)
    }

    /// Whether every address of its kind is in it.
    #[must_use]
    pub const fn is_everywhere(&self) -> bool {
        self.bits == 0
    }

    /// The bits of `address` that count.
    fn prefix(&self, address: IpAddr) -> u128 {
        let rest = u32::from(width(address)).saturating_sub(u32::from(self.bits));
        let kept = u128::MAX.checked_shl(rest).unwrap_or(0);
        value(address) & kept
    }
}

const fn width(address: IpAddr) -> u8 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

fn value(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
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
    fn all_networks_are_read_and_slips_are_not() {
        for text in [
            "0.0.0.0/0",
            "::/0",
            "10.0.0.0/8",
            "10.1.2.3/32",
            "::1/128",
            "::/64",
        ] {
            assert!(Network::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "2001:db8::1/64",
            "::/129",
            "lan",
            "10.0.0.0/255.0.0.0",
            "::ffff:192.0.2.0/120",
            "::ffff:192.0.2.4",
            "::ffff:0:0/96",
        ] {
            assert_eq!(Network::parse(text), None, "{text:?}");
        }
        let all = Rule {
            networks: networks(&["0.0.0.0/0"]),
            ..rule()
        };
        assert_eq!(matches(&all, &from(Some("203.0.113.9"))), Match::Yes);
        assert_eq!(matches(&all, &from(Some("2001:db8::1"))), Match::No);
    }

    #[test]
    fn a_network_covers_those_within_it_of_its_own_kind() {
        let covers = |wide: &str, narrow: &str| {
            let [wide, narrow] = [wide, narrow].map(|text| Network::parse(text).unwrap());
            wide.covers(&narrow)
        };
        for (wide, narrow, expected) in [
            ("10.0.0.0/8", "10.1.2.0/24", true),
            ("10.0.0.0/8", "10.0.0.0/8", true),
            ("10.1.2.0/24", "10.0.0.0/8", false),
            ("10.0.0.0/8", "11.0.0.0/16", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "::/0", false),
            ("::/0", "0.0.0.0/0", false),
            ("2001:db8::/32", "2001:db8:1::/48", true),
        ] {
            assert_eq!(covers(wide, narrow), expected, "{wide} {narrow}");
        }
        assert!(Network::parse("::/0").unwrap().is_everywhere());
        assert!(!Network::parse("0.0.0.0/1").unwrap().is_everywhere());
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
