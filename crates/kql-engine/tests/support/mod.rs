//! Random tables, and random queries over them as text.

pub mod plain;
pub mod queries;
pub mod tables;

use event_table::{DateTime, TableSet};
use kql_engine::plan::Plan;
use kql_engine::resolve::resolve;
use proptest::prelude::TestCaseError;

/// What `now()` is.
pub fn now() -> DateTime {
    DateTime::from_date(2026, 10, 13).unwrap()
}

/// The plan of a query that must be right.
pub fn plan(text: &str, tables: &TableSet, now: DateTime) -> Result<Plan, TestCaseError> {
    let parsed = kql_syntax::parse(text);
    let resolution = resolve(&parsed.document(), tables, now);
    let found = parsed.diagnostics().iter().chain(&resolution.diagnostics);
    let found: Vec<_> = found.map(|d| format!("{} at {:?}: {}", d.code, d.span.of(text), d.message)).collect();
    resolution.plan.ok_or_else(|| TestCaseError::fail(format!("{text}\n{found:#?}")))
}
