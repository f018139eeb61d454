//! Hashes.
//!
//! Source: the pages of the functions. `hash` and `hash_xxhash64` take the bytes of a string, and the ticks of an
//! instant as a 64-bit little-endian number; the others take the text form of a value: both are what the examples
//! show. **Our choices**: whole numbers are hashed as 64 bits, reals as their IEEE 754 bits, booleans as a byte,
//! identifiers as their 16 bytes, decimals as text; a null has no hash; a modulo that is not positive gives null.
//!
//! `hash_combine` and `hash_many` do not run: their pages do not say how hashes are combined.

use super::{ScalarFunction, args};
use crate::scalar::{convert, plain};
use event_table::Value;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use xxhash_rust::xxh64::xxh64;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "hash" | "hash_xxhash64" => |_, a| {
            let Some(hash) = a.first().and_then(hash) else { return Value::Null };
            match a.get(1) {
                None => Value::Long(hash),
                Some(_) => args::or_null(args::long(a, 1).filter(|m| *m > 0), |m| Value::Long(hash.rem_euclid(m))),
            }
        },
        "hash_md5" => |_, a| digest::<Md5>(a),
        "hash_sha1" => |_, a| digest::<Sha1>(a),
        "hash_sha256" => |_, a| digest::<Sha256>(a),
        _ => return None,
    })
}

fn hash(value: &Value) -> Option<i64> {
    let value = plain(value);
    let number = |n: i64| xxh64(&n.to_le_bytes(), 0);
    Some(match &value {
        Value::Null => return None,
        Value::Bool(b) => xxh64(&[u8::from(*b)], 0),
        Value::Int(n) => number((*n).into()),
        Value::Long(n) => number(*n),
        Value::Real(n) => xxh64(&n.to_le_bytes(), 0),
        Value::DateTime(t) => number(t.ticks()),
        Value::TimeSpan(t) => number(t.ticks()),
        Value::Guid(g) => xxh64(&g.0, 0),
        Value::String(_) | Value::Decimal(_) | Value::Dynamic(_) => xxh64(convert::to_text(&value).as_bytes(), 0),
    } as i64)
}

fn digest<D: Digest>(a: &[Value]) -> Value {
    if a.first().is_none_or(Value::is_null) {
        return args::string("");
    }
    let mut text = String::new();
    for byte in D::digest(args::text(a, 0).as_bytes()) {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    args::string(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use crate::scalar::parse_datetime;
    use event_table::ColumnType;

    /// From the pages of the functions; the SHA-1 of "abc" is that of FIPS 180.
    #[test]
    fn hashes_are_those_of_the_pages() {
        check(
            ColumnType::Long,
            &[
                ("hash", r#"["World"]"#, "1846988464401551951"),
                ("hash", r#"["Hello"]"#, "753694413698530628"),
                ("hash", r#"["World", 100]"#, "51"),
                ("hash_xxhash64", r#"["World", 100]"#, "51"),
                ("hash", r#"["World", 0]"#, "(null)"),
                ("hash", "[null]", "(null)"),
            ],
        );
        check(
            ColumnType::String,
            &[
                ("hash_md5", r#"["World"]"#, "f5a7924e621e84c9280a9a27e1bcb7f6"),
                ("hash_sha1", r#"["abc"]"#, "a9993e364706816aba3e25717850c26c9cd0d89d"),
                ("hash_sha256", r#"["World"]"#, "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"),
                ("hash_md5", r#"[""]"#, "d41d8cd98f00b204e9800998ecf8427e"),
                ("hash_md5", "[null]", ""),
            ],
        );
        let at = |s: &str| [Value::DateTime(parse_datetime(s).unwrap())];
        let hashed = |name: &str, ty, t: &str| call(name, ty, &at(t)).to_string();
        assert_eq!(hashed("hash", ColumnType::Long, "2015-01-01"), "1380966698541616202");
        assert_eq!(hashed("hash_md5", ColumnType::String, "2020-01-01"), "786c530672d1f8db31fee25ea8a9390b");
        assert_eq!(
            hashed("hash_sha256", ColumnType::String, "2020-01-01"),
            "ba666752dc1a20eb750b0eb64e780cc4c968bc9fb8813461c1d7e750f302d71d"
        );
    }

    #[test]
    fn a_modulo_keeps_hashes_below_it_and_not_negative() {
        for n in 0..200 {
            let hash = call("hash", ColumnType::Long, &[Value::Long(n), Value::Long(7)]);
            assert!(matches!(hash, Value::Long(0..=6)), "{n}: {hash:?}");
        }
        assert_eq!(
            call("hash", ColumnType::Long, &[Value::Int(5)]).to_string(),
            call("hash", ColumnType::Long, &[Value::Long(5)]).to_string()
        );
    }
}
