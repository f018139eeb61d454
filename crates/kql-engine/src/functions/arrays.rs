//! Arrays: building, cutting, turning, searching.
//!
//! **Our choices**, where the pages are silent: an argument that should be an array and is none makes the result
//! null; `array_concat` and `zip` pass such an argument over as long as another one is an array.

use super::{CallContext, ScalarFunction, args};
use crate::aggregates::MAX_ELEMENTS;
use crate::memory;
use crate::scalar::{Arithmetic, arithmetic, convert, plain};
use crate::scalar::{Comparison, compare};
use event_table::{ColumnType, Dynamic, TICKS_PER_SECOND, TimeSpan, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "array_length" => |_, a| args::or_null(args::array(a, 0), |items| Value::Long(items.len() as i64)),
        "array_concat" => |_, a| {
            let arrays: Vec<_> = (0..a.len()).filter_map(|i| args::array(a, i)).collect();
            if arrays.is_empty() { Value::Null } else { args::list(arrays.concat()) }
        },
        "array_iff" | "array_iif" => array_iff,
        "array_index_of" => array_index_of,
        "array_reverse" => {
            |_, a| args::or_null(args::array(a, 0), |items| args::list(items.iter().rev().cloned().collect()))
        }
        "array_rotate_left" => |_, a| rotate(a, 1),
        "array_rotate_right" => |_, a| rotate(a, -1),
        "array_shift_left" => |_, a| shift(a, 1),
        "array_shift_right" => |_, a| shift(a, -1),
        "array_slice" => array_slice,
        "array_split" => array_split,
        "array_strcat" | "strcat_array" => |_, a| {
            let Some(items) = args::array(a, 0) else { return args::string("") };
            let texts: Vec<_> = items.iter().map(args::element_text).collect();
            let between = args::text(a, 1);
            let inside: usize = texts.iter().map(|text| text.len()).sum();
            if !memory::fits(between.len().saturating_mul(texts.len()).saturating_add(inside)) {
                return Value::Null;
            }
            args::string(texts.join(&between))
        },
        "pack_array" => |_, a| args::list(a.iter().map(convert::to_dynamic).collect()),
        "zip" => zip,
        "range" => range,
        "repeat" => |_, a| match args::long(a, 1).map(usize::try_from) {
            Some(Ok(count)) if !a.is_empty() => {
                let (item, count) = (convert::to_dynamic(&a[0]), count.min(MAX_ELEMENTS));
                if !memory::fits(memory::dynamic_size(&item).saturating_mul(count)) {
                    return Value::Null;
                }
                args::list(vec![item; count])
            }
            _ => Value::Null,
        },
        _ => return None,
    })
}

/// Chooses element by element. A condition that is neither a boolean nor a number gives null; so does the place of a
/// value that is missing because its array is shorter. A value that is no array stands for every element.
fn array_iff(_: &CallContext, a: &[Value]) -> Value {
    let Some(conditions) = args::array(a, 0) else { return Value::Null };
    let choice = |argument: usize, index: usize| match args::array(a, argument) {
        Some(items) => items.get(index).cloned().unwrap_or_default(),
        None => a.get(argument).map(convert::to_dynamic).unwrap_or_default(),
    };
    let chosen = conditions.iter().enumerate().map(|(index, condition)| {
        let condition = match condition {
            Dynamic::Bool(b) => Some(*b),
            Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Decimal(_) => {
                convert::to_bool(&Value::dynamic(condition.clone()))
            }
            _ => None,
        };
        condition.map_or(Dynamic::Null, |holds| choice(if holds { 1 } else { 2 }, index))
    });
    args::list(chosen.collect())
}

/// `array_index_of(array, value, start, length, occurrence)`: -1 when it is not there, null for a length below -1 or
/// an occurrence below 1. **Our choice**: null is found nowhere, as null equals nothing.
fn array_index_of(_: &CallContext, a: &[Value]) -> Value {
    let (Some(items), Some(value)) = (args::array(a, 0), a.get(1).map(plain)) else { return Value::Null };
    let (start, length, occurrence) =
        (args::long(a, 2).unwrap_or(0), args::long(a, 3).unwrap_or(-1), args::long(a, 4).unwrap_or(1));
    if length < -1 || occurrence < 1 {
        return Value::Null;
    }
    let start = position(start, items.len()).max(0) as usize;
    let most = usize::try_from(length).unwrap_or(usize::MAX);
    let found = items
        .iter()
        .enumerate()
        .skip(start)
        .take(most)
        .filter(|(_, item)| compare(Comparison::Equal, &Value::dynamic((*item).clone()), &value) == Some(true))
        .nth(usize::try_from(occurrence - 1).unwrap_or(usize::MAX));
    Value::Long(found.map_or(-1, |(index, _)| index as i64))
}

/// A position of which negative ones count from the end; below zero when before the start.
fn position(index: i64, length: usize) -> i64 {
    if index < 0 { index.saturating_add(length as i64) } else { index }
}

/// Elements moved to the left, those that fall out coming in at the right.
fn rotate(a: &[Value], direction: i64) -> Value {
    let (Some(items), Some(count)) = (args::array(a, 0), args::long(a, 1)) else { return Value::Null };
    let mut items = items.to_vec();
    if !items.is_empty() {
        let left = count.wrapping_mul(direction).rem_euclid(items.len() as i64);
        items.rotate_left(left as usize);
    }
    args::list(items)
}

/// Elements moved to the left, a default coming in at the right. Without a default it is null, or the empty string
/// where all elements are strings.
fn shift(a: &[Value], direction: i64) -> Value {
    let (Some(items), Some(count)) = (args::array(a, 0), args::long(a, 1)) else { return Value::Null };
    let texts = !items.is_empty() && items.iter().all(|item| matches!(item, Dynamic::String(_)));
    let filler = match a.get(2) {
        Some(value) => convert::to_dynamic(value),
        None if texts => args::text_element(""),
        None => Dynamic::Null,
    };
    let from = |index: usize| {
        let source = (index as i64).checked_add(count.checked_mul(direction)?)?;
        items.get(usize::try_from(source).ok()?)
    };
    args::list((0..items.len()).map(|index| from(index).unwrap_or(&filler).clone()).collect())
}

/// `array_slice(array, start, end)`, both included; positions outside are ignored.
fn array_slice(_: &CallContext, a: &[Value]) -> Value {
    let (Some(items), Some(start), Some(end)) = (args::array(a, 0), args::long(a, 1), args::long(a, 2)) else {
        return Value::Null;
    };
    let start = position(start, items.len()).max(0);
    let end = position(end, items.len()).min(items.len() as i64 - 1);
    args::list(if start > end { Vec::new() } else { items[start as usize..=end as usize].to_vec() })
}

/// `array_split(array, index or indices)`: the parts from 0 to the first index, from there to the second, and so on
/// to the end.
fn array_split(_: &CallContext, a: &[Value]) -> Value {
    let Some(items) = args::array(a, 0) else { return Value::Null };
    let indices: Option<Vec<i64>> = match args::array(a, 1) {
        Some(indices) => indices.iter().map(|i| convert::to_long(&Value::dynamic(i.clone()))).collect(),
        None => args::long(a, 1).map(|i| vec![i]),
    };
    let Some(indices) = indices else { return Value::Null };
    let mut ends: Vec<usize> =
        indices.iter().map(|i| position(*i, items.len()).clamp(0, items.len() as i64) as usize).collect();
    ends.push(items.len());
    let mut start = 0;
    let mut parts = Vec::with_capacity(ends.len());
    for end in ends {
        parts.push(Dynamic::Array(items.get(start..end).unwrap_or_default().to_vec()));
        start = end;
    }
    args::list(parts)
}

/// Arrays of the elements that stand at the same place; shorter arrays are filled with null.
fn zip(_: &CallContext, a: &[Value]) -> Value {
    let arrays: Vec<_> = (0..a.len()).map(|i| args::array(a, i)).collect();
    let Some(longest) = arrays.iter().flatten().map(|items| items.len()).max() else { return Value::Null };
    let row = |index: usize| {
        Dynamic::Array(
            arrays.iter().map(|items| items.and_then(|i| i.get(index)).cloned().unwrap_or_default()).collect(),
        )
    };
    args::list((0..longest).map(row).collect())
}

/// `range(start, stop, step)`: evenly spaced values up to and including stop, at most 2^20 of them. The step is 1, or
/// an hour for instants and durations, when it is left out. **Our choices**: a negative step goes down; a step of
/// zero gives null.
fn range(_: &CallContext, a: &[Value]) -> Value {
    let [start, stop, ..] = a else { return Value::Null };
    let temporal = matches!(start, Value::DateTime(_) | Value::TimeSpan(_));
    let step = match a.get(2) {
        Some(step) => step.clone(),
        None if temporal => Value::TimeSpan(TimeSpan::from_ticks(3600 * TICKS_PER_SECOND)),
        None => Value::Long(1),
    };
    let values = [start, stop, &step];
    if values.iter().any(|v| v.is_null()) {
        return Value::Null;
    }
    let ty = if temporal {
        start.column_type().unwrap_or(ColumnType::DateTime)
    } else if values.iter().any(|v| matches!(v, Value::Real(_))) {
        ColumnType::Real
    } else if values.iter().any(|v| matches!(v, Value::Decimal(_))) {
        ColumnType::Decimal
    } else {
        ColumnType::Long
    };
    let Some(sign) = convert::to_real(&step).filter(|n| *n != 0.0 && n.is_finite()) else { return Value::Null };
    let past = if sign > 0.0 { Comparison::Greater } else { Comparison::Less };
    let mut items = Vec::new();
    while items.len() < MAX_ELEMENTS {
        // Multiples of the step, so that the errors of real numbers do not add up.
        let offset = arithmetic(
            Arithmetic::Multiply,
            &step,
            &Value::Long(items.len() as i64),
            if temporal { ColumnType::TimeSpan } else { ty },
        );
        let next = arithmetic(Arithmetic::Add, start, &offset, ty);
        if next.is_null() || compare(past, &next, stop) != Some(false) || wrapped(&items, &next, sign) {
            break;
        }
        items.push(convert::to_dynamic(&next));
    }
    args::list(items)
}

/// Whether a value fell behind the last one: 64-bit numbers start over when they overflow.
fn wrapped(items: &[Dynamic], next: &Value, sign: f64) -> bool {
    let back = if sign > 0.0 { Comparison::Less } else { Comparison::Greater };
    items.last().is_some_and(|last| compare(back, next, &Value::dynamic(last.clone())) == Some(true))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{call, check};
    use super::*;
    use crate::scalar::{parse_datetime, parse_timespan};

    /// From the pages of the functions; the last lines of each are edges worked out by hand from their prose.
    #[test]
    fn arrays_are_built_cut_and_turned() {
        check(
            ColumnType::Dynamic,
            &[
                ("array_length", "[[1, 2, 3, 4]]", "4"),
                ("array_length", "[[]]", "0"),
                ("array_length", r#"["[1]"]"#, "(null)"),
                ("array_length", r#"[{"a": 1}]"#, "(null)"),
                ("array_concat", "[[1, 2, 4], [1, 2]]", "[1,2,4,1,2]"),
                ("array_concat", "[[1], null, []]", "[1]"),
                ("array_concat", "[null]", "(null)"),
                ("array_reverse", r#"[["this", "is", 1, null]]"#, r#"[null,1,"is","this"]"#),
                ("array_rotate_left", "[[1, 2, 3, 4, 5], 2]", "[3,4,5,1,2]"),
                ("array_rotate_left", "[[1, 2, 3, 4, 5], -2]", "[4,5,1,2,3]"),
                ("array_rotate_right", "[[1, 2, 3, 4, 5], 2]", "[4,5,1,2,3]"),
                ("array_rotate_left", "[[1, 2, 3], 7]", "[2,3,1]"),
                ("array_rotate_left", "[[], 1]", "[]"),
                ("array_rotate_left", "[[1], null]", "(null)"),
                ("array_shift_left", "[[1, 2, 3, 4, 5], 2]", "[3,4,5,null,null]"),
                ("array_shift_left", "[[1, 2, 3, 4, 5], 2, -1]", "[3,4,5,-1,-1]"),
                ("array_shift_left", "[[1, 2, 3, 4, 5], -2, -1]", "[-1,-1,1,2,3]"),
                ("array_shift_right", "[[1, 2, 3, 4, 5], 2]", "[null,null,1,2,3]"),
                ("array_shift_right", r#"[["a", "b"], 1]"#, r#"["","a"]"#),
                ("array_shift_left", "[[1, 2], 9223372036854775807]", "[null,null]"),
                ("array_slice", "[[1, 2, 3], 1, 2]", "[2,3]"),
                ("array_slice", "[[1, 2, 3, 4, 5], 2, -1]", "[3,4,5]"),
                ("array_slice", "[[1, 2, 3, 4, 5], -3, -2]", "[3,4]"),
                ("array_slice", "[[1, 2, 3], -9, 9]", "[1,2,3]"),
                ("array_slice", "[[1, 2, 3], 2, 1]", "[]"),
                ("array_slice", "[[1, 2, 3], 3, 5]", "[]"),
                ("array_slice", "[[], 0, 0]", "[]"),
                ("array_split", "[[1, 2, 3, 4, 5], 2]", "[[1,2],[3,4,5]]"),
                ("array_split", "[[1, 2, 3, 4, 5], [1, 3]]", "[[1],[2,3],[4,5]]"),
                ("array_split", "[[1, 2, 3], -1]", "[[1,2],[3]]"),
                ("array_split", "[[1, 2, 3], 9]", "[[1,2,3],[]]"),
                ("array_split", "[[1, 2, 3], [2, 1]]", "[[1,2],[],[2,3]]"),
                ("pack_array", r#"[1, "2", null, [3]]"#, r#"[1,"2",null,[3]]"#),
                ("zip", "[[1, 3, 5], [2, 4, 6]]", "[[1,2],[3,4],[5,6]]"),
                ("zip", r#"[["A", 1, 1.5], [{}, "B"]]"#, r#"[["A",{}],[1,"B"],[1.5,null]]"#),
                ("repeat", "[1, 3]", "[1,1,1]"),
                ("repeat", "[1, 0]", "[]"),
                ("repeat", "[1, -1]", "(null)"),
                ("repeat", r#"["a", 2]"#, r#"["a","a"]"#),
            ],
        );
        check(
            ColumnType::String,
            &[
                ("strcat_array", r#"[[1, 2, 3], "->"]"#, "1->2->3"),
                ("array_strcat", r#"[["a", null, 1.5, {"b": 1}], "|"]"#, r#"a||1.5|{"b":1}"#),
                ("array_strcat", r#"["a", "|"]"#, ""),
            ],
        );
    }

    #[test]
    fn conditions_choose_element_by_element() {
        check(
            ColumnType::Dynamic,
            &[
                ("array_iff", "[[true, false, true], [1, 2, 3], [4, 5, 6]]", "[1,5,3]"),
                ("array_iff", r#"[[1, 0, 50], "yes", "no"]"#, r#"["yes","no","yes"]"#),
                ("array_iif", r#"[["some text", null], 1, 0]"#, "[null,null]"),
                ("array_iff", "[[true, true, true], [1, 2], [3, 4]]", "[1,2,null]"),
                ("array_iff", "[true, 1, 2]", "(null)"),
            ],
        );
    }

    #[test]
    fn values_are_found_from_a_start_within_a_length() {
        let arr = r#"["this", "is", "an", "example", "an", "example"]"#;
        for (rest, expected) in [
            (r#""an""#, "2"),
            (r#""example", 1, 3"#, "3"),
            (r#""example", 1, 2"#, "-1"),
            (r#""is", 2, 4"#, "-1"),
            (r#""example", 2, -1"#, "3"),
            (r#""an", 1, -1, 2"#, "4"),
            (r#""an", 1, -1, 3"#, "-1"),
            (r#""an", -3"#, "4"),
            (r#""is", -4"#, "-1"),
            (r#""this", -99"#, "0"),
            (r#""an", 0, -2"#, "(null)"),
            (r#""an", 0, -1, -1"#, "(null)"),
            ("null", "-1"),
            ("1", "-1"),
        ] {
            check(ColumnType::Long, &[("array_index_of", &format!("[{arr}, {rest}]"), expected)]);
        }
        check(
            ColumnType::Long,
            &[("array_index_of", r#"["x", "x"]"#, "(null)"), ("array_index_of", "[[1, 2.0], 2]", "1")],
        );
    }

    #[test]
    fn ranges_have_even_steps_up_to_the_end() {
        let at = |s: &str| Value::DateTime(parse_datetime(s).unwrap());
        let span = |s: &str| Value::TimeSpan(parse_timespan(s).unwrap());
        let l = Value::Long;
        for (arguments, expected) in [
            (vec![l(1), l(8), l(3)], "[1,4,7]"),
            (vec![l(1), l(3)], "[1,2,3]"),
            (vec![span("1h"), span("3h")], r#"["01:00:00","02:00:00","03:00:00"]"#),
            (
                vec![at("2015-01-01"), at("2015-01-02"), span("1d")],
                r#"["2015-01-01T00:00:00.0000000Z","2015-01-02T00:00:00.0000000Z"]"#,
            ),
            (vec![Value::Real(0.0), l(1), Value::Real(0.25)], "[0.0,0.25,0.5,0.75,1.0]"),
            (vec![l(3), l(1)], "[]"),
            (vec![l(3), l(1), l(-1)], "[3,2,1]"),
            (vec![l(i64::MAX - 1), l(i64::MAX)], "[9223372036854775806,9223372036854775807]"),
        ] {
            assert_eq!(call("range", ColumnType::Dynamic, &arguments).to_string(), expected, "{arguments:?}");
        }
        for arguments in [[l(1), l(3), l(0)], [Value::Null, l(3), l(1)]] {
            assert!(call("range", ColumnType::Dynamic, &arguments).is_null());
        }
        let long = call("range", ColumnType::Dynamic, &[l(1), l(1_000_000_000)]);
        assert_eq!(args::array(&[long], 0).map(<[Dynamic]>::len), Some(1_048_576));
    }
}
