//! `find`: rows of several tables that a predicate is true of.
//!
//! Source: Kusto documentation, `find-operator`, and Microsoft's analyzer for the order of the columns: those that all
//! tables have, then those that the predicate names; what else a table has is packed. A table without any column that
//! the predicate names is left out; a column that only others have is missing in its rows, as in a `union`.

use super::scalar::Dynamic;
use super::scope::RowScope;
use super::union::UnionLeg;
use super::{Resolver, ResultColumn, Tabular};
use crate::expr::Expr;
use crate::plan::{Condition, NodeKind, UnionInput};
use event_table::{ColumnType, Value};
use kql_syntax::ast::{self, BinaryOp, Expr as Ast, ExprKind as AstKind, FindColumns, LiteralKind, Operator};
use kql_syntax::{Diagnostic, Span, walk};
use std::sync::Arc;

/// A column of the result, before the rows of each table are put under it.
struct Found {
    name: Arc<str>,
    /// The type that is written, if one is.
    cast: Option<ColumnType>,
    ty: Option<ColumnType>,
}

impl Resolver<'_> {
    pub(super) fn find(
        &mut self,
        tables: &[Ast],
        predicate: &Ast,
        project: Option<&FindColumns>,
        operator: &Operator,
    ) -> Option<Tabular> {
        let span = operator.span;
        let legs = self.find_legs(tables, operator)?;
        let predicate = &with_terms(predicate);
        let all: Vec<&ResultColumn> = legs.iter().flat_map(|leg| leg.rows.columns.iter()).collect();
        let mut named: Vec<Arc<str>> = Vec::new();
        let has_star = names_in(predicate, &mut |name| {
            if all.iter().any(|c| c.name == *name) && !named.contains(name) {
                named.push(name.clone());
            }
        });
        if named.is_empty() && !has_star {
            // The names in it, if there are any, are told of.
            let before = self.diagnostics.len();
            let columns: Vec<ResultColumn> = all.into_iter().cloned().collect();
            self.boolean(predicate, &mut RowScope::row(&columns), Dynamic::Refused);
            if self.diagnostics.len() == before {
                let found = Diagnostic::error(
                    "find-everything",
                    predicate.span,
                    "`find` looks in tables that have a column of its condition, and this one names none.",
                );
                self.report(found.with_hint("Name a column or write a term, or use `union`."));
            }
            return None;
        }
        let has_any = |leg: &&UnionLeg| has_star || leg.rows.columns.iter().any(|c| named.contains(&c.name));
        let chosen: Vec<&UnionLeg> = legs.iter().filter(has_any).collect();
        let (columns, pack) = match project {
            Some(project) => self.projected(&legs, project)?,
            None => (smart(&chosen, &named), Pack::Rest),
        };
        let columns = self.typed(&chosen, columns, project, span)?;
        let rest = |leg: &UnionLeg| leg.rows.columns.iter().any(|c| !columns.iter().any(|found| found.name == c.name));
        let is_packed = match pack {
            Pack::All => true,
            Pack::Rest => chosen.iter().any(|leg| rest(leg)),
            Pack::Nothing => false,
        };
        let mut given = vec![ResultColumn { name: self.source_name(operator), ty: Some(ColumnType::String) }];
        given.extend(columns.iter().map(|found| ResultColumn { name: found.name.clone(), ty: found.ty }));
        if is_packed {
            given.push(ResultColumn { name: "pack_".into(), ty: Some(ColumnType::Dynamic) });
        }
        if let Some(twice) = given.iter().enumerate().find(|(i, c)| given[..*i].iter().any(|b| b.name == c.name)) {
            let message = format!("The result of this `find` has two columns '{}'.", twice.1.name);
            self.error("duplicate-column", span, message);
            return None;
        }
        let mut inputs = Vec::new();
        let mut names = Vec::new();
        for leg in chosen {
            let rows = self.found_rows(leg, predicate, &named, &all_types(&legs), span)?;
            let own = &leg.rows.columns;
            let mut exprs = Vec::new();
            for found in &columns {
                let ty = found.ty.unwrap_or(ColumnType::Dynamic);
                exprs.push(match own.iter().position(|c| c.name == found.name) {
                    Some(index) => {
                        let column = Expr::column(own[index].ty.unwrap_or(ColumnType::Dynamic), index);
                        if found.cast.is_some() { self.converted(column, ty) } else { column }
                    }
                    None => Expr::constant(ty, Value::missing(ty)),
                });
            }
            if is_packed {
                let is_wanted =
                    |name: &str| matches!(pack, Pack::All) || !columns.iter().any(|found| *found.name == *name);
                exprs.push(self.pack_of(own, is_wanted)?);
            }
            let given = given[1..].to_vec();
            let width = given.len();
            let rows = self.add(NodeKind::Project(rows.node, exprs), given, span);
            names.push((leg.name.clone(), leg.span));
            inputs.push(UnionInput {
                node: rows.node,
                columns: std::iter::once(None).chain((0..width).map(Some)).collect(),
                source: Some(leg.name.clone()),
                leg: None,
            });
        }
        let union = self.add(NodeKind::Union(inputs), given, span);
        self.legs.insert(union.node, names);
        Some(union)
    }

    /// The tables to look in: those that are written, else those that have rows.
    fn find_legs(&mut self, tables: &[Ast], operator: &Operator) -> Option<Vec<UnionLeg>> {
        let place = operator.keyword.span;
        let mut legs = Vec::new();
        if tables.is_empty() {
            let names: Vec<Arc<str>> = self.tables.tables().iter().map(|t| t.name().into()).collect();
            for name in names {
                let rows = self.table(&ast::Name { text: name.clone(), span: place })?;
                legs.push(UnionLeg { rows, name, span: place });
            }
            legs.extend(self.view_legs(|_| true, place));
            if legs.is_empty() {
                self.error("empty-search", place, "There is no table with rows to search in: load a log.");
                return None;
            }
        }
        let mut is_right = true;
        for table in tables {
            match self.union_leg(table, false) {
                Some(found) => legs.extend(found),
                None => is_right = false,
            }
        }
        is_right.then_some(legs)
    }

    /// What `project` asks for, of columns that one of the tables has.
    fn projected(&mut self, legs: &[UnionLeg], project: &FindColumns) -> Option<(Vec<Found>, Pack)> {
        let mut columns: Vec<Found> = Vec::new();
        for decl in &project.columns {
            let all: Vec<ResultColumn> = legs.iter().flat_map(|leg| leg.rows.columns.iter().cloned()).collect();
            if !all.iter().any(|c| c.name == decl.name.text) {
                self.unknown_name(&decl.name, &all);
                return None;
            }
            let cast = match &decl.ty {
                Some(ty) => Some(self.type_named(ty)?),
                None => None,
            };
            columns.push(Found { name: decl.name.text.clone(), cast, ty: cast });
        }
        match project.pack {
            Some(pack) if !columns.is_empty() => {
                let found = Diagnostic::error(
                    "unsupported",
                    pack,
                    "Packing beside columns is part of KQL but not supported here: its page says that all columns are \
                     packed, and shows that the others are.",
                );
                self.report(found.with_hint("Leave `project` out, or pack alone."));
                None
            }
            Some(_) => Some((columns, Pack::All)),
            None => Some((columns, Pack::Nothing)),
        }
    }

    /// Columns with their types, which must be the same in all tables unless one is written.
    fn typed(
        &mut self,
        chosen: &[&UnionLeg],
        mut columns: Vec<Found>,
        project: Option<&FindColumns>,
        span: Span,
    ) -> Option<Vec<Found>> {
        for column in columns.iter_mut().filter(|column| column.cast.is_none()) {
            let own = chosen.iter().filter_map(|leg| leg.rows.columns.iter().find(|c| c.name == column.name));
            let mut types: Vec<ColumnType> = own.filter_map(|c| c.ty).collect();
            types.dedup();
            if let [first, second, ..] = types[..] {
                let message =
                    format!("The column '{}' is {first} in one of these tables and {second} in another.", column.name);
                let found = Diagnostic::error("find-types", span, message);
                let hint = match project {
                    Some(_) => format!("Write its type: {}: {first}.", column.name),
                    None => format!("Write the columns and their types: project {}: {first}, ….", column.name),
                };
                self.report(found.with_hint(hint));
                return None;
            }
            column.ty = types.first().copied();
        }
        Some(columns)
    }

    fn source_name(&self, operator: &Operator) -> Arc<str> {
        let property = operator.properties.iter().find(|p| matches!(&*p.name.text, "withsource" | "with_source"));
        property.map_or_else(|| "source_".into(), |p| super::parsing::word(&p.value))
    }

    /// The rows of a table that the predicate is true of, with the columns behind its own that only others have.
    fn found_rows(
        &mut self,
        leg: &UnionLeg,
        predicate: &Ast,
        named: &[Arc<str>],
        types: &[(Arc<str>, Option<ColumnType>)],
        span: Span,
    ) -> Option<Tabular> {
        let mut columns = leg.rows.columns.to_vec();
        let mut exprs: Vec<Expr> =
            columns.iter().enumerate().map(|(i, c)| Expr::column(c.ty.unwrap_or(ColumnType::Dynamic), i)).collect();
        for name in named.iter().filter(|name| !leg.rows.columns.iter().any(|c| c.name == **name)) {
            let ty = types.iter().find(|(known, _)| known == name).and_then(|(_, ty)| *ty)?;
            columns.push(ResultColumn { name: name.clone(), ty: Some(ty) });
            exprs.push(Expr::constant(ty, Value::missing(ty)));
        }
        let rows = if columns.len() == leg.rows.columns.len() {
            leg.rows.clone()
        } else {
            self.add(NodeKind::Project(leg.rows.node, exprs), columns, span)
        };
        let mut conditions = Vec::new();
        let mut parts = Vec::new();
        super::operators::split_and(predicate, &mut parts);
        for part in parts {
            let expr = self.boolean(part, &mut RowScope::row(&rows.columns), Dynamic::Refused)?;
            conditions.push(Condition { expr, span: part.span });
        }
        Some(self.like(&rows, NodeKind::Filter(rows.node, conditions), span))
    }
}

/// What goes into the bag.
#[derive(Clone, Copy)]
enum Pack {
    All,
    Rest,
    Nothing,
}

/// The columns that all tables have, then those that the predicate names.
fn smart(chosen: &[&UnionLeg], named: &[Arc<str>]) -> Vec<Found> {
    let has = |leg: &UnionLeg, name: &str| leg.rows.columns.iter().any(|c| *c.name == *name);
    let first = chosen.first().map(|leg| leg.rows.columns.iter()).into_iter().flatten();
    let mut names: Vec<Arc<str>> =
        first.filter(|c| chosen.iter().all(|leg| has(leg, &c.name))).map(|c| c.name.clone()).collect();
    let others: Vec<Arc<str>> = named.iter().filter(|name| !names.contains(name)).cloned().collect();
    names.extend(others);
    names.into_iter().map(|name| Found { name, cast: None, ty: None }).collect()
}

/// Each column of the tables with its first type.
fn all_types(legs: &[UnionLeg]) -> Vec<(Arc<str>, Option<ColumnType>)> {
    legs.iter().flat_map(|leg| leg.rows.columns.iter()).map(|c| (c.name.clone(), c.ty)).collect()
}

/// A predicate in which a text that stands alone is a term of any column.
fn with_terms(ast: &Ast) -> Ast {
    let kind = match &ast.kind {
        AstKind::And(parts) => AstKind::And(parts.iter().map(with_terms).collect()),
        AstKind::Or(parts) => AstKind::Or(parts.iter().map(with_terms).collect()),
        AstKind::Paren(inner) => AstKind::Paren(Box::new(with_terms(inner))),
        AstKind::Literal(literal) if matches!(literal.kind, LiteralKind::String) => AstKind::Binary {
            op: BinaryOp::Has,
            op_span: ast.span,
            left: Box::new(Ast { kind: AstKind::Star, span: ast.span }),
            right: Box::new(ast.clone()),
        },
        _ => return ast.clone(),
    };
    Ast { kind, span: ast.span }
}

/// Calls `found` with the names in an expression, in their order; whether it has a `*`.
fn names_in(ast: &Ast, found: &mut dyn FnMut(&Arc<str>)) -> bool {
    match &ast.kind {
        AstKind::Name(name) => {
            found(&name.text);
            false
        }
        AstKind::Star => true,
        // Names in there are columns of other rows.
        AstKind::Pipeline { .. } => false,
        _ => {
            let mut has_star = false;
            walk::children(ast, &mut |child| has_star |= names_in(child, found));
            has_star
        }
    }
}
