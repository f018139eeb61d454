//! Whether a query does what a case expects, goal by goal, in words.

use super::{Case, Changes, Expectations, ExpectedRow, Holdout, Limits, Question, no_files};
use crate::marks::{Pin, Wanted, alerting};
use crate::session::{LastRun, RunFailure, Session};
use crate::{Finding, RunReport, SignalState, pins};
use event_table::{DateTime, RowRef};
use kql_engine::run::Pace;
use kql_syntax::Severity;
use serde::{Deserialize, Serialize};

/// How a query fares by a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The case's title.
    pub title: String,
    /// Whether every goal is met.
    pub passed: bool,
    /// The goals, in the case's order.
    pub goals: Vec<GoalReport>,
    /// The errors of the query, without which nothing can be met.
    pub findings: Vec<Finding>,
    /// How much of the query changed from where the case starts.
    pub changes: Changes,
}

/// A goal, and whether it is met.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GoalReport {
    /// The goal in words.
    pub words: String,
    /// Whether it is met.
    pub met: bool,
    /// Why it is not.
    pub why: Option<String>,
    /// The rows that it is about.
    pub rows: Vec<RowRef>,
    /// The question that it is about, by position.
    pub question: Option<usize>,
}

impl Session {
    /// Checks the session's query, on its logs, by what a case expects. `answers` are those to the case's questions, in
    /// their order; `wall` is the wall clock. The query is run when it was not since it or the clock changed.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn check_case(
        &mut self,
        case: &Case,
        answers: &[String],
        wall: DateTime,
        pace: &dyn Pace,
    ) -> Result<CaseReport, RunFailure> {
        let report = self.run_if_changed(wall, pace).await?;
        let changes = Changes::between(case.start(), self.query());
        let mut goals = self.goals(&case.expect, &report);
        if let Some(lesson) = &case.lesson {
            for (index, question) in lesson.questions.iter().enumerate() {
                goals.push(answered(index, question, answers.get(index).map_or("", String::as_str)));
            }
            goals.extend(within(&lesson.limits, changes));
            if let Some(holdout) = &lesson.holdout {
                goals.push(self.held_out(holdout, wall, pace).await?);
            }
        }
        let passed = !report.has_errors() && goals.iter().all(|goal| goal.met);
        let findings = report.findings.into_iter().filter(|f| f.severity == Severity::Error).collect();
        Ok(CaseReport { title: case.title.clone(), passed, goals, findings, changes })
    }

    /// Runs the query unless the newest run is of this text at this instant: then its result stays as it is shown.
    async fn run_if_changed(&mut self, wall: DateTime, pace: &dyn Pace) -> Result<RunReport, RunFailure> {
        let now = self.clock.instant(self.newest(), wall);
        let is_run = self.last.as_ref().is_some_and(|last| last.query == self.query && last.now == now);
        if is_run { Ok(RunReport::default()) } else { self.run(wall, pace).await }
    }

    /// The goals of expectations, by the newest run.
    fn goals(&self, expect: &Expectations, report: &RunReport) -> Vec<GoalReport> {
        let last = self.last.as_ref().filter(|_| !report.has_errors());
        let failed = || report.failure.clone().unwrap_or_else(|| "The query has an error.".to_owned());
        let mut goals = Vec::new();
        let rows_at = self.rows_at(expect.rows().map(|(log, line)| (log.as_str(), line)));
        for (wanted, rows) in [(Wanted::Alert, &expect.alert), (Wanted::Silence, &expect.silent)] {
            for row in rows {
                let records = rows_at.get(&(row.log.as_str(), row.line)).cloned().unwrap_or_default();
                let why = match last {
                    _ if records.is_empty() => Some(format!("'{}' has no record on line {}.", row.log, row.line)),
                    Some(last) => self.broken(last, row, wanted, &records),
                    None => Some(failed()),
                };
                goals.push(GoalReport {
                    words: row_words(row, wanted),
                    met: why.is_none(),
                    why,
                    rows: records,
                    question: None,
                });
            }
        }
        let mut add = |words: String, met: Option<Result<(), String>>| {
            let why = met.unwrap_or_else(|| Err(failed())).err();
            goals.push(GoalReport { words, met: why.is_none(), why, ..GoalReport::default() });
        };
        let signals =
            last.map(|last| crate::signals::reports(&last.plan, &last.outcome, &self.tables, &last.query, last.now));
        for (name, expected) in &expect.signals {
            let signal = signals.as_ref().map(|all| all.iter().find(|signal| signal.name == *name));
            let told = |test: &dyn Fn(&crate::SignalReport) -> Result<(), String>| {
                signal.map(|signal| signal.map_or_else(|| Err("There is no such signal.".to_owned()), test))
            };
            if let Some(state) = expected.state {
                let met = told(&|signal| {
                    expect_same(signal.state == state, || format!("It is {}.", state_words(signal.state)))
                });
                add(format!("{name} is {}", state_words(state)), met);
            }
            if let Some(alerts) = expected.alerts {
                let met =
                    told(&|signal| expect_same(signal.alerts == alerts, || format!("It gives {}.", signal.alerts)));
                add(format!("{name} gives {} alerts", alerts), met);
            }
        }
        if let Some(rows) = expect.rows {
            let met = last.map(|last| {
                let there = last.outcome.relation.len();
                expect_same(there == rows, || format!("It has {there}."))
            });
            add(format!("The result has {rows} rows"), met);
        }
        let score = last.map(|last| self.marks.score(&alerting(&last.plan, &last.outcome)).unwrap_or_default());
        for (name, least, value) in [
            ("Precision", expect.precision, score.as_ref().map(|score| score.precision)),
            ("Recall", expect.recall, score.as_ref().map(|score| score.recall)),
        ] {
            if let Some(least) = least {
                let met = value.map(|value| {
                    let there = value.map_or("It cannot be told.".to_owned(), |value| format!("It is {value:.2}."));
                    expect_same(value.is_some_and(|value| value >= least), || there)
                });
                add(format!("{name} is at least {least}"), met);
            }
        }
        goals
    }

    /// Why a record's expectation is not met; none when it is. One row of it that alerts is an alert on it.
    fn broken(&self, last: &LastRun, row: &ExpectedRow, wanted: Wanted, records: &[RowRef]) -> Option<String> {
        let pins: Vec<Pin> =
            records.iter().map(|record| Pin { row: *record, wanted, signal: row.signal.clone() }).collect();
        let alerting = alerting(&last.plan, &last.outcome);
        let reports = pins::reports(&pins, &alerting, &last.plan, &last.outcome, &self.tables, &last.query, last.now);
        let met = match wanted {
            Wanted::Alert => reports.iter().any(|report| report.holds),
            Wanted::Silence => reports.iter().all(|report| report.holds),
        };
        if met { None } else { reports.into_iter().find_map(|report| report.broken_by) }
    }

    /// Whether the query holds on logs that the learner does not see. What is there is not told, but for one reason.
    async fn held_out(&self, holdout: &Holdout, wall: DateTime, pace: &dyn Pace) -> Result<GoalReport, RunFailure> {
        let mut other = Session::new();
        let words = format!("It holds on {}, which you have not seen", holdout.about);
        if let Err(why) = other.load_case_logs(&holdout.logs, &no_files) {
            return Ok(GoalReport { words, why: Some(why), ..GoalReport::default() });
        }
        other.set_query(self.query());
        other.set_clock(self.clock.clone());
        let report = other.run(wall, pace).await?;
        let goals = other.goals(&holdout.expect, &report);
        let broken: Vec<&GoalReport> = goals.iter().filter(|goal| !goal.met).collect();
        let why = broken.first().map(|goal| {
            let reason = goal.why.as_deref().unwrap_or_default();
            format!("{} of {} there fail. The first: {}. {reason}", broken.len(), goals.len(), goal.words)
        });
        Ok(GoalReport { words, met: broken.is_empty(), why, ..GoalReport::default() })
    }
}

fn expect_same(same: bool, why: impl FnOnce() -> String) -> Result<(), String> {
    if same { Ok(()) } else { Err(why()) }
}

fn row_words(row: &ExpectedRow, wanted: Wanted) -> String {
    let place = format!("{}, line {}", row.log, row.line);
    let what = match &row.note {
        Some(note) => format!("{note} ({place})"),
        None => place,
    };
    let signal = row.signal.as_ref().map_or(String::new(), |signal| format!(" in {signal}"));
    match wanted {
        Wanted::Alert => format!("Alerts{signal}: {what}"),
        Wanted::Silence => format!("Does not alert{signal}: {what}"),
    }
}

fn state_words(state: SignalState) -> &'static str {
    match state {
        SignalState::Fired => "fired",
        SignalState::Quiet => "quiet",
        SignalState::NotEvaluable => "not evaluable",
    }
}

fn answered(index: usize, question: &Question, answer: &str) -> GoalReport {
    let plain = |text: &str| {
        let text = text.trim().trim_matches(['"', '\'', '`', '.']);
        text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
    };
    let given = plain(answer);
    let met = question.answers.iter().any(|right| plain(right) == given);
    let why = match (met, given.is_empty()) {
        (true, _) => None,
        (false, true) => Some("It is not answered yet.".to_owned()),
        (false, false) => Some("That is not it.".to_owned()),
    };
    GoalReport { words: question.ask.clone(), met, why, rows: Vec::new(), question: Some(index) }
}

fn within(limits: &Limits, changes: Changes) -> Vec<GoalReport> {
    let literals = limits.literals.map(|most| (most, changes.literals, "literals"));
    let words = limits.words.map(|most| (most, changes.words, "other words and signs"));
    let goal = |(most, there, what): (usize, usize, &str)| {
        let words = if most == 0 { format!("No {what} change") } else { format!("At most {most} {what} change") };
        let why = (there > most).then(|| format!("{there} have."));
        GoalReport { words, met: why.is_none(), why, ..GoalReport::default() }
    };
    literals.into_iter().chain(words).map(goal).collect()
}
