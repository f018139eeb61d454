//! Answers as JSON, CSV and text, for terminals and programs. The forms of values are the contract of
//! ARCHITECTURE.md, *The command line*.

mod cases;
mod review;

use crate::{Finding, RunReport, Session, SignalState, SourceSummary, Story};
use event_logs::Report;
use event_table::{Dynamic, Value};
use kql_syntax::Fix;
use kql_syntax::edit::TextEdit;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write as _;

pub use cases::{CaseRun, cases, cases_json, junit};
pub use review::{comparison, comparison_json, near_misses, near_misses_json};

/// Whole numbers beyond this lose digits in programs that read JSON numbers as reals.
const MAX_EXACT: i64 = 1 << 53;

/// A cell as JSON: null for null; long beyond 2^53 and decimal as strings; datetime in ISO 8601 with Z; timespan in
/// Kusto's text form; dynamic as JSON; reals that JSON has no form for as strings.
#[must_use]
pub fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Int(n) => json!(n),
        Value::Long(n) => long_json(*n),
        Value::Real(n) if n.is_finite() => json!(n),
        Value::Dynamic(d) => dynamic_json(d),
        other => json!(other.to_string()),
    }
}

fn long_json(n: i64) -> Json {
    if n.unsigned_abs() <= MAX_EXACT as u64 { json!(n) } else { json!(n.to_string()) }
}

fn dynamic_json(value: &Dynamic) -> Json {
    match value {
        Dynamic::Null => Json::Null,
        Dynamic::Bool(b) => json!(b),
        Dynamic::Long(n) => long_json(*n),
        Dynamic::Real(n) if n.is_finite() => json!(n),
        Dynamic::String(s) => json!(s),
        Dynamic::Array(items) => Json::Array(items.iter().map(dynamic_json).collect()),
        Dynamic::Bag(bag) => Json::Object(bag.iter().map(|(k, v)| (k.to_string(), dynamic_json(v))).collect()),
        // Their text is that of a JSON string already.
        other => serde_json::from_str(&other.to_string()).unwrap_or_default(),
    }
}

/// A log that could not be opened, or not be read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The log, as it was named.
    pub name: String,
    /// Why, in the words of whoever tried.
    pub reason: String,
}

/// The answer of `exfil run --format json`. Logs that gave nothing are among its diagnostics: those that the session
/// knows of, and those that never reached it.
#[must_use]
pub fn run_json(session: &Session, report: &RunReport, unreadable: &[Unreadable]) -> Json {
    let mut rows = Vec::new();
    if !report.has_errors()
        && let Some(relation) = session.result()
    {
        for row in 0..relation.len() {
            rows.push(Json::Array(
                (0..relation.columns().len()).map(|c| value_json(&relation.value(row, c))).collect(),
            ));
        }
    }
    let signals = report
        .signals
        .iter()
        .map(|s| json!({"name": s.name, "state": s.state, "alerts": s.alerts, "missing_columns": s.missing_columns}));
    let sources = session.sources();
    let mut diagnostics = findings_json(report);
    let failures = sources.iter().filter_map(|s| {
        s.report.failure.as_ref().map(|f| (&s.report.name, json!(f.code), &f.message, s.report.is_passed_over()))
    });
    let unreadable = unreadable.iter().map(|log| (&log.name, json!("unreadable"), &log.reason, false));
    diagnostics.extend(failures.chain(unreadable).map(|(name, code, reason, is_passed_over)| {
        let severity = if is_passed_over { "info" } else { "error" };
        let message = format!("{name}: {reason}");
        json!({"severity": severity, "code": code, "message": message, "source": name, "start": 0, "end": 0, "line": 1, "column": 1})
    }));
    json!({
        "columns": columns_json(report),
        "rows": rows,
        "signals": signals.collect::<Vec<_>>(),
        "sources": sources.iter().map(source_json).collect::<Vec<_>>(),
        "diagnostics": diagnostics,
    })
}

/// The answer of `exfil check --format json`.
#[must_use]
pub fn check_json(report: &RunReport) -> Json {
    json!({"columns": columns_json(report), "diagnostics": findings_json(report)})
}

/// The answer of `exfil explain --format json`.
#[must_use]
pub fn story_json(story: &Story) -> Json {
    serde_json::to_value(story).unwrap_or_default()
}

fn columns_json(report: &RunReport) -> Vec<Json> {
    report.columns.iter().map(|c| json!({"name": c.name, "type": c.ty.map_or("unknown", |ty| ty.name())})).collect()
}

/// A fix: what it does, and what stands in place of which bytes afterwards.
fn fix_json(fix: &Fix) -> Json {
    let edit = |edit: &TextEdit| json!({"start": edit.span.start, "end": edit.span.end, "insert": edit.insert});
    json!({"title": fix.title, "edits": fix.edits.iter().map(edit).collect::<Vec<_>>()})
}

fn findings_json(report: &RunReport) -> Vec<Json> {
    let finding = |f: &Finding| {
        let mut object = Map::new();
        object.insert("severity".into(), json!(f.severity));
        object.insert("code".into(), json!(f.code));
        object.insert("message".into(), json!(f.message));
        object.insert("start".into(), json!(f.start));
        object.insert("end".into(), json!(f.end));
        object.insert("line".into(), json!(f.line));
        object.insert("column".into(), json!(f.column));
        if let Some(hint) = &f.hint {
            object.insert("hint".into(), json!(hint));
        }
        if !f.fixes.is_empty() {
            object.insert("fixes".into(), f.fixes.iter().map(fix_json).collect());
        }
        Json::Object(object)
    };
    let failure = report.failure.iter().map(|words| {
        json!({"severity": "error", "code": "run-failed", "message": words, "start": 0, "end": 0, "line": 1, "column": 1})
    });
    report.findings.iter().map(finding).chain(failure).collect()
}

fn source_json(source: &SourceSummary) -> Json {
    let report = &source.report;
    let tables: Map<String, Json> = report.tables.iter().map(|t| (t.table.to_string(), json!(t.rows))).collect();
    let mut warnings: Vec<String> = report.failure.iter().map(|f| f.message.clone()).collect();
    warnings.extend(report.warnings.iter().map(|w| w.message.clone()));
    warnings.extend(report.truncated.iter().map(|t| t.message.clone()));
    json!({
        "name": report.name,
        "format": report.recognition.format,
        "tables": tables,
        "rejected": report.rejected.total,
        "warnings": warnings,
        "refusals": report.rejected.first,
        "cells": report.cells,
    })
}

/// The result as CSV with a header, by RFC 4180; a cell that begins like a spreadsheet's formula is kept as it is.
#[must_use]
pub fn csv(session: &Session) -> String {
    crate::export::csv(session, crate::CsvCells::Exact)
}

/// The signals and the result as text.
#[must_use]
pub fn table(session: &Session, report: &RunReport) -> String {
    let mut out = String::new();
    for signal in &report.signals {
        let words = match signal.state {
            SignalState::Fired => format!("fired, {} alert{}", signal.alerts, plural(signal.alerts)),
            SignalState::Quiet => "quiet".to_owned(),
            SignalState::NotEvaluable => format!("not evaluable: no value in {}", signal.missing_columns.join(", ")),
        };
        let _ = writeln!(out, "{}: {words}", signal.name);
    }
    if report.has_errors() {
        return out;
    }
    if let Some(relation) = session.result() {
        if !report.signals.is_empty() {
            out.push('\n');
        }
        let width = relation.columns().len();
        let header: Vec<String> = relation.columns().iter().map(|c| c.name.to_string()).collect();
        let rows: Vec<Vec<String>> = (0..relation.len())
            .map(|row| (0..width).map(|c| crate::signals::one_line(&relation.value(row, c).to_string())).collect())
            .collect();
        out.push_str(&grid(&header, &rows));
        let _ = writeln!(out, "{} row{}", rows.len(), plural(rows.len()));
    }
    out
}

/// The columns of a query as text.
#[must_use]
pub fn columns(report: &RunReport) -> String {
    let rows: Vec<Vec<String>> = report
        .columns
        .iter()
        .map(|c| vec![c.name.clone(), c.ty.map_or("unknown", |ty| ty.name()).to_owned()])
        .collect();
    grid(&["Column".to_owned(), "Type".to_owned()], &rows)
}

/// The story of a row as text: every signal with its conditions ticked or crossed, then the record.
#[must_use]
pub fn story(story: &Story) -> String {
    let mut out = String::new();
    let place = story.record.map_or_else(String::new, |r| format!(", {} {}", story.unit.word(), r.line));
    let _ = writeln!(out, "{}: {}{place}", story.table, story.source);
    for signal in &story.signals {
        let _ = writeln!(
            out,
            "\n{} {}",
            signal.name,
            if signal.holds { "fires on this row" } else { "does not fire on this row" }
        );
        for condition in &signal.conditions {
            let tick = match condition.verdict {
                Some(true) => "yes ",
                Some(false) => "no  ",
                None => "null",
            };
            let _ = writeln!(out, "  {tick} {}", condition.text);
            for cell in &condition.cells {
                let literals: Vec<&str> = cell.matched.iter().map(|m| m.literal.as_str()).collect();
                let found =
                    if literals.is_empty() { String::new() } else { format!("; found: {}", literals.join(", ")) };
                let text = if cell.missing { "no value".to_owned() } else { crate::signals::one_line(&cell.text) };
                let _ = writeln!(out, "       {} = {text}{found}", cell.column);
                for swallowed in &cell.swallowed {
                    let (literal, term) = (&swallowed.mark.literal, &swallowed.term);
                    let _ = writeln!(out, "       {literal} stands in the longer term {term}, so it does not count");
                }
            }
        }
    }
    out.push('\n');
    for cell in &story.cells {
        let _ = writeln!(out, "{}: {}", cell.column, crate::signals::one_line(&cell.text));
    }
    out
}

/// What to tell of a source that could not be read in full; nothing when all is well.
#[must_use]
pub fn source_words(report: &Report) -> String {
    let mut out = String::new();
    if let Some(failure) = &report.failure {
        let severity = if report.is_passed_over() { "note" } else { "error" };
        let _ = writeln!(out, "{severity}: {}: {}", report.name, failure.message);
    }
    for finding in &report.rejected.first {
        let column = finding.column.map_or_else(String::new, |c| format!(":{c}"));
        let _ = writeln!(out, "warning: {}:{}{column}: {}", report.name, finding.line, finding.message);
    }
    let told = report.rejected.first.len() as u64;
    if report.rejected.total > told {
        let _ = writeln!(out, "warning: {}: {} more records were refused.", report.name, report.rejected.total - told);
    }
    for warning in &report.warnings {
        let line = warning.line.map_or_else(String::new, |line| format!(":{line}"));
        let _ = writeln!(out, "warning: {}{line}: {}", report.name, warning.message);
    }
    if let Some(truncated) = &report.truncated {
        let _ = writeln!(out, "warning: {}:{}: {}", report.name, truncated.line, truncated.message);
    }
    out
}

/// How many rows are duplicates, and what becomes of them.
#[must_use]
pub fn duplicate_words(session: &Session) -> String {
    let count = session.duplicates();
    let rows = if count == 1 { "1 row tells of an event that a row before it tells" } else { "" };
    let rows =
        if rows.is_empty() { format!("{count} rows tell of events that rows before them tell") } else { rows.into() };
    let fate = if session.drops_duplicates() { "left out" } else { "kept" };
    format!("{rows} of too (the same record of the same channel of the same computer): {fate}.")
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// Columns under a header, two blanks apart; the last is not padded.
fn grid(header: &[String], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.chain(header.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let mut out = String::new();
    for row in std::iter::once(header).chain(rows.iter().map(Vec::as_slice)) {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell}{}  ", " ".repeat(width - cell.chars().count()));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::DateTime;

    #[test]
    fn values_have_the_forms_of_the_contract() {
        let decimal =
            |text: &str| kql_engine::scalar::convert::to_type(&Value::string(text), event_table::ColumnType::Decimal);
        for (value, expected) in [
            (Value::Null, "null"),
            (Value::Long(1 << 53), "9007199254740992"),
            (Value::Long((1 << 53) + 1), "\"9007199254740993\""),
            (Value::Real(1.5), "1.5"),
            (Value::Real(f64::NAN), "\"NaN\""),
            (decimal("1.10"), "\"1.10\""),
            (Value::dynamic(Dynamic::from_json("{\"a\":[1,null]}").unwrap()), "{\"a\":[1,null]}"),
            (
                Value::dynamic(Dynamic::Array(vec![Dynamic::DateTime(DateTime::MIN), Dynamic::Real(f64::NAN)])),
                "[\"0001-01-01T00:00:00.0000000Z\",\"NaN\"]",
            ),
            (Value::string(""), "\"\""),
        ] {
            assert_eq!(value_json(&value).to_string(), expected);
        }
    }
}
