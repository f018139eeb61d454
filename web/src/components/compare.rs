//! What the rule does to the alerts of another version: the shipped one, or one that was kept.

use std::rc::Rc;

use detection::{SignalDifference, Totals};
use web_sys::{HtmlInputElement, HtmlSelectElement, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::compared_rows::{ComparedRows, Which};
use super::visible::visible;
use crate::dispatch::{NewText, TextChange, use_dispatch};
use crate::format::grouped;
use crate::protocol::{CompareRequest, Request, Response, Side};
use crate::rule_change::change_in_words;
use crate::state::{Action, Base, KeptVersion, Rule, RunResult};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ComparePaneProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// The text.
    pub rule: Rule,
    /// The versions that were kept.
    pub versions: Rc<Vec<KeptVersion>>,
    /// What the text is compared with.
    pub base: Base,
}

/// Another version against the text: alerts gained, lost and kept.
#[component]
pub fn ComparePane(props: &ComparePaneProps) -> Html {
    let dispatch = use_dispatch();
    let name = use_node_ref();
    let older = match props.base {
        Base::Shipped => Some((AttrValue::from("the shipped rule"), AttrValue::from(detection::rule::TEXT))),
        Base::Kept(place) => props.versions.get(place).map(|kept| (kept.name.clone(), kept.text.clone())),
    };
    let (base_name, text) = older.unwrap_or_default();
    let key = props.result.as_ref().map(|result| (result.generation, text.clone()));
    let asked = use_answer(key, |key| {
        let (_, text) = key.as_ref()?;
        Some(Request::Compare(CompareRequest { text: text.to_string(), role: Side::Older }))
    });
    let answer = match asked.response.as_deref() {
        Some(Response::Compared(answer)) => Some(Rc::new((**answer).clone())),
        _ => None,
    };
    let chosen = dispatch.act.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        Action::BaseSet(value.parse().map_or(Base::Shipped, Base::Kept))
    });
    let keep = {
        let (act, name, count) = (dispatch.act.clone(), name.clone(), props.versions.len());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = name.cast::<HtmlInputElement>() else { return };
            let typed = input.value().trim().to_owned();
            let typed = if typed.is_empty() { format!("Version {}", count + 1) } else { typed };
            input.set_value("");
            act.emit(Action::VersionKept(typed));
        })
    };
    let option = |(place, kept): (usize, &KeptVersion)| {
        html! { <option key={place} value={place.to_string()} selected={props.base == Base::Kept(place)}>{ &kept.name }</option> }
    };
    let own = match props.base {
        Base::Kept(place) => Some(place),
        Base::Shipped => None,
    };
    let back = {
        let (change_text, of, text) = (dispatch.change_text.clone(), props.rule.text.clone(), text.clone());
        Callback::from(move |_: MouseEvent| {
            change_text.emit(TextChange { of: of.clone(), to: NewText::Text(text.to_string()) });
        })
    };
    let difference = change_in_words(&text, &props.rule.text);
    html! {
        <div class={classes!("compare", (!asked.is_current).then_some("is-stale"))} aria-busy={(!asked.is_current).to_string()}>
            <div class="row">
                <label>{ "Compare with " }
                    <select aria-label="Compare with" onchange={chosen}>
                        <option value="shipped" selected={props.base == Base::Shipped}>{ "the shipped rule" }</option>
                        { for props.versions.iter().enumerate().map(option) }
                    </select>
                </label>
                <button onclick={back} aria-disabled={difference.is_none().to_string()} title="Puts that version into the rule; one undo takes it back">{ "Go back to it" }</button>
                if let Some(place) = own {
                    <button onclick={dispatch.on(Action::VersionForgotten(place))}>{ "Forget it" }</button>
                }
                <form class="row end" onsubmit={keep}>
                    <input ref={name} aria-label="Name of this version" placeholder={format!("Version {}", props.versions.len() + 1)} autocomplete="off" maxlength="80" />
                    <button>{ "Keep this version" }</button>
                </form>
            </div>
            <p class="soft">
                { match &difference {
                    None => format!("The rule is {base_name}, to the letter."),
                    Some(words) => format!("Since {base_name}: {words}."),
                } }
            </p>
            if let Some(answer) = answer {
                if let Some(finding) = answer.comparison.findings.iter().find(|f| f.severity == kql_syntax::Severity::Error) {
                    <p class="bad">{ format!("{base_name} cannot be run: {}", finding.message) }</p>
                } else {
                    { totals(&answer.comparison.signals, answer.comparison.totals) }
                    <ComparedRows answer={Rc::clone(&answer)} which={Which::Gained} />
                    <ComparedRows {answer} which={Which::Lost} />
                }
            }
        </div>
    }
}

fn totals(signals: &[SignalDifference], all: Totals) -> Html {
    let row = |name: Html, totals: Totals| {
        html! {
            <tr>
                <th scope="row">{ name }</th>
                <td class={(totals.gained > 0).then_some("is-gained")}>{ format!("+{}", grouped(totals.gained as u64)) }</td>
                <td class={(totals.lost > 0).then_some("is-lost")}>{ format!("−{}", grouped(totals.lost as u64)) }</td>
                <td>{ grouped(totals.kept as u64) }</td>
            </tr>
        }
    };
    html! {
        <table class="totals">
            <caption class="aloud">{ "Alerts gained, lost and kept by signal" }</caption>
            <thead><tr><th scope="col">{ "Signal" }</th><th scope="col">{ "gained" }</th><th scope="col">{ "lost" }</th><th scope="col">{ "kept" }</th></tr></thead>
            <tbody>
                { for signals.iter().map(|signal| row(visible(&signal.name), signal.totals)) }
                { row(html! { <strong>{ "All" }</strong> }, all) }
            </tbody>
        </table>
    }
}
