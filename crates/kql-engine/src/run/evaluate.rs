//! Plugins of `evaluate`: `bag_unpack` and `pivot`, whose columns depend on the rows and are found when the query is
//! resolved, `narrow` and `rows_near`.

use super::{MAX_MADE_ROWS, Run, RunError, STRETCH};
use crate::columnar::{Chunk, Origins, Vector, compute};
use crate::keys::encode_value;
use crate::memory;
use crate::plan::{NodeId, Pivot, PlanColumn, RowsNear, Unpack, UnpackColumn};
use crate::scalar::{convert, plain};
use event_table::{ColumnBuilder, ColumnType, Dynamic, MAX_BATCH_ROWS, Value};
use rustc_hash::FxHashMap;
use std::sync::Arc;

impl Run<'_> {
    pub(super) async fn unpack(&mut self, unpack: &Unpack, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(unpack.input).await?;
        let mut chunks = Vec::new();
        for chunk in input.chunks() {
            let property = |row: usize, name: &str| match chunk.columns[unpack.column].value(row) {
                Value::Dynamic(d) => match &*d {
                    Dynamic::Bag(bag) => bag.get(name).map_or(Value::Null, |v| Value::dynamic(v.clone())),
                    _ => Value::Null,
                },
                _ => Value::Null,
            };
            let vectors = unpack.columns.iter().zip(columns).map(|(from, column)| match from {
                UnpackColumn::Input(index) => chunk.columns[*index].clone(),
                UnpackColumn::Property(name) | UnpackColumn::Either(_, name) => {
                    let mut builder = ColumnBuilder::new(column.ty);
                    for row in 0..chunk.len {
                        let mut value = property(row, name);
                        if let UnpackColumn::Either(index, _) = from
                            && value.is_null()
                        {
                            value = chunk.columns[*index].value(row);
                        }
                        builder.push(&convert::to_type(&plain(&value), column.ty));
                    }
                    Vector::Column(Arc::new(builder.finish()))
                }
            });
            chunks.push(Chunk { len: chunk.len, columns: vectors.collect(), origins: chunk.origins.clone() });
            self.checkpoint(0).await?;
        }
        Ok(chunks)
    }

    pub(super) async fn pivot(&mut self, pivot: &Pivot, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(pivot.input).await?;
        let mut by_key: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let places: FxHashMap<Vec<u8>, usize> = pivot.values.iter().enumerate().map(|(i, v)| (key_of(v), i)).collect();
        for chunk in input.chunks() {
            for row in 0..chunk.len {
                let mut key = Vec::new();
                (0..pivot.keys).for_each(|column| encode_value(&chunk.columns[column].value(row), &mut key));
                let index = *by_key.entry(key).or_insert_with(|| {
                    let mut cells: Vec<Value> =
                        (0..pivot.keys).map(|column| chunk.columns[column].value(row)).collect();
                    cells.resize(columns.len(), Value::Null);
                    memory::take(cells.len() * size_of::<Value>() * 2);
                    rows.push(cells);
                    rows.len() - 1
                });
                if let Some(place) = places.get(&key_of(&chunk.columns[pivot.keys].value(row))) {
                    rows[index][pivot.keys + place] = chunk.columns[pivot.keys + 1].value(row);
                }
                if row % STRETCH == STRETCH - 1 {
                    self.checkpoint(0).await?;
                }
            }
            self.checkpoint(0).await?;
        }
        let mut builders: Vec<ColumnBuilder> = columns.iter().map(|c| ColumnBuilder::new(c.ty)).collect();
        for row in &rows {
            for (index, ((cell, column), builder)) in row.iter().zip(columns).zip(&mut builders).enumerate() {
                // A combination without rows counts nothing.
                let empty = index >= pivot.keys && cell.is_null() && column.ty.is_numeric();
                let cell = if empty { &Value::Long(0) } else { cell };
                builder.push(&convert::to_type(cell, column.ty));
            }
        }
        let vectors = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        Ok(vec![Chunk { len: rows.len(), columns: vectors, origins: Origins::None }])
    }

    /// A row for each cell: row after row, column after column. **Our choice**: a value is as `tostring` writes it.
    pub(super) async fn narrow(&mut self, input: NodeId) -> Result<Vec<Chunk>, RunError> {
        let names: Vec<Value> =
            self.plan.node(input).columns.iter().map(|column| Value::String(column.name.clone())).collect();
        let input = self.node(input).await?;
        if input.len().saturating_mul(names.len()) > MAX_MADE_ROWS {
            return Err(RunError::TooLarge(format!("`narrow` makes more than {MAX_MADE_ROWS} rows.")));
        }
        let mut chunks = Vec::new();
        let mut number = 0;
        for chunk in input.chunks() {
            let bare = Chunk { len: chunk.len, columns: Vec::new(), origins: chunk.origins.clone() };
            let rows_at_once = (MAX_BATCH_ROWS / names.len().max(1)).max(1);
            for from in (0..chunk.len).step_by(rows_at_once) {
                let rows = from..(from + rows_at_once).min(chunk.len);
                let mut builders = [ColumnType::Long, ColumnType::String, ColumnType::String].map(ColumnBuilder::new);
                let mut sources: Vec<u32> = Vec::new();
                for row in rows {
                    for (name, cells) in names.iter().zip(&chunk.columns) {
                        let cell = cells.value(row);
                        let text = convert::to_text(&cell);
                        for (builder, value) in
                            builders.iter_mut().zip([&Value::Long(number), name, &Value::string(&text)])
                        {
                            builder.push(value);
                        }
                        sources.push(row as u32);
                    }
                    number += 1;
                }
                memory::take(builders.iter().map(ColumnBuilder::heap_bytes).sum());
                let mut cells = bare.pick(&sources.into());
                cells.columns = builders.map(|b| Vector::Column(Arc::new(b.finish()))).into();
                chunks.push(cells);
                self.checkpoint(0).await?;
            }
        }
        Ok(chunks)
    }

    /// The rows that stand at most so many rows before or after one that a condition is true of.
    pub(super) async fn rows_near(&mut self, near: &RowsNear) -> Result<Vec<Chunk>, RunError> {
        let before = self.count_of(&near.before).await?;
        let after = self.count_of(&near.after).await?;
        let input = self.node(near.input).await?;
        let condition = self.bind(&near.condition).await?;
        let mut hits: Vec<usize> = Vec::new();
        let mut first = 0;
        for chunk in input.chunks() {
            let verdicts = compute(&condition, chunk, self.now);
            let is_hit = |row: &usize| matches!(verdicts.value(*row), Value::Bool(true));
            hits.extend((0..chunk.len).filter(is_hit).map(|row| first + row));
            first += chunk.len;
            memory::fits(hits.len() * size_of::<usize>());
            self.checkpoint(0).await?;
        }
        let mut chunks = Vec::new();
        let (mut first, mut next) = (0, 0);
        for chunk in input.chunks() {
            let is_near = |row: &u32| {
                let row = first + *row as usize;
                // The first hit that this row is not too far behind; the hits after it are further away.
                while hits.get(next).is_some_and(|hit| hit.saturating_add(after) < row) {
                    next += 1;
                }
                hits.get(next).is_some_and(|hit| *hit <= row.saturating_add(before))
            };
            let rows: Arc<[u32]> = (0..chunk.len as u32).filter(is_near).collect();
            chunks.push(chunk.pick(&rows));
            first += chunk.len;
            self.checkpoint(0).await?;
        }
        Ok(chunks)
    }
}

fn key_of(value: &Value) -> Vec<u8> {
    let mut key = Vec::new();
    encode_value(value, &mut key);
    key
}
