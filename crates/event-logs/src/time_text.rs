//! Reads the forms in which logs write times.
//!
//! - ISO 8601: `2025-06-01T09:30:35.9347784Z`; `T` or a space between date and time, any number of fraction digits
//!   (past the seventh they are cut off: a tick is 100 ns), `Z`, an offset (`+02:00`, `+0200`, `+02`) or no zone, the
//!   seconds or the whole time of day may be missing.
//! - Log Analytics' export: `10/25/2023, 9:43:21.994 AM`, with or without the comma and the half of the day.
//! - Excel in European locales: `25.10.2023 09:43`, which is always day first.
//! - Defender's grid: `Jun 1, 2025 9:30:35 AM`, with or without a comma after the year.
//! - Proxies and firewalls: `22/Oct/2026:10:00:01 +0200` of the common log format, `2026/10/22 10:00:01` with the year
//!   first, and the time since 1970 as a number of ten digits (seconds, perhaps with a fraction, as Squid and Zeek write
//!   it) or of thirteen (milliseconds); other numbers may be anything and are no times.

use event_table::{Civil, DateTime, TICKS_PER_SECOND, TimeSpan};
use serde::{Deserialize, Serialize};

const MINUTE: i64 = 60 * TICKS_PER_SECOND;

/// Which number comes first in a date such as `05/10/2023`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// The month, as Log Analytics writes it for the United States.
    #[default]
    MonthFirst,
    /// The day.
    DayFirst,
}

/// What a text of a time does not say itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct TimeRule {
    /// Minutes east of UTC, for times that name no zone.
    pub(crate) offset_minutes: i32,
    pub(crate) order: DateOrder,
}

/// The instant that a text names; `None` when it is in no form that is known here.
pub(crate) fn parse(text: &str, rule: TimeRule) -> Option<DateTime> {
    let bytes = text.as_bytes();
    let local = match bytes {
        [_, _, _, _, b'-', ..] => return iso(bytes, rule),
        [b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'0'..=b'9', b'/', ..] => return year_first(bytes, rule),
        [_, _, b'/', b'A'..=b'Z' | b'a'..=b'z', ..] => return common_log(text, rule),
        [b'0'..=b'9', ..] if bytes.len() >= 10 && !bytes.iter().any(|b| !b.is_ascii_digit() && *b != b'.') => {
            return since_1970(bytes);
        }
        [b'0'..=b'9', ..] => numbered(text, rule.order),
        _ => named(text),
    }?;
    shift(local, i64::from(rule.offset_minutes))
}

/// The instant at which a clock that runs ahead of UTC shows `local`.
fn shift(local: DateTime, minutes_ahead: i64) -> Option<DateTime> {
    if minutes_ahead == 0 { Some(local) } else { local.checked_sub(TimeSpan::from_ticks(minutes_ahead * MINUTE)) }
}

/// The number that `N` digits at a position write.
#[inline]
fn digits<const N: usize>(bytes: &[u8], at: usize) -> Option<u32> {
    let digits: &[u8; N] = bytes.get(at..at + N)?.try_into().ok()?;
    digits.iter().try_fold(0, |n, b| {
        let digit = b.wrapping_sub(b'0');
        (digit < 10).then(|| n * 10 + u32::from(digit))
    })
}

/// `2026/10/22 10:00:01`: ISO's order with slashes.
fn year_first(bytes: &[u8], rule: TimeRule) -> Option<DateTime> {
    let mut bytes = bytes.to_vec();
    if bytes.get(7) != Some(&b'/') {
        return None;
    }
    (bytes[4], bytes[7]) = (b'-', b'-');
    iso(&bytes, rule)
}

/// `22/Oct/2026:10:00:01 +0200`
fn common_log(text: &str, rule: TimeRule) -> Option<DateTime> {
    let (date, time) = text.split_once(':')?;
    let mut parts = date.split('/');
    let day = small(parts.next().filter(|day| day.len() == 2)?)?;
    let month = month(parts.next().filter(|month| month.len() == 3)?)?;
    let year = year_number(parts.next()?)?;
    let (clock, rest) = time.split_at_checked(8)?;
    let local = at_time_of_day(year, month, day, clock)?;
    shift(local, zone(rest.as_bytes(), rule)?)
}

/// `1761127201`, `1761127201.25` and `1761127201250`
fn since_1970(bytes: &[u8]) -> Option<DateTime> {
    let whole = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let (ticks, end) = fraction(bytes, whole)?;
    let number: i64 = std::str::from_utf8(&bytes[..whole]).ok()?.parse().ok()?;
    let since = match whole {
        10 if end == bytes.len() => number.checked_mul(TICKS_PER_SECOND)?.checked_add(ticks.into())?,
        13 if whole == bytes.len() => number.checked_mul(TICKS_PER_SECOND / 1000)?,
        _ => return None,
    };
    let start = Civil { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, ticks: 0 };
    DateTime::from_civil(start)?.checked_add(TimeSpan::from_ticks(since))
}

fn iso(bytes: &[u8], rule: TimeRule) -> Option<DateTime> {
    let mut civil = Civil {
        year: digits::<4>(bytes, 0)? as i32,
        month: digits::<2>(bytes, 5)?,
        day: digits::<2>(bytes, 8)?,
        hour: 0,
        minute: 0,
        second: 0,
        ticks: 0,
    };
    if bytes.get(7) != Some(&b'-') {
        return None;
    }
    let mut at = 10;
    if let Some(b'T' | b't' | b' ') = bytes.get(10) {
        civil.hour = digits::<2>(bytes, 11)?;
        civil.minute = digits::<2>(bytes, 14)?;
        if bytes.get(13) != Some(&b':') {
            return None;
        }
        at = 16;
        if bytes.get(16) == Some(&b':') {
            civil.second = digits::<2>(bytes, 17)?;
            (civil.ticks, at) = fraction(bytes, 19)?;
        }
    }
    shift(DateTime::from_civil(civil)?, zone(bytes.get(at..)?, rule)?)
}

/// The ticks of a fraction that may begin at a position, and where it ends.
#[inline]
fn fraction(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    if !matches!(bytes.get(at), Some(b'.' | b',')) {
        return Some((0, at));
    }
    let (mut ticks, mut unit, mut end) = (0, TICKS_PER_SECOND as u32 / 10, at + 1);
    while let Some(digit) = bytes.get(end).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        ticks += u32::from(digit) * unit;
        unit /= 10;
        end += 1;
    }
    (end > at + 1).then_some((ticks, end))
}

/// Minutes ahead of UTC, from what follows the time of day.
#[inline]
fn zone(rest: &[u8], rule: TimeRule) -> Option<i64> {
    let (sign, rest) = match rest {
        [b'Z' | b'z'] => return Some(0),
        [] => return Some(rule.offset_minutes.into()),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        [b' ', rest @ ..] if !rest.is_empty() => return zone(rest, rule),
        _ => return None,
    };
    let minutes = match rest.len() {
        2 => Some(0),
        4 => digits::<2>(rest, 2),
        5 if rest[2] == b':' => digits::<2>(rest, 3),
        _ => None,
    }?;
    let hours = digits::<2>(rest, 0)?;
    (hours <= 14 && minutes < 60).then(|| sign * i64::from(hours * 60 + minutes))
}

/// `10/25/2023, 9:43:21.994 AM` and `25.10.2023 09:43:21`
fn numbered(text: &str, order: DateOrder) -> Option<DateTime> {
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let order = match separator {
        '/' => order,
        // Where dates have full stops, the day comes first.
        '.' => DateOrder::DayFirst,
        _ => return None,
    };
    let mut parts = text.splitn(3, separator);
    let (first, second) = (small(parts.next()?)?, small(parts.next()?)?);
    let (year, time) = split_date(parts.next()?);
    let (month, day) = if order == DateOrder::DayFirst { (second, first) } else { (first, second) };
    at_time_of_day(year_number(year)?, month, day, time)
}

/// `Jun 1, 2025 9:30:35 AM`
fn named(text: &str) -> Option<DateTime> {
    let (name, rest) = text.split_once(' ')?;
    let month = month(name.get(..3)?)?;
    let (day, rest) = rest.split_once(", ")?;
    let (year, time) = split_date(rest);
    at_time_of_day(year_number(year)?, month, small(day)?, time)
}

/// The number of a month by the first three letters of its English name.
fn month(short: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    MONTHS.iter().position(|month| month.eq_ignore_ascii_case(short)).map(|month| month as u32 + 1)
}

/// The date's last number, and the time of day after it.
fn split_date(text: &str) -> (&str, &str) {
    let (year, time) = text.split_at(text.find([',', ' ']).unwrap_or(text.len()));
    (year, time.trim_start_matches([',', ' ']))
}

fn year_number(text: &str) -> Option<i32> {
    if text.len() == 4 { digits::<4>(text.as_bytes(), 0).map(|year| year as i32) } else { None }
}

/// A number of one or two digits.
fn small(text: &str) -> Option<u32> {
    match text.len() {
        1 => digits::<1>(text.as_bytes(), 0),
        2 => digits::<2>(text.as_bytes(), 0),
        _ => None,
    }
}

/// Adds `9:43:21.994 AM` or `21:43:21` to a date; an empty text is midnight.
fn at_time_of_day(year: i32, month: u32, day: u32, time: &str) -> Option<DateTime> {
    let mut civil = Civil { year, month, day, hour: 0, minute: 0, second: 0, ticks: 0 };
    if time.is_empty() {
        return DateTime::from_civil(civil);
    }
    // Browsers put a narrow or plain no-break space before the half of the day.
    let (clock, half) = match time.split_once([' ', '\u{202F}', '\u{A0}']) {
        Some((clock, half)) => (clock, Some(half.trim())),
        None => (time, None),
    };
    let mut parts = clock.splitn(3, ':');
    civil.hour = small(parts.next()?)?;
    civil.minute = digits::<2>(parts.next().filter(|m| m.len() == 2)?.as_bytes(), 0)?;
    if let Some(seconds) = parts.next() {
        civil.second = digits::<2>(seconds.as_bytes(), 0)?;
        let (ticks, end) = fraction(seconds.as_bytes(), 2)?;
        if end != seconds.len() {
            return None;
        }
        civil.ticks = ticks;
    }
    let half = half.map(|half| half.replace('.', ""));
    civil.hour = match half.as_deref() {
        None => civil.hour,
        Some(_) if !(1..=12).contains(&civil.hour) => return None,
        Some(half) if half.eq_ignore_ascii_case("am") => civil.hour % 12,
        Some(half) if half.eq_ignore_ascii_case("pm") => civil.hour % 12 + 12,
        Some(_) => return None,
    };
    DateTime::from_civil(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLUS_TWO: TimeRule = TimeRule { offset_minutes: 120, order: DateOrder::MonthFirst };
    const DAY_FIRST: TimeRule = TimeRule { offset_minutes: 0, order: DateOrder::DayFirst };

    #[test]
    fn the_forms_of_logs_are_read() {
        for (text, rule, expected) in [
            ("2025-06-01T09:30:35.9347784Z", TimeRule::default(), "2025-06-01T09:30:35.9347784Z"),
            ("2025-06-01T09:30:35Z", PLUS_TWO, "2025-06-01T09:30:35.0000000Z"),
            ("2025-06-01 09:30:35.5", TimeRule::default(), "2025-06-01T09:30:35.5000000Z"),
            ("2025-06-01T09:30:35.123456789Z", TimeRule::default(), "2025-06-01T09:30:35.1234567Z"),
            ("2025-06-01T09:30:35.1+02:00", TimeRule::default(), "2025-06-01T07:30:35.1000000Z"),
            ("2025-06-01T00:30:35-0330", TimeRule::default(), "2025-06-01T04:00:35.0000000Z"),
            ("2025-06-01T00:30:35 +01", PLUS_TWO, "2025-05-31T23:30:35.0000000Z"),
            ("2025-06-01T09:30", TimeRule::default(), "2025-06-01T09:30:00.0000000Z"),
            ("2025-06-01", TimeRule::default(), "2025-06-01T00:00:00.0000000Z"),
            ("2025-06-01 09:30:35", PLUS_TWO, "2025-06-01T07:30:35.0000000Z"),
            ("10/25/2023, 9:43:21.994 AM", TimeRule::default(), "2023-10-25T09:43:21.9940000Z"),
            ("10/25/2023, 9:43:21.994 AM", PLUS_TWO, "2023-10-25T07:43:21.9940000Z"),
            ("10/25/2023, 12:00:00.000 AM", TimeRule::default(), "2023-10-25T00:00:00.0000000Z"),
            ("10/25/2023, 12:43:21 PM", TimeRule::default(), "2023-10-25T12:43:21.0000000Z"),
            ("10/6/2026, 1:41:28.800 PM", TimeRule::default(), "2026-10-06T13:41:28.8000000Z"),
            ("1/2/2023 21:43:21", TimeRule::default(), "2023-01-02T21:43:21.0000000Z"),
            ("1/2/2023, 21:43:21", DAY_FIRST, "2023-02-01T21:43:21.0000000Z"),
            ("25.10.2023 09:43", TimeRule::default(), "2023-10-25T09:43:00.0000000Z"),
            ("1.2.2023 9:43:21.5", TimeRule::default(), "2023-02-01T09:43:21.5000000Z"),
            ("Jun 1, 2025 9:30:35 AM", TimeRule::default(), "2025-06-01T09:30:35.0000000Z"),
            ("Jun 1, 2025, 9:30:35\u{202F}p.m.", TimeRule::default(), "2025-06-01T21:30:35.0000000Z"),
            ("June 1, 2025 9:30:35 PM", TimeRule::default(), "2025-06-01T21:30:35.0000000Z"),
            ("22/Oct/2026:10:00:01 +0200", TimeRule::default(), "2026-10-22T08:00:01.0000000Z"),
            ("22/oct/2026:10:00:01", PLUS_TWO, "2026-10-22T08:00:01.0000000Z"),
            ("2026/10/22 10:00:01.5", PLUS_TWO, "2026-10-22T08:00:01.5000000Z"),
            ("2026/10/22", TimeRule::default(), "2026-10-22T00:00:00.0000000Z"),
            // By `date -u -d @…`.
            ("1748770235", PLUS_TWO, "2025-06-01T09:30:35.0000000Z"),
            ("1748770235.0214", TimeRule::default(), "2025-06-01T09:30:35.0214000Z"),
            ("1748770235021", TimeRule::default(), "2025-06-01T09:30:35.0210000Z"),
        ] {
            assert_eq!(parse(text, rule).map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_not_read_as_one() {
        for text in [
            "",
            "n/a",
            "2025",
            "2025-06",
            "2025-6-01",
            "2025-06-31",
            "2025-06-01T",
            "2025-06-01T9:30:35Z",
            "2025-06-01T24:00:00Z",
            "2025-06-01T09:30:35.Z",
            "2025-06-01T09:30:35X",
            "2025-06-01T09:30:35+25:00",
            "2025-06-01T09:30:35 ",
            "174877023",
            "17487702351",
            "1748770235021.5",
            "1748770235.",
            "1748770235.1.2",
            "1748770235X",
            "22/Oct/26:10:00:01",
            "22/Okt/2026:10:00:01",
            "2/Oct/2026:10:00:01",
            "22/Oct/2026:10:00",
            "22/Oct/2026 10:00:01",
            "2026/10-22",
            "2026/13/22",
            "25/10/2023, 9:43:21 AM",
            "10/25/2023, 13:43:21 PM",
            "10/25/2023, 0:43:21 AM",
            "10/25/23, 9:43:21 AM",
            "10/25/2023, 9:43:21 XM",
            "10/25/2023, 9:4:21",
            "Foo 1, 2025 9:30:35 AM",
            "Jun 31, 2025 9:30:35 AM",
            "Jun 1 2025",
            "é-é",
            "日本語",
            "1/1",
            "1.1",
            "10.25.2023 09:43",
            "10.0.0.5",
            "2025-06-01T09:30:35.1234567é",
        ] {
            assert_eq!(parse(text, TimeRule::default()), None, "{text}");
        }
    }
}
