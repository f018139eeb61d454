//! Conditions out of a query.

use super::{EditError, TextEdit, deletions, node_at};
use crate::lower::{span as node_span, token_span};
use crate::{Parse, Span, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken};

/// Takes a condition out of a query: of several joined by `and` it goes with one of these words, a `where` that has no
/// other goes with its pipe. What was in parentheses for its sake goes too, comments beside it stay.
///
/// # Errors
/// When no such condition stands at the span, or when something else than `and` and `where` hangs on it.
pub fn remove_condition(parse: &Parse, condition: Span) -> Result<Vec<TextEdit>, EditError> {
    let mut node = node_at(&parse.syntax(), condition, |_| true).ok_or(EditError::NoCondition)?;
    loop {
        let parent = node.parent().ok_or(EditError::NoCondition)?;
        match parent.kind() {
            SyntaxKind::ParenExpr => node = parent,
            SyntaxKind::AndExpr => return from_and(&node).ok_or(EditError::NoCondition),
            SyntaxKind::Operator if is_where(&parent) => return whole_where(&parent).ok_or(EditError::NoCondition),
            _ => return Err(EditError::NoCondition),
        }
    }
}

fn is_where(operator: &SyntaxNode) -> bool {
    operator.first_token().is_some_and(|word| matches!(word.text(), "where" | "filter"))
}

/// An operand with the `and` that follows it, or that it follows when it is the last.
fn from_and(operand: &SyntaxNode) -> Option<Vec<TextEdit>> {
    let (other, between) = match operand.next_sibling() {
        Some(next) => (next, beside(operand, |element| element.next_sibling_or_token())),
        None => (operand.prev_sibling()?, beside(operand, |element| element.prev_sibling_or_token())),
    };
    let own = node_span(operand);
    if between.iter().any(|token| token.kind() == SyntaxKind::Comment) {
        let word = between.iter().find(|token| !token.kind().is_trivia())?;
        return Some(deletions(vec![own, token_span(word)]));
    }
    let other = node_span(&other);
    let whole = if other.start > own.start { Span::new(own.start, other.start) } else { Span::new(other.end, own.end) };
    Some(deletions(vec![whole]))
}

/// The tokens from a node to the next node on one side.
fn beside(node: &SyntaxNode, step: impl Fn(&SyntaxElement) -> Option<SyntaxElement>) -> Vec<SyntaxToken> {
    let mut tokens = Vec::new();
    let mut at = step(&SyntaxElement::Node(node.clone()));
    while let Some(SyntaxElement::Token(token)) = at {
        at = step(&SyntaxElement::Token(token.clone()));
        tokens.push(token);
    }
    tokens
}

/// An operator with the pipe before it, and the line that only they were on.
fn whole_where(operator: &SyntaxNode) -> Option<Vec<TextEdit>> {
    let before = beside(operator, |element| element.prev_sibling_or_token());
    let pipe = before.iter().position(|token| token.kind() == SyntaxKind::Pipe)?;
    let own = Span::new(token_span(&before[pipe]).start, node_span(operator).end);
    let (blank, further) = (before.get(pipe + 1), before.get(pipe + 2));
    let is_blank = |token: &&SyntaxToken| token.kind() == SyntaxKind::Whitespace;
    let follows = operator.last_token().and_then(|token| token.next_token());
    let ends_line = follows.is_none_or(|token| token.text().starts_with(['\n', '\r']));
    // A comment to the end of its line would swallow what follows on the operator's own.
    let after_comment = further.is_some_and(|token| token.kind() == SyntaxKind::Comment);
    let start = match blank.filter(is_blank) {
        Some(blank) if ends_line || !after_comment => token_span(blank).start,
        _ => own.start,
    };
    Some(deletions(vec![Span::new(start, own.end)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::apply;
    use crate::parse;

    fn without(text: &str, condition: &str) -> Result<String, EditError> {
        let start = text.find(condition).expect("the condition") as u32;
        let span = Span::new(start, start + condition.len() as u32);
        apply(text, &remove_condition(&parse(text), span)?)
    }

    #[test]
    fn a_condition_goes_with_what_only_it_needed() {
        for (text, condition, expected) in [
            ("T | where a == 1 | take 5", "a == 1", "T | take 5"),
            ("T | where a == 1", "a == 1", "T"),
            ("T\n| where a == 1\n| where b == 2\n", "a == 1", "T\n| where b == 2\n"),
            ("T\n| where a == 1\n| where b == 2\n", "b == 2", "T\n| where a == 1\n"),
            ("T | where not(a == 1 and b == 2)", "not(a == 1 and b == 2)", "T"),
            ("T | where a == 1 and b == 2 and c == 3", "a == 1", "T | where b == 2 and c == 3"),
            ("T | where a == 1 and b == 2 and c == 3", "b == 2", "T | where a == 1 and c == 3"),
            ("T | where a == 1 and b == 2 and c == 3", "c == 3", "T | where a == 1 and b == 2"),
            ("T | where (a == 1 or b == 2) and c == 3", "(a == 1 or b == 2)", "T | where c == 3"),
            ("T | where ((a == 1)) and c == 3", "(a == 1)", "T | where c == 3"),
            ("T | where (a == 1 and b == 2) | count", "b == 2", "T | where (a == 1) | count"),
            ("T | where a == 1 // why\n  and b == 2", "b == 2", "T | where a == 1 // why\n   "),
            ("T | where a == 1 // why\n  and b == 2", "a == 1", "T | where  // why\n   b == 2"),
            ("T // all\n| where a == 1\n| count", "a == 1", "T // all\n| count"),
            ("T // all\n| where a == 1 | count", "a == 1", "T // all\n | count"),
            ("let x = T | where a != 1; x | count", "a != 1", "let x = T; x | count"),
            ("T | where x in (T | where a == 1)", "a == 1", "T | where x in (T)"),
        ] {
            assert_eq!(without(text, condition).as_deref(), Ok(expected), "{text}");
            let parsed = parse(expected);
            assert!(parsed.diagnostics().is_empty(), "{expected}: {:?}", parsed.diagnostics());
        }
    }

    #[test]
    fn what_something_else_hangs_on_stays() {
        for (text, condition) in [
            ("T | where a == 1 or b == 2", "a == 1"),
            ("T | where not(a == 1)", "a == 1"),
            ("T | extend x = a == 1", "a == 1"),
            ("T | where a == 1", "T"),
        ] {
            assert_eq!(without(text, condition), Err(EditError::NoCondition), "{text}");
        }
    }
}
