//! Networks: which addresses a rule means.

use std::net::{IpAddr, Ipv6Addr};

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
}
