//! The system without its page: the engine against Microsoft's analyzer, the rule against an independent reading of
//! it, exports and cases against what takes them, the samples against their labels, whole queries against results that
//! were checked by hand.

mod analyzer;
mod cases;
mod exports;
mod golden;
mod reference;
mod samples;
mod schema;
mod sysmon;
mod tuning;

use std::path::PathBuf;

/// The workspace's root.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A fresh path for a file that a test writes.
fn scratch(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{name}", std::process::id()))
}

/// An instant for tests in which the wall clock must play no part.
fn wall() -> event_table::DateTime {
    event_table::DateTime::from_date(2030, 1, 1).expect("a date of the calendar")
}
