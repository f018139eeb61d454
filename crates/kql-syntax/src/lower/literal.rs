//! Literals: their type by their form, and their text.

use super::{child, name_of, span, tokens};
use crate::ast::{DynamicExpr, DynamicKind, Literal, LiteralKind};
use crate::lexer::unescape;
use crate::{SyntaxKind, SyntaxNode, SyntaxToken};
use std::sync::Arc;

/// The literal whose token or tokens a node holds; a minus before it is part of its text.
pub(super) fn literal(node: &SyntaxNode) -> Option<Literal> {
    let mut tokens = tokens(node).peekable();
    let minus = tokens.next_if(|token| token.kind() == SyntaxKind::Minus).is_some();
    let first = tokens.next()?;
    if first.kind() == SyntaxKind::Text {
        let mut text = unescape(first.text());
        for token in tokens {
            text.push_str(&unescape(token.text()));
        }
        return Some(Literal { kind: LiteralKind::String, text: text.into() });
    }
    let mut found = scalar(&first)?;
    if minus {
        found.text = format!("-{}", found.text).into();
    }
    Some(found)
}

fn scalar(token: &SyntaxToken) -> Option<Literal> {
    let text = token.text();
    let kind = match token.kind() {
        SyntaxKind::Long => LiteralKind::Long,
        SyntaxKind::Real => LiteralKind::Real,
        SyntaxKind::TimeSpan => LiteralKind::TimeSpan,
        SyntaxKind::Bool => LiteralKind::Bool,
        SyntaxKind::RawGuid => LiteralKind::Guid,
        SyntaxKind::Typed => return typed(text),
        _ => return None,
    };
    Some(Literal { kind, text: Arc::from(text) })
}

/// `datetime(…)` and its kin: the type by the word, the value by what stands between the parentheses.
fn typed(text: &str) -> Option<Literal> {
    let (word, inside) = text.split_once('(')?;
    let kind = match word {
        "bool" => LiteralKind::Bool,
        "int" | "int32" => LiteralKind::Int,
        "long" | "int64" => LiteralKind::Long,
        "real" | "double" => LiteralKind::Real,
        "decimal" => LiteralKind::Decimal,
        "datetime" | "date" => LiteralKind::DateTime,
        "timespan" | "time" => LiteralKind::TimeSpan,
        "guid" => LiteralKind::Guid,
        _ => return None,
    };
    let value = inside.strip_suffix(')').unwrap_or(inside).trim();
    Some(Literal { kind, text: Arc::from(value) })
}

/// `dynamic(value)`.
pub(super) fn dynamic_literal(node: &SyntaxNode) -> Literal {
    let text = node.text().to_string();
    let inside = text.split_once('(').map_or("", |(_, inside)| inside);
    let inside = inside.strip_suffix(')').unwrap_or(inside).trim();
    Literal { kind: LiteralKind::Dynamic(dynamic_inside(node)), text: Arc::from(inside) }
}

/// The value of a node whose child it is.
fn dynamic_inside(node: &SyntaxNode) -> DynamicExpr {
    node.children()
        .find_map(|child| dynamic(&child))
        .unwrap_or(DynamicExpr { kind: DynamicKind::Null, span: span(node) })
}

fn dynamic(node: &SyntaxNode) -> Option<DynamicExpr> {
    let kind = match node.kind() {
        SyntaxKind::DynamicNull => DynamicKind::Null,
        SyntaxKind::DynamicScalar => DynamicKind::Scalar(Box::new(literal(node)?)),
        SyntaxKind::DynamicArray => DynamicKind::Array(node.children().filter_map(|item| dynamic(&item)).collect()),
        SyntaxKind::DynamicBag => {
            let pairs = node.children().filter(|child| child.kind() == SyntaxKind::DynamicPair);
            DynamicKind::Bag(
                pairs
                    .filter_map(|pair| Some((name_of(&child(&pair, SyntaxKind::Name)?), dynamic_inside(&pair))))
                    .collect(),
            )
        }
        // `dynamic(dynamic(1))` is what stands inside.
        SyntaxKind::DynamicExpr => return Some(dynamic_inside(node)),
        _ => return None,
    };
    Some(DynamicExpr { kind, span: span(node) })
}
