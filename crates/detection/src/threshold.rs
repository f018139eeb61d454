//! Thresholds: numbers that a query compares a column with, the column's values as a histogram, and what the score
//! would be at every other place of the threshold.
//!
//! The query is run once with the threshold so low (or high) that it holds nothing back. Of the alerts of that run,
//! each depends on the value in its row alone: sorted by value they give the alerts and the score at every place of the
//! threshold at once, whatever else the query does to its rows.

use crate::marks::alerting_rows;
use crate::samples::Label;
use crate::session::{LastRun, RunFailure, Session, resolve_text};
use crate::signals::{leg_chain, signal_name};
use event_table::{Column, ColumnIndex, ColumnType, RowRef, Table, Value};
use kql_engine::expr::ExprKind;
use kql_engine::run::{Pace, RunError};
use kql_engine::scalar::{Comparison, convert};
use kql_syntax::edit::{apply, set_scalar};
use kql_syntax::literals::{Literal, LiteralValue, Scalar, literals};
use kql_syntax::{Span, parse};
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

/// Bars for the values above zero, at most.
const BARS: usize = 64;
/// Places of the threshold that are told, at most.
const PLACES: usize = 1_000;

/// A number in the text that conditions compare a column of the logs with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    /// Where the number stands in the text.
    pub literal: Span,
    /// The name of its `let`, if it has one.
    pub name: Option<String>,
    /// The number.
    pub value: f64,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// Whether values above it pass; otherwise those below.
    pub passes_above: bool,
    /// Whether the number itself passes.
    pub inclusive: bool,
    /// The signals, by position, that it decides on.
    pub signals: Vec<usize>,
    /// Their names.
    pub signal_names: Vec<String>,
}

/// The values of a column on a logarithmic scale, and what the threshold does among them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// The threshold.
    pub threshold: Threshold,
    /// The bars, from the smallest values to the largest, without gaps from the first above zero to the last.
    pub bars: Vec<Bar>,
    /// Rows of the table without a value.
    pub missing: usize,
    /// Rows of the table.
    pub rows: usize,
    /// The score at each place of the threshold where it changes, by rising value, from where it lets every row through
    /// to where it lets none (or the other way round). Between two places the score is that of one of them:
    /// [`Histogram::at`] says which.
    pub places: Vec<ThresholdScore>,
    /// Whether every place is told; otherwise some between were left out.
    pub all_places: bool,
}

/// Rows with similar values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The smallest value that belongs to it.
    pub from: f64,
    /// The smallest value that belongs no more; the same as `from` for the bar of zero and less.
    pub to: f64,
    /// Rows of the table.
    pub rows: usize,
    /// Those that alert.
    pub alerts: usize,
    /// Those that would alert if the threshold held nothing back: the rows that it decides on.
    pub decided: usize,
    /// Rows labelled as part of an attack.
    pub malicious: usize,
    /// Rows labelled as no part of one.
    pub benign: usize,
}

/// The score of the whole query with the threshold at a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThresholdScore {
    /// The place.
    pub value: f64,
    /// Alerts of the signals that it decides on.
    pub alerts: usize,
    /// Rows that are part of an attack, and alert.
    pub true_positives: usize,
    /// Rows that are not, and alert.
    pub false_positives: usize,
    /// Rows that are part of an attack, and do not alert.
    pub false_negatives: usize,
    /// Alerting rows without a label.
    pub unlabelled: usize,
    /// Of the labelled rows that alert, the part that should; none when none alerts.
    pub precision: Option<f64>,
    /// Of the rows that should alert, the part that does; none when none should.
    pub recall: Option<f64>,
}

impl Histogram {
    /// The score with the threshold at any value. Exact when all places are told.
    #[must_use]
    pub fn at(&self, value: f64) -> Option<ThresholdScore> {
        // `v > t` changes when t reaches a value, `v >= t` when t passes it; with `<` it is the other way round.
        let reached = self.threshold.passes_above != self.threshold.inclusive;
        let after =
            self.places.partition_point(|place| if reached { place.value <= value } else { place.value < value });
        let place = if reached { after.saturating_sub(1) } else { after.min(self.places.len().saturating_sub(1)) };
        self.places.get(place).map(|place| ThresholdScore { value, ..*place })
    }
}

/// A threshold and the conditions that it stands in: signal, table, column.
struct Found {
    threshold: Threshold,
    conditions: Vec<(usize, usize, ColumnIndex)>,
}

impl Session {
    /// The thresholds of the newest run's query.
    #[must_use]
    pub fn thresholds(&self) -> Vec<Threshold> {
        let Some(last) = &self.last else { return Vec::new() };
        self.found_thresholds(last).into_iter().map(|found| found.threshold).collect()
    }

    /// The histogram of a threshold, by where its number stands in the newest run's query; none when there is no such
    /// threshold.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn histogram(&mut self, literal: Span, pace: &dyn Pace) -> Result<Option<Histogram>, RunFailure> {
        let Some(last) = &self.last else { return Ok(None) };
        let Some(found) = self.found_thresholds(last).into_iter().find(|found| found.threshold.literal == literal)
        else {
            return Ok(None);
        };
        let values = self.values(&found);
        let Some(edited) = open(&last.query, &found.threshold, &values) else { return Ok(None) };
        let (_, Some(plan)) = resolve_text(&edited, &self.tables, last.now) else { return Ok(None) };
        let outcome = match self.runner.run(&plan, &self.tables, last.now, pace).await {
            Ok(outcome) => outcome,
            Err(RunError::Cancelled) => return Err(RunFailure::Cancelled),
            Err(_) => return Ok(None),
        };
        let decides: FxHashMap<usize, ColumnIndex> =
            found.conditions.iter().map(|(signal, _, column)| (*signal, *column)).collect();
        // Of each row that it decides on: its value, and how many alerts there are on it.
        let (mut decided, mut always): (FxHashMap<RowRef, (f64, usize)>, FxHashSet<RowRef>) = Default::default();
        for (record, signal) in alerting_rows(&outcome.relation).filter_map(|(_, origin)| origin) {
            match decides.get(&signal).and_then(|column| self.number(record, *column)) {
                Some(value) => decided.entry(record).or_insert((value, 0)).1 += 1,
                None => {
                    always.insert(record);
                }
            }
        }
        let alerting: FxHashSet<RowRef> =
            alerting_rows(&last.outcome.relation).filter_map(|(_, origin)| origin.map(|(record, _)| record)).collect();
        let (places, all_places) = self.places(&found.threshold, &decided, &always);
        let mut bars = Bars::of(&values.numbers);
        values.numbers.iter().for_each(|value| bars.bar(*value).rows += 1);
        let on_table = |record: &&RowRef| record.table == values.table;
        for record in alerting.iter().filter(on_table) {
            self.number(*record, values.column).into_iter().for_each(|value| bars.bar(value).alerts += 1);
        }
        decided.values().for_each(|(value, _)| bars.bar(*value).decided += 1);
        for (record, label) in self.marks.labels.iter().filter(|(record, _)| on_table(record)) {
            let Some(value) = self.number(*record, values.column) else { continue };
            match label {
                Label::Malicious => bars.bar(value).malicious += 1,
                Label::Benign => bars.bar(value).benign += 1,
            }
        }
        Ok(Some(Histogram {
            missing: values.rows - values.numbers.len(),
            rows: values.rows,
            threshold: found.threshold,
            bars: bars.bars,
            places,
            all_places,
        }))
    }

    /// Every number that only plain comparisons of one column use, in all signals alike.
    fn found_thresholds(&self, last: &LastRun) -> Vec<Found> {
        let parsed = parse(&last.query);
        let mut found = Vec::new();
        for literal in literals(&parsed) {
            let LiteralValue::Scalar(Scalar::Number(text)) = &literal.value else { continue };
            // Of `512 * 1024` each number is a literal, and none is what the column is compared with.
            let written = text.parse::<f64>().ok();
            let threshold = self.found_threshold(last, &literal);
            found.extend(threshold.filter(|found| written == Some(found.threshold.value)));
        }
        found
    }

    fn found_threshold(&self, last: &LastRun, literal: &Literal) -> Option<Found> {
        let mut conditions = Vec::new();
        let mut threshold: Option<Threshold> = None;
        let mut met: FxHashSet<Span> = FxHashSet::default();
        for (signal, leg) in last.plan.legs.iter().enumerate() {
            let Some(chain) = leg_chain(&last.plan, leg, &last.outcome) else { continue };
            let Some(name) = last.plan.tables(chain.base).first().cloned() else { continue };
            for condition in &chain.conditions {
                if !literal.uses.iter().any(|u| u.predicate == condition.span) {
                    continue;
                }
                let ExprKind::Compare(op, left, right) = &condition.expr.kind else { return None };
                let (column, bound, op) = match (&left.kind, &right.kind) {
                    (ExprKind::Column(column), ExprKind::Constant(bound)) => (*column, bound, *op),
                    (ExprKind::Constant(bound), ExprKind::Column(column)) => (*column, bound, turned(*op)?),
                    _ => return None,
                };
                let (passes_above, inclusive) = match op {
                    Comparison::Greater => (true, false),
                    Comparison::GreaterOrEqual => (true, true),
                    Comparison::Less => (false, false),
                    Comparison::LessOrEqual => (false, true),
                    _ => return None,
                };
                let column = &last.plan.node(chain.base).columns[column];
                let position = self.tables.position(&name)?;
                let index = self.tables.tables()[position].schema().position(&column.name)?;
                if !matches!(column.ty, ColumnType::Int | ColumnType::Long | ColumnType::Real) {
                    return None;
                }
                let known = threshold.get_or_insert_with(|| Threshold {
                    literal: literal.span,
                    name: literal.name.clone(),
                    value: convert::to_real(bound).unwrap_or_default(),
                    table: name.to_string(),
                    column: column.name.to_string(),
                    passes_above,
                    inclusive,
                    signals: Vec::new(),
                    signal_names: Vec::new(),
                });
                let same = known.table == *name
                    && known.column == *column.name
                    && (known.passes_above, known.inclusive) == (passes_above, inclusive);
                if !same || known.signals.contains(&signal) {
                    return None;
                }
                known.signals.push(signal);
                known.signal_names.push(signal_name(&last.plan, leg));
                met.insert(condition.span);
                conditions.push((signal, position, index));
            }
        }
        // A use that is no condition of its own (in an `or`, behind a join) is not decided by the value alone.
        let all_met = literal.uses.iter().all(|u| met.contains(&u.predicate));
        threshold.filter(|_| all_met).map(|threshold| Found { threshold, conditions })
    }

    /// The numbers of the column that a threshold decides on.
    fn values(&self, found: &Found) -> Values {
        let mut values = Values { table: 0, column: ColumnIndex::from(0), rows: 0, numbers: Vec::new() };
        let Some((_, position, column)) = found.conditions.first() else { return values };
        let Some(table) = self.tables.tables().get(*position) else { return values };
        (values.table, values.column, values.rows) = (*position as u32, *column, table.len());
        values.numbers.reserve(table.len());
        for batch in table.batches() {
            let Some(stored) = batch.column(column.get()) else { continue };
            match &**stored {
                Column::Int(c) => values.numbers.extend((0..batch.len()).filter_map(|row| c.get(row)).map(f64::from)),
                Column::Long(c) => {
                    values.numbers.extend((0..batch.len()).filter_map(|row| c.get(row)).map(|n| n as f64));
                }
                Column::Real(c) => {
                    values.numbers.extend((0..batch.len()).filter_map(|row| c.get(row)).filter(|n| n.is_finite()));
                }
                _ => {}
            }
        }
        values
    }

    /// The number in a cell.
    fn number(&self, record: RowRef, column: ColumnIndex) -> Option<f64> {
        let table: &Table = self.tables.tables().get(record.table as usize)?;
        match table.value(record.row as usize, column) {
            Value::Int(n) => Some(f64::from(n)),
            Value::Long(n) => Some(n as f64),
            Value::Real(n) => Some(n).filter(|n| n.is_finite()),
            _ => None,
        }
    }

    /// The score at every place of the threshold, and whether these are all.
    fn places(
        &self,
        threshold: &Threshold,
        decided: &FxHashMap<RowRef, (f64, usize)>,
        always: &FxHashSet<RowRef>,
    ) -> (Vec<ThresholdScore>, bool) {
        let wanted = self.marks.labels.values().filter(|label| **label == Label::Malicious).count();
        let mut now = ThresholdScore::default();
        let count = |score: &mut ThresholdScore, record: &RowRef| match self.marks.labels.get(record) {
            Some(Label::Malicious) => score.true_positives += 1,
            Some(Label::Benign) => score.false_positives += 1,
            None => score.unlabelled += 1,
        };
        always.iter().for_each(|record| count(&mut now, record));
        let without = now;
        let mut rows: Vec<(f64, usize, &RowRef)> = decided.iter().map(|(row, (value, n))| (*value, *n, row)).collect();
        // From the place that holds everything back to the one that holds nothing back.
        rows.sort_by(|a, b| if threshold.passes_above { b.0.total_cmp(&a.0) } else { a.0.total_cmp(&b.0) });
        let finished = |score: &ThresholdScore, value: f64| {
            let part = |of: usize, all: usize| (all > 0).then(|| of as f64 / all as f64);
            ThresholdScore {
                value,
                false_negatives: wanted - score.true_positives,
                precision: part(score.true_positives, score.true_positives + score.false_positives),
                recall: part(score.true_positives, wanted),
                ..*score
            }
        };
        let mut places: Vec<ThresholdScore> = Vec::new();
        let mut next = 0;
        while next < rows.len() {
            let value = rows[next].0;
            let before = now;
            while let Some((_, alerts, record)) = rows.get(next).filter(|row| row.0 == value) {
                now.alerts += alerts;
                if !always.contains(*record) {
                    count(&mut now, record);
                }
                next += 1;
            }
            places.push(finished(if threshold.inclusive { &now } else { &before }, value));
        }
        // One place beyond the values: with `>` where the last of them passes too, with `>=` where the first does not.
        let (first, last) =
            (rows.first().map_or(threshold.value, |r| r.0), rows.last().map_or(threshold.value, |r| r.0));
        let step = if threshold.passes_above { -1.0 } else { 1.0 };
        if threshold.inclusive {
            places.insert(0, finished(&without, beyond(first, -step)));
        } else {
            places.push(finished(&now, beyond(last, step)));
        }
        if threshold.passes_above {
            places.reverse();
        }
        let all = places.len() <= PLACES;
        if !all {
            let last = places.len() - 1;
            let kept: Vec<ThresholdScore> = (0..PLACES).map(|i| places[i * last / (PLACES - 1)]).collect();
            places = kept;
        }
        (places, all)
    }
}

/// The next number in a direction: one away, or the next that there is.
fn beyond(value: f64, step: f64) -> f64 {
    let away = value + step;
    if away != value {
        return away;
    }
    if step > 0.0 { value.next_up() } else { value.next_down() }
}

/// A column's numbers, where there are any.
struct Values {
    table: u32,
    column: ColumnIndex,
    rows: usize,
    numbers: Vec<f64>,
}

/// The comparison with its sides changed.
fn turned(op: Comparison) -> Option<Comparison> {
    Some(match op {
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

/// The text with the threshold where it holds nothing back that has a value.
fn open(text: &str, threshold: &Threshold, values: &Values) -> Option<String> {
    let ends = values
        .numbers
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(*value), most.max(*value)));
    let place = match (values.numbers.is_empty(), threshold.passes_above) {
        (true, _) => threshold.value,
        // Beyond what a 64-bit number holds there is nothing to compare with.
        (false, true) => beyond(ends.0, -1.0).floor(),
        (false, false) => beyond(ends.1, 1.0).ceil(),
    };
    let number = if place.abs() < 9.2e18 { format!("{place:.0}") } else { format!("{place:e}") };
    let edits = set_scalar(&parse(text), threshold.literal, &Scalar::Number(number)).ok()?;
    apply(text, &edits).ok()
}

/// Bars on a scale of powers of two, or of parts of them, so that sizes such as 512 KiB stand at the edge of one.
struct Bars {
    bars: Vec<Bar>,
    /// How many bars there are for values that are zero or less.
    low: usize,
    first: i32,
    per_octave: i32,
}

impl Bars {
    fn of(numbers: &[f64]) -> Self {
        let positive = numbers.iter().copied().filter(|n| *n > 0.0);
        let (least, most) = positive.fold((f64::INFINITY, 0.0_f64), |(a, b), n| (a.min(n), b.max(n)));
        let low = usize::from(numbers.iter().any(|n| *n <= 0.0));
        let mut bars = vec![Bar::default(); low];
        let (mut first, mut per_octave) = (0, 1);
        if most > 0.0 {
            let octaves = most.log2().floor() as i32 - least.log2().floor() as i32 + 1;
            // Values over more octaves than there are bars: small fractions share the first bar.
            let lowest = most.log2().floor() as i32 - (octaves.min(BARS as i32) - 1);
            per_octave = [4, 2, 1].into_iter().find(|parts| octaves * parts <= BARS as i32).unwrap_or(1);
            first = lowest * per_octave;
            let count = octaves.min(BARS as i32) * per_octave;
            let edge = |place: i32| (f64::from(place) / f64::from(per_octave)).exp2();
            bars.extend((first..first + count).map(|place| Bar {
                from: edge(place),
                to: edge(place + 1),
                ..Bar::default()
            }));
        }
        Self { bars, low, first, per_octave }
    }

    /// The bar of a value; every value that the bars were made for has one.
    #[inline]
    fn bar(&mut self, value: f64) -> &mut Bar {
        let place = if value <= 0.0 {
            0
        } else {
            let guess = (value.log2() * f64::from(self.per_octave)).floor() as i32 - self.first;
            let last = self.bars.len() - 1;
            let mut at = (self.low + guess.max(0) as usize).min(last);
            // Rounding may miss the edge by one.
            if value < self.bars[at].from && at > self.low {
                at -= 1;
            } else if value >= self.bars[at].to && at < last {
                at += 1;
            }
            at
        };
        &mut self.bars[place]
    }
}

#[cfg(test)]
mod tests;
