//! `window.ExfilEditor`, as `web/editor/src/api.ts` promises it. All offsets are bytes of the text's UTF-8 form.

use js_sys::Object;
use kql_syntax::edit::TextEdit;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

/// Counts the changes of one editor's text, from 0.
pub type Version = u32;

/// The text after a change.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// The whole text, its lines ended by LF.
    pub text: String,
    /// The version that this text is.
    pub version: Version,
    /// Whether undo would do something now.
    pub can_undo: bool,
    /// Whether redo would do something now.
    pub can_redo: bool,
}

/// Replaces the bytes `from..to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// First byte replaced.
    pub from: usize,
    /// Byte after the last one replaced.
    pub to: usize,
    /// What stands there afterwards.
    pub insert: String,
}

impl From<&TextEdit> for Edit {
    fn from(edit: &TextEdit) -> Edit {
        Edit { from: edit.span.start as usize, to: edit.span.end as usize, insert: edit.insert.clone() }
    }
}

/// A change of the text that mends a [`Diagnostic`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What it does.
    pub title: String,
    /// The change.
    pub edits: Vec<Edit>,
}

/// A run of text shown with the CSS class `kql-` + `class`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Highlight {
    /// First byte.
    pub from: usize,
    /// Byte after the last one.
    pub to: usize,
    /// The lexer's class.
    pub class: &'static str,
}

/// How bad a [`Diagnostic`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The query cannot run.
    Error,
    /// It runs, and likely not as meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// A problem at a place in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// First byte.
    pub from: usize,
    /// Byte after the last one.
    pub to: usize,
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the kind of problem.
    pub code: String,
    /// What is wrong, in words.
    pub message: String,
    /// The way out, or nothing.
    pub hint: String,
    /// Changes of the text that mend it.
    pub fixes: Vec<Fix>,
}

/// What could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completions {
    /// First byte that a chosen item replaces.
    pub from: usize,
    /// Byte after the last one.
    pub to: usize,
    /// The items, any order.
    pub items: Vec<CompletionItem>,
}

/// One item of [`Completions`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CompletionItem {
    /// What is listed, and matched against what is typed.
    pub label: String,
    /// Names the icon: `table`, `column`, `operator`, `function`, `keyword`, `value`.
    pub kind: String,
    /// Short, beside the label.
    pub detail: String,
    /// Sentences, beside the list.
    pub info: String,
    /// The text put in place.
    pub apply: String,
    /// −99 to 99; higher stands first among equal matches.
    pub boost: i8,
}

/// Help for what stands at a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Help {
    /// First byte of what it is about.
    pub from: usize,
    /// Byte after the last one.
    pub to: usize,
    /// In the code font.
    pub title: String,
    /// Sentences.
    pub text: String,
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ExfilEditor)]
    pub(super) fn create(parent: &HtmlElement, options: &Object) -> Handle;

    /// One editor on the page; clones are the same editor.
    #[derive(Debug, Clone, PartialEq)]
    pub type Handle;

    /// The text as it stands.
    #[wasm_bindgen(method)]
    pub fn text(this: &Handle) -> String;

    /// The version of the text.
    #[wasm_bindgen(method)]
    pub fn version(this: &Handle) -> Version;

    /// Replaces the text, by the smallest change, in one step of the history.
    #[wasm_bindgen(method, js_name = setText)]
    pub fn set_text(this: &Handle, text: &str);

    #[wasm_bindgen(method, js_name = applyEdits)]
    fn apply_edits_js(this: &Handle, version: Version, edits: JsValue) -> bool;

    /// Takes back one step, if there is one.
    #[wasm_bindgen(method)]
    pub fn undo(this: &Handle) -> bool;

    /// Does one step again that was taken back.
    #[wasm_bindgen(method)]
    pub fn redo(this: &Handle) -> bool;

    #[wasm_bindgen(method, js_name = setHighlights)]
    fn set_highlights_js(this: &Handle, version: Version, highlights: JsValue);

    #[wasm_bindgen(method, js_name = setDiagnostics)]
    fn set_diagnostics_js(this: &Handle, version: Version, diagnostics: JsValue);

    /// Selects the bytes `from..to`, scrolls there and takes the focus.
    #[wasm_bindgen(method)]
    pub fn reveal(this: &Handle, from: usize, to: usize);

    /// Takes the focus.
    #[wasm_bindgen(method)]
    pub fn focus(this: &Handle);

    #[wasm_bindgen(method)]
    pub(super) fn destroy(this: &Handle);
}

impl Handle {
    /// Applies edits of the text of `version` as one step of the history; false when the text has moved on.
    pub fn apply_edits(&self, version: Version, edits: &[Edit]) -> bool {
        self.apply_edits_js(version, to_js(&edits))
    }

    /// Replaces all highlights, unless the text has moved on.
    pub fn set_highlights(&self, version: Version, highlights: &[Highlight]) {
        self.set_highlights_js(version, to_js(&highlights));
    }

    /// Replaces all diagnostics, unless the text has moved on.
    pub fn set_diagnostics(&self, version: Version, diagnostics: &[Diagnostic]) {
        self.set_diagnostics_js(version, to_js(&diagnostics));
    }
}

/// The value as the editor takes it.
pub(super) fn to_js<T: Serialize>(value: &T) -> JsValue {
    match serde_wasm_bindgen::to_value(value) {
        Ok(value) => value,
        // Plain structs of numbers and text, as above, always convert.
        Err(error) => wasm_bindgen::throw_val(error.into()),
    }
}
