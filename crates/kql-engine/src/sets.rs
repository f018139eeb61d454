//! Sets of values for `in`.

use crate::scalar::{convert, equal};
use event_table::Value;
use rustc_hash::FxHashSet;
use std::fmt;
use std::sync::Arc;

/// Values to look a value up in; membership is `==` with any of them.
#[derive(Clone)]
pub struct ValueSet {
    strings: FxHashSet<Arc<str>>,
    wholes: FxHashSet<i64>,
    others: Vec<Value>,
}

impl ValueSet {
    /// A set of values. Nulls are in no set.
    #[must_use]
    pub fn new(values: Vec<Value>) -> Self {
        let mut set = Self { strings: FxHashSet::default(), wholes: FxHashSet::default(), others: Vec::new() };
        for value in values {
            match value {
                Value::Null => {}
                Value::String(s) => {
                    set.strings.insert(s);
                }
                Value::Int(_) | Value::Long(_) => {
                    set.wholes.extend(convert::to_long(&value));
                }
                other => set.others.push(other),
            }
        }
        set
    }

    /// Whether a text is one of the values.
    #[must_use]
    pub fn contains_text(&self, text: &str) -> bool {
        self.strings.contains(text)
    }

    /// Whether a value equals one of the values.
    #[must_use]
    pub fn contains(&self, value: &Value) -> bool {
        let value = crate::scalar::plain(value);
        let found = match &value {
            Value::String(s) => self.strings.contains(&**s),
            Value::Int(n) => self.wholes.contains(&i64::from(*n)),
            Value::Long(n) => self.wholes.contains(n),
            Value::Real(_) | Value::Decimal(_) | Value::Bool(_) => {
                self.wholes.iter().any(|n| equal(&value, &Value::Long(*n)))
            }
            _ => false,
        };
        found || self.others.iter().any(|other| equal(&value, other))
    }
}

/// All values, sorted, so that two sets that print alike are alike.
impl fmt::Debug for ValueSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut strings: Vec<_> = self.strings.iter().collect();
        let mut wholes: Vec<_> = self.wholes.iter().collect();
        strings.sort();
        wholes.sort();
        write!(f, "{strings:?} {wholes:?} {:?}", self.others)
    }
}
