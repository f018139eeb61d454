//! Protected rows: how each fares, and which edit broke it.

use std::collections::HashMap;

use detection::PinReport;
use event_table::RowRef;
use yew::AttrValue;

use crate::rule_change::change_in_words;

/// A protected row.
#[derive(Debug, Clone, PartialEq)]
pub struct PinnedRow {
    /// How it fares.
    pub report: PinReport,
    /// What it is, in a line.
    pub title: AttrValue,
    /// Since what edit it is broken, in words; none while it holds, and where no edit broke it.
    pub broken_since: Option<AttrValue>,
}

/// The texts under which protected rows held, to find the edit that broke them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct PinHistory {
    held: HashMap<RowRef, AttrValue>,
    broken: HashMap<RowRef, Option<AttrValue>>,
}

impl PinHistory {
    /// Takes in how the protected rows fare under a text.
    pub(super) fn follow(&mut self, reports: &[PinReport], titles: Vec<String>, text: &AttrValue) -> Vec<PinnedRow> {
        let pinned = |row: &RowRef| reports.iter().any(|report| report.pin.row == *row);
        self.held.retain(|row, _| pinned(row));
        self.broken.retain(|row, _| pinned(row));
        let mut titles = titles.into_iter();
        let mut follow = |report: &PinReport| {
            let row = report.pin.row;
            let broken_since = if report.holds {
                self.held.insert(row, text.clone());
                self.broken.remove(&row);
                None
            } else {
                let held = self.held.get(&row);
                let since = self
                    .broken
                    .entry(row)
                    .or_insert_with(|| held.and_then(|held| change_in_words(held, text)).map(AttrValue::from));
                since.clone()
            };
            PinnedRow { report: report.clone(), title: titles.next().unwrap_or_default().into(), broken_since }
        };
        reports.iter().map(&mut follow).collect()
    }

    /// Rows are named anew.
    pub(super) fn forget(&mut self) {
        *self = PinHistory::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use detection::{Pin, Wanted};

    fn report(row: u32, holds: bool) -> PinReport {
        let pin = Pin { row: RowRef { table: 0, row }, wanted: Wanted::Alert, signal: None };
        PinReport { pin, holds, alerting: Vec::new(), broken_by: None }
    }

    #[test]
    fn the_edit_that_broke_a_row_is_told_as_long_as_it_is_broken() {
        let mut history = PinHistory::default();
        let mut since = |holds: [bool; 2], n: &str| {
            let text = AttrValue::from(format!("T | where x > {n} and y in ('a', 'b')"));
            let reports = [report(0, holds[0]), report(1, holds[1])];
            let rows = history.follow(&reports, vec!["first".into(), "second".into()], &text);
            assert_eq!(rows[1].title, "second");
            rows.into_iter().map(|row| row.broken_since.map(|words| words.to_string())).collect::<Vec<_>>()
        };
        // The second never held: no edit broke it.
        assert_eq!(since([true, false], "5"), [None, None]);
        assert_eq!(since([false, false], "50"), [Some("x > went from 5 to 50".into()), None]);
        assert_eq!(since([false, false], "60"), [Some("x > went from 5 to 50".into()), None]);
        assert_eq!(since([true, true], "4"), [None, None]);
        assert_eq!(since([true, false], "3"), [None, Some("x > went from 4 to 3".into())]);
    }
}
