//! The top line.

use yew::prelude::*;

use crate::dispatch::use_dispatch;
use crate::state::{Action, Dialog};

/// The top line: what this is, and that nothing leaves it.
#[component]
pub fn Header() -> Html {
    let dispatch = use_dispatch();
    html! {
        <header class="header">
            <h1>{ "Exfil Playground" }</h1>
            <span class="technique" title="MITRE ATT&CK T1567.001, Exfiltration to Code Repository">
                { detection::rule::TECHNIQUE }
            </span>
            <p class="local"><span aria-hidden="true">{ "✓ " }</span>{ "Everything stays in this tab" }</p>
            <button onclick={dispatch.on(Action::DialogOpened(Dialog::Samples))} aria-haspopup="dialog">{ "Samples" }</button>
            <button
                onclick={dispatch.on(Action::DialogOpened(Dialog::Keys))}
                aria-haspopup="dialog"
                aria-label="Keys and colours"
                title="Keys and colours (?)"
            >{ "?" }</button>
        </header>
    }
}
