//! Finding the rows that satisfy a predicate.

use super::{Chunk, Vector};
use crate::expr::{Expr, ExprKind};
use crate::scalar::{Comparison, Row, convert, evaluate, truth};
use event_table::{Bitmap, Codes, Column, DateTime, PrimitiveColumn, StringColumn, TextColumn, Value};

/// One row in so many is enough to look at all of them: going from one to the next costs more than passing over it.
const DENSE: usize = 8;

/// Among the selected rows of a chunk, those for which a boolean expression is `wanted`; null is neither.
#[must_use]
pub fn select(expr: &Expr, wanted: bool, chunk: &Chunk, selected: &Bitmap, now: DateTime) -> Bitmap {
    if !selected.any() {
        return selected.clone();
    }
    match &expr.kind {
        ExprKind::Constant(value) => {
            let keep = truth(value) == Some(wanted);
            if keep { selected.clone() } else { Bitmap::filled(chunk.len, false) }
        }
        ExprKind::Not(x) => select(x, !wanted, chunk, selected, now),
        // All must be true; to be false, one must be false. `or` is the mirror image.
        ExprKind::And(list) if wanted => narrow(list, wanted, chunk, selected, now),
        ExprKind::Or(list) if !wanted => narrow(list, wanted, chunk, selected, now),
        ExprKind::And(list) | ExprKind::Or(list) => {
            let mut rest = selected.clone();
            let mut found = Bitmap::filled(chunk.len, false);
            for x in list {
                let more = select(x, wanted, chunk, &rest, now);
                rest.and_not(&more);
                found.or(&more);
            }
            found
        }
        ExprKind::Compare(op, left, right) => match (&left.kind, &right.kind) {
            (ExprKind::Column(column), ExprKind::Constant(value)) => {
                compare_column(*op, &chunk.columns[*column], value, wanted, selected)
            }
            (ExprKind::Constant(value), ExprKind::Column(column)) => {
                compare_column(op.flipped(), &chunk.columns[*column], value, wanted, selected)
            }
            _ => None,
        }
        .unwrap_or_else(|| general(expr, wanted, chunk, selected, now)),
        _ => general(expr, wanted, chunk, selected, now),
    }
}

fn narrow(list: &[Expr], wanted: bool, chunk: &Chunk, selected: &Bitmap, now: DateTime) -> Bitmap {
    let mut left = selected.clone();
    for x in list {
        left = select(x, wanted, chunk, &left, now);
    }
    left
}

/// Any predicate: constants once, an expression over one dictionary column once an entry, the rest row by row.
fn general(expr: &Expr, wanted: bool, chunk: &Chunk, selected: &Bitmap, now: DateTime) -> Bitmap {
    let is_wanted = |value: Value| truth(&value) == Some(wanted);
    match expr.columns()[..] {
        [column] => match &chunk.columns[column] {
            Vector::Constant(_) => {
                let keep = is_wanted(evaluate(expr, &chunk.row(0), now));
                if keep { selected.clone() } else { Bitmap::filled(chunk.len, false) }
            }
            vector => match vector.strings() {
                Some((strings, rows)) => over_strings(expr, column, strings, rows, wanted, selected, now),
                None => row_by_row(chunk.len, selected, |row| is_wanted(evaluate(expr, &chunk.row(row), now))),
            },
        },
        _ => row_by_row(chunk.len, selected, |row| is_wanted(evaluate(expr, &chunk.row(row), now))),
    }
}

fn row_by_row(len: usize, selected: &Bitmap, mut test: impl FnMut(usize) -> bool) -> Bitmap {
    let mut found = Bitmap::filled(len, false);
    for row in selected.ones() {
        if test(row) {
            found.set(row, true);
        }
    }
    found
}

/// The one column of an expression, at one cell.
struct OneCell<'a> {
    column: usize,
    text: &'a str,
}

impl Row for OneCell<'_> {
    fn value(&self, column: usize) -> Value {
        if column == self.column { Value::string(self.text) } else { Value::Null }
    }
}

/// A predicate over a single string column.
fn over_strings(
    expr: &Expr,
    column: usize,
    strings: &StringColumn,
    rows: Option<&[u32]>,
    wanted: bool,
    selected: &Bitmap,
    now: DateTime,
) -> Bitmap {
    if let (StringColumn::Text(text), None) = (strings, rows)
        && let Some(found) = in_one_pass(expr, column, text, wanted, selected)
    {
        return found;
    }
    let test = text_predicate(expr, column, wanted, now);
    strings_where(strings, rows, selected, test)
}

/// The selected rows whose string passes a test; of a dictionary each entry that occurs is tested once.
fn strings_where(
    strings: &StringColumn,
    rows: Option<&[u32]>,
    selected: &Bitmap,
    test: impl Fn(&str) -> bool,
) -> Bitmap {
    let at = |row: usize| rows.map_or(row, |rows| rows[row] as usize);
    match strings {
        StringColumn::Dictionary(d) => {
            if rows.is_none() && d.codes.len() == selected.len() && selected.count() * DENSE >= selected.len() {
                return match &d.codes {
                    Codes::U8(codes) => entries_where(codes, &d.entries, selected, test),
                    Codes::U16(codes) => entries_where(codes, &d.entries, selected, test),
                };
            }
            // 0 not tested yet, 1 no, 2 yes.
            let mut verdicts = vec![0u8; d.entries.len()];
            row_by_row(selected.len(), selected, |row| {
                let code = d.codes.get(at(row));
                let Some(verdict) = verdicts.get_mut(code) else { return false };
                if *verdict == 0 {
                    *verdict = 1 + u8::from(test(d.entries.get(code)));
                }
                *verdict == 2
            })
        }
        StringColumn::Text(text) => row_by_row(selected.len(), selected, |row| test(text.get(at(row)))),
    }
}

/// The selected rows whose dictionary entry passes a test, when most rows are asked for: one pass over the codes tells
/// which entries occur, a second one, 64 rows at a time, which rows have an entry that passed. No branch depends on a
/// row, as it would if entries were tested where they first occur.
fn entries_where<C: Copy + Into<usize>>(
    codes: &[C],
    entries: &TextColumn,
    selected: &Bitmap,
    test: impl Fn(&str) -> bool,
) -> Bitmap {
    let mut passes = vec![false; entries.len()];
    for (block, word) in codes.chunks(64).zip(selected.words()) {
        for (bit, code) in block.iter().enumerate() {
            if let Some(occurs) = passes.get_mut((*code).into()) {
                *occurs |= word >> bit & 1 == 1;
            }
        }
    }
    for (code, passes) in passes.iter_mut().enumerate() {
        *passes = *passes && test(entries.get(code));
    }
    let words = codes.chunks(64).zip(selected.words()).map(|(block, word)| {
        let bit_of = |code: C| u64::from(passes.get(code.into()).copied().unwrap_or(false));
        let found = block.iter().enumerate().fold(0u64, |word, (bit, code)| word | bit_of(*code) << bit);
        found & word
    });
    Bitmap::from_words(words.collect(), selected.len())
}

/// A search for literals in one pass over the text of all rows, when most of it is asked for.
fn in_one_pass(expr: &Expr, column: usize, text: &TextColumn, wanted: bool, selected: &Bitmap) -> Option<Bitmap> {
    let ExprKind::Text(test) = &expr.kind else { return None };
    let is_column = matches!(test.subject.kind, ExprKind::Column(c) if c == column);
    if !is_column || selected.count() * DENSE < selected.len() {
        return None;
    }
    let mut found = test.matcher.as_ref()?.select(text, selected)?;
    if test.negated == wanted {
        let mut others = selected.clone();
        others.and_not(&found);
        found = others;
    }
    Some(found)
}

/// A predicate over a single string column as a test of its text, without making values where that can be saved.
fn text_predicate<'a>(expr: &'a Expr, column: usize, wanted: bool, now: DateTime) -> Box<dyn Fn(&str) -> bool + 'a> {
    let is_column = |x: &Expr| matches!(x.kind, ExprKind::Column(c) if c == column);
    match &expr.kind {
        ExprKind::Text(test) if is_column(&test.subject) => {
            if let Some(matcher) = &test.matcher {
                return Box::new(move |text| (matcher.matches(text) != test.negated) == wanted);
            }
        }
        ExprKind::Regex(test) if is_column(&test.subject) => {
            if let Some(regex) = &test.regex {
                return Box::new(move |text| regex.is_match(text) == wanted);
            }
        }
        ExprKind::In(test) if is_column(&test.value) => {
            if let Some(set) = &test.set {
                return Box::new(move |text| (set.contains_text(text) != test.negated) == wanted);
            }
        }
        ExprKind::Call(call) if call.arguments.first().is_some_and(is_column) && call.arguments.len() == 1 => {
            match call.name {
                "isempty" => return Box::new(move |text| text.is_empty() == wanted),
                "isnotempty" => return Box::new(move |text| text.is_empty() != wanted),
                _ => {}
            }
        }
        _ => {}
    }
    Box::new(move |text| truth(&evaluate(expr, &OneCell { column, text }, now)) == Some(wanted))
}

/// Comparison of a stored column with a value, in one loop; `None` when there is no such loop for the types.
fn compare_column(op: Comparison, vector: &Vector, value: &Value, wanted: bool, selected: &Bitmap) -> Option<Bitmap> {
    if value.is_null() {
        return None;
    }
    let (column, rows) = vector.stored()?;
    match (column, value) {
        (Column::Long(c), Value::Int(_) | Value::Long(_)) => {
            Some(numbers(op, c, rows, convert::to_long(value)?, wanted, selected))
        }
        (Column::Int(c), Value::Int(_) | Value::Long(_)) => {
            // A bound beyond int is compared as long.
            let bound = convert::to_long(value)?;
            match i32::try_from(bound) {
                Ok(bound) => Some(numbers(op, c, rows, bound, wanted, selected)),
                Err(_) => None,
            }
        }
        (Column::DateTime(c), Value::DateTime(t)) => Some(numbers(op, c, rows, t.ticks(), wanted, selected)),
        (Column::TimeSpan(c), Value::TimeSpan(t)) => Some(numbers(op, c, rows, t.ticks(), wanted, selected)),
        (Column::String(strings), Value::String(wanted_text)) => {
            let test = |text: &str| op.accepts(text.cmp(wanted_text)) == wanted;
            Some(strings_where(strings, rows, selected, test))
        }
        _ => None,
    }
}

fn numbers<T: Copy + Ord>(
    op: Comparison,
    column: &PrimitiveColumn<T>,
    rows: Option<&[u32]>,
    bound: T,
    wanted: bool,
    selected: &Bitmap,
) -> Bitmap {
    // With exactly one null side `==` is false and `!=` true; an order with null is null, which is not wanted.
    let null = match op {
        Comparison::Equal => !wanted,
        Comparison::NotEqual => wanted,
        _ => false,
    };
    let dense = rows.is_none() && selected.count() * DENSE > selected.len() && column.values.len() == selected.len();
    if dense {
        let mut found = compare_words(op, &column.values, bound);
        if !wanted {
            found.negate();
        }
        if let Some(valid) = &column.valid {
            if null {
                let mut nulls = valid.clone();
                nulls.negate();
                found.or(&nulls);
            } else {
                found.and(valid);
            }
        }
        found.and(selected);
        return found;
    }
    row_by_row(selected.len(), selected, |row| {
        let row = rows.map_or(row, |rows| rows[row] as usize);
        match column.get(row) {
            Some(value) => op.accepts(value.cmp(&bound)) == wanted,
            None => null,
        }
    })
}

/// Compares every value, 64 at a time into a word of bits.
fn compare_words<T: Copy + Ord>(op: Comparison, values: &[T], bound: T) -> Bitmap {
    fn words<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Vec<u64> {
        values
            .chunks(64)
            .map(|block| {
                block.iter().enumerate().fold(0u64, |word, (bit, value)| word | u64::from(test(*value)) << bit)
            })
            .collect()
    }
    let words = match op {
        Comparison::Equal => words(values, |v| v == bound),
        Comparison::NotEqual => words(values, |v| v != bound),
        Comparison::Less => words(values, |v| v < bound),
        Comparison::LessOrEqual => words(values, |v| v <= bound),
        Comparison::Greater => words(values, |v| v > bound),
        Comparison::GreaterOrEqual => words(values, |v| v >= bound),
    };
    Bitmap::from_words(words, values.len())
}
