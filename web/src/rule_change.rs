//! What an edit of the rule changed, in words.

use std::collections::HashMap;

use kql_syntax::literals::LiteralValue;

use crate::rule_text::{Entry, RuleText, scalar_text};

/// As many changes are told; the others are counted.
const TOLD: usize = 3;

/// What became of a text, in words; none when nothing did.
pub fn change_in_words(old: &str, new: &str) -> Option<String> {
    if old == new {
        return None;
    }
    let (read_old, read_new) = (RuleText::read(old), RuleText::read(new));
    let (before, after) = (named(&read_old), named(&read_new));
    let mut changes = Vec::new();
    for (name, old) in &before {
        let Some((_, new)) = after.iter().find(|(known, _)| known == name) else { continue };
        match (&old.literal.value, &new.literal.value) {
            (LiteralValue::Scalar(old), LiteralValue::Scalar(new)) if old != new => {
                changes.push(format!("{} went from {} to {}", name.0, scalar_text(old), scalar_text(new)));
            }
            (LiteralValue::List { items: old, .. }, LiteralValue::List { items: new, .. }) => {
                let only = |some: &[kql_syntax::literals::Item], others: &[kql_syntax::literals::Item]| {
                    let missing = some.iter().filter(|item| !others.iter().any(|other| other.value == item.value));
                    missing.map(|item| format!("'{}'", scalar_text(&item.value))).collect::<Vec<_>>()
                };
                for (items, verb) in [(only(old, new), "was taken out of"), (only(new, old), "was added to")] {
                    let verb = if items.len() > 1 { verb.replacen("was", "were", 1) } else { verb.to_owned() };
                    if !items.is_empty() {
                        changes.push(format!("{} {verb} {}", crate::words::list(&items), name.0));
                    }
                }
            }
            _ => {}
        }
    }
    if changes.is_empty() {
        let line = old.lines().zip(new.lines()).take_while(|(old, new)| old == new).count() + 1;
        return Some(format!("line {line} was changed"));
    }
    let rest = changes.len().saturating_sub(TOLD);
    changes.truncate(TOLD);
    let more = match rest {
        0 => String::new(),
        1 => ", and 1 more change".to_owned(),
        rest => format!(", and {rest} more changes"),
    };
    Some(format!("{}{more}", changes.join(", ")))
}

/// Literals by their names; several of the same name are told apart by their order.
fn named(read: &RuleText) -> Vec<((String, usize), &Entry)> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let name = |entry| {
        let title = Entry::title(entry);
        let count = seen.entry(title.clone()).or_default();
        *count += 1;
        ((title, *count), entry)
    };
    read.entries.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_told_by_the_literals_that_they_change() {
        let old =
            "let L = dynamic(['a', 'b', 'c']);\nlet N = 5;\nT | where x in (L) and y > N and z == 'q' and z == 'r'";
        for (edit, words) in [
            (("'b', ", ""), "'b' was taken out of L"),
            (("['a', 'b', 'c']", "[]"), "'a', 'b' and 'c' were taken out of L"),
            (("'c'", "'c', 'd'"), "'d' was added to L"),
            (("'b'", "'e'"), "'b' was taken out of L, 'e' was added to L"),
            (("= 5", "= 50"), "N went from 5 to 50"),
            (("'r'", "'s'"), "z == went from r to s"),
            (("T |", "U |"), "line 3 was changed"),
        ] {
            let new = old.replacen(edit.0, edit.1, 1);
            assert_eq!(change_in_words(old, &new).as_deref(), Some(words));
        }
        assert_eq!(change_in_words(old, old), None);
    }

    #[test]
    fn many_changes_are_counted() {
        let old = "T | where a == 1 and b == 1 and c == 1 and d == 1 and e == 1";
        let new = old.replace('1', "2");
        let words = change_in_words(old, &new).unwrap();
        assert_eq!(words, "a == went from 1 to 2, b == went from 1 to 2, c == went from 1 to 2, and 2 more changes");
    }
}
