//! `tostring()`, `toint()` and their kin.

use super::{ScalarFunction, args};
use crate::scalar::convert::to_type;
use event_table::{ColumnType, Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    fn to(a: &[Value], ty: ColumnType) -> Value {
        a.first().map_or_else(|| Value::missing(ty), |v| to_type(v, ty))
    }
    Some(match name {
        "tostring" => |_, a| to(a, ColumnType::String),
        "toint" => |_, a| to(a, ColumnType::Int),
        "tolong" => |_, a| to(a, ColumnType::Long),
        "toreal" | "todouble" => |_, a| to(a, ColumnType::Real),
        "todecimal" => |_, a| to(a, ColumnType::Decimal),
        "tobool" | "toboolean" => |_, a| to(a, ColumnType::Bool),
        "todatetime" => |_, a| to(a, ColumnType::DateTime),
        "totimespan" => |_, a| to(a, ColumnType::TimeSpan),
        "toguid" => |_, a| to(a, ColumnType::Guid),
        "todynamic" | "parse_json" => |_, a| parse_json(a),
        "tohex" => |_, a| {
            args::or_null(args::long(a, 0), |n| {
                let digits = match a.first() {
                    Some(Value::Int(n)) => format!("{n:x}"),
                    _ => format!("{n:x}"),
                };
                let width = args::long(a, 1).map_or(0, |w| w.clamp(0, 16) as usize);
                args::string(format!("{digits:0>width$}"))
            })
        },
        "gettype" => |_, a| args::string(a.first().map_or("null", type_name)),
        _ => return None,
    })
}

/// Text as the JSON it is; text that is no JSON stays as it is, a dynamic string.
fn parse_json(a: &[Value]) -> Value {
    match a.first() {
        Some(Value::String(s)) if s.is_empty() => Value::Null,
        Some(Value::String(s)) => Value::dynamic(Dynamic::from_json(s).unwrap_or_else(|_| Dynamic::String(s.clone()))),
        Some(other) => to_type(other, ColumnType::Dynamic),
        None => Value::Null,
    }
}

/// The name that `gettype` has for the run-time type of a value. Inside dynamic values small whole numbers are `int`,
/// as the page's example has it, and reals are called as they are outside.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Dynamic(d) => match &**d {
            Dynamic::Null => "null",
            Dynamic::Bool(_) => "bool",
            Dynamic::Long(n) => {
                if i32::try_from(*n).is_ok() {
                    "int"
                } else {
                    "long"
                }
            }
            Dynamic::Real(_) => "real",
            Dynamic::Decimal(_) => "decimal",
            Dynamic::String(_) => "string",
            Dynamic::DateTime(_) => "datetime",
            Dynamic::TimeSpan(_) => "timespan",
            Dynamic::Guid(_) => "guid",
            Dynamic::Array(_) => "array",
            Dynamic::Bag(_) => "dictionary",
        },
        other => other.column_type().map_or("null", ColumnType::name),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;

    #[test]
    fn json_text_becomes_what_it_says_and_other_text_stays() {
        let parse = |s: &str| call("parse_json", ColumnType::Dynamic, &[Value::string(s)]);
        assert_eq!(parse(r#"{"a":[1,2.5,"x"]}"#).to_string(), r#"{"a":[1,2.5,"x"]}"#);
        assert_eq!(parse("not json").to_string(), "not json");
        assert!(parse("").is_null() && parse("null").is_null());
    }

    /// From the page.
    #[test]
    fn values_tell_their_type() {
        let json = |text: &str| Value::dynamic(Dynamic::from_json(text).unwrap());
        for (value, expected) in [
            (Value::string("a"), "string"),
            (Value::Long(111), "long"),
            (Value::Bool(true), "bool"),
            (Value::Real(123.45), "real"),
            (json("1"), "int"),
            (json("5000000000"), "long"),
            (json(r#""abc""#), "string"),
            (json(r#"{"abc": 1}"#), "dictionary"),
            (json("[1, 2, 3]"), "array"),
            (json("null"), "null"),
        ] {
            assert_eq!(
                call("gettype", ColumnType::String, std::slice::from_ref(&value)).to_string(),
                expected,
                "{value:?}"
            );
        }
    }

    #[test]
    fn hexadecimal_has_the_width_of_the_type() {
        for (value, width, expected) in [
            (Value::Long(256), None, "100"),
            (Value::Long(-256), None, "ffffffffffffff00"),
            (Value::Int(-256), Some(8), "ffffff00"),
            (Value::Long(256), Some(8), "00000100"),
            (Value::Long(256), Some(2), "100"),
            (Value::Long(256), Some(99), "0000000000000100"),
        ] {
            let mut arguments = vec![value];
            arguments.extend(width.map(Value::Long));
            assert_eq!(call("tohex", ColumnType::String, &arguments).to_string(), expected);
        }
    }
}
