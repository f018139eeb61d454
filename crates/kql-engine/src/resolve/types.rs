//! Which types an operator takes, and what it gives.
//!
//! Source: the operator table of Microsoft's language service. Where the running Kusto refuses to compare what
//! that table lets pass — values of types that are never equal — so does this.

use crate::scalar::{Arithmetic, Comparison};
use event_table::ColumnType::{self, Bool, DateTime, Decimal, Dynamic, Int, Long, Real, String, TimeSpan};

/// The type that an arithmetic operator gives, if it is defined for the operands.
pub(crate) fn arithmetic(op: Arithmetic, left: ColumnType, right: ColumnType) -> Option<ColumnType> {
    use Arithmetic::{Add, Divide, Modulo, Multiply, Subtract};
    match (op, left, right) {
        (_, a, b) if a.is_numeric() && b.is_numeric() => Some(widest(a, b)),
        (_, Dynamic, Dynamic) => Some(Dynamic),
        (_, Dynamic, Int) | (_, Int, Dynamic) => Some(Long),
        (_, Dynamic, n) | (_, n, Dynamic) if n.is_numeric() => Some(n),
        (Add, TimeSpan, TimeSpan) | (Subtract, TimeSpan, TimeSpan) => Some(TimeSpan),
        (Add, DateTime | TimeSpan, DateTime | TimeSpan) => Some(DateTime),
        (Add, Dynamic, t @ (DateTime | TimeSpan)) | (Add, t @ (DateTime | TimeSpan), Dynamic) => Some(t),
        (Subtract, DateTime, DateTime) => Some(TimeSpan),
        (Subtract, DateTime, TimeSpan) | (Subtract, TimeSpan, DateTime) => Some(DateTime),
        (Subtract, Dynamic, DateTime | TimeSpan) | (Subtract, DateTime | TimeSpan, Dynamic) => Some(TimeSpan),
        (Multiply, TimeSpan, TimeSpan) => Some(TimeSpan),
        (Multiply, t @ (DateTime | TimeSpan), n) | (Multiply, n, t @ (DateTime | TimeSpan)) if n.is_numeric() => {
            Some(t)
        }
        (Divide, TimeSpan, TimeSpan) | (Divide, DateTime, DateTime | TimeSpan) => Some(Real),
        (Divide | Modulo, t @ (DateTime | TimeSpan), n) if n.is_numeric() => Some(t),
        (Modulo, TimeSpan, TimeSpan) | (Modulo, DateTime, DateTime | TimeSpan) => Some(TimeSpan),
        _ => None,
    }
}

/// The widest of two number types; int is computed as long.
pub(crate) fn widest(a: ColumnType, b: ColumnType) -> ColumnType {
    match (a, b) {
        (Decimal, _) | (_, Decimal) => Decimal,
        (Real, _) | (_, Real) => Real,
        _ => Long,
    }
}

/// Whether a comparison is defined for the operands.
pub(crate) fn comparable(op: Comparison, left: ColumnType, right: ColumnType) -> bool {
    let number_or_bool = |t: ColumnType| t.is_numeric() || t == Bool;
    match op {
        Comparison::Equal | Comparison::NotEqual => {
            left == right || left == Dynamic || right == Dynamic || (number_or_bool(left) && number_or_bool(right))
        }
        _ => match (left, right) {
            (Dynamic, Dynamic) | (TimeSpan, TimeSpan) | (DateTime, DateTime) => true,
            (Dynamic, n) | (n, Dynamic) => n.is_numeric(),
            (a, b) => number_or_bool(a) && number_or_bool(b),
        },
    }
}

/// Whether `between` is defined for a value and its bounds.
pub(crate) fn between(value: ColumnType, low: ColumnType, high: ColumnType) -> bool {
    let numeric = |t: ColumnType| t.is_numeric();
    (numeric(value) && numeric(low) && numeric(high))
        || (matches!(value, DateTime | TimeSpan) && low == value && high == value)
        || (value == DateTime && low == DateTime && high == TimeSpan)
        || (numeric(value) && low == Dynamic && high == Dynamic)
        || (value == Dynamic && numeric(low) && high == low)
}

/// Whether text operators take a type.
pub(crate) fn is_text(ty: ColumnType) -> bool {
    matches!(ty, String | Dynamic)
}

/// Whether values of the type can be summed.
pub(crate) fn is_summable(ty: ColumnType) -> bool {
    ty.is_numeric() || matches!(ty, DateTime | TimeSpan)
}

/// The one type that values of several types can be turned into; `None` when there is none.
pub(crate) fn common(types: &[ColumnType]) -> Option<ColumnType> {
    let mut found: Option<ColumnType> = None;
    for ty in types {
        found = Some(match found {
            None => *ty,
            Some(so_far) if so_far == *ty => so_far,
            Some(so_far) if so_far.is_numeric() && ty.is_numeric() => widest(so_far, *ty),
            Some(_) => return None,
        });
    }
    found
}
