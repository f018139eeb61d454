//! Finds the text of a record again in the file that it was read from.

use crate::encoding::Encoding;
use crate::format::evtx;
use crate::recognise::Format;
use crate::report::{Packing, Report};
use crate::unpack::{Piece, Unpacker};
use event_table::RecordSpan;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Where the record of a row stands in the file that it was read from: what a [`RecordFinder`] needs, and no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordPlace {
    /// The form of the log.
    pub format: Format,
    /// How its characters are stored.
    pub encoding: Encoding,
    /// What the log is to be taken out of, from the file inwards; nothing when it is the file itself.
    pub packed: Vec<Packing>,
    /// Where the record stands in the log.
    pub span: RecordSpan,
}

impl RecordPlace {
    /// The place of a record in a source.
    #[must_use]
    pub fn new(report: &Report, span: RecordSpan) -> Self {
        let (format, encoding) = (report.recognition.format, report.encoding);
        Self { format, encoding, packed: report.packed.clone(), span }
    }
}

/// A record that was found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordText {
    /// The text as it stands in the log, and for binary logs the XML that it says.
    pub text: String,
    /// Whether bytes of it are no text of the log's encoding: each run of them is a `\u{FFFD}` here.
    pub has_other_bytes: bool,
}

/// Finds the text of a record again in the file that it was read from, which is fed to it: from its start, or for files
/// that are no archives only the [range](Self::range) that is needed.
pub struct RecordFinder {
    encoding: Encoding,
    format: Format,
    span: RecordSpan,
    wanted: Range<u64>,
    found: Vec<u8>,
    level: Level,
}

enum Level {
    /// The log itself, at this position.
    Log(u64),
    Archive {
        packing: Packing,
        head: Vec<u8>,
        unpacker: Option<Unpacker>,
        members: u32,
        inside: bool,
        member: Box<Level>,
    },
}

impl RecordFinder {
    /// A finder of the record that stands at a place.
    #[must_use]
    pub fn new(place: &RecordPlace) -> Self {
        let RecordPlace { format, encoding, ref packed, span } = *place;
        let wanted = if format == Format::Evtx {
            evtx::chunk_around(span.offset)
        } else {
            span.offset..span.offset.saturating_add(u64::from(span.len))
        };
        let start = if packed.is_empty() { wanted.start } else { 0 };
        let level = packed.iter().rev().fold(Level::Log(start), |member, packing| Level::Archive {
            packing: *packing,
            head: Vec::new(),
            unpacker: None,
            members: 0,
            inside: false,
            member: Box::new(member),
        });
        Self { encoding, format, span, wanted, found: Vec::new(), level }
    }

    /// The bytes of the file that are to be fed, and no others; `None` for an archive, which is to be fed from its start.
    #[must_use]
    pub fn range(&self) -> Option<Range<u64>> {
        matches!(self.level, Level::Log(_)).then(|| self.wanted.clone())
    }

    /// Takes the next bytes. Returns whether more are needed.
    pub fn feed(&mut self, chunk: &[u8]) -> bool {
        self.level.feed(chunk, &self.wanted, &mut self.found);
        (self.found.len() as u64) < self.wanted.end - self.wanted.start
    }

    /// The record; `None` when it was not found.
    #[must_use]
    pub fn record(&self) -> Option<RecordText> {
        if self.format == Format::Evtx {
            let text = evtx::record_text(&self.found, self.span.offset.checked_sub(self.wanted.start)?)?;
            return Some(RecordText { text, has_other_bytes: false });
        }
        let is_whole = self.found.len() as u64 == u64::from(self.span.len);
        is_whole.then(|| {
            let (text, has_other_bytes) = self.encoding.text(&self.found);
            RecordText { text, has_other_bytes }
        })
    }
}

impl Level {
    fn feed(&mut self, chunk: &[u8], wanted: &Range<u64>, found: &mut Vec<u8>) {
        match self {
            Self::Log(at) => {
                let end = *at + chunk.len() as u64;
                let (from, to) = (wanted.start.max(*at), wanted.end.min(end));
                if from < to {
                    found.extend_from_slice(&chunk[(from - *at) as usize..(to - *at) as usize]);
                }
                *at = end;
            }
            Self::Archive { packing, head, unpacker, members, inside, member } => {
                let bytes = if unpacker.is_none() {
                    head.extend_from_slice(chunk);
                    if head.len() < 4 {
                        return;
                    }
                    *unpacker = Unpacker::of(head);
                    std::mem::take(head)
                } else {
                    chunk.to_vec()
                };
                let Some(unpacker) = unpacker else { return };
                unpacker.feed(&bytes, &mut |piece| match piece {
                    Piece::Begin(_) => {
                        *inside = matches!(packing, Packing::Gzip) || *packing == Packing::Zip(*members);
                        *members += 1;
                    }
                    Piece::Refused(name, _) => *members += u32::from(!name.is_empty()),
                    Piece::Bytes(bytes) if *inside => member.feed(bytes, wanted, found),
                    Piece::Bytes(_) => {}
                    Piece::End(_) => *inside = false,
                });
            }
        }
    }
}
