//! How much of a query changed: literals, and other words and signs.

use kql_syntax::{SyntaxElement, SyntaxKind, parse};
use serde::{Deserialize, Serialize};

/// Pairs of words that are compared at most; texts that differ more are taken to differ everywhere.
const MAX_PAIRS: usize = 4_000_000;

/// How much of a query changed. What is replaced counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes {
    /// Literals: texts, numbers, timespans and their kin.
    pub literals: usize,
    /// Other words and signs, but for commas, blanks and comments.
    pub words: usize,
}

impl Changes {
    /// What changed from one text to another.
    #[must_use]
    pub fn between(old: &str, new: &str) -> Self {
        let (old, new) = (tokens(old), tokens(new));
        let common = |a: &[Token], b: &[Token]| a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let start = common(&old, &new);
        let (old, new) = (&old[start..], &new[start..]);
        let end = old.iter().rev().zip(new.iter().rev()).take_while(|(x, y)| x == y).count();
        let (old, new) = (&old[..old.len() - end], &new[..new.len() - end]);
        let (gone, come) = different(old, new);
        let count = |tokens: &[&Token], literal: bool| tokens.iter().filter(|t| t.literal == literal).count();
        Self {
            literals: count(&gone, true).max(count(&come, true)),
            words: count(&gone, false).max(count(&come, false)),
        }
    }
}

#[derive(PartialEq)]
struct Token {
    text: String,
    literal: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let parsed = parse(text);
    let tokens = parsed.syntax().descendants_with_tokens().filter_map(SyntaxElement::into_token);
    tokens
        .filter(|token| !token.kind().is_trivia() && !matches!(token.kind(), SyntaxKind::Comma | SyntaxKind::End))
        .map(|token| Token {
            text: token.text().to_owned(),
            literal: matches!(
                token.kind(),
                SyntaxKind::Text
                    | SyntaxKind::Long
                    | SyntaxKind::Real
                    | SyntaxKind::TimeSpan
                    | SyntaxKind::Bool
                    | SyntaxKind::Typed
                    | SyntaxKind::RawGuid
            ),
        })
        .collect()
}

/// The words of each side that a longest common run of words leaves out.
fn different<'t>(old: &'t [Token], new: &'t [Token]) -> (Vec<&'t Token>, Vec<&'t Token>) {
    if old.len().saturating_mul(new.len()) > MAX_PAIRS {
        return (old.iter().collect(), new.iter().collect());
    }
    let width = new.len() + 1;
    let mut longest = vec![0u32; (old.len() + 1) * width];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            longest[i * width + j] = if a == b {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut gone, mut come, mut i, mut j) = (Vec::new(), Vec::new(), 0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
        } else if longest[(i + 1) * width + j] >= longest[i * width + j + 1] {
            gone.push(&old[i]);
            i += 1;
        } else {
            come.push(&new[j]);
            j += 1;
        }
    }
    gone.extend(&old[i..]);
    come.extend(&new[j..]);
    (gone, come)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_replaced_counts_once() {
        let old = "let L = dynamic([\"a\", \"b\"]);\nT | where X > 5 and Y has_any (L) // why";
        for (new, literals, words) in [
            (old.to_owned(), 0, 0),
            (old.replace("// why", "").replace('\n', "  "), 0, 0),
            (old.replace("\"b\"", "\"b\", \"c\", \"d\""), 2, 0),
            (old.replace("\"a\", ", ""), 1, 0),
            (old.replace('5', "6"), 1, 0),
            (old.replace("has_any", "in"), 0, 1),
            (old.replace(" and", " and Z == 1 and"), 1, 3),
            (String::new(), 3, 20),
        ] {
            assert_eq!(Changes::between(old, &new), Changes { literals, words }, "{new}");
        }
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_counted_without_comparing_all_of_them() {
        let long = |word: &str| format!("{word} ").repeat(3_000);
        assert_eq!(Changes::between(&long("a"), &long("b")), Changes { literals: 0, words: 3_000 });
    }
}
