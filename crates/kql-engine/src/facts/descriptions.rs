//! What functions and aggregates are for, read from `descriptions.txt`.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static DESCRIPTIONS: LazyLock<FxHashMap<&'static str, &'static str>> =
    LazyLock::new(|| lines().filter_map(|line| line.split_once(": ")).collect());

fn lines() -> impl Iterator<Item = &'static str> {
    include_str!("descriptions.txt").lines().filter(|line| !line.starts_with('#'))
}

/// The sentence on a function or aggregate by its current name; empty when there is none.
pub(super) fn of(name: &str) -> &'static str {
    DESCRIPTIONS.get(name).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{FunctionKind, all, find, runs};
    use super::*;

    #[test]
    fn every_function_that_runs_has_a_sentence() {
        let missing: Vec<_> = all()
            .iter()
            .filter(|f| f.replaced_by.is_none() && runs(f) && of(f.name).is_empty())
            .map(|f| f.name)
            .collect();
        assert!(missing.is_empty(), "without a sentence: {missing:?}");
    }

    #[test]
    fn every_sentence_is_on_a_function_that_runs() {
        let names: Vec<_> = lines().map(|line| line.split_once(": ").unwrap_or_else(|| panic!("{line}")).0).collect();
        assert!(names.is_sorted(), "the names are in alphabetical order");
        assert_eq!(names.len(), DESCRIPTIONS.len(), "a name comes twice");
        for name in names {
            let known = [FunctionKind::Scalar, FunctionKind::Aggregate].into_iter().filter_map(|kind| find(name, kind));
            assert!(known.into_iter().any(runs), "{name} does not run");
            let sentence = of(name);
            assert!(sentence.ends_with('.') && sentence.len() < 120, "{name}: {sentence}");
        }
    }
}
