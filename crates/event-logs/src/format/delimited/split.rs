//! Splits delimited text into records and cells, 64 bytes at a time.
//!
//! The rules are those of RFC 4180 as the `csv` crate reads them: a quote opens a quoted cell only at the cell's
//! start; inside, `""` is a quote and delimiters and line ends are text; what follows the closing quote up to the
//! next delimiter belongs to the cell. Lines end with LF, CR or CRLF; empty lines are no records.
//!
//! Within a block, quotes are taken to open and close in turn, which is right unless one stands inside a cell that
//! does not begin with a quote. That shows as an opening quote that follows neither a delimiter nor a closing quote;
//! such a block is gone through byte by byte.

use super::classify::{BLOCK, Classes, classify};

/// A record: some of the cell ends of a [`Split`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The index, in [`Split::ends`], of its first cell's end; the end before it tells where the cell starts.
    first: u32,
    /// How many cells it has.
    pub(crate) cells: u32,
    /// Line ends from the start of the text to the record.
    pub(crate) line: u32,
    /// Line ends inside its quoted cells.
    pub(crate) inner_lines: u32,
}

impl Record {
    /// What names the record's cells to [`Split::cell_at`].
    pub(crate) fn first_end(&self) -> u32 {
        self.first
    }
}

/// The records of a text, with memory that is used again for the next.
#[derive(Debug, Default)]
pub(crate) struct Split {
    /// Where each cell ends; the first entry stands for the byte before the text.
    ends: Vec<u32>,
    pub(crate) records: Vec<Record>,
    /// Bytes up to the end of the last record and of its line.
    pub(crate) consumed: usize,
    /// Line ends in those bytes.
    pub(crate) lines: u32,
    /// Whether NUL or bytes that are no ASCII may be among those bytes.
    pub(crate) unusual: bool,
    /// Whether the text ends inside a quoted cell.
    pub(crate) open_quote: bool,
}

/// Where the text before a byte leaves off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A quote would open a quoted cell: at a cell's start, or after a closing quote.
    MayOpen,
    /// In a cell that is not quoted.
    Plain,
    Quoted,
}

/// Whether a text goes on after its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// More may come: only what a line end closes is a record.
    Open,
    /// Nothing comes: the rest is a record too.
    Closed,
}

/// Whether the line end at a position ends a line: of CRLF only the first byte does.
#[inline]
fn ends_line(bytes: &[u8], position: usize) -> bool {
    bytes[position] == b'\r' || position == 0 || bytes[position - 1] != b'\r'
}

/// For each bit whether the number of set bits up to and with it is odd.
#[inline]
fn odd_so_far(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// The bits of a block that end cells, and the state after it.
#[inline]
fn structure(classes: &Classes, block: &[u8; BLOCK], state: State) -> (u64, State) {
    let ends = classes.delimiters | classes.line_ends;
    if classes.quotes == 0 {
        return match state {
            State::Quoted => (0, State::Quoted),
            _ if ends >> (BLOCK - 1) == 1 => (ends, State::MayOpen),
            _ => (ends, State::Plain),
        };
    }
    let inside = odd_so_far(classes.quotes) ^ if state == State::Quoted { u64::MAX } else { 0 };
    let ends = ends & !inside;
    let closing = classes.quotes & !inside;
    let may_open = ends | closing;
    let opening = classes.quotes & inside;
    if opening & !(may_open << 1 | u64::from(state == State::MayOpen)) != 0 {
        return byte_by_byte(classes, block, state);
    }
    let state = match (inside >> (BLOCK - 1), may_open >> (BLOCK - 1)) {
        (1, _) => State::Quoted,
        (_, 1) => State::MayOpen,
        _ => State::Plain,
    };
    (ends, state)
}

/// As [`structure`], for a block in which a quote is text.
#[cold]
fn byte_by_byte(classes: &Classes, block: &[u8; BLOCK], mut state: State) -> (u64, State) {
    let mut found = 0;
    for (i, byte) in block.iter().enumerate() {
        let ends = (classes.delimiters | classes.line_ends) >> i & 1;
        state = match (state, byte) {
            (State::Quoted, b'"') => State::MayOpen,
            (State::Quoted, _) => State::Quoted,
            (State::MayOpen, b'"') => State::Quoted,
            _ if ends == 1 => {
                found |= 1 << i;
                State::MayOpen
            }
            _ => State::Plain,
        };
    }
    (found, state)
}

impl Split {
    /// Splits a text, which must begin at the start of a record and be shorter than 4 GiB.
    pub(crate) fn split(&mut self, bytes: &[u8], delimiter: u8, ending: Ending) {
        self.ends.clear();
        self.records.clear();
        // One before the text: one more than it, in the wrapping sense, is where the first cell starts.
        self.ends.push(u32::MAX);
        (self.consumed, self.lines, self.unusual) = (0, 0, false);
        let mut scan = Scan { first: 1, line: 0, all_lines: 0, inner_lines: 0, unusual: false, state: State::MayOpen };

        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        for (i, block) in blocks.iter().enumerate() {
            self.block(&mut scan, bytes, i * BLOCK, block, delimiter);
        }
        if !rest.is_empty() {
            // Spaces end no cell and close no quote, which is all that is asked about what follows the text.
            let mut block = [b' '; BLOCK];
            block[..rest.len()].copy_from_slice(rest);
            self.block(&mut scan, bytes, blocks.len() * BLOCK, &block, delimiter);
        }
        self.open_quote = scan.state == State::Quoted;
        if ending == Ending::Open {
            self.leave_half_a_line_end(bytes);
        } else if self.consumed < bytes.len() {
            self.ends.push(bytes.len() as u32);
            self.end_record(&mut scan, self.ends.len(), bytes.len());
            self.consumed = bytes.len();
            self.lines = scan.all_lines;
            self.unusual = scan.unusual;
        }
    }

    #[inline]
    fn block(&mut self, scan: &mut Scan, bytes: &[u8], at: usize, block: &[u8; BLOCK], delimiter: u8) {
        let classes = classify(block, delimiter);
        scan.unusual |= classes.unusual;
        let (ends, state) = structure(&classes, block, scan.state);
        scan.state = state;
        let first_end = self.ends.len();
        let mut bits = ends;
        while bits != 0 {
            self.ends.push(at as u32 + bits.trailing_zeros());
            bits &= bits - 1;
        }
        if classes.line_ends != 0 {
            self.line_ends(scan, bytes, at, classes.line_ends, ends, first_end);
        }
    }

    /// Ends records, and counts the lines of a block that has line ends.
    #[inline]
    fn line_ends(&mut self, scan: &mut Scan, bytes: &[u8], at: usize, line_ends: u64, ends: u64, first_end: usize) {
        let mut rest = line_ends;
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            let end = at + bit as usize;
            let lines = u32::from(ends_line(bytes, end));
            scan.all_lines += lines;
            if ends >> bit & 1 == 0 {
                scan.inner_lines += lines;
                continue;
            }
            let ends_before = ends & ((1 << bit) - 1);
            self.end_record(scan, first_end + ends_before.count_ones() as usize + 1, end);
            self.consumed = end + 1;
            self.lines = scan.all_lines;
            self.unusual = scan.unusual;
        }
    }

    /// Ends a record whose last cell ends at `end` and is the one before `end_index`.
    #[inline]
    fn end_record(&mut self, scan: &mut Scan, end_index: usize, end: usize) {
        let cells = end_index as u32 - scan.first;
        let empty = cells == 1 && self.ends[scan.first as usize - 1].wrapping_add(1) == end as u32;
        if !empty {
            self.records.push(Record { first: scan.first, cells, line: scan.line, inner_lines: scan.inner_lines });
        }
        scan.first = end_index as u32;
        scan.line = scan.all_lines;
        scan.inner_lines = 0;
    }

    /// When the text ends with a carriage return, the line feed that belongs to it may be still to come: the line
    /// stays unread until it is known.
    fn leave_half_a_line_end(&mut self, bytes: &[u8]) {
        if self.consumed == bytes.len() && bytes.last() == Some(&b'\r') {
            match self.records.pop() {
                Some(last) if self.record_end(&last) + 1 == bytes.len() => {
                    self.consumed = self.record_start(&last);
                    self.lines = last.line;
                }
                // The line is empty.
                kept => {
                    self.records.extend(kept);
                    self.consumed -= 1;
                    self.lines -= 1;
                }
            }
        }
    }

    /// How many cells have begun after the last record.
    pub(crate) fn open_cells(&self) -> usize {
        let ended = self.records.last().map_or(1, |r| (r.first + r.cells) as usize);
        self.ends.len() - ended + 1
    }

    /// Where a record starts.
    #[inline]
    pub(crate) fn record_start(&self, record: &Record) -> usize {
        self.ends[record.first as usize - 1].wrapping_add(1) as usize
    }

    /// Where a record ends, before its line end.
    #[inline]
    pub(crate) fn record_end(&self, record: &Record) -> usize {
        self.ends[(record.first + record.cells) as usize - 1] as usize
    }

    /// Where a cell of a record starts and ends, quotes included. The record must have the cell.
    #[inline]
    pub(crate) fn cell(&self, record: &Record, cell: usize) -> (usize, usize) {
        self.cell_at(record.first, cell)
    }

    /// As [`Split::cell`], for the record that begins with a [`Record::first_end`].
    #[inline]
    pub(crate) fn cell_at(&self, first_end: u32, cell: usize) -> (usize, usize) {
        let index = first_end as usize + cell;
        match self.ends.get(index - 1..=index) {
            Some([before, end]) => (before.wrapping_add(1) as usize, *end as usize),
            _ => (0, 0),
        }
    }
}

/// What a split carries from block to block.
struct Scan {
    /// The index of the first cell end of the record that is open.
    first: u32,
    /// The line it starts on.
    line: u32,
    all_lines: u32,
    inner_lines: u32,
    unusual: bool,
    state: State,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::delimited::quote;
    use proptest::prelude::*;

    /// The records with their cells, each as it stands in the text.
    fn raw(split: &Split, text: &str) -> Vec<Vec<String>> {
        let cell = |r: &Record, c: u32| {
            let (start, end) = split.cell(r, c as usize);
            text[start..end].to_owned()
        };
        split.records.iter().map(|r| (0..r.cells).map(|c| cell(r, c)).collect()).collect()
    }

    fn closed(text: &str, delimiter: u8) -> Split {
        let mut split = Split::default();
        split.split(text.as_bytes(), delimiter, Ending::Closed);
        split
    }

    fn by_csv_crate(text: &str, delimiter: u8) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    /// The text of a cell as the `csv` crate reads it: quotes that are out of place are dropped as its rules say.
    fn as_csv_crate(cell: &str) -> String {
        let Some(rest) = cell.strip_prefix('"') else { return cell.to_owned() };
        let (mut out, mut rest) = (String::new(), rest.chars().peekable());
        while let Some(c) = rest.next() {
            match c {
                '"' if rest.peek() == Some(&'"') => out.extend(rest.next()),
                '"' => {
                    out.extend(rest);
                    break;
                }
                c => out.push(c),
            }
        }
        out
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => Just("\"".to_owned()), 4 => Just(",".to_owned()), 3 => Just("\n".to_owned()), 1 => Just("\r".to_owned()),
            2 => Just("\r\n".to_owned()), 2 => Just("\"\"".to_owned()), 1 => Just("\",\"".to_owned()), 3 => "[a-c]{1,3}",
            1 => "[a-z]{20,90}", 1 => Just("é€😀".to_owned()),
        ];
        proptest::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn records_and_cells_are_those_of_the_csv_crate(text in text()) {
            // That crate takes a byte-order mark off, which here the source's reader does.
            let split = closed(&text, b',');
            let cells: Vec<Vec<String>> =
                raw(&split, &text).iter().map(|r| r.iter().map(|c| as_csv_crate(c)).collect()).collect();
            prop_assert_eq!(cells, by_csv_crate(&text, b','));
        }

        #[test]
        fn well_quoted_cells_are_those_of_the_csv_crate(
            rows in proptest::collection::vec(proptest::collection::vec("[a,;\"\n\ré ]{0,9}", 2..5), 0..40)
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let split = closed(&text, b',');
            let mut scratch = String::new();
            let cells: Vec<Vec<String>> = raw(&split, &text)
                .iter().map(|r| r.iter().map(|c| quote::unquoted(c, &mut scratch).to_owned()).collect()).collect();
            prop_assert_eq!(cells, rows);
        }

        #[test]
        fn a_text_cut_anywhere_gives_the_same_records(text in text(), cut in any::<prop::sample::Index>()) {
            let whole = closed(&text, b',');
            let cut = cut.index(text.len() + 1);
            let mut part = Split::default();
            part.split(&text.as_bytes()[..cut], b',', Ending::Open);
            let first: Vec<(u32, usize, usize)> =
                part.records.iter().map(|r| (r.line, part.record_start(r), part.record_end(r))).collect();
            let (consumed, lines) = (part.consumed, part.lines);
            part.split(&text.as_bytes()[consumed..], b',', Ending::Closed);
            let rest = part.records.iter()
                .map(|r| (r.line + lines, part.record_start(r) + consumed, part.record_end(r) + consumed));
            let all: Vec<_> = first.into_iter().chain(rest).collect();
            let expected: Vec<_> =
                whole.records.iter().map(|r| (r.line, whole.record_start(r), whole.record_end(r))).collect();
            prop_assert_eq!(all, expected);
            prop_assert_eq!(lines + part.lines, whole.lines);
        }
    }

    #[test]
    fn records_know_their_line() {
        let split = closed("a,b\r\n\r\n\"x\ny\",\"\r\n\"\rc,d\n\ne,f", b',');
        let lines: Vec<_> = split.records.iter().map(|r| (r.line, r.inner_lines)).collect();
        assert_eq!(lines, [(0, 0), (2, 2), (5, 0), (7, 0)]);
        assert_eq!(split.lines, 7);
        assert!(!split.open_quote && closed("a,\"b", b',').open_quote);
    }

    #[test]
    fn unusual_bytes_are_noticed() {
        assert!(!closed("plain,text\n", b',').unusual);
        assert!(closed("é,text\n", b',').unusual && closed("nul\0,text\n", b',').unusual);
    }
}
