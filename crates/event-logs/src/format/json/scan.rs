//! Finds where a JSON value ends, and the keys and values directly inside it, without building anything.
//!
//! The grammar is that of RFC 8259, and is checked to the last escape and digit; two things are let pass because logs
//! have them and nothing is lost by it: control characters inside strings, and the words `NaN`, `Infinity` and
//! `-Infinity` that Python writes.

/// How deeply values may be nested.
pub(crate) const MAX_DEPTH: usize = 128;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The text between the quotes; `true` when it has escapes.
    String(bool),
    Number,
    /// `NaN` and its like.
    NotANumber,
    True,
    False,
    Null,
    Object,
    Array,
}

/// A key and its value, or an element of an array, by their places in the scanned bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Where the key's text starts and ends, between its quotes; empty for an element.
    pub(crate) key: (u32, u32),
    /// Whether the key has escapes.
    pub(crate) key_is_escaped: bool,
    pub(crate) kind: Kind,
    /// Where the value starts and ends; for a string, between its quotes.
    pub(crate) value: (u32, u32),
}

/// What a scan found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// A value of this many bytes.
    Whole(usize),
    /// The bytes end before the value does.
    Unfinished,
    /// There is no JSON value: where that shows, and what is wrong there.
    Broken(usize, &'static str),
}

/// Scans values, with memory that is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    /// What is directly inside the scanned object or array.
    pub(crate) fields: Vec<Field>,
    /// The field whose value, an object or array, is open where the bytes end; its value's end is unknown.
    pub(crate) open: Option<Field>,
    /// Whether each open container is an object.
    stack: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

/// Either the rest of a scan or its early end.
type Step<T> = Result<T, Scanned>;

impl Scanner {
    /// Scans the object or array that begins with the first byte.
    pub(crate) fn scan(&mut self, bytes: &[u8]) -> Scanned {
        self.fields.clear();
        self.stack.clear();
        self.open = None;
        self.container(bytes).map_or_else(|end| end, Scanned::Whole)
    }

    fn container(&mut self, bytes: &[u8]) -> Step<usize> {
        let mut field = Field { key: (0, 0), key_is_escaped: false, kind: Kind::Null, value: (0, 0) };
        let mut expect = self.enter(bytes, 0)?;
        let mut at = 1;
        loop {
            let byte = *bytes.get(at).ok_or(Scanned::Unfinished)?;
            if matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                at += 1;
                continue;
            }
            match (expect, byte) {
                (Expect::CommaOrEnd, b',') => {
                    expect = if self.stack.last() == Some(&true) { Expect::Key } else { Expect::Value };
                    at += 1;
                }
                (Expect::CommaOrEnd | Expect::KeyOrEnd, b'}') | (Expect::CommaOrEnd | Expect::ValueOrEnd, b']') => {
                    if self.stack.pop() != Some(byte == b'}') {
                        return Err(Scanned::Broken(at, "a bracket of another kind closes here"));
                    }
                    at += 1;
                    match self.stack.len() {
                        0 => return Ok(at),
                        1 => {
                            field.value.1 = at as u32;
                            self.fields.push(field);
                            self.open = None;
                        }
                        _ => {}
                    }
                    expect = Expect::CommaOrEnd;
                }
                (Expect::CommaOrEnd, _) => {
                    return Err(Scanned::Broken(at, "a comma or a closing bracket should stand here"));
                }
                (Expect::Key | Expect::KeyOrEnd, b'"') => {
                    let (end, escaped) = string(bytes, at + 1)?;
                    if self.stack.len() == 1 {
                        field.key = (at as u32 + 1, end as u32);
                        field.key_is_escaped = escaped;
                    }
                    at = end + 1;
                    expect = Expect::Colon;
                }
                (Expect::Key | Expect::KeyOrEnd, _) => {
                    return Err(Scanned::Broken(at, "a key in quotation marks should stand here"));
                }
                (Expect::Colon, b':') => {
                    at += 1;
                    expect = Expect::Value;
                }
                (Expect::Colon, _) => return Err(Scanned::Broken(at, "a colon should stand here")),
                (Expect::Value | Expect::ValueOrEnd, b'{' | b'[') => {
                    if self.stack.len() == 1 {
                        field.kind = if byte == b'{' { Kind::Object } else { Kind::Array };
                        field.value = (at as u32, 0);
                        self.open = Some(field);
                    }
                    expect = self.enter(bytes, at)?;
                    at += 1;
                }
                (Expect::Value | Expect::ValueOrEnd, _) => {
                    let (kind, start, end, next) = scalar(bytes, at)?;
                    if self.stack.len() == 1 {
                        field.kind = kind;
                        field.value = (start as u32, end as u32);
                        self.fields.push(field);
                    }
                    at = next;
                    expect = Expect::CommaOrEnd;
                }
            }
        }
    }

    fn enter(&mut self, bytes: &[u8], at: usize) -> Step<Expect> {
        if self.stack.len() == MAX_DEPTH {
            return Err(Scanned::Broken(at, TOO_DEEP));
        }
        match bytes.get(at) {
            Some(b'{') => {
                self.stack.push(true);
                Ok(Expect::KeyOrEnd)
            }
            Some(b'[') => {
                self.stack.push(false);
                Ok(Expect::ValueOrEnd)
            }
            Some(_) => Err(Scanned::Broken(at, "a value should stand here")),
            None => Err(Scanned::Unfinished),
        }
    }
}

/// What is told of values that are nested more than [`MAX_DEPTH`] deep.
pub(crate) const TOO_DEEP: &str = "it is nested too deeply";

/// The scalar that starts at a position: its kind, where its text starts and ends, and what comes after it.
pub(crate) fn scalar(bytes: &[u8], at: usize) -> Step<(Kind, usize, usize, usize)> {
    let word = |word: &str, kind: Kind| {
        let end = at + word.len();
        match bytes.get(at..end) {
            Some(found) if found == word.as_bytes() => Ok((kind, at, end, end)),
            None if word.as_bytes().starts_with(&bytes[at..]) => Err(Scanned::Unfinished),
            _ => Err(Scanned::Broken(at, "a value should stand here")),
        }
    };
    match bytes.get(at) {
        Some(b'"') => {
            let (end, escaped) = string(bytes, at + 1)?;
            Ok((Kind::String(escaped), at + 1, end, end + 1))
        }
        Some(b't') => word("true", Kind::True),
        Some(b'f') => word("false", Kind::False),
        Some(b'n') => word("null", Kind::Null),
        Some(b'N') => word("NaN", Kind::NotANumber),
        Some(b'I') => word("Infinity", Kind::NotANumber),
        Some(b'-') if bytes.get(at + 1) == Some(&b'I') => word("-Infinity", Kind::NotANumber),
        Some(b'-' | b'0'..=b'9') => {
            let end = number(bytes, at)?;
            Ok((Kind::Number, at, end, end))
        }
        Some(_) => Err(Scanned::Broken(at, "a value should stand here")),
        None => Err(Scanned::Unfinished),
    }
}

/// Where the string ends whose text starts at a position, and whether it has escapes.
#[inline]
pub(crate) fn string(bytes: &[u8], mut at: usize) -> Step<(usize, bool)> {
    let mut escaped = false;
    loop {
        let rest = bytes.get(at..).ok_or(Scanned::Unfinished)?;
        at += quote_or_backslash(rest).ok_or(Scanned::Unfinished)?;
        if bytes[at] == b'"' {
            return Ok((at, escaped));
        }
        escaped = true;
        at += match bytes.get(at + 1).ok_or(Scanned::Unfinished)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 2,
            b'u' => {
                let digits = &bytes[at + 2..bytes.len().min(at + 6)];
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(Scanned::Broken(at, BAD_ESCAPE));
                }
                if digits.len() < 4 {
                    return Err(Scanned::Unfinished);
                }
                6
            }
            _ => return Err(Scanned::Broken(at, BAD_ESCAPE)),
        };
    }
}

/// The first quote or backslash.
#[inline]
fn quote_or_backslash(bytes: &[u8]) -> Option<usize> {
    const LOW: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    // Keys and most values are short: words of eight bytes find their end before a call to the vector search pays.
    const WORDS: usize = 3;
    let zeroes = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    for (i, eight) in bytes.as_chunks::<8>().0.iter().take(WORDS).enumerate() {
        let word = u64::from_le_bytes(*eight);
        // The lowest bit found is right; carries can only make wrong ones above it.
        let found = zeroes(word ^ (LOW * b'"' as u64)) | zeroes(word ^ (LOW * b'\\' as u64));
        if found != 0 {
            return Some(i * 8 + (found.trailing_zeros() / 8) as usize);
        }
    }
    let looked_at = bytes.len().min(WORDS * 8) / 8 * 8;
    memchr::memchr2(b'"', b'\\', &bytes[looked_at..]).map(|at| looked_at + at)
}

const BAD_ESCAPE: &str = "a backslash stands before what it cannot escape";

/// Where the number that starts at a position ends; what comes after it must be there too.
fn number(bytes: &[u8], at: usize) -> Step<usize> {
    let digits = |from: usize| -> Step<usize> {
        let count = bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        match bytes.get(from + count) {
            None => Err(Scanned::Unfinished),
            Some(_) if count == 0 => Err(Scanned::Broken(at, "this is no number")),
            Some(_) => Ok(from + count),
        }
    };
    let mut end = digits(if bytes[at] == b'-' { at + 1 } else { at })?;
    if bytes[end] == b'.' {
        end = digits(end + 1)?;
    }
    if matches!(bytes[end], b'e' | b'E') {
        let signed = matches!(bytes.get(end + 1), Some(b'+' | b'-'));
        end = digits(end + 1 + usize::from(signed))?;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::json::text::unescaped;
    use proptest::prelude::*;
    use serde_json::Value;

    /// The fields as `serde_json` would have them.
    fn fields(text: &str) -> Option<Vec<(String, Value)>> {
        let mut scanner = Scanner::default();
        let Scanned::Whole(length) = scanner.scan(text.as_bytes()) else { return None };
        assert_eq!(length, text.len());
        let part = |(start, end): (u32, u32)| &text[start as usize..end as usize];
        let value = |f: &Field| match f.kind {
            Kind::String(_) => {
                let mut scratch = String::new();
                Value::String(unescaped(part(f.value), &mut scratch).to_owned())
            }
            _ => serde_json::from_str(part(f.value)).unwrap(),
        };
        Some(
            scanner
                .fields
                .iter()
                .map(|f| {
                    let mut scratch = String::new();
                    (unescaped(part(f.key), &mut scratch).to_owned(), value(f))
                })
                .collect(),
        )
    }

    fn json() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9f64).prop_map(Value::from),
            "[a-z\"\\\\\n\u{1}/é😀{},:]{0,12}".prop_map(Value::String),
        ];
        scalar.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
                proptest::collection::vec(("[a-c\"é]{0,3}", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn the_fields_of_an_object_are_those_of_serde_json(values in proptest::collection::vec(("[a-z\"]{0,4}", json()), 0..6), pretty in any::<bool>()) {
            let object = Value::Object(values.into_iter().collect());
            let text = if pretty { serde_json::to_string_pretty(&object).unwrap() } else { object.to_string() };
            let found: serde_json::Map<String, Value> = fields(&text).unwrap().into_iter().collect();
            prop_assert_eq!(Value::Object(found), object);
            for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
                prop_assert_eq!(Scanner::default().scan(&text.as_bytes()[..cut]), Scanned::Unfinished, "cut at {}", cut);
            }
        }

        #[test]
        fn what_serde_json_takes_is_whole_and_what_it_refuses_is_not(
            object in json(), edits in proptest::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[]:,.0e-+nt x"[..])), 0..3)
        ) {
            let mut bytes = format!("[{object},1]").into_bytes();
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
            if !text.starts_with('[') || text.bytes().any(|b| b < 0x20) { return Ok(()) }
            let whole = match Scanner::default().scan(text.as_bytes()) {
                Scanned::Whole(length) => text[length..].trim().is_empty(),
                _ => false,
            };
            // serde_json also refuses numbers with leading zeros and halves of surrogate pairs, which are let pass here.
            let accepted = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            let leading_zero = text.as_bytes().windows(2).any(|w| w[0] == b'0' && w[1].is_ascii_digit());
            prop_assert!(whole == accepted || (whole && (leading_zero || text.contains("\\u"))), "{} {} {}", text, whole, accepted);
        }
    }

    #[test]
    fn what_is_wrong_is_told_where_it_shows() {
        for (text, at, what) in [
            (r#"{"a":2"b"}"#, 6, "a comma or a closing bracket should stand here"),
            (r#"{"a" 2}"#, 5, "a colon should stand here"),
            (r#"{a:2}"#, 1, "a key in quotation marks should stand here"),
            (r#"{"a":2,}"#, 7, "a key in quotation marks should stand here"),
            (r#"{"a":[1}"#, 7, "a bracket of another kind closes here"),
            (r#"{"a":nul}"#, 5, "a value should stand here"),
            (r#"{"a":-x}"#, 5, "this is no number"),
            (r#"{"a":"C:\Program"}"#, 8, BAD_ESCAPE),
            (r#"{"a":"\u12G4"}"#, 6, BAD_ESCAPE),
        ] {
            assert_eq!(Scanner::default().scan(text.as_bytes()), Scanned::Broken(at, what), "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(Scanner::default().scan(deep.as_bytes()), Scanned::Broken(MAX_DEPTH, TOO_DEEP));
    }

    #[test]
    fn an_open_field_is_known_before_it_ends() {
        let mut scanner = Scanner::default();
        assert_eq!(scanner.scan(br#"{"Stats":1,"Results":[{"a":1},"#), Scanned::Unfinished);
        assert_eq!(scanner.fields.len(), 1);
        let open = scanner.open.unwrap();
        assert_eq!((open.key, open.kind, open.value.0), ((12, 19), Kind::Array, 21));
    }
}
