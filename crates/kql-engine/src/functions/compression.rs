//! gzip and zlib, written as base64.
//!
//! Text that would not get smaller is stored as it is, which is what the examples of the pages show. **Our choice**:
//! what unpacks to more than 16 MiB is refused, as what cannot be unpacked is: the result is empty.

use super::{ScalarFunction, args};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use event_table::Value;
use flate2::read::{DeflateDecoder, DeflateEncoder, ZlibDecoder, ZlibEncoder};
use flate2::{Compression, Crc};
use std::io::Read;

/// Bytes that a text may unpack to, against bombs.
const MAX_UNPACKED: u64 = 16 << 20;
/// Identification, method deflate, no flags, no time, no extra flags, unknown system (RFC 1952).
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "gzip_compress_to_base64_string" => |_, a| args::string(STANDARD.encode(gzip(args::text(a, 0).as_bytes()))),
        "gzip_decompress_from_base64_string" => |_, a| unpacked(a, gunzip),
        "zlib_compress_to_base64_string" => |_, a| {
            let text = args::text(a, 0);
            args::string(STANDARD.encode(smaller(text.as_bytes(), |level| ZlibEncoder::new(text.as_bytes(), level))))
        },
        "zlib_decompress_from_base64_string" => |_, a| unpacked(a, |packed| read(ZlibDecoder::new(packed))),
        _ => return None,
    })
}

/// The text packed fast, or only wrapped when that is not smaller than the text.
fn smaller<R: Read>(text: &[u8], encoder: impl Fn(Compression) -> R) -> Vec<u8> {
    let packed = |level| {
        let mut out = Vec::new();
        // Reading from a slice in memory does not fail.
        encoder(level).read_to_end(&mut out).map(|_| out).unwrap_or_default()
    };
    let small = packed(Compression::fast());
    if small.len() < text.len() { small } else { packed(Compression::none()) }
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut crc = Crc::new();
    crc.update(text);
    let mut out = GZIP_HEADER.to_vec();
    out.extend(smaller(text, |level| DeflateEncoder::new(text, level)));
    out.extend(crc.sum().to_le_bytes());
    out.extend(crc.amount().to_le_bytes());
    out
}

/// The header must be a plain one: the page supports no optional fields.
fn gunzip(packed: &[u8]) -> Option<Vec<u8>> {
    let (header, rest) = packed.split_first_chunk::<10>()?;
    let (body, trailer) = rest.split_last_chunk::<8>()?;
    if header[..4] != GZIP_HEADER[..4] {
        return None;
    }
    let text = read(DeflateDecoder::new(body))?;
    let mut crc = Crc::new();
    crc.update(&text);
    let expected = [crc.sum().to_le_bytes(), crc.amount().to_le_bytes()].concat();
    (trailer[..] == expected).then_some(text)
}

fn read(source: impl Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    source.take(MAX_UNPACKED + 1).read_to_end(&mut out).ok()?;
    (out.len() as u64 <= MAX_UNPACKED).then_some(out)
}

fn unpacked(a: &[Value], unpack: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Value {
    let packed = STANDARD.decode(&*args::text(a, 0)).ok();
    let text = packed.and_then(|packed| unpack(&packed)).and_then(|bytes| String::from_utf8(bytes).ok());
    args::string(text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use event_table::ColumnType;

    /// From the pages of the functions; `eNpLLi3KUUjGJABxCwkP` was made with Python.
    #[test]
    fn the_examples_of_the_pages_hold() {
        check(
            ColumnType::String,
            &[
                (
                    "gzip_compress_to_base64_string",
                    r#"["1234567890qwertyuiop"]"#,
                    "H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA==",
                ),
                (
                    "gzip_decompress_from_base64_string",
                    r#"["H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f2FAAAAA=="]"#,
                    "1234567890qwertyuiop",
                ),
                ("gzip_decompress_from_base64_string", r#"["x0x0x0"]"#, ""),
                (
                    "gzip_decompress_from_base64_string",
                    r#"["H4sIAAAAAAAA/wEUAOv/MTIzNDU2Nzg5MHF3ZXJ0eXVpb3A6m7f3FAAAAA=="]"#,
                    "",
                ),
                (
                    "zlib_compress_to_base64_string",
                    r#"["1234567890qwertyuiop"]"#,
                    "eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw==",
                ),
                (
                    "zlib_decompress_from_base64_string",
                    r#"["eAEBFADr/zEyMzQ1Njc4OTBxd2VydHl1aW9wOAkGdw=="]"#,
                    "1234567890qwertyuiop",
                ),
                ("zlib_decompress_from_base64_string", r#"["eNpLLi3KUUjGJABxCwkP"]"#, "curl curl curl curl curl"),
                ("zlib_decompress_from_base64_string", r#"["x0x0x0"]"#, ""),
            ],
        );
    }

    #[test]
    fn text_comes_back_and_bombs_do_not_go_off() {
        let text = "curl -F file=@archive.7z https://transfer.example/ ".repeat(50);
        for kind in ["gzip", "zlib"] {
            let (pack, unpack) =
                (format!("{kind}_compress_to_base64_string"), format!("{kind}_decompress_from_base64_string"));
            let packed = call(&pack, ColumnType::String, &[Value::string(&text)]);
            assert!(packed.to_string().len() < text.len() / 10, "{kind}");
            assert_eq!(call(&unpack, ColumnType::String, &[packed]).to_string(), text, "{kind}");
            let bomb = call(&pack, ColumnType::String, &[Value::string(&"a".repeat(17 << 20))]);
            assert_eq!(call(&unpack, ColumnType::String, &[bomb]).to_string(), "", "{kind}");
        }
    }
}
