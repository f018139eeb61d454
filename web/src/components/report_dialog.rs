//! What became of a source: what it was recognised as, what was read, everything that was not, and what the rule cannot
//! see in it.

use std::rc::Rc;

use event_logs::{Code, Findings, RecordUnit, Report, Warning};
use yew::prelude::*;

use super::dialog::Dialog;
use super::reading_form::ReadingForm;
use super::visible::visible;
use crate::format::{bytes, counted, grouped};
use crate::protocol::{LoadedSource, Origin};
use crate::state::RunResult;
use crate::words::{self, stored};

/// The source.
#[derive(Properties, PartialEq)]
pub struct ReportDialogProps {
    /// What was read.
    pub source: LoadedSource,
    /// How many logs were read from the same file.
    pub logs: usize,
    /// The newest result, which tells what the rule can see in it.
    pub result: Option<Rc<RunResult>>,
}

/// What became of a source.
#[component]
pub fn ReportDialog(props: &ReportDialogProps) -> Html {
    let report = &props.source.summary.report;
    let unit = report.recognition.format.unit();
    html! {
        <Dialog title={report.name.clone()} class="wide report">
            if let Some(failure) = &report.failure {
                <p class="bad">{ visible(&failure.message) }</p>
            }
            <dl class="facts">
                <dt>{ "Format" }</dt>
                <dd>{ report.recognition.format.title() }{ ". " }<span class="soft">{ visible(&report.recognition.why) }</span></dd>
                <dt>{ "Size" }</dt>
                <dd>{ bytes(report.bytes) }{ ", " }{ stored(report.recognition.format, report.encoding) }</dd>
                { for report.tables.iter().map(|table| html! {
                    <>
                        <dt>{ visible(&table.table) }</dt>
                        <dd>{ counted(table.rows as usize, "row") }{ " " }<span class="soft">{ "(" }{ visible(&table.why) }{ ")" }</span></dd>
                    </>
                }) }
            </dl>
            { cannot_show(props) }
            { warnings(report) }
            { findings(&report.rejected, "Refused records", "These records gave no row.", unit) }
            { findings(&report.cells, "Unread cells", "These cells have no value; their rows were kept.", unit) }
            { unread_times(report, unit) }
            { unknown_columns(report) }
            if report.failure.is_none() && is_clean(report) {
                <p>{ "Every record was read, and every cell understood." }</p>
            }
            { match props.source.origin {
                Origin::Load(load) => html! {
                    <ReadingForm source={props.source.clone()} {load} logs={props.logs} read_columns={read_columns(props)} />
                },
                Origin::Sample(_) => html! { <p class="soft">{ "A log of a sample. Logs of your own can be read otherwise than they look." }</p> },
                Origin::Opened => html! {},
            } }
        </Dialog>
    }
}

/// The columns that the rule's conditions read, by table.
fn read_columns(props: &ReportDialogProps) -> Vec<(String, String)> {
    let visibility = props.result.as_ref().map_or(&[][..], |result| &result.report.visibility);
    visibility.iter().map(|seen| (seen.table.clone(), seen.column.clone())).collect()
}

fn is_clean(report: &Report) -> bool {
    report.warnings.is_empty() && report.truncated.is_none() && report.rejected.total == 0 && report.cells.total == 0
}

/// What a log of this kind does not hold, whoever reads it.
fn is_blind_spot(warning: &Warning) -> bool {
    matches!(warning.code, Code::NoCommandLines | Code::NoByteCounts)
}

/// What the log cannot show, by itself and to the rule as it is now.
fn cannot_show(props: &ReportDialogProps) -> Html {
    let LoadedSource { summary, .. } = &props.source;
    let own = summary.report.warnings.iter().filter(|warning| is_blind_spot(warning));
    let run = props.result.as_ref().map(|result| &result.report);
    let sight = run.and_then(|run| Some((run, run.sources.iter().find(|sight| sight.source == summary.id)?)));
    let to_rule = sight.map_or_else(Vec::new, |(run, sight)| words::unseen(run, sight));
    let sees_all = sight.is_some_and(|(_, sight)| !sight.signals.is_empty()) && to_rule.is_empty();
    if summary.report.failure.is_some() || sight.is_none() && own.clone().next().is_none() {
        return html! {};
    }
    html! {
        <section>
            <h3>{ "What this log cannot show" }</h3>
            <ul class="plain">
                { for own.map(|warning| html! { <li>{ visible(&warning.message) }</li> }) }
                { for to_rule.iter().map(|words| html! { <li>{ visible(words) }</li> }) }
                if sees_all { <li>{ "Every signal of the rule finds the columns here that it cannot do without." }</li> }
            </ul>
        </section>
    }
}

fn warnings(report: &Report) -> Html {
    let unit = report.recognition.format.unit();
    let told: Vec<&Warning> = report.warnings.iter().filter(|warning| !is_blind_spot(warning)).collect();
    if told.is_empty() && report.truncated.is_none() {
        return html! {};
    }
    let truncated = report
        .truncated
        .iter()
        .map(|cut| html! { <li>{ place(unit, Some(cut.line), None) }{ visible(&cut.message) }</li> });
    let told = told
        .into_iter()
        .map(|warning| html! { <li>{ place(unit, warning.line, None) }{ visible(&warning.message) }</li> });
    html! {
        <section><h3>{ "Worth knowing" }</h3><ul class="plain">{ for truncated }{ for told }</ul></section>
    }
}

fn findings(found: &Findings, title: &str, what: &str, unit: RecordUnit) -> Html {
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
                        { place(unit, Some(finding.line), finding.column) }
                        if let Some(field) = &finding.field { <code>{ visible(field) }</code>{ ": " } }
                        { visible(&finding.message) }
                    </li>
                }) }
            </ul>
            if left > 0 { <p class="soft">{ format!("And {} more.", grouped(left)) }</p> }
        </section>
    }
}

fn place(unit: RecordUnit, line: Option<u64>, column: Option<u64>) -> Html {
    let Some(line) = line else { return html! {} };
    let unit = match unit {
        RecordUnit::Line => "Line",
        RecordUnit::Record => "Record",
    };
    let column = column.map(|column| format!(", character {}", grouped(column))).unwrap_or_default();
    html! { <span class="soft">{ format!("{unit} {}{column}: ", grouped(line)) }</span> }
}

fn unread_times(report: &Report, unit: RecordUnit) -> Html {
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
                        { format!(": {}, first in {} {}: ", counted(times.count as usize, "cell"), unit.word(), grouped(times.line)) }
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
