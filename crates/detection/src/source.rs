//! The logs of a session.

use event_logs::{Options, Report};
use event_table::SourceId;
use serde::{Deserialize, Serialize};

/// A log that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// What names it in the tables.
    pub id: SourceId,
    /// How it was read.
    pub options: Options,
    /// What became of it.
    pub report: Report,
}

/// A log as told to people and programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceSummary {
    /// What names it.
    pub id: SourceId,
    /// How it was read.
    pub options: Options,
    /// What became of it.
    pub report: Report,
}

impl Source {
    /// The source as told to people and programs.
    #[must_use]
    pub fn summary(&self) -> SourceSummary {
        SourceSummary { id: self.id, options: self.options.clone(), report: self.report.clone() }
    }
}
