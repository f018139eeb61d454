//! Making a column from an expression.

use super::{Chunk, Vector};
use crate::expr::{Expr, ExprKind};
use crate::scalar::evaluate;
use event_table::{ColumnBuilder, DateTime, StringColumn, Value};
use std::sync::Arc;

/// The values of an expression for every row of a chunk.
#[must_use]
pub fn compute(expr: &Expr, chunk: &Chunk, now: DateTime) -> Vector {
    match &expr.kind {
        ExprKind::Constant(value) => return Vector::Constant(value.clone()),
        ExprKind::Column(index) => return chunk.columns[*index].clone(),
        _ => {}
    }
    let columns = expr.columns();
    if columns.iter().all(|c| matches!(chunk.columns[*c], Vector::Constant(_))) && !expr.is_impure() {
        return Vector::Constant(evaluate(expr, &chunk.row(0), now));
    }
    if let [column] = columns[..]
        && let Some((StringColumn::Dictionary(d), rows)) = chunk.columns[column].strings()
        && !expr.is_impure()
    {
        // Once for each entry that a row has.
        let mut values: Vec<Option<Value>> = vec![None; d.entries.len()];
        let mut builder = ColumnBuilder::new(expr.ty);
        for row in 0..chunk.len {
            let code = d.codes.get(rows.map_or(row, |rows| rows[row] as usize));
            let value = values[code].get_or_insert_with(|| evaluate(expr, &chunk.row(row), now));
            builder.push(value);
        }
        return Vector::Column(Arc::new(builder.finish()));
    }
    let mut builder = ColumnBuilder::new(expr.ty);
    (0..chunk.len).for_each(|row| builder.push(&evaluate(expr, &chunk.row(row), now)));
    Vector::Column(Arc::new(builder.finish()))
}
