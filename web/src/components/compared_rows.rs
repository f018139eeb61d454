//! The alerts that a change of the rule brings, or takes away, each with the way to its story.

use std::rc::Rc;

use detection::{ComparedRow, Label};
use event_table::ColumnType;
use yew::prelude::*;

use super::marker::marker;
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::format::{counted, instant};
use crate::protocol::ComparedAnswer;
use crate::state::Action;

/// As many are shown; the others are counted.
const SHOWN: usize = 200;

/// Which of the alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Which {
    Gained,
    Lost,
}

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ComparedRowsProps {
    /// The comparison.
    pub answer: Rc<ComparedAnswer>,
    /// Which of its alerts.
    pub which: Which,
}

/// Alerts of one side of a comparison as a table.
#[component]
pub fn ComparedRows(props: &ComparedRowsProps) -> Html {
    let dispatch = use_dispatch();
    let comparison = &props.answer.comparison;
    let (columns, rows, total, sign, caption) = match props.which {
        Which::Gained => {
            (&comparison.columns, &comparison.gained, comparison.totals.gained, "+", "Alerts that are gained")
        }
        Which::Lost => (&comparison.old_columns, &comparison.lost, comparison.totals.lost, "−", "Alerts that are lost"),
    };
    if rows.is_empty() {
        return html! {};
    }
    let row = |(place, compared): (usize, &ComparedRow)| {
        let signal = compared.row.signal;
        let label = compared.record.and_then(|record| {
            props.answer.labels.iter().find(|(labelled, _)| *labelled == record).map(|(_, label)| *label)
        });
        let story = compared.record.map(|record| dispatch.on::<MouseEvent>(Action::RecordOpened { record, signal }));
        let cell = |(at, text): (usize, &String)| {
            let is_time = columns.get(at).is_some_and(|column| column.ty == Some(ColumnType::DateTime));
            html! { <td key={at}>{ if is_time { html! { { instant(text) } } } else { visible(&shortened(text)) } }</td> }
        };
        html! {
            <tr key={place}>
                <th scope="row">
                    <span class={if sign == "+" { "ok" } else { "warn" }}>{ sign }</span>
                    { " " }{ signal.map(|signal| marker(usize::from(signal))) }{ " " }
                    if let Some(story) = story {
                        <button class="link" onclick={story} aria-label={format!("Story of row {} of {}", place + 1, compared.signal)}>{ &compared.signal }</button>
                    } else {
                        { &compared.signal }
                    }
                    { label_tag(label) }
                </th>
                { for compared.row.cells.iter().enumerate().map(cell) }
            </tr>
        }
    };
    html! {
        <div class="compared" tabindex="0" role="region" aria-label={caption}>
            <table>
                <caption class="aloud">{ caption }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ "Signal" }</th>
                        { for columns.iter().map(|column| html! {
                            <th scope="col" key={column.name.clone()}>{ &column.name }if column.ty == Some(ColumnType::DateTime) { <span class="soft">{ " UTC" }</span> }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>{ for rows.iter().take(SHOWN).enumerate().map(row) }</tbody>
            </table>
            if total > SHOWN.min(rows.len()) {
                <p class="soft">{ format!("and {} more", counted(total - SHOWN.min(rows.len()), "alert")) }</p>
            }
        </div>
    }
}

/// A label in a word.
pub fn label_tag(label: Option<Label>) -> Html {
    match label {
        Some(Label::Malicious) => html! { <span class="tag attack">{ "attack" }</span> },
        Some(Label::Benign) => html! { <span class="tag harmless">{ "harmless" }</span> },
        None => html! {},
    }
}

/// The beginning of a long text: the story has all of it.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 160;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
