//! Cells as KQL literals, so that any Kusto reads back the same value, and no cell becomes part of the query.

use event_table::{ColumnType, Dynamic, Value};
use std::fmt::Write as _;

/// A text as a string literal. Characters that move or hide text on a screen are escaped, so that what is read is what
/// is there.
pub(crate) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_invisible(c) => {
                // Writing to a string cannot fail. All such characters lie in the first plane.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters without a shape, and those that turn the direction of writing.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A cell of a column as a literal.
pub(super) fn literal(value: &Value, ty: ColumnType) -> String {
    match value {
        Value::Null if ty == ColumnType::String => "\"\"".to_owned(),
        Value::Null => format!("{}(null)", ty.name()),
        Value::Bool(b) => b.to_string(),
        Value::String(text) => string(text),
        Value::Int(n) => format!("int({n})"),
        Value::Long(n) if *n < 0 => format!("long({n})"),
        Value::Long(n) => n.to_string(),
        Value::Real(n) if n.is_nan() => "real(nan)".to_owned(),
        Value::Real(n) if n.is_infinite() => if *n > 0.0 { "real(+inf)" } else { "real(-inf)" }.to_owned(),
        Value::Real(n) => format!("real({n:?})"),
        Value::Decimal(n) => format!("decimal({n})"),
        Value::DateTime(_) => format!("datetime({value})"),
        Value::TimeSpan(_) => format!("timespan({value})"),
        Value::Guid(_) => format!("guid({value})"),
        Value::Dynamic(dynamic) => format!("dynamic({})", json(dynamic)),
    }
}

/// A dynamic value as the JSON that `dynamic(…)` holds.
fn json(value: &Dynamic) -> String {
    match value {
        Dynamic::Null => "null".to_owned(),
        Dynamic::Bool(b) => b.to_string(),
        Dynamic::Long(n) => n.to_string(),
        Dynamic::String(text) => string(text),
        Dynamic::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Dynamic::Bag(bag) => {
            let pairs = bag.iter().map(|(key, value)| format!("{}:{}", string(key), json(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        Dynamic::Real(n) if n.is_finite() => format!("{n:?}"),
        other => string(&Value::dynamic(other.clone()).to_string()),
    }
}

/// The name of a column or table as it is written in a query.
pub(super) fn name(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("[{}]", string(name)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::DateTime;
    use kql_engine::run::Runner;
    use proptest::prelude::*;

    /// What our engine reads a literal as.
    fn read(text: &str) -> Result<Value, String> {
        let parsed = kql_syntax::parse(&format!("print x = {text}"));
        let tables = event_table::TableSet::new();
        let resolution = kql_engine::resolve::resolve(&parsed.document(), &tables, DateTime::MIN);
        let plan = resolution.plan.ok_or_else(|| format!("{text}: {:?}", resolution.diagnostics))?;
        let outcome = Runner::new().run_now(&plan, &tables, DateTime::MIN).map_err(|e| format!("{e:?}"))?;
        Ok(outcome.relation.value(0, 0))
    }

    #[test]
    fn each_type_reads_back_as_it_was() {
        use kql_engine::scalar::convert::to_type;
        for (text, ty) in [
            ("true", ColumnType::Bool),
            ("-5", ColumnType::Int),
            ("443", ColumnType::Int),
            ("-9223372036854775807", ColumnType::Long),
            ("524288", ColumnType::Long),
            ("1e300", ColumnType::Real),
            ("-0.1", ColumnType::Real),
            ("1.10", ColumnType::Decimal),
            ("2026-10-13T11:52:18.6607246Z", ColumnType::DateTime),
            ("1.02:03:04.5000000", ColumnType::TimeSpan),
            ("-00:00:00.0000001", ColumnType::TimeSpan),
            ("74be27de-1e4e-49d9-b579-fe0b331d3642", ColumnType::Guid),
            ("it's \"x\" \\ y", ColumnType::String),
            (r#"{"a":[1,-2.5,null,"t\"'\\"],"b'":true}"#, ColumnType::Dynamic),
        ] {
            let value = to_type(&Value::string(text), ty);
            assert!(!value.is_null(), "{text} as {ty}");
            let back = read(&literal(&value, ty)).unwrap();
            assert_eq!((back.column_type(), back.to_string()), (Some(ty), value.to_string()), "{text}");
        }
        for ty in [ColumnType::Int, ColumnType::Long, ColumnType::Real, ColumnType::DateTime, ColumnType::Dynamic] {
            assert!(read(&literal(&Value::Null, ty)).unwrap().is_null(), "{ty}");
        }
    }

    #[test]
    fn text_that_turns_or_hides_writing_is_seen_as_such() {
        assert_eq!(string("a\u{202e}b\u{200b}\u{0}"), r#""a\u202eb\u200b\u0000""#);
        assert_eq!(name("a-b\"]"), r#"["a-b\"]"]"#);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn no_text_leaves_its_quotes(text in "\\PC*|[\\x00-\\x7f]*|.*") {
            let value = Value::string(&text);
            prop_assert_eq!(read(&literal(&value, ColumnType::String)).unwrap().to_string(), text);
        }
    }
}
