//! The operators that are no chain: each takes the rows of its inputs and gives its own.

use super::{MAX_MADE_ROWS, Relation, Run, RunError, STRETCH, group};
use crate::columnar::{Chunk, Origins, Vector};
use crate::expr::Expr;
use crate::memory;
use crate::plan::{NodeId, NodeKind, UnionInput};
use crate::scalar::{Arithmetic, Comparison, arithmetic, compare, convert, evaluate};
use event_table::{ColumnBuilder, ColumnType, Value};
use std::sync::Arc;

impl Run<'_> {
    pub(super) async fn operator(&mut self, id: NodeId) -> Result<Relation, RunError> {
        let plan = self.plan;
        let node = plan.node(id);
        let columns = node.columns.clone();
        let chunks = match &node.kind {
            NodeKind::Table(name) => {
                let batches = self.tables.get(name).map_or(0, |table| table.batches().len());
                let mut chunks = Vec::with_capacity(batches);
                for index in 0..batches {
                    chunks.push(self.table_chunk(name, id, index).0);
                    self.checkpoint(chunks[index].len).await?;
                }
                chunks
            }
            NodeKind::Values(chunk) | NodeKind::Schema(chunk) => vec![(**chunk).clone()],
            NodeKind::Range(bounds) => vec![self.range(bounds, columns[0].ty).await?],
            NodeKind::External(external) => self.external(external, &columns).await?,
            NodeKind::Union(inputs) => self.union(inputs, &columns).await?,
            NodeKind::Sort(input, keys) => {
                let relation = self.node(*input).await?;
                let keys = self.bind_keys(keys).await?;
                let order = self.sorted(&relation, &keys).await?;
                Chunk::gather_in_batches(relation.chunks(), columns.len(), &order)
            }
            NodeKind::Top(input, count, keys) => {
                let relation = self.node(*input).await?;
                let count = self.count_of(count).await?;
                let keys = self.bind_keys(keys).await?;
                let mut order = self.sorted(&relation, &keys).await?;
                order.truncate(count);
                Chunk::gather_in_batches(relation.chunks(), columns.len(), &order)
            }
            NodeKind::Take(input, count) => {
                let mut left = self.count_of(count).await?;
                let relation = self.node(*input).await?;
                let mut chunks = Vec::new();
                for chunk in relation.chunks() {
                    if left == 0 {
                        break;
                    }
                    let rows = chunk.len.min(left);
                    left -= rows;
                    chunks.push(if rows == chunk.len {
                        chunk.clone()
                    } else {
                        chunk.pick(&(0..rows as u32).collect())
                    });
                }
                chunks
            }
            NodeKind::Count(input) => {
                let rows = self.node(*input).await?.len() as i64;
                vec![Chunk { len: 1, columns: vec![Vector::Constant(Value::Long(rows))], origins: Origins::None }]
            }
            NodeKind::Distinct(input) => {
                let relation = self.node(*input).await?;
                self.distinct(&relation).await?
            }
            NodeKind::Summarize(input, keys, aggregates) => {
                let relation = self.node(*input).await?;
                let mut bound_keys = Vec::new();
                for key in keys {
                    bound_keys.push(self.bind(key).await?);
                }
                let mut calls = aggregates.clone();
                for call in &mut calls {
                    for argument in &mut call.arguments {
                        *argument = self.bind(&argument.clone()).await?;
                    }
                }
                let mut groups = group::Groups::new(&bound_keys, &calls, self.now);
                for chunk in relation.chunks() {
                    groups.add(chunk);
                    self.checkpoint(0).await?;
                }
                vec![groups.finish(&columns)]
            }
            NodeKind::Join(join) => self.join(join, &columns).await?,
            NodeKind::AddressLookup(lookup) => self.address_lookup(lookup, &columns).await?,
            NodeKind::Narrow(input) => self.narrow(*input).await?,
            NodeKind::RowsNear(near) => self.rows_near(near).await?,
            NodeKind::Expand(expand) => self.expand(expand, &columns).await?,
            NodeKind::Apply(apply) => self.apply(apply, &columns).await?,
            // The rows of a part are put in place before its query is run.
            NodeKind::Part => Vec::new(),
            NodeKind::Parse(parse) => self.parse(parse, columns.len()).await?,
            NodeKind::ParseKv(parse) => self.parse_kv(parse, columns.len()).await?,
            NodeKind::Window(input, calls) => {
                let relation = self.node(*input).await?;
                let mut bound = calls.clone();
                for argument in bound.iter_mut().flat_map(|call| &mut call.arguments) {
                    *argument = self.bind(&argument.clone()).await?;
                }
                vec![self.windows(&relation, &bound, &columns).await?]
            }
            NodeKind::Series(series) => self.series(series, &columns).await?,
            NodeKind::TopNested(input, levels) => self.top_nested(*input, levels, &columns).await?,
            NodeKind::Scan(scan) => self.scan(scan, &columns).await?,
            NodeKind::Unpack(unpack) => self.unpack(unpack, &columns).await?,
            NodeKind::Pivot(pivot) => self.pivot(pivot, &columns).await?,
            NodeKind::Sample(input, count) => {
                let count = self.count_of(count).await?;
                let relation = self.node(*input).await?;
                let (rows, width) = (relation.len(), columns.len());
                let places: Vec<(u32, u32)> = relation
                    .chunks()
                    .iter()
                    .enumerate()
                    .flat_map(|(index, chunk)| (0..chunk.len as u32).map(move |row| (index as u32, row)))
                    .collect();
                // **Our choice**: rows spread evenly over the input, so that a run is repeatable.
                let taken = count.min(rows);
                let spread: Vec<(u32, u32)> = (0..taken).map(|i| places[i * rows / taken]).collect();
                Chunk::gather_in_batches(relation.chunks(), width, &spread)
            }
            // Chains are run by `Run::chain`.
            NodeKind::Filter(..) | NodeKind::Project(..) => Vec::new(),
        };
        Ok(Relation::new(columns, chunks.into_iter().filter(|c| c.len > 0).collect()))
    }

    /// A number of rows; what is no number, or negative, is none.
    pub(super) async fn count_of(&mut self, expr: &Expr) -> Result<usize, RunError> {
        let value = evaluate(&self.bind(expr).await?, &[][..], self.now);
        Ok(convert::to_long(&value).map_or(0, |n| usize::try_from(n).unwrap_or(0)))
    }

    async fn bind_keys(&mut self, keys: &[crate::plan::SortKey]) -> Result<Vec<crate::plan::SortKey>, RunError> {
        let mut bound = keys.to_vec();
        for key in &mut bound {
            key.expr = self.bind(&key.expr.clone()).await?;
        }
        Ok(bound)
    }

    async fn range(&mut self, bounds: &[Expr; 3], ty: ColumnType) -> Result<Chunk, RunError> {
        let mut values = Vec::with_capacity(3);
        for bound in bounds {
            values.push(evaluate(&self.bind(bound).await?, &[][..], self.now));
        }
        let [from, to, step] = [0, 1, 2].map(|i| values[i].clone());
        let zero = arithmetic(Arithmetic::Subtract, &step, &step, ty);
        let up = compare(Comparison::Greater, &step, &zero);
        let end = if up == Some(true) { Comparison::LessOrEqual } else { Comparison::GreaterOrEqual };
        let mut builder = ColumnBuilder::new(ty);
        let mut at = convert::to_type(&from, ty);
        // A step of nothing, or of null, goes nowhere: one row at most.
        let moves = up.is_some() && compare(Comparison::NotEqual, &step, &zero) == Some(true);
        while compare(end, &at, &to) == Some(true) {
            builder.push(&at);
            if builder.len() > MAX_MADE_ROWS {
                return Err(RunError::TooLarge(format!("`range` makes more than {MAX_MADE_ROWS} rows.")));
            }
            if builder.len().is_multiple_of(STRETCH) {
                memory::fits(builder.heap_bytes());
                self.checkpoint(0).await?;
            }
            let next = convert::to_type(&arithmetic(Arithmetic::Add, &at, &step, ty), ty);
            if !moves || next.is_null() {
                break;
            }
            at = next;
        }
        memory::take(builder.heap_bytes());
        Ok(Chunk {
            len: builder.len(),
            columns: vec![Vector::Column(Arc::new(builder.finish()))],
            origins: Origins::None,
        })
    }

    async fn union(
        &mut self,
        inputs: &[UnionInput],
        columns: &[crate::plan::PlanColumn],
    ) -> Result<Vec<Chunk>, RunError> {
        let mut chunks = Vec::new();
        for input in inputs {
            let relation = self.node(input.node).await?;
            for chunk in relation.chunks() {
                let vectors = input.columns.iter().zip(columns).enumerate().map(|(i, (from, column))| {
                    match (from, &input.source) {
                        (Some(from), _) => chunk.columns[*from].clone(),
                        (None, Some(source)) if i == 0 => Vector::Constant(Value::String(source.clone())),
                        (None, _) => Vector::Constant(Value::missing(column.ty)),
                    }
                });
                if let Origins::Each(all) = &chunk.origins {
                    memory::take(size_of_val(&**all));
                }
                let origins = match input.leg {
                    Some(leg) => chunk.origins.clone().through(leg),
                    None => chunk.origins.clone(),
                };
                chunks.push(Chunk { len: chunk.len, columns: vectors.collect(), origins });
                self.within_memory()?;
            }
        }
        Ok(chunks)
    }
}
