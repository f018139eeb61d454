//! Exports: the query for the place where it will run, its alerts, and both together.
//!
//! Everything is text that the receiver's own tools read: KQL, an Azure template, Graph's JSON, CSV. What an export
//! leaves out, moves or cannot do is told beside it in words.

mod about;
mod alerts;
mod datatable;
mod defender;
pub(crate) mod literal;
mod sentinel;
mod yaml;

use crate::session::{RunFailure, Session, resolve_text};
use crate::target::{Target, TargetReport};
use event_table::DateTime;
use kql_engine::run::Pace;
use serde::{Deserialize, Serialize};

pub use about::RuleFacts;
pub(crate) use alerts::csv;
pub use datatable::RowChoice;

/// What to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "format")]
pub enum ExportRequest {
    /// The query as it stands.
    Kql,
    /// The query in the form that resolves at a target.
    Portable {
        /// The target.
        target: Target,
    },
    /// The query with its rows in `datatable()`, for any Kusto.
    SelfContained {
        /// Which rows.
        rows: RowChoice,
    },
    /// A Sentinel analytics rule as an Azure Resource Manager template.
    SentinelArm,
    /// A Sentinel analytics rule as the YAML that rule repositories keep.
    SentinelYaml,
    /// A Defender custom detection as Microsoft Graph takes it.
    DefenderDetection,
    /// The result as CSV.
    AlertsCsv {
        /// What becomes of cells that a spreadsheet would run.
        cells: CsvCells,
    },
    /// The result as JSON.
    AlertsJson,
}

/// What becomes of cells that begin with `=`, `+`, `-`, `@`, a tab or a line end, which spreadsheets run as formulas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CsvCells {
    /// Every cell as it is, for programs.
    #[default]
    Exact,
    /// An apostrophe before them, for spreadsheets.
    ForSpreadsheets,
}

/// A file to hand out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// A name for the file.
    pub file_name: String,
    /// What it is.
    pub media_type: String,
    /// What it holds.
    pub text: String,
    /// What to know before using it.
    pub notes: Vec<String>,
}

/// Why there is no export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExportFailure {
    /// The pace called it off.
    Cancelled,
    /// It cannot be made, in words.
    Impossible(String),
}

impl From<RunFailure> for ExportFailure {
    fn from(failure: RunFailure) -> Self {
        match failure {
            RunFailure::Cancelled => Self::Cancelled,
        }
    }
}

impl Session {
    /// Makes an export of the query and its newest run.
    ///
    /// # Errors
    /// When it cannot be made, or the pace called it off.
    pub async fn export(&mut self, request: ExportRequest, pace: &dyn Pace) -> Result<Export, ExportFailure> {
        let facts = RuleFacts::of(self.query());
        let file = |ending: &str, media_type: &str, text: String, notes: Vec<String>| Export {
            file_name: format!("{}{ending}", facts.file_name()),
            media_type: media_type.to_owned(),
            text,
            notes,
        };
        Ok(match request {
            ExportRequest::Kql => file(".kql", "text/plain", self.query().to_owned(), Vec::new()),
            ExportRequest::Portable { target } => {
                let report = self.target_report(target);
                let (text, notes) = self.for_target(&report);
                file(".kql", "text/plain", text, notes)
            }
            ExportRequest::SelfContained { rows } => {
                let (text, notes) = datatable::self_contained(self, rows, pace).await?;
                file("-with-rows.kql", "text/plain", text, notes)
            }
            ExportRequest::SentinelArm => {
                let report = self.target_report(Target::Sentinel);
                let (query, mut notes) = self.for_target(&report);
                let rule = sentinel::Rule::new(&facts, query, self, &mut notes);
                file(".sentinel.json", "application/json", rule.arm(), notes)
            }
            ExportRequest::SentinelYaml => {
                let report = self.target_report(Target::Sentinel);
                let (query, mut notes) = self.for_target(&report);
                let rule = sentinel::Rule::new(&facts, query, self, &mut notes);
                file(".sentinel.yaml", "application/yaml", rule.yaml(), notes)
            }
            ExportRequest::DefenderDetection => {
                let (text, notes) = defender::detection(&facts, self);
                file(".defender.json", "application/json", text, notes)
            }
            ExportRequest::AlertsCsv { cells } => {
                let notes = alerts::csv_notes(self, cells);
                file(".alerts.csv", "text/csv", alerts::csv(self, cells), notes)
            }
            ExportRequest::AlertsJson => file(".alerts.json", "application/json", alerts::json(self), Vec::new()),
        })
    }

    /// The columns of the query's result.
    fn result_columns(&self) -> Vec<String> {
        let plan = resolve_text(self.query(), self.tables(), DateTime::MAX).1;
        plan.map_or_else(Vec::new, |plan| plan.columns().iter().map(|c| c.name.to_string()).collect())
    }

    /// The tables that the query reads.
    fn query_tables(&self) -> Vec<String> {
        let plan = resolve_text(self.query(), self.tables(), DateTime::MAX).1;
        let tables = plan.and_then(|plan| Some(plan.tables(plan.root?)));
        let mut names: Vec<String> = tables.unwrap_or_default().iter().map(|name| name.to_string()).collect();
        names.sort();
        names
    }

    /// The query in the form for a target, and what to know about it there.
    fn for_target(&self, report: &TargetReport) -> (String, Vec<String>) {
        let mut notes = report.notes.clone();
        let text = self.query().to_owned();
        if report.runs {
            return (text, notes);
        }
        let edited = report.portable.as_ref().and_then(|p| kql_syntax::edit::apply(&text, &p.edits).ok());
        match edited {
            Some(edited) => {
                let names: Vec<&str> = report.lacks.iter().map(|lack| lack.name.as_str()).collect();
                notes.push(format!(
                    "It reads {} with column_ifexists(): where it is missing it is null.",
                    names.join(", ")
                ));
                (edited, notes)
            }
            None => {
                let names: Vec<&str> = report.lacks.iter().map(|lack| lack.name.as_str()).collect();
                let what = if names.is_empty() { "what it uses".to_owned() } else { names.join(", ") };
                notes.push(format!("It does not run in {}, which has no {what}.", report.target.name()));
                (text, notes)
            }
        }
    }
}

#[cfg(test)]
mod tests;
