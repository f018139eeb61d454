//! Numbers, timespans and whatever else begins with a digit.

use super::{Lexer, words};
use crate::SyntaxKind::{self, *};

/// The units of a timespan literal, as Microsoft's analyzer takes them. Longer ones come before their beginnings
/// only where it matters: a unit must be the whole word after the number.
const UNITS: &[&str] = &[
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

impl Lexer<'_> {
    /// A number, a timespan, a bare GUID, or a name that begins with digits.
    pub(super) fn number(&mut self) -> SyntaxKind {
        let rest = self.rest();
        let (kind, len) = number(rest);
        self.pos += len;
        kind
    }
}

fn number(text: &str) -> (SyntaxKind, usize) {
    if let Some(len) = raw_guid(text) {
        return (RawGuid, len);
    }
    let bytes = text.as_bytes();
    let digits = digits(bytes, 0);
    let ends_here = |at: usize| !words::continues_name(text, at);
    // `1.5`, `1.`, `1e3`; but `1..2` is a range.
    let mut real = digits;
    let dot = bytes.get(digits) == Some(&b'.')
        && (bytes.get(digits + 1) != Some(&b'.') || bytes.get(digits + 2) == Some(&b'.'));
    if dot {
        real += 1 + self::digits(bytes, digits + 1);
    }
    let exponent = exponent(bytes, real);
    if (dot || exponent > 0) && ends_here(real + exponent) {
        return (Real, real + exponent);
    }
    // `10s`, `1.5h`.
    let mut number = digits;
    if dot && self::digits(bytes, digits + 1) > 0 {
        number = real;
    }
    let unit = words::name_length(&text[number..]);
    if UNITS.contains(&&text[number..number + unit]) {
        return (TimeSpan, number + unit);
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        let len = 2 + hex.bytes().take_while(u8::is_ascii_hexdigit).count();
        if len > 2 && ends_here(len) {
            return (Long, len);
        }
    }
    if ends_here(digits) {
        return (Long, digits);
    }
    (Word, words::name_length(text))
}

fn digits(bytes: &[u8], from: usize) -> usize {
    bytes.get(from..).unwrap_or(&[]).iter().take_while(|b| b.is_ascii_digit()).count()
}

/// The length of an exponent such as `e-3`; 0 when there is none.
fn exponent(bytes: &[u8], from: usize) -> usize {
    if !matches!(bytes.get(from), Some(b'e' | b'E')) {
        return 0;
    }
    let sign = usize::from(matches!(bytes.get(from + 1), Some(b'+' | b'-')));
    match digits(bytes, from + 1 + sign) {
        0 => 0,
        n => 1 + sign + n,
    }
}

/// The length of a GUID without quotes at the start of a text.
pub(super) fn raw_guid(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    for (i, group) in [8, 4, 4, 4, 12].into_iter().enumerate() {
        if i > 0 {
            if bytes.get(at) != Some(&b'-') {
                return None;
            }
            at += 1;
        }
        if !bytes.get(at..at + group)?.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        at += group;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_apart_as_kusto_does() {
        for (text, kind, len) in [
            ("42", Long, 2),
            ("0x2a", Long, 4),
            ("0x", Word, 2),
            ("0x1G", Word, 4),
            ("1.5", Real, 3),
            ("1.", Real, 2),
            ("1e3", Real, 3),
            ("1.5e-3", Real, 6),
            ("1e", Word, 2),
            ("1..2", Long, 1),
            ("1...2", Real, 2),
            ("1d", TimeSpan, 2),
            ("1.5h", TimeSpan, 4),
            ("10microseconds", TimeSpan, 14),
            ("1tick", TimeSpan, 5),
            ("2hours", TimeSpan, 6),
            ("1weeks", Word, 6),
            ("1d_x", Word, 4),
            ("5_x", Word, 3),
            ("74be27de-1e4e-49d9-b579-fe0b331d3642", RawGuid, 36),
        ] {
            assert_eq!(number(text), (kind, len), "{text}");
        }
    }
}
