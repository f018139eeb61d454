//! Sentences on parts of the language, read from text files of lines such as `name: sentence`.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static DESCRIPTIONS: LazyLock<FxHashMap<&'static str, &'static str>> =
    LazyLock::new(|| entries(include_str!("descriptions.txt")).collect());

/// Names and sentences; a line without a colon is not one.
fn entries(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(": "))
}

/// The sentence on a function or aggregate by its current name; empty when there is none.
pub(super) fn description(name: &str) -> &'static str {
    DESCRIPTIONS.get(name).copied().unwrap_or_default()
}

/// What the language has and does not run here, by name or by the beginning of names with a star, with what to use
/// instead.
pub fn refusals() -> impl Iterator<Item = (&'static str, &'static str)> {
    entries(include_str!("refused.txt"))
}

/// What holds here where Kusto's documentation is silent: what it is about, and what was chosen.
pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
    entries(include_str!("choices.txt"))
}

/// Examples of the documentation that come out otherwise here: the page, and the reason.
pub fn differing_examples() -> impl Iterator<Item = (&'static str, &'static str)> {
    entries(include_str!("examples.txt"))
}

/// What to use instead of a construct that does not run here, or why there is nothing; `None` for one that is not
/// among [`refusals`].
#[must_use]
pub fn instead(name: &str) -> Option<&'static str> {
    let stands_for = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    refusals().find(|(pattern, _)| stands_for(pattern)).map(|(_, instead)| instead)
}

/// What to use instead of a function that is not of the language: Defender XDR has it beside (`advanced-hunting-*-function`)
/// or a workspace of Sentinel (`watchlists-queries`, `normalization-about-parsers`).
pub(crate) fn of_a_service(name: &str) -> Option<&'static str> {
    const FUNCTIONS: [&str; 3] = ["AssignedIPAddresses", "DeviceFromIP", "SeenBy"];
    const BEGINNINGS: [&str; 3] = ["_ASim_", "_GetWatchlist", "_Im_"];
    let is_one = FUNCTIONS.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    if is_one { instead(name) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::{FunctionKind, all, find, runs};
    use super::*;

    #[test]
    fn every_function_that_runs_has_a_sentence() {
        let missing: Vec<_> = all()
            .iter()
            .filter(|f| f.replaced_by.is_none() && runs(f) && description(f.name).is_empty())
            .map(|f| f.name)
            .collect();
        assert!(missing.is_empty(), "without a sentence: {missing:?}");
    }

    #[test]
    fn every_function_that_does_not_run_has_something_instead_of_it() {
        let missing: Vec<_> = all()
            .iter()
            .filter(|f| !runs(f) && instead(f.replaced_by.unwrap_or(f.name)).is_none())
            .map(|f| f.name)
            .collect();
        assert!(missing.is_empty(), "refused without a word: {missing:?}");
    }

    #[test]
    fn every_line_is_a_name_and_a_sentence_in_order() {
        let lines = |text: &'static str| text.lines().filter(|line| !line.starts_with('#'));
        for (text, longest) in [
            (include_str!("descriptions.txt"), 120),
            (include_str!("refused.txt"), 160),
            (include_str!("choices.txt"), 250),
            (include_str!("examples.txt"), 160),
        ] {
            assert_eq!(lines(text).count(), entries(text).count());
            for (name, sentence) in entries(text) {
                assert!(sentence.ends_with('.') && sentence.len() < longest, "{name}: {sentence}");
            }
        }
        for text in [include_str!("descriptions.txt"), include_str!("refused.txt"), include_str!("examples.txt")] {
            let names: Vec<_> = entries(text).map(|(name, _)| name).collect();
            assert!(names.is_sorted_by(|a, b| a < b), "the names are in alphabetical order, each once");
        }
    }

    #[test]
    fn every_description_is_of_a_function_that_runs() {
        for (name, _) in entries(include_str!("descriptions.txt")) {
            let known = [FunctionKind::Scalar, FunctionKind::Aggregate].into_iter().filter_map(|kind| find(name, kind));
            assert!(known.into_iter().any(runs), "{name} does not run");
        }
    }
}
