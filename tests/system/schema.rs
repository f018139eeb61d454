//! The part of JSON Schema that our schemas use. A library for all of it is two dozen crates that everybody's test run
//! would have to build; a keyword that is not known here makes the test fail, so that nothing is passed over in silence.

use regex::Regex;
use serde_json::Value as Json;

/// What is wrong with a value by a schema, each with its place.
pub(crate) fn errors(schema: &Json, value: &Json) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "", &mut found);
    found
}

/// Keywords that say nothing about values.
const NOTES: [&str; 5] = ["$schema", "$defs", "title", "description", "contentEncoding"];

fn check(root: &Json, schema: &Json, value: &Json, at: &str, found: &mut Vec<String>) {
    let keywords = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in keywords {
        let texts = || rule.as_array().expect("a list").iter().filter_map(Json::as_str);
        let len = || value.as_str().map(|text| text.chars().count() as u64);
        let items = value.as_array().map(|items| items.len() as u64);
        let entries = value.as_object().map(|entries| entries.len() as u64);
        let limit = || rule.as_f64().expect("a number");
        let holds = match keyword.as_str() {
            "$ref" => {
                let path = rule.as_str().and_then(|path| path.strip_prefix('#')).expect("a place in the same schema");
                check(root, root.pointer(path).expect("what is referred to is there"), value, at, found);
                true
            }
            "type" => match rule.as_str().expect("one type") {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64() || value.is_u64(),
                "number" => value.is_number(),
                other => panic!("unknown type {other}"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().expect("a list").contains(value),
            "required" => value.is_object() && texts().all(|name| value.get(name).is_some()),
            "properties" => {
                for (name, schema) in rule.as_object().expect("schemas by name") {
                    if let Some(value) = value.get(name) {
                        check(root, schema, value, &format!("{at}/{name}"), found);
                    }
                }
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                let is_known = |name: &str| known.is_some_and(|known| known.get(name).is_some());
                let others = value.as_object().into_iter().flatten().filter(|(name, _)| !is_known(name));
                match rule {
                    Json::Bool(allowed) => *allowed || others.count() == 0,
                    schema => {
                        others.for_each(|(name, value)| check(root, schema, value, &format!("{at}/{name}"), found));
                        true
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(root, rule, item, &format!("{at}/{index}"), found);
                }
                true
            }
            "uniqueItems" => {
                let items = value.as_array().map_or(&[][..], Vec::as_slice);
                (0..items.len()).all(|i| !items[..i].contains(&items[i]))
            }
            "minLength" => len().is_none_or(|len| len as f64 >= limit()),
            "maxLength" => len().is_none_or(|len| len as f64 <= limit()),
            "minItems" => items.is_none_or(|len| len as f64 >= limit()),
            "maxItems" => items.is_none_or(|len| len as f64 <= limit()),
            "minProperties" => entries.is_none_or(|len| len as f64 >= limit()),
            "minimum" => value.as_f64().is_none_or(|number| number >= limit()),
            "maximum" => value.as_f64().is_none_or(|number| number <= limit()),
            "pattern" => {
                let pattern = Regex::new(rule.as_str().expect("a pattern is text")).expect("a pattern");
                value.as_str().is_none_or(|text| pattern.is_match(text))
            }
            "not" => !is_valid(root, rule, value),
            "oneOf" => rule.as_array().expect("a list").iter().filter(|one| is_valid(root, one, value)).count() == 1,
            note => {
                assert!(NOTES.contains(&note), "the keyword {note} is not known here");
                true
            }
        };
        if !holds {
            found.push(format!("{at}: {keyword} {rule}"));
        }
    }
}

fn is_valid(root: &Json, schema: &Json, value: &Json) -> bool {
    let mut found = Vec::new();
    check(root, schema, value, "", &mut found);
    found.is_empty()
}
