//! Plugins of `evaluate`: `bag_unpack` and `pivot`. Their columns depend on the rows, and are found when the query
//! is resolved.

use super::{Run, RunError, STRETCH};
use crate::columnar::{Chunk, Origins, Vector};
use crate::keys::encode_value;
use crate::memory;
use crate::plan::{Pivot, PlanColumn, Unpack, UnpackColumn};
use crate::scalar::{convert, plain};
use event_table::{ColumnBuilder, Dynamic, Value};
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
}

fn key_of(value: &Value) -> Vec<u8> {
    let mut key = Vec::new();
    encode_value(value, &mut key);
    key
}
