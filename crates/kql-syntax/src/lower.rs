//! The lossless tree to [`ast`].
//!
//! Lowering never fails: what the tree lacks becomes [`ExprKind::Error`] or `OperatorKind::Error`, and the
//! parse has a diagnostic for it.

mod expression;
mod literal;
mod operator;
mod statement;

use crate::SyntaxKind::{self, *};
use crate::ast::{self, Expr, ExprKind};
use crate::lexer::unescape;
use crate::{Span, SyntaxElement, SyntaxNode, SyntaxToken};
use std::sync::Arc;

pub(crate) use statement::document;

/// Where a node stands.
pub(crate) fn span(node: &SyntaxNode) -> Span {
    let range = node.text_range();
    Span::new(range.start().into(), range.end().into())
}

/// Where a token stands.
pub(crate) fn token_span(token: &SyntaxToken) -> Span {
    let range = token.text_range();
    Span::new(range.start().into(), range.end().into())
}

fn child(node: &SyntaxNode, kind: SyntaxKind) -> Option<SyntaxNode> {
    node.children().find(|child| child.kind() == kind)
}

/// The tokens that carry meaning, in order.
fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> {
    node.children_with_tokens().filter_map(SyntaxElement::into_token).filter(|token| !token.kind().is_trivia())
}

fn has_token(node: &SyntaxNode, kind: SyntaxKind) -> bool {
    tokens(node).any(|token| token.kind() == kind)
}

/// The name that a node's own tokens spell: a word, the text inside `['…']`, or parts with `*` or dots.
fn name_of(node: &SyntaxNode) -> ast::Name {
    let mut text = String::new();
    for token in tokens(node) {
        match token.kind() {
            LBracket | RBracket => {}
            SyntaxKind::Text => text.push_str(&unescape(token.text())),
            _ => text.push_str(token.text()),
        }
    }
    ast::Name { text: text.into(), span: span(node) }
}

/// The first [`Name`] child, or an empty name at the node's end.
fn name_in(node: &SyntaxNode) -> ast::Name {
    child(node, Name).map_or_else(|| missing_name(node), |name| name_of(&name))
}

fn missing_name(node: &SyntaxNode) -> ast::Name {
    let end = span(node).end;
    ast::Name { text: Arc::from(""), span: Span::new(end, end) }
}

/// An expression that could not be parsed, at a node's end.
fn missing(node: &SyntaxNode) -> Expr {
    let end = span(node).end;
    Expr { kind: ExprKind::Error, span: Span::new(end, end) }
}
