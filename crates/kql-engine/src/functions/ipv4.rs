//! IPv4 addresses and networks.
//!
//! An address is four decimal numbers, and may have a prefix length: `192.168.1.0/24`. Two prefix lengths combine to
//! the shorter one. **Our choices**: numbers are written without leading zeros; a range holds an address when it
//! holds all of the address's own network; one of several ranges that cannot be read leaves the answer open (null)
//! unless another one holds the address.

use super::{CallContext, ScalarFunction, args};
use crate::ip::prefix;
use crate::scalar::{convert, plain};
use event_table::{Dynamic, Value};
use std::net::Ipv4Addr;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "parse_ipv4" => |_, a| args::or_null(network(a, 0), |n| Value::Long(n.address.into())),
        "parse_ipv4_mask" => |_, a| args::or_null(masked(a, 0, 1), |n| Value::Long(n.address.into())),
        "format_ipv4" => {
            |_, a| args::string(formatted(a).map(|n| Ipv4Addr::from(n.address).to_string()).unwrap_or_default())
        }
        "format_ipv4_mask" => |_, a| args::string(formatted(a).map(|n| n.to_string()).unwrap_or_default()),
        "ipv4_compare" => |_, a| args::or_null(pair(a), |(x, y)| Value::Long(x.address.cmp(&y.address) as i64)),
        "ipv4_is_match" => |_, a| args::or_null(pair(a), |(x, y)| Value::Bool(x.address == y.address)),
        "ipv4_is_in_range" => {
            |_, a| args::or_null(network(a, 0).zip(network(a, 1)), |(ip, range)| Value::Bool(range.holds(ip)))
        }
        "ipv4_is_in_any_range" => |_, a| {
            let Some(ip) = network(a, 0) else { return Value::Null };
            in_any(args::texts_from(a, 1).iter().map(|range| Some(Network::parse(range)?.holds(ip))))
        },
        "ipv4_is_private" => {
            |_, a| args::or_null(network(a, 0), |ip| Value::Bool(PRIVATE.iter().any(|range| range.holds(ip))))
        }
        "ipv4_netmask_suffix" => |_, a| args::or_null(network(a, 0), |n| Value::Long(n.bits.into())),
        "ipv4_range_to_cidr_list" => range_to_cidr_list,
        // No location data is here: unknown for every address.
        "geo_info_from_ip_address" => |_, _| Value::Null,
        _ => return None,
    })
}

/// RFC 1918.
const PRIVATE: [Network; 3] = [
    Network { address: 0x0a00_0000, bits: 8 },
    Network { address: 0xac10_0000, bits: 12 },
    Network { address: 0xc0a8_0000, bits: 16 },
];

/// An address of which the bits beyond the prefix are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: u32,
    bits: u8,
}

impl Network {
    fn new(address: u32, bits: u8) -> Self {
        let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        Self { address: address & mask, bits }
    }

    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, bits) = text.split_once('/').map_or((text, 32), |(address, bits)| (address, prefix(bits)));
        Some(Self::new(address.parse::<Ipv4Addr>().ok()?.into(), Some(bits).filter(|bits| *bits <= 32)?))
    }

    fn holds(self, other: Self) -> bool {
        other.bits >= self.bits && Self::new(other.address, self.bits) == self
    }

    fn shortened(self, bits: u8) -> Self {
        Self::new(self.address, self.bits.min(bits))
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from(self.address), self.bits)
    }
}

/// A prefix length as an argument; all of it when there is none, `None` when it is null or out of range.
pub(super) fn prefix_argument(a: &[Value], index: usize, most: u8) -> Option<u8> {
    match a.get(index) {
        None => Some(most),
        Some(_) => args::long(a, index).and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= most),
    }
}

/// True when one is; else null when one is not known; else false.
pub(super) fn in_any(verdicts: impl Iterator<Item = Option<bool>>) -> Value {
    let mut known = true;
    for verdict in verdicts {
        match verdict {
            Some(true) => return Value::Bool(true),
            Some(false) => {}
            None => known = false,
        }
    }
    if known { Value::Bool(false) } else { Value::Null }
}

fn network(a: &[Value], index: usize) -> Option<Network> {
    Network::parse(&args::text(a, index))
}

fn masked(a: &[Value], ip: usize, prefix: usize) -> Option<Network> {
    Some(network(a, ip)?.shortened(prefix_argument(a, prefix, 32)?))
}

/// The address to format: text, or a number in big-endian order.
fn formatted(a: &[Value]) -> Option<Network> {
    match a.first().map(plain) {
        Some(number @ (Value::Int(_) | Value::Long(_))) => {
            let address = u32::try_from(convert::to_long(&number)?).ok()?;
            Some(Network::new(address, prefix_argument(a, 1, 32)?))
        }
        _ => masked(a, 0, 1),
    }
}

/// Two addresses under the shortest of their prefixes and the argument.
fn pair(a: &[Value]) -> Option<(Network, Network)> {
    let (x, y) = network(a, 0).zip(network(a, 1))?;
    let bits = prefix_argument(a, 2, 32)?.min(x.bits).min(y.bits);
    Some((x.shortened(bits), y.shortened(bits)))
}

/// The fewest networks that cover the addresses from the first to the last. **Our choice**: none when the last comes
/// before the first.
fn range_to_cidr_list(_: &CallContext, a: &[Value]) -> Value {
    let address = |index| args::text(a, index).trim().parse::<Ipv4Addr>().ok().map(|ip| u64::from(u32::from(ip)));
    let Some((mut next, last)) = address(0).zip(address(1)) else { return Value::Null };
    let mut networks = Vec::new();
    while next <= last {
        let aligned = if next == 0 { 32 } else { next.trailing_zeros() };
        let fits = (last - next + 1).ilog2();
        let free = aligned.min(fits);
        networks.push(Dynamic::String(format!("{}/{}", Ipv4Addr::from(next as u32), 32 - free).into()));
        next += 1 << free;
    }
    args::list(networks)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions, and edges worked out by hand.
    #[test]
    fn addresses_are_read_and_written() {
        check(
            ColumnType::Long,
            &[
                ("parse_ipv4", r#"["192.168.1.1"]"#, "3232235777"),
                ("parse_ipv4", r#"["192.168.1.1/24"]"#, "3232235776"),
                ("parse_ipv4", r#"["255.255.255.255/31"]"#, "4294967294"),
                ("parse_ipv4", r#"["1.2.3.4/0"]"#, "0"),
                ("parse_ipv4", r#"["1.2.3.4/33"]"#, "(null)"),
                ("parse_ipv4", r#"["1.2.3.4/+8"]"#, "(null)"),
                ("parse_ipv4", r#"["1.2.3"]"#, "(null)"),
                ("parse_ipv4", r#"["1.2.3.256"]"#, "(null)"),
                ("parse_ipv4", r#"["::1"]"#, "(null)"),
                ("parse_ipv4_mask", r#"["127.0.0.1", 24]"#, "2130706432"),
                ("parse_ipv4_mask", r#"["192.1.168.3/24", 31]"#, "3221334016"),
                ("parse_ipv4_mask", r#"["127.0.0.1", 33]"#, "(null)"),
                ("ipv4_netmask_suffix", r#"["10.1.2.3"]"#, "32"),
                ("ipv4_netmask_suffix", r#"["192.168.1.1/24"]"#, "24"),
                ("ipv4_netmask_suffix", r#"["x"]"#, "(null)"),
            ],
        );
        check(
            ColumnType::String,
            &[
                ("format_ipv4", r#"["192.168.1.1", 24]"#, "192.168.1.0"),
                ("format_ipv4", r#"["192.168.1.1/24", 32]"#, "192.168.1.0"),
                ("format_ipv4", r#"["192.168.1.1/24", -1]"#, ""),
                ("format_ipv4", "[3232235777]", "192.168.1.1"),
                ("format_ipv4", "[3232235777, 24]", "192.168.1.0"),
                ("format_ipv4", "[4294967296]", ""),
                ("format_ipv4", r#"["x"]"#, ""),
                ("format_ipv4_mask", r#"["192.168.1.1", 24]"#, "192.168.1.0/24"),
                ("format_ipv4_mask", r#"["192.168.1.1", 32]"#, "192.168.1.1/32"),
                ("format_ipv4_mask", r#"["192.168.1.1/24", 32]"#, "192.168.1.0/24"),
            ],
        );
        check(
            ColumnType::Dynamic,
            &[
                (
                    "ipv4_range_to_cidr_list",
                    r#"["1.1.128.0", "1.1.140.255"]"#,
                    r#"["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]"#,
                ),
                ("ipv4_range_to_cidr_list", r#"["0.0.0.0", "255.255.255.255"]"#, r#"["0.0.0.0/0"]"#),
                ("ipv4_range_to_cidr_list", r#"["10.0.0.1", "10.0.0.2"]"#, r#"["10.0.0.1/32","10.0.0.2/32"]"#),
                ("ipv4_range_to_cidr_list", r#"["10.0.0.2", "10.0.0.1"]"#, "[]"),
                ("ipv4_range_to_cidr_list", r#"["10.0.0.2", "x"]"#, "(null)"),
            ],
        );
    }

    #[test]
    fn addresses_are_compared_under_the_shortest_prefix() {
        for (arguments, compared, matches) in [
            (r#"["192.168.1.0", "192.168.1.0"]"#, "0", "true"),
            (r#"["192.168.1.1/24", "192.168.1.255"]"#, "0", "true"),
            (r#"["192.168.1.1", "192.168.1.255/24"]"#, "0", "true"),
            (r#"["192.168.1.1/30", "192.168.1.255/24"]"#, "0", "true"),
            (r#"["192.168.1.1", "192.168.1.0", 31]"#, "0", "true"),
            (r#"["192.168.1.1/24", "192.168.1.255", 31]"#, "0", "true"),
            (r#"["192.168.1.1", "192.168.1.255", 24]"#, "0", "true"),
            (r#"["192.168.1.1", "192.168.1.2"]"#, "-1", "false"),
            (r#"["192.168.1.1", "9.0.0.0"]"#, "1", "false"),
            (r#"["192.168.1.1", "x"]"#, "(null)", "(null)"),
            (r#"["192.168.1.1", "192.168.1.1", 33]"#, "(null)", "(null)"),
        ] {
            check(ColumnType::Long, &[("ipv4_compare", arguments, compared)]);
            check(ColumnType::Bool, &[("ipv4_is_match", arguments, matches)]);
        }
    }

    #[test]
    fn ranges_hold_addresses() {
        check(
            ColumnType::Bool,
            &[
                ("ipv4_is_in_range", r#"["192.168.1.1", "192.168.1.1"]"#, "true"),
                ("ipv4_is_in_range", r#"["192.168.1.1", "192.168.1.255/24"]"#, "true"),
                ("ipv4_is_in_range", r#"["192.168.2.1", "192.168.1.255/24"]"#, "false"),
                ("ipv4_is_in_range", r#"["192.0.0.0/8", "192.0.0.0/16"]"#, "false"),
                ("ipv4_is_in_range", r#"["x", "192.0.0.0/16"]"#, "(null)"),
                ("ipv4_is_in_any_range", r#"["192.168.1.6", "192.168.1.1/24", "10.0.0.1/8"]"#, "true"),
                ("ipv4_is_in_any_range", r#"["127.0.0.1", ["127.0.0.1", "192.168.1.1"]]"#, "true"),
                ("ipv4_is_in_any_range", r#"["1.1.1.1", ["192.168.1.1/16", "127.0.0.1/8", "10.0.0.1/8"]]"#, "false"),
                ("ipv4_is_in_any_range", r#"["10.1.1.1", ["x", "10.0.0.1/8"]]"#, "true"),
                ("ipv4_is_in_any_range", r#"["1.1.1.1", ["x", "10.0.0.1/8"]]"#, "(null)"),
                ("ipv4_is_in_any_range", r#"["x", "10.0.0.1/8"]"#, "(null)"),
                ("ipv4_is_in_any_range", r#"["1.1.1.1", []]"#, "false"),
                ("ipv4_is_private", r#"["192.168.1.1/24"]"#, "true"),
                ("ipv4_is_private", r#"["10.1.2.3/24"]"#, "true"),
                ("ipv4_is_private", r#"["172.31.255.255"]"#, "true"),
                ("ipv4_is_private", r#"["172.32.0.0"]"#, "false"),
                ("ipv4_is_private", r#"["202.1.2.3"]"#, "false"),
                ("ipv4_is_private", r#"["127.0.0.1"]"#, "false"),
                ("ipv4_is_private", r#"["192.168.0.0/8"]"#, "false"),
                ("ipv4_is_private", r#"[""]"#, "(null)"),
            ],
        );
    }
}
