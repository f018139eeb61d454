//! What each scalar function does to one row's arguments.
//!
//! The facts table says what a function takes and gives; here stands what it does. A function of the table that
//! is found by no `implementation` here is refused by name when a query uses it.
//!
//! Every implementation gets arguments that passed the signature, and null for what is missing. A string
//! parameter may get a dynamic value: read text with `args::text`.

pub(crate) mod args;
mod array_sort;
mod arrays;
mod bags;
mod command_line;
mod compression;
mod control;
mod conversion;
mod encoding;
mod formatting;
mod geography;
mod hashing;
mod ipv4;
mod ipv4_text;
mod ipv6;
pub(crate) mod json_path;
mod math;
mod parse_path;
mod parse_url;
mod parse_xml;
mod parsing;
mod regex;
mod search;
mod series;
mod series_fill;
pub(crate) mod series_fit;
mod series_measure;
mod sets;
mod statistics;
mod strings;
mod time;
mod timezone;
mod unicode;
mod units;
pub(crate) mod user_agent;

pub(crate) use math::floor_to;

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
    AREAS.iter().find_map(|area| area(name))
}

/// Where the functions of an area are found by name.
type Area = fn(&str) -> Option<ScalarFunction>;

const AREAS: [Area; 33] = [
    array_sort::implementation,
    arrays::implementation,
    bags::implementation,
    command_line::implementation,
    compression::implementation,
    control::implementation,
    conversion::implementation,
    encoding::implementation,
    formatting::implementation,
    geography::implementation,
    hashing::implementation,
    ipv4::implementation,
    ipv4_text::implementation,
    ipv6::implementation,
    math::implementation,
    parse_path::implementation,
    parse_url::implementation,
    parse_xml::implementation,
    parsing::implementation,
    regex::implementation,
    search::implementation,
    series::implementation,
    series_fill::implementation,
    series_fit::implementation,
    series_measure::implementation,
    sets::implementation,
    statistics::implementation,
    strings::implementation,
    time::implementation,
    timezone::implementation,
    unicode::implementation,
    units::implementation,
    user_agent::implementation,
];

#[cfg(test)]
pub(crate) mod testing {
    use super::*;
    use event_table::Dynamic;

    /// Calls a function by name with a fixed clock, for tables of cases.
    pub(crate) fn call(name: &str, returns: ColumnType, arguments: &[Value]) -> Value {
        let now = DateTime::from_date(2025, 6, 1).unwrap();
        implementation(name).unwrap_or_else(|| panic!("no {name}"))(&CallContext { returns, now }, arguments)
    }

    /// Calls functions with arguments written as a JSON array, and compares the text of what they give. A null that
    /// is no empty string is written `(null)`.
    pub(crate) fn check(returns: ColumnType, cases: &[(&str, &str, &str)]) {
        for (name, arguments, expected) in cases {
            let found = call(name, returns, &written(arguments));
            let text = if found.is_null() { "(null)".to_owned() } else { found.to_string() };
            assert_eq!(text, *expected, "{name} {arguments}");
        }
    }

    /// JSON scalars as the scalars that they would be in a query, arrays and bags as dynamic values.
    pub(crate) fn written(arguments: &str) -> Vec<Value> {
        let json = Dynamic::from_json(arguments).unwrap_or_else(|e| panic!("{arguments}: {e}"));
        let items = json.as_array().unwrap_or_else(|| panic!("{arguments} is no array"));
        items.iter().map(|item| crate::scalar::plain(&Value::dynamic(item.clone()))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;
    use event_table::{Bag, Dynamic, Guid, TimeSpan};
    use proptest::prelude::*;

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-c.:/\\\\%+&=?#@\\[\\]$'\"0-9 -]{0,12}",
            prop::sample::select(vec![
                "1.2.3.4/24",
                "fe80::1/64",
                "regex",
                "windows",
                "UTC",
                "(a)|b",
                "$.a[0]['b']",
                "YQ==",
                "<a b='c'>d</a>",
                "dd.hh:mm:ss FFFFFFF yyyy",
                "1.2.3",
                "{\"a\":[1]}",
                "year",
                "Degree",
                "KB",
                "string",
                "é(",
                "1d",
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn scalar() -> impl Strategy<Value = Value> {
        let numbers = prop::sample::select(vec![0, 1, -1, 2, 63, 64, 1024, i64::MAX, i64::MIN, i64::MIN + 1, 1 << 40]);
        let reals =
            prop::sample::select(vec![0.0, -0.0, 1.5, -2.5, 1e300, -1e300, f64::NAN, f64::INFINITY, f64::MIN_POSITIVE]);
        prop_oneof![
            3 => text().prop_map(|s| Value::string(&s)),
            2 => numbers.prop_map(Value::Long),
            1 => any::<i64>().prop_map(Value::Long),
            1 => any::<i32>().prop_map(Value::Int),
            1 => reals.prop_map(Value::Real),
            1 => any::<(i64, u8)>().prop_map(|(n, scale)| {
                Value::Decimal(rust_decimal::Decimal::new(n, u32::from(scale % 29)))
            }),
            1 => any::<bool>().prop_map(Value::Bool),
            1 => (0..=DateTime::MAX.ticks()).prop_map(|t| DateTime::from_ticks(t).map_or(Value::Null, Value::DateTime)),
            1 => prop::sample::select(vec![DateTime::MIN, DateTime::MAX]).prop_map(Value::DateTime),
            1 => any::<i64>().prop_map(|t| Value::TimeSpan(TimeSpan::from_ticks(t))),
            1 => any::<[u8; 16]>().prop_map(|b| Value::Guid(Guid(b))),
            1 => Just(Value::Null),
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = scalar().prop_map(|v| crate::scalar::convert::to_dynamic(&v));
        let nested = leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Dynamic::Array),
                prop::collection::vec((text(), inner), 0..4)
                    .prop_map(|pairs| Dynamic::Bag(pairs.into_iter().map(|(k, v)| (k.into(), v)).collect::<Bag>())),
            ]
        });
        prop_oneof![3 => scalar(), 2 => nested.prop_map(Value::dynamic)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// Functions get what passed their signature; a dynamic value passes nearly everywhere, so any may come.
        #[test]
        fn no_arguments_make_a_function_panic(
            arguments in prop::collection::vec(value(), 0..6),
            returns in prop::sample::select(ColumnType::ALL.to_vec()),
        ) {
            for function in facts::all() {
                if let Some(run) = implementation(function.name) {
                    run(&CallContext { returns, now: DateTime::MAX }, &arguments);
                }
            }
        }
    }
}
