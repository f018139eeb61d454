//! Values as bytes, for grouping: two values have the same bytes when they fall into one group.

use crate::scalar::plain;
use event_table::{Dynamic, Value};
use rust_decimal::prelude::ToPrimitive;

/// Adds a value's bytes to a key. The bytes of a value do not begin those of another, so keys of several columns
/// can be joined.
pub(crate) fn encode_value(value: &Value, key: &mut Vec<u8>) {
    match value {
        Value::String(s) => text(s, key),
        Value::Dynamic(_) => match plain(value) {
            Value::Dynamic(d) => dynamic(&d, key),
            scalar => encode_value(&scalar, key),
        },
        Value::Null => key.push(0),
        Value::Bool(b) => key.extend([1, u8::from(*b)]),
        Value::Int(n) => whole(i64::from(*n), key),
        Value::Long(n) => whole(*n, key),
        Value::Real(n) => real(*n, key),
        Value::Decimal(n) => match n.normalize().to_i64() {
            Some(whole_part) if n.fract().is_zero() => whole(whole_part, key),
            _ => {
                key.push(4);
                key.extend(n.normalize().serialize());
            }
        },
        Value::DateTime(t) => {
            key.push(5);
            key.extend(t.ticks().to_le_bytes());
        }
        Value::TimeSpan(t) => {
            key.push(6);
            key.extend(t.ticks().to_le_bytes());
        }
        Value::Guid(g) => {
            key.push(7);
            key.extend(g.0);
        }
    }
}

/// A text's bytes, with its length before it.
pub(crate) fn text(s: &str, key: &mut Vec<u8>) {
    key.push(8);
    key.extend((s.len() as u32).to_le_bytes());
    key.extend(s.as_bytes());
}

fn whole(n: i64, key: &mut Vec<u8>) {
    key.push(2);
    key.extend(n.to_le_bytes());
}

/// Whole reals are the same as whole numbers; every NaN is the same.
fn real(n: f64, key: &mut Vec<u8>) {
    if n.fract() == 0.0 && n.abs() < 9.0e15 {
        return whole(n as i64, key);
    }
    key.push(3);
    key.extend(if n.is_nan() { f64::NAN.to_bits() } else { n.to_bits() }.to_le_bytes());
}

/// Arrays by their elements, bags by their properties in the order of the names.
fn dynamic(value: &Dynamic, key: &mut Vec<u8>) {
    match value {
        Dynamic::Array(items) => {
            key.push(9);
            key.extend((items.len() as u32).to_le_bytes());
            items.iter().for_each(|item| encode_value(&Value::dynamic(item.clone()), key));
        }
        Dynamic::Bag(bag) => {
            let mut names: Vec<_> = bag.iter().collect();
            names.sort_by(|a, b| a.0.cmp(b.0));
            key.push(10);
            key.extend((names.len() as u32).to_le_bytes());
            for (name, item) in names {
                text(name, key);
                encode_value(&Value::dynamic(item.clone()), key);
            }
        }
        scalar => encode_value(&Value::dynamic(scalar.clone()), key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::same_key;

    #[test]
    fn equal_bytes_mean_one_group() {
        let values = [
            Value::Null,
            Value::Bool(true),
            Value::Int(1),
            Value::Long(1),
            Value::Real(1.0),
            Value::Real(1.5),
            Value::Real(f64::NAN),
            Value::string(""),
            Value::string("a"),
            Value::dynamic(Dynamic::Long(1)),
            Value::dynamic(Dynamic::String("a".into())),
            Value::dynamic(Dynamic::from_json("[1,2]").unwrap()),
            Value::dynamic(Dynamic::from_json("[1,2.0]").unwrap()),
            Value::dynamic(Dynamic::from_json("[\"1\",2]").unwrap()),
        ];
        let bytes = |v: &Value| {
            let mut key = Vec::new();
            encode_value(v, &mut key);
            key
        };
        for a in &values {
            for b in &values {
                // The order of arrays goes by their text, so only scalars are compared with it.
                if !matches!((a, b), (Value::Dynamic(x), Value::Dynamic(y)) if x.as_array().is_some() && y.as_array().is_some())
                {
                    assert_eq!(bytes(a) == bytes(b), same_key(a, b), "{a:?} {b:?}");
                }
            }
        }
        assert_eq!(bytes(&values[11]), bytes(&values[12]));
        assert_ne!(bytes(&values[11]), bytes(&values[13]));
    }
}
