//! Characters: code points, plain ASCII, Punycode.
//!
//! Source: the pages of the functions; Punycode is RFC 3492, `xn--` and the full stops of domain names RFC 3490.
//! Names are encoded as they are written: nothing is folded or checked, as the examples show.

use super::{CallContext, ScalarFunction, args};
use crate::scalar::convert;
use event_table::{Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "isascii" => |_, a| Value::Bool(args::text(a, 0).is_ascii()),
        // Text that is not UTF-8 does not get into a table.
        "isutf8" => |_, _| Value::Bool(true),
        "unicode_codepoints_from_string" => {
            |_, a| args::list(args::text(a, 0).chars().map(|c| Dynamic::Long(u32::from(c).into())).collect())
        }
        "unicode_codepoints_to_string" => codepoints_to_string,
        "punycode_from_string" => |_, a| or_empty(idna::punycode::encode_str(&args::text(a, 0))),
        "punycode_to_string" => |_, a| or_empty(idna::punycode::decode_to_string(&args::text(a, 0))),
        "punycode_domain_to_string" => |_, a| {
            by_label(&args::text(a, 0), |label| {
                if label.is_ascii() {
                    return Some(label.to_owned());
                }
                idna::punycode::encode_str(label).map(|encoded| format!("xn--{encoded}"))
            })
        },
        "punycode_domain_from_string" => |_, a| {
            by_label(&args::text(a, 0), |label| match label.get(..4) {
                Some(prefix) if prefix.eq_ignore_ascii_case("xn--") => idna::punycode::decode_to_string(&label[4..]),
                _ => Some(label.to_owned()),
            })
        },
        _ => return None,
    })
}

fn or_empty(text: Option<String>) -> Value {
    args::string(text.unwrap_or_default())
}

/// A domain name with each label changed; empty when one cannot be.
fn by_label(domain: &str, change: impl Fn(&str) -> Option<String>) -> Value {
    let labels: Option<Vec<String>> = domain.split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']).map(change).collect();
    or_empty(labels.map(|labels| labels.join(".")))
}

/// Code points, single or in arrays, as text; null, which for text is empty, when one is no code point.
fn codepoints_to_string(_: &CallContext, a: &[Value]) -> Value {
    let character = |value: &Value| char::from_u32(u32::try_from(convert::to_long(value)?).ok()?);
    let mut text = String::new();
    for (index, argument) in a.iter().enumerate() {
        let added: Option<String> = match args::array(a, index) {
            Some(items) => items.iter().map(|item| character(&Value::dynamic(item.clone()))).collect(),
            None => character(argument).map(String::from),
        };
        match added {
            Some(added) => text.push_str(&added),
            None => return args::string(""),
        }
    }
    args::string(text)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions.
    #[test]
    fn code_points_and_punycode_go_both_ways() {
        check(
            ColumnType::String,
            &[
                ("unicode_codepoints_to_string", "[75, 117, 115, 116, 111]", "Kusto"),
                ("unicode_codepoints_to_string", "[[75, 117, 115], 116, 111]", "Kusto"),
                ("unicode_codepoints_to_string", "[9382]", "⒦"),
                ("unicode_codepoints_to_string", "[75, 55296]", ""),
                ("unicode_codepoints_to_string", "[75, -1]", ""),
                ("punycode_from_string", r#"["académie-française"]"#, "acadmie-franaise-npb1a"),
                ("punycode_from_string", r#"["艺术"]"#, "cqv902d"),
                ("punycode_to_string", r#"["acadmie-franaise-npb1a"]"#, "académie-française"),
                ("punycode_to_string", r#"["é"]"#, ""),
                (
                    "punycode_domain_to_string",
                    r#"["Lê Lợi。Thuận Thiên。com"]"#,
                    "xn--L Li-gpa4517b.xn--Thun Thin-s4a7194f.com",
                ),
                (
                    "punycode_domain_to_string",
                    r#"["Riðill｡Skáldskaparmál｡org"]"#,
                    "xn--Riill-jta.xn--Skldskaparml-dbbj.org",
                ),
                ("punycode_domain_to_string", r#"["Kaledvoulc'h.Artorījos.edu"]"#, "Kaledvoulc'h.xn--Artorjos-ejb.edu"),
                ("punycode_domain_from_string", r#"["xn--Ge-mia.Bulg.edu"]"#, "Gáe.Bulg.edu"),
                (
                    "punycode_domain_from_string",
                    r#"["xn--Ry-lja8c.xn--Jng-uta63a.xn--Bng-9ka.com"]"#,
                    "Rúyì.Jīngū.Bàng.com",
                ),
                ("punycode_domain_from_string", r#"["xn--\u00e9.com"]"#, ""),
            ],
        );
        check(
            ColumnType::Dynamic,
            &[
                ("unicode_codepoints_from_string", r#"["⒦⒰⒮⒯⒪"]"#, "[9382,9392,9390,9391,9386]"),
                ("unicode_codepoints_from_string", r#"[""]"#, "[]"),
            ],
        );
        check(
            ColumnType::Bool,
            &[
                ("isascii", r#"["some string"]"#, "true"),
                ("isascii", r#"["é"]"#, "false"),
                ("isutf8", r#"["é"]"#, "true"),
            ],
        );
    }
}
