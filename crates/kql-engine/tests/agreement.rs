//! Everything that evaluates agrees: running and explaining, columns and single rows, kept selections and fresh ones,
//! over random tables of every type and random queries as text.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(unreachable_pub, reason = "the parts of a test are modules")]

mod support;

use event_table::{Bitmap, ColumnType, DateTime, SourceId, TableSet, Value};
use kql_engine::columnar::{Chunk, Origins, Vector, compute, select};
use kql_engine::explain::explain;
use kql_engine::expr::Expr;
use kql_engine::plan::{NodeId, NodeKind, Plan};
use kql_engine::run::{Outcome, Runner, chain};
use kql_engine::scalar::{evaluate, truth};
use proptest::prelude::*;
use std::sync::Arc;
use support::queries::{BASE, boolean, pipeline, quoted, scalar};
use support::tables::{Cells, append, cells, rows};
use support::{now, plan};

/// `PROPTEST_CASES` asks for more cases than a run of all tests has time for.
fn config() -> ProptestConfig {
    ProptestConfig { max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() }
}

/// A cell as text that tells apart what differs; NaN is like NaN.
fn shown(value: &Value) -> String {
    format!("{value:?}")
}

fn run(plan: &Plan, tables: &TableSet, now: DateTime) -> Outcome {
    Runner::new().run_now(plan, tables, now).unwrap()
}

fn result(outcome: &Outcome) -> Vec<Vec<String>> {
    let relation = &outcome.relation;
    let row = |row| (0..relation.columns().len()).map(|c| shown(&relation.value(row, c))).collect();
    (0..relation.len()).map(row).collect()
}

/// The rows of a batch as a chunk, each column in the vector that a run gives it.
fn batch_chunk(plan: &Plan, node: NodeId, tables: &TableSet, batch: usize) -> Chunk {
    let table = tables.get("T").unwrap();
    let stored = &table.batches()[batch];
    let column = |c: &kql_engine::plan::PlanColumn| {
        let at = table.schema().position(&c.name).and_then(|at| stored.column(at.get()));
        at.map_or_else(|| Vector::Constant(Value::missing(c.ty)), |c| Vector::Column(c.clone()))
    };
    Chunk { len: stored.len(), columns: plan.node(node).columns.iter().map(column).collect(), origins: Origins::None }
}

/// The same rows in every way that a chunk can hold them: as stored, picked out of order, and spread over two chunks.
fn ways(chunk: &Chunk) -> Vec<Chunk> {
    let backwards: Arc<[u32]> = (0..chunk.len as u32).rev().chain([0]).collect();
    let picked = chunk.pick(&backwards);
    let twice = picked.pick(&backwards.iter().map(|row| *row / 2).collect());
    let places = (0..chunk.len as u32).flat_map(|row| [(0, row), (1, row)]).collect();
    let spread = Chunk::gather(&[chunk.clone(), picked.clone()], chunk.columns.len(), places);
    vec![chunk.clone(), picked, twice, spread]
}

/// Checks an expression over a chunk against its value on each row.
fn agrees(expr: &Expr, chunk: &Chunk, seed: u64, now: DateTime) -> Result<(), TestCaseError> {
    let on_row = |row: usize| {
        let cells: Vec<Value> = chunk.columns.iter().map(|c| c.value(row)).collect();
        evaluate(expr, &cells[..], now)
    };
    let computed = compute(expr, chunk, now);
    for row in 0..chunk.len {
        let value = on_row(row);
        let ty = value.column_type();
        prop_assert!(ty.is_none_or(|ty| ty == expr.ty), "{value:?} is no {} from {expr:?}", expr.ty);
        prop_assert_eq!(shown(&computed.value(row)), shown(&value), "row {} of {:?}", row, expr);
    }
    if !matches!(expr.ty, ColumnType::Bool | ColumnType::Dynamic) {
        return Ok(());
    }
    let selected = Bitmap::from_fn(chunk.len, |row| seed.is_multiple_of(3) || seed.rotate_left(row as u32) & 3 != 0);
    for wanted in [true, false] {
        let found = select(expr, wanted, chunk, &selected, now);
        prop_assert_eq!(found.len(), chunk.len);
        for row in 0..chunk.len {
            let is = truth(&on_row(row)) == Some(wanted);
            prop_assert_eq!(found.get(row), selected.get(row) && is, "row {} wanted {} of {:?}", row, wanted, expr);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_predicate_selects_the_rows_on_which_it_is_true(condition in boolean(BASE, 3), rows in rows(), seed in any::<u64>()) {
        let tables = rows.tables();
        let text = format!("T | where ({condition}) or false");
        let plan = plan(&text, &tables, now())?;
        let NodeKind::Filter(input, conditions) = &plan.node(plan.root.unwrap()).kind else { panic!("{text}") };
        for batch in 0..tables.get("T").unwrap().batches().len() {
            for chunk in ways(&batch_chunk(&plan, *input, &tables, batch)) {
                for condition in conditions {
                    agrees(&condition.expr, &chunk, seed, now())?;
                }
            }
        }
    }

    #[test]
    fn a_column_is_computed_as_each_row_is_and_has_the_type_that_was_resolved(value in scalar(BASE), rows in rows()) {
        let tables = rows.tables();
        let text = format!("T | project X = {value}");
        let plan = plan(&text, &tables, now())?;
        let NodeKind::Project(input, exprs) = &plan.node(plan.root.unwrap()).kind else { panic!("{text}") };
        let mut all = Vec::new();
        exprs[0].visit(&mut |expr| all.push(expr.clone()));
        for batch in 0..tables.get("T").unwrap().batches().len() {
            for chunk in ways(&batch_chunk(&plan, *input, &tables, batch)) {
                for expr in &all {
                    agrees(expr, &chunk, 0, now())?;
                }
            }
        }
    }

    #[test]
    fn a_run_gives_the_rows_that_are_explained_as_passing(text in pipeline(), rows in rows()) {
        let tables = rows.tables();
        let plan = plan(&text, &tables, now())?;
        let root = plan.root.unwrap();
        let outcome = run(&plan, &tables, now());
        let chain = chain(&plan, root);
        prop_assert!(matches!(plan.node(chain.base).kind, NodeKind::Table(_)), "{}", text);
        let table = tables.get("T").unwrap();
        let base = &plan.node(chain.base).columns;
        let mut next = 0;
        let mut left = vec![0; chain.conditions.len()];
        for row in 0..table.len() {
            let cells: Vec<Value> = base.iter().map(|c| table.value(row, table.schema().position(&c.name).unwrap())).collect();
            let explained = explain(&chain.conditions, &cells[..], now());
            let passed = explained.iter().take_while(|e| e.verdict == Some(true)).count();
            left[..passed].iter_mut().for_each(|n| *n += 1);
            if passed < chain.conditions.len() {
                continue;
            }
            let origin = outcome.relation.origin(next).map(|o| (o.row.table, o.row.row));
            prop_assert_eq!(origin, Some((0, row as u32)), "row {} of the result", next);
            for (column, output) in chain.outputs.iter().enumerate() {
                prop_assert_eq!(shown(&outcome.relation.value(next, column)), shown(&evaluate(output, &cells[..], now())));
            }
            next += 1;
        }
        prop_assert_eq!(outcome.relation.len(), next);
        if !chain.conditions.is_empty() {
            prop_assert_eq!(&outcome.steps[&root].left, &left);
        }
    }

    #[test]
    fn a_run_gives_what_running_operator_by_operator_gives(first in pipeline(), second in pipeline(), both in any::<bool>(), rows in rows()) {
        let tables = rows.tables();
        let text = if both { format!("union ({first}), ({second})") } else { first };
        let plan = plan(&text, &tables, now())?;
        let outcome = run(&plan, &tables, now());
        let expected = support::plain::rows(&plan, plan.root.unwrap(), &tables, now());
        let cells: Vec<Vec<String>> = expected.iter().map(|row| row.cells.iter().map(shown).collect()).collect();
        prop_assert_eq!(result(&outcome), cells);
        for (row, expected) in expected.iter().enumerate() {
            let origin = outcome.relation.origin(row).map(|o| (o.row, o.leg));
            prop_assert_eq!(origin, Some((expected.origin, expected.leg)));
        }
    }
}

/// An edit between two runs.
#[derive(Clone, Debug)]
enum Edit {
    /// Another word in a list.
    Add(usize, String),
    /// A word out of a list.
    Drop(usize, usize),
    /// Another number, or another length of the look-back.
    Number(usize),
    /// Two conditions change places.
    Swap(usize, usize),
    /// A condition is left out, or comes back.
    Toggle(usize),
    /// Another instant is now.
    Clock(i64),
    /// Another log is read.
    Read(Vec<Cells>),
    /// A log is taken out.
    Remove(u32),
}

fn edit() -> impl Strategy<Value = Edit> {
    let word = proptest::sample::select(support::tables::TEXTS).prop_map(quoted);
    prop_oneof![
        (0usize..4, word).prop_map(|(at, word)| Edit::Add(at, word)),
        (0usize..4, 0usize..4).prop_map(|(at, word)| Edit::Drop(at, word)),
        (0usize..4).prop_map(Edit::Number),
        (0usize..4, 0usize..4).prop_map(|(a, b)| Edit::Swap(a, b)),
        (0usize..4).prop_map(Edit::Toggle),
        (-30i64..30).prop_map(Edit::Clock),
        proptest::collection::vec(cells(), 1..4).prop_map(Edit::Read),
        (0u32..3).prop_map(Edit::Remove),
    ]
}

/// A query under edits: conditions of which some are in force, each with a list and a number in it.
struct Edited {
    conditions: Vec<String>,
    lists: Vec<Vec<String>>,
    numbers: Vec<i64>,
    order: Vec<usize>,
    out: Vec<bool>,
}

impl Edited {
    fn text(&self) -> String {
        let list = |i: usize| if self.lists[i].is_empty() { "dynamic([])".into() } else { self.lists[i].join(", ") };
        let parts = self.order.iter().filter(|i| !self.out[**i]).map(|i| {
            let list = list(*i);
            let number = self.numbers[*i];
            format!("\n| where {} or S has_any ({list}) or L > {number} or A > ago({number}h)", self.conditions[*i])
        });
        format!(
            "T{}\n| where S has_any ({}) or L > 5\n| where S has_any ({})\n| extend X = strcat(S, \"-\", L)\n| where X !has \"zzz\" and (A > ago(P) or B) and A > ago(1d * {})",
            parts.collect::<String>(),
            list(1),
            list(2),
            self.numbers[0]
        )
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn runs_after_edits_give_what_fresh_runs_give(
        conditions in proptest::collection::vec(boolean(BASE, 2), 4),
        edits in proptest::collection::vec(edit(), 1..8),
        rows in rows(),
    ) {
        let mut tables = rows.tables();
        let mut clock = now();
        let mut query = Edited {
            conditions,
            lists: vec![vec![quoted("git")], vec![], vec![quoted("a"), quoted("push")], vec![]],
            numbers: vec![5, 0, -3, 400],
            order: vec![0, 1, 2, 3],
            out: vec![false; 4],
        };
        let mut kept = Runner::new();
        let mut next_source = 10;
        for edit in [Edit::Swap(0, 0)].into_iter().chain(edits) {
            match &edit {
                Edit::Add(at, word) => query.lists[*at].push(word.clone()),
                Edit::Drop(at, word) if *word < query.lists[*at].len() => drop(query.lists[*at].remove(*word)),
                Edit::Drop(..) => {}
                Edit::Number(at) => query.numbers[*at] += 1,
                Edit::Swap(a, b) => query.order.swap(*a, *b),
                Edit::Toggle(at) => query.out[*at] = !query.out[*at],
                Edit::Clock(hours) => clock = DateTime::from_ticks(clock.ticks() + hours * 36_000_000_000).unwrap(),
                Edit::Read(rows) => {
                    append(&mut tables, next_source, rows.iter().cloned());
                    next_source += 1;
                }
                Edit::Remove(source) => tables.remove_source(SourceId(*source)),
            }
            if tables.get("T").is_none() {
                break;
            }
            let plan = plan(&query.text(), &tables, clock)?;
            let again = kept.run_now(&plan, &tables, clock).unwrap();
            let fresh = run(&plan, &tables, clock);
            prop_assert_eq!(result(&again), result(&fresh), "after {:?}: {}", edit, query.text());
            prop_assert_eq!(&again.steps, &fresh.steps);
            let origins = |outcome: &Outcome| (0..outcome.relation.len()).map(|r| outcome.relation.origin(r)).collect::<Vec<_>>();
            prop_assert_eq!(origins(&again), origins(&fresh));
        }
    }
}
