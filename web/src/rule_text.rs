//! What stands in a query's text, read out of it on every change: the literals that the Lists view shows, the signals
//! that they belong to, the colours of the KQL view. The text stays the only copy of the rule.

use std::collections::HashMap;

use kql_syntax::edit::{EditError, add_item, apply};
use kql_syntax::literals::{Literal, LiteralValue, Scalar, literals};
use kql_syntax::{HighlightClass, Span, highlight, parse, signals};

use crate::editor::Highlight;

/// What stands in a query's text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RuleText {
    /// The literals, by position.
    pub entries: Vec<Entry>,
    /// The names of the signals, as far as the text tells.
    pub signals: Vec<String>,
    /// The colours.
    pub highlights: Vec<Highlight>,
}

/// A literal with what it is compared with.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The literal.
    pub literal: Literal,
    /// What it is compared with, each once.
    pub uses: Vec<Comparison>,
}

/// What a literal is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// What stands on the other side, on one line.
    pub subject: String,
    /// The operator.
    pub operator: String,
    /// The signals, by position, in which it is so; empty where it is so in all, or in none of them.
    pub signals: Vec<usize>,
}

impl Entry {
    /// What to call it: its `let` name, else the comparison that it stands in.
    pub fn title(&self) -> String {
        let comparison = || self.uses.first().map(|used| format!("{} {}", used.subject, used.operator));
        self.literal.name.clone().or_else(comparison).unwrap_or_else(|| "value".to_owned())
    }

    /// Whether it counts bytes, as far as the names tell.
    pub fn counts_bytes(&self) -> bool {
        let names = self.uses.iter().map(|used| used.subject.as_str()).chain(self.literal.name.as_deref());
        names.map(str::to_ascii_lowercase).any(|name| name.contains("byte"))
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self.literal.value, LiteralValue::List { .. })
    }
}

impl RuleText {
    /// Reads a text; any text will do.
    pub fn read(text: &str) -> RuleText {
        let parsed = parse(text);
        let signals = signals(&parsed.document(), text);
        let lets: HashMap<&str, usize> = signals
            .iter()
            .enumerate()
            .filter_map(|(position, signal)| Some((&*signal.name.as_ref()?.text, position)))
            .collect();
        let only = (signals.len() == 1).then_some(0);
        let entries = literals(&parsed).into_iter().map(|literal| {
            let mut uses: Vec<Comparison> = Vec::new();
            for used in &literal.uses {
                let signal = used.within.as_deref().map_or(only, |name| lets.get(name).copied().or(only));
                let subject = used.subject.split_whitespace().collect::<Vec<_>>().join(" ");
                match uses.iter_mut().find(|known| known.subject == subject && known.operator == used.operator) {
                    Some(known) => known.signals.extend(signal.filter(|signal| !known.signals.contains(signal))),
                    None => {
                        let signals = signal.into_iter().collect();
                        uses.push(Comparison { subject, operator: used.operator.clone(), signals });
                    }
                }
            }
            Entry { literal, uses }
        });
        let highlights = highlight(&parsed.syntax()).into_iter().map(|found| Highlight {
            from: found.span.start as usize,
            to: found.span.end as usize,
            class: class_name(found.class),
        });
        RuleText {
            entries: entries.collect(),
            signals: signals.iter().map(|signal| signal.title.clone()).collect(),
            highlights: highlights.collect(),
        }
    }
}

/// The text with values put behind the last item of a list, one after the other.
///
/// # Errors
/// When a value cannot stand in the list.
pub fn with_items(text: &str, list: Span, values: &[Scalar]) -> Result<String, EditError> {
    let mut text = text.to_owned();
    let mut list = list;
    for value in values {
        let edits = add_item(&parse(&text), list, value)?;
        let length = text.len();
        text = apply(&text, &edits)?;
        // All edits are inside the list: it has grown by what the text has.
        list.end = list.end + text.len() as u32 - length as u32;
    }
    Ok(text)
}

/// What a user typed, as a value like those that a list has: text, unless all of them are numbers and this is one.
pub fn like_items(typed: &str, items: &[kql_syntax::literals::Item]) -> Scalar {
    let are_numbers = !items.is_empty() && items.iter().all(|item| matches!(item.value, Scalar::Number(_)));
    if are_numbers && typed.parse::<f64>().is_ok() {
        Scalar::Number(typed.to_owned())
    } else {
        Scalar::String(typed.to_owned())
    }
}

/// A value as a user reads it, without quotes.
pub fn scalar_text(value: &Scalar) -> &str {
    match value {
        Scalar::Number(text)
        | Scalar::TimeSpan(text)
        | Scalar::String(text)
        | Scalar::DateTime(text)
        | Scalar::Bool(text)
        | Scalar::Guid(text) => text,
    }
}

/// A value of the same form with another text.
pub fn with_text(value: &Scalar, text: String) -> Scalar {
    match value {
        Scalar::Number(_) => Scalar::Number(text),
        Scalar::TimeSpan(_) => Scalar::TimeSpan(text),
        Scalar::String(_) => Scalar::String(text),
        Scalar::DateTime(_) => Scalar::DateTime(text),
        Scalar::Bool(_) => Scalar::Bool(text),
        Scalar::Guid(_) => Scalar::Guid(text),
    }
}

/// The class by which the styles know it, behind `kql-`.
fn class_name(class: HighlightClass) -> &'static str {
    match class {
        HighlightClass::Keyword => "keyword",
        HighlightClass::Operator => "operator",
        HighlightClass::Function => "function",
        HighlightClass::Name => "name",
        HighlightClass::Column => "column",
        HighlightClass::String => "string",
        HighlightClass::Number => "number",
        HighlightClass::Time => "time",
        HighlightClass::Comment => "comment",
        HighlightClass::Punctuation => "punctuation",
        HighlightClass::Type => "type",
        HighlightClass::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uses(entry: &Entry) -> Vec<(&str, &str, &[usize])> {
        entry.uses.iter().map(|used| (&*used.subject, &*used.operator, &*used.signals)).collect()
    }

    #[test]
    fn the_shipped_rule_shows_each_of_its_literals_with_the_signals_that_use_it() {
        let read = RuleText::read(detection::rule::TEXT);
        assert_eq!(read.signals, ["NetworkSignal", "GitPushSignal", "ApiUploadSignal"]);
        let titles: Vec<String> = read.entries.iter().map(Entry::title).collect();
        assert_eq!(
            titles,
            [
                "LookBack",
                "UploadThreshold",
                "CodeRepoDomains",
                "TransferTools",
                "ApiClients",
                "ApiHosts",
                "ApiUploadMarkers",
                "FileName =~",
                "FileName =~",
                "ProcessCommandLine has"
            ]
        );
        assert_eq!(uses(&read.entries[0]), [("Timestamp", ">", [0, 1, 2].as_slice())]);
        assert_eq!(
            uses(&read.entries[2]),
            [("RemoteUrl", "has_any", [0].as_slice()), ("ProcessCommandLine", "has_any", [1].as_slice())]
        );
        assert!(read.entries[1].counts_bytes() && !read.entries[0].counts_bytes());
    }

    #[test]
    fn a_query_without_union_is_one_signal_and_literals_outside_signals_belong_to_none() {
        let read = RuleText::read("T | where x == 1");
        assert_eq!((read.signals.len(), uses(&read.entries[0])), (1, vec![("x", "==", [0].as_slice())]));
        let read = RuleText::read("let A = T; let B = U; union A, B | where x == 1");
        assert_eq!(uses(&read.entries[0]), [("x", "==", [].as_slice())]);
    }

    #[test]
    fn several_items_are_added_in_one_text() {
        let text = "let L = dynamic([]); T | where x in (L)";
        let list = RuleText::read(text).entries[0].literal.span;
        let values = ["a", "it's"].map(|value| Scalar::String(value.to_owned()));
        assert_eq!(with_items(text, list, &values).unwrap(), r#"let L = dynamic(["a", "it's"]); T | where x in (L)"#);
    }

    #[test]
    fn what_is_typed_becomes_a_number_only_among_numbers() {
        let items = |text: &str| match &RuleText::read(text).entries[0].literal.value {
            LiteralValue::List { items, .. } => items.clone(),
            LiteralValue::Scalar(_) => panic!("a list"),
        };
        let (numbers, mixed) = (items("T | where x in (1, 2)"), items("T | where x in (1, 'a')"));
        assert_eq!(like_items("3", &numbers), Scalar::Number("3".into()));
        assert_eq!(like_items("three", &numbers), Scalar::String("three".into()));
        assert_eq!(like_items("3", &mixed), Scalar::String("3".into()));
        assert_eq!(like_items("3", &[]), Scalar::String("3".into()));
    }

    #[test]
    fn colours_cover_words_and_leave_blanks() {
        let read = RuleText::read("T | where x has 'é'");
        let strings: Vec<(usize, usize)> =
            read.highlights.iter().filter(|h| h.class == "string").map(|h| (h.from, h.to)).collect();
        assert_eq!(strings, [(16, 20)]);
    }
}
