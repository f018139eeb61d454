//! Asks before everything is forgotten.

use yew::prelude::*;

use super::dialog::{Dialog, close_open_dialog};
use crate::dispatch::use_dispatch;
use crate::state::Action;

/// Asks before everything is forgotten.
#[component]
pub fn ResetDialog() -> Html {
    let dispatch = use_dispatch();
    let cancel = Callback::from(|_: MouseEvent| close_open_dialog());
    html! {
        <Dialog title="Reset the page">
            <p>{ "The page opens as if for the first time. What this browser keeps of it is forgotten: your query, the clock, \
                  logs that were kept, colours, filters, and what you have solved." }</p>
            <p class="soft">{ "Files on your disk stay as they are." }</p>
            <div class="actions">
                <button autofocus=true onclick={cancel}>{ "Cancel" }</button>
                <button class="primary" onclick={dispatch.on(Action::EverythingForgotten)}>{ "Reset everything" }</button>
            </div>
        </Dialog>
    }
}
