//! Reading arguments.

use crate::scalar::convert;
use event_table::{DateTime, TimeSpan, Value};
use std::borrow::Cow;

/// An argument as text; missing and null are empty.
pub(crate) fn text(args: &[Value], index: usize) -> Cow<'_, str> {
    args.get(index).map_or(Cow::Borrowed(""), convert::to_text)
}

/// An argument as a whole number; `None` when missing or null.
pub(crate) fn long(args: &[Value], index: usize) -> Option<i64> {
    args.get(index).and_then(convert::to_long)
}

/// An argument as a real; `None` when missing or null.
pub(crate) fn real(args: &[Value], index: usize) -> Option<f64> {
    args.get(index).and_then(convert::to_real)
}

/// An argument as a boolean; `None` when missing or null.
pub(crate) fn boolean(args: &[Value], index: usize) -> Option<bool> {
    args.get(index).and_then(convert::to_bool)
}

/// An argument as an instant; `None` when missing or null.
pub(crate) fn datetime(args: &[Value], index: usize) -> Option<DateTime> {
    args.get(index).and_then(convert::to_datetime)
}

/// An argument as a duration; `None` when missing or null.
pub(crate) fn timespan(args: &[Value], index: usize) -> Option<TimeSpan> {
    args.get(index).and_then(convert::to_timespan)
}

/// A string result.
pub(crate) fn string(text: impl AsRef<str>) -> Value {
    Value::string(text.as_ref())
}

/// A result that may be null.
pub(crate) fn or_null<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, make)
}
