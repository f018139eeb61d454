//! The workers' side of [`protocol`](crate::protocol).

use gloo::events::EventListener;
use js_sys::global;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::protocol::{Envelope, Request, Response, Role};

/// Takes up a part: from now on each message is a request and gets its response.
///
/// # Panics
/// When started with an unknown role or outside a worker: the page then hears of a worker that failed.
pub fn start(role: &str) {
    let role = Role::named(role).unwrap_or_else(|| panic!("no worker plays the part {role:?}"));
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    let answering = scope.clone();
    EventListener::new(&scope, "message", move |event| {
        let event: &MessageEvent = event.unchecked_ref();
        let response = read(event.data()).map(|request| answer(role, request));
        match response.and_then(|response| serde_wasm_bindgen::to_value(&response).map_err(JsValue::from)) {
            Ok(message) => post(&answering, &message),
            Err(error) => wasm_bindgen::throw_val(error),
        }
    })
    .forget();
}

fn read(message: JsValue) -> Result<Envelope<Request>, JsValue> {
    serde_wasm_bindgen::from_value(message).map_err(JsValue::from)
}

fn post(scope: &DedicatedWorkerGlobalScope, message: &JsValue) {
    if let Err(error) = scope.post_message(message) {
        wasm_bindgen::throw_val(error);
    }
}

fn answer(role: Role, request: Envelope<Request>) -> Envelope<Response> {
    let body = match request.body {
        Request::Ping => Response::Pong { role },
    };
    Envelope { generation: request.generation, body }
}
