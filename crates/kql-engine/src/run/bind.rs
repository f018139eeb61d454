//! Putting the values of subqueries in place.

use super::{Run, RunError, Running};
use crate::expr::{Expr, ExprKind, SubqueryShape};
use crate::memory;
use crate::plan::NodeId;
use crate::scalar::convert::to_dynamic;
use event_table::{ColumnType, Dynamic, Value};
use rustc_hash::FxHashMap;

/// The most values that a subquery in `in (…)` may give (`in-operator`).
const MAX_LIST: usize = 1_000_000;

impl Run<'_> {
    /// An expression whose subqueries have been run.
    pub(super) fn bind<'r>(&'r mut self, expr: &'r Expr) -> Running<'r, Expr> {
        Box::pin(async move {
            let wanted = expr.subqueries();
            if wanted.is_empty() {
                return Ok(expr.clone());
            }
            let mut values: FxHashMap<NodeId, Value> = FxHashMap::default();
            for (node, shape) in wanted {
                let relation = self.node(node).await?;
                let value = match shape {
                    SubqueryShape::Scalar => relation.value(0, 0),
                    SubqueryShape::List if relation.len() > MAX_LIST => {
                        let rows = relation.len();
                        return Err(RunError::TooLarge(format!(
                            "The query inside the list gives {rows} values; a list may have {MAX_LIST}."
                        )));
                    }
                    SubqueryShape::List => {
                        memory::take(relation.len() * size_of::<Dynamic>());
                        self.within_memory()?;
                        let items = (0..relation.len()).map(|row| to_dynamic(&relation.value(row, 0))).collect();
                        Value::dynamic(Dynamic::Array(items))
                    }
                };
                values.insert(node, value);
            }
            Ok(expr.map(&mut |x| match &x.kind {
                ExprKind::Subquery(node, shape) => {
                    let value = values.get(node).cloned().unwrap_or_default();
                    let ty = if *shape == SubqueryShape::List { ColumnType::Dynamic } else { x.ty };
                    Expr::constant(ty, if value.is_null() { Value::missing(ty) } else { value })
                }
                _ => x,
            }))
        })
    }
}
