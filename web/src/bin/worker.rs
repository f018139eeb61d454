//! The program of every worker: `web/loader.js` starts it with the part that this one plays.

use wasm_bindgen::prelude::wasm_bindgen;

fn main() {
    console_error_panic_hook::set_once();
}

/// Takes up a part.
#[wasm_bindgen]
pub fn start(role: &str) {
    web::worker::start(role);
}
