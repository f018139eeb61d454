//! Percentiles: the value at the nearest rank.
//!
//! Source: Kusto documentation, `percentiles-aggregation-function`: the P-th percentile is the smallest value of which
//! at least P percent of the values are not above it, the 0-th the smallest of all.

use super::Accumulator;
use crate::scalar::{convert, order, plain};
use event_table::{ColumnType, Dynamic, Value};

pub(super) struct Percentile {
    ty: ColumnType,
    percent: f64,
    ranked: Ranked,
}

impl Percentile {
    pub(super) fn new(ty: ColumnType, percent: f64) -> Self {
        Self { ty, percent, ranked: Ranked::default() }
    }
}

impl Accumulator for Percentile {
    fn add(&mut self, arguments: &[Value]) {
        self.ranked.add(arguments.first(), 1);
    }
    fn finish(mut self: Box<Self>) -> Vec<Value> {
        vec![typed(self.ranked.at(self.percent), self.ty)]
    }
}

/// The percentage is an argument, the same on every row.
pub(super) struct Weighted {
    ty: ColumnType,
    percent: Option<f64>,
    ranked: Ranked,
}

impl Weighted {
    pub(super) fn new(ty: ColumnType) -> Self {
        Self { ty, percent: None, ranked: Ranked::default() }
    }
}

impl Accumulator for Weighted {
    fn add(&mut self, arguments: &[Value]) {
        self.percent = arguments.get(2).and_then(convert::to_real);
        self.ranked.add(arguments.first(), weight(arguments.get(1)));
    }
    fn finish(mut self: Box<Self>) -> Vec<Value> {
        vec![typed(self.percent.and_then(|percent| self.ranked.at(percent)), self.ty)]
    }
}

/// All percentages in one array. They are arguments, the same on every row, one by one or in an array.
pub(super) struct Array {
    weighted: bool,
    percents: Vec<f64>,
    ranked: Ranked,
}

impl Array {
    pub(super) fn new(weighted: bool) -> Self {
        Self { weighted, percents: Vec::new(), ranked: Ranked::default() }
    }
}

impl Accumulator for Array {
    fn add(&mut self, arguments: &[Value]) {
        let first_percent = if self.weighted { 2 } else { 1 };
        if self.percents.is_empty() {
            for argument in arguments.get(first_percent..).unwrap_or_default() {
                match argument {
                    Value::Dynamic(d) if d.as_array().is_some() => {
                        let items = d.as_array().unwrap_or_default().iter();
                        self.percents.extend(items.filter_map(|i| convert::to_real(&Value::dynamic(i.clone()))));
                    }
                    single => self.percents.extend(convert::to_real(single)),
                }
            }
        }
        let weight = if self.weighted { weight(arguments.get(1)) } else { 1 };
        self.ranked.add(arguments.first(), weight);
    }
    fn finish(mut self: Box<Self>) -> Vec<Value> {
        if self.ranked.values.is_empty() {
            return vec![Value::Null];
        }
        let at = |percent: &f64| self.ranked.at(*percent).as_ref().map(convert::to_dynamic).unwrap_or_default();
        vec![Value::dynamic(Dynamic::Array(self.percents.iter().map(at).collect()))]
    }
}

/// **Our choice**: a value whose weight is null or not positive does not count.
fn weight(argument: Option<&Value>) -> u64 {
    argument.and_then(convert::to_long).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}

fn typed(value: Option<Value>, ty: ColumnType) -> Value {
    value.map_or_else(|| Value::missing(ty), |v| convert::to_type(&v, ty))
}

/// Values, each standing for as many as it weighs.
#[derive(Default)]
struct Ranked {
    values: Vec<(Value, u64)>,
    total: u128,
    sorted: bool,
}

impl Ranked {
    fn add(&mut self, value: Option<&Value>, weight: u64) {
        if let Some(value) = value.map(plain).filter(|v| !v.is_null() && weight > 0) {
            crate::memory::take(size_of::<(Value, u64)>());
            self.values.push((value, weight));
            self.total += u128::from(weight);
            self.sorted = false;
        }
    }

    fn at(&mut self, percent: f64) -> Option<Value> {
        if !self.sorted {
            self.values.sort_by(|a, b| order(&a.0, &b.0));
            self.sorted = true;
        }
        // Multiplied first: 55 % of 20 is 11, and 0.55 * 20 is a little more.
        let rank = (percent * self.total as f64 / 100.0).ceil();
        let mut below = 0u128;
        let reached = self.values.iter().find(|(_, weight)| {
            below += u128::from(*weight);
            below as f64 >= rank
        });
        reached.or(self.values.last()).map(|(value, _)| value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Aggregate, AggregateCall, AggregateKind, MAX_ELEMENTS};
    use super::*;

    fn run(kind: AggregateKind, ty: ColumnType, rows: &[Vec<Value>]) -> String {
        let aggregate = Aggregate { kind, conditional: false, limit: MAX_ELEMENTS };
        let mut group = AggregateCall { aggregate, arguments: Vec::new(), types: vec![ty] }.start();
        rows.iter().for_each(|row| group.add(row));
        group.finish()[0].to_string()
    }

    /// The example of the article on percentiles that the page refers to.
    #[test]
    fn a_percentile_is_the_value_at_the_nearest_rank() {
        let rows: Vec<_> = [35, 20, 15, 50, 40].map(|n| vec![Value::Long(n)]).into();
        for (percent, expected) in [(0.0, "15"), (30.0, "20"), (40.0, "20"), (50.0, "35"), (100.0, "50")] {
            assert_eq!(run(AggregateKind::Percentile(percent), ColumnType::Long, &rows), expected, "{percent}");
        }
        let twenty: Vec<_> = (1..=20).map(|n| vec![Value::Long(n)]).collect();
        assert_eq!(run(AggregateKind::Percentile(55.0), ColumnType::Long, &twenty), "11");
        assert_eq!(run(AggregateKind::Percentile(50.0), ColumnType::Long, &[vec![Value::Null]]), "");
    }

    /// The example of `percentilesw-aggregation-function`.
    #[test]
    fn weights_repeat_values() {
        let latency = [(8, 10), (6, 20), (3, 30), (1, 40)];
        let rows = |rest: &[Value]| -> Vec<Vec<Value>> {
            let row = |(weight, value): &(i64, i64)| [&[Value::Long(*value), Value::Long(*weight)], rest].concat();
            latency.iter().map(row).chain([[&[Value::Long(0), Value::Null], rest].concat()]).collect()
        };
        let (p50, p75, p99) = (Value::Long(50), Value::Long(75), Value::Real(99.9));
        for (percent, expected) in [(&p50, "20"), (&p75, "20"), (&p99, "40")] {
            let rows = rows(std::slice::from_ref(percent));
            assert_eq!(run(AggregateKind::WeightedPercentile, ColumnType::Long, &rows), expected, "{percent:?}");
        }
        let kind = AggregateKind::PercentilesArray { weighted: true };
        assert_eq!(run(kind, ColumnType::Dynamic, &rows(&[p50, p75, p99])), "[20,20,40]");
        let array = Value::dynamic(Dynamic::from_json("[50, 75, 99.9]").unwrap());
        assert_eq!(run(kind, ColumnType::Dynamic, &rows(std::slice::from_ref(&array))), "[20,20,40]");
        let kind = AggregateKind::PercentilesArray { weighted: false };
        let rows: Vec<_> = [1.5, 2.5, 3.5].map(|n| vec![Value::Real(n), Value::Long(0), Value::Long(50)]).into();
        assert_eq!(run(kind, ColumnType::Dynamic, &rows), "[1.5,2.5]");
        assert_eq!(run(kind, ColumnType::Dynamic, &[]), "");
    }
}
