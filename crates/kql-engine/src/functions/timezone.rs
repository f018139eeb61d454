//! Local time: `datetime_utc_to_local`, `datetime_local_to_utc`, `datetime_list_timezones`.
//!
//! The zones are those of the IANA database as the crate jiff bundles it, so that a page without network has them. A
//! local time that a clock change skips takes the offset after the change, as in the page's example; **our choice**:
//! one that comes twice is the earlier one, a zone's name may be in any case, and one that is not known gives null.

use super::{CallContext, ScalarFunction, args};
use event_table::{Civil, TICKS_PER_SECOND, TimeSpan, Value};
use jiff::Timestamp;
use jiff::civil;
use jiff::tz::{Disambiguation, TimeZone};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "datetime_utc_to_local" => utc_to_local,
        "datetime_local_to_utc" => local_to_utc,
        "datetime_list_timezones" => {
            |_, _| args::list(jiff::tz::db().available().map(|name| args::text_element(name.as_str())).collect())
        }
        _ => return None,
    })
}

fn zone(a: &[Value]) -> Option<TimeZone> {
    jiff::tz::db().get(&args::text(a, 1)).ok()
}

fn utc_to_local(_: &CallContext, a: &[Value]) -> Value {
    let local = args::datetime(a, 0).zip(zone(a)).and_then(|(t, zone)| {
        let seconds = t.unix_ticks().div_euclid(TICKS_PER_SECOND);
        let offset = zone.to_offset(Timestamp::from_second(seconds).ok()?);
        t.checked_add(TimeSpan::from_ticks(i64::from(offset.seconds()) * TICKS_PER_SECOND))
    });
    args::or_null(local, Value::DateTime)
}

fn local_to_utc(_: &CallContext, a: &[Value]) -> Value {
    let utc = args::datetime(a, 0).zip(zone(a)).and_then(|(t, zone)| {
        let offset = offset_of_local(t.civil(), &zone)?;
        t.checked_sub(TimeSpan::from_ticks(i64::from(offset) * TICKS_PER_SECOND))
    });
    args::or_null(utc, Value::DateTime)
}

/// Seconds east of UTC at a local time.
fn offset_of_local(c: Civil, zone: &TimeZone) -> Option<i32> {
    let [month, day, hour, minute, second] = [c.month, c.day, c.hour, c.minute, c.second].map(|n| n as i8);
    let local = civil::DateTime::new(c.year as i16, month, day, hour, minute, second, 0).ok()?;
    let instant = zone.to_ambiguous_timestamp(local).disambiguate(Disambiguation::Earlier).ok()?;
    // In a gap the earlier instant is the one by the offset after it.
    let as_utc = TimeZone::UTC.to_timestamp(local).ok()?;
    i32::try_from(as_utc.as_second() - instant.as_second()).ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use crate::scalar::parse_datetime;
    use event_table::{ColumnType, Dynamic};

    fn convert(name: &str, t: &str, zone: &str) -> String {
        let arguments = [Value::DateTime(parse_datetime(t).unwrap()), Value::string(zone)];
        call(name, ColumnType::DateTime, &arguments).to_string().replace(".0000000Z", "")
    }

    /// From the pages; the last lines by hand from the rules of the zones.
    #[test]
    fn clocks_follow_the_zones() {
        for (utc, zone, local) in [
            ("2022-07-11 22:18:48.4678620", "US/Pacific", "2022-07-11T15:18:48.4678620Z"),
            ("2022-07-11 22:18:48.4678620", "Australia/Canberra", "2022-07-12T08:18:48.4678620Z"),
            ("2025-01-01 00:00", "asia/kolkata", "2025-01-01T05:30:00"),
            ("2025-01-01 00:00", "UTC", "2025-01-01T00:00:00"),
            ("2025-01-01 00:00", "Mars/Olympus", ""),
            ("0001-01-01 00:00", "US/Pacific", ""),
        ] {
            assert_eq!(convert("datetime_utc_to_local", utc, zone), local, "{zone}");
        }
        for (local, zone, utc) in [
            ("2020-02-02 20:02:20", "Europe/Paris", "2020-02-02T19:02:20"),
            ("2020-02-02 20:02:20", "America/Chicago", "2020-02-03T02:02:20"),
            ("2020-02-02 20:02:20", "US/Pacific", "2020-02-03T04:02:20"),
            ("2022-03-27 01:00", "Europe/Brussels", "2022-03-27T00:00:00"),
            ("2022-03-27 02:00", "Europe/Brussels", "2022-03-27T00:00:00"),
            ("2022-03-27 03:00", "Europe/Brussels", "2022-03-27T01:00:00"),
            ("2022-10-30 02:30", "Europe/Brussels", "2022-10-30T00:30:00"),
            ("2022-10-30 02:30:00.1234567", "Europe/Brussels", "2022-10-30T00:30:00.1234567Z"),
            ("2022-10-30 02:30", "", ""),
        ] {
            assert_eq!(convert("datetime_local_to_utc", local, zone), utc, "{local} {zone}");
        }
        let zones = call("datetime_list_timezones", ColumnType::Dynamic, &[]);
        let zones = args::array(std::slice::from_ref(&zones), 0).unwrap();
        for name in ["Europe/Brussels", "US/Pacific", "Etc/GMT+10"] {
            assert!(zones.iter().any(|zone| matches!(zone, Dynamic::String(s) if &**s == name)), "{name}");
        }
    }
}
