//! Microsoft's analyzer and our resolver: the same columns, names and types alike, or an error from both.
//!
//! The analyzer is asked where Node.js and its package are (`cargo xtask test` brings both), and its answers are held
//! against the stored ones. Elsewhere the stored answers are used, and the test says so.

use crate::{root, scratch, wall};
use detection::{Finding, Session};
use kql_engine::facts::{self, FunctionKind};
use kql_syntax::Severity;
use serde_json::Value as Json;
use std::fs;
use std::process::Command;
use std::sync::LazyLock;

const STORED: &str = "expected-12.4.1.jsonl";

/// Queries on which we differ on purpose, by their beginning, with the reason.
const DEVIATIONS: &[(&str, &str)] = &[
    (
        "union kind=inner",
        "the documentation (union-operator) keeps the columns common to all legs; the analyzer keeps all",
    ),
    ("DeviceNetworkEvents | where RemotePort == \"443\"", NEVER_EQUAL),
    ("DeviceNetworkEvents | where RemoteUrl == 443", NEVER_EQUAL),
    ("print 1h == 1", NEVER_EQUAL),
    ("print datetime(2026-01-01) == \"x\"", NEVER_EQUAL),
    ("DeviceNetworkEvents | project RemotePort | project toint(RemotePort)", NUMBERED),
];

const NEVER_EQUAL: &str = "the running Kusto refuses to compare these types (SEM0064), which the analyzer lets pass";
const NUMBERED: &str = "a name that is taken is numbered here, and refused there";

/// What the analyzer says of a query.
struct Answer {
    query: String,
    /// Name and type of each column; `None` when the query has an error.
    columns: Option<Vec<(String, String)>>,
    errors: Vec<String>,
}

static ANSWERS: LazyLock<Vec<Answer>> = LazyLock::new(|| {
    let stored = fs::read_to_string(root().join("tests/analyzer").join(STORED)).expect("the answers are stored");
    match ask() {
        Ok(told) => {
            let same = stored.lines().eq(told.lines());
            assert!(same, "{STORED} is not what the analyzer says: tests/analyzer/README.md tells how to renew it");
        }
        Err(reason) => eprintln!("Microsoft's analyzer was NOT asked, its stored answers are used: {reason}"),
    }
    stored.lines().map(answer).collect()
});

/// The analyzer's answers to all queries, one a line.
fn ask() -> Result<String, String> {
    run("ask.js", &["queries.jsonl", "queries-later.jsonl"])
}

/// What a script of the analyzer's folder prints, given the published schemas and arguments.
fn run(script: &str, arguments: &[&str]) -> Result<String, String> {
    let folder = root().join("tests/analyzer");
    if !folder.join("node_modules/@kusto/language-service-next/package.json").is_file() {
        return Err("its package is not installed; `cargo xtask test --only native` installs it".into());
    }
    let schemas = scratch("schemas.json");
    let published = serde_json::to_vec(event_table::schema::all()).expect("schemas are JSON");
    fs::write(&schemas, published).map_err(|e| e.to_string())?;
    let told = Command::new("node")
        .current_dir(&folder)
        .args([script, "--schema"])
        .arg(&schemas)
        .args(arguments)
        .output()
        .map_err(|e| format!("node: {e}"))?;
    let _ = fs::remove_file(&schemas);
    assert!(told.status.success(), "{script} failed: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).map_err(|e| e.to_string())
}

fn answer(line: &str) -> Answer {
    let json: Json = serde_json::from_str(line).expect("an answer is JSON");
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let columns =
        json["columns"].as_array().map(|columns| columns.iter().map(|c| (text(&c[0]), text(&c[1]))).collect());
    let errors = json["errors"].as_array().expect("a list").iter().map(|e| text(&e["message"])).collect();
    Answer { query: text(&json["query"]), columns, errors }
}

/// The answers to the queries of a file.
fn answers(file: &str) -> Vec<&'static Answer> {
    let text = fs::read_to_string(root().join("tests/analyzer").join(file)).expect("the queries are there");
    let queries = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("//")).map(|line| {
        let case: Json = serde_json::from_str(line).expect("a query is JSON");
        case["query"].as_str().expect("a query is text").to_owned()
    });
    queries
        .map(|query| {
            ANSWERS.iter().find(|answer| answer.query == query).unwrap_or_else(|| panic!("no answer: {query}"))
        })
        .collect()
}

/// What we say of a query: its columns, or the errors.
fn ours(query: &str) -> Result<Vec<(String, String)>, Vec<Finding>> {
    let mut session = Session::new();
    // What `externaldata` reads is declared in the query; the file must be there.
    session.add_external("users.txt", Vec::new());
    session.set_query(query);
    let report = session.check(wall());
    if report.has_errors() {
        return Err(report.findings.into_iter().filter(|f| f.severity == Severity::Error).collect());
    }
    let ty = |c: &detection::ColumnReport| c.ty.map_or("unknown", |ty| ty.name()).to_owned();
    Ok(report.columns.iter().map(|c| (c.name.clone(), ty(c))).collect())
}

/// A sentence on how we differ; `None` when we agree.
fn difference(answer: &Answer) -> Option<String> {
    let said = ours(&answer.query);
    let same = match (&answer.columns, &said) {
        (Some(theirs), Ok(ours)) => theirs == ours,
        (None, Err(_)) => true,
        _ => false,
    };
    let told = |found: &[Finding]| found.iter().map(|f| format!("{}: {}", f.code, f.message)).collect::<Vec<_>>();
    (!same).then(|| {
        let said = said.map_err(|found| told(&found));
        format!("{}\n  analyzer: {:?} {:?}\n  ours:     {said:?}", answer.query, answer.columns, answer.errors)
    })
}

#[test]
fn every_query_has_the_columns_or_the_error_that_the_analyzer_gives() {
    let all = answers("queries.jsonl");
    assert!(all.len() >= 446, "only {} queries", all.len());
    let mut unexpected = Vec::new();
    let mut met = vec![false; DEVIATIONS.len()];
    for answer in all {
        let Some(words) = difference(answer) else { continue };
        match DEVIATIONS.iter().position(|(query, _)| answer.query.starts_with(query)) {
            Some(known) => met[known] = true,
            None => unexpected.push(words),
        }
    }
    assert!(unexpected.is_empty(), "{} queries differ:\n{}", unexpected.len(), unexpected.join("\n"));
    for ((query, reason), met) in DEVIATIONS.iter().zip(met) {
        assert!(met, "no deviation any more, take it off the list: {query} ({reason})");
    }
}

#[test]
fn what_comes_later_agrees_or_is_called_unsupported() {
    let mut wrong = Vec::new();
    for answer in answers("queries-later.jsonl") {
        match ours(&answer.query) {
            Err(found) if found.iter().all(|f| f.code == "unsupported") => {}
            _ => wrong.extend(difference(answer)),
        }
    }
    assert!(wrong.is_empty(), "{} queries differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Functions that have a value for each row. We refuse them where there are no rows, such as inside an aggregate; the
/// analyzer does not look, so that random queries leave them out.
const OF_ROWS: [&str; 9] = [
    "new_guid",
    "next",
    "prev",
    "rand",
    "row_cumsum",
    "row_number",
    "row_rank_dense",
    "row_rank_min",
    "row_window_session",
];

/// What the analyzer finds in the type of an array's elements, and we only when the query runs.
const OF_AN_ELEMENT: &str = "The expression value must be a dynamic array.";

#[test]
fn random_queries_have_the_columns_or_the_error_that_the_analyzer_gives() {
    let running = |kind| -> Vec<&str> {
        let all = facts::all().iter().filter(|f| f.kind == kind && facts::runs(f)).map(|f| f.name);
        // What `assert` says depends on its arguments.
        all.filter(|name| !OF_ROWS.contains(name) && *name != "assert").collect()
    };
    let names = serde_json::json!({
        "scalar": running(FunctionKind::Scalar),
        "aggregate": running(FunctionKind::Aggregate),
    });
    let functions = scratch("functions.json");
    fs::write(&functions, names.to_string()).expect("the scratch folder takes a file");
    let (seed, path) = (std::env::var("EXFIL_SEED").unwrap_or_else(|_| "1".into()), functions.display().to_string());
    let told = run("generate.js", &["--functions", &path, "--seed", &seed, "--well", "1000", "--ill", "300"]);
    let _ = fs::remove_file(&functions);
    let told = match told {
        Ok(told) => told,
        Err(reason) => return eprintln!("random queries were NOT tried: {reason}"),
    };
    let answers: Vec<Answer> = told.lines().map(answer).collect();
    assert_eq!(answers.iter().filter(|a| a.columns.is_some()).count(), 1000, "well-typed queries");
    assert_eq!(answers.len(), 1300);
    let known = |answer: &Answer| answer.errors.iter().all(|e| e == OF_AN_ELEMENT) && answer.columns.is_none();
    let wrong: Vec<String> = answers.iter().filter(|a| !known(a)).filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} queries differ (seed {seed}):\n{}", wrong.len(), wrong.join("\n"));
}
