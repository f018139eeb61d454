//! `mv-expand`, `mv-apply` and `partition`: a row for each element, and a query for each part.
//!
//! Source: Kusto documentation, `mv-expand-operator`, `mv-apply-operator`, `partition-operator`: null gives one row
//! with null, an empty array or bag none; several expressions are expanded side by side, missing elements are null.

use super::{MAX_MADE_ROWS, Relation, Run, RunError};
use crate::columnar::{Chunk, Vector, compute};
use crate::expr::Expr;
use crate::keys::encode_value;
use crate::memory;
use crate::plan::{Apply, ApplyColumn, Expand, NodeId, Parts, PlanColumn};
use crate::scalar::plain;
use event_table::{Bag, ColumnBuilder, ColumnType, Dynamic, MAX_BATCH_ROWS, Value};
use rustc_hash::FxHashMap;
use std::rc::Rc;
use std::sync::Arc;

impl Run<'_> {
    pub(super) async fn expand(&mut self, expand: &Expand, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(expand.input).await?;
        let items = self.bind_items(expand).await?;
        let mut chunks = Vec::new();
        let mut made = 0;
        for chunk in input.chunks() {
            let values: Vec<Vector> = items.iter().map(|x| compute(x, chunk, self.now)).collect();
            let mut from = 0;
            while from < chunk.len {
                let expanded = expand_rows(chunk, from, &values, expand, columns);
                from = expanded.end;
                made += expanded.rows.len;
                if made > MAX_MADE_ROWS {
                    return Err(RunError::TooLarge(format!("`mv-expand` makes more than {MAX_MADE_ROWS} rows.")));
                }
                chunks.push(expanded.rows);
                self.checkpoint(0).await?;
            }
        }
        Ok(chunks)
    }

    async fn bind_items(&mut self, expand: &Expand) -> Result<Vec<Expr>, RunError> {
        let mut items = Vec::with_capacity(expand.items.len());
        for item in &expand.items {
            items.push(self.bind(&item.expr).await?);
        }
        Ok(items)
    }

    pub(super) async fn apply(&mut self, apply: &Apply, columns: &[PlanColumn]) -> Result<Vec<Chunk>, RunError> {
        let input = self.node(apply.input).await?;
        let part_columns = self.plan.node(apply.part).columns.clone();
        let mut chunks = Vec::new();
        match &apply.parts {
            Parts::Rows(expand) => {
                let items = self.bind_items(expand).await?;
                for chunk in input.chunks() {
                    let values: Vec<Vector> = items.iter().map(|x| compute(x, chunk, self.now)).collect();
                    let mut from = 0;
                    while from < chunk.len {
                        let expanded = expand_rows(chunk, from, &values, expand, &part_columns);
                        let mut at = 0;
                        for row in from..expanded.end {
                            let of_row = |source: &&u32| **source == row as u32;
                            let end = at + expanded.sources[at..].iter().take_while(of_row).count();
                            let part = expanded.rows.pick(&(at as u32..end as u32).collect());
                            at = end;
                            let body = self.part(apply, part, &part_columns).await?;
                            let cell = |column: usize| chunk.columns[column].value(row);
                            chunks.extend(placed(&body, &apply.columns, columns, cell));
                        }
                        from = expanded.end;
                        self.checkpoint(0).await?;
                    }
                }
            }
            Parts::Values(by, most) => {
                let by = self.bind(by).await?;
                let mut order: Vec<Vec<(u32, u32)>> = Vec::new();
                let mut groups: FxHashMap<Vec<u8>, usize> = FxHashMap::default();
                for (index, chunk) in input.chunks().iter().enumerate() {
                    let values = compute(&by, chunk, self.now);
                    for row in 0..chunk.len {
                        let mut key = Vec::new();
                        encode_value(&values.value(row), &mut key);
                        let group = *groups.entry(key).or_insert_with(|| {
                            order.push(Vec::new());
                            order.len() - 1
                        });
                        order[group].push((index as u32, row as u32));
                    }
                    if order.len() > *most {
                        let message = format!(
                            "`partition` takes {most} different values at most, and there are more: write \
                             hint.strategy=native before `by`, or filter the rows before it."
                        );
                        return Err(RunError::TooLarge(message));
                    }
                    self.checkpoint(0).await?;
                }
                for rows in order {
                    let part = Chunk::gather(input.chunks(), part_columns.len(), rows);
                    let body = self.part(apply, part, &part_columns).await?;
                    chunks.extend(placed(&body, &apply.columns, columns, |_| Value::Null));
                    self.checkpoint(0).await?;
                }
            }
        }
        Ok(chunks)
    }

    /// The rows of a part's query. What the query's operators gave for the part before is forgotten.
    async fn part(&mut self, apply: &Apply, part: Chunk, columns: &[PlanColumn]) -> Result<Rc<Relation>, RunError> {
        let rows: Vec<Chunk> = if part.len > 0 { vec![part] } else { Vec::new() };
        // The query's operators are numbered from the part on up to its last one.
        for id in apply.part.0..=apply.body.0 {
            self.done.remove(&NodeId(id));
        }
        self.done.insert(apply.part, Rc::new(Relation::new(columns.to_vec(), rows)));
        let before = memory::mark();
        let body = self.operators(apply.body).await?;
        // Only the result is kept beyond this part.
        memory::release_to(before);
        memory::take(body.chunks().iter().map(Chunk::heap_bytes).sum());
        Ok(body)
    }
}

/// The rows of a part's query with the columns of the row that the part was made from beside them.
fn placed(body: &Relation, from: &[ApplyColumn], columns: &[PlanColumn], input: impl Fn(usize) -> Value) -> Vec<Chunk> {
    let chunk = |chunk: &Chunk| {
        let vectors = from.iter().zip(columns).map(|(from, _)| match from {
            ApplyColumn::Input(column) => Vector::Constant(input(*column)),
            ApplyColumn::Body(column) => chunk.columns[*column].clone(),
        });
        Chunk { len: chunk.len, columns: vectors.collect(), origins: chunk.origins.clone() }
    };
    body.chunks().iter().map(chunk).collect()
}

/// What became of some rows of a chunk.
struct Expanded {
    /// A row for each element.
    rows: Chunk,
    /// The row of the chunk that each came from.
    sources: Vec<u32>,
    /// The first row of the chunk that is still to be expanded.
    end: usize,
}

/// Expands rows of a chunk from one on, until about a batch was made.
fn expand_rows(chunk: &Chunk, from: usize, values: &[Vector], expand: &Expand, columns: &[PlanColumn]) -> Expanded {
    let mut sources: Vec<u32> = Vec::new();
    let mut beside = 0;
    let mut end = from;
    let mut index = ColumnBuilder::new(ColumnType::Long);
    let mut builders: Vec<ColumnBuilder> = expand.items.iter().map(|item| ColumnBuilder::new(item.ty)).collect();
    for row in from..chunk.len {
        if sources.len() >= MAX_BATCH_ROWS || memory::is_spent() {
            break;
        }
        end = row + 1;
        let elements: Vec<Vec<Dynamic>> = values.iter().map(|v| elements(&v.value(row), expand.pairs)).collect();
        let rows = elements.iter().map(Vec::len).max().unwrap_or(0).min(expand.limit);
        for at in 0..rows {
            sources.push(row as u32);
            index.push_long(at as i64);
            for ((item, elements), builder) in expand.items.iter().zip(&elements).zip(&mut builders) {
                let element = elements.get(at).cloned().unwrap_or_default();
                if item.ty == ColumnType::Dynamic {
                    beside += memory::dynamic_size(&element);
                }
                builder.push(&cast(element, item.ty));
            }
        }
        if rows > 0 {
            memory::fits(beside + builders.iter().map(ColumnBuilder::heap_bytes).sum::<usize>());
        }
    }
    memory::take(beside + builders.iter().chain([&index]).map(ColumnBuilder::heap_bytes).sum::<usize>());
    let rows: Arc<[u32]> = sources.clone().into();
    let mut picked = chunk.pick(&rows);
    picked.columns.resize(columns.len(), Vector::Constant(Value::Null));
    for (item, builder) in expand.items.iter().zip(builders) {
        picked.columns[item.column] = Vector::Column(Arc::new(builder.finish()));
    }
    if let Some(column) = expand.index {
        picked.columns[column] = Vector::Column(Arc::new(index.finish()));
    }
    Expanded { rows: picked, sources, end: if memory::is_spent() { chunk.len } else { end } }
}

/// The elements of a value: of an array its items, of a bag its properties, of null one null, of a scalar itself.
fn elements(value: &Value, pairs: bool) -> Vec<Dynamic> {
    match value {
        Value::Null => vec![Dynamic::Null],
        Value::Dynamic(d) => match &**d {
            Dynamic::Array(items) => items.clone(),
            Dynamic::Bag(bag) => bag
                .iter()
                .map(|(name, value)| {
                    if pairs {
                        Dynamic::Array(vec![Dynamic::String(name.clone()), value.clone()])
                    } else {
                        Dynamic::Bag(Bag::from_iter([(name.clone(), value.clone())]))
                    }
                })
                .collect(),
            scalar => vec![scalar.clone()],
        },
        other => vec![crate::scalar::convert::to_dynamic(other)],
    }
}

/// `to typeof(…)` casts, it does not parse or convert: an element of another kind is null (`mv-expand-operator`). **Our
/// choice**: numbers take each other's place where nothing is lost, since JSON has one kind of them.
fn cast(element: Dynamic, ty: ColumnType) -> Value {
    let value = Value::dynamic(element);
    match (plain(&value), ty) {
        (_, ColumnType::Dynamic) => value,
        (_, ColumnType::String) => Value::string(&crate::scalar::convert::to_text(&value)),
        (scalar, _) if scalar.column_type() == Some(ty) => scalar,
        // JSON has no guid: it is a text.
        (scalar @ Value::String(_), ColumnType::Guid) => crate::scalar::convert::to_type(&scalar, ty),
        (Value::Real(x), ColumnType::Int | ColumnType::Long) if x.fract() != 0.0 => Value::Null,
        (scalar, _) if ty.is_numeric() && scalar.column_type().is_some_and(ColumnType::is_numeric) => {
            crate::scalar::convert::to_type(&scalar, ty)
        }
        _ => Value::Null,
    }
}
