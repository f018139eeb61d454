//! Windows event log files: a header of 4 KiB and chunks of 64 KiB, each of which holds all that its records need.
//!
//! The crate `evtx` reads chunks and renders records to XML, which is read as any other. A chunk that is damaged is told,
//! and reading goes on: in it, at the next record that can be read, else at the next chunk.

use super::ReadRecords;
use crate::input::Input;
use crate::problem::Problem;
use crate::sink::Sink;
use crate::windows::xml::EventReader;
use crate::windows::{System, WindowsEvent};
use evtx::{EvtxChunkData, ParserSettings};
use std::sync::Arc;

const FILE_HEADER: usize = 4096;
const CHUNK: usize = 65_536;
const CHUNK_MAGIC: &[u8] = b"ElfChnk\0";
/// A record's own header, before what is rendered, and the copy of its length after that.
const RECORD_HEADER: usize = 24;
const RECORD_FOOTER: usize = 4;

/// Reads EVTX.
pub(crate) struct Evtx {
    settings: Arc<ParserSettings>,
    reader: EventReader,
    event: WindowsEvent,
    passed_header: bool,
    chunks: u64,
    records: u64,
    met_chunks: bool,
}

impl Default for Evtx {
    fn default() -> Self {
        Self {
            settings: Arc::new(ParserSettings::default().indent(false)),
            reader: EventReader::default(),
            event: WindowsEvent::default(),
            passed_header: false,
            chunks: 0,
            records: 0,
            met_chunks: false,
        }
    }
}

impl ReadRecords for Evtx {
    fn read(&mut self, input: &mut Input, sink: &mut Sink) {
        if !self.passed_header {
            if input.bytes().len() < FILE_HEADER {
                if input.is_last() {
                    sink.collector.truncate(1, &Problem::CutOffEvtx);
                }
                return;
            }
            input.consume(FILE_HEADER, 0);
            self.passed_header = true;
        }
        while input.bytes().len() >= CHUNK {
            self.chunk(input, sink, CHUNK);
        }
        if input.is_last() {
            let left = input.bytes().len();
            if left > 0 {
                let number = self.chunks + 1;
                self.chunk(input, sink, left);
                if self.met_chunks {
                    sink.collector.truncate(number, &Problem::CutOffEvtx);
                }
            }
            if !self.met_chunks {
                sink.collector.warn(None, Problem::NoRecords);
            }
        }
    }
}

impl Evtx {
    /// Reads the chunk that the input's first bytes are; a shorter one is the file's end.
    fn chunk(&mut self, input: &mut Input, sink: &mut Sink, length: usize) {
        self.chunks += 1;
        let bytes = &input.bytes()[..length];
        if bytes.iter().all(|b| *b == 0) {
            // Files are made longer than what is written to them.
            input.consume(length, 0);
            return;
        }
        self.met_chunks = true;
        let mut data = bytes.to_vec();
        data.resize(CHUNK, 0);
        let refuse = |sink: &mut Sink, what| {
            let problem = Problem::ChunkDamaged { number: self.chunks, what };
            sink.collector.reject(self.records + 1, None, &problem);
        };
        if !data.starts_with(CHUNK_MAGIC) {
            refuse(sink, "it does not begin as a chunk does");
            input.consume(length, 0);
            return;
        }
        let Ok(mut chunk) = EvtxChunkData::new(data, false) else {
            refuse(sink, "its header is invalid");
            input.consume(length, 0);
            return;
        };
        if length == CHUNK && !chunk.validate_checksum() {
            sink.collector.warn(None, Problem::ChunkChecksum);
        }
        let Ok(mut chunk) = chunk.parse(self.settings.clone()) else {
            refuse(sink, "its table of names is invalid");
            input.consume(length, 0);
            return;
        };
        for record in chunk.iter() {
            self.records += 1;
            let number = self.records;
            let Ok(record) = record else {
                sink.collector.reject(number, None, &Problem::RecordDamaged);
                continue;
            };
            let start = usize::try_from(record.binxml_offset).unwrap_or(0).saturating_sub(RECORD_HEADER).min(length);
            let end = (start + RECORD_HEADER + record.binxml_size as usize + RECORD_FOOTER).min(length);
            let Ok(xml) = record.into_xml() else {
                sink.collector.reject(number, None, &Problem::RecordDamaged);
                continue;
            };
            match self.reader.read(&xml.data, &mut self.event) {
                Ok(()) if self.event.system(System::EventId).is_empty() => {
                    sink.collector.reject(number, None, &Problem::NotARecord("An event without a number"));
                }
                Ok(()) => {
                    let span = input.span_at(start, end, number);
                    sink.add_event(&self.event, span);
                }
                Err(fault) => sink.collector.reject(number, None, &fault.problem()),
            }
        }
        input.consume(length, 0);
    }
}

/// Where in a file the chunk stands that holds a byte.
pub(crate) fn chunk_around(offset: u64) -> std::ops::Range<u64> {
    let (header, chunk) = (FILE_HEADER as u64, CHUNK as u64);
    let start = header + offset.saturating_sub(header) / chunk * chunk;
    start..start + chunk
}

/// The record that stands at a position of a chunk, as XML with line ends.
pub(crate) fn record_text(chunk: &[u8], position: u64) -> Option<String> {
    let mut data = chunk.to_vec();
    data.resize(CHUNK, 0);
    let mut data = EvtxChunkData::new(data, false).ok()?;
    let mut chunk = data.parse(Arc::new(ParserSettings::default())).ok()?;
    let found = chunk.iter().flatten().find(|record| record.binxml_offset == position + RECORD_HEADER as u64)?;
    found.into_xml().ok().map(|xml| xml.data)
}
