//! IPv4 and IPv6 addresses and networks in their text form.

use std::fmt::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A kind of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Family {
    V4,
    V6,
}

impl Family {
    /// The plugin that looks such addresses up.
    pub(crate) fn lookup(self) -> &'static str {
        match self {
            Self::V4 => "ipv4_lookup",
            Self::V6 => "ipv6_lookup",
        }
    }

    /// Reads an address or a network of this kind. Among IPv6 ones, IPv4 ones stand as IPv4-mapped addresses.
    pub(crate) fn parse(self, text: &str) -> Option<Network> {
        match self {
            Self::V4 if text.contains(':') => None,
            Self::V4 | Self::V6 => Network::parse(text),
        }
    }
}

/// An address of which the bits beyond the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    pub(crate) address: u128,
    pub(crate) bits: u8,
}

impl Network {
    fn new(address: u128, bits: u8) -> Self {
        let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
        Self { address: address & mask, bits }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, bits) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(prefix(bits))));
        let (address, mapped) = match address.parse::<Ipv4Addr>() {
            Ok(ip) => (ip.to_ipv6_mapped(), true),
            Err(_) => {
                let ip: Ipv6Addr = address.parse().ok()?;
                match ip.to_ipv4() {
                    Some(v4) if address.contains('.') => (v4.to_ipv6_mapped(), true),
                    _ => (ip, false),
                }
            }
        };
        let bits = match bits {
            None => 128,
            Some(bits) if mapped && bits <= 32 => bits + 96,
            Some(bits) if !mapped && bits <= 128 => bits,
            Some(_) => return None,
        };
        Some(Self::new(address.into(), bits))
    }

    pub(crate) fn holds(self, other: Self) -> bool {
        other.bits >= self.bits && Self::new(other.address, self.bits) == self
    }

    pub(crate) fn shortened(self, bits: u8) -> Self {
        Self::new(self.address, self.bits.min(bits))
    }

    pub(crate) fn canonical(self) -> String {
        let mut text = String::new();
        for (index, group) in Ipv6Addr::from(self.address).segments().into_iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            // Writing to a string does not fail.
            let _ = write!(text, "{colon}{group:04x}");
        }
        text
    }
}

/// A prefix length in decimal digits; 255, which no address has, for anything else.
pub(crate) fn prefix(text: &str) -> u8 {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().unwrap_or(u8::MAX) } else { u8::MAX }
}

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn a_range_holds_the_addresses_and_networks_within_it() {
        for (family, range, address, expected) in [
            (Family::V4, "10.1.2.3/8", "10.9.9.9", Some(true)),
            (Family::V4, "10.1.2.3", "10.1.2.3", Some(true)),
            (Family::V4, "0.0.0.0/0", "255.1.1.1", Some(true)),
            (Family::V4, "10.0.0.0/16", "10.0.7.0/24", Some(true)),
            (Family::V4, "10.0.0.0/16", "10.0.0.0/8", Some(false)),
            (Family::V4, "10.1.2.3/33", "10.1.2.3", None),
            (Family::V4, "10.1.2", "10.1.2.3", None),
            (Family::V4, "::ffff:10.1.2.3", "10.1.2.3", None),
            (Family::V6, "fe80::/10", "fe80::1", Some(true)),
            (Family::V6, "fe80::/10", "fec0::1", Some(false)),
            (Family::V6, "::ffff:a00:0/104", "10.1.2.3", Some(true)),
            (Family::V6, "10.0.0.0/8", "::ffff:10.1.2.3", Some(true)),
            (Family::V6, "fe80::/129", "fe80::1", None),
        ] {
            let held = family.parse(range).zip(family.parse(address)).map(|(range, ip)| range.holds(ip));
            assert_eq!(held, expected, "{address} in {range}");
        }
    }
}
