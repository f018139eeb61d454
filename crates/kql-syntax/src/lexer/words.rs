//! Words: where a name ends, and which words of the language are longer than a name.

use crate::SyntaxKind::{self, *};

/// Operators after `!`.
const NEGATED: &[&str] = &[
    "has",
    "has_cs",
    "hasprefix",
    "hasprefix_cs",
    "hassuffix",
    "hassuffix_cs",
    "contains",
    "contains_cs",
    "startswith",
    "startswith_cs",
    "endswith",
    "endswith_cs",
    "in",
    "between",
];

/// Words of the language with a dash inside.
const DASHED: &[&str] = &[
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-smart",
    "project-by-names",
    "mv-expand",
    "mv-apply",
    "make-series",
    "make-graph",
    "top-nested",
    "top-hitters",
    "sample-distinct",
    "parse-where",
    "parse-kv",
    "assert-schema",
    "graph-match",
    "graph-mark-components",
    "graph-shortest-paths",
    "graph-to-table",
    "graph-where-edges",
    "graph-where-nodes",
    "macro-expand",
    "granny-asc",
    "granny-desc",
    "partitioned-by",
    "materialized-view-combine",
];

/// Whether a name goes on at a position: letters, digits and `_`.
pub(super) fn continues_name(text: &str, at: usize) -> bool {
    text.as_bytes().get(at).is_some_and(|b| is_name_byte(*b))
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the name at the start of a text; `$` may begin one.
pub(super) fn name_length(text: &str) -> usize {
    let dollar = usize::from(text.starts_with('$'));
    dollar + text.bytes().skip(dollar).take_while(|b| is_name_byte(*b)).count()
}

/// Words that make a typed literal when `(` follows at once.
pub(super) fn is_typed_literal(word: &str) -> bool {
    matches!(
        word,
        "bool"
            | "date"
            | "datetime"
            | "decimal"
            | "double"
            | "guid"
            | "int"
            | "int32"
            | "int64"
            | "long"
            | "real"
            | "time"
            | "timespan"
    )
}

/// The length of `!has` and its kin at the start of a text.
pub(super) fn negated_operator(text: &str) -> Option<usize> {
    let word = &text[1..1 + name_length(&text[1..])];
    NEGATED.contains(&word).then(|| {
        let tilde = usize::from(word == "in" && text[1 + word.len()..].starts_with('~'));
        1 + word.len() + tilde
    })
}

/// Given a word of `len` bytes at the start of a text: the longer word of the language that it begins, if any.
pub(super) fn longer_word(text: &str, len: usize) -> (SyntaxKind, usize) {
    let (word, after) = text.split_at(len);
    match after.as_bytes().first() {
        Some(b'~') if word == "in" => return (OperatorWord, len + 1),
        Some(b' ') if word == "matches" => {
            const REGEX: &str = " regex";
            if after.starts_with(REGEX) && !continues_name(after, REGEX.len()) {
                return (OperatorWord, len + REGEX.len());
            }
        }
        Some(b'-') => {
            let dashed = DASHED.iter().filter(|d| {
                text.starts_with(**d) && d.as_bytes().get(len) == Some(&b'-') && !continues_name(text, d.len())
            });
            if let Some(found) = dashed.max_by_key(|d| d.len()) {
                return (Keyword, found.len());
            }
        }
        _ => {}
    }
    (Word, len)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_words_are_found_only_when_whole() {
        for (text, kind, len) in [
            ("project-away x", Keyword, 12),
            ("project-awayx", Word, 7),
            ("project-by-names", Keyword, 16),
            ("mv-expand", Keyword, 9),
            ("a-b", Word, 1),
            ("in~", OperatorWord, 3),
            ("int", Word, 3),
            ("matches regex", OperatorWord, 13),
            ("matches regexp", Word, 7),
            ("matches  regex", Word, 7),
        ] {
            assert_eq!(longer_word(text, name_length(text)), (kind, len), "{text}");
        }
    }

    #[test]
    fn a_bang_makes_an_operator_only_with_its_own_words() {
        for (text, len) in [
            ("!has 'x'", Some(4)),
            ("!has_cs", Some(7)),
            ("!has_any", None),
            ("!in~", Some(4)),
            ("!in(", Some(3)),
            ("!between", Some(8)),
            ("!foo", None),
        ] {
            assert_eq!(negated_operator(text), len, "{text}");
        }
    }
}
