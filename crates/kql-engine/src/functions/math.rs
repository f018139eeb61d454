//! Numbers.
//!
//! Roots and logarithms of negative numbers, and arc functions outside -1 to 1, are null, as their pages say.

use super::{CallContext, ScalarFunction, args};
use crate::scalar::{Arithmetic, Comparison, arithmetic, compare, convert, negate};
use event_table::{ColumnType, DateTime, TimeSpan, Value};
use rust_decimal::prelude::{RoundingStrategy, ToPrimitive};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "abs" => |_, a| match a.first().map(crate::scalar::plain) {
            Some(Value::Int(n)) => Value::Long(i64::from(n).abs()),
            Some(Value::Long(n)) => Value::Long(n.wrapping_abs()),
            Some(Value::Real(n)) => Value::Real(n.abs()),
            Some(Value::Decimal(n)) => Value::Decimal(n.abs()),
            Some(Value::TimeSpan(t)) if t.ticks() < 0 => negate(&Value::TimeSpan(t)),
            Some(v @ Value::TimeSpan(_)) => v,
            _ => Value::Null,
        },
        "round" => round,
        "floor" | "bin" => bin,
        "bin_at" => bin_at,
        "ceiling" => |cx, a| match a.first() {
            Some(Value::Real(n)) => Value::Real(n.ceil()),
            Some(Value::Decimal(n)) => Value::Decimal(n.ceil()),
            Some(v) => convert::to_type(v, cx.returns),
            None => Value::Null,
        },
        "sign" => |_, a| args::or_null(args::real(a, 0), |n| Value::Real(if n == 0.0 { 0.0 } else { n.signum() })),
        "sqrt" => |_, a| within(a, f64::sqrt),
        "exp" => |_, a| unary(a, f64::exp),
        "exp2" => |_, a| unary(a, f64::exp2),
        "exp10" => |_, a| unary(a, |n| 10f64.powf(n)),
        "log" => |_, a| within(a, f64::ln),
        "log2" => |_, a| within(a, f64::log2),
        "log10" => |_, a| within(a, f64::log10),
        "erf" => |_, a| unary(a, libm::erf),
        "erfc" => |_, a| unary(a, libm::erfc),
        "gamma" => |_, a| unary(a, libm::tgamma),
        "loggamma" => |_, a| unary(a, libm::lgamma),
        "around" => around,
        "pow" => |_, a| args::or_null(args::real(a, 0).zip(args::real(a, 1)), |(x, y)| Value::Real(x.powf(y))),
        "pi" => |_, _| Value::Real(std::f64::consts::PI),
        "sin" => |_, a| unary(a, f64::sin),
        "cos" => |_, a| unary(a, f64::cos),
        "tan" => |_, a| unary(a, f64::tan),
        "cot" => |_, a| unary(a, |n| 1.0 / n.tan()),
        "asin" => |_, a| within(a, f64::asin),
        "acos" => |_, a| within(a, f64::acos),
        "atan" => |_, a| unary(a, f64::atan),
        "atan2" => |_, a| args::or_null(args::real(a, 0).zip(args::real(a, 1)), |(y, x)| Value::Real(y.atan2(x))),
        "degrees" => |_, a| unary(a, f64::to_degrees),
        "radians" => |_, a| unary(a, f64::to_radians),
        "isnan" => |_, a| Value::Bool(args::real(a, 0).is_some_and(f64::is_nan)),
        "isinf" => |_, a| Value::Bool(args::real(a, 0).is_some_and(f64::is_infinite)),
        "isfinite" => |_, a| Value::Bool(args::real(a, 0).is_some_and(f64::is_finite)),
        "binary_and" => |_, a| binary(a, |x, y| Some(x & y)),
        "binary_or" => |_, a| binary(a, |x, y| Some(x | y)),
        "binary_xor" => |_, a| binary(a, |x, y| Some(x ^ y)),
        "binary_not" => |_, a| args::or_null(args::long(a, 0), |n| Value::Long(!n)),
        "binary_shift_left" => |_, a| binary(a, |x, y| shift(y).map(|y| x.wrapping_shl(y))),
        "binary_shift_right" => |_, a| binary(a, |x, y| shift(y).map(|y| x.wrapping_shr(y))),
        "bitset_count_ones" => |_, a| args::or_null(args::long(a, 0), |n| Value::Long(n.count_ones().into())),
        _ => return None,
    })
}

fn unary(a: &[Value], f: fn(f64) -> f64) -> Value {
    args::or_null(args::real(a, 0), |n| Value::Real(f(n)))
}

/// As [`unary`] for a function that is not defined everywhere: a number outside gives null.
fn within(a: &[Value], f: fn(f64) -> f64) -> Value {
    args::or_null(args::real(a, 0).filter(|n| n.is_nan() || !f(*n).is_nan()), |n| Value::Real(f(n)))
}

/// `around(value, center, delta)`: from center - delta to center + delta, both included; null when one is null.
fn around(_: &CallContext, a: &[Value]) -> Value {
    let [value, center, delta] = a else { return Value::Null };
    let ty = match center {
        Value::DateTime(_) => ColumnType::DateTime,
        Value::TimeSpan(_) => ColumnType::TimeSpan,
        _ if a.iter().any(|v| matches!(v, Value::Real(_))) => ColumnType::Real,
        _ if a.iter().any(|v| matches!(v, Value::Decimal(_))) => ColumnType::Decimal,
        _ => ColumnType::Long,
    };
    let low = arithmetic(Arithmetic::Subtract, center, delta, ty);
    let high = arithmetic(Arithmetic::Add, center, delta, ty);
    if [value, &low, &high].iter().any(|v| v.is_null()) {
        return Value::Null;
    }
    let inside = compare(Comparison::GreaterOrEqual, value, &low).zip(compare(Comparison::LessOrEqual, value, &high));
    args::or_null(inside, |(above, below)| Value::Bool(above && below))
}

fn binary(a: &[Value], f: fn(i64, i64) -> Option<i64>) -> Value {
    args::or_null(args::long(a, 0).zip(args::long(a, 1)).and_then(|(x, y)| f(x, y)), Value::Long)
}

/// A shift of a negative number of places is null; the documentation takes the number modulo 64.
fn shift(places: i64) -> Option<u32> {
    (places >= 0).then_some((places % 64) as u32)
}

/// `round(number, digits)`: halves go away from zero; negative digits round before the point.
fn round(cx: &CallContext, a: &[Value]) -> Value {
    let digits = match a.get(1) {
        None => 0,
        Some(_) => match args::long(a, 1) {
            Some(digits) => digits.clamp(-308, 308) as i32,
            None => return Value::Null,
        },
    };
    match a.first().map(crate::scalar::plain) {
        Some(Value::Real(n)) => Value::Real(round_real(n, digits)),
        Some(Value::Decimal(n)) if digits >= 0 => {
            Value::Decimal(n.round_dp_with_strategy(digits as u32, RoundingStrategy::MidpointAwayFromZero))
        }
        Some(v @ (Value::Int(_) | Value::Long(_))) if digits >= 0 => convert::to_type(&v, cx.returns),
        Some(v @ (Value::Int(_) | Value::Long(_) | Value::Decimal(_))) => {
            let rounded = convert::to_real(&v).map(|n| round_real(n, digits));
            rounded.map_or(Value::Null, |n| convert::to_type(&Value::Real(n), cx.returns))
        }
        _ => Value::Null,
    }
}

/// Rounds the decimal number that a real is written as, so that 2.675 rounds as its digits say.
fn round_real(n: f64, digits: i32) -> f64 {
    if !n.is_finite() || digits > 15 {
        return n;
    }
    let factor = 10f64.powi(digits.abs());
    let scaled = if digits >= 0 { n * factor } else { n / factor };
    if !scaled.is_finite() || scaled.abs() >= 9.0e15 {
        return n;
    }
    if digits >= 0 { scaled.round() / factor } else { scaled.round() * factor }
}

/// `bin(value, size)`: the largest multiple of size that is not above the value.
fn bin(cx: &CallContext, a: &[Value]) -> Value {
    let zero = match a.first() {
        Some(Value::DateTime(_)) => Value::DateTime(DateTime::MIN),
        Some(Value::TimeSpan(_)) => Value::TimeSpan(TimeSpan::ZERO),
        _ => Value::Long(0),
    };
    match a {
        [value] => bin_at(cx, &[value.clone(), Value::Long(1), zero]),
        [value, size, ..] => bin_at(cx, &[value.clone(), size.clone(), zero]),
        [] => Value::Null,
    }
}

/// `bin_at(value, size, fixed)`: bins of a size of which one begins at the fixed point. A size that is not
/// positive gives null.
fn bin_at(cx: &CallContext, a: &[Value]) -> Value {
    let [value, size, fixed] = a else { return Value::Null };
    match (value, size, fixed) {
        (Value::DateTime(t), size, Value::DateTime(fixed)) => {
            let size = match size {
                Value::TimeSpan(s) => s.ticks(),
                Value::DateTime(s) => s.ticks(),
                _ => return Value::Null,
            };
            let start = floor_to(t.ticks(), size, fixed.ticks());
            args::or_null(start.and_then(DateTime::from_ticks), Value::DateTime)
        }
        (Value::TimeSpan(t), Value::TimeSpan(size), Value::TimeSpan(fixed)) => {
            args::or_null(floor_to(t.ticks(), size.ticks(), fixed.ticks()), |t| {
                Value::TimeSpan(TimeSpan::from_ticks(t))
            })
        }
        _ => match cx.returns {
            ColumnType::Real => {
                let all = (convert::to_real(value), convert::to_real(size), convert::to_real(fixed));
                let (Some(value), Some(size), Some(fixed)) = all else { return Value::Null };
                if size > 0.0 { Value::Real(((value - fixed) / size).floor() * size + fixed) } else { Value::Null }
            }
            ColumnType::Decimal => {
                let all = (convert::to_decimal(value), convert::to_decimal(size), convert::to_decimal(fixed));
                let (Some(value), Some(size), Some(fixed)) = all else { return Value::Null };
                if size.is_sign_negative() || size.is_zero() || size.to_f64().is_none() {
                    return Value::Null;
                }
                let steps = value.checked_sub(fixed).and_then(|v| v.checked_div(size)).map(|v| v.floor());
                args::or_null(
                    steps.and_then(|s| s.checked_mul(size)).and_then(|v| v.checked_add(fixed)),
                    Value::Decimal,
                )
            }
            ty => {
                let all = (convert::to_long(value), convert::to_long(size), convert::to_long(fixed));
                let (Some(value), Some(size), Some(fixed)) = all else { return Value::Null };
                args::or_null(floor_to(value, size, fixed), |n| convert::to_type(&Value::Long(n), ty))
            }
        },
    }
}

/// The start of the bin that a value lies in; null for a size that is not positive, and beyond 64 bits.
pub(crate) fn floor_to(value: i64, size: i64, fixed: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    let offset = value.checked_sub(fixed)?;
    offset.div_euclid(size).checked_mul(size)?.checked_add(fixed)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use crate::scalar::{parse_datetime, parse_timespan};

    #[test]
    fn rounding_goes_away_from_zero_at_halves() {
        for (n, digits, expected) in [
            (2.15, 1, "2.2"),
            (2.5, 0, "3.0"),
            (-2.5, 0, "-3.0"),
            (1234.0, -2, "1200.0"),
            (0.5000019073486328, 2, "0.5"),
        ] {
            assert_eq!(
                call("round", ColumnType::Real, &[Value::Real(n), Value::Long(digits)]).to_string(),
                expected,
                "{n}"
            );
        }
        assert_eq!(call("round", ColumnType::Long, &[Value::Long(1251), Value::Long(-2)]).to_string(), "1300");
    }

    #[test]
    fn bins_follow_the_documentation() {
        let at = |s: &str| Value::DateTime(parse_datetime(s).unwrap());
        let span = |s: &str| Value::TimeSpan(parse_timespan(s).unwrap());
        for (args, ty, expected) in [
            (vec![Value::Real(4.5), Value::Long(1)], ColumnType::Real, "4.0"),
            (vec![at("1970-05-11 13:45:07"), span("1d")], ColumnType::DateTime, "1970-05-11T00:00:00.0000000Z"),
            (vec![span("16d"), span("7d")], ColumnType::TimeSpan, "14.00:00:00"),
            (vec![Value::Long(-7), Value::Long(10)], ColumnType::Long, "-10"),
            (vec![Value::Long(7), Value::Long(0)], ColumnType::Long, ""),
            (vec![Value::Null, Value::Long(10)], ColumnType::Long, ""),
        ] {
            assert_eq!(call("bin", ty, &args).to_string(), expected);
        }
    }

    /// From the pages of the functions.
    #[test]
    fn functions_of_numbers_follow_the_documentation() {
        check(
            ColumnType::Real,
            &[
                ("log", "[5]", "1.6094379124341003"),
                ("log", "[0]", "-Infinity"),
                ("log", "[-1]", "(null)"),
                ("log2", "[-1]", "(null)"),
                ("log10", "[1000]", "3.0"),
                ("sqrt", "[9]", "3.0"),
                ("sqrt", "[-1]", "(null)"),
                ("sqrt", "[null]", "(null)"),
                ("acos", "[1.1]", "(null)"),
                ("asin", "[-2]", "(null)"),
                ("gamma", "[5]", "24.0"),
                ("loggamma", "[5]", "3.1780538303479458"),
                ("erf", "[1]", "0.8427007929497149"),
                ("erf", "[0]", "0.0"),
                ("erfc", "[0]", "1.0"),
                ("sign", "[-42.5]", "-1.0"),
                ("round", "[2.98765, 3]", "2.988"),
                ("round", "[2.15]", "2.0"),
                ("round", "[-50.55, -2]", "-100.0"),
                ("round", "[21.5, -1]", "20.0"),
                ("ceiling", "[-1.1]", "-1.0"),
                ("bin_at", "[6.5, 2.5, 7]", "4.5"),
            ],
        );
        check(
            ColumnType::Bool,
            &[
                ("isnan", "[1.5]", "false"),
                ("isnan", "[null]", "false"),
                ("isfinite", "[1.5]", "true"),
                ("isfinite", "[null]", "false"),
                ("isinf", "[null]", "false"),
            ],
        );
        check(
            ColumnType::Long,
            &[
                ("binary_shift_left", "[1, 2]", "4"),
                ("binary_shift_left", "[1, 65]", "2"),
                ("binary_shift_left", "[1, -1]", "(null)"),
                ("bitset_count_ones", "[42]", "3"),
            ],
        );
        let nan = [Value::Real(f64::NAN)];
        assert_eq!(call("isnan", ColumnType::Bool, &nan).to_string(), "true");
        assert_eq!(call("sqrt", ColumnType::Real, &nan).to_string(), "NaN");
    }

    #[test]
    fn around_includes_both_ends() {
        check(
            ColumnType::Bool,
            &[
                ("around", "[4, 5, 1]", "true"),
                ("around", "[6.0, 5, 1]", "true"),
                ("around", "[6.1, 5, 1]", "false"),
                ("around", "[null, 5, 1]", "(null)"),
                ("around", "[5, null, 1]", "(null)"),
                ("around", r#"["x", 5, 1]"#, "(null)"),
            ],
        );
        let at = |s: &str| Value::DateTime(parse_datetime(s).unwrap());
        let minute = Value::TimeSpan(parse_timespan("1m").unwrap());
        for (t, expected) in [("01:29", "true"), ("01:31", "true"), ("01:28", "false")] {
            let arguments = [at(&format!("2021-01-01 {t}")), at("2021-01-01 01:30"), minute.clone()];
            assert_eq!(call("around", ColumnType::Bool, &arguments).to_string(), expected, "{t}");
        }
    }
}
