//! Where new lines of a query can stand, in the layout that the text has: after the union of the signals, and behind
//! the conditions of one signal.

use crate::signals::signal_name;
use kql_engine::plan::{Leg, Plan};
use kql_engine::resolve::{Resolution, ResultColumn};
use kql_syntax::Span;
use kql_syntax::ast::{Document, Expr, ExprKind, Operator, OperatorKind, Statement, StatementKind};
use kql_syntax::edit::TextEdit;

/// A position between two operators of a pipeline, and what parts operators there.
#[derive(Clone, Debug)]
pub(crate) struct Spot {
    at: u32,
    lead: String,
}

impl Spot {
    /// An edit that puts operators there, each on a line of its own where the text has lines. A pipe is put before
    /// each; an operator's own lines go as deep as it stands.
    pub(crate) fn insert(&self, operators: &[String]) -> TextEdit {
        let one = |operator: &String| {
            let lines = if self.lead == " " { operator.replace('\n', " ") } else { operator.replace('\n', &self.lead) };
            format!("{}| {lines}", self.lead)
        };
        TextEdit { span: Span::new(self.at, self.at), insert: operators.iter().map(one).collect() }
    }
}

/// A spot for conditions.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    spot: Spot,
    /// The columns that flow through it.
    pub(crate) columns: Vec<ResultColumn>,
    /// The signal that it belongs to, by position; none where the rows of all of them flow together.
    pub(crate) leg: Option<usize>,
    /// Where it is, in words.
    pub(crate) words: String,
}

impl Place {
    /// An edit that puts operators there.
    pub(crate) fn insert(&self, operators: &[String]) -> TextEdit {
        self.spot.insert(operators)
    }
}

/// A pipeline as it is written: what it begins with, and its operators.
pub(crate) struct Written<'d> {
    pub(crate) source: Option<&'d Expr>,
    pub(crate) operators: &'d [Operator],
}

/// A pipeline without the parentheses around it. A table's name alone is a pipeline without operators.
pub(crate) fn written(expr: &Expr) -> Option<Written<'_>> {
    match &expr.kind {
        ExprKind::Paren(inner) => written(inner),
        ExprKind::Pipeline { source, operators } => Some(Written { source: source.as_deref(), operators }),
        ExprKind::Name(_) => Some(Written { source: Some(expr), operators: &[] }),
        _ => None,
    }
}

/// The last query of a text.
pub(crate) fn final_query(document: &Document) -> Option<&Expr> {
    document.statements.iter().rev().find_map(|Statement { kind, .. }| match kind {
        StatementKind::Query(expr) => Some(expr),
        _ => None,
    })
}

/// Where the rows of all signals flow together: behind the union, before anything is sorted, counted or cut off.
pub(crate) fn after_union(document: &Document, text: &str, plan: &Plan, resolution: &Resolution) -> Option<Place> {
    let query = written(final_query(document)?)?;
    if plan.legs.len() < 2 {
        return None;
    }
    let at = match (query.source, query.operators.first().map(|o| &o.kind)) {
        (_, Some(OperatorKind::Union(_))) => 1,
        (Some(_), _) => 0,
        (None, _) => return None,
    };
    place(&query, at, text, resolution, None, "after the union".to_owned())
}

/// Behind the conditions of one signal, where its rows still have all columns of their table. `None` where the signal
/// is not written as a table and operators.
pub(crate) fn in_leg(
    document: &Document,
    text: &str,
    plan: &Plan,
    leg: usize,
    resolution: &Resolution,
) -> Option<Place> {
    let found = plan.legs.get(leg)?;
    let pipeline = leg_pipeline(document, found, plan.legs.len())?;
    matches!(pipeline.source?.kind, ExprKind::Name(_)).then_some(())?;
    let conditions = pipeline.operators.iter().take_while(|o| matches!(o.kind, OperatorKind::Where(_))).count();
    let words = format!("in {}", signal_name(plan, found));
    place(&pipeline, conditions, text, resolution, Some(leg), words)
}

/// The pipeline that a signal is.
pub(crate) fn leg_pipeline<'d>(document: &'d Document, leg: &Leg, legs: usize) -> Option<Written<'d>> {
    for statement in &document.statements {
        if let StatementKind::Let { value, .. } = &statement.kind
            && statement.span == leg.span
        {
            return written(value);
        }
    }
    let query = final_query(document)?;
    if legs == 1 {
        return written(query);
    }
    written(at_span(query, leg.span)?)
}

/// The expression that stands exactly at a span.
fn at_span(expr: &Expr, span: Span) -> Option<&Expr> {
    if expr.span == span {
        return Some(expr);
    }
    let mut found = None;
    kql_syntax::walk::children(expr, &mut |child| {
        if found.is_none() && child.span.start <= span.start && span.end <= child.span.end {
            found = at_span(child, span);
        }
    });
    found
}

fn place(
    pipeline: &Written<'_>,
    index: usize,
    text: &str,
    resolution: &Resolution,
    leg: Option<usize>,
    words: String,
) -> Option<Place> {
    let next = pipeline.operators.get(index);
    let columns = match next {
        Some(next) => resolution.scopes.iter().find(|scope| scope.span == next.span)?.columns.to_vec(),
        None => match leg {
            Some(leg) => {
                let plan = resolution.plan.as_ref()?;
                let columns = &plan.node(plan.legs.get(leg)?.node).columns;
                columns.iter().map(|c| ResultColumn { name: c.name.clone(), ty: Some(c.ty) }).collect()
            }
            None => resolution.columns.clone(),
        },
    };
    Some(Place { spot: spot(pipeline, index, text)?, columns, leg, words })
}

/// The spot before an operator of a pipeline, by position; behind the last when there is no such operator.
pub(crate) fn spot(pipeline: &Written<'_>, index: usize, text: &str) -> Option<Spot> {
    let before = match index.checked_sub(1) {
        Some(previous) => pipeline.operators.get(previous)?.span,
        None => pipeline.source?.span,
    };
    let next = pipeline.operators.get(index);
    let pipe_line = next.and_then(|next| pipe_before(text, before.end, next.span.start));
    let lead = match pipe_line {
        Some(Pipe::OwnLine(indent)) => format!("{}{indent}", line_end(text)),
        Some(Pipe::SameLine) => " ".to_owned(),
        None if text.trim().contains('\n') => format!("{}{}", line_end(text), indent_at(text, before, index)),
        None => " ".to_owned(),
    };
    let at = if lead == " " { before.end } else { end_of_line(text, before.end) };
    Some(Spot { at, lead })
}

/// How the next operator's pipe stands.
enum Pipe {
    /// On a line that begins with these blanks.
    OwnLine(String),
    /// On the line of what is before it.
    SameLine,
}

fn pipe_before(text: &str, from: u32, to: u32) -> Option<Pipe> {
    let between = text.get(from as usize..to as usize)?;
    let pipe = between.rfind('|')?;
    Some(match between[..pipe].rfind('\n') {
        Some(line) if between[line + 1..pipe].chars().all(char::is_whitespace) => {
            Pipe::OwnLine(between[line + 1..pipe].to_owned())
        }
        _ => Pipe::SameLine,
    })
}

/// The blanks that the line of a span begins with; after a source a pipe is as deep as the source.
fn indent_at(text: &str, span: Span, index: usize) -> String {
    let start = text[..span.start as usize].rfind('\n').map_or(0, |at| at + 1);
    let line = &text[start..];
    let indent: String = line.chars().take_while(|c| *c == ' ' || *c == '\t').collect();
    // `let A = T` and nothing else on the line: what follows it goes deeper.
    if index == 0 && !line[indent.len()..].starts_with(span.of(text)) { format!("{indent}    ") } else { indent }
}

/// The end of the line when nothing but a comment stands between it and a position, else the position.
fn end_of_line(text: &str, from: u32) -> u32 {
    let rest = &text[from as usize..];
    let line = rest.split('\n').next().unwrap_or(rest).trim_end_matches('\r');
    let left = line.trim_start();
    if left.is_empty() || left.starts_with("//") { from + line.len() as u32 } else { from }
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::{DateTime, TableSet};
    use kql_engine::resolve::resolve;
    use kql_syntax::edit::apply;
    use kql_syntax::parse;

    fn edited(text: &str, leg: Option<usize>) -> Option<String> {
        let document = parse(text).document();
        let resolution = resolve(&document, &TableSet::new(), DateTime::MIN);
        let plan = resolution.plan.clone().unwrap_or_else(|| panic!("{text}: {:?}", resolution.diagnostics));
        let place = match leg {
            Some(leg) => in_leg(&document, text, &plan, leg, &resolution),
            None => after_union(&document, text, &plan, &resolution),
        }?;
        Some(apply(text, &[place.insert(&["where x".to_owned()])]).unwrap())
    }

    #[test]
    fn a_new_line_stands_in_the_layout_of_the_text() {
        let p = "DeviceProcessEvents";
        let lets =
            format!("let A =\n    {p}\n    | where ProcessId > 1 // why\n    | project Timestamp;\nlet B = {p};\n");
        for (text, leg, expected) in [
            (
                format!("union {p}, {p} | sort by Timestamp"),
                None,
                format!("union {p}, {p} | where x | sort by Timestamp"),
            ),
            (
                format!("union {p}, {p}\n| sort by Timestamp"),
                None,
                format!("union {p}, {p}\n| where x\n| sort by Timestamp"),
            ),
            (
                format!("union {p}, {p} // all\r\n  | take 5\r\n"),
                None,
                format!("union {p}, {p} // all\r\n  | where x\r\n  | take 5\r\n"),
            ),
            (format!("{p}\n| union {p}\n"), None, format!("{p}\n| union {p}\n| where x\n")),
            (format!("union {p}, {p}"), None, format!("union {p}, {p} | where x")),
            (
                format!("{lets}union A, B"),
                Some(0),
                format!("{}union A, B", lets.replace("// why\n", "// why\n    | where x\n")),
            ),
            (
                format!("{lets}union A, B"),
                Some(1),
                format!("{}union A, B", lets.replace(&format!("B = {p}"), &format!("B = {p}\n    | where x"))),
            ),
            (
                format!("{p} | where ProcessId > 1 | count"),
                Some(0),
                format!("{p} | where ProcessId > 1 | where x | count"),
            ),
            (
                format!("union ({p} | where ProcessId > 1), {p}"),
                Some(0),
                format!("union ({p} | where ProcessId > 1 | where x), {p}"),
            ),
        ] {
            assert_eq!(edited(&text, leg), Some(expected), "{text}");
        }
    }

    #[test]
    fn where_no_place_is_certain_there_is_none() {
        assert_eq!(edited("DeviceProcessEvents | take 5", None), None);
        assert_eq!(edited("print x = 1", Some(0)), None);
        let f = "let f = () { DeviceProcessEvents }; union f(), DeviceProcessEvents";
        assert_eq!(edited(f, Some(0)), None);
    }

    #[test]
    fn the_columns_are_those_that_flow_there() {
        let text = crate::rule::TEXT;
        let document = parse(text).document();
        let resolution = resolve(&document, &TableSet::new(), DateTime::MIN);
        let plan = resolution.plan.clone().unwrap();
        let names = |place: &Place| place.columns.iter().map(|c| c.name.to_string()).collect::<Vec<_>>();
        let all = after_union(&document, text, &plan, &resolution).unwrap();
        assert!(names(&all).contains(&"Signal".to_owned()) && !names(&all).contains(&"ProcessCommandLine".to_owned()));
        let push = in_leg(&document, text, &plan, 1, &resolution).unwrap();
        assert!(names(&push).contains(&"ProcessCommandLine".to_owned()));
        assert_eq!(push.words, "in GitPushToExternalRepo");
    }
}
