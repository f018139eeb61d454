//! Joins and summarize over a generated Defender CSV of 1,000,000 rows, beside DuckDB on one thread doing the same work
//! (`pairs.json`: each query in KQL and in SQL). Both must give the same values.
//!
//! `cargo xtask bench duckdb` installs DuckDB and runs this; `EXFIL_DUCKDB_PYTHON` names the Python that has it, and
//! without one only our own times are told. Times are the least of several runs, parsing and planning included.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

use anyhow::{Context as _, Result, bail, ensure};
use detection::{Options, Session};
use event_table::{DateTime, TableSet, Value};
use kql_engine::resolve::resolve;
use kql_engine::run::{Relation, Runner};
use kql_syntax::parse;
use serde_json::Value as Json;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use system_tests::bench;

const RUNS: usize = 5;

/// The tables that the queries speak of, as `measure.py` makes them for DuckDB.
const TABLES: &str = "
let P = DeviceProcessEvents | project-rename CommandLine = ProcessCommandLine;
let N = DeviceNetworkEvents | project-rename CommandLine = InitiatingProcessCommandLine;
let E = union P, N;
";

fn main() -> Result<()> {
    let log = bench::log_file(1)?;
    let pairs: Json = serde_json::from_str(include_str!("pairs.json"))?;
    let theirs = duckdb(&log)?;
    let mut session = Session::new();
    session.load("generated.csv", &std::fs::read(&log)?, Options::default());
    let rows = session.tables().tables().iter().map(event_table::Table::len).sum::<usize>();
    match &theirs {
        Some(theirs) => {
            println!("{rows} rows, beside DuckDB {} on one thread", theirs["version"].as_str().unwrap_or("?"))
        }
        None => println!("{rows} rows; no DuckDB: EXFIL_DUCKDB_PYTHON names no Python that has it"),
    }
    println!("{:<45}{:>10}{:>10}{:>8}", "ms, least of several runs", "ours", "DuckDB", "ratio");
    let mut slow = Vec::new();
    for (index, pair) in pairs.as_array().into_iter().flatten().enumerate() {
        let text = |key: &str| pair[key].as_str().with_context(|| format!("a pair without {key}"));
        let (name, query) = (text("name")?, format!("{TABLES}{}", text("kql")?));
        let (ours, row) = best(&query, session.tables()).with_context(|| name.to_owned())?;
        let Some(theirs) = theirs.as_ref().map(|theirs| &theirs["results"][index]) else {
            println!("{name:<45}{ours:>10.1}");
            continue;
        };
        let same = theirs["row"].as_array().into_iter().flatten().map(shown).collect::<Vec<_>>();
        ensure!(row == same, "{name}: we give {row:?}, DuckDB gives {same:?}");
        let milliseconds = theirs["milliseconds"].as_f64().context("no time")?;
        println!("{name:<45}{ours:>10.1}{milliseconds:>10.1}{:>8.2}", ours / milliseconds);
        if ours > 2.0 * milliseconds {
            slow.push(name.to_owned());
        }
    }
    if !slow.is_empty() {
        bail!("more than twice DuckDB's time: {}", slow.join(", "));
    }
    Ok(())
}

/// What `measure.py` says; `None` without a Python that has DuckDB.
fn duckdb(log: &Path) -> Result<Option<Json>> {
    let Some(python) = std::env::var_os("EXFIL_DUCKDB_PYTHON") else { return Ok(None) };
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/duckdb");
    let said = Command::new(python).arg(here.join("measure.py")).arg(log).arg(here.join("pairs.json")).output()?;
    ensure!(said.status.success(), "measure.py: {}", String::from_utf8_lossy(&said.stderr));
    Ok(Some(serde_json::from_slice(&said.stdout)?))
}

/// The least milliseconds of several runs with nothing kept, and the one row that comes out.
fn best(query: &str, tables: &TableSet) -> Result<(f64, Vec<String>)> {
    let mut least = f64::INFINITY;
    let mut row = Vec::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        let resolution = resolve(&parse(query).document(), tables, DateTime::MIN);
        let plan = resolution.plan.with_context(|| format!("{:?}", resolution.diagnostics))?;
        let outcome = Runner::new().run_now(&plan, tables, DateTime::MIN);
        let outcome = outcome.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        least = least.min(started.elapsed().as_secs_f64() * 1000.0);
        row = first_row(&outcome.relation);
    }
    Ok((least, row))
}

fn first_row(relation: &Relation) -> Vec<String> {
    (0..relation.columns().len())
        .map(|column| match relation.value(0, column) {
            // DuckDB's instants have microseconds.
            Value::DateTime(t) => DateTime::from_ticks(t.ticks() / 10 * 10).unwrap_or(t).to_string(),
            value => value.to_string(),
        })
        .collect()
}

/// A value of DuckDB's as we show it: its instants lack the last digit and the zone.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) if text.contains('.') => format!("{text}0Z"),
        Json::String(text) => format!("{text}.0000000Z"),
        other => other.to_string(),
    }
}
