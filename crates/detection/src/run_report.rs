//! What a run gives, as told to people and programs.

use crate::{Clock, ColumnVisibility, Finding, PinReport, Score, SignalReport, SourceSight};
use event_table::ColumnType;
use kql_syntax::Severity;
use serde::{Deserialize, Serialize};

/// The answer to a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// The columns of the result, in its order.
    pub columns: Vec<ColumnReport>,
    /// How many rows the result has.
    pub rows: usize,
    /// The sub-queries that feed the result.
    pub signals: Vec<SignalReport>,
    /// What is wrong or doubtful about the query, by position.
    pub findings: Vec<Finding>,
    /// For each column that the query's conditions read, in how many rows it has a value.
    pub visibility: Vec<ColumnVisibility>,
    /// What the signals can see of each source.
    pub sources: Vec<SourceSight>,
    /// The clock that was set.
    pub clock: Clock,
    /// The instant that was now, ISO 8601.
    pub now: String,
    /// The newest time in the logs, ISO 8601.
    pub newest: Option<String>,
    /// How the query asks for its result to be drawn.
    pub render: Option<RenderReport>,
    /// How the alerts fare by the labels; none when nothing is labelled.
    pub score: Option<Score>,
    /// How the protected rows fare.
    pub pins: Vec<PinReport>,
    /// The files that are kept for queries that read them by name (`externaldata`).
    pub files: Vec<KeptFile>,
    /// Rows of events that other rows tell of too.
    pub duplicates: Duplicates,
    /// Why there is no result although the query is right, in words.
    pub failure: Option<String>,
}

/// A file that is kept for queries that read it by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptFile {
    /// The name.
    pub name: String,
    /// Its length in bytes, as it is read.
    pub bytes: usize,
    /// Whether the query reads it.
    pub is_read: bool,
}

/// Rows of events that rows before them tell of too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicates {
    /// How many there are.
    pub rows: usize,
    /// Whether they are left out.
    pub left_out: bool,
}

/// A column of the result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnReport {
    /// The name.
    pub name: String,
    /// The type; none when it depends on an error.
    #[serde(rename = "type")]
    pub ty: Option<ColumnType>,
}

/// A `render` at the end of the query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenderReport {
    /// `timechart`, `barchart`, …
    pub chart: String,
    /// `with (name = value)`.
    pub properties: Vec<(String, String)>,
}

impl RunReport {
    /// Whether the query has an error, so that nothing was run.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.failure.is_some() || self.findings.iter().any(|f| f.severity == Severity::Error)
    }
}
