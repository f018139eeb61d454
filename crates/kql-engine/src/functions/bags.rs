//! Property bags, and JSON in its text form.
//!
//! **Our choices**, where the pages are silent: properties keep the order in which they were first written; a name
//! that comes twice in `bag_pack` has its last value, in `bag_merge` its first.

use super::{CallContext, ScalarFunction, args, json_path};
use crate::scalar::convert;
use event_table::{Bag, Dynamic, Value};
use indexmap::IndexSet;
use std::fmt::Write;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "bag_has_key" => |_, a| {
            let steps = json_path::key_steps(&args::text(a, 1));
            Value::Bool(args::bag(a, 0).zip(steps).is_some_and(|(bag, steps)| has(bag, &steps)))
        },
        "bag_keys" => |_, a| {
            args::or_null(args::bag(a, 0), |bag| {
                args::list(bag.keys().map(|name| Dynamic::String(name.clone())).collect())
            })
        },
        "bag_merge" => bag_merge,
        "bag_pack" => |_, a| {
            let pair = |pair: &[Value]| (args::text(pair, 0).as_ref().into(), convert::to_dynamic(&pair[1]));
            Value::dynamic(Dynamic::Bag(a.chunks_exact(2).map(pair).collect()))
        },
        "bag_remove_keys" => bag_remove_keys,
        "bag_set_key" => bag_set_key,
        "bag_zip" => bag_zip,
        "treepath" => |_, a| match a.first() {
            Some(Value::Dynamic(d)) => {
                let mut paths = IndexSet::default();
                tree_paths(d, "", &mut paths);
                args::list(paths.iter().map(|path| args::text_element(path)).collect())
            }
            _ => Value::Null,
        },
        "dynamic_to_json" => |_, a| match a.first() {
            Some(Value::Dynamic(d)) if matches!(**d, Dynamic::Array(_) | Dynamic::Bag(_)) => {
                let mut text = String::new();
                canonical(d, &mut text);
                args::string(text)
            }
            _ => args::string(args::text(a, 0)),
        },
        "extract_json" | "extractjson" => extract_json,
        _ => return None,
    })
}

fn has(bag: &Bag, steps: &[String]) -> bool {
    match steps {
        [] => false,
        [name] => bag.contains_key(name.as_str()),
        [name, rest @ ..] => matches!(bag.get(name.as_str()), Some(Dynamic::Bag(inner)) if has(inner, rest)),
    }
}

/// Arguments that are no bags are passed over; without any bag the result is null.
fn bag_merge(_: &CallContext, a: &[Value]) -> Value {
    let bags: Vec<_> = (0..a.len()).filter_map(|i| args::bag(a, i)).collect();
    if bags.is_empty() {
        return Value::Null;
    }
    let mut merged = Bag::default();
    for (name, value) in bags.into_iter().flatten() {
        merged.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Value::dynamic(Dynamic::Bag(merged))
}

fn bag_remove_keys(_: &CallContext, a: &[Value]) -> Value {
    let Some(bag) = args::bag(a, 0) else { return Value::Null };
    let mut bag = bag.clone();
    for key in args::array(a, 1).unwrap_or_default() {
        if let Some(names) = json_path::key_steps(&args::element_text(key))
            && let Some((last, outer)) = names.split_last()
            && let Some(holder) = json_path::parent(&mut bag, outer)
        {
            holder.shift_remove(last.as_str());
        }
    }
    Value::dynamic(Dynamic::Bag(bag))
}

/// Sets a property, making the bags on the way. **Our choices**: a value on the way that is no bag gives way to one;
/// a path with array positions leaves the bag as it is.
fn bag_set_key(_: &CallContext, a: &[Value]) -> Value {
    let Some(bag) = args::bag(a, 0) else { return Value::Null };
    let mut bag = bag.clone();
    let value = a.get(2).map(convert::to_dynamic).unwrap_or_default();
    if let Some(names) = json_path::key_steps(&args::text(a, 1)) {
        set(&mut bag, &names, value);
    }
    Value::dynamic(Dynamic::Bag(bag))
}

fn set(bag: &mut Bag, names: &[String], value: Dynamic) {
    match names {
        [] => {}
        [name] => {
            bag.insert(name.as_str().into(), value);
        }
        [name, rest @ ..] => {
            let inner = bag.entry(name.as_str().into()).or_default();
            if !matches!(inner, Dynamic::Bag(_)) {
                *inner = Dynamic::Bag(Bag::default());
            }
            if let Dynamic::Bag(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
}

/// Keys that are no strings are passed over, values that are missing are null, values without a key are left out.
fn bag_zip(_: &CallContext, a: &[Value]) -> Value {
    let Some(keys) = args::array(a, 0) else { return Value::Null };
    let values = args::array(a, 1).unwrap_or_default();
    let pairs = keys.iter().enumerate().filter_map(|(index, key)| match key {
        Dynamic::String(name) => Some((name.clone(), values.get(index).cloned().unwrap_or_default())),
        _ => None,
    });
    Value::dynamic(Dynamic::Bag(pairs.collect()))
}

/// The paths below a value: each property, and `[0]` for the elements of an array, every path once.
fn tree_paths(value: &Dynamic, path: &str, paths: &mut IndexSet<String>) {
    let mut visit = |step: String, inner: &Dynamic| {
        let path = format!("{path}{step}");
        paths.insert(path.clone());
        tree_paths(inner, &path, paths);
    };
    match value {
        Dynamic::Bag(bag) => bag.iter().for_each(|(name, inner)| visit(format!("['{name}']"), inner)),
        Dynamic::Array(items) => items.iter().for_each(|inner| visit("[0]".into(), inner)),
        _ => {}
    }
}

/// JSON with the properties of every bag in the order of their names.
fn canonical(value: &Dynamic, text: &mut String) {
    match value {
        Dynamic::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                canonical(item, text);
            }
            text.push(']');
        }
        Dynamic::Bag(bag) => {
            let mut names: Vec<_> = bag.iter().collect();
            names.sort_by(|a, b| a.0.cmp(b.0));
            text.push('{');
            for (index, (name, item)) in names.into_iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                // Writing to a string does not fail.
                let _ = write!(text, "{}:", Dynamic::String(name.clone()));
                canonical(item, text);
            }
            text.push('}');
        }
        scalar => {
            let _ = write!(text, "{scalar}");
        }
    }
}

/// `extract_json(path, text, type)`: what stands at the path, as text or as the type. **Our choice**: nothing is
/// found in text that is no JSON, nor by a path that is wrong or not supported.
fn extract_json(cx: &CallContext, a: &[Value]) -> Value {
    let missing = || Value::missing(cx.returns);
    let (Some(steps), Ok(root)) = (json_path::parse(&args::text(a, 0)), Dynamic::from_json(&args::text(a, 1))) else {
        return missing();
    };
    json_path::find(&root, &steps)
        .map_or_else(missing, |found| convert::to_type(&Value::dynamic(found.clone()), cx.returns))
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    #[test]
    fn bags_are_built_and_changed() {
        check(
            ColumnType::Dynamic,
            &[
                ("bag_keys", r#"[{"a": "b", "c": {"d": 123}}]"#, r#"["a","c"]"#),
                ("bag_keys", "[{}]", "[]"),
                ("bag_keys", "[null]", "(null)"),
                ("bag_keys", "[[]]", "(null)"),
                ("bag_keys", r#"["a"]"#, "(null)"),
                (
                    "bag_merge",
                    r#"[{"A1": 12, "B1": 2, "C1": 3}, {"A2": 81, "B2": 82, "A1": 1}]"#,
                    r#"{"A1":12,"B1":2,"C1":3,"A2":81,"B2":82}"#,
                ),
                ("bag_merge", r#"[{"a": 1}, null, [2]]"#, r#"{"a":1}"#),
                ("bag_merge", "[null, 3]", "(null)"),
                (
                    "bag_pack",
                    r#"["Level", "Information", "ProcessID", 1234, "Data", {"url": "www.bing.com"}]"#,
                    r#"{"Level":"Information","ProcessID":1234,"Data":{"url":"www.bing.com"}}"#,
                ),
                ("bag_pack", r#"["a", 1, "b", null, "a", 2]"#, r#"{"a":2,"b":null}"#),
                ("bag_remove_keys", r#"[{"key1": 123, "key2": "abc"}, ["key2", "key4"]]"#, r#"{"key1":123}"#),
                (
                    "bag_remove_keys",
                    r#"[{"key1": 123, "key2": {"prop1": "abc", "prop2": "xyz"}, "key3": [100, 200]}, ["$.key2.prop1", "key3"]]"#,
                    r#"{"key1":123,"key2":{"prop2":"xyz"}}"#,
                ),
                ("bag_remove_keys", r#"[{"a": [1, 2]}, ["$.a[0]", "$.a.b"]]"#, r#"{"a":[1,2]}"#),
                ("bag_remove_keys", r#"[[1], ["a"]]"#, "(null)"),
                ("bag_set_key", r#"[{"key1": 1, "key2": 2}, "key3", 3]"#, r#"{"key1":1,"key2":2,"key3":3}"#),
                ("bag_set_key", r#"[{"key1": 1, "key3": "abc"}, "key3", 3]"#, r#"{"key1":1,"key3":3}"#),
                (
                    "bag_set_key",
                    r#"[{"key1": 123, "key2": {"prop1": 123, "prop2": "xyz"}}, "$.key2.prop1", "abc"]"#,
                    r#"{"key1":123,"key2":{"prop1":"abc","prop2":"xyz"}}"#,
                ),
                ("bag_set_key", r#"[{"key1": 123}, "$.key2.prop1", "abc"]"#, r#"{"key1":123,"key2":{"prop1":"abc"}}"#),
                ("bag_set_key", r#"[{"a": 1}, "$.a.b", 2]"#, r#"{"a":{"b":2}}"#),
                ("bag_set_key", r#"[null, "a", 2]"#, "(null)"),
                ("bag_zip", r#"[["a", "b", "c"], [1, "2", 3.4]]"#, r#"{"a":1,"b":"2","c":3.4}"#),
                ("bag_zip", r#"[["a", "b", "c"], [1, "2"]]"#, r#"{"a":1,"b":"2","c":null}"#),
                ("bag_zip", r#"[["a", "b"], [1, "2", 2.5]]"#, r#"{"a":1,"b":"2"}"#),
                ("bag_zip", r#"[["a", 8, "b"], [1, "2", 2.5]]"#, r#"{"a":1,"b":2.5}"#),
                ("bag_zip", r#"[["a", 8, "b"], 1]"#, r#"{"a":null,"b":null}"#),
                ("bag_zip", r#"["a", [1]]"#, "(null)"),
            ],
        );
        check(
            ColumnType::Bool,
            &[
                ("bag_has_key", r#"[{"key1": 123, "key2": "abc"}, "key2"]"#, "true"),
                ("bag_has_key", r#"[{"key1": 123, "key3": "abc"}, "key2"]"#, "false"),
                ("bag_has_key", r#"[{"key2": {"prop1": "abc"}}, "$.key2.prop1"]"#, "true"),
                ("bag_has_key", r#"[{"key2": {"prop1": "abc"}}, "$.key2.prop1.x"]"#, "false"),
                ("bag_has_key", r#"[null, "key2"]"#, "false"),
            ],
        );
    }

    #[test]
    fn json_is_read_by_path_and_written_canonically() {
        check(
            ColumnType::Dynamic,
            &[
                ("treepath", r#"[{"a": "b", "c": 123}]"#, r#"["['a']","['c']"]"#),
                (
                    "treepath",
                    r#"[{"prop1": [1, 2, 3, 4], "prop2": "value2"}]"#,
                    r#"["['prop1']","['prop1'][0]","['prop2']"]"#,
                ),
                (
                    "treepath",
                    r#"[{"listProperty": [100, 200, 300, "abcde", {"x": "y"}]}]"#,
                    r#"["['listProperty']","['listProperty'][0]","['listProperty'][0]['x']"]"#,
                ),
                ("treepath", "[3]", "(null)"),
            ],
        );
        let json = r#""{\"name\": \"John\", \"age\": 30, \"l\": [1, {\"z\": 2}]}""#;
        check(
            ColumnType::String,
            &[
                (
                    "dynamic_to_json",
                    r#"[{"Y10": {}, "X8": {"c3": 1, "d8": 5, "a4": 6}, "A14": [15, "13"], "A1": 12}]"#,
                    r#"{"A1":12,"A14":[15,"13"],"X8":{"a4":6,"c3":1,"d8":5},"Y10":{}}"#,
                ),
                ("dynamic_to_json", r#"["text"]"#, "text"),
                ("dynamic_to_json", "[null]", ""),
                ("extract_json", &format!(r#"["$.name", {json}]"#), "John"),
                ("extractjson", &format!(r#"["$.l[1]", {json}]"#), r#"{"z":2}"#),
                ("extract_json", &format!(r#"["$.none", {json}]"#), ""),
                ("extract_json", r#"["$.a", "no json"]"#, ""),
                ("extract_json", r#"["$..a", "{\"a\": 1}"]"#, ""),
            ],
        );
        check(
            ColumnType::Long,
            &[
                ("extract_json", &format!(r#"["$.age", {json}, "long"]"#), "30"),
                ("extract_json", &format!(r#"["$.name", {json}, "long"]"#), "(null)"),
            ],
        );
    }
}
