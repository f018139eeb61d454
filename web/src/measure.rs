//! How long things took and what memory the engine has, as entries of the browser's own performance timeline, for developer tools and benchmarks.

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast as _, JsValue};

use crate::app::object;
use crate::protocol::Timings;

/// The name of the entry; there is one, that of the newest run.
const RUN: &str = "exfil-run";

/// Notes how long a run took in the worker.
pub(crate) fn measured(timings: Timings) {
    let Some(performance) = gloo::utils::window().performance() else { return };
    performance.clear_marks_with_mark_name(RUN);
    let detail = object(&[
        ("run", &timings.run.into()),
        ("arrange", &timings.arrange.into()),
        ("memory", &timings.memory.into()),
        ("held", &timings.held.into()),
    ]);
    let options = object(&[("detail", &detail)]);
    let mark = Reflect::get(&performance, &JsValue::from_str("mark")).and_then(|mark| mark.dyn_into::<Function>());
    if let Ok(mark) = mark {
        // Nothing depends on it.
        let _ = mark.call2(&performance, &JsValue::from_str(RUN), &options);
    }
}
