//! The benchmarks, native and in the browser.

use anyhow::Result;
use std::path::PathBuf;

use crate::process::Program;
use crate::steps::Steps;
use crate::workspace::Workspace;
use crate::{machine, page, tools};

/// The benchmarks that run in Chromium against the built page.
const IN_BROWSER: [&str; 2] = ["browser", "formats"];

/// The benchmark beside DuckDB, which needs it.
const BESIDE_DUCKDB: &str = "duckdb";

/// Names the Python that has DuckDB for that benchmark.
const DUCKDB_VARIABLE: &str = "EXFIL_DUCKDB_PYTHON";

/// Runs the benchmark of the name `filter`, or the measurements of all whose name contains it.
pub(crate) fn run(steps: &mut Steps, workspace: &Workspace, filter: Option<&str>) -> Result<()> {
    let members = workspace.members();
    let named = filter.filter(|filter| members.iter().any(|member| member.benches.iter().any(|b| b == filter)));
    for member in &members {
        for bench in &member.benches {
            if named.is_some_and(|named| named != bench) {
                continue;
            }
            if IN_BROWSER.contains(&&**bench) {
                machine::prepare_for_browser(steps)?;
                page::build(steps, workspace)?;
            }
            let duckdb = if bench == BESIDE_DUCKDB { duckdb_or_why_not(steps) } else { None };
            steps.run(&format!("bench {} of {}", bench, member.name), || {
                let mut command = Program::cargo().args(["bench", "--locked", "-p", &member.name, "--bench", bench]);
                command = command.env(page::FOLDER_VARIABLE, workspace.dist());
                if let Some(python) = &duckdb {
                    command = command.env(DUCKDB_VARIABLE, python);
                }
                command.arg("--").args(filter.filter(|_| named.is_none())).run()
            })?;
        }
    }
    Ok(())
}

/// A Python that has DuckDB; without one the benchmark tells our own times alone.
fn duckdb_or_why_not(steps: &mut Steps) -> Option<PathBuf> {
    match tools::duckdb_python(steps) {
        Ok(python) => Some(python),
        Err(reason) => {
            steps.note(&format!("DuckDB is not measured: {reason:#}"));
            None
        }
    }
}
