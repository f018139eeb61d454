//! What `summarize` computes over the rows of a group.
//!
//! Source: Kusto documentation, the pages of the aggregation functions and `summarize-operator` (default values).
//! Nulls are passed over. **Our choices**: `dcount` and percentiles are exact where Kusto estimates; sets and lists keep
//! the order of the rows; `take_any` takes the first row, or of a single column the first value that is there.

mod collect;
mod grouped;
mod numeric;
mod percentile;
mod pick;
mod schema;

pub(crate) use grouped::GroupedCall;

use crate::expr::Expr;
use event_table::{ColumnType, Value};

/// An aggregate of a `summarize`, and its arguments.
#[derive(Clone, Debug)]
pub struct AggregateCall {
    /// The function.
    pub aggregate: Aggregate,
    /// Its arguments, evaluated on each row. For `…if` forms the last one is the predicate.
    pub arguments: Vec<Expr>,
    /// The types of the columns that it gives; one but for `arg_max` and its kin.
    pub types: Vec<ColumnType>,
}

/// The aggregates that run here.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "the names are Kusto's")]
pub enum AggregateKind {
    Count,
    Sum,
    Avg,
    Min,
    Max,
    CountDistinct,
    MakeList,
    MakeListWithNulls,
    MakeSet,
    MakeBag,
    ArgMax,
    ArgMin,
    TakeAny,
    /// The value at a percentage, which the resolver has read.
    Percentile(f64),
    /// The same with a weight for each value: value, weight, percentage.
    WeightedPercentile,
    /// An array of the values at several percentages, given one by one or as an array: value, weight if any, those.
    PercentilesArray {
        weighted: bool,
    },
    StDev {
        population: bool,
    },
    Variance {
        population: bool,
    },
    /// Of two values.
    Covariance {
        population: bool,
    },
    /// The schema that admits all dynamic values.
    BuildSchema,
    BinaryAnd,
    BinaryOr,
    BinaryXor,
}

/// An aggregate and whether its last argument is a predicate on the row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub kind: AggregateKind,
    /// Whether the last argument says which rows count.
    pub conditional: bool,
    /// The most elements of a list or set.
    pub limit: usize,
}

/// Kusto's bound on the elements of a list or set (`make-list-aggregation-function`).
pub const MAX_ELEMENTS: usize = 1_048_576;
/// The elements that the old names of the same aggregates keep when no size is given.
const OLD_MAX_ELEMENTS: usize = 128;

impl Aggregate {
    /// The aggregate of a name, the current one or an old one; `None` when it does not run here. `percentile`,
    /// `percentiles` and `percentilesw` are made by the resolver, which reads their numbers.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use AggregateKind::*;
        let (kind, conditional) = match name {
            "count" | "cnt" => (Count, false),
            "countif" => (Count, true),
            "sum" => (Sum, false),
            "sumif" => (Sum, true),
            "avg" => (Avg, false),
            "avgif" => (Avg, true),
            "min" => (Min, false),
            "minif" => (Min, true),
            "max" => (Max, false),
            "maxif" => (Max, true),
            "dcount" | "count_distinct" => (CountDistinct, false),
            "dcountif" | "count_distinctif" => (CountDistinct, true),
            "make_list" | "makelist" => (MakeList, false),
            "make_list_if" => (MakeList, true),
            "make_list_with_nulls" => (MakeListWithNulls, false),
            "make_set" | "makeset" => (MakeSet, false),
            "make_set_if" => (MakeSet, true),
            "make_bag" | "make_dictionary" => (MakeBag, false),
            "make_bag_if" => (MakeBag, true),
            "arg_max" | "argmax" => (ArgMax, false),
            "arg_min" | "argmin" => (ArgMin, false),
            "take_any" | "any" => (TakeAny, false),
            "take_anyif" | "anyif" => (TakeAny, true),
            "stdev" => (StDev { population: false }, false),
            "stdevif" => (StDev { population: false }, true),
            "stdevp" => (StDev { population: true }, false),
            "variance" => (Variance { population: false }, false),
            "varianceif" => (Variance { population: false }, true),
            "variancep" => (Variance { population: true }, false),
            "variancepif" => (Variance { population: true }, true),
            "covariance" => (Covariance { population: false }, false),
            "covarianceif" => (Covariance { population: false }, true),
            "covariancep" => (Covariance { population: true }, false),
            "covariancepif" => (Covariance { population: true }, true),
            "percentilew" => (WeightedPercentile, false),
            "percentiles_array" => (PercentilesArray { weighted: false }, false),
            "percentilesw_array" => (PercentilesArray { weighted: true }, false),
            "buildschema" => (BuildSchema, false),
            "binary_all_and" => (BinaryAnd, false),
            "binary_all_or" => (BinaryOr, false),
            "binary_all_xor" => (BinaryXor, false),
            _ => return None,
        };
        let old = matches!(name, "makelist" | "makeset" | "make_dictionary");
        Some(Self { kind, conditional, limit: if old { OLD_MAX_ELEMENTS } else { MAX_ELEMENTS } })
    }
}

/// The values of a group so far.
pub(crate) trait Accumulator {
    /// Takes the arguments of a row; a predicate has been looked at already.
    fn add(&mut self, arguments: &[Value]);
    /// The values of the group: one for each type of the call.
    fn finish(self: Box<Self>) -> Vec<Value>;
}

impl AggregateCall {
    /// An empty group.
    pub(crate) fn start(&self) -> Box<dyn Accumulator> {
        let ty = self.types.first().copied().unwrap_or(ColumnType::Dynamic);
        let limit = self.aggregate.limit;
        match self.aggregate.kind {
            AggregateKind::Count => Box::<numeric::Count>::default(),
            AggregateKind::Sum => numeric::sum(ty),
            AggregateKind::Avg => Box::new(numeric::Average::new(ty)),
            AggregateKind::StDev { population } => Box::new(numeric::Spread::new(population, true)),
            AggregateKind::Variance { population } => Box::new(numeric::Spread::new(population, false)),
            AggregateKind::Covariance { population } => Box::new(numeric::Covariance::new(population)),
            AggregateKind::BinaryAnd => Box::new(numeric::Bits::new(ty, |a, b| a & b)),
            AggregateKind::BinaryOr => Box::new(numeric::Bits::new(ty, |a, b| a | b)),
            AggregateKind::BinaryXor => Box::new(numeric::Bits::new(ty, |a, b| a ^ b)),
            AggregateKind::Min => Box::new(pick::Extreme::new(ty, std::cmp::Ordering::Less)),
            AggregateKind::Max => Box::new(pick::Extreme::new(ty, std::cmp::Ordering::Greater)),
            AggregateKind::ArgMin => Box::new(pick::ArgExtreme::new(self.types.clone(), std::cmp::Ordering::Less)),
            AggregateKind::ArgMax => Box::new(pick::ArgExtreme::new(self.types.clone(), std::cmp::Ordering::Greater)),
            AggregateKind::TakeAny => Box::new(pick::Any::new(self.types.clone())),
            AggregateKind::Percentile(percent) => Box::new(percentile::Percentile::new(ty, percent)),
            AggregateKind::WeightedPercentile => Box::new(percentile::Weighted::new(ty)),
            AggregateKind::PercentilesArray { weighted } => Box::new(percentile::Array::new(weighted)),
            AggregateKind::CountDistinct => Box::<collect::Distinct>::default(),
            AggregateKind::MakeList => Box::new(collect::List::new(limit, false)),
            AggregateKind::MakeListWithNulls => Box::new(collect::List::new(limit, true)),
            AggregateKind::MakeSet => Box::new(collect::Set::new(limit)),
            AggregateKind::MakeBag => Box::new(collect::BagOf::new(limit)),
            AggregateKind::BuildSchema => Box::<schema::Schema>::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use event_table::Dynamic;

    fn run(name: &str, ty: ColumnType, rows: &[Vec<Value>]) -> String {
        let aggregate = Aggregate::named(name).unwrap();
        let types = vec![ty; if name.starts_with("arg_") { 2 } else { 1 }];
        let mut group = AggregateCall { aggregate, arguments: Vec::new(), types }.start();
        rows.iter().for_each(|row| group.add(row));
        group.finish().iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    }

    /// Hand-derived, from the documentation's sentences.
    #[test]
    fn aggregates_follow_the_documentation() {
        let l = |n: i64| vec![Value::Long(n)];
        let null = || vec![Value::Null];
        let numbers = || vec![l(2), null(), l(4), l(4)];
        for (name, ty, rows, expected) in [
            ("count", ColumnType::Long, numbers(), "4"),
            ("sum", ColumnType::Long, numbers(), "10"),
            ("sum", ColumnType::Long, vec![], "0"),
            ("avg", ColumnType::Real, vec![l(1), null(), l(2)], "1.5"),
            ("avg", ColumnType::Real, vec![null()], "NaN"),
            ("avg", ColumnType::TimeSpan, vec![], ""),
            ("min", ColumnType::Long, numbers(), "2"),
            ("max", ColumnType::Long, numbers(), "4"),
            ("max", ColumnType::Long, vec![], ""),
            ("dcount", ColumnType::Long, numbers(), "2"),
            ("make_list", ColumnType::Dynamic, numbers(), "[2,4,4]"),
            ("make_list_with_nulls", ColumnType::Dynamic, numbers(), "[2,null,4,4]"),
            ("make_set", ColumnType::Dynamic, numbers(), "[2,4]"),
            ("make_set", ColumnType::Dynamic, vec![], "[]"),
            ("stdev", ColumnType::Real, vec![l(1), l(2), l(3), l(4), l(5)], "1.5811388300841898"),
            ("stdev", ColumnType::Real, vec![], "0.0"),
            ("stdevp", ColumnType::Real, vec![], ""),
            ("variance", ColumnType::Real, vec![null()], "0.0"),
            ("variance", ColumnType::Real, vec![l(1)], "0.0"),
            ("variancep", ColumnType::Real, vec![], ""),
            ("variancep", ColumnType::Real, vec![l(1), l(2), l(3), l(4), l(5)], "2.0"),
            ("binary_all_and", ColumnType::Long, vec![l(6), l(3)], "2"),
            ("binary_all_or", ColumnType::Int, vec![l(1), null(), l(4)], "5"),
            ("binary_all_xor", ColumnType::Long, vec![l(1), l(3)], "2"),
            ("binary_all_and", ColumnType::Long, vec![], ""),
            ("take_any", ColumnType::Long, vec![null(), l(7), l(8)], "7"),
            ("take_any", ColumnType::Long, vec![null()], ""),
        ] {
            assert_eq!(run(name, ty, &rows), expected, "{name}");
        }
        let pair = |n: Value, s: &str| vec![n, Value::string(s)];
        let rows = [pair(Value::Null, "a"), pair(Value::Long(1), "b"), pair(Value::Long(9), "c")];
        assert_eq!(run("arg_max", ColumnType::Long, &rows), "9|c");
        assert_eq!(run("arg_min", ColumnType::Long, &rows), "1|b");
        assert_eq!(run("arg_max", ColumnType::Long, &rows[..1]), "|a");
        let any = AggregateCall {
            aggregate: Aggregate::named("take_any").unwrap(),
            arguments: Vec::new(),
            types: vec![ColumnType::Long, ColumnType::String],
        };
        let mut group = any.start();
        rows.iter().for_each(|row| group.add(row));
        assert_eq!(group.finish()[1].to_string(), "a", "all values are those of one row");
        let bag = |t: &str| vec![Value::dynamic(Dynamic::from_json(t).unwrap())];
        assert_eq!(
            run("make_bag", ColumnType::Dynamic, &[bag(r#"{"a":1}"#), bag(r#"{"b":2,"a":3}"#)]),
            r#"{"a":1,"b":2}"#
        );
    }

    #[test]
    fn old_names_keep_fewer_elements() {
        let rows: Vec<_> = (0..200).map(|n| vec![Value::Long(n)]).collect();
        let length = |name: &str| run(name, ColumnType::Dynamic, &rows).matches(',').count() + 1;
        assert_eq!(["make_set", "makeset", "make_list", "makelist"].map(length), [200, 128, 200, 128]);
    }

    /// From the pages of the functions: 20.5 and 16.4.
    #[test]
    fn covariances_follow_the_documentation() {
        let pairs = [(1.0, 14.0), (2.0, 10.0), (3.0, 17.0), (4.0, 20.0), (5.0, 50.0)];
        let mut rows: Vec<_> = pairs.iter().map(|(x, y)| vec![Value::Real(*x), Value::Real(*y)]).collect();
        rows.push(vec![Value::Real(1e9), Value::Null]);
        for (name, expected) in [("covariance", 20.5), ("covariancep", 16.4)] {
            let found: f64 = run(name, ColumnType::Real, &rows).parse().unwrap();
            assert!((found - expected).abs() < 1e-9, "{name}: {found}");
            assert_eq!(run(name, ColumnType::Real, &[]), "");
        }
    }
}
