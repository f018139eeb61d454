//! Making a column from an expression.

use super::{Chunk, Vector};
use crate::expr::{Expr, ExprKind};
use crate::functions::floor_to;
use crate::memory::Watch;
use crate::scalar::evaluate;
use event_table::{Column, ColumnBuilder, ColumnType, DateTime, PrimitiveColumn, StringColumn, Value};
use std::sync::Arc;

/// The values of an expression for every row of a chunk.
#[must_use]
pub fn compute(expr: &Expr, chunk: &Chunk, now: DateTime) -> Vector {
    match &expr.kind {
        ExprKind::Constant(value) => return Vector::Constant(value.clone()),
        ExprKind::Column(index) => return chunk.columns[*index].clone(),
        _ => {}
    }
    if let Some(column) = bins(expr, chunk) {
        return Vector::Column(Arc::new(column));
    }
    let columns = expr.columns();
    if columns.iter().all(|c| matches!(chunk.columns[*c], Vector::Constant(_))) {
        return Vector::Constant(evaluate(expr, &chunk.row(0), now));
    }
    if let [column] = columns[..]
        && let Some((StringColumn::Dictionary(d), rows)) = chunk.columns[column].strings()
    {
        // Once for each entry that a row has.
        let mut values: Vec<Option<Value>> = vec![None; d.entries.len()];
        let mut builder = ColumnBuilder::new(expr.ty);
        let mut watch = Watch::default();
        for row in 0..chunk.len {
            let code = d.codes.get(rows.map_or(row, |rows| rows[row] as usize));
            match &values[code] {
                Some(value) => builder.push(value),
                None => {
                    let value = evaluate(expr, &chunk.row(row), now);
                    builder.push(&value);
                    if !watch.goes_on(&value, || builder.heap_bytes()) {
                        break;
                    }
                    values[code] = Some(value);
                }
            }
        }
        return made(builder, watch, chunk.len);
    }
    let mut builder = ColumnBuilder::new(expr.ty);
    let mut watch = Watch::default();
    for row in 0..chunk.len {
        let value = evaluate(expr, &chunk.row(row), now);
        builder.push(&value);
        if !watch.goes_on(&value, || builder.heap_bytes()) {
            break;
        }
    }
    made(builder, watch, chunk.len)
}

/// The column that was made. Where the run's memory is spent it may be short of rows, which nobody will look at.
fn made(mut builder: ColumnBuilder, watch: Watch, rows: usize) -> Vector {
    builder.pad_to(rows);
    let column = builder.finish();
    watch.keep(column.heap_bytes());
    Vector::Column(Arc::new(column))
}

/// `bin` of stored instants, durations or whole numbers by a constant size, in one loop.
fn bins(expr: &Expr, chunk: &Chunk) -> Option<Column> {
    let ExprKind::Call(call) = &expr.kind else { return None };
    let ("bin" | "floor", [value, size]) = (call.name, &call.arguments[..]) else { return None };
    let (ExprKind::Column(index), Some(size)) = (&value.kind, size.as_constant()) else { return None };
    let vector = &chunk.columns[*index];
    let (size, wrap): (i64, fn(PrimitiveColumn<i64>) -> Column) = match (vector.stored()?.0, size, expr.ty) {
        (Column::DateTime(_), Value::TimeSpan(size), ColumnType::DateTime) => (size.ticks(), Column::DateTime),
        (Column::TimeSpan(_), Value::TimeSpan(size), ColumnType::TimeSpan) => (size.ticks(), Column::TimeSpan),
        (Column::Long(_), Value::Long(size), ColumnType::Long) => (*size, Column::Long),
        _ => return None,
    };
    let mut starts = vec![None; chunk.len];
    vector.for_each_long(chunk.len, |row, n| starts[row] = floor_to(n, size, 0));
    let column = wrap(PrimitiveColumn::from_options(starts, 0));
    crate::memory::take(column.heap_bytes());
    Some(column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columnar::Origins;
    use crate::expr::Call;
    use crate::functions::implementation;
    use event_table::TimeSpan;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bins_in_a_loop_are_those_of_each_row(
            cells in proptest::collection::vec(proptest::option::of(any::<i64>()), 1..40),
            kind in 0usize..3, size in prop_oneof![-2i64..5, Just(36_000_000_000), any::<i64>()], is_picked in any::<bool>(),
        ) {
            let types = [ColumnType::DateTime, ColumnType::TimeSpan, ColumnType::Long];
            let ty = types[kind];
            let mut builder = ColumnBuilder::new(ty);
            for cell in &cells {
                builder.push(&cell.map_or(Value::Null, |n| match ty {
                    ColumnType::DateTime => DateTime::from_ticks(n & 0x2BCA_2875_F437_3FFF).map_or(Value::Null, Value::DateTime),
                    ColumnType::TimeSpan => Value::TimeSpan(TimeSpan::from_ticks(n)),
                    _ => Value::Long(n),
                }));
            }
            let column = Arc::new(builder.finish());
            let rows = (0..cells.len() as u32).rev().collect();
            let vector = if is_picked { Vector::Picked(column, rows) } else { Vector::Column(column) };
            let chunk = Chunk { len: cells.len(), columns: vec![vector], origins: Origins::None };
            let size = match ty {
                ColumnType::Long => Expr::constant(ty, Value::Long(size)),
                _ => Expr::constant(ColumnType::TimeSpan, Value::TimeSpan(TimeSpan::from_ticks(size))),
            };
            let function = implementation("bin").unwrap();
            let call = Call { name: "bin", function, arguments: vec![Expr::column(ty, 0), size] };
            let expr = Expr { ty, kind: ExprKind::Call(call) };
            let now = DateTime::MIN;
            prop_assert!(bins(&expr, &chunk).is_some());
            let found = compute(&expr, &chunk, now);
            for row in 0..cells.len() {
                let expected = evaluate(&expr, &chunk.row(row), now);
                prop_assert_eq!(found.value(row).to_string(), expected.to_string());
            }
        }
    }
}
