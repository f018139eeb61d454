//! What became of a source: what it was recognised as, what was read, and everything that was not.

use event_logs::{Encoding, Findings, Report};
use yew::prelude::*;

use super::dialog::Dialog;
use super::visible::visible;
use crate::format::{bytes, counted, grouped};
use crate::protocol::LoadedSource;

/// The source.
#[derive(Properties, PartialEq)]
pub struct ReportDialogProps {
    /// What was read.
    pub source: LoadedSource,
}

/// What became of a source.
#[component]
pub fn ReportDialog(props: &ReportDialogProps) -> Html {
    let report = &props.source.summary.report;
    html! {
        <Dialog title={report.name.clone()} class="wide report">
            if let Some(failure) = &report.failure {
                <p class="bad">{ visible(&failure.message) }</p>
            }
            <dl class="facts">
                <dt>{ "Format" }</dt>
                <dd>{ report.recognition.format.title() }{ ". " }<span class="soft">{ visible(&report.recognition.why) }</span></dd>
                <dt>{ "Size" }</dt>
                <dd>{ bytes(report.bytes) }{ ", " }{ encoding(report.encoding) }</dd>
                { for report.tables.iter().map(|table| html! {
                    <>
                        <dt>{ visible(&table.table) }</dt>
                        <dd>{ counted(table.rows as usize, "row") }{ " " }<span class="soft">{ "(" }{ visible(&table.why) }{ ")" }</span></dd>
                    </>
                }) }
            </dl>
            { warnings(report) }
            { findings(&report.rejected, "Refused records", "These records gave no row.") }
            { findings(&report.cells, "Unread cells", "These cells have no value; their rows were kept.") }
            { unread_times(report) }
            { unknown_columns(report) }
            if report.failure.is_none() && is_clean(report) {
                <p>{ "Every record was read, and every cell understood." }</p>
            }
        </Dialog>
    }
}

fn is_clean(report: &Report) -> bool {
    report.warnings.is_empty() && report.truncated.is_none() && report.rejected.total == 0 && report.cells.total == 0
}

fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf8 => "UTF-8",
        Encoding::Utf16Le => "UTF-16, low byte first",
        Encoding::Utf16Be => "UTF-16, high byte first",
    }
}

fn warnings(report: &Report) -> Html {
    if report.warnings.is_empty() && report.truncated.is_none() {
        return html! {};
    }
    let truncated =
        report.truncated.iter().map(|cut| html! { <li>{ place(Some(cut.line), None) }{ visible(&cut.message) }</li> });
    let warnings = report
        .warnings
        .iter()
        .map(|warning| html! { <li>{ place(warning.line, None) }{ visible(&warning.message) }</li> });
    html! {
        <section><h3>{ "Worth knowing" }</h3><ul class="plain">{ for truncated }{ for warnings }</ul></section>
    }
}

fn findings(found: &Findings, title: &str, what: &str) -> Html {
    if found.total == 0 {
        return html! {};
    }
    let codes: Vec<String> =
        found.by_code.iter().map(|count| format!("{} {}", grouped(count.count), count.code)).collect();
    let left = found.total - found.first.len() as u64;
    html! {
        <section>
            <h3>{ title }{ " " }<span class="count">{ grouped(found.total) }</span></h3>
            <p class="soft">{ what }{ " " }{ codes.join(", ") }{ "." }</p>
            <ul class="plain findings">
                { for found.first.iter().map(|finding| html! {
                    <li>
                        { place(Some(finding.line), finding.column) }
                        if let Some(field) = &finding.field { <code>{ visible(field) }</code>{ ": " } }
                        { visible(&finding.message) }
                    </li>
                }) }
            </ul>
            if left > 0 { <p class="soft">{ format!("And {} more.", grouped(left)) }</p> }
        </section>
    }
}

fn place(line: Option<u64>, column: Option<u64>) -> Html {
    match (line, column) {
        (Some(line), Some(column)) => {
            html! { <span class="soft">{ format!("Line {}, character {}: ", grouped(line), grouped(column)) }</span> }
        }
        (Some(line), None) => html! { <span class="soft">{ format!("Line {}: ", grouped(line)) }</span> },
        (None, _) => html! {},
    }
}

fn unread_times(report: &Report) -> Html {
    if report.unread_times.is_empty() {
        return html! {};
    }
    html! {
        <section>
            <h3>{ "Times that were not understood" }</h3>
            <ul class="plain">
                { for report.unread_times.iter().map(|times| html! {
                    <li>
                        <code>{ visible(&times.column) }</code>
                        { format!(": {}, first on line {}: ", counted(times.count as usize, "cell"), grouped(times.line)) }
                        <code>{ visible(&times.example) }</code>
                    </li>
                }) }
            </ul>
        </section>
    }
}

fn unknown_columns(report: &Report) -> Html {
    if report.unknown_columns.is_empty() {
        return html! {};
    }
    html! {
        <section>
            <h3>{ "Columns of this log's own " }<span class="count">{ grouped(report.unknown_columns.len() as u64) }</span></h3>
            <p class="soft">{ "Microsoft's tables do not have them. They were kept, and queries can use them." }</p>
            <ul class="columns">
                { for report.unknown_columns.iter().map(|column| html! {
                    <li><code>{ visible(&column.column) }</code>{ " " }<span class="soft">{ column.ty.name() }{ " in " }{ visible(&column.table) }</span></li>
                }) }
            </ul>
        </section>
    }
}
