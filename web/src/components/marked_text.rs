//! A text with what matched in it marked in place.

use std::collections::BTreeSet;
use std::ops::Range;

use yew::prelude::*;

use super::visible::visible;
use crate::format::{counted, grouped};

/// A literal where it stands in a text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where.
    pub range: Range<usize>,
    /// The literal.
    pub literal: String,
    /// Whether it counts.
    pub kind: FoundKind,
}

/// Whether a literal that was found counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundKind {
    /// It does.
    Match,
    /// It does not: it is part of a longer term.
    Swallowed,
}

/// A run of a text, and the literals that stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Where.
    pub range: Range<usize>,
    /// The literals that cover it; none for plain text.
    pub literals: Vec<(FoundKind, String)>,
}

/// Cuts a text at the ends of everything that was found. What does not fit the text is left out.
pub fn segments(text: &str, found: &[Found]) -> Vec<Segment> {
    let fits = |found: &&Found| found.range.start < found.range.end && text.get(found.range.clone()).is_some();
    let found: Vec<&Found> = found.iter().filter(fits).collect();
    let mut cuts: BTreeSet<usize> = [0, text.len()].into();
    cuts.extend(found.iter().flat_map(|found| [found.range.start, found.range.end]));
    let cuts: Vec<usize> = cuts.into_iter().collect();
    let segment = |ends: &[usize]| {
        let range = ends[0]..ends[1];
        let mut literals: Vec<(FoundKind, String)> = found
            .iter()
            .filter(|found| found.range.start <= range.start && range.end <= found.range.end)
            .map(|found| (found.kind, found.literal.clone()))
            .collect();
        literals.sort();
        literals.dedup();
        Segment { range, literals }
    };
    let mut segments: Vec<Segment> = Vec::new();
    for next in cuts.windows(2).map(segment) {
        match segments.last_mut() {
            Some(last) if last.literals == next.literals => last.range.end = next.range.end,
            _ => segments.push(next),
        }
    }
    segments
}

/// Longer texts are shown up to here at first, in bytes.
const LONG: usize = 4_000;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct MarkedTextProps {
    /// The text.
    pub text: AttrValue,
    /// What was found in it.
    #[prop_or_default]
    pub found: Vec<Found>,
}

/// A text with what matched in it marked in place.
#[component]
pub fn MarkedText(props: &MarkedTextProps) -> Html {
    let is_whole = use_state_eq(|| false);
    let text = &props.text;
    let first = props.found.iter().map(|found| found.range.end).min().unwrap_or(0);
    let shown =
        if *is_whole || text.len() <= LONG { text.len() } else { text.floor_char_boundary(LONG.max(first + 200)) };
    let show_all = {
        let is_whole = is_whole.clone();
        Callback::from(move |_: MouseEvent| is_whole.set(true))
    };
    let segment = |segment: Segment| {
        let end = segment.range.end.min(shown);
        if segment.range.start >= end {
            return html! {};
        }
        let part = visible(&text[segment.range.start..text.floor_char_boundary(end)]);
        let names: Vec<&str> = segment.literals.iter().map(|(_, literal)| literal.as_str()).collect();
        match segment.literals.first() {
            None => part,
            Some((FoundKind::Match, _)) => html! { <mark title={names.join(", ")}>{ part }</mark> },
            Some((FoundKind::Swallowed, _)) => {
                html! { <span class="swallowed" title={format!("{}: part of a longer term", names.join(", "))}>{ part }</span> }
            }
        }
    };
    html! {
        <>
            <pre class="text">{ for segments(text, &props.found).into_iter().map(segment) }</pre>
            if shown < text.len() {
                <button class="quiet" onclick={show_all}>
                    { format!("Show all {} ({} more)", counted(text.len(), "byte"), grouped((text.len() - shown) as u64)) }
                </button>
            }
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(range: Range<usize>, literal: &str, kind: FoundKind) -> Found {
        Found { range, literal: literal.to_owned(), kind }
    }

    /// Each run with the literals over it: `api.[github.com]`.
    fn shown(text: &str, found: &[Found]) -> String {
        let show = |segment: &Segment| {
            let part = &text[segment.range.clone()];
            let names: Vec<&str> = segment.literals.iter().map(|(_, literal)| literal.as_str()).collect();
            if names.is_empty() { part.to_owned() } else { format!("[{part}:{}]", names.join("+")) }
        };
        segments(text, found).iter().map(show).collect()
    }

    #[test]
    fn what_was_found_is_marked_where_it_stands() {
        use FoundKind::{Match, Swallowed};
        let text = "to api.github.com/é";
        for (all, expected) in [
            (vec![], "to api.github.com/é"),
            (vec![found(0..2, "to", Match)], "[to:to] api.github.com/é"),
            (
                vec![found(7..17, "github.com", Match), found(3..17, "api.github.com", Match)],
                "to [api.:api.github.com][github.com:api.github.com+github.com]/é",
            ),
            (vec![found(7..17, "g", Match), found(7..17, "g", Match)], "to api.[github.com:g]/é"),
            (vec![found(3..6, "x", Swallowed), found(6..7, "y", Match)], "to [api:x][.:y]github.com/é"),
            // Beyond the text, inside a character, empty.
            (
                vec![found(18..99, "x", Match), found(18..19, "x", Match), found(4..4, "x", Match)],
                "to api.github.com/é",
            ),
        ] {
            assert_eq!(shown(text, &all), expected);
        }
        assert_eq!(segments("", &[]), []);
    }
}
