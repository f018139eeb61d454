//! Instants and durations.

use super::{CallContext, ScalarFunction, args};
use event_table::{Civil, DateTime, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "now" => |cx, a| match a.first() {
            None => Value::DateTime(cx.now),
            Some(_) => args::or_null(args::timespan(a, 0).and_then(|t| cx.now.checked_add(t)), Value::DateTime),
        },
        "ago" => |cx, a| args::or_null(args::timespan(a, 0).and_then(|t| cx.now.checked_sub(t)), Value::DateTime),
        "startofday" => |_, a| period(a, Unit::Day, Edge::Start),
        "startofweek" => |_, a| period(a, Unit::Week, Edge::Start),
        "startofmonth" => |_, a| period(a, Unit::Month, Edge::Start),
        "startofyear" => |_, a| period(a, Unit::Year, Edge::Start),
        "endofday" => |_, a| period(a, Unit::Day, Edge::End),
        "endofweek" => |_, a| period(a, Unit::Week, Edge::End),
        "endofmonth" => |_, a| period(a, Unit::Month, Edge::End),
        "endofyear" => |_, a| period(a, Unit::Year, Edge::End),
        "dayofweek" => |_, a| part(a, |t| Value::TimeSpan(TimeSpan::from_ticks(day_of_week(t) * TICKS_PER_DAY))),
        "dayofmonth" => |_, a| part(a, |t| Value::Int(t.civil().day as i32)),
        "dayofyear" => |_, a| part(a, |t| Value::Int(day_of_year(t))),
        "hourofday" => |_, a| part(a, |t| Value::Int(t.civil().hour as i32)),
        "monthofyear" | "getmonth" => |_, a| part(a, |t| Value::Int(t.civil().month as i32)),
        "getyear" => |_, a| part(a, |t| Value::Int(t.civil().year)),
        "unixtime_seconds_todatetime" => |_, a| unix(a, 10_000_000.0),
        "unixtime_milliseconds_todatetime" => |_, a| unix(a, 10_000.0),
        "unixtime_microseconds_todatetime" => |_, a| unix(a, 10.0),
        "unixtime_nanoseconds_todatetime" => |_, a| unix(a, 0.01),
        "datetime_add" => datetime_add,
        "datetime_diff" => datetime_diff,
        "datetime_part" => datetime_part,
        "make_datetime" => make_datetime,
        "make_timespan" => make_timespan,
        "week_of_year" => |_, a| part(a, |t| Value::Int(iso_week(t))),
        // Null, as in Kusto without the policy that keeps it: a log does not say when a service took it in.
        "ingestion_time" => |_, _| Value::Null,
        _ => return None,
    })
}

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

fn part(a: &[Value], f: impl FnOnce(DateTime) -> Value) -> Value {
    args::or_null(args::datetime(a, 0), f)
}

/// Sunday is 0. 0001-01-01 was a Monday.
fn day_of_week(t: DateTime) -> i64 {
    (t.ticks() / TICKS_PER_DAY + 1) % 7
}

fn day_of_year(t: DateTime) -> i32 {
    DateTime::from_date(t.civil().year, 1, 1).map_or(0, |first| (t.since(first).ticks() / TICKS_PER_DAY) as i32 + 1)
}

/// The start of the unit that holds an instant, moved by a number of units.
fn start_of(t: DateTime, unit: Unit, offset: i64) -> Option<DateTime> {
    let civil = t.civil();
    let days = |days: i64| TimeSpan::from_ticks(days.saturating_mul(TICKS_PER_DAY));
    let midnight = DateTime::from_date(civil.year, civil.month, civil.day)?;
    match unit {
        Unit::Day => midnight.checked_add(days(offset)),
        Unit::Week => midnight.checked_sub(days(day_of_week(t)))?.checked_add(days(offset.saturating_mul(7))),
        Unit::Month => add_months(DateTime::from_date(civil.year, civil.month, 1)?, offset),
        Unit::Year => DateTime::from_date(i32::try_from(i64::from(civil.year).checked_add(offset)?).ok()?, 1, 1),
    }
}

fn period(a: &[Value], unit: Unit, edge: Edge) -> Value {
    let offset = match a.get(1) {
        None => Some(0),
        Some(_) => args::long(a, 1),
    };
    let Some((t, offset)) = args::datetime(a, 0).zip(offset) else { return Value::Null };
    let found = match edge {
        Edge::Start => start_of(t, unit, offset),
        Edge::End => match start_of(t, unit, offset.saturating_add(1)) {
            Some(next) => next.checked_sub(TimeSpan::from_ticks(1)),
            None => start_of(t, unit, offset).map(|_| DateTime::MAX),
        },
    };
    args::or_null(found, Value::DateTime)
}

/// Moves by calendar months; a day that the month lacks becomes its last.
fn add_months(t: DateTime, months: i64) -> Option<DateTime> {
    let civil = t.civil();
    let total = (i64::from(civil.year) * 12 + i64::from(civil.month) - 1).checked_add(months)?;
    let (year, month) = (i32::try_from(total.div_euclid(12)).ok()?, total.rem_euclid(12) as u32 + 1);
    (civil.day.saturating_sub(3)..=civil.day)
        .rev()
        .find_map(|day| DateTime::from_civil(Civil { year, month, day, ..civil }))
}

fn unix(a: &[Value], ticks_per_unit: f64) -> Value {
    let ticks = match a.first() {
        Some(Value::Int(_) | Value::Long(_)) if ticks_per_unit >= 1.0 => {
            args::long(a, 0).and_then(|n| n.checked_mul(ticks_per_unit as i64))
        }
        Some(Value::Int(_) | Value::Long(_)) => args::long(a, 0).map(|n| n.div_euclid(100)),
        _ => args::real(a, 0).map(|n| n * ticks_per_unit).filter(|n| n.abs() < 9.2e18).map(|n| n as i64),
    };
    args::or_null(ticks.and_then(DateTime::from_unix_ticks), Value::DateTime)
}

/// Ticks of the parts that have a fixed length; plural and any case are accepted by the documentation's table.
fn fixed_ticks(part: &str) -> Option<i64> {
    Some(match part {
        "week" => 7 * TICKS_PER_DAY,
        "day" => TICKS_PER_DAY,
        "hour" => 3600 * TICKS_PER_SECOND,
        "minute" => 60 * TICKS_PER_SECOND,
        "second" => TICKS_PER_SECOND,
        "millisecond" => 10_000,
        "microsecond" => 10,
        _ => return None,
    })
}

fn datetime_add(_: &CallContext, a: &[Value]) -> Value {
    let part = args::text(a, 0).to_ascii_lowercase();
    let Some((amount, t)) = args::long(a, 1).zip(args::datetime(a, 2)) else { return Value::Null };
    let moved = match part.as_str() {
        "year" => amount.checked_mul(12).and_then(|n| add_months(t, n)),
        "quarter" => amount.checked_mul(3).and_then(|n| add_months(t, n)),
        "month" => add_months(t, amount),
        "nanosecond" => t.checked_add(TimeSpan::from_ticks(amount / 100)),
        part => fixed_ticks(part)
            .and_then(|ticks| ticks.checked_mul(amount))
            .and_then(|ticks| t.checked_add(TimeSpan::from_ticks(ticks))),
    };
    args::or_null(moved, Value::DateTime)
}

/// How many boundaries of the part lie between two instants.
fn datetime_diff(_: &CallContext, a: &[Value]) -> Value {
    let part = args::text(a, 0).to_ascii_lowercase();
    let Some((later, earlier)) = args::datetime(a, 1).zip(args::datetime(a, 2)) else { return Value::Null };
    let (x, y) = (later.civil(), earlier.civil());
    let months = |c: Civil| i64::from(c.year) * 12 + i64::from(c.month) - 1;
    let count = match part.as_str() {
        "year" => i64::from(x.year) - i64::from(y.year),
        "quarter" => months(x).div_euclid(3) - months(y).div_euclid(3),
        "month" => months(x) - months(y),
        "nanosecond" => match later.since(earlier).ticks().checked_mul(100) {
            Some(count) => count,
            None => return Value::Null,
        },
        "week" => {
            // Weeks begin on Sunday, one day before day 0 of the calendar.
            let week = |t: DateTime| (t.ticks() / TICKS_PER_DAY + 1).div_euclid(7);
            week(later) - week(earlier)
        }
        part => match fixed_ticks(part) {
            Some(ticks) => later.ticks().div_euclid(ticks) - earlier.ticks().div_euclid(ticks),
            None => return Value::Null,
        },
    };
    Value::Long(count)
}

fn datetime_part(_: &CallContext, a: &[Value]) -> Value {
    let part = args::text(a, 0).to_ascii_lowercase();
    let Some(t) = args::datetime(a, 1) else { return Value::Null };
    let c = t.civil();
    let number = match part.as_str() {
        "year" => c.year,
        "quarter" => (c.month as i32 + 2) / 3,
        "month" => c.month as i32,
        "week_of_year" | "weekofyear" | "week" => iso_week(t),
        "day" => c.day as i32,
        "dayofyear" => day_of_year(t),
        "hour" => c.hour as i32,
        "minute" => c.minute as i32,
        "second" => c.second as i32,
        "millisecond" => (c.ticks / 10_000) as i32,
        "microsecond" => (c.ticks / 10) as i32,
        "nanosecond" => c.ticks as i32 * 100,
        _ => return Value::Null,
    };
    Value::Int(number)
}

/// The week of the year by ISO 8601: the week that holds the year's first Thursday is the first.
fn iso_week(t: DateTime) -> i32 {
    let weekday = (day_of_week(t) + 6) % 7;
    let thursday = t.ticks() / TICKS_PER_DAY - weekday + 3;
    let thursday = DateTime::from_ticks(thursday * TICKS_PER_DAY).unwrap_or(DateTime::MAX);
    (day_of_year(thursday) - 1) / 7 + 1
}

fn make_datetime(cx: &CallContext, a: &[Value]) -> Value {
    if let [one] = a {
        return crate::scalar::convert::to_type(one, cx.returns);
    }
    let field = |index: usize| match a.get(index) {
        None => Some(0),
        Some(_) => args::long(a, index).and_then(|n| u32::try_from(n).ok()),
    };
    let date = args::long(a, 0).and_then(|y| i32::try_from(y).ok()).zip(field(1)).zip(field(2));
    let clock = field(3).zip(field(4));
    let seconds = if a.len() > 5 { args::real(a, 5) } else { Some(0.0) };
    let (Some(((year, month), day)), Some((hour, minute)), Some(seconds)) = (date, clock, seconds) else {
        return Value::Null;
    };
    if !(0.0..60.0).contains(&seconds) {
        return Value::Null;
    }
    let (second, ticks) = (seconds as u32, ((seconds.fract() * 1e7).round() as u32).min(9_999_999));
    args::or_null(DateTime::from_civil(Civil { year, month, day, hour, minute, second, ticks }), Value::DateTime)
}

/// `make_timespan(days, hours, minutes, seconds)`; the days, or the days and the seconds, may be left out. Null when
/// a part is out of its range.
fn make_timespan(cx: &CallContext, a: &[Value]) -> Value {
    let (days, clock) = match a {
        [one] => return crate::scalar::convert::to_type(one, cx.returns),
        [_, _] | [_, _, _] => (Some(0), a),
        [_, clock @ ..] => (args::long(a, 0), clock),
        [] => return Value::Null,
    };
    let within = |index: usize, most: i64| args::long(clock, index).filter(|n| (0..=most).contains(n));
    let seconds = if clock.len() > 2 { args::real(clock, 2) } else { Some(0.0) };
    let ticks = seconds.filter(|s| (0.0..60.0).contains(s)).map(|s| (s * TICKS_PER_SECOND as f64).round() as i64);
    let span = days.zip(within(0, 23)).zip(within(1, 59).zip(ticks)).and_then(|((days, hours), (minutes, ticks))| {
        let in_day = (hours * 3600 + minutes * 60) * TICKS_PER_SECOND + ticks;
        days.checked_mul(TICKS_PER_DAY)?.checked_add(in_day)
    });
    args::or_null(span, |ticks| Value::TimeSpan(TimeSpan::from_ticks(ticks)))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use crate::scalar::parse_datetime;
    use event_table::ColumnType;

    fn at(text: &str) -> Value {
        Value::DateTime(parse_datetime(text).unwrap())
    }

    #[test]
    fn differences_count_boundaries() {
        for (part, later, earlier, expected) in [
            ("year", "2017-01-01", "2000-12-31", "17"),
            ("quarter", "2017-07-01", "2017-03-30", "2"),
            ("month", "2017-01-01", "2015-12-30", "13"),
            ("week", "2017-10-29 00:00", "2017-09-30 23:59", "5"),
            ("day", "2017-10-29 00:00", "2017-09-30 23:59", "29"),
            ("hour", "2017-10-31 01:00", "2017-10-30 23:59", "2"),
            ("nanosecond", "2017-10-30 23:00:00.0000000", "2017-10-30 23:00:00.0000007", "-700"),
        ] {
            let found = call("datetime_diff", ColumnType::Long, &[Value::string(part), at(later), at(earlier)]);
            assert_eq!(found.to_string(), expected, "{part}");
        }
    }

    #[test]
    fn periods_and_parts_follow_the_documentation() {
        let instant = |name: &str, t: &str, offset: i64| {
            call(name, ColumnType::DateTime, &[at(t), Value::Long(offset)]).to_string().replace(".0000000Z", "")
        };
        assert_eq!(instant("startofweek", "2017-01-01 10:10:17", -1), "2016-12-25T00:00:00");
        assert_eq!(instant("startofmonth", "2017-01-01 10:10:17", -1), "2016-12-01T00:00:00");
        assert_eq!(instant("startofyear", "2017-01-01 10:10:17", 1), "2018-01-01T00:00:00");
        assert_eq!(instant("endofday", "2017-01-01 10:10:17", 0), "2017-01-01T23:59:59.9999999Z");
        let part =
            |name: &str, t: &str| call("datetime_part", ColumnType::Int, &[Value::string(name), at(t)]).to_string();
        assert_eq!((part("week_of_year", "2017-10-30"), part("dayOfYear", "2017-10-30")), ("44".into(), "303".into()));
        assert_eq!(part("week_of_year", "2021-01-03"), "53");
        assert_eq!(call("dayofweek", ColumnType::TimeSpan, &[at("1970-05-11")]).to_string(), "1.00:00:00");
        let add = |part: &str, n: i64, t: &str| {
            call("datetime_add", ColumnType::DateTime, &[Value::string(part), Value::Long(n), at(t)]).to_string()
        };
        assert_eq!(add("month", -15, "2017-01-01"), "2015-10-01T00:00:00.0000000Z");
        assert_eq!(add("month", 1, "2024-01-31"), "2024-02-29T00:00:00.0000000Z");
        assert_eq!(
            call("unixtime_seconds_todatetime", ColumnType::DateTime, &[Value::Long(1_546_300_800)]).to_string(),
            "2019-01-01T00:00:00.0000000Z"
        );
    }

    /// From the pages.
    #[test]
    fn durations_are_made_of_parts_and_weeks_are_numbered() {
        check(
            ColumnType::TimeSpan,
            &[
                ("make_timespan", "[1, 12, 30, 55.123]", "1.12:30:55.1230000"),
                ("make_timespan", "[12, 30]", "12:30:00"),
                ("make_timespan", "[12, 30, 55]", "12:30:55"),
                ("make_timespan", "[-1, 0, 0, 1]", "-23:59:59"),
                ("make_timespan", "[24, 0]", "(null)"),
                ("make_timespan", "[0, 60]", "(null)"),
                ("make_timespan", "[0, 0, 60]", "(null)"),
                ("make_timespan", "[0, null, 1]", "(null)"),
                ("make_timespan", r#"["1.5h"]"#, "01:30:00"),
            ],
        );
        for (t, week) in [("2020-12-31", "53"), ("2020-06-15", "25"), ("1970-01-01", "1"), ("2000-01-01", "52")] {
            assert_eq!(call("week_of_year", ColumnType::Int, &[at(t)]).to_string(), week, "{t}");
        }
        assert!(call("unixtime_seconds_todatetime", ColumnType::DateTime, &[Value::Real(f64::NAN)]).is_null());
        assert!(call("ingestion_time", ColumnType::DateTime, &[]).is_null());
        let ends = [Value::string("nanosecond"), at("9999-01-01"), at("0001-01-01")];
        assert!(call("datetime_diff", ColumnType::Long, &ends).is_null());
    }

    #[test]
    fn now_is_the_clock_of_the_run() {
        assert_eq!(call("now", ColumnType::DateTime, &[]).to_string(), "2025-06-01T00:00:00.0000000Z");
        let day = Value::TimeSpan(TimeSpan::from_ticks(TICKS_PER_DAY));
        assert_eq!(call("ago", ColumnType::DateTime, &[day]).to_string(), "2025-05-31T00:00:00.0000000Z");
    }
}
