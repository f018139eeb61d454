//! Whole queries against results that were checked by hand: each `tests/golden/NAME.kql` has its `NAME.txt`.
//!
//! A query's comment names what its result was checked against. `// sample: ID` runs it over a sample's logs. Reports
//! of errors are results as well. `UPDATE_GOLDEN=1` writes what is found, to be read line by line before it is kept.

use crate::{root, wall};
use detection::{Options, Session, output, render_findings, sample};
use std::fmt::Write as _;
use std::fs;

/// Types and rows, one a line in the JSON forms of the command line, then the findings.
fn run(text: &str) -> String {
    let mut session = Session::new();
    session.set_query(text);
    if let Some(id) = text.lines().find_map(|line| line.strip_prefix("// sample: ")) {
        let sample = sample(id).unwrap_or_else(|| panic!("no sample {id}"));
        for file in &sample.files {
            session.load(file.name(), file.bytes(), Options::default());
        }
    }
    let report = session.run_now(wall());
    let mut out = String::new();
    if !report.has_errors() {
        let named = report.columns.iter().map(|c| format!("{}: {}", c.name, c.ty.map_or("unknown", |ty| ty.name())));
        let _ = writeln!(out, "{}", named.collect::<Vec<_>>().join(", "));
        let relation = session.result().expect("a result");
        for row in 0..relation.len() {
            let cells = (0..relation.columns().len()).map(|c| output::value_json(&relation.value(row, c)).to_string());
            let _ = writeln!(out, "{}", cells.collect::<Vec<_>>().join(", "));
        }
    }
    let findings = render_findings(&report.findings, text, "query");
    if !findings.is_empty() {
        let _ = write!(out, "{}{findings}", if out.is_empty() { "" } else { "\n" });
    }
    if let Some(failure) = &report.failure {
        let _ = writeln!(out, "failure: {failure}");
    }
    out
}

#[test]
fn every_golden_query_gives_its_result() {
    let folder = root().join("tests/golden");
    let entries = fs::read_dir(&folder).expect("the folder is there").map(|entry| entry.expect("an entry").path());
    let mut queries: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "kql")).collect();
    queries.sort();
    assert!(queries.len() >= 40, "only {} queries", queries.len());
    let bless = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for path in queries {
        let text = fs::read_to_string(&path).expect("a query is text");
        let found = run(&text);
        let kept = path.with_extension("txt");
        if bless {
            fs::write(&kept, &found).expect("the result can be written");
        }
        let expected = fs::read_to_string(&kept).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\n--- expected\n{expected}--- found\n{found}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} results differ:\n{}", wrong.len(), wrong.join("\n"));
}
