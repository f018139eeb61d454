//! The workers: the engine, which owns the session, and the readers, each of which reads one file, or looks for a record in one.

mod engine;
mod figures;
mod finder;
mod intake;
mod marks;
mod pace;
mod reader;
mod rows;
mod tuning;
mod visits;

use gloo::events::EventListener;
use js_sys::{Reflect, global};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

use crate::protocol::{Envelope, Generation, Response, Role};
use crate::wire::{describe, pack};

/// Takes up a part: from now on messages are listened to.
///
/// # Panics
/// When started with an unknown role: the page then hears of a worker that failed.
pub fn start(role: &str) {
    let scope: DedicatedWorkerGlobalScope = global().unchecked_into();
    tell_of_faults(&scope);
    match Role::named(role) {
        Some(Role::Engine) => engine::start(scope),
        Some(Role::Reader) => reader::start(scope),
        None => panic!("no worker plays the part {role:?}"),
    }
}

/// What goes wrong inside a promise never reaches the page by itself, so it is told.
fn tell_of_faults(scope: &DedicatedWorkerGlobalScope) {
    let telling = scope.clone();
    std::panic::set_hook(Box::new(move |info| {
        console_error_panic_hook::hook(info);
        tell_fault(&telling, info.to_string());
    }));
    let telling = scope.clone();
    EventListener::new(scope, "unhandledrejection", move |event| {
        let reason = Reflect::get(event, &JsValue::from_str("reason")).unwrap_or_default();
        tell_fault(&telling, describe(&reason));
    })
    .forget();
}

fn tell_fault(scope: &DedicatedWorkerGlobalScope, message: String) {
    let said = Envelope { generation: Generation::default(), body: Response::Panicked { message } };
    if let Ok(parcel) = pack(&said, &[]) {
        // Nobody is left to hear of a failure of this.
        let _ = scope.post_message(&parcel);
    }
}
