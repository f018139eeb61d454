//! Text.

use super::{ScalarFunction, args};
use crate::scalar::convert;
use event_table::{Dynamic, Value};
use std::cmp::Ordering;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "strlen" => |_, a| Value::Long(args::text(a, 0).chars().count() as i64),
        "string_size" => |_, a| Value::Long(args::text(a, 0).len() as i64),
        "tolower" => |_, a| args::string(args::text(a, 0).to_lowercase()),
        "toupper" => |_, a| args::string(args::text(a, 0).to_uppercase()),
        "strcat" => |_, a| args::string(a.iter().map(convert::to_text).collect::<String>()),
        "strcat_delim" => |_, a| {
            let rest: Vec<_> = a.iter().skip(1).map(convert::to_text).collect();
            args::string(rest.join(&args::text(a, 0)))
        },
        "strcmp" => |_, a| {
            Value::Long(match args::text(a, 0).cmp(&args::text(a, 1)) {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            })
        },
        "substring" => substring,
        "reverse" => |_, a| args::string(args::text(a, 0).chars().rev().collect::<String>()),
        "split" => split,
        "replace_string" => |_, a| {
            let (text, from) = (args::text(a, 0), args::text(a, 1));
            if from.is_empty() { args::string(text) } else { args::string(text.replace(&*from, &args::text(a, 2))) }
        },
        _ => return None,
    })
}

/// `substring(text, start, length)`, counted in characters; a negative start counts from the end.
fn substring(_: &super::CallContext, a: &[Value]) -> Value {
    let text = args::text(a, 0);
    let Some(start) = args::long(a, 1) else { return args::string("") };
    let skip = if start < 0 {
        let count = text.chars().count() as i64;
        (count.saturating_add(start)).max(0)
    } else {
        start
    };
    let take = match a.get(2) {
        None => usize::MAX,
        Some(_) => args::long(a, 2).map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(0)),
    };
    args::string(text.chars().skip(usize::try_from(skip).unwrap_or(usize::MAX)).take(take).collect::<String>())
}

/// `split(text, delimiter, index)`: all parts, or an array of the one asked for (empty when there is none).
fn split(_: &super::CallContext, a: &[Value]) -> Value {
    let (text, delimiter) = (args::text(a, 0), args::text(a, 1));
    let part = |s: &str| Dynamic::String(s.into());
    let parts: Vec<Dynamic> =
        if delimiter.is_empty() { vec![part(&text)] } else { text.split(&*delimiter).map(part).collect() };
    Value::dynamic(Dynamic::Array(match args::long(a, 2) {
        None => parts,
        Some(index) => usize::try_from(index).ok().and_then(|i| parts.get(i)).cloned().into_iter().collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::testing::call;
    use super::*;
    use event_table::ColumnType;

    #[test]
    fn text_functions_follow_the_documentation() {
        let s = Value::string;
        let l = Value::Long;
        for (name, arguments, expected) in [
            ("strlen", vec![s("⒦⒰⒮⒯⒪")], "5"),
            ("string_size", vec![s("⒦")], "3"),
            ("tolower", vec![s("HELLO")], "hello"),
            ("strcat", vec![s("a"), l(1), Value::Null, Value::Bool(true)], "a1true"),
            ("strcat_delim", vec![s("-"), l(1), s("A")], "1-A"),
            ("substring", vec![s("123456"), l(1)], "23456"),
            ("substring", vec![s("ABCD"), l(0), l(2)], "AB"),
            ("substring", vec![s("123456"), l(-2), l(2)], "56"),
            ("substring", vec![s("éa"), l(1), l(9)], "a"),
            ("split", vec![s("aaa_bbb_ccc"), s("_")], r#"["aaa","bbb","ccc"]"#),
            ("split", vec![s("aa_bb"), s("_"), l(1)], r#"["bb"]"#),
            ("split", vec![s(""), s("_")], r#"[""]"#),
            ("replace_string", vec![s("A magic trick"), s("magic"), s("card")], "A card trick"),
            ("strcmp", vec![s("a"), s("b")], "-1"),
            ("reverse", vec![s("macrohard")], "drahorcam"),
        ] {
            assert_eq!(call(name, ColumnType::String, &arguments).to_string(), expected, "{name}");
        }
    }
}
