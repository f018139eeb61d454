//! What an exclusion would hide beyond today's alerts: rows of the logs that it holds on and that do not alert, those
//! of them that should, and what to think of before taking it.

use super::atoms::{Account, Test, is_changing};
use super::field::{Classes, Field};
use super::ground::{made_by, tested};
use super::search::Clause;
use crate::session::{LastRun, RunFailure};
use crate::signals::leg_chain;
use event_table::{Bitmap, ColumnType, RowRef, TableSet};
use kql_engine::columnar::select;
use kql_engine::expr::{Expr, ExprKind};
use kql_engine::run::{Pace, Progress, table_chunk};
use rustc_hash::FxHashSet;

/// What an exclusion holds on beside the alerts.
pub(super) struct Reach {
    /// Rows of the logs that do not alert.
    pub(super) quiet: usize,
    /// Of the rows that should alert and do not, those that it holds on.
    pub(super) hidden: Vec<RowRef>,
    /// How much of the rows of its tables that is, from 0 to 1, by magnitude.
    pub(super) breadth: f64,
    pub(super) cautions: Vec<String>,
}

/// Looks at every row of the tables that an exclusion stands on.
pub(super) async fn reach(
    clauses: &[&Clause],
    fields: &[Field],
    last: &LastRun,
    tables: &TableSet,
    classes: &Classes,
    pace: &dyn Pace,
) -> Result<Reach, RunFailure> {
    let alerting: FxHashSet<RowRef> = classes.alerts().iter().map(|alert| alert.row).collect();
    let mut held: FxHashSet<RowRef> = FxHashSet::default();
    let mut rows = 0;
    for (leg, defined) in last.plan.legs.iter().enumerate() {
        let of_leg: Vec<&&Clause> =
            clauses.iter().filter(|c| fields[c.field].place.leg.is_none_or(|own| own == leg)).collect();
        let Some(chain) = leg_chain(&last.plan, defined, &last.outcome) else { continue };
        let Some(name) = last.plan.tables(chain.base).first().cloned() else { continue };
        let Some(position) = tables.position(&name).filter(|_| !of_leg.is_empty()) else { continue };
        let base = &last.plan.node(chain.base).columns;
        let top = &last.plan.node(chain.top).columns;
        let conditions: Vec<Expr> = of_leg
            .iter()
            .filter_map(|clause| {
                let field = &fields[clause.field];
                let tests =
                    clause.atoms.iter().map(|atom| tested(made_by(field, atom.column, &chain, base, top)?, &atom.test));
                let tests: Vec<Expr> = tests.collect::<Option<_>>()?;
                Some(Expr { ty: ColumnType::Bool, kind: ExprKind::And(tests) })
            })
            .collect();
        let table = &tables.tables()[position];
        rows += table.len();
        for index in 0..table.batches().len() {
            let (chunk, _) = table_chunk(tables, &name, base, index);
            let all = Bitmap::filled(chunk.len, true);
            let start = table.batch_start(index);
            for condition in &conditions {
                let found = select(condition, true, &chunk, &all, last.now);
                held.extend(found.ones().map(|row| RowRef { table: position as u32, row: (start + row) as u32 }));
            }
            let progress = Progress { done: start, total: table.len() };
            pace.checkpoint(progress).await.map_err(|_| RunFailure::Cancelled)?;
        }
    }
    let quiet = held.difference(&alerting).count();
    let mut hidden: Vec<RowRef> =
        classes.keep.iter().copied().filter(|row| held.contains(row) && !alerting.contains(row)).collect();
    hidden.sort_unstable();
    let breadth = (1.0 + quiet as f64).ln() / (1.0 + rows as f64).ln().max(1.0);
    let cautions = cautions(clauses, fields, &hidden);
    Ok(Reach { quiet, hidden, breadth: breadth.min(1.0), cautions })
}

fn cautions(clauses: &[&Clause], fields: &[Field], hidden: &[RowRef]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut tell = |words: String| {
        if !told.contains(&words) {
            told.push(words);
        }
    };
    if !hidden.is_empty() {
        let (rows, them) = if hidden.len() == 1 { ("1 row that", "it") } else { ("rows that", "them") };
        let count = if hidden.len() == 1 { String::new() } else { format!("{} ", hidden.len()) };
        tell(format!("It would hide {count}{rows} should alert, were the rule widened to find {them}."));
    }
    for clause in clauses {
        for atom in &clause.atoms {
            let name = fields[clause.field].name(atom.column);
            let values = atom.test.values();
            if values.iter().any(|value| is_changing(value)) {
                tell(format!("{name} has values here that change from event to event: it will not hold for long."));
            }
            if name.contains("Account") && values.iter().any(|value| Account::of(value) == Account::Person) {
                tell(format!("{name} is a person here: whatever that person takes away goes unseen."));
            }
            if name.starts_with("Device") && atom.on_peoples_machines {
                tell(format!("{name} names machines here that people work on: whatever leaves them goes unseen."));
            }
            if name.ends_with("CommandLine") && matches!(atom.test, Test::Has(_)) {
                tell(format!("Whoever runs the command writes {name}: the text can be put there on purpose."));
            }
        }
        if let [only] = &clause.atoms[..]
            && fields[clause.field].name(only.column).ends_with("FileName")
        {
            tell("It trusts a program by its name alone: a file can be given any name.".to_owned());
        }
    }
    told
}
