//! Protected rows: whether each holds, and what of the query broke it.

use crate::marks::{Pin, PinReport, Wanted};
use crate::near::cells;
use crate::signals::{leg_chain, one_line, signal_name};
use event_table::{DateTime, RowRef, TableSet};
use kql_engine::explain::explain;
use kql_engine::plan::Plan;
use kql_engine::run::Outcome;
use rustc_hash::FxHashMap;

/// How each pin fares in a run.
pub(crate) fn reports(
    pins: &[Pin],
    alerting: &FxHashMap<RowRef, Vec<String>>,
    plan: &Plan,
    outcome: &Outcome,
    tables: &TableSet,
    text: &str,
    now: DateTime,
) -> Vec<PinReport> {
    pins.iter()
        .map(|pin| {
            let all = alerting.get(&pin.row).cloned().unwrap_or_default();
            let asked = |name: &&String| pin.signal.as_ref().is_none_or(|signal| signal == *name);
            let fires = all.iter().any(|name| asked(&name));
            let holds = fires == (pin.wanted == Wanted::Alert);
            let broken_by = match (holds, pin.wanted) {
                (true, _) => None,
                (false, Wanted::Silence) => {
                    let names: Vec<&str> = all.iter().filter(asked).map(String::as_str).collect();
                    Some(format!("{} fires on it.", names.join(", ")))
                }
                (false, Wanted::Alert) => Some(failing(pin, plan, outcome, tables, text, now)),
            };
            PinReport { pin: pin.clone(), holds, alerting: all, broken_by }
        })
        .collect()
}

/// The condition that comes nearest to letting the row through, of the signals that are asked.
fn failing(pin: &Pin, plan: &Plan, outcome: &Outcome, tables: &TableSet, text: &str, now: DateTime) -> String {
    let Some(table) = tables.tables().get(pin.row.table as usize) else { return "Its log was removed.".to_owned() };
    let mut nearest: Option<(usize, String)> = None;
    for leg in &plan.legs {
        let name = signal_name(plan, leg);
        if pin.signal.as_ref().is_some_and(|signal| *signal != name) {
            continue;
        }
        let Some(chain) = leg_chain(plan, leg, outcome) else { continue };
        if plan.tables(chain.base).first().is_none_or(|t| **t != *table.name()) {
            continue;
        }
        let row = cells(table, &plan.node(chain.base).columns, pin.row.row);
        let explained = explain(&chain.conditions, &row[..], now);
        let failed: Vec<String> = chain
            .conditions
            .iter()
            .zip(&explained)
            .filter(|(_, e)| e.verdict != Some(true))
            .map(|(condition, _)| one_line(condition.span.of(text)))
            .collect();
        if nearest.as_ref().is_none_or(|(count, _)| failed.len() < *count) {
            let words = match &failed[..] {
                [] => format!("{name} passes it, and what follows leaves it out."),
                [one] => format!("{name}: `{one}` fails."),
                [first, rest @ ..] => format!("{name}: `{first}` fails, and {} more.", rest.len()),
            };
            nearest = Some((failed.len(), words));
        }
    }
    nearest.map_or_else(|| "No signal reads its table.".to_owned(), |(_, words)| words)
}
