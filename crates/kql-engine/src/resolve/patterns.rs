//! `declare pattern`: a name for several queries, chosen by constant arguments.
//!
//! Source: Kusto documentation, `pattern-statement`.

use super::scope::{Binding, RowScope};
use super::{Resolver, Tabular};
use crate::scalar::same_key;
use event_table::Value;
use kql_syntax::Span;
use kql_syntax::ast::{self, Argument, Expr as Ast, Name, Parameter, ParameterType, PatternCase, StatementKind};
use std::rc::Rc;
use std::sync::Arc;

/// A declared pattern.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) path: Option<Name>,
    pub(crate) cases: Vec<PatternCase>,
}

impl Resolver<'_> {
    /// The pattern that an expression calls.
    pub(super) fn pattern_of(&self, ast: &Ast) -> Option<Rc<Pattern>> {
        match &ast.kind {
            ast::ExprKind::Call { name, .. } => self.patterns.get(&name.text).cloned(),
            _ => None,
        }
    }

    /// The rows of the case that some arguments choose.
    pub(super) fn pattern_call(
        &mut self,
        pattern: &Rc<Pattern>,
        name: &Name,
        arguments: &[Argument],
        path: Option<&Arc<str>>,
        span: Span,
    ) -> Option<Tabular> {
        let mut given = Vec::new();
        for argument in arguments {
            let expr = self.scalar(&argument.value, &mut RowScope::empty())?;
            match expr.as_constant() {
                Some(value) => given.push(value.clone()),
                None => {
                    self.not_constant(&expr, argument.value.span, "A constant is expected here.");
                    return None;
                }
            }
        }
        for case in &pattern.cases {
            let mut fits = case.arguments.len() == given.len();
            for (wanted, value) in case.arguments.iter().zip(&given) {
                let wanted = self.scalar(wanted, &mut RowScope::empty())?;
                fits &= wanted.as_constant().is_some_and(|w| same_key(w, value));
            }
            if let (Some(case_path), true) = (&case.path, fits) {
                let wanted = self.scalar(case_path, &mut RowScope::empty())?;
                let text = wanted.as_constant().map(ToString::to_string);
                fits = text.as_deref() == path.map(|p| &**p);
            } else {
                fits &= path.is_none();
            }
            if fits {
                return self.pattern_case(pattern, case, given, path);
            }
        }
        self.error("no-pattern-case", span, format!("No case of the pattern '{}' fits these arguments.", name.text));
        None
    }

    fn pattern_case(
        &mut self,
        pattern: &Pattern,
        case: &PatternCase,
        given: Vec<Value>,
        path: Option<&Arc<str>>,
    ) -> Option<Tabular> {
        let outer = self.environment.clone();
        self.environment = outer.inner();
        for (parameter, value) in pattern.parameters.iter().zip(given) {
            if let ParameterType::Scalar(ty) = &parameter.ty
                && let Some(ty) = self.type_named(ty)
            {
                self.environment.declare(&parameter.name, Binding::Scalar(crate::expr::Expr::constant(ty, value)));
            }
        }
        if let (Some(name), Some(value)) = (&pattern.path, path) {
            let value = crate::expr::Expr::constant(event_table::ColumnType::String, Value::String(value.clone()));
            self.environment.declare(name, Binding::Scalar(value));
        }
        let rows = case.body.statements.split_last().and_then(|(last, before)| {
            self.statements(before);
            match &last.kind {
                StatementKind::Query(expr) => self.tabular(expr),
                _ => None,
            }
        });
        self.environment = outer;
        rows
    }
}
