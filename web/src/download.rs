//! Files that the page makes and the browser saves.

use gloo::utils::document;
use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};
use yew::Callback;

use crate::state::Action;

/// Has the browser save a text as a file, and says so. A name and a type of ours are always taken.
pub fn download(name: &str, media_type: &str, text: &str, act: &Callback<Action>) {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&JsValue::from_str(text));
    let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(url) = Url::create_object_url_with_blob(&blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
        act.emit(Action::Announced(format!("{name} was handed to the browser.").into()));
    }
    // The browser has taken the file by then; what holds it would otherwise stay as long as the page.
    gloo::timers::callback::Timeout::new(10_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}
