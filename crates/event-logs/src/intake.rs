//! Takes a file as its owner has it, a log or an archive of logs, and gives the rows of each log in it.

use crate::options::{Mapping, Options};
use crate::problem::Problem;
use crate::reader::{Progress, Reader};
use crate::report::{Packing, Report};
use crate::unpack::{Piece, Unpacker};
use event_table::{SourceId, TableSet};
use std::sync::Arc;

/// How many bytes tell an archive.
const MAGIC: usize = 4;
/// How many archives may be inside of one another.
const MAX_DEPTH: usize = 2;

/// Reads a file that is fed to it in chunks, which may be cut anywhere: one log, or a gzip or zip archive of logs, which
/// may hold archives once more. Each log becomes a source with its own [`Report`].
///
/// What is unpacked is bounded; an archive that passes the bounds is given up with a word on why, and what was read of it
/// stays.
///
/// ```
/// use event_logs::{Intake, Options};
/// use event_table::{SourceId, TableSet};
///
/// let mut tables = TableSet::new();
/// let mut numbers = 0..;
/// let mut next = || SourceId(numbers.next().unwrap_or(u32::MAX));
/// let mut intake = Intake::new("export.csv", Options::default());
/// intake.feed(b"Timestamp,DeviceName,RemoteUrl\n2025-06-01T09:30:35Z,pc1,github.com\n", &mut tables, &mut next);
/// let reports = intake.finish(&mut tables, &mut next);
/// assert_eq!((reports.len(), reports[0].rows()), (1, 1));
/// ```
pub struct Intake {
    root: Level,
    done: Done,
    bytes: u64,
}

/// A file, or a file inside of an archive.
struct Level {
    name: String,
    packed: Vec<Packing>,
    options: Options,
    known: Arc<[Mapping]>,
    state: State,
    members: u32,
}

enum State {
    Head(Vec<u8>),
    Log(Box<Reader>),
    Packed(Unpacker, Option<Box<Level>>),
}

#[derive(Default)]
struct Done {
    reports: Vec<Report>,
    sources: Vec<SourceId>,
}

/// What gives numbers to sources.
type Next<'a> = &'a mut dyn FnMut() -> SourceId;

impl Intake {
    /// An intake of a file. Its name is for the reports, and tells the table where rows and columns do not.
    #[must_use]
    pub fn new(name: &str, options: Options) -> Self {
        Self::knowing(name, options, Arc::default())
    }

    /// An intake that reads logs of known shapes as it is said there, unless `options` say how.
    #[must_use]
    pub fn knowing(name: &str, options: Options, known: Arc<[Mapping]>) -> Self {
        Self { root: Level::new(name.to_owned(), Vec::new(), options, known), done: Done::default(), bytes: 0 }
    }

    /// Reads the next bytes of the file. `next` gives a number that no source has had, for each log that begins.
    pub fn feed(&mut self, chunk: &[u8], tables: &mut TableSet, next: &mut dyn FnMut() -> SourceId) {
        self.bytes += chunk.len() as u64;
        self.root.feed(chunk, tables, next, &mut self.done);
    }

    /// Reads what is left, and says what became of each log, in their order; there is one report at least.
    #[must_use]
    pub fn finish(mut self, tables: &mut TableSet, next: &mut dyn FnMut() -> SourceId) -> Vec<Report> {
        self.root.finish(tables, next, &mut self.done, Vec::new());
        self.done.reports
    }

    /// The sources that rows were added for so far: who gives up takes them out of the tables.
    #[must_use]
    pub fn sources(&self) -> &[SourceId] {
        &self.done.sources
    }

    /// How far reading has come: bytes of the file, rows of all of its logs.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let finished: u64 = self.done.reports.iter().map(Report::rows).sum();
        Progress { bytes: self.bytes, rows: finished + self.root.rows() }
    }
}

impl Level {
    fn new(name: String, packed: Vec<Packing>, options: Options, known: Arc<[Mapping]>) -> Self {
        Self { name, packed, options, known, state: State::Head(Vec::new()), members: 0 }
    }

    fn rows(&self) -> u64 {
        match &self.state {
            State::Log(reader) => reader.progress().rows,
            State::Packed(_, Some(member)) => member.rows(),
            _ => 0,
        }
    }

    fn begin(&mut self, head: &[u8], next: Next<'_>, done: &mut Done) {
        let unpacker = Unpacker::of(head).filter(|_| self.packed.len() < MAX_DEPTH);
        self.state = match unpacker {
            Some(unpacker) => State::Packed(unpacker, None),
            None => {
                let source = next();
                done.sources.push(source);
                let mut reader = Reader::knowing(source, &self.name, self.options.clone(), self.known.clone());
                if Unpacker::of(head).is_some() {
                    reader.refuse_archive();
                }
                State::Log(Box::new(reader))
            }
        };
    }

    fn feed(&mut self, chunk: &[u8], tables: &mut TableSet, next: Next<'_>, done: &mut Done) {
        if let State::Head(head) = &mut self.state {
            head.extend_from_slice(chunk);
            if head.len() >= MAGIC {
                let head = std::mem::take(head);
                self.begin(&head, next, done);
                self.feed(&head, tables, next, done);
            }
            return;
        }
        let mut state = std::mem::replace(&mut self.state, State::Head(Vec::new()));
        match &mut state {
            State::Log(reader) => reader.feed(chunk, tables),
            State::Packed(unpacker, member) => {
                unpacker.feed(chunk, &mut |piece| self.take(piece, member, tables, next, done));
            }
            State::Head(_) => {}
        }
        self.state = state;
    }

    fn finish(&mut self, tables: &mut TableSet, next: Next<'_>, done: &mut Done, problems: Vec<Problem>) {
        if let State::Head(head) = &mut self.state {
            let head = std::mem::take(head);
            self.begin(&head, next, done);
            self.feed(&head, tables, next, done);
        }
        match std::mem::replace(&mut self.state, State::Head(Vec::new())) {
            State::Log(reader) => {
                let mut report = reader.finish(tables);
                report.packed.clone_from(&self.packed);
                problems.iter().for_each(|problem| report.warn(problem));
                done.reports.push(report);
            }
            State::Packed(unpacker, mut member) => {
                let before = done.reports.len();
                unpacker.finish(&mut |piece| self.take(piece, &mut member, tables, next, done));
                if let Some(report) = done.reports.get_mut(before) {
                    problems.iter().for_each(|problem| report.warn(problem));
                }
            }
            State::Head(_) => {}
        }
    }

    /// Takes what comes out of an archive.
    fn take(
        &mut self,
        piece: Piece<'_>,
        member: &mut Option<Box<Level>>,
        tables: &mut TableSet,
        next: Next<'_>,
        done: &mut Done,
    ) {
        match piece {
            Piece::Begin(name) => *member = Some(Box::new(self.member(name))),
            Piece::Bytes(bytes) => {
                if let Some(member) = member {
                    member.feed(bytes, tables, next, done);
                }
            }
            Piece::End(problems) => {
                if let Some(mut member) = member.take() {
                    member.finish(tables, next, done, problems);
                }
            }
            Piece::Refused("", problem) if !done.reports.is_empty() => {
                // What is wrong with the archive as a whole is told with its last log.
                if let Some(report) = done.reports.last_mut() {
                    report.warn(&problem);
                }
            }
            Piece::Refused(name, problem) => {
                let refused = if name.is_empty() {
                    Self::new(self.name.clone(), self.packed.clone(), Options::default(), Arc::default())
                } else {
                    self.member(name)
                };
                let source = next();
                let mut report = Reader::refused(source, &refused.name, &problem).finish(tables);
                report.packed = refused.packed;
                done.reports.push(report);
            }
        }
    }

    /// The next member of the archive; gzip's has no name of its own.
    fn member(&mut self, name: &str) -> Self {
        let mut packed = self.packed.clone();
        let name = if name.is_empty() {
            packed.push(Packing::Gzip);
            self.name.clone()
        } else {
            packed.push(Packing::Zip(self.members));
            format!("{}/{name}", self.name)
        };
        self.members += 1;
        Self::new(name, packed, self.options.clone(), self.known.clone())
    }
}
