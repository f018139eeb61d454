//! Text of one record a line with a delimiter between cells, under a header line of column names: the CSV exports of
//! Defender and of Log Analytics, tab-separated text copied from a grid, and Excel's semicolons.
//!
//! Records are found in stretches of text, and their cells are then added to the tables column by column.
//!
//! - A record with more or fewer cells than the header is refused. Empty cells beyond the last column say nothing, so
//!   they are left out and the record is kept.
//! - A quote that is not closed swallows what follows, up to the next quote. Where the record that results is no row,
//!   only the line of the quote is refused, and reading goes on at the next line that is a row.
//! - The last line may be cut off: when it has too few cells and no line end, it is told as the end of the file.

mod classify;
mod columns;
mod quote;
mod rows;
mod split;

use crate::format::ReadRecords;
use crate::input::Input;
use crate::problem::Problem;
use crate::sink::Sink;
use columns::Header;
use quote::RegionEnd;
use rows::Rows;
use split::{Ending, Record, Split};

/// The bytes that are split at once: few enough to stay in the processor's second cache with what comes of them.
const STRETCH: usize = 256 << 10;
/// The bytes that are split at first after a stray quote, where the next one may be near.
const SHORT_STRETCH: usize = 256;
/// What may be read once more after stray quotes, beyond what is read anyway.
const SPARE_BUDGET: u64 = 64 << 20;

/// Reads delimited text.
pub(crate) struct Delimited {
    delimiter: u8,
    header: Option<Header>,
    split: Split,
    rows: Rows,
    /// The bytes that are split at once; more while a record is longer.
    stretch: usize,
    /// Bytes without which another attempt would find no record either.
    wanted: usize,
    /// Bytes of text before the input's.
    before: u64,
    /// Bytes that were read again to find where to go on after stray quotes.
    read_again: u64,
    /// Whether the rest of an overlong record is being passed over.
    passing_over: bool,
}

/// What a record is.
enum Verdict {
    Row,
    /// Nothing to add: it was told, or it is the header once more.
    NoRow,
    /// Refused from its start; reading goes on at this place within the stretch, this many lines into it.
    ResumeAt(usize, u64),
}

impl Delimited {
    /// A reader of text whose cells have this delimiter between them.
    pub(crate) fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            header: None,
            split: Split::default(),
            rows: Rows::default(),
            stretch: STRETCH,
            wanted: 0,
            before: 0,
            read_again: 0,
            passing_over: false,
        }
    }

    /// Reads the next stretch. Returns whether there may be another one in the input.
    fn read_stretch(&mut self, input: &mut Input, sink: &mut Sink) -> bool {
        let limit = sink.options.max_record_bytes;
        let available = input.bytes().len();
        if available == 0 || (available < self.wanted && !input.is_last()) {
            return false;
        }
        let stretch = available.min(self.stretch).min(limit);
        let at_end = input.is_last() && stretch == available;
        let ending = if at_end { Ending::Closed } else { Ending::Open };
        self.split.split(&input.bytes()[..stretch], self.delimiter, ending);
        if self.split.consumed > 0 {
            self.stretch = (self.stretch * 2).min(STRETCH);
            self.wanted = 0;
            self.read_records(input, sink, at_end);
            return true;
        }
        if stretch == limit {
            self.refuse_overlong(input, sink, stretch);
            return true;
        }
        if stretch < available {
            self.stretch = stretch * 2;
            return true;
        }
        // A record that is longer than what has arrived is looked at again when that has doubled, so that the work
        // stays in proportion however small the chunks are.
        self.wanted = available.saturating_mul(2).min(limit);
        self.stretch = self.stretch.max(self.wanted);
        false
    }

    /// Handles the records of the stretch that was split.
    fn read_records(&mut self, input: &mut Input, sink: &mut Sink, at_end: bool) {
        let split = std::mem::take(&mut self.split);
        let first = if self.header.is_none() { self.read_header(input, sink, &split) } else { 0 };
        self.rows.clear();
        let mut taken = (split.consumed, u64::from(split.lines));
        for (i, record) in split.records.iter().enumerate().skip(first) {
            let is_tail = at_end && i + 1 == split.records.len() && split.record_end(record) == split.consumed;
            match self.judge(input, sink, &split, record, is_tail) {
                Verdict::Row => self.rows.push(i),
                Verdict::NoRow => {}
                Verdict::ResumeAt(position, line) => {
                    taken = (position, line);
                    self.stretch = SHORT_STRETCH;
                    break;
                }
            }
        }
        if let Some(header) = &mut self.header {
            self.rows.add(header, input, sink, &split, taken.0);
        }
        self.before += taken.0 as u64;
        input.consume(taken.0, taken.1);
        self.split = split;
    }

    /// Reads the header, if it is there. Returns the position of the record after it.
    fn read_header(&mut self, input: &Input, sink: &mut Sink, split: &Split) -> usize {
        // Excel's own way to name the delimiter is a line `sep=;` before the header.
        let is_hint = |r: &Record| input.bytes()[split.record_start(r)..split.record_end(r)].starts_with(b"sep=");
        let position = usize::from(split.records.first().is_some_and(is_hint));
        let Some(record) = split.records.get(position) else { return position };
        let line = input.line() + u64::from(record.line);
        self.header = Some(Header::read(input.bytes(), self.delimiter, split, record, line, sink));
        position + 1
    }

    /// Whether a record is a row; what it is otherwise is told.
    #[inline]
    fn judge(&mut self, input: &Input, sink: &mut Sink, split: &Split, record: &Record, is_tail: bool) -> Verdict {
        let Some(header) = &self.header else { return Verdict::NoRow };
        let same = record.cells as usize == header.width;
        if same && record.inner_lines == 0 && !is_tail {
            let bytes = &input.bytes()[split.record_start(record)..split.record_end(record)];
            if bytes != header.line_text {
                return Verdict::Row;
            }
            sink.collector.warn(Some(input.line() + u64::from(record.line)), Problem::HeaderRepeated);
            return Verdict::NoRow;
        }
        self.judge_unusual(input, sink, split, record, is_tail)
    }

    #[cold]
    fn judge_unusual(
        &mut self,
        input: &Input,
        sink: &mut Sink,
        split: &Split,
        record: &Record,
        is_tail: bool,
    ) -> Verdict {
        let Some(header) = &self.header else { return Verdict::NoRow };
        let (cells, columns) = (record.cells as usize, header.width);
        let line = input.line() + u64::from(record.line);
        let is_open = is_tail && split.open_quote;
        if cells == columns
            && !is_open
            && (record.inner_lines == 0 || !quote::is_ill_quoted(input.bytes(), split, record))
        {
            return Verdict::Row;
        }
        let is_cut_off = is_tail && (cells < columns || is_open);
        if record.inner_lines > 0 {
            let region_end = if is_tail { RegionEnd::Cut } else { RegionEnd::Line };
            let start = split.record_start(record);
            let end = if is_tail { split.consumed } else { split.record_end(record) + 1 };
            let region = &input.bytes()[start..end];
            if let Some((at, lines)) = self.resume(region, region_end, self.before + start as u64) {
                sink.collector.reject(line, None, &Problem::UnclosedQuote(Some(line + lines)));
                return Verdict::ResumeAt(start + at, u64::from(record.line) + lines);
            }
        }
        if is_cut_off {
            sink.collector.truncate(line, &Problem::CutOffRow { cells, columns, in_quotes: is_open });
            return Verdict::NoRow;
        }
        if cells > columns
            && (columns..cells).all(|c| {
                let (start, end) = split.cell(record, c);
                start == end
            })
        {
            sink.collector.warn(Some(line), Problem::ExtraEmptyCells);
            return Verdict::Row;
        }
        let problem = if cells < columns {
            Problem::TooFewCells { cells, columns }
        } else if cells > columns {
            Problem::TooManyCells { cells, columns }
        } else {
            Problem::UnclosedQuote(None)
        };
        sink.collector.reject(line, None, &problem);
        Verdict::NoRow
    }

    /// Finds where to go on in a region of text that begins at a position of the whole and that a stray quote has
    /// swallowed.
    fn resume(&mut self, region: &[u8], end: RegionEnd, position: u64) -> Option<(usize, u64)> {
        let columns = self.header.as_ref()?.width;
        // What is read again is bounded by what was read, or hostile text could have every line read to the end.
        let mut budget = (SPARE_BUDGET + position).saturating_sub(self.read_again);
        let before = budget;
        let found = quote::resume(region, end, self.delimiter, columns, &mut budget);
        self.read_again += before - budget;
        found
    }

    /// Refuses the record at the start of the input, which does not end within the longest record's length.
    fn refuse_overlong(&mut self, input: &mut Input, sink: &mut Sink, length: usize) {
        let region = &input.bytes()[..length];
        let lines = line_ends(region);
        let line = input.line();
        self.stretch = STRETCH;
        self.wanted = 0;
        if self.split.open_quote
            && let Some((at, lines)) = self.resume(region, RegionEnd::Cut, self.before)
        {
            sink.collector.reject(line, None, &Problem::UnclosedQuote(Some(line + lines)));
            self.before += at as u64;
            input.consume(at, lines);
            return;
        }
        self.before += length as u64;
        let problem = Problem::RecordTooLong(length);
        sink.collector.reject(line, None, &problem);
        input.consume(length, lines);
        self.passing_over = true;
    }

    /// Passes over what is left of an overlong record. Returns whether its end was found.
    fn pass_over(&mut self, input: &mut Input) -> bool {
        let bytes = input.bytes();
        match memchr::memchr2(b'\n', b'\r', bytes) {
            // The line feed after a carriage return is an empty line's, which is passed over as well.
            Some(end) => {
                input.consume(end, 0);
                self.passing_over = false;
                true
            }
            None => {
                let all = bytes.len();
                input.consume(all, 0);
                false
            }
        }
    }
}

impl ReadRecords for Delimited {
    fn read(&mut self, input: &mut Input, sink: &mut Sink) {
        while (!self.passing_over || self.pass_over(input)) && self.read_stretch(input, sink) {}
        if input.is_last() {
            match &self.header {
                None => sink.collector.warn(None, Problem::NoRecords),
                Some(header) if sink.rows() == 0 && sink.collector.rejected.total == 0 => {
                    sink.collector.warn(Some(header.line), Problem::HeaderAlone);
                }
                Some(_) => {}
            }
        }
    }
}

/// The number of line ends, CRLF being one.
fn line_ends(bytes: &[u8]) -> u64 {
    let second = |at: usize| bytes[at] == b'\n' && at > 0 && bytes[at - 1] == b'\r';
    memchr::memchr2_iter(b'\n', b'\r', bytes).filter(|at| !second(*at)).count() as u64
}
