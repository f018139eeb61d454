//! Keys that work anywhere on the page.

use wasm_bindgen::JsCast as _;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::dispatch::use_dispatch;
use crate::dom::{focus_first, focus_results, has_modifier, is_typed_into, listen};
use crate::state::{Action, Dialog};

/// What the keys depend on.
#[derive(Properties, PartialEq)]
pub struct ShortcutsProps {
    /// Whether a story is open.
    pub has_story: bool,
}

/// Keys that work anywhere on the page.
#[component]
pub fn Shortcuts(props: &ShortcutsProps) -> Html {
    let act = use_dispatch().act;
    use_effect_with(props.has_story, move |has_story| {
        let has_story = *has_story;
        let listener = listen("keydown", move |event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else { return };
            if event.default_prevented() || is_dialog_open() {
                return;
            }
            let key = event.key();
            if key == "Enter" && (event.ctrl_key() || event.meta_key()) {
                event.prevent_default();
                act.emit(Action::RunNow);
            } else if has_modifier(event) {
            } else if key == "Escape" && has_story {
                event.prevent_default();
                act.emit(Action::StoryClosed);
                focus_results();
            } else if is_typed_into(event) {
            } else if key == "/" {
                event.prevent_default();
                focus_first("#filter");
            } else if key == "?" {
                event.prevent_default();
                act.emit(Action::DialogOpened(Dialog::Keys));
            }
        });
        move || drop(listener)
    });
    html! {}
}

fn is_dialog_open() -> bool {
    gloo::utils::document().query_selector("dialog[open]").ok().flatten().is_some()
}
