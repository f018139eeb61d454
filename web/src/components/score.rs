//! How the alerts fare by the labels: precision, recall, and who is confused with whom, by signal.

use std::rc::Rc;

use detection::{Label, Score, SignalScore};
use web_sys::MouseEvent;
use yew::prelude::*;

use super::asked::use_answer;
use super::exclusions::Exclusions;
use super::marker::marker;
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::format::{counted, grouped};
use crate::protocol::{MarkedRow, Request, Response};
use crate::state::{Action, Rule, RunResult};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ScorePaneProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// The text, which may be newer.
    pub rule: Rule,
}

/// The labelled rows of one field of the table: those with a label that alert, or do not.
type Field = (Label, bool);

/// How the alerts fare by the labels, and what would make them fare better.
#[component]
pub fn ScorePane(props: &ScorePaneProps) -> Html {
    let field = use_state_eq(|| None::<FieldName>);
    let Some(result) = &props.result else { return html! {} };
    let Some(score) = &result.report.score else {
        return html! {
            <p class="soft nothing">{ "No row is labelled yet. Open a row's story and say whether it is part of an attack or harmless: precision and recall then move with every edit." }</p>
        };
    };
    let cell = |at: Field, count: usize, is_good: bool| {
        let name = FieldName(at.0 == Label::Malicious, at.1);
        let is_open = *field == Some(name);
        let toggle = {
            let field = field.clone();
            Callback::from(move |_: MouseEvent| field.set((!is_open).then_some(name)))
        };
        let class = (count > 0).then_some(if is_good { "is-good" } else { "is-bad" });
        html! {
            <td {class}>
                if count > 0 {
                    <button class="link" onclick={toggle} aria-expanded={is_open.to_string()} aria-label={format!("Show {}", field_in_words(at, count))}>{ grouped(count as u64) }</button>
                } else {
                    { "0" }
                }
            </td>
        }
    };
    let shown = field.map(|name| name.field());
    html! {
        <div class="score">
            <dl>
                <dt class="big">{ share(score.precision) }</dt>
                <dd><strong>{ "precision" }</strong>{ ": " }<span class="soft">{ format!(
                    "of {} that have a label, {} should alert",
                    counted(score.true_positives + score.false_positives, "alerting row"),
                    grouped(score.true_positives as u64)
                ) }</span></dd>
                <dt class="big">{ share(score.recall) }</dt>
                <dd><strong>{ "recall" }</strong>{ ": " }<span class="soft">{ format!(
                    "of {} labelled attack, {} alert",
                    counted(score.true_positives + score.false_negatives, "row"),
                    grouped(score.true_positives as u64)
                ) }</span></dd>
            </dl>
            <div class="scrolls"><table>
                <caption class="aloud">{ "Labelled rows by whether they alert" }</caption>
                <thead><tr><th scope="col">{ "Rows" }</th><th scope="col">{ "alert" }</th><th scope="col">{ "do not" }</th></tr></thead>
                <tbody>
                    <tr>
                        <th scope="row">{ "labelled attack" }</th>
                        { cell((Label::Malicious, true), score.true_positives, true) }
                        { cell((Label::Malicious, false), score.false_negatives, false) }
                    </tr>
                    <tr>
                        <th scope="row">{ "labelled harmless" }</th>
                        { cell((Label::Benign, true), score.false_positives, false) }
                        { cell((Label::Benign, false), score.true_negatives, true) }
                    </tr>
                    <tr><th scope="row">{ "no label" }</th><td>{ grouped(score.unlabelled as u64) }</td><td></td></tr>
                </tbody>
            </table></div>
            { by_signal(result, score) }
            if let Some(shown) = shown {
                <div class="is-wide"><LabelledRows {shown} generation={result.generation} /></div>
            }
            <div class="is-wide"><Exclusions result={Rc::clone(result)} rule={props.rule.clone()} /></div>
        </div>
    }
}

/// A field of the table, as something that can be kept: attack or harmless, alerting or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FieldName(bool, bool);

impl FieldName {
    fn field(self) -> Field {
        (if self.0 { Label::Malicious } else { Label::Benign }, self.1)
    }
}

fn field_in_words((label, alerts): Field, count: usize) -> String {
    let label = match label {
        Label::Malicious => "labelled attack",
        Label::Benign => "labelled harmless",
    };
    format!("the {} {label} that {}", counted(count, "row"), if alerts { "alert" } else { "do not alert" })
}

fn by_signal(result: &RunResult, score: &Score) -> Html {
    let row = |(place, signal): (usize, &detection::SignalReport)| {
        let none = SignalScore { name: String::new(), malicious: 0, benign: 0, unlabelled: 0 };
        let found = score.signals.iter().find(|known| known.name == signal.name).unwrap_or(&none);
        let labelled = found.malicious + found.benign;
        let precision = (labelled > 0).then(|| found.malicious as f64 / labelled as f64);
        html! {
            <tr key={signal.name.clone()}>
                <th scope="row">{ marker(place) }{ " " }{ &signal.name }</th>
                <td>{ grouped(found.malicious as u64) }</td>
                <td class={(found.benign > 0).then_some("is-bad")}>{ grouped(found.benign as u64) }</td>
                <td>{ grouped(found.unlabelled as u64) }</td>
                <td>{ share(precision) }</td>
            </tr>
        }
    };
    html! {
        <div class="scrolls"><table>
            <caption class="aloud">{ "Alerting rows of each signal by label" }</caption>
            <thead>
                <tr>
                    <th scope="col">{ "Signal" }</th><th scope="col">{ "attack" }</th><th scope="col">{ "harmless" }</th>
                    <th scope="col">{ "no label" }</th><th scope="col">{ "precision" }</th>
                </tr>
            </thead>
            <tbody>{ for result.report.signals.iter().enumerate().map(row) }</tbody>
        </table></div>
    }
}

/// A share in percent, or that there is none.
pub fn share(share: Option<f64>) -> String {
    match share {
        // What is not all of them does not read as if it were.
        Some(share) if share < 1.0 => format!("{} %", (share * 100.0).round().min(99.0)),
        Some(_) => "100 %".to_owned(),
        None => "–".to_owned(),
    }
}

/// The rows of one field.
#[derive(Properties, PartialEq)]
struct LabelledRowsProps {
    shown: Field,
    generation: crate::protocol::Generation,
}

#[component]
fn LabelledRows(props: &LabelledRowsProps) -> Html {
    let dispatch = use_dispatch();
    let (label, alerts) = props.shown;
    let asked = use_answer((label, alerts, props.generation), move |_| Some(Request::Labelled { label, alerts }));
    let Some(Response::Labelled { rows, total }) = asked.response.as_deref() else { return html! {} };
    let row = |row: &MarkedRow| {
        let open = dispatch.on::<MouseEvent>(Action::RecordOpened { record: row.record, signal: None });
        html! { <li key={format!("{}-{}", row.record.table, row.record.row)}><button class="link" onclick={open}>{ visible(&row.title) }</button></li> }
    };
    let words = field_in_words((label, alerts), *total);
    html! {
        <section aria-label={words.clone()}>
            <h3>{ words[..1].to_uppercase() }{ &words[1..] }</h3>
            <ul class="titles">{ for rows.iter().map(row) }</ul>
            if rows.len() < *total { <p class="soft">{ format!("and {} more", grouped((total - rows.len()) as u64)) }</p> }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_all_of_them_are_a_hundred_percent() {
        for (part, text) in
            [(None, "–"), (Some(0.0), "0 %"), (Some(0.614), "61 %"), (Some(0.999), "99 %"), (Some(1.0), "100 %")]
        {
            assert_eq!(share(part), text);
        }
    }
}
