//! The bytes that have arrived and are not yet read: at most one unfinished record beyond the newest chunk.

use crate::encoding::{Encoding, Utf16, utf16_units};
use event_table::RecordSpan;

/// Unread text of a source in UTF-8, and where it stands in the source.
pub(crate) struct Input {
    buffer: Vec<u8>,
    /// How much of the buffer has been read.
    start: usize,
    /// Where the source's text and bytes stand in step.
    mark: Mark,
    /// The line of the first unread byte.
    line: u64,
    decoder: Option<Utf16>,
    /// How much of the source has arrived.
    arrived: u64,
    /// Whether all bytes have arrived.
    last: bool,
}

/// A position in the text and the same position in the source.
#[derive(Clone, Copy)]
struct Mark {
    /// Bytes of UTF-8 from the start of the unread text; less than zero never occurs.
    text: usize,
    source: u64,
}

impl Input {
    /// No bytes yet; the source's first `skip` bytes are its byte-order mark.
    pub(crate) fn new(encoding: Encoding, skip: usize) -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            mark: Mark { text: 0, source: skip as u64 },
            line: 1,
            decoder: encoding.decoder(),
            arrived: skip as u64,
            last: false,
        }
    }

    /// Adds what has arrived. Returns how many code units of UTF-16 were no characters.
    pub(crate) fn push(&mut self, chunk: &[u8], last: bool) -> u64 {
        self.last = last;
        self.arrived += chunk.len() as u64;
        if self.start > 0 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        match &mut self.decoder {
            Some(decoder) => decoder.decode(chunk, last, &mut self.buffer),
            None => {
                self.buffer.extend_from_slice(chunk);
                0
            }
        }
    }

    /// The unread bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Whether nothing comes after the unread bytes.
    pub(crate) fn is_last(&self) -> bool {
        self.last
    }

    /// The line of the first unread byte; the first line is 1.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The place in the source of a range of the unread bytes. Ranges must come in ascending order.
    pub(crate) fn span(&mut self, start: usize, end: usize, line: u64) -> RecordSpan {
        let offset = self.source_offset(start);
        let len = self.source_offset(end) - offset;
        RecordSpan { line, offset, len: u32::try_from(len).unwrap_or(u32::MAX) }
    }

    /// The place in the source of a range of the unread bytes of a source that is no text.
    pub(crate) fn span_at(&self, start: usize, end: usize, number: u64) -> RecordSpan {
        let len = u32::try_from(end - start).unwrap_or(u32::MAX);
        RecordSpan { line: number, offset: self.mark.source - self.mark.text as u64 + start as u64, len }
    }

    /// Takes bytes from the front, which hold this many line ends.
    pub(crate) fn consume(&mut self, bytes: usize, lines: u64) {
        let source = self.source_offset(bytes);
        self.mark = Mark { text: 0, source };
        self.start += bytes;
        self.line += lines;
    }

    fn source_offset(&mut self, text: usize) -> u64 {
        if self.decoder.is_none() {
            return self.mark.source + (text - self.mark.text) as u64;
        }
        let between = &self.buffer[self.start + self.mark.text..self.start + text];
        // Of a unit that is cut off at the source's end there is one byte.
        self.mark = Mark { text, source: self.arrived.min(self.mark.source + 2 * utf16_units(between)) };
        self.mark.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_lead_back_to_the_source() {
        let text = "aé€😀b\ncd";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mut input = Input::new(Encoding::Utf16Le, 2);
        input.push(&utf16, true);
        assert_eq!(input.bytes(), text.as_bytes());
        assert_eq!(input.span(0, 11, 1), RecordSpan { line: 1, offset: 2, len: 12 });
        input.consume(12, 1);
        assert_eq!((input.line(), input.bytes()), (2, &b"cd"[..]));
        assert_eq!(input.span(0, 2, 2), RecordSpan { line: 2, offset: 16, len: 4 });

        let mut input = Input::new(Encoding::Utf16Be, 0);
        input.push(b"\0a\0b\0", true);
        assert_eq!(input.span(0, 5, 1), RecordSpan { line: 1, offset: 0, len: 5 });

        let mut input = Input::new(Encoding::Utf8, 3);
        input.push("é\ncd".as_bytes(), false);
        assert_eq!(input.span(0, 2, 1), RecordSpan { line: 1, offset: 3, len: 2 });
        input.consume(3, 1);
        input.push(b"e", true);
        assert_eq!(input.bytes(), b"cde");
        assert_eq!(input.span(1, 3, 2), RecordSpan { line: 2, offset: 7, len: 2 });
    }
}
