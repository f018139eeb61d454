//! JSON paths: `$.a.b[0]['c d']`.
//!
//! Source: Kusto documentation, `jsonpath`: the root, children by dot or bracket, and array positions; no wildcards,
//! recursion, unions or slices.

use event_table::{Bag, Dynamic};

/// A step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A property of a bag.
    Property(String),
    /// An element of an array.
    Element(usize),
}

/// Steps that a path may have, as JSON's nesting is bounded.
const MAX_STEPS: usize = 128;

/// Reads a path; `None` when it is none, uses what is not supported, or has more than 128 steps.
pub(crate) fn parse(path: &str) -> Option<Vec<Step>> {
    let mut rest = path.trim().strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if steps.len() == MAX_STEPS {
            return None;
        }
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let (name, tail) = after.split_at(end);
            if name.is_empty() || name == "*" {
                return None;
            }
            steps.push(Step::Property(name.to_owned()));
            rest = tail;
        } else {
            let after = rest.strip_prefix('[')?;
            let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'));
            let (step, tail) = match quote {
                Some(quote) => {
                    let (name, tail) = after[1..].split_once(quote)?;
                    (Step::Property(name.to_owned()), tail.strip_prefix(']')?)
                }
                None => {
                    let (index, tail) = after.split_once(']')?;
                    (Step::Element(index.trim().parse().ok()?), tail)
                }
            };
            steps.push(step);
            rest = tail;
        }
    }
    Some(steps)
}

/// Whether a key is a path rather than the name of a property: it starts with `$.` or `$[`.
pub(crate) fn is_path(key: &str) -> bool {
    key.starts_with("$.") || key.starts_with("$[")
}

/// The steps of a key of a bag: a path over properties, or one name. `None` for a path with array positions, which
/// the bag functions do not support, or a wrong one.
pub(crate) fn key_steps(key: &str) -> Option<Vec<String>> {
    if !is_path(key) {
        return Some(vec![key.to_owned()]);
    }
    let name = |step| match step {
        Step::Property(name) => Some(name),
        Step::Element(_) => None,
    };
    parse(key)?.into_iter().map(name).collect()
}

/// The value at the end of a path.
pub(crate) fn find<'a>(root: &'a Dynamic, steps: &[Step]) -> Option<&'a Dynamic> {
    steps.iter().try_fold(root, |value, step| match step {
        Step::Property(name) => value.get(name),
        Step::Element(index) => value.as_array()?.get(*index),
    })
}

/// The bag that holds the last name of a chain of properties.
pub(crate) fn parent<'a>(bag: &'a mut Bag, names: &[String]) -> Option<&'a mut Bag> {
    names.iter().try_fold(bag, |bag, name| match bag.get_mut(name.as_str())? {
        Dynamic::Bag(inner) => Some(inner),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let root = Dynamic::from_json(r#"{"a":{"b":[1,{"c d":2}]},"x.y":3}"#).unwrap();
        for (path, expected) in [
            ("$", Some(root.to_string())),
            ("$.a.b[0]", Some("1".into())),
            ("$['a'].b[1]['c d']", Some("2".into())),
            ("$[\"x.y\"]", Some("3".into())),
            ("$.a.z", None),
            ("$.a.b[9]", None),
            ("$.a[0]", None),
        ] {
            let found = parse(path).and_then(|steps| find(&root, &steps).map(ToString::to_string));
            assert_eq!(found, expected, "{path}");
        }
        for wrong in ["", "a", "$a", "$.", "$..a", "$.*", "$[*]", "$[-1]", "$['a'", "$['a]", "$[0", "$[1:2]", "é"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_are_names_or_paths_of_names() {
        assert_eq!(key_steps("$a.b"), Some(vec!["$a.b".to_owned()]));
        assert_eq!(key_steps("$.a['b.c']"), Some(vec!["a".to_owned(), "b.c".to_owned()]));
        assert_eq!(key_steps("$.a[0]"), None);
        assert_eq!(key_steps(&format!("${}", ".a".repeat(129))), None);
    }
}
