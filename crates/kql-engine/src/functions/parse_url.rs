//! `parse_url` and `parse_urlquery`.
//!
//! As in the example of the page, the path is given without its first slash and nothing is decoded: `url_decode`
//! does that. **Our choices**: text without a scheme is a path, and perhaps a query and a fragment; of a parameter
//! that comes twice, the last value counts; a parameter without `=` has an empty value.

use super::{ScalarFunction, args};
use event_table::{Bag, Dynamic, Value};

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "parse_url" => |_, a| parse_url(&args::text(a, 0)),
        "parse_urlquery" => |_, a| {
            let text = args::text(a, 0);
            let parameters = parameters(text.strip_prefix('?').unwrap_or(&text));
            Value::dynamic(Dynamic::Bag([("Query Parameters".into(), parameters)].into_iter().collect()))
        },
        _ => return None,
    })
}

fn parse_url(text: &str) -> Value {
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = rest.split_once(':').filter(|(scheme, _)| is_scheme(scheme)).unwrap_or(("", rest));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) if !scheme.is_empty() => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        _ => ("", rest),
    };
    let (user, server) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (username, password) = user.split_once(':').unwrap_or((user, ""));
    // The colons of an IPv6 address stand between brackets.
    let (host, port) = match server.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port),
        _ => (server, ""),
    };
    let part = |name: &str, value: &str| (name.into(), args::text_element(value));
    let parts = [
        part("Scheme", scheme),
        part("Host", host),
        part("Port", port),
        part("Path", path.strip_prefix('/').unwrap_or(path)),
        part("Username", username),
        part("Password", password),
        ("Query Parameters".into(), parameters(query)),
        part("Fragment", fragment),
    ];
    Value::dynamic(Dynamic::Bag(parts.into_iter().collect()))
}

/// RFC 3986: a letter, then letters, digits, `+`, `-` and `.`.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn parameters(query: &str) -> Dynamic {
    let mut bag = Bag::default();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        bag.insert(name.into(), args::text_element(value));
    }
    Dynamic::Bag(bag)
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    fn url(text: &str, expected: [&str; 8]) {
        let [scheme, host, port, path, username, password, query, fragment] = expected;
        let expected = format!(
            r#"{{"Scheme":"{scheme}","Host":"{host}","Port":"{port}","Path":"{path}","Username":"{username}","Password":"{password}","Query Parameters":{query},"Fragment":"{fragment}"}}"#
        );
        check(ColumnType::Dynamic, &[("parse_url", &format!(r#"["{text}"]"#), &expected)]);
    }

    /// The first is the page's example.
    #[test]
    fn addresses_are_taken_apart() {
        url(
            "scheme://username:password@host:1234/this/is/a/path?k1=v1&k2=v2#fragment",
            [
                "scheme",
                "host",
                "1234",
                "this/is/a/path",
                "username",
                "password",
                r#"{"k1":"v1","k2":"v2"}"#,
                "fragment",
            ],
        );
        url("https://bing.com", ["https", "bing.com", "", "", "", "", "{}", ""]);
        url("https://a@b@host/x@y:z", ["https", "host", "", "x@y:z", "a@b", "", "{}", ""]);
        url("http://[::1]:80/", ["http", "[::1]", "80", "", "", "", "{}", ""]);
        url("http://[::1]", ["http", "[::1]", "", "", "", "", "{}", ""]);
        url("http://h?u=http://x/y#a?b", ["http", "h", "", "", "", "", r#"{"u":"http://x/y"}"#, "a?b"]);
        url("bing.com/a?b", ["", "", "", "bing.com/a", "", "", r#"{"b":""}"#, ""]);
        url("mailto:a@b.example", ["mailto", "", "", "a@b.example", "", "", "{}", ""]);
        url("?a=1&a=2&&b=%20+", ["", "", "", "", "", "", r#"{"a":"2","b":"%20+"}"#, ""]);
        url("", ["", "", "", "", "", "", "{}", ""]);
    }

    #[test]
    fn query_parameters_are_named() {
        check(
            ColumnType::Dynamic,
            &[
                (
                    "parse_urlquery",
                    r#"["k1=v1&k2=v2&k3=v3"]"#,
                    r#"{"Query Parameters":{"k1":"v1","k2":"v2","k3":"v3"}}"#,
                ),
                ("parse_urlquery", r#"["?a=b=c"]"#, r#"{"Query Parameters":{"a":"b=c"}}"#),
                ("parse_urlquery", r#"[""]"#, r#"{"Query Parameters":{}}"#),
            ],
        );
    }
}
