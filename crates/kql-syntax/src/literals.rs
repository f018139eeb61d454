//! Literals as data for an editor of rules: every list and every scalar that a query compares something with.
//!
//! The text stays the only copy of a rule: [`literals`] says what stands in it and where, [`crate::edit`] changes one
//! literal in it. A literal counts when it stands on the value side of a comparison (`BytesSent > 524288`,
//! `Timestamp > ago(24h)`, `Url has_any ("a", "b")`) or is bound by a `let`; of a calculation such as `512 * 1024`
//! each number counts by itself.

mod collect;

use crate::{Parse, Span};
use serde::{Deserialize, Serialize};

/// A literal that a query compares something with. Its span is its identity within one text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Literal {
    /// Where it stands: a list with its brackets, a number with its sign, `datetime(…)` as a whole.
    pub span: Span,
    /// What it is.
    pub value: LiteralValue,
    /// The `let` name that it belongs to, as in `let Threshold = 512 * 1024`.
    pub name: Option<String>,
    /// The outermost `let` of a sub-query or function that it stands in; none in the final query and in scalar `let`s.
    pub within: Option<String>,
    /// What it is compared with, by position.
    pub uses: Vec<Use>,
}

/// What a literal is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiteralValue {
    /// One value.
    Scalar(Scalar),
    /// Several values between brackets.
    List {
        /// How it is written.
        form: ListForm,
        /// The items that are literals, in order.
        items: Vec<Item>,
    },
}

/// A value by its form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "text")]
pub enum Scalar {
    /// A whole or broken number of any type, with its sign.
    Number(String),
    /// A duration: `24h`, or what stands in `timespan(…)`.
    TimeSpan(String),
    /// Text: what it says, without quotes and escapes.
    String(String),
    /// An instant: what stands in `datetime(…)`.
    DateTime(String),
    /// `true`, `false`, or what stands in `bool(…)`.
    Bool(String),
    /// What stands in `guid(…)`.
    Guid(String),
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListForm {
    /// `("a", "b")` after `in`, `has_any` and their kin. It cannot be empty.
    Parentheses,
    /// `["a", "b"]` inside `dynamic(…)`.
    Array,
    /// `["a", "b"]` of a `datatable` with one column.
    Column,
}

/// An item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub value: Scalar,
    /// How it is quoted, if it is text.
    pub quote: Option<Quote>,
}

/// How a text is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quote {
    /// `"…"`
    Double,
    /// `'…'`
    Single,
    /// `@"…"`
    VerbatimDouble,
    /// `@'…'`
    VerbatimSingle,
    /// Three backticks.
    Backticks,
    /// Three tildes.
    Tildes,
}

/// One comparison that a literal takes part in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The text of what is compared, as written.
    pub subject: String,
    /// The operator as written; `between` for either bound, `search` for a bare text in `search`.
    pub operator: String,
    /// The whole comparison.
    pub predicate: Span,
    /// The outermost `let` of a sub-query or function that the comparison stands in.
    pub within: Option<String>,
}

/// The literals of a query, by position.
#[must_use]
pub fn literals(parse: &Parse) -> Vec<Literal> {
    collect::collect(parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    /// A literal on one line: name, form and values, where it stands, and its uses.
    fn shown(text: &str) -> Vec<String> {
        let describe = |literal: &Literal| {
            let name = literal.name.as_deref().map_or(String::new(), |name| format!("{name} = "));
            let value = match &literal.value {
                LiteralValue::Scalar(scalar) => format!("{scalar:?}"),
                LiteralValue::List { form, items } => {
                    let items: Vec<String> = items.iter().map(|item| item.span.of(text).to_owned()).collect();
                    format!("{form:?}[{}]", items.join(" "))
                }
            };
            let within = literal.within.as_deref().map_or(String::new(), |within| format!(" in {within}"));
            let uses = literal.uses.iter().map(|used| {
                let within = used.within.as_deref().map_or(String::new(), |within| format!("@{within}"));
                format!("{} {}{within}", used.subject, used.operator)
            });
            format!("{name}{value}{within} <- {}", uses.collect::<Vec<_>>().join(", "))
        };
        literals(&parse(text)).iter().map(describe).collect()
    }

    #[test]
    fn literals_are_found_with_what_they_are_compared_with() {
        for (text, expected) in [
            ("T | where BytesSent > 524288", &[r#"Number("524288") <- BytesSent >"#] as &[&str]),
            ("T | where 524288 < BytesSent", &[r#"Number("524288") <- BytesSent <"#]),
            ("T | where x > -5", &[r#"Number("-5") <- x >"#]),
            ("T | where Timestamp > ago(24h)", &[r#"TimeSpan("24h") <- Timestamp >"#]),
            (
                "let Threshold = 512 * 1024; T | where BytesSent > Threshold",
                &[r#"Threshold = Number("512") <- BytesSent >"#, r#"Threshold = Number("1024") <- BytesSent >"#],
            ),
            (
                "let Back = 24h; let Start = ago(Back); let A = T | where Timestamp > Start; A",
                &[r#"Back = TimeSpan("24h") <- Timestamp >@A"#],
            ),
            (
                "let L = dynamic(['a', \"b\"]); let A = T | where x has_any (L); let B = U | where y in (L); union A, B",
                &[r#"L = Array['a' "b"] <- x has_any@A, y in@B"#],
            ),
            (
                "let A = T | where x in~ ('a', 'b') and n == int(443); A",
                &["Parentheses['a' 'b'] in A <- x in~@A", r#"Number("443") in A <- n ==@A"#],
            ),
            ("T | where tolower(x) == 'a' 'b'", &[r#"String("ab") <- tolower(x) =="#]),
            ("T | where x !has_cs @'C:\\'", &[r#"String("C:\\") <- x !has_cs"#]),
            (
                "T | where t between (datetime(2024-01-01) .. now()) and b == true",
                &[r#"DateTime("2024-01-01") <- t between"#, r#"Bool("true") <- b =="#],
            ),
            ("T | where x in (dynamic(['a']))", &["Array['a'] <- x in"]),
            ("T | where x in (dynamic([]))", &["Array[] <- x in"]),
            ("T | where x in ('a', y, 3)", &["Parentheses['a' 3] <- x in"]),
            (
                "T | extend r = iff(x == 'a', 1, 2) | summarize countif(n > 5)",
                &[r#"String("a") <- x =="#, r#"Number("5") <- n >"#],
            ),
            ("T | where round(x, 2) > 0.5", &[r#"Number("0.5") <- round(x, 2) >"#]),
            ("T | where split(x, '/')[2] == 'a'", &[r#"String("a") <- split(x, '/')[2] =="#]),
            ("T | take 5 | extend a = 1", &[]),
            ("T | join (U | where p == 'q') on a", &[r#"String("q") <- p =="#]),
            (
                "search 'a' or (b: 'c' and not('d'))",
                &[r#"String("a") <- * search"#, r#"String("c") <- b :"#, r#"String("d") <- * search"#],
            ),
            ("let L = datatable(d: string)['a', 'b',]; T | where x in (L)", &["L = Column['a' 'b'] <- x in"]),
            ("let L = datatable(d: string, n: long)['a', 1]; T | where x in (L)", &[]),
            (
                "let f = (L: dynamic) { T | where x in (L) and y == 'a' }; let L = dynamic(['b']); f(L)",
                &[r#"String("a") in f <- y ==@f"#, "L = Array['b'] <- "],
            ),
            (
                "let N = 1; let f = () { let N = 2; T | where x == N }; f | where y == N",
                &[r#"N = Number("1") <- y =="#, r#"N = Number("2") in f <- x ==@f"#],
            ),
            ("let x = toscalar(T | where a == 'b' | count); T", &[r#"String("b") in x <- a ==@x"#]),
            ("T | where x has", &[]),
            (
                "T | where g == guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
                &[r#"Guid("74be27de-1e4e-49d9-b579-fe0b331d3642") <- g =="#],
            ),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_names_do_not_multiply() {
        let mut text = "let A0 = 1 + 2 + 3; ".to_owned();
        for i in 1..200 {
            text += &format!("let A{i} = A{} + A{} + 1; ", i - 1, i - 1);
        }
        text += "T | where x > A199";
        let found = literals(&parse(&text));
        assert_eq!(found.len(), 202);
        assert!(found.iter().all(|literal| literal.uses.len() <= 1));
    }

    #[test]
    fn an_item_says_how_it_is_quoted() {
        let text = r#"T | where x in ("a", 'b', @"c", @'d', ```e```, ~~~f~~~, h"g", 5)"#;
        let found = literals(&parse(text));
        let LiteralValue::List { items, .. } = &found[0].value else { panic!("a list") };
        let quotes: Vec<Option<Quote>> = items.iter().map(|item| item.quote).collect();
        use Quote::*;
        let expected = [Double, Single, VerbatimDouble, VerbatimSingle, Backticks, Tildes, Double].map(Some);
        assert_eq!(quotes, [expected.as_slice(), &[None]].concat());
    }
}
