//! How the characters of a source are stored: UTF-8, or UTF-16 in either byte order.
//!
//! Readers of text formats see UTF-8 only. Positions in it are led back to positions in the source, so that the
//! original record can be found again.

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

/// How the characters of a source are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16, low byte first, as Windows writes it.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
}

impl Encoding {
    /// The encoding that the first bytes show, and how long its mark is. UTF-16 without a mark shows by the NUL that
    /// every other byte of its first characters is, and by many more: a first line of UTF-8 may be ruined by some.
    pub(crate) fn of(head: &[u8]) -> (Self, usize) {
        match head {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0xFF, 0xFE, ..] => (Self::Utf16Le, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16Be, 2),
            [a, 0, b, 0, ..] if *a != 0 && *b != 0 && has_many_nuls(head) => (Self::Utf16Le, 0),
            [0, a, 0, b, ..] if *a != 0 && *b != 0 && has_many_nuls(head) => (Self::Utf16Be, 0),
            _ => (Self::Utf8, 0),
        }
    }

    /// The text of a record that was cut out of a source in this encoding, and whether it has bytes that are no text,
    /// which show as `\u{FFFD}`.
    #[must_use]
    pub fn text(self, record: &[u8]) -> (String, bool) {
        let (text, has_other_bytes) = match self {
            Self::Utf8 => UTF_8.decode_without_bom_handling(record),
            Self::Utf16Le => UTF_16LE.decode_without_bom_handling(record),
            Self::Utf16Be => UTF_16BE.decode_without_bom_handling(record),
        };
        (text.into_owned(), has_other_bytes)
    }

    pub(crate) fn decoder(self) -> Option<Utf16> {
        let decoder = match self {
            Self::Utf8 => return None,
            Self::Utf16Le => UTF_16LE.new_decoder_without_bom_handling(),
            Self::Utf16Be => UTF_16BE.new_decoder_without_bom_handling(),
        };
        Some(Utf16 { decoder })
    }
}

/// Whether an eighth of the bytes are NUL. Of a log in UTF-16 it is a half, or less where cells are not in Latin letters.
fn has_many_nuls(head: &[u8]) -> bool {
    memchr::memchr_iter(0, head).count() >= head.len() / 8
}

/// Turns UTF-16 into UTF-8, chunk by chunk.
pub(crate) struct Utf16 {
    decoder: Decoder,
}

impl Utf16 {
    /// Appends a chunk to `out`. Returns how many code units belong to no character; each became U+FFFD.
    pub(crate) fn decode(&mut self, mut chunk: &[u8], last: bool, out: &mut Vec<u8>) -> u64 {
        let mut text = String::new();
        let mut malformed = 0;
        loop {
            let room = self.decoder.max_utf8_buffer_length_without_replacement(chunk.len());
            text.reserve(room.unwrap_or(chunk.len()).max(16));
            let (result, read) = self.decoder.decode_to_string_without_replacement(chunk, &mut text, last);
            chunk = &chunk[read..];
            match result {
                DecoderResult::Malformed(..) => {
                    text.push('\u{FFFD}');
                    malformed += 1;
                }
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
            }
        }
        out.extend_from_slice(text.as_bytes());
        malformed
    }
}

/// The number of UTF-16 code units that a UTF-8 text has.
pub(crate) fn utf16_units(utf8: &[u8]) -> u64 {
    // Every character has one leading byte; those of four bytes have two units.
    utf8.iter().map(|b| u64::from(b & 0xC0 != 0x80) + u64::from(*b >= 0xF0)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, encoding: Encoding) -> Vec<u8> {
        let bytes = |unit: u16| if encoding == Encoding::Utf16Be { unit.to_be_bytes() } else { unit.to_le_bytes() };
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf16_decodes_across_any_cut() {
        let text = "Timestamp,é,€,😀\n";
        for encoding in [Encoding::Utf16Le, Encoding::Utf16Be] {
            let bytes = utf16(text, encoding);
            assert_eq!(bytes.len() as u64, 2 * utf16_units(text.as_bytes()));
            for cut in 0..bytes.len() {
                let (mut decoder, mut out) = (encoding.decoder().unwrap(), Vec::new());
                let mut malformed = decoder.decode(&bytes[..cut], false, &mut out);
                malformed += decoder.decode(&bytes[cut..], true, &mut out);
                assert_eq!((String::from_utf8(out).unwrap().as_str(), malformed), (text, 0), "cut at {cut}");
            }
            assert_eq!(encoding.text(&bytes), (text.to_owned(), false));
        }
    }

    #[test]
    fn half_a_character_is_replaced_and_counted() {
        let mut out = Vec::new();
        let malformed = Encoding::Utf16Le.decoder().unwrap().decode(&[b'a', 0, 0x3D, 0xD8, b'b', 0], true, &mut out);
        assert_eq!((String::from_utf8(out).unwrap().as_str(), malformed), ("a\u{FFFD}b", 1));
    }

    #[test]
    fn marks_and_nuls_tell_the_encoding() {
        for (head, expected) in [
            (&b"\xEF\xBB\xBFTimestamp"[..], (Encoding::Utf8, 3)),
            (b"\xFF\xFET\0", (Encoding::Utf16Le, 2)),
            (b"\xFE\xFF\0T", (Encoding::Utf16Be, 2)),
            (b"T\0i\0", (Encoding::Utf16Le, 0)),
            (b"\0T\0i", (Encoding::Utf16Be, 0)),
            (b"Timestamp", (Encoding::Utf8, 0)),
            // A first line that was ruined.
            (b"{\0'\0\0\0\n{\"DeviceName\":\"a\"}\n{\"DeviceName\":\"b\"}\n", (Encoding::Utf8, 0)),
            (b"", (Encoding::Utf8, 0)),
        ] {
            assert_eq!(Encoding::of(head), expected);
        }
    }
}
