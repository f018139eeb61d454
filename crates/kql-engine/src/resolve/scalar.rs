//! Scalar expressions.

use super::calls::{self, ArgumentFact, CallError};
use super::scope::{Binding, RowScope};
use super::{NO_COLUMN, NOT_CONSTANT, Resolver, ResultColumn, of_parameter, types};
use crate::expr::{Call, Expr, ExprKind, InTest, RegexTest, SubqueryShape, TextTest};
use crate::facts::{self, FunctionKind};
use crate::functions;
use crate::memory;
use crate::scalar::{Arithmetic, Comparison, evaluate};
use crate::text::{Quantifier, TextMode};
use event_table::{ColumnType, Value};
use kql_syntax::ast::{self, BinaryOp, Expr as Ast, InOp, UnaryOp};
use kql_syntax::edit::{self, TextEdit};
use kql_syntax::{Diagnostic, Span};
use std::sync::Arc;

/// Kusto considers so many distinct values in `has_any` and `has_all` (`has-any-operator`).
const MAX_HAS_VALUES: usize = 10_000;

impl Resolver<'_> {
    /// Resolves a scalar expression; `None` when it has an error, which has been reported.
    pub(super) fn scalar(&mut self, ast: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        let expr = self.unfolded(ast, scope)?;
        let expr = self.fold(expr);
        if memory::is_spent() {
            if !self.has_told_of_memory {
                self.has_told_of_memory = true;
                let mebibytes = memory::DEFAULT_BOUND >> 20;
                self.error("too-large", ast.span, format!("This value takes more than {mebibytes} MiB of memory."));
            }
            return None;
        }
        Some(expr)
    }

    /// A boolean expression; anything else is a finding. `dynamic` is taken where `and` and `or` take it.
    pub(super) fn boolean(&mut self, ast: &Ast, scope: &mut RowScope<'_>, dynamic: Dynamic) -> Option<Expr> {
        let expr = self.scalar(ast, scope)?;
        if expr.ty == ColumnType::Bool || (expr.ty == ColumnType::Dynamic && dynamic == Dynamic::Allowed) {
            return Some(expr);
        }
        let mut found = Diagnostic::error(
            "not-bool",
            ast.span,
            format!("A true-or-false condition is expected here, and this is {}.", expr.ty),
        );
        if expr.ty == ColumnType::Dynamic {
            found = found.with_hint("Write tobool(…) around it.").wrapped(ast.span, "tobool");
        }
        self.report(found);
        None
    }

    fn unfolded(&mut self, ast: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        match &ast.kind {
            ast::ExprKind::Error => None,
            ast::ExprKind::Paren(inner) => self.scalar(inner, scope),
            ast::ExprKind::Literal(literal) => self.literal(literal, ast.span),
            ast::ExprKind::Name(name) => self.name(name, scope),
            ast::ExprKind::Unary { op, operand } => self.unary(*op, operand, scope),
            ast::ExprKind::And(parts) => self.logical(parts, scope, ExprKind::And),
            ast::ExprKind::Or(parts) => self.logical(parts, scope, ExprKind::Or),
            ast::ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, left, right, scope),
            ast::ExprKind::In { op, op_span, left, list, .. } => self.in_list(*op, *op_span, left, list, scope),
            ast::ExprKind::Between { negated, op_span, value, low, high } => {
                self.between(*negated, *op_span, [value, low, high], scope)
            }
            ast::ExprKind::Call { name, arguments } => self.call(name, arguments, ast.span, scope),
            ast::ExprKind::Member { base, member } => self.member(base, member, scope),
            ast::ExprKind::Index { base, index } => self.index(base, index, scope),
            ast::ExprKind::Star => {
                self.error("star-here", ast.span, "`*` cannot stand here.");
                None
            }
            ast::ExprKind::TypeOf(_) => {
                self.error("typeof-here", ast.span, "`typeof(…)` cannot stand here.");
                None
            }
            ast::ExprKind::MemberCall { base, .. } => {
                self.unsupported(base.span, "database", "Reaching another cluster or database");
                None
            }
            ast::ExprKind::Pipeline { .. } | ast::ExprKind::DataTable { .. } | ast::ExprKind::ExternalData { .. } => {
                let found =
                    Diagnostic::error("table-here", ast.span, "A single value is expected here, and this gives rows.");
                let found = found.with_hint("Write toscalar(…) around it to take the first value.");
                self.report(found.wrapped(ast.span, "toscalar"));
                None
            }
            ast::ExprKind::Function { .. } | ast::ExprKind::Wildcard(_) => {
                self.error("value-expected", ast.span, "A single value is expected here.");
                None
            }
        }
    }

    /// The value of an expression whose parts are all constant, in its place.
    pub(super) fn fold(&mut self, expr: Expr) -> Expr {
        let mut constant = !matches!(expr.kind, ExprKind::Column(_) | ExprKind::Subquery(..) | ExprKind::Constant(_));
        expr.for_each_child(&mut |child| constant &= child.as_constant().is_some());
        if !constant {
            return expr;
        }
        let value = evaluate(&expr, &[][..], self.now);
        memory::keep_large(&value);
        Expr::constant(expr.ty, value)
    }

    fn name(&mut self, name: &ast::Name, scope: &RowScope<'_>) -> Option<Expr> {
        let in_row = scope.columns.iter().position(|c| c.name == name.text);
        if scope.aggregates.is_some() && in_row.is_some() {
            let message = format!(
                "`{0}` differs from row to row: put it into an aggregate such as take_any({0}), or after `by`.",
                name.text
            );
            self.error("not-aggregated", name.span, message);
            return None;
        }
        if let Some(index) = in_row {
            return scope.columns[index].ty.map(|ty| Expr::column(ty, index));
        }
        match self.named(name) {
            Some(Binding::Scalar(expr)) => {
                let expr = expr.clone();
                // The argument's columns are those of the call's row, which no rows inside of the function have.
                if self.depth > 0 && reads_a_row(&expr) {
                    let message = format!(
                        "`{}` differs from row to row in this call, and what gives rows is run once, for all of them.",
                        name.text
                    );
                    let found = Diagnostic::error("row-dependent", name.span, message);
                    self.report(found.with_hint("Join the rows, or pass a value that is the same for every row."));
                    return None;
                }
                return Some(expr);
            }
            Some(Binding::Unknown) => return None,
            Some(Binding::Table(table)) => {
                if let [_] = table.columns[..] {
                    let found = Diagnostic::error(
                        "table-here",
                        name.span,
                        format!("'{}' is a table, and a single value is expected here.", name.text),
                    );
                    let found = found.with_hint(format!("Write toscalar({}) to take its first value.", name.text));
                    self.report(found.wrapped(name.span, "toscalar"));
                } else {
                    self.error(
                        "table-here",
                        name.span,
                        format!("'{}' is a table, and a single value is expected here.", name.text),
                    );
                }
                return None;
            }
            Some(Binding::Function(function)) => {
                let function = function.clone();
                if function.parameters.is_empty() {
                    return self.user_call(&function, &[], name.span, scope).and_then(|v| self.value_of(v, name.span));
                }
                self.error("function-here", name.span, format!("'{0}' is a function: write {0}(…).", name.text));
                return None;
            }
            None => {}
        }
        let bound = self.environment.names_of(|binding| match binding {
            Binding::Scalar(_) => true,
            Binding::Function(function) => function.parameters.is_empty(),
            Binding::Table(_) | Binding::Unknown => false,
        });
        self.unknown(name, scope.columns, &bound);
        None
    }

    /// The words for a name that is none of these columns.
    pub(super) fn unknown_name(&mut self, name: &ast::Name, columns: &[ResultColumn]) {
        self.unknown(name, columns, &[]);
    }

    /// The words for a name that is none of these columns and of what the query binds.
    fn unknown(&mut self, name: &ast::Name, columns: &[ResultColumn], bound: &[Arc<str>]) {
        let message = format!("Failed to resolve column or scalar expression named '{}'", name.text);
        let known: Vec<&str> = columns.iter().map(|c| &*c.name).chain(bound.iter().map(|name| &**name)).collect();
        let found = Diagnostic::error("unknown-column", name.span, message);
        if let Some((plugin, why)) = self.without_columns {
            self.report(found.with_hint(format!("`{plugin}` makes columns of the rows before it; {why}.")));
            return;
        }
        if let Some((now, is_same)) = facts::elsewhere::column(&name.text).filter(|(now, _)| known.contains(now)) {
            self.report(if is_same {
                found.with_hint(format!("It is called `{now}` now.")).written(&edit::name(now))
            } else {
                found.with_hint(format!("`{now}` has what it had, in other words."))
            });
            return;
        }
        let mut found = found.with_nearest(&name.text, &known, edit::name);
        if found.hint.is_none() && &*name.text == "null" {
            found = found.with_hint("There is no bare null: write isnull(…), or a typed null such as long(null).");
        }
        self.report(found);
    }

    fn unary(&mut self, op: UnaryOp, operand: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        let x = self.scalar(operand, scope)?;
        if !(types::is_summable(x.ty) || x.ty == ColumnType::Dynamic) {
            let sign = if op == UnaryOp::Minus { "-" } else { "+" };
            self.error("operand-type", operand.span, format!("`{sign}` is not defined for a {} value.", x.ty));
            return None;
        }
        if op == UnaryOp::Plus {
            return Some(x);
        }
        let ty = if x.ty == ColumnType::Int { ColumnType::Long } else { x.ty };
        Some(Expr { ty, kind: ExprKind::Negate(Box::new(x)) })
    }

    fn logical(&mut self, parts: &[Ast], scope: &mut RowScope<'_>, make: fn(Vec<Expr>) -> ExprKind) -> Option<Expr> {
        let resolved: Vec<Option<Expr>> =
            parts.iter().map(|part| self.boolean(part, scope, Dynamic::Allowed)).collect();
        let parts = resolved.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Expr { ty: ColumnType::Bool, kind: make(parts) })
    }

    fn binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &Ast,
        right: &Ast,
        scope: &mut RowScope<'_>,
    ) -> Option<Expr> {
        if matches!(left.kind, ast::ExprKind::Star) {
            return self
                .any_column(left, scope, |resolver, column, scope| resolver.binary(op, op_span, column, right, scope));
        }
        let (l, r) = (self.scalar(left, scope), self.scalar(right, scope));
        let (l, r) = (l?, r?);
        let undefined = |resolver: &mut Self, symbol: &str| {
            let message = format!("`{symbol}` is not defined for {} and {}.", l.ty, r.ty);
            let mut found = Diagnostic::error("operand-types", op_span, message);
            if let Some(hint) = conversion_hint(l.ty, r.ty, symbol) {
                found = found.with_hint(hint);
            }
            resolver.report(convert_operand(found, symbol, (l.ty, left.span), (r.ty, right.span)));
            None
        };
        if let Some(op) = arithmetic_operator(op) {
            let Some(ty) = types::arithmetic(op, l.ty, r.ty) else { return undefined(self, op.symbol()) };
            return Some(Expr { ty, kind: ExprKind::Arithmetic(op, Box::new(l), Box::new(r)) });
        }
        if let Some(op) = comparison_operator(op) {
            if !types::comparable(op, l.ty, r.ty) {
                return undefined(self, op.symbol());
            }
            return Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Compare(op, Box::new(l), Box::new(r)) });
        }
        if op == BinaryOp::MatchesRegex {
            if !types::is_text(l.ty) || !types::is_text(r.ty) {
                return undefined(self, "matches regex");
            }
            let mut test = RegexTest { subject: Box::new(l), pattern: Box::new(r), regex: None };
            if let Err(error) = test.prepare() {
                self.bad_regex(right.span, &error);
                return None;
            }
            return Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Regex(test) });
        }
        let Some((mode, case_sensitive, negated, symbol)) = text_operator(op) else {
            self.unsupported(op_span, "like", "`like`");
            return None;
        };
        if !types::is_text(l.ty) || !types::is_text(r.ty) {
            return undefined(self, symbol);
        }
        self.warn_about_literal(mode, symbol, &r, right.span);
        self.note_about_contains(mode, symbol, op_span, &l, &r);
        let test = TextTest {
            subject: Box::new(l),
            mode,
            quantifier: Quantifier::Any,
            case_sensitive,
            negated,
            needles: vec![r],
            matcher: None,
        };
        self.prepared(test, op_span)
    }

    fn prepared(&mut self, mut test: TextTest, span: Span) -> Option<Expr> {
        match test.prepare() {
            Ok(()) => Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Text(test) }),
            Err(error) => {
                self.error("too-many-values", span, format!("This list cannot be searched for: {}.", error.0));
                None
            }
        }
    }

    pub(super) fn bad_regex(&mut self, span: Span, error: &regex::Error) {
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            other => other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
        };
        self.error("bad-regex", span, format!("This regular expression cannot be used: {reason}."));
    }

    /// `* has "x"`: the test on any column of type string or dynamic.
    fn any_column(
        &mut self,
        star: &Ast,
        scope: &mut RowScope<'_>,
        mut test: impl FnMut(&mut Self, &Ast, &mut RowScope<'_>) -> Option<Expr>,
    ) -> Option<Expr> {
        let names: Vec<_> = scope
            .columns
            .iter()
            .filter(|c| c.ty.is_none_or(types::is_text))
            .map(|c| Ast {
                kind: ast::ExprKind::Name(ast::Name { text: c.name.clone(), span: star.span }),
                span: star.span,
            })
            .collect();
        let tests: Vec<Option<Expr>> = names.iter().map(|name| test(self, name, scope)).collect();
        let tests = tests.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Or(tests) })
    }

    fn in_list(&mut self, op: InOp, op_span: Span, left: &Ast, list: &[Ast], scope: &mut RowScope<'_>) -> Option<Expr> {
        if matches!(left.kind, ast::ExprKind::Star) {
            return self
                .any_column(left, scope, |resolver, column, scope| resolver.in_list(op, op_span, column, list, scope));
        }
        let value = self.scalar(left, scope);
        let items: Vec<Option<Expr>> = list.iter().map(|item| self.list_item(item, scope)).collect();
        let (value, items) = (value?, items.into_iter().collect::<Option<Vec<_>>>()?);
        let symbol = in_symbol(op);
        if !matches!(op, InOp::In | InOp::NotIn) && !types::is_text(value.ty) {
            let message = format!("`{symbol}` looks into text, and this is {}.", value.ty);
            let found = Diagnostic::error("operand-types", left.span, message);
            self.report(found.with_hint("Write tostring(…) around it.").wrapped(left.span, "tostring"));
            return None;
        }
        self.warn_about_list(op, &value, &items, list);
        let text = |quantifier, mode, negated| TextTest {
            subject: Box::new(value.clone()),
            mode,
            quantifier,
            case_sensitive: false,
            negated,
            needles: items.clone(),
            matcher: None,
        };
        let test = match op {
            InOp::In | InOp::NotIn => {
                let negated = op == InOp::NotIn;
                let mut test = InTest { value: Box::new(value), negated, list: items, set: None };
                test.prepare();
                return Some(Expr { ty: ColumnType::Bool, kind: ExprKind::In(test) });
            }
            InOp::InTilde => text(Quantifier::Any, TextMode::Equals, false),
            InOp::NotInTilde => text(Quantifier::Any, TextMode::Equals, true),
            InOp::HasAny => text(Quantifier::Any, TextMode::Has, false),
            InOp::HasAll => text(Quantifier::All, TextMode::Has, false),
        };
        let expr = self.prepared(test, op_span)?;
        if let ExprKind::Text(test) = &expr.kind
            && let Some(matcher) = &test.matcher
            && matches!(op, InOp::HasAny | InOp::HasAll)
        {
            let mut distinct: Vec<_> = matcher.literals().iter().collect();
            distinct.sort_unstable();
            distinct.dedup();
            if distinct.len() > MAX_HAS_VALUES {
                let message = format!(
                    "`{symbol}` considers up to {MAX_HAS_VALUES} distinct values, and this list has {}.",
                    distinct.len()
                );
                self.error("too-many-values", op_span, message);
                return None;
            }
        }
        Some(expr)
    }

    /// A value of a list, or a tabular expression whose first column holds the values.
    fn list_item(&mut self, item: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        if !self.is_tabular(item) {
            return self.scalar(item, scope);
        }
        let table = self.tabular(item)?;
        match table.columns.first() {
            Some(first) => first
                .ty
                .map(|_| Expr { ty: ColumnType::Dynamic, kind: ExprKind::Subquery(table.node, SubqueryShape::List) }),
            None => {
                self.error("no-columns", item.span, "This query gives no column to take values from.");
                None
            }
        }
    }

    fn between(
        &mut self,
        negated: bool,
        op_span: Span,
        [value, low, high]: [&Ast; 3],
        scope: &mut RowScope<'_>,
    ) -> Option<Expr> {
        let all = [value, low, high].map(|x| self.scalar(x, scope));
        let [Some(value), Some(low), Some(high)] = all else { return None };
        if !types::between(value.ty, low.ty, high.ty) {
            let message = format!("`between` is not defined for {}, {} and {}.", value.ty, low.ty, high.ty);
            self.error("operand-types", op_span, message);
            return None;
        }
        let high = if value.ty == ColumnType::DateTime && high.ty == ColumnType::TimeSpan {
            let sum = ExprKind::Arithmetic(Arithmetic::Add, Box::new(low.clone()), Box::new(high));
            self.fold(Expr { ty: ColumnType::DateTime, kind: sum })
        } else {
            high
        };
        let compare = |op, bound: Expr| Expr {
            ty: ColumnType::Bool,
            kind: ExprKind::Compare(op, Box::new(value.clone()), Box::new(bound)),
        };
        let both = vec![compare(Comparison::GreaterOrEqual, low), compare(Comparison::LessOrEqual, high)];
        let both: Vec<Expr> = both.into_iter().map(|x| self.fold(x)).collect();
        let inside = Expr { ty: ColumnType::Bool, kind: ExprKind::And(both) };
        if !negated {
            return Some(inside);
        }
        let inside = self.fold(inside);
        Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Not(Box::new(inside)) })
    }

    fn member(&mut self, base: &Ast, member: &ast::Name, scope: &mut RowScope<'_>) -> Option<Expr> {
        if let ast::ExprKind::Name(name) = &base.kind
            && let Some((_, first)) = scope.qualified.iter().find(|(step, _)| *step == name.text)
        {
            let Some(index) = scope.columns.iter().position(|c| c.name == member.text) else {
                self.unknown_name(member, scope.columns);
                return None;
            };
            return scope.columns[index].ty.map(|ty| Expr::column(ty, first + index));
        }
        let base_expr = self.scalar(base, scope)?;
        if base_expr.ty != ColumnType::Dynamic {
            let message = format!(
                "'{}' is looked for in a value of type {}, which has no properties.",
                member.text, base_expr.ty
            );
            let found = Diagnostic::error("not-dynamic", member.span, message);
            self.report(if base_expr.ty == ColumnType::String {
                found.with_hint("Write parse_json(…) around the text first.").wrapped(base.span, "parse_json")
            } else {
                found
            });
            return None;
        }
        let name = Expr::constant(ColumnType::String, Value::String(member.text.clone()));
        Some(Expr { ty: ColumnType::Dynamic, kind: ExprKind::Access(Box::new(base_expr), Box::new(name)) })
    }

    fn index(&mut self, base: &Ast, index: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        let columns = several_of(base);
        self.takes_one_of_several = columns.is_some();
        let base_expr = self.scalar(base, scope);
        let index_expr = self.scalar(index, scope);
        let (base_expr, index_expr) = (base_expr?, index_expr?);
        if base_expr.ty != ColumnType::Dynamic {
            let message = format!("Only dynamic values have elements, and this is {}.", base_expr.ty);
            let found = Diagnostic::error("not-dynamic", base.span, message)
                .with_hint("Write parse_json(…) around the text first.");
            let is_text = base_expr.ty == ColumnType::String;
            self.report(if is_text { found.wrapped(base.span, "parse_json") } else { found });
            return None;
        }
        if !matches!(index_expr.ty, ColumnType::String | ColumnType::Int | ColumnType::Long | ColumnType::Dynamic) {
            self.error(
                "index-type",
                index.span,
                format!("A position or a property name is expected here, and this is {}.", index_expr.ty),
            );
            return None;
        }
        let place = index_expr.as_constant().and_then(crate::scalar::convert::to_long);
        let access = ExprKind::Access(Box::new(base_expr), Box::new(index_expr));
        let access = Expr { ty: ColumnType::Dynamic, kind: access };
        let Some(columns) = columns else { return Some(access) };
        let Some((_, ty)) = place.and_then(|place| columns.get(usize::try_from(place).ok()?)) else {
            let message = format!("A position from 0 to {} is expected here.", columns.len() - 1);
            self.error("index-type", index.span, message);
            return None;
        };
        let name = match ty {
            ColumnType::Real => "toreal",
            ColumnType::Long => "tolong",
            _ => return Some(access),
        };
        let function = functions::implementation(name)?;
        Some(Expr { ty: *ty, kind: ExprKind::Call(Call { name, function, arguments: vec![access] }) })
    }

    fn call(
        &mut self,
        name: &ast::Name,
        arguments: &[ast::Argument],
        span: Span,
        scope: &mut RowScope<'_>,
    ) -> Option<Expr> {
        let takes_one = std::mem::take(&mut self.takes_one_of_several);
        match self.called(name) {
            Some(Binding::Function(function)) => {
                let function = function.clone();
                return self.user_call(&function, arguments, span, scope).and_then(|v| self.value_of(v, span));
            }
            Some(Binding::Unknown) => return None,
            _ => {}
        }
        match (&*name.text, arguments) {
            ("toscalar", [argument]) => return self.first_value(&argument.value, scope),
            ("bin_auto", [argument]) => return self.bin_auto(&argument.value, name, scope),
            ("bag_pack_columns", _) if !arguments.is_empty() && scope.aggregates.is_none() => {
                return self.bag_pack_columns(arguments, scope);
            }
            ("iscolumnexists", [column]) => return self.is_column(&column.value, scope),
            ("pack_all", _) if scope.aggregates.is_none() => return self.pack_all(arguments, scope),
            ("estimate_data_size", _) if !arguments.is_empty() && scope.aggregates.is_none() => {
                return self.estimate_data_size(arguments, scope);
            }
            ("column_ifexists" | "columnifexists", [column, default]) => {
                return self.column_if_exists(&column.value, &default.value, scope);
            }
            _ => {}
        }
        if scope.aggregates.is_some() && facts::find(&name.text, FunctionKind::Aggregate).is_some() {
            return self.aggregate(name, arguments, span, scope);
        }
        let Some(function) = facts::find(&name.text, FunctionKind::Scalar) else {
            self.unknown_function(name, scope.aggregates.is_some());
            return None;
        };
        let resolved: Vec<Option<(Option<Expr>, ArgumentFact)>> =
            arguments.iter().map(|argument| self.argument(&argument.value, scope)).collect();
        let facts: Vec<ArgumentFact> =
            resolved.iter().map(|r| r.as_ref().map_or(ArgumentFact::default(), |r| r.1)).collect();
        let ty = self.checked(function, &facts, arguments, name, span)?;
        let exprs: Vec<Expr> = match facts.iter().position(|fact| fact.star) {
            Some(star) if scope.aggregates.is_some() => {
                let place = arguments.get(star).map_or(span, |a| a.value.span);
                self.error("not-aggregated", place, "The columns differ from row to row: put this into an aggregate.");
                return None;
            }
            // `pack_array(*)`: all columns.
            Some(_) => {
                let column = |(index, c): (usize, &ResultColumn)| c.ty.map(|ty| Expr::column(ty, index));
                scope.columns.iter().enumerate().map(column).collect::<Option<_>>()?
            }
            None => resolved.into_iter().map(|r| r?.0).collect::<Option<_>>()?,
        };
        self.check_words(function, arguments, &exprs);
        if function.name == "not" {
            let [x] = <[Expr; 1]>::try_from(exprs).ok()?;
            return Some(Expr { ty: ColumnType::Bool, kind: ExprKind::Not(Box::new(x)) });
        }
        if !takes_one && functions::series_fit::several(function.name).is_some() {
            let message = format!("`{}` gives several values, and one is expected here.", function.name);
            let found = Diagnostic::error("several-values", span, message);
            self.report(found.with_hint("Write extend (Name, …) = before it, or a position such as [0] behind it."));
            return None;
        }
        if function.name == "geo_distance_2points"
            && let Some(spheroid) = exprs.get(4)
            && !matches!(spheroid.as_constant(), Some(Value::Bool(false)))
        {
            let place = arguments.get(4).map_or(span, |a| a.value.span);
            let found = Diagnostic::error(
                "unsupported",
                place,
                "Distances on a spheroid are part of KQL but not supported here.",
            );
            self.report(found.with_hint("Leave it out: distances are measured on a sphere then."));
            return None;
        }
        if function.name == "assert" && !self.asserted(&exprs, arguments, span) {
            return None;
        }
        let current = function.replaced_by.unwrap_or(function.name);
        if current != function.name {
            self.note_about_old_name(function, current, name.span);
        }
        if let Some(window) = super::window::function(current) {
            return self.window_call(window, ty, exprs, name, scope);
        }
        if current == "geo_info_from_ip_address" {
            let found = Diagnostic::warning(
                "no-location-data",
                name.span,
                "There is no location data here: this is null for every address.",
            );
            self.report(found);
            return Some(Expr::constant(ty, Value::Null));
        }
        if current == "ingestion_time" {
            let found = Diagnostic::warning(
                "no-ingestion-time",
                name.span,
                "A log does not say when the service took its rows in: this is null in every row.",
            );
            let has = |time: &str| scope.columns.iter().any(|column| &*column.name == time);
            let time = ["TimeGenerated", "Timestamp"].into_iter().find(|time| has(time));
            self.report(match time {
                Some(time) => found.with_hint(format!("`{time}` says when it happened.")).with_fix(
                    format!("Write `{time}`"),
                    span,
                    time,
                ),
                None => found,
            });
        }
        // An old name may have its arguments in another order.
        let own = functions::implementation(function.name).or_else(|| functions::implementation(current));
        let Some(implementation) = own else {
            self.unsupported(name.span, current, &format!("`{}()`", name.text));
            return None;
        };
        Some(Expr { ty, kind: ExprKind::Call(Call { name: current, function: implementation, arguments: exprs }) })
    }

    /// An argument of a call, and what the choice of a signature needs to know of it.
    pub(super) fn argument(&mut self, ast: &Ast, scope: &mut RowScope<'_>) -> Option<(Option<Expr>, ArgumentFact)> {
        match &ast.kind {
            ast::ExprKind::Star => Some((None, ArgumentFact { star: true, ..ArgumentFact::default() })),
            ast::ExprKind::TypeOf(columns) => {
                let ty = columns.first().and_then(|c| ColumnType::parse(&c.name.text));
                if ty.is_none() {
                    self.error("unknown-type", ast.span, "This is no type that Kusto has.");
                }
                let ty = ty?;
                let expr = Expr::constant(ColumnType::String, Value::string(ty.name()));
                Some((Some(expr), ArgumentFact { type_literal: Some(ty), constant: true, ..ArgumentFact::default() }))
            }
            _ => {
                let expr = self.scalar(ast, scope)?;
                let fact = ArgumentFact {
                    ty: Some(expr.ty),
                    constant: expr.columns().is_empty(),
                    of_parameter: of_parameter(&expr),
                    ..ArgumentFact::default()
                };
                Some((Some(expr), fact))
            }
        }
    }

    /// The type of a call, or a finding.
    pub(super) fn checked(
        &mut self,
        function: &facts::Function,
        facts: &[ArgumentFact],
        arguments: &[ast::Argument],
        name: &ast::Name,
        span: Span,
    ) -> Option<ColumnType> {
        match calls::resolve(function, facts) {
            Ok(ty) => ty,
            Err(CallError::Count(message) | CallError::Together(message)) => {
                let span = if arguments.is_empty() { span } else { name.span };
                self.error("arguments", span, message);
                None
            }
            Err(CallError::Argument(position, message)) => {
                let span = arguments.get(position).map_or(span, |a| a.value.span);
                self.error("argument-type", span, message);
                None
            }
            Err(CallError::Constant(position, message)) => {
                let span = arguments.get(position).map_or(span, |a| a.value.span);
                self.error(NOT_CONSTANT, span, message);
                None
            }
        }
    }

    /// Checks arguments that must be one of some words, or a regular expression.
    fn check_words(&mut self, function: &facts::Function, arguments: &[ast::Argument], exprs: &[Expr]) {
        for signature in &function.signatures {
            for ((parameter, argument), expr) in signature.parameters.iter().zip(arguments).zip(exprs) {
                if let (Some(Value::Dynamic(d)), false) = (expr.as_constant(), parameter.values.is_empty()) {
                    let is_word = |item: &event_table::Dynamic| match item {
                        event_table::Dynamic::String(word) => {
                            parameter.values.iter().any(|v| v.eq_ignore_ascii_case(word))
                        }
                        _ => false,
                    };
                    if let Some(other) = d.as_array().unwrap_or_default().iter().find(|item| !is_word(item)) {
                        let message = format!("{} is not one of {}.", other, parameter.values.join(", "));
                        self.error("unknown-word", argument.value.span, message);
                    }
                }
                let Some(Value::String(text)) = expr.as_constant() else { continue };
                if !parameter.values.is_empty() && !parameter.values.iter().any(|v| v.eq_ignore_ascii_case(text)) {
                    let message = format!("'{text}' is not one of {}.", parameter.values.join(", "));
                    self.error("unknown-word", argument.value.span, message);
                }
                if parameter.name.ends_with("regex")
                    && let Err(error) = crate::regexes::compile(text)
                {
                    self.bad_regex(argument.value.span, &error);
                }
            }
        }
    }

    fn unknown_function(&mut self, name: &ast::Name, in_summarize: bool) {
        if facts::find(&name.text, FunctionKind::Aggregate).is_some() {
            let message = format!("The aggregate `{}` can only stand in `summarize`.", name.text);
            self.error("aggregate-here", name.span, message);
            return;
        }
        if facts::of_a_service(&name.text).is_some() {
            self.of_a_service(name);
            return;
        }
        let found =
            Diagnostic::error("unknown-function", name.span, format!("There is no function named '{}'.", name.text));
        let bound = self.environment.names_of(|binding| matches!(binding, Binding::Function(_)));
        let fits = |f: &&facts::Function| {
            f.replaced_by.is_none() && facts::runs(f) && (in_summarize || f.kind == FunctionKind::Scalar)
        };
        let known = facts::all().iter().filter(fits).map(|f| f.name);
        let known: Vec<&str> = known.chain(bound.iter().map(|name| &**name)).collect();
        self.report(found.with_nearest(&name.text, &known, str::to_owned));
    }

    fn first_value(&mut self, ast: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        if !self.is_tabular(ast) {
            // The key of a part, also where the rows have a column of its name.
            if let ast::ExprKind::Name(name) = &ast.kind
                && let Some(Binding::Scalar(Expr { ty, kind: ExprKind::Subquery(node, shape) })) = self.named(name)
                && let (ty, node, shape) = (*ty, *node, *shape)
                && self.part_keys.contains(&node)
            {
                return Some(Expr { ty, kind: ExprKind::Subquery(node, shape) });
            }
            return self.scalar(ast, scope);
        }
        let table = self.tabular(ast)?;
        match table.columns.first() {
            Some(first) => first.ty.map(|ty| Expr { ty, kind: ExprKind::Subquery(table.node, SubqueryShape::Scalar) }),
            None => {
                self.error("no-columns", ast.span, "This query gives no column to take a value from.");
                None
            }
        }
    }

    /// `bin_auto(x)`: `bin_at(x, query_bin_auto_size, query_bin_auto_at)` (`bin-auto-function`).
    fn bin_auto(&mut self, value: &Ast, name: &ast::Name, scope: &mut RowScope<'_>) -> Option<Expr> {
        let value = self.scalar(value, scope)?;
        let Some(size) = self.options.get("query_bin_auto_size").cloned() else {
            self.error(
                "no-bin-size",
                name.span,
                "`bin_auto` needs its size: write `set query_bin_auto_size=1h;` at the start.",
            );
            return None;
        };
        let at = self.options.get("query_bin_auto_at").cloned().unwrap_or_else(|| match value.ty {
            ColumnType::DateTime => Expr::constant(ColumnType::DateTime, Value::DateTime(event_table::DateTime::MIN)),
            ColumnType::TimeSpan => Expr::constant(ColumnType::TimeSpan, Value::TimeSpan(event_table::TimeSpan::ZERO)),
            _ => Expr::constant(ColumnType::Long, Value::Long(0)),
        });
        let function = functions::implementation("bin_at")?;
        let ty = if value.ty == ColumnType::Int { ColumnType::Long } else { value.ty };
        Some(Expr { ty, kind: ExprKind::Call(Call { name: "bin_at", function, arguments: vec![value, size, at] }) })
    }

    /// Every column of the row in one bag (`pack-all-function`).
    fn pack_all(&mut self, arguments: &[ast::Argument], scope: &mut RowScope<'_>) -> Option<Expr> {
        let ignore = match arguments {
            [] => None,
            [argument] => Some(self.scalar(&argument.value, &mut RowScope::empty())?),
            [_, second, ..] => {
                self.error("arguments", second.value.span, "`pack_all` takes 0 to 1 arguments.");
                return None;
            }
        };
        let ignore = ignore.is_some_and(|x| matches!(x.as_constant(), Some(Value::Bool(true))));
        let function = if ignore { pack_present } else { pack };
        let name = if ignore { "pack_all_present" } else { "pack_all" };
        let arguments = packed(scope.columns, |_| true)?;
        Some(Expr { ty: ColumnType::Dynamic, kind: ExprKind::Call(Call { name, function, arguments }) })
    }

    /// Some columns of a row in one bag under their names.
    pub(super) fn pack_of(&self, columns: &[ResultColumn], wanted: impl Fn(&str) -> bool) -> Option<Expr> {
        let call = Call { name: "pack_all", function: pack, arguments: packed(columns, wanted)? };
        Some(Expr { ty: ColumnType::Dynamic, kind: ExprKind::Call(call) })
    }

    /// A bag of columns under their names (`bag-pack-columns-function`).
    fn bag_pack_columns(&mut self, arguments: &[ast::Argument], scope: &mut RowScope<'_>) -> Option<Expr> {
        let mut pairs = Vec::new();
        for argument in arguments {
            let Some(name) = super::names::argument_name(argument) else {
                self.error("column-expected", argument.value.span, "The name of a column is expected here.");
                return None;
            };
            pairs.push(Expr::constant(ColumnType::String, Value::string(&name)));
            pairs.push(self.scalar(&argument.value, scope)?);
        }
        let call = Call { name: "bag_pack_columns", function: pack, arguments: pairs };
        Some(Expr { ty: ColumnType::Dynamic, kind: ExprKind::Call(call) })
    }

    /// What a row takes in some columns, `*` for all (`estimate-data-size-function`).
    fn estimate_data_size(&mut self, arguments: &[ast::Argument], scope: &mut RowScope<'_>) -> Option<Expr> {
        let mut columns = Vec::new();
        for argument in arguments {
            match &argument.value.kind {
                ast::ExprKind::Star if arguments.len() == 1 => columns.extend(0..scope.columns.len()),
                ast::ExprKind::Name(name) => match scope.columns.iter().position(|c| c.name == name.text) {
                    Some(index) => columns.push(index),
                    None => {
                        self.unknown_name(name, scope.columns);
                        return None;
                    }
                },
                _ => {
                    let message = "The names of columns are expected here, or `*` alone.";
                    self.error("column-expected", argument.value.span, message);
                    return None;
                }
            }
        }
        let mut fixed = 0;
        let mut texts = Vec::new();
        for index in columns {
            let column = &scope.columns[index];
            match width(column.ty?) {
                Width::Fixed(bytes) => fixed += bytes,
                Width::OfText => texts.push(Expr::column(ColumnType::String, index)),
                Width::Unknown => {
                    let own = |a: &&ast::Argument| match &a.value.kind {
                        ast::ExprKind::Name(name) => name.text == column.name,
                        _ => true,
                    };
                    let place = arguments.iter().find(own).map_or(Span::default(), |a| a.value.span);
                    let message =
                        format!("How many bytes the dynamic column '{}' takes is not documented.", column.name);
                    let hint = format!("Leave it out: project-away {} before this.", edit::name(&column.name));
                    self.report(Diagnostic::error("unsupported", place, message).with_hint(hint));
                    return None;
                }
            }
        }
        let arguments = std::iter::once(Expr::constant(ColumnType::Long, Value::Long(fixed))).chain(texts).collect();
        let call = Call { name: "estimate_data_size", function: data_size, arguments };
        Some(Expr { ty: ColumnType::Long, kind: ExprKind::Call(call) })
    }

    /// Whether a column exists; the old way to ask.
    fn is_column(&mut self, column: &Ast, scope: &RowScope<'_>) -> Option<Expr> {
        let name = self.column_named_by(column)?;
        let exists = scope.columns.iter().any(|c| *c.name == *name);
        Some(Expr::constant(ColumnType::Bool, Value::Bool(exists)))
    }

    /// Whether an `assert` lets the query run (`assert-function`).
    fn asserted(&mut self, exprs: &[Expr], arguments: &[ast::Argument], span: Span) -> bool {
        let [condition, message] = exprs else { return false };
        match condition.as_constant() {
            Some(Value::Bool(true)) => return true,
            Some(_) => {
                let message = message.as_constant().map(|m| crate::scalar::convert::to_text(m).into_owned());
                let told = format!("assert() has failed with message: '{}'", message.unwrap_or_default());
                self.error("assert", span, told);
            }
            // The body of a function is looked at once without arguments.
            None if of_parameter(condition) => return true,
            None => {
                let place = arguments.first().map_or(span, |a| a.value.span);
                self.error(NOT_CONSTANT, place, "What is asserted must be known before the query runs.");
            }
        }
        false
    }

    /// The name that a constant string gives.
    fn column_named_by(&mut self, column: &Ast) -> Option<Arc<str>> {
        let name = self.scalar(column, &mut RowScope::empty())?;
        let Some(Value::String(name)) = name.as_constant() else {
            let message = "The name of a column is expected here, as a string.";
            match name.ty {
                ColumnType::String => self.not_constant(&name, column.span, message),
                _ => self.error("argument-type", column.span, message),
            }
            return None;
        };
        Some(name.clone())
    }

    /// A column where it exists, else the other expression (`column-ifexists-function`).
    fn column_if_exists(&mut self, column: &Ast, default: &Ast, scope: &mut RowScope<'_>) -> Option<Expr> {
        let name = self.column_named_by(column)?;
        let default = self.scalar(default, scope);
        match scope.columns.iter().position(|c| c.name == name) {
            Some(index) => scope.columns[index].ty.map(|ty| Expr::column(ty, index)),
            None => default,
        }
    }
}

/// Whether an expression reads a column of a row.
fn reads_a_row(expr: &Expr) -> bool {
    let mut reads = false;
    expr.visit(&mut |part| reads |= matches!(part.kind, ExprKind::Column(index) if index != NO_COLUMN));
    reads
}

/// The columns of a call that gives several.
fn several_of(ast: &Ast) -> Option<&'static [(&'static str, ColumnType)]> {
    match &ast.kind {
        ast::ExprKind::Paren(inner) => several_of(inner),
        ast::ExprKind::Call { name, .. } => functions::series_fit::several(&name.text),
        _ => None,
    }
}

/// Some columns of a row as names and values, in turn; `None` when one depends on an error.
fn packed(columns: &[ResultColumn], wanted: impl Fn(&str) -> bool) -> Option<Vec<Expr>> {
    let mut pairs = Vec::new();
    for (index, column) in columns.iter().enumerate().filter(|(_, column)| wanted(&column.name)) {
        pairs.push(Expr::constant(ColumnType::String, Value::String(column.name.clone())));
        pairs.push(Expr::column(column.ty?, index));
    }
    Some(pairs)
}

/// A bag of names and values.
fn pack(_: &functions::CallContext, arguments: &[Value]) -> Value {
    let pairs = arguments.chunks_exact(2).map(|pair| {
        (crate::scalar::convert::to_text(&pair[0]).as_ref().into(), crate::scalar::convert::to_dynamic(&pair[1]))
    });
    Value::dynamic(event_table::Dynamic::Bag(pairs.collect()))
}

/// What values of a type take.
enum Width {
    /// So many bytes, also where there is no value: columns without values count (`estimate-table-size`).
    Fixed(i64),
    /// As many bytes as the text.
    OfText,
    Unknown,
}

/// The pages say 8 for long and datetime, 4 for int and a text's length (`estimate-data-size-function`,
/// `estimate-table-size`). **Our choice** for the others: the width that the page of the type gives, of a duration that
/// of its ticks, of a bool a byte.
fn width(ty: ColumnType) -> Width {
    match ty {
        ColumnType::Bool => Width::Fixed(1),
        ColumnType::Int => Width::Fixed(4),
        ColumnType::Long | ColumnType::Real | ColumnType::DateTime | ColumnType::TimeSpan => Width::Fixed(8),
        ColumnType::Decimal | ColumnType::Guid => Width::Fixed(16),
        ColumnType::String => Width::OfText,
        ColumnType::Dynamic => Width::Unknown,
    }
}

/// A number of bytes and those of some texts.
fn data_size(_: &functions::CallContext, arguments: &[Value]) -> Value {
    let size = |value: &Value| match value {
        Value::String(text) => text.len() as i64,
        Value::Long(bytes) => *bytes,
        _ => 0,
    };
    Value::Long(arguments.iter().map(size).sum())
}

/// A bag of names and values, null and empty ones left out.
fn pack_present(cx: &functions::CallContext, arguments: &[Value]) -> Value {
    let absent = |v: &Value| v.is_null() || matches!(v, Value::String(s) if s.is_empty());
    let present: Vec<Value> = arguments.chunks_exact(2).filter(|pair| !absent(&pair[1])).flatten().cloned().collect();
    pack(cx, &present)
}

/// Whether a condition may be a dynamic value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Dynamic {
    Allowed,
    Refused,
}

fn arithmetic_operator(op: BinaryOp) -> Option<Arithmetic> {
    Some(match op {
        BinaryOp::Add => Arithmetic::Add,
        BinaryOp::Subtract => Arithmetic::Subtract,
        BinaryOp::Multiply => Arithmetic::Multiply,
        BinaryOp::Divide => Arithmetic::Divide,
        BinaryOp::Modulo => Arithmetic::Modulo,
        _ => return None,
    })
}

fn comparison_operator(op: BinaryOp) -> Option<Comparison> {
    Some(match op {
        BinaryOp::Equal => Comparison::Equal,
        BinaryOp::NotEqual => Comparison::NotEqual,
        BinaryOp::Less => Comparison::Less,
        BinaryOp::LessOrEqual => Comparison::LessOrEqual,
        BinaryOp::Greater => Comparison::Greater,
        BinaryOp::GreaterOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// Mode, case sensitivity, negation and spelling of an operator on text.
fn text_operator(op: BinaryOp) -> Option<(TextMode, bool, bool, &'static str)> {
    use TextMode::{Contains, EndsWith, Equals, Has, HasPrefix, HasSuffix, StartsWith};
    Some(match op {
        BinaryOp::EqualTilde => (Equals, false, false, "=~"),
        BinaryOp::NotEqualTilde => (Equals, false, true, "!~"),
        BinaryOp::Has | BinaryOp::SearchHas => (Has, false, false, "has"),
        BinaryOp::NotHas => (Has, false, true, "!has"),
        BinaryOp::HasCs => (Has, true, false, "has_cs"),
        BinaryOp::NotHasCs => (Has, true, true, "!has_cs"),
        BinaryOp::HasPrefix => (HasPrefix, false, false, "hasprefix"),
        BinaryOp::NotHasPrefix => (HasPrefix, false, true, "!hasprefix"),
        BinaryOp::HasPrefixCs => (HasPrefix, true, false, "hasprefix_cs"),
        BinaryOp::NotHasPrefixCs => (HasPrefix, true, true, "!hasprefix_cs"),
        BinaryOp::HasSuffix => (HasSuffix, false, false, "hassuffix"),
        BinaryOp::NotHasSuffix => (HasSuffix, false, true, "!hassuffix"),
        BinaryOp::HasSuffixCs => (HasSuffix, true, false, "hassuffix_cs"),
        BinaryOp::NotHasSuffixCs => (HasSuffix, true, true, "!hassuffix_cs"),
        BinaryOp::Contains => (Contains, false, false, "contains"),
        BinaryOp::NotContains => (Contains, false, true, "!contains"),
        BinaryOp::ContainsCs => (Contains, true, false, "contains_cs"),
        BinaryOp::NotContainsCs => (Contains, true, true, "!contains_cs"),
        BinaryOp::StartsWith => (StartsWith, false, false, "startswith"),
        BinaryOp::NotStartsWith => (StartsWith, false, true, "!startswith"),
        BinaryOp::StartsWithCs => (StartsWith, true, false, "startswith_cs"),
        BinaryOp::NotStartsWithCs => (StartsWith, true, true, "!startswith_cs"),
        BinaryOp::EndsWith => (EndsWith, false, false, "endswith"),
        BinaryOp::NotEndsWith => (EndsWith, false, true, "!endswith"),
        BinaryOp::EndsWithCs => (EndsWith, true, false, "endswith_cs"),
        BinaryOp::NotEndsWithCs => (EndsWith, true, true, "!endswith_cs"),
        _ => return None,
    })
}

pub(super) fn in_symbol(op: InOp) -> &'static str {
    match op {
        InOp::In => "in",
        InOp::NotIn => "!in",
        InOp::InTilde => "in~",
        InOp::NotInTilde => "!in~",
        InOp::HasAny => "has_any",
        InOp::HasAll => "has_all",
    }
}

/// The changes of one operand that make an operator fit.
fn convert_operand(
    found: Diagnostic,
    symbol: &str,
    (left, left_span): (ColumnType, Span),
    (right, right_span): (ColumnType, Span),
) -> Diagnostic {
    use ColumnType::{DateTime, Dynamic, String};
    let is_equality = matches!(symbol, "==" | "!=");
    let is_order = matches!(symbol, "<" | "<=" | ">" | ">=");
    let is_calculation = matches!(symbol, "+" | "-" | "*" | "/" | "%");
    match (left, right) {
        (String, String) if symbol == "+" => {
            let place = found.span;
            // The blank before the sign goes with it.
            let blank = if place.start == left_span.end + 1 { 1 } else { 0 };
            let edits = vec![
                TextEdit { span: Span::new(left_span.start, left_span.start), insert: "strcat(".into() },
                TextEdit { span: Span::new(place.start - blank, place.end), insert: ",".into() },
                TextEdit { span: Span::new(right_span.end, right_span.end), insert: ")".into() },
            ];
            found.with_edits("Join the texts with strcat(…)", edits)
        }
        (DateTime, String) if is_equality || is_order => found.wrapped(right_span, "todatetime"),
        (String, DateTime) if is_equality || is_order => found.wrapped(left_span, "todatetime"),
        (other, String) if !is_calculation && !is_order && other != Dynamic => found.wrapped(left_span, "tostring"),
        (String, other) if !is_calculation && !is_order && other != Dynamic => found.wrapped(right_span, "tostring"),
        _ => found,
    }
}

/// The conversion that would make an operator fit.
fn conversion_hint(left: ColumnType, right: ColumnType, symbol: &str) -> Option<String> {
    use ColumnType::{DateTime, String, TimeSpan};
    Some(match (left, right) {
        (String, String) if symbol == "+" => "Join text with strcat(…).".into(),
        (String, String) if matches!(symbol, "<" | "<=" | ">" | ">=") => "Compare text with strcmp(…).".into(),
        (DateTime, String) | (String, DateTime) => {
            "Write datetime(2025-06-01), or todatetime(…) around the text.".into()
        }
        (TimeSpan, n) | (n, TimeSpan) if n.is_numeric() => "Write a timespan such as 5m or 1d.".into(),
        (DateTime, n) | (n, DateTime) if n.is_numeric() => "Add or take away a timespan such as 1d.".into(),
        (a, String) | (String, a) if !matches!(symbol, "+" | "-" | "*" | "/" | "%") => {
            format!("Write tostring(…) around the {a} value, or to{a}(…) around the text.")
        }
        _ => return None,
    })
}
