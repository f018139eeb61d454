//! The top line.

use std::rc::Rc;

use yew::prelude::*;

use crate::address::{Address, Place};
use crate::dispatch::use_dispatch;
use crate::state::{Action, Dialog};

/// What it depends on.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// What the address asks for.
    pub address: Rc<Address>,
}

/// The top line: what this is, and that nothing leaves it.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let dispatch = use_dispatch();
    let is_embedded = props.address.place == Place::Embedded;
    html! {
        <header class="header">
            <h1>{ "Exfil Playground" }</h1>
            <span class="technique" title="MITRE ATT&CK T1567.001, Exfiltration to Code Repository">
                { detection::rule::TECHNIQUE }
            </span>
            <p class="local"><span aria-hidden="true">{ "✓ " }</span>{ "Everything stays in this tab" }</p>
            <button onclick={dispatch.on(Action::DialogOpened(Dialog::Export))} aria-haspopup="dialog">{ "Export" }</button>
            if is_embedded {
                <a class="open-whole" href={props.address.whole()} target="_blank" rel="noopener">{ "Open the whole page" }</a>
            } else {
                <>
                    <button onclick={dispatch.on(Action::DialogOpened(Dialog::Share))} aria-haspopup="dialog">{ "Share" }</button>
                    <button onclick={dispatch.on(Action::DialogOpened(Dialog::Lessons))} aria-haspopup="dialog">{ "Lessons" }</button>
                    <button onclick={dispatch.on(Action::DialogOpened(Dialog::Samples))} aria-haspopup="dialog">{ "Samples" }</button>
                </>
            }
            <button
                onclick={dispatch.on(Action::DialogOpened(Dialog::Palette))}
                aria-haspopup="dialog"
                title="Find a command (Ctrl K)"
            >{ "Commands" }</button>
            <button
                onclick={dispatch.on(Action::DialogOpened(Dialog::Keys))}
                aria-haspopup="dialog"
                aria-label="Keys and colours"
                title="Keys and colours (?)"
            >{ "?" }</button>
        </header>
    }
}
