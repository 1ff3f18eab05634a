//! Places: where logins come from, coarse enough to be remembered.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

/// A numeric address (IPv6 by its /64) and a service, or a service and the caller's uid.
///
/// Written as one word pair such as `192.0.2.4 sshd`. The text is bounded and holds no control
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Place(String);

/// Longest service name that makes a place, in bytes.
const MAX_SERVICE: usize = 64;

/// What a place without an address begins with.
const OF_A_CALLER: &str = "uid:";

impl Place {
    /// The place of a login, or `None` where it cannot be told from others: loopback, a host
    /// *name*, an address that is set but empty, a service of unusual letters.
    ///
    /// `caller` is the real uid of the process, which stands for the place where the login has
    /// no address at all (su, a console).
    #[must_use]
    pub fn of(service: &str, rhost: Option<&str>, caller: u32) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if service.is_empty() || service.len() > MAX_SERVICE || !service.bytes().all(plain) {
            return None;
        }
        let Some(rhost) = rhost else {
            return Some(Self(format!("{OF_A_CALLER}{caller} {service}")));
        };
        let address = rhost.parse::<IpAddr>().ok()?.to_canonical();
        if address.is_loopback() || address.is_unspecified() {
            return None;
        }
        Some(Self(match address {
            IpAddr::V4(address) => format!("{address} {service}"),
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                let network = std::net::Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0);
                format!("{network}/64 {service}")
            }
        }))
    }

    /// Whether it is an address, and not a user of this machine.
    #[must_use]
    pub fn has_address(&self) -> bool {
        !self.0.starts_with(OF_A_CALLER)
    }

    /// The place as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(rhost: Option<&str>) -> Option<String> {
        Place::of("sshd", rhost, 1000).map(|place| place.as_str().to_owned())
    }

    #[test]
    fn an_ipv4_address_is_a_place_and_its_mapped_form_is_the_same() {
        assert_eq!(place(Some("192.0.2.4")).as_deref(), Some("192.0.2.4 sshd"));
        assert_eq!(place(Some("::ffff:192.0.2.4")), place(Some("192.0.2.4")));
    }

    #[test]
    fn an_ipv6_address_counts_by_its_64_bit_network() {
        assert_eq!(
            place(Some("2001:db8:1:2:3::4")).as_deref(),
            Some("2001:db8:1:2::/64 sshd")
        );
        assert_eq!(
            place(Some("2001:db8:1:2:3::4")),
            place(Some("2001:db8:1:2:ffff::9"))
        );
        assert_ne!(
            place(Some("2001:db8:1:2::4")),
            place(Some("2001:db8:1:3::4"))
        );
    }

    #[test]
    fn loopback_names_and_the_empty_address_are_no_places() {
        for rhost in [
            "127.0.0.1",
            "127.9.9.9",
            "::1",
            "::ffff:127.0.0.1",
            "",
            "host.example",
            "0.0.0.0",
            "fe80::1%eth0",
        ] {
            assert_eq!(place(Some(rhost)), None, "{rhost}");
        }
    }

    #[test]
    fn with_no_address_the_service_and_the_caller_are_the_place() {
        assert_eq!(place(None).as_deref(), Some("uid:1000 sshd"));
        assert_ne!(Place::of("su", None, 1000), Place::of("su", None, 1001));
    }

    #[test]
    fn a_service_of_unusual_letters_makes_no_place() {
        for service in ["", "a b", "a\nb", &"s".repeat(65)] {
            assert_eq!(Place::of(service, Some("192.0.2.4"), 0), None);
        }
    }
}
