//! The text of JSON strings.

/// The text that a string's source stands for. Its escapes have been checked; half of a surrogate pair alone, which is
/// no character, becomes U+FFFD.
pub(crate) fn unescaped<'a>(source: &'a str, scratch: &'a mut String) -> &'a str {
    if !source.contains('\\') {
        return source;
    }
    scratch.clear();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('\\') {
        scratch.push_str(before);
        let mut chars = after.chars();
        let escaped = chars.next().unwrap_or('\\');
        rest = chars.as_str();
        scratch.push(match escaped {
            'b' => '\u{8}',
            'f' => '\u{C}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let unit = take_unit(&mut rest);
                // The second half of a pair follows as an escape of its own.
                let mut after = rest.strip_prefix("\\u").unwrap_or("");
                let pair = [unit, take_unit(&mut after)];
                match char::decode_utf16(pair).next() {
                    Some(Ok(c)) => {
                        if c.len_utf16() == 2 {
                            rest = after;
                        }
                        c
                    }
                    _ => char::REPLACEMENT_CHARACTER,
                }
            }
            other => other,
        });
    }
    scratch.push_str(rest);
    scratch
}

/// Takes four hexadecimal digits from the front; zero when they are not there.
fn take_unit(text: &mut &str) -> u16 {
    let unit = text.get(..4).and_then(|digits| u16::from_str_radix(digits, 16).ok());
    if unit.is_some() {
        *text = &text[4..];
    }
    unit.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_characters() {
        for (source, text) in [
            ("plain", "plain"),
            (r"C:\\Program Files\\x", r"C:\Program Files\x"),
            (r#"say \"push\""#, "say \"push\""),
            (r"\b\f\n\r\t\/", "\u{8}\u{C}\n\r\t/"),
            (r"\u00e9\u20AC", "é€"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83dx", "\u{FFFD}x"),
            (r"\ud83d\u0041", "\u{FFFD}A"),
            (r"\ude00", "\u{FFFD}"),
            (r"\u0000", "\0"),
        ] {
            assert_eq!(unescaped(source, &mut String::new()), text, "{source}");
        }
    }
}
