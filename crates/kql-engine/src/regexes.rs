//! Regular expressions in RE2 syntax, compiled once.

use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Bytes that a compiled expression may take, against patterns made to exhaust memory.
const SIZE_LIMIT: usize = 4 << 20;
/// Patterns kept; a query that makes more of them from its rows starts over.
const KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<FxHashMap<String, Option<Regex>>> = RefCell::default();
}

/// Compiles a pattern. An error says where the pattern is wrong, or that it is too large.
///
/// Source: Kusto documentation, `regex`: RE2 syntax, case-sensitive unless `(?i)` says otherwise.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build();
    build(pattern).or_else(|error| match with_braces_as_text(pattern) {
        Some(escaped) => build(&escaped).map_err(|_| error),
        None => Err(error),
    })
}

/// The pattern with a backslash before each brace that begins no repetition; `None` when there is none.
///
/// RE2 takes such a brace for itself (`re2/parse.cc`: what is no repetition is a literal), where the library that is used
/// here finds a repetition that is not finished.
fn with_braces_as_text(pattern: &str) -> Option<String> {
    let mut escaped = String::with_capacity(pattern.len() + 4);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(c) = rest.chars().next() {
        // What a backslash stands before, `\pL` and `\x{10FFFF}` included, is as it was.
        let len = match c {
            '\\' => {
                let name = rest.chars().nth(1);
                let short = c.len_utf8() + name.map_or(0, char::len_utf8);
                match name {
                    Some('p' | 'P' | 'x') if rest[short..].starts_with('{') => {
                        rest.find('}').map_or(rest.len(), |end| end + 1)
                    }
                    _ => short,
                }
            }
            _ => c.len_utf8(),
        };
        match c {
            '[' => in_class = true,
            ']' => in_class = false,
            '{' if !in_class && !is_repetition(&rest[1..]) => escaped.push('\\'),
            _ => {}
        }
        escaped.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    (escaped.len() > pattern.len()).then_some(escaped)
}

/// Whether a text goes on as a repetition does behind its brace: `2}`, `2,}`, `2,3}`.
fn is_repetition(text: &str) -> bool {
    let Some((inside, _)) = text.split_once('}') else { return false };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    !least.is_empty() && is_number(least) && is_number(most)
}

/// Runs something with a compiled pattern, kept for the next time; `None` when the pattern is wrong.
pub(crate) fn with<T>(pattern: &str, run: impl FnOnce(&Regex) -> T) -> Option<T> {
    let found = COMPILED.with_borrow(|kept| kept.get(pattern).cloned());
    let regex = found.unwrap_or_else(|| {
        let regex = compile(pattern).ok();
        COMPILED.with_borrow_mut(|kept| {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), regex.clone());
        });
        regex
    });
    regex.as_ref().map(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brace_that_begins_no_repetition_stands_for_itself() {
        for (pattern, text, found) in [
            ("[0-9]{1-3}+", "x7{1-3}", true),
            ("[0-9]{1-3}+", "777", false),
            ("a{", "a{", true),
            ("^{\\w+}$", "{x}", true),
            ("x{2}{y", "xx{y", true),
            ("[{]{y", "{{y", true),
            (r"\{{y\x{41}\p{Lu}", "{{yAB", true),
        ] {
            let regex = compile(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
            assert_eq!(regex.is_match(text), found, "{pattern} in {text}");
        }
        // What is wrong otherwise stays wrong, and is told of as it is written.
        for pattern in ["(", "a{1-3}(", "[z-a]", "a{2,1}"] {
            let error = compile(pattern).expect_err(pattern).to_string();
            assert!(!error.contains(r"\{"), "{error}");
        }
    }
}
