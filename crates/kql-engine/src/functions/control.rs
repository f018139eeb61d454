//! Choosing and testing for presence.

use super::{CallContext, ScalarFunction, args};
use crate::scalar::{convert, order};
use event_table::{ColumnType, Dynamic, Value};
use std::cmp::Ordering;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        // A condition that is false has been refused when the query was resolved.
        "assert" => |_, a| args::or_null(args::boolean(a, 0), Value::Bool),
        "not" => |_, a| args::or_null(args::boolean(a, 0), |b| Value::Bool(!b)),
        "iff" | "iif" => |cx, a| {
            let chosen = if args::boolean(a, 0) == Some(true) { a.get(1) } else { a.get(2) };
            chosen.map_or(Value::Null, |v| convert::to_type(v, cx.returns))
        },
        "case" => case,
        "coalesce" => |cx, a| {
            let present = |v: &&Value| if cx.returns == ColumnType::String { !is_empty(v) } else { !v.is_null() };
            a.iter().find(present).map_or_else(|| Value::missing(cx.returns), |v| convert::to_type(v, cx.returns))
        },
        "isnull" => |_, a| Value::Bool(a.first().is_none_or(is_null)),
        "isnotnull" => |_, a| Value::Bool(!a.first().is_none_or(is_null)),
        "isempty" => |_, a| Value::Bool(a.first().is_none_or(is_empty)),
        "isnotempty" => |_, a| Value::Bool(!a.first().is_none_or(is_empty)),
        "max_of" => |cx, a| extreme(cx, a, Ordering::Greater),
        "min_of" => |cx, a| extreme(cx, a, Ordering::Less),
        _ => return None,
    })
}

fn case(cx: &CallContext, a: &[Value]) -> Value {
    let mut pairs = a.chunks_exact(2);
    for pair in &mut pairs {
        if args::boolean(pair, 0) == Some(true) {
            return convert::to_type(&pair[1], cx.returns);
        }
    }
    pairs.remainder().first().map_or(Value::Null, |v| convert::to_type(v, cx.returns))
}

/// The largest or smallest argument that is not null.
fn extreme(cx: &CallContext, a: &[Value], wanted: Ordering) -> Value {
    let present = a.iter().filter(|v| !v.is_null());
    let best = present.reduce(|best, v| if order(v, best) == wanted { v } else { best });
    best.map_or_else(|| Value::missing(cx.returns), |v| convert::to_type(v, cx.returns))
}

/// Strings are never null.
fn is_null(value: &Value) -> bool {
    matches!(value, Value::Null)
}

/// Empty strings are empty, and so is null, of any type.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(s) => s.is_empty(),
        Value::Dynamic(d) => matches!(&**d, Dynamic::String(s) if s.is_empty()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;

    #[test]
    fn choosing_follows_the_documentation() {
        let l = Value::Long;
        assert_eq!(call("iff", ColumnType::Long, &[Value::Null, l(1), l(2)]).to_string(), "2");
        assert_eq!(
            call("case", ColumnType::Real, &[Value::Bool(false), l(1), Value::Bool(true), l(2), l(3)]).to_string(),
            "2.0"
        );
        assert_eq!(call("case", ColumnType::Long, &[Value::Null, l(1), l(3)]).to_string(), "3");
        assert_eq!(call("coalesce", ColumnType::Long, &[Value::Null, l(42), l(33)]).to_string(), "42");
        assert_eq!(call("coalesce", ColumnType::String, &[Value::string(""), Value::string("x")]).to_string(), "x");
        assert_eq!(call("max_of", ColumnType::Long, &[l(10), Value::Null, l(17)]).to_string(), "17");
        assert_eq!(call("min_of", ColumnType::Long, &[l(10), l(-3), l(17)]).to_string(), "-3");
        assert!(call("not", ColumnType::Bool, &[Value::Null]).is_null());
    }

    #[test]
    fn empty_is_not_null_for_strings_only() {
        for (value, null, empty) in [
            (Value::Null, true, true),
            (Value::string(""), false, true),
            (Value::string(" "), false, false),
            (Value::Long(0), false, false),
        ] {
            assert_eq!(
                call("isnull", ColumnType::Bool, std::slice::from_ref(&value)).to_string(),
                null.to_string(),
                "{value:?}"
            );
            assert_eq!(
                call("isempty", ColumnType::Bool, std::slice::from_ref(&value)).to_string(),
                empty.to_string(),
                "{value:?}"
            );
        }
    }
}
