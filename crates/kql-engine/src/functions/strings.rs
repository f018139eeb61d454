//! Text.

use super::{ScalarFunction, args};
use crate::memory;
use crate::scalar::convert;
use event_table::{Dynamic, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// Kusto repeats a string no more often (`strrep-function`).
const MAX_REPEATS: usize = 1024;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "strlen" => |_, a| Value::Long(args::text(a, 0).chars().count() as i64),
        "string_size" => |_, a| Value::Long(args::text(a, 0).len() as i64),
        "tolower" => |_, a| args::string(args::text(a, 0).to_lowercase()),
        "toupper" => |_, a| args::string(args::text(a, 0).to_uppercase()),
        "strcat" => |_, a| args::string(a.iter().map(convert::to_text).collect::<String>()),
        "strcat_delim" => |_, a| {
            let rest: Vec<_> = a.iter().skip(1).map(convert::to_text).collect();
            let between = args::text(a, 0);
            if !memory::fits(between.len().saturating_mul(rest.len())) {
                return Value::Null;
            }
            args::string(rest.join(&between))
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
            if from.is_empty() {
                return args::string(text);
            }
            let to = args::text(a, 2);
            if !memory::may_replace(&text, &to, || text.matches(&*from).count()) {
                return Value::Null;
            }
            args::string(text.replace(&*from, &to))
        },
        "replace_strings" => replace_strings,
        "strrep" => strrep,
        "translate" => translate,
        _ => return None,
    })
}

/// `replace_strings(text, lookups, rewrites)`: all matches of the first lookup, then those of the next in what is left
/// between them, and so on; what was matched is not looked at again. Lookups that are no strings are passed over;
/// where the rewrite is none, or missing, the match stays.
fn replace_strings(_: &super::CallContext, a: &[Value]) -> Value {
    let text = args::text(a, 0);
    let (Some(lookups), Some(rewrites)) = (args::array(a, 1), args::array(a, 2)) else { return args::string(text) };
    let mut pieces = vec![Piece::Open(&text)];
    for (index, lookup) in lookups.iter().enumerate() {
        let Dynamic::String(lookup) = lookup else { continue };
        if lookup.is_empty() {
            continue;
        }
        let rewrite = match rewrites.get(index) {
            Some(Dynamic::String(rewrite)) => &**rewrite,
            _ => lookup,
        };
        pieces = pieces
            .into_iter()
            .flat_map(|piece| match piece {
                Piece::Done(_) => vec![piece],
                Piece::Open(text) => {
                    let mut parts = text.split(&**lookup).map(Piece::Open);
                    let first = parts.next();
                    first.into_iter().chain(parts.flat_map(|part| [Piece::Done(rewrite), part])).collect()
                }
            })
            .collect();
    }
    if !memory::fits(pieces.iter().map(|(Piece::Open(text) | Piece::Done(text))| text.len()).sum()) {
        return Value::Null;
    }
    args::string(pieces.iter().map(|(Piece::Open(text) | Piece::Done(text))| *text).collect::<String>())
}

/// A piece of a text in which strings are being replaced.
enum Piece<'a> {
    /// May still hold matches.
    Open(&'a str),
    /// Stands for a match.
    Done(&'a str),
}

/// `strrep(value, times, delimiter)`, no more than 1024 times. **Our choice**: less than once gives the empty string.
fn strrep(_: &super::CallContext, a: &[Value]) -> Value {
    let times = args::long(a, 1).map_or(0, |n| usize::try_from(n).unwrap_or(0)).min(MAX_REPEATS);
    let (text, between) = (args::text(a, 0), args::text(a, 2));
    if !memory::fits((text.len() + between.len()).saturating_mul(times)) {
        return Value::Null;
    }
    args::string(vec![text; times].join(&*between))
}

/// `translate(from, to, text)`: each character of the first list becomes the one at its place in the second, whose
/// last one stands for all that are missing; with an empty second list it goes. **Our choice**: of a character that
/// comes twice in the first list, the first place counts.
fn translate(_: &super::CallContext, a: &[Value]) -> Value {
    let (from, to) = (args::text(a, 0), args::text(a, 1));
    let to: Vec<char> = to.chars().collect();
    let mut table: HashMap<char, Option<char>> = HashMap::new();
    for (index, c) in from.chars().enumerate() {
        table.entry(c).or_insert_with(|| to.get(index).or(to.last()).copied());
    }
    let translated =
        args::text(a, 2).chars().filter_map(|c| table.get(&c).copied().unwrap_or(Some(c))).collect::<String>();
    args::string(translated)
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
    use super::super::testing::{call, check};
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
            ("reverse", vec![l(12345)], "54321"),
            ("split", vec![s("a__b"), s("_")], r#"["a","","b"]"#),
            ("split", vec![s("aabbcc"), s("bb")], r#"["aa","cc"]"#),
            ("split", vec![s("a_b"), s("_"), l(-1)], "[]"),
            ("split", vec![s("a_b"), s("")], r#"["a_b"]"#),
            ("substring", vec![s("abc"), l(-9)], "abc"),
            ("substring", vec![s("abc"), l(1), l(-1)], ""),
            ("substring", vec![s("abc"), l(9)], ""),
        ] {
            assert_eq!(call(name, ColumnType::String, &arguments).to_string(), expected, "{name}");
        }
    }

    /// From the pages of the functions.
    #[test]
    fn text_is_repeated_and_replaced() {
        check(
            ColumnType::String,
            &[
                ("strrep", r#"["ABC", 2]"#, "ABCABC"),
                ("strrep", r#"[123, 3, "."]"#, "123.123.123"),
                ("strrep", r#"["x", 0]"#, ""),
                ("strrep", r#"["x", -1, ","]"#, ""),
                ("strrep", r#"["", 9223372036854775807]"#, ""),
                ("translate", r#"["abc", "x", "abc"]"#, "xxx"),
                ("translate", r#"["abc", "", "ab"]"#, ""),
                ("translate", r#"["krasp", "otsku", "spark"]"#, "kusto"),
                ("translate", r#"["éa", "eb", "café"]"#, "cbfe"),
                ("translate", r#"["aa", "xy", "a"]"#, "x"),
                (
                    "replace_strings",
                    r#"["A magic trick can turn a cat into a dog", ["cat", "dog"], ["dog", "pigeon"]]"#,
                    "A magic trick can turn a dog into a pigeon",
                ),
                (
                    "replace_strings",
                    r#"["A magic trick can turn a cat into a dog", ["turn", " into a dog"], ["disappear", ""]]"#,
                    "A magic trick can disappear a cat",
                ),
                (
                    "replace_strings",
                    r#"["This is an example", ["This", "is"], ["This", "was"]]"#,
                    "This was an example",
                ),
                (
                    "replace_strings",
                    r#"["This is an example", ["is", "This"], ["was", "This"]]"#,
                    "Thwas was an example",
                ),
                ("replace_strings", r#"["This is an example", ["This", "is"], [12345, "was"]]"#, "This was an example"),
                ("replace_strings", r#"["abc", [1, "", "b"], ["x", "y"]]"#, "abc"),
                ("replace_strings", r#"["abc", "b", "x"]"#, "abc"),
            ],
        );
        let long = call("strrep", ColumnType::String, &[Value::string("x"), Value::Long(5000)]);
        assert_eq!(long.to_string().len(), 1024);
    }
}
