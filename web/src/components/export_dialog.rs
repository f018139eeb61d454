//! The query and its alerts for other places. Whether it runs there is told first.

use std::rc::Rc;

use detection::{CsvCells, Export, ExportRequest, Lack, LackKind, RowChoice, Target, TargetReport};
use web_sys::{HtmlSelectElement, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::dialog::{Dialog, close_open_dialog};
use super::tabs::{Tab, Tabs};
use super::visible::visible;
use crate::clipboard::copy;
use crate::dispatch::use_dispatch;
use crate::download::download;
use crate::format::{bytes, counted};
use crate::protocol::{Generation, Request, Response};
use crate::state::Action;
use crate::words;

/// What is shown of a file before it is saved, in bytes.
const SHOWN: usize = 20_000;

/// A place to export to.
struct Place {
    tab: Tab,
    /// The target that the query is held against.
    target: Option<Target>,
    forms: &'static [Form],
}

/// A form of an export.
#[derive(Clone, Copy)]
struct Form {
    name: &'static str,
    request: ExportRequest,
}

const fn form(name: &'static str, request: ExportRequest) -> Form {
    Form { name, request }
}

const DEFENDER: [Form; 2] = [
    form("Custom detection, as Microsoft Graph takes it", ExportRequest::DefenderDetection),
    form("Query for advanced hunting", ExportRequest::Portable { target: Target::Defender }),
];
const SENTINEL: [Form; 3] = [
    form("Analytics rule, ARM template", ExportRequest::SentinelArm),
    form("Analytics rule, YAML", ExportRequest::SentinelYaml),
    form("Query for Logs", ExportRequest::Portable { target: Target::Sentinel }),
];
const KUSTO: [Form; 3] = [
    form("Query with the rows that alert", ExportRequest::SelfContained { rows: RowChoice::Alerts }),
    form(
        "Query with the rows that alert or nearly do",
        ExportRequest::SelfContained { rows: RowChoice::AlertsAndNearMisses },
    ),
    form("Query with all rows that it reads", ExportRequest::SelfContained { rows: RowChoice::All }),
];
const KQL: [Form; 1] = [form("Query as it stands", ExportRequest::Kql)];
const ALERTS: [Form; 3] = [
    form("CSV, every cell as it is", ExportRequest::AlertsCsv { cells: CsvCells::Exact }),
    form("CSV for spreadsheets", ExportRequest::AlertsCsv { cells: CsvCells::ForSpreadsheets }),
    form("JSON", ExportRequest::AlertsJson),
];

fn places() -> Vec<Place> {
    let place = |name, label: &'static str, target, forms| Place {
        tab: Tab { name, panel: "export-panel", label: html! { label } },
        target,
        forms,
    };
    vec![
        place("export-defender", "Defender", Some(Target::Defender), &DEFENDER[..]),
        place("export-sentinel", "Sentinel", Some(Target::Sentinel), &SENTINEL[..]),
        place("export-kusto", "Plain Kusto", None, &KUSTO[..]),
        place("export-kql", "KQL", None, &KQL[..]),
        place("export-alerts", "Alerts", None, &ALERTS[..]),
    ]
}

/// What is exported.
#[derive(Properties, PartialEq)]
pub struct ExportDialogProps {
    /// The newest run.
    pub generation: Generation,
}

/// The query and its alerts for other places.
#[component]
pub fn ExportDialog(props: &ExportDialogProps) -> Html {
    let dispatch = use_dispatch();
    let place = use_state_eq(|| 0usize);
    let chosen = use_state_eq(|| 0usize);
    let places = places();
    let shown = &places[*place];
    let form = &shown.forms[(*chosen).min(shown.forms.len() - 1)];
    let (target, request) = (shown.target, form.request);
    let target_answer =
        use_answer((props.generation, target), |(_, target)| target.map(|target| Request::Target { target }));
    let answer = use_answer((props.generation, request), |(_, request)| Some(Request::Export { request: *request }));
    let on_select = {
        let (place, chosen) = (place.clone(), chosen.clone());
        Callback::from(move |to: usize| {
            chosen.set(0);
            place.set(to);
        })
    };
    let on_form = {
        let chosen = chosen.clone();
        Callback::from(move |event: Event| {
            chosen.set(event.target_unchecked_into::<HtmlSelectElement>().selected_index().max(0) as usize);
        })
    };
    let report = match target_answer.response.as_deref() {
        Some(Response::Target(report)) if target_answer.is_current && target == Some(report.target) => Some(report),
        _ => None,
    };
    let file = match answer.response.as_deref() {
        Some(Response::Exported(Ok(file))) if answer.is_current => Some(Ok(file)),
        Some(Response::Exported(Err(why))) if answer.is_current => Some(Err(why.clone())),
        _ => None,
    };
    let label = shown.tab.name;
    html! {
        <Dialog title="Export" class="wide export">
            <Tabs label="Where to" tabs={places.iter().map(|place| place.tab.clone()).collect::<Vec<_>>()} selected={*place} {on_select} />
            <div id="export-panel" role="tabpanel" aria-labelledby={format!("{label}-tab")}>
                if let Some(report) = report { { will_it_run(report, &dispatch.act) } }
                if shown.forms.len() > 1 {
                    <div class="row">
                        <label for="export-form">{ "As" }</label>
                        <select id="export-form" key={label} onchange={on_form}>
                            { for shown.forms.iter().enumerate().map(|(place, form)| html! {
                                <option selected={place == *chosen}>{ form.name }</option>
                            }) }
                        </select>
                    </div>
                }
                { match file {
                    Some(Ok(file)) => export_file(file, report.map_or(&[], |report| &report.notes), &dispatch.act),
                    Some(Err(why)) => html! { <p class="bad" role="alert">{ why }</p> },
                    None => html! { <p class="soft" role="status">{ "…" }</p> },
                } }
            </div>
        </Dialog>
    }
}

/// Whether the query runs at a target, and what it takes.
fn will_it_run(report: &TargetReport, act: &Callback<Action>) -> Html {
    let name = report.target.name();
    let (class, sign, words) = match (report.runs, &report.portable) {
        (true, _) => ("ok", "✓", format!("It runs in {name} as it is.")),
        (false, Some(_)) => ("warn", "△", format!("It does not run in {name} as it is; the exported form does.")),
        (false, None) => ("no", "✗", format!("It does not run in {name}.")),
    };
    let missing: Vec<String> =
        report.required.iter().filter(|column| !column.present).map(|column| column.name.clone()).collect();
    html! {
        <section class="will-it-run" aria-label="Will it run there?">
            <h3>{ "Will it run there?" }</h3>
            <p><span class={class} aria-hidden="true">{ sign }</span>{ " " }<strong>{ words }</strong></p>
            <ul class="plain">
                { for report.lacks.iter().map(|lack| html! { <li>{ lack_words(lack, act) }</li> }) }
                { for report.findings.iter().map(|finding| html! { <li>{ format!("Line {}: {}", finding.line, finding.message) }</li> }) }
                if let Some(portable) = &report.portable { <li>{ "The exported form: " }{ visible(&portable.words) }{ "." }</li> }
                if !missing.is_empty() {
                    <li>
                        { format!("A custom detection's result must have {}; this one has not.", words::list(&missing)) }
                        if report.with_required.is_some() { { " The exported form adds what is missing." } }
                    </li>
                }
                { for report.notes.iter().map(|note| html! { <li class="soft">{ note.clone() }</li> }) }
            </ul>
        </section>
    }
}

/// A name that a target does not have, and the way to where the query uses it.
fn lack_words(lack: &Lack, act: &Callback<Action>) -> Html {
    let what = match lack.kind {
        LackKind::Table => "no table",
        LackKind::Column => "no column",
    };
    let of = lack.column.as_ref().map(|column| format!(" in {}", column.table)).unwrap_or_default();
    let place = |place: &detection::LackPlace| {
        let (act, span) = (act.clone(), place.span);
        let go = Callback::from(move |_: MouseEvent| {
            close_open_dialog();
            act.emit(Action::Revealed { from: span.start as usize, to: span.end as usize });
        });
        html! { <button class="quiet link" onclick={go}>{ format!("line {}", place.line) }</button> }
    };
    html! {
        <>
            { format!("There is {what} ") }<code>{ visible(&lack.name) }</code>{ of }{ ": " }
            { for lack.places.iter().take(5).map(place) }
        </>
    }
}

/// A file, what to know about it, and the ways to take it along.
fn export_file(file: &Export, told: &[String], act: &Callback<Action>) -> Html {
    let file = Rc::new(file.clone());
    let on_copy = {
        let (file, act) = (Rc::clone(&file), act.clone());
        Callback::from(move |_: MouseEvent| copy(&file.text, &act))
    };
    let on_download = {
        let (file, act) = (Rc::clone(&file), act.clone());
        Callback::from(move |_: MouseEvent| {
            download(&file.file_name, &file.media_type, &file.text, &act);
        })
    };
    let notes: Vec<&String> = file.notes.iter().filter(|note| !told.contains(note)).collect();
    let end = file.text.floor_char_boundary(SHOWN);
    let is_cut = end < file.text.len();
    html! {
        <>
            if !notes.is_empty() {
                <ul class="plain soft" aria-label="What to know">{ for notes.iter().map(|note| html! { <li>{ visible(note) }</li> }) }</ul>
            }
            <pre class="text export-text" tabindex="0" aria-label={format!("What is in {}", file.file_name)}>{ &file.text[..end] }</pre>
            if is_cut { <p class="soft">{ format!("Shown: {} of {}.", bytes(end as u64), bytes(file.text.len() as u64)) }</p> }
            <div class="actions">
                <span class="soft">{ visible(&file.file_name) }{ ", " }{ counted(file.text.lines().count(), "line") }</span>
                <button onclick={on_copy}>{ "Copy" }</button>
                <button class="primary" onclick={on_download}>{ "Download" }</button>
            </div>
        </>
    }
}
