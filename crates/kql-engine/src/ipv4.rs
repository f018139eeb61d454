//! IPv4 addresses and ranges in their text form, for `ipv4_lookup`.

/// Reads `1.2.3.4` or `1.2.3.0/24`: the network's address and its mask.
pub(crate) fn parse_range(text: &str) -> Option<(u32, u32)> {
    let (address, bits) = match text.trim().split_once('/') {
        Some((address, bits)) => (address, bits.parse::<u32>().ok().filter(|bits| *bits <= 32)?),
        None => (text.trim(), 32),
    };
    let address: std::net::Ipv4Addr = address.parse().ok()?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    Some((u32::from(address) & mask, mask))
}

#[cfg(test)]
mod tests {
    use super::parse_range;

    #[test]
    fn ranges_are_read() {
        assert_eq!(parse_range("10.1.2.3/8"), Some((0x0a00_0000, 0xff00_0000)));
        assert_eq!(parse_range("10.1.2.3"), Some((0x0a01_0203, u32::MAX)));
        assert_eq!(parse_range("0.0.0.0/0"), Some((0, 0)));
        assert_eq!(parse_range("10.1.2.3/33").or(parse_range("10.1.2")), None);
    }
}
