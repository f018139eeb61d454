//! Dynamic values: what JSON can say, and Kusto's own scalars inside it.

use crate::{DateTime, Guid, TimeSpan};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// A property bag: names in the order in which they were first written.
pub type Bag = IndexMap<Arc<str>, Dynamic, rustc_hash::FxBuildHasher>;

/// A value of Kusto's `dynamic` type.
///
/// JSON text gives null, booleans, numbers, strings, arrays and bags; `pack` and the aggregates that make
/// arrays can also put the other scalars inside.
#[derive(Clone, Debug, Default)]
pub enum Dynamic {
    /// JSON null.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Long(i64),
    /// A number with a fraction or an exponent.
    Real(f64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text.
    String(Arc<str>),
    /// An instant.
    DateTime(DateTime),
    /// A duration.
    TimeSpan(TimeSpan),
    /// An identifier.
    Guid(Guid),
    /// A sequence.
    Array(Vec<Dynamic>),
    /// Named values.
    Bag(Bag),
}

impl Dynamic {
    /// Reads JSON text; an error says where the text is not JSON. Nesting is bounded at 128.
    pub fn from_json(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The value of a bag's property.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Bag(bag) => bag.get(name),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// Compact JSON; scalars that JSON has no form for are strings in Kusto's text form.
impl fmt::Display for Dynamic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Long(n) => write!(f, "{n}"),
            Self::Real(n) if n.is_finite() => write_real(*n, f),
            Self::Real(n) => write!(f, "\"{}\"", real_name(*n)),
            Self::Decimal(n) => write!(f, "\"{n}\""),
            Self::String(s) => write_json_string(s, f),
            Self::DateTime(t) => write!(f, "\"{t}\""),
            Self::TimeSpan(t) => write!(f, "\"{t}\""),
            Self::Guid(g) => write!(f, "\"{g}\""),
            Self::Array(items) => {
                f.write_str("[")?;
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(",")?;
                    }
                    write!(f, "{item}")?;
                }
                f.write_str("]")
            }
            Self::Bag(bag) => {
                f.write_str("{")?;
                for (i, (name, value)) in bag.iter().enumerate() {
                    if i > 0 {
                        f.write_str(",")?;
                    }
                    write_json_string(name, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_str("}")
            }
        }
    }
}

/// A finite real with at least one digit after the point, or an exponent: `1.0`, `0.1`, `1e20`.
pub(crate) fn write_real(n: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // `{:?}` is the shortest text that reads back to the same number, as .NET's round-trip form is.
    write!(f, "{n:?}")
}

/// Kusto's names for the reals that are no numbers.
pub(crate) fn real_name(n: f64) -> &'static str {
    if n.is_nan() {
        "NaN"
    } else if n > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

fn write_json_string(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(&serde_json::to_string(text).map_err(|_| fmt::Error)?)
}

impl<'de> Deserialize<'de> for Dynamic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DynamicVisitor)
    }
}

struct DynamicVisitor;

impl<'de> Visitor<'de> for DynamicVisitor {
    type Value = Dynamic;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Dynamic, E> {
        Ok(Dynamic::Null)
    }
    fn visit_bool<E>(self, v: bool) -> Result<Dynamic, E> {
        Ok(Dynamic::Bool(v))
    }
    fn visit_i64<E>(self, v: i64) -> Result<Dynamic, E> {
        Ok(Dynamic::Long(v))
    }
    fn visit_u64<E>(self, v: u64) -> Result<Dynamic, E> {
        Ok(i64::try_from(v).map_or(Dynamic::Real(v as f64), Dynamic::Long))
    }
    fn visit_f64<E>(self, v: f64) -> Result<Dynamic, E> {
        Ok(Dynamic::Real(v))
    }
    fn visit_str<E>(self, v: &str) -> Result<Dynamic, E> {
        Ok(Dynamic::String(v.into()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Dynamic, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Dynamic::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Dynamic, A::Error> {
        let mut bag = Bag::default();
        while let Some((name, value)) = map.next_entry::<String, Dynamic>()? {
            bag.insert(name.into(), value);
        }
        Ok(Dynamic::Bag(bag))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_reads_and_prints_in_order() {
        let text = r#"{"b":1,"a":[true,null,1.0,"x\ny"],"c":{"d":-7}}"#;
        assert_eq!(Dynamic::from_json(text).unwrap().to_string(), text);
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        assert!(Dynamic::from_json(&"[".repeat(100_000)).is_err());
    }
}
