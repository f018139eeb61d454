//! The clipboard: rows and explanations as Markdown, and any text.

use gloo::utils::window;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::Callback;

use crate::dispatch::Dispatch;
use crate::markdown;
use crate::protocol::{Request, Response, TableKind};
use crate::state::{Action, Table};

/// Copies a text, and says so.
pub fn copy(text: &str, act: &Callback<Action>) {
    let copying = window().navigator().clipboard().write_text(text);
    let act = act.clone();
    spawn_local(async move {
        let words = match JsFuture::from(copying).await {
            Ok(_) => "Copied.",
            Err(_) => "The browser did not let the page copy.",
        };
        act.emit(Action::Announced(words.into()));
    });
}

/// Copies the row at a place of a table, whole cells and all, as a table in Markdown.
pub fn copy_row(place: usize, table: &Table, dispatch: &Dispatch) {
    let Some(row) = table.row(place) else { return };
    let act = dispatch.act.clone();
    if row.cut.is_empty() {
        copy(&markdown::row(&table.columns, &row.cells), &act);
        return;
    }
    match (table.kind, row.record) {
        (TableKind::Result, _) => {
            let columns = std::rc::Rc::clone(&table.columns);
            let answered = Callback::from(move |response| {
                if let Response::WholeRow(cells) = response {
                    copy(&markdown::row(&columns, &cells), &act);
                }
            });
            dispatch.ask.emit((Request::WholeRow { row: row.row }, answered));
        }
        (TableKind::Fallen { .. }, Some(record)) => {
            let answered = Callback::from(move |response| {
                if let Response::Story(Some(story)) = response {
                    copy(&markdown::record(&story), &act);
                }
            });
            dispatch.ask.emit((Request::Story { record }, answered));
        }
        (TableKind::Fallen { .. }, None) => {}
    }
}

/// Copies why the row at a place of a table fired, or did not, as Markdown.
pub fn copy_explanation(place: usize, table: &Table, dispatch: &Dispatch) {
    let Some(record) = table.row(place).and_then(|row| row.record) else { return };
    let act = dispatch.act.clone();
    let answered = Callback::from(move |response| {
        if let Response::Story(Some(story)) = response {
            copy(&markdown::story(&story), &act);
        }
    });
    dispatch.ask.emit((Request::Story { record }, answered));
}
