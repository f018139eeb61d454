//! Random queries over `T` as text, well-typed: parser and resolver are part of what is tested.

use super::tables::TEXTS;
use proptest::prelude::*;
use proptest::sample::select;

/// An expression as text.
pub type Text = BoxedStrategy<String>;

/// The columns that an expression may use, by type.
#[derive(Clone, Copy)]
pub struct Columns {
    pub bools: &'static [&'static str],
    pub numbers: &'static [&'static str],
    pub texts: &'static [&'static str],
}

/// The columns of `T`.
pub const BASE: Columns = Columns { bools: &["B"], numbers: &["L", "I", "R"], texts: &["S", "W", "Type"] };

/// The columns of `T` and those that [`Query`] extends it with.
pub const EXTENDED: Columns = Columns { bools: &["XB", "B"], numbers: &["XN", "L", "R"], texts: &["XS", "S", "W"] };

/// A text as a literal.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn column(names: &'static [&'static str]) -> Text {
    select(names).prop_map(str::to_owned).boxed()
}

fn word(words: &'static [&'static str]) -> Text {
    select(words).prop_map(str::to_owned).boxed()
}

/// A string literal: one of the texts, or a piece of one.
pub fn literal() -> Text {
    let piece = (select(TEXTS), 0usize..4, 1usize..5)
        .prop_map(|(text, skip, take)| text.chars().skip(skip).take(take).collect::<String>());
    prop_oneof![select(TEXTS).prop_map(str::to_owned), piece].prop_map(|text| quoted(&text)).boxed()
}

fn list(item: Text) -> Text {
    proptest::collection::vec(item, 1..4).prop_map(|items| items.join(", ")).boxed()
}

/// Numbers of type long and real.
fn number(columns: Columns, depth: u32) -> Text {
    let leaf = prop_oneof![
        4 => column(columns.numbers),
        2 => (-9i64..10).prop_map(|n| n.to_string()),
        2 => word(&["0", "1.5", "524288", "2147483648", "9223372036854775807", "int(5)", "long(null)", "real(nan)", "int(null)", "-1"]),
        1 => word(&["strlen(S)", "tolong(D)", "tolong(D.n)", "toreal(S)", "toint(W)", "toint(L)"]),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = || number(columns, depth - 1);
    prop_oneof![
        3 => leaf,
        2 => (inner(), word(&["+", "-", "*", "/", "%"]), inner()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
        1 => (boolean(columns, depth - 1), inner(), inner()).prop_map(|(c, a, b)| format!("iff({c}, {a}, {b})")),
        1 => (boolean(columns, depth - 1), inner(), boolean(columns, depth - 1), inner(), inner())
            .prop_map(|(c, a, d, b, e)| format!("case({c}, {a}, {d}, {b}, {e})")),
        1 => inner().prop_map(|a| format!("abs({a})")),
        1 => inner().prop_map(|a| format!("-({a})")),
        1 => inner().prop_map(|a| format!("round({a}, 1)")),
        1 => text(columns, depth - 1).prop_map(|t| format!("strlen({t})")),
    ]
    .boxed()
}

/// Strings.
fn text(columns: Columns, depth: u32) -> Text {
    let leaf = prop_oneof![4 => column(columns.texts), 1 => literal(), 1 => word(&["tostring(D.s)", "tostring(G)", "tostring(A)"])].boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = || text(columns, depth - 1);
    prop_oneof![
        3 => leaf,
        1 => (inner(), inner()).prop_map(|(a, b)| format!("strcat({a}, {b})")),
        1 => inner().prop_map(|a| format!("tolower({a})")),
        1 => inner().prop_map(|a| format!("toupper({a})")),
        1 => inner().prop_map(|a| format!("substring({a}, 1, 3)")),
        1 => number(columns, depth - 1).prop_map(|n| format!("tostring({n})")),
        1 => (boolean(columns, depth - 1), inner(), inner()).prop_map(|(c, a, b)| format!("iff({c}, {a}, {b})")),
    ]
    .boxed()
}

fn instant() -> Text {
    word(&[
        "A",
        "datetime(2026-10-13)",
        "ago(5h)",
        "now()",
        "(A - 1h)",
        "(A + P)",
        "bin(A, 1d)",
        "datetime(null)",
        "ago(P)",
        "startofday(A)",
    ])
}

fn span() -> Text {
    word(&["P", "1d", "1h", "-1d", "(A - datetime(2026-10-12))", "(P + 1h)", "(1h * 2)", "timespan(null)"])
}

/// A text operator, positive or negative.
pub fn text_operator() -> Text {
    word(&[
        "has",
        "!has",
        "has_cs",
        "!has_cs",
        "hasprefix",
        "!hasprefix",
        "hasprefix_cs",
        "hassuffix",
        "!hassuffix_cs",
        "contains",
        "!contains",
        "contains_cs",
        "startswith",
        "!startswith",
        "startswith_cs",
        "endswith",
        "!endswith",
        "endswith_cs",
        "=~",
        "!~",
        "==",
        "!=",
    ])
}

/// Conditions.
pub fn boolean(columns: Columns, depth: u32) -> Text {
    let compare = || word(&["==", "!=", "<", "<=", ">", ">="]);
    let shallow = depth.min(1);
    let leaf = prop_oneof![
        2 => column(columns.bools),
        1 => word(&["true", "false", "bool(null)", "isnull(L)", "isnotnull(A)", "isempty(S)", "isnotempty(W)", "isempty(D)", "isnan(R)", "not(B)"]),
        4 => (column(columns.numbers), compare(), word(&["0", "5", "-2", "1.5", "524288", "2147483648", "long(null)"]))
            .prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (word(&["5", "int(443)", "1.5"]), compare(), column(columns.numbers)).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        5 => (column(columns.texts), text_operator(), literal()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        4 => (column(columns.texts), word(&["has_any", "has_all", "in", "!in", "in~", "!in~"]), list(literal()))
            .prop_map(|(a, op, list)| format!("{a} {op} ({list})")),
        1 => (column(columns.texts), word(&["has_any", "has_all", "in"])).prop_map(|(a, op)| format!("{a} {op} (dynamic([]))")),
        2 => (column(columns.texts), word(&[r#""git""#, r#""(?i)^g""#, r#"@"\bs\b""#, r#""[0-9]$""#, r#""^$""#]))
            .prop_map(|(a, pattern)| format!("{a} matches regex {pattern}")),
        2 => (instant(), compare(), instant()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (span(), compare(), span()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (column(columns.numbers), word(&["in", "!in"]), list(word(&["1", "5", "int(443)", "-2.5", "long(null)"])))
            .prop_map(|(a, op, list)| format!("{a} {op} ({list})")),
        1 => word(&[
            "D.n == 5", "D.s has \"git\"", "D has \"git\"", "D == 5", "D.b == true", "D.n > 1", "D in (5, \"git\")", "tobool(D)",
            "G == guid(07070707-0707-0707-0707-070707070707)", "G != guid(null)", "M > 1.5", "M == 5", "M <= decimal(1.10)",
            "A in (datetime(2026-10-13))", "TenantId has \"x\"", "isempty(TenantId)", "L == M", "R == L", "B == 1", "B in (true, false)",
        ]),
    ]
    .boxed();
    if depth == 0 {
        return leaf;
    }
    let inner = || boolean(columns, depth - 1);
    prop_oneof![
        4 => leaf,
        2 => (inner(), inner()).prop_map(|(a, b)| format!("({a} and {b})")),
        2 => (inner(), inner()).prop_map(|(a, b)| format!("({a} or {b})")),
        1 => (inner(), inner(), inner()).prop_map(|(a, b, c)| format!("({a} or {b} or {c})")),
        2 => inner().prop_map(|a| format!("not({a})")),
        1 => (inner(), word(&["D.b", "D"])).prop_map(|(a, d)| format!("({a} or {d})")),
        1 => (inner(), word(&["D.b", "D"])).prop_map(|(a, d)| format!("({d} and {a})")),
        1 => (number(columns, shallow), word(&["between", "!between"]), number(columns, 0), number(columns, 0))
            .prop_map(|(v, op, a, b)| format!("{v} {op} ({a} .. {b})")),
        1 => (instant(), word(&["between", "!between"]), instant(), prop_oneof![instant(), word(&["1d", "P"])])
            .prop_map(|(v, op, a, b)| format!("{v} {op} ({a} .. {b})")),
        1 => (number(columns, shallow), compare(), number(columns, shallow)).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (text(columns, shallow), text_operator(), text(columns, shallow)).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
        1 => (text(columns, shallow), word(&["has_any", "has_all", "in", "in~"]), list(text(columns, 0)))
            .prop_map(|(a, op, list)| format!("{a} {op} ({list})")),
        1 => (inner(), word(&["==", "!="]), inner()).prop_map(|(a, op, b)| format!("(({a}) {op} ({b}))")),
        1 => (inner(), inner(), inner()).prop_map(|(a, b, c)| format!("iff({a}, {b}, {c})")),
    ]
    .boxed()
}

/// An expression of any type.
pub fn scalar(columns: Columns) -> Text {
    let dynamic =
        word(&["D", "D.n", "D[0]", "D[-1]", "D.in.x[1]", "todynamic(S)", "dynamic([1, \"a\"])", "split(S, \"i\")"]);
    let mixed = prop_oneof![
        (
            prop_oneof![dynamic.clone(), word(&["L", "I", "R", "M", "5", "1.5"])],
            word(&["+", "-", "*", "/", "%"]),
            dynamic.clone()
        ),
        (prop_oneof![instant(), span()], word(&["+", "-"]), dynamic.clone()),
        (span(), word(&["*", "/", "%"]), number(columns, 0)),
        (instant(), word(&["-", "/", "%"]), prop_oneof![instant(), span()]),
    ]
    .prop_map(|(a, op, b)| format!("({a} {op} {b})"));
    let converted = (
        word(&[
            "tostring",
            "toint",
            "tolong",
            "toreal",
            "todecimal",
            "tobool",
            "todatetime",
            "totimespan",
            "isempty",
            "gettype",
        ]),
        prop_oneof![dynamic.clone(), word(&["B", "I", "L", "R", "M", "S", "A", "P", "G"])],
    )
        .prop_map(|(function, argument)| format!("{function}({argument})"));
    let chosen = prop_oneof![
        (boolean(columns, 0), dynamic.clone(), dynamic.clone()),
        (boolean(columns, 0), instant(), instant()),
        (boolean(columns, 0), span(), span()),
        (
            boolean(columns, 0),
            word(&["I", "L", "R", "int(1)", "1", "1.5"]),
            word(&["I", "L", "R", "int(1)", "1", "1.5"])
        ),
    ]
    .prop_map(|(c, a, b)| format!("iff({c}, {a}, {b})"));
    let decimal = (
        word(&["M", "decimal(2.5)", "L", "I"]),
        word(&["+", "-", "*", "/", "%"]),
        word(&["M", "decimal(0)", "decimal(-3)"]),
    )
        .prop_map(|(a, op, b)| format!("({a} {op} {b})"));
    prop_oneof![
        boolean(columns, 2),
        number(columns, 3),
        text(columns, 3),
        instant(),
        span(),
        dynamic,
        mixed,
        converted,
        chosen,
        decimal
    ]
    .boxed()
}

fn optional(strategy: impl Strategy<Value = String> + 'static) -> Text {
    prop_oneof![Just(String::new()), strategy].boxed()
}

fn conditions(columns: Columns) -> Text {
    proptest::collection::vec(boolean(columns, 2), 1..3)
        .prop_map(|parts| format!("\n| where {}", parts.join(" and ")))
        .boxed()
}

/// A pipeline of `where`, `extend` and `project` over `T`.
pub fn pipeline() -> Text {
    let extend =
        (boolean(BASE, 1), number(BASE, 2), text(BASE, 2), optional(text(BASE, 1).prop_map(|t| format!(", S = {t}"))))
            .prop_map(|(b, n, s, replaced)| format!("\n| extend XB = {b}, XN = {n}, XS = {s}{replaced}"));
    let after = (
        conditions(EXTENDED),
        optional(conditions(EXTENDED)),
        optional(project()),
        optional(Just("\n| where B or isnull(B)".into())),
    );
    let extended = (extend, after).prop_map(|(extend, (a, b, project, c))| format!("{extend}{a}{b}{project}{c}"));
    (optional(conditions(BASE)), optional(conditions(BASE)), optional(extended))
        .prop_map(|(a, b, rest)| format!("T{a}{b}{rest}"))
        .boxed()
}

fn project() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("\n| project-away W, D".to_owned()),
        (number(EXTENDED, 1), text(EXTENDED, 1)).prop_map(|(n, t)| format!("\n| project B, L, Y = {n}, Z = {t}, XB")),
        Just("\n| project-rename Renamed = XN | project-reorder Renamed".to_owned()),
    ]
}
