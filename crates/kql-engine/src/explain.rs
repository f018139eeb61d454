//! Why a row passed a condition, or did not: the second evaluator.
//!
//! Running takes short cuts; explaining takes one row, evaluates everything with [`crate::scalar::traced`], and keeps
//! what matched where. A property test holds the two together: a row is in the result exactly when every condition
//! of its chain is explained as true.

use crate::expr::{Expr, ExprKind, RegexTest, TextTest};
use crate::run::ChainCondition;
use crate::scalar::{Row, Trace, convert, traced, truth};
use crate::text::Matcher;
use event_table::DateTime;
use std::ops::Range;
use std::sync::Arc;

/// A condition's verdict on a row, and what it saw.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// True, false, or null.
    pub verdict: Option<bool>,
    /// The columns that the condition reads, each with what was found in it.
    pub cells: Vec<CellEvidence>,
}

/// What a condition saw in one cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellEvidence {
    /// The column, by its position in the chain's base.
    pub column: usize,
    /// The cell as text.
    pub text: String,
    /// Whether the cell has no value.
    pub missing: bool,
    /// Where a literal or pattern of the condition stands and counts.
    pub matched: Vec<Evidence>,
    /// Where a literal stands that does not count, because it is part of a longer term.
    pub swallowed: Vec<Swallowed>,
}

/// A literal or pattern found in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The literal, or the regular expression.
    pub literal: Arc<str>,
    /// The bytes of the cell.
    pub range: Range<usize>,
}

/// A literal that a longer term swallowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swallowed {
    /// The literal.
    pub literal: Arc<str>,
    /// The bytes of the cell where it stands.
    pub range: Range<usize>,
    /// The bytes of the longer term.
    pub term: Range<usize>,
}

/// Explains each condition of a chain for one row of its base.
#[must_use]
pub fn explain(conditions: &[ChainCondition], row: &(impl Row + ?Sized), now: DateTime) -> Vec<Explanation> {
    conditions.iter().map(|condition| explain_one(&condition.expr, row, now)).collect()
}

/// Explains one condition for one row.
#[must_use]
pub fn explain_one(condition: &Expr, row: &(impl Row + ?Sized), now: DateTime) -> Explanation {
    let cells = condition.columns().into_iter().map(|column| {
        let value = row.value(column);
        let text = convert::to_text(&value).into_owned();
        CellEvidence { column, missing: text.is_empty(), text, matched: Vec::new(), swallowed: Vec::new() }
    });
    let mut collector = Collector { cells: cells.collect() };
    let verdict = truth(&traced(condition, row, now, &mut collector));
    Explanation { verdict, cells: collector.cells }
}

struct Collector {
    cells: Vec<CellEvidence>,
}

impl Collector {
    /// The evidence of the cell that an expression is, when it is one.
    fn cell(&mut self, subject: &Expr) -> Option<&mut CellEvidence> {
        let ExprKind::Column(column) = subject.kind else { return None };
        self.cells.iter_mut().find(|cell| cell.column == column)
    }
}

impl Trace for Collector {
    fn text(&mut self, test: &TextTest, matcher: &Matcher, text: &str) {
        let Some(cell) = self.cell(&test.subject) else { return };
        let literal = |index: usize| matcher.literals()[index].clone();
        let matched = matcher.find(text).into_iter();
        cell.matched.extend(matched.map(|found| Evidence { literal: literal(found.literal), range: found.range }));
        let swallowed = matcher.find_unbounded(text).into_iter();
        cell.swallowed.extend(swallowed.map(|found| Swallowed {
            literal: literal(found.literal),
            range: found.range,
            term: found.term,
        }));
    }

    fn regex(&mut self, test: &RegexTest, regex: &regex::Regex, text: &str) {
        let Some(cell) = self.cell(&test.subject) else { return };
        let matched =
            regex.find_iter(text).map(|found| Evidence { literal: regex.as_str().into(), range: found.range() });
        cell.matched.extend(matched);
    }
}
