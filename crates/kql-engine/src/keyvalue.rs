//! Key and value pairs in text, for `parse-kv`.
//!
//! Source: Kusto documentation, `parse-kv-operator`: its three modes are delimiters that are given, delimiters that
//! are not, and a regular expression.

use regex::Regex;

/// How pairs are told apart.
#[derive(Clone, Debug)]
pub enum PairForm {
    /// By delimiters.
    Delimited {
        /// Between pairs; any run of other characters than letters and digits when `None`.
        pair: Option<String>,
        /// Between a key and its value; likewise.
        key_value: Option<String>,
        /// What opens and closes a quoted key or value.
        quotes: Vec<(char, char)>,
        /// What makes the next character plain inside quotes.
        escape: Option<char>,
        /// Whether a value goes on to the next key rather than to the next delimiter.
        greedy: bool,
    },
    /// By a pattern whose first group is the key and whose second is the value.
    Pattern(Regex),
}

impl PairForm {
    /// The value of each key, the first where one comes twice.
    #[must_use]
    pub fn find(&self, text: &str, keys: &[&str]) -> Vec<Option<String>> {
        let mut found: Vec<Option<String>> = vec![None; keys.len()];
        let mut take = |key: &str, value: &str| {
            if let Some(index) = keys.iter().position(|k| *k == key)
                && found[index].is_none()
            {
                found[index] = Some(value.to_owned());
            }
        };
        match self {
            Self::Pattern(regex) => {
                for captures in regex.captures_iter(text) {
                    let group = |n| captures.get(n).map_or("", |m| m.as_str());
                    take(group(1), group(2));
                }
            }
            Self::Delimited { pair: Some(pair), key_value: Some(key_value), quotes, escape, greedy } => {
                let scanner = Scanner { quotes, escape: *escape };
                let pieces = scanner.split(text, pair);
                let mut pairs: Vec<(String, String)> = Vec::new();
                for piece in pieces {
                    match scanner.split_once(piece, key_value) {
                        Some((key, value)) => pairs.push((scanner.plain(key), scanner.plain(value))),
                        // Greedily, what is no pair belongs to the value before.
                        None if *greedy => {
                            if let Some((_, value)) = pairs.last_mut() {
                                value.push_str(pair);
                                value.push_str(piece);
                            }
                        }
                        None => {}
                    }
                }
                pairs.iter().for_each(|(key, value)| take(key.trim(), value.trim()));
            }
            Self::Delimited { quotes, escape, .. } => {
                let scanner = Scanner { quotes, escape: *escape };
                for key in keys {
                    if let Some(value) = scanner.after_key(text, key) {
                        take(key, &value);
                    }
                }
            }
        }
        found
    }
}

struct Scanner<'a> {
    quotes: &'a [(char, char)],
    escape: Option<char>,
}

impl Scanner<'_> {
    /// The length of the quoted run that a text begins with, quotes included.
    fn quoted(&self, text: &str) -> Option<usize> {
        let first = text.chars().next()?;
        let (_, close) = self.quotes.iter().find(|(open, _)| *open == first)?;
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            if escaped {
                escaped = false;
            } else if Some(c) == self.escape {
                escaped = true;
            } else if c == *close {
                return Some(at + c.len_utf8());
            }
        }
        None
    }

    /// The place of the first delimiter outside quotes.
    fn delimiter(&self, text: &str, delimiter: &str) -> Option<usize> {
        let mut at = 0;
        while at < text.len() {
            if text[at..].starts_with(delimiter) {
                return Some(at);
            }
            let step = self.quoted(&text[at..]).or_else(|| text[at..].chars().next().map(char::len_utf8));
            at += step.unwrap_or(1);
        }
        None
    }

    fn split<'t>(&self, text: &'t str, delimiter: &str) -> Vec<&'t str> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while !delimiter.is_empty()
            && let Some(at) = self.delimiter(rest, delimiter)
        {
            pieces.push(&rest[..at]);
            rest = &rest[at + delimiter.len()..];
        }
        pieces.push(rest);
        pieces
    }

    fn split_once<'t>(&self, text: &'t str, delimiter: &str) -> Option<(&'t str, &'t str)> {
        if delimiter.is_empty() {
            return None;
        }
        let at = self.delimiter(text, delimiter)?;
        Some((&text[..at], &text[at + delimiter.len()..]))
    }

    /// A key or value without its quotes and escapes.
    fn plain(&self, text: &str) -> String {
        let trimmed = text.trim();
        if self.quoted(trimmed) != Some(trimmed.len()) {
            return text.to_owned();
        }
        let mut inner = trimmed.chars();
        inner.next();
        inner.next_back();
        let mut out = String::new();
        let mut escaped = false;
        for c in inner {
            if !escaped && Some(c) == self.escape {
                escaped = true;
            } else {
                escaped = false;
                out.push(c);
            }
        }
        out
    }

    /// The value after a key that stands as a word of its own: what is quoted, or the next run up to a character that
    /// is neither letter, digit nor underscore.
    fn after_key(&self, text: &str, key: &str) -> Option<String> {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        for (at, _) in text.match_indices(key) {
            let end = at + key.len();
            let bounded =
                !text[..at].chars().next_back().is_some_and(word) && !text[end..].chars().next().is_some_and(word);
            if !bounded {
                continue;
            }
            let is_value = |c: char| word(c) || self.quotes.iter().any(|(open, _)| *open == c);
            let rest = &text[end..];
            let start = rest.find(is_value)?;
            let value = &rest[start..];
            if start == 0 {
                continue;
            }
            if let Some(len) = self.quoted(value) {
                return Some(self.plain(&value[..len]));
            }
            let len = value.find(|c: char| !word(c)).unwrap_or(value.len());
            return Some(value[..len].to_owned());
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delimited(pair: Option<&str>, key_value: Option<&str>, quotes: &[(char, char)], greedy: bool) -> PairForm {
        let owned = |s: Option<&str>| s.map(ToOwned::to_owned);
        PairForm::Delimited {
            pair: owned(pair),
            key_value: owned(key_value),
            quotes: quotes.to_vec(),
            escape: Some('\\'),
            greedy,
        }
    }

    #[test]
    fn pairs_are_found_in_each_mode() {
        let quote = [('"', '"')];
        for (form, text, key, expected) in [
            (delimited(Some(","), Some(":"), &[], false), "a:1, b c : x y ,d:2", "b c", Some("x y")),
            (delimited(Some(" "), Some("="), &quote, false), r#"a="x y" "b c"=2"#, "b c", Some("2")),
            (delimited(Some(" "), Some("="), &quote, false), r#"a="say \"hi\"" b=2"#, "a", Some("say \"hi\"")),
            (delimited(Some(" "), Some("="), &[], false), "n=John Doe p=5", "n", Some("John")),
            (delimited(Some(" "), Some("="), &[], true), "n=John Doe p=5", "n", Some("John Doe")),
            (delimited(None, None, &[], false), "[INFO] Thread:45, Text: Started", "Text", Some("Started")),
            (delimited(None, None, &[], false), "xText: no, Text: yes", "Text", Some("yes")),
            (delimited(Some(","), Some(":"), &[], false), "a:1", "z", None),
            (delimited(Some(","), Some(":"), &quote, false), "a:\"open, b:2", "b", Some("2")),
        ] {
            assert_eq!(form.find(text, &[key])[0].as_deref(), expected, "{text}");
        }
        let pattern = PairForm::Pattern(Regex::new(r#""([\w ]+)\s*:\s*([^"]*)""#).unwrap());
        assert_eq!(pattern.find(r#"["a b: 1", "c: 2"]"#, &["c", "a b"]), [Some("2".into()), Some("1".into())]);
    }
}
