//! The button that opens a session, lesson or test file.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::visible::visible;
use crate::dispatch::use_dispatch;

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct OpenFileProps {
    /// What the button says.
    pub label: AttrValue,
    /// What was wrong with the file that was chosen last.
    pub problem: Option<AttrValue>,
}

/// The button that opens a session, lesson or test file.
#[component]
pub fn OpenFile(props: &OpenFileProps) -> Html {
    let open_file = use_dispatch().open_file;
    let on_file = Callback::from(move |event: Event| {
        let input: HtmlInputElement = event.target_unchecked_into();
        let Some(file) = input.files().and_then(|files| files.item(0)) else { return };
        // The same file can be chosen again.
        input.set_value("");
        open_file.emit(file);
    });
    html! {
        <>
            <label class="file-button">
                { &props.label }
                <input type="file" accept=".json,application/json" onchange={on_file} />
            </label>
            <span class="bad file-problem" role="alert">{ for props.problem.as_deref().map(visible) }</span>
        </>
    }
}
