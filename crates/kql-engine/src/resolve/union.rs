//! `union`: the rows of several legs, one after the other.
//!
//! Source: Kusto documentation, `union-operator`. Columns of one name and different types become several, each
//! with its type's name at the end.

use super::operators::wildcard;
use super::scope::{Binding, RowScope};
use super::tabular::Called;
use super::{Resolver, ResultColumn, Tabular};
use crate::plan::{NodeKind, UnionInput};
use event_table::ColumnType;
use kql_syntax::ast::{self, Expr as Ast, Operator};
use kql_syntax::{Diagnostic, Severity, Span};
use std::sync::Arc;

/// So many columns of different types are told one by one.
const MAX_SPLIT_TOLD: usize = 3;

/// Rows of a `union`, or of a table that `find` looks in.
pub(super) struct UnionLeg {
    pub(super) rows: Tabular,
    pub(super) name: Arc<str>,
    pub(super) span: Span,
}

impl Resolver<'_> {
    pub(super) fn union(&mut self, input: Option<Tabular>, written: &[Ast], operator: &Operator) -> Option<Tabular> {
        let property = |name: &str| operator.properties.iter().find(|p| &*p.name.text == name);
        let word = |value: &Ast| match &value.kind {
            ast::ExprKind::Name(name) => name.text.clone(),
            ast::ExprKind::Literal(literal) => literal.text.clone(),
            _ => "".into(),
        };
        let fuzzy = property("isfuzzy").is_some_and(|p| &*word(&p.value) == "true");
        let inner = match property("kind") {
            None => false,
            Some(kind) => match &*word(&kind.value) {
                "inner" => true,
                "outer" => false,
                other => {
                    self.error("unknown-word", kind.value.span, format!("'{other}' is not one of inner, outer."));
                    false
                }
            },
        };
        let source = property("withsource").or_else(|| property("with_source")).map(|p| word(&p.value));
        let mut legs: Vec<UnionLeg> = Vec::new();
        if let Some(rows) = input {
            let name = self.leg_name(&rows, None);
            let span = self.plan.node(rows.node).span;
            legs.push(UnionLeg { rows, name, span });
        }
        let mut failed = false;
        for leg in written {
            match self.union_leg(leg, fuzzy) {
                Some(found) => legs.extend(found),
                None if fuzzy => {}
                None => failed = true,
            }
        }
        if legs.is_empty() {
            if !failed {
                self.error("empty-union", operator.keyword.span, "This `union` has no table that exists.");
            }
            return None;
        }
        let (columns, maps) = layout(&legs, inner, source.as_ref());
        self.warn_about_split(&legs, &columns, operator.keyword.span);
        let names = legs.iter().map(|leg| (leg.name.clone(), leg.span)).collect();
        let inputs = legs
            .into_iter()
            .zip(maps)
            .map(|(leg, columns)| UnionInput {
                node: leg.rows.node,
                columns,
                source: source.as_ref().map(|_| leg.name.clone()),
                leg: None,
            })
            .collect();
        let union = self.add(NodeKind::Union(inputs), columns, operator.span);
        self.legs.insert(union.node, names);
        if failed { None } else { Some(union) }
    }

    /// The legs that an expression of a `union` stands for: several for a name with `*`.
    pub(super) fn union_leg(&mut self, leg: &Ast, fuzzy: bool) -> Option<Vec<UnionLeg>> {
        if let ast::ExprKind::Wildcard(pattern) = &leg.kind {
            let mut names: Vec<Arc<str>> =
                self.tables.names().into_iter().filter(|name| wildcard(&pattern.text, name)).map(Into::into).collect();
            names.extend(
                self.environment
                    .names()
                    .filter_map(|(name, binding)| {
                        let rows = matches!(binding, super::Binding::Table(..));
                        (rows && wildcard(&pattern.text, name) && !names.contains(name)).then(|| name.clone())
                    })
                    .collect::<Vec<_>>(),
            );
            let views = self.view_legs(|name| wildcard(&pattern.text, name), pattern.span);
            if names.is_empty() && views.is_empty() {
                let message = format!("No table's name fits '{}'.", pattern.text);
                self.report(if fuzzy {
                    Diagnostic::warning("unknown-table", pattern.span, message)
                        .with_hint("`isfuzzy` leaves this leg out.")
                } else {
                    Diagnostic::error("unknown-table", pattern.span, message)
                });
                return None;
            }
            let name = |text: Arc<str>| ast::Name { text, span: pattern.span };
            let legs = names.into_iter().filter_map(|text| {
                let rows = self.table(&name(text.clone()))?;
                Some(UnionLeg { rows, name: text, span: pattern.span })
            });
            return Some(legs.chain(views).collect());
        }
        let before = self.diagnostics.len();
        match self.tabular(leg) {
            Some(rows) => {
                let name = self.leg_name(&rows, Some(leg));
                Some(vec![UnionLeg { rows, name, span: leg.span }])
            }
            None => {
                let only_tables = self.diagnostics[before..]
                    .iter()
                    .all(|d| d.code == "unknown-table" || d.severity != Severity::Error);
                if fuzzy && only_tables && self.diagnostics.len() > before {
                    // `isfuzzy`: a leg whose table is not there is left out.
                    self.own_names.unseen.push(leg.span);
                    for found in &mut self.diagnostics[before..] {
                        found.severity = Severity::Warning;
                        found.hint = Some("`isfuzzy` leaves this leg out.".into());
                    }
                }
                None
            }
        }
    }

    /// The rows of the query's views (`let Name = view () { … }`) whose names fit, by name.
    pub(super) fn view_legs(&mut self, fits: impl Fn(&str) -> bool, span: Span) -> Vec<UnionLeg> {
        let is_view = |binding: &Binding| match binding {
            Binding::Function(function) => {
                function.is_view && function.parameters.is_empty() && self.gives_rows(function)
            }
            _ => false,
        };
        let names = self.environment.names_of(is_view);
        let mut legs = Vec::new();
        for name in names.into_iter().filter(|name| fits(name)) {
            // Not by its name: what stands in the text is a pattern, or no name at all.
            let Some(Binding::Function(function)) = self.environment.get(&name).cloned() else { continue };
            if let Some(Called::Rows(rows)) = self.user_call(&function, &[], span, &RowScope::empty()) {
                legs.push(UnionLeg { rows, name, span });
            }
        }
        legs
    }

    /// The name that `withsource` and the list of signals give a leg: its `let` or table.
    fn leg_name(&self, rows: &Tabular, leg: Option<&Ast>) -> Arc<str> {
        fn first_name(ast: &Ast) -> Option<Arc<str>> {
            match &ast.kind {
                ast::ExprKind::Name(name) => Some(name.text.clone()),
                ast::ExprKind::Paren(inner) => first_name(inner),
                ast::ExprKind::Call { name, .. } => Some(name.text.clone()),
                ast::ExprKind::Pipeline { source: Some(source), .. } => first_name(source),
                _ => None,
            }
        }
        leg.and_then(first_name)
            .or_else(|| self.name_of(rows.node))
            .or_else(|| self.plan.tables(rows.node).first().cloned())
            .unwrap_or_else(|| "query".into())
    }

    fn warn_about_split(&mut self, legs: &[UnionLeg], columns: &[ResultColumn], span: Span) {
        let mut split: Vec<(String, bool)> = Vec::new();
        for column in columns {
            let of = |ty: ColumnType| {
                legs.iter().find_map(|leg| {
                    let stem = column.name.strip_suffix(&format!("_{ty}"))?;
                    leg.rows.columns.iter().find(|c| *c.name == *stem && c.ty == Some(ty)).map(|_| stem.to_owned())
                })
            };
            let Some(stem) = column.ty.and_then(of) else { continue };
            if columns.iter().any(|c| *c.name == *stem) {
                continue;
            }
            let is_number = column.ty.is_some_and(ColumnType::is_numeric);
            match split.iter_mut().find(|(known, _)| *known == stem) {
                Some((_, all_numbers)) => *all_numbers &= is_number,
                None => split.push((stem, is_number)),
            }
        }
        if split.len() > MAX_SPLIT_TOLD {
            let names: Vec<String> = split.iter().map(|(stem, _)| format!("'{stem}'")).collect();
            let message = format!(
                "These columns have different types in the legs, so that `union` gives one column for each type: {}.",
                names.join(", ")
            );
            let found = Diagnostic::warning("union-split", span, message);
            self.report(found.with_hint("Name only the tables that are meant, or convert the columns in each leg."));
            return;
        }
        for (stem, all_numbers) in split {
            let message = format!(
                "The column '{stem}' has different types in the legs, so that `union` gives one column for each type."
            );
            let found = Diagnostic::warning("union-split", span, message);
            self.report(found.with_hint(if all_numbers {
                format!("Convert it in each leg, for example {stem} = toint({stem}) or int(0) for a constant.")
            } else {
                format!("Convert it in each leg, for example {stem} = tostring({stem}).")
            }));
        }
    }
}

/// The columns of a union, and for each leg where each comes from.
fn layout(legs: &[UnionLeg], inner: bool, source: Option<&Arc<str>>) -> (Vec<ResultColumn>, Vec<Vec<Option<usize>>>) {
    // Every name in order of first appearance, with its types in order of first appearance.
    let mut names: Vec<(Arc<str>, Vec<Option<ColumnType>>)> = Vec::new();
    for column in legs.iter().flat_map(|leg| leg.rows.columns.iter()) {
        match names.iter_mut().find(|(name, _)| *name == column.name) {
            Some((_, types)) if types.contains(&column.ty) => {}
            Some((_, types)) => types.push(column.ty),
            None => names.push((column.name.clone(), vec![column.ty])),
        }
    }
    if inner {
        names.retain(|(name, _)| legs.iter().all(|leg| leg.rows.columns.iter().any(|c| c.name == *name)));
    }
    let mut taken = super::names::UniqueNames::default();
    let mut columns = Vec::new();
    let mut maps: Vec<Vec<Option<usize>>> = vec![Vec::new(); legs.len()];
    if let Some(source) = source {
        columns.push(ResultColumn { name: taken.make(source), ty: Some(ColumnType::String) });
        maps.iter_mut().for_each(|map| map.push(None));
    }
    for (name, types) in names {
        for ty in &types {
            let wanted = match ty {
                Some(ty) if types.len() > 1 => format!("{name}_{ty}"),
                _ => name.to_string(),
            };
            columns.push(ResultColumn { name: taken.make(&wanted), ty: *ty });
            for (leg, map) in legs.iter().zip(&mut maps) {
                map.push(leg.rows.columns.iter().position(|c| c.name == name && c.ty == *ty));
            }
        }
    }
    (columns, maps)
}
