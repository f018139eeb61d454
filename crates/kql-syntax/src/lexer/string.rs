//! Text literals: where they end, and what they say.

use super::Lexer;
use crate::SyntaxKind::{self, *};

/// How a string literal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StringForm {
    /// Bytes before the content: `h`, `@` and the opening quote.
    pub(crate) open: usize,
    /// The closing quote.
    pub(crate) close: &'static str,
    /// Whether `\` is an ordinary character.
    pub(crate) verbatim: bool,
}

/// The form of the string literal at the start of a text.
pub(crate) fn string_form(text: &str) -> Option<StringForm> {
    let bytes = text.as_bytes();
    let hidden = usize::from(matches!(bytes.first(), Some(b'h' | b'H')));
    let at = usize::from(bytes.get(hidden) == Some(&b'@'));
    let quote = text.get(hidden + at..)?;
    let form = |close: &'static str, verbatim| StringForm { open: hidden + at + close.len(), close, verbatim };
    match quote.as_bytes().first()? {
        b'"' => Some(form("\"", at == 1)),
        b'\'' => Some(form("'", at == 1)),
        b'`' if quote.starts_with("```") => Some(form("```", true)),
        b'~' if quote.starts_with("~~~") => Some(form("~~~", true)),
        _ => None,
    }
}

impl Lexer<'_> {
    /// A string of a form that was found at the current position.
    pub(super) fn string(&mut self, form: StringForm) -> SyntaxKind {
        let start = self.pos;
        self.pos += form.open;
        if form.close.len() == 3 {
            self.fenced(start, form);
        } else {
            self.quoted(start, form);
        }
        Text
    }

    fn fenced(&mut self, start: usize, form: StringForm) {
        if let Some(at) = self.rest().find(form.close) {
            self.pos += at + form.close.len();
        } else {
            self.pos = self.text.len();
            let message = format!("This text begins with {} and is not closed by another {}.", form.close, form.close);
            self.error("unclosed-string", start, start + form.open, message, None);
        }
    }

    fn quoted(&mut self, start: usize, form: StringForm) {
        let quote = form.close.as_bytes()[0];
        loop {
            let byte = self.peek(0);
            if self.pos >= self.text.len() || matches!(byte, b'\r' | b'\n') {
                let message = format!("This text has no closing {} on its line.", form.close);
                let hint = (!form.verbatim).then_some("A text of several lines is written between ``` and ```.");
                self.error("unclosed-string", start, self.pos, message, hint);
                return;
            }
            match byte {
                b'\\' if !form.verbatim => match escape(self.rest()) {
                    Some((_, len)) => self.pos += len,
                    None => self.bad_escape(),
                },
                _ if byte != quote => self.pos += 1,
                _ if form.verbatim && self.peek(1) == quote => self.pos += 2,
                _ => {
                    self.pos += 1;
                    return;
                }
            }
        }
    }

    fn bad_escape(&mut self) {
        let start = self.pos;
        self.pos += 1;
        let next = self.rest().chars().next().filter(|c| !matches!(c, '\n' | '\r'));
        let end = self.pos + next.map_or(0, char::len_utf8);
        let shown = self.text[start..end].to_owned();
        self.error(
            "unknown-escape",
            start,
            end,
            format!("`{shown}` is not an escape that a text can hold."),
            Some("Write `\\\\` for a backslash, or put @ before the quote so that backslashes mean themselves."),
        );
        self.mend("Write `\\\\`", start, end, format!("\\{shown}"));
        self.pos = end;
    }
}

/// The character that an escape at the start of a text stands for, and the escape's length.
fn escape(text: &str) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    let hex = |count: usize| {
        let digits = text.get(2..2 + count)?;
        let all = digits.bytes().all(|b| b.is_ascii_hexdigit());
        // A lone surrogate, which .NET strings may hold, has no UTF-8 form.
        all.then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32).unwrap_or('\u{fffd}'))
            .map(|c| (c, 2 + count))
    };
    let simple = |c| Some((c, 2));
    match *bytes.get(1)? {
        b'\\' => simple('\\'),
        b'\'' => simple('\''),
        b'"' => simple('"'),
        b'a' => simple('\x07'),
        b'b' => simple('\x08'),
        b'f' => simple('\x0c'),
        b'n' => simple('\n'),
        b'r' => simple('\r'),
        b't' => simple('\t'),
        b'v' => simple('\x0b'),
        b'u' => hex(4),
        b'U' => hex(8),
        b'x' => hex(2),
        b'0'..=b'7' => octal(bytes),
        _ => None,
    }
}

/// One to three octal digits, at most `\377`.
fn octal(bytes: &[u8]) -> Option<(char, usize)> {
    let most = if bytes.get(1)? <= &b'3' { 3 } else { 2 };
    let digits = bytes[1..].iter().take(most).take_while(|b| (b'0'..=b'7').contains(b));
    let (value, len) = digits.fold((0, 0), |(value, len), b| (value * 8 + u32::from(b - b'0'), len + 1));
    Some((char::from_u32(value)?, 1 + len))
}

/// What a string literal says: escapes resolved, quotes and fences off. A literal that is not closed says what
/// stands up to its end.
pub(crate) fn unescape(literal: &str) -> String {
    let Some(form) = string_form(literal) else {
        return literal.to_owned();
    };
    let content = &literal[form.open..];
    let content = strip_close(content, form);
    if form.close.len() == 3 {
        return content.to_owned();
    }
    if form.verbatim {
        return content.replace(&form.close.repeat(2), form.close);
    }
    let mut out = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match escape(rest) {
            Some((c, len)) => {
                push_utf16(&mut out, c, &mut rest, len);
            }
            None => {
                out.push('\\');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// Adds an escaped character; two escaped surrogates in a row make one character.
fn push_utf16(out: &mut String, c: char, rest: &mut &str, len: usize) {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    if let (Some(high), Some(low)) = (unit(rest), rest.get(6..).and_then(unit))
        && let Some(Ok(pair)) = char::decode_utf16([high, low]).next()
        && pair.len_utf16() == 2
    {
        out.push(pair);
        *rest = &rest[12..];
        return;
    }
    out.push(c);
    *rest = &rest[len..];
}

/// The content of a literal without its closing quote, when it has one that is not part of an escape.
fn strip_close(content: &str, form: StringForm) -> &str {
    let Some(stripped) = content.strip_suffix(form.close) else {
        return content;
    };
    let bytes = stripped.as_bytes();
    let run = |byte: u8| bytes.iter().rev().take_while(|b| **b == byte).count();
    let escaped = form.close.len() == 1
        && if form.verbatim { run(form.close.as_bytes()[0]) % 2 == 1 } else { run(b'\\') % 2 == 1 };
    if escaped { content } else { stripped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_say_what_kusto_reads_in_them() {
        for (literal, text) in [
            (r#""a""#, "a"),
            (r"'a'", "a"),
            (r#""a\"b""#, "a\"b"),
            (r#""tab\tnewline\n\u0041\x42\103""#, "tab\tnewline\nABC"),
            (r#""\U0001F600""#, "\u{1F600}"),
            (r#""\ud83d\ude00""#, "\u{1F600}"),
            (r#""\ud83d""#, "\u{fffd}"),
            (r#"@"C:\Users\x""#, r"C:\Users\x"),
            (r#"@"say ""hi""""#, r#"say "hi""#),
            (r"@'it''s'", "it's"),
            (r#"h"secret""#, "secret"),
            (r"H@'x\y'", r"x\y"),
            ("```two\nlines```", "two\nlines"),
            ("~~~a'b~~~", "a'b"),
            ("h```x```", "x"),
            (r#""""#, ""),
            (r#""unclosed"#, "unclosed"),
            (r#""odd\"#, "odd\\"),
            (r#""a\""#, "a\""),
            (r#"@"""#, ""),
        ] {
            assert_eq!(unescape(literal), text, "{literal}");
        }
    }
}
