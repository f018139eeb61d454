//! What is kept for the next visit, in the browser's local storage: the query, the clock, and how the page looks.
//!
//! The key has a version, and every field is looked at before it is believed: other versions of the page, other pages
//! of the same host and the user's own hands write there too.

use detection::{Clock, Mapping, Options, SavedMarks};
use event_logs::is_table_name;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::protocol::TableView;
use crate::state::{Keeping, KeptReading, RuleView, Theme};

/// Where it is kept. Another form needs another number.
const KEY: &str = "exfil-playground/1";

/// A longer query is not kept: the storage of a host is small.
const MAX_QUERY: usize = 1 << 20;

/// No more names of samples, logs or filters than this are believed, and none that is longer, in bytes.
const MOST_NAMES: usize = 1_000;
const LONGEST_NAME: usize = 1_000;

/// No more labels or protected rows than this are believed.
const MOST_MARKS: usize = 10_000;

/// No more kept versions of the query than this are believed.
const MOST_VERSIONS: usize = 100;

/// What is kept for the next visit.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Saved {
    /// The query text, unless it is the shipped rule.
    pub query: Option<String>,
    /// What is now.
    pub clock: Clock,
    /// Which view of the rule is shown.
    pub rule_view: RuleView,
    /// Light or dark.
    pub theme: Theme,
    /// The sample that was opened last.
    pub sample: Option<String>,
    /// The samples that were open; none where that is not known.
    pub samples: Option<Vec<String>>,
    /// The names of the user's own logs that were loaded.
    pub logs: Vec<String>,
    /// How those are read where that was chosen.
    pub readings: Vec<KeptReading>,
    /// How logs of known shapes are read.
    pub mappings: Vec<Mapping>,
    /// Whether rows of events that rows before them tell of too are left out.
    pub drops_duplicates: bool,
    /// Whether those are kept, in a place of their own.
    pub keeping: Keeping,
    /// How the alerts are sorted and filtered.
    pub table: TableView,
    /// Versions of the query that were kept to compare with: their names and texts.
    pub versions: Vec<(String, String)>,
    /// What was said of rows.
    pub marks: SavedMarks,
    /// The lesson that was open.
    pub lesson: Option<KeptLesson>,
    /// The short names of the lessons that were solved.
    pub solved: Vec<String>,
}

/// How far a lesson is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct KeptLesson {
    /// Its short name.
    pub id: String,
    /// The query, unless it is the one that the lesson starts with.
    pub query: Option<String>,
    /// What was answered.
    pub answers: Vec<String>,
    /// How many hints were shown.
    pub hints: usize,
}

impl KeptLesson {
    fn is_sound(&self) -> bool {
        is_short_name(&self.id)
            && self.query.as_ref().is_none_or(|query| query.len() <= MAX_QUERY)
            && self.answers.len() <= MOST_NAMES
            && self.answers.iter().all(|answer| answer.len() <= LONGEST_NAME)
    }
}

impl Saved {
    /// What is kept in this browser; defaults for what is not there or no longer understood.
    pub fn load() -> Saved {
        let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
        text.map_or_else(Saved::default, |text| Saved::parse(&text))
    }

    /// Keeps this. A browser that keeps nothing (private windows, full storage) is no fault of the user's.
    pub fn save(&self) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, &self.to_text());
        }
    }

    /// Forgets what is kept in this browser.
    pub fn forget() {
        if let Some(storage) = storage() {
            let _ = storage.remove_item(KEY);
        }
    }

    fn to_text(&self) -> String {
        let query = self.query.as_deref().filter(|query| query.len() <= MAX_QUERY);
        json!({
            "query": query,
            "clock": self.clock,
            "rule_view": self.rule_view,
            "theme": self.theme,
            "sample": self.sample,
            "samples": self.samples,
            "logs": self.logs,
            "readings": self.readings,
            "mappings": self.mappings,
            "drops_duplicates": self.drops_duplicates,
            "keeping": self.keeping,
            "table": self.table,
            "versions": self.versions,
            "marks": self.marks,
            "lesson": self.lesson,
            "solved": self.solved,
        })
        .to_string()
    }

    fn parse(text: &str) -> Saved {
        let fields = match serde_json::from_str(text) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        let versions = field::<Vec<(String, String)>>(&fields, "versions").filter(|all| all.len() <= MOST_VERSIONS);
        let is_version = |(name, text): &(String, String)| name.len() <= LONGEST_NAME && text.len() <= MAX_QUERY;
        let solved = field::<Vec<String>>(&fields, "solved").filter(|ids| ids.len() <= MOST_NAMES);
        let samples = field::<Vec<String>>(&fields, "samples").filter(|ids| ids.len() <= MOST_NAMES);
        let logs = field::<Vec<String>>(&fields, "logs").filter(|names| names.len() <= MOST_NAMES);
        let table = field::<TableView>(&fields, "table").filter(|view| view.filters.len() <= MOST_NAMES);
        let readings = field::<Vec<KeptReading>>(&fields, "readings").filter(|kept| kept.len() <= MOST_NAMES);
        let mappings = field::<Vec<Mapping>>(&fields, "mappings").filter(|kept| kept.len() <= MOST_NAMES);
        let clock = match field(&fields, "clock") {
            Some(Clock::At(instant)) => Clock::parse(&instant).unwrap_or_default(),
            other => other.unwrap_or_default(),
        };
        Saved {
            query: field::<String>(&fields, "query").filter(|query| query.len() <= MAX_QUERY),
            clock,
            rule_view: field(&fields, "rule_view").unwrap_or_default(),
            theme: field(&fields, "theme").unwrap_or_default(),
            sample: field::<String>(&fields, "sample").filter(|id| is_short_name(id)),
            samples: samples.map(|ids| ids.into_iter().filter(|id| is_short_name(id)).collect()),
            logs: logs.unwrap_or_default().into_iter().filter(|name| name.len() <= LONGEST_NAME).collect(),
            readings: readings.unwrap_or_default().into_iter().filter(is_sound_reading).collect(),
            mappings: mappings.unwrap_or_default().into_iter().filter(is_sound_mapping).collect(),
            drops_duplicates: field(&fields, "drops_duplicates").unwrap_or_default(),
            keeping: field(&fields, "keeping").unwrap_or_default(),
            table: table.unwrap_or_default(),
            versions: versions.unwrap_or_default().into_iter().filter(is_version).collect(),
            marks: field::<SavedMarks>(&fields, "marks").filter(are_sound).unwrap_or_default(),
            lesson: field::<KeptLesson>(&fields, "lesson").filter(KeptLesson::is_sound),
            solved: solved.unwrap_or_default().into_iter().filter(|id| is_short_name(id)).collect(),
        }
    }
}

/// Whether a way to read a log could have been written here.
fn is_sound_reading(kept: &KeptReading) -> bool {
    kept.name.len() <= LONGEST_NAME && are_sound_options(&kept.options)
}

/// Whether a mapping could have been written here.
fn is_sound_mapping(kept: &Mapping) -> bool {
    kept.shape.len() <= MOST_NAMES
        && kept.shape.iter().all(|name| name.len() <= LONGEST_NAME)
        && are_sound_options(&kept.options)
}

fn are_sound_options(options: &Options) -> bool {
    let columns = options.columns.as_deref().unwrap_or_default();
    options.table.as_ref().is_none_or(|table| is_table_name(table))
        && columns.len() <= MOST_NAMES
        && columns.iter().all(|column| column.from.len().max(column.to.len()) <= LONGEST_NAME)
}

/// Whether marks could have been written here.
fn are_sound(marks: &SavedMarks) -> bool {
    let names = marks.labels.iter().map(|label| &label.log).chain(marks.pins.iter().map(|pin| &pin.log));
    let names = names.chain(marks.pins.iter().filter_map(|pin| pin.signal.as_ref()));
    names.into_iter().all(|name| name.len() <= LONGEST_NAME) && marks.labels.len().max(marks.pins.len()) <= MOST_MARKS
}

/// Whether it could be the short name of a sample or a lesson.
fn is_short_name(id: &str) -> bool {
    id.len() <= 100 && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn field<T: DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Option<T> {
    serde_json::from_value(fields.get(name)?.clone()).ok()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Direction, Keep, Sort, ValueFilter};
    use detection::{ColumnMapping, Label, SavedLabel, SavedPin, Wanted};

    #[test]
    fn what_is_kept_comes_back() {
        let saved = Saved {
            query: Some("T | take 1".into()),
            clock: Clock::Wall,
            rule_view: RuleView::Kql,
            theme: Theme::Dark,
            sample: Some("evasion".into()),
            samples: Some(vec!["evasion".into(), "mixed-day".into()]),
            logs: vec!["own log.csv".into()],
            readings: vec![KeptReading {
                name: "own log.csv".into(),
                size: 1 << 40,
                options: Options { table: Some("DeviceNetworkEvents".into()), ..Options::default() },
            }],
            mappings: vec![Mapping {
                shape: vec!["bytes".into(), "host".into()],
                options: Options {
                    columns: Some(vec![ColumnMapping { from: "host".into(), to: "RemoteUrl".into() }]),
                    ..Options::default()
                },
            }],
            drops_duplicates: true,
            keeping: Keeping::On,
            table: TableView {
                sort: Some(Sort { column: "DeviceName".into(), direction: Direction::Descending }),
                text: "pc".into(),
                filters: vec![ValueFilter { column: "A".into(), value: String::new(), keep: Keep::Other }],
                time: None,
            },
            versions: vec![("first".into(), "T | take 2".into())],
            lesson: Some(KeptLesson { id: "spelling".into(), query: None, answers: vec!["a".into()], hints: 2 }),
            solved: vec!["look-back".into()],
            marks: SavedMarks {
                labels: vec![SavedLabel { log: "own log.csv".into(), line: 2, row: None, label: Some(Label::Benign) }],
                pins: vec![SavedPin {
                    log: "own log.csv".into(),
                    line: 3,
                    row: None,
                    wanted: Wanted::Alert,
                    signal: None,
                }],
            },
        };
        assert_eq!(Saved::parse(&saved.to_text()), saved);
        assert_eq!(Saved::parse(&Saved::default().to_text()), Saved::default());
    }

    #[test]
    fn a_field_that_is_not_understood_costs_no_other() {
        let good = Saved { theme: Theme::Dark, ..Saved::default() };
        for text in [
            r#"{"theme":"dark","query":7}"#,
            r#"{"theme":"dark","clock":"yesterday"}"#,
            r#"{"theme":"dark","clock":{"at":"not a time"}}"#,
            r#"{"theme":"dark","rule_view":{"deep":[]}}"#,
            r#"{"theme":"dark","sample":"<img src=x>"}"#,
            r#"{"theme":"dark","later":"field"}"#,
            r#"{"theme":"dark","samples":"evasion"}"#,
            r#"{"theme":"dark","logs":{"0":"x"}}"#,
            r#"{"theme":"dark","keeping":true}"#,
            r#"{"theme":"dark","readings":[{"name":"a","size":1,"options":{"format":"word"}}]}"#,
            r#"{"theme":"dark","readings":[{"name":"a","size":1,"options":{"table":"a b"}}]}"#,
            r#"{"theme":"dark","mappings":[{"shape":["a"],"options":{"table":"a b"}}]}"#,
            r#"{"theme":"dark","mappings":[{"shape":["a"],"options":{"columns":[{"from":1}]}}]}"#,
            r#"{"theme":"dark","drops_duplicates":"yes"}"#,
            r#"{"theme":"dark","table":{"sort":7}}"#,
            r#"{"theme":"dark","versions":[["a"]]}"#,
            r#"{"theme":"dark","lesson":{"id":"<x>","query":null,"answers":[],"hints":0}}"#,
            r#"{"theme":"dark","solved":["<x>"]}"#,
            r#"{"theme":"dark","marks":{"labels":[{"log":"l","line":-1}],"pins":[]}}"#,
        ] {
            assert_eq!(Saved::parse(text), good, "{text}");
        }
        for text in ["", "null", "[]", "{", "\"x\""] {
            assert_eq!(Saved::parse(text), Saved::default(), "{text}");
        }
    }
}
