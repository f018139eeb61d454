//! Reading arguments.

use crate::scalar::convert;
use event_table::{Bag, DateTime, Dynamic, TimeSpan, Value};
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

/// An argument as an array; `None` when it is anything else.
pub(crate) fn array(args: &[Value], index: usize) -> Option<&[Dynamic]> {
    match args.get(index)? {
        Value::Dynamic(d) => d.as_array(),
        _ => None,
    }
}

/// An argument as a property bag; `None` when it is anything else.
pub(crate) fn bag(args: &[Value], index: usize) -> Option<&Bag> {
    match args.get(index)? {
        Value::Dynamic(d) => match &**d {
            Dynamic::Bag(bag) => Some(bag),
            _ => None,
        },
        _ => None,
    }
}

/// Text that may be given as several arguments or as one array: `f(x, 'a', 'b')` or `f(x, dynamic(['a', 'b']))`.
pub(crate) fn texts_from(args: &[Value], first: usize) -> Vec<Cow<'_, str>> {
    match array(args, first) {
        Some(items) => items.iter().map(element_text).collect(),
        None => (first..args.len()).map(|i| text(args, i)).collect(),
    }
}

/// An element of an array as text; null is empty.
pub(crate) fn element_text(element: &Dynamic) -> Cow<'_, str> {
    match element {
        Dynamic::String(s) => Cow::Borrowed(s),
        Dynamic::Null => Cow::Borrowed(""),
        other => Cow::Owned(Value::dynamic(other.clone()).to_string()),
    }
}

/// An array as a result.
pub(crate) fn list(items: Vec<Dynamic>) -> Value {
    Value::dynamic(Dynamic::Array(items))
}

/// A string inside a dynamic result.
pub(crate) fn text_element(text: &str) -> Dynamic {
    Dynamic::String(text.into())
}

/// A string result.
pub(crate) fn string(text: impl AsRef<str>) -> Value {
    Value::string(text.as_ref())
}

/// A result that may be null.
pub(crate) fn or_null<T>(value: Option<T>, make: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, make)
}
