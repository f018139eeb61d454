//! Case files: logs, a query, and what is expected of it. One format for three things: a lesson in the page, a
//! regression test for `exfil test`, and what "export as a test" writes. `cases/README.md` tells how to write one,
//! `cases/case.schema.json` is its JSON Schema.

mod author;
mod changes;
mod check;
mod lessons;

use crate::samples::{Label, sample};
use crate::session::Session;
use crate::source::HeldLog;
use crate::{Clock, SignalState, rule};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event_table::{DateTime, RowRef};
use kql_engine::run::{Unpaced, block_on};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

pub use author::{AuthorRequest, LessonText};
pub use changes::Changes;
pub use check::{CaseReport, GoalReport};
pub use lessons::{BuiltInLesson, lesson, lessons};

/// The version of the format.
pub const CASE_VERSION: u32 = 1;
/// The longest case file that is read, in bytes.
const MAX_FILE: usize = 32 << 20;
/// The most entries of a list of a case file.
const MAX_LIST: usize = 10_000;

/// A case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The version of the format: 1.
    pub version: u32,
    /// The title.
    pub title: String,
    /// What it is about, paragraphs parted by blank lines.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The query: the shipped rule when none is given. For a lesson, where the learner starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What now() is: `newest`, `wall` or an instant; the newest time in the logs when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The logs.
    pub logs: Vec<CaseLog>,
    /// Labels of records, besides those that samples bring.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<CaseLabel>,
    /// What is expected.
    #[serde(default, skip_serializing_if = "Expectations::is_empty")]
    pub expect: Expectations,
    /// What makes it a lesson.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<Lesson>,
}

/// A log of a case: exactly one of `sample`, `text`, `base64` and `file` says what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLog {
    /// The short name of a sample, of which all logs and labels are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The log's name; what a name says about a format counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The log itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The log's bytes in Base64, for those that are no text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The path of a file beside the case file; only `exfil test` reads such logs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

/// A label of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseLabel {
    /// The log's name.
    pub log: String,
    /// The line that the record starts on, or its number in a format without lines; the first is 1.
    pub line: u64,
    /// Whether it is part of an attack.
    pub label: Label,
}

/// What is expected of a query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expectations {
    /// Records that must alert.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alert: Vec<ExpectedRow>,
    /// Records that must not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub silent: Vec<ExpectedRow>,
    /// What is expected of signals, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<String, ExpectedSignal>,
    /// How many rows the result has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<usize>,
    /// The least precision, from 0 to 1, by the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<f64>,
    /// The least recall, from 0 to 1, by the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recall: Option<f64>,
}

/// A record of which something is expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRow {
    /// The log's name.
    pub log: String,
    /// The line that the record starts on, or its number in a format without lines; the first is 1.
    pub line: u64,
    /// The signal that it is asked of, by name; any when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// What the record is, in a few words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What is expected of a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExpectedSignal {
    /// Its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<SignalState>,
    /// How many alerts it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<usize>,
}

/// What makes a case a lesson.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// What to reach, in a sentence.
    pub goal: String,
    /// Questions that the learner answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Hints, to be shown one after the other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<String>,
    /// How much may change.
    #[serde(default, skip_serializing_if = "Limits::is_empty")]
    pub limits: Limits,
    /// Logs that the learner does not see, and on which the query must hold too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holdout: Option<Holdout>,
    /// A way to solve it.
    #[serde(default, skip_serializing_if = "Solution::is_empty")]
    pub solution: Solution,
    /// What to take away, shown when it is solved.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub takeaway: String,
}

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// The answers that count, compared without case, quotes and outer blanks.
    pub answers: Vec<String>,
}

/// How much of the query may change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most literals that are added, taken out or changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub literals: Option<usize>,
    /// The most other words and signs that are; 0 lets only lists, numbers and texts change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
}

/// Logs that the learner does not see.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holdout {
    /// What they are: "the week after".
    pub about: String,
    /// The logs.
    pub logs: Vec<CaseLog>,
    /// What is expected there.
    pub expect: Expectations,
}

/// A way to solve a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Solution {
    /// What to replace in the query, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Replacement>,
    /// The answers to the questions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<String>,
}

/// A replacement in a query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// A text that the query has exactly once.
    pub find: String,
    /// What stands there instead.
    pub put: String,
}

impl Expectations {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Limits {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Solution {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Case {
    /// Reads a case file: JSON, and YAML where the program was built to read it. Every field is checked.
    ///
    /// # Errors
    /// Says what is wrong with the file, in words.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > MAX_FILE {
            return Err(format!("The file is longer than {} MiB.", MAX_FILE >> 20));
        }
        let text = text.trim_start_matches('\u{feff}');
        let case: Self = if text.trim_start().starts_with('{') {
            serde_json::from_str(text)
                .map_err(|error| format!("This is no case file: {}.", crate::saved::json_in_words(&error)))?
        } else {
            yaml(text)?
        };
        case.check_fields()?;
        Ok(case)
    }

    /// The case as a JSON file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// The query: the one that is given, else the shipped rule.
    #[must_use]
    pub fn start(&self) -> &str {
        self.query.as_deref().unwrap_or(rule::TEXT)
    }

    /// The query with the solution's replacements made.
    ///
    /// # Errors
    /// When one of them does not fit the query.
    pub fn solved(&self) -> Result<String, String> {
        let mut text = self.start().to_owned();
        for edit in self.lesson.iter().flat_map(|lesson| &lesson.solution.edits) {
            let mut places = text.match_indices(&edit.find);
            match (places.next(), places.next()) {
                (Some((at, _)), None) => text.replace_range(at..at + edit.find.len(), &edit.put),
                (None, _) => return Err(format!("The solution replaces `{}`, which is not there.", edit.find)),
                _ => return Err(format!("The solution replaces `{}`, which is there more than once.", edit.find)),
            }
        }
        Ok(text)
    }

    fn clock(&self) -> Result<Clock, String> {
        self.clock.as_deref().map_or(Ok(Clock::Newest), Clock::parse)
    }

    /// What types alone do not say.
    fn check_fields(&self) -> Result<(), String> {
        if self.version != CASE_VERSION {
            return Err(format!("Version {} of the format is not known here; this is version 1.", self.version));
        }
        if self.title.trim().is_empty() {
            return Err("The case has no title.".into());
        }
        self.clock()?;
        let names = check_logs(&self.logs)?;
        let labels = self.labels.iter().map(|label| (&label.log, label.line));
        check_rows(labels.chain(self.expect.rows()), &names)?;
        self.expect.check_fields()?;
        if let Some(lesson) = &self.lesson {
            if lesson.goal.trim().is_empty() {
                return Err("The lesson has no goal.".into());
            }
            if lesson.questions.iter().any(|q| q.ask.trim().is_empty() || q.answers.is_empty()) {
                return Err("A question needs words and at least one answer.".into());
            }
            if let Some(holdout) = &lesson.holdout {
                check_rows(holdout.expect.rows(), &check_logs(&holdout.logs)?)?;
                holdout.expect.check_fields()?;
            }
            self.solved()?;
        }
        let lists = [self.logs.len(), self.labels.len(), self.expect.alert.len(), self.expect.silent.len()];
        if lists.iter().any(|len| *len > MAX_LIST) {
            return Err(format!("A list of the case has more than {MAX_LIST} entries."));
        }
        Ok(())
    }
}

impl Expectations {
    fn rows(&self) -> impl Iterator<Item = (&String, u64)> {
        self.alert.iter().chain(&self.silent).map(|row| (&row.log, row.line))
    }

    fn check_fields(&self) -> Result<(), String> {
        for (name, value) in [("precision", self.precision), ("recall", self.recall)] {
            if value.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                return Err(format!("The {name} must be from 0 to 1."));
            }
        }
        Ok(())
    }
}

#[cfg(feature = "yaml")]
fn yaml(text: &str) -> Result<Case, String> {
    serde_saphyr::from_str(text).map_err(|error| format!("This is no case file: {error}"))
}

#[cfg(not(feature = "yaml"))]
fn yaml(_: &str) -> Result<Case, String> {
    Err("This is no JSON. `exfil test` reads case files in YAML too.".to_owned())
}

/// The names of the logs, each of which must be plain.
fn check_logs(logs: &[CaseLog]) -> Result<FxHashSet<&str>, String> {
    let mut names = FxHashSet::default();
    for log in logs {
        for name in log.names()? {
            if !names.insert(name) {
                return Err(format!("Two logs are called '{name}'."));
            }
        }
    }
    Ok(names)
}

fn check_rows<'c>(mut rows: impl Iterator<Item = (&'c String, u64)>, names: &FxHashSet<&str>) -> Result<(), String> {
    match rows.find(|(log, line)| !names.contains(log.as_str()) || *line == 0) {
        Some((log, 0)) => Err(format!("Lines of '{log}' are counted from 1.")),
        Some((log, _)) => Err(format!("There is no log '{log}' among the case's logs.")),
        None => Ok(()),
    }
}

impl CaseLog {
    /// A log that is a text.
    #[must_use]
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: Some(name.into()), text: Some(text.into()), ..Self::default() }
    }

    /// The names of the sources that it gives.
    fn names(&self) -> Result<Vec<&str>, String> {
        let given = [&self.sample, &self.text, &self.base64, &self.file].into_iter().flatten().count();
        match (&self.sample, &self.file, self.name.as_deref()) {
            _ if given != 1 => Err("A log needs exactly one of sample, text, base64 and file.".to_owned()),
            (Some(_), _, Some(_)) => Err("A sample's logs have their own names.".to_owned()),
            (Some(id), _, None) => {
                let sample = sample(id).ok_or_else(|| format!("There is no sample '{id}'."))?;
                Ok(sample.files.iter().map(crate::SampleFile::name).collect())
            }
            (None, _, Some("")) | (None, None, None) => Err("A log needs a name.".to_owned()),
            (None, _, Some(name)) => Ok(vec![name]),
            (None, Some(path), None) => Ok(vec![path.rsplit(['/', '\\']).next().unwrap_or(path)]),
        }
    }
}

/// Reads a file that a case names.
pub type ReadFile<'f> = &'f dyn Fn(&str) -> Result<Vec<u8>, String>;

/// What a case's files are where there are none: only `exfil test` reads them.
///
/// # Errors
/// Always.
pub fn no_files(path: &str) -> Result<Vec<u8>, String> {
    Err(format!("The case reads the file '{path}', which only `exfil test` can."))
}

impl Session {
    /// Takes everything out and opens a case: its logs, labels, query and clock.
    ///
    /// # Errors
    /// When a log of it cannot be read, in words; the session is then empty.
    pub fn open_case(&mut self, case: &Case, files: ReadFile<'_>) -> Result<(), String> {
        self.clear();
        let opened = self.load_case_logs(&case.logs, files);
        if opened.is_err() {
            self.clear();
            return opened;
        }
        let rows = self.rows_at(case.labels.iter().map(|label| (label.log.as_str(), label.line)));
        for label in &case.labels {
            let rows = rows.get(&(label.log.as_str(), label.line)).into_iter().flatten();
            rows.for_each(|row| self.set_label(*row, Some(label.label)));
        }
        self.set_query(case.start());
        self.set_clock(case.clock()?);
        Ok(())
    }

    pub(crate) fn load_case_logs(&mut self, logs: &[CaseLog], files: ReadFile<'_>) -> Result<(), String> {
        for log in logs {
            let names = log.names()?;
            let name = names.first().copied().unwrap_or_default().to_owned();
            let bytes: Cow<'_, [u8]> = match (&log.sample, &log.text, &log.base64, &log.file) {
                (Some(id), ..) => {
                    if let Some(sample) = sample(id) {
                        self.load_sample(sample);
                    }
                    continue;
                }
                (_, Some(text), ..) => text.as_bytes().into(),
                (_, _, Some(encoded), _) => {
                    let plain: String = encoded.split_whitespace().collect();
                    STANDARD.decode(plain).map_err(|error| format!("'{name}' is no Base64: {error}."))?.into()
                }
                (_, _, _, Some(path)) => files(path)?.into(),
                _ => continue,
            };
            let report = self.load_held(&name, HeldLog::Shared(bytes.into()));
            if let Some(failure) = &report.failure {
                return Err(format!("'{name}': {}", failure.message));
            }
        }
        Ok(())
    }

    /// The rows of the records that start on lines of logs.
    pub(crate) fn rows_at<'p>(
        &self,
        places: impl Iterator<Item = (&'p str, u64)>,
    ) -> FxHashMap<(&'p str, u64), Vec<RowRef>> {
        let mut found: FxHashMap<(&str, u64), Vec<RowRef>> = places.map(|place| (place, Vec::new())).collect();
        let mut wanted: FxHashMap<&'p str, FxHashSet<u64>> = FxHashMap::default();
        for (log, line) in found.keys() {
            wanted.entry(log).or_default().insert(*line);
        }
        for source in &self.sources {
            let Some((log, lines)) = wanted.get_key_value(source.report.name.as_str()) else { continue };
            // At every mark, over all rows of the log: most are passed over by their line alone.
            for (row, record) in self.records_of_source(source.id).filter(|(_, record)| lines.contains(&record.line)) {
                found.entry((log, record.line)).or_default().push(row);
            }
        }
        found
    }
}

/// Runs a case by itself: a test with its own query, a lesson with its solution. With another query given, that one
/// must meet the expectations; a lesson's limits and questions are then left out.
///
/// # Errors
/// When a log of it cannot be read, in words.
pub fn run_case(case: &Case, query: Option<&str>, wall: DateTime, files: ReadFile<'_>) -> Result<CaseReport, String> {
    let mut session = Session::new();
    session.open_case(case, files)?;
    let mut case = Cow::Borrowed(case);
    match query {
        Some(query) => {
            session.set_query(query);
            if let Some(lesson) = &mut case.to_mut().lesson {
                (lesson.questions, lesson.limits) = (Vec::new(), Limits::default());
            }
        }
        None => session.set_query(case.solved()?),
    }
    let answers = case.lesson.as_ref().map_or_else(Vec::new, |lesson| lesson.solution.answers.clone());
    block_on(session.check_case(&case, &answers, wall, &Unpaced)).map_err(|_| "It was called off.".to_owned())
}

#[cfg(test)]
mod tests;
