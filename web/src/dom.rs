//! The few things that the page does to elements itself.

use gloo::events::{EventListener, EventListenerOptions};
use gloo::utils::{document, window};
use wasm_bindgen::JsCast as _;
use web_sys::{Event, EventTarget, HtmlElement, KeyboardEvent, PointerEvent};
use yew::NodeRef;

use crate::commands::Modifier;

/// Sets a custom property or a style of an element. Style attributes are forbidden by the page's policy.
pub fn set_style(node: &NodeRef, name: &str, value: &str) {
    if let Some(element) = node.cast::<HtmlElement>() {
        // A name and a value of ours are always taken.
        let _ = element.style().set_property(name, value);
    }
}

/// Gives an element the focus, if it is there.
pub fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Gives the first element of a selector the focus, if there is one.
pub fn focus_first(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Gives the focus to the rows, or to what stands in their place.
pub fn focus_results() {
    let grid = document().query_selector("[role=grid]").ok().flatten();
    focus_first(if grid.is_some() { "[role=grid]" } else { "#rows-panel" });
}

/// Clicks the first element of a selector, if there is one.
pub fn click_first(selector: &str) {
    let found = document().query_selector(selector).ok().flatten();
    if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// How far from an element's left edge a pointer is, as a share of its width from 0 to 1; none when it is not there.
pub fn share_under(node: &NodeRef, event: &PointerEvent) -> Option<f64> {
    let rect = node.cast::<HtmlElement>()?.get_bounding_client_rect();
    let share = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
    Some(share.clamp(0.0, 1.0))
}

/// Has an element hear of a pointer wherever it goes, until it is let go.
pub fn hold_pointer(node: &NodeRef, event: &PointerEvent) {
    if let Some(element) = node.cast::<HtmlElement>() {
        // A pointer that is gone already cannot be held.
        let _ = element.set_pointer_capture(event.pointer_id());
    }
}

/// Whether keys typed on the target of an event are text.
pub fn is_typed_into(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    element.is_some_and(|element| {
        element.is_content_editable() || ["INPUT", "TEXTAREA", "SELECT"].contains(&element.tag_name().as_str())
    })
}

/// What is held down with a key.
pub fn modifier(event: &KeyboardEvent) -> Modifier {
    match (event.ctrl_key() || event.meta_key(), event.alt_key()) {
        (false, false) => Modifier::None,
        (true, false) => Modifier::Ctrl,
        (_, true) => Modifier::Other,
    }
}

/// Listens on the whole window, and may keep the browser from acting by itself.
pub fn listen(name: &'static str, heard: impl Fn(&Event) + 'static) -> EventListener {
    let target: EventTarget = window().into();
    EventListener::new_with_options(&target, name, EventListenerOptions::enable_prevent_default(), heard)
}

/// Milliseconds on the page's clock.
pub fn now() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
