//! `buildschema`: the smallest schema that admits all values.
//!
//! Source: Kusto documentation, `buildschema-aggregation-function`. **Our choices**: types follow in the order of their
//! first appearance; a null says nothing, but where there is nothing else the type is `null`.

use super::Accumulator;
use event_table::{Bag, Dynamic, Value};
use indexmap::IndexMap;
use std::sync::Arc;

/// The name under which the elements of an array stand.
const INDEXER: &str = "`indexer`";

/// The types of all values of a place.
#[derive(Default)]
pub(super) struct Schema {
    scalars: Vec<&'static str>,
    container: Option<Container>,
}

/// The properties of bags and the elements of arrays.
struct Container {
    /// How many scalar types were met before.
    after: usize,
    properties: IndexMap<Arc<str>, Schema>,
}

impl Schema {
    fn admit(&mut self, value: &Dynamic) {
        let name = match value {
            Dynamic::Null => return,
            Dynamic::Bag(bag) => {
                let properties = self.properties();
                return bag.iter().for_each(|(name, value)| properties.entry(name.clone()).or_default().admit(value));
            }
            Dynamic::Array(items) => {
                let elements = self.properties().entry(INDEXER.into()).or_default();
                return items.iter().for_each(|item| elements.admit(item));
            }
            Dynamic::Bool(_) => "bool",
            Dynamic::Long(_) => "long",
            Dynamic::Real(_) => "double",
            Dynamic::Decimal(_) => "decimal",
            Dynamic::String(_) => "string",
            Dynamic::DateTime(_) => "datetime",
            Dynamic::TimeSpan(_) => "timespan",
            Dynamic::Guid(_) => "guid",
        };
        if !self.scalars.contains(&name) {
            self.scalars.push(name);
        }
    }

    fn properties(&mut self) -> &mut IndexMap<Arc<str>, Schema> {
        let after = self.scalars.len();
        &mut self.container.get_or_insert_with(|| Container { after, properties: IndexMap::new() }).properties
    }

    fn written(self) -> Dynamic {
        let mut types: Vec<Dynamic> = self.scalars.into_iter().map(|name| Dynamic::String(name.into())).collect();
        if let Some(container) = self.container {
            let properties: Bag =
                container.properties.into_iter().map(|(name, schema)| (name, schema.written())).collect();
            types.insert(container.after, Dynamic::Bag(properties));
        }
        match types.len() {
            0 => Dynamic::String("null".into()),
            1 => types.remove(0),
            _ => Dynamic::Array(types),
        }
    }
}

impl Accumulator for Schema {
    fn add(&mut self, arguments: &[Value]) {
        if let Some(Value::Dynamic(value)) = arguments.first() {
            self.admit(value);
        }
    }
    fn finish(self: Box<Self>) -> Vec<Value> {
        vec![if self.scalars.is_empty() && self.container.is_none() {
            Value::Null
        } else {
            Value::dynamic(self.written())
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(values: &[&str]) -> String {
        let mut schema = Box::<Schema>::default();
        values.iter().for_each(|json| schema.add(&[Value::dynamic(Dynamic::from_json(json).unwrap())]));
        schema.finish()[0].to_string()
    }

    /// The first is the page's example.
    #[test]
    fn types_are_gathered_place_by_place() {
        assert_eq!(
            schema(&[
                r#"{"x":1, "y":3.5}"#,
                r#"{"x":"somevalue", "z":[1, 2, 3]}"#,
                r#"{"y":{"w":"zzz"}, "t":["aa", "bb"], "z":["foo"]}"#,
            ]),
            r#"{"x":["long","string"],"y":["double",{"w":"string"}],"z":{"`indexer`":["long","string"]},"t":{"`indexer`":"string"}}"#
        );
        assert_eq!(schema(&[r#"{"a":null}"#, r#"{"a":[], "b":null}"#]), r#"{"a":{"`indexer`":"null"},"b":"null"}"#);
        assert_eq!(schema(&["1", "true", r#"{"a":1}"#]), r#"["long","bool",{"a":"long"}]"#);
        assert_eq!(schema(&["null"]), "");
    }
}
