//! Two versions of a query on the same logs: alerts gained, lost and kept, row by row.

use crate::result_view::{ViewRow, view_row};
use crate::signals::signal_name;
use crate::{ColumnReport, Finding};
use event_table::RowRef;
use kql_engine::plan::Plan;
use kql_engine::run::{Outcome, Relation};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Alerts that are told one by one; past that they are counted.
const TOLD: usize = 1_000;

/// What a change of the query does to the alerts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// Errors of the other version, which then could not be run.
    pub findings: Vec<Finding>,
    /// The same by signal.
    pub signals: Vec<SignalDifference>,
    /// The columns of the newer version's result.
    pub columns: Vec<ColumnReport>,
    /// Alerts of the newer version that the older does not have.
    pub gained: Vec<ComparedRow>,
    /// The columns of the older version's result.
    pub old_columns: Vec<ColumnReport>,
    /// Alerts of the older version that the newer does not have.
    pub lost: Vec<ComparedRow>,
    /// How many were gained, lost and kept, in all.
    pub totals: Totals,
}

/// Counts of alerts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Totals {
    pub gained: usize,
    pub lost: usize,
    pub kept: usize,
}

/// What a change does to the alerts of one signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalDifference {
    /// The signal's name.
    pub name: String,
    /// How many alerts.
    pub totals: Totals,
}

/// An alert of one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComparedRow {
    /// The signal's name.
    pub signal: String,
    /// The row of the log; none where rows were grouped.
    pub record: Option<RowRef>,
    /// The row of the result.
    pub row: ViewRow,
}

/// What tells alerts of two versions apart: the row of the log and the signal, or the cells.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Identity {
    Record(RowRef, String),
    Cells(Vec<String>),
}

pub(crate) fn compare(old: (&Plan, &Outcome), new: (&Plan, &Outcome)) -> Comparison {
    let (before, after) = (alerts(old.0, old.1), alerts(new.0, new.1));
    let mut left: FxHashMap<Identity, usize> = FxHashMap::default();
    for (identity, ..) in &before {
        *left.entry(identity.clone()).or_default() += 1;
    }
    let mut result = Comparison {
        columns: columns(&new.1.relation),
        old_columns: columns(&old.1.relation),
        ..Comparison::default()
    };
    for (identity, signal, row) in &after {
        let kept = left.get_mut(identity).filter(|count| **count > 0);
        match kept {
            Some(count) => {
                *count -= 1;
                result.count(signal, |t| t.kept += 1);
            }
            None => {
                result.count(signal, |t| t.gained += 1);
                if result.gained.len() < TOLD {
                    result.gained.push(compared(identity, signal, &new.1.relation, *row));
                }
            }
        }
    }
    for (identity, signal, row) in &before {
        if let Some(count) = left.get_mut(identity).filter(|count| **count > 0) {
            *count -= 1;
            result.count(signal, |t| t.lost += 1);
            if result.lost.len() < TOLD {
                result.lost.push(compared(identity, signal, &old.1.relation, *row));
            }
        }
    }
    result
}

impl Comparison {
    fn count(&mut self, signal: &str, add: impl Fn(&mut Totals)) {
        add(&mut self.totals);
        match self.signals.iter_mut().find(|s| s.name == signal) {
            Some(found) => add(&mut found.totals),
            None => {
                let mut totals = Totals::default();
                add(&mut totals);
                self.signals.push(SignalDifference { name: signal.to_owned(), totals });
            }
        }
    }
}

fn columns(relation: &Relation) -> Vec<ColumnReport> {
    relation.columns().iter().map(|c| ColumnReport { name: c.name.to_string(), ty: Some(c.ty) }).collect()
}

fn compared(identity: &Identity, signal: &str, relation: &Relation, row: usize) -> ComparedRow {
    let record = match identity {
        Identity::Record(record, _) => Some(*record),
        Identity::Cells(_) => None,
    };
    ComparedRow { signal: signal.to_owned(), record, row: view_row(relation, row) }
}

/// Every alert with its identity, its signal's name and its place in the result.
fn alerts(plan: &Plan, outcome: &Outcome) -> Vec<(Identity, String, usize)> {
    let names: Vec<String> = plan.legs.iter().map(|leg| signal_name(plan, leg)).collect();
    let relation = &outcome.relation;
    (0..relation.len())
        .map(|row| match relation.origin(row) {
            Some(origin) => {
                let name = names.get(usize::from(origin.leg.unwrap_or(0))).cloned().unwrap_or_default();
                (Identity::Record(origin.row, name.clone()), name, row)
            }
            None => {
                let name = names.first().cloned().unwrap_or_default();
                (Identity::Cells(view_row(relation, row).cells), name, row)
            }
        })
        .collect()
}
