//! What is kept and shared: the query, the clock, and on request rows, labels, pins and kept versions. As a link (the
//! part behind `#`, which no browser sends anywhere) or as a file. Whoever opens one may have got it from a stranger:
//! every field is checked before it is used.

use crate::case::{Case, CaseLog, no_files};
use crate::export::{ExportFailure, RowChoice};
use crate::marks::{Pin, Wanted};
use crate::redact::{Redactor, Replaced};
use crate::rows::{Rewrite, chosen_rows, written_rows};
use crate::samples::{Label, sample};
use crate::session::Session;
use crate::{Clock, lesson, rule};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event_table::RowRef;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use kql_engine::run::Pace;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::io::Read as _;

/// The version of links and session files.
const VERSION: u32 = 1;
/// What a link's payload begins with.
const LINK_VERSION: &str = "1.";
/// The longest payload of a link, in characters: chat programs and proxies cut longer addresses.
pub const LINK_LENGTH: usize = 32_000;
/// The most that a link or file holds once it is unpacked, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// The most bytes of rows that are written.
const MAX_ROWS: usize = 128 << 20;
const MAX_QUERY: usize = 1 << 20;
const MAX_MARKS: usize = 100_000;
const MAX_VERSIONS: usize = 100;
const MAX_NAME: usize = 500;
/// Names that are told one by one.
const TOLD: usize = 500;
/// Rows that are shown before they travel.
const SHOWN: usize = 50;
/// The log that written rows are.
const ROWS: &str = "rows.ndjson";

/// A state that is kept or shared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The version: 1.
    pub version: u32,
    /// The query; none stands for the shipped rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// What now() is: `newest`, `wall` or an instant; `newest` when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<String>,
    /// The sample that was open, by its short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The lesson that was open, by its short name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lesson: Option<String>,
    /// A case to open: a lesson of a trainer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<Case>>,
    /// The rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<CaseLog>,
    /// Labels, besides those that the sample brings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<SavedLabel>,
    /// The protected rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<SavedPin>,
    /// Versions of the query that were kept to compare with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<SavedVersion>,
}

/// A label of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedLabel {
    /// The log's name.
    pub log: String,
    /// The line that the record starts on, or its number.
    pub line: u64,
    /// Which row it is, where several stand there: records of one line, or logs of one name. None is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// The label; none takes away the one that the sample brings.
    #[serde(default)]
    pub label: Option<Label>,
}

/// A protected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPin {
    /// The log's name.
    pub log: String,
    /// The line that the record starts on, or its number.
    pub line: u64,
    /// Which row it is, where several stand there: records of one line, or logs of one name. None is all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<u32>,
    /// What is asked of it.
    pub wanted: Wanted,
    /// The signal that it is asked of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
}

/// What is said of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedMarks {
    /// Labels, besides those that samples bring.
    pub labels: Vec<SavedLabel>,
    /// The protected rows.
    pub pins: Vec<SavedPin>,
}

impl SavedMarks {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.pins.is_empty()
    }
}

/// A version of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedVersion {
    /// What it is called.
    pub name: String,
    /// Its text.
    pub query: String,
}

/// What is to be kept or shared. The default is the rule alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaveRequest {
    /// The sample that is open and need not travel: its short name does.
    pub sample: Option<String>,
    /// The lesson that is open.
    pub lesson: Option<String>,
    /// Which rows travel; none when none is given.
    pub rows: Option<RowChoice>,
    /// Whether accounts, devices, internal addresses and secrets are replaced in them.
    pub redact: bool,
    /// Whether labels and pins travel, where their rows do.
    pub marks: bool,
    /// Kept versions of the query.
    pub versions: Vec<SavedVersion>,
}

/// What would travel.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SavedPreview {
    /// All of it.
    pub saved: Saved,
    /// The link's payload; none when it would be too long.
    pub link: Option<String>,
    /// How long the payload is, or would be, in characters.
    pub link_length: usize,
    /// How long the file is, in bytes.
    pub file_length: usize,
    /// How many rows travel.
    pub rows: usize,
    /// How many rows had no room.
    pub left_out: usize,
    /// Names and what travels instead of them: the first five hundred. They are for the preview, and are not in `saved`.
    pub replaced: Vec<Replaced>,
    /// How many names were replaced.
    pub names: usize,
    /// How many secrets were.
    pub secrets: usize,
    /// The first fifty rows as they would travel: each a JSON object.
    pub shown: Vec<String>,
    /// What else to know.
    pub notes: Vec<String>,
}

/// A payload that is too long for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// How long it is, in characters.
    pub length: usize,
}

impl Saved {
    /// The payload of a link.
    ///
    /// # Errors
    /// When it is longer than [`LINK_LENGTH`].
    pub fn to_link(&self) -> Result<String, TooLong> {
        let payload = self.packed();
        if payload.len() <= LINK_LENGTH { Ok(payload) } else { Err(TooLong { length: payload.len() }) }
    }

    fn packed(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut packed = Vec::new();
        // Reading from memory does not fail.
        let _ = DeflateEncoder::new(&json[..], Compression::best()).read_to_end(&mut packed);
        format!("{LINK_VERSION}{}", URL_SAFE_NO_PAD.encode(packed))
    }

    /// Reads the payload of a link.
    ///
    /// # Errors
    /// Says what is wrong with it, in words.
    pub fn from_link(payload: &str) -> Result<Self, String> {
        let broken = || "The link is damaged: a part of it is missing or was changed.".to_owned();
        let Some(packed) = payload.trim().strip_prefix(LINK_VERSION) else {
            return Err("The link is of a version that is not known here.".to_owned());
        };
        let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| broken())?;
        let mut json = Vec::new();
        let mut unpacked = DeflateDecoder::new(&packed[..]).take(MAX_BYTES + 1);
        unpacked.read_to_end(&mut json).map_err(|_| broken())?;
        if json.len() as u64 > MAX_BYTES {
            return Err("The link holds more than is read.".to_owned());
        }
        Self::read(&json)
    }

    /// The session as a file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        format!("{text}\n")
    }

    /// Reads a session file.
    ///
    /// # Errors
    /// Says what is wrong with it, in words.
    pub fn from_json(text: &str) -> Result<Self, String> {
        if text.len() as u64 > MAX_BYTES {
            return Err(format!("The file is longer than {} MiB.", MAX_BYTES >> 20));
        }
        Self::read(text.trim_start_matches('\u{feff}').as_bytes())
    }

    fn read(json: &[u8]) -> Result<Self, String> {
        /// Of a file of another version nothing else is known.
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let saved: Self =
            serde_json::from_slice(json).map_err(|error| match serde_json::from_slice::<Versioned>(json) {
                Ok(Versioned { version }) if version > VERSION => newer(version),
                _ => format!("This is no session of Exfil Playground: {}.", json_in_words(&error)),
            })?;
        saved.check_fields()?;
        Ok(saved)
    }

    /// What types alone do not say.
    fn check_fields(&self) -> Result<(), String> {
        if self.version > VERSION {
            return Err(newer(self.version));
        }
        if self.version != VERSION {
            return Err(format!("Version {} is not known here; this is version {VERSION}.", self.version));
        }
        self.read_clock()?;
        if let Some(id) = self.sample.as_ref().filter(|id| sample(id).is_none()) {
            return Err(format!("There is no sample '{id}'."));
        }
        if let Some(id) = self.lesson.as_ref().filter(|id| lesson(id).is_none()) {
            return Err(format!("There is no lesson '{id}'."));
        }
        if let Some(case) = &self.case {
            Case::read(&case.to_json())?;
        }
        let plain = |log: &CaseLog| log.sample.is_none() && log.file.is_none() && log.name.is_some();
        if !self.logs.iter().all(plain) {
            return Err("A log of a saved state has a name and holds its rows.".to_owned());
        }
        let queries = self.versions.iter().map(|version| &version.query).chain(&self.query);
        let names = self.versions.iter().map(|version| &version.name);
        let names = names.chain(self.labels.iter().map(|label| &label.log)).chain(self.pins.iter().map(|pin| &pin.log));
        let names = names.chain(self.pins.iter().filter_map(|pin| pin.signal.as_ref()));
        let mut lines = self.labels.iter().map(|label| label.line).chain(self.pins.iter().map(|pin| pin.line));
        let fits = queries.into_iter().all(|query| query.len() <= MAX_QUERY)
            && names.into_iter().all(|name| name.len() <= MAX_NAME)
            && lines.all(|line| line > 0)
            && self.labels.len() <= MAX_MARKS
            && self.pins.len() <= MAX_MARKS
            && self.versions.len() <= MAX_VERSIONS
            && self.logs.len() <= MAX_NAME;
        if fits { Ok(()) } else { Err("A part of the saved state is longer than is read.".to_owned()) }
    }

    fn read_clock(&self) -> Result<Clock, String> {
        self.clock.as_deref().map_or(Ok(Clock::Newest), Clock::parse)
    }
}

fn newer(version: u32) -> String {
    format!("This is of a newer Exfil Playground: Version {version} is not known here; this is version {VERSION}.")
}

/// Why a text is not the JSON that it should be.
pub(crate) fn json_in_words(error: &serde_json::Error) -> String {
    use serde_json::error::Category;
    let at = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Eof => format!("it is cut off, at {at}"),
        Category::Data => {
            let words = error.to_string();
            let named = |start: &str| Some(words.strip_prefix(start)?.split('`').next()?.to_owned());
            match (named("unknown field `"), named("missing field `")) {
                (Some(field), _) => format!("it has a field '{field}' that none has, at {at}"),
                (_, Some(field)) => format!("it has no field '{field}'"),
                _ => {
                    let found = words.split(" at line ").next().unwrap_or_default();
                    format!("what stands at {at} is of another kind than is read there ({found})")
                }
            }
        }
        Category::Syntax | Category::Io => format!("it is no JSON, from {at} on"),
    }
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    log: String,
    line: u64,
    /// Which row it is of several that stand there.
    row: Option<u32>,
}

impl Session {
    /// What would travel: the query and the clock, and what else is asked for.
    ///
    /// # Errors
    /// When rows are asked for and the query did not run yet, or the pace called it off.
    pub async fn save(&mut self, request: &SaveRequest, pace: &dyn Pace) -> Result<SavedPreview, ExportFailure> {
        let mut preview = SavedPreview::default();
        // A lesson opens with its own query, everything else with the shipped rule.
        let opened = request.lesson.as_deref().filter(|_| request.rows.is_none()).and_then(lesson);
        let start = opened.map_or(rule::TEXT, |lesson| lesson.case.start());
        let mut saved = Saved {
            version: VERSION,
            query: (self.query != start).then(|| self.query.clone()),
            clock: match &self.clock {
                Clock::Newest => None,
                Clock::Wall => Some("wall".to_owned()),
                Clock::At(at) => Some(at.clone()),
            },
            sample: request.sample.clone(),
            lesson: request.lesson.clone(),
            versions: request.versions.clone(),
            ..Saved::default()
        };
        let mut lines: Option<FxHashMap<RowRef, u64>> = None;
        if let Some(choice) = request.rows {
            let chosen = chosen_rows(self, choice, pace).await?;
            preview.notes = chosen.notes;
            let rows = chosen.rows;
            let redactor = request.redact.then(|| {
                let all: Vec<RowRef> = match &rows {
                    Some(rows) => rows.iter().copied().collect(),
                    None => self.all_rows().collect(),
                };
                Redactor::of(&self.tables, all.iter().copied(), &self.query)
            });
            let redacted = |column: &event_table::ColumnDef, text: &str| match &redactor {
                Some(redactor) => redactor.cell(column, text),
                None => text.to_owned(),
            };
            let rewrite: Option<Rewrite<'_>> = if request.redact { Some(&redacted) } else { None };
            let written = written_rows(&self.tables, rows.as_ref(), MAX_ROWS, rewrite);
            (preview.rows, preview.left_out) = (written.lines.len(), written.left_out);
            if let Some(redactor) = redactor {
                let (replaced, secrets) = redactor.told();
                (preview.names, preview.secrets) = (replaced.len(), secrets);
                preview.replaced = replaced.into_iter().take(TOLD).collect();
            }
            preview.shown = written.text.lines().take(SHOWN).map(str::to_owned).collect();
            if !written.text.is_empty() {
                saved.logs.push(CaseLog::text(ROWS, written.text));
            }
            // Of some rows the newest need not be what was newest.
            if rows.is_some() && self.clock == Clock::Newest {
                saved.clock = self.last.as_ref().map(|last| last.now.to_string());
            }
            (saved.sample, saved.lesson) = (None, None);
            lines = Some(written.lines);
        }
        if request.marks {
            self.save_marks(&mut saved, lines.as_ref());
        }
        (preview.link_length, preview.file_length) = (saved.packed().len(), saved.to_json().len());
        preview.link = saved.to_link().ok();
        preview.saved = saved;
        Ok(preview)
    }

    /// Labels and pins by the place of their records: in the written rows, or in the logs as they are.
    fn save_marks(&self, saved: &mut Saved, lines: Option<&FxHashMap<RowRef, u64>>) {
        let samples: Vec<&str> = saved.sample.as_deref().into_iter().collect();
        let places = match lines {
            Some(lines) => {
                let written =
                    |(row, line): (&RowRef, &u64)| (*row, Place { log: ROWS.to_owned(), line: *line, row: None });
                lines.iter().map(written).collect()
            }
            None => self.places_of_marks(),
        };
        SavedMarks { labels: saved.labels, pins: saved.pins } = self.marks_at(&places, &samples);
    }

    /// Labels and pins by the places of their records in the logs, but for the labels that these samples bring.
    #[must_use]
    pub fn saved_marks(&self, samples: &[&str]) -> SavedMarks {
        self.marks_at(&self.places_of_marks(), samples)
    }

    fn marks_at(&self, places: &FxHashMap<RowRef, Place>, samples: &[&str]) -> SavedMarks {
        let place = |row: RowRef| places.get(&row).cloned();
        let mut labels: FxHashMap<Place, Option<Label>> = FxHashMap::default();
        labels.extend(self.marks.labels.iter().filter_map(|(row, label)| Some((place(*row)?, Some(*label)))));
        for sample in samples.iter().filter_map(|id| sample(id)) {
            let mut own = Session::new();
            own.load_sample(sample);
            let places = own.places_of_marks();
            for (row, label) in &own.marks.labels {
                let Some(place) = places.get(row).cloned() else { continue };
                match labels.get(&place) {
                    Some(same) if *same == Some(*label) => {
                        labels.remove(&place);
                    }
                    Some(_) => {}
                    None => {
                        labels.insert(place, None);
                    }
                }
            }
        }
        let mut labels: Vec<SavedLabel> =
            labels.into_iter().map(|(Place { log, line, row }, label)| SavedLabel { log, line, row, label }).collect();
        labels.sort_by(|a, b| (&a.log, a.line, a.row).cmp(&(&b.log, b.line, b.row)));
        labels.truncate(MAX_MARKS);
        let pin = |pin: &Pin| {
            let Place { log, line, row } = place(pin.row)?;
            Some(SavedPin { log, line, row, wanted: pin.wanted, signal: pin.signal.clone() })
        };
        SavedMarks { labels, pins: self.marks.pins.iter().filter_map(pin).take(MAX_MARKS).collect() }
    }

    /// Says of rows what was said of them; of records that are not here, nothing.
    pub fn apply_marks(&mut self, marks: &SavedMarks) {
        let places = marks.labels.iter().map(|label| (label.log.as_str(), label.line));
        let rows = self.rows_at(places.chain(marks.pins.iter().map(|pin| (pin.log.as_str(), pin.line))));
        let at = |log: &str, line: u64, row: Option<u32>| {
            let there = rows.get(&(log, line)).map_or(&[][..], Vec::as_slice);
            row.map_or(there, |row| there.get(row as usize).map_or(&[], std::slice::from_ref)).to_vec()
        };
        for label in &marks.labels {
            at(&label.log, label.line, label.row).into_iter().for_each(|row| self.set_label(row, label.label));
        }
        for pin in &marks.pins {
            for row in at(&pin.log, pin.line, pin.row) {
                self.set_pin(row, Some((pin.wanted, pin.signal.clone())));
            }
        }
    }

    /// Takes everything out and opens a saved state. Kept versions and the lesson's progress are the caller's.
    ///
    /// # Errors
    /// When its logs cannot be read, in words; the session is then empty.
    pub fn restore(&mut self, saved: &Saved) -> Result<(), String> {
        saved.check_fields()?;
        self.clear();
        let opened =
            match (&saved.case, saved.lesson.as_deref().and_then(lesson), saved.sample.as_deref().and_then(sample)) {
                (Some(case), ..) => self.open_case(case, &no_files),
                (None, Some(lesson), _) => self.open_case(&lesson.case, &no_files),
                (None, None, Some(sample)) => {
                    self.load_sample(sample);
                    Ok(())
                }
                (None, None, None) => Ok(()),
            };
        if let Err(why) = opened.and_then(|()| self.load_case_logs(&saved.logs, &no_files)) {
            self.clear();
            return Err(why);
        }
        self.apply_marks(&SavedMarks { labels: saved.labels.clone(), pins: saved.pins.clone() });
        let opened_case = saved.case.is_some() || saved.lesson.is_some();
        match &saved.query {
            Some(query) => self.set_query(query.clone()),
            None if opened_case => {}
            None => self.set_query(rule::TEXT),
        }
        if saved.clock.is_some() || !opened_case {
            self.set_clock(saved.read_clock()?);
        }
        Ok(())
    }

    /// Every row of the logs.
    fn all_rows(&self) -> impl Iterator<Item = RowRef> + '_ {
        let tables = self.tables.tables().iter().enumerate();
        tables.flat_map(|(table, rows)| (0..rows.len() as u32).map(move |row| RowRef { table: table as u32, row }))
    }

    /// Where the rows stand that something is said of.
    fn places_of_marks(&self) -> FxHashMap<RowRef, Place> {
        let marked = self.marks.labels.keys().copied().chain(self.marks.pins.iter().map(|pin| pin.row));
        let marked: Vec<(RowRef, (String, u64))> =
            marked.filter_map(|row| self.place_of(row).map(|place| (row, place))).collect();
        let there = self.rows_at(marked.iter().map(|(_, (log, line))| (log.as_str(), *line)));
        let place = |(row, (log, line)): &(RowRef, (String, u64))| {
            let same = there.get(&(log.as_str(), *line)).filter(|rows| rows.len() > 1);
            let which = same.and_then(|rows| rows.iter().position(|other| other == row)).map(|at| at as u32);
            (*row, Place { log: log.clone(), line: *line, row: which })
        };
        marked.iter().map(place).collect()
    }

    /// The log and line of a row's record.
    pub(crate) fn place_of(&self, row: RowRef) -> Option<(String, u64)> {
        let (batch, at) = self.tables.tables().get(row.table as usize)?.locate(row.row as usize)?;
        let source = self.sources.iter().find(|source| source.id == batch.source())?;
        Some((source.report.name.clone(), batch.record(at)?.line))
    }
}

#[cfg(test)]
mod tests;
