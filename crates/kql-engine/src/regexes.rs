//! Regular expressions in RE2 syntax, compiled once.

use regex::{Regex, RegexBuilder};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Bytes that a compiled expression may take, against patterns made to exhaust memory.
const SIZE_LIMIT: usize = 4 << 20;
/// Patterns kept; a query that makes more of them from its rows starts over.
const KEPT: usize = 256;

thread_local! {
    static COMPILED: RefCell<FxHashMap<String, Option<Regex>>> = RefCell::default();
}

/// Compiles a pattern. An error says where the pattern is wrong, or that it is too large.
///
/// Source: Kusto documentation, `regex`: RE2 syntax, case-sensitive unless `(?i)` says otherwise.
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).size_limit(SIZE_LIMIT).build()
}

/// Runs something with a compiled pattern, kept for the next time; `None` when the pattern is wrong.
pub(crate) fn with<T>(pattern: &str, run: impl FnOnce(&Regex) -> T) -> Option<T> {
    let found = COMPILED.with_borrow(|kept| kept.get(pattern).cloned());
    let regex = found.unwrap_or_else(|| {
        let regex = compile(pattern).ok();
        COMPILED.with_borrow_mut(|kept| {
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(pattern.to_owned(), regex.clone());
        });
        regex
    });
    regex.as_ref().map(run)
}
