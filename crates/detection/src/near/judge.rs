//! How far values are from passing a condition.

use super::values::CellsOfRow;
use crate::phrases;
use event_table::{BatchId, ColumnType, DateTime, TICKS_PER_DAY, Table, TimeSpan, Value};
use kql_engine::explain::{Explanation, explain_one};
use kql_engine::expr::{Expr, ExprKind};
use kql_engine::scalar::{Row, convert, evaluate};
use rustc_hash::FxHashMap;

/// What was found out about the values that conditions failed on, for the next time that near misses are asked for.
#[derive(Default)]
pub(crate) struct NearMemory {
    kept: FxHashMap<String, Kept>,
}

/// Distances, and likenesses of terms, that are kept of a condition: a log may have ever other ones.
const KEPT: usize = 200_000;

/// What is kept of a condition on a table's rows.
struct Kept {
    likenesses: Likenesses,
    /// The distances of the values of rows.
    distances: FxHashMap<u32, f64>,
}

impl NearMemory {
    /// A judge of a condition on the rows of a table, who remembers.
    pub(super) fn judge<'e>(&mut self, table: &Table, expr: &'e Expr, now: DateTime) -> Judge<'e> {
        let batches: Vec<BatchId> = table.batches().iter().map(|batch| batch.id()).collect();
        let clock = if expr.reads_clock() { now.ticks() } else { 0 };
        let name = format!("{} {batches:?} {expr:?} at {clock}", table.name());
        let fresh = || Kept { likenesses: Likenesses::to(expr), distances: FxHashMap::default() };
        let kept = self.kept.remove(&name).unwrap_or_else(fresh);
        Judge { name, expr, bound: Bound::of(expr, now), now, kept }
    }

    /// Keeps what these judges know, and no more.
    pub(super) fn keep<'e>(&mut self, judges: impl Iterator<Item = Judge<'e>>) {
        self.kept = judges.map(|judge| (judge.name, judge.kept)).collect();
    }
}

/// Says how far values are from passing a condition.
pub(super) struct Judge<'e> {
    name: String,
    pub(super) expr: &'e Expr,
    bound: Option<Bound>,
    now: DateTime,
    kept: Kept,
}

/// How far the values of a row are from passing.
pub(super) struct Judged {
    /// 0 is next to it.
    pub(super) distance: f64,
    /// The same in words.
    pub(super) why: String,
    /// The column that says most about it.
    pub(super) column: Option<usize>,
}

impl Judge<'_> {
    /// How far the values of a row are from passing.
    pub(super) fn distance(&mut self, row: u32, cells: &CellsOfRow<'_>) -> f64 {
        if let Some(gap) = self.bound.as_ref().and_then(|bound| bound.gap(cells)) {
            return gap.distance();
        }
        if let Some(known) = self.kept.distances.get(&row) {
            return *known;
        }
        let (distance, _) = self.compare(&explain_one(self.expr, cells, self.now), cells);
        if self.kept.distances.len() < KEPT {
            self.kept.distances.insert(row, distance);
        }
        distance
    }

    /// How far the values of a row are from passing, and why.
    pub(super) fn judge(&mut self, cells: &CellsOfRow<'_>) -> Judged {
        let explained = explain_one(self.expr, cells, self.now);
        let (distance, why) = self.compare(&explained, cells);
        let other_words = |judge: &Self| {
            let mut cells = explained.cells.iter();
            cells
                .find_map(|cell| {
                    let known = judge.kept.likenesses.literals.iter();
                    known.filter_map(|(literal, _)| Some((phrases::like(&cell.text, literal)?, literal))).next()
                })
                .map(|(piece, literal)| format!("'{piece}' is another way to write '{literal}'."))
        };
        let why = match why {
            Why::Close { .. } | Why::Unlike if let Some(words) = other_words(self) => words,
            Why::Missing => "There is no value.".to_owned(),
            Why::Swallowed { literal, term } => format!("'{literal}' is part of the longer term '{term}'."),
            Why::Away(gap) => gap.words(),
            Why::Close { term, literal } => {
                format!("'{term}' is close to '{}'.", self.kept.likenesses.literals[literal].0)
            }
            Why::Unlike => "None of the condition's values is in it.".to_owned(),
        };
        Judged { distance, why, column: failed_cell(&explained) }
    }

    fn compare<'x>(&mut self, explained: &'x Explanation, cells: &CellsOfRow<'_>) -> (f64, Why<'x>) {
        if explained.cells.iter().all(|cell| cell.missing) {
            return (MISSING, Why::Missing);
        }
        if let Some(cell) = explained.cells.iter().find(|cell| !cell.swallowed.is_empty()) {
            let first = &cell.swallowed[0];
            let term = cell.text.get(first.term.clone()).unwrap_or("");
            return (0.1, Why::Swallowed { literal: &first.literal, term });
        }
        if let Some(gap) = self.bound.as_ref().and_then(|bound| bound.gap(cells)) {
            return (gap.distance(), Why::Away(gap));
        }
        let mut nearest: Option<(f64, &str, usize)> = None;
        for term in explained.cells.iter().flat_map(|cell| terms(&cell.text).take(32)) {
            if let Some((far, literal)) = self.kept.likenesses.nearest(term)
                && nearest.is_none_or(|(so_far, ..)| far < so_far)
            {
                nearest = Some((far, term, literal));
            }
        }
        match nearest {
            Some((far, term, literal)) if far < CLOSE => (0.2 + far, Why::Close { term, literal }),
            _ => (1.0, Why::Unlike),
        }
    }
}

/// Terms that differ from a literal in fewer of their letters are close to it.
const CLOSE: f64 = 0.35;

/// The distance of a value that is not there.
const MISSING: f64 = 3.0;

/// What keeps values from passing.
enum Why<'x> {
    Missing,
    Swallowed { literal: &'x str, term: &'x str },
    Away(Gap),
    Close { term: &'x str, literal: usize },
    Unlike,
}

/// A number or time that a column is compared with.
struct Bound {
    column: usize,
    ty: ColumnType,
    at: f64,
}

impl Bound {
    fn of(condition: &Expr, now: DateTime) -> Option<Self> {
        let ExprKind::Compare(_, left, right) = &condition.kind else { return None };
        let (column, bound) = match (&left.kind, &right.kind) {
            (ExprKind::Column(_), _) => (left, right),
            (_, ExprKind::Column(_)) => (right, left),
            _ => return None,
        };
        let ExprKind::Column(place) = column.kind else { return None };
        let has_order = !matches!(column.ty, ColumnType::String | ColumnType::Guid | ColumnType::Dynamic);
        if !has_order || !bound.columns().is_empty() {
            return None;
        }
        let nothing: [Value; 0] = [];
        let at = convert::to_real(&evaluate(bound, &nothing[..], now)).filter(|at| !at.is_nan())?;
        Some(Self { column: place, ty: column.ty, at })
    }

    /// How far a row's cell is from it; nothing where there is no value.
    fn gap(&self, cells: &CellsOfRow<'_>) -> Option<Gap> {
        let by = (convert::to_real(&cells.value(self.column))? - self.at).abs();
        Some(Gap { by, bound: self.at, ty: self.ty })
    }
}

/// How far a number or time is from another.
struct Gap {
    by: f64,
    bound: f64,
    ty: ColumnType,
}

impl Gap {
    /// A time is judged by days, a number by how it compares with its bound.
    fn distance(&self) -> f64 {
        let relative = match self.ty {
            ColumnType::DateTime => self.by / TICKS_PER_DAY as f64,
            _ => self.by / self.bound.abs().max(1.0),
        };
        relative.min(2.0)
    }

    fn words(&self) -> String {
        if self.by == 0.0 { "It is the bound itself.".to_owned() } else { format!("It is {} away.", self.measure()) }
    }

    /// In the unit of its type.
    fn measure(&self) -> String {
        match self.ty {
            ColumnType::DateTime | ColumnType::TimeSpan => TimeSpan::from_ticks(self.by as i64).to_string(),
            _ => format!("{}", self.by),
        }
    }
}

/// The column that says most about a failure: one with a swallowed literal, else the first.
pub(super) fn failed_cell(explained: &Explanation) -> Option<usize> {
    let swallowed = explained.cells.iter().find(|cell| !cell.swallowed.is_empty());
    swallowed.or(explained.cells.first()).map(|cell| cell.column)
}

/// The texts that a condition looks for.
fn literals_of(expr: &Expr) -> Vec<String> {
    let mut found = Vec::new();
    expr.visit(&mut |x| {
        if let ExprKind::Constant(value) = &x.kind {
            let mut values = Vec::new();
            match value {
                Value::Dynamic(d) => {
                    values.extend(d.as_array().unwrap_or_default().iter().map(|item| Value::dynamic(item.clone())))
                }
                other => values.push(other.clone()),
            }
            found.extend(values.iter().filter_map(|v| match v {
                Value::String(_) | Value::Dynamic(_) => Some(convert::to_text(v).into_owned()),
                _ => None,
            }));
        }
    });
    found.retain(|literal| !literal.is_empty());
    found
}

/// The terms of a text: runs of letters and digits.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !kql_engine::text::is_term_char(c)).filter(|term| !term.is_empty())
}

/// How unlike terms are to the literals of a condition. Terms come again and again, so what was found is kept.
struct Likenesses {
    literals: Vec<(String, Vec<char>)>,
    known: FxHashMap<Box<str>, Option<(f64, usize)>>,
}

impl Likenesses {
    fn to(expr: &Expr) -> Self {
        let spelled = |literal: String| (literal.to_lowercase().chars().take(64).collect(), literal);
        let literals = literals_of(expr).into_iter().map(spelled).map(|(chars, literal)| (literal, chars)).collect();
        Self { literals, known: FxHashMap::default() }
    }

    /// The literal that a term is least unlike, the first of several, and how unlike: from 0 to 1.
    fn nearest(&mut self, term: &str) -> Option<(f64, usize)> {
        if let Some(known) = self.known.get(term) {
            return *known;
        }
        let letters: Vec<char> = term.to_lowercase().chars().take(64).collect();
        let all = self.literals.iter().enumerate().map(|(index, (_, literal))| (unlikeness(&letters, literal), index));
        let nearest = all.min_by(|a, b| a.0.total_cmp(&b.0));
        if self.known.len() < KEPT {
            self.known.insert(term.into(), nearest);
        }
        nearest
    }
}

/// How unlike two short texts are, from 0 to 1: the letters to change, for each letter of the longer one.
fn unlikeness(a: &[char], b: &[char]) -> f64 {
    let longer = a.len().max(b.len()).max(1);
    if a.len().abs_diff(b.len()) * 2 > longer {
        return 1.0;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()] as f64 / longer as f64
}
