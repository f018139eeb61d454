//! Arrays as sets of distinct values.
//!
//! Values are the same when `distinct` sees them as the same: 1 and 1.0 are, 1 and "1" are not. The results keep the
//! order in which values first appear. **Our choices**: null is a value like others; an argument that is no array
//! is an empty set as long as another one is an array, and without any array the result is null.

use super::{CallContext, ScalarFunction, args};
use crate::keys::encode_value;
use event_table::{Dynamic, Value};
use rustc_hash::FxHashSet;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "set_union" => |_, a| combine(a, |sets| distinct(sets.concat().iter(), |_| true)),
        "set_intersect" => |_, a| {
            combine(a, |sets| {
                let others: Vec<_> = sets.iter().skip(1).map(|set| keys(set)).collect();
                distinct(sets[0].iter(), |key| others.iter().all(|set| set.contains(key)))
            })
        },
        "set_difference" => |_, a| {
            combine(a, |sets| {
                let others: Vec<_> = sets.iter().skip(1).map(|set| keys(set)).collect();
                distinct(sets[0].iter(), |key| !others.iter().any(|set| set.contains(key)))
            })
        },
        "set_equals" => {
            |_, a| args::or_null(args::array(a, 0).zip(args::array(a, 1)), |(x, y)| Value::Bool(keys(x) == keys(y)))
        }
        "set_has_element" => |_, a| {
            let (Some(set), Some(value)) = (args::array(a, 0), a.get(1)) else { return Value::Null };
            Value::Bool(!value.is_null() && keys(set).contains(&key(value)))
        },
        "jaccard_index" => jaccard_index,
        _ => return None,
    })
}

fn combine(a: &[Value], f: impl FnOnce(&[&[Dynamic]]) -> Vec<Dynamic>) -> Value {
    let sets: Vec<_> = (0..a.len()).map(|i| args::array(a, i)).collect();
    if sets.iter().all(Option::is_none) {
        return Value::Null;
    }
    let sets: Vec<&[Dynamic]> = sets.into_iter().map(Option::unwrap_or_default).collect();
    args::list(f(&sets))
}

fn key(value: &Value) -> Vec<u8> {
    let mut key = Vec::new();
    encode_value(value, &mut key);
    key
}

fn keys(set: &[Dynamic]) -> FxHashSet<Vec<u8>> {
    set.iter().map(|item| key(&Value::dynamic(item.clone()))).collect()
}

fn distinct<'a>(items: impl Iterator<Item = &'a Dynamic>, keep: impl Fn(&[u8]) -> bool) -> Vec<Dynamic> {
    let mut seen = FxHashSet::default();
    let mut kept = Vec::new();
    for item in items {
        let key = key(&Value::dynamic(item.clone()));
        if keep(&key) && seen.insert(key) {
            kept.push(item.clone());
        }
    }
    kept
}

/// The size of the intersection over that of the union. **Our choice**: two empty sets have no index, null.
fn jaccard_index(_: &CallContext, a: &[Value]) -> Value {
    let sets: Option<Vec<_>> = (0..a.len()).map(|i| args::array(a, i).map(keys)).collect();
    let Some(sets) = sets.filter(|sets| !sets.is_empty()) else { return Value::Null };
    let shared = sets[0].iter().filter(|key| sets.iter().all(|set| set.contains(*key))).count();
    let all = sets.iter().flatten().collect::<FxHashSet<_>>().len();
    if all == 0 { Value::Null } else { Value::dynamic(Dynamic::Real(shared as f64 / all as f64)) }
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    #[test]
    fn sets_follow_the_documentation() {
        check(
            ColumnType::Dynamic,
            &[
                ("set_union", "[[1, 2, 1, 4], [1, 2], [8]]", "[1,2,4,8]"),
                ("set_union", r#"[["A4", "A2", "A7", "A2"], ["A4"]]"#, r#"["A4","A2","A7"]"#),
                ("set_union", r#"[[1, 1.0, "1"], null]"#, r#"[1,"1"]"#),
                ("set_union", "[null, null]", "(null)"),
                ("set_intersect", "[[1, 2, 1, 4], [1, 2], [8, 1]]", "[1]"),
                ("set_intersect", "[[1, 2, 3], [4, 5]]", "[]"),
                ("set_intersect", r#"[[{"a": 1, "b": 2}], [{"b": 2, "a": 1}]]"#, r#"[{"a":1,"b":2}]"#),
                ("set_intersect", "[[1], null]", "[]"),
                ("set_difference", "[[1, 2, 1, 4], [1, 2], [1, 2, 8]]", "[4]"),
                ("set_difference", "[[1, 2, 3], [1, 2, 3]]", "[]"),
                ("set_difference", "[[4, 4], []]", "[4]"),
                ("jaccard_index", "[[1, 2, 3], [1, 2, 3, 4]]", "0.75"),
                ("jaccard_index", "[[1, 1], [1]]", "1.0"),
                ("jaccard_index", "[[], []]", "(null)"),
                ("set_equals", "[[1, 2, 2], [2, 1]]", "true"),
                ("set_equals", "[[1], [2]]", "false"),
                ("set_equals", "[[1], 1]", "(null)"),
                ("set_has_element", r#"[["this", "is", "an"], "is"]"#, "true"),
                ("set_has_element", r#"[[1, 2], "1"]"#, "false"),
                ("set_has_element", "[[null], null]", "false"),
                ("set_has_element", r#"["is", "is"]"#, "(null)"),
            ],
        );
    }
}
