//! Comparison and order.
//!
//! Source: Kusto documentation, `null-values`, `logical-operators`, `sort-operator`.

use super::convert::{to_decimal, to_real};
use event_table::{Dynamic, Value};
use std::cmp::Ordering;

/// A comparison operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Whether an order of two values satisfies it.
    #[must_use]
    #[inline]
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessOrEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterOrEqual => order != Ordering::Less,
        }
    }

    /// The comparison that holds when the sides are exchanged.
    #[must_use]
    pub fn flipped(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }

    /// The operator as written.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// A scalar inside a dynamic value as the scalar itself; everything else unchanged.
#[must_use]
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Dynamic(d) => match &**d {
            Dynamic::Null => Value::Null,
            Dynamic::Bool(b) => Value::Bool(*b),
            Dynamic::Long(n) => Value::Long(*n),
            Dynamic::Real(n) => Value::Real(*n),
            Dynamic::Decimal(n) => Value::Decimal(*n),
            Dynamic::String(s) => Value::String(s.clone()),
            Dynamic::DateTime(t) => Value::DateTime(*t),
            Dynamic::TimeSpan(t) => Value::TimeSpan(*t),
            Dynamic::Guid(g) => Value::Guid(*g),
            Dynamic::Array(_) | Dynamic::Bag(_) => value.clone(),
        },
        other => other.clone(),
    }
}

/// Compares two values. `None` is null: either side is null, except that `==` and `!=` with exactly one null
/// side are false and true; or the two have no order.
#[must_use]
pub fn compare(op: Comparison, left: &Value, right: &Value) -> Option<bool> {
    let (left, right) = (plain(left), plain(right));
    match (left.is_null(), right.is_null()) {
        (true, true) => None,
        (true, false) | (false, true) => match op {
            Comparison::Equal => Some(false),
            Comparison::NotEqual => Some(true),
            _ => None,
        },
        (false, false) => match (op, partial(&left, &right)) {
            (_, Some(order)) => Some(op.accepts(order)),
            // Values of kinds that cannot be compared, and NaN, are different from one another.
            (Comparison::Equal, None) => Some(false),
            (Comparison::NotEqual, None) => Some(true),
            (_, None) => incomparable(&left, &right),
        },
    }
}

/// `<` and its kin on reals of which one is NaN are false; on kinds without an order, null.
fn incomparable(left: &Value, right: &Value) -> Option<bool> {
    (to_real_number(left).is_some() && to_real_number(right).is_some()).then_some(false)
}

fn to_real_number(value: &Value) -> Option<f64> {
    matches!(value, Value::Int(_) | Value::Long(_) | Value::Real(_) | Value::Decimal(_) | Value::Bool(_))
        .then(|| to_real(value))
        .flatten()
}

/// Whether two values are equal as `==` sees it; null equals nothing.
#[must_use]
pub fn equal(left: &Value, right: &Value) -> bool {
    compare(Comparison::Equal, left, right) == Some(true)
}

/// The order of two plain values of comparable kinds.
fn partial(left: &Value, right: &Value) -> Option<Ordering> {
    use Value::{Bool, DateTime, Decimal, Dynamic, Guid, Int, Long, Real, String, TimeSpan};
    match (left, right) {
        (Bool(a), Bool(b)) => Some(a.cmp(b)),
        (Int(a), Int(b)) => Some(a.cmp(b)),
        (Int(a), Long(b)) => Some(i64::from(*a).cmp(b)),
        (Long(a), Int(b)) => Some(a.cmp(&i64::from(*b))),
        (Long(a), Long(b)) => Some(a.cmp(b)),
        (String(a), String(b)) => Some(a.cmp(b)),
        (DateTime(a), DateTime(b)) => Some(a.cmp(b)),
        (TimeSpan(a), TimeSpan(b)) => Some(a.cmp(b)),
        (Guid(a), Guid(b)) => Some(a.cmp(b)),
        (Dynamic(a), Dynamic(b)) => dynamic_equal(a, b).then_some(Ordering::Equal),
        (Decimal(_), Int(_) | Long(_) | Decimal(_)) | (Int(_) | Long(_), Decimal(_)) => {
            Some(to_decimal(left)?.cmp(&to_decimal(right)?))
        }
        (Real(_) | Decimal(_) | Int(_) | Long(_) | Bool(_), Real(_) | Decimal(_) | Int(_) | Long(_) | Bool(_)) => {
            to_real(left)?.partial_cmp(&to_real(right)?)
        }
        _ => None,
    }
}

/// Whether two dynamic values are the same: bags by their properties, whatever the order.
fn dynamic_equal(a: &Dynamic, b: &Dynamic) -> bool {
    match (a, b) {
        (Dynamic::Null, Dynamic::Null) => true,
        (Dynamic::Array(a), Dynamic::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| dynamic_equal(a, b))
        }
        (Dynamic::Bag(a), Dynamic::Bag(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| dynamic_equal(a, b)))
        }
        (Dynamic::Array(_) | Dynamic::Bag(_) | Dynamic::Null, _)
        | (_, Dynamic::Array(_) | Dynamic::Bag(_) | Dynamic::Null) => false,
        _ => equal(&Value::dynamic(a.clone()), &Value::dynamic(b.clone())),
    }
}

/// A total order for sorting and grouping within one column: nulls first, NaN after every number, values of
/// different kinds (in dynamic columns) by kind.
#[must_use]
pub fn order(left: &Value, right: &Value) -> Ordering {
    if let (Value::String(a), Value::String(b)) = (left, right) {
        return a.cmp(b);
    }
    let (left, right) = (plain(left), plain(right));
    let rank = |v: &Value| match v {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Int(_) | Value::Long(_) | Value::Real(_) | Value::Decimal(_) => 2,
        Value::DateTime(_) => 3,
        Value::TimeSpan(_) => 4,
        Value::String(_) => 5,
        Value::Guid(_) => 6,
        Value::Dynamic(_) => 7,
    };
    rank(&left).cmp(&rank(&right)).then_with(|| match (&left, &right) {
        (Value::Dynamic(a), Value::Dynamic(b)) => a.to_string().cmp(&b.to_string()),
        _ => partial(&left, &right).unwrap_or_else(|| {
            let nan = |v: &Value| to_real(v).is_some_and(f64::is_nan);
            nan(&left).cmp(&nan(&right))
        }),
    })
}

/// Whether two values fall into one group of `summarize`, `distinct` or `join`: null with null, otherwise by [`order`].
#[must_use]
pub fn same_key(left: &Value, right: &Value) -> bool {
    order(left, right) == Ordering::Equal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_compares_as_documented() {
        use Comparison::*;
        let (null, one) = (Value::Null, Value::Long(1));
        for (op, a, b, expected) in [
            (Equal, &null, &one, Some(false)),
            (NotEqual, &one, &null, Some(true)),
            (Less, &null, &one, None),
            (Equal, &null, &null, None),
            (GreaterOrEqual, &one, &one, Some(true)),
        ] {
            assert_eq!(compare(op, a, b), expected, "{a:?} {op:?} {b:?}");
        }
    }

    #[test]
    fn numbers_compare_across_types_and_dynamic_values() {
        let five = Value::dynamic(Dynamic::Long(5));
        assert_eq!(compare(Comparison::Equal, &five, &Value::Real(5.0)), Some(true));
        assert_eq!(compare(Comparison::Less, &Value::Int(4), &five), Some(true));
        assert_eq!(compare(Comparison::Equal, &five, &Value::string("5")), Some(false));
        assert_eq!(compare(Comparison::Less, &Value::Real(f64::NAN), &Value::Long(1)), Some(false));
        let bag = |t: &str| Value::dynamic(Dynamic::from_json(t).unwrap());
        assert!(equal(&bag(r#"{"a":1,"b":[2]}"#), &bag(r#"{"b":[2.0],"a":1}"#)));
        assert!(!equal(&bag("[1,2]"), &bag("[2,1]")));
    }
}
