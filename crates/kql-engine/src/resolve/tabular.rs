//! Expressions that give rows, and calls of functions that the query defines.

use super::scope::{Binding, Environment, RowScope, UserFunction};
use super::{MAX_CALLS, NO_COLUMN, Resolver, ResultColumn, Tabular};
use crate::columnar::{Chunk, Origins, Vector};
use crate::expr::{Call, Expr, ExprKind};
use crate::facts;
use crate::facts::elsewhere::{self, Elsewhere};
use crate::functions;
use crate::plan::{NodeId, NodeKind};
use crate::scalar::convert::to_type;
use event_table::{ColumnBuilder, ColumnType, Value};
use kql_syntax::ast::{
    self, Argument, ColumnDecl, Expr as Ast, Operator, OperatorKind, Parameter, ParameterType, StatementKind,
};
use kql_syntax::edit;
use kql_syntax::walk::children;
use kql_syntax::{Diagnostic, Span};
use std::rc::Rc;
use std::sync::Arc;

/// What a call of a function of the query gives.
pub(super) enum Called {
    Scalar(Expr),
    Rows(Tabular),
}

impl Resolver<'_> {
    /// Whether an expression gives rows, by its form and by what its names stand for.
    pub(super) fn is_tabular(&self, ast: &Ast) -> bool {
        match &ast.kind {
            ast::ExprKind::Pipeline { .. } | ast::ExprKind::DataTable { .. } | ast::ExprKind::ExternalData { .. } => {
                true
            }
            ast::ExprKind::Wildcard(_) => true,
            ast::ExprKind::Paren(inner) => self.is_tabular(inner),
            ast::ExprKind::Name(name) => match self.environment.get(&name.text) {
                Some(Binding::Table(_)) => true,
                Some(Binding::Function(function)) => function.parameters.is_empty() && self.gives_rows(function),
                Some(_) => false,
                None => self.tables.schema(&name.text).is_some(),
            },
            ast::ExprKind::Call { name, .. } => match self.environment.get(&name.text) {
                Some(Binding::Function(function)) => self.gives_rows(function),
                Some(_) => false,
                None => {
                    self.patterns.contains_key(&name.text)
                        || matches!(&*name.text, "materialize" | "table" | "workspace" | "database" | "cluster")
                }
            },
            ast::ExprKind::Member { base, .. } if self.pattern_of(base).is_some() => true,
            ast::ExprKind::MemberCall { base, .. } | ast::ExprKind::Member { base, .. } => {
                matches!(&base.kind, ast::ExprKind::Call { name, .. } if matches!(&*name.text, "cluster" | "database" | "workspace"))
                    || matches!(&base.kind, ast::ExprKind::MemberCall { .. })
            }
            _ => false,
        }
    }

    /// Whether the body of a function ends with rows.
    pub(super) fn gives_rows(&self, function: &UserFunction) -> bool {
        let Some(StatementKind::Query(last)) = function.body.statements.last().map(|s| &s.kind) else { return false };
        let table_like = |name: &str| {
            let parameter = function.parameters.iter().find(|p| &*p.name.text == name);
            let local = function.body.statements.iter().find_map(|s| match &s.kind {
                StatementKind::Let { name: n, value } if &*n.text == name => Some(value),
                _ => None,
            });
            match (parameter, local) {
                (_, Some(value)) => {
                    Some(matches!(value.kind, ast::ExprKind::Pipeline { .. } | ast::ExprKind::DataTable { .. }))
                }
                (Some(parameter), None) => Some(matches!(parameter.ty, ParameterType::Tabular { .. })),
                (None, None) => None,
            }
        };
        let mut last = last;
        while let ast::ExprKind::Paren(inner) = &last.kind {
            last = inner;
        }
        match &last.kind {
            ast::ExprKind::Name(name) => {
                table_like(&name.text).unwrap_or_else(|| match function.environment.get(&name.text) {
                    Some(Binding::Table(_)) => true,
                    Some(Binding::Function(inner)) => inner.parameters.is_empty() && self.gives_rows(inner),
                    Some(_) => false,
                    None => self.tables.schema(&name.text).is_some(),
                })
            }
            ast::ExprKind::Call { name, .. } => match function.environment.get(&name.text) {
                Some(Binding::Function(inner)) => self.gives_rows(inner),
                _ => matches!(&*name.text, "materialize" | "table"),
            },
            _ => self.is_tabular(last),
        }
    }

    /// Resolves an expression that gives rows; `None` when it has an error, which has been reported.
    pub(super) fn tabular(&mut self, ast: &Ast) -> Option<Tabular> {
        self.depth += 1;
        let rows = self.rows(ast);
        self.depth -= 1;
        rows
    }

    fn rows(&mut self, ast: &Ast) -> Option<Tabular> {
        match &ast.kind {
            ast::ExprKind::Error => None,
            ast::ExprKind::Paren(inner) => self.tabular(inner),
            ast::ExprKind::Name(name) => self.table(name),
            ast::ExprKind::Pipeline { source, operators } => {
                let environment = self.environment.clone();
                let mut rows = match source {
                    Some(source) => self.tabular(source),
                    None => None,
                };
                let mut first = source.is_none();
                for operator in operators {
                    rows = if first {
                        self.source_operator(operator)
                    } else if let Some(rows) = rows {
                        self.operator(rows, operator)
                    } else {
                        self.queries_inside(operator);
                        None
                    };
                    first = false;
                }
                // `as` names reach to the end of their pipeline only.
                self.environment = environment;
                rows
            }
            ast::ExprKind::DataTable { columns, values } => self.data_table(columns, values, ast.span),
            ast::ExprKind::ExternalData { columns, uris, properties } => {
                self.external_data(columns, uris, properties, ast.span)
            }
            ast::ExprKind::Call { name, arguments } => self.tabular_call(name, arguments, ast.span),
            ast::ExprKind::Member { base, member } if self.pattern_of(base).is_some() => {
                let ast::ExprKind::Call { name, arguments } = &base.kind else { return None };
                let pattern = self.pattern_of(base)?;
                self.pattern_call(&pattern, name, arguments, Some(&member.text), ast.span)
            }
            ast::ExprKind::MemberCall { .. } | ast::ExprKind::Member { .. } => {
                self.unsupported(ast.span, "database", "Reaching another cluster or database");
                None
            }
            ast::ExprKind::Wildcard(name) => {
                self.error(
                    "wildcard-here",
                    name.span,
                    "A table name with `*` can only stand in `union`, `search in` or `find in`.",
                );
                None
            }
            _ => {
                let found = Diagnostic::error(
                    "rows-expected",
                    ast.span,
                    "A table or a query that gives rows is expected here, and this is a single value.",
                );
                self.report(found.with_hint("Write `print` before it to make a row of it."));
                None
            }
        }
    }

    /// Looks at the queries inside an operator whose input is not known, so that what is wrong there is told as well.
    fn queries_inside(&mut self, operator: &Operator) {
        fn collect<'e>(expr: &'e Ast, found: &mut Vec<&'e Ast>) {
            match &expr.kind {
                // Without a source it is the body of something that the rows flow into.
                ast::ExprKind::Pipeline { source: Some(_), .. } => found.push(expr),
                ast::ExprKind::Pipeline { source: None, .. } => {}
                _ => children(expr, &mut |child| collect(child, found)),
            }
        }
        let mut found = Vec::new();
        match &operator.kind {
            OperatorKind::Join { right, .. } | OperatorKind::Lookup { right, .. } => found.push(right),
            OperatorKind::Where(condition) => collect(condition, &mut found),
            OperatorKind::Extend(items) => items.iter().for_each(|item| collect(&item.expr, &mut found)),
            // A leg that is missing is no error where `isfuzzy` is written.
            OperatorKind::Union(legs) if operator.properties.is_empty() => {
                found.extend(legs.iter().filter(|leg| !matches!(leg.kind, ast::ExprKind::Wildcard(_))));
            }
            _ => {}
        }
        for query in found {
            self.tabular(query);
        }
    }

    /// The rows that a name stands for.
    pub(super) fn table(&mut self, name: &ast::Name) -> Option<Tabular> {
        self.table_written(name, edit::name)
    }

    /// The rows that a name stands for. `written` says how a name would stand in its place in the text.
    fn table_written(&mut self, name: &ast::Name, written: fn(&str) -> String) -> Option<Tabular> {
        match self.named(name) {
            Some(Binding::Table(table)) => return Some(table.clone()),
            Some(Binding::Unknown) => return None,
            Some(Binding::Function(function)) => {
                let function = function.clone();
                return match self.user_call(&function, &[], name.span, &RowScope::empty())? {
                    Called::Rows(rows) => Some(rows),
                    Called::Scalar(_) => {
                        self.error(
                            "rows-expected",
                            name.span,
                            format!("'{}' gives a single value, and rows are expected here.", name.text),
                        );
                        None
                    }
                };
            }
            Some(Binding::Scalar(_)) => {
                self.error(
                    "rows-expected",
                    name.span,
                    format!("'{}' is a single value, and rows are expected here.", name.text),
                );
                return None;
            }
            None => {}
        }
        let Some(schema) = self.tables.schema(&name.text) else {
            self.unknown_table(name, written);
            return None;
        };
        let columns = schema.columns.iter().map(|c| ResultColumn { name: c.name.clone(), ty: Some(c.ty) }).collect();
        Some(self.add(NodeKind::Table(name.text.clone()), columns, name.span))
    }

    fn unknown_table(&mut self, name: &ast::Name, written: fn(&str) -> String) {
        let message = format!("Failed to resolve table or column expression named '{}'", name.text);
        let found = Diagnostic::error("unknown-table", name.span, message);
        let bound = self.environment.names_of(|binding| match binding {
            Binding::Table(_) => true,
            Binding::Function(function) => function.parameters.is_empty(),
            Binding::Scalar(_) | Binding::Unknown => false,
        });
        let mut known = self.tables.names();
        known.extend(bound.iter().map(|name| &**name));
        if facts::of_a_service(&name.text).is_some() {
            return self.of_a_service(name);
        }
        let text = &name.text;
        let loaded = || format!("load a log of it, for example from a file named {text}.csv.");
        self.report(match elsewhere::table(text) {
            Some(Elsewhere::Renamed(now)) => {
                found.with_hint(format!("It is called `{now}` now.")).written(&written(now))
            }
            Some(Elsewhere::Replaced(instead)) => found.with_hint(instead),
            Some(Elsewhere::Sentinel) => found.with_hint(format!(
                "It is a table of Microsoft Sentinel, and its columns are not known by themselves: {}",
                loaded()
            )),
            Some(Elsewhere::Custom) => found.with_hint(format!(
                "It is a custom table of Log Analytics, and its columns are not known by themselves: {}",
                loaded()
            )),
            None => {
                let found = found.with_nearest(text, &known, written);
                if found.hint.is_some() {
                    found
                } else {
                    found.with_hint(format!("Its columns are not known by themselves: {}", loaded()))
                }
            }
        });
    }

    fn tabular_call(&mut self, name: &ast::Name, arguments: &[Argument], span: Span) -> Option<Tabular> {
        match self.called(name) {
            Some(Binding::Function(function)) => {
                let function = function.clone();
                return match self.user_call(&function, arguments, span, &RowScope::empty())? {
                    Called::Rows(rows) => Some(rows),
                    Called::Scalar(_) => {
                        self.error(
                            "rows-expected",
                            span,
                            format!("'{}' gives a single value, and rows are expected here.", name.text),
                        );
                        None
                    }
                };
            }
            Some(Binding::Unknown) => return None,
            _ => {}
        }
        if let Some(pattern) = self.patterns.get(&name.text).cloned() {
            return self.pattern_call(&pattern, name, arguments, None, span);
        }
        match (&*name.text, arguments) {
            ("materialize", [argument]) => {
                let rows = self.tabular(&argument.value)?;
                self.materialized.insert(rows.node);
                Some(rows)
            }
            ("table", [argument]) => {
                let value = self.scalar(&argument.value, &mut RowScope::empty())?;
                match value.as_constant() {
                    Some(Value::String(text)) => {
                        let name = ast::Name { text: text.clone(), span: argument.value.span };
                        self.table_written(&name, edit::string)
                    }
                    _ => {
                        self.error(
                            "argument-type",
                            argument.value.span,
                            "The name of a table is expected here, as a string.",
                        );
                        None
                    }
                }
            }
            ("cluster" | "database" | "workspace" | "app" | "external_table" | "materialized_view", _) => {
                self.unsupported(name.span, &name.text, &format!("`{}()`", name.text));
                None
            }
            _ if facts::of_a_service(&name.text).is_some() => {
                self.of_a_service(name);
                None
            }
            _ => {
                let message = format!("'{}' is no function that gives rows.", name.text);
                let found = Diagnostic::error("unknown-function", name.span, message);
                let bound = self.environment.names_of(|binding| matches!(binding, Binding::Function(_)));
                let known: Vec<&str> = bound.iter().map(|name| &**name).collect();
                self.report(found.with_nearest(&name.text, &known, edit::name));
                None
            }
        }
    }

    fn data_table(&mut self, decls: &[ColumnDecl], values: &[Ast], span: Span) -> Option<Tabular> {
        let columns = self.declared_columns(decls)?;
        let width = columns.len();
        // No number of values but none is a multiple of no columns.
        if !values.len().is_multiple_of(width) {
            let message = format!("A row of this table has {width} values, and there are {} in all.", values.len());
            self.error("datatable-values", span, message);
            return None;
        }
        let mut builders: Vec<ColumnBuilder> =
            columns.iter().map(|c| ColumnBuilder::new(c.ty.unwrap_or(ColumnType::Dynamic))).collect();
        let mut failed = false;
        for (index, value) in values.iter().enumerate() {
            let column = index % width;
            let ty = columns[column].ty.unwrap_or(ColumnType::Dynamic);
            match self.scalar(value, &mut RowScope::empty()) {
                Some(expr) => match expr.as_constant() {
                    Some(constant) => builders[column].push(&to_type(constant, ty)),
                    None => {
                        self.not_constant(&expr, value.span, "A constant is expected here.");
                        failed = true;
                    }
                },
                None => failed = true,
            }
        }
        if failed {
            return None;
        }
        let len = values.len().checked_div(width).unwrap_or(0);
        let vectors = builders.into_iter().map(|b| Vector::Column(Arc::new(b.finish()))).collect();
        let chunk = Chunk { len, columns: vectors, origins: Origins::None };
        Some(self.add(NodeKind::Values(Arc::new(chunk)), columns, span))
    }

    /// The columns of a declaration `(Name: type, …)`.
    pub(super) fn declared_columns(&mut self, decls: &[ColumnDecl]) -> Option<Vec<ResultColumn>> {
        let mut columns: Vec<ResultColumn> = Vec::new();
        for decl in decls {
            let ty = match &decl.ty {
                Some(ty) => self.type_named(ty)?,
                None => ColumnType::Dynamic,
            };
            if columns.iter().any(|c| c.name == decl.name.text) {
                self.duplicate_column(&decl.name);
                return None;
            }
            columns.push(ResultColumn { name: decl.name.text.clone(), ty: Some(ty) });
        }
        Some(columns)
    }

    pub(super) fn type_named(&mut self, name: &ast::Name) -> Option<ColumnType> {
        let ty = ColumnType::parse(&name.text);
        if ty.is_none() {
            let known = ColumnType::ALL.map(ColumnType::name);
            let found =
                Diagnostic::error("unknown-type", name.span, format!("'{}' is no type that Kusto has.", name.text));
            self.report(found.with_nearest(&name.text, &known, str::to_owned));
        }
        ty
    }

    pub(super) fn duplicate_column(&mut self, name: &ast::Name) {
        self.error("duplicate-column", name.span, format!("A column named '{}' is already there.", name.text));
    }

    /// A call of a function of the query: its body with the arguments in place.
    pub(super) fn user_call(
        &mut self,
        function: &Rc<UserFunction>,
        arguments: &[Argument],
        span: Span,
        scope: &RowScope<'_>,
    ) -> Option<Called> {
        self.user_call_with(function, None, arguments, span, scope)
    }

    /// A call whose first parameter may be rows that are there already (`invoke`).
    pub(super) fn user_call_with(
        &mut self,
        function: &Rc<UserFunction>,
        rows: Option<Tabular>,
        arguments: &[Argument],
        span: Span,
        scope: &RowScope<'_>,
    ) -> Option<Called> {
        self.calls += 1;
        if self.calls > MAX_CALLS {
            self.error("too-many-calls", span, format!("The query's functions are used more than {MAX_CALLS} times."));
            return None;
        }
        let mut environment = function.environment.inner();
        let mut given: Vec<Option<&Argument>> = vec![None; function.parameters.len()];
        let first = usize::from(rows.is_some());
        for (position, argument) in arguments.iter().enumerate() {
            let index = match &argument.name {
                Some(name) => function.parameters.iter().position(|p| p.name.text == name.text),
                None => Some(position + first),
            };
            if let (Some(name), Some(parameter)) = (&argument.name, index.and_then(|i| function.parameters.get(i))) {
                self.own_names.refer(parameter.name.span, name.span);
            }
            match index.and_then(|i| given.get_mut(i)) {
                Some(place) => *place = Some(argument),
                None => {
                    let takes = function.parameters.len();
                    self.error(
                        "arguments",
                        argument.value.span,
                        format!("`{}` takes {takes} arguments.", function.name),
                    );
                    return None;
                }
            }
        }
        let mut failed = false;
        let mut rows = rows;
        for (parameter, argument) in function.parameters.iter().zip(given) {
            if let Some(rows) = rows.take() {
                environment.declare(&parameter.name, Binding::Table(rows));
                continue;
            }
            let binding = match argument {
                Some(argument) => self.bound_argument(parameter, &argument.value, scope),
                None => self.default_argument(function, parameter, span),
            };
            failed |= matches!(binding, Binding::Unknown);
            environment.declare(&parameter.name, binding);
        }
        if failed { None } else { self.body(function, environment) }
    }

    fn bound_argument(&mut self, parameter: &Parameter, argument: &Ast, scope: &RowScope<'_>) -> Binding {
        match &parameter.ty {
            ParameterType::Scalar(ty) => {
                let ty = self.type_named(ty);
                let mut row = RowScope::row(scope.columns);
                match self.scalar(argument, &mut row).zip(ty) {
                    Some((expr, ty)) => Binding::Scalar(self.converted(expr, ty)),
                    None => Binding::Unknown,
                }
            }
            ParameterType::Tabular { columns, .. } => {
                let Some(rows) = self.tabular(argument) else { return Binding::Unknown };
                self.tabular_argument(parameter, columns, rows, argument.span)
            }
        }
    }

    /// Rows as an argument, if they have the columns that the parameter asks for.
    pub(super) fn tabular_argument(
        &mut self,
        parameter: &Parameter,
        wanted: &[ColumnDecl],
        rows: Tabular,
        span: Span,
    ) -> Binding {
        for decl in wanted.iter().filter(|decl| !is_star(decl)) {
            let ty = decl.ty.as_ref().and_then(|ty| ColumnType::parse(&ty.text));
            let found = rows.columns.iter().find(|c| c.name == decl.name.text);
            if found.is_none_or(|c| ty.is_some() && c.ty.is_some() && c.ty != ty) {
                let ty = ty.map_or(String::new(), |ty| format!(" of type {ty}"));
                let message = format!(
                    "These rows have no column '{}'{ty}, which `{}` needs.",
                    decl.name.text, parameter.name.text
                );
                self.error("missing-column", span, message);
                return Binding::Unknown;
            }
        }
        Binding::Table(rows)
    }

    fn default_argument(&mut self, function: &UserFunction, parameter: &Parameter, span: Span) -> Binding {
        let Some(default) = &parameter.default else {
            let message = format!("`{}` needs a value for `{}`.", function.name, parameter.name.text);
            self.error("arguments", span, message);
            return Binding::Unknown;
        };
        let outer = std::mem::replace(&mut self.environment, function.environment.clone());
        let binding = self.bound_argument(parameter, default, &RowScope::empty());
        self.environment = outer;
        binding
    }

    /// The statements of a body, its last one as the result.
    fn body(&mut self, function: &UserFunction, environment: Environment) -> Option<Called> {
        let (last, before) = function.body.statements.split_last()?;
        self.own_names.bodies.insert(function.body.span, true);
        let outer = std::mem::replace(&mut self.environment, environment);
        let numbered = std::mem::take(&mut self.numbered);
        let depth = std::mem::take(&mut self.depth);
        self.statements(before);
        let called = match &last.kind {
            StatementKind::Query(expr) if self.is_tabular(expr) => self.tabular(expr).map(Called::Rows),
            StatementKind::Query(expr) => self.scalar(expr, &mut RowScope::empty()).map(Called::Scalar),
            _ => {
                self.error("no-query", last.span, "The body of a function ends with an expression.");
                None
            }
        };
        self.environment = outer;
        self.numbered = numbered;
        self.depth = depth;
        called
    }

    /// Resolves a function's body once where it is defined, so that its errors are told even if nobody calls it. Whether
    /// something that stands on a parameter is constant only a call tells.
    pub(super) fn check_function(&mut self, function: &Rc<UserFunction>) {
        let mut environment = function.environment.inner();
        for parameter in &function.parameters {
            let binding = match &parameter.ty {
                ParameterType::Scalar(ty) => match self.type_named(ty) {
                    // A column that is nowhere: it has the type, and is never folded.
                    Some(ty) => Binding::Scalar(Expr::column(ty, NO_COLUMN)),
                    None => Binding::Unknown,
                },
                // `(*)` has columns that only a call tells.
                ParameterType::Tabular { columns, .. } if columns.iter().all(is_star) => return,
                ParameterType::Tabular { columns, span } => match self.declared_columns(columns) {
                    Some(columns) => {
                        let rows = self.add(NodeKind::Values(Arc::new(empty_chunk(columns.len()))), columns, *span);
                        Binding::Table(rows)
                    }
                    None => Binding::Unknown,
                },
            };
            environment.declare(&parameter.name, binding);
        }
        self.body(function, environment);
    }

    pub(super) fn query_parameter(&mut self, parameter: &Parameter) {
        let binding = match &parameter.default {
            Some(default) => self.bound_argument(parameter, default, &RowScope::empty()),
            None => {
                let message =
                    format!("The query parameter `{}` has no value here: give it a default.", parameter.name.text);
                self.error("no-parameter", parameter.name.span, message);
                Binding::Unknown
            }
        };
        self.own_names.declare(&parameter.name);
        self.environment.declare(&parameter.name, binding);
    }

    /// The single value that a call gives.
    pub(super) fn value_of(&mut self, called: Called, span: Span) -> Option<Expr> {
        match called {
            Called::Scalar(expr) => Some(expr),
            Called::Rows(_) => {
                self.error("table-here", span, "A single value is expected here, and this gives rows.");
                None
            }
        }
    }

    /// An expression turned into a type, as `to…()` does.
    pub(super) fn converted(&mut self, expr: Expr, ty: ColumnType) -> Expr {
        if expr.ty == ty {
            return expr;
        }
        let name = match ty {
            ColumnType::Bool => "tobool",
            ColumnType::Int => "toint",
            ColumnType::Long => "tolong",
            ColumnType::Real => "toreal",
            ColumnType::Decimal => "todecimal",
            ColumnType::String => "tostring",
            ColumnType::DateTime => "todatetime",
            ColumnType::TimeSpan => "totimespan",
            ColumnType::Guid => "toguid",
            ColumnType::Dynamic => "todynamic",
        };
        match functions::implementation(name) {
            Some(function) => {
                self.fold(Expr { ty, kind: ExprKind::Call(Call { name, function, arguments: vec![expr] }) })
            }
            None => expr,
        }
    }

    /// Says where an operator's rows were named, for the legs of the outermost union.
    pub(super) fn name_of(&self, node: NodeId) -> Option<Arc<str>> {
        self.bound.get(&node).map(|(name, _)| name.clone())
    }
}

/// The column that stands for any others, of `(*)`.
fn is_star(decl: &ColumnDecl) -> bool {
    decl.ty.is_none() && &*decl.name.text == "*"
}

fn empty_chunk(columns: usize) -> Chunk {
    Chunk { len: 0, columns: vec![Vector::Constant(Value::Null); columns], origins: Origins::None }
}
