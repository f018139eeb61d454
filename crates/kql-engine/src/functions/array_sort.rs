//! `array_sort_asc` and `array_sort_desc`.
//!
//! Several arrays give an array of arrays: the first one sorted, the others in the order that it took, and null for
//! one of another length. (In Kusto they are several columns; a resolver that knows that takes them apart.)

use super::{CallContext, ScalarFunction, args};
use crate::scalar::order;
use event_table::{Dynamic, Value};
use std::cmp::Ordering;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "array_sort_asc" => |cx, a| sort(cx, a, false),
        "array_sort_desc" => |cx, a| sort(cx, a, true),
        _ => return None,
    })
}

fn sort(_: &CallContext, a: &[Value], descending: bool) -> Value {
    let (arrays, nulls_last) = match a.split_last() {
        Some((Value::Bool(nulls_last), arrays)) => (arrays, *nulls_last),
        _ => (a, true),
    };
    let Some(first) = args::array(arrays, 0) else { return Value::Null };
    let mut positions: Vec<usize> = (0..first.len()).collect();
    positions.sort_by(|x, y| compare(&first[*x], &first[*y], descending, nulls_last));
    let arranged = |items: &[Dynamic]| {
        let same_length = items.len() == positions.len();
        same_length.then(|| Dynamic::Array(positions.iter().map(|p| items[*p].clone()).collect()))
    };
    if arrays.len() == 1 {
        return Value::dynamic(arranged(first).unwrap_or_default());
    }
    args::list((0..arrays.len()).map(|i| args::array(arrays, i).and_then(arranged).unwrap_or_default()).collect())
}

/// Kinds keep their order whatever the direction: numbers, instants and durations; strings; identifiers; the rest.
/// **Our choice**: numbers, instants and durations, which have no order among one another, follow in this order.
fn compare(x: &Dynamic, y: &Dynamic, descending: bool, nulls_last: bool) -> Ordering {
    let null = |d: &Dynamic| matches!(d, Dynamic::Null);
    if null(x) || null(y) {
        let last = null(x).cmp(&null(y));
        return if nulls_last { last } else { last.reverse() };
    }
    kind(x).cmp(&kind(y)).then_with(|| {
        let natural = order(&Value::dynamic(x.clone()), &Value::dynamic(y.clone()));
        if descending { natural.reverse() } else { natural }
    })
}

fn kind(d: &Dynamic) -> u8 {
    match d {
        Dynamic::Long(_) | Dynamic::Real(_) | Dynamic::Decimal(_) => 0,
        Dynamic::DateTime(_) => 1,
        Dynamic::TimeSpan(_) => 2,
        Dynamic::String(_) => 3,
        Dynamic::Guid(_) => 4,
        Dynamic::Null | Dynamic::Bool(_) | Dynamic::Array(_) | Dynamic::Bag(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    #[test]
    fn arrays_are_sorted_by_the_first() {
        check(
            ColumnType::Dynamic,
            &[
                ("array_sort_asc", "[[1, 3, 4, 5, 2]]", "[1,2,3,4,5]"),
                ("array_sort_asc", r#"[["John", "Paul", "Jane", "Kao"]]"#, r#"["Jane","John","Kao","Paul"]"#),
                (
                    "array_sort_desc",
                    r#"[[1, 3, 4, 5, 2], ["a", "b", "c", "d", "e"]]"#,
                    r#"[[5,4,3,2,1],["d","c","b","e","a"]]"#,
                ),
                ("array_sort_asc", "[[2, 1], [1], null]", "[[1,2],null,null]"),
                (
                    "array_sort_desc",
                    r#"[[null, "blue", "yellow", "green", null]]"#,
                    r#"["yellow","green","blue",null,null]"#,
                ),
                (
                    "array_sort_desc",
                    r#"[[null, "blue", "yellow", "green", null], false]"#,
                    r#"[null,null,"yellow","green","blue"]"#,
                ),
                ("array_sort_asc", r#"[[true, "b", 2, [1], "a", 1.5]]"#, r#"[1.5,2,"a","b",true,[1]]"#),
                ("array_sort_desc", r#"[["b", 2, "a", 1.5]]"#, r#"[2,1.5,"b","a"]"#),
                ("array_sort_asc", r#"["b,a"]"#, "(null)"),
            ],
        );
    }
}
