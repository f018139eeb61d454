//! Turning a value into one of another type: `toint()`, `tostring()` and their kin.
//!
//! Source: Kusto documentation, the pages of the `to…()` functions: a value that cannot be converted is null.

use super::{parse_datetime, parse_timespan, plain};
use event_table::{ColumnType, DateTime, Dynamic, Guid, TimeSpan, Value};
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use std::borrow::Cow;
use std::str::FromStr;

/// A value as text; null is the empty string.
#[must_use]
pub fn to_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(s) => Cow::Borrowed(s),
        Value::Null => Cow::Borrowed(""),
        Value::Dynamic(d) => match &**d {
            Dynamic::String(s) => Cow::Borrowed(s),
            other => Cow::Owned(other.to_string()),
        },
        other => Cow::Owned(other.to_string()),
    }
}

/// A value as a 64-bit integer; fractions are cut off.
#[must_use]
pub fn to_long(value: &Value) -> Option<i64> {
    match plain(value) {
        Value::Bool(b) => Some(b.into()),
        Value::Int(n) => Some(n.into()),
        Value::Long(n) => Some(n),
        Value::Real(n) => real_to_long(n),
        Value::Decimal(n) => n.to_i64(),
        Value::DateTime(t) => Some(t.ticks()),
        Value::TimeSpan(t) => Some(t.ticks()),
        Value::String(s) => text_to_long(&s),
        Value::Null | Value::Guid(_) | Value::Dynamic(_) => None,
    }
}

/// A value as a 32-bit integer; null when it does not fit.
#[must_use]
pub fn to_int(value: &Value) -> Option<i32> {
    to_long(value).and_then(|n| i32::try_from(n).ok())
}

/// A value as a floating point number.
#[must_use]
pub fn to_real(value: &Value) -> Option<f64> {
    match plain(value) {
        Value::Bool(b) => Some(f64::from(u8::from(b))),
        Value::Int(n) => Some(n.into()),
        Value::Long(n) => Some(n as f64),
        Value::Real(n) => Some(n),
        Value::Decimal(n) => n.to_f64(),
        Value::DateTime(t) => Some(t.ticks() as f64),
        Value::TimeSpan(t) => Some(t.ticks() as f64),
        Value::String(s) => text_to_real(&s),
        Value::Null | Value::Guid(_) | Value::Dynamic(_) => None,
    }
}

/// A value as an exact decimal.
#[must_use]
pub fn to_decimal(value: &Value) -> Option<Decimal> {
    match plain(value) {
        Value::Bool(b) => Some(Decimal::from(u8::from(b))),
        Value::Int(n) => Some(n.into()),
        Value::Long(n) => Some(n.into()),
        Value::Real(n) => Decimal::from_f64(n),
        Value::Decimal(n) => Some(n),
        Value::String(s) => text_to_decimal(&s),
        _ => None,
    }
}

/// A value as a boolean: numbers are true unless zero, text is `true`, `false` or a number.
#[must_use]
pub fn to_bool(value: &Value) -> Option<bool> {
    match plain(value) {
        Value::Bool(b) => Some(b),
        Value::Int(n) => Some(n != 0),
        Value::Long(n) => Some(n != 0),
        Value::Real(n) => Some(n != 0.0),
        Value::Decimal(n) => Some(!n.is_zero()),
        Value::String(s) => match s.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            text => text_to_long(text).map(|n| n != 0),
        },
        _ => None,
    }
}

/// A value as an instant; whole numbers are ticks.
#[must_use]
pub fn to_datetime(value: &Value) -> Option<DateTime> {
    match plain(value) {
        Value::DateTime(t) => Some(t),
        Value::Int(n) => DateTime::from_ticks(n.into()),
        Value::Long(n) => DateTime::from_ticks(n),
        Value::String(s) => parse_datetime(&s),
        _ => None,
    }
}

/// A value as a duration; whole numbers are ticks.
#[must_use]
pub fn to_timespan(value: &Value) -> Option<TimeSpan> {
    match plain(value) {
        Value::TimeSpan(t) => Some(t),
        Value::Int(n) => Some(TimeSpan::from_ticks(n.into())),
        Value::Long(n) => Some(TimeSpan::from_ticks(n)),
        Value::String(s) => parse_timespan(&s),
        _ => None,
    }
}

/// A value as an identifier.
#[must_use]
pub fn to_guid(value: &Value) -> Option<Guid> {
    match plain(value) {
        Value::Guid(g) => Some(g),
        Value::String(s) => Guid::parse(&s),
        _ => None,
    }
}

/// A value as it stands inside a dynamic one.
#[must_use]
pub fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::Null,
        Value::Bool(b) => Dynamic::Bool(*b),
        Value::Int(n) => Dynamic::Long((*n).into()),
        Value::Long(n) => Dynamic::Long(*n),
        Value::Real(n) => Dynamic::Real(*n),
        Value::Decimal(n) => Dynamic::Decimal(*n),
        Value::String(s) => Dynamic::String(s.clone()),
        Value::DateTime(t) => Dynamic::DateTime(*t),
        Value::TimeSpan(t) => Dynamic::TimeSpan(*t),
        Value::Guid(g) => Dynamic::Guid(*g),
        Value::Dynamic(d) => (**d).clone(),
    }
}

/// A value as one of a type; what cannot be converted is missing.
#[must_use]
pub fn to_type(value: &Value, ty: ColumnType) -> Value {
    let converted = match ty {
        ColumnType::Bool => to_bool(value).map(Value::Bool),
        ColumnType::Int => to_int(value).map(Value::Int),
        ColumnType::Long => to_long(value).map(Value::Long),
        ColumnType::Real => to_real(value).map(Value::Real),
        ColumnType::Decimal => to_decimal(value).map(Value::Decimal),
        ColumnType::String => match value {
            Value::String(_) => Some(value.clone()),
            other => Some(Value::string(&to_text(other))),
        },
        ColumnType::DateTime => to_datetime(value).map(Value::DateTime),
        ColumnType::TimeSpan => to_timespan(value).map(Value::TimeSpan),
        ColumnType::Guid => to_guid(value).map(Value::Guid),
        ColumnType::Dynamic => Some(match value {
            Value::Dynamic(_) => value.clone(),
            other => Value::dynamic(to_dynamic(other)),
        }),
    };
    converted.unwrap_or_else(|| Value::missing(ty))
}

fn real_to_long(n: f64) -> Option<i64> {
    // 2^63 is exact as a real; i64::MAX is not.
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&n).then_some(n as i64)
}

/// Text as a whole number: decimal digits with a sign, or `0x` and hexadecimal ones.
fn text_to_long(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok().map(|n| n as i64);
    }
    text.parse().ok()
}

fn text_to_real(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "+inf" | "infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c)) => {
            text.parse().ok().or_else(|| text_to_long(text).map(|n| n as f64))
        }
        _ => None,
    }
}

fn text_to_decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversions_follow_the_documentation_and_give_null_otherwise() {
        let text = |s: &str| Value::string(s);
        for (value, ty, expected) in [
            (text("123"), ColumnType::Int, "123"),
            (text("abc"), ColumnType::Int, ""),
            (text("2.3"), ColumnType::Int, ""),
            (Value::Real(2.3), ColumnType::Int, "2"),
            (Value::Real(-2.7), ColumnType::Long, "-2"),
            (Value::Real(f64::NAN), ColumnType::Long, ""),
            (Value::Long(1 << 40), ColumnType::Int, ""),
            (text("0xff"), ColumnType::Long, "255"),
            (text("123.45678"), ColumnType::Decimal, "123.45678"),
            (text("1e3"), ColumnType::Real, "1000.0"),
            (text("TRUE"), ColumnType::Bool, "true"),
            (text("yes"), ColumnType::Bool, ""),
            (Value::Long(0), ColumnType::Bool, "false"),
            (text("2014-11-08"), ColumnType::DateTime, "2014-11-08T00:00:00.0000000Z"),
            (text("1d"), ColumnType::TimeSpan, "1.00:00:00"),
            (Value::Null, ColumnType::String, ""),
            (Value::Bool(true), ColumnType::String, "true"),
            (Value::dynamic(Dynamic::String("x".into())), ColumnType::String, "x"),
            (
                Value::dynamic(Dynamic::Array(vec![Dynamic::Long(1), Dynamic::String("a".into())])),
                ColumnType::String,
                "[1,\"a\"]",
            ),
        ] {
            assert_eq!(to_type(&value, ty).to_string(), expected, "{value:?} as {ty}");
        }
    }
}
