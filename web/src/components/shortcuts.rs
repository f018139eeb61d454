//! Keys that work anywhere on the page: those of the commands.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::commands::{COMMANDS, Command};
use crate::dispatch::use_dispatch;
use crate::dom::{is_typed_into, listen, modifier};
use crate::state::State;

/// What the keys depend on.
#[derive(Properties, PartialEq)]
pub struct ShortcutsProps {
    /// Everything.
    pub state: Rc<State>,
}

/// Keys that work anywhere on the page.
#[component]
pub fn Shortcuts(props: &ShortcutsProps) -> Html {
    let dispatch = use_dispatch();
    // The listener stays; what it goes by is the newest state.
    let newest = use_memo((), |()| RefCell::new(Rc::clone(&props.state)));
    newest.replace(Rc::clone(&props.state));
    use_effect_with((), move |()| {
        let listener = listen("keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.default_prevented() || is_dialog_open() {
                return;
            }
            let state = Rc::clone(&newest.borrow());
            let (key, modifier, text) = (event.key(), modifier(event), is_typed_into(event));
            let is_it = |command: &&Command| {
                command.keys.is_some_and(|keys| keys.is_pressed(&key, modifier, text)) && (command.is_available)(&state)
            };
            if let Some(command) = COMMANDS.iter().find(is_it) {
                event.prevent_default();
                dispatch.perform(&(command.effect)(&state), &state);
            }
        });
        move || drop(listener)
    });
    html! {}
}

fn is_dialog_open() -> bool {
    gloo::utils::document().query_selector("dialog[open]").ok().flatten().is_some()
}
