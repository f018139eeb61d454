//! The query's result, or the rows that fell at a condition, and beside them the story of one row.

use std::rc::Rc;

use detection::TimeRange;
use web_sys::{HtmlInputElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use super::compare::ComparePane;
use super::grid::Grid;
use super::near_misses::NearMisses;
use super::score::{ScorePane, share};
use super::story::StoryPanel;
use super::tabs::{Tab, Tabs};
use super::timeline::stretch;
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::dom::focus_first;
use crate::format::{counted, grouped};
use crate::protocol::{Keep, TableKind, ValueFilter};
use crate::state::{Action, Base, KeptVersion, OpenStory, Pane, Rule, Run, RunResult, Table};
use crate::words::ResultKind;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ResultsProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// The newest run.
    pub run: Run,
    /// What stands here.
    pub pane: Pane,
    /// The text, which may be newer than the result.
    pub rule: Rule,
    /// The versions that were kept.
    pub versions: Rc<Vec<KeptVersion>>,
    /// What the text is compared with.
    pub base: Base,
    /// The rows that are looked at.
    pub table: Table,
    /// The row whose story is open.
    pub story: Option<OpenStory>,
    /// Whether the result is of an older text.
    pub is_stale: bool,
}

/// The result and the story of one row.
#[component]
pub fn Results(props: &ResultsProps) -> Html {
    let dispatch = use_dispatch();
    let table = &props.table;
    let result = props.result.as_deref();
    let kind = result.map_or(ResultKind::Alerts, |result| result.kind);
    let rows = result.map_or(0, |result| result.report.rows);
    let title = match kind {
        ResultKind::Alerts => "Alerts",
        ResultKind::Rows => "Result",
    };
    let label = html! { <>{ title }{ " " }<span class="count">{ grouped(rows as u64) }</span></> };
    let tab = |name, label| Tab { name, panel: "rows-panel", label };
    // Each tab with what it shows.
    let mut tabs = vec![(tab("alerts", label), Action::TableShown(TableKind::Result))];
    if let TableKind::Fallen { signal, step } = table.kind {
        let found = result.and_then(|result| result.report.signals.get(signal));
        let text = found.and_then(|signal| signal.funnel.as_ref()?.steps.get(step)).map(|step| step.text.clone());
        let label = html! {
            <span title={text.clone()}>
                { "Fell at " }<code>{ text.unwrap_or_default() }</code>{ " " }<span class="count">{ grouped(table.total as u64) }</span>
            </span>
        };
        tabs.push((tab("fallen", label), Action::TableShown(table.kind)));
    }
    tabs.push((tab("near", html! { "Near misses" }), Action::PaneShown(Pane::NearMisses)));
    tabs.push((tab("compare", html! { "Compare" }), Action::PaneShown(Pane::Compare)));
    tabs.push((tab("score", html! { <>{ "Score" }{ score_count(result) }</> }), Action::PaneShown(Pane::Score)));
    let shown = match props.pane {
        Pane::Rows => Action::TableShown(table.kind),
        pane => Action::PaneShown(pane),
    };
    let selected = tabs.iter().position(|(_, action)| *action == shown).unwrap_or(0);
    let (tabs, actions): (Vec<Tab>, Vec<Action>) = tabs.into_iter().unzip();
    let name = tabs[selected].name;
    let on_select = dispatch.act.reform(move |place: usize| actions[place].clone());
    let is_fallen = props.pane == Pane::Rows && table.kind != TableKind::Result;
    let signals: Rc<Vec<String>> =
        Rc::new(result.map_or_else(Vec::new, |result| result.report.signals.iter().map(|s| s.name.clone()).collect()));
    html! {
        <section
            class={classes!("results", "area-results", props.story.is_some().then_some("has-story"))}
            aria-label="Results"
        >
            <div id="alerts" tabindex="-1" class={classes!("panel", "rows", props.is_stale.then_some("is-stale"))}>
                <div class="results-head">
                    <Tabs label="Tables" {tabs} {selected} {on_select} />
                    if is_fallen {
                        <button class="quiet" aria-label="Back to the alerts" title="Close" onclick={dispatch.on(Action::TableShown(TableKind::Result))}>{ "×" }</button>
                    }
                    { progress(&props.run) }
                    if props.pane == Pane::Rows { { toolbar(&dispatch, table) } }
                </div>
                if props.pane == Pane::Rows { { filters(&dispatch, table) } }
                <div
                    id="rows-panel"
                    class={if props.pane == Pane::Rows { "grid-panel" } else { "pane" }}
                    role="tabpanel"
                    tabindex="-1"
                    aria-labelledby={format!("{name}-tab")}
                >
                    { match props.pane {
                        Pane::Rows => rows_pane(props, signals, if is_fallen { "Rows that fell" } else { title }),
                        Pane::Score => html! { <ScorePane result={props.result.clone()} rule={props.rule.clone()} /> },
                        Pane::Compare => html! {
                            <ComparePane
                                result={props.result.clone()}
                                rule={props.rule.clone()}
                                versions={Rc::clone(&props.versions)}
                                base={props.base}
                            />
                        },
                        Pane::NearMisses => html! { <NearMisses result={props.result.clone()} rule={props.rule.clone()} /> },
                    } }
                </div>
            </div>
            if let Some(open) = &props.story {
                <StoryPanel open={open.clone()} generation={result.map(|result| result.generation).unwrap_or_default()} />
            }
        </section>
    }
}

/// Precision and recall, where rows carry labels.
fn score_count(result: Option<&RunResult>) -> Html {
    let Some(score) = result.and_then(|result| result.report.score.as_ref()) else { return html! {} };
    html! {
        <>
            { " " }
            <span class="count" title="Precision and recall by the labels">
                <span class="aloud">{ ": precision " }</span>{ share(score.precision) }{ " / " }<span class="aloud">{ "recall " }</span>{ share(score.recall) }
            </span>
        </>
    }
}

fn rows_pane(props: &ResultsProps, signals: Rc<Vec<String>>, label: &'static str) -> Html {
    let table = &props.table;
    html! {
        <>
            // A table without rows keeps its place, and the focus.
            if !table.columns.is_empty() {
                <Grid table={table.clone()} {signals} {label} has_story={props.story.is_some()} />
            }
            if table.shown == 0 { <p class="nothing soft">{ nothing(props) }</p> }
        </>
    }
}

fn progress(run: &Run) -> Html {
    match run.progress {
        Some((done, total)) if run.is_pending => {
            html! { <progress class="running" max={total.max(1).to_string()} value={done.to_string()} aria-label="Running the query" /> }
        }
        _ => html! {},
    }
}

fn toolbar(dispatch: &crate::dispatch::Dispatch, table: &Table) -> Html {
    if table.kind != TableKind::Result {
        return html! {};
    }
    let on_input = dispatch
        .act
        .reform(|event: InputEvent| Action::Filtered(event.target_unchecked_into::<HtmlInputElement>().value()));
    let on_key = {
        let act = dispatch.act.clone();
        Callback::from(move |event: KeyboardEvent| {
            let input: HtmlInputElement = event.target_unchecked_into();
            match event.key().as_str() {
                "Escape" if !input.value().is_empty() => {
                    event.prevent_default();
                    event.stop_propagation();
                    act.emit(Action::Filtered(String::new()));
                }
                "Enter" | "ArrowDown" if !event.ctrl_key() && !event.meta_key() => {
                    event.prevent_default();
                    focus_first("[role=grid]");
                }
                _ => {}
            }
        })
    };
    let is_filtered = table.shown != table.total;
    html! {
        <div class="row end toolbar">
            if is_filtered {
                <span class="soft" aria-live="polite">{ format!("{} of {}", grouped(table.shown as u64), counted(table.total, "row")) }</span>
            }
            <input
                id="filter"
                type="search"
                aria-label="Filter"
                placeholder="Filter  /"
                spellcheck="false"
                autocomplete="off"
                value={table.view.text.clone()}
                oninput={on_input}
                onkeydown={on_key}
            />
        </div>
    }
}

fn filters(dispatch: &crate::dispatch::Dispatch, table: &Table) -> Html {
    if table.kind != TableKind::Result || table.view.filters.is_empty() && table.view.time.is_none() {
        return html! {};
    }
    let chip = |(place, filter): (usize, &ValueFilter)| {
        let remove = dispatch.on::<MouseEvent>(Action::FilterRemoved(place));
        let sign = match filter.keep {
            Keep::Equal => "is",
            Keep::Other => "is not",
        };
        html! {
            <li class="chip filter" key={format!("{}{sign}{}", filter.column, filter.value)}>
                <span class="chip-text">
                    { &filter.column }{ " " }<em>{ sign }</em>{ " " }
                    if filter.value.is_empty() { <span class="soft">{ "empty" }</span> } else { { visible(&filter.value) } }
                </span>
                <button class="chip-remove" aria-label={format!("Remove the filter {} {sign} {}", filter.column, filter.value)} onclick={remove}>{ "×" }</button>
            </li>
        }
    };
    let time = |range: TimeRange| {
        html! {
            <li class="chip filter" key="time">
                <span class="chip-text"><em>{ "from " }</em>{ stretch(range) }</span>
                <button class="chip-remove" aria-label="Look at all times" onclick={dispatch.on::<MouseEvent>(Action::TimeChosen(None))}>{ "×" }</button>
            </li>
        }
    };
    html! { <ul class="chips filters" aria-label="Filters">{ for table.view.filters.iter().enumerate().map(chip) }{ for table.view.time.map(time) }</ul> }
}

/// Why there is nothing to show.
fn nothing(props: &ResultsProps) -> &'static str {
    let table = &props.table;
    match &props.result {
        None if props.run.failed().is_some() => "Nothing has run yet.",
        None => "Starting…",
        Some(_) if table.total > 0 => "No row passes the filter.",
        Some(_) if matches!(table.kind, TableKind::Fallen { .. }) => "No row fell here.",
        Some(result) => match result.kind {
            ResultKind::Alerts => "No alerts. The signals above say where the rows fell.",
            ResultKind::Rows => "The query gives no rows.",
        },
    }
}
