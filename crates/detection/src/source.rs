//! The logs of a session.

use event_logs::Report;
use event_table::SourceId;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The bytes of a log that the session itself holds, so that a record of it can be shown as it stands there.
#[derive(Clone, Debug)]
pub(crate) enum HeldLog {
    /// They are part of the program.
    Static(&'static [u8]),
    /// They came with a case or a saved state.
    Shared(Arc<[u8]>),
}

impl HeldLog {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Static(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

/// A log that was read.
#[derive(Clone, Debug)]
pub struct Source {
    /// What names it in the tables.
    pub id: SourceId,
    /// What became of it.
    pub report: Report,
    /// The file that it was read from, where the session holds that.
    pub(crate) held: Option<HeldLog>,
}

/// A log as told to people and programs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourceSummary {
    /// What names it.
    pub id: SourceId,
    /// What became of it.
    pub report: Report,
}

impl Source {
    /// The source as told to people and programs.
    #[must_use]
    pub fn summary(&self) -> SourceSummary {
        SourceSummary { id: self.id, report: self.report.clone() }
    }
}
