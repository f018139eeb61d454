//! Finding text in text: positions, counts, which of several.
//!
//! Positions and lengths count characters, as `strlen` does.

use super::{CallContext, ScalarFunction, args};
use crate::regexes;
use crate::text::{Matcher, Quantifier, TextMode};
use event_table::Value;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "countof" => countof,
        "indexof" => indexof,
        "indexof_regex" => indexof_regex,
        "has_any_index" => has_any_index,
        _ => return None,
    })
}

/// `countof(text, search, kind)`: plain occurrences may overlap, those of a regular expression do not. **Our choice**:
/// an empty search is found nowhere, and a regular expression that cannot be read gives null.
fn countof(_: &CallContext, a: &[Value]) -> Value {
    let (text, search) = (args::text(a, 0), args::text(a, 1));
    if args::text(a, 2).eq_ignore_ascii_case("regex") {
        let count = regexes::with(&search, |regex| regex.find_iter(&text).filter(|m| !m.is_empty()).count());
        return args::or_null(count, |n| Value::Long(n as i64));
    }
    let starts = text.char_indices().filter(|(at, _)| !search.is_empty() && text[*at..].starts_with(&*search));
    Value::Long(starts.count() as i64)
}

/// The arguments that both kinds of `indexof` have in common.
struct Window {
    start: usize,
    /// Characters that may be looked at; without it all.
    length: Option<usize>,
    occurrence: usize,
}

/// `None` is the null that the page promises for a length below -1 and an occurrence below 0; **our choice**: for an
/// occurrence of 0 too.
fn window(a: &[Value], text: &str) -> Option<Window> {
    let (start, length, occurrence) =
        (args::long(a, 2).unwrap_or(0), args::long(a, 3).unwrap_or(-1), args::long(a, 4).unwrap_or(1));
    if length < -1 || occurrence < 1 {
        return None;
    }
    let start = if start < 0 { start.saturating_add(text.chars().count() as i64).max(0) } else { start };
    Some(Window {
        start: usize::try_from(start).unwrap_or(usize::MAX),
        length: usize::try_from(length).ok(),
        occurrence: usize::try_from(occurrence).unwrap_or(usize::MAX),
    })
}

/// The byte where a character starts, or the end of the text.
fn byte_of(text: &str, character: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(character)
}

/// `indexof(text, match, start, length, occurrence)`; a negative start counts from the end. **Our choices**:
/// occurrences may overlap, as in `countof`; the length is that of each search, which begins one character after the
/// occurrence before (the page's example finds a second occurrence that ends beyond start + length).
fn indexof(_: &CallContext, a: &[Value]) -> Value {
    let (text, search) = (args::text(a, 0), args::text(a, 1));
    let Some(Window { start, length, occurrence }) = window(a, &text) else { return Value::Null };
    let Some(mut from) = byte_of(&text, start) else { return Value::Long(-1) };
    for round in 1..=occurrence {
        let rest = &text[from..];
        let looked_at = length.and_then(|n| byte_of(rest, n)).map_or(rest, |end| &rest[..end]);
        let Some(at) = looked_at.find(&*search) else { return Value::Long(-1) };
        from += at;
        if round < occurrence {
            let Some(next) = text[from..].chars().next() else { return Value::Long(-1) };
            from += next.len_utf8();
        }
    }
    Value::Long(text[..from].chars().count() as i64)
}

/// As `indexof`, with a regular expression, whose occurrences do not overlap; a negative start gives null, as in the
/// page's example.
fn indexof_regex(_: &CallContext, a: &[Value]) -> Value {
    let text = args::text(a, 0);
    if args::long(a, 2).is_some_and(|start| start < 0) {
        return Value::Null;
    }
    let Some(Window { start, length, occurrence }) = window(a, &text) else { return Value::Null };
    let Some(from) = byte_of(&text, start) else { return Value::Long(-1) };
    let end = length.and_then(|n| byte_of(&text[from..], n)).map_or(text.len(), |n| from + n);
    let found = regexes::with(&args::text(a, 1), |regex| {
        regex.find_iter(&text[..end]).filter(|m| m.start() >= from).nth(occurrence - 1).map(|m| m.start())
    });
    args::or_null(found, |at| Value::Long(at.map_or(-1, |at| text[..at].chars().count() as i64)))
}

/// The position in the list of the first value that the text `has`.
fn has_any_index(_: &CallContext, a: &[Value]) -> Value {
    let Some(values) = args::array(a, 1) else { return Value::Null };
    let text = args::text(a, 0);
    let has = |value: &_| {
        let literal = vec![args::element_text(value).as_ref().into()];
        Matcher::new(TextMode::Has, Quantifier::Any, false, literal).is_ok_and(|matcher| matcher.matches(&text))
    };
    Value::Long(values.iter().position(has).map_or(-1, |index| index as i64))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn text_is_counted_and_found() {
        check(
            ColumnType::Long,
            &[
                ("countof", r#"["aaa", "a"]"#, "3"),
                ("countof", r#"["aaaa", "aa"]"#, "3"),
                ("countof", r#"["ababa", "ab", "normal"]"#, "2"),
                ("countof", r#"["ababa", "aba"]"#, "2"),
                ("countof", r#"["ababa", "aba", "regex"]"#, "1"),
                ("countof", r#"["abcabc", "a.c", "regex"]"#, "2"),
                ("countof", r#"["ééé", "éé"]"#, "2"),
                ("countof", r#"["abc", ""]"#, "0"),
                ("countof", r#"["abc", "(", "regex"]"#, "(null)"),
                ("indexof", r#"["abcdefg", "cde"]"#, "2"),
                ("indexof", r#"["abcdefg", "cde", 1, 4]"#, "2"),
                ("indexof", r#"["abcdefg", "cde", 1, 2]"#, "-1"),
                ("indexof", r#"["abcdefg", "cde", 3, 4]"#, "-1"),
                ("indexof", r#"["abcdefg", "cde", -5]"#, "2"),
                ("indexof", "[1234567, 5, 1, 4]", "4"),
                ("indexof", r#"["abcdefg", "cde", 2, -1]"#, "2"),
                ("indexof", r#"["abcdefgabcdefg", "cde", 1, 10, 2]"#, "9"),
                ("indexof", r#"["abcdefgabcdefg", "cde", 1, -1, 3]"#, "-1"),
                ("indexof", r#"["aéca", "ca"]"#, "2"),
                ("indexof", r#"["abc", "c", 9]"#, "-1"),
                ("indexof", r#"["abc", "c", 0, -2]"#, "(null)"),
                ("indexof", r#"["abc", "c", 0, -1, -1]"#, "(null)"),
                ("indexof_regex", r#"["abcabc", "a.c"]"#, "0"),
                ("indexof_regex", r#"["abcabcdefg", "a.c", 0, 9, 2]"#, "3"),
                ("indexof_regex", r#"["abcabc", "a.c", 1, -1, 2]"#, "-1"),
                ("indexof_regex", r#"["ababaa", "a.a", 0, -1, 2]"#, "-1"),
                ("indexof_regex", r#"["abcabc", "a|ab", -1]"#, "(null)"),
                ("indexof_regex", r#"["éabc", "b", 1, 2]"#, "2"),
                ("indexof_regex", r#"["abc", "c", 0, 2]"#, "-1"),
                ("indexof_regex", r#"["xab", "^a", 1]"#, "-1"),
                ("has_any_index", r#"["this is an example", ["this", "example"]]"#, "0"),
                ("has_any_index", r#"["this is an example", ["not", "example"]]"#, "1"),
                ("has_any_index", r#"["this is an example", ["not", "found"]]"#, "-1"),
                ("has_any_index", r#"["Example number 2", [1, 2, 3]]"#, "1"),
                ("has_any_index", r#"["this is an example", ["exam", "IS"]]"#, "1"),
                ("has_any_index", r#"["this is an example", []]"#, "-1"),
            ],
        );
    }
}
