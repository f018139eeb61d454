//! Microsoft's analyzer and our resolver: the same columns, names and types alike, or an error from both.
//!
//! The analyzer needs Node.js and its package: `cargo xtask test` brings both. Its answers are stored beside the queries,
//! so that what another version says otherwise is seen as a change.

use crate::{root, scratch, wall};
use detection::{Finding, Session};
use event_table::TableSet;
use kql_engine::facts::{self, FunctionKind};
use kql_engine::resolve::resolve;
use kql_engine::run::Runner;
use kql_syntax::Severity;
use serde_json::Value as Json;
use std::fs;
use std::path::PathBuf;
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
    /// What each error stands at.
    marked: Vec<String>,
}

static ANSWERS: LazyLock<Vec<Answer>> = LazyLock::new(|| {
    let (path, told) =
        (root().join("tests/analyzer").join(STORED), run("ask.js", &["queries.jsonl", "queries-later.jsonl"]));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &told).expect("the answers can be written");
    }
    let stored = fs::read_to_string(&path).expect("the answers are stored");
    assert!(stored == told, "{STORED} is not what the analyzer says: UPDATE_GOLDEN=1 writes it");
    told.lines().map(answer).collect()
});

/// The folder of the analyzer's scripts. A machine without its package fails here: a test that passes because nothing was
/// asked hides what the change broke.
pub(crate) fn folder() -> PathBuf {
    let folder = root().join("tests/analyzer");
    let package = folder.join("node_modules/@kusto/language-service-next/package.json");
    assert!(package.is_file(), "Microsoft's analyzer is not installed: `npm ci` in tests/analyzer installs it");
    folder
}

/// What a script of the analyzer's folder prints, given the published schemas and arguments.
fn run(script: &str, arguments: &[&str]) -> String {
    let schemas = scratch("schemas.json");
    let published = serde_json::to_vec(event_table::schema::all()).expect("schemas are JSON");
    fs::write(&schemas, published).expect("the scratch folder takes a file");
    let mut node = Command::new("node");
    node.current_dir(folder()).args([script, "--schema"]).arg(&schemas).args(arguments);
    let told = node.output().expect("Node.js starts");
    let _ = fs::remove_file(&schemas);
    assert!(told.status.success(), "{script} failed: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8(told.stdout).expect("answers are text")
}

fn answer(line: &str) -> Answer {
    let json: Json = serde_json::from_str(line).expect("an answer is JSON");
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let columns =
        json["columns"].as_array().map(|columns| columns.iter().map(|c| (text(&c[0]), text(&c[1]))).collect());
    let query = text(&json["query"]);
    let found = json["errors"].as_array().expect("a list");
    let place = |e: &Json, name: &str| e[name].as_u64().expect("a position") as usize;
    // Positions count UTF-16 units, which are bytes in what the generator writes.
    let marked =
        |e: &Json| query.get(place(e, "start")..place(e, "start") + place(e, "length")).unwrap_or("").to_owned();
    let (errors, marked) = (found.iter().map(|e| text(&e["message"])).collect(), found.iter().map(marked).collect());
    Answer { query, columns, errors, marked }
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
const OF_ROWS: [&str; 10] = [
    "new_guid",
    "next",
    "prev",
    "rand",
    "row_cumsum",
    "row_number",
    "row_rank",
    "row_rank_dense",
    "row_rank_min",
    "row_window_session",
];

/// What we refuse, and the analyzer lets pass, by our words.
const REFUSED: [(&str, &str); 3] = [
    ("`parse_user_agent` takes 2 arguments.", "its page requires look-for"),
    (" is not one of browser, os, device.", "its page gives these words"),
    ("Distances on a spheroid", "not supported, as the page of functions says"),
];

/// Whether the analyzer refuses what is taken here on purpose. It knows of a dynamic value whether it is an array, a bag or
/// one of their elements, which is found here when the query runs; and `project-reorder a, a*` is an error to it where
/// nothing else begins with `a`, though project-reorder's page gives a column that is matched twice its first place.
fn refused_by_shape(answer: &Answer) -> bool {
    let of_shape = |(error, marked): (&String, &String)| match error.as_str() {
        "The expression value must be a dynamic array." | "The expression must be a dynamic bag." => true,
        "A value of type string expected." => marked.starts_with("dynamic("),
        "The expression must have one of the types: int or long." => answer.query.contains("])["),
        // `mv-expand to = x`, which is taken here.
        _ if answer.query.contains("mv-expand to = ") => true,
        _ => error.ends_with("is already declared.") && marked.trim_end().ends_with('*'),
    };
    !answer.errors.is_empty() && answer.errors.iter().zip(&answer.marked).all(of_shape)
}

/// Whether something is refused on purpose; what follows from it may be refused too.
fn refused_on_purpose(query: &str) -> bool {
    let said = ours(query).err().unwrap_or_default();
    said.iter().any(|f| REFUSED.iter().any(|(words, _)| f.message.contains(words)))
}

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
    let answers: Vec<Answer> = told.lines().map(answer).collect();
    assert_eq!(answers.iter().filter(|a| a.columns.is_some()).count(), 1000, "well-typed queries");
    assert_eq!(answers.len(), 1300);
    let known = |answer: &&Answer| refused_by_shape(answer) || refused_on_purpose(&answer.query);
    let wrong: Vec<String> = answers.iter().filter(|a| !known(a)).filter_map(difference).collect();
    assert!(wrong.is_empty(), "{} queries differ (seed {seed}):\n{}", wrong.len(), wrong.join("\n"));
    let table = answers[0].query.lines().next().expect("a query begins with the table of every type");
    assert_eq!(rows_of_their_columns_types(&format!("{table}\nT")), Some(6));
    for answer in answers.iter().filter(|a| a.columns.is_some()) {
        rows_of_their_columns_types(&answer.query);
    }
}

/// The table of every type in a random query, as the generator writes it.
const EVERY_TYPE: &str = "dynamic_:dynamic)[]";

/// Rows for it, with what lies at the edges of each type.
const ROWS: &str = r#"dynamic_:dynamic)[
    true, 1, 2, 1.5, 2.5, "b c", datetime(2024-02-29 23:59:59.9999999), 1d, "74be27de-1e4e-49d9-b579-fe0b331d3642", dynamic([1, "a", null]),
    false, -2147483648, long(-9223372036854775808), real(-inf), decimal(-79228162514264337593543950335), "", datetime(0001-01-01), timespan(-10675199.02:48:05.4775807), "00000000-0000-0000-0000-000000000000", dynamic({"a": 1, "b": [{}]}),
    bool(null), int(null), long(null), real(null), decimal(null), "", datetime(null), timespan(null), guid(null), dynamic(null),
    true, 2147483647, 9223372036854775807, real(nan), decimal(0.0000000000000000000000000001), "\u00e9\u212a\U0001f600\t'\"", datetime(9999-12-31 23:59:59.9999999), timespan(10675199.02:48:05.4775807), "ffffffff-ffff-ffff-ffff-ffffffffffff", dynamic("192.168.0.1/33"),
    true, 0, 0, real(+inf), 0, "2024-01-02T03:04:05Z", datetime(1970-01-01), 0s, "74be27de-1e4e-49d9-b579-fe0b331d3642", dynamic([]),
    false, 7, -1, -0.0, 1, "{\"a\": [1.5, true]}", datetime(2024-01-02), timespan(1tick), guid(null), dynamic(-1e300),
]"#;

/// Runs a query over rows of every type: it comes to its end, and each value has its column's type. How many rows there
/// are; `None` where the run ends with words.
fn rows_of_their_columns_types(query: &str) -> Option<usize> {
    let query = query.replace(EVERY_TYPE, ROWS);
    let parsed = kql_syntax::parse(&query);
    let (tables, now) = (TableSet::new(), wall());
    let plan = resolve(&parsed.document(), &tables, now).plan?;
    let relation = Runner::new().run_now(&plan, &tables, now).ok()?.relation;
    for (place, column) in relation.columns().iter().enumerate() {
        for row in 0..relation.len() {
            let value = relation.value(row, place);
            let fits = value.column_type().is_none_or(|ty| ty == column.ty);
            assert!(fits, "{query}\n{}: {value:?} is no {}", column.name, column.ty);
        }
    }
    Some(relation.len())
}
