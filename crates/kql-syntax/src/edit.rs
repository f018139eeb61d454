//! Edits of one literal that leave every other byte of the text alone.
//!
//! The functions take a parsed text and the span of a literal, as [`crate::literals`] gives it, and return
//! [`TextEdit`]s against that text, in order and without overlap; [`apply`] makes the new text.

mod condition;
mod list;
mod render;

use crate::lexer::lex;
use crate::literals::Scalar;
use crate::lower::token_span;
use crate::{Parse, Span, SyntaxKind, SyntaxNode};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use condition::remove_condition;
pub use list::{add_item, remove_item};
pub(crate) use render::quoted;

/// A replacement of a run of the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextEdit {
    /// What is taken out; empty for an insertion.
    pub span: Span,
    /// What is put there.
    pub insert: String,
}

/// Why an edit cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// No literal of the wanted kind stands at the span.
    NoLiteral,
    /// No condition that could go stands at the span.
    NoCondition,
    /// The list has a mistake in it, so that its items are not certain.
    BrokenList,
    /// The value cannot be written as such a literal.
    NotAValue(String),
    /// The edits overlap, or do not fit the text.
    BadEdit,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoLiteral => f.write_str("No such literal stands there any more."),
            Self::NoCondition => f.write_str("No condition that could be taken out stands there."),
            Self::BrokenList => f.write_str("This list has a mistake in it; mend the text first."),
            Self::NotAValue(text) => write!(f, "`{text}` is not a value that can stand here."),
            Self::BadEdit => f.write_str("The change does not fit the text."),
        }
    }
}

impl std::error::Error for EditError {}

/// Replaces a scalar, which may be an item of a list. Its form stays where the new value fits it: the quotes of a text,
/// the word of `int(…)` or `datetime(…)`.
pub fn set_scalar(parse: &Parse, scalar: Span, value: &Scalar) -> Result<Vec<TextEdit>, EditError> {
    let root = parse.syntax();
    let node = node_at(&root, scalar, is_scalar).ok_or(EditError::NoLiteral)?;
    let old = node.text().to_string();
    let new = render::scalar(value, Some(&old), node.kind() == SyntaxKind::DynamicScalar)?;
    Ok(vec![TextEdit { span: scalar, insert: apart(&root, scalar, new) }])
}

/// The text after some edits, which must be in order.
pub fn apply(text: &str, edits: &[TextEdit]) -> Result<String, EditError> {
    let mut out = String::with_capacity(text.len() + edits.iter().map(|edit| edit.insert.len()).sum::<usize>());
    let mut done = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        let kept = text.get(done..start).ok_or(EditError::BadEdit)?;
        if text.get(start..end).is_none() {
            return Err(EditError::BadEdit);
        }
        out.push_str(kept);
        out.push_str(&edit.insert);
        done = end;
    }
    out.push_str(text.get(done..).ok_or(EditError::BadEdit)?);
    Ok(out)
}

/// Deletions in order, those that touch as one.
fn deletions(mut spans: Vec<Span>) -> Vec<TextEdit> {
    spans.retain(|span| !span.is_empty());
    spans.sort();
    let mut merged: Vec<Span> = Vec::new();
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged.into_iter().map(|span| TextEdit { span, insert: String::new() }).collect()
}

/// A name as it stands in a query: bare where the language allows it, otherwise in brackets and quotes.
#[must_use]
pub fn name(text: &str) -> String {
    if is_bare_name(text) { text.to_owned() } else { format!("[{}]", quoted(text, "'")) }
}

/// Whether a name needs no brackets wherever it stands.
fn is_bare_name(text: &str) -> bool {
    let is_word = matches!(lex(text).0.as_slice(), [token] if token.kind == SyntaxKind::Word);
    is_word && crate::parse(&format!("T | project {text} | where {text} == 1")).diagnostics().is_empty()
}

/// A text value as a string literal.
#[must_use]
pub fn string(text: &str) -> String {
    quoted(text, "\"")
}

/// A word in place of some other text, with blanks where it would touch what stands beside it.
pub(crate) fn spaced(text: &str, place: Span, word: &str) -> String {
    let before = text.get(..place.start as usize).and_then(|text| text.chars().next_back());
    let after = text.get(place.end as usize..).and_then(|text| text.chars().next());
    let blank = |beside: Option<char>| if beside.is_none_or(char::is_whitespace) { "" } else { " " };
    format!("{}{word}{}", blank(before), blank(after))
}

/// The outermost node that covers exactly a span and is of a kind.
fn node_at(root: &SyntaxNode, span: Span, wanted: impl Fn(&SyntaxNode) -> bool) -> Option<SyntaxNode> {
    let range = rowan::TextRange::new(span.start.into(), span.end.max(span.start).into());
    if !root.text_range().contains_range(range) {
        return None;
    }
    let element = root.covering_element(range);
    let innermost = element.as_node().cloned().or_else(|| element.parent())?;
    innermost.ancestors().take_while(|node| node.text_range() == range).filter(|node| wanted(node)).last()
}

/// Whether a node is a scalar literal, its sign included.
fn is_scalar(node: &SyntaxNode) -> bool {
    match node.kind() {
        SyntaxKind::LiteralExpr | SyntaxKind::DynamicScalar => true,
        SyntaxKind::UnaryExpr => node.children().all(|child| is_scalar(&child)),
        _ => false,
    }
}

/// A new text for a span, with blanks where it would otherwise grow together with a word beside it.
fn apart(root: &SyntaxNode, span: Span, new: String) -> String {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // The span is a node's, so that tokens end and begin at its ends.
    let left =
        root.token_at_offset(span.start.into()).left_biased().filter(|token| token_span(token).end == span.start);
    let right =
        root.token_at_offset(span.end.into()).right_biased().filter(|token| token_span(token).start == span.end);
    let before = left.and_then(|token| token.text().chars().last());
    let after = right.and_then(|token| token.text().chars().next());
    let joins = |left: Option<char>, right: Option<char>| left.is_some_and(is_name) && right.is_some_and(is_name);
    let lead = if joins(before, new.chars().next()) { " " } else { "" };
    let trail = if joins(new.chars().last(), after) { " " } else { "" };
    format!("{lead}{new}{trail}")
}
