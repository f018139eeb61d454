//! Edits of the query that would let a row pass a condition that it failed, the smallest first.

use crate::near::terms;
use crate::phrases;
use crate::signals::one_line;
use event_table::{ColumnType, DateTime, TICKS_PER_SECOND, Value};
use kql_engine::explain::Explanation;
use kql_engine::expr::{Expr, ExprKind, TextTest};
use kql_engine::plan::PlanColumn;
use kql_engine::scalar::{Comparison, convert};
use kql_engine::text::{Matcher, Quantifier};
use kql_syntax::edit::{TextEdit, add_item, remove_condition, remove_item, set_scalar};
use kql_syntax::literals::{Item, Literal, LiteralValue, Scalar};
use kql_syntax::{Parse, Span};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// An edit that is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// What it does, in words.
    pub words: String,
    /// The edits of the text.
    pub edits: Vec<TextEdit>,
}

/// Endings of file names that are no part of a program's name.
const EXTENSIONS: [&str; 7] = ["exe", "dll", "cmd", "bat", "ps1", "py", "jar"];

/// Edits that would let the cell of a column pass a condition. The query comes parsed, with its literals, and as text;
/// the column by its position in the condition's columns.
pub(crate) fn suggestions(
    (parsed, all_literals, text): (&Parse, &[Literal], &str),
    condition: Span,
    expr: &Expr,
    columns: &[PlanColumn],
    column: Option<usize>,
    explained: &Explanation,
    now: DateTime,
) -> Vec<Suggestion> {
    let cell = explained.cells.iter().find(|cell| Some(cell.column) == column);
    let value = cell.map_or("", |cell| &cell.text);
    let name_of = |column: usize| columns.get(column).map_or("", |column| &column.name);
    let no_value = explained.cells.iter().all(|cell| cell.missing);
    let passing = |ty: ColumnType| test_of(column.map_or("", name_of), ty, value, no_value);
    let inside = |literal: &Literal| {
        literal.uses.iter().any(|u| condition.start <= u.predicate.start && u.predicate.end <= condition.end)
    };
    let related: Vec<&Literal> = all_literals.iter().filter(|literal| inside(literal)).collect();
    let mut found = Vec::new();
    if let ExprKind::Compare(op, left, right) = &expr.kind
        && let (ExprKind::Column(_), ExprKind::Constant(_)) = (&left.kind, &right.kind)
        && *op != Comparison::NotEqual
    {
        found.extend(bound(parsed, &related, *op, left.ty, value, now));
        if found.is_empty() {
            found.extend(passing(left.ty).map(|test| alternative(expr, text, condition, test)));
        }
        return found;
    }
    // What keeps an exclusion from letting the row through is a literal that matched.
    if negated(expr) {
        for literal in &related {
            if let LiteralValue::List { items, .. } = &literal.value {
                for item in items {
                    let Scalar::String(item_text) = &item.value else { continue };
                    let matched = explained.cells.iter().any(|c| c.matched.iter().any(|m| *m.literal == **item_text));
                    if matched && let Ok(edits) = remove_item(parsed, literal.span, item.span) {
                        found.push(Suggestion {
                            words: format!("Take '{item_text}' out of {}", list_name(literal)),
                            edits,
                        });
                    }
                }
            }
        }
        // An exclusion by several columns keeps its sense when it spares this row's value of the last of them, and one
        // by any when it spares rows without a value.
        if let Some(last) = explained.cells.last().filter(|last| last.missing || explained.cells.len() > 1) {
            let spared = test_of(name_of(last.column), type_of(expr, last.column), &last.text, last.missing);
            found.extend(spared.map(|test| alternative(expr, text, condition, test)));
        }
        if let Ok(edits) = remove_condition(parsed, condition) {
            found.push(Suggestion { words: format!("Take out `{}`", shortened(condition.of(text))), edits });
        }
        return found;
    }
    let candidates = candidates(value, explained);
    for literal in &related {
        if let LiteralValue::List { items, .. } = &literal.value {
            let pieces = match &expr.kind {
                ExprKind::Text(test) => pieces(value, items, test),
                _ => Vec::new(),
            };
            let others = candidates.iter().filter(|text| pieces.iter().all(|piece| !piece.eq_ignore_ascii_case(text)));
            for candidate in pieces.iter().chain(others) {
                if let Ok(edits) = add_item(parsed, literal.span, &Scalar::String(candidate.clone())) {
                    found.push(Suggestion { words: format!("Add '{candidate}' to {}", list_name(literal)), edits });
                }
            }
        }
    }
    let swallowed = explained.cells.iter().any(|cell| !cell.swallowed.is_empty());
    if swallowed && let Some(suggestion) = looser(text, condition) {
        found.push(suggestion);
    }
    let ty = explained.cells.first().map_or(ColumnType::String, |cell| type_of(expr, cell.column));
    found.extend(passing(ty).map(|test| alternative(expr, text, condition, test)));
    found
}

/// A condition on one line, as much of it as a button can say.
fn shortened(condition: &str) -> String {
    const LONGEST: usize = 60;
    let line = one_line(condition);
    if line.chars().count() <= LONGEST {
        return line;
    }
    line.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// The type of a column that an expression reads.
fn type_of(expr: &Expr, column: usize) -> ColumnType {
    let mut ty = ColumnType::String;
    expr.visit(&mut |x| {
        if matches!(x.kind, ExprKind::Column(index) if index == column) {
            ty = x.ty;
        }
    });
    ty
}

/// A test of a column that the value passes; of a row without a value, that it has none. None when the value is too
/// long to be named.
fn test_of(column: &str, ty: ColumnType, value: &str, missing: bool) -> Option<String> {
    if column.is_empty() {
        return None;
    }
    let name = quoted_name(column);
    if missing {
        return Some(format!("{}({name})", if ty == ColumnType::String { "isempty" } else { "isnull" }));
    }
    if value.is_empty() || value.len() > 200 {
        return None;
    }
    match ty {
        ColumnType::String => Some(format!("{name} =~ {}", crate::export::literal::string(value))),
        ColumnType::Bool => Some(format!("{name} == {value}")),
        ColumnType::Int | ColumnType::Long | ColumnType::Real if value.ends_with(|c: char| c.is_ascii_digit()) => {
            Some(format!("{name} == {value}"))
        }
        ColumnType::DateTime => Some(format!("{name} == datetime({value})")),
        _ => None,
    }
}

fn list_name(literal: &Literal) -> String {
    match (&literal.name, literal.uses.first()) {
        (Some(name), _) => name.clone(),
        (None, Some(used)) => format!("the list of {}", used.subject),
        (None, None) => "the list".to_owned(),
    }
}

/// A new bound that the value just passes.
fn bound(
    parsed: &Parse,
    related: &[&Literal],
    op: Comparison,
    ty: ColumnType,
    value: &str,
    now: DateTime,
) -> Option<Suggestion> {
    let cell = convert::to_type(&Value::string(value), ty);
    for literal in related {
        let LiteralValue::Scalar(scalar) = &literal.value else { continue };
        let (wanted, words) = match (scalar, &cell) {
            (Scalar::Number(_), Value::Int(_) | Value::Long(_)) => {
                let number = convert::to_long(&cell)?;
                let wanted = match op {
                    Comparison::Greater => number.checked_sub(1)?,
                    Comparison::Less => number.checked_add(1)?,
                    _ => number,
                };
                (Scalar::Number(wanted.to_string()), format!("Set {} to {wanted}", scalar_name(literal)))
            }
            (Scalar::Number(_), Value::Real(number)) => {
                let wanted = match op {
                    Comparison::Greater => number - number.abs().max(1.0) * 1e-6,
                    Comparison::Less => number + number.abs().max(1.0) * 1e-6,
                    _ => *number,
                };
                (Scalar::Number(format!("{wanted:?}")), format!("Set {} to {wanted}", scalar_name(literal)))
            }
            // A look-back: so many whole hours that the row lies within them.
            (Scalar::TimeSpan(_), Value::DateTime(at))
                if matches!(op, Comparison::Greater | Comparison::GreaterOrEqual) =>
            {
                let hour = 3600 * TICKS_PER_SECOND;
                let hours = now.since(*at).ticks() / hour + 1;
                if hours <= 0 {
                    continue;
                }
                let wanted = if hours % 24 == 0 { format!("{}d", hours / 24) } else { format!("{hours}h") };
                (Scalar::TimeSpan(wanted.clone()), format!("Set {} to {wanted}", scalar_name(literal)))
            }
            _ => continue,
        };
        if let Ok(edits) = set_scalar(parsed, literal.span, &wanted) {
            return Some(Suggestion { words, edits });
        }
    }
    None
}

fn scalar_name(literal: &Literal) -> String {
    literal.name.clone().unwrap_or_else(|| literal.uses.first().map_or("the bound", |u| &u.subject).to_owned())
}

/// Whether a condition holds when something is *not* found.
fn negated(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Not(_) => true,
        ExprKind::Text(test) => test.negated,
        ExprKind::In(test) => test.negated,
        ExprKind::Compare(op, ..) => *op == Comparison::NotEqual,
        // An exclusion as its rewriting: neither this nor that.
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().all(negated),
        _ => false,
    }
}

/// Literals that would find the value: the longer terms that swallowed one of the present literals, the host of an
/// address, the name of a program.
fn candidates(value: &str, explained: &Explanation) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut add = |text: &str| {
        let text = text.to_lowercase();
        if !text.is_empty() && !found.contains(&text) {
            found.push(text);
        }
    };
    for cell in &explained.cells {
        for swallowed in &cell.swallowed {
            // Of `notgithub.com` the whole host, of `python3` the term: what stands between blanks and slashes.
            let start = cell.text[..swallowed.term.start].rfind(separates).map_or(0, |at| at + 1);
            let end =
                cell.text[swallowed.term.end..].find(separates).map_or(cell.text.len(), |at| swallowed.term.end + at);
            let literal_has_separator = swallowed.literal.chars().any(|c| !kql_engine::text::is_term_char(c));
            let whole = cell.text.get(start..end).unwrap_or("");
            add(if literal_has_separator { whole } else { &cell.text[swallowed.term.clone()] });
        }
    }
    let first = value.split_whitespace().next().unwrap_or("");
    if let Some(host) = phrases::host_of(first) {
        add(host);
    } else if !value.contains(char::is_whitespace) && value.contains('.') && !value.contains(['\\', '/']) {
        let parts: Vec<&str> = terms(value).collect();
        match parts.last() {
            Some(last) if EXTENSIONS.contains(&last.to_lowercase().as_str()) => {
                add(parts.first().copied().unwrap_or(""))
            }
            _ => add(first),
        }
    } else if terms(value).count() == 1 {
        add(terms(value).next().unwrap_or(""));
    }
    found.truncate(3);
    found
}

/// Pieces of a value that a list of texts lacks: of a list of hosts the hosts in it, else what says in another way what an
/// item says. With each the value passes.
fn pieces(value: &str, items: &[Item], test: &TextTest) -> Vec<String> {
    const MOST: usize = 2;
    let texts =
        || items.iter().filter_map(|item| if let Scalar::String(text) = &item.value { Some(&**text) } else { None });
    let hosts = texts().filter(|text| phrases::is_host(text)).count();
    let mut found: Vec<&str> = Vec::new();
    if hosts * 2 > texts().count() {
        found.extend(phrases::hosts(value));
    } else {
        for piece in texts().filter_map(|text| phrases::like(value, text)) {
            if !found.contains(&piece) {
                found.push(piece);
            }
        }
    }
    let passes = |piece: &&str| {
        let literals = vec![Arc::from(*piece)];
        Matcher::new(test.mode, Quantifier::Any, test.case_sensitive, literals)
            .is_ok_and(|matcher| matcher.matches(value))
    };
    found.into_iter().filter(passes).take(MOST).map(str::to_owned).collect()
}

fn separates(c: char) -> bool {
    c.is_whitespace() || matches!(c, '/' | '\\' | '"' | '\'' | '@' | '=' | ',' | ';' | '(' | ')')
}

/// `contains` for `has`, where the words stand in the condition.
fn looser(text: &str, condition: Span) -> Option<Suggestion> {
    let words = condition.of(text);
    for (from, to) in [
        (" has ", " contains "),
        (" has_cs ", " contains_cs "),
        (" hasprefix ", " contains "),
        (" hassuffix ", " contains "),
    ] {
        if let Some(at) = words.find(from) {
            let start = condition.start + at as u32 + 1;
            let span = Span::new(start, start + from.trim().len() as u32);
            return Some(Suggestion {
                words: format!("Use {} for {}", to.trim(), from.trim()),
                edits: vec![TextEdit { span, insert: to.trim().to_owned() }],
            });
        }
    }
    None
}

/// `… or Column =~ "value"` beside the condition: a test that the row passes.
fn alternative(expr: &Expr, text: &str, condition: Span, test: String) -> Suggestion {
    let end = Span::new(condition.end, condition.end);
    let words = format!("Or {test}");
    let already_or = matches!(expr.kind, ExprKind::Or(_)) && !condition.of(text).starts_with('(');
    if already_or {
        return Suggestion { words, edits: vec![TextEdit { span: end, insert: format!(" or {test}") }] };
    }
    let start = Span::new(condition.start, condition.start);
    Suggestion {
        words,
        edits: vec![
            TextEdit { span: start, insert: "(".to_owned() },
            TextEdit { span: end, insert: format!(" or {test})") },
        ],
    }
}

/// A column's name as it must be written in a query.
pub(crate) fn quoted_name(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { name.to_owned() } else { format!("['{}']", name.replace('\\', "\\\\").replace('\'', "\\'")) }
}

/// Edits that would let a row through a signal: for each condition that it fails the first that helps, all together.
pub(crate) fn together(parts: Vec<Suggestion>) -> Option<Suggestion> {
    let words = parts.iter().map(|part| part.words.as_str()).collect::<Vec<_>>().join("; ");
    let mut edits: Vec<TextEdit> = parts.into_iter().flat_map(|part| part.edits).collect();
    edits.sort_by_key(|edit| (edit.span, edit.insert.clone()));
    edits.dedup();
    let apart = edits.windows(2).all(|pair| pair[0].span.end <= pair[1].span.start && pair[0].span != pair[1].span);
    (apart && !edits.is_empty()).then_some(Suggestion { words, edits })
}
