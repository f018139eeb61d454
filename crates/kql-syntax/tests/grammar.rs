//! What is grammatical and how it nests, held against the recorded answers of Microsoft's analyzer.

use kql_syntax::ast::{Expr, ExprKind, OperatorKind, StatementKind, UnaryOp};
use kql_syntax::{Diagnostic, parse};
use std::path::PathBuf;

/// A text of `analyzer.txt` with its escapes resolved.
fn unescape(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((plain, escape)) = rest.split_once('\\') {
        out.push_str(plain);
        let (c, after) = match escape.split_at(1) {
            ("n", after) => ('\n', after),
            ("r", after) => ('\r', after),
            ("t", after) => ('\t', after),
            ("\\", after) => ('\\', after),
            ("u", after) => {
                let (code, after) = after[1..].split_once('}').expect("a closing brace");
                let code = u32::from_str_radix(code, 16).expect("a code point");
                (char::from_u32(code).expect("a character"), after)
            }
            other => panic!("unknown escape {other:?} in {line:?}"),
        };
        out.push(c);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn findings(text: &str) -> Vec<Diagnostic> {
    parse(text).diagnostics().to_vec()
}

#[test]
fn the_same_texts_are_accepted_as_by_the_analyzer() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    for line in include_str!("analyzer.txt").lines().filter(|line| !line.starts_with('#')) {
        let Some((verdict, text)) = line.split_once(' ') else { continue };
        let text = unescape(text);
        let found = findings(&text);
        let expected = match verdict {
            "accept" | "skip" => true,
            "reject" | "refuse" => false,
            other => panic!("unknown verdict {other:?}"),
        };
        if found.is_empty() != expected {
            wrong.push(format!("{verdict} {text:?}: {found:?}"));
        }
        seen += 1;
    }
    assert!(seen > 900, "the table was read: {seen}");
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Whatever is grammatical can be laid out, and its layout is the same when it is laid out again.
#[test]
fn every_grammatical_text_has_a_layout_that_stays() {
    let mut wrong = Vec::new();
    for line in include_str!("analyzer.txt").lines().filter(|line| line.starts_with("accept ")) {
        let text = unescape(line.trim_start_matches("accept "));
        let laid_out = |text: &str| {
            let edits = kql_syntax::format(&kql_syntax::parse(text))?;
            kql_syntax::edit::apply(text, &edits).ok()
        };
        let once = laid_out(&text);
        if once.is_none() || once.as_deref().and_then(laid_out) != once {
            wrong.push(format!("{text:?}: {once:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// An expression with every nesting shown; `precedence.txt` says how.
fn nesting(expr: &Expr, text: &str) -> String {
    let sides = |left: &Expr, op: &str, right: &str| format!("({}{op}{right})", nesting(left, text));
    let list = |items: &mut dyn Iterator<Item = String>| items.collect::<Vec<_>>().join(",");
    match &expr.kind {
        ExprKind::Binary { op_span, left, right, .. } => sides(left, op_span.of(text), &nesting(right, text)),
        ExprKind::And(operands) => chain(operands, "and", text),
        ExprKind::Or(operands) => chain(operands, "or", text),
        ExprKind::Unary { op: UnaryOp::Minus, operand } => format!("(-{})", nesting(operand, text)),
        ExprKind::Unary { op: UnaryOp::Plus, operand } => format!("(+{})", nesting(operand, text)),
        ExprKind::Paren(inner) => format!("P{}", nesting(inner, text)),
        ExprKind::Member { base, member } => format!("{{{}.{}}}", nesting(base, text), member.text),
        ExprKind::Index { base, index } => format!("{{{}[{}]}}", nesting(base, text), nesting(index, text)),
        ExprKind::In { op_span, left, list: items, .. } => {
            let items = list(&mut items.iter().map(|item| nesting(item, text)));
            sides(left, op_span.of(text), &format!("({items})"))
        }
        ExprKind::Between { op_span, value, low, high, .. } => {
            sides(value, op_span.of(text), &format!("({}..{})", nesting(low, text), nesting(high, text)))
        }
        ExprKind::Call { name, arguments } => {
            let arguments = list(&mut arguments.iter().map(|argument| {
                let name = argument.name.as_ref().map_or(String::new(), |name| format!("{}=", name.text));
                name + &nesting(&argument.value, text)
            }));
            format!("{}({arguments})", name.text)
        }
        _ => expr.span.of(text).to_owned(),
    }
}

fn chain(operands: &[Expr], word: &str, text: &str) -> String {
    let first = nesting(&operands[0], text);
    operands[1..].iter().fold(first, |left, right| format!("({left}{word}{})", nesting(right, text)))
}

#[test]
fn operators_nest_as_in_the_analyzer() {
    let mut seen = 0;
    for line in include_str!("precedence.txt").lines().filter(|line| !line.starts_with('#')) {
        let (expression, expected) = line.split_once(" => ").expect("an arrow");
        let text = format!("T | where {expression}");
        let parsed = parse(&text);
        seen += 1;
        if expected == "rejected" {
            assert!(!parsed.diagnostics().is_empty(), "{expression}");
            continue;
        }
        assert_eq!(parsed.diagnostics(), [], "{expression}");
        let document = parsed.document();
        let StatementKind::Query(query) = &document.statements[0].kind else { panic!("a query: {expression}") };
        let ExprKind::Pipeline { operators, .. } = &query.kind else { panic!("a pipeline: {expression}") };
        let OperatorKind::Where(predicate) = &operators[0].kind else { panic!("a where: {expression}") };
        let nested = nesting(predicate, &text).replace(char::is_whitespace, "");
        assert_eq!(nested, expected, "{expression}");
    }
    assert!(seen > 150, "the table was read: {seen}");
}

#[test]
fn every_example_of_the_documentation_is_accepted() {
    let shared = std::env::var_os("EXFIL_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let path = shared.join("data/kusto-examples.json");
    let Ok(json) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: the examples are not at {}", path.display());
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&json).expect("a list of examples");
    for case in &cases {
        let query = case["query"].as_str().expect("a query");
        assert_eq!(findings(query), [], "{query}");
        assert_eq!(parse(query).syntax().text().to_string(), query);
    }
    assert!(!cases.is_empty(), "the examples were read");
}
