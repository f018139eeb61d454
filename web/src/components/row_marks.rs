//! What is said of a row: whether it is part of an attack, and whether the rule must alert on it.

use detection::{Label, Wanted};
use event_table::RowRef;
use web_sys::MouseEvent;
use yew::prelude::*;

use super::asked::use_answer;
use crate::dispatch::use_dispatch;
use crate::protocol::{Generation, MarkChange, Request, Response, RowMarks};
use crate::state::Action;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct RowMarksProps {
    /// The row.
    pub record: RowRef,
    /// The newest result: a change is in it once it was run.
    pub generation: Generation,
}

/// The label and the pin of a row, to look at and to change.
#[component]
pub fn RowMarksBar(props: &RowMarksProps) -> Html {
    let act = use_dispatch().act;
    let record = props.record;
    let asked = use_answer((record, props.generation), move |(record, _)| Some(Request::Marks { record: *record }));
    let marks = match asked.response.as_deref() {
        Some(Response::Marks(marks)) => *marks,
        _ => RowMarks::default(),
    };
    let button = |words: &'static str, title: &'static str, is_on: bool, change: MarkChange| {
        let change = if is_on { undone(change) } else { change };
        let click = act.reform(move |_: MouseEvent| Action::Marked { record, change });
        html! { <button aria-pressed={is_on.to_string()} {title} onclick={click}>{ words }</button> }
    };
    let label = |label| MarkChange::Label(Some(label));
    let pin = |wanted| MarkChange::Pin(Some(wanted));
    html! {
        <div class="row-marks">
            <div role="group" aria-label="Label">
                <span class="soft">{ "Label" }</span>
                { button("Attack", "Part of an attack: it should alert", marks.label == Some(Label::Malicious), label(Label::Malicious)) }
                { button("Harmless", "No part of an attack: an alert on it is a false positive", marks.label == Some(Label::Benign), label(Label::Benign)) }
            </div>
            <div role="group" aria-label="Protect">
                <span class="soft">{ "Protect" }</span>
                { button("Must alert", "Turns red with the edit that silences this row", marks.pin == Some(Wanted::Alert), pin(Wanted::Alert)) }
                { button("Must not alert", "Turns red with the edit that makes this row alert", marks.pin == Some(Wanted::Silence), pin(Wanted::Silence)) }
            </div>
        </div>
    }
}

/// What takes a change back.
fn undone(change: MarkChange) -> MarkChange {
    match change {
        MarkChange::Label(_) => MarkChange::Label(None),
        MarkChange::Pin(_) => MarkChange::Pin(None),
    }
}
