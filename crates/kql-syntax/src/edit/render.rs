//! Values as the text of a literal.

use super::EditError;
use crate::SyntaxKind;
use crate::lexer::{lex, string_form};
use crate::literals::Scalar;
use std::fmt::Write;

/// The text of a literal with a value, in the form of an older literal where the value fits it. Inside `dynamic(…)`
/// only numbers may have a bare sign.
pub(super) fn scalar(value: &Scalar, old: Option<&str>, in_dynamic: bool) -> Result<String, EditError> {
    let refused = |text: &str| Err(EditError::NotAValue(text.to_owned()));
    let old_word = old.and_then(typed_word);
    match value {
        Scalar::String(text) => Ok(string(text, old)),
        Scalar::Number(text) => match (number_kind(text), old_word) {
            (None, _) => refused(text),
            (Some(SyntaxKind::Real), Some("int" | "int32" | "int64" | "long")) => refused(text),
            (Some(_), Some(word @ ("int" | "int32" | "int64" | "long" | "real" | "double" | "decimal"))) => {
                Ok(format!("{word}({text})"))
            }
            (Some(_), _) => Ok(text.clone()),
        },
        Scalar::TimeSpan(text) => match old_word {
            Some(word @ ("timespan" | "time")) if is_time_span(text) => Ok(format!("{word}({text})")),
            _ if is_bare_time_span(text) && !(in_dynamic && text.starts_with('-')) => Ok(text.clone()),
            _ if is_time_span(text) => Ok(format!("timespan({text})")),
            _ => refused(text),
        },
        Scalar::DateTime(text) => {
            let word = old_word.filter(|word| matches!(*word, "datetime" | "date")).unwrap_or("datetime");
            if is_date_time(text) { Ok(format!("{word}({text})")) } else { refused(text) }
        }
        Scalar::Bool(text) => match (text.as_str(), old_word) {
            ("true" | "false" | "null", Some("bool")) | ("null", _) => Ok(format!("bool({text})")),
            ("true" | "false", _) => Ok(text.clone()),
            _ => refused(text),
        },
        Scalar::Guid(text) => match lex(text).0.as_slice() {
            [token] if token.kind == SyntaxKind::RawGuid => Ok(format!("guid({text})")),
            _ => refused(text),
        },
    }
}

/// The word before the parenthesis of `int(…)` and its kin.
fn typed_word(literal: &str) -> Option<&str> {
    literal.trim_start_matches(['-', '+']).split_once('(').map(|(word, _)| word)
}

/// The kind of the number that a text is as a whole, with a minus or without.
fn number_kind(text: &str) -> Option<SyntaxKind> {
    match lex(text.strip_prefix('-').unwrap_or(text)).0.as_slice() {
        [token] if matches!(token.kind, SyntaxKind::Long | SyntaxKind::Real) => Some(token.kind),
        _ => None,
    }
}

/// Whether a text is a timespan such as `24h`, with a minus or without.
fn is_bare_time_span(text: &str) -> bool {
    matches!(lex(text.strip_prefix('-').unwrap_or(text)).0.as_slice(), [token] if token.kind == SyntaxKind::TimeSpan)
}

/// Whether a text can stand in `timespan(…)`: `24h`, `1.02:03:04.5`, a number of days, `null`.
fn is_time_span(text: &str) -> bool {
    let clock = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ':' | '-'));
    is_bare_time_span(text) || text == "null" || clock && text.contains(|c: char| c.is_ascii_digit())
}

/// Whether a text can stand in `datetime(…)`: digits and the marks and letters of a date, or `null`.
fn is_date_time(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | ':' | '.' | '+' | '/' | ',' | ' '));
    text == "null" || plain && text.contains(|c: char| c.is_ascii_digit())
}

/// A text as a string literal, in the quotes of an older literal where it fits them.
fn string(text: &str, old: Option<&str>) -> String {
    let form = old.and_then(string_form);
    let hidden = old.filter(|old| form.is_some() && old.starts_with(['h', 'H'])).map_or("", |old| &old[..1]);
    let (close, verbatim) = form.map_or(("\"", false), |form| (form.close, form.verbatim));
    if close.len() == 3 {
        // A fence may not occur inside, and a text that ends like one would lengthen it.
        let mark = &close[..1];
        if !text.contains(close) && !text.ends_with(mark) {
            return format!("{hidden}{close}{text}{close}");
        }
        return format!("{hidden}{}", quoted(text, "\""));
    }
    if verbatim && !text.contains(['\n', '\r']) {
        return format!("{hidden}@{close}{}{close}", text.replace(close, &close.repeat(2)));
    }
    format!("{hidden}{}", quoted(text, close))
}

/// A text between quotes, with escapes.
pub(crate) fn quoted(text: &str, quote: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push_str(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if quote.contains(c) => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push_str(quote);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::unescape;

    #[test]
    fn a_value_takes_the_form_of_the_literal_that_it_replaces() {
        let string = |text: &str| Scalar::String(text.into());
        let number = |text: &str| Scalar::Number(text.into());
        let span = |text: &str| Scalar::TimeSpan(text.into());
        let date = |text: &str| Scalar::DateTime(text.into());
        for (value, old, expected) in [
            (string("a"), None, Some(r#""a""#)),
            (string("a\"b"), Some("'x'"), Some(r#"'a"b'"#)),
            (string("it's"), Some("'x'"), Some(r"'it\'s'")),
            (string(r"C:\x"), Some("\"x\""), Some(r#""C:\\x""#)),
            (string(r"C:\x"), Some("@\"x\""), Some(r#"@"C:\x""#)),
            (string("say \"x\""), Some("@\"x\""), Some(r#"@"say ""x""""#)),
            (string("two\nlines"), Some("@'x'"), Some(r"'two\nlines'")),
            (string("two\nlines"), Some("```x```"), Some("```two\nlines```")),
            (string("a```b"), Some("```x```"), Some("\"a```b\"")),
            (string("a`"), Some("```x```"), Some("\"a`\"")),
            (string("a"), Some("h'x'"), Some("h'a'")),
            (string("a"), Some("h@'x'"), Some("h@'a'")),
            (string("\0\u{7f}\u{85}"), None, Some(r#""\u0000\u007f\u0085""#)),
            (number("5"), Some("7"), Some("5")),
            (number("-5"), Some("7"), Some("-5")),
            (number("1.5"), Some("7"), Some("1.5")),
            (number("80"), Some("int(443)"), Some("int(80)")),
            (number("1.5"), Some("int(443)"), None),
            (number("1.5"), Some("decimal(2)"), Some("decimal(1.5)")),
            (number("five"), Some("7"), None),
            (number("5 or true"), Some("7"), None),
            (number(""), Some("7"), None),
            (span("36h"), Some("24h"), Some("36h")),
            (span("36h"), Some("timespan(1d)"), Some("timespan(36h)")),
            (span("1.12:00:00"), Some("24h"), Some("timespan(1.12:00:00)")),
            (span("soon"), Some("24h"), None),
            (date("2024-01-01 10:00"), Some("datetime(2023-01-01)"), Some("datetime(2024-01-01 10:00)")),
            (date("2024)"), Some("datetime(2023-01-01)"), None),
            (Scalar::Bool("false".into()), Some("true"), Some("false")),
            (Scalar::Bool("false".into()), Some("bool(1)"), Some("bool(false)")),
            (Scalar::Guid("x".into()), None, None),
        ] {
            let rendered = scalar(&value, old, false).ok();
            assert_eq!(rendered.as_deref(), expected, "{value:?} for {old:?}");
            if let (Scalar::String(text), Some(rendered)) = (&value, rendered) {
                assert_eq!(&unescape(&rendered), text);
            }
        }
    }
}
