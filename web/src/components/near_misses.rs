//! Near misses: rows that a single condition kept from alerting, or two, by the values that failed, the nearest first,
//! each with the smallest edits that would catch it.

use std::rc::Rc;

use detection::{NearFailure, NearGroup, SignalNearMisses};
use wasm_bindgen::JsCast as _;
use web_sys::{HtmlElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use super::asked::use_answer;
use super::marker::{marker, signal_class};
use super::suggestion::{Applied, SuggestionItem, use_applied};
use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::format::{counted, grouped};
use crate::protocol::{Request, Response};
use crate::state::{Action, Rule, RunResult};

/// As many groups of a signal are shown at first.
const SHOWN: usize = 12;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct NearMissesProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// The text, which may be newer.
    pub rule: Rule,
}

/// Names a group as long as the rule lets it be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GroupName {
    signal: usize,
    /// Conditions and values that failed.
    failures: Vec<(String, String)>,
}

/// Near misses by signal and value.
#[component]
pub fn NearMisses(props: &NearMissesProps) -> Html {
    let node = use_node_ref();
    let open = use_state_eq(|| None::<GroupName>);
    let whole = use_state_eq(Vec::<usize>::new);
    let Applied { on_applied, undo } = use_applied(&node, props.rule.version);
    let failed = use_state_eq(|| 1usize);
    let key = props.result.as_ref().map(|result| (result.generation, *failed));
    let asked = use_answer(key, |key| key.map(|(_, failed)| Request::NearMisses { failed }));
    let signals: &[SignalNearMisses] = match asked.response.as_deref() {
        Some(Response::NearMisses(signals)) => signals,
        _ => &[],
    };
    // The edits are of the text that was run: another text is run first.
    let is_current = asked.is_current && props.result.as_ref().is_some_and(|r| r.version == props.rule.version);
    let group = |signal: usize, place: usize, group: &NearGroup| {
        let failures = group.failures.iter().map(|failure| (failure.text.clone(), failure.value.clone())).collect();
        let name = GroupName { signal, failures };
        let key = format!("{:?} {:?}", name.failures, group.rows.first());
        let is_open = open.as_ref() == Some(&name);
        let toggle = {
            let open = open.clone();
            Callback::from(move |_: MouseEvent| open.set((!is_open).then(|| name.clone())))
        };
        let id = format!("near-{signal}-{place}");
        html! {
            <li {key} class="near-group">
                <button class="near-head" aria-expanded={is_open.to_string()} aria-controls={is_open.then(|| id.clone())} onclick={toggle}>
                    <span class="near-count">{ grouped(group.count as u64) }<span class="aloud">{ if group.count == 1 { " row: " } else { " rows: " } }</span></span>
                    { for group.failures.iter().map(failure) }
                </button>
                if is_open {
                    <div {id} class="near-detail">
                        <GroupDetail signal={signal} group={group.clone()} text={props.rule.text.clone()} {is_current} on_applied={on_applied.clone()} />
                    </div>
                }
            </li>
        }
    };
    let choice = |(count, words): (usize, &'static str)| {
        let set = failed.clone();
        let on_choice = Callback::from(move |_: MouseEvent| set.set(count));
        html! { <button aria-pressed={(*failed == count).to_string()} onclick={on_choice}>{ words }</button> }
    };
    let signal = |near: &SignalNearMisses| {
        let is_whole = whole.contains(&near.signal);
        let shown = if is_whole { near.groups.len() } else { near.groups.len().min(SHOWN) };
        let show_all = {
            let (whole, signal) = (whole.clone(), near.signal);
            Callback::from(move |_: MouseEvent| whole.set(whole.iter().copied().chain([signal]).collect()))
        };
        html! {
            <section class={classes!("near-signal", signal_class(near.signal))} key={near.signal} aria-label={near.name.clone()}>
                <h3>
                    { marker(near.signal) }{ " " }{ &near.name }
                    <span class="soft">{ match (near.total, *failed) {
                        (0, 1) => ": no row failed just one condition".to_owned(),
                        (0, _) => ": no row failed just two conditions".to_owned(),
                        (total, 1) => format!(": {} failed just one condition", counted(total, "row")),
                        (total, _) => format!(": {} failed just two conditions", counted(total, "row")),
                    } }</span>
                    if near.looked_at < near.total {
                        <span class="soft">{ format!(", of which the first {} by condition are looked at", grouped(near.looked_at as u64)) }</span>
                    }
                </h3>
                <ol class="near-groups">
                    { for near.groups.iter().take(shown).enumerate().map(|(place, g)| group(near.signal, place, g)) }
                </ol>
                if shown < near.groups.len() {
                    <button onclick={show_all}>{ format!("Show {} more", grouped((near.groups.len() - shown) as u64)) }</button>
                }
            </section>
        }
    };
    html! {
        <div
            ref={node.clone()}
            class={classes!("near", (!is_current).then_some("is-stale"))}
            tabindex="-1"
            aria-busy={(!is_current).to_string()}
            onkeydown={walk(node)}
        >
            <p class="soft">{ "Rows that met every condition of a signal but one, or but two. Each group shows what it would take to catch them, and what else that would catch." }</p>
            <div class="row" role="group" aria-label="Conditions that failed">
                { for [(1, "One condition failed"), (2, "Two conditions failed")].map(choice) }
            </div>
            { undo }
            if signals.is_empty() {
                <p class="soft">{ if is_current { "No signal stands on rows of one table." } else { "…" } }</p>
            }
            { for signals.iter().map(signal) }
        </div>
    }
}

/// A condition that rows failed, and with what.
fn failure(failure: &NearFailure) -> Html {
    html! {
        <>
            <span class="near-value">
                if failure.value.trim_matches([' ', '·']).is_empty() { <span class="soft">{ "no value" }</span> } else { { visible(&failure.value) } }
            </span>
            <span class="near-why"><code>{ &failure.text }</code>{ " " }<span>{ &failure.why }</span></span>
        </>
    }
}

/// Arrows move from group to group.
fn walk(node: NodeRef) -> Callback<KeyboardEvent> {
    Callback::from(move |event: KeyboardEvent| {
        let by: i64 = match event.key().as_str() {
            "ArrowDown" => 1,
            "ArrowUp" => -1,
            _ => return,
        };
        let Some(pane) = node.cast::<HtmlElement>() else { return };
        let Ok(heads) = pane.query_selector_all(".near-head") else { return };
        let active = gloo::utils::document().active_element();
        let head = |place: u32| heads.item(place).and_then(|node| node.dyn_into::<HtmlElement>().ok());
        let at = (0..heads.length()).find(|place| head(*place).as_deref() == active.as_ref());
        let next = match at {
            Some(at) => i64::from(at) + by,
            // Within a group that is open, and from the pane itself, the first is the way in.
            None if active.as_ref() == Some(pane.as_ref()) => 0,
            None => return,
        };
        if let Some(next) = u32::try_from(next).ok().and_then(head) {
            event.prevent_default();
            let _ = next.focus();
        }
    })
}

/// A group that is looked into.
#[derive(Properties, PartialEq)]
struct GroupDetailProps {
    signal: usize,
    group: NearGroup,
    text: AttrValue,
    is_current: bool,
    on_applied: Callback<AttrValue>,
}

#[component]
fn GroupDetail(props: &GroupDetailProps) -> Html {
    let dispatch = use_dispatch();
    let looked_at = use_state_eq(|| 0usize);
    let group = &props.group;
    let count = group.rows.len();
    let show = group.rows.get(*looked_at % count.max(1)).map(|record| {
        let (act, record, looked_at) = (dispatch.act.clone(), *record, looked_at.clone());
        let signal = u16::try_from(props.signal).ok();
        Callback::from(move |_: MouseEvent| {
            act.emit(Action::RecordOpened { record, signal });
            looked_at.set(*looked_at + 1);
        })
    });
    html! {
        <>
            if group.suggestions.is_empty() {
                <p class="soft">{ "No edit of a single literal catches these." }</p>
            }
            <ul class="suggestions">
                { for group.suggestions.iter().map(|suggestion| html! {
                    <SuggestionItem
                        key={suggestion.words.clone()}
                        suggestion={suggestion.clone()}
                        text={props.text.clone()}
                        of={(group.rows.len() == group.count).then(|| group.rows.clone())}
                        is_current={props.is_current}
                        on_applied={props.on_applied.clone()}
                    />
                }) }
            </ul>
            if let Some(show) = show {
                <button onclick={show}>{ if count == 1 {
                    "Show the row".to_owned()
                } else {
                    format!("Show row {} of {}", *looked_at % count + 1, grouped(count as u64))
                } }</button>
            }
        </>
    }
}
