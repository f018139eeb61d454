//! The button that opens a session, lesson or test file.

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::dialog::close_open_dialog;
use crate::dispatch::use_dispatch;
use crate::protocol::Opening;
use crate::state::Action;

/// More is not read, in bytes: the engine believes no longer file.
const MOST: f64 = (256u32 << 20) as f64;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct OpenFileProps {
    /// What the button says.
    pub label: AttrValue,
}

/// The button that opens a session, lesson or test file.
#[component]
pub fn OpenFile(props: &OpenFileProps) -> Html {
    let act = use_dispatch().act;
    let refused = use_state_eq(AttrValue::default);
    let on_file = {
        let refused = refused.clone();
        Callback::from(move |event: Event| {
            let input: HtmlInputElement = event.target_unchecked_into();
            let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
            // The same file can be chosen again.
            input.set_value("");
            if file.size() > MOST {
                refused.set("That file is longer than any session.".into());
                return;
            }
            let (act, refused) = (act.clone(), refused.clone());
            spawn_local(async move {
                match JsFuture::from(file.text()).await.ok().as_ref().and_then(JsValue::as_string) {
                    Some(text) => {
                        close_open_dialog();
                        act.emit(Action::VisitBegun(Opening::File(text)));
                    }
                    None => refused.set("The browser could not read the file.".into()),
                }
            });
        })
    };
    html! {
        <>
            <label class="file-button">
                { &props.label }
                <input type="file" accept=".json,application/json" onchange={on_file} />
            </label>
            if !refused.is_empty() { <span class="bad" role="alert">{ (*refused).clone() }</span> }
        </>
    }
}
