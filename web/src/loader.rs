//! What `web/loader.js` offers to the app.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(js_namespace = exfil)]
extern "C" {
    /// The nonce that the page's policy grants to style elements made at run time.
    #[wasm_bindgen(thread_local_v2, js_name = styleNonce)]
    pub(crate) static STYLE_NONCE: JsValue;

    /// A started worker, or why there is none.
    #[wasm_bindgen(js_name = spawnWorker, catch)]
    pub(crate) async fn spawn_worker(role: &str) -> Result<JsValue, JsValue>;
}
