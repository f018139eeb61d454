//! IPv6 addresses and networks, and IPv4 addresses as IPv6 ones.
//!
//! An IPv4 address, alone or at the end of an IPv6 one (`::192.168.1.1`), is the IPv4-mapped address, and the prefix
//! length written after it counts the bits of the IPv4 part, as in the examples of the pages. Canonical text has
//! eight groups of four digits. **Our choices** on ranges are those of the IPv4 functions.

use super::ipv4::{in_any, prefix_argument};
use super::{ScalarFunction, args};
use crate::ip::Network;
use event_table::Value;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "parse_ipv6" => |_, a| args::string(network(a, 0).map(Network::canonical).unwrap_or_default()),
        "parse_ipv6_mask" => |_, a| {
            let masked = network(a, 0).zip(prefix_argument(a, 1, 128)).map(|(n, bits)| n.shortened(bits));
            args::string(masked.map(Network::canonical).unwrap_or_default())
        },
        "ipv6_compare" => |_, a| args::or_null(pair(a), |(x, y)| Value::Long(x.address.cmp(&y.address) as i64)),
        "ipv6_is_match" => |_, a| args::or_null(pair(a), |(x, y)| Value::Bool(x.address == y.address)),
        "ipv6_is_in_range" => {
            |_, a| args::or_null(network(a, 0).zip(network(a, 1)), |(ip, range)| Value::Bool(range.holds(ip)))
        }
        "ipv6_is_in_any_range" => |_, a| {
            let Some(ip) = network(a, 0) else { return Value::Null };
            in_any(args::texts_from(a, 1).iter().map(|range| Some(Network::parse(range)?.holds(ip))))
        },
        _ => return None,
    })
}

fn network(a: &[Value], index: usize) -> Option<Network> {
    Network::parse(&args::text(a, index))
}

/// Two addresses under the shortest of their prefixes and the argument.
fn pair(a: &[Value]) -> Option<(Network, Network)> {
    let (x, y) = network(a, 0).zip(network(a, 1))?;
    let bits = prefix_argument(a, 2, 128)?.min(x.bits).min(y.bits);
    Some((x.shortened(bits), y.shortened(bits)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions, and edges worked out by hand.
    #[test]
    fn addresses_are_written_canonically() {
        check(
            ColumnType::String,
            &[
                ("parse_ipv6", r#"["192.168.255.255"]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ffff"),
                ("parse_ipv6", r#"["192.168.255.255/24"]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
                ("parse_ipv6", r#"["FE80::85d:e82c:9446:7994"]"#, "fe80:0000:0000:0000:085d:e82c:9446:7994"),
                ("parse_ipv6", r#"["::1/0"]"#, "0000:0000:0000:0000:0000:0000:0000:0000"),
                ("parse_ipv6", r#"["::1/129"]"#, ""),
                ("parse_ipv6", r#"["1.2.3.4/33"]"#, ""),
                ("parse_ipv6", r#"["fe80::1%eth0"]"#, ""),
                ("parse_ipv6", r#"["x"]"#, ""),
                ("parse_ipv6_mask", r#"["192.168.255.255", 120]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
                ("parse_ipv6_mask", r#"["192.168.255.255/24", 124]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
                ("parse_ipv6_mask", r#"["fe80::85d:e82c:9446:7994", 128]"#, "fe80:0000:0000:0000:085d:e82c:9446:7994"),
                (
                    "parse_ipv6_mask",
                    r#"["fe80::85d:e82c:9446:7994/120", 124]"#,
                    "fe80:0000:0000:0000:085d:e82c:9446:7900",
                ),
                ("parse_ipv6_mask", r#"["::192.168.255.255", 128]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ffff"),
                ("parse_ipv6_mask", r#"["::192.168.255.255/24", 128]"#, "0000:0000:0000:0000:0000:ffff:c0a8:ff00"),
                ("parse_ipv6_mask", r#"["::1", 129]"#, ""),
            ],
        );
    }

    #[test]
    fn addresses_of_both_kinds_are_compared() {
        for (arguments, compared, matches) in [
            (r#"["192.168.1.1", "192.168.1.1"]"#, "0", "true"),
            (r#"["192.168.1.1/30", "192.168.1.255/24"]"#, "0", "true"),
            (r#"["fe80::85d:e82c:9446:7994/120", "fe80::85d:e82c:9446:7998"]"#, "0", "true"),
            (r#"["192.168.1.1", "::ffff:c0a8:0101"]"#, "0", "true"),
            (r#"["192.168.1.1/24", "::ffff:c0a8:01ff"]"#, "0", "true"),
            (r#"["::ffff:c0a8:0101", "192.168.1.255/24"]"#, "0", "true"),
            (r#"["::192.168.1.1/30", "192.168.1.255/24"]"#, "0", "true"),
            (r#"["192.168.1.1", "192.168.1.0", 31]"#, "0", "true"),
            (r#"["fe80::85d:e82c:9446:7994", "fe80::85d:e82c:9446:7995", 127]"#, "0", "true"),
            (r#"["::192.168.1.1/30", "192.168.1.255/24", 127]"#, "0", "true"),
            (r#"["fe80::1", "fe80::2"]"#, "-1", "false"),
            (r#"["fe80::1", "192.168.1.1"]"#, "1", "false"),
            (r#"["fe80::1", "x"]"#, "(null)", "(null)"),
            (r#"["fe80::1", "fe80::1", 129]"#, "(null)", "(null)"),
        ] {
            check(ColumnType::Long, &[("ipv6_compare", arguments, compared)]);
            check(ColumnType::Bool, &[("ipv6_is_match", arguments, matches)]);
        }
        let ip = "a5e:f127:8a9d:146d:e102:b5d3:c755:abcd";
        for (range, expected) in [
            ("a5e:f127:8a9d:146d:e102:b5d3:c755:0000/112", "true"),
            (ip, "true"),
            ("0:0:0:0:0:ffff:c0a8:ac/60", "false"),
            ("x", "(null)"),
        ] {
            check(
                ColumnType::Bool,
                &[
                    ("ipv6_is_in_range", &format!(r#"["{ip}", "{range}"]"#), expected),
                    ("ipv6_is_in_any_range", &format!(r#"["{ip}", ["::1", "{range}"]]"#), expected),
                    ("ipv6_is_in_any_range", &format!(r#"["{ip}", "::1", "{range}"]"#), expected),
                ],
            );
        }
    }
}
