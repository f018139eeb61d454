//! What people say of rows: labels (part of an attack, or not) and pins (must alert, must not), and how the query does
//! by them.

use crate::samples::Label;
use crate::signals::signal_name;
use event_table::RowRef;
use kql_engine::plan::Plan;
use kql_engine::run::{Outcome, Relation};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a pin asks of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    /// Some signal must alert on it.
    Alert,
    /// No signal may alert on it.
    Silence,
}

/// A protected row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The row.
    pub row: RowRef,
    /// What is asked of it.
    pub wanted: Wanted,
    /// The signal that it is asked of, by name; any when none.
    pub signal: Option<String>,
}

/// How a protected row fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinReport {
    /// The pin.
    pub pin: Pin,
    /// Whether it holds.
    pub holds: bool,
    /// The signals that alert on the row.
    pub alerting: Vec<String>,
    /// Where it does not hold, what of the query broke it: the condition that fails, or the signal that fires.
    pub broken_by: Option<String>,
}

/// How the alerts fare by the labels.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Rows that are part of an attack, and alert.
    pub true_positives: usize,
    /// Rows that are not, and alert.
    pub false_positives: usize,
    /// Rows that are part of an attack, and do not alert.
    pub false_negatives: usize,
    /// Rows that are not, and do not alert.
    pub true_negatives: usize,
    /// Alerting rows without a label.
    pub unlabelled: usize,
    /// Of the labelled rows that alert, the part that should; none when none alerts.
    pub precision: Option<f64>,
    /// Of the rows that should alert, the part that does; none when none should.
    pub recall: Option<f64>,
    /// The alerts of each signal by label.
    pub signals: Vec<SignalScore>,
}

/// The alerts of a signal by label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalScore {
    /// The signal's name.
    pub name: String,
    /// Alerts on rows that are part of an attack.
    pub malicious: usize,
    /// Alerts on rows that are not.
    pub benign: usize,
    /// Alerts on rows without a label.
    pub unlabelled: usize,
}

/// Labels and pins of a session.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    pub(crate) labels: FxHashMap<RowRef, Label>,
    pub(crate) pins: Vec<Pin>,
}

/// The rows of a result by position, each with the row of the logs that it is and the signal that it came through.
pub(crate) fn alerting_rows(relation: &Relation) -> impl Iterator<Item = (usize, Option<(RowRef, usize)>)> {
    let origin = |row| relation.origin(row).map(|origin| (origin.row, usize::from(origin.leg.unwrap_or(0))));
    (0..relation.len()).map(move |row| (row, origin(row)))
}

/// The rows that alert, each with the signals that do.
pub(crate) fn alerting(plan: &Plan, outcome: &Outcome) -> FxHashMap<RowRef, Vec<String>> {
    let names: Vec<String> = plan.legs.iter().map(|leg| signal_name(plan, leg)).collect();
    let mut rows: FxHashMap<RowRef, Vec<String>> = FxHashMap::default();
    for (record, signal) in alerting_rows(&outcome.relation).filter_map(|(_, origin)| origin) {
        rows.entry(record).or_default().push(names.get(signal).cloned().unwrap_or_default());
    }
    rows
}

impl Marks {
    /// Whether no row is labelled or protected.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.pins.is_empty()
    }

    /// How the alerts fare by the labels; none when nothing is labelled.
    pub(crate) fn score(&self, alerting: &FxHashMap<RowRef, Vec<String>>) -> Option<Score> {
        if self.labels.is_empty() {
            return None;
        }
        let mut score = Score::default();
        let mut signals: BTreeMap<&str, SignalScore> = BTreeMap::new();
        for (row, names) in alerting {
            let label = self.labels.get(row);
            match label {
                Some(Label::Malicious) => score.true_positives += 1,
                Some(Label::Benign) => score.false_positives += 1,
                None => score.unlabelled += 1,
            }
            let once: FxHashSet<&String> = names.iter().collect();
            for name in once {
                let signal = signals.entry(name).or_insert_with(|| SignalScore {
                    name: name.clone(),
                    malicious: 0,
                    benign: 0,
                    unlabelled: 0,
                });
                match label {
                    Some(Label::Malicious) => signal.malicious += 1,
                    Some(Label::Benign) => signal.benign += 1,
                    None => signal.unlabelled += 1,
                }
            }
        }
        for (row, label) in &self.labels {
            if !alerting.contains_key(row) {
                match label {
                    Label::Malicious => score.false_negatives += 1,
                    Label::Benign => score.true_negatives += 1,
                }
            }
        }
        let part = |of: usize, all: usize| (all > 0).then(|| of as f64 / all as f64);
        score.precision = part(score.true_positives, score.true_positives + score.false_positives);
        score.recall = part(score.true_positives, score.true_positives + score.false_negatives);
        score.signals = signals.into_values().collect();
        Some(score)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_and_recall_count_labelled_rows() {
        let row = |row| RowRef { table: 0, row };
        let mut marks = Marks::default();
        marks.labels.extend([
            (row(0), Label::Malicious),
            (row(1), Label::Malicious),
            (row(2), Label::Benign),
            (row(3), Label::Benign),
        ]);
        let alerting = FxHashMap::from_iter([
            (row(0), vec!["A".to_owned(), "B".to_owned()]),
            (row(2), vec!["A".to_owned()]),
            (row(9), vec!["B".to_owned()]),
        ]);
        let score = marks.score(&alerting).unwrap();
        assert_eq!(
            (
                score.true_positives,
                score.false_positives,
                score.false_negatives,
                score.true_negatives,
                score.unlabelled
            ),
            (1, 1, 1, 1, 1)
        );
        assert_eq!((score.precision, score.recall), (Some(0.5), Some(0.5)));
        assert_eq!(
            score.signals.iter().map(|s| (s.malicious, s.benign, s.unlabelled)).collect::<Vec<_>>(),
            [(1, 1, 0), (1, 0, 1)]
        );
        assert_eq!(Marks::default().score(&alerting), None);
    }
}
