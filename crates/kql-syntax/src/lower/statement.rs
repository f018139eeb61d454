//! Statements, functions and their parameters.

use super::expression::{expr, first_expr};
use super::{child, missing, name_in, name_of, span};
use crate::ast::{
    Block, ColumnDecl, Document, Expr, ExprKind, Parameter, ParameterType, PatternCase, Statement, StatementKind,
};
use crate::{SyntaxKind, SyntaxNode};

/// The whole query.
pub(crate) fn document(root: &SyntaxNode) -> Document {
    Document { statements: statements(root) }
}

fn statements(node: &SyntaxNode) -> Vec<Statement> {
    node.children().filter_map(|child| statement(&child)).collect()
}

fn statement(node: &SyntaxNode) -> Option<Statement> {
    let kind = match node.kind() {
        SyntaxKind::LetStatement => {
            StatementKind::Let { name: name_in(node), value: first_expr(node).unwrap_or_else(|| missing(node)) }
        }
        SyntaxKind::QueryStatement => StatementKind::Query(first_expr(node).unwrap_or_else(|| missing(node))),
        SyntaxKind::SetStatement => StatementKind::Set { name: name_in(node), value: first_expr(node) },
        SyntaxKind::QueryParametersStatement => StatementKind::QueryParameters(parameters(node)),
        SyntaxKind::PatternStatement => StatementKind::Pattern {
            name: name_in(node),
            parameters: parameters(node),
            path: child(node, SyntaxKind::PatternPath)
                .and_then(|path| child(&path, SyntaxKind::Parameter))
                .map(|node| parameter(&node)),
            cases: node.children().filter(|c| c.kind() == SyntaxKind::PatternCase).map(|c| pattern_case(&c)).collect(),
        },
        SyntaxKind::UnsupportedStatement => StatementKind::Unsupported(name_in(node)),
        _ => return None,
    };
    Some(Statement { kind, span: span(node) })
}

fn pattern_case(node: &SyntaxNode) -> PatternCase {
    let list = child(node, SyntaxKind::ArgumentList);
    PatternCase {
        arguments: list.iter().flat_map(SyntaxNode::children).filter_map(|node| expr(&node)).collect(),
        path: child(node, SyntaxKind::PatternPath).and_then(|path| first_expr(&path)),
        body: block(node),
    }
}

/// The block among a node's children.
fn block(node: &SyntaxNode) -> Block {
    match child(node, SyntaxKind::Block) {
        Some(block) => Block { statements: statements(&block), span: span(&block) },
        None => Block { statements: Vec::new(), span: missing(node).span },
    }
}

/// `(parameters) { body }`.
pub(super) fn function(node: &SyntaxNode) -> ExprKind {
    let view = super::tokens(node).any(|token| token.text() == "view");
    ExprKind::Function { parameters: parameters(node), body: block(node), view }
}

/// The parameters of the parameter list among a node's children.
pub(super) fn parameters(node: &SyntaxNode) -> Vec<Parameter> {
    let list = child(node, SyntaxKind::ParameterList);
    let nodes = list.iter().flat_map(SyntaxNode::children);
    nodes.filter(|node| node.kind() == SyntaxKind::Parameter).map(|node| parameter(&node)).collect()
}

fn parameter(node: &SyntaxNode) -> Parameter {
    let mut names = node.children().filter(|child| child.kind() == SyntaxKind::Name);
    let name = names.next().map_or_else(|| super::missing_name(node), |name| name_of(&name));
    let ty = match child(node, SyntaxKind::SchemaType) {
        Some(schema) => ParameterType::Tabular { columns: columns(&schema), span: span(&schema) },
        None => ParameterType::Scalar(names.next().map_or_else(|| super::missing_name(node), |name| name_of(&name))),
    };
    let default: Option<Expr> = child(node, SyntaxKind::DefaultValue).and_then(|value| first_expr(&value));
    Parameter { name, ty, default }
}

/// The columns of the column list among a node's children; that of `(*)` has no type.
pub(super) fn columns(node: &SyntaxNode) -> Vec<ColumnDecl> {
    let list = child(node, SyntaxKind::ColumnList);
    let nodes = list.iter().flat_map(SyntaxNode::children).filter(|node| node.kind() == SyntaxKind::ColumnDecl);
    nodes.map(|node| column(&node)).collect()
}

/// `Name: type`.
pub(super) fn column(node: &SyntaxNode) -> ColumnDecl {
    let mut names = node.children().filter(|child| child.kind() == SyntaxKind::Name).map(|name| name_of(&name));
    ColumnDecl { name: names.next().unwrap_or_else(|| super::missing_name(node)), ty: names.next() }
}
