//! Signals: the sub-queries that feed a query's outermost union, with what happened to the rows on the way.

use event_table::{Table, TableSet, Value};
use kql_engine::explain::explain_one;
use kql_engine::expr::ExprKind;
use kql_engine::plan::{Leg, Plan};
use kql_engine::run::{Chain, Outcome, source_chain};
use kql_syntax::Span;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// Whether a signal fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalState {
    /// It gave at least one alert.
    Fired,
    /// It looked, and found nothing.
    Quiet,
    /// It could not fire on these logs: a condition reads only columns that have no value in any row.
    NotEvaluable,
}

/// A signal after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalReport {
    /// The constant that its rows carry in a column `Signal`, else the name of its `let` or table.
    pub name: String,
    /// The name of its `let` or table.
    pub leg: String,
    /// Where it is defined in the text.
    pub span: Span,
    /// Whether it fired.
    pub state: SignalState,
    /// How many rows of the result came through it.
    pub alerts: usize,
    /// The columns that keep it from firing: no row has a value in them.
    pub missing_columns: Vec<String>,
    /// What happened to the rows on the way; none when its rows are no single rows of one table.
    pub funnel: Option<Funnel>,
}

/// Rows left after each condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Funnel {
    /// The table that the rows come from.
    pub table: String,
    /// How many rows the table has.
    pub rows: usize,
    /// The conditions in the text's order.
    pub steps: Vec<FunnelStep>,
}

/// A condition of a funnel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunnelStep {
    /// Where the condition stands in the text.
    pub span: Span,
    /// The condition as written, blanks joined.
    pub text: String,
    /// The columns of the table that it reads.
    pub columns: Vec<String>,
    /// How many rows are left after it.
    pub left: usize,
}

/// The chain that a leg's rows come through, as it was run.
pub(crate) fn leg_chain(plan: &Plan, leg: &Leg, outcome: &Outcome) -> Option<Rc<Chain>> {
    let chain = source_chain(plan, leg.node)?;
    let as_run = outcome.chains.get(&chain.top).cloned();
    // Of a table's rows that pass no condition there is nothing to run.
    as_run.or_else(|| chain.conditions.is_empty().then(|| Rc::new(chain)))
}

/// The reports of all signals of a run.
pub(crate) fn reports(
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    text: &str,
    now: event_table::DateTime,
) -> Vec<SignalReport> {
    let mut alerts = vec![0usize; plan.legs.len()];
    let mut from_logs = true;
    for row in 0..outcome.relation.len() {
        match outcome.relation.origin(row) {
            Some(origin) => {
                if let Some(count) = alerts.get_mut(usize::from(origin.leg.unwrap_or(0))) {
                    *count += 1;
                }
            }
            None => from_logs = false,
        }
    }
    plan.legs
        .iter()
        .zip(alerts)
        .map(|(leg, alerts)| {
            // Rows that were grouped have lost their leg: then a signal's alerts are the rows that it gave.
            let given = outcome.steps.get(&leg.node).map_or(0, |step| step.out);
            let alerts = if from_logs { alerts } else { given };
            let chain = leg_chain(plan, leg, outcome);
            let missing_columns = chain.as_ref().map_or_else(Vec::new, |chain| {
                let table = plan.tables(chain.base).first().and_then(|name| tables.get(name));
                missing(&needs(plan, chain, now), |column| {
                    let position = table.and_then(|table| Some((table, table.schema().position(column)?)));
                    position.is_none_or(|(table, column)| table.filled(column, |_| true).0 == 0)
                })
            });
            let state = match (alerts, missing_columns.is_empty()) {
                (1.., _) => SignalState::Fired,
                (0, true) => SignalState::Quiet,
                (0, false) => SignalState::NotEvaluable,
            };
            SignalReport {
                name: signal_name(plan, leg),
                leg: leg.name.to_string(),
                span: leg.span,
                state,
                alerts,
                missing_columns,
                funnel: chain.map(|chain| funnel(plan, &chain, outcome, tables, text)),
            }
        })
        .collect()
}

/// The constant in a column `Signal`, else the leg's own name.
pub(crate) fn signal_name(plan: &Plan, leg: &Leg) -> String {
    let column = plan.node(leg.node).columns.iter().position(|c| &*c.name == "Signal");
    let output = column
        .and_then(|index| source_chain(plan, leg.node).filter(|c| c.top == leg.node)?.outputs.get(index).cloned());
    match output.map(|expr| expr.kind) {
        Some(ExprKind::Constant(Value::String(name))) if !name.is_empty() => name.to_string(),
        _ => leg.name.to_string(),
    }
}

fn funnel(plan: &Plan, chain: &Chain, outcome: &Outcome, tables: &TableSet, text: &str) -> Funnel {
    let base = plan.node(chain.base);
    let step = outcome.steps.get(&chain.top).cloned().unwrap_or_default();
    let table = plan.tables(chain.base).first().map_or_else(String::new, |name| name.to_string());
    let rows = if chain.conditions.is_empty() { tables.get(&table).map_or(0, Table::len) } else { step.rows };
    let steps = chain.conditions.iter().zip(&step.left).map(|(condition, left)| FunnelStep {
        span: condition.span,
        text: one_line(condition.span.of(text)),
        columns: condition.expr.columns().into_iter().map(|c| base.columns[c].name.to_string()).collect(),
        left: *left,
    });
    Funnel { table, rows, steps: steps.collect() }
}

/// Text with every run of blanks made one.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a row must have a value in to pass a chain: for each condition that is not true of a row without values, the
/// columns that it reads, of which one at least must have one.
pub(crate) fn needs(plan: &Plan, chain: &Chain, now: event_table::DateTime) -> Vec<Vec<String>> {
    let base = plan.node(chain.base);
    let nothing: Vec<Value> = base.columns.iter().map(|c| Value::missing(c.ty)).collect();
    let needs = chain.conditions.iter().filter_map(|condition| {
        let columns = condition.expr.columns();
        let needs_one = !columns.is_empty() && explain_one(&condition.expr, &nothing[..], now).verdict != Some(true);
        needs_one.then(|| columns.into_iter().map(|column| base.columns[column].name.to_string()).collect())
    });
    needs.collect()
}

/// The columns without any value that keep a chain with such needs from passing a row.
pub(crate) fn missing(needs: &[Vec<String>], is_empty: impl Fn(&str) -> bool) -> Vec<String> {
    let mut missing: Vec<String> = Vec::new();
    for column in needs.iter().filter(|columns| columns.iter().all(|column| is_empty(column))).flatten() {
        if !missing.contains(column) {
            missing.push(column.clone());
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use crate::Session;
    use event_table::DateTime;

    /// Rows that pass no condition have a way too: the table itself.
    #[test]
    fn a_table_by_itself_has_a_funnel_without_steps() {
        let log = "Timestamp,FileName,ProcessCommandLine\n2026-11-05T10:00:00Z,a.exe,x\n2026-11-05T10:00:01Z,b.exe,y\n";
        let mut session = Session::new();
        session.load("own.csv", log.as_bytes(), Default::default());
        for (query, alerts) in [("DeviceProcessEvents", 2), ("DeviceProcessEvents | take 1", 1)] {
            session.set_query(query);
            let report = session.run_now(DateTime::MIN);
            let signal = &report.signals[0];
            let funnel = signal.funnel.as_ref().unwrap();
            assert_eq!((&*funnel.table, funnel.rows, funnel.steps.len()), ("DeviceProcessEvents", 2, 0), "{query}");
            assert_eq!(signal.alerts, alerts, "{query}");
            assert_eq!(session.near_misses_now(1)[0].total, 0, "{query}");
        }
    }
}
