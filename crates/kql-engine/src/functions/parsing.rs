//! CSV records and version numbers.

use super::{CallContext, ScalarFunction, args};
use event_table::Value;
use rust_decimal::Decimal;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "parse_csv" => parse_csv,
        "parse_version" => |_, a| args::or_null(parse_version(&args::text(a, 0)), Value::Decimal),
        _ => return None,
    })
}

/// The fields of the first record. Quotation marks hold commas and line ends, two of them are one. **Our choice**: no
/// text is one empty field.
fn parse_csv(_: &CallContext, a: &[Value]) -> Value {
    let text = args::text(a, 0);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => args::list(record.iter().map(args::text_element).collect()),
        _ => args::list(vec![args::text_element("")]),
    }
}

/// One to four numbers of up to eight digits, as one decimal of which each takes eight places; null when it is none.
/// A decimal has 28 digits here, so a first number above 79228 is null too, where Kusto's decimal would hold it.
fn parse_version(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.split('.').collect();
    let valid = |part: &&str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 4 || !parts.iter().all(valid) {
        return None;
    }
    let number = (0..4).try_fold(0i128, |sum, index| {
        Some(sum * 100_000_000 + parts.get(index).map_or(Some(0), |part| part.parse().ok())?)
    })?;
    Decimal::try_from_i128_with_scale(number, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn records_and_versions_are_read() {
        check(
            ColumnType::Dynamic,
            &[
                (
                    "parse_csv",
                    r#"["aa,\"b,b,b\",cc,\"Escaping quotes: \"\"Title\"\"\",\"line1\nline2\""]"#,
                    r#"["aa","b,b,b","cc","Escaping quotes: \"Title\"","line1\nline2"]"#,
                ),
                ("parse_csv", r#"["record1,a,b,c\nrecord2,x,y,z"]"#, r#"["record1","a","b","c"]"#),
                ("parse_csv", r#"["a,,"]"#, r#"["a","",""]"#),
                ("parse_csv", r#"[" a , b"]"#, r#"[" a "," b"]"#),
                ("parse_csv", r#"["\"open"]"#, r#"["open"]"#),
                ("parse_csv", r#"[""]"#, r#"[""]"#),
            ],
        );
        check(
            ColumnType::Decimal,
            &[
                ("parse_version", r#"["0.0.0.5"]"#, "5"),
                ("parse_version", r#"["0.0.7.0"]"#, "700000000"),
                ("parse_version", r#"["0.0.3"]"#, "300000000"),
                ("parse_version", r#"["0.2"]"#, "20000000000000000"),
                ("parse_version", r#"["0.1.2.0"]"#, "10000000200000000"),
                ("parse_version", r#"["1.2.3.4"]"#, "1000000020000000300000004"),
                ("parse_version", r#"["1"]"#, "1000000000000000000000000"),
                ("parse_version", r#"["79228"]"#, "79228000000000000000000000000"),
                ("parse_version", r#"["79229"]"#, "(null)"),
                ("parse_version", r#"["1.2.3.4.5"]"#, "(null)"),
                ("parse_version", r#"["1.123456789"]"#, "(null)"),
                ("parse_version", r#"["1..2"]"#, "(null)"),
                ("parse_version", r#"["1.2b"]"#, "(null)"),
                ("parse_version", r#"[""]"#, "(null)"),
            ],
        );
    }
}
