//! Classes of words and signs for colouring, from the tree alone.

use crate::SyntaxKind::{self, *};
use crate::lower::token_span;
use crate::{Span, SyntaxElement, SyntaxNode, SyntaxToken};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What a run of the text is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HighlightClass {
    /// A word of the language, a property or its value, a chart.
    Keyword,
    /// A sign or word that computes or compares, and the pipe.
    Operator,
    /// A function that is called.
    Function,
    /// A table, or a name that the query itself gives: a `let`, a parameter, a step.
    Name,
    /// A column or a property of a value, as far as its place tells.
    Column,
    /// Text.
    String,
    /// A number, a boolean, a GUID.
    Number,
    /// A duration or an instant.
    Time,
    /// A comment.
    Comment,
    /// Brackets, commas, semicolons.
    Punctuation,
    /// A type.
    Type,
    /// What fits nowhere.
    Error,
}

/// A run of the text and its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlight {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub class: HighlightClass,
}

/// The classes of a tree's tokens: in order, without overlap, blanks left out.
#[must_use]
pub fn highlight(root: &SyntaxNode) -> Vec<Highlight> {
    let given = given_names(root);
    let mut found = Vec::new();
    for token in root.descendants_with_tokens().filter_map(SyntaxElement::into_token) {
        match token.kind() {
            Whitespace => {}
            Typed => typed(&token, &mut found),
            _ => add(&mut found, Highlight { span: token_span(&token), class: class(&token, &given) }),
        }
    }
    found
}

/// Adds a run; the parts of a name such as `Device*` are one.
fn add(found: &mut Vec<Highlight>, run: Highlight) {
    use HighlightClass::{Column, Name};
    match found.last_mut() {
        Some(last)
            if last.span.end == run.span.start && last.class == run.class && matches!(run.class, Name | Column) =>
        {
            last.span.end = run.span.end;
        }
        _ => found.push(run),
    }
}

/// The names that the query gives by `let`, parameters and `as`.
fn given_names(root: &SyntaxNode) -> HashSet<String> {
    let names = root.descendants().filter(|node| node.kind() == Name);
    let given = names.filter(|name| {
        name.parent().is_some_and(|parent| {
            let first = parent.children().next().is_some_and(|child| &child == name);
            first && matches!(parent.kind(), LetStatement | Parameter | ScanStep) || is_operator(&parent, &["as"])
        })
    });
    given.map(|name| name.text().to_string()).collect()
}

/// `datetime(…)` and its kin: a type, its parentheses, and a value.
fn typed(token: &SyntaxToken, found: &mut Vec<Highlight>) {
    let whole = token_span(token);
    let text = token.text();
    let (word, _) = text.split_once('(').unwrap_or((text, ""));
    let class = match word {
        "datetime" | "date" | "timespan" | "time" => HighlightClass::Time,
        _ => HighlightClass::Number,
    };
    let open = whole.start + word.len() as u32;
    let close = if text.ends_with(')') { whole.end - 1 } else { whole.end };
    for (start, end, class) in [
        (whole.start, open, HighlightClass::Type),
        (open, open + 1, HighlightClass::Punctuation),
        (open + 1, close, class),
        (close, whole.end, HighlightClass::Punctuation),
    ] {
        if start < end {
            found.push(Highlight { span: Span::new(start, end), class });
        }
    }
}

fn class(token: &SyntaxToken, given: &HashSet<String>) -> HighlightClass {
    let Some(parent) = token.parent() else { return HighlightClass::Error };
    let grandparent = parent.ancestors().skip(1).find(|node| node.kind() != ParenExpr);
    let is_name = matches!(parent.kind(), Name | NameExpr | WildcardExpr | ColumnPattern);
    match (token.kind(), parent.kind()) {
        (Unknown, _) => HighlightClass::Error,
        (Comment, _) => HighlightClass::Comment,
        // What an operator that has no shape here is about is skipped, but not wrong.
        (_, Error) if grandparent.as_ref().is_none_or(|node| node.kind() != UnsupportedOperator) => {
            HighlightClass::Error
        }
        _ if is_name => name_class(&parent, grandparent.as_ref(), given),
        (Keyword, AndExpr | OrExpr) => HighlightClass::Operator,
        (Keyword, DynamicExpr) => HighlightClass::Type,
        (Colon, StringExpr) => HighlightClass::Operator,
        (kind, _) => by_kind(kind),
    }
}

fn by_kind(kind: SyntaxKind) -> HighlightClass {
    match kind {
        Keyword => HighlightClass::Keyword,
        Word => HighlightClass::Column,
        Text => HighlightClass::String,
        Long | Real | Bool | RawGuid => HighlightClass::Number,
        TimeSpan => HighlightClass::Time,
        LParen | RParen | LBracket | RBracket | LBrace | RBrace | Dot | Comma | Colon | Semicolon => {
            HighlightClass::Punctuation
        }
        _ => HighlightClass::Operator,
    }
}

/// The class of a name by what it is the name of.
fn name_class(node: &SyntaxNode, parent: Option<&SyntaxNode>, given: &HashSet<String>) -> HighlightClass {
    let Some(parent) = parent else { return HighlightClass::Column };
    let first = parent.children().next().is_some_and(|child| child.text_range().contains_range(node.text_range()));
    match (node.kind(), parent.kind()) {
        (Name, CallExpr | CallPart) => HighlightClass::Function,
        (Name, TypeOfExpr) => HighlightClass::Type,
        (Name, ColumnDecl | Parameter) if !first => HighlightClass::Type,
        (Name, Property | OutputClause | UnsupportedStatement) | (NameExpr, Property) => HighlightClass::Keyword,
        (Name, LetStatement | Parameter | ScanStep | SetStatement | PatternStatement | Argument | DefaultClause) => {
            HighlightClass::Name
        }
        (Name, Operator) if is_operator(parent, &["render"]) => HighlightClass::Keyword,
        (Name, Operator) if is_operator(parent, &["as"]) => HighlightClass::Name,
        (WildcardExpr, _) => HighlightClass::Name,
        (NameExpr, QueryStatement | QueryBody | InClause) => HighlightClass::Name,
        (NameExpr, Pipeline) if first => HighlightClass::Name,
        (NameExpr, Operator) if is_operator(parent, &["join", "lookup"]) => HighlightClass::Name,
        (NameExpr, ExprList) if parent.parent().is_some_and(|operator| is_operator(&operator, &["union"])) => {
            HighlightClass::Name
        }
        (NameExpr, _) if given.contains(&node.text().to_string()) => HighlightClass::Name,
        _ => HighlightClass::Column,
    }
}

/// Whether a node is an operator with one of some keywords.
fn is_operator(node: &SyntaxNode, words: &[&str]) -> bool {
    node.kind() == Operator && node.first_token().is_some_and(|token| words.contains(&token.text()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// The text with each run's class as one letter under its first character.
    fn shown(text: &str) -> String {
        let mut marks = vec![' '; text.len()];
        for run in highlight(&parse(text).syntax()) {
            marks[run.span.start as usize] = match run.class {
                HighlightClass::Keyword => 'k',
                HighlightClass::Operator => 'o',
                HighlightClass::Function => 'f',
                HighlightClass::Name => 'n',
                HighlightClass::Column => 'c',
                HighlightClass::String => 's',
                HighlightClass::Number => '1',
                HighlightClass::Time => 't',
                HighlightClass::Comment => '/',
                HighlightClass::Punctuation => '.',
                HighlightClass::Type => 'y',
                HighlightClass::Error => '!',
            };
        }
        marks.into_iter().collect::<String>().trim_end().to_owned()
    }

    #[test]
    fn runs_have_the_class_of_their_role() {
        for (text, marks) in [
            ("T | where a == 'x' // c", "n o k     c o  s   /"),
            ("let L = 5; T | where a > L", "k   n o 1. n o k     c o n"),
            ("T | where a has 'x' and b in (1, 2d)", "n o k     c o   s   o   c o  .1. t ."),
            ("T | extend B = f(a.b[0])", "n o k      c o f.c.c.1.."),
            ("union A, B* | join (C) on d", "k     n. n  o k    .n. k  c"),
            ("print datetime(2024), int(5), dynamic([1])", "k     y       .t   .. y  .1.. y      ..1.."),
            ("let f = (a: long) { a }; f(1)", "k   n o .n. y   . . n .. f.1."),
            ("T | project ['odd name'], count*", "n o k       c           . c    o"),
            ("T | render timechart with (title='a')", "n o k      k         k    .k    os  ."),
            ("T | as X | mv-expand a to typeof(string)", "n o k  n o k         c k  k     .y     ."),
            ("T | join kind=inner B on a", "n o k    k   ok     n k  c"),
            ("search in (T) a: 'x'", "k      k  .n. co s"),
            ("T | where a && b", "n o k     c !  c"),
            ("T | fork (take 5) (count)", "n o k    .c    1. .c    ."),
            ("T | project-away a*, b", "n o k            c . c"),
        ] {
            assert_eq!(shown(text), marks, "{text}");
        }
    }
}
