//! The plainest way to run a plan: operator by operator, row by row, nothing kept, nothing rewritten.

use event_table::{DateTime, RowRef, TableSet, Value};
use kql_engine::plan::{NodeId, NodeKind, Plan};
use kql_engine::scalar::{evaluate, truth};

/// A row: its cells, the row of the log that it is, and the leg that it came through.
#[derive(Clone, Debug)]
pub struct PlainRow {
    pub cells: Vec<Value>,
    pub origin: RowRef,
    pub leg: Option<u16>,
}

/// The rows of an operator.
pub fn rows(plan: &Plan, node: NodeId, tables: &TableSet, now: DateTime) -> Vec<PlainRow> {
    match &plan.node(node).kind {
        NodeKind::Table(name) => {
            let position = tables.position(name).unwrap();
            let table = tables.get(name).unwrap();
            let row = |row: usize| PlainRow {
                cells: plan
                    .node(node)
                    .columns
                    .iter()
                    .map(|c| table.value(row, table.schema().position(&c.name).unwrap()))
                    .collect(),
                origin: RowRef { table: position as u32, row: row as u32 },
                leg: None,
            };
            (0..table.len()).map(row).collect()
        }
        NodeKind::Filter(input, conditions) => {
            let mut found = rows(plan, *input, tables, now);
            found.retain(|row| conditions.iter().all(|c| truth(&evaluate(&c.expr, &row.cells[..], now)) == Some(true)));
            found
        }
        NodeKind::Project(input, exprs) => {
            let mut found = rows(plan, *input, tables, now);
            for row in &mut found {
                row.cells = exprs.iter().map(|expr| evaluate(expr, &row.cells[..], now)).collect();
            }
            found
        }
        NodeKind::Union(inputs) => {
            let columns = &plan.node(node).columns;
            let leg = |input: &kql_engine::plan::UnionInput| {
                let mut found = rows(plan, input.node, tables, now);
                for row in &mut found {
                    let cell = |(from, column): (&Option<usize>, &kql_engine::plan::PlanColumn)| {
                        from.map_or_else(|| Value::missing(column.ty), |from| row.cells[from].clone())
                    };
                    row.cells = input.columns.iter().zip(columns).map(cell).collect();
                    row.leg = input.leg;
                }
                found
            };
            inputs.iter().flat_map(leg).collect()
        }
        other => panic!("not made by these tests: {other:?}"),
    }
}
