//! Expressions.

use super::literal::{dynamic_literal, literal};
use super::operator::{operators, properties};
use super::statement::{column, columns, function};
use super::{child, missing, name_in, name_of, span, token_span, tokens};
use crate::ast::{Argument, BinaryOp, Expr, ExprKind, InOp, Name, NamedExpr, UnaryOp};
use crate::{Span, SyntaxKind, SyntaxNode, SyntaxToken};

/// The expression that a node is; none when the node is no expression.
pub(super) fn expr(node: &SyntaxNode) -> Option<Expr> {
    let kind = match node.kind() {
        SyntaxKind::NameExpr => ExprKind::Name(name_of(node)),
        SyntaxKind::WildcardExpr => ExprKind::Wildcard(name_of(node)),
        SyntaxKind::StarExpr => ExprKind::Star,
        SyntaxKind::LiteralExpr => literal(node).map_or(ExprKind::Error, ExprKind::Literal),
        SyntaxKind::DynamicExpr => ExprKind::Literal(dynamic_literal(node)),
        SyntaxKind::TypeOfExpr => type_of(node),
        SyntaxKind::UnaryExpr => unary(node),
        SyntaxKind::AndExpr => ExprKind::And(operands(node)),
        SyntaxKind::OrExpr => ExprKind::Or(operands(node)),
        SyntaxKind::AddExpr
        | SyntaxKind::MultiplyExpr
        | SyntaxKind::EqualExpr
        | SyntaxKind::RelationalExpr
        | SyntaxKind::StringExpr => return Some(binary(node)),
        SyntaxKind::InExpr => in_list(node),
        SyntaxKind::BetweenExpr => between(node),
        SyntaxKind::CallExpr => ExprKind::Call { name: name_in(node), arguments: arguments(node) },
        SyntaxKind::PathExpr => return Some(path(node)),
        SyntaxKind::ParenExpr => ExprKind::Paren(Box::new(only(node))),
        SyntaxKind::Pipeline => {
            ExprKind::Pipeline { source: first_expr(node).map(Box::new), operators: operators(node) }
        }
        SyntaxKind::DataTableExpr => ExprKind::DataTable { columns: columns(node), values: values(node) },
        SyntaxKind::ExternalDataExpr => ExprKind::ExternalData {
            columns: columns(node),
            uris: values(node),
            properties: child(node, SyntaxKind::WithClause).map(|with| properties(&with)).unwrap_or_default(),
        },
        SyntaxKind::FunctionExpr => function(node),
        SyntaxKind::Error => ExprKind::Error,
        _ => return None,
    };
    Some(Expr { kind, span: span(node) })
}

/// The first expression among a node's children.
pub(super) fn first_expr(node: &SyntaxNode) -> Option<Expr> {
    node.children().find_map(|child| expr(&child))
}

/// The expression that a node must have.
pub(super) fn only(node: &SyntaxNode) -> Expr {
    first_expr(node).unwrap_or_else(|| missing(node))
}

/// All expressions among a node's children.
pub(super) fn all_exprs(node: &SyntaxNode) -> Vec<Expr> {
    node.children().filter_map(|child| expr(&child)).collect()
}

/// The operands of a chain, missing ones included, so that there are at least two.
fn operands(node: &SyntaxNode) -> Vec<Expr> {
    let mut found = all_exprs(node);
    while found.len() < 2 {
        found.push(missing(node));
    }
    found
}

fn values(node: &SyntaxNode) -> Vec<Expr> {
    child(node, SyntaxKind::ValueList).map(|list| all_exprs(&list)).unwrap_or_default()
}

fn unary(node: &SyntaxNode) -> ExprKind {
    let op = match tokens(node).next().map(|token| token.kind()) {
        Some(SyntaxKind::Plus) => UnaryOp::Plus,
        _ => UnaryOp::Minus,
    };
    ExprKind::Unary { op, operand: Box::new(only(node)) }
}

/// `typeof(type)`, or `typeof(Name: type, …)`, whose columns have types.
fn type_of(node: &SyntaxNode) -> ExprKind {
    let mut columns: Vec<_> =
        node.children().filter(|c| c.kind() == SyntaxKind::ColumnDecl).map(|c| column(&c)).collect();
    if columns.is_empty() {
        columns.push(crate::ast::ColumnDecl { name: name_in(node), ty: None });
    }
    ExprKind::TypeOf(columns)
}

/// A chain of operands and operators, as nested to the left.
fn binary(node: &SyntaxNode) -> Expr {
    let mut left: Option<Expr> = None;
    let mut pending: Option<(Option<BinaryOp>, Span)> = None;
    for element in node.children_with_tokens() {
        match element {
            rowan::NodeOrToken::Token(token) if !token.kind().is_trivia() => {
                if let Some((op, op_span)) = pending.take() {
                    // Two operators without an operand between them.
                    left = Some(join(left, op, op_span, missing_at(token_span(&token).start)));
                }
                pending = Some((operator(&token), token_span(&token)));
            }
            rowan::NodeOrToken::Node(child) => {
                let Some(right) = expr(&child) else { continue };
                left = Some(match pending.take() {
                    Some((op, op_span)) => join(left, op, op_span, right),
                    None if left.is_none() => right,
                    None => continue,
                });
            }
            rowan::NodeOrToken::Token(_) => {}
        }
    }
    if let Some((op, op_span)) = pending {
        left = Some(join(left, op, op_span, missing_at(op_span.end)));
    }
    left.unwrap_or_else(|| missing(node))
}

fn missing_at(at: u32) -> Expr {
    Expr { kind: ExprKind::Error, span: Span::new(at, at) }
}

fn join(left: Option<Expr>, op: Option<BinaryOp>, op_span: Span, right: Expr) -> Expr {
    let left = left.unwrap_or_else(|| missing_at(op_span.start));
    let span = left.span.cover(right.span);
    let kind = match op {
        Some(op) => ExprKind::Binary { op, op_span, left: Box::new(left), right: Box::new(right) },
        None => ExprKind::Error,
    };
    Expr { kind, span }
}

fn operator(token: &SyntaxToken) -> Option<BinaryOp> {
    Some(match token.kind() {
        SyntaxKind::Plus => BinaryOp::Add,
        SyntaxKind::Minus => BinaryOp::Subtract,
        SyntaxKind::Star => BinaryOp::Multiply,
        SyntaxKind::Slash => BinaryOp::Divide,
        SyntaxKind::Percent => BinaryOp::Modulo,
        // A single `=` has a diagnostic; the rest of the query is resolved as if it were meant.
        SyntaxKind::EqualEqual | SyntaxKind::Equal => BinaryOp::Equal,
        SyntaxKind::NotEqual | SyntaxKind::LessGreater => BinaryOp::NotEqual,
        SyntaxKind::Less => BinaryOp::Less,
        SyntaxKind::LessOrEqual => BinaryOp::LessOrEqual,
        SyntaxKind::Greater => BinaryOp::Greater,
        SyntaxKind::GreaterOrEqual => BinaryOp::GreaterOrEqual,
        SyntaxKind::EqualTilde => BinaryOp::EqualTilde,
        SyntaxKind::NotTilde => BinaryOp::NotEqualTilde,
        SyntaxKind::Colon => BinaryOp::SearchHas,
        SyntaxKind::OperatorWord => operator_word(token.text())?,
        _ => return None,
    })
}

fn operator_word(word: &str) -> Option<BinaryOp> {
    Some(match word {
        "has" => BinaryOp::Has,
        "!has" => BinaryOp::NotHas,
        "has_cs" => BinaryOp::HasCs,
        "!has_cs" => BinaryOp::NotHasCs,
        "hasprefix" => BinaryOp::HasPrefix,
        "!hasprefix" => BinaryOp::NotHasPrefix,
        "hasprefix_cs" => BinaryOp::HasPrefixCs,
        "!hasprefix_cs" => BinaryOp::NotHasPrefixCs,
        "hassuffix" => BinaryOp::HasSuffix,
        "!hassuffix" => BinaryOp::NotHasSuffix,
        "hassuffix_cs" => BinaryOp::HasSuffixCs,
        "!hassuffix_cs" => BinaryOp::NotHasSuffixCs,
        "contains" => BinaryOp::Contains,
        "!contains" | "notcontains" => BinaryOp::NotContains,
        "contains_cs" | "containscs" => BinaryOp::ContainsCs,
        "!contains_cs" | "notcontainscs" => BinaryOp::NotContainsCs,
        "startswith" => BinaryOp::StartsWith,
        "!startswith" => BinaryOp::NotStartsWith,
        "startswith_cs" => BinaryOp::StartsWithCs,
        "!startswith_cs" => BinaryOp::NotStartsWithCs,
        "endswith" => BinaryOp::EndsWith,
        "!endswith" => BinaryOp::NotEndsWith,
        "endswith_cs" => BinaryOp::EndsWithCs,
        "!endswith_cs" => BinaryOp::NotEndsWithCs,
        "like" => BinaryOp::Like,
        "notlike" => BinaryOp::NotLike,
        "likecs" => BinaryOp::LikeCs,
        "notlikecs" => BinaryOp::NotLikeCs,
        "matches regex" => BinaryOp::MatchesRegex,
        _ => return None,
    })
}

/// The word operator of a node, such as `in` or `between`, and where it stands.
fn word_operator(node: &SyntaxNode) -> (String, Span) {
    let found = tokens(node).find(|token| token.kind() == SyntaxKind::OperatorWord);
    found.map_or((String::new(), span(node)), |token| (token.text().to_owned(), token_span(&token)))
}

fn in_list(node: &SyntaxNode) -> ExprKind {
    let (word, op_span) = word_operator(node);
    let op = match word.as_str() {
        "!in" => InOp::NotIn,
        "in~" => InOp::InTilde,
        "!in~" => InOp::NotInTilde,
        "has_any" => InOp::HasAny,
        "has_all" => InOp::HasAll,
        _ => InOp::In,
    };
    let (list, list_span) = match child(node, SyntaxKind::ListExpr) {
        Some(list) => (all_exprs(&list), span(&list)),
        None => (vec![missing(node)], missing(node).span),
    };
    ExprKind::In { op, op_span, left: Box::new(left_of(node, op_span)), list, list_span }
}

/// The expression before an operator.
fn left_of(node: &SyntaxNode, op: Span) -> Expr {
    match first_expr(node) {
        Some(left) if left.span.start < op.start => left,
        _ => missing_at(op.start),
    }
}

fn between(node: &SyntaxNode) -> ExprKind {
    let (word, op_span) = word_operator(node);
    let bounds = child(node, SyntaxKind::ListExpr);
    let mut values = bounds.iter().flat_map(all_exprs);
    let mut bound = || Box::new(values.next().unwrap_or_else(|| missing(node)));
    let (low, high) = (bound(), bound());
    ExprKind::Between { negated: word == "!between", op_span, value: Box::new(left_of(node, op_span)), low, high }
}

fn arguments(node: &SyntaxNode) -> Vec<Argument> {
    let list = child(node, SyntaxKind::ArgumentList);
    let nodes = list.iter().flat_map(SyntaxNode::children);
    nodes
        .filter(|node| node.kind() == SyntaxKind::Argument)
        .map(|node| Argument { name: child(&node, SyntaxKind::Name).map(|name| name_of(&name)), value: only(&node) })
        .collect()
}

/// A base and its members and indices, as nested to the left.
fn path(node: &SyntaxNode) -> Expr {
    let mut parts = node.children();
    let mut base = parts.next().and_then(|node| expr(&node)).unwrap_or_else(|| missing(node));
    for part in parts {
        let whole = Span::new(base.span.start, span(&part).end);
        let kind = match part.kind() {
            SyntaxKind::MemberPart => {
                let member: Name = match child(&part, SyntaxKind::WildcardExpr) {
                    Some(wildcard) => name_of(&wildcard),
                    None => name_in(&part),
                };
                ExprKind::Member { base: Box::new(base), member }
            }
            SyntaxKind::CallPart => {
                ExprKind::MemberCall { base: Box::new(base), name: name_in(&part), arguments: arguments(&part) }
            }
            SyntaxKind::IndexPart => ExprKind::Index { base: Box::new(base), index: Box::new(only(&part)) },
            _ => ExprKind::Error,
        };
        base = Expr { kind, span: whole };
    }
    base
}

/// `expr`, `Name = expr` or `(A, B) = expr`.
pub(super) fn named(node: &SyntaxNode) -> NamedExpr {
    let list = child(node, SyntaxKind::NameList);
    let names = list.as_ref().unwrap_or(node).children().filter(|child| child.kind() == SyntaxKind::Name);
    let names = names.map(|name| name_of(&name)).collect();
    // A name that needs brackets stands in an error node before the `=`.
    let value = node.children().filter_map(|child| expr(&child)).last();
    NamedExpr { names, expr: value.unwrap_or_else(|| missing(node)), span: span(node) }
}
