//! The story of a row: the whole record, and for every signal each condition ticked or crossed, with what it saw.

use crate::Source;
use crate::signals::{leg_chain, one_line, signal_name};
use event_logs::RecordUnit;
use event_table::{ColumnOrigin, ColumnType, DateTime, RecordSpan, RowRef, TableSet, Value};
use kql_engine::explain::{CellEvidence, explain};
use kql_engine::plan::Plan;
use kql_engine::run::Outcome;
use kql_engine::scalar::Row;
use kql_syntax::Span;
use serde::{Deserialize, Serialize};

/// A row of a log and what the query's signals made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The row.
    pub row: RowRef,
    /// Its table.
    pub table: String,
    /// The name of the source that it came from.
    pub source: String,
    /// Where its record stands in the source.
    pub record: Option<RecordSpan>,
    /// What the position of the record counts.
    pub unit: RecordUnit,
    /// The cells that have a value, in the schema's order.
    pub cells: Vec<StoryCell>,
    /// Every signal on the row's table.
    pub signals: Vec<SignalStory>,
}

/// A cell of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryCell {
    /// The column.
    pub column: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ColumnType,
    /// Who says that the table has it.
    pub origin: ColumnOrigin,
    /// The value as text.
    pub text: String,
    /// Whether the log does not say it and another event of the same process does.
    pub inferred: bool,
}

/// What a signal made of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalStory {
    /// The signal's name.
    pub name: String,
    /// Its position among the signals.
    pub signal: usize,
    /// Whether every condition holds.
    pub holds: bool,
    /// The conditions in the text's order.
    pub conditions: Vec<ConditionStory>,
}

/// A condition's verdict on a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionStory {
    /// Where it stands in the text.
    pub span: Span,
    /// The condition as written, blanks joined.
    pub text: String,
    /// True, false, or null.
    pub verdict: Option<bool>,
    /// What it saw.
    pub cells: Vec<EvidenceCell>,
}

/// What a condition saw in one cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceCell {
    /// The column.
    pub column: String,
    /// The cell as text.
    pub text: String,
    /// Whether the cell has no value.
    pub missing: bool,
    /// What matched, in the order of the text.
    pub matched: Vec<Mark>,
    /// What would have matched, were it not part of a longer term.
    pub swallowed: Vec<SwallowedMark>,
}

/// A literal where it stands in a cell, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The literal, or the regular expression.
    pub literal: String,
    /// Bytes of the cell before it.
    pub start: usize,
    /// Bytes of the cell before its end.
    pub end: usize,
}

/// A literal that a longer term swallowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwallowedMark {
    /// The literal where it stands.
    pub mark: Mark,
    /// The longer term.
    pub term: String,
}

struct TableRow<'a> {
    cells: &'a [Value],
}

impl Row for TableRow<'_> {
    fn value(&self, column: usize) -> Value {
        self.cells.get(column).cloned().unwrap_or_default()
    }
}

/// Tells the story of a row; `None` when there is no such row.
pub(crate) fn story(
    row: RowRef,
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    sources: &[Source],
    text: &str,
    now: DateTime,
) -> Option<Story> {
    let table = tables.tables().get(row.table as usize)?;
    let (batch, at) = table.locate(row.row as usize)?;
    let cells = table.schema().columns.iter().enumerate().filter_map(|(index, column)| {
        let value = table.value(row.row as usize, index.into());
        let text = value.to_string();
        (!text.is_empty()).then(|| StoryCell {
            column: column.name.to_string(),
            ty: column.ty,
            origin: column.origin,
            text,
            inferred: batch.is_inferred(at, index),
        })
    });
    let mut signals = Vec::new();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        if plan.tables(chain.base).first().is_none_or(|name| **name != *table.name()) {
            continue;
        }
        let base = plan.node(chain.base);
        let values: Vec<Value> = base
            .columns
            .iter()
            .map(|c| match table.schema().position(&c.name) {
                Some(index) => table.value(row.row as usize, index),
                None => Value::missing(c.ty),
            })
            .collect();
        let explained = explain(&chain.conditions, &TableRow { cells: &values }, now);
        let conditions: Vec<ConditionStory> = chain
            .conditions
            .iter()
            .zip(explained)
            .map(|(condition, explanation)| ConditionStory {
                span: condition.span,
                text: one_line(condition.span.of(text)),
                verdict: explanation.verdict,
                cells: explanation.cells.into_iter().map(|c| evidence(&base.columns[c.column].name, c)).collect(),
            })
            .collect();
        let holds = conditions.iter().all(|c| c.verdict == Some(true));
        signals.push(SignalStory { name: signal_name(plan, leg), signal, holds, conditions });
    }
    let source = sources.iter().find(|source| source.id == batch.source()).map(|source| &source.report);
    Some(Story {
        row,
        table: table.name().to_owned(),
        source: source.map_or_else(String::new, |report| report.name.clone()),
        unit: source.map_or(RecordUnit::Line, |report| report.recognition.format.unit()),
        record: batch.record(at),
        cells: cells.collect(),
        signals,
    })
}

fn evidence(column: &str, cell: CellEvidence) -> EvidenceCell {
    let mark = |literal: &str, range: std::ops::Range<usize>| Mark {
        literal: literal.to_owned(),
        start: range.start,
        end: range.end,
    };
    let mut matched: Vec<Mark> = cell.matched.into_iter().map(|m| mark(&m.literal, m.range)).collect();
    matched.sort_by_key(|m| (m.start, m.end));
    matched.dedup();
    let swallowed = cell.swallowed.into_iter().map(|s| SwallowedMark {
        term: cell.text.get(s.term).unwrap_or("").to_owned(),
        mark: mark(&s.literal, s.range),
    });
    let swallowed = swallowed.collect();
    EvidenceCell { column: column.to_owned(), missing: cell.missing, matched, swallowed, text: cell.text }
}
