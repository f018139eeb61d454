//! The sample logs that are part of the program. `samples/README.md` tells what they are.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

mod files {
    include!(concat!(env!("OUT_DIR"), "/samples.rs"));
}

/// A sample: logs that belong together, what to look for in them, and what is expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// A stable short name.
    pub id: String,
    /// `scenario`, `false_positive`, `evasion`, `mixed_day`.
    pub group: String,
    /// The title.
    pub title: String,
    /// A sentence or two on what to look for.
    pub look_for: String,
    /// The logs, each a source.
    pub files: Vec<SampleFile>,
    labels: String,
    /// What the shipped rule makes of it, by signal: written by hand, and held against a run by a test.
    pub expected: BTreeMap<String, Expected>,
}

/// A log of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleFile {
    /// Its path below `samples/`.
    pub path: String,
}

/// What the shipped rule makes of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The signal's state.
    pub state: crate::SignalState,
    /// How many alerts it gives.
    pub alerts: usize,
}

/// Whether a row is part of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Label {
    Malicious,
    Benign,
}

/// The label of a record of a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleLabel {
    /// The file's name, without its folder.
    pub file: String,
    /// The line that the record starts on, from 1.
    pub line: u64,
    /// Whether it is part of an attack.
    pub label: Label,
    /// Why, in a few words.
    pub why: String,
    /// The signals that fire on it.
    pub signals: Vec<String>,
}

#[derive(Deserialize)]
struct Manifest {
    samples: Vec<Sample>,
}

/// The labels of a sample's records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SampleLabels {
    /// What records have that are not told one by one.
    pub default: Option<DefaultLabel>,
    /// The records that are told one by one.
    pub rows: Vec<SampleLabel>,
}

/// The label of every record that is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DefaultLabel {
    /// Whether they are part of an attack.
    pub label: Label,
}

impl SampleLabels {
    /// The label of the record that starts on a line of a file.
    #[must_use]
    pub fn label(&self, file: &str, line: u64) -> Option<Label> {
        let told = self.rows.iter().find(|row| row.line == line && row.file == file);
        told.map(|row| row.label).or(self.default.as_ref().map(|d| d.label))
    }
}

// The files are ours and a test reads each: what cannot be read is not there.
static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    serde_json::from_str::<Manifest>(include_str!("../samples/manifest.json")).map(|m| m.samples).unwrap_or_default()
});

/// Every sample, in the order to show them.
#[must_use]
pub fn samples() -> &'static [Sample] {
    &SAMPLES
}

/// The sample of a short name.
#[must_use]
pub fn sample(id: &str) -> Option<&'static Sample> {
    samples().iter().find(|sample| sample.id == id)
}

fn bytes(path: &str) -> &'static [u8] {
    files::FILES.iter().find(|(known, _)| *known == path).map_or(&[], |(_, bytes)| bytes)
}

impl SampleFile {
    /// The file's name, without its folder.
    #[must_use]
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The bytes of the log.
    #[must_use]
    pub fn bytes(&self) -> &'static [u8] {
        bytes(&self.path)
    }
}

impl Sample {
    /// The labels of its records.
    #[must_use]
    pub fn labels(&self) -> SampleLabels {
        serde_json::from_slice(bytes(&self.labels)).unwrap_or_default()
    }
}
