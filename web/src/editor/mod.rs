//! The KQL editor as one component. Its text is its own: the page hears of changes and asks for changes through the
//! [`Handle`], so that typing, the Lists view and undo share one history.
//!
//! Keep it mounted (hidden, if need be): its history lives as long as it does.

mod bindings;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Object, Promise, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::HtmlElement;
use yew::prelude::*;

pub use self::bindings::{
    Change, CompletionItem, Completions, Diagnostic, Edit, Fix, Handle, Help, Highlight, Severity, Version,
};
use self::bindings::{create, to_js};
use crate::loader::STYLE_NONCE;

/// A place in the text that the editor asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The text asked about.
    pub version: Version,
    /// Byte offset.
    pub at: usize,
    /// Whether the user asked; otherwise typing or the pointer did.
    pub explicit: bool,
}

/// Answers [`Question`]s, in its own time.
pub struct Source<T>(Rc<dyn Fn(Question) -> Answer<T>>);

type Answer<T> = Pin<Box<dyn Future<Output = Option<T>>>>;

impl<T> Source<T> {
    /// A source that asks `answer`.
    pub fn new<F: Future<Output = Option<T>> + 'static>(answer: impl Fn(Question) -> F + 'static) -> Source<T> {
        Source(Rc::new(move |question| Box::pin(answer(question))))
    }
}

impl<T: Serialize + 'static> Source<T> {
    /// The answer as the editor takes it: a promise of it, or of null.
    fn ask(&self, question: Question) -> Promise {
        let answer = (self.0)(question);
        future_to_promise(async move { Ok(answer.await.map_or(JsValue::NULL, |answer| to_js(&answer))) })
    }
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Source<T> {
        Source(Rc::clone(&self.0))
    }
}

impl<T> PartialEq for Source<T> {
    fn eq(&self, other: &Source<T>) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What answers the editor's questions.
#[derive(Clone, PartialEq)]
pub struct EditorSources {
    /// What could stand at a place.
    pub complete: Source<Completions>,
    /// What stands at a place.
    pub hover: Source<Help>,
}

/// What the editor is made with. Only what is given when it first appears counts.
#[derive(Properties, PartialEq, Clone)]
pub struct EditorProps {
    /// The accessible name of the text field.
    pub label: AttrValue,
    /// The first text; it cannot be undone.
    pub text: AttrValue,
    /// Gives the editor once it is there.
    pub on_ready: Callback<Handle>,
    /// Every change, whoever made it.
    #[prop_or_default]
    pub on_change: Callback<Change>,
    /// Ctrl+Enter or Cmd+Enter.
    #[prop_or_default]
    pub on_run: Callback<()>,
    /// F2, with the cursor's place in bytes.
    #[prop_or_default]
    pub on_rename: Callback<usize>,
    /// Completions.
    #[prop_or_default]
    pub complete: Option<Source<Completions>>,
    /// Help on hovering, or by Shift+F1.
    #[prop_or_default]
    pub hover: Option<Source<Help>>,
}

/// The KQL editor.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let place = use_node_ref();
    use_effect_with((), {
        let place = place.clone();
        let props = props.clone();
        move |()| {
            let mounted = place.cast::<HtmlElement>().map(|parent| Mounted::new(&parent, &props));
            move || drop(mounted)
        }
    });
    html! { <div class="editor" ref={place} /> }
}

/// An editor on the page with the closures that it calls.
struct Mounted {
    handle: Handle,
    _closures: [Box<dyn Any>; 5],
}

impl Mounted {
    fn new(parent: &HtmlElement, props: &EditorProps) -> Mounted {
        let on_change = Closure::<dyn Fn(JsValue)>::new({
            let on_change = props.on_change.clone();
            move |change| match serde_wasm_bindgen::from_value(change) {
                Ok(change) => on_change.emit(change),
                Err(error) => wasm_bindgen::throw_val(error.into()),
            }
        });
        let on_run = Closure::<dyn Fn()>::new({
            let on_run = props.on_run.clone();
            move || on_run.emit(())
        });
        let on_rename = Closure::<dyn Fn(usize)>::new({
            let on_rename = props.on_rename.clone();
            move |at| on_rename.emit(at)
        });
        let complete = props.complete.clone().map(|source| {
            Closure::<dyn Fn(Version, usize, bool) -> Promise>::new(move |version, at, explicit| {
                source.ask(Question { version, at, explicit })
            })
        });
        let hover = props.hover.clone().map(|source| {
            Closure::<dyn Fn(Version, usize) -> Promise>::new(move |version, at| {
                source.ask(Question { version, at, explicit: false })
            })
        });

        let options = Object::new();
        let set = |name: &str, value: &JsValue| {
            // A new plain object takes every property.
            let _ = Reflect::set(&options, &JsValue::from_str(name), value);
        };
        set("text", &JsValue::from_str(&props.text));
        set("label", &JsValue::from_str(&props.label));
        STYLE_NONCE.with(|nonce| set("nonce", nonce));
        set("onChange", on_change.as_ref());
        set("onRun", on_run.as_ref());
        set("onRename", on_rename.as_ref());
        set("complete", complete.as_ref().map_or(&JsValue::UNDEFINED, Closure::as_ref));
        set("hover", hover.as_ref().map_or(&JsValue::UNDEFINED, Closure::as_ref));

        let handle = create(parent, &options);
        props.on_ready.emit(handle.clone());
        let closures: [Box<dyn Any>; 5] =
            [Box::new(on_change), Box::new(on_run), Box::new(on_rename), Box::new(complete), Box::new(hover)];
        Mounted { handle, _closures: closures }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}
