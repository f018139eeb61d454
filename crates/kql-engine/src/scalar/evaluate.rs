//! Evaluating an expression on one row: the plain reading of every operator.
//!
//! Running over columns must agree with this (a property test holds them together), and explanations are made
//! with it: a [`Trace`] is told where text matched.

use super::{arithmetic, compare, convert, negate, plain};
use crate::expr::{Expr, ExprKind, InTest, RegexTest, TextTest, spread};
use crate::functions::CallContext;
use crate::memory;
use crate::sets::ValueSet;
use crate::text::Matcher;
use event_table::{ColumnType, DateTime, Dynamic, Value};
use std::sync::Arc;

/// The cells of one row.
pub trait Row {
    /// The cell of a column.
    fn value(&self, column: usize) -> Value;
}

impl Row for [Value] {
    fn value(&self, column: usize) -> Value {
        self.get(column).cloned().unwrap_or_default()
    }
}

/// Told of every text test that is evaluated, for explanations.
pub trait Trace {
    /// A test against literals, and the text that it saw.
    fn text(&mut self, test: &TextTest, matcher: &Matcher, text: &str);
    /// A test against a regular expression, and the text that it saw.
    fn regex(&mut self, test: &RegexTest, regex: &regex::Regex, text: &str);
}

struct NoTrace;

impl Trace for NoTrace {
    fn text(&mut self, _: &TextTest, _: &Matcher, _: &str) {}
    fn regex(&mut self, _: &RegexTest, _: &regex::Regex, _: &str) {}
}

/// The value of an expression on a row.
#[must_use]
pub fn evaluate(expr: &Expr, row: &(impl Row + ?Sized), now: DateTime) -> Value {
    traced(expr, row, now, &mut NoTrace)
}

/// The value of an expression on a row; the trace is told of every text test. Nothing is skipped: all sides of
/// `and` and `or` are evaluated.
#[must_use]
pub fn traced(expr: &Expr, row: &(impl Row + ?Sized), now: DateTime, trace: &mut dyn Trace) -> Value {
    match &expr.kind {
        ExprKind::Constant(value) => value.clone(),
        ExprKind::Column(index) => row.value(*index),
        ExprKind::Negate(x) => negate(&traced(x, row, now, trace)),
        ExprKind::Arithmetic(op, a, b) => {
            arithmetic(*op, &traced(a, row, now, trace), &traced(b, row, now, trace), expr.ty)
        }
        ExprKind::Compare(op, a, b) => boolean(compare(*op, &traced(a, row, now, trace), &traced(b, row, now, trace))),
        ExprKind::And(list) => boolean(decided_by(false, list, row, now, trace)),
        ExprKind::Or(list) => boolean(decided_by(true, list, row, now, trace)),
        ExprKind::Not(x) => boolean(truth(&traced(x, row, now, trace)).map(|b| !b)),
        ExprKind::Text(test) => text_test(test, row, now, trace),
        ExprKind::Regex(test) => {
            let subject = traced(&test.subject, row, now, trace);
            let text = convert::to_text(&subject);
            if let Some(regex) = &test.regex {
                trace.regex(test, regex, &text);
                return Value::Bool(regex.is_match(&text));
            }
            let pattern = traced(&test.pattern, row, now, trace);
            crate::regexes::with(&convert::to_text(&pattern), |regex| {
                trace.regex(test, regex, &text);
                regex.is_match(&text)
            })
            .map_or(Value::Null, Value::Bool)
        }
        ExprKind::In(test) => in_test(test, row, now, trace),
        ExprKind::Call(call) => {
            let arguments: Vec<Value> = call.arguments.iter().map(|x| traced(x, row, now, trace)).collect();
            if !memory::may_join(&arguments) {
                return Value::missing(expr.ty);
            }
            let value = (call.function)(&CallContext { returns: expr.ty, now }, &arguments);
            let value = memory::vetted(value);
            if value.is_null() && expr.ty == ColumnType::String { Value::missing(expr.ty) } else { value }
        }
        ExprKind::Access(base, index) => access(&traced(base, row, now, trace), &traced(index, row, now, trace)),
        // The run puts the value in place before it looks at rows.
        ExprKind::Subquery(..) => Value::missing(expr.ty),
    }
}

fn text_test(test: &TextTest, row: &(impl Row + ?Sized), now: DateTime, trace: &mut dyn Trace) -> Value {
    let subject = traced(&test.subject, row, now, trace);
    let text = convert::to_text(&subject);
    let matcher = match &test.matcher {
        Some(matcher) => matcher.clone(),
        None => {
            let mut needles = Vec::new();
            for needle in &test.needles {
                spread(&traced(needle, row, now, trace), &mut needles);
            }
            let literals = needles.iter().map(|v| convert::to_text(v).as_ref().into()).collect();
            match Matcher::new(test.mode, test.quantifier, test.case_sensitive, literals) {
                Ok(matcher) => Arc::new(matcher),
                Err(_) => return Value::Null,
            }
        }
    };
    trace.text(test, &matcher, &text);
    Value::Bool(matcher.matches(&text) != test.negated)
}

fn in_test(test: &InTest, row: &(impl Row + ?Sized), now: DateTime, trace: &mut dyn Trace) -> Value {
    let value = traced(&test.value, row, now, trace);
    let found = match &test.set {
        Some(set) => set.contains(&value),
        None => {
            let mut values = Vec::new();
            for item in &test.list {
                spread(&traced(item, row, now, trace), &mut values);
            }
            ValueSet::new(values).contains(&value)
        }
    };
    Value::Bool(found != test.negated)
}

/// A property of a bag by name, or an element of an array by position; a negative position counts from the end.
fn access(base: &Value, index: &Value) -> Value {
    let Value::Dynamic(base) = base else { return Value::Null };
    let found = match (&**base, plain(index)) {
        (Dynamic::Bag(bag), Value::String(name)) => bag.get(&name),
        (Dynamic::Array(items), position) => convert::to_long(&position).and_then(|n| {
            let n = if n < 0 { n.checked_add(items.len() as i64)? } else { n };
            items.get(usize::try_from(n).ok()?)
        }),
        _ => None,
    };
    found.map_or(Value::Null, |d| Value::dynamic(d.clone()))
}

/// `and` is decided by one false, `or` by one true; undecided, one null makes null.
fn decided_by(
    deciding: bool,
    list: &[Expr],
    row: &(impl Row + ?Sized),
    now: DateTime,
    trace: &mut dyn Trace,
) -> Option<bool> {
    let values: Vec<Option<bool>> = list.iter().map(|x| truth(&traced(x, row, now, trace))).collect();
    if values.contains(&Some(deciding)) {
        return Some(deciding);
    }
    if values.contains(&None) { None } else { Some(!deciding) }
}

/// A value as a condition or the operand of a logical operator: a boolean, also one inside a dynamic value.
#[must_use]
pub fn truth(value: &Value) -> Option<bool> {
    match plain(value) {
        Value::Bool(b) => Some(b),
        _ => None,
    }
}

fn boolean(value: Option<bool>) -> Value {
    value.map_or(Value::Null, Value::Bool)
}
