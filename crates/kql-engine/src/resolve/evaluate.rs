//! Plugins of `evaluate`: `bag_unpack`, `pivot`, `narrow`, `rows_near`, `ipv4_lookup`, `ipv6_lookup`.
//!
//! The columns of `bag_unpack` and `pivot` depend on the rows: without a declared schema the rows before the plugin
//! are run while the query is resolved.

use super::join::joined_columns;
use super::names::UniqueNames;
use super::scalar::Dynamic as DynamicCondition;
use super::scope::{AggregateScope, RowScope};
use super::{Given, Resolver, ResultColumn, Tabular};
use crate::aggregates::{Aggregate, AggregateCall};
use crate::expr::Expr;
use crate::facts;
use crate::ip::Family;
use crate::plan::{AddressLookup, JoinColumn, NodeKind, Pivot, Plan, RowsNear, Unpack, UnpackColumn};
use crate::run::{Relation, RunError, Runner};
use crate::scalar::{convert, order, plain, same_key};
use event_table::{ColumnType, Dynamic, Value};
use kql_syntax::ast::{self, Argument, ColumnDecl, Expr as Ast};
use kql_syntax::{Diagnostic, Span};
use std::rc::Rc;
use std::sync::Arc;

/// The plugins that run.
const PLUGINS: [&str; 6] = ["bag_unpack", "ipv4_lookup", "ipv6_lookup", "narrow", "pivot", "rows_near"];
/// The most columns that a plugin makes out of rows.
const MAX_COLUMNS: usize = 1_000;
/// The most plugins of a query that ask for the rows before them: each run is one more pass over the query.
const MAX_ASKED: usize = 100;

impl Resolver<'_> {
    pub(super) fn evaluate(
        &mut self,
        input: Tabular,
        call: &Ast,
        schema: Option<&[ColumnDecl]>,
        span: Span,
    ) -> Option<Tabular> {
        let ast::ExprKind::Call { name, arguments } = &call.kind else {
            self.error("function-expected", call.span, "A call of a plugin is expected here.");
            return None;
        };
        match &*name.text {
            "bag_unpack" => self.bag_unpack(input, arguments, schema, span),
            "pivot" => self.pivot(input, arguments, schema, span),
            "narrow" => self.narrow(&input, arguments, span),
            "rows_near" => self.rows_near(input, arguments, span),
            "ipv4_lookup" => self.address_lookup(Family::V4, input, arguments, span),
            "ipv6_lookup" => self.address_lookup(Family::V6, input, arguments, span),
            other if facts::instead(other).is_some() => {
                self.unsupported(name.span, other, &format!("The plugin `{other}`"));
                None
            }
            other => {
                let found =
                    Diagnostic::error("unknown-function", name.span, format!("There is no plugin named '{other}'."));
                self.report(found.with_nearest(other, &PLUGINS, str::to_owned));
                None
            }
        }
    }

    /// The rows of an operator, for what the columns of the plugin behind it depend on. Without rows there are none.
    fn rows_of(&mut self, input: &Tabular, plugin: &'static str, span: Span) -> Option<Rc<Relation>> {
        if self.diagnostics.iter().any(|d| d.severity == kql_syntax::Severity::Error) {
            self.without_columns = Some((plugin, "they are not known before what is wrong above is mended"));
            return None;
        }
        let place = self.asked_rows;
        self.asked_rows += 1;
        if place >= MAX_ASKED {
            let message = format!("More than {MAX_ASKED} plugins of this query have columns that depend on rows.");
            self.error("too-large", span, message);
            return None;
        }
        let rows = match self.given {
            Given::Here => {
                let plan = self.plan_up_to(input);
                Runner::new().run_now(&plan, self.tables, self.now).map(|outcome| outcome.relation)
            }
            Given::Before(given) => match given.get(place) {
                Some(rows) => rows.clone(),
                None => {
                    // The first that is missing is run next.
                    if self.wanted.is_none() {
                        self.wanted = Some(self.plan_up_to(input));
                    }
                    return None;
                }
            },
        };
        match rows {
            Ok(rows) => {
                if rows.is_empty() {
                    self.without_columns = Some((plugin, "there are none: load a log"));
                }
                Some(rows)
            }
            Err(RunError::TooLarge(words) | RunError::Invalid(words)) => {
                let message = format!("The columns of `{plugin}` depend on the rows before it. {words}");
                self.error("too-large", span, message);
                None
            }
            // Whoever called the run off called this off too.
            Err(RunError::Cancelled) => None,
        }
    }

    /// The plan so far, ending at an operator.
    fn plan_up_to(&self, input: &Tabular) -> Plan {
        let mut plan = self.plan.clone();
        plan.root = Some(input.node);
        plan
    }

    fn column_argument(&mut self, input: &Tabular, argument: Option<&Argument>, span: Span) -> Option<usize> {
        match argument.map(|a| &a.value.kind) {
            Some(ast::ExprKind::Name(name)) => {
                let found = input.columns.iter().position(|c| c.name == name.text);
                if found.is_none() {
                    self.unknown_name(name, &input.columns);
                }
                found
            }
            _ => {
                self.error(
                    "column-expected",
                    argument.map_or(span, |a| a.value.span),
                    "The name of a column is expected here.",
                );
                None
            }
        }
    }

    fn bag_unpack(
        &mut self,
        input: Tabular,
        arguments: &[Argument],
        schema: Option<&[ColumnDecl]>,
        span: Span,
    ) -> Option<Tabular> {
        let column = self.column_argument(&input, arguments.first(), span)?;
        if input.columns[column].ty.is_some_and(|ty| ty != ColumnType::Dynamic) {
            self.error("not-dynamic", span, "`bag_unpack` takes a dynamic column.");
            return None;
        }
        let mut prefix = String::new();
        let mut conflict = String::from("error");
        let mut ignored: Vec<String> = Vec::new();
        for (position, argument) in arguments.iter().enumerate().skip(1) {
            let value = self.scalar(&argument.value, &mut RowScope::empty())?;
            let value = value.as_constant().cloned().unwrap_or_default();
            let role = argument.name.as_ref().map_or(
                match position {
                    1 => "OutputColumnPrefix",
                    2 => "columnsConflict",
                    _ => "ignoredProperties",
                },
                |n| &*n.text,
            );
            match role {
                "OutputColumnPrefix" => prefix = value.to_string(),
                "columnsConflict" => conflict = value.to_string(),
                "ignoredProperties" => {
                    if let Value::Dynamic(d) = &value {
                        ignored.extend(
                            d.as_array()
                                .unwrap_or_default()
                                .iter()
                                .map(|item| Value::dynamic(item.clone()).to_string()),
                        );
                    }
                }
                other => {
                    self.error("unknown-word", argument.value.span, format!("`bag_unpack` has no argument '{other}'."));
                    return None;
                }
            }
        }
        let mut columns: Vec<ResultColumn> = Vec::new();
        let mut from: Vec<UnpackColumn> = Vec::new();
        if let Some(schema) = schema {
            let others: Vec<ResultColumn> =
                input.columns.iter().enumerate().filter(|(i, _)| *i != column).map(|(_, c)| c.clone()).collect();
            for declared in self.output_schema(schema, &others)? {
                let own = input.columns.iter().position(|c| c.name == declared.name);
                let property: Option<Arc<str>> = declared.name.strip_prefix(prefix.as_str()).map(Into::into);
                from.push(match (own, property) {
                    (Some(index), _) if index != column => UnpackColumn::Input(index),
                    (_, Some(property)) => UnpackColumn::Property(property),
                    (_, None) => UnpackColumn::Property(declared.name.clone()),
                });
                columns.push(declared);
            }
        } else {
            for (index, own) in input.columns.iter().enumerate().filter(|(index, _)| *index != column) {
                columns.push(own.clone());
                from.push(UnpackColumn::Input(index));
            }
            for (property, ty) in
                self.properties(&input, column, span).into_iter().filter(|(p, _)| !ignored.contains(&p.to_string()))
            {
                let name: Arc<str> = format!("{prefix}{property}").into();
                match columns.iter().position(|c| c.name == name) {
                    None => {
                        columns.push(ResultColumn { name, ty: Some(ty) });
                        from.push(UnpackColumn::Property(property));
                    }
                    // The page's examples show the column where the property would stand.
                    Some(at) if matches!(conflict.as_str(), "replace_source" | "keep_source") => {
                        let UnpackColumn::Input(index) = from[at] else { continue };
                        let mut column = columns.remove(at);
                        from.remove(at);
                        from.push(if conflict == "keep_source" {
                            UnpackColumn::Input(index)
                        } else {
                            column.ty = Some(ty);
                            UnpackColumn::Either(index, property)
                        });
                        columns.push(column);
                    }
                    Some(_) => {
                        let message = format!("A property '{property}' and a column have the same name.");
                        let found = Diagnostic::error("duplicate-column", span, message);
                        self.report(
                            found.with_hint("Give a prefix, or columnsConflict=\"replace_source\" or \"keep_source\"."),
                        );
                        return None;
                    }
                }
                if columns.len() > MAX_COLUMNS {
                    self.error(
                        "too-many-columns",
                        span,
                        format!("`bag_unpack` gives more than {MAX_COLUMNS} columns here."),
                    );
                    return None;
                }
            }
        }
        let unpack = Unpack { input: input.node, column, columns: from };
        Some(self.add(NodeKind::Unpack(Box::new(unpack)), columns, span))
    }

    /// The columns that a plugin is to give; `*` stands for those that it keeps.
    fn output_schema(&mut self, schema: &[ColumnDecl], kept: &[ResultColumn]) -> Option<Vec<ResultColumn>> {
        let (stars, declared): (Vec<&ColumnDecl>, Vec<&ColumnDecl>) =
            schema.iter().partition(|decl| decl.ty.is_none() && &*decl.name.text == "*");
        let declared: Vec<ColumnDecl> = declared.into_iter().cloned().collect();
        let declared = self.declared_columns(&declared)?;
        let kept = kept.iter().filter(|c| !stars.is_empty() && !declared.iter().any(|d| d.name == c.name));
        Some(kept.cloned().collect::<Vec<_>>().into_iter().chain(declared).collect())
    }

    /// The properties of the bags in a column, by name, each with the one type of its values (dynamic when they differ).
    fn properties(&mut self, input: &Tabular, column: usize, span: Span) -> Vec<(Arc<str>, ColumnType)> {
        let mut found: Vec<(Arc<str>, ColumnType)> = Vec::new();
        let Some(relation) = self.rows_of(input, "bag_unpack", span) else { return found };
        for row in 0..relation.len() {
            let Value::Dynamic(d) = relation.value(row, column) else { continue };
            let Dynamic::Bag(bag) = &*d else { continue };
            for (name, value) in bag {
                let Some(ty) = plain(&Value::dynamic(value.clone())).column_type() else { continue };
                match found.iter_mut().find(|(known, _)| known == name) {
                    Some((_, known)) if *known == ty => {}
                    Some((_, known)) => *known = ColumnType::Dynamic,
                    None => found.push((name.clone(), ty)),
                }
            }
            if found.len() > MAX_COLUMNS {
                break;
            }
        }
        found.sort();
        found
    }

    /// `pivot(column, aggregate, key, …)`: a column for each value, the other columns (or the keys) as rows.
    fn pivot(
        &mut self,
        input: Tabular,
        arguments: &[Argument],
        schema: Option<&[ColumnDecl]>,
        span: Span,
    ) -> Option<Tabular> {
        let column = self.column_argument(&input, arguments.first(), span)?;
        let mut scope = AggregateScope::default();
        let call = match arguments.get(1) {
            Some(argument) => {
                let mut row = RowScope { aggregates: Some(&mut scope), ..RowScope::row(&input.columns) };
                self.scalar(&argument.value, &mut row)?;
                match scope.calls.pop() {
                    Some(call) if scope.calls.is_empty() => call,
                    _ => {
                        self.error("aggregate-expected", argument.value.span, "One aggregate is expected here.");
                        return None;
                    }
                }
            }
            None => AggregateCall {
                aggregate: Aggregate::named("count")?,
                arguments: Vec::new(),
                types: vec![ColumnType::Long],
            },
        };
        let used: Vec<usize> = call.arguments.iter().flat_map(Expr::columns).collect();
        let mut keys: Vec<usize> = Vec::new();
        if arguments.len() > 2 {
            for argument in &arguments[2..] {
                keys.push(self.column_argument(&input, Some(argument), span)?);
            }
        } else {
            keys.extend((0..input.columns.len()).filter(|i| *i != column && !used.contains(i)));
        }
        let ty = call.types.first().copied().unwrap_or(ColumnType::Long);
        let expr = |i: usize| Expr::column(input.columns[i].ty.unwrap_or(ColumnType::Dynamic), i);
        let key_exprs: Vec<Expr> = keys.iter().chain([&column]).map(|i| expr(*i)).collect();
        let mut grouped_columns: Vec<ResultColumn> =
            keys.iter().chain([&column]).map(|i| input.columns[*i].clone()).collect();
        grouped_columns.push(ResultColumn { name: "pivot".into(), ty: Some(ty) });
        let grouped = self.add(NodeKind::Summarize(input.node, key_exprs, vec![call]), grouped_columns, span);
        if let Some(schema) = schema {
            return self.declared_pivot(&input, &grouped, (&keys, column), ty, schema, span);
        }
        let mut values: Vec<Value> = Vec::new();
        if let Some(relation) = self.rows_of(&grouped, "pivot", span) {
            for row in 0..relation.len() {
                let value = relation.value(row, keys.len());
                if !values.iter().any(|known| same_key(known, &value)) {
                    values.push(value);
                }
                if values.len() > MAX_COLUMNS {
                    self.error(
                        "too-many-columns",
                        span,
                        format!("`pivot` gives more than {MAX_COLUMNS} columns here."),
                    );
                    return None;
                }
            }
        }
        values.sort_by(order);
        let mut names = UniqueNames::default();
        let mut columns: Vec<ResultColumn> = Vec::new();
        for key in &keys {
            names.take(&input.columns[*key].name);
            columns.push(input.columns[*key].clone());
        }
        columns.extend(
            values.iter().map(|value| ResultColumn { name: names.make(&convert::to_text(value)), ty: Some(ty) }),
        );
        let pivot = Pivot { input: grouped.node, keys: keys.len(), values };
        Some(self.add(NodeKind::Pivot(Box::new(pivot)), columns, span))
    }

    /// A `pivot` whose columns are declared, so that no rows are looked at for them.
    fn declared_pivot(
        &mut self,
        input: &Tabular,
        grouped: &Tabular,
        (keys, column): (&[usize], usize),
        ty: ColumnType,
        schema: &[ColumnDecl],
        span: Span,
    ) -> Option<Tabular> {
        let kept: Vec<ResultColumn> = keys.iter().map(|key| input.columns[*key].clone()).collect();
        let declared = self.output_schema(schema, &kept)?;
        let place = |name: &str| kept.iter().position(|key| *key.name == *name);
        let pivoted: Vec<&ResultColumn> = declared.iter().filter(|c| place(&c.name).is_none()).collect();
        let of = input.columns[column].ty.unwrap_or(ColumnType::Dynamic);
        let values: Vec<Value> = pivoted.iter().map(|c| convert::to_type(&Value::String(c.name.clone()), of)).collect();
        let mut columns = kept.clone();
        columns.extend(pivoted.iter().map(|c| ResultColumn { name: c.name.clone(), ty: Some(ty) }));
        let pivot = Pivot { input: grouped.node, keys: keys.len(), values };
        let pivoted = self.add(NodeKind::Pivot(Box::new(pivot)), columns, span);
        let mut exprs = Vec::new();
        for wanted in &declared {
            let index = pivoted.columns.iter().position(|c| c.name == wanted.name)?;
            let (own, asked) = (pivoted.columns[index].ty?, wanted.ty?);
            if own != asked {
                let message = format!("The column '{}' is declared as {asked}, and `pivot` gives {own}.", wanted.name);
                self.error("declared-type", span, message);
                return None;
            }
            exprs.push(Expr::column(own, index));
        }
        Some(self.add(NodeKind::Project(pivoted.node, exprs), declared, span))
    }

    /// `narrow()`: a row for each cell, with the number of its row, its column and its text (`narrow-plugin`).
    fn narrow(&mut self, input: &Tabular, arguments: &[Argument], span: Span) -> Option<Tabular> {
        if let Some(argument) = arguments.first() {
            self.error("arguments", argument.value.span, "`narrow` takes no arguments.");
            return None;
        }
        let column = |name: &str, ty| ResultColumn { name: name.into(), ty: Some(ty) };
        let columns = vec![
            column("Row", ColumnType::Long),
            column("Column", ColumnType::String),
            column("Value", ColumnType::String),
        ];
        Some(self.add(NodeKind::Narrow(input.node), columns, span))
    }

    /// `rows_near(condition, rows, rows after)`: the rows around those that a condition is true of (`rows-near-plugin`).
    fn rows_near(&mut self, input: Tabular, arguments: &[Argument], span: Span) -> Option<Tabular> {
        let (condition, before, after) = match arguments {
            [condition, before] => (condition, before, before),
            [condition, before, after] => (condition, before, after),
            _ => {
                self.error(
                    "arguments",
                    span,
                    "`rows_near` takes a condition, a number of rows and perhaps another one.",
                );
                return None;
            }
        };
        let condition = self.boolean(&condition.value, &mut RowScope::row(&input.columns), DynamicCondition::Refused);
        let rows = [before, after].map(|count| self.row_count(&count.value));
        let (condition, [Some(before), Some(after)]) = (condition?, rows) else { return None };
        let near = RowsNear { input: input.node, condition, before, after };
        Some(self.like(&input, NodeKind::RowsNear(Box::new(near)), span))
    }

    /// `ipv4_lookup(table, address, range, key, …)` and `ipv6_lookup(table, address, range)`, perhaps with a bool that
    /// says whether rows without a range are kept, by name or at the end.
    fn address_lookup(&mut self, family: Family, left: Tabular, arguments: &[Argument], span: Span) -> Option<Tabular> {
        let plugin = family.lookup();
        let is_bool = |a: &Argument| {
            matches!(&a.value.kind, ast::ExprKind::Literal(ast::Literal { kind: ast::LiteralKind::Bool, .. }))
        };
        let (last, first) = match arguments.split_last() {
            Some((last, first)) if last.name.is_some() || (first.len() >= 3 && is_bool(last)) => (Some(last), first),
            _ => (None, arguments),
        };
        let [table, address, range, keys @ ..] = first else {
            let message = format!("`{plugin}` takes a table, a column of addresses and a column of ranges.");
            self.error("arguments", span, message);
            return None;
        };
        if let Some(wrong) = first.iter().find_map(|a| a.name.as_ref()) {
            self.error("unknown-word", wrong.span, format!("`{plugin}` has no argument '{}' here.", wrong.text));
            return None;
        }
        if let (Family::V6, [key, ..]) = (family, keys) {
            let message = "`ipv6_lookup` takes no further keys: true or false is expected here.";
            self.error("arguments", key.value.span, message);
            return None;
        }
        let keep_unmatched = match last {
            None => false,
            Some(last) => {
                if let Some(name) = last.name.as_ref().filter(|name| &*name.text != "return_unmatched") {
                    self.error("unknown-word", name.span, format!("`{plugin}` has no argument '{}'.", name.text));
                    return None;
                }
                let value = self.scalar(&last.value, &mut RowScope::empty())?;
                let Some(Value::Bool(keep)) = value.as_constant() else {
                    self.error("argument-type", last.value.span, "true or false is expected here.");
                    return None;
                };
                *keep
            }
        };
        let right = self.tabular(&table.value)?;
        let address = self.column_argument(&left, Some(address), span)?;
        let range = self.column_argument(&right, Some(range), span)?;
        let mut pairs = Vec::new();
        for key in keys {
            pairs.push((self.column_argument(&left, Some(key), span)?, self.column_argument(&right, Some(key), span)?));
        }
        // A key is one column, as in `lookup`.
        let own = (0..right.columns.len()).filter(|index| !pairs.iter().any(|(_, key)| key == index));
        let columns: Vec<JoinColumn> =
            (0..left.columns.len()).map(JoinColumn::Left).chain(own.map(JoinColumn::Right)).collect();
        let named_columns = joined_columns(&left, &right, &columns);
        let lookup = AddressLookup {
            family,
            left: left.node,
            right: right.node,
            address,
            range,
            keys: pairs,
            keep_unmatched,
            columns,
        };
        Some(self.add(NodeKind::AddressLookup(Box::new(lookup)), named_columns, span))
    }
}
