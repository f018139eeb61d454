//! Aggregates of many groups at once, column by column.
//!
//! What an aggregate means is said by its [`Accumulator`]; the forms here give the same values and take those rows
//! together that the forms of a column allow. Whatever has no form of its own is accumulated row by row.

use super::{Accumulator, AggregateCall, AggregateKind};
use crate::columnar::numbering::{NOWHERE, Nulls, Numbering};
use crate::columnar::{Chunk, Vector, compute, select};
use crate::expr::Expr;
use crate::memory;
use crate::scalar::convert;
use event_table::{Bitmap, ColumnBuilder, ColumnType, DateTime, Dynamic, TimeSpan, Value};
use rustc_hash::FxHashSet;
use std::cmp::Ordering;

/// An aggregate call over groups that are known by number.
pub(crate) struct GroupedCall<'a> {
    call: &'a AggregateCall,
    arguments: &'a [Expr],
    predicate: Option<&'a Expr>,
    form: Form,
}

/// The values of all groups so far. A list of one value for each group is as long as the groups that it saw.
enum Form {
    Counts(Vec<i64>),
    LongSums(Vec<i64>),
    RealSums(Vec<f64>),
    Means(Vec<(f64, u32)>),
    Extremes {
        wanted: Ordering,
        best: Vec<Option<i64>>,
    },
    Different {
        values: Numbering,
        seen: FxHashSet<(u32, u32)>,
        counts: Vec<i64>,
    },
    Sets {
        values: Numbering,
        items: Vec<Dynamic>,
        seen: FxHashSet<(u32, u32)>,
        sets: Vec<Vec<u32>>,
    },
    /// The row of each group that was best, and its place: a batch of arguments and a row.
    Rows {
        wanted: Ordering,
        best: Vec<Option<(Option<i64>, Place)>>,
        batches: Vec<Vec<Vector>>,
    },
    Each(Vec<Box<dyn Accumulator>>),
}

type Place = (u32, u32);

/// What a pair of a group and a value takes in a set of them.
const BYTES_OF_A_PAIR: usize = 16;

/// Whether the values of a type are held as 64 bits whose order is theirs.
fn is_long(ty: ColumnType) -> bool {
    matches!(ty, ColumnType::Int | ColumnType::Long | ColumnType::DateTime | ColumnType::TimeSpan)
}

impl<'a> GroupedCall<'a> {
    /// About how much a group takes of most forms.
    pub(crate) const BYTES: usize = 16;

    /// A call over no groups yet.
    pub(crate) fn new(call: &'a AggregateCall) -> Self {
        use ColumnType::{Dynamic, Int, Long, Real};
        let (arguments, predicate) = match call.arguments.split_last() {
            Some((predicate, arguments)) if call.aggregate.conditional => (arguments, Some(predicate)),
            _ => (&call.arguments[..], None),
        };
        let argument = arguments.first().map(|argument| argument.ty);
        let gives = call.types.first().copied();
        let form = match (call.aggregate.kind, argument, gives) {
            (AggregateKind::Count, ..) => Form::Counts(Vec::new()),
            (AggregateKind::Sum, Some(Int | Long), Some(Long)) => Form::LongSums(Vec::new()),
            (AggregateKind::Sum, Some(Real), Some(Real)) => Form::RealSums(Vec::new()),
            (AggregateKind::Avg, Some(Int | Long | Real), Some(Real)) => Form::Means(Vec::new()),
            (AggregateKind::Min, Some(ty), Some(same)) if ty == same && is_long(ty) => {
                Form::Extremes { wanted: Ordering::Less, best: Vec::new() }
            }
            (AggregateKind::Max, Some(ty), Some(same)) if ty == same && is_long(ty) => {
                Form::Extremes { wanted: Ordering::Greater, best: Vec::new() }
            }
            (AggregateKind::CountDistinct, Some(_), _) => Form::Different {
                values: Numbering::new(1, Nulls::Nowhere),
                seen: FxHashSet::default(),
                counts: Vec::new(),
            },
            // An array in a row adds its elements.
            (AggregateKind::MakeSet, Some(ty), _) if ty != Dynamic => Form::Sets {
                values: Numbering::new(1, Nulls::Nowhere),
                items: Vec::new(),
                seen: FxHashSet::default(),
                sets: Vec::new(),
            },
            (AggregateKind::ArgMax, Some(ty), _) if is_long(ty) => {
                Form::Rows { wanted: Ordering::Greater, best: Vec::new(), batches: Vec::new() }
            }
            (AggregateKind::ArgMin, Some(ty), _) if is_long(ty) => {
                Form::Rows { wanted: Ordering::Less, best: Vec::new(), batches: Vec::new() }
            }
            _ => Form::Each(Vec::new()),
        };
        Self { call, arguments, predicate, form }
    }

    /// The number of columns that the call gives.
    pub(crate) fn width(&self) -> usize {
        self.call.types.len()
    }

    /// Takes the rows of a chunk, each into the group of its number. There are `len` groups by now.
    pub(crate) fn add(&mut self, chunk: &Chunk, groups: &[u32], len: usize, now: DateTime) {
        let arguments: Vec<Vector> = self.arguments.iter().map(|x| compute(x, chunk, now)).collect();
        let mut chosen;
        let groups = match self.predicate {
            None => groups,
            Some(predicate) => {
                let passed = select(predicate, true, chunk, &Bitmap::filled(chunk.len, true), now);
                chosen = vec![NOWHERE; groups.len()];
                passed.ones().for_each(|row| chosen[row] = groups[row]);
                &chosen
            }
        };
        let first = arguments.first();
        match &mut self.form {
            Form::Counts(counts) => {
                counts.resize(len, 0);
                groups.iter().for_each(|group| {
                    if let Some(count) = counts.get_mut(*group as usize) {
                        *count += 1;
                    }
                });
            }
            Form::LongSums(sums) => {
                sums.resize(len, 0);
                longs(first, groups, |group, n| sums[group] = sums[group].wrapping_add(n));
            }
            Form::RealSums(sums) => {
                sums.resize(len, 0.0);
                reals(first, groups, |group, n| sums[group] += n);
            }
            Form::Means(means) => {
                means.resize(len, (0.0, 0));
                reals(first, groups, |group, n| {
                    let (sum, count) = &mut means[group];
                    *sum += n;
                    *count += 1;
                });
            }
            Form::Extremes { wanted, best } => {
                best.resize(len, None);
                longs(first, groups, |group, n| match &mut best[group] {
                    Some(best) if n.cmp(best) != *wanted => {}
                    best => *best = Some(n),
                });
            }
            Form::Different { values, seen, counts } => {
                counts.resize(len, 0);
                for (group, value) in groups.iter().zip(values.add(first, groups.len())) {
                    if *group != NOWHERE && value != NOWHERE && seen.insert((*group, value)) {
                        memory::take(BYTES_OF_A_PAIR);
                        counts[*group as usize] += 1;
                    }
                }
            }
            Form::Sets { values, items, seen, sets } => {
                sets.resize_with(len, Vec::new);
                for (row, (group, value)) in groups.iter().zip(values.add(first, groups.len())).enumerate() {
                    if value as usize == items.len()
                        && let Some(vector) = first
                    {
                        let item = convert::to_dynamic(&vector.value(row));
                        memory::take(memory::dynamic_size(&item));
                        items.push(item);
                    }
                    if *group == NOWHERE || value == NOWHERE {
                        continue;
                    }
                    let set = &mut sets[*group as usize];
                    if set.len() < self.call.aggregate.limit && seen.insert((*group, value)) {
                        memory::take(BYTES_OF_A_PAIR);
                        set.push(value);
                    }
                }
            }
            Form::Rows { wanted, best, batches } => {
                best.resize(len, None);
                let batch = batches.len() as u32;
                // Rows without a value count as long as the group has none with one.
                for (row, group) in groups.iter().enumerate() {
                    if let Some(best @ None) = best.get_mut(*group as usize) {
                        *best = Some((None, (batch, row as u32)));
                    }
                }
                longs_by_row(first, groups, |row, group, n| {
                    if let Some(Some((value, place))) = best.get_mut(group)
                        && value.is_none_or(|value| n.cmp(&value) == *wanted)
                    {
                        (*value, *place) = (Some(n), (batch, row as u32));
                    }
                });
                batches.push(arguments);
            }
            Form::Each(accumulators) => {
                accumulators.resize_with(len, || self.call.start());
                let mut values = Vec::new();
                for (row, group) in groups.iter().enumerate() {
                    if let Some(accumulator) = accumulators.get_mut(*group as usize) {
                        values.clear();
                        values.extend(arguments.iter().map(|vector| vector.value(row)));
                        accumulator.add(&values);
                    }
                }
            }
        }
    }

    /// The values of `len` groups, into the columns of the call.
    pub(crate) fn finish(self, len: usize, columns: &mut [ColumnBuilder]) {
        let Some(ty) = columns.first().map(ColumnBuilder::column_type) else { return };
        let mut push = |value: Value| columns[0].push(&convert::to_type(&value, ty));
        match self.form {
            Form::Counts(mut all) | Form::LongSums(mut all) | Form::Different { counts: mut all, .. } => {
                all.resize(len, 0);
                all.into_iter().for_each(|n| push(Value::Long(n)));
            }
            Form::RealSums(mut sums) => {
                sums.resize(len, 0.0);
                sums.into_iter().for_each(|n| push(Value::Real(n)));
            }
            Form::Means(mut means) => {
                means.resize(len, (0.0, 0));
                means.into_iter().for_each(|(sum, count)| push(Value::Real(sum / f64::from(count))));
            }
            Form::Extremes { mut best, .. } => {
                best.resize(len, None);
                best.into_iter().for_each(|n| push(n.map_or(Value::missing(ty), |n| long_value(ty, n))));
            }
            Form::Sets { items, mut sets, .. } => {
                sets.resize_with(len, Vec::new);
                for set in sets {
                    memory::take(set.len() * size_of::<Dynamic>());
                    if memory::is_spent() {
                        return;
                    }
                    let items = set.into_iter().filter_map(|value| items.get(value as usize).cloned());
                    push(Value::dynamic(Dynamic::Array(items.collect())));
                }
            }
            Form::Rows { mut best, batches, .. } => {
                best.resize(len, None);
                for place in best.into_iter().map(|best| best.map(|(_, place)| place)) {
                    for (index, column) in columns.iter_mut().enumerate() {
                        let value = place
                            .map_or(Value::Null, |(batch, row)| batches[batch as usize][index].value(row as usize));
                        let ty = column.column_type();
                        column.push(&convert::to_type(&value, ty));
                    }
                }
            }
            Form::Each(mut accumulators) => {
                accumulators.resize_with(len, || self.call.start());
                for accumulator in accumulators {
                    for (value, column) in accumulator.finish().into_iter().zip(&mut *columns) {
                        let ty = column.column_type();
                        column.push(&convert::to_type(&value, ty));
                    }
                }
            }
        }
    }
}

/// Calls back with the 64-bit value of each row of a group.
fn longs(vector: Option<&Vector>, groups: &[u32], mut take: impl FnMut(usize, i64)) {
    longs_by_row(vector, groups, |_, group, n| take(group, n));
}

fn longs_by_row(vector: Option<&Vector>, groups: &[u32], mut take: impl FnMut(usize, usize, i64)) {
    let Some(vector) = vector else { return };
    vector.for_each_long(groups.len(), |row, n| {
        if groups[row] != NOWHERE {
            take(row, groups[row] as usize, n);
        }
    });
}

/// Calls back with the number of each row of a group as a real.
fn reals(vector: Option<&Vector>, groups: &[u32], mut take: impl FnMut(usize, f64)) {
    let Some(vector) = vector else { return };
    vector.for_each_real(groups.len(), |row, n| {
        if groups[row] != NOWHERE {
            take(groups[row] as usize, n);
        }
    });
}

/// A value of a type from its 64 bits.
fn long_value(ty: ColumnType, n: i64) -> Value {
    match ty {
        ColumnType::Int => i32::try_from(n).map_or(Value::Null, Value::Int),
        ColumnType::DateTime => DateTime::from_ticks(n).map_or(Value::Null, Value::DateTime),
        ColumnType::TimeSpan => Value::TimeSpan(TimeSpan::from_ticks(n)),
        _ => Value::Long(n),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Aggregate;
    use super::*;
    use crate::columnar::Origins;
    use proptest::prelude::*;
    use std::sync::Arc;

    /// The columns of the test's rows.
    const TYPES: [ColumnType; 7] = [
        ColumnType::Long,
        ColumnType::Int,
        ColumnType::Real,
        ColumnType::DateTime,
        ColumnType::TimeSpan,
        ColumnType::String,
        ColumnType::Bool,
    ];

    fn cell(ty: ColumnType, seed: u8) -> Value {
        let n = i64::from(seed % 5);
        match ty {
            ColumnType::String => Value::string(["", "a", "b", "a longer text", "é"][n as usize]),
            _ if n == 0 => Value::Null,
            ColumnType::Long => Value::Long(n - 3),
            ColumnType::Int => Value::Int(n as i32 - 3),
            ColumnType::Real => Value::Real([0.5, -0.0, f64::NAN, 2.25, -1.0][n as usize]),
            ColumnType::DateTime => DateTime::from_ticks(n * 7).map_or(Value::Null, Value::DateTime),
            ColumnType::TimeSpan => Value::TimeSpan(TimeSpan::from_ticks(n - 2)),
            _ => Value::Bool(n % 2 == 0),
        }
    }

    fn chunk(rows: &[(u8, [u8; 7])]) -> Chunk {
        let column = |(index, ty): (usize, &ColumnType)| {
            let mut builder = ColumnBuilder::new(*ty);
            rows.iter().for_each(|(_, seeds)| builder.push(&cell(*ty, seeds[index])));
            Vector::Column(Arc::new(builder.finish()))
        };
        Chunk { len: rows.len(), columns: TYPES.iter().enumerate().map(column).collect(), origins: Origins::None }
    }

    /// Every aggregate that has a form of its own, and some that have none, with the columns that it reads.
    fn calls() -> Vec<AggregateCall> {
        use ColumnType::{DateTime, Dynamic, Int, Long, Real, String, TimeSpan};
        let calls: [(&str, &[usize], &[ColumnType]); 27] = [
            ("count", &[], &[Long]),
            ("countif", &[6], &[Long]),
            ("sum", &[0], &[Long]),
            ("sum", &[1], &[Long]),
            ("sum", &[2], &[Real]),
            ("sum", &[4], &[TimeSpan]),
            ("sumif", &[0, 6], &[Long]),
            ("avg", &[0], &[Real]),
            ("avg", &[2], &[Real]),
            ("avg", &[3], &[DateTime]),
            ("avgif", &[1, 6], &[Real]),
            ("min", &[0], &[Long]),
            ("min", &[1], &[Int]),
            ("min", &[2], &[Real]),
            ("max", &[3], &[DateTime]),
            ("max", &[4], &[TimeSpan]),
            ("maxif", &[0, 6], &[Long]),
            ("max", &[5], &[String]),
            ("dcount", &[5], &[Long]),
            ("dcount", &[2], &[Long]),
            ("dcountif", &[0, 6], &[Long]),
            ("make_set", &[5], &[Dynamic]),
            ("make_set", &[3], &[Dynamic]),
            ("make_list", &[0], &[Dynamic]),
            ("arg_max", &[3, 5, 0], &[DateTime, String, Long]),
            ("arg_min", &[0, 5], &[Long, String]),
            ("take_any", &[5, 2], &[String, Real]),
        ];
        let call = |(name, columns, types): (&str, &[usize], &[ColumnType])| AggregateCall {
            aggregate: Aggregate { limit: 3, ..Aggregate::named(name).unwrap() },
            arguments: columns.iter().map(|column| Expr::column(TYPES[*column], *column)).collect(),
            types: types.to_vec(),
        };
        calls.into_iter().map(call).collect()
    }

    proptest! {
        #[test]
        fn groups_together_are_what_each_group_is_alone(
            batches in proptest::collection::vec(proptest::collection::vec((0u8..4, any::<[u8; 7]>()), 0..20), 1..4),
        ) {
            for call in calls() {
                let mut grouped = GroupedCall::new(&call);
                let mut alone: Vec<Box<dyn Accumulator>> = (0..4).map(|_| call.start()).collect();
                for (index, rows) in batches.iter().enumerate() {
                    let chunk = chunk(rows);
                    // Groups come into being as rows come.
                    let len = if index == 0 { rows.iter().map(|(group, _)| *group as usize + 1).max().unwrap_or(0) } else { 4 };
                    let groups: Vec<u32> = rows.iter().map(|(group, _)| u32::from(*group)).collect();
                    grouped.add(&chunk, &groups, len, DateTime::MIN);
                    for (row, group) in groups.iter().enumerate() {
                        let mut values: Vec<Value> =
                            call.arguments.iter().map(|x| crate::scalar::evaluate(x, &chunk.row(row), DateTime::MIN)).collect();
                        if !call.aggregate.conditional || matches!(values.pop(), Some(Value::Bool(true))) {
                            alone[*group as usize].add(&values);
                        }
                    }
                }
                let mut columns: Vec<ColumnBuilder> = call.types.iter().map(|ty| ColumnBuilder::new(*ty)).collect();
                grouped.finish(4, &mut columns);
                let columns: Vec<_> = columns.into_iter().map(ColumnBuilder::finish).collect();
                for (group, alone) in alone.into_iter().enumerate() {
                    let expected: Vec<String> = alone
                        .finish()
                        .iter()
                        .zip(&call.types)
                        .map(|(value, ty)| convert::to_type(value, *ty).to_string())
                        .collect();
                    let found: Vec<String> = columns.iter().map(|column| column.value(group).to_string()).collect();
                    prop_assert_eq!(found, expected, "{:?} of group {}", call, group);
                }
            }
        }
    }
}
