//! Tests of text for which case matters, on columns whose values differ in it: the rows that a literal would match as
//! well, if case did not matter. Known only from the logs, so it is told after a run.

use crate::session::LastRun;
use crate::{Finding, LineIndex, Session};
use event_table::{Column, Dynamic, StringColumn, Table, TableSet, Value};
use kql_engine::expr::{Expr, ExprKind};
use kql_engine::plan::NodeKind;
use kql_engine::run::Chain;
use kql_engine::scalar::Comparison;
use kql_engine::text::{Matcher, Quantifier, TextMode};
use kql_syntax::ast::{BinaryOp, Expr as Ast, ExprKind as AstKind, InOp, LiteralKind, Statement, StatementKind};
use kql_syntax::{Diagnostic, Span, parse, walk};
use std::sync::Arc;

/// A test of a column for which case matters.
struct CaseTest {
    column: usize,
    mode: TextMode,
    is_list: bool,
    negated: bool,
    literals: Vec<Arc<str>>,
}

/// The words of such a test in the text.
struct Written {
    column: String,
    operator: Span,
    mode: TextMode,
    is_list: bool,
    negated: bool,
    /// The literals, if all are written there.
    literals: Option<Vec<Arc<str>>>,
    /// The operator for which case does not matter.
    other: &'static str,
}

impl Session {
    /// Warnings about the newest run's conditions for which case matters, where rows are passed over (or, by a negated
    /// one, kept) whose values differ from its literals in nothing but case. Each has the operator that ignores case as
    /// its fix.
    #[must_use]
    pub fn case_findings(&self) -> Vec<Finding> {
        let Some(last) = &self.last else { return Vec::new() };
        let lines = LineIndex::new(&last.query);
        case_findings(last, &self.tables).iter().map(|d| lines.finding(d)).collect()
    }
}

fn case_findings(last: &LastRun, tables: &TableSet) -> Vec<Diagnostic> {
    let written = written_tests(&last.query);
    let mut found: Vec<Diagnostic> = Vec::new();
    if written.is_empty() {
        return found;
    }
    let mut chains: Vec<&Chain> = last.outcome.chains.values().map(|chain| &**chain).collect();
    chains.sort_by_key(|chain| chain.top);
    for chain in chains {
        let base = last.plan.node(chain.base);
        let NodeKind::Table(name) = &base.kind else { continue };
        let Some(table) = tables.get(name) else { continue };
        for condition in &chain.conditions {
            for test in tests_in(&condition.expr) {
                let Some(column) = base.columns.get(test.column) else { continue };
                let is_it = |w: &&Written| {
                    condition.span.start <= w.operator.start
                        && w.operator.end <= condition.span.end
                        && *w.column == *column.name
                        && (w.mode, w.is_list, w.negated) == (test.mode, test.is_list, test.negated)
                        && w.literals.as_ref().is_none_or(|literals| *literals == test.literals)
                };
                // Of two that cannot be told apart, as both have their literals by a name, neither is spoken of.
                let mut words = written.iter().filter(is_it);
                let (Some(words), None) = (words.next(), words.next()) else { continue };
                if !found.iter().any(|d| d.span == words.operator) {
                    found.extend(finding(table, &column.name, &test, words));
                }
            }
        }
    }
    found.sort_by_key(|d| d.span);
    found
}

/// What a test passes over for case alone, if anything.
fn finding(table: &Table, column: &str, test: &CaseTest, written: &Written) -> Option<Diagnostic> {
    let matcher = |case| Matcher::new(test.mode, Quantifier::Any, case, test.literals.clone()).ok();
    let (exact, any_case) = (matcher(true)?, matcher(false)?);
    let (mut rows, mut example) = (0usize, String::new());
    cells(table, column, &mut |cell, times| {
        if times > 0 && any_case.matches(cell) && !exact.matches(cell) {
            if rows == 0 {
                example = cell.chars().take(MAX_EXAMPLE).collect();
            }
            rows += times;
        }
    });
    if rows == 0 {
        return None;
    }
    let operator = written.operator;
    let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
    let does = if test.negated { "leaves in" } else { "passes over" };
    let message = format!(
        "Case matters here: this {does} {rows} of the logs that differ from it in nothing else, such as \"{example}\" in {column}."
    );
    let found = Diagnostic::warning("case-matters", operator, message);
    Some(found.with_hint(format!("`{}` ignores case.", written.other)).written(written.other))
}

/// Characters of a cell that a finding shows.
const MAX_EXAMPLE: usize = 60;

/// Calls `visit` with each cell of a column of text, and in how many rows it stands.
fn cells(table: &Table, column: &str, visit: &mut dyn FnMut(&str, usize)) {
    let Some(index) = table.schema().position(column) else { return };
    for batch in table.batches() {
        match batch.column(index.get()).map(|stored| &**stored) {
            Some(Column::String(StringColumn::Dictionary(d))) => {
                let mut times = vec![0usize; d.entries.len()];
                (0..d.codes.len()).for_each(|row| times[d.codes.get(row)] += 1);
                times.iter().enumerate().for_each(|(code, times)| visit(d.entries.get(code), *times));
            }
            Some(Column::String(StringColumn::Text(text))) => {
                (0..text.len()).for_each(|row| visit(text.get(row), 1));
            }
            _ => {}
        }
    }
}

/// The tests for which case matters, of stored columns with constant texts.
fn tests_in(condition: &Expr) -> Vec<CaseTest> {
    let mut tests = Vec::new();
    let constants = |list: &[Expr]| list.iter().filter_map(Expr::as_constant).flat_map(texts).collect::<Vec<_>>();
    condition.visit(&mut |expr| {
        let (subject, mode, is_list, negated, literals) = match &expr.kind {
            ExprKind::Compare(comparison @ (Comparison::Equal | Comparison::NotEqual), left, right) => {
                let literals = right.as_constant().map(texts).unwrap_or_default();
                (left, TextMode::Equals, false, *comparison == Comparison::NotEqual, literals)
            }
            ExprKind::In(test) => (&test.value, TextMode::Equals, true, test.negated, constants(&test.list)),
            ExprKind::Text(test) if test.case_sensitive => {
                (&test.subject, test.mode, false, test.negated, constants(&test.needles))
            }
            _ => return,
        };
        if let ExprKind::Column(column) = subject.kind
            && !literals.is_empty()
        {
            tests.push(CaseTest { column, mode, is_list, negated, literals });
        }
    });
    tests
}

/// The texts of a constant: itself, or the elements of an array.
fn texts(value: &Value) -> Vec<Arc<str>> {
    match value {
        Value::String(text) if !text.is_empty() => vec![text.clone()],
        Value::Dynamic(d) => {
            let items = d.as_array().unwrap_or_default().iter();
            items.filter_map(|item| if let Dynamic::String(s) = item { Some(s.clone()) } else { None }).collect()
        }
        _ => Vec::new(),
    }
}

/// The tests of a text for which case matters and whose subject is a name.
fn written_tests(query: &str) -> Vec<Written> {
    let mut found = Vec::new();
    written_in_statements(&parse(query).document().statements, &mut found);
    found
}

fn written_in_statements(statements: &[Statement], found: &mut Vec<Written>) {
    for statement in statements {
        if let StatementKind::Let { value: expr, .. } | StatementKind::Query(expr) = &statement.kind {
            written_in(expr, found);
        }
    }
}

fn written_in(expr: &Ast, found: &mut Vec<Written>) {
    let test = match &expr.kind {
        AstKind::Binary { op, op_span, left, right } => one_text(*op)
            .map(|(mode, negated, other)| (left, *op_span, mode, false, negated, other, literals(&[right]))),
        AstKind::In { op, op_span, left, list, .. } => {
            let listed: Vec<&Ast> = list.iter().collect();
            match op {
                InOp::In => Some((left, *op_span, TextMode::Equals, true, false, "in~", literals(&listed))),
                InOp::NotIn => Some((left, *op_span, TextMode::Equals, true, true, "!in~", literals(&listed))),
                _ => None,
            }
        }
        _ => None,
    };
    if let Some((left, operator, mode, is_list, negated, other, literals)) = test
        && let AstKind::Name(column) = &left.kind
    {
        found.push(Written { column: column.text.to_string(), operator, mode, is_list, negated, literals, other });
    }
    if let AstKind::Function { body, .. } = &expr.kind {
        written_in_statements(&body.statements, found);
    }
    walk::children(expr, &mut |child| written_in(child, found));
}

/// The literals of a test as far as all are written in it.
fn literals(values: &[&Ast]) -> Option<Vec<Arc<str>>> {
    let literal = |value: &&Ast| match &value.kind {
        AstKind::Literal(literal) if matches!(literal.kind, LiteralKind::String) => Some(literal.text.clone()),
        _ => None,
    };
    values.iter().map(literal).collect()
}

/// What an operator on one text asks for, whether it is negated, and the operator that ignores case.
fn one_text(op: BinaryOp) -> Option<(TextMode, bool, &'static str)> {
    Some(match op {
        BinaryOp::Equal => (TextMode::Equals, false, "=~"),
        BinaryOp::NotEqual => (TextMode::Equals, true, "!~"),
        BinaryOp::HasCs => (TextMode::Has, false, "has"),
        BinaryOp::NotHasCs => (TextMode::Has, true, "!has"),
        BinaryOp::HasPrefixCs => (TextMode::HasPrefix, false, "hasprefix"),
        BinaryOp::NotHasPrefixCs => (TextMode::HasPrefix, true, "!hasprefix"),
        BinaryOp::HasSuffixCs => (TextMode::HasSuffix, false, "hassuffix"),
        BinaryOp::NotHasSuffixCs => (TextMode::HasSuffix, true, "!hassuffix"),
        BinaryOp::ContainsCs => (TextMode::Contains, false, "contains"),
        BinaryOp::NotContainsCs => (TextMode::Contains, true, "!contains"),
        BinaryOp::StartsWithCs => (TextMode::StartsWith, false, "startswith"),
        BinaryOp::NotStartsWithCs => (TextMode::StartsWith, true, "!startswith"),
        BinaryOp::EndsWithCs => (TextMode::EndsWith, false, "endswith"),
        BinaryOp::NotEndsWithCs => (TextMode::EndsWith, true, "!endswith"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Options;
    use event_table::DateTime;

    const LOG: &str = "Timestamp,FileName,ProcessCommandLine\n\
        2025-06-01T10:00:00Z,git.exe,git push Origin\n\
        2025-06-01T10:01:00Z,Git.exe,git push origin\n\
        2025-06-01T10:02:00Z,GIT.EXE,GIT PUSH\n\
        2025-06-01T10:03:00Z,curl.exe,curl\n";

    fn told(query: &str) -> (Vec<Finding>, usize) {
        let mut session = Session::new();
        let options = Options { table: Some("DeviceProcessEvents".to_owned()), ..Options::default() };
        session.load("log.csv", LOG.as_bytes(), options);
        session.set_query(query);
        let report = session.run_now(DateTime::MIN);
        assert!(!report.has_errors(), "{query}: {:?}", report.findings);
        (session.case_findings(), report.rows)
    }

    /// A query, the operator that is told of, how many rows it is about, and the rows with and without its fix.
    const CASES: &[(&str, &str, &str, [usize; 2])] = &[
        ("where FileName == 'git.exe'", "==", "passes over 2 rows", [1, 3]),
        ("where FileName == 'GIT.exe' | count", "==", "passes over 3 rows", [1, 1]),
        ("where FileName != 'git.exe'", "!=", "leaves in 2 rows", [3, 1]),
        ("where FileName in ('git.exe', 'curl.exe')", "in", "passes over 2 rows", [2, 4]),
        ("where FileName !in ('git.exe', 'curl.exe')", "!in", "leaves in 2 rows", [2, 0]),
        ("where ProcessCommandLine has_cs 'push'", "has_cs", "passes over 1 row of", [2, 3]),
        (
            "where ProcessCommandLine contains_cs 'Orig' or FileName startswith 'c'",
            "contains_cs",
            "passes over 1 row of",
            [2, 3],
        ),
        ("where ProcessCommandLine startswith_cs 'git'", "startswith_cs", "passes over 1 row of", [2, 3]),
        ("where FileName endswith_cs '.exe'", "endswith_cs", "passes over 1 row of", [3, 4]),
        ("where FileName hasprefix_cs 'git'", "hasprefix_cs", "passes over 2 rows", [1, 3]),
        ("where FileName !hassuffix_cs 'exe'", "!hassuffix_cs", "leaves in 1 row of", [1, 0]),
        ("extend n = 1 | where FileName == 'git.exe' and n == 1", "==", "passes over 2 rows", [1, 3]),
        ("where FileName == 'curl.exe' or FileName == 'git.exe'", "==", "passes over 2 rows", [2, 4]),
    ];

    #[test]
    fn a_test_that_passes_rows_over_for_case_alone_is_told_of_with_its_fix() {
        for (pipeline, operator, words, rows) in CASES {
            let query = format!("DeviceProcessEvents | {pipeline}");
            let (found, before) = told(&query);
            let [finding] = &found[..] else { panic!("{query}: {found:?}") };
            assert_eq!(
                (finding.code.as_str(), &query[finding.start as usize..finding.end as usize]),
                ("case-matters", *operator),
                "{query}"
            );
            assert!(finding.message.contains(words), "{query}: {}", finding.message);
            let mended = kql_syntax::edit::apply(&query, &finding.fixes[0].edits).expect("the fix fits the text");
            let (left, after) = told(&mended);
            assert_eq!((left.len(), [before, after]), (0, *rows), "{mended}");
        }
        // Behind a `let`, the operator in the condition is the one.
        let query = "let Tools = dynamic(['git.exe']); DeviceProcessEvents | where FileName in (Tools)";
        assert_eq!(told(query).0[0].start as usize, query.rfind("in (").unwrap_or_default());
    }

    #[test]
    fn nothing_is_said_where_case_makes_no_difference_or_is_ignored() {
        for pipeline in [
            "where FileName == 'curl.exe'",
            "where FileName =~ 'git.exe'",
            "where FileName in~ ('git.exe')",
            "where ProcessCommandLine has 'push'",
            "where FileName == 'nothing.exe'",
            "where FileName == ''",
            // No stored column.
            "extend f = tolower(FileName) | where f == 'git.exe'",
            "summarize n = count() by FileName | where n == 1",
        ] {
            let query = format!("DeviceProcessEvents | {pipeline}");
            assert_eq!(told(&query).0, [], "{query}");
        }
    }
}
