//! Characters: which ones make terms, and which ones are the same but for their case.

use std::borrow::Cow;

/// Whether a character is part of a term: a Unicode letter or digit.
///
/// Our choice (spec/kql.md): the documentation says "alphanumeric"; here it means Unicode's `Alphabetic` and
/// `Numeric`.
#[must_use]
#[inline]
pub fn is_term_char(c: char) -> bool {
    c.is_alphanumeric()
}

/// A character's simple case folding, one character for one.
///
/// Our choice (spec/kql.md). `ß` therefore differs from `ss`, and the Kelvin sign is a `k`.
#[must_use]
#[inline]
pub fn fold_char(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    unicode_case_mapping::case_folded(c).and_then(|folded| char::from_u32(folded.get())).unwrap_or(c)
}

/// Text with every character folded.
#[must_use]
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(fold_char).collect())
}

/// Whether two texts are the same but for the case of their characters.
#[must_use]
pub fn equal_ignoring_case(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    a.chars().map(fold_char).eq(b.chars().map(fold_char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_one_character_for_one() {
        for (a, b, same) in [
            ("GitHub", "gIThUB", true),
            ("ÄÖÜ", "äöü", true),
            ("ΣΑΣ", "σας", true),
            ("\u{212A}", "k", true),
            ("ſ", "S", true),
            ("ß", "ss", false),
            ("İ", "i", false),
            ("a", "b", false),
        ] {
            assert_eq!(equal_ignoring_case(a, b), same, "{a} {b}");
            assert_eq!(fold(a) == fold(b), same, "{a} {b}");
        }
    }
}
