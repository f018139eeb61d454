//! A case from the state of a session: its rows, its query, and what its pins, labels and alerts say.

use super::{CASE_VERSION, Case, CaseLog, Expectations, ExpectedRow, ExpectedSignal, Lesson, Limits};
use crate::export::{ExportFailure, RowChoice};
use crate::marks::{Wanted, alerting};
use crate::rows::{WrittenRows, chosen_rows, written_rows};
use crate::samples::Label;
use crate::session::Session;
use crate::{Clock, rule};
use event_table::RowRef;
use kql_engine::run::Pace;
use serde::{Deserialize, Serialize};

/// The longest log that is written into a case, in bytes.
const MAX_LOG: usize = 8 << 20;
/// Records of which something is expected because of a label or an alert.
const MAX_ROWS: usize = 500;

/// What the case is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuthorRequest {
    /// The title.
    pub title: String,
    /// What it is about.
    pub about: String,
    /// Which rows go with it; protected rows always do.
    pub rows: RowChoice,
    /// What makes it a lesson; without it, it is a test.
    pub lesson: Option<LessonText>,
}

/// What a trainer says of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LessonText {
    /// What to reach.
    pub goal: String,
    /// Hints, one after the other.
    pub hints: Vec<String>,
    /// How much may change.
    pub limits: Limits,
    /// What to take away.
    pub takeaway: String,
}

impl Session {
    /// Writes a case from the newest run. A test expects what happens now: what alerts, and that what is labelled
    /// benign or pinned silent does not. A lesson expects what should happen: what is pinned, and without pins what the
    /// labels say.
    ///
    /// # Errors
    /// When the query did not run yet, or the pace called it off.
    pub async fn author_case(&mut self, request: &AuthorRequest, pace: &dyn Pace) -> Result<Case, ExportFailure> {
        let mut chosen = chosen_rows(self, request.rows, pace).await?;
        let last =
            self.last.as_ref().ok_or_else(|| ExportFailure::Impossible("The query has to run first.".to_owned()))?;
        let alerting = alerting(&last.plan, &last.outcome);
        let all = chosen.rows.is_none();
        if let Some(rows) = &mut chosen.rows {
            rows.extend(self.marks.pins.iter().map(|pin| pin.row));
            if request.lesson.is_some() {
                rows.extend(self.marks.labels.keys().take(MAX_ROWS));
            }
        }
        let WrittenRows { text, lines, left_out } = written_rows(&self.tables, chosen.rows.as_ref(), MAX_LOG, None);
        let name = "rows.ndjson";
        let row = |record: &RowRef, signal: Option<&String>| {
            let line = *lines.get(record)?;
            Some(ExpectedRow { log: name.to_owned(), line, signal: signal.cloned(), note: None })
        };
        let mut expect = Expectations::default();
        for pin in &self.marks.pins {
            let list = if pin.wanted == Wanted::Alert { &mut expect.alert } else { &mut expect.silent };
            list.extend(row(&pin.row, pin.signal.as_ref()));
        }
        let is_pinned = |record: &RowRef| self.marks.pins.iter().any(|pin| pin.row == *record);
        let labelled = |label: Label| {
            let rows = self.labelled(label);
            rows.into_iter().filter(|record| lines.contains_key(record) && !is_pinned(record))
        };
        match &request.lesson {
            Some(_) if self.marks.pins.is_empty() => {
                expect.alert.extend(labelled(Label::Malicious).take(MAX_ROWS).filter_map(|record| row(&record, None)));
                expect.silent.extend(labelled(Label::Benign).take(MAX_ROWS).filter_map(|record| row(&record, None)));
            }
            Some(_) => {}
            None => {
                let mut now: Vec<(&RowRef, &Vec<String>)> = alerting.iter().filter(|(r, _)| !is_pinned(r)).collect();
                now.sort();
                let each = now.into_iter().flat_map(|(record, names)| names.iter().map(move |name| (record, name)));
                expect.alert.extend(each.take(MAX_ROWS).filter_map(|(record, name)| row(record, Some(name))));
                let quiet = labelled(Label::Benign).filter(|record| !alerting.contains_key(record));
                expect.silent.extend(quiet.take(MAX_ROWS).filter_map(|record| row(&record, None)));
                if all && left_out == 0 {
                    let reports =
                        crate::signals::reports(&last.plan, &last.outcome, &self.tables, &last.query, last.now);
                    expect.signals = reports
                        .into_iter()
                        .map(|s| (s.name, ExpectedSignal { state: Some(s.state), alerts: Some(s.alerts) }))
                        .collect();
                }
            }
        }
        let labels = self.marks.labels.iter().filter_map(|(record, label)| {
            Some(super::CaseLabel { log: name.to_owned(), line: *lines.get(record)?, label: *label })
        });
        let mut labels: Vec<_> = labels.collect();
        labels.sort_by_key(|label| label.line);
        Ok(Case {
            version: CASE_VERSION,
            title: if request.title.trim().is_empty() { "A case".to_owned() } else { request.title.clone() },
            about: request.about.clone(),
            query: (last.query != rule::TEXT).then(|| last.query.clone()),
            // Without all rows the newest of them need not be what was newest.
            clock: match &self.clock {
                Clock::Newest if all => None,
                _ => Some(last.now.to_string()),
            },
            // Where no row was chosen there is no log: an empty one cannot be read.
            logs: if text.is_empty() { Vec::new() } else { vec![CaseLog::text(name, text)] },
            labels,
            expect,
            lesson: request.lesson.as_ref().map(|words| Lesson {
                goal: words.goal.clone(),
                hints: words.hints.clone(),
                limits: words.limits,
                takeaway: words.takeaway.clone(),
                ..Lesson::default()
            }),
        })
    }
}
