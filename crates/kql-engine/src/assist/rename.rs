//! Another name for something that the query names itself.
//!
//! What refers to a name is what resolution found: columns that hide a `let`, inner names that hide outer ones and the
//! parameters of functions are told apart as they are when the query runs. The renamed text is resolved again, and
//! only one that does the same is given: a name that would be taken for something else is refused.

use super::named_items::unnamed_items;
use crate::facts::{self, FunctionKind};
use crate::resolve::{Resolution, resolve};
use event_table::{DateTime, TableSet};
use kql_syntax::edit::{self, TextEdit, apply};
use kql_syntax::{Parse, Severity, Span, SyntaxElement, SyntaxKind, parse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;

/// A name that the query declares: by `let`, as a parameter, or by `as`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnName {
    /// The name.
    pub name: String,
    /// Where it is declared.
    pub declared: Span,
    /// Where it is used, in order.
    pub uses: Vec<Span>,
}

/// Why a name cannot be another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RenameError {
    /// The query has an error: what its names stand for is not certain.
    Mistake,
    /// No name is declared at the place.
    NotThere,
    /// The text cannot be a name.
    NotAName,
    /// Something else of that name would be meant; what, in words.
    Taken(String),
    /// The name is found by a pattern or a text; where, in words.
    Indirect(String),
    /// The result has the name in it.
    InResult,
    /// The query would mean something else.
    Differs,
}

impl fmt::Display for RenameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistake => f.write_str("The query has a mistake, which has to be mended first."),
            Self::NotThere => f.write_str("No name of the query's own is declared there any more."),
            Self::NotAName => f.write_str("A name has at least one visible character, and no line break."),
            Self::Taken(words) | Self::Indirect(words) => f.write_str(words),
            Self::InResult => {
                f.write_str("The result has this name in it. Give its column a name of its own there, then rename.")
            }
            Self::Differs => f.write_str("With this name the query would mean something else."),
        }
    }
}

impl std::error::Error for RenameError {}

/// The names that a query declares, in the order of their declarations; `None` while it has an error.
#[must_use]
pub fn own_names(text: &str, tables: &TableSet, now: DateTime) -> Option<Vec<OwnName>> {
    let read = Read::new(text, tables, now);
    if read.has_errors() {
        return None;
    }
    let names = &read.resolution.own_names;
    let own = |(declared, name): (&Span, &std::sync::Arc<str>)| OwnName {
        name: name.to_string(),
        declared: *declared,
        uses: names.uses_of(*declared).collect(),
    };
    Some(names.declared.iter().map(own).collect())
}

/// The changes that give another name to what is declared at a place, wherever it is used.
///
/// # Errors
/// When the text cannot be a name, or the query would not do the same as before.
pub fn rename(
    text: &str,
    tables: &TableSet,
    now: DateTime,
    declared: Span,
    to: &str,
) -> Result<Vec<TextEdit>, RenameError> {
    let before = Read::new(text, tables, now);
    if before.has_errors() {
        return Err(RenameError::Mistake);
    }
    let names = &before.resolution.own_names;
    let old = names.declared.get(&declared).ok_or(RenameError::NotThere)?.clone();
    if to.trim().is_empty() || to.chars().any(char::is_control) {
        return Err(RenameError::NotAName);
    }
    if to == &*old {
        return Ok(Vec::new());
    }
    let places: BTreeSet<Span> = names.uses_of(declared).chain([declared]).collect();
    let mut edits = Vec::new();
    for place in &places {
        let Some(insert) = written(place.of(text), &old, to) else {
            let line = line_of(text, *place);
            return Err(RenameError::Indirect(format!(
                "In line {line} it is found by a pattern or a computed text, which renaming does not reach."
            )));
        };
        edits.push(TextEdit { span: *place, insert });
    }
    if let Some(place) = before.unresolved_mention(&old) {
        let line = line_of(text, place);
        return Err(RenameError::Indirect(format!(
            "In line {line} '{old}' stands in a part that is not run here, where it may be this name or another."
        )));
    }
    if before.is_kept(text, &edits, tables, now) == Ok(()) {
        return Ok(edits);
    }
    // A column that had its name from this one keeps it.
    let mut named = edits.clone();
    for (item, own) in unnamed_items(&before.parsed.document()) {
        if own.contains(&*old) && places.iter().any(|place| item.start <= place.start && place.end <= item.end) {
            let place = Span::new(item.start, item.start);
            named.push(TextEdit { span: place, insert: format!("{} = ", edit::name(&own)) });
        }
    }
    named.sort_by_key(|edit| edit.span);
    match before.is_kept(text, &named, tables, now) {
        Ok(()) => Ok(named),
        Err(Change::Meaning) => Err(before.why_not(text, tables, declared, to)),
        Err(Change::Plan) => Err(RenameError::InResult),
    }
}

/// What a change of the text changed.
#[derive(PartialEq)]
enum Change {
    /// What some name stands for, or whether the query is right.
    Meaning,
    /// What is done, with all names standing for the same.
    Plan,
}

/// A query that was read.
struct Read {
    parsed: Parse,
    resolution: Resolution,
}

impl Read {
    fn new(text: &str, tables: &TableSet, now: DateTime) -> Self {
        let parsed = parse(text);
        let resolution = resolve(&parsed.document(), tables, now);
        Self { parsed, resolution }
    }

    fn has_errors(&self) -> bool {
        let mut found = self.parsed.diagnostics().iter().chain(&self.resolution.diagnostics);
        found.any(|finding| finding.severity == Severity::Error)
    }

    /// A place where a name stands in a part of the text that was not resolved.
    fn unresolved_mention(&self, name: &str) -> Option<Span> {
        let names = &self.resolution.own_names;
        let known: BTreeSet<Span> =
            names.uses.iter().map(|(_, used)| *used).chain(names.declared.keys().copied()).collect();
        let parts: Vec<Span> = names.unresolved().collect();
        if parts.is_empty() {
            return None;
        }
        let tokens = self.parsed.syntax().descendants_with_tokens().filter_map(SyntaxElement::into_token);
        let mentions = tokens.filter(|token| {
            matches!(token.kind(), SyntaxKind::Word | SyntaxKind::Text)
                && token.text().trim_matches(['\'', '"', '@']) == name
        });
        let places =
            mentions.map(|token| Span::new(token.text_range().start().into(), token.text_range().end().into()));
        let inside = |place: Span, part: &Span| part.start <= place.start && place.end <= part.end;
        // A name in brackets is known by a place that is wider than its text.
        let is_known = |place: Span| known.iter().any(|known| inside(place, known));
        places.into_iter().find(|place| parts.iter().any(|part| inside(*place, part)) && !is_known(*place))
    }

    /// Whether the query does the same after some edits, each of its names standing for what it stood for.
    fn is_kept(&self, text: &str, edits: &[TextEdit], tables: &TableSet, now: DateTime) -> Result<(), Change> {
        let Ok(changed) = apply(text, edits) else { return Err(Change::Meaning) };
        let after = Read::new(&changed, tables, now);
        if after.has_errors() {
            return Err(Change::Meaning);
        }
        let moved = |at: u32| {
            let before = edits.iter().filter(|edit| edit.span.end <= at);
            before.fold(i64::from(at), |at, edit| at + edit.insert.len() as i64 - i64::from(edit.span.len()))
        };
        let moved = |span: Span| (moved(span.start), moved(span.end));
        let here = |span: Span| (i64::from(span.start), i64::from(span.end));
        let (old, new) = (&self.resolution.own_names, &after.resolution.own_names);
        let uses: BTreeSet<_> = old.uses.iter().map(|(of, used)| (moved(*of), moved(*used))).collect();
        let uses_after: BTreeSet<_> = new.uses.iter().map(|(of, used)| (here(*of), here(*used))).collect();
        let declared: BTreeSet<_> = old.declared.keys().map(|span| moved(*span)).collect();
        let declared_after: BTreeSet<_> = new.declared.keys().map(|span| here(*span)).collect();
        if uses != uses_after || declared != declared_after {
            return Err(Change::Meaning);
        }
        let print = |resolution: &Resolution| resolution.plan.as_ref().map(crate::plan::Plan::fingerprint);
        if print(&self.resolution) == print(&after.resolution) { Ok(()) } else { Err(Change::Plan) }
    }

    /// Why a name cannot be taken, once it is known that it cannot.
    fn why_not(&self, text: &str, tables: &TableSet, declared: Span, to: &str) -> RenameError {
        let names = &self.resolution.own_names;
        let other = names.declared.iter().find(|(place, name)| ***name == *to && **place != declared);
        let is_column = self.resolution.scopes.iter().any(|scope| scope.columns.iter().any(|c| *c.name == *to));
        let is_function =
            [FunctionKind::Scalar, FunctionKind::Aggregate].into_iter().any(|kind| facts::find(to, kind).is_some());
        RenameError::Taken(if let Some((place, _)) = other {
            format!("'{to}' is already a name of this query, declared in line {}.", line_of(text, *place))
        } else if is_column {
            format!("'{to}' is also a column where the name is used, and the column would be meant.")
        } else if tables.schema(to).is_some() {
            format!("'{to}' is a table that the query reads.")
        } else if is_function {
            format!("'{to}' is a function of the language that the query calls.")
        } else if edit::name(to).starts_with('[') && names.uses_of(declared).any(|place| is_called(text, place)) {
            "A function is called by a plain word: letters, digits and `_`.".into()
        } else {
            return RenameError::Differs;
        })
    }
}

/// A name in the form that it has in the text; `None` when the text does not spell the old name out.
fn written(text: &str, old: &str, to: &str) -> Option<String> {
    if text == old || text.starts_with('[') {
        return Some(edit::name(to));
    }
    // `table('Name')`.
    let quoted = text.trim_start_matches(['h', 'H', '@']).strip_prefix(['\'', '"'])?;
    (quoted.strip_suffix(['\'', '"']) == Some(old)).then(|| edit::string(to))
}

/// Whether arguments follow a name.
fn is_called(text: &str, place: Span) -> bool {
    text.get(place.end as usize..).is_some_and(|after| after.trim_start().starts_with('('))
}

fn line_of(text: &str, place: Span) -> usize {
    text.get(..place.start as usize).map_or(0, |before| before.matches('\n').count()) + 1
}
