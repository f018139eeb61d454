//! Base64 and percent-encoding.
//!
//! **Our choices**: base64 must be padded and hold nothing else (the page's unpadded example gives nothing);
//! percent-encoding keeps the unreserved characters of RFC 3986 and writes hexadecimal digits in lower case, as the
//! examples do; `url_decode` reads `+` as a space, which `url_encode` makes of one, leaves what is no encoding as it
//! is, and puts U+FFFD for bytes that are no UTF-8.

use super::{CallContext, ScalarFunction, args};
use crate::scalar::convert;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_table::{Dynamic, Guid, Value};
use std::fmt::Write;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "base64_encode_tostring" => |_, a| args::string(STANDARD.encode(&*args::text(a, 0))),
        "base64_decode_tostring" => {
            |_, a| args::string(decoded(a).and_then(|b| String::from_utf8(b).ok()).unwrap_or_default())
        }
        "base64_decode_toarray" => |_, a| {
            args::or_null(decoded(a), |bytes| args::list(bytes.into_iter().map(|b| Dynamic::Long(b.into())).collect()))
        },
        "base64_decode_toguid" => |_, a| {
            let bytes: Option<[u8; 16]> = decoded(a).and_then(|bytes| bytes.try_into().ok());
            args::or_null(bytes, |bytes| Value::Guid(Guid(guid_bytes(bytes))))
        },
        "base64_encode_fromguid" => |_, a| match a.first().and_then(convert::to_guid) {
            Some(guid) => args::string(STANDARD.encode(guid_bytes(guid.0))),
            None => args::string(""),
        },
        "base64_encode_fromarray" => encode_fromarray,
        "url_encode" => |_, a| args::string(percent_encoded(&args::text(a, 0), "+")),
        "url_encode_component" => |_, a| args::string(percent_encoded(&args::text(a, 0), "%20")),
        "url_decode" => |_, a| args::string(percent_decoded(&args::text(a, 0))),
        _ => return None,
    })
}

fn decoded(a: &[Value]) -> Option<Vec<u8>> {
    STANDARD.decode(&*args::text(a, 0)).ok()
}

/// From the order of the text form to that of .NET's bytes, or back: the first three parts are little-endian, as in
/// the example of `base64_encode_fromguid`. That of `base64_decode_toguid` has the third part the other way round,
/// which would make it no inverse, and of its random identifier (4c75, version 4) another kind.
fn guid_bytes(b: [u8; 16]) -> [u8; 16] {
    [b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]]
}

/// Empty unless the elements are bytes that are UTF-8 together.
fn encode_fromarray(_: &CallContext, a: &[Value]) -> Value {
    let byte = |item: &Dynamic| u8::try_from(convert::to_long(&Value::dynamic(item.clone()))?).ok();
    let bytes: Option<Vec<u8>> = args::array(a, 0).and_then(|items| items.iter().map(byte).collect());
    let valid = bytes.filter(|bytes| std::str::from_utf8(bytes).is_ok());
    args::string(valid.map(|bytes| STANDARD.encode(bytes)).unwrap_or_default())
}

fn percent_encoded(text: &str, space: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte.into()),
            b' ' => out.push_str(space),
            // Writing to a string does not fail.
            _ => drop(write!(out, "%{byte:02x}")),
        }
    }
    out
}

fn percent_decoded(text: &str) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let encoded = (*byte == b'%').then(|| digit(bytes.get(at + 1)).zip(digit(bytes.get(at + 2)))).flatten();
        match (byte, encoded) {
            (_, Some((high, low))) => {
                out.push(high << 4 | low);
                at += 2;
            }
            (b'+', None) => out.push(b' '),
            (other, None) => out.push(*other),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn text_bytes_and_identifiers_go_through_base64() {
        check(
            ColumnType::String,
            &[
                ("base64_encode_tostring", r#"["Kusto"]"#, "S3VzdG8="),
                ("base64_decode_tostring", r#"["S3VzdG8="]"#, "Kusto"),
                ("base64_decode_tostring", r#"["U3RyaW5n0KHR0tGA0L7Rh9C60LA="]"#, ""),
                ("base64_decode_tostring", r#"["YwB1AHIAbAA="]"#, "c\0u\0r\0l\0"),
                ("base64_decode_tostring", r#"["S3VzdG8"]"#, ""),
                ("base64_decode_tostring", r#"["not base64!"]"#, ""),
                ("base64_decode_tostring", r#"[""]"#, ""),
                ("base64_encode_fromarray", "[[75, 117, 115, 116, 111]]", "S3VzdG8="),
                ("base64_encode_fromarray", "[[255]]", ""),
                ("base64_encode_fromarray", "[[256]]", ""),
                ("base64_encode_fromarray", "[null]", ""),
                ("base64_encode_fromguid", r#"["ae3133f2-6e22-49ae-b06a-16e6a9b212eb"]"#, "8jMxriJurkmwahbmqbIS6w=="),
            ],
        );
        check(
            ColumnType::Dynamic,
            &[
                ("base64_decode_toarray", r#"["S3VzdG8="]"#, "[75,117,115,116,111]"),
                ("base64_decode_toarray", r#"["U3RyaW5n0KHR0tGA0L7Rh9C60LA"]"#, "(null)"),
            ],
        );
        check(
            ColumnType::Guid,
            &[
                ("base64_decode_toguid", r#"["8jMxriJurkmwahbmqbIS6w=="]"#, "ae3133f2-6e22-49ae-b06a-16e6a9b212eb"),
                ("base64_decode_toguid", r#"["abcd1231"]"#, "(null)"),
            ],
        );
    }

    #[test]
    fn addresses_are_encoded_and_decoded() {
        check(
            ColumnType::String,
            &[
                ("url_encode", r#"["https://www.bing.com/hello world"]"#, "https%3a%2f%2fwww.bing.com%2fhello+world"),
                (
                    "url_encode_component",
                    r#"["https://www.bing.com/hello world/"]"#,
                    "https%3a%2f%2fwww.bing.com%2fhello%20world%2f",
                ),
                ("url_encode", r#"["é~a-b_c.d"]"#, "%c3%a9~a-b_c.d"),
                ("url_decode", r#"["https%3a%2f%2fwww.bing.com%2f"]"#, "https://www.bing.com/"),
                ("url_decode", r#"["a+b%20c%C3%A9"]"#, "a b cé"),
                ("url_decode", r#"["100%, %zz %4"]"#, "100%, %zz %4"),
                ("url_decode", r#"["%ff"]"#, "\u{fffd}"),
            ],
        );
        let text = "any text: é, 100%, a+b & c/d?";
        for encode in ["url_encode", "url_encode_component"] {
            let encoded = call(encode, ColumnType::String, &[Value::string(text)]);
            assert_eq!(call("url_decode", ColumnType::String, &[encoded]).to_string(), text);
        }
    }
}
