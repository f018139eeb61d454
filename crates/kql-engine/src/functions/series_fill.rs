//! Filling what is missing in a series: `series_fill_const`, `_forward`, `_backward`, `_linear`.
//!
//! Missing is what equals the placeholder, null unless one is given.

use super::series::number;
use super::{CallContext, ScalarFunction, args};
use crate::scalar::{convert, equal};
use event_table::{Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "series_fill_const" => |_, a| {
            let fill = a.get(1).map_or(Dynamic::Long(0), convert::to_dynamic);
            let Some(items) = args::array(a, 0) else { return Value::Null };
            let missing = missing(a, 2);
            args::list(items.iter().map(|item| if missing(item) { fill.clone() } else { item.clone() }).collect())
        },
        "series_fill_forward" => |_, a| {
            let Some(items) = args::array(a, 0) else { return Value::Null };
            args::list(carried(items.iter(), &missing(a, 1)))
        },
        "series_fill_backward" => |_, a| {
            let Some(items) = args::array(a, 0) else { return Value::Null };
            let mut filled = carried(items.iter().rev(), &missing(a, 1));
            filled.reverse();
            args::list(filled)
        },
        "series_fill_linear" => fill_linear,
        _ => return None,
    })
}

/// Whether an element is missing, by the placeholder among the arguments.
fn missing(a: &[Value], index: usize) -> impl Fn(&Dynamic) -> bool {
    let placeholder = a.get(index).cloned().filter(|p| !p.is_null());
    move |item| match &placeholder {
        None => matches!(item, Dynamic::Null),
        Some(placeholder) => equal(&Value::dynamic(item.clone()), placeholder),
    }
}

fn carried<'a>(items: impl Iterator<Item = &'a Dynamic>, missing: &impl Fn(&Dynamic) -> bool) -> Vec<Dynamic> {
    let mut last: Option<&Dynamic> = None;
    items
        .map(|item| {
            if missing(item) {
                return last.unwrap_or(item).clone();
            }
            last = Some(item);
            item.clone()
        })
        .collect()
}

/// `series_fill_linear(series, placeholder, fill_edges, constant)`: values between two known ones lie on the line
/// between them, and are whole numbers, cut off, where all known ones are; edges take the nearest value; with nothing
/// known all are the constant, 0.0 unless given. **Our choice**: an element that is no number ends what is known.
fn fill_linear(_: &CallContext, a: &[Value]) -> Value {
    let Some(items) = args::array(a, 0) else { return Value::Null };
    let missing = missing(a, 1);
    let edges = args::boolean(a, 2).unwrap_or(true);
    let known: Vec<usize> = (0..items.len()).filter(|i| !missing(&items[*i])).collect();
    let (Some(first), Some(last)) = (known.first(), known.last()) else {
        let constant = a.get(3).map_or(Dynamic::Real(0.0), convert::to_dynamic);
        return args::list(vec![constant; items.len()]);
    };
    let whole = known.iter().all(|i| matches!(items[*i], Dynamic::Long(_)));
    let mut filled = items.to_vec();
    if edges {
        filled[..*first].fill(items[*first].clone());
        filled[*last..].fill(items[*last].clone());
    }
    for ends in known.windows(2) {
        let (from, to) = (ends[0], ends[1]);
        let values = [from, to].map(|i| convert::to_real(&number(&items[i])));
        let [Some(start), Some(end)] = values else { continue };
        for (index, place) in filled.iter_mut().enumerate().take(to).skip(from + 1) {
            let value = start + (end - start) * (index - from) as f64 / (to - from) as f64;
            *place = if whole { Dynamic::Long(value as i64) } else { Dynamic::Real(value) };
        }
    }
    args::list(filled)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check, written};
    use super::*;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn gaps_are_filled() {
        check(
            ColumnType::Dynamic,
            &[
                ("series_fill_const", "[[111, null, 36, 41, 23, null], 0.0]", "[111,0.0,36,41,23,0.0]"),
                ("series_fill_const", "[[1, -1], 7, -1]", "[1,7]"),
                (
                    "series_fill_forward",
                    "[[null, null, 36, 41, null, null, 16, 61, 33, null, null]]",
                    "[null,null,36,41,41,41,16,61,33,33,33]",
                ),
                (
                    "series_fill_backward",
                    "[[111, null, 36, 41, null, null, 16, 61, 33, null, null]]",
                    "[111,36,36,41,16,16,16,61,33,null,null]",
                ),
                ("series_fill_backward", "[[0, 5, 0], 0]", "[5,5,0]"),
                ("series_fill_forward", "[1]", "(null)"),
                (
                    "series_fill_linear",
                    "[[null, 111, null, 36, 41, null, null, 16, 61, 33, null, null]]",
                    "[111,111,73,36,41,32,24,16,61,33,33,33]",
                ),
                ("series_fill_linear", "[[null, 111, null, 36, 41, null], null, false]", "[null,111,73,36,41,null]"),
                ("series_fill_linear", "[[null, null]]", "[0.0,0.0]"),
                ("series_fill_linear", "[[null, null], null, true, 3.5]", "[3.5,3.5]"),
                ("series_fill_linear", r#"[["a", null, 3, null, 5]]"#, r#"["a",null,3,4.0,5]"#),
                ("series_fill_linear", "[[]]", "[]"),
            ],
        );
        let reals = "[[null, 111.0, null, 36.0, 41.0, null, null, 16.0, null]]";
        let found = call("series_fill_linear", ColumnType::Dynamic, &written(reals));
        let found: Vec<f64> =
            args::array(&[found], 0).unwrap().iter().filter_map(|d| convert::to_real(&number(d))).collect();
        for (found, expected) in found.iter().zip([111.0, 111.0, 73.5, 36.0, 41.0, 32.667, 24.333, 16.0, 16.0]) {
            assert!((found - expected).abs() < 0.001, "{found} instead of {expected}");
        }
    }
}
