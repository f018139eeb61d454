//! Near misses and comparisons as JSON and text.

use crate::{ComparedRow, Comparison, Session, SignalNearMisses, Suggestion};
use event_table::RowRef;
use serde_json::{Value as Json, json};
use std::fmt::Write as _;

/// Characters of a value that are shown on a line of text.
const SHOWN: usize = 100;

/// The answer of `exfil near-misses --format json`: `signals` [{name, total, groups}], of each group the `failures`
/// [{condition, column, value, distance, why}], how many rows, where some of them stand, and the edits that would catch
/// them.
#[must_use]
pub fn near_misses_json(session: &Session, found: &[SignalNearMisses]) -> Json {
    let signals = found.iter().map(|signal| {
        let groups = signal.groups.iter().map(|group| {
            let failures = group.failures.iter().map(|failure| {
                json!({
                    "condition": failure.text,
                    "column": failure.column,
                    "value": failure.value,
                    "distance": failure.distance,
                    "why": failure.why,
                })
            });
            json!({
                "failures": failures.collect::<Vec<_>>(),
                "rows": group.count,
                "distance": group.distance,
                "examples": group.rows.iter().map(|row| place_json(session, *row)).collect::<Vec<_>>(),
                "suggestions": group.suggestions.iter().map(|s| suggestion_json(session.query(), s)).collect::<Vec<_>>(),
            })
        });
        json!({ "name": signal.name, "total": signal.total, "groups": groups.collect::<Vec<_>>() })
    });
    json!({ "signals": signals.collect::<Vec<_>>() })
}

fn suggestion_json(query: &str, suggestion: &Suggestion) -> Json {
    let edits = suggestion
        .edits
        .iter()
        .map(|edit| json!({ "start": edit.span.start, "end": edit.span.end, "insert": edit.insert }));
    let edited = kql_syntax::edit::apply(query, &suggestion.edits).ok();
    json!({ "words": suggestion.words, "edits": edits.collect::<Vec<_>>(), "query": edited })
}

/// Where the record of a row stands: log, line, table.
fn place_json(session: &Session, row: RowRef) -> Json {
    let (log, line) = session.place_of(row).unwrap_or_default();
    let table = session.tables().tables().get(row.table as usize).map_or("", event_table::Table::name);
    json!({ "log": log, "line": line, "table": table })
}

/// Near misses as text: for each signal the nearest groups, each with its first suggestion.
#[must_use]
pub fn near_misses(found: &[SignalNearMisses], failed: usize, most: usize) -> String {
    let conditions = if failed == 1 { "one condition only".to_owned() } else { format!("just {failed} conditions") };
    let mut out = String::new();
    for signal in found {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{}: {} rows failed {conditions}", signal.name, signal.total);
        for group in signal.groups.iter().take(most) {
            for (place, failure) in group.failures.iter().enumerate() {
                let count = if place == 0 { group.count.to_string() } else { String::new() };
                let _ = writeln!(out, "  {count:>6}  {} = {}", failure.column, cut(&failure.value));
                let _ = writeln!(out, "          {}  {}", cut(&failure.text), failure.why);
            }
            if let Some(first) = group.suggestions.first() {
                let _ = writeln!(out, "          would catch: {}", first.words);
            }
        }
        if signal.groups.len() > most {
            let _ = writeln!(out, "  and {} more values", signal.groups.len() - most);
        }
    }
    out
}

/// The answer of `exfil compare --format json`: totals, the same by signal, and the alerts gained and lost with their
/// columns.
#[must_use]
pub fn comparison_json(session: &Session, compared: &Comparison) -> Json {
    let totals = |t: &crate::Totals| json!({ "gained": t.gained, "lost": t.lost, "kept": t.kept });
    let rows = |rows: &[ComparedRow]| {
        let row = |row: &ComparedRow| {
            let place = row.record.map(|record| place_json(session, record));
            json!({ "signal": row.signal, "record": place, "cells": row.row.cells })
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let columns = |columns: &[crate::ColumnReport]| columns.iter().map(|c| json!(c.name)).collect::<Vec<_>>();
    let signals = compared.signals.iter().map(|s| {
        let mut json = totals(&s.totals);
        json["name"] = json!(s.name);
        json
    });
    json!({
        "totals": totals(&compared.totals),
        "signals": signals.collect::<Vec<_>>(),
        "columns": columns(&compared.columns),
        "gained": rows(&compared.gained),
        "old_columns": columns(&compared.old_columns),
        "lost": rows(&compared.lost),
    })
}

/// A comparison as text: the totals, then each alert that came or went.
#[must_use]
pub fn comparison(session: &Session, compared: &Comparison) -> String {
    let mut out = String::new();
    let totals = &compared.totals;
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} gained, {} lost, {} kept", totals.gained, totals.lost, totals.kept);
    for signal in &compared.signals {
        let t = &signal.totals;
        let _ = writeln!(out, "  {}: {} gained, {} lost, {} kept", signal.name, t.gained, t.lost, t.kept);
    }
    for (sign, rows, all) in [('+', &compared.gained, totals.gained), ('-', &compared.lost, totals.lost)] {
        for row in rows {
            let place = row.record.and_then(|record| session.place_of(record));
            let place = place.map_or(String::new(), |(log, line)| format!(" ({log}, line {line})"));
            let cells: Vec<&str> = row.row.cells.iter().map(String::as_str).filter(|cell| !cell.is_empty()).collect();
            let _ = writeln!(out, "{sign} {}{place}: {}", row.signal, cells.join(" | ").replace(['\r', '\n'], " "));
        }
        if all > rows.len() {
            let _ = writeln!(out, "{sign} and {} more", all - rows.len());
        }
    }
    out
}

/// A text on one line, cut where it is long.
fn cut(text: &str) -> String {
    let line = crate::signals::one_line(text);
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
