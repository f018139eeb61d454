//! An edit that is offered: what it does, what it would catch, and the button that makes it.

use std::rc::Rc;

use detection::{Comparison, Label, Suggestion};
use event_table::RowRef;
use kql_syntax::edit::apply;
use web_sys::MouseEvent;
use yew::prelude::*;

use super::asked::use_answer;
use super::compared_rows::{ComparedRows, Which};
use crate::dispatch::{NewText, TextChange, use_dispatch};
use crate::dom::focus;
use crate::editor::Version;
use crate::format::counted;
use crate::protocol::{CompareRequest, ComparedAnswer, Request, Response, Side};
use crate::state::Action;

/// What was applied last, for those who offer edits.
pub struct Applied {
    /// Something was: the focus goes to the place of the offers, whose button is gone.
    pub on_applied: Callback<AttrValue>,
    /// What it was, with the way back, as long as nothing else has changed.
    pub undo: Html,
}

/// What was applied last, from the offers in an element, to a text of a version.
#[hook]
pub fn use_applied(node: &NodeRef, version: Version) -> Applied {
    let dispatch = use_dispatch();
    let applied = use_state_eq(|| None::<(AttrValue, Version)>);
    let undo = applied.as_ref().filter(|(_, before)| *before + 1 == version).map(|(words, _)| {
        html! {
            <div class="row applied">
                <span><span class="ok" aria-hidden="true">{ "✓ " }</span>{ words.clone() }</span>
                <button onclick={dispatch.on(Action::Undo)}>{ "Undo" }</button>
            </div>
        }
    });
    let on_applied = {
        let node = node.clone();
        Callback::from(move |words: AttrValue| {
            applied.set(Some((words, version)));
            focus(&node);
        })
    };
    Applied { on_applied, undo: undo.unwrap_or_default() }
}

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct SuggestionItemProps {
    /// The edit.
    pub suggestion: Suggestion,
    /// The text that it is for.
    pub text: AttrValue,
    /// The rows that it is for, where all of them are known.
    pub of: Option<Vec<RowRef>>,
    /// Whether the text on screen is still the one that it is for.
    pub is_current: bool,
    /// It was made.
    pub on_applied: Callback<AttrValue>,
}

/// An edit that is offered, with its preview.
#[component]
pub fn SuggestionItem(props: &SuggestionItemProps) -> Html {
    let dispatch = use_dispatch();
    let is_shown = use_state_eq(|| false);
    let edits = &props.suggestion.edits;
    let edited = if props.is_current { apply(&props.text, edits).ok() } else { None };
    let asked = use_answer(edited.clone(), |edited| {
        let text = edited.clone()?;
        Some(Request::Compare(CompareRequest { text, role: Side::Newer }))
    });
    let answer = match asked.response.as_deref() {
        Some(Response::Compared(answer)) => Some(answer),
        _ => None,
    };
    let make = {
        let (change_text, on_applied) = (dispatch.change_text.clone(), props.on_applied.clone());
        let (edits, words) = (Rc::new(edits.clone()), AttrValue::from(props.suggestion.words.clone()));
        let (of, can) = (props.text.clone(), edited.is_some());
        Callback::from(move |_: MouseEvent| {
            if can {
                change_text.emit(TextChange { of: of.clone(), to: NewText::Edits(Rc::clone(&edits)) });
                on_applied.emit(words.clone());
            }
        })
    };
    let toggle = {
        let is_shown = is_shown.clone();
        Callback::from(move |_: MouseEvent| is_shown.set(!*is_shown))
    };
    html! {
        <li class="suggestion">
            <div class="row">
                <button onclick={make} aria-disabled={edited.is_none().to_string()} aria-label={format!("Apply: {}", props.suggestion.words)}>{ "Apply" }</button>
                <span class="suggestion-words">{ &props.suggestion.words }</span>
                { answer.map(|answer| effect(answer, props.of.as_deref())) }
                if answer.is_some_and(|answer| answer.comparison.totals.gained + answer.comparison.totals.lost > 0) {
                    <button class="quiet" onclick={toggle} aria-expanded={is_shown.to_string()}>{ if *is_shown { "Hide them" } else { "Show them" } }</button>
                }
            </div>
            if let Some(answer) = answer.filter(|_| *is_shown) {
                <ComparedRows answer={Rc::new(ComparedAnswer::clone(answer))} which={Which::Gained} />
                <ComparedRows answer={Rc::new(ComparedAnswer::clone(answer))} which={Which::Lost} />
            }
        </li>
    }
}

/// What an edit does, in figures and words.
pub fn effect(answer: &ComparedAnswer, of: Option<&[RowRef]>) -> Html {
    let comparison = &answer.comparison;
    let totals = comparison.totals;
    if let Some(finding) = comparison.findings.iter().find(|f| f.severity == kql_syntax::Severity::Error) {
        return html! { <span class="bad">{ &finding.message }</span> };
    }
    html! {
        <span class="effect">
            if totals.gained > 0 || totals.lost == 0 {
                <span class="change more">{ format!("+{}", counted(totals.gained, "alert")) }</span>
            }
            if totals.lost > 0 { <span class="change less">{ format!("−{}", counted(totals.lost, "alert")) }</span> }
            <span class="soft">{ words(comparison, of, &answer.labels) }</span>
        </span>
    }
}

/// What else an edit catches, and what is known of it.
fn words(comparison: &Comparison, of: Option<&[RowRef]>, labels: &[(RowRef, Label)]) -> String {
    let mut parts = Vec::new();
    let told = comparison.gained.len() == comparison.totals.gained;
    if let Some(of) = of.filter(|_| told && comparison.totals.gained > 0) {
        let others = comparison.gained.iter().filter(|row| row.record.is_none_or(|row| !of.contains(&row))).count();
        parts.push(match others {
            0 => "nothing else".to_owned(),
            1 => "1 of them another row".to_owned(),
            others => format!("{others} of them other rows"),
        });
    }
    let labelled = |label: Label| labels.iter().filter(|(_, l)| *l == label).count();
    for (count, word) in [(labelled(Label::Malicious), "attack"), (labelled(Label::Benign), "harmless")] {
        if count > 0 {
            parts.push(format!("{count} labelled {word}"));
        }
    }
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use detection::{ComparedRow, Totals, ViewRow};

    fn row(row: u32) -> RowRef {
        RowRef { table: 0, row }
    }

    fn gained(rows: &[u32]) -> Comparison {
        let compared = |at: &u32| ComparedRow {
            signal: "S".into(),
            record: Some(row(*at)),
            row: ViewRow { row: *at as usize, cells: Vec::new(), signal: None },
        };
        let totals = Totals { gained: rows.len(), lost: 0, kept: 3 };
        Comparison { gained: rows.iter().map(compared).collect(), totals, ..Comparison::default() }
    }

    #[test]
    fn what_else_an_edit_catches_is_said_and_what_is_known_of_it() {
        let of = [row(1), row(2)];
        for (comparison, of, labels, said) in [
            (gained(&[1, 2]), Some(&of[..]), vec![], "nothing else"),
            (gained(&[1, 2, 7]), Some(&of[..]), vec![], "1 of them another row"),
            (
                gained(&[7, 8]),
                Some(&of[..]),
                vec![(row(7), Label::Benign)],
                "2 of them other rows, 1 labelled harmless",
            ),
            (gained(&[1]), None, vec![(row(1), Label::Malicious)], "1 labelled attack"),
            (gained(&[]), Some(&of[..]), vec![], ""),
        ] {
            assert_eq!(words(&comparison, of, &labels), said);
        }
    }
}
