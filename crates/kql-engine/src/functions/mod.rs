//! What each scalar function does to one row's arguments.
//!
//! The facts table says what a function takes and gives; here stands what it does. A function of the table that
//! is found by no `implementation` here is refused by name when a query uses it.
//!
//! Every implementation gets arguments that passed the signature, and null for what is missing. A string
//! parameter may get a dynamic value: read text with [`args::text`].

pub(crate) mod args;
mod control;
mod conversion;
mod math;
mod strings;
mod time;

use event_table::{ColumnType, DateTime, Value};

/// What a function may ask beside its arguments.
#[derive(Clone, Copy, Debug)]
pub struct CallContext {
    /// The type of the result, as resolved.
    pub returns: ColumnType,
    /// The one instant that is now for the whole run.
    pub now: DateTime,
}

/// A scalar function: arguments of one row to one value.
pub type ScalarFunction = fn(&CallContext, &[Value]) -> Value;

/// The implementation of a function, by its current name.
#[must_use]
pub fn implementation(name: &str) -> Option<ScalarFunction> {
    control::implementation(name)
        .or_else(|| conversion::implementation(name))
        .or_else(|| strings::implementation(name))
        .or_else(|| math::implementation(name))
        .or_else(|| time::implementation(name))
}

#[cfg(test)]
pub(crate) mod testing {
    use super::*;

    /// Calls a function by name with a fixed clock, for tables of cases.
    pub(crate) fn call(name: &str, returns: ColumnType, arguments: &[Value]) -> Value {
        let now = DateTime::from_date(2025, 6, 1).unwrap();
        implementation(name).unwrap_or_else(|| panic!("no {name}"))(&CallContext { returns, now }, arguments)
    }
}
