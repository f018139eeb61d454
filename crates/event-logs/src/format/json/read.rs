//! The reader of JSON: walks to the records, and has them added.

use super::records::Records;
use super::resync::{Budget, Found, Resync, Skip, Unread};
use super::scan::{Kind, MAX_DEPTH, Scanned, Scanner, TOO_DEEP, scalar, string};
use super::text::unescaped;
use super::walk::{Layout, LinePlace, Member, OTHER_DOCUMENT_KEYS, RESULT_KEYS, Role, TABLE_KEYS};
use crate::format::ReadRecords;
use crate::input::Input;
use crate::problem::Problem;
use crate::sink::Sink;

/// Reads JSON.
pub(crate) struct Json {
    layout: Layout,
    /// The containers that are open around the next value, each with whether it is an object.
    frames: Vec<(bool, Role)>,
    mode: Mode,
    scanner: Scanner,
    records: Records,
    place: LinePlace,
    /// Bytes without which another attempt would find no more.
    wanted: usize,
    /// The first key of the records so far.
    first_key: Vec<u8>,
    /// Tables of the list that is open.
    tables: usize,
    /// Whether the frame that was met last is of another table than the query's result.
    is_other_table: bool,
    met_records: bool,
    /// Whether it is uncertain which containers are open, after a broken record.
    lost: bool,
    budget: Budget,
}

enum Mode {
    Walking,
    /// After a broken record; the line of one that the source's end left unfinished, as long as nothing else shows
    /// that it is broken.
    Resyncing(Resync, Option<u64>),
    Skipping(Skip),
    /// Too much is broken: the rest is passed over.
    GivenUp,
}

/// Whether the input may hold more to read.
#[derive(PartialEq, Eq)]
enum Next {
    Perhaps,
    Wait,
}

impl Json {
    /// A reader of values in an arrangement.
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            layout,
            frames: Vec::new(),
            mode: Mode::Walking,
            scanner: Scanner::default(),
            records: Records::default(),
            place: LinePlace::START,
            wanted: 0,
            first_key: Vec::new(),
            tables: 0,
            is_other_table: false,
            met_records: false,
            lost: false,
            budget: Budget::default(),
        }
    }

    /// Takes bytes from the input.
    fn advance(&mut self, input: &mut Input, bytes: usize) {
        let taken = &input.bytes()[..bytes];
        let lines = memchr::memchr_iter(b'\n', taken).count() as u64;
        self.place = self.place.after(taken);
        self.budget.before += bytes as u64;
        self.wanted = 0;
        input.consume(bytes, lines);
    }

    /// Says that the bytes there are do not suffice.
    fn wait(&mut self, input: &Input) -> Next {
        // Looking again only when the bytes have doubled keeps the work in proportion however small the chunks are.
        self.wanted = input.bytes().len().saturating_mul(2);
        Next::Wait
    }

    fn walk(&mut self, input: &mut Input, sink: &mut Sink) -> Next {
        let blank = input.bytes().iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | b',')).count();
        if blank > 0 {
            self.advance(input, blank);
        }
        let Some(first) = input.bytes().first().copied() else { return Next::Wait };
        match (self.frames.last().copied(), first) {
            (Some((is_object, _)), b'}' | b']') => {
                self.advance(input, 1);
                if is_object == (first == b'}') {
                    self.frames.pop();
                }
                Next::Perhaps
            }
            // What a broken record left open closes here.
            (None, b'}' | b']') => {
                self.advance(input, 1);
                Next::Perhaps
            }
            (None, b'{') if !matches!(self.layout, Layout::Records | Layout::Frames) => {
                self.enter(input, Role::Document)
            }
            (None, b'[') if self.layout == Layout::Frames => self.enter(input, Role::FrameList),
            (None, b'[') => self.enter(input, Role::Records),
            // A fragment goes on with the table of the frame before.
            (Some((false, Role::FrameList)), b'{') => self.enter(input, Role::Frame(self.is_other_table)),
            (None | Some((false, Role::Records)), b'{') | (Some((false, Role::Rows)), b'[') => self.record(input, sink),
            (Some((false, Role::TableList(only_first))), b'{') => {
                self.tables += 1;
                if only_first && self.tables > 1 {
                    sink.collector.warn(Some(input.line()), Problem::TablesLeftOut);
                    return self.enter(input, Role::Nothing);
                }
                self.records.begin_table();
                self.enter(input, Role::Table)
            }
            (Some((true, role)), b'"') => self.member(input, sink, role),
            (Some((true, _)), _) => {
                self.refuse_broken(input, sink, 0, "a key in quotation marks should stand here");
                Next::Perhaps
            }
            (Some((_, Role::Nothing | Role::TableList(_) | Role::FrameList)), b'{' | b'[') => {
                self.enter(input, Role::Nothing)
            }
            (Some((_, role)), _) => self.pass_value(input, sink, !matches!(role, Role::Nothing | Role::TableList(_))),
            (None, _) => self.pass_value(input, sink, true),
        }
    }

    fn enter(&mut self, input: &mut Input, role: Role) -> Next {
        let is_object = input.bytes().first() == Some(&b'{');
        if self.frames.len() > MAX_DEPTH {
            // What is nested so deeply is nothing that is read: closing brackets without openings are passed over.
            self.lost = true;
        } else {
            self.frames.push((is_object, role));
        }
        if matches!(role, Role::TableList(_)) {
            self.tables = 0;
        }
        self.advance(input, 1);
        Next::Perhaps
    }

    /// Reads a key and, where that is for here, its value.
    fn member(&mut self, input: &mut Input, sink: &mut Sink, role: Role) -> Next {
        let limit = sink.options.max_record_bytes;
        let bytes = &input.bytes()[..input.bytes().len().min(limit)];
        let after_key = match string(bytes, 1) {
            Ok((end, escaped)) => {
                let colon = bytes[end + 1..].iter().position(|b| !b.is_ascii_whitespace()).map(|n| end + 1 + n);
                let value = colon.and_then(|colon| {
                    bytes[colon + 1..].iter().position(|b| !b.is_ascii_whitespace()).map(|n| colon + 1 + n)
                });
                match (colon, value) {
                    (Some(colon), _) if bytes[colon] != b':' => {
                        Err(Scanned::Broken(colon, "a colon should stand here"))
                    }
                    (_, Some(value)) => Ok((end, escaped, value)),
                    _ => Err(Scanned::Unfinished),
                }
            }
            Err(end) => Err(end),
        };
        let (key_end, escaped, value) = match after_key {
            Ok(found) => found,
            Err(end) => return self.unread(input, sink, end),
        };
        let key = String::from_utf8_lossy(&bytes[1..key_end]);
        let mut scratch = String::new();
        let key = if escaped { unescaped(&key, &mut scratch) } else { &*key };
        match role.member(key, bytes[value]) {
            Member::Container(role) => {
                self.advance(input, value);
                self.enter(input, role)
            }
            Member::Columns => match self.scanner.scan(&bytes[value..]) {
                Scanned::Whole(length) => {
                    self.records.declare(&bytes[value..value + length], input.line(), sink);
                    self.advance(input, value + length);
                    Next::Perhaps
                }
                end => self.unread(input, sink, shifted(end, value)),
            },
            member => match scalar(bytes, value) {
                Ok((_, start, end, next)) => {
                    let text = &bytes[start..end];
                    match member {
                        Member::TableName => self.records.name_table(text),
                        Member::FrameKind => {
                            // Kinds are of tables, and one is the query's result; all other words say what a frame is.
                            self.is_other_table = match text {
                                b"TableFragment" => self.is_other_table,
                                b"PrimaryResult" | b"DataTable" | b"TableHeader" => false,
                                _ => true,
                            };
                            if let Some((_, role)) = self.frames.last_mut() {
                                *role = Role::Frame(self.is_other_table);
                            }
                        }
                        _ => {}
                    }
                    self.advance(input, next);
                    Next::Perhaps
                }
                Err(end) => self.unread(input, sink, end),
            },
        }
    }

    /// Passes over a value that is no record; `tell` says whether a record should be there.
    fn pass_value(&mut self, input: &mut Input, sink: &mut Sink, tell: bool) -> Next {
        let limit = sink.options.max_record_bytes;
        let bytes = &input.bytes()[..input.bytes().len().min(limit)];
        let found = match bytes[0] {
            b'{' | b'[' => match self.scanner.scan(bytes) {
                Scanned::Whole(length) => Ok((if bytes[0] == b'{' { Kind::Object } else { Kind::Array }, length)),
                end => Err(end),
            },
            _ => scalar(bytes, 0).and_then(|(kind, start, end, next)| {
                // A quote that is not closed on its line takes the beginning of the next record for its text.
                match memchr::memchr(b'\n', &bytes[start..end]) {
                    Some(at) => Err(Scanned::Broken(start + at, "a line ends inside a text")),
                    None => Ok((kind, next)),
                }
            }),
        };
        match found {
            Ok((kind, length)) => {
                if tell {
                    let what = match kind {
                        Kind::String(_) => "A text",
                        Kind::Number | Kind::NotANumber => "A number",
                        Kind::True | Kind::False => "A boolean",
                        Kind::Null => "A null",
                        Kind::Object => "An object",
                        Kind::Array => "An array",
                    };
                    let column = Some(self.place.characters + 1);
                    sink.collector.reject(input.line(), column, &Problem::NotARecord(what));
                }
                self.advance(input, length);
                Next::Perhaps
            }
            Err(end) => self.unread(input, sink, end),
        }
    }

    /// Reads the record at the start of the input.
    fn record(&mut self, input: &mut Input, sink: &mut Sink) -> Next {
        let limit = sink.options.max_record_bytes;
        let bytes = &input.bytes()[..input.bytes().len().min(limit)];
        let scanned = self.scanner.scan(bytes);
        if let Some(first) = self.scanner.fields.first() {
            let key = &bytes[first.key.0 as usize..first.key.1 as usize];
            if key != self.first_key {
                self.first_key = key.to_vec();
            }
        }
        match scanned {
            Scanned::Whole(length) => {
                self.met_records = true;
                let line = input.line();
                let span = input.span(0, length, line);
                self.records.add(&input.bytes()[..length], &mut self.scanner, span, sink);
                // With its line end, where the place on the line begins anew without looking at the record.
                let ends_line = input.bytes().get(length) == Some(&b'\n');
                self.advance(input, length + usize::from(ends_line));
                Next::Perhaps
            }
            Scanned::Unfinished if input.is_last() && bytes.len() < limit => {
                self.met_records = true;
                let line = input.line();
                self.resync(input, Some(line));
                Next::Perhaps
            }
            end => self.unread(input, sink, end),
        }
    }

    /// Handles a value that cannot be read with the bytes there are.
    fn unread(&mut self, input: &mut Input, sink: &mut Sink, end: Scanned) -> Next {
        match end {
            Scanned::Broken(at, what) => {
                self.refuse_broken(input, sink, at, what);
                Next::Perhaps
            }
            _ if input.bytes().len() >= sink.options.max_record_bytes => {
                let problem = Problem::RecordTooLong(sink.options.max_record_bytes);
                sink.collector.reject(input.line(), Some(self.place.characters + 1), &problem);
                self.met_records = true;
                // A key before the value belongs to it: what is passed over is the first value that opens.
                self.mode = Mode::Skipping(Skip::default());
                Next::Perhaps
            }
            // What does not end may be a broken record, with whole ones after it.
            _ if input.is_last() && matches!(self.frames.last(), None | Some((_, Role::Records | Role::Rows))) => {
                self.met_records = true;
                let line = input.line();
                self.resync(input, Some(line));
                Next::Perhaps
            }
            _ if input.is_last() => {
                self.met_records = true;
                sink.collector.truncate(input.line(), &Problem::CutOffJson("a value before the records"));
                let all = input.bytes().len();
                self.advance(input, all);
                Next::Wait
            }
            _ => self.wait(input),
        }
    }

    fn refuse_broken(&mut self, input: &mut Input, sink: &mut Sink, at: usize, what: &'static str) {
        let before = &input.bytes()[..at];
        let line = input.line() + memchr::memchr_iter(b'\n', before).count() as u64;
        let column = Some(self.place.after(before).characters + 1);
        let problem = if what == TOO_DEEP { Problem::NestedTooDeep(MAX_DEPTH) } else { Problem::BrokenJson(what) };
        sink.collector.reject(line, column, &problem);
        self.met_records = true;
        self.resync(input, None);
    }

    /// Begins to look for the next record, after the first byte of the broken one.
    fn resync(&mut self, input: &mut Input, unfinished: Option<u64>) {
        let opening = if matches!(self.frames.last(), Some((_, Role::Rows))) { b'[' } else { b'{' };
        let mut resync = Resync::new(opening, self.place.indent, &self.first_key);
        resync.pass(&input.bytes()[..1]);
        self.advance(input, 1);
        self.mode = Mode::Resyncing(resync, unfinished);
    }

    fn find_record(&mut self, input: &mut Input, sink: &mut Sink, mut resync: Resync, unfinished: Option<u64>) -> Next {
        let (bytes, is_last) = (input.bytes(), input.is_last());
        let unread = Unread { bytes, place: self.place, is_last, limit: sink.options.max_record_bytes };
        let found = resync.find(unread, &mut self.scanner, &mut self.budget);
        let passed = match found {
            Found::Record(at) | Found::Perhaps(at) | Found::TooMuch(at) => at,
            Found::Nowhere => bytes.len(),
        };
        resync.pass(&bytes[..passed]);
        self.advance(input, passed);
        match found {
            Found::Record(_) => {
                if let Some(line) = unfinished {
                    sink.collector.reject(line, None, &Problem::BrokenJson("it does not end"));
                }
                self.lost = !self.frames.is_empty();
                let key = self.scanner.fields.first().map(|f| &input.bytes()[f.key.0 as usize..f.key.1 as usize]);
                if self.layout != Layout::Records && key.is_some_and(is_document_key) {
                    self.frames.clear();
                }
                self.mode = Mode::Walking;
                Next::Perhaps
            }
            Found::TooMuch(_) => {
                sink.collector.reject(input.line(), None, &Problem::GaveUp);
                self.mode = Mode::GivenUp;
                Next::Perhaps
            }
            Found::Perhaps(_) => {
                self.mode = Mode::Resyncing(resync, unfinished);
                self.wait(input)
            }
            Found::Nowhere => {
                self.mode = Mode::Resyncing(resync, unfinished);
                Next::Wait
            }
        }
    }

    /// Tells of what the source's end leaves open.
    fn tell_of_end(&self, line: u64, sink: &mut Sink) {
        match self.mode {
            Mode::Resyncing(_, Some(line)) => sink.collector.truncate(line, &Problem::CutOffJson("a record")),
            Mode::Walking if !self.frames.is_empty() && !self.lost && sink.collector.truncated.is_none() => {
                sink.collector.truncate(line, &Problem::CutOffJson("the list of records"));
            }
            _ => {}
        }
        if !self.met_records && sink.collector.truncated.is_none() {
            sink.collector.warn(None, Problem::NoRecords);
        }
    }
}

fn is_document_key(key: &[u8]) -> bool {
    let known = [&OTHER_DOCUMENT_KEYS[..], &RESULT_KEYS[..], &TABLE_KEYS[..]];
    known.iter().any(|keys| keys.iter().any(|known| known.as_bytes() == key))
}

fn shifted(end: Scanned, by: usize) -> Scanned {
    match end {
        Scanned::Broken(at, what) => Scanned::Broken(at + by, what),
        end => end,
    }
}

impl ReadRecords for Json {
    fn read(&mut self, input: &mut Input, sink: &mut Sink) {
        loop {
            if input.bytes().is_empty() || (input.bytes().len() < self.wanted && !input.is_last()) {
                break;
            }
            let next = match std::mem::replace(&mut self.mode, Mode::Walking) {
                Mode::Walking => self.walk(input, sink),
                Mode::Resyncing(resync, unfinished) => self.find_record(input, sink, resync, unfinished),
                Mode::Skipping(mut skip) => {
                    let (length, is_over) = skip.over(input.bytes());
                    self.advance(input, length);
                    if !is_over {
                        self.mode = Mode::Skipping(skip);
                    }
                    Next::Perhaps
                }
                Mode::GivenUp => {
                    let all = input.bytes().len();
                    self.advance(input, all);
                    self.mode = Mode::GivenUp;
                    Next::Wait
                }
            };
            if next == Next::Wait {
                break;
            }
        }
        if input.is_last() {
            self.tell_of_end(input.line(), sink);
        }
    }
}
