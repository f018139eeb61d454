//! Every message between the page and its workers.
//!
//! The page sends an [`Envelope`] around a [`Request`] to the engine and gets [`Response`]s, each with the generation of
//! the request that it answers, so that the page can drop what is no longer wanted. A reader is told what to read by a
//! [`ReaderRequest`]; its bytes go to the engine through a port of their own, in [`FromReader`] and [`ToReader`]
//! messages, and never through the page.
//!
//! What cannot be written as plain data travels beside a message: the port with [`Request::Receive`] and
//! [`ReaderRequest::Read`], the file with the latter, the bytes with [`FromReader::Chunk`].

use std::ops::Range;

use detection::{
    AuthorRequest, CaseReport, Clock, ColumnReport, Comparison, ConditionContribution, Export, ExportRequest,
    Histogram, Label, LogColumns, Mapping, Options, RecordPlace, RecordText, ResultView, RunReport, SaveRequest,
    SavedMarks, SavedPreview, SavedVersion, SignalNearMisses, SourceSummary, Story, Target, TargetReport, TimeRange,
    Timeline, Tuning, TuningRequest, Wanted,
};
use event_table::{RowRef, SourceId};
use kql_engine::assist::OwnName;
use kql_syntax::Span;
use kql_syntax::edit::TextEdit;
use serde::{Deserialize, Serialize};

/// The part that a worker plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    /// Owns the session: logs, query and results.
    Engine,
    /// Reads one file and hands its bytes to the engine.
    Reader,
}

impl Role {
    /// The role as `web/loader.js` passes it on.
    pub fn name(self) -> &'static str {
        match self {
            Role::Engine => "engine",
            Role::Reader => "reader",
        }
    }

    /// The role of a name; `None` for any other text.
    pub fn named(name: &str) -> Option<Role> {
        [Role::Engine, Role::Reader].into_iter().find(|role| role.name() == name)
    }
}

/// Counts the requests of the page, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Generation(pub u32);

/// A message and the request that it belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Envelope<T> {
    /// The request asked, or answered.
    pub generation: Generation,
    /// What is said.
    pub body: T,
}

/// Names a log that is to be read, as long as the page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LoadId(pub u32);

/// What becomes of the logs that are there when a sample is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Others {
    /// They stay.
    Kept,
    /// They are taken out.
    Removed,
}

/// What the page asks of the engine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Reads the logs of a sample. Answered by [`Response::Sources`].
    LoadSample {
        /// The sample's short name.
        id: String,
        /// What becomes of the logs that are there.
        others: Others,
    },
    /// Reads a log whose bytes come through the port beside this message. Answered by [`Response::Progress`] while it
    /// is read, then by [`Response::Sources`] or [`Response::NotRead`].
    Receive {
        /// The log.
        load: LoadId,
        /// Its name.
        name: String,
        /// How it is to be read.
        options: Options,
        /// The log whose place it takes once it is read: the same file, read otherwise.
        replaces: Option<LoadId>,
        /// How logs of known shapes are read, unless it is said above.
        known: Vec<Mapping>,
        /// The query. A file that it reads by name (`externaldata`) is no log: answered by [`Response::FileKept`].
        query: String,
    },
    /// Takes out a file that queries read by name. Answered by [`Response::Done`].
    RemoveFile {
        /// The file's name.
        name: String,
    },
    /// Takes out what was read of a log that is no longer wanted. Answered by [`Response::Sources`].
    Abandon {
        /// The log.
        load: LoadId,
    },
    /// Takes a source out. Answered by [`Response::Sources`].
    Remove {
        /// The source.
        source: SourceId,
    },
    /// Leaves out rows of events that rows before them tell of too, or no longer. Answered by [`Response::Sources`].
    DropDuplicates {
        /// Whether they are left out.
        drops: bool,
    },
    /// The columns of a log as they stand in it. Answered by [`Response::LogColumns`].
    LogColumns {
        /// The log.
        source: SourceId,
    },
    /// Runs a query; a run that is not finished is called off. Answered by [`Response::Ran`] or
    /// [`Response::CalledOff`], before that perhaps by [`Response::Running`].
    Run(RunRequest),
    /// Rows to look at. Answered by [`Response::Rows`].
    Rows(RowsRequest),
    /// Why a row fired, or did not. Answered by [`Response::Story`].
    Story {
        /// The row of the logs.
        record: RowRef,
    },
    /// The record of a row as it stands in its file. Answered by [`Response::Original`].
    Original {
        /// The row of the logs.
        record: RowRef,
    },
    /// The full text of a cell that a row showed cut. Answered by [`Response::Cell`].
    Cell {
        /// The row's position in the result.
        row: usize,
        /// The column's position.
        column: usize,
    },
    /// The full text of every cell of a row. Answered by [`Response::WholeRow`].
    WholeRow {
        /// The row's position in the result.
        row: usize,
    },
    /// The near misses of the newest result. Answered by [`Response::NearMisses`] or [`Response::CalledOff`].
    NearMisses {
        /// How many conditions the rows failed.
        failed: usize,
    },
    /// What each literal of the newest result's query does. Answered by [`Response::Contributions`] or
    /// [`Response::CalledOff`].
    Contributions,
    /// What another text makes of the same logs. Answered by [`Response::Compared`] or [`Response::CalledOff`].
    Compare(CompareRequest),
    /// Exclusions that silence false positives. Answered by [`Response::Tuning`] or [`Response::CalledOff`].
    Tuning(TuningRequest),
    /// What is said of a row. Answered by [`Response::Marks`].
    Marks {
        /// The row of the logs.
        record: RowRef,
    },
    /// Says something else of a row. Answered by [`Response::Marks`]; the next run judges by it.
    Mark {
        /// The row of the logs.
        record: RowRef,
        /// What.
        change: MarkChange,
    },
    /// What is said of rows, to be kept. Answered by [`Response::KeptMarks`].
    KeepMarks,
    /// Says of rows what was kept; of rows that are not here, nothing. Answered by [`Response::Done`].
    RestoreMarks {
        /// What.
        marks: SavedMarks,
    },
    /// Labelled rows of the newest result, or those that are not in it. Answered by [`Response::Labelled`].
    Labelled {
        /// With this label.
        label: Label,
        /// Whether they alert.
        alerts: bool,
    },
    /// Events and alerts over time. Answered by [`Response::Timeline`] or [`Response::CalledOff`].
    Timeline {
        /// How many bars there is room for.
        bars: usize,
    },
    /// The values around a threshold of the newest result's query. Answered by [`Response::Histogram`] or
    /// [`Response::CalledOff`].
    Histogram {
        /// Where its number stands.
        literal: Span,
    },
    /// Whether the query of the newest run runs elsewhere. Answered by [`Response::Target`].
    Target {
        /// Where.
        target: Target,
    },
    /// The query of the newest run, or its result, as a file. Answered by [`Response::Exported`] or
    /// [`Response::CalledOff`].
    Export {
        /// As what.
        request: ExportRequest,
    },
    /// Opens what somebody made, and puts the user's own logs aside. Answered by [`Response::Opened`].
    Open {
        /// What.
        opening: Opening,
    },
    /// Brings the user's own logs back. Answered by [`Response::Sources`].
    Back,
    /// What was opened is the user's own from now on. Answered by [`Response::Sources`].
    Keep,
    /// How the query fares by the open lesson or case. Answered by [`Response::Checked`] or [`Response::CalledOff`].
    Check {
        /// The answers to its questions, in their order.
        answers: Vec<String>,
    },
    /// What would travel by a link or a session file. Answered by [`Response::Saved`] or [`Response::CalledOff`].
    Save {
        /// What is wanted of it.
        request: SaveRequest,
    },
    /// A lesson or a test from what is there. Answered by [`Response::Authored`] or [`Response::CalledOff`].
    Author {
        /// What it is to be.
        request: AuthorRequest,
    },
    /// What could stand at a place in a query. Answered by [`Response::Completions`].
    Complete {
        /// The query.
        text: String,
        /// Bytes before the place.
        offset: u32,
    },
    /// The names that a query declares. Answered by [`Response::OwnNames`].
    OwnNames {
        /// The query.
        text: String,
    },
    /// Another name for what a query declares. Answered by [`Response::Renamed`].
    Rename {
        /// The query.
        text: String,
        /// Where the name is declared.
        declared: Span,
        /// The name that it is to have.
        to: String,
    },
    /// What stands at a place in a query. Answered by [`Response::Help`].
    Hover {
        /// The query.
        text: String,
        /// Bytes before the place.
        offset: u32,
    },
}

/// What somebody made and the page opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Opening {
    /// What stands in a link behind the `#`.
    Link(String),
    /// A session or case file, which goes beside the message.
    File(LoadId),
    /// A lesson that is part of the program, by its short name.
    Lesson(String),
}

/// A query to run, and the rows of its result to show first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRequest {
    /// The query text.
    pub query: String,
    /// What is now.
    pub clock: Clock,
    /// How the result is looked at.
    pub view: TableView,
    /// The rows wanted, as arranged.
    pub range: Range<usize>,
    /// A row whose new place is wanted.
    pub find: Option<RowName>,
}

/// Something to say of a row, or to say no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MarkChange {
    /// Whether it is part of an attack.
    Label(Option<Label>),
    /// Whether it must alert, or must not.
    Pin(Option<Wanted>),
}

/// What is said of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RowMarks {
    /// Whether it is part of an attack.
    pub label: Option<Label>,
    /// Whether it must alert, or must not.
    pub pin: Option<Wanted>,
}

/// A row, and what it is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkedRow {
    /// The row.
    pub record: RowRef,
    /// When, where, who and what, in a line.
    pub title: String,
}

/// Another text to hold against that of the newest result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompareRequest {
    /// The text.
    pub text: String,
    /// Which of the two it is.
    pub role: Side,
}

/// The two texts of a comparison: alerts are gained and lost from the older to the newer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Side {
    Older,
    Newer,
}

/// Rows of a table to look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RowsRequest {
    /// The table.
    pub table: TableKind,
    /// How it is looked at; only a result can be arranged.
    pub view: TableView,
    /// The rows wanted, as arranged.
    pub range: Range<usize>,
    /// A row whose place is wanted.
    pub find: Option<RowName>,
}

/// The tables that can be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableKind {
    /// The query's result.
    Result,
    /// The rows that fell at a condition of a signal.
    Fallen {
        /// The signal, by position.
        signal: usize,
        /// The condition, by position.
        step: usize,
    },
}

/// Names a row of a result whatever its place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowName {
    /// The row of the logs.
    pub record: RowRef,
    /// The signal that it came through, by position.
    pub signal: Option<u16>,
}

/// How a result is looked at. Columns go by name, so that it outlives an edit of the query.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TableView {
    /// Sorts by a column.
    pub sort: Option<Sort>,
    /// Keeps the rows that have this text in a cell.
    pub text: String,
    /// Keeps rows by the value of a cell; all must hold.
    pub filters: Vec<ValueFilter>,
    /// Keeps the rows of a stretch of time.
    pub time: Option<TimeRange>,
}

/// A column to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// The column's name.
    pub column: String,
    /// In which direction.
    pub direction: Direction,
}

/// The two ways to sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// The smallest first.
    Ascending,
    /// The largest first.
    Descending,
}

/// A value that a cell must have, or must not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValueFilter {
    /// The column's name.
    pub column: String,
    /// The whole cell as text.
    pub value: String,
    /// Which rows stay.
    pub keep: Keep,
}

/// Which rows a filter keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// Those with the value.
    Equal,
    /// All others.
    Other,
}

impl TableView {
    /// The same for a session, which goes by position. What names a column that is not there is left out.
    pub fn resolve(&self, columns: &[ColumnReport]) -> ResultView {
        let position = |name: &str| columns.iter().position(|column| column.name == name);
        let sort = self.sort.as_ref().and_then(|sort| {
            let descending = sort.direction == Direction::Descending;
            Some(detection::SortBy { column: position(&sort.column)?, descending })
        });
        let filters = self.filters.iter().filter_map(|filter| {
            let keep = filter.keep == Keep::Equal;
            Some(detection::CellFilter { column: position(&filter.column)?, value: filter.value.clone(), keep })
        });
        ResultView { sort, text: self.text.clone(), filters: filters.collect(), signal: None }
    }
}

/// What the engine answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The engine is there. Said once, unasked.
    Ready {
        /// The samples, in the order to show them.
        samples: Vec<SampleSummary>,
        /// The lessons, in the order to take them.
        lessons: Vec<LessonSummary>,
    },
    /// The engine met a fault of its own and ends. Said unasked.
    Panicked {
        /// What happened, for a report of the fault.
        message: String,
    },
    /// The sources as they are now.
    Sources(Vec<LoadedSource>),
    /// How far reading a log is.
    Progress {
        /// The log.
        load: LoadId,
        /// Bytes read.
        bytes: u64,
        /// Rows read.
        rows: u64,
    },
    /// A log could not be read to its end: nothing of it is kept.
    NotRead {
        /// The log.
        load: LoadId,
        /// Why, in words.
        reason: String,
    },
    /// A file is kept for queries that read it by name.
    FileKept {
        /// What it was given as.
        load: LoadId,
    },
    /// What was given as a log is a session or case of this program's, and is not read as a log. The reader may stop.
    OwnFile {
        /// The load.
        load: LoadId,
        /// What it is.
        what: detection::OwnFile,
    },
    /// How far a long run is.
    Running {
        /// Rows looked at.
        done: usize,
        /// Rows to look at.
        total: usize,
    },
    /// It was done.
    Done,
    /// A newer request came before the run was finished.
    CalledOff,
    /// A run's answer.
    Ran(Box<RunAnswer>),
    /// Rows to look at; none when there is no such table any more.
    Rows(Option<Window>),
    /// Why a row fired, or did not; none when there is no such row any more.
    Story(Option<Box<Story>>),
    /// Where the record of a row stands, or the record itself; none when there is no such row any more.
    Original(Option<Box<OriginalRecord>>),
    /// How far a reader has looked for a record, in bytes of the file. Said to whoever started it.
    Looked {
        /// Bytes.
        bytes: u64,
    },
    /// The record that a reader looked for, or why it is not found, in words. Said to whoever started it.
    Found(Result<RecordText, String>),
    /// The columns of a log.
    LogColumns(LogColumns),
    /// The full text of a cell.
    Cell(String),
    /// The full text of every cell of a row; none when there is no such row any more.
    WholeRow(Vec<String>),
    /// The near misses of every signal that stands on one table.
    NearMisses(Vec<SignalNearMisses>),
    /// What the literals of each condition do.
    Contributions(Vec<ConditionContribution>),
    /// What another text makes of the same logs.
    Compared(Box<ComparedAnswer>),
    /// Exclusions that silence false positives, the best first.
    Tuning(Box<Tuning>),
    /// What is said of a row.
    Marks(RowMarks),
    /// What is said of rows, to be kept.
    KeptMarks(SavedMarks),
    /// Labelled rows.
    Labelled {
        /// The first of them.
        rows: Vec<MarkedRow>,
        /// How many there are.
        total: usize,
    },
    /// Events and alerts over time.
    Timeline(Box<Timeline>),
    /// The values around a threshold; none when there is no such threshold.
    Histogram(Option<Box<Histogram>>),
    /// Whether the query runs elsewhere.
    Target(Box<TargetReport>),
    /// A file, or why there is none, in words.
    Exported(Result<Export, String>),
    /// What was opened, or why it could not be, in words.
    Opened(Result<Box<Opened>, String>),
    /// How the query fares by the open lesson or case; none where none is open.
    Checked(Option<Box<CaseReport>>),
    /// What would travel, or why nothing can, in words.
    Saved(Result<Box<SavedText>, String>),
    /// A lesson or a test, or why there is none, in words.
    Authored(Result<Box<Authored>, String>),
    /// What could stand at a place.
    Completions(Vec<Completion>),
    /// The names that a query declares; none while it has a mistake.
    OwnNames(Option<Vec<OwnName>>),
    /// The changes that give another name, or why it cannot be given, in words.
    Renamed(Result<Vec<TextEdit>, String>),
    /// What stands at a place.
    Help(Option<Help>),
}

/// The record of a row as it stands in its file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OriginalRecord {
    /// The log's name: that of the file, and for a member of an archive its path in there.
    pub log: String,
    /// Where it stands.
    pub place: RecordPlace,
    /// The record, or who has it.
    pub text: OriginalText,
}

/// A record, or who has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum OriginalText {
    /// It is here.
    Here(RecordText),
    /// It stands in a file that the page holds: a reader finds it there.
    InFile(LoadId),
    /// Nobody has the file.
    Gone,
}

/// A sample as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleSummary {
    /// Its short name.
    pub id: String,
    /// `scenario`, `false_positive`, …
    pub group: String,
    /// The title.
    pub title: String,
    /// A sentence or two on what to look for.
    pub look_for: String,
}

/// A lesson as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LessonSummary {
    /// Its short name.
    pub id: String,
    /// The title.
    pub title: String,
    /// What to reach.
    pub goal: String,
}

/// What was opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// Its query.
    pub query: String,
    /// What is now.
    pub clock: Clock,
    /// The logs as they are now.
    pub sources: Vec<LoadedSource>,
    /// Whether they are its own; what has none leaves the user's where they are.
    pub has_logs: bool,
    /// The sample that it has, by its short name.
    pub sample: Option<String>,
    /// The lesson that it is, by its short name.
    pub lesson: Option<String>,
    /// What there is to do, in a lesson or a case.
    pub case: Option<CaseText>,
    /// Versions of the query to compare with.
    pub versions: Vec<SavedVersion>,
}

/// What a lesson or a case says. Its answers and its solution stay with the engine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CaseText {
    /// The title.
    pub title: String,
    /// What it is about, paragraphs parted by blank lines.
    pub about: String,
    /// What to reach.
    pub goal: String,
    /// The query to start from.
    pub start: String,
    /// How many questions there are.
    pub questions: usize,
    /// Hints, to be shown one after the other.
    pub hints: Vec<String>,
    /// What to take away, once it is solved.
    pub takeaway: String,
}

/// What would travel by a link or a session file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedText {
    /// The session file.
    pub file: String,
    /// What is in it; what it says is left out here, for it stands in the file.
    pub preview: SavedPreview,
}

/// A lesson or a test that was made of what is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authored {
    /// The case file.
    pub file: String,
    /// What a link to it carries behind the `#`; none when it would be too long.
    pub link: Option<String>,
    /// How many rows must alert.
    pub alert: usize,
    /// How many must not.
    pub silent: usize,
}

/// A source of the session and where it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LoadedSource {
    /// What was read.
    pub summary: SourceSummary,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a source came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// A sample, by its short name.
    Sample(String),
    /// A log that the page handed over.
    Load(LoadId),
    /// What came with a link, a file or a lesson.
    Opened,
}

/// The answer to a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunAnswer {
    /// Signals, findings, what can be seen.
    pub report: RunReport,
    /// The rows asked for; none when the query has errors.
    pub window: Option<Window>,
    /// What each protected row of the report is called.
    pub pins: Vec<String>,
    /// How long it took.
    pub timings: Timings,
}

/// Two texts on the same logs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ComparedAnswer {
    /// What differs.
    pub comparison: Comparison,
    /// The labels of the rows that it tells, of those that have one.
    pub labels: Vec<(RowRef, Label)>,
}

/// How long the parts of a run took, in milliseconds, and the memory then.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timings {
    /// Parsing, resolving and running, without the pauses in which messages were let in.
    pub run: f64,
    /// Sorting, filtering and cutting out the rows to show.
    pub arrange: f64,
    /// Bytes of memory that the engine has.
    pub memory: f64,
    /// Bytes that the rows of the tables take.
    pub held: f64,
}

/// Rows of a table, as arranged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    /// The table's columns.
    pub columns: Vec<ColumnReport>,
    /// How many rows the table has.
    pub total: usize,
    /// How many of them the view shows.
    pub shown: usize,
    /// The place of the first row here.
    pub start: usize,
    /// The rows.
    pub rows: Vec<TableRow>,
    /// The place of the row that was looked for.
    pub found: Option<usize>,
}

/// A row to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// Its position in its table, however that is arranged.
    pub row: usize,
    /// The cells as text, long ones cut.
    pub cells: Vec<String>,
    /// The columns whose cells are cut.
    pub cut: Vec<usize>,
    /// The signal that it came through, by position.
    pub signal: Option<u16>,
    /// The row of the logs that it is, if it is one.
    pub record: Option<RowRef>,
    /// Whether it is said to be part of an attack.
    pub label: Option<Label>,
}

/// Something that could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completion {
    /// The word.
    pub label: String,
    /// `table`, `column`, `operator`, `function`, `keyword`, `value`.
    pub kind: String,
    /// Its type or form.
    pub detail: String,
    /// What it is for; may be empty.
    pub documentation: String,
    /// What is put in place.
    pub insert: String,
    /// First byte replaced, and the byte after the last.
    pub replace: Range<u32>,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// What it is about, in bytes.
    pub span: Range<u32>,
    /// Its name and form.
    pub title: String,
    /// What it is; may be empty.
    pub body: String,
}

/// What the page asks of a reader, once. Beside it goes the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReaderRequest {
    /// Sends the file through the reader's end of a port, which goes beside it too.
    Read,
    /// Finds the record of a row again. Answered to the page by [`Response::Found`], before that perhaps by
    /// [`Response::Looked`].
    Find(RecordPlace),
}

/// What a reader says to the engine through the port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromReader {
    /// The next bytes, which go beside this as a buffer of their own.
    Chunk {
        /// How many bytes of the buffer count, from its start.
        length: u32,
    },
    /// All bytes have been sent.
    End,
    /// The file cannot be read any further.
    Failed {
        /// Why, in words.
        reason: String,
    },
}

/// What the engine says to a reader through the port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToReader {
    /// A chunk was taken in; its buffer goes back beside this, to be filled again.
    Taken,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_found_by_its_own_name_only() {
        assert_eq!(Role::named("engine"), Some(Role::Engine));
        assert_eq!(Role::named("reader"), Some(Role::Reader));
        assert_eq!(Role::named("Engine"), None);
    }

    #[test]
    fn a_view_goes_by_names_and_leaves_out_those_it_does_not_find() {
        let column = |name: &str| ColumnReport { name: name.into(), ty: None };
        let filter = |column: &str, keep| ValueFilter { column: column.into(), value: "v".into(), keep };
        let sort = |column: &str| Some(Sort { column: column.into(), direction: Direction::Descending });
        let view = TableView {
            sort: sort("b"),
            text: "t".into(),
            filters: vec![filter("b", Keep::Other), filter("z", Keep::Equal), filter("a", Keep::Equal)],
            time: None,
        };
        let resolved = view.resolve(&[column("a"), column("b")]);
        assert_eq!(
            resolved,
            ResultView {
                sort: Some(detection::SortBy { column: 1, descending: true }),
                text: "t".into(),
                filters: vec![
                    detection::CellFilter { column: 1, value: "v".into(), keep: false },
                    detection::CellFilter { column: 0, value: "v".into(), keep: true },
                ],
                signal: None,
            }
        );
        assert_eq!(TableView { sort: sort("z"), ..TableView::default() }.resolve(&[column("a")]).sort, None);
    }

    /// Through what the browser really passes on, so only there.
    #[cfg(target_arch = "wasm32")]
    mod round_trip {
        use super::*;
        use crate::wire::{pack, unpack};
        use detection::{CsvCells, Replaced, RowChoice, SavedLabel, SavedPin, Session, TimelineRequest};
        use event_table::DateTime;
        use kql_engine::run::{Unpaced, block_on};
        use serde::de::DeserializeOwned;
        use std::fmt::Debug;

        fn comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: T) {
            let parcel = pack(&message, &[]).unwrap();
            assert_eq!(unpack::<T>(parcel.into()).unwrap().0, message);
        }

        fn session() -> Session {
            let mut session = Session::new();
            for sample in detection::samples() {
                session.load_sample(sample);
            }
            session.load("broken.csv", b"Timestamp,FileName,X\n2025,a\n1,2,3,4\nnever,b,c\n\"cut", Options::default());
            session
        }

        #[test]
        fn requests_come_back_as_they_went() {
            let view = TableView {
                sort: Some(Sort { column: "é".into(), direction: Direction::Ascending }),
                text: "\u{202e}".into(),
                time: Some(TimeRange { from: -1, to: 1 << 50 }),
                filters: vec![ValueFilter { column: "a".into(), value: String::new(), keep: Keep::Other }],
            };
            let find = Some(RowName { record: RowRef { table: 1, row: u32::MAX }, signal: Some(u16::MAX) });
            let rows = |table| RowsRequest { table, view: view.clone(), range: 5..usize::MAX, find };
            let run =
                |clock| RunRequest { query: "T\n".into(), clock, view: TableView::default(), range: 0..0, find: None };
            let load = LoadId(3);
            for request in [
                Request::LoadSample { id: "mixed-day".into(), others: Others::Kept },
                Request::Receive {
                    load,
                    name: "a b.csv".into(),
                    options: Options::default(),
                    replaces: None,
                    known: Vec::new(),
                    query: "Q".into(),
                },
                Request::RemoveFile { name: "bad.txt".into() },
                Request::Receive {
                    load,
                    name: String::new(),
                    options: Options { format: Some(event_logs::Format::Tsv), ..Options::default() },
                    replaces: Some(LoadId(u32::MAX)),
                    known: vec![Mapping {
                        shape: vec!["a".into()],
                        options: Options {
                            columns: Some(vec![detection::ColumnMapping { from: "a".into(), to: "RemoteUrl".into() }]),
                            ..Options::default()
                        },
                    }],
                    query: String::new(),
                },
                Request::DropDuplicates { drops: true },
                Request::LogColumns { source: SourceId(9) },
                Request::Abandon { load },
                Request::Remove { source: SourceId(9) },
                Request::Run(run(Clock::Newest)),
                Request::Run(run(Clock::Wall)),
                Request::Run(run(Clock::At("2025-06-01".into()))),
                Request::Rows(rows(TableKind::Result)),
                Request::Rows(rows(TableKind::Fallen { signal: 2, step: 3 })),
                Request::Story { record: RowRef { table: 0, row: 0 } },
                Request::Original { record: RowRef { table: 0, row: 0 } },
                Request::Cell { row: 1, column: 2 },
                Request::WholeRow { row: 1 },
                Request::NearMisses { failed: 2 },
                Request::Contributions,
                Request::Tuning(TuningRequest { silence: vec![RowRef { table: 0, row: 3 }], keep: Vec::new() }),
                Request::Compare(CompareRequest { text: "T".into(), role: Side::Older }),
                Request::Compare(CompareRequest { text: String::new(), role: Side::Newer }),
                Request::Marks { record: RowRef { table: 0, row: 1 } },
                Request::Mark { record: RowRef { table: 0, row: 1 }, change: MarkChange::Label(Some(Label::Benign)) },
                Request::Mark { record: RowRef { table: 0, row: 1 }, change: MarkChange::Pin(Some(Wanted::Silence)) },
                Request::Mark { record: RowRef { table: 0, row: 1 }, change: MarkChange::Pin(None) },
                Request::KeepMarks,
                Request::RestoreMarks { marks: SavedMarks::default() },
                Request::Labelled { label: Label::Malicious, alerts: true },
                Request::Timeline { bars: 120 },
                Request::Histogram { literal: Span::new(3, 9) },
                Request::Target { target: Target::Defender },
                Request::Export { request: ExportRequest::Kql },
                Request::Export { request: ExportRequest::Portable { target: Target::Sentinel } },
                Request::Export { request: ExportRequest::SelfContained { rows: RowChoice::All } },
                Request::Export { request: ExportRequest::AlertsCsv { cells: CsvCells::ForSpreadsheets } },
                Request::Open { opening: Opening::Link("1.a".into()) },
                Request::Open { opening: Opening::Lesson("l".into()) },
                Request::Back,
                Request::Keep,
                Request::Check { answers: vec!["a".into()] },
                Request::Save { request: SaveRequest { rows: Some(RowChoice::Alerts), ..SaveRequest::default() } },
                Request::Author { request: AuthorRequest::default() },
                Request::Complete { text: "T | ".into(), offset: 4 },
                Request::Hover { text: "T".into(), offset: 0 },
                Request::OwnNames { text: "let a = 1".into() },
                Request::Rename { text: "let a = 1; print a".into(), declared: Span::new(4, 5), to: "é".into() },
            ] {
                comes_back(Envelope { generation: Generation(u32::MAX), body: request });
            }
            comes_back(ReaderRequest::Read);
            let session = session();
            let original = session.original(RowRef { table: 0, row: 0 }).unwrap();
            comes_back(ReaderRequest::Find(original.place));
            comes_back(FromReader::Chunk { length: u32::MAX });
            comes_back(FromReader::End);
            comes_back(FromReader::Failed { reason: "gone".into() });
            comes_back(ToReader::Taken);
        }

        #[test]
        fn responses_come_back_as_they_went() {
            let mut session = session();
            let report = session.run_now(DateTime::MAX);
            assert!(report.rows > 0 && !report.visibility.is_empty());
            let record = session.result().unwrap().origin(0).unwrap().row;
            let story = session.story(record).unwrap();
            let original = session.original(record).unwrap();
            let timeline = session.timeline(&TimelineRequest { range: None, bars: 50 });
            let threshold = session.thresholds()[0].literal;
            let histogram = block_on(session.histogram(threshold, &Unpaced)).unwrap().unwrap();
            let target = session.target_report(Target::Defender);
            let export = block_on(session.export(ExportRequest::SentinelArm, &Unpaced)).unwrap();
            assert!(timeline.bars > 0 && !histogram.places.is_empty() && !target.lacks.is_empty());
            let row = TableRow {
                row: 3,
                cells: vec!["a".into(), String::new()],
                cut: vec![0],
                signal: None,
                record: Some(record),
                label: Some(Label::Benign),
            };
            let window = Window {
                columns: report.columns.clone(),
                total: 9,
                shown: 8,
                start: 3,
                rows: vec![row],
                found: Some(3),
            };
            let near = kql_engine::run::block_on(session.near_misses(1, &kql_engine::run::Unpaced)).unwrap();
            assert!(near.iter().any(|signal| !signal.groups.is_empty()));
            let contributions = session.contributions();
            let kept = SavedMarks {
                labels: vec![SavedLabel { log: "l".into(), line: 2, row: None, label: None }],
                pins: vec![SavedPin {
                    log: "l".into(),
                    line: 3,
                    row: None,
                    wanted: Wanted::Silence,
                    signal: Some("S".into()),
                }],
            };
            let lesson = &detection::lessons()[0];
            let checked = block_on(session.check_case(&lesson.case, &[], DateTime::MAX, &Unpaced)).unwrap();
            let request = TuningRequest::default();
            let tuning = session.tuning(&request, &kql_engine::run::Unpaced);
            let tuning = kql_engine::run::block_on(tuning).unwrap();
            assert!(!tuning.exclusions.is_empty());
            let compared = session.compare_with("DeviceProcessEvents", &kql_engine::run::Unpaced);
            let comparison = kql_engine::run::block_on(compared).unwrap();
            assert!(!comparison.gained.is_empty() && !comparison.lost.is_empty());
            session.set_query("T | where x ==");
            let failed = session.run_now(DateTime::MAX);
            assert!(failed.has_errors());
            let sources = session
                .sources()
                .into_iter()
                .zip([Origin::Sample("s".into()), Origin::Load(LoadId(1))].into_iter().cycle());
            let sources = sources.map(|(summary, origin)| LoadedSource { summary, origin });
            let load = LoadId(3);
            for response in [
                Response::Ready {
                    samples: vec![SampleSummary {
                        id: "i".into(),
                        group: "g".into(),
                        title: "t".into(),
                        look_for: "l".into(),
                    }],
                    lessons: vec![LessonSummary { id: "i".into(), title: "t".into(), goal: "g".into() }],
                },
                Response::Panicked { message: "m".into() },
                Response::Sources(sources.collect()),
                Response::Progress { load, bytes: 1 << 40, rows: 1 << 33 },
                Response::NotRead { load, reason: "r".into() },
                Response::Running { done: 1, total: 2 },
                Response::CalledOff,
                Response::Ran(Box::new(RunAnswer {
                    report,
                    window: Some(window.clone()),
                    pins: vec!["a row".into()],
                    timings: Timings { run: 0.125, arrange: 2.5, memory: 1e6, held: 1e5 },
                })),
                Response::Ran(Box::new(RunAnswer {
                    report: failed,
                    window: None,
                    pins: Vec::new(),
                    timings: Timings::default(),
                })),
                Response::Rows(Some(window)),
                Response::Rows(None),
                Response::Story(Some(Box::new(story))),
                Response::Story(None),
                Response::Original(Some(Box::new(OriginalRecord {
                    log: original.name,
                    place: original.place,
                    text: OriginalText::Here(original.record.unwrap()),
                }))),
                Response::Original(None),
                Response::LogColumns(session.log_columns(SourceId(0))),
                Response::LogColumns(LogColumns::default()),
                Response::FileKept { load: LoadId(7) },
                Response::OwnFile { load: LoadId(7), what: detection::OwnFile::Case },
                Response::Looked { bytes: 1 << 40 },
                Response::Found(Err("w".into())),
                Response::Cell("long".into()),
                Response::Marks(RowMarks { label: Some(Label::Malicious), pin: Some(Wanted::Alert) }),
                Response::Labelled { rows: vec![MarkedRow { record, title: "t".into() }], total: 9 },
                Response::WholeRow(vec!["a".into(), String::new()]),
                Response::NearMisses(near),
                Response::Contributions(contributions),
                Response::Tuning(Box::new(tuning)),
                Response::Compared(Box::new(ComparedAnswer { comparison, labels: vec![(record, Label::Benign)] })),
                Response::Timeline(Box::new(timeline)),
                Response::Histogram(Some(Box::new(histogram))),
                Response::Histogram(None),
                Response::Target(Box::new(target)),
                Response::Exported(Ok(export)),
                Response::Exported(Err("w".into())),
                Response::Opened(Ok(Box::new(Opened {
                    query: "T".into(),
                    clock: Clock::Wall,
                    sources: Vec::new(),
                    has_logs: true,
                    sample: Some("s".into()),
                    lesson: Some("l".into()),
                    case: Some(CaseText { title: "t".into(), hints: vec!["h".into()], ..CaseText::default() }),
                    versions: vec![SavedVersion { name: "n".into(), query: "q".into() }],
                }))),
                Response::Opened(Err("w".into())),
                Response::Checked(Some(Box::new(checked))),
                Response::Checked(None),
                Response::KeptMarks(kept),
                Response::Done,
                Response::Saved(Ok(Box::new(SavedText {
                    file: "f".into(),
                    preview: SavedPreview {
                        link_length: 7,
                        rows: 1,
                        replaced: vec![Replaced {
                            kind: detection::NameKind::Account,
                            from: "a".into(),
                            to: "b".into(),
                        }],
                        notes: vec!["n".into()],
                        ..SavedPreview::default()
                    },
                }))),
                Response::Authored(Ok(Box::new(Authored {
                    file: "f".into(),
                    link: Some("l".into()),
                    alert: 1,
                    silent: 2,
                }))),
                Response::Completions(vec![Completion {
                    label: "l".into(),
                    kind: "table".into(),
                    detail: "d".into(),
                    documentation: String::new(),
                    insert: "i".into(),
                    replace: 3..4,
                }]),
                Response::Help(Some(Help { span: 0..4, title: "t".into(), body: "b".into() })),
                Response::Help(None),
            ] {
                comes_back(Envelope { generation: Generation(7), body: response });
            }
        }
    }
}
