//! What a series is as a whole: its statistics, the line that fits it best, and what a recursive filter makes of it.
//!
//! `series_stats` and `series_fit_line` give an array of what are several columns in Kusto; the resolver takes it apart.
//! **Our choices**: a series with an element that is no number has no line and no filtered form; a line needs two
//! elements, and its `rsquare` is null where all are the same.

use super::series::number;
use super::{CallContext, ScalarFunction, args};
use crate::scalar::convert;
use event_table::{ColumnType, Dynamic, Value};

/// A column of a function that gives several: its name, and the type of its values.
type Several = &'static [(&'static str, ColumnType)];

const STATS: Several = &[
    ("min", ColumnType::Real),
    ("min_idx", ColumnType::Long),
    ("max", ColumnType::Real),
    ("max_idx", ColumnType::Long),
    ("avg", ColumnType::Real),
    ("stdev", ColumnType::Real),
    ("variance", ColumnType::Real),
];
const LINE: Several = &[
    ("rsquare", ColumnType::Real),
    ("slope", ColumnType::Real),
    ("variance", ColumnType::Real),
    ("rvariance", ColumnType::Real),
    ("interception", ColumnType::Real),
    ("line_fit", ColumnType::Dynamic),
];

/// The columns of a function that gives several, each with a name and a type of its own.
pub(crate) fn several(name: &str) -> Option<Several> {
    match name {
        "series_stats" => Some(STATS),
        "series_fit_line" => Some(LINE),
        _ => None,
    }
}

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "series_stats" => |_, a| args::list(stats(a).map_or_else(|| vec![Dynamic::Null; 7], |s| s[..7].to_vec())),
        "series_stats_dynamic" => |_, a| {
            let Some(stats) = stats(a) else { return Value::Null };
            let names = STATS.iter().map(|(name, _)| *name).chain(["sum", "len"]);
            Value::dynamic(Dynamic::Bag(names.map(Into::into).zip(stats).collect()))
        },
        "series_fit_line" => |_, a| args::list(line(a).map_or_else(|| vec![Dynamic::Null; 6], |l| l.to_vec())),
        "series_fit_line_dynamic" => |_, a| {
            let Some(line) = line(a) else { return Value::Null };
            Value::dynamic(Dynamic::Bag(LINE.iter().map(|(name, _)| (*name).into()).zip(line).collect()))
        },
        "series_iir" => recursive_filter,
        _ => return None,
    })
}

fn numbers(a: &[Value], index: usize) -> Option<Vec<f64>> {
    args::array(a, index)?.iter().map(|item| convert::to_real(&number(item))).collect()
}

fn mean(items: &[f64]) -> f64 {
    items.iter().sum::<f64>() / items.len() as f64
}

/// The fields of [`STATS`], then sum and length. `None` where there is nothing to measure, or an element that is not
/// finite and not to be ignored.
fn stats(a: &[Value]) -> Option<[Dynamic; 9]> {
    let ignores = args::boolean(a, 1).unwrap_or(false);
    let items = args::array(a, 0)?.iter().map(|item| convert::to_real(&number(item)).filter(|n| n.is_finite()));
    let found: Vec<(usize, Option<f64>)> = items.enumerate().collect();
    if !ignores && found.iter().any(|(_, n)| n.is_none()) {
        return None;
    }
    let found: Vec<(usize, f64)> = found.into_iter().filter_map(|(place, n)| Some((place, n?))).collect();
    // The first of several that are the same.
    let least = found.iter().copied().reduce(|x, y| if y.1 < x.1 { y } else { x })?;
    let most = found.iter().copied().reduce(|x, y| if y.1 > x.1 { y } else { x })?;
    let values: Vec<f64> = found.iter().map(|(_, n)| *n).collect();
    let (sum, avg) = (values.iter().sum::<f64>(), mean(&values));
    // Running mean and squares (Welford), with which the page's example comes out to the last digit. As in `variance`,
    // the sample's variance of one value is 0.
    let (mut running, mut squares) = (0.0, 0.0);
    for (place, n) in values.iter().enumerate() {
        let off = n - running;
        running += off / (place + 1) as f64;
        squares += off * (n - running);
    }
    let variance = if values.len() > 1 { squares / (values.len() - 1) as f64 } else { 0.0 };
    Some([
        Dynamic::Real(least.1),
        Dynamic::Long(least.0 as i64),
        Dynamic::Real(most.1),
        Dynamic::Long(most.0 as i64),
        Dynamic::Real(avg),
        Dynamic::Real(variance.sqrt()),
        Dynamic::Real(variance),
        Dynamic::Real(sum),
        Dynamic::Long(values.len() as i64),
    ])
}

/// The fields of [`LINE`]. The page's example counts the elements from 1, and divides both variances by one less than
/// their number.
fn line(a: &[Value]) -> Option<[Dynamic; 6]> {
    let y = numbers(a, 0).filter(|y| y.len() >= 2)?;
    let x: Vec<f64> = (1..=y.len()).map(|place| place as f64).collect();
    let (x_mean, y_mean) = (mean(&x), mean(&y));
    let product = |u: &[f64], u_mean: f64, v: &[f64], v_mean: f64| -> f64 {
        u.iter().zip(v).map(|(u, v)| (u - u_mean) * (v - v_mean)).sum()
    };
    let (xx, xy, yy) =
        (product(&x, x_mean, &x, x_mean), product(&x, x_mean, &y, y_mean), product(&y, y_mean, &y, y_mean));
    let slope = xy / xx;
    let interception = y_mean - slope * x_mean;
    let fit: Vec<f64> = x.iter().map(|x| slope * x + interception).collect();
    let rest: f64 = y.iter().zip(&fit).map(|(y, fit)| (y - fit) * (y - fit)).sum();
    let one_less = (y.len() - 1) as f64;
    Some([
        if yy == 0.0 { Dynamic::Null } else { Dynamic::Real(1.0 - rest / yy) },
        Dynamic::Real(slope),
        Dynamic::Real(yy / one_less),
        Dynamic::Real(rest / one_less),
        Dynamic::Real(interception),
        Dynamic::Array(fit.into_iter().map(Dynamic::Real).collect()),
    ])
}

/// `series_iir(x, b, a)`, by the page's formula, in which what comes before the first element is not there.
fn recursive_filter(_: &CallContext, a: &[Value]) -> Value {
    let (Some(x), Some(b), Some(a)) = (numbers(a, 0), numbers(a, 1), numbers(a, 2)) else { return Value::Null };
    let Some((first, feedback)) = a.split_first().filter(|(first, _)| **first != 0.0) else { return Value::Null };
    let mut y: Vec<f64> = Vec::with_capacity(x.len());
    for place in 0..x.len() {
        let taken: f64 = b.iter().zip(x[..=place].iter().rev()).map(|(b, x)| b * x).sum();
        let fed_back: f64 = feedback.iter().zip(y.iter().rev()).map(|(a, y)| a * y).sum();
        y.push((taken - fed_back) / first);
    }
    args::list(y.into_iter().map(Dynamic::Real).collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType::Dynamic;

    /// From the pages, but for the edges.
    #[test]
    fn a_series_is_measured_as_the_pages_show() {
        let series = "[23, 46, 23, 87, 4, 8, 3, 75, 2, 56, 13, 75, 32, 16, 29]";
        check(
            Dynamic,
            &[
                (
                    "series_stats_dynamic",
                    &format!("[{series}]"),
                    r#"{"min":2.0,"min_idx":8,"max":87.0,"max_idx":3,"avg":32.8,"stdev":28.50363385354827,"variance":812.4571428571429,"sum":492.0,"len":15}"#,
                ),
                ("series_stats_dynamic", "[[1, null]]", "(null)"),
                ("series_stats_dynamic", "[[1, \"x\"], false]", "(null)"),
                ("series_stats_dynamic", "[[]]", "(null)"),
                ("series_stats_dynamic", "[1]", "(null)"),
                (
                    "series_stats_dynamic",
                    "[[null, 3, 3], true]",
                    r#"{"min":3.0,"min_idx":1,"max":3.0,"max_idx":1,"avg":3.0,"stdev":0.0,"variance":0.0,"sum":6.0,"len":2}"#,
                ),
                ("series_stats", "[[1, null]]", "[null,null,null,null,null,null,null]"),
                ("series_fit_line", "[[1]]", "[null,null,null,null,null,null]"),
                ("series_fit_line", "[[2, 2]]", "[null,0.0,0.0,0.0,2.0,[2.0,2.0]]"),
                ("series_fit_line_dynamic", "[[1, \"x\"]]", "(null)"),
                ("series_iir", "[[1, 2, 3, 4], [1], [1, -1]]", "[1.0,3.0,6.0,10.0]"),
                ("series_iir", "[[0, 1, 2, 3, 4], [1], [1, -1]]", "[0.0,1.0,3.0,6.0,10.0]"),
                // Worked out by hand: y0 = 2 / 2, y1 = (4 + 2 - 1) / 2, y2 = (6 + 4 - 2.5) / 2.
                ("series_iir", "[[2, 4, 6], [1, 1], [2, 1]]", "[1.0,2.5,3.75]"),
                ("series_iir", "[[1], [1], [0, 1]]", "(null)"),
                ("series_iir", "[[1, null], [1], [1]]", "(null)"),
            ],
        );
    }

    /// The page rounds: 0.982, 2.730, 98.628, 1.686, -1.666, and a line from 1.064 to 31.102.
    #[test]
    fn the_line_is_that_of_the_page() {
        let found = super::super::testing::call(
            "series_fit_line",
            Dynamic,
            &super::super::testing::written("[[2, 5, 6, 8, 11, 15, 17, 18, 25, 26, 30, 30]]"),
        );
        let event_table::Value::Dynamic(found) = found else { panic!("{found}") };
        let number = |d: &event_table::Dynamic| crate::scalar::convert::to_real(&super::number(d)).unwrap();
        let items = found.as_array().unwrap();
        for (item, expected) in items.iter().zip([0.982, 2.730, 98.628, 1.686, -1.666]) {
            assert!((number(item) - expected).abs() < 0.001, "{item} for {expected}");
        }
        let line = items[5].as_array().unwrap();
        let expected = [1.064, 3.7945, 6.526, 9.256, 11.987, 14.718, 17.449, 20.180, 22.910, 25.641, 28.371, 31.102];
        assert_eq!(line.len(), expected.len());
        for (item, expected) in line.iter().zip(expected) {
            assert!((number(item) - expected).abs() < 0.001, "{item} for {expected}");
        }
    }
}
