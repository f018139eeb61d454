//! IPv4 addresses inside text.
//!
//! An address in text is four numbers up to 255 that are delimited by characters that are neither letters nor
//! digits. **Our choice**: numbers have no leading zeros.

use super::{ScalarFunction, args};
use event_table::Value;
use std::net::Ipv4Addr;

/// The longest address: `255.255.255.255`.
const MAX_LENGTH: usize = 15;

pub(super) fn implementation(name: &str) -> Option<ScalarFunction> {
    Some(match name {
        "has_ipv4" | "has_any_ipv4" => |_, a| {
            let wanted: Vec<Ipv4Addr> = args::texts_from(a, 1).iter().filter_map(|ip| ip.parse().ok()).collect();
            Value::Bool(!wanted.is_empty() && addresses(&args::text(a, 0)).any(|(_, ip)| wanted.contains(&ip)))
        },
        "has_ipv4_prefix" | "has_any_ipv4_prefix" => |_, a| {
            let wanted: Vec<String> =
                args::texts_from(a, 1).iter().filter(|p| is_prefix(p)).map(|p| p.clone().into_owned()).collect();
            let starts =
                |text: &str| wanted.iter().any(|p| if p.ends_with('.') { text.starts_with(&**p) } else { text == p });
            Value::Bool(!wanted.is_empty() && addresses(&args::text(a, 0)).any(|(text, _)| starts(text)))
        },
        _ => return None,
    })
}

/// A whole address, or its first numbers with a dot at the end.
fn is_prefix(text: &str) -> bool {
    match text.strip_suffix('.') {
        None => text.parse::<Ipv4Addr>().is_ok(),
        Some(numbers) => {
            let missing = 3usize.checked_sub(numbers.matches('.').count());
            missing.is_some_and(|n| n > 0 && format!("{numbers}{}", ".0".repeat(n)).parse::<Ipv4Addr>().is_ok())
        }
    }
}

/// Every delimited address of a text, as written and as a number.
fn addresses(text: &str) -> impl Iterator<Item = (&str, Ipv4Addr)> {
    let starts = text.char_indices().scan(false, |inside, (at, c)| {
        let begins = !*inside && c.is_ascii_digit();
        *inside = c.is_alphanumeric();
        Some(begins.then_some(at))
    });
    starts.flatten().filter_map(|at| {
        let rest = &text[at..];
        let mut dots = 0;
        let end = rest
            .bytes()
            .take(MAX_LENGTH + 1)
            .position(|b| {
                dots += usize::from(b == b'.');
                !(b.is_ascii_digit() || b == b'.') || dots > 3
            })
            .unwrap_or(rest.len().min(MAX_LENGTH + 1));
        let delimited = rest[end..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        let address = rest[..end].parse().ok().filter(|_| delimited)?;
        Some((&rest[..end], address))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::check;
    use event_table::ColumnType;

    /// From the pages of the functions, and edges worked out by hand.
    #[test]
    fn delimited_addresses_are_found() {
        let log = "05:04:54 127.0.0.1 GET /favicon.ico 404";
        for (name, text, rest, expected) in [
            ("has_ipv4", log, r#""127.0.0.1""#, "true"),
            ("has_ipv4", "05:04:54 127.0.0.256 GET", r#""127.0.0.256""#, "false"),
            ("has_ipv4", "05:04:54127.0.0.1 GET", r#""127.0.0.1""#, "false"),
            ("has_ipv4", "127.0.0.1", r#""127.0.0.1""#, "true"),
            ("has_ipv4", "x127.0.0.1", r#""127.0.0.1""#, "false"),
            ("has_ipv4", "127.0.0.1x", r#""127.0.0.1""#, "false"),
            ("has_ipv4", "é127.0.0.1", r#""127.0.0.1""#, "false"),
            ("has_ipv4", "at 127.0.0.1.", r#""127.0.0.1""#, "true"),
            ("has_ipv4", "127.0.0.12", r#""127.0.0.1""#, "false"),
            ("has_ipv4", "255.255.255.255é", r#""255.255.255.255""#, "false"),
            ("has_ipv4", "192.168.1.1, 10.1.1.115 and 10.1.1.201", r#""10.1.1.115""#, "true"),
            ("has_ipv4", "", r#""10.1.1.115""#, "false"),
            ("has_any_ipv4", log, r#""127.0.0.1", "127.0.0.2""#, "true"),
            ("has_any_ipv4", "05:04:54 127.0.0.256 GET", r#"["127.0.0.256", "192.168.1.1"]"#, "false"),
            ("has_any_ipv4", "05:04:54127.0.0.1 GET", r#""127.0.0.1", "192.168.1.1""#, "false"),
            ("has_ipv4_prefix", log, r#""127.0.""#, "true"),
            ("has_ipv4_prefix", log, r#""127.0""#, "false"),
            ("has_ipv4_prefix", log, r#""127.0.0.1""#, "true"),
            ("has_ipv4_prefix", "127.0.0.10", r#""127.0.0.1""#, "false"),
            ("has_ipv4_prefix", log, r#""127.0.0.1.""#, "false"),
            ("has_ipv4_prefix", "05:04:54 127.0.0.256 GET", r#""127.0.""#, "false"),
            ("has_ipv4_prefix", "05:04:54127.0.0.1 GET", r#""127.0.""#, "false"),
            ("has_any_ipv4_prefix", log, r#""127.0.", "192.168.""#, "true"),
            ("has_any_ipv4_prefix", log, r#"["127.0", "192.168."]"#, "false"),
            ("has_any_ipv4_prefix", "05:04:54127.0.0.1 GET", r#""127.0.", "192.""#, "false"),
        ] {
            check(ColumnType::Bool, &[(name, &format!(r#"["{text}", {rest}]"#), expected)]);
        }
    }
}
