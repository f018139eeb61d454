//! Regular expressions: taking out, putting in, cutting off.
//!
//! Source: Kusto documentation, `regex`: RE2 syntax. An expression that cannot be read finds nothing; a constant one
//! is refused when the query is resolved.

use super::{CallContext, ScalarFunction, args};
use crate::memory;
use crate::regexes;
use crate::scalar::convert;
use event_table::{Dynamic, Value};
use regex::{Captures, Regex};
use std::borrow::Cow;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "extract" => extract,
        "extract_all" => extract_all,
        "replace_regex" => replace_regex,
        // The old name has its arguments in another order: `replace(regex, rewrite, text)`.
        "replace" => |cx, a| match a {
            [regex, rewrite, text] => replace_regex(cx, &[text.clone(), regex.clone(), rewrite.clone()]),
            _ => Value::Null,
        },
        "regex_quote" => |_, a| args::string(regex::escape(&args::text(a, 0))),
        "trim" => |_, a| trim(a, &[Edge::Start, Edge::End]),
        "trim_start" => |_, a| trim(a, &[Edge::Start]),
        "trim_end" => |_, a| trim(a, &[Edge::End]),
        _ => return None,
    })
}

/// `extract(regex, group, text, type)`: the group of the first match, as text or as the type.
fn extract(cx: &CallContext, a: &[Value]) -> Value {
    let text = args::text(a, 2);
    let found = args::long(a, 1).and_then(|group| {
        let group = usize::try_from(group).ok()?;
        regexes::with(&args::text(a, 0), |regex| {
            regex.captures(&text).and_then(|c| c.get(group)).map(|m| args::string(m.as_str()))
        })?
    });
    found.map_or_else(|| Value::missing(cx.returns), |text| convert::to_type(&text, cx.returns))
}

/// `extract_all(regex, groups, text)`: for every match the text of its groups, or of the groups asked for by number
/// or name; one group gives strings, several give arrays of strings. Null when nothing matches. **Our choices**: a
/// group that took no part in a match is empty; an expression without groups, which Kusto refuses, gives null, and
/// so does asking for a group that it does not have.
fn extract_all(_: &CallContext, a: &[Value]) -> Value {
    let text = args::text(a, a.len().saturating_sub(1));
    let found = regexes::with(&args::text(a, 0), |regex| {
        let groups: Vec<usize> = match args::array(a, 1) {
            Some(asked) if a.len() > 2 => asked.iter().map(|g| group_number(regex, g)).collect::<Option<_>>()?,
            _ => (1..regex.captures_len()).collect(),
        };
        if groups.is_empty() {
            return None;
        }
        let matches: Vec<Dynamic> = regex.captures_iter(&text).map(|captures| taken(&captures, &groups)).collect();
        (!matches.is_empty()).then_some(matches)
    });
    args::or_null(found.flatten(), args::list)
}

fn group_number(regex: &Regex, group: &Dynamic) -> Option<usize> {
    let number = match group {
        Dynamic::String(name) => regex.capture_names().position(|n| n == Some(&**name))?,
        number => usize::try_from(convert::to_long(&Value::dynamic(number.clone()))?).ok()?,
    };
    (1..regex.captures_len()).contains(&number).then_some(number)
}

fn taken(captures: &Captures<'_>, groups: &[usize]) -> Dynamic {
    let text = |group: &usize| args::text_element(captures.get(*group).map_or("", |m| m.as_str()));
    match groups {
        [group] => text(group),
        groups => Dynamic::Array(groups.iter().map(text).collect()),
    }
}

/// `replace_regex(text, regex, rewrite)`: in the rewrite `\0` stands for the match, `\1` to `\9` for its groups, `\\`
/// for a backslash. **Our choice**: a backslash before anything else stands for itself; so does all of the text when
/// the expression cannot be read.
fn replace_regex(_: &CallContext, a: &[Value]) -> Value {
    let (text, rewrite) = (args::text(a, 0), args::text(a, 2));
    let replaced = regexes::with(&args::text(a, 1), |regex| {
        // A rewrite may name groups, each of which holds no more than the match.
        let groups = rewrite.matches('\\').count();
        if groups > 1 && !memory::fits(text.len().saturating_mul(groups))
            || !memory::may_replace(&text, &rewrite, || regex.find_iter(&text).count())
        {
            return String::new();
        }
        regex.replace_all(&text, |captures: &Captures<'_>| rewritten(&rewrite, captures)).into_owned()
    });
    args::string(replaced.map_or(text, Cow::Owned))
}

fn rewritten(rewrite: &str, captures: &Captures<'_>) -> String {
    let mut out = String::with_capacity(rewrite.len());
    let mut chars = rewrite.chars().peekable();
    while let Some(c) = chars.next() {
        let special = chars.peek().copied().filter(|next| c == '\\' && (next.is_ascii_digit() || *next == '\\'));
        match special {
            Some(next) => {
                chars.next();
                match next.to_digit(10) {
                    Some(group) => out.push_str(captures.get(group as usize).map_or("", |m| m.as_str())),
                    None => out.push('\\'),
                }
            }
            None => out.push(c),
        }
    }
    out
}

#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

/// Cuts matches off the edges of a text. **Our choice**: as many as stand there one after the other, for all three
/// functions (their pages say now `match`, now `all matches`).
fn trim(a: &[Value], edges: &[Edge]) -> Value {
    let (pattern, text) = (args::text(a, 0), args::text(a, 1));
    let mut rest = &*text;
    if regexes::with(&pattern, |_| ()).is_none() {
        return args::string(rest);
    }
    for edge in edges {
        let anchored = match edge {
            Edge::Start => format!(r"\A(?:{pattern})+"),
            Edge::End => format!(r"(?:{pattern})+\z"),
        };
        let found = regexes::with(&anchored, |regex| regex.find(rest).map(|m| m.range())).flatten();
        rest = match (edge, found) {
            (_, None) => rest,
            (Edge::Start, Some(range)) => &rest[range.end..],
            (Edge::End, Some(range)) => &rest[..range.start],
        };
    }
    args::string(rest)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn groups_are_taken_out() {
        check(
            ColumnType::String,
            &[
                ("extract", r#"["User: ([^,]+)", 1, "User: JohnDoe, Email: j@x.com"]"#, "JohnDoe"),
                ("extract", r#"["User: ([^,]+)", 0, "a User: John, x"]"#, "User: John"),
                ("extract", r#"["User: ([^,]+)", 2, "User: John"]"#, ""),
                ("extract", r#"["User: ([^,]+)", -1, "User: John"]"#, ""),
                ("extract", r#"["nothing", 0, "User: John"]"#, ""),
                ("extract", r#"["(", 0, "("]"#, ""),
            ],
        );
        check(
            ColumnType::Int,
            &[
                ("extract", r#"["-(\\d{2})-", 1, "21-07-2023", "int"]"#, "7"),
                ("extract", r#"["(\\w+)", 1, "x", "int"]"#, "(null)"),
            ],
        );
        let id = "82b8be2d-dfa7-4bd1-8f63-24ad26d31449";
        let parts = r#"[["8","2b8be2","d"],["d","fa","7"],["4","bd","1"],["8","f6","3"],["2","4ad26d3144","9"]]"#;
        for (arguments, expected) in [
            (
                r#""([\\da-f]{2})""#,
                r#"["82","b8","be","2d","df","a7","4b","d1","8f","63","24","ad","26","d3","14","49"]"#,
            ),
            (r#""(\\w)(\\w+)(\\w)""#, parts),
            (r#""(\\w)(\\w+)(\\w)", [1, 3]"#, r#"[["8","d"],["d","7"],["4","1"],["8","3"],["2","9"]]"#),
            (r#""(?P<first>\\w)(?P<middle>\\w+)(?P<last>\\w)", ["first", 2, "last"]"#, parts),
            (r#""(\\w)(\\w+)(\\w)", [1]"#, r#"["8","d","4","8","2"]"#),
            (r#""([xyz])""#, "(null)"),
            (r#""\\w""#, "(null)"),
            (r#""(\\w)", [2]"#, "(null)"),
            (r#""(8)(x)?2""#, r#"[["8",""]]"#),
        ] {
            check(ColumnType::Dynamic, &[("extract_all", &format!(r#"[{arguments}, "{id}"]"#), expected)]);
        }
    }

    #[test]
    fn matches_are_replaced_and_cut_off() {
        check(
            ColumnType::String,
            &[
                ("replace_regex", r#"["Number is 1.000000", "is (\\d+)", "was: \\1"]"#, "Number was: 1.000000"),
                ("replace_regex", r#"["a b", "(\\w) (\\w)", "\\2\\0\\1\\\\\\x$1"]"#, "ba ba\\\\x$1"),
                ("replace", r#"["is (\\d+)", "was: \\1", "Number is 1"]"#, "Number was: 1"),
                ("replace_regex", r#"["aaa", "a", ""]"#, ""),
                ("replace_regex", r#"["abc", "x*", "-"]"#, "-a-b-c-"),
                ("replace_regex", r#"["a(b", "(", "-"]"#, "a(b"),
                ("regex_quote", r#"["(so$me.Te^xt)"]"#, r"\(so\$me\.Te\^xt\)"),
                ("trim", r#"["--", "--https://bing.com--"]"#, "https://bing.com"),
                ("trim", r#"["[^\\w]+", "-  Te st1// $"]"#, "Te st1"),
                ("trim", r#"["\\s+", "    Hello, world!    "]"#, "Hello, world!"),
                ("trim", r#"["a|b", "abxba"]"#, "x"),
                ("trim", r#"["x*", "xx"]"#, ""),
                ("trim", r#"["(", "(a("]"#, "(a("),
                ("trim", r#"["a)|(?:b", "axb"]"#, "axb"),
                ("trim_start", r#"["https://", "https://bing.com"]"#, "bing.com"),
                ("trim_start", r#"["[^\\w]+", "-  Te st1// $"]"#, "Te st1// $"),
                ("trim_start", r#"["\\s+", "    Hello    "]"#, "Hello    "),
                ("trim_end", r#"[".com", "bing.com"]"#, "bing"),
                ("trim_end", r#"["[^\\w]+", "-  Te st1// $"]"#, "-  Te st1"),
                ("trim_end", r#"["--", "a---"]"#, "a-"),
            ],
        );
    }
}
