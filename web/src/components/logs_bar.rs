//! The logs: what was read, what is being read, and the ways to bring more.

use std::rc::Rc;

use detection::{Duplicates, KeptFile, SourceSummary};
use event_logs::Severity;
use web_sys::{HtmlInputElement, MouseEvent};
use yew::prelude::*;

use super::visible::visible;
use crate::dispatch::{Dispatch, use_dispatch};
use crate::format::{bytes, counted, grouped, time_left};
use crate::protocol::{LoadedSource, Origin};
use crate::state::{Action, Dialog, Keeping, Load, LoadState};

/// What the bar shows.
#[derive(Properties, PartialEq)]
pub struct LogsBarProps {
    /// What was read.
    pub sources: Rc<Vec<LoadedSource>>,
    /// What is being read.
    pub loads: Vec<Load>,
    /// Files that queries read by name.
    pub files: Vec<KeptFile>,
    /// Rows of events that other rows tell of too.
    pub duplicates: Duplicates,
    /// Whether the user's own logs are kept in this browser.
    pub keeping: Keeping,
}

/// The logs, and the ways to bring more.
#[component]
pub fn LogsBar(props: &LogsBarProps) -> Html {
    let dispatch = use_dispatch();
    let input = use_node_ref();
    let choose = Callback::from({
        let input = input.clone();
        move |_: MouseEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        }
    });
    let chosen = Callback::from({
        let give_files = dispatch.give_files.clone();
        move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let list = input.files();
            let files = list.map(|list| (0..list.length()).filter_map(|place| list.item(place)).collect::<Vec<_>>());
            // The same file can be chosen again.
            input.set_value("");
            give_files.emit(files.unwrap_or_default());
        }
    });
    let has_own =
        !props.files.is_empty() || props.sources.iter().any(|source| matches!(source.origin, Origin::Load(_)));
    let on_keep = dispatch.act.reform(|event: Event| {
        let is_on = event.target_unchecked_into::<HtmlInputElement>().checked();
        Action::KeepingSet(if is_on { Keeping::On } else { Keeping::Off })
    });
    let on_drop = dispatch
        .act
        .reform(|event: Event| Action::DuplicatesDropped(event.target_unchecked_into::<HtmlInputElement>().checked()));
    let sources = props.sources.iter().map(|source| source_chip(&dispatch, source));
    html! {
        <section class="panel logs" aria-label="Logs">
            <ul class="sources">
                { for sources }
                { for props.files.iter().map(|file| file_chip(&dispatch, file)) }
                { for props.loads.iter().map(|load| load_chip(&dispatch, load)) }
            </ul>
            <div class="row">
                <button onclick={choose}>{ "Choose files" }</button>
                <button onclick={dispatch.on(Action::DialogOpened(Dialog::Paste))} aria-haspopup="dialog">{ "Paste" }</button>
                <span class="soft">{ "or drop anywhere" }</span>
                if has_own || props.keeping == Keeping::On {
                    <label class="check" title="In this browser's own storage, on this machine, until you uncheck this or reset the page">
                        <input type="checkbox" checked={props.keeping == Keeping::On} onchange={on_keep} />
                        { "Keep my logs in this browser" }
                    </label>
                }
                if props.duplicates.rows > 0 {
                    <label class="check" title="Rows of a record that a row before them tells of too: the same number, channel and computer, as in exports that overlap">
                        <input type="checkbox" checked={props.duplicates.left_out} onchange={on_drop} />
                        { format!("Leave out {}", counted(props.duplicates.rows, "duplicate")) }
                    </label>
                }
            </div>
            <input ref={input} id="log-files" type="file" multiple=true hidden=true aria-label="Log files" onchange={chosen} />
        </section>
    }
}

fn source_chip(dispatch: &Dispatch, source: &LoadedSource) -> Html {
    let report = &source.summary.report;
    let remove = dispatch.on::<MouseEvent>(Action::SourceRemoved(source.summary.id));
    let open = dispatch.on::<MouseEvent>(Action::DialogOpened(Dialog::Report(source.summary.id)));
    let told = troubles(&source.summary);
    let tables: Vec<String> =
        report.tables.iter().map(|table| format!("{} {}", grouped(table.rows), table.table)).collect();
    html! {
        <li key={format!("source-{}", source.summary.id.0)} class={classes!("source", report.failure.is_some().then_some("failed"))}>
            <button
                class="source-open"
                onclick={open}
                aria-haspopup="dialog"
                title={format!("{}\n{}\nWhat was read, and what was not", report.recognition.why, tables.join("\n"))}
            >
                <strong>{ visible(&report.name) }</strong>
                <span class="source-words">
                    if let Some(failure) = &report.failure {
                        <span class="bad">{ visible(&failure.message) }</span>
                    } else {
                        <span class="soft">{ format!("{} · {}", report.recognition.format.title(), tables_in_short(&source.summary)) }</span>
                    }
                    if let Some(told) = told { <span class="warn">{ " · " }{ told }</span> }
                </span>
            </button>
            <button class="quiet" aria-label={format!("Remove {}", report.name)} title="Remove" onclick={remove}>{ "×" }</button>
        </li>
    }
}

/// A file that queries read by name: no log, so it has no report.
fn file_chip(dispatch: &Dispatch, file: &KeptFile) -> Html {
    let remove = dispatch.on::<MouseEvent>(Action::FileRemoved(file.name.clone()));
    let use_of_it =
        if file.is_read { "read by the query (externaldata)" } else { "kept for queries that read it by name" };
    html! {
        <li key={format!("file-{}", file.name)} class="source">
            <span class="source-open">
                <strong>{ visible(&file.name) }</strong>
                <span class="source-words"><span class="soft">{ format!("{} · {use_of_it}", bytes(file.bytes as u64)) }</span></span>
            </span>
            <button class="quiet" aria-label={format!("Remove {}", file.name)} title="Remove" onclick={remove}>{ "×" }</button>
        </li>
    }
}

fn tables_in_short(summary: &SourceSummary) -> String {
    let tables = &summary.report.tables;
    match tables.as_slice() {
        [only] => counted(only.rows as usize, "row"),
        _ => format!("{} in {}", counted(summary.report.rows() as usize, "row"), counted(tables.len(), "table")),
    }
}

/// What is worth a look, in a few words.
fn troubles(summary: &SourceSummary) -> Option<String> {
    let report = &summary.report;
    let warnings = report.warnings.iter().filter(|warning| warning.severity != Severity::Info).count()
        + usize::from(report.truncated.is_some())
        + report.unread_times.len().min(1);
    let parts = [
        (report.rejected.total > 0).then(|| format!("{} refused", grouped(report.rejected.total))),
        (report.cells.total > 0).then(|| format!("{} unread", counted(report.cells.total as usize, "cell"))),
        (warnings > 0).then(|| counted(warnings, "warning")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

fn load_chip(dispatch: &Dispatch, load: &Load) -> Html {
    let dismiss = dispatch.on::<MouseEvent>(Action::LoadDismissed(load.id));
    let (state, action) = match &load.state {
        LoadState::Waiting => (html! { <span class="soft">{ "waits" }</span> }, "Cancel"),
        LoadState::Failed { reason } => (html! { <span class="bad">{ reason.clone() }</span> }, "Dismiss"),
        LoadState::Reading { bytes: done, rows, .. } => {
            let mut words = vec![format!("{} of {}", bytes(*done), bytes(load.size)), counted(*rows as usize, "row")];
            words.extend(load.speed().map(|speed| format!("{}/s", bytes(speed as u64))));
            words.extend(load.seconds_left().map(time_left));
            let progress = html! {
                <>
                    <progress max={load.size.max(1).to_string()} value={done.to_string()} aria-label={format!("Reading {}", load.name)} />
                    <span class="soft">{ words.join(" · ") }</span>
                </>
            };
            (progress, "Cancel")
        }
    };
    html! {
        <li key={format!("load-{}", load.id.0)} class={classes!("source", "loading", matches!(load.state, LoadState::Failed { .. }).then_some("failed"))}>
            <strong>{ visible(&load.name) }</strong>
            { state }
            <button aria-label={format!("{action} {}", load.name)} onclick={dismiss}>{ action }</button>
        </li>
    }
}
