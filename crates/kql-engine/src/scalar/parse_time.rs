//! The text forms of instants and durations.
//!
//! Source: Kusto documentation, `scalar-data-types/datetime` and `scalar-data-types/timespan`: ISO 8601, the two
//! RFC forms, and the month-first forms that .NET's invariant culture reads.

use event_table::{Civil, DateTime, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan};

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Reads an instant; without a zone it is UTC. `None` when the text is none.
#[must_use]
pub fn parse_datetime(text: &str) -> Option<DateTime> {
    let text = text.trim();
    let (text, offset) = zone(text)?;
    let local = date_and_time(text)?;
    local.checked_sub(TimeSpan::from_ticks(offset * 60 * TICKS_PER_SECOND))
}

/// Takes a trailing zone off: minutes east of UTC.
fn zone(text: &str) -> Option<(&str, i64)> {
    for name in ["UTC", "GMT", "Z", "z"] {
        if let Some(rest) = text.strip_suffix(name) {
            return Some((rest.trim_end(), 0));
        }
    }
    let Some(at) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let digits = &text[at + 1..];
    let (head, after_time) = (&text[..at], text[..at].contains(':'));
    if !after_time {
        return Some((text, 0));
    }
    let (hours, minutes) = match digits.split_once(':') {
        Some((h, m)) => (h, m),
        None if digits.len() == 4 && digits.is_ascii() => digits.split_at(2),
        None => (digits, "0"),
    };
    let (hours, minutes) = (number(hours, 2)?, number(minutes, 2)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let sign = if text.as_bytes()[at] == b'-' { -1 } else { 1 };
    Some((head.trim_end(), sign * i64::from(hours * 60 + minutes)))
}

fn date_and_time(text: &str) -> Option<DateTime> {
    let (date, time) = split_time(text);
    let (year, month, day) = parse_date(date)?;
    let (hour, minute, second, ticks) = match time {
        Some(time) => parse_clock(time)?,
        None => (0, 0, 0, 0),
    };
    DateTime::from_civil(Civil { year, month, day, hour, minute, second, ticks })
}

/// Splits where the time of day starts: before the word that holds the first colon, or at a `T` between digits.
fn split_time(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else {
        return (text, None);
    };
    let head = &text[..colon];
    match head.rfind([' ', 'T', 't']) {
        Some(at) => (head[..at].trim_end_matches([' ', ',']), text.get(at + 1..)),
        None => (text, None),
    }
}

fn parse_date(text: &str) -> Option<(i32, u32, u32)> {
    let words: Vec<&str> =
        text.split([' ', '-', '/', ',']).filter(|w| !w.is_empty()).filter(|w| weekday(w).is_none()).collect();
    match words[..] {
        [digits] if digits.len() == 8 && digits.is_ascii() => {
            Some((number(&digits[..4], 4)? as i32, number(&digits[4..6], 2)?, number(&digits[6..], 2)?))
        }
        [year] if year.len() == 4 => Some((number(year, 4)? as i32, 1, 1)),
        [year, month] if year.len() == 4 => Some((number(year, 4)? as i32, month_number(month)?, 1)),
        [year, month, day] if year.len() == 4 && number(year, 4).is_some() => {
            Some((number(year, 4)? as i32, month_number(month)?, number(day, 2)?))
        }
        // Day before month only where the month is a name: `8 Nov 14`; otherwise month first: `12/31/2022`.
        [a, b, year] => {
            let (month, day) = match (month_name(a), month_name(b)) {
                (Some(month), None) => (month, number(b, 2)?),
                (None, Some(month)) => (month, number(a, 2)?),
                _ => (number(a, 2)?, number(b, 2)?),
            };
            let year = match (year.len(), number(year, 4)?) {
                // .NET's invariant calendar takes two-digit years up to 49 as this century's.
                (2, y) if y < 50 => 2000 + y,
                (2, y) => 1900 + y,
                (4, y) => y,
                _ => return None,
            };
            Some((year as i32, month, day))
        }
        _ => None,
    }
}

fn parse_clock(text: &str) -> Option<(u32, u32, u32, u32)> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let (clock, half) = match lower
        .strip_suffix("am")
        .map(|r| (r, Some(0)))
        .or_else(|| lower.strip_suffix("pm").map(|r| (r, Some(12))))
    {
        Some((rest, half)) => (rest.trim_end(), half),
        None => (lower.as_str(), None),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (number(parts.next()?, 2)?, number(parts.next()?, 2)?);
    let (second, ticks) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            (number(whole, 2)?, fraction_ticks(fraction)?)
        }
    };
    if parts.next().is_some() {
        return None;
    }
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + half,
        None => hour,
    };
    Some((hour, minute, second, ticks))
}

/// Digits after the point of a second as ticks; digits beyond the seventh are dropped.
fn fraction_ticks(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let mut ticks = 0;
    for place in 0..7 {
        ticks = ticks * 10 + digits.as_bytes().get(place).map_or(0, |b| u32::from(b - b'0'));
    }
    Some(ticks)
}

fn number(text: &str, most: usize) -> Option<u32> {
    (!text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn month_name(text: &str) -> Option<u32> {
    let lower = text.to_ascii_lowercase();
    let short = lower.get(..3)?;
    let full = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let month = MONTHS.iter().position(|m| *m == short)?;
    (lower.len() == 3 || lower == full[month]).then_some(month as u32 + 1)
}

fn month_number(text: &str) -> Option<u32> {
    month_name(text).or_else(|| number(text, 2))
}

fn weekday(text: &str) -> Option<()> {
    let lower = text.to_ascii_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .iter()
        .any(|d| lower == *d || (lower.starts_with(d) && lower.ends_with("day")))
        .then_some(())
}

/// Ticks of the unit words of timespan literals. Source: `scalar-data-types/timespan`, and the language service
/// for the longer spellings.
#[must_use]
pub(crate) fn unit_ticks(unit: &str) -> Option<f64> {
    Some(match unit {
        "d" | "day" | "days" => TICKS_PER_DAY as f64,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0 * TICKS_PER_SECOND as f64,
        "m" | "min" | "minute" | "minutes" => 60.0 * TICKS_PER_SECOND as f64,
        "s" | "sec" | "second" | "seconds" => TICKS_PER_SECOND as f64,
        "ms" | "milli" | "millis" | "millisec" | "millisecond" | "milliseconds" => 10_000.0,
        "micro" | "micros" | "microsec" | "microsecond" | "microseconds" => 10.0,
        "nano" | "nanos" | "nanosec" | "nanosecond" | "nanoseconds" => 0.01,
        "tick" | "ticks" => 1.0,
        _ => return None,
    })
}

/// Reads a duration: `1.5h`, `2d`, `[-][d.]hh:mm[:ss[.fffffff]]`, or a plain number of days.
#[must_use]
pub fn parse_timespan(text: &str) -> Option<TimeSpan> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest.trim_start()),
        None => (false, text),
    };
    let ticks = if body.contains(':') { clock_ticks(body)? } else { unit_form(body)? };
    Some(TimeSpan::from_ticks(if negative { ticks.checked_neg()? } else { ticks }))
}

fn unit_form(text: &str) -> Option<i64> {
    let split =
        text.find(|c: char| c.is_ascii_alphabetic() && !(c == 'e' && text.contains("e+"))).unwrap_or(text.len());
    let (digits, unit) = (text[..split].trim_end(), &text[split..]);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let factor = if unit.is_empty() { TICKS_PER_DAY as f64 } else { unit_ticks(unit)? };
    if let Ok(whole) = digits.parse::<i64>()
        && factor >= 1.0
    {
        return whole.checked_mul(factor as i64);
    }
    let ticks = (digits.parse::<f64>().ok()? * factor).round();
    (ticks.abs() < 9.2e18).then_some(ticks as i64)
}

fn clock_ticks(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let first = parts.next()?;
    let (days, hours) = match first.split_once('.') {
        Some((days, hours)) => (days.parse::<i64>().ok()?, hours),
        None => (0, first),
    };
    let (hours, minutes) = (number(hours, 2)?, number(parts.next()?, 2)?);
    let (seconds, ticks) = match parts.next() {
        None => (0, 0),
        Some(seconds) => {
            let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            (number(whole, 2)?, fraction_ticks(fraction)?)
        }
    };
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let in_day = i64::from(hours * 3600 + minutes * 60 + seconds) * TICKS_PER_SECOND + i64::from(ticks);
    days.checked_mul(TICKS_PER_DAY)?.checked_add(in_day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(5000))]
        #[test]
        fn no_text_makes_reading_a_time_panic(text in "[0-9a🙂é:. +Z,T/dhms-]{0,12}|20[0-9]{2}[-/🙂][0-9é]{2}[0-9T :🙂]{0,9}") {
            // What is read is an instant of the calendar, and written again it is the same.
            if let Some(at) = parse_datetime(&text) {
                prop_assert_eq!(parse_datetime(&at.to_string()), Some(at));
            }
            if let Some(span) = parse_timespan(&text) {
                prop_assert_eq!(parse_timespan(&span.to_string()), Some(span));
            }
        }
    }

    #[test]
    fn the_documented_datetime_forms_are_read() {
        for (text, expected) in [
            ("2014-05-25T08:20:03.123456Z", "2014-05-25T08:20:03.1234560Z"),
            ("2014-05-25T08:20:03.123456", "2014-05-25T08:20:03.1234560Z"),
            ("2014-05-25T08:20", "2014-05-25T08:20:00.0000000Z"),
            ("2014-11-08 15:55:55.123456Z", "2014-11-08T15:55:55.1234560Z"),
            ("2014-11-08 15:55", "2014-11-08T15:55:00.0000000Z"),
            ("2014-11-08", "2014-11-08T00:00:00.0000000Z"),
            ("2015-12-31 23:59:59.9", "2015-12-31T23:59:59.9000000Z"),
            ("2025-06-01T10:00:00+02:00", "2025-06-01T08:00:00.0000000Z"),
            ("2025-06-01T10:00:00-0130", "2025-06-01T11:30:00.0000000Z"),
            ("Sat, 8 Nov 14 15:05:02 UTC", "2014-11-08T15:05:02.0000000Z"),
            ("Sat, 8 Nov 14 15:05 GMT", "2014-11-08T15:05:00.0000000Z"),
            ("8 Nov 14 15:05:02", "2014-11-08T15:05:02.0000000Z"),
            ("Saturday, 08-Nov-14 15:05:02 UTC", "2014-11-08T15:05:02.0000000Z"),
            ("08-Nov-14 15:05:02", "2014-11-08T15:05:02.0000000Z"),
            ("01-02-2022", "2022-01-02T00:00:00.0000000Z"),
            ("10/25/2023, 9:43:21.994 PM", "2023-10-25T21:43:21.9940000Z"),
            ("Jun 1, 2025 12:30:35 AM", "2025-06-01T00:30:35.0000000Z"),
            ("2017", "2017-01-01T00:00:00.0000000Z"),
            ("2025, 6, 14", "2025-06-14T00:00:00.0000000Z"),
        ] {
            assert_eq!(parse_datetime(text).map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "x",
            "2014-13-01",
            "2014-02-30",
            "2014-05-25T25:00",
            "10/25/2023 13:00 PM",
            "now",
            "12:30",
            "é-01-01",
            "a🙂git",
        ] {
            assert_eq!(parse_datetime(text), None, "{text}");
        }
    }

    #[test]
    fn the_documented_timespan_forms_are_read() {
        for (text, expected) in [
            ("2d", "2.00:00:00"),
            ("1.5h", "01:30:00"),
            ("30m", "00:30:00"),
            ("100ms", "00:00:00.1000000"),
            ("10microseconds", "00:00:00.0000100"),
            ("1tick", "00:00:00.0000001"),
            ("0.12:34:56.7", "12:34:56.7000000"),
            ("-1.00:00:00", "-1.00:00:00"),
            ("12:34", "12:34:00"),
            ("2", "2.00:00:00"),
        ] {
            assert_eq!(parse_timespan(text).map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "d", "1x", "25:00:00", "1:2:3:4", "1e999d", "é"] {
            assert_eq!(parse_timespan(text), None, "{text}");
        }
    }
}
