//! What each literal of a list does: in how many rows it is found, and how many alerts hang on it alone.

use crate::signals::leg_chain;
use event_table::{Column, StringColumn, TableSet};
use kql_engine::expr::{Expr, ExprKind};
use kql_engine::plan::{Plan, PlanColumn};
use kql_engine::run::Outcome;
use kql_engine::scalar::convert;
use kql_engine::text::Matcher;
use kql_syntax::Span;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

/// Cells longer than this are not kept for the next row that has the same.
const KEPT_CELL: usize = 256;

/// A condition's literals and what each does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionContribution {
    /// The signal, by position.
    pub signal: usize,
    /// The condition, by position in the signal's funnel.
    pub condition: usize,
    /// Where the condition stands in the text.
    pub span: Span,
    /// Each literal of the condition.
    pub literals: Vec<LiteralContribution>,
}

/// What a literal does in a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiteralContribution {
    /// The literal.
    pub literal: String,
    /// Rows of the table that have it, whatever else they have.
    pub rows: usize,
    /// Alerts of the signal that have it.
    pub alerts: usize,
    /// Alerts of the signal that have no other literal of this condition: they hang on it alone.
    pub alone: usize,
}

/// The contribution of the literals of every condition that is one test of text.
pub(crate) fn contributions(plan: &Plan, outcome: &Outcome, tables: &TableSet) -> Vec<ConditionContribution> {
    let mut found = Vec::new();
    for (signal, leg) in plan.legs.iter().enumerate() {
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        let Some(name) = plan.tables(chain.base).first().cloned() else { continue };
        let columns = &plan.node(chain.base).columns;
        let alerts: Vec<u32> = (0..outcome.relation.len())
            .filter_map(|row| outcome.relation.origin(row))
            .filter(|origin| usize::from(origin.leg.unwrap_or(0)) == signal)
            .map(|origin| origin.row.row)
            .collect();
        for (condition, tested) in chain.conditions.iter().enumerate() {
            let tests = text_tests(&tested.expr);
            if tests.is_empty() {
                continue;
            }
            let mut literals: Vec<LiteralContribution> = Vec::new();
            let mut per_alert: Vec<Vec<usize>> = vec![Vec::new(); alerts.len()];
            for (column, matcher) in tests {
                let first = literals.len();
                literals.extend(matcher.literals().iter().map(|literal| LiteralContribution {
                    literal: literal.to_string(),
                    rows: 0,
                    alerts: 0,
                    alone: 0,
                }));
                count_rows(tables, &name, &columns[column], matcher, &mut literals[first..]);
                let Some(table) = tables.get(&name) else { continue };
                let Some(index) = table.schema().position(&columns[column].name) else { continue };
                for (row, found) in alerts.iter().zip(&mut per_alert) {
                    let value = table.value(*row as usize, index);
                    found.extend(hits(matcher, &convert::to_text(&value)).into_iter().map(|literal| first + literal));
                }
            }
            for found in per_alert {
                if let [only] = found[..] {
                    literals[only].alone += 1;
                }
                found.into_iter().for_each(|literal| literals[literal].alerts += 1);
            }
            found.push(ConditionContribution { signal, condition, span: tested.span, literals });
        }
    }
    found
}

/// The tests of text that a condition is, or is made of with `or`: each with the column that it reads.
fn text_tests(expr: &Expr) -> Vec<(usize, &Matcher)> {
    match &expr.kind {
        ExprKind::Or(parts) => {
            let tests: Vec<Vec<(usize, &Matcher)>> = parts.iter().map(text_tests).collect();
            if tests.iter().any(Vec::is_empty) { Vec::new() } else { tests.concat() }
        }
        ExprKind::Text(test) if !test.negated => match (&test.subject.kind, &test.matcher) {
            (ExprKind::Column(column), Some(matcher)) => vec![(*column, &**matcher)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// The literals found in a text, each once.
fn hits(matcher: &Matcher, text: &str) -> Vec<usize> {
    let mut found: Vec<usize> = matcher.find(text).into_iter().map(|f| f.literal).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn count_rows(
    tables: &TableSet,
    name: &str,
    column: &PlanColumn,
    matcher: &Matcher,
    literals: &mut [LiteralContribution],
) {
    let Some(table) = tables.get(name) else { return };
    let Some(index) = table.schema().position(&column.name) else { return };
    let mut kept: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    let mut add = |text: &str, times: usize, literals: &mut [LiteralContribution]| {
        if text.is_empty() {
            return;
        }
        let found = match kept.get(text) {
            Some(found) => found.clone(),
            None => {
                let found = hits(matcher, text);
                if text.len() <= KEPT_CELL {
                    kept.insert(text.to_owned(), found.clone());
                }
                found
            }
        };
        found.into_iter().for_each(|literal| literals[literal].rows += times);
    };
    for batch in table.batches() {
        let Some(stored) = batch.column(index.get()) else { continue };
        match &**stored {
            Column::String(StringColumn::Dictionary(d)) => {
                let mut times = vec![0usize; d.entries.len()];
                (0..d.codes.len()).for_each(|row| times[d.codes.get(row)] += 1);
                for (code, times) in times.into_iter().enumerate() {
                    add(d.entries.get(code), times, literals);
                }
            }
            Column::String(StringColumn::Text(text)) => {
                // Text columns are long and varied: every cell is looked at.
                (0..text.len()).for_each(|row| {
                    for literal in hits(matcher, text.get(row)) {
                        literals[literal].rows += 1;
                    }
                });
            }
            other => (0..other.len()).for_each(|row| add(&convert::to_text(&other.value(row)), 1, literals)),
        }
    }
}
