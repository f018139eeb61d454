//! The samples, each with what to look for.

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dialog::{Dialog, close_open_dialog};
use crate::dispatch::use_dispatch;
use crate::protocol::{Others, SampleSummary};
use crate::state::Action;

/// The samples.
#[derive(Properties, PartialEq)]
pub struct SamplesDialogProps {
    /// All of them, in the order to show them.
    pub samples: Rc<Vec<SampleSummary>>,
    /// The short name of the one that was opened last.
    pub open: String,
    /// Whether the user's own logs are loaded.
    pub has_own_logs: bool,
}

/// The groups in their order, with what to call them.
const GROUPS: &[(&str, &str)] = &[
    ("mixed_day", "A day of everything"),
    ("scenario", "Attacks"),
    ("false_positive", "False positives"),
    ("evasion", "What the rule misses"),
];

/// The samples, each with what to look for.
#[component]
pub fn SamplesDialog(props: &SamplesDialogProps) -> Html {
    let dispatch = use_dispatch();
    let keeps = use_state_eq(|| props.has_own_logs);
    let others = if *keeps { Others::Kept } else { Others::Removed };
    let on_keep = Callback::from({
        let keeps = keeps.clone();
        move |event: Event| keeps.set(event.target_unchecked_into::<HtmlInputElement>().checked())
    });
    let item = |sample: &SampleSummary| {
        let id = sample.id.clone();
        let act = dispatch.act.clone();
        let choose = Callback::from(move |_: MouseEvent| {
            close_open_dialog();
            act.emit(Action::SampleChosen { id: id.clone(), others });
        });
        let is_open = sample.id == props.open;
        html! {
            <li key={sample.id.clone()}>
                <button class="sample" onclick={choose} aria-current={is_open.then_some("true")}>
                    <strong>{ &sample.title }</strong>
                    if is_open { <span class="tag">{ "opened last" }</span> }
                    <span class="sample-text">{ &sample.look_for }</span>
                </button>
            </li>
        }
    };
    let known = |group: &str| GROUPS.iter().any(|(name, _)| *name == group);
    let group = |name: &str, title: &str| {
        let is_in = |sample: &&SampleSummary| sample.group == name || name.is_empty() && !known(&sample.group);
        let items: Vec<Html> = props.samples.iter().filter(is_in).map(item).collect();
        if items.is_empty() {
            return html! {};
        }
        html! { <section><h3>{ title }</h3><ul class="samples">{ for items }</ul></section> }
    };
    html! {
        <Dialog title="Samples" class="wide">
            <p class="soft">{ "Written for this page: invented people and machines, rows that look like real ones." }</p>
            <label class="check">
                <input type="checkbox" checked={*keeps} onchange={on_keep} />
                { "Add to the logs that are loaded, instead of replacing them" }
            </label>
            { for GROUPS.iter().map(|(name, title)| group(name, title)) }
            { group("", "More") }
        </Dialog>
    }
}
