//! Turns the text of a cell into a value of its column's type.

use crate::code::Code;
use crate::problem::{Problem, not_convertible};
use crate::time_text::{self, TimeRule};
use event_table::{ColumnBuilder, ColumnType, Dynamic, Guid, TICKS_PER_DAY, TICKS_PER_SECOND, TimeSpan, Value};
use rust_decimal::Decimal;

/// Why a cell gives no value of its column's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotConvertible(ColumnType),
    OutOfRange(ColumnType),
    KeyTwice,
    TooManyKeys,
}

impl Fault {
    pub(crate) fn code(self) -> Code {
        match self {
            Self::NotConvertible(ty) => not_convertible(ty),
            Self::OutOfRange(_) => Code::OutOfRange,
            Self::KeyTwice => Code::KeyTwice,
            Self::TooManyKeys => Code::TooManyKeys,
        }
    }

    pub(crate) fn problem(self, text: &str) -> Problem {
        match self {
            Self::NotConvertible(ty) => Problem::NotConvertible { ty, text: text.into() },
            Self::OutOfRange(ty) => Problem::OutOfRange { ty, text: text.into() },
            Self::KeyTwice => Problem::KeyTwice,
            Self::TooManyKeys => Problem::TooManyKeys,
        }
    }
}

/// Adds the cell that a text stands for: a missing one for the empty text, and for a text that is no value of the
/// column's type, which comes back as the fault.
#[inline]
pub(crate) fn push(builder: &mut ColumnBuilder, text: &str, rule: TimeRule) -> Result<(), Fault> {
    let ty = builder.column_type();
    match ty {
        ColumnType::String => {
            builder.push_str(text);
            return Ok(());
        }
        _ if text.is_empty() => {
            builder.push_missing();
            return Ok(());
        }
        ColumnType::DateTime => {
            if let Some(time) = time_text::parse(text, rule) {
                builder.push_datetime(time);
                return Ok(());
            }
        }
        ColumnType::Int | ColumnType::Long => {
            if let Some(n) = whole(text).filter(|n| ty == ColumnType::Long || i32::try_from(*n).is_ok()) {
                builder.push_long(n);
                return Ok(());
            }
        }
        _ => {}
    }
    let value = value(text.trim(), ty, rule);
    builder.push(value.as_ref().unwrap_or(&Value::Null));
    value.map(|_| ())
}

/// The value of a type that a text stands for, by every form that is accepted.
fn value(text: &str, ty: ColumnType, rule: TimeRule) -> Result<Value, Fault> {
    let no = Fault::NotConvertible(ty);
    let too_big = Fault::OutOfRange(ty);
    match ty {
        _ if text.is_empty() => Ok(Value::missing(ty)),
        ColumnType::String => Ok(Value::string(text)),
        ColumnType::DateTime => time_text::parse(text, rule).map(Value::DateTime).ok_or(no),
        ColumnType::Long => integral(text).ok_or(no)?.map(Value::Long).ok_or(too_big),
        ColumnType::Int => {
            let n = integral(text).ok_or(no)?;
            n.and_then(|n| i32::try_from(n).ok()).map(Value::Int).ok_or(too_big)
        }
        ColumnType::Real => text.parse().map(Value::Real).map_err(|_| no),
        ColumnType::Decimal => {
            text.parse::<Decimal>().or_else(|_| Decimal::from_scientific(text)).map(Value::Decimal).map_err(|_| no)
        }
        ColumnType::Bool => match text {
            "1" => Ok(Value::Bool(true)),
            "0" => Ok(Value::Bool(false)),
            _ if text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
            _ if text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
            _ => Err(no),
        },
        ColumnType::TimeSpan => timespan(text).map(Value::TimeSpan).ok_or(no),
        ColumnType::Guid => Guid::parse(text).map(Value::Guid).ok_or(no),
        ColumnType::Dynamic => {
            Ok(Value::dynamic(Dynamic::from_json(text).unwrap_or_else(|_| Dynamic::String(text.into()))))
        }
    }
}

/// A plain whole number of at most 18 digits, which always fits.
#[inline]
fn whole(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        rest => (false, rest),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let n = digits.iter().try_fold(0i64, |n, b| {
        let digit = b.wrapping_sub(b'0');
        (digit < 10).then(|| n * 10 + i64::from(digit))
    })?;
    Some(if negative { -n } else { n })
}

/// A whole number in any form, `5.0` and `1e3` among them: `None` when the text is none, `Some(None)` when it is one
/// that a long does not hold.
fn integral(text: &str) -> Option<Option<i64>> {
    if let Ok(n) = text.parse::<i64>() {
        return Some(Some(n));
    }
    if text.trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit()) {
        return text.ends_with(|c: char| c.is_ascii_digit()).then_some(None);
    }
    let n: f64 = text.parse().ok().filter(|n: &f64| n.fract() == 0.0)?;
    // Beyond 2^53 a real does not say which whole number was meant.
    Some((n.abs() <= 9_007_199_254_740_992.0).then_some(n as i64))
}

/// `[-][d.]hh:mm:ss[.fffffff]`, .NET's form of a duration.
fn timespan(text: &str) -> Option<TimeSpan> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut parts = text.splitn(3, ':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (days, hours) = hours.split_once('.').unwrap_or(("0", hours));
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let below = |text: &str, limit: i64| whole(text).filter(|n| (0..limit).contains(n));
    let ticks = below(&format!("{fraction:0<7}"), TICKS_PER_SECOND)?;
    let seconds = below(hours, 24)? * 3600 + below(minutes, 60)? * 60 + below(seconds, 60)?;
    let days = below(days, 10_675_199)?;
    let total = days * TICKS_PER_DAY + seconds * TICKS_PER_SECOND + ticks;
    Some(TimeSpan::from_ticks(if negative { -total } else { total }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ColumnType::{
        Bool, Decimal as Dec, Dynamic as Dyn, Guid as Id, Int, Long, Real, String as Text, TimeSpan as Span,
    };

    #[test]
    fn cells_become_values_of_their_columns_type() {
        for (ty, text, expected) in [
            (Int, "443", "443"),
            (Int, "-1", "-1"),
            (Int, "2147483647", "2147483647"),
            (Int, " 443 ", "443"),
            (Int, "443.0", "443"),
            (Long, "9223372036854775807", "9223372036854775807"),
            (Long, "-9223372036854775808", "-9223372036854775808"),
            (Long, "1e3", "1000"),
            (Long, "+5", "5"),
            (Real, "0.1", "0.1"),
            (Real, "5", "5.0"),
            (Real, "NaN", "NaN"),
            (Dec, "1.10", "1.10"),
            (Bool, "1", "true"),
            (Bool, "False", "false"),
            (Span, "1.02:03:04.5", "1.02:03:04.5000000"),
            (Span, "-00:00:01", "-00:00:01"),
            (Id, "74be27de-1e4e-49d9-b579-fe0b331d3642", "74be27de-1e4e-49d9-b579-fe0b331d3642"),
            (Dyn, r#"{"a":[1,2.5]}"#, r#"{"a":[1,2.5]}"#),
            (Dyn, "plain", "plain"),
            (Text, " kept as it is ", " kept as it is "),
            (Int, "", ""),
            (Dyn, "null", ""),
        ] {
            let mut builder = ColumnBuilder::new(ty);
            assert_eq!(push(&mut builder, text, TimeRule::default()), Ok(()), "{text}");
            assert_eq!(builder.finish().value(0).to_string(), expected, "{ty} {text}");
        }
    }

    #[test]
    fn a_cell_of_another_type_is_null_and_says_why() {
        let time = ColumnType::DateTime;
        for (ty, text, fault) in [
            (Int, "2147483648", Fault::OutOfRange(Int)),
            (Int, "n/a", Fault::NotConvertible(Int)),
            (Int, "0.5", Fault::NotConvertible(Int)),
            (Long, "9223372036854775808", Fault::OutOfRange(Long)),
            (Long, "99999999999999999999999", Fault::OutOfRange(Long)),
            (Long, "1e300", Fault::OutOfRange(Long)),
            (Long, "-", Fault::NotConvertible(Long)),
            (Long, "1,024", Fault::NotConvertible(Long)),
            (Real, "x", Fault::NotConvertible(Real)),
            (Bool, "2", Fault::NotConvertible(Bool)),
            (Span, "24:00:00", Fault::NotConvertible(Span)),
            (Span, "é", Fault::NotConvertible(Span)),
            (Id, "x", Fault::NotConvertible(Id)),
            (time, "yesterday", Fault::NotConvertible(time)),
        ] {
            let mut builder = ColumnBuilder::new(ty);
            assert_eq!(push(&mut builder, text, TimeRule::default()), Err(fault), "{text}");
            let column = builder.finish();
            assert!(column.value(0).is_null() && column.len() == 1, "{text}");
        }
    }
}
