//! The parser against texts that nobody would write: nothing is lost, nothing panics, no stack overflows.

use kql_syntax::ast::{Expr, StatementKind};
use kql_syntax::literals::{LiteralValue, Scalar, literals};
use kql_syntax::{Parse, Span, edit, highlight, parse, signals, walk};
use proptest::prelude::*;

/// Words and signs of the language, and some that are not of it.
const VOCABULARY: &[&str] = &[
    "T",
    "Timestamp",
    "a",
    "x",
    "count",
    "kind",
    "['odd name']",
    "$left",
    "1d",
    "1",
    "0x1F",
    "1.5",
    "1e3",
    "true",
    "null",
    "datetime(2020-01-01)",
    "datetime(",
    "long(5)",
    "dynamic(",
    "dynamic",
    "typeof(",
    "toscalar(",
    "f(",
    "\"a\"",
    "'b'",
    "@'c'",
    "h'd'",
    "```e```",
    "\"",
    "'",
    "```",
    "~~~",
    "\\",
    "let",
    "set",
    "declare",
    "pattern",
    "query_parameters",
    "view",
    "where",
    "extend",
    "project",
    "project-away",
    "project-reorder",
    "summarize",
    "by",
    "sort",
    "asc",
    "nulls first",
    "top",
    "take",
    "join",
    "on",
    "union",
    "withsource=",
    "kind=inner",
    "lookup",
    "print",
    "range",
    "from",
    "to",
    "step",
    "mv-expand",
    "mv-apply",
    "parse",
    "with",
    "parse-kv",
    "as",
    "make-series",
    "default=",
    "in range(",
    "top-nested",
    "of",
    "others",
    "render",
    "timechart",
    "evaluate",
    "partition",
    "scan",
    "step s:",
    "=>",
    "search",
    "find",
    "fork",
    "facet",
    "datatable",
    "externaldata",
    "materialize(",
    "and",
    "or",
    "not(",
    "in",
    "!in",
    "in~",
    "has",
    "!has",
    "has_any",
    "between",
    "matches regex",
    "contains",
    "==",
    "!=",
    "=~",
    "<",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "=",
    "=>",
    "..",
    ".",
    ",",
    ":",
    ";",
    "|",
    "||",
    "&&",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "?",
    "@",
    "#",
    "~",
    "`",
    "!",
    "// c\n",
    "\n",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{a0}",
    "ä",
    "\u{1f600}",
    "\0",
];

/// Queries of the kinds that people write.
const QUERIES: &[&str] =
    &[include_str!("queries/rule.kql"), include_str!("queries/hunting.kql"), include_str!("queries/operators.kql")];

fn checked(text: &str) -> Parse {
    let parsed = parse(text);
    let tree = parsed.syntax();
    assert_eq!(tree.text().to_string(), text, "the tree has every byte");
    for diagnostic in parsed.diagnostics() {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        assert!(start <= end && text.is_char_boundary(start) && text.is_char_boundary(end), "{diagnostic:?}");
    }
    let has_error = tree.descendants().any(|node| node.kind() == kql_syntax::SyntaxKind::Error);
    let unsupported = tree.descendants().any(|node| node.kind() == kql_syntax::SyntaxKind::UnsupportedOperator);
    assert!(!has_error || unsupported || !parsed.diagnostics().is_empty(), "skipped without a word: {text:?}");
    let mut end = 0;
    for run in highlight(&tree) {
        assert!(end <= run.span.start && run.span.start < run.span.end, "{run:?} in {text:?}");
        assert!(!run.span.of(text).is_empty(), "{run:?} in {text:?}");
        end = run.span.end;
    }
    let document = parsed.document();
    drop(signals(&document, text));
    if parsed.diagnostics().is_empty() {
        assert!(!format!("{document:?}").contains("kind: Error"), "a gap without a word: {text:?}");
    }
    for statement in &document.statements {
        if let StatementKind::Let { value: expr, .. } | StatementKind::Query(expr) = &statement.kind {
            assert!(within(expr.span, statement.span), "{expr:?} in {text:?}");
            spans_nest(expr, text);
        }
    }
    edit_everything(text, &parsed);
    parsed
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end
}

/// What stands inside an expression stands inside its span.
fn spans_nest(expr: &Expr, text: &str) {
    walk::children(expr, &mut |child| {
        assert!(within(child.span, expr.span), "{child:?} in {expr:?} in {text:?}");
        spans_nest(child, text);
    });
}

/// Edits of broken texts may be refused, but they do not panic, and what they give fits.
fn edit_everything(text: &str, parsed: &Parse) {
    let value = Scalar::String("new".into());
    for literal in literals(parsed).into_iter().take(20) {
        assert!(!literal.span.of(text).is_empty(), "{literal:?} in {text:?}");
        let edits = match literal.value {
            LiteralValue::Scalar(_) => edit::set_scalar(parsed, literal.span, &value),
            LiteralValue::List { items, .. } => {
                for item in items.iter().take(3) {
                    if let Ok(edits) = edit::remove_item(parsed, literal.span, item.span) {
                        edit::apply(text, &edits).expect("a fit");
                    }
                }
                edit::add_item(parsed, literal.span, &value)
            }
        };
        if let Ok(edits) = edits {
            edit::apply(text, &edits).expect("a fit");
        }
    }
}

/// Runs on a thread whose stack is as small as a browser's may be.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    const STACK: usize = 1 << 20;
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("no panic");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn word_soup_is_read_without_loss(words in prop::collection::vec((prop::sample::select(VOCABULARY), any::<bool>()), 0..60)) {
        let text: String = words.iter().flat_map(|(word, blank)| [*word, if *blank { " " } else { "" }]).collect();
        checked(&text);
    }

    #[test]
    fn any_characters_are_read_without_loss(text in any::<String>()) {
        checked(&text);
    }

    #[test]
    fn bytes_as_characters_are_read_without_loss(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text: String = bytes.into_iter().map(char::from).collect();
        checked(&text);
    }

    #[test]
    fn real_queries_with_scratches_are_read_without_loss(
        query in prop::sample::select(QUERIES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..12, prop::sample::select(VOCABULARY)), 1..5),
    ) {
        let mut chars: Vec<char> = query.chars().collect();
        for (place, removed, inserted) in edits {
            let at = place.index(chars.len() + 1);
            let end = (at + removed).min(chars.len());
            chars.splice(at..end, inserted.chars());
        }
        checked(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn queries_that_people_write_have_no_findings() {
    for query in QUERIES {
        assert_eq!(checked(query).diagnostics(), []);
    }
}

#[test]
fn much_of_one_thing_takes_no_more_time_than_its_length_explains() {
    const LENGTH: usize = 1 << 17;
    for piece in [
        "\0",
        "ä",
        "#",
        "# a\n",
        "(",
        ")",
        "[",
        "{",
        "}",
        "|",
        "||",
        ",",
        ";",
        "let ",
        "'",
        "\"\\",
        "“",
        "a ",
        "a-",
        "*",
        "a*",
        "1 ",
        "-",
        ".",
        "a.",
        "= ",
        "a = ",
        "(a, ",
        "in (",
        "x in (a, ",
        "['a'",
        "```",
        "@",
        "!",
        "&",
        "T | foo ",
        "T | fork (",
        "let a = b; ",
        "x == 1 and ",
        "let f = () { let a = 1; a == x }; ",
        "let a = dynamic([1]); T | where a in (a); ",
        "T | project-x ",
        "T | render a with (b=c) ",
        "let f = (a:long) {",
        "// \n",
        "\n",
    ] {
        let text = piece.repeat(LENGTH / piece.len());
        let start = std::time::Instant::now();
        let parsed = parse(&text);
        drop(parsed.document());
        drop(literals(&parsed));
        drop(highlight(&parsed.syntax()));
        let spent = start.elapsed();
        assert!(parsed.diagnostics().len() <= 1000);
        // Even on a busy machine; anything quadratic would take hours.
        assert!(spent.as_secs() < 10, "{piece:?} took {spent:?}");
    }
}

#[test]
fn deep_nesting_is_a_finding_and_no_overflow() {
    on_small_stack(|| {
        for (before, middle, after) in [
            ("(", "1", ")"),
            ("f(", "1", ")"),
            ("not(", "a", ")"),
            ("-(", "1", ")"),
            ("a[", "0", "]"),
            ("x in (", "1", ")"),
            ("x has_any (", "1", ")"),
            ("a between (1 .. (", "1", "))"),
            ("toscalar(print ", "1", ")"),
            ("(T | join (", "T", ") on a)"),
            ("1 + (2 * (", "3", "))"),
            ("a == (b and (", "c", "))"),
            ("iff(a == b, c has d, e + ", "1", ")"),
        ] {
            let text = format!("T | where {}{middle}{}", before.repeat(10_000), after.repeat(10_000));
            assert_too_deep(&text);
            assert_too_deep(&format!("T | where {}", before.repeat(10_000)));
        }
        for (before, after) in [
            ("dynamic([", "])"),
            ("dynamic({'a':", "})"),
            ("typeof(a:(", "))"),
            ("datatable(a:string)[dynamic([", "])]"),
        ] {
            checked(&format!("print {}1{}", before.repeat(10_000), after.repeat(10_000)));
        }
        assert_too_deep(&format!("print dynamic({}1{})", "[".repeat(10_000), "]".repeat(10_000)));
        assert_too_deep(&format!("print dynamic({}1{})", "{'a':".repeat(10_000), "}".repeat(10_000)));
        for open in ["let f = () {", "T | mv-apply a on (", "T | partition by a (", "T | partition by a {", "union ("] {
            assert_too_deep(&open.repeat(10_000));
        }
    });
}

fn assert_too_deep(text: &str) {
    let parsed = checked(text);
    let found = parsed.diagnostics().iter().any(|diagnostic| diagnostic.code == "too-deep");
    assert!(found, "{}… {:?}", &text[..60], parsed.diagnostics().first());
}

#[test]
fn a_hundred_levels_of_brackets_are_still_read() {
    on_small_stack(|| {
        for (before, after) in [("(", ")"), ("f(", ")"), ("a[", "]"), ("1 + (2 * (", "))")] {
            let levels = 100 / before.matches(['(', '[']).count();
            let parsed = checked(&format!("print {}1{}", before.repeat(levels), after.repeat(levels)));
            assert_eq!(parsed.diagnostics(), []);
        }
    });
}

#[test]
fn long_chains_do_not_recurse() {
    on_small_stack(|| {
        let many = 10_000;
        for (text, clean) in [
            (format!("T | where {}", vec!["a == 1"; many].join(" and ")), true),
            (format!("T | where {}", vec!["a has 'x'"; many].join(" or ")), true),
            (format!("T | where {}", vec!["a and b"; many].join(" or ")), true),
            (format!("T {}", "| where a ".repeat(many)), true),
            (format!("T | where a in ({})", vec!["'x'"; many].join(", ")), true),
            (format!("print dynamic([{}])", vec!["1"; many].join(",")), true),
            (format!("print {}", "'x' ".repeat(many)), true),
            (format!("union {}", vec!["T"; many].join(", ")), true),
            (format!("{}T", "let a = 1; ".repeat(many)), true),
            (format!("print {}1", "-".repeat(many)), false),
            (format!("print {}", vec!["1"; many].join(" + ")), false),
            (format!("print {}", vec!["1"; many].join(" * ")), false),
            (format!("print a{}", ".b".repeat(many)), false),
            (format!("print a{}", "[0]".repeat(many)), false),
            (format!("print {}", vec!["a"; many].join(" == ")), false),
            (format!("print {}", vec!["a"; many].join(" has ")), false),
            (format!("print a{}", " in (1)".repeat(many)), false),
            (format!("print {}", "((1 + ".repeat(100) + "1" + &" + 1 + 1 + 1 + 1 + 1)".repeat(100)), false),
            (";".repeat(many), false),
            ("|".repeat(many), false),
            (",".repeat(many), false),
            ("let ".repeat(many), false),
            ("T | ".repeat(many), false),
            ("not ".repeat(many), false),
        ] {
            let parsed = checked(&text);
            assert_eq!(parsed.diagnostics().is_empty(), clean, "{}… {:?}", &text[..50], parsed.diagnostics().first());
        }
    });
}
