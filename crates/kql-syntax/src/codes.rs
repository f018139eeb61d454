//! The codes of this crate's findings, each with a query that shows it, for the documentation.
//!
//! `too-long`, for a text of 2 GiB or more, is left out: its example would be as long.

/// A code and an example of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code.
    pub code: &'static str,
    /// What it tells.
    pub meaning: &'static str,
    /// A query whose only finding has the code.
    pub example: &'static str,
}

/// A text fifty times.
macro_rules! fifty {
    ($text:literal) => {
        concat!(ten!($text), ten!($text), ten!($text), ten!($text), ten!($text))
    };
}

/// A text ten times.
macro_rules! ten {
    ($text:literal) => {
        concat!($text, $text, $text, $text, $text, $text, $text, $text, $text, $text)
    };
}

/// The codes in alphabetical order.
pub const ALL: &[Code] = &[
    code("bare-guid", "A GUID without `guid(…)` around it.", "print 74be27de-1e4e-49d9-b579-fe0b331d3642"),
    code("chained-comparison", "A comparison of a comparison without parentheses.", "T | where a == b == c"),
    code("command", "A management command, which is no query.", ".show tables"),
    code("double-sign", "More than one sign before a value.", "print --1"),
    code("empty-statement", "A semicolon with nothing before it.", ";T"),
    code("equals-sign", "`=` where a comparison is meant.", "T | where a = 1"),
    code("expected", "A word or sign is missing.", "T | sort a"),
    code("expected-json", "Something that `dynamic(…)` cannot hold.", "print dynamic([a])"),
    code("expected-literal", "A literal is missing, or something else stands in its place.", "datatable(a:long)[b]"),
    code("expected-name", "A name is missing, or something else stands in its place.", "let = 1; T"),
    code("expected-operator", "Nothing follows a pipe.", "T | | take 5"),
    code("expected-table", "Something that is no table as a leg of a union.", "union 'T'"),
    code("expected-type", "A type is missing.", "datatable(a:)['x']"),
    code(
        "misplaced-materialize",
        "`materialize` elsewhere than at the start of a `let`'s value.",
        "print materialize(T)",
    ),
    code("misplaced-operator", "An operator that makes rows itself behind a pipe.", "T | print 1"),
    code("misplaced-query", "A query before the last one of a function.", "let f = () { T; U }; f"),
    code("missing-comma", "No comma between two items.", "print dynamic([1 2])"),
    code("missing-expression", "A value is missing.", "T | where a == "),
    code("missing-item", "Nothing between two commas or after the last.", "T | project a,"),
    code("missing-pipe", "An operator without its pipe.", "T take 5"),
    code("missing-semicolon", "No semicolon between two statements.", "let a = 1\nT"),
    code("missing-source", "An operator that no rows flow into.", "where a == 1"),
    code("not-a-function", "A type called like a function.", "print string('x')"),
    code("reserved-word", "A word of the language used as a name.", "T | extend project = 1"),
    code("too-deep", "Brackets nested too deep, or a calculation of too many parts.", TOO_DEEP),
    code(
        "unclosed-literal",
        "`datetime(` or its kin without a closing parenthesis on its line.",
        "print datetime(2024",
    ),
    code("unclosed-string", "A text without its closing quote.", "print 'x"),
    code("unexpected", "Something that fits nowhere.", "T | take 5)"),
    code("unknown-character", "A character that is not part of the language.", "T | where a && b"),
    code("unknown-escape", "A backslash before a character that it does not escape.", "print '\\d'"),
    code("unknown-operator", "A word after a pipe that is no operator.", "T | whre a"),
    code("unknown-property", "A property that does not exist.", "T | render timechart with (titel='x')"),
    code("unknown-type", "A type that does not exist.", "datatable(a:strng)['x']"),
    code("wrong-operator", "An operator of another language.", "T | where a || b"),
];

const fn code(code: &'static str, meaning: &'static str, example: &'static str) -> Code {
    Code { code, meaning, example }
}

/// One bracket more than is read.
const TOO_DEEP: &str =
    concat!("print (", fifty!("("), fifty!("("), fifty!("("), "1", fifty!(")"), fifty!(")"), fifty!(")"), ")");
