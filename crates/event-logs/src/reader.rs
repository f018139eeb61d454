//! Takes a source in chunks and gives its rows.

use crate::encoding::Encoding;
use crate::format::{ReadRecords, reader_for};
use crate::input::Input;
use crate::options::{Mapping, Options};
use crate::problem::Problem;
use crate::recognise::{self, Format, HEAD, Recognised, Recognition};
use crate::report::{Failure, Report};
use crate::sink::Sink;
use event_table::{SourceId, TableSet};
use std::sync::Arc;

/// How far reading has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes that were fed.
    pub bytes: u64,
    /// Rows that were read from them.
    pub rows: u64,
}

/// Reads one source, which is fed to it in chunks that may be cut anywhere.
///
/// Finished batches are added to the table set while the source is being fed; the last ones and the report come with
/// [`Reader::finish`]. A reader that is dropped before that leaves the rows read so far:
/// [`TableSet::remove_source`] takes them out.
///
/// Memory beyond the tables is one unfinished record (at most [`Options::max_record_bytes`]) and the newest chunk.
///
/// ```
/// use event_logs::{Options, Reader};
/// use event_table::{SourceId, TableSet};
///
/// let mut tables = TableSet::new();
/// let mut reader = Reader::new(SourceId(1), "export.csv", Options::default());
/// reader.feed(b"Timestamp,DeviceName,FileName,Proc", &mut tables);
/// reader.feed(b"essCommandLine\n2025-06-01T09:30:35Z,pc1,git.exe,git push\n", &mut tables);
/// let report = reader.finish(&mut tables);
/// assert_eq!((report.rows(), &*report.tables[0].table), (1, "DeviceProcessEvents"));
/// ```
pub struct Reader {
    sink: Sink,
    state: State,
    encoding: Encoding,
    recognition: Recognition,
    failure: Option<Failure>,
    bytes: u64,
    /// How many bytes the source is recognised by.
    head: usize,
}

enum State {
    /// The first bytes are gathered until they tell what the source is.
    Head(Vec<u8>),
    Reading(Input, Box<dyn ReadRecords>),
    /// The source is not read; bytes are counted.
    Refused,
}

impl Reader {
    /// A reader of a source. Its name is for the report, and tells the table where rows and columns do not: it is
    /// never what tells the format.
    #[must_use]
    pub fn new(source: SourceId, name: &str, options: Options) -> Self {
        Self::knowing(source, name, options, Arc::default())
    }

    /// A reader that reads logs of known shapes as it is said there, unless `options` say how.
    #[must_use]
    pub fn knowing(source: SourceId, name: &str, options: Options, known: Arc<[Mapping]>) -> Self {
        Self {
            sink: Sink::new(source, name, options, known),
            state: State::Head(Vec::new()),
            encoding: Encoding::Utf8,
            recognition: Recognition { format: Format::Empty, why: String::new() },
            failure: None,
            bytes: 0,
            head: HEAD,
        }
    }

    /// A reader of a member of an archive that is not read.
    pub(crate) fn refused(source: SourceId, name: &str, problem: &Problem) -> Self {
        let mut reader = Self::new(source, name, Options::default());
        let format = Format::NotALog;
        reader.refuse(Recognition { format, why: "It is a member of an archive.".into() }, problem);
        reader.state = State::Refused;
        reader
    }

    /// Makes it read nothing of an archive that stands in too many others.
    pub(crate) fn refuse_archive(&mut self) {
        let why = "It is an archive in an archive in an archive.".into();
        self.refuse(Recognition { format: Format::NotALog, why }, &Problem::ArchiveNested);
        self.state = State::Refused;
    }

    /// Reads the next bytes of the source.
    pub fn feed(&mut self, chunk: &[u8], tables: &mut TableSet) {
        self.bytes += chunk.len() as u64;
        if let State::Head(head) = &mut self.state {
            head.extend_from_slice(chunk);
            if head.len() >= self.head {
                self.begin();
            }
        } else {
            self.read(chunk, false);
        }
        self.sink.deliver(tables);
    }

    /// Reads what is left, and says what became of the source.
    #[must_use]
    pub fn finish(mut self, tables: &mut TableSet) -> Report {
        if matches!(self.state, State::Head(_)) {
            self.begin();
        }
        self.read(&[], true);
        let (table_rows, unknown_columns) = self.sink.finish();
        self.sink.deliver(tables);
        let windows_events = self.sink.events();
        let (shape, columns) = self.sink.columns();
        let mut collector = self.sink.collector;
        collector.unread_times.sort_by(|a, b| (a.line, &a.column).cmp(&(b.line, &b.column)));
        Report {
            source: self.sink.source,
            name: self.sink.name,
            recognition: self.recognition,
            packed: Vec::new(),
            options: self.sink.options,
            shape,
            columns,
            encoding: self.encoding,
            bytes: self.bytes,
            failure: self.failure,
            tables: table_rows,
            windows_events,
            unknown_columns,
            warnings: collector.warnings(),
            rejected: collector.rejected.ordered(),
            cells: collector.cells.ordered(),
            unread_times: collector.unread_times,
            truncated: collector.truncated,
        }
    }

    /// How far reading has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress { bytes: self.bytes, rows: self.sink.rows() }
    }

    /// What the source was recognised as; `None` while too little of it was fed.
    #[must_use]
    pub fn recognition(&self) -> Option<&Recognition> {
        if matches!(self.state, State::Head(_)) { None } else { Some(&self.recognition) }
    }

    /// Recognises the source by its first bytes, and begins to read it.
    fn begin(&mut self) {
        let State::Head(head) = std::mem::replace(&mut self.state, State::Refused) else { return };
        // However the source was cut into chunks, it is judged by the same bytes.
        let looked_at = &head[..head.len().min(self.head)];
        if let Some(recognition) = recognise::recognise_evtx(looked_at) {
            self.recognition = recognition;
            if let Some(reader) = reader_for(&Recognised::Evtx) {
                self.state = State::Reading(Input::new(Encoding::Utf8, 0), reader);
                self.read(&head, false);
            }
            return;
        }
        if let Some((recognition, problem)) = recognise::recognise_bytes(looked_at) {
            self.refuse(recognition, &problem);
            return;
        }
        let (encoding, mark) = Encoding::of(looked_at);
        self.encoding = encoding;
        let mut text = looked_at[mark..].to_vec();
        if let Some(mut decoder) = encoding.decoder() {
            text.clear();
            decoder.decode(&looked_at[mark..], false, &mut text);
        }
        let (recognition, recognised) = recognise::recognise_text(&text, &self.sink.options);
        match (reader_for(&recognised), recognised) {
            (Some(reader), _) => {
                self.recognition = recognition;
                self.state = State::Reading(Input::new(encoding, mark), reader);
                self.read(&head[mark..], false);
            }
            (None, Recognised::Nothing(problem)) => self.refuse(recognition, &problem),
            (None, _) => self.refuse(recognition, &Problem::NotRecognised),
        }
    }

    fn refuse(&mut self, recognition: Recognition, problem: &Problem) {
        self.failure = Some(Failure { code: problem.code(), message: problem.words(1) });
        self.recognition = recognition;
    }

    fn read(&mut self, chunk: &[u8], last: bool) {
        if let State::Reading(input, reader) = &mut self.state {
            let malformed = input.push(chunk, last);
            if malformed > 0 {
                self.sink.collector.warn_times(None, Problem::InvalidText, malformed);
            }
            reader.read(input, &mut self.sink);
        }
    }
}

/// Reads a source that is wholly in memory.
pub fn read_bytes(source: SourceId, name: &str, bytes: &[u8], options: Options, tables: &mut TableSet) -> Report {
    // In pieces, since the reader copies what it has not yet read.
    const PIECE: usize = 1 << 20;
    let mut reader = Reader::new(source, name, options);
    bytes.chunks(PIECE).for_each(|piece| reader.feed(piece, tables));
    reader.finish(tables)
}

#[cfg(test)]
mod tests;
