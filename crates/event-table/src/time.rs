//! Instants and durations in Kusto's unit: ticks of 100 ns, counted from 0001-01-01T00:00:00Z.
//!
//! Calendar arithmetic is written out here because every cell of a log passes through it; it is the proleptic
//! Gregorian calendar, as .NET's `DateTime` uses.

use std::fmt;

/// Ticks of 100 ns in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// Ticks of 100 ns in a day.
pub const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;
const UNIX_EPOCH_DAYS: i64 = 719_162;

/// An instant in UTC: ticks of 100 ns since the start of year 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DateTime(i64);

/// The calendar fields of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Civil {
    pub year: i32,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// Ticks of 100 ns within the second.
    pub ticks: u32,
}

impl DateTime {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(0);
    /// 9999-12-31T23:59:59.9999999Z.
    pub const MAX: Self = Self(3_652_059 * TICKS_PER_DAY - 1);

    /// The instant at a number of ticks; `None` outside years 1 to 9999.
    #[must_use]
    pub fn from_ticks(ticks: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0).contains(&ticks).then_some(Self(ticks))
    }

    /// Ticks since the start of year 1.
    #[must_use]
    pub fn ticks(self) -> i64 {
        self.0
    }

    /// The instant at a number of ticks from 1970-01-01; `None` outside years 1 to 9999.
    #[must_use]
    pub fn from_unix_ticks(ticks: i64) -> Option<Self> {
        Self::from_ticks(ticks.checked_add(UNIX_EPOCH_DAYS * TICKS_PER_DAY)?)
    }

    /// Ticks from 1970-01-01, negative before it.
    #[must_use]
    pub fn unix_ticks(self) -> i64 {
        self.0 - UNIX_EPOCH_DAYS * TICKS_PER_DAY
    }

    /// Midnight of a calendar date; `None` when there is no such date in years 1 to 9999.
    #[must_use]
    pub fn from_date(year: i32, month: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
            return None;
        }
        Some(Self(days_before(year, month, day) * TICKS_PER_DAY))
    }

    /// The instant with these calendar fields; `None` when a field is out of its range.
    #[must_use]
    pub fn from_civil(c: Civil) -> Option<Self> {
        if c.hour > 23 || c.minute > 59 || c.second > 59 || i64::from(c.ticks) >= TICKS_PER_SECOND {
            return None;
        }
        let date = Self::from_date(c.year, c.month, c.day)?;
        let seconds = i64::from(c.hour * 3600 + c.minute * 60 + c.second);
        Some(Self(date.0 + seconds * TICKS_PER_SECOND + i64::from(c.ticks)))
    }

    /// The calendar fields.
    #[must_use]
    pub fn civil(self) -> Civil {
        let (days, in_day) = (self.0.div_euclid(TICKS_PER_DAY), self.0.rem_euclid(TICKS_PER_DAY));
        let (year, month, day) = date_of(days);
        let seconds = (in_day / TICKS_PER_SECOND) as u32;
        Civil {
            year,
            month,
            day,
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            ticks: (in_day % TICKS_PER_SECOND) as u32,
        }
    }

    /// The instant a duration later; `None` outside years 1 to 9999.
    #[must_use]
    pub fn checked_add(self, span: TimeSpan) -> Option<Self> {
        Self::from_ticks(self.0.checked_add(span.ticks())?)
    }

    /// The instant a duration earlier; `None` outside years 1 to 9999.
    #[must_use]
    pub fn checked_sub(self, span: TimeSpan) -> Option<Self> {
        Self::from_ticks(self.0.checked_sub(span.ticks())?)
    }

    /// The duration from another instant to this one.
    #[must_use]
    pub fn since(self, earlier: Self) -> TimeSpan {
        TimeSpan(self.0 - earlier.0)
    }
}

/// ISO 8601 with seven digits of fraction and `Z`, as Kusto prints a datetime.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z",
            c.year, c.month, c.day, c.hour, c.minute, c.second, c.ticks
        )
    }
}

/// A duration in ticks of 100 ns, positive or negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TimeSpan(i64);

impl TimeSpan {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A duration of a number of ticks.
    #[must_use]
    pub const fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    /// The number of ticks.
    #[must_use]
    pub const fn ticks(self) -> i64 {
        self.0
    }
}

/// Kusto's text form, that of .NET's `TimeSpan`: `[-][d.]hh:mm:ss[.fffffff]`.
impl fmt::Display for TimeSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.0.unsigned_abs();
        let (day, second) = (TICKS_PER_DAY as u64, TICKS_PER_SECOND as u64);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if ticks >= day {
            write!(f, "{}.", ticks / day)?;
        }
        let seconds = ticks % day / second;
        write!(f, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        match ticks % second {
            0 => Ok(()),
            fraction => write!(f, ".{fraction:07}"),
        }
    }
}

/// Whether a year of the Gregorian calendar has a 29 February.
fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Days in a month, which must be 1 to 12.
fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 => 28 + u32::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 0001-01-01 to a valid date, by counting from 1 March so that the leap day comes last.
fn days_before(year: i32, month: u32, day: u32) -> i64 {
    let y = i64::from(year) - i64::from(month <= 2);
    let (era, year_of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 306
}

/// The date that lies a number of days after 0001-01-01.
fn date_of(days: i64) -> (i32, u32, u32) {
    let z = days + 306;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    ((year_of_era + era * 400 + i64::from(month <= 2)) as i32, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants_print_as_documented() {
        // .NET documents 621355968000000000 as the ticks of the Unix epoch.
        assert_eq!(DateTime(621_355_968_000_000_000).to_string(), "1970-01-01T00:00:00.0000000Z");
        assert_eq!(DateTime::from_unix_ticks(0), DateTime::from_ticks(621_355_968_000_000_000));
        assert_eq!(DateTime::MIN.to_string(), "0001-01-01T00:00:00.0000000Z");
        assert_eq!(DateTime::MAX.to_string(), "9999-12-31T23:59:59.9999999Z");
        assert_eq!(
            DateTime::from_date(2024, 2, 29).map(|d| d.to_string()).as_deref(),
            Some("2024-02-29T00:00:00.0000000Z")
        );
        for (y, m, d) in
            [(2023, 2, 29), (1900, 2, 29), (2024, 13, 1), (2024, 0, 1), (2024, 4, 31), (0, 1, 1), (10_000, 1, 1)]
        {
            assert_eq!(DateTime::from_date(y, m, d), None, "{y}-{m}-{d}");
        }
    }

    #[test]
    fn timespans_print_in_dotnet_form() {
        let day = TICKS_PER_DAY;
        for (ticks, text) in [
            (0, "00:00:00"),
            (day, "1.00:00:00"),
            (day + 3_661 * TICKS_PER_SECOND + 1, "1.01:01:01.0000001"),
            (-TICKS_PER_SECOND / 2, "-00:00:00.5000000"),
        ] {
            assert_eq!(TimeSpan(ticks).to_string(), text);
        }
        assert_eq!(TimeSpan(i64::MIN).to_string(), "-10675199.02:48:05.4775808");
    }

    proptest! {
        #[test]
        fn civil_fields_lead_back_to_the_instant(ticks in 0..=DateTime::MAX.0) {
            let t = DateTime(ticks);
            prop_assert_eq!(DateTime::from_civil(t.civil()), Some(t));
        }

        #[test]
        fn the_day_after_is_the_next_date(days in 0i64..3_652_058) {
            let (a, b) = (DateTime(days * TICKS_PER_DAY).civil(), DateTime((days + 1) * TICKS_PER_DAY).civil());
            let next = if a.day < days_in_month(a.year, a.month) { (a.year, a.month, a.day + 1) }
                else if a.month < 12 { (a.year, a.month + 1, 1) } else { (a.year + 1, 1, 1) };
            prop_assert_eq!((b.year, b.month, b.day), next);
        }
    }
}
