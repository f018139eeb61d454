//! `scan`.

use super::scalar::Dynamic;
use super::scope::RowScope;
use super::{Resolver, ResultColumn, Tabular};
use crate::plan::{NodeKind, Scan, ScanOutput, ScanStep};
use event_table::{ColumnType, Value};
use kql_syntax::ast::{Operator, OperatorKind, ParameterType};
use std::sync::Arc;

impl Resolver<'_> {
    pub(super) fn scan(&mut self, input: Tabular, operator: &Operator) -> Option<Tabular> {
        let OperatorKind::Scan { order, partition, declare, steps, with_match_id } = &operator.kind else {
            return None;
        };
        let input = if order.is_empty() {
            input
        } else {
            let keys = self.sort_keys(&input, order, Dynamic::Refused);
            self.like(&input, NodeKind::Sort(input.node, keys), operator.span)
        };
        let mut failed = false;
        let mut columns = input.columns.to_vec();
        let mut defaults = Vec::new();
        for parameter in declare {
            let ParameterType::Scalar(ty) = &parameter.ty else { continue };
            let Some(ty) = self.type_named(ty) else {
                failed = true;
                continue;
            };
            let default = match &parameter.default {
                Some(default) => self.scalar(default, &mut RowScope::empty()).and_then(|x| x.as_constant().cloned()),
                None => Some(Value::missing(ty)),
            };
            if columns.iter().any(|c| c.name == parameter.name.text) {
                self.duplicate_column(&parameter.name);
                failed = true;
            }
            defaults.push(crate::scalar::convert::to_type(&default.unwrap_or_default(), ty));
            columns.push(ResultColumn { name: parameter.name.text.clone(), ty: Some(ty) });
        }
        let width = columns.len();
        let own = input.columns.len();
        let qualified: Vec<(Arc<str>, usize)> =
            steps.iter().enumerate().map(|(i, step)| (step.name.text.clone(), width + i * width)).collect();
        let mut resolved = Vec::new();
        for step in steps {
            let mut scope = RowScope { qualified: &qualified, ..RowScope::row(&columns) };
            let condition = self.boolean(&step.condition, &mut scope, Dynamic::Refused);
            let mut assignments = Vec::new();
            for assignment in &step.assignments {
                let value = self.scalar(&assignment.expr, &mut scope);
                let [name] = &assignment.names[..] else { continue };
                match columns[own..].iter().position(|c| c.name == name.text) {
                    Some(index) => {
                        let ty = columns[own + index].ty.unwrap_or(ColumnType::Dynamic);
                        match value {
                            Some(value) => assignments.push((index, self.converted(value, ty))),
                            None => failed = true,
                        }
                    }
                    None => {
                        self.unknown_name(name, &columns[own..]);
                        failed = true;
                    }
                }
            }
            let output = match step.output.as_ref().map(|o| &*o.text) {
                None | Some("all") => ScanOutput::All,
                Some("last") => ScanOutput::Last,
                Some("none") => ScanOutput::None,
                Some(other) => {
                    self.error("unknown-word", step.name.span, format!("'{other}' is not one of all, last, none."));
                    ScanOutput::All
                }
            };
            match condition {
                Some(condition) => resolved.push(ScanStep { condition, assignments, output }),
                None => failed = true,
            }
        }
        let mut parts = Vec::new();
        for key in partition {
            match self.scalar(key, &mut RowScope::row(&input.columns)) {
                Some(key) => parts.push(key),
                None => failed = true,
            }
        }
        // Microsoft's analyzer has this column even where no name is given; without one it holds nothing here.
        let id = with_match_id.as_ref().map_or_else(|| "match_id".into(), |name| name.text.clone());
        columns.push(ResultColumn { name: id, ty: Some(ColumnType::Long) });
        if failed {
            return None;
        }
        let scan =
            Scan { input: input.node, defaults, steps: resolved, match_id: with_match_id.is_some(), partition: parts };
        Some(self.add(NodeKind::Scan(Box::new(scan)), columns, operator.span))
    }
}
