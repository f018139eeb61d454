//! Real tabs: arrow keys move between them, and each names the panel that it shows.

use web_sys::{HtmlElement, KeyboardEvent};
use yew::prelude::*;

/// A tab.
#[derive(Clone, PartialEq)]
pub struct Tab {
    /// What it is told apart by.
    pub name: &'static str,
    /// The id of the panel that it shows.
    pub panel: &'static str,
    /// What it says.
    pub label: Html,
}

/// A row of tabs.
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// What the row is about, for screen readers.
    pub label: AttrValue,
    /// The tabs.
    pub tabs: Vec<Tab>,
    /// The place of the one that is shown.
    pub selected: usize,
    /// Another one is wanted.
    pub on_select: Callback<usize>,
}

/// A row of tabs.
#[component]
pub fn Tabs(props: &TabsProps) -> Html {
    let node = use_node_ref();
    let on_key = {
        let (node, on_select) = (node.clone(), props.on_select.clone());
        let (selected, count) = (props.selected, props.tabs.len());
        Callback::from(move |event: KeyboardEvent| {
            let next = match event.key().as_str() {
                "ArrowRight" => (selected + 1) % count,
                "ArrowLeft" => (selected + count - 1) % count,
                "Home" => 0,
                "End" => count - 1,
                _ => return,
            };
            event.prevent_default();
            on_select.emit(next);
            let tab = node.cast::<HtmlElement>().and_then(|row| row.children().item(next as u32));
            if let Some(tab) = tab.and_then(|tab| wasm_bindgen::JsCast::dyn_into::<HtmlElement>(tab).ok()) {
                let _ = tab.focus();
            }
        })
    };
    let tab = |(place, tab): (usize, &Tab)| {
        let is_selected = place == props.selected;
        let on_select = props.on_select.clone();
        html! {
            <button
                key={tab.name}
                id={format!("{}-tab", tab.name)}
                role="tab"
                aria-selected={if is_selected { "true" } else { "false" }}
                aria-controls={tab.panel}
                tabindex={if is_selected { "0" } else { "-1" }}
                onclick={move |_| on_select.emit(place)}
            >{ tab.label.clone() }</button>
        }
    };
    html! {
        <div ref={node} class="tabs" role="tablist" aria-label={props.label.clone()} onkeydown={on_key}>
            { for props.tabs.iter().enumerate().map(tab) }
        </div>
    }
}
