//! Internal IP addresses and their stand-ins: those that name a machine within somebody's network and nobody outside.
//! Public ones stay, for they are where the data went. A stand-in is of the same range as what it stands for, so that
//! `ipv4_is_private` and conditions on ranges, the query's own among them, answer the same.

use super::{NameKind, Replaced};
use regex::{Captures, Regex};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

/// The ranges that are internal: RFC 1918, link local (RFC 3927, RFC 4291), shared by a provider's customers
/// (RFC 6598), unique local (RFC 4193). Loopback names no machine.
const INTERNAL: [(IpAddr, u32); 7] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(100, 64, 0, 0)), 10),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// What may be an address: numbers with dots between them, or what begins as an internal address of version 6 does.
/// What is none by its numbers is sorted out after.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"[0-9]+(?:\.[0-9]+)+(?:/[0-9]+)?|(?i:f(?:[cd][0-9a-f]{2}|e[89ab][0-9a-f])(?::[0-9a-f]{0,4}){1,7})").ok()
});

/// A range of addresses.
struct Range {
    first: IpAddr,
    bits: u32,
    /// How many stand-ins were looked at in it.
    used: u128,
}

/// The addresses that were met, with their stand-ins.
pub(super) struct Addresses {
    /// The narrowest first.
    ranges: RefCell<Vec<Range>>,
    /// Addresses of the query: they travel with it, and what it asks for is to be found.
    known: FxHashSet<IpAddr>,
    met: RefCell<FxHashMap<IpAddr, Option<IpAddr>>>,
    replaced: RefCell<Vec<Replaced>>,
}

impl Addresses {
    /// For rows that a query is to judge.
    pub(super) fn of(query: &str) -> Self {
        let mut ranges: Vec<(IpAddr, u32)> = INTERNAL.to_vec();
        let mut known = FxHashSet::default();
        for found in ADDRESS.iter().flat_map(|regex| regex.find_iter(query)) {
            let (address, bits) = found.as_str().split_once('/').unwrap_or((found.as_str(), ""));
            let Ok(address) = address.parse::<IpAddr>() else { continue };
            match bits.parse::<u32>() {
                Ok(bits) if bits < 32 && address.is_ipv4() => ranges.push((masked(address, bits), bits)),
                _ => {
                    known.insert(address);
                }
            }
        }
        ranges.sort_by_key(|(_, bits)| std::cmp::Reverse(*bits));
        ranges.dedup();
        let ranges = ranges.into_iter().map(|(first, bits)| Range { first, bits, used: 0 }).collect();
        Self { ranges: RefCell::new(ranges), known, met: RefCell::default(), replaced: RefCell::default() }
    }

    /// A text with the stand-ins of the internal addresses in it.
    pub(super) fn replace(&self, text: &str) -> Option<String> {
        let regex = ADDRESS.as_ref().filter(|regex| regex.is_match(text))?;
        let replaced = regex.replace_all(text, |found: &Captures<'_>| {
            let Some(whole) = found.get(0) else { return String::new() };
            self.stand_in_of(whole.as_str(), &text[..whole.start()]).unwrap_or_else(|| whole.as_str().to_owned())
        });
        Some(replaced.into_owned())
    }

    fn stand_in_of(&self, found: &str, before: &str) -> Option<String> {
        let (address, rest) = found.find('/').map_or((found, ""), |slash| found.split_at(slash));
        let (address, rest) = match address.parse::<IpAddr>() {
            Ok(address) => (address, rest),
            // A colon that ends a sentence's part, not an address.
            Err(_) => (address.strip_suffix(':')?.parse().ok()?, ":"),
        };
        let is_inside = |c: char| c == ':' || c.is_ascii_alphanumeric();
        // The middle of an address of version 6 that is another.
        if address.is_ipv6() && before.ends_with(is_inside) {
            return None;
        }
        let stand_in = self.stand_in(address)?;
        Some(format!("{stand_in}{rest}"))
    }

    fn stand_in(&self, address: IpAddr) -> Option<IpAddr> {
        if let Some(met) = self.met.borrow().get(&address) {
            return *met;
        }
        let is_internal = INTERNAL.iter().any(|(first, bits)| holds(*first, *bits, address));
        let stand_in = (is_internal && !self.known.contains(&address)).then(|| self.next(address)).flatten();
        self.met.borrow_mut().insert(address, stand_in);
        if let Some(to) = stand_in {
            let (from, to) = (address.to_string(), to.to_string());
            self.replaced.borrow_mut().push(Replaced { kind: NameKind::Address, from, to });
        }
        stand_in
    }

    /// The next stand-in of an address's narrowest range; none when there is none left.
    fn next(&self, address: IpAddr) -> Option<IpAddr> {
        let mut ranges = self.ranges.borrow_mut();
        let home = ranges.iter().position(|range| holds(range.first, range.bits, address))?;
        let size = 1_u128.checked_shl(width(address) - ranges[home].bits).unwrap_or(u128::MAX);
        loop {
            ranges[home].used += 1;
            let Range { first, used, .. } = ranges[home];
            if used > size {
                return None;
            }
            // The first of the range comes last: it often names the network.
            let next = offset(first, if used == size { 0 } else { used });
            let lives = ranges.iter().position(|range| holds(range.first, range.bits, next));
            match lives {
                Some(lives) if lives == home && !self.known.contains(&next) => return Some(next),
                // Over a narrower range in one step: it may have millions of addresses.
                Some(lives) if lives != home => {
                    let narrow = &ranges[lives];
                    let inside = (1_u128 << (width(next) - narrow.bits)) - 1;
                    ranges[home].used = used.max(number(narrow.first) + inside - number(first));
                }
                _ => {}
            }
        }
    }

    /// The addresses that were replaced so far.
    pub(super) fn told(self) -> Vec<Replaced> {
        self.replaced.into_inner()
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u32::from(address).into(),
        IpAddr::V6(address) => address.into(),
    }
}

/// The address so far behind another, in its own version.
fn offset(first: IpAddr, by: u128) -> IpAddr {
    match first {
        IpAddr::V4(first) => IpAddr::V4(u32::from(first).wrapping_add(by as u32).into()),
        IpAddr::V6(first) => IpAddr::V6(u128::from(first).wrapping_add(by).into()),
    }
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    let below = width(address).saturating_sub(bits);
    let kept = number(address).checked_shr(below).and_then(|n| n.checked_shl(below)).unwrap_or(0);
    match address {
        IpAddr::V4(_) => IpAddr::V4((kept as u32).into()),
        IpAddr::V6(_) => IpAddr::V6(kept.into()),
    }
}

fn holds(first: IpAddr, bits: u32, address: IpAddr) -> bool {
    first.is_ipv4() == address.is_ipv4() && masked(address, bits) == first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_internal_address_has_one_stand_in_of_its_own_range_wherever_it_stands() {
        let addresses = Addresses::of("T | where RemoteIP != '10.9.9.9' and ipv4_is_in_range(LocalIP, '10.20.0.0/16')");
        for (text, expected) in [
            ("10.1.2.3", "10.0.0.1"),
            (
                "curl http://10.1.2.3:8080/x -x 192.168.7.7,172.20.1.1",
                "curl http://10.0.0.1:8080/x -x 192.168.0.1,172.16.0.1",
            ),
            ("::ffff:10.1.2.3", "::ffff:10.0.0.1"),
            ("10.1.2.4/24", "10.0.0.2/24"),
            // In a range that the query asks for, and the address that it asks for.
            ("10.20.30.40 10.9.9.9", "10.20.0.1 10.9.9.9"),
            ("169.254.3.4 100.99.1.1", "169.254.0.1 100.64.0.1"),
            ("FD12:3456::1 fe80::aa%eth0", "fc00::1 fe80::1%eth0"),
            ("from fd12:3456::1: refused", "from fc00::1: refused"),
            // Neither internal nor an address.
            ("140.82.121.4 127.0.0.1 ::1 2001:db8:fd00::1", "140.82.121.4 127.0.0.1 ::1 2001:db8:fd00::1"),
            (
                "Windows 10.0.19045.3570, 1.10.1.2.3, 10.1.2, fcab:",
                "Windows 10.0.19045.3570, 1.10.1.2.3, 10.1.2, fcab:",
            ),
        ] {
            assert_eq!(addresses.replace(text).unwrap_or_else(|| text.to_owned()), expected);
        }
        assert_eq!(addresses.told().len(), 9);
    }

    #[test]
    fn a_range_that_is_used_up_gives_no_stand_in_twice() {
        let addresses = Addresses::of("ipv4_is_in_range(x, '10.0.0.0/30')");
        let text = "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3 10.7.7.7";
        let replaced = addresses.replace(text).unwrap();
        let mut all: Vec<&str> = replaced.split(' ').collect();
        assert_eq!(all.last(), Some(&"10.0.0.4"), "{replaced}");
        all.dedup();
        assert_eq!(all.len(), 5, "{replaced}");
    }
}
