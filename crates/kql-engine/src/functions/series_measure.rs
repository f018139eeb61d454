//! Numbers that measure a series, or two.

use super::series::number;
use super::{CallContext, ScalarFunction, args};
use crate::scalar::convert;
use event_table::{Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "series_sum" => |_, a| folded(a, 0.0, |sum, n| sum + n),
        "series_product" => |_, a| folded(a, 1.0, |product, n| product * n),
        "series_magnitude" => |_, a| match folded(a, 0.0, |sum, n| n.mul_add(n, sum)) {
            Value::Real(sum) => Value::Real(sum.sqrt()),
            other => other,
        },
        "series_dot_product" => |_, a| args::or_null(aligned(a), |(x, y)| Value::Real(dot(&x, &y))),
        "series_cosine_similarity" => cosine_similarity,
        "series_pearson_correlation" => pearson_correlation,
        _ => return None,
    })
}

/// Null when an element is no number, as for `array_sum`, the same function by an older name.
fn folded(a: &[Value], start: f64, f: impl Fn(f64, f64) -> f64) -> Value {
    let total = args::array(a, 0)
        .and_then(|items| items.iter().try_fold(start, |total, item| Some(f(total, convert::to_real(&number(item))?))));
    args::or_null(total, Value::Real)
}

/// The pairs of numbers of two series; the longer one is cut, and a pair of which one is no number is left out. A
/// number beside an array is repeated. `None` when one is empty or no series.
fn aligned(a: &[Value]) -> Option<(Vec<f64>, Vec<f64>)> {
    let series = |index: usize| -> Option<Vec<Option<f64>>> {
        Some(args::array(a, index)?.iter().map(|item| convert::to_real(&number(item))).collect())
    };
    let single = |index: usize| a.get(index).map(convert::to_dynamic).and_then(|d| convert::to_real(&number(&d)));
    let (x, y) = match (series(0), series(1)) {
        (Some(x), Some(y)) => (x, y),
        (Some(x), None) => {
            let y = vec![Some(single(1)?); x.len()];
            (x, y)
        }
        (None, Some(y)) => (vec![Some(single(0)?); y.len()], y),
        (None, None) => return None,
    };
    if x.is_empty() || y.is_empty() {
        return None;
    }
    Some(x.into_iter().zip(y).filter_map(|(x, y)| x.zip(y)).unzip())
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// The magnitudes may be given, as they often are known. **Our choice**: the similarity to a series without a
/// magnitude is NaN, as dividing by zero is.
fn cosine_similarity(_: &CallContext, a: &[Value]) -> Value {
    let Some((x, y)) = aligned(a) else { return Value::Null };
    let magnitude = |index: usize, series: &[f64]| args::real(a, index).unwrap_or_else(|| dot(series, series).sqrt());
    Value::Real(dot(&x, &y) / (magnitude(2, &x) * magnitude(3, &y)))
}

/// Null when the arrays differ in length or hold anything but numbers.
fn pearson_correlation(_: &CallContext, a: &[Value]) -> Value {
    let numbers = |index: usize| -> Option<Vec<f64>> {
        args::array(a, index)?.iter().map(|item: &Dynamic| convert::to_real(&number(item))).collect()
    };
    let Some((x, y)) = numbers(0).zip(numbers(1)).filter(|(x, y)| x.len() == y.len() && !x.is_empty()) else {
        return Value::Null;
    };
    let centred = |series: &[f64]| -> Vec<f64> {
        let mean = series.iter().sum::<f64>() / series.len() as f64;
        series.iter().map(|n| n - mean).collect()
    };
    let (x, y) = (centred(&x), centred(&y));
    Value::Real(dot(&x, &y) / (dot(&x, &x) * dot(&y, &y)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check, written};
    use super::*;
    use event_table::ColumnType;

    /// From the pages of the functions, and edges from their prose.
    #[test]
    fn series_are_measured() {
        check(
            ColumnType::Real,
            &[
                ("series_sum", "[[1, 2, 3, 4]]", "10.0"),
                ("series_sum", r#"[[1, "2"]]"#, "(null)"),
                ("series_sum", "[[]]", "0.0"),
                ("series_product", "[[1, 2, 3, 4]]", "24.0"),
                ("series_magnitude", "[[1, 2, 3, 4]]", "5.477225575051661"),
                ("series_dot_product", "[[1, 2, 4], [4, 2, 1]]", "12.0"),
                ("series_dot_product", "[[3, 6, 12], 3]", "63.0"),
                ("series_dot_product", r#"[[1, "x", 4, 9], [4, 2, 1]]"#, "8.0"),
                ("series_dot_product", "[[], [1]]", "(null)"),
                ("series_dot_product", "[1, 2]", "(null)"),
                ("series_pearson_correlation", "[[1, 2, 3, 4, 5], [2, 4, 6, 8, 10]]", "1.0"),
                ("series_pearson_correlation", "[[1, 2, 3], [3, 2, 1]]", "-1.0"),
                ("series_pearson_correlation", "[[1, 2], [1, 2, 3]]", "(null)"),
                ("series_pearson_correlation", r#"[[1, "2"], [1, 2]]"#, "(null)"),
                ("series_cosine_similarity", "[[], [1]]", "(null)"),
                ("series_cosine_similarity", "[[0], [1]]", "NaN"),
                ("series_cosine_similarity", "[[3, 4], [3, 4], 5.0, 5.0]", "1.0"),
            ],
        );
        for (arguments, expected) in [
            ("[[0.1, 0.2, 0.1, 0.2], [0.11, 0.2, 0.11, 0.21]]", 0.999_353_438_255_04),
            ("[[0.1, 0.2, 0.1, 0.2], [1, 2, 3, 4]]", 0.923_760_430_703_401),
        ] {
            let found = call("series_cosine_similarity", ColumnType::Real, &written(arguments));
            assert!((args::real(&[found], 0).unwrap() - expected).abs() < 1e-12, "{arguments}");
        }
    }
}
