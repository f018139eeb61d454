//! Window functions: each becomes a column that is made before the operator that uses it.

use super::scope::RowScope;
use super::{Resolver, ResultColumn, Tabular};
use crate::expr::Expr;
use crate::plan::{NodeId, NodeKind, WindowCall, WindowFunction};
use crate::run;
use event_table::{ColumnType, Value};
use kql_syntax::ast::Name;
use kql_syntax::{Diagnostic, Span};

/// The window functions of an operator, and where their columns begin.
#[derive(Default)]
pub(crate) struct WindowScope {
    first: Option<usize>,
    /// The rows, where the operator itself does not keep their order.
    input: Option<NodeId>,
    calls: Vec<WindowCall>,
}

impl WindowScope {
    /// The operator keeps the order of its rows.
    pub(super) fn in_order(&mut self) {
        self.input = None;
    }
}

/// The window function of a name.
pub(super) fn function(name: &str) -> Option<WindowFunction> {
    Some(match name {
        "prev" => WindowFunction::Prev,
        "next" => WindowFunction::Next,
        "row_number" => WindowFunction::RowNumber,
        "row_cumsum" => WindowFunction::RowCumsum,
        "row_rank_dense" => WindowFunction::RowRankDense,
        "row_rank_min" => WindowFunction::RowRankMin,
        "row_window_session" => WindowFunction::RowWindowSession,
        "rand" => WindowFunction::Rand,
        "new_guid" => WindowFunction::NewGuid,
        _ => return None,
    })
}

impl Resolver<'_> {
    /// Begins an operator, with its input if window functions can stand in it; what is given back ends it.
    pub(super) fn begin_windows(&mut self, input: Option<&Tabular>) -> WindowScope {
        let first = input.map(|input| input.columns.len());
        let input = input.map(|input| input.node);
        std::mem::replace(&mut self.windows, WindowScope { first, input, calls: Vec::new() })
    }

    /// Whether an operator's rows are surely not serialized: of a table, or of an operator that loses their order, with
    /// nothing since that gives them one (`window-functions`, `serialize-operator`).
    fn is_unordered(&self, mut node: NodeId) -> bool {
        loop {
            node = match &self.plan.node(node).kind {
                _ if self.serialized.contains(&node) => return false,
                NodeKind::Filter(input, _)
                | NodeKind::Project(input, _)
                | NodeKind::Take(input, _)
                | NodeKind::Window(input, _) => *input,
                NodeKind::Parse(parse) => parse.input,
                NodeKind::ParseKv(parse) => parse.input,
                NodeKind::Expand(expand) => expand.input,
                NodeKind::Table(_)
                | NodeKind::Union(_)
                | NodeKind::Distinct(_)
                | NodeKind::Summarize(..)
                | NodeKind::Join(_) => return true,
                _ => return false,
            };
        }
    }

    pub(super) fn end_windows(&mut self, outer: WindowScope) {
        self.windows = outer;
    }

    pub(super) fn window_call(
        &mut self,
        function: WindowFunction,
        ty: ColumnType,
        mut arguments: Vec<Expr>,
        name: &Name,
        scope: &RowScope<'_>,
    ) -> Option<Expr> {
        let random = matches!(function, WindowFunction::Rand | WindowFunction::NewGuid);
        if random {
            if function == WindowFunction::Rand && arguments.is_empty() {
                arguments.push(Expr::constant(ColumnType::Long, Value::Long(0)));
            }
            // What tells this call from all others.
            arguments.push(Expr::constant(ColumnType::Long, Value::Long(i64::from(name.span.start))));
        }
        let Some(first) = self.windows.first.filter(|_| scope.aggregates.is_none()) else {
            if random && scope.columns.is_empty() && scope.aggregates.is_none() {
                let constants: Option<Vec<Value>> = arguments.iter().map(|x| x.as_constant().cloned()).collect();
                return constants.map(|constants| Expr::constant(ty, run::random(function, &constants, 0)));
            }
            let what = if random { "gives each row another value" } else { "looks at the rows around a row" };
            let message = format!("`{}` {what}: it can stand in extend, project, where and serialize.", name.text);
            self.error("window-here", name.span, message);
            return None;
        };
        if !random && self.windows.input.is_some_and(|input| self.is_unordered(input)) {
            let message =
                format!("`{}` looks at the rows around a row, and these are in no order: Kusto refuses it.", name.text);
            let found = Diagnostic::warning("not-serialized", name.span, message);
            self.report(found.with_hint("Write `sort by` or `serialize` before it."));
        }
        let ty = match function {
            // Sums of int are long.
            WindowFunction::RowCumsum if ty == ColumnType::Int => ColumnType::Long,
            _ => ty,
        };
        self.windows.calls.push(WindowCall { function, arguments, ty });
        Some(Expr::column(ty, first + self.windows.calls.len() - 1))
    }

    /// The input of an operator, with the columns that its window functions make.
    pub(super) fn window_input(&mut self, input: &Tabular, span: Span) -> Tabular {
        let calls = std::mem::take(&mut self.windows.calls);
        if calls.is_empty() {
            return input.clone();
        }
        let mut columns = input.columns.to_vec();
        columns.extend(
            calls
                .iter()
                .enumerate()
                .map(|(index, call)| ResultColumn { name: format!("window_{index}").into(), ty: Some(call.ty) }),
        );
        self.add(NodeKind::Window(input.node, calls), columns, span)
    }
}
