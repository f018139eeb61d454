//! `format_bytes`, `format_datetime`, `format_timespan`.
//!
//! Source: the pages' tables of specifiers. **Our choices**: characters that are neither specifiers nor delimiters
//! stand for themselves, which the pages do not allow; a negative duration begins with `-`; `F` drops zeros at the
//! end, as the last example does.

use super::{CallContext, ScalarFunction, args};
use event_table::{Civil, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "format_bytes" => format_bytes,
        "format_datetime" => |_, a| {
            let text = args::datetime(a, 0).map(|t| formatted(&args::text(a, 1), |run| datetime_part(t.civil(), run)));
            args::string(text.unwrap_or_default())
        },
        "format_timespan" => |_, a| {
            let text = args::timespan(a, 0).map(|t| {
                let sign = if t.ticks() < 0 { "-" } else { "" };
                format!("{sign}{}", formatted(&args::text(a, 1), |run| timespan_part(t, run)))
            });
            args::string(text.unwrap_or_default())
        },
        _ => return None,
    })
}

/// `format_bytes(size, precision, units)`: rounded, without zeros at the end. Without units the largest is taken in
/// which the number is at least 1. **Our choice**: unknown units are as none.
fn format_bytes(_: &CallContext, a: &[Value]) -> Value {
    const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];
    let Some(size) = args::real(a, 0) else { return args::string("") };
    let precision = args::long(a, 1).map_or(0, |n| n.clamp(0, 15) as usize);
    let asked = args::text(a, 2);
    let unit = UNITS.iter().position(|unit| unit.eq_ignore_ascii_case(&asked)).unwrap_or_else(|| {
        (1..UNITS.len()).take_while(|power| size.abs() >= 1024f64.powi(*power as i32)).last().unwrap_or(0)
    });
    let mut number = format!("{:.precision$}", size / 1024f64.powi(unit as i32));
    if number.contains('.') {
        number.truncate(number.trim_end_matches('0').trim_end_matches('.').len());
    }
    args::string(format!("{number} {}", UNITS[unit]))
}

/// Each run of one specifier's letter as its part; the rest as it is.
fn formatted(format: &str, part: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| c != first).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        match part(run) {
            Some(text) => out.push_str(&text),
            None => out.push_str(run),
        }
        rest = tail;
    }
    out
}

fn datetime_part(c: Civil, run: &str) -> Option<String> {
    let half = if c.hour.is_multiple_of(12) { 12 } else { c.hour % 12 };
    Some(match run {
        "d" => c.day.to_string(),
        "dd" => format!("{:02}", c.day),
        "M" => c.month.to_string(),
        "MM" => format!("{:02}", c.month),
        "y" => (c.year % 100).to_string(),
        "yy" => format!("{:02}", c.year % 100),
        "yyyy" => format!("{:04}", c.year),
        "h" => half.to_string(),
        "hh" => format!("{half:02}"),
        "H" => c.hour.to_string(),
        "HH" => format!("{:02}", c.hour),
        "tt" => if c.hour < 12 { "AM" } else { "PM" }.to_owned(),
        _ => return clock_part(c.minute, c.second, c.ticks, run),
    })
}

fn timespan_part(t: TimeSpan, run: &str) -> Option<String> {
    let ticks = t.ticks().unsigned_abs();
    let (day, second) = (TICKS_PER_DAY as u64, TICKS_PER_SECOND as u64);
    let seconds = ticks % day / second;
    let hour = seconds / 3600;
    Some(match run {
        "H" | "h" => hour.to_string(),
        "HH" | "hh" => format!("{hour:02}"),
        _ if run.starts_with('d') && run.len() <= 8 => format!("{:0width$}", ticks / day, width = run.len()),
        _ => return clock_part((seconds / 60 % 60) as u32, (seconds % 60) as u32, (ticks % second) as u32, run),
    })
}

/// Minutes, seconds and fractions, which both kinds share.
fn clock_part(minute: u32, second: u32, ticks: u32, run: &str) -> Option<String> {
    Some(match run {
        "m" => minute.to_string(),
        "mm" => format!("{minute:02}"),
        "s" => second.to_string(),
        "ss" => format!("{second:02}"),
        _ if run.starts_with(['f', 'F']) && run.len() <= 7 => {
            let digits = &format!("{ticks:07}")[..run.len()];
            if run.starts_with('F') { digits.trim_end_matches('0') } else { digits }.to_owned()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use crate::scalar::{parse_datetime, parse_timespan};
    use event_table::ColumnType;

    /// From the page; the rest by hand.
    #[test]
    fn sizes_have_units() {
        check(
            ColumnType::String,
            &[
                ("format_bytes", "[564]", "564 Bytes"),
                ("format_bytes", "[10332, 1]", "10.1 KB"),
                ("format_bytes", "[20010332]", "19 MB"),
                ("format_bytes", "[20010332, 2]", "19.08 MB"),
                ("format_bytes", r#"[20010332, 0, "KB"]"#, "19541 KB"),
                ("format_bytes", "[1024, 2]", "1 KB"),
                ("format_bytes", "[0]", "0 Bytes"),
                ("format_bytes", "[-2048]", "-2 KB"),
                ("format_bytes", "[1e30]", "867361737988 EB"),
                ("format_bytes", r#"[524288, 1, "MB"]"#, "0.5 MB"),
                ("format_bytes", r#"[100, 0, ""]"#, "100 Bytes"),
                ("format_bytes", "[null]", ""),
            ],
        );
    }

    /// From the tables and examples of the pages.
    #[test]
    fn instants_and_durations_are_written_as_asked() {
        let datetime = |t: &str, format: &str| {
            let arguments = [Value::DateTime(parse_datetime(t).unwrap()), Value::string(format)];
            call("format_datetime", ColumnType::String, &arguments).to_string()
        };
        for (t, format, expected) in [
            ("2017-01-29 09:00:05", "yy-MM-dd [HH:mm:ss]", "17-01-29 [09:00:05]"),
            ("2017-01-29 09:00:05", "yyyy-M-dd [H:mm:ss]", "2017-1-29 [9:00:05]"),
            ("2017-01-29 09:00:05", "yy-MM-dd [hh:mm:ss tt]", "17-01-29 [09:00:05 AM]"),
            ("2009-06-15T13:45:30.6175425", "d dd h hh H HH m s", "15 15 1 01 13 13 45 30"),
            ("2009-06-01T00:00:09", "d dd h hh H s ss tt", "1 01 12 12 0 9 09 AM"),
            ("2009-06-15T13:45:30.6175425", "f ff fff ffff fffff ffffff fffffff", "6 61 617 6175 61754 617542 6175425"),
            ("2009-06-15T13:45:30.05", "f.F.FF", "0..05"),
            ("2009-06-15T13:45:30.0001150", "fffffff FFFFFFF", "0001150 000115"),
            ("0900-01-01", "y yy yyyy", "0 00 0900"),
            ("2019-06-15T12:00", "y yy hh tt", "19 19 12 PM"),
            ("2019-06-15T12:00", "yyyy-MM-ddTHH:mm_é", "2019-06-15T12:00_é"),
            ("2019-06-15", "", ""),
        ] {
            assert_eq!(datetime(t, format), expected, "{t} {format}");
        }
        let timespan = |t: &str, format: &str| {
            let arguments = [Value::TimeSpan(parse_timespan(t).unwrap()), Value::string(format)];
            call("format_timespan", ColumnType::String, &arguments).to_string()
        };
        for (t, format, expected) in [
            ("29.09:00:05.12345", "dd.hh:mm:ss:FF", "29.09:00:05:12"),
            ("29.09:00:05.12345", "ddd.h:mm:ss [fffffff]", "029.9:00:05 [1234500]"),
            ("15.13:45:30", "d dd ddd H HH m s", "15 15 015 13 13 45 30"),
            ("15.01:09:09", "H HH m mm s ss", "1 01 9 09 9 09"),
            ("15.13:45:30.0500000", "f F", "0 "),
            ("-00:00:01.5", "d.hh:mm:ss.f", "-0.00:00:01.5"),
        ] {
            assert_eq!(timespan(t, format), expected, "{t} {format}");
        }
        assert_eq!(call("format_datetime", ColumnType::String, &[Value::Null, Value::string("yy")]).to_string(), "");
    }
}
