//! Files dropped anywhere on the page, and text pasted where no field is.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::JsCast as _;
use web_sys::{DataTransfer, DragEvent, File};
use yew::prelude::*;

use super::paste_dialog::text_file;
use crate::dispatch::use_dispatch;
use crate::dom::{is_typed_into, listen};

/// Takes files dropped anywhere on the page, and shows that it would.
#[component]
pub fn DropTarget() -> Html {
    let dispatch = use_dispatch();
    let is_over = use_state_eq(|| false);
    use_effect_with((), {
        let is_over = is_over.clone();
        move |()| {
            // Entering and leaving are told for every element on the way.
            let depth = Rc::new(Cell::new(0i32));
            let entered = listen("dragenter", {
                let (depth, is_over) = (Rc::clone(&depth), is_over.clone());
                move |event| {
                    if brings_files(event) {
                        depth.set(depth.get() + 1);
                        is_over.set(true);
                    }
                }
            });
            let left = listen("dragleave", {
                let (depth, is_over) = (Rc::clone(&depth), is_over.clone());
                move |event| {
                    if brings_files(event) {
                        depth.set((depth.get() - 1).max(0));
                        is_over.set(depth.get() > 0);
                    }
                }
            });
            let over = listen("dragover", |event| {
                if brings_files(event) {
                    event.prevent_default();
                }
            });
            let dropped = listen("drop", {
                let give_files = dispatch.give_files.clone();
                move |event| {
                    depth.set(0);
                    is_over.set(false);
                    let files = transfer(event).map(|transfer| files(&transfer)).unwrap_or_default();
                    if !files.is_empty() {
                        event.prevent_default();
                        give_files.emit(files);
                    }
                }
            });
            let pasted = listen("paste", move |event| {
                if is_typed_into(event) {
                    return;
                }
                let Some(transfer) = pasted_data(event) else { return };
                let mut given = files(&transfer);
                if given.is_empty() {
                    let text = transfer.get_data("text/plain").unwrap_or_default();
                    given.extend((!text.trim().is_empty()).then(|| text_file(&text)).flatten());
                }
                if !given.is_empty() {
                    event.prevent_default();
                    dispatch.give_files.emit(given);
                }
            });
            move || drop([entered, left, over, dropped, pasted])
        }
    });
    html! {
        <div class={classes!("drop-target", is_over.then_some("is-over"))} aria-hidden="true">
            <p>{ "Drop to read" }</p>
        </div>
    }
}

fn transfer(event: &Event) -> Option<DataTransfer> {
    event.dyn_ref::<DragEvent>()?.data_transfer()
}

/// What a paste brings. `ClipboardEvent` is behind an unstable interface of web-sys.
fn pasted_data(event: &Event) -> Option<DataTransfer> {
    js_sys::Reflect::get(event, &"clipboardData".into()).ok()?.dyn_into().ok()
}

fn brings_files(event: &Event) -> bool {
    transfer(event).is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

fn files(transfer: &DataTransfer) -> Vec<File> {
    let list = transfer.files();
    list.map(|list| (0..list.length()).filter_map(|place| list.item(place)).collect()).unwrap_or_default()
}
