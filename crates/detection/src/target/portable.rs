//! The form of a query that resolves where columns are missing: each is put in place with
//! `column_ifexists("BytesSent", long(null))`, once, behind the table that it is of. Where the column exists this
//! changes nothing; where it does not, it is null in every row, as it is here when a log lacks it.

use super::{Lack, LackingColumn};
use crate::export::literal;
use crate::placing::{Spot, Written, spot, written};
use crate::session::resolve_text;
use crate::suggest::{Suggestion, quoted_name};
use event_table::{ColumnType, DateTime, TableSet};
use kql_engine::plan::Plan;
use kql_syntax::Span;
use kql_syntax::ast::{Document, Expr, ExprKind, OperatorKind, StatementKind};
use kql_syntax::edit::{TextEdit, apply};
use std::collections::BTreeMap;

/// A query and where it resolves now.
pub(super) struct Ask<'a> {
    pub(super) text: &'a str,
    pub(super) document: &'a Document,
    pub(super) plan: &'a Plan,
    pub(super) here: &'a TableSet,
    pub(super) now: DateTime,
}

/// What is known here of a column that the target lacks: of the tables that the query reads, the first that has it
/// here and not there.
pub(super) fn known_column(name: &str, plan: &Plan, here: &TableSet, there: &TableSet) -> Option<LackingColumn> {
    plan.tables(plan.root?).iter().find_map(|table| {
        let column = here.schema(table)?.column(name)?;
        let is_there = there.schema(table).is_some_and(|schema| schema.column(name).is_some());
        if is_there {
            return None;
        }
        Some(LackingColumn { table: table.to_string(), ty: column.ty, origin: column.origin })
    })
}

/// Columns by name and type.
type Columns<'l> = Vec<(&'l str, ColumnType)>;

/// The edits that make a query resolve at a target; `None` when none do.
pub(super) fn portable(ask: &Ask<'_>, lacks: &[Lack], there: &TableSet) -> Option<Suggestion> {
    let sources = sources(ask);
    // By the place of the source: a column once, however often it is used after it.
    let mut wanted: BTreeMap<u32, (&Source<'_>, Columns<'_>)> = BTreeMap::new();
    let mut edits: Vec<TextEdit> = Vec::new();
    for lack in lacks {
        let column = lack.column.as_ref()?;
        for place in &lack.places {
            let source = sources
                .iter()
                .filter(|s| s.pipeline.start <= place.span.start && place.span.end <= s.pipeline.end)
                .filter(|s| s.tables.iter().any(|t| ask.here.schema(t).is_some_and(|x| x.column(&lack.name).is_some())))
                .min_by_key(|s| s.pipeline.len());
            match source {
                Some(source) => {
                    let (_, columns) = wanted.entry(source.at).or_insert((source, Vec::new()));
                    if !columns.iter().any(|(name, _)| *name == lack.name) {
                        columns.push((&lack.name, column.ty));
                    }
                }
                // No table is named before it: the expression itself says what to do without the column.
                None => edits.push(TextEdit { span: place.span, insert: if_exists(&lack.name, column.ty) }),
            }
        }
    }
    for (source, columns) in wanted.values() {
        let items: Vec<String> =
            columns.iter().map(|(name, ty)| format!("{} = {}", quoted_name(name), if_exists(name, *ty))).collect();
        let operator = match &items[..] {
            [one] => format!("extend {one}"),
            several => format!("extend\n    {}", several.join(",\n    ")),
        };
        edits.push(source.spot.insert(&[operator]));
    }
    edits.sort_by_key(|edit| edit.span);
    let edited = apply(ask.text, &edits).ok()?;
    let (_, there_plan) = resolve_text(&edited, there, ask.now);
    let (_, here_plan) = resolve_text(&edited, ask.here, ask.now);
    let same = here_plan.is_some_and(|plan| plan.columns() == ask.plan.columns());
    let names: Vec<&str> = lacks.iter().map(|lack| lack.name.as_str()).collect();
    (there_plan.is_some() && same).then(|| Suggestion {
        words: format!(
            "Use {} only where the table has {}",
            names.join(", "),
            if names.len() == 1 { "it" } else { "them" }
        ),
        edits,
    })
}

/// `column_ifexists("BytesSent", long(null))`.
fn if_exists(name: &str, ty: ColumnType) -> String {
    let default = match ty {
        ColumnType::String => "\"\"".to_owned(),
        ty => format!("{}(null)", ty.name()),
    };
    format!("column_ifexists({}, {default})", literal::string(name))
}

/// The beginning of a pipeline whose rows come from tables.
struct Source<'d> {
    /// The pipeline.
    pipeline: Span,
    /// Where the beginning ends.
    at: u32,
    spot: Spot,
    tables: Vec<&'d str>,
}

fn sources<'d>(ask: &Ask<'d>) -> Vec<Source<'d>> {
    let mut found = Vec::new();
    for statement in &ask.document.statements {
        match &statement.kind {
            StatementKind::Let { value, .. } => collect(value, ask, &mut found),
            StatementKind::Query(expr) => collect(expr, ask, &mut found),
            _ => {}
        }
    }
    found
}

fn collect<'d>(expr: &'d Expr, ask: &Ask<'d>, found: &mut Vec<Source<'d>>) {
    if let ExprKind::Pipeline { .. } = &expr.kind
        && let Some(pipeline) = written(expr)
        && let Some((index, tables)) = beginning(&pipeline, ask.document)
        && let Some(spot) = spot(&pipeline, index, ask.text)
    {
        let end = match index {
            0 => pipeline.source.map_or(expr.span.start, |source| source.span.end),
            _ => pipeline.operators[index - 1].span.end,
        };
        found.push(Source { pipeline: expr.span, at: end, spot, tables });
    }
    if let ExprKind::Function { body, .. } = &expr.kind {
        for statement in &body.statements {
            if let StatementKind::Let { value: inner, .. } | StatementKind::Query(inner) = &statement.kind {
                collect(inner, ask, found);
            }
        }
    }
    kql_syntax::walk::children(expr, &mut |child| collect(child, ask, found));
}

/// The operator before which the rows of the tables that a pipeline begins with flow, and those tables: behind the
/// table's name, or behind the union that it begins with.
fn beginning<'d>(pipeline: &Written<'d>, document: &'d Document) -> Option<(usize, Vec<&'d str>)> {
    match (pipeline.source, pipeline.operators.first().map(|o| &o.kind)) {
        (None, Some(OperatorKind::Union(legs))) => {
            Some((1, legs.iter().flat_map(|leg| table_of(leg, document)).collect()))
        }
        (Some(source), _) => Some((0, table_of(source, document))),
        _ => None,
    }
    .filter(|(_, tables)| !tables.is_empty())
}

/// The tables that a name or a pipeline's beginning stands for; a `let` is followed to what it begins with.
fn table_of<'d>(expr: &'d Expr, document: &'d Document) -> Vec<&'d str> {
    let mut at = expr;
    for _ in 0..100 {
        let Some(pipeline) = written(at) else { return Vec::new() };
        let Some(source) = pipeline.source else {
            let Some(OperatorKind::Union(legs)) = pipeline.operators.first().map(|o| &o.kind) else {
                return Vec::new();
            };
            return legs
                .iter()
                .filter_map(|leg| match &leg.kind {
                    ExprKind::Name(name) => Some(&*name.text),
                    _ => None,
                })
                .collect();
        };
        let ExprKind::Name(name) = &source.kind else {
            at = source;
            continue;
        };
        let bound = document.statements.iter().rev().find_map(|statement| match &statement.kind {
            StatementKind::Let { name: own, value }
                if own.text == name.text && statement.span.end <= expr.span.start =>
            {
                Some(value)
            }
            _ => None,
        });
        match bound {
            Some(value) => at = value,
            None => return vec![&name.text],
        }
    }
    Vec::new()
}
