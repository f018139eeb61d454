//! `+ - * / %` and unary minus.
//!
//! Source: Kusto documentation, `numerical-operators` and `datetime-timespan-arithmetic`: whole numbers divide
//! to a whole number, `%` is never negative, null makes null. **Our choices**: whole numbers wrap on overflow, as
//! 64-bit machines do; dividing a whole number or a duration by zero gives null; an instant outside years 1 to
//! 9999 is null.

use super::convert::{to_decimal, to_long, to_real};
use super::plain;
use event_table::{ColumnType, DateTime, TimeSpan, Value};
use rust_decimal::Decimal;

/// An arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

impl Arithmetic {
    /// The operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
        }
    }
}

/// Applies an operator; `returns` is the type that the operator has for the types of its operands.
#[must_use]
pub fn arithmetic(op: Arithmetic, left: &Value, right: &Value, returns: ColumnType) -> Value {
    let (left, right) = (plain(left), plain(right));
    if left.is_null() || right.is_null() {
        return Value::Null;
    }
    use Value::{DateTime as D, TimeSpan as S};
    match (&left, &right) {
        (D(_) | S(_), _) | (_, D(_) | S(_)) => temporal(op, &left, &right),
        _ => match returns {
            ColumnType::Int | ColumnType::Long => {
                to_long(&left).zip(to_long(&right)).and_then(|(a, b)| whole(op, a, b)).map_or(Value::Null, Value::Long)
            }
            ColumnType::Decimal => to_decimal(&left)
                .zip(to_decimal(&right))
                .and_then(|(a, b)| exact(op, a, b))
                .map_or(Value::Null, Value::Decimal),
            ColumnType::Real => {
                to_real(&left).zip(to_real(&right)).map_or(Value::Null, |(a, b)| Value::Real(floating(op, a, b)))
            }
            _ => dynamic(op, &left, &right),
        },
    }
}

/// Applies unary minus.
#[must_use]
pub fn negate(value: &Value) -> Value {
    match plain(value) {
        Value::Int(n) => Value::Long(-i64::from(n)),
        Value::Long(n) => Value::Long(n.wrapping_neg()),
        Value::Real(n) => Value::Real(-n),
        Value::Decimal(n) => Value::Decimal(-n),
        Value::TimeSpan(t) => Value::TimeSpan(TimeSpan::from_ticks(t.ticks().wrapping_neg())),
        _ => Value::Null,
    }
}

/// Both operands dynamic: the widest of what they hold.
fn dynamic(op: Arithmetic, left: &Value, right: &Value) -> Value {
    let wide = |v: &Value| match v {
        Value::Real(_) => Some(ColumnType::Real),
        Value::Decimal(_) => Some(ColumnType::Decimal),
        Value::Int(_) | Value::Long(_) => Some(ColumnType::Long),
        _ => None,
    };
    match (wide(left), wide(right)) {
        (Some(a), Some(b)) => {
            let ty = if a == b {
                a
            } else if a == ColumnType::Decimal || b == ColumnType::Decimal {
                ColumnType::Decimal
            } else {
                ColumnType::Real
            };
            Value::dynamic(super::convert::to_dynamic(&arithmetic(op, left, right, ty)))
        }
        _ => Value::Null,
    }
}

/// Whole numbers.
#[must_use]
pub(crate) fn whole(op: Arithmetic, a: i64, b: i64) -> Option<i64> {
    Some(match op {
        Arithmetic::Add => a.wrapping_add(b),
        Arithmetic::Subtract => a.wrapping_sub(b),
        Arithmetic::Multiply => a.wrapping_mul(b),
        Arithmetic::Divide if b == 0 => return None,
        Arithmetic::Divide => a.wrapping_div(b),
        Arithmetic::Modulo if b == 0 => return None,
        Arithmetic::Modulo => a.wrapping_rem_euclid(b),
    })
}

/// Floating point numbers.
#[must_use]
pub(crate) fn floating(op: Arithmetic, a: f64, b: f64) -> f64 {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Modulo => a.rem_euclid(b),
    }
}

fn exact(op: Arithmetic, a: Decimal, b: Decimal) -> Option<Decimal> {
    match op {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide => a.checked_div(b),
        Arithmetic::Modulo => {
            let rest = a.checked_rem(b)?;
            if rest.is_sign_negative() && !rest.is_zero() { rest.checked_add(b.abs()) } else { Some(rest) }
        }
    }
}

/// Instants and durations, in ticks.
fn temporal(op: Arithmetic, left: &Value, right: &Value) -> Value {
    use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
    use Value::{DateTime as D, TimeSpan as S};
    let instant = |ticks: Option<i64>| ticks.and_then(DateTime::from_ticks).map_or(Value::Null, D);
    let span = |ticks: Option<i64>| ticks.map_or(Value::Null, |t| S(TimeSpan::from_ticks(t)));
    let scaled = |ticks: i64, by: &Value, multiply: bool| -> Option<i64> {
        match by {
            Value::Int(_) | Value::Long(_) => {
                let n = to_long(by)?;
                if multiply { ticks.checked_mul(n) } else { ticks.checked_div(n) }
            }
            _ => {
                let n = to_real(by)?;
                let result = if multiply { ticks as f64 * n } else { ticks as f64 / n };
                (result.abs() < 9.2e18).then_some(result.round() as i64)
            }
        }
    };
    match (op, left, right) {
        (Add, D(a), S(b)) => a.checked_add(*b).map_or(Value::Null, D),
        (Add, S(a), D(b)) => b.checked_add(*a).map_or(Value::Null, D),
        (Add, D(a), D(b)) => instant(a.ticks().checked_add(b.ticks())),
        (Add, S(a), S(b)) => span(a.ticks().checked_add(b.ticks())),
        (Subtract, D(a), S(b)) => a.checked_sub(*b).map_or(Value::Null, D),
        (Subtract, S(a), D(b)) => instant(a.ticks().checked_sub(b.ticks())),
        (Subtract, D(a), D(b)) => S(a.since(*b)),
        (Subtract, S(a), S(b)) => span(a.ticks().checked_sub(b.ticks())),
        (Multiply, S(a), S(b)) => span(a.ticks().checked_mul(b.ticks())),
        (Multiply, S(a), n) | (Multiply, n, S(a)) => span(scaled(a.ticks(), n, true)),
        (Multiply, D(a), n) | (Multiply, n, D(a)) => instant(scaled(a.ticks(), n, true)),
        (Divide, S(a), S(b)) => Value::Real(a.ticks() as f64 / b.ticks() as f64),
        (Divide, D(a), D(b)) => Value::Real(a.ticks() as f64 / b.ticks() as f64),
        (Divide, D(a), S(b)) => Value::Real(a.ticks() as f64 / b.ticks() as f64),
        (Divide, S(a), n) => span(scaled(a.ticks(), n, false)),
        (Divide, D(a), n) => instant(scaled(a.ticks(), n, false)),
        (Modulo, S(a), S(b)) => span(whole(Modulo, a.ticks(), b.ticks())),
        (Modulo, D(a), D(b)) => span(whole(Modulo, a.ticks(), b.ticks())),
        (Modulo, D(a), S(b)) => span(whole(Modulo, a.ticks(), b.ticks())),
        (Modulo, S(a), n) => span(to_long(n).and_then(|n| whole(Modulo, a.ticks(), n))),
        (Modulo, D(a), n) => instant(to_long(n).and_then(|n| whole(Modulo, a.ticks(), n))),
        _ => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{parse_datetime, parse_timespan};

    fn run(left: &Value, op: Arithmetic, right: &Value, returns: ColumnType) -> String {
        arithmetic(op, left, right, returns).to_string()
    }

    #[test]
    fn numbers_follow_the_documentation() {
        use Arithmetic::*;
        use ColumnType::{Long as L, Real as R};
        for (a, op, b, ty, expected) in [
            (Value::Long(7), Divide, Value::Long(2), L, "3"),
            (Value::Long(-7), Divide, Value::Long(2), L, "-3"),
            (Value::Long(-5), Modulo, Value::Long(3), L, "1"),
            (Value::Long(5), Modulo, Value::Long(-3), L, "2"),
            (Value::Long(1), Divide, Value::Long(0), L, ""),
            (Value::Long(1), Divide, Value::Real(0.0), R, "Infinity"),
            (Value::Int(2), Multiply, Value::Real(1.5), R, "3.0"),
            (Value::Null, Add, Value::Long(1), L, ""),
            (Value::Long(i64::MAX), Add, Value::Long(1), L, "-9223372036854775808"),
            (Value::Long(i64::MIN), Divide, Value::Long(-1), L, "-9223372036854775808"),
        ] {
            assert_eq!(run(&a, op, &b, ty), expected, "{a:?} {op:?} {b:?}");
        }
    }

    #[test]
    fn instants_and_durations_follow_the_documentation() {
        use Arithmetic::*;
        let d = |s: &str| Value::DateTime(parse_datetime(s).unwrap());
        let s = |s: &str| Value::TimeSpan(parse_timespan(s).unwrap());
        for (a, op, b, expected) in [
            (d("1997-06-25"), Subtract, d("1910-06-11"), "31791.00:00:00"),
            (d("2025-06-01"), Subtract, s("1d"), "2025-05-31T00:00:00.0000000Z"),
            (s("1h"), Divide, s("1m"), "60.0"),
            (s("1h"), Multiply, Value::Long(2), "02:00:00"),
            (s("1h"), Divide, Value::Real(2.0), "00:30:00"),
            (d("2025-06-01 13:45"), Modulo, s("1d"), "13:45:00"),
            (d("9999-12-31"), Add, s("2d"), ""),
            (s("1h"), Divide, Value::Long(0), ""),
        ] {
            assert_eq!(run(&a, op, &b, ColumnType::DateTime), expected, "{a} {op:?} {b}");
        }
    }
}
