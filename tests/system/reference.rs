//! The engine against an independent, slow reading of the rule (`tests/reference/rule_reference.py`), over generated
//! logs in which near misses stand thick: the same alerts, cell for cell, in the same order.
//!
//! Some seeds of a size that every test run bears, and one of a million rows, a minute of Python, which `cargo xtask
//! test` runs in its part `reference`.

use crate::{root, scratch, wall};
use detection::{Options, Session, output};
use std::fs;
use std::path::Path;
use std::process::Command;
use system_tests::generator::write_csv;

const ROWS: u64 = 20_000;

/// Whether the reference agrees with a result, and what it says. It needs Python, which `cargo xtask test` brings.
fn compare(result: &Path, log: &Path) -> (bool, String) {
    let mut asked = Command::new("python3");
    asked.arg(root().join("tests/reference/rule_reference.py")).arg("--compare").args([result, log]);
    let output = asked.output().expect("Python starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Reads a generated log, in pieces that end anywhere, and holds what the rule says of it against the reference.
fn agrees(rows: u64, seed: u64) {
    let mut csv = Vec::new();
    write_csv(rows, seed, &mut csv).expect("memory can be written");
    let log = scratch(&format!("seed-{seed}.csv"));
    fs::write(&log, &csv).expect("a file can be written");
    let mut session = Session::new();
    let mut loading = session.begin("generated.csv", Options::default());
    for piece in csv.chunks(10_007) {
        session.feed(&mut loading, piece);
    }
    let read = session.finish(loading);
    assert_eq!((read.failure.as_ref(), read.rejected.total), (None, 0), "seed {seed}: {:?}", read.rejected.first);
    let report = session.run_now(wall());
    assert!(report.rows > 100, "seed {seed}: {} alerts prove little", report.rows);
    let result = scratch(&format!("seed-{seed}.json"));
    fs::write(&result, output::run_json(&session, &report, &[]).to_string()).expect("a file can be written");
    let (same, said) = compare(&result, &log);
    assert!(same, "seed {seed}: {said}");
    // A comparison that cannot fail would prove nothing: one alert less must be told.
    if rows == ROWS {
        session.set_query(format!("{}\n| take {}", session.query(), report.rows - 1));
        let report = session.run_now(wall());
        fs::write(&result, output::run_json(&session, &report, &[]).to_string()).expect("a file can be written");
        let (same, said) = compare(&result, &log);
        assert!(!same && said.contains("rows: expected"), "seed {seed}: {said}");
    }
    for file in [log, result] {
        let _ = fs::remove_file(file);
    }
}

#[test]
fn generated_logs_give_the_alerts_of_the_reference_row_for_row() {
    for seed in [1, 20, 300, 4_000] {
        agrees(ROWS, seed);
    }
}

#[test]
#[ignore = "a minute of Python: `cargo xtask test --only reference` runs it"]
fn a_million_rows_give_the_alerts_of_the_reference_row_for_row() {
    agrees(1_000_000, 7);
}
