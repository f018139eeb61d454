//! Protected rows: rows that must alert, or must not. What breaks one stands here at once, with the edit that did it.

use std::rc::Rc;

use detection::Wanted;
use web_sys::MouseEvent;
use yew::prelude::*;

use super::visible::visible;
use crate::dispatch::use_dispatch;
use crate::format::counted;
use crate::protocol::MarkChange;
use crate::state::{Action, PinnedRow, RunResult};

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct ProtectedProps {
    /// The newest result.
    pub result: Option<Rc<RunResult>>,
    /// Whether the last change of the text can be taken back.
    pub can_undo: bool,
}

/// Protected rows and how they fare; nothing while none is protected.
#[component]
pub fn Protected(props: &ProtectedProps) -> Html {
    let dispatch = use_dispatch();
    let pins = props.result.as_ref().map_or(&[][..], |result| &result.pins);
    if pins.is_empty() {
        return html! {};
    }
    let broken = pins.iter().filter(|pin| !pin.report.holds).count();
    let row = |pin: &PinnedRow| {
        let record = pin.report.pin.row;
        let wanted = match pin.report.pin.wanted {
            Wanted::Alert => "must alert",
            Wanted::Silence => "must not alert",
        };
        let (class, sign) = if pin.report.holds { ("ok", "✓") } else { ("bad", "✗") };
        let open = dispatch.on::<MouseEvent>(Action::RecordOpened { record, signal: None });
        let release = dispatch.on::<MouseEvent>(Action::Marked { record, change: MarkChange::Pin(None) });
        html! {
            <li key={format!("{}-{}", record.table, record.row)}>
                <span {class}><span aria-hidden="true">{ sign }{ " " }</span>{ wanted }</span>
                <button class="link" onclick={open}>{ visible(&pin.title) }</button>
                if let Some(why) = &pin.report.broken_by { <span>{ visible(why) }</span> }
                if let Some(edit) = &pin.broken_since { <strong>{ "Broken by the edit: " }{ visible(edit) }{ "." }</strong> }
                <button class="quiet" onclick={release} aria-label={format!("Protect no more: {}", pin.title)} title="Protect no more">{ "×" }</button>
            </li>
        }
    };
    let list = |holds: bool| pins.iter().filter(move |pin| pin.report.holds == holds).map(row);
    let some = counted(pins.len(), "protected row");
    html! {
        <section class={classes!("panel", "protected", (broken > 0).then_some("is-broken"))} aria-label="Protected rows">
            if broken > 0 {
                <div class="row" role="alert">
                    <strong class="bad">{ format!("✗ {broken} of {some} {} broken.", if broken == 1 { "is" } else { "are" }) }</strong>
                    if props.can_undo { <button onclick={dispatch.on(Action::Undo)}>{ "Undo the last edit" }</button> }
                </div>
                <ul>{ for list(false) }</ul>
            }
            if broken < pins.len() {
                <details>
                    <summary>
                        <span class="ok" aria-hidden="true">{ "✓ " }</span>
                        { match (broken, pins.len() - broken) {
                            (0, 1) => format!("{some} holds"),
                            (0, _) => format!("{some} hold"),
                            (_, 1) => "1 holds".to_owned(),
                            (_, holding) => format!("{holding} hold"),
                        } }
                    </summary>
                    <ul>{ for list(true) }</ul>
                </details>
            }
        </section>
    }
}
