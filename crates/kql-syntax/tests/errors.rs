//! What a user reads about a wrong query: one query and one report a file, in `errors/`.
//!
//! With `UPDATE_GOLDEN=1` in the environment the reports are written anew, to be read before they are kept.

use kql_syntax::{Diagnostic, Severity, codes, parse};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A finding as a compiler would print it.
fn report(text: &str, diagnostic: &Diagnostic) -> String {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
    let line_start = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[..start].matches('\n').count() + 1;
    let column = text[line_start..start].chars().count() + 1;
    let width = text[start..end.min(line_end).max(start)].chars().count().max(1);
    let margin = " ".repeat(line.to_string().len());
    let mut out = format!("{severity}[{}]: {}\n", diagnostic.code, diagnostic.message);
    let shown: String = text[line_start..line_end].chars().take(200).collect();
    writeln!(out, "{margin}--> {line}:{column}").expect("a string");
    writeln!(out, "{line} | {shown}").expect("a string");
    writeln!(out, "{margin} | {}{}", " ".repeat(column - 1), "^".repeat(width)).expect("a string");
    if let Some(hint) = &diagnostic.hint {
        writeln!(out, "{margin} = {hint}").expect("a string");
    }
    out
}

fn report_of(text: &str) -> String {
    let parsed = parse(text);
    let reports: Vec<String> = parsed.diagnostics().iter().map(|diagnostic| report(text, diagnostic)).collect();
    reports.join("\n")
}

fn queries() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "kql"))
        .collect();
    found.sort();
    found
}

#[test]
fn each_wrong_query_has_its_report() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for path in queries() {
        let text = fs::read_to_string(&path).expect("a query");
        let golden = path.with_extension("txt");
        let actual = report_of(&text);
        if update {
            fs::write(&golden, &actual).expect("a file that can be written");
        }
        let expected = fs::read_to_string(&golden).unwrap_or_default();
        if actual != expected {
            wrong.push(format!("== {}\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_code_has_an_example_that_shows_it() {
    for code in codes::ALL {
        let found = parse(code.example);
        let seen: Vec<&str> = found.diagnostics().iter().map(|diagnostic| diagnostic.code.as_str()).collect();
        assert_eq!(seen, [code.code], "{}", code.example);
    }
}

#[test]
fn no_code_is_used_that_is_not_told_of() {
    let known: BTreeSet<&str> = codes::ALL.iter().map(|code| code.code).collect();
    let table = include_str!("analyzer.txt").lines().filter_map(|line| line.split_once(' ')).map(|(_, text)| text);
    let queries: Vec<String> = queries().iter().map(|path| fs::read_to_string(path).expect("a query")).collect();
    let mut seen = BTreeSet::new();
    for text in table.chain(queries.iter().map(String::as_str)) {
        seen.extend(parse(text).diagnostics().iter().map(|diagnostic| diagnostic.code.clone()));
    }
    let unknown: Vec<&String> = seen.iter().filter(|code| !known.contains(code.as_str())).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let unseen: Vec<&&str> = known.iter().filter(|code| !seen.contains(**code)).collect();
    assert!(unseen.is_empty(), "{unseen:?}");
}
