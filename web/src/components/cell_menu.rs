//! What can be done with a cell: keep or leave out its value, copy it.

use gloo::utils::window;
use wasm_bindgen::JsCast as _;
use web_sys::{FocusEvent, HtmlElement, KeyboardEvent, MouseEvent};
use yew::prelude::*;

use crate::clipboard::{copy, copy_explanation, copy_row};
use crate::dispatch::{Dispatch, use_dispatch};
use crate::dom::set_style;
use crate::protocol::{Keep, Request, Response, ValueFilter};
use crate::state::{Action, Dialog, Table};

/// A cell, and where its menu is to stand.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuFor {
    /// The row's place, as arranged.
    pub place: usize,
    /// The row's position in its table.
    pub row: usize,
    /// The column's position.
    pub column: usize,
    /// The column's name.
    pub name: String,
    /// The cell as it is here.
    pub value: String,
    /// Whether that is only its beginning.
    pub is_cut: bool,
    /// Whether it is a cell of the result, which can be filtered.
    pub is_result: bool,
    /// Where on screen.
    pub at: (f64, f64),
}

/// What is shown.
#[derive(Properties, PartialEq)]
pub struct CellMenuProps {
    /// The cell.
    pub cell: MenuFor,
    /// The table that it stands in.
    pub table: Table,
    /// The menu is to go.
    pub on_close: Callback<()>,
}

/// What can be done with a cell.
#[component]
pub fn CellMenu(props: &CellMenuProps) -> Html {
    let dispatch = use_dispatch();
    let node = use_node_ref();
    use_effect_with(props.cell.at, {
        let node = node.clone();
        move |at: &(f64, f64)| {
            let Some(menu) = node.cast::<HtmlElement>() else { return };
            let size = |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
            let (wide, tall) = (size(window().inner_width()), size(window().inner_height()));
            let left = at.0.min(wide - f64::from(menu.offset_width()) - 8.0).max(8.0);
            let top = at.1.min(tall - f64::from(menu.offset_height()) - 8.0).max(8.0);
            set_style(&node, "left", &format!("{left}px"));
            set_style(&node, "top", &format!("{top}px"));
            step(&menu, 0);
        }
    });
    // With the whole value, which may have to be asked for.
    let with_value = {
        let (cell, ask) = (props.cell.clone(), dispatch.ask.clone());
        move |then: Callback<String>| {
            if cell.is_cut && cell.is_result {
                let answered = then.reform(|response| match response {
                    Response::Cell(text) => text,
                    _ => String::new(),
                });
                ask.emit((Request::Cell { row: cell.row, column: cell.column }, answered));
            } else {
                then.emit(cell.value.clone());
            }
        }
    };
    let filter = |keep: Keep| {
        let (column, act, close, with_value) =
            (props.cell.name.clone(), dispatch.act.clone(), props.on_close.clone(), with_value.clone());
        Callback::from(move |_: MouseEvent| {
            let column = column.clone();
            with_value(
                act.reform(move |value| Action::FilterAdded(ValueFilter { column: column.clone(), value, keep })),
            );
            close.emit(());
        })
    };
    let copy = {
        let (act, close, with_value) = (dispatch.act.clone(), props.on_close.clone(), with_value.clone());
        Callback::from(move |_: MouseEvent| {
            let act = act.clone();
            with_value(Callback::from(move |text: String| copy(&text, &act)));
            close.emit(());
        })
    };
    let copy_as = |copy: fn(usize, &Table, &Dispatch)| {
        let (dispatch, close, table, place) =
            (dispatch.clone(), props.on_close.clone(), props.table.clone(), props.cell.place);
        Callback::from(move |_: MouseEvent| {
            copy(place, &table, &dispatch);
            close.emit(());
        })
    };
    let record = props.table.row(props.cell.place).and_then(|row| row.record);
    let original = record.map(|record| {
        let (act, close) = (dispatch.act.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            close.emit(());
            act.emit(Action::DialogOpened(Dialog::Original(record)));
        })
    });
    let sort = {
        let (act, close, name) = (dispatch.act.clone(), props.on_close.clone(), props.cell.name.clone());
        Callback::from(move |_: MouseEvent| {
            act.emit(Action::Sorted(name.clone()));
            close.emit(());
        })
    };
    let on_key = {
        let (node, close) = (node.clone(), props.on_close.clone());
        Callback::from(move |event: KeyboardEvent| {
            let Some(menu) = node.cast::<HtmlElement>() else { return };
            match event.key().as_str() {
                "ArrowDown" => step(&menu, 1),
                "ArrowUp" => step(&menu, -1),
                "Escape" | "Tab" => close.emit(()),
                _ => return,
            }
            event.prevent_default();
            event.stop_propagation();
        })
    };
    let on_leave = {
        let (node, close) = (node.clone(), props.on_close.clone());
        Callback::from(move |event: FocusEvent| {
            let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
            let inside = node.cast::<web_sys::Node>().is_some_and(|menu| menu.contains(to.as_ref()));
            if !inside && to.is_some() {
                close.emit(());
            }
        })
    };
    let value = if props.cell.value.is_empty() { "no value" } else { "this value" };
    html! {
        <div ref={node} class="menu" role="menu" aria-label={format!("Cell of {}", props.cell.name)} onkeydown={on_key} onfocusout={on_leave}>
            if props.cell.is_result {
                <button role="menuitem" onclick={filter(Keep::Equal)}>{ format!("Only rows with {value}") }</button>
                <button role="menuitem" onclick={filter(Keep::Other)}>{ format!("Without rows with {value}") }</button>
                <button role="menuitem" onclick={sort}>{ format!("Sort by {}", props.cell.name) }</button>
            }
            <button role="menuitem" onclick={copy}>{ "Copy the value" }</button>
            <button role="menuitem" onclick={copy_as(copy_row)}>{ "Copy the row as Markdown" }</button>
            if let Some(original) = original {
                <button role="menuitem" onclick={copy_as(copy_explanation)}>{ "Copy the explanation as Markdown" }</button>
                <button role="menuitem" aria-haspopup="dialog" onclick={original}>{ "Show the original record" }</button>
            }
        </div>
    }
}

/// Moves the focus through the items; 0 goes to the first.
fn step(menu: &HtmlElement, by: i32) {
    let Ok(items) = menu.query_selector_all("[role=menuitem]") else { return };
    let count = items.length() as i32;
    let active = gloo::utils::document().active_element();
    let at = (0..count).find(|place| {
        let item = items.item(*place as u32).and_then(|item| item.dyn_into::<web_sys::Element>().ok());
        item.is_some() && item == active
    });
    let next = at.map_or(0, |at| (at + by).rem_euclid(count.max(1)));
    if let Some(item) = items.item(next as u32).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
