//! What every dialog shares: it lies over the page, keeps the focus, goes by Esc, and gives the focus back.

use wasm_bindgen::JsCast as _;
use web_sys::{HtmlDialogElement, MouseEvent};
use yew::prelude::*;

use crate::dispatch::use_dispatch;
use crate::state::Action;

/// What a dialog is made of.
#[derive(Properties, PartialEq)]
pub struct DialogProps {
    /// Its heading.
    pub title: AttrValue,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
    /// What is in it.
    pub children: Children,
}

/// A dialog over the page.
#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let dispatch = use_dispatch();
    let node = use_node_ref();
    use_effect_with((), {
        let node = node.clone();
        move |()| {
            if let Some(dialog) = node.cast::<HtmlDialogElement>() {
                // It has just been made, so it is not open yet.
                let _ = dialog.show_modal();
            }
        }
    });
    // The browser gives the focus back when a dialog closes, so every way out goes through this.
    let close = Callback::from({
        let node = node.clone();
        move |_: MouseEvent| close(&node)
    });
    let on_backdrop = Callback::from({
        let node = node.clone();
        move |event: MouseEvent| {
            // Only what is beside the dialog's content is the dialog itself.
            let target = event.target().and_then(|target| target.dyn_into::<HtmlDialogElement>().ok());
            if target.is_some() {
                self::close(&node);
            }
        }
    });
    let on_close = dispatch.on::<Event>(Action::DialogClosed);
    html! {
        <dialog ref={node} class={classes!("dialog", props.class.clone())} aria-labelledby="dialog-title" onclose={on_close} onclick={on_backdrop}>
            <div class="dialog-body">
                <div class="dialog-head">
                    <h2 id="dialog-title">{ &props.title }</h2>
                    <button class="quiet" aria-label="Close" onclick={close}>{ "×" }</button>
                </div>
                { props.children.clone() }
            </div>
        </dialog>
    }
}

/// Closes the dialog that is open, if one is.
pub fn close_open_dialog() {
    let open = gloo::utils::document().query_selector("dialog[open]").ok().flatten();
    if let Some(dialog) = open.and_then(|dialog| dialog.dyn_into::<HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

fn close(node: &NodeRef) {
    if let Some(dialog) = node.cast::<HtmlDialogElement>() {
        dialog.close();
    }
}
