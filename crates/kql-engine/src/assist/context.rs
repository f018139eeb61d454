//! What stands around a position in a query.

use crate::resolve::{Resolution, Scope, resolve};
use event_table::{DateTime, TableSet};
use kql_syntax::ast::{Document, Statement, StatementKind};
use kql_syntax::{Parse, Span, SyntaxKind, parse};

/// A token that is neither blank nor comment.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: SyntaxKind,
    pub(super) span: Span,
    pub(super) text: String,
}

/// A query and a position in it.
pub(super) struct Context {
    pub(super) tokens: Vec<Token>,
    pub(super) document: Document,
    pub(super) resolution: Resolution,
    /// The position is inside a comment.
    pub(super) in_comment: bool,
}

impl Context {
    pub(super) fn new(text: &str, offset: u32, tables: &TableSet, now: DateTime) -> Self {
        let parsed = parse(text);
        let document = parsed.document();
        let resolution = resolve(&document, tables, now);
        let (tokens, in_comment) = tokens(&parsed, offset);
        Self { tokens, document, resolution, in_comment }
    }

    /// The token that a position lies in or at the end of, by its place in the list.
    pub(super) fn at(&self, offset: u32) -> Option<usize> {
        let touches =
            |t: &Token| t.span.start < offset && offset <= t.span.end || t.span.start == offset && offset < t.span.end;
        self.tokens.iter().rposition(touches)
    }

    /// The columns of the rows that flow into the operator at a position.
    pub(super) fn scope(&self, offset: u32) -> Option<&Scope> {
        let reaches = |scope: &&Scope| {
            scope.span.start < offset && {
                // Blanks after an operator still belong to it.
                let next = self.tokens.iter().find(|t| t.span.start >= scope.span.end);
                offset <= scope.span.end || next.is_none_or(|t| offset <= t.span.start)
            }
        };
        self.resolution.scopes.iter().filter(reaches).max_by_key(|scope| scope.span.start)
    }

    /// The `let` names that are bound before a position.
    pub(super) fn lets(&self, offset: u32) -> Vec<(&str, &Statement)> {
        let bound = |statement: &&Statement| statement.span.end <= offset;
        self.document
            .statements
            .iter()
            .filter(bound)
            .filter_map(|statement| match &statement.kind {
                StatementKind::Let { name, .. } => Some((&*name.text, statement)),
                _ => None,
            })
            .collect()
    }
}

fn tokens(parsed: &Parse, offset: u32) -> (Vec<Token>, bool) {
    let mut tokens = Vec::new();
    let mut in_comment = false;
    for element in parsed.syntax().descendants_with_tokens() {
        let Some(token) = element.as_token() else { continue };
        let range = token.text_range();
        let span = Span::new(range.start().into(), range.end().into());
        if token.kind() == SyntaxKind::Comment {
            // The end of a line comment is still inside it.
            in_comment |= span.start < offset && offset <= span.end;
        } else if !token.kind().is_trivia() && !span.is_empty() {
            tokens.push(Token { kind: token.kind(), span, text: token.text().to_owned() });
        }
    }
    (tokens, in_comment)
}
