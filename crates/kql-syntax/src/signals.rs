//! Signals: the sub-queries that feed a query's final union.

use crate::Span;
use crate::ast::{Document, Expr, ExprKind, Name, OperatorKind, StatementKind};
use std::collections::HashMap;

/// One sub-query that feeds the final union; a query without union is one signal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The `let` that holds the sub-query, when the union names one.
    pub name: Option<Name>,
    /// The leg as it stands in the union; without a union, the whole query.
    pub leg: Span,
    /// A name to show: the `let`'s, or what the leg begins with.
    pub title: String,
}

/// How many `let`s of `let`s are followed.
const MAX_HOPS: usize = 100;
/// How many legs are told apart: unions of unions could make them as many as they like.
const MAX_LEGS: usize = 1000;

/// The signals of a query, in the order of the union's legs.
///
/// Looks at the last query of the document. Its union may be its first operator (`union a, b | …`), the operator after
/// its source (`a | union b, c`), or stand in parentheses or in a `let` that the query begins with. Legs that are
/// themselves unions give their own legs.
#[must_use]
pub fn signals(document: &Document, text: &str) -> Vec<Signal> {
    let mut lets = HashMap::new();
    let mut last = None;
    for (place, statement) in document.statements.iter().enumerate() {
        match &statement.kind {
            StatementKind::Let { name, value } => {
                lets.insert(&*name.text, (place, value));
            }
            StatementKind::Query(expr) => last = Some((place, expr)),
            _ => {}
        }
    }
    let Some((place, query)) = last else { return Vec::new() };
    let scope = Scope { before: place, hops: MAX_HOPS };
    let finder = Finder { lets, text };
    let mut legs = Vec::new();
    if finder.head(query, scope, &mut legs) {
        return legs;
    }
    let mut whole = finder.signal(query, scope);
    whole.leg = query.span;
    vec![whole]
}

/// Which names are seen: a `let` sees those before it.
#[derive(Clone, Copy)]
struct Scope {
    before: usize,
    hops: usize,
}

struct Finder<'d> {
    lets: HashMap<&'d str, (usize, &'d Expr)>,
    text: &'d str,
}

impl<'d> Finder<'d> {
    /// The value of a `let` that is seen, and what it sees itself.
    fn value(&self, name: &Name, scope: Scope) -> Option<(&'d Expr, Scope)> {
        let (place, value) = *self.lets.get(&*name.text)?;
        let hops = scope.hops.checked_sub(1)?;
        (place < scope.before).then_some((value, Scope { before: place, hops }))
    }

    /// The legs of the union that a query begins with; false when it begins with none.
    fn head(&self, expr: &'d Expr, scope: Scope, legs: &mut Vec<Signal>) -> bool {
        match &expr.kind {
            ExprKind::Paren(inner) => self.head(inner, scope, legs),
            ExprKind::Name(name) => self.value(name, scope).is_some_and(|(value, inner)| self.head(value, inner, legs)),
            ExprKind::Pipeline { source, operators } => match (source, operators.first().map(|o| &o.kind)) {
                (None, Some(OperatorKind::Union(own))) => {
                    own.iter().for_each(|leg| self.leg(leg, scope, legs));
                    true
                }
                (Some(source), Some(OperatorKind::Union(own))) => {
                    if !self.head(source, scope, legs) {
                        self.leg(source, scope, legs);
                    }
                    own.iter().for_each(|leg| self.leg(leg, scope, legs));
                    true
                }
                (Some(source), _) => self.head(source, scope, legs),
                _ => false,
            },
            _ => false,
        }
    }

    /// A leg, or the legs of the union that it is and nothing else.
    fn leg(&self, expr: &'d Expr, scope: Scope, legs: &mut Vec<Signal>) {
        if legs.len() < MAX_LEGS && self.is_union(expr, scope) {
            self.head(expr, scope, legs);
        } else {
            legs.push(self.signal(expr, scope));
        }
    }

    /// Whether an expression is a union without operators behind it.
    fn is_union(&self, expr: &'d Expr, scope: Scope) -> bool {
        match &expr.kind {
            ExprKind::Paren(inner) => self.is_union(inner, scope),
            ExprKind::Name(name) => self.value(name, scope).is_some_and(|(value, inner)| self.is_union(value, inner)),
            ExprKind::Pipeline { operators, .. } => {
                operators.len() == 1 && matches!(operators[0].kind, OperatorKind::Union(_))
            }
            _ => false,
        }
    }

    fn signal(&self, expr: &'d Expr, scope: Scope) -> Signal {
        let first = first_of(expr);
        let name = match &expr.kind {
            ExprKind::Name(name) if self.value(name, scope).is_some() => Some(name.clone()),
            _ => None,
        };
        let title = match &first.kind {
            ExprKind::Name(name) | ExprKind::Wildcard(name) => name.text.to_string(),
            ExprKind::Pipeline { operators, .. } => operators.first().map_or("", |o| &*o.keyword.text).to_owned(),
            _ => first.span.of(self.text).lines().next().unwrap_or("").to_owned(),
        };
        Signal { name, leg: expr.span, title }
    }
}

/// What a query begins with, parentheses and pipes taken off.
fn first_of(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Paren(inner) => first_of(inner),
        ExprKind::Pipeline { source: Some(source), .. } => first_of(source),
        _ => expr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    #[test]
    fn each_leg_of_the_final_union_is_a_signal() {
        for (text, expected) in [
            ("union A, B, C | sort by T", "A B C"),
            ("let A = T | where x; let B = U; union A, B", "A! B!"),
            ("let A = T | where x; union (A), B", "A B"),
            ("let A = T; A | union B, C | take 5", "A! B C"),
            ("let A = T | where x; A | sort by y", "A"),
            ("T | where x == 1", "T"),
            ("(T | where x)", "T"),
            ("union (A | where x), (B | where y)", "A B"),
            ("(union A, B) | sort by T", "A B"),
            ("let All = union A, B; All | sort by T", "A B"),
            ("let All = union A, B | where x; All | sort by T", "A B"),
            ("let Net = union A, B; union Net, C", "A B C"),
            ("let Net = union A, B | where x; union Net, C", "Net! C"),
            ("union (union A, B), C", "A B C"),
            ("union kind=outer withsource=S A, Dev*", "A Dev*"),
            ("union A, f(x)", "A f(x)"),
            ("let A = A; union A", "A!"),
            ("let A = union B; let B = union A; union A, B", "B B"),
            ("print x = 1", "print"),
            ("let x = 1;", ""),
            ("", ""),
        ] {
            let document = parse(text).document();
            let found = signals(&document, text);
            let shown: Vec<String> =
                found.iter().map(|s| s.title.clone() + if s.name.is_some() { "!" } else { "" }).collect();
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }

    #[test]
    fn unions_of_unions_do_not_multiply_without_bound() {
        let mut text = "let A0 = union T, T; ".to_owned();
        for i in 1..60 {
            text += &format!("let A{i} = union A{}, A{}; ", i - 1, i - 1);
        }
        text += "A59";
        let found = signals(&parse(&text).document(), &text);
        assert!((MAX_LEGS..2 * MAX_LEGS).contains(&found.len()), "{}", found.len());
    }

    #[test]
    fn a_leg_is_found_where_it_stands_in_the_union() {
        let text = "union Alpha, (Beta | where x)";
        let document = parse(text).document();
        let legs: Vec<&str> = signals(&document, text).iter().map(|signal| signal.leg.of(text)).collect();
        assert_eq!(legs, ["Alpha", "(Beta | where x)"]);
    }
}
