//! The story of a row: each condition ticked or crossed, what matched marked in place, the whole record.

use std::rc::Rc;

use detection::{ConditionStory, EvidenceCell, SignalStory, Story};
use event_table::ColumnOrigin;
use web_sys::{Element, MouseEvent};
use yew::prelude::*;

use super::marked_text::{Found, FoundKind, MarkedText};
use super::marker::{marker, signal_class};
use super::row_marks::RowMarksBar;
use super::visible::visible;
use crate::clipboard::copy;
use crate::dispatch::{Dispatch, use_dispatch};
use crate::dom::focus_results;
use crate::format::{counted, grouped};
use crate::markdown;
use crate::protocol::Generation;
use crate::state::{Action, Dialog, OpenStory};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct StoryPanelProps {
    /// The row and its story.
    pub open: OpenStory,
    /// The newest result.
    pub generation: Generation,
}

/// The story of a row.
#[component]
pub fn StoryPanel(props: &StoryPanelProps) -> Html {
    let dispatch = use_dispatch();
    let close = {
        let act = dispatch.act.clone();
        Callback::from(move |_: MouseEvent| {
            act.emit(Action::StoryClosed);
            focus_results();
        })
    };
    let node = use_node_ref();
    // In one column it opens below what is in sight.
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            let Some(panel) = node.cast::<Element>() else { return };
            let tall = gloo::utils::window().inner_height().ok().and_then(|tall| tall.as_f64()).unwrap_or(0.0);
            if panel.get_bounding_client_rect().top() > tall * 0.8 {
                panel.scroll_into_view();
            }
        }
    });
    let own = props.open.signal.map(usize::from);
    let (title, body) = match (&props.open.story, props.open.record) {
        (_, None) => (
            "No single story".to_owned(),
            html! { <p class="soft">{ "This row was computed by the query, from several records or from none." }</p> },
        ),
        (None, Some(_)) => ("Why".to_owned(), html! { <p class="soft">{ "…" }</p> }),
        (Some(story), Some(_)) => (title(story), body(story, own)),
    };
    let fired = props.open.story.as_ref().and_then(|story| {
        let holding = story.signals.iter().filter(|signal| signal.holds).map(|signal| signal.signal);
        own.filter(|own| story.signals.iter().any(|s| s.signal == *own && s.holds)).or_else(|| holding.min())
    });
    html! {
        <section ref={node} class={classes!("panel", "story", fired.map(signal_class))} aria-labelledby="story-title" tabindex="-1">
            <div class="panel-head">
                <h2 id="story-title">{ title }</h2>
                <div class="row end">
                    if let Some(record) = props.open.record {
                        <button
                            onclick={dispatch.on(Action::DialogOpened(Dialog::Original(record)))}
                            aria-label="Show the original record"
                            aria-haspopup="dialog"
                            title="The record as it stands in its file (o)"
                        >{ "Original" }</button>
                    }
                    if let Some(story) = &props.open.story {
                        <button onclick={copy_story(story, &dispatch)} aria-label="Copy the explanation as Markdown" title="Copy it as Markdown">{ "Copy" }</button>
                    }
                    <button class="quiet" aria-label="Close the story" title="Close (Esc)" onclick={close}>{ "×" }</button>
                </div>
            </div>
            if let Some(record) = props.open.record {
                <RowMarksBar {record} generation={props.generation} />
            }
            { body }
        </section>
    }
}

fn copy_story(story: &Rc<Story>, dispatch: &Dispatch) -> Callback<MouseEvent> {
    let (story, act) = (Rc::clone(story), dispatch.act.clone());
    Callback::from(move |_| copy(&markdown::story(&story), &act))
}

fn title(story: &Story) -> String {
    if story.signals.is_empty() {
        "The record".to_owned()
    } else if story.signals.iter().any(|signal| signal.holds) {
        "Why it fired".to_owned()
    } else {
        "Why it did not fire".to_owned()
    }
}

fn body(story: &Rc<Story>, own: Option<usize>) -> Html {
    // The signal that the row came through or fell in stands first.
    let mut signals: Vec<&SignalStory> = story.signals.iter().collect();
    signals.sort_by_key(|signal| (Some(signal.signal) != own, !signal.holds, signal.signal));
    html! {
        <>
            { for signals.into_iter().map(signal_story) }
            { record(story) }
        </>
    }
}

fn signal_story(story: &SignalStory) -> Html {
    let met = story.conditions.iter().filter(|condition| condition.verdict == Some(true)).count();
    let of = story.conditions.len();
    let words = match (story.holds, of) {
        (true, 1) => "its condition holds".to_owned(),
        (true, of) => format!("all {of} conditions hold"),
        (false, of) => {
            let is_singular = met == 1;
            format!("{met} of {} {}", counted(of, "condition"), if is_singular { "holds" } else { "hold" })
        }
    };
    let texts = evidence(&story.conditions);
    html! {
        <div class={classes!("signal-story", signal_class(story.signal))} key={story.signal}>
            <h3>{ marker(story.signal) }{ " " }{ &story.name }<span class="soft">{ format!(": {words}") }</span></h3>
            <ul class="conditions">{ for story.conditions.iter().map(condition) }</ul>
            { for texts.into_iter().map(|(column, text, found)| html! {
                <div class="evidence" key={column.clone()}>
                    <span class="evidence-name">{ column }</span>
                    <MarkedText text={text} {found} />
                </div>
            }) }
        </div>
    }
}

fn condition(condition: &ConditionStory) -> Html {
    let (class, sign, aloud) = match condition.verdict {
        Some(true) => ("ok", "✓", "Holds: "),
        Some(false) => ("no", "✗", "Does not hold: "),
        None => ("no", "∅", "Null, so it does not hold: "),
    };
    html! {
        <li class="condition">
            <span class={class}><span aria-hidden="true">{ sign }</span><span class="aloud">{ aloud }</span></span>
            <div>
                <code>{ &condition.text }</code>
                { for condition.cells.iter().map(|cell| saw(condition, cell)) }
            </div>
        </li>
    }
}

/// What a condition saw in a cell, in words.
fn saw(condition: &ConditionStory, cell: &EvidenceCell) -> Html {
    let mut literals: Vec<&str> = Vec::new();
    for mark in &cell.matched {
        if !literals.contains(&mark.literal.as_str()) {
            literals.push(&mark.literal);
        }
    }
    let matched = (!literals.is_empty()).then(|| {
        html! {
            <p class="saw">
                { "found " }
                { for literals.iter().enumerate().map(|(place, literal)| html! {
                    <>{ if place > 0 { ", " } else { "" } }<strong>{ visible(literal) }</strong></>
                }) }
            </p>
        }
    });
    let value = (literals.is_empty() && !cell.missing).then(|| {
        if is_long(cell) {
            // The text itself stands below, once for all conditions that read it.
            html! { <p class="saw soft">{ format!("{} is shown below", cell.column) }</p> }
        } else {
            html! {
                <p class="saw">
                    <span class="soft">{ format!("{} is ", cell.column) }</span><code class="value">{ visible(&cell.text) }</code>
                </p>
            }
        }
    });
    let missing =
        cell.missing.then(|| html! { <p class="saw">{ format!("{} has no value in this row", cell.column) }</p> });
    let mut told: Vec<(&str, &str)> = Vec::new();
    for swallowed in &cell.swallowed {
        let pair = (swallowed.mark.literal.as_str(), swallowed.term.as_str());
        if !told.contains(&pair) {
            told.push(pair);
        }
    }
    // Beside a literal that was found, one that was not is no news.
    let swallowed = (condition.verdict != Some(true)).then(|| {
        told.iter().map(|(literal, term)| html! {
            <p class="saw swallowed-words">
                <strong>{ visible(literal) }</strong>{ " is only part of the longer term " }<strong>{ visible(term) }</strong>
            </p>
        }).collect::<Html>()
    });
    html! { <>{ matched }{ value }{ missing }{ swallowed }</> }
}

/// Whether a cell is too long to stand within a line.
fn is_long(cell: &EvidenceCell) -> bool {
    cell.text.len() > 48
}

/// The cells in which conditions found something, or that are long, each once, with all that was found in it.
fn evidence(conditions: &[ConditionStory]) -> Vec<(String, String, Vec<Found>)> {
    let mut texts: Vec<(String, String, Vec<Found>)> = Vec::new();
    for cell in conditions.iter().flat_map(|condition| &condition.cells) {
        let matched = cell.matched.iter().map(|mark| Found {
            range: mark.start..mark.end,
            literal: mark.literal.clone(),
            kind: FoundKind::Match,
        });
        let swallowed = cell.swallowed.iter().map(|swallowed| Found {
            range: swallowed.mark.start..swallowed.mark.end,
            literal: swallowed.mark.literal.clone(),
            kind: FoundKind::Swallowed,
        });
        let found: Vec<Found> = matched.chain(swallowed).collect();
        if found.is_empty() && !is_long(cell) {
            continue;
        }
        match texts.iter_mut().find(|(column, ..)| *column == cell.column) {
            Some((.., known)) => known.extend(found),
            None => texts.push((cell.column.clone(), cell.text.clone(), found)),
        }
    }
    texts
}

fn record(story: &Story) -> Html {
    let place =
        story.record.map(|record| format!(", {} {}", story.unit.word(), grouped(record.line))).unwrap_or_default();
    html! {
        <div class="record">
            <h3>{ "Record" }</h3>
            <p class="soft">{ visible(&story.source) }{ place }{ ", in " }{ visible(&story.table) }</p>
            <dl>
                { for story.cells.iter().map(|cell| html! {
                    <>
                        <dt>
                            { visible(&cell.column) }
                            if cell.origin == ColumnOrigin::Extension { <span class="tag" title="Not in Microsoft's table">{ "added" }</span> }
                            if cell.inferred { <span class="tag" title="Filled in from another event of the same process; this record does not say it">{ "inferred" }</span> }
                            if cell.origin == ColumnOrigin::Log { <span class="tag" title="A column of this log's own">{ "own" }</span> }
                        </dt>
                        <dd><MarkedText text={cell.text.clone()} /></dd>
                    </>
                }) }
            </dl>
        </div>
    }
}
