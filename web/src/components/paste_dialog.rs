//! A field to paste a log into.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{File, HtmlTextAreaElement};
use yew::prelude::*;

use super::dialog::{Dialog, close_open_dialog};
use crate::dispatch::use_dispatch;

/// The name of a log that was pasted.
const NAME: &str = "pasted text";

/// A text as a file: pasted logs go the way of all others.
pub fn text_file(text: &str) -> Option<File> {
    File::new_with_str_sequence(&Array::of1(&JsValue::from_str(text)), NAME).ok()
}

/// A field to paste a log into.
#[component]
pub fn PasteDialog() -> Html {
    let dispatch = use_dispatch();
    let field = use_node_ref();
    let is_empty = use_state_eq(|| true);
    let on_input = Callback::from({
        let is_empty = is_empty.clone();
        move |event: InputEvent| {
            is_empty.set(event.target_unchecked_into::<HtmlTextAreaElement>().text_length() == 0);
        }
    });
    let read = Callback::from({
        let field = field.clone();
        move |_: MouseEvent| {
            let text = field.cast::<HtmlTextAreaElement>().map(|field| field.value()).unwrap_or_default();
            close_open_dialog();
            if let Some(file) = text_file(&text) {
                dispatch.give_files.emit(vec![file]);
            }
        }
    });
    html! {
        <Dialog title="Paste a log" class="wide">
            <label class="soft" for="paste-field">
                { "CSV with its header line, JSON, lines of JSON, or Windows events as XML. What it is shows by what is in it." }
            </label>
            <textarea ref={field} id="paste-field" class="paste" rows="14" spellcheck="false" autofocus=true oninput={on_input} />
            <div class="actions">
                <button class="primary" onclick={read} disabled={*is_empty}>{ "Read it" }</button>
            </div>
        </Dialog>
    }
}
