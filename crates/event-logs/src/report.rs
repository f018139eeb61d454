//! The report that every source ends with: what was recognised, read, refused, and not understood.

use crate::cell::Fault;
use crate::code::{Code, Severity};
use crate::encoding::Encoding;
use crate::options::Options;
use crate::problem::Problem;
use crate::recognise::Recognition;
use event_table::{ColumnType, SourceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How many findings of a kind are told one by one; past that they are counted.
pub const LISTED: usize = 100;

/// What became of a source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The source, as the reader was given it.
    pub source: SourceId,
    /// Its name, as the reader was given it.
    pub name: String,
    /// What it was recognised as, and why.
    pub recognition: Recognition,
    /// What the log was taken out of, from the file inwards; nothing when it is the file itself.
    pub packed: Vec<Packing>,
    /// How it was read: as the caller said, or as a log of the same shape was before.
    pub options: Options,
    /// What tells logs of this shape: the names of its columns, in alphabetical order; of JSON, those of the first
    /// record. Nothing for Windows events, whose fields are known, and where there are too many.
    pub shape: Vec<String>,
    /// Which columns its columns became; as many as can be mapped by hand.
    pub columns: Vec<LogColumn>,
    /// How its characters are stored.
    pub encoding: Encoding,
    /// Its length.
    pub bytes: u64,
    /// Why nothing was read, if nothing was.
    pub failure: Option<Failure>,
    /// The tables that rows were added to.
    pub tables: Vec<TableRows>,
    /// How many of the rows are Windows events.
    pub windows_events: u64,
    /// The records that gave no row.
    pub rejected: Findings,
    /// The cells that gave no value in a row that was kept.
    pub cells: Findings,
    /// Columns that the table's schema does not have; they are kept, as columns of the log.
    pub unknown_columns: Vec<UnknownColumn>,
    /// Times that were not understood, by column; they are among `cells` too.
    pub unread_times: Vec<UnreadTimes>,
    /// What a reader of the result should know, in the order of the source.
    pub warnings: Vec<Warning>,
    /// Where and how the source breaks off, if it does.
    pub truncated: Option<Truncation>,
}

impl Report {
    /// The number of rows that were read, over all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|t| t.rows).sum()
    }

    /// Whether it is a file of an archive that is no log, as there are read-me files and pictures beside logs.
    #[must_use]
    pub fn is_passed_over(&self) -> bool {
        const NO_LOG: [Code; 3] = [Code::NotALog, Code::NotRecognised, Code::EmptyFile];
        !self.packed.is_empty() && self.failure.as_ref().is_some_and(|failure| NO_LOG.contains(&failure.code))
    }

    /// Adds what was learned of the source after it was read.
    pub(crate) fn warn(&mut self, problem: &Problem) {
        let (code, message) = (problem.code(), problem.words(1));
        self.warnings.push(Warning { code, severity: code.severity(), line: None, count: 1, message });
    }
}

/// What a log was taken out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// A gzip archive, which holds one file.
    Gzip,
    /// A zip archive, as its member of this position; the first is 0.
    Zip(u32),
}

/// Why nothing was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The reason.
    pub code: Code,
    /// The reason in a sentence.
    pub message: String,
}

/// The rows of a source in one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRows {
    /// The table's name.
    pub table: Arc<str>,
    /// How many rows were added.
    pub rows: u64,
    /// What says that they belong to this table.
    pub why: String,
}

/// Findings of a kind: all of them counted, the first [`LISTED`] told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// How many there are.
    pub total: u64,
    /// How many there are of each code.
    pub by_code: Vec<CodeCount>,
    /// The first of them, in the order of the source.
    pub first: Vec<Finding>,
}

/// How often something was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeCount {
    /// What was found.
    pub code: Code,
    /// How often.
    pub count: u64,
}

/// Something that is wrong with one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub code: Code,
    /// The line of the source that the record starts on, or for broken JSON the line of the fault; the first is 1.
    pub line: u64,
    /// The character of that line, where it is known; the first is 1.
    pub column: Option<u64>,
    /// The name of the column that the cell is in.
    pub field: Option<Arc<str>>,
    /// What is wrong, in a sentence.
    pub message: String,
}

/// What a column of a log became.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogColumn {
    /// Its name in the log.
    pub name: Arc<str>,
    /// The table.
    pub table: Arc<str>,
    /// The table's column.
    pub column: Arc<str>,
}

/// A column that the table's schema does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownColumn {
    /// The table.
    pub table: Arc<str>,
    /// The column, under the name it is kept by.
    pub column: Arc<str>,
    /// The type it was given.
    #[serde(rename = "type")]
    pub ty: ColumnType,
}

/// Times of one column that were not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadTimes {
    /// The column's name.
    pub column: Arc<str>,
    /// How many cells.
    pub count: u64,
    /// The line of the first one.
    pub line: u64,
    /// The first one.
    pub example: String,
}

/// Something that a reader of the result should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// What it is about.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The first line that it is about, if it is about lines.
    pub line: Option<u64>,
    /// How often it was met.
    pub count: u64,
    /// The sentence.
    pub message: String,
}

/// A source that breaks off in the middle of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truncation {
    /// Always [`Code::CutOff`].
    pub code: Code,
    /// The line that the unfinished record starts on.
    pub line: u64,
    /// What is missing, in a sentence.
    pub message: String,
}

/// Gathers findings while a source is read.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    pub(crate) rejected: Findings,
    pub(crate) cells: Findings,
    pub(crate) unread_times: Vec<UnreadTimes>,
    pub(crate) truncated: Option<Truncation>,
    warned: Vec<(Problem, Option<u64>, u64)>,
}

impl Findings {
    fn count(&mut self, code: Code, times: u64) {
        self.total += times;
        match self.by_code.iter_mut().find(|c| c.code == code) {
            Some(found) => found.count += times,
            None => self.by_code.push(CodeCount { code, count: times }),
        }
    }

    /// The same findings in an order that does not depend on how the source was cut into chunks.
    pub(crate) fn ordered(mut self) -> Self {
        self.by_code.sort_by_key(|c| c.code);
        self
    }

    pub(crate) fn is_listed_in_full(&self) -> bool {
        self.first.len() >= LISTED
    }
}

impl Collector {
    /// A record that gives no row.
    pub(crate) fn reject(&mut self, line: u64, column: Option<u64>, problem: &Problem) {
        self.rejected.count(problem.code(), 1);
        if !self.rejected.is_listed_in_full() {
            let (code, message) = (problem.code(), problem.words(1));
            self.rejected.first.push(Finding { code, line, column, field: None, message });
        }
    }

    /// A cell that gives no value. Cells must come in the order of the source.
    pub(crate) fn cell(&mut self, line: u64, field: &Arc<str>, fault: Fault, text: &str) {
        self.count_cell(line, field, fault, text);
        self.list_cell(line, field, fault, text);
    }

    /// Counts a cell that gives no value. The cells of one column must come in the order of the source.
    pub(crate) fn count_cell(&mut self, line: u64, field: &Arc<str>, fault: Fault, text: &str) {
        let code = fault.code();
        self.cells.count(code, 1);
        if code == Code::NotATime {
            let known = self.unread_times.iter().position(|t| t.column == *field);
            let index = known.unwrap_or_else(|| {
                let none = UnreadTimes { column: field.clone(), count: 0, line: u64::MAX, example: String::new() };
                self.unread_times.push(none);
                self.unread_times.len() - 1
            });
            let times = &mut self.unread_times[index];
            times.count += 1;
            // One table's rows are added after another's: theirs may stand before.
            if line < times.line {
                times.line = line;
                times.example = text.chars().take(80).collect();
            }
        }
    }

    /// Tells of a counted cell, unless enough are told. Cells must come in the order of the source.
    pub(crate) fn list_cell(&mut self, line: u64, field: &Arc<str>, fault: Fault, text: &str) {
        if !self.cells.is_listed_in_full() {
            let (code, message) = (fault.code(), fault.problem(text).words(1));
            self.cells.first.push(Finding { code, line, column: None, field: Some(field.clone()), message });
        }
    }

    /// The source ends in the middle of something that begins on a line.
    pub(crate) fn truncate(&mut self, line: u64, problem: &Problem) {
        self.truncated = Some(Truncation { code: problem.code(), line, message: problem.words(1) });
    }

    /// Something that a reader of the result should know, met once more.
    pub(crate) fn warn(&mut self, line: Option<u64>, problem: Problem) {
        self.warn_times(line, problem, 1);
    }

    /// Something that a reader of the result should know, met several times more.
    pub(crate) fn warn_times(&mut self, line: Option<u64>, problem: Problem, times: u64) {
        match self.warned.iter_mut().find(|(known, ..)| *known == problem) {
            Some((_, _, count)) => *count += times,
            None => self.warned.push((problem, line, times)),
        }
    }

    pub(crate) fn warnings(&self) -> Vec<Warning> {
        let mut warned: Vec<_> = self.warned.iter().collect();
        warned.sort_by_key(|(problem, line, _)| (line.unwrap_or(0), problem.code()));
        let warning = |(problem, line, count): &(Problem, Option<u64>, u64)| Warning {
            code: problem.code(),
            severity: problem.code().severity(),
            line: *line,
            count: *count,
            message: problem.words(*count),
        };
        warned.into_iter().map(warning).collect()
    }
}
