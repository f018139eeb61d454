//! Series: arithmetic, comparison and functions on arrays, element by element.
//!
//! What is no number, and what has no partner because the other array is shorter, gives null. A number beside an
//! array stands for as many of it as the array has elements.

use super::{ScalarFunction, args};
use crate::scalar::{Arithmetic, Comparison, arithmetic, compare, convert, plain};
use event_table::{ColumnType, Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "series_add" => |_, a| pairs(a, |x, y| calculated(Arithmetic::Add, x, y)),
        "series_subtract" => |_, a| pairs(a, |x, y| calculated(Arithmetic::Subtract, x, y)),
        "series_multiply" => |_, a| pairs(a, |x, y| calculated(Arithmetic::Multiply, x, y)),
        "series_divide" => |_, a| pairs(a, |x, y| real(x, y, |x, y| x / y)),
        "series_pow" => |_, a| pairs(a, |x, y| real(x, y, f64::powf)),
        "series_equals" => |_, a| pairs(a, |x, y| compared(Comparison::Equal, x, y)),
        "series_not_equals" => |_, a| pairs(a, |x, y| compared(Comparison::NotEqual, x, y)),
        "series_less" => |_, a| pairs(a, |x, y| compared(Comparison::Less, x, y)),
        "series_less_equals" => |_, a| pairs(a, |x, y| compared(Comparison::LessOrEqual, x, y)),
        "series_greater" => |_, a| pairs(a, |x, y| compared(Comparison::Greater, x, y)),
        "series_greater_equals" => |_, a| pairs(a, |x, y| compared(Comparison::GreaterOrEqual, x, y)),
        "series_abs" => |_, a| {
            each(a, |x| match x {
                Value::Long(n) => Dynamic::Long(n.wrapping_abs()),
                Value::Decimal(n) => Dynamic::Decimal(n.abs()),
                other => mapped(other, f64::abs),
            })
        },
        "series_sign" => |_, a| each(a, |x| mapped(x, |n| if n == 0.0 || n.is_nan() { n } else { n.signum() })),
        "series_ceiling" => |_, a| each(a, |x| mapped(x, f64::ceil)),
        "series_floor" => |_, a| each(a, |x| mapped(x, f64::floor)),
        "series_exp" => |_, a| each(a, |x| mapped(x, f64::exp)),
        "series_log" => |_, a| each(a, |x| mapped(x, f64::ln)),
        "series_sin" => |_, a| each(a, |x| mapped(x, f64::sin)),
        "series_cos" => |_, a| each(a, |x| mapped(x, f64::cos)),
        "series_tan" => |_, a| each(a, |x| mapped(x, f64::tan)),
        "series_asin" => |_, a| each(a, |x| mapped(x, f64::asin)),
        "series_acos" => |_, a| each(a, |x| mapped(x, f64::acos)),
        "series_atan" => |_, a| each(a, |x| mapped(x, f64::atan)),
        _ => return None,
    })
}

/// An element as a number, alone; null otherwise.
pub(super) fn number(element: &Dynamic) -> Value {
    match element {
        Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Decimal(_) => plain(&Value::dynamic(element.clone())),
        _ => Value::Null,
    }
}

fn each(a: &[Value], f: impl Fn(&Value) -> Dynamic) -> Value {
    let item = |item: &Dynamic| match number(item) {
        Value::Null => Dynamic::Null,
        number => f(&number),
    };
    args::or_null(args::array(a, 0), |items| args::list(items.iter().map(item).collect()))
}

/// Reals; **our choice**: a result that is no number, as of the logarithm of a negative one, is null, as it is for the
/// function on a single number.
fn mapped(value: &Value, f: impl Fn(f64) -> f64) -> Dynamic {
    match convert::to_real(value) {
        Some(n) if n.is_nan() || !f(n).is_nan() => Dynamic::Real(f(n)),
        _ => Dynamic::Null,
    }
}

fn pairs(a: &[Value], f: impl Fn(&Value, &Value) -> Dynamic) -> Value {
    let [x, y, ..] = a else { return Value::Null };
    let (left, right) = (args::array(a, 0), args::array(a, 1));
    let Some(length) = left.map(<[_]>::len).max(right.map(<[_]>::len)) else { return Value::Null };
    let single = |value: &Value| number(&convert::to_dynamic(value));
    let (single_left, single_right) = (single(x), single(y));
    let at = |items: Option<&[Dynamic]>, single: &Value, index: usize| match items {
        Some(items) => items.get(index).map_or(Value::Null, number),
        None => single.clone(),
    };
    let result = (0..length).map(|index| match (at(left, &single_left, index), at(right, &single_right, index)) {
        (Value::Null, _) | (_, Value::Null) => Dynamic::Null,
        (x, y) => f(&x, &y),
    });
    args::list(result.collect())
}

/// Whole numbers stay whole.
fn calculated(op: Arithmetic, x: &Value, y: &Value) -> Dynamic {
    convert::to_dynamic(&arithmetic(op, x, y, ColumnType::Dynamic))
}

fn real(x: &Value, y: &Value, f: impl Fn(f64, f64) -> f64) -> Dynamic {
    match (convert::to_real(x), convert::to_real(y)) {
        (Some(x), Some(y)) => Dynamic::Real(f(x, y)),
        _ => Dynamic::Null,
    }
}

fn compared(op: Comparison, x: &Value, y: &Value) -> Dynamic {
    compare(op, x, y).map_or(Dynamic::Null, Dynamic::Bool)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions, and edges from their prose.
    #[test]
    fn arrays_are_calculated_with_element_by_element() {
        check(
            ColumnType::Dynamic,
            &[
                ("series_add", "[[1, 2, 4], [4, 2, 1]]", "[5,4,5]"),
                ("series_add", "[[1, 2.5, 4], 1]", "[2,3.5,5]"),
                ("series_add", "[1, [1, 2]]", "[2,3]"),
                ("series_add", r#"[[1, "a", null, true], [1, 1, 1, 1]]"#, "[2,null,null,null]"),
                ("series_add", "[[1, 2], [1]]", "[2,null]"),
                ("series_add", "[[1], null]", "[null]"),
                ("series_add", "[1, 2]", "(null)"),
                ("series_subtract", "[[1, 2, 4], [4, 2, 1]]", "[-3,0,3]"),
                ("series_multiply", "[[1, 2, 4], [4, 2, 1]]", "[4,4,4]"),
                ("series_divide", "[[1, 2, 4], [4, 2, 1]]", "[0.25,1.0,4.0]"),
                ("series_divide", "[[2], 0]", r#"["Infinity"]"#),
                ("series_pow", "[[1, 2, 3], [3, 2, 1]]", "[1.0,4.0,3.0]"),
                ("series_equals", "[[1, 2, 4], [4, 2, 1]]", "[false,true,false]"),
                ("series_not_equals", "[[1, 2, 4], [4, 2, 1]]", "[true,false,true]"),
                ("series_greater", "[[1, 2, 4], [4, 2, 1]]", "[false,false,true]"),
                ("series_greater_equals", "[[1, 2, 4], [4, 2, 1]]", "[false,true,true]"),
                ("series_less", "[[1, 2, 4], [4, 2, 1]]", "[true,false,false]"),
                ("series_less_equals", r#"[[1, 2, "4"], [4, 2, 1]]"#, "[true,true,null]"),
                ("series_abs", "[[-6.5, 0, 8.2, -3]]", "[6.5,0,8.2,3]"),
                ("series_sign", r#"[[-6, 0, 8.2, "x"]]"#, "[-1.0,0.0,1.0,null]"),
                ("series_ceiling", "[[-1.5, 1, 2.5]]", "[-1.0,1.0,3.0]"),
                ("series_floor", "[[-1.5, 1, 2.5]]", "[-2.0,1.0,2.0]"),
                ("series_exp", "[[0]]", "[1.0]"),
                ("series_log", "[[1, 0, -1]]", r#"[0.0,"-Infinity",null]"#),
                ("series_sin", "[[0]]", "[0.0]"),
                ("series_cos", "[[0]]", "[1.0]"),
                ("series_tan", "[[0]]", "[0.0]"),
                ("series_asin", "[[0, 2]]", "[0.0,null]"),
                ("series_acos", "[[1]]", "[0.0]"),
                ("series_atan", "[[0]]", "[0.0]"),
                ("series_exp", "[1]", "(null)"),
            ],
        );
    }
}
