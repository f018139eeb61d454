//! How messages cross between threads: an array of the message as plain data and of what travels beside it.

use js_sys::Array;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

/// A message and what travels beside it, as it is posted.
///
/// # Errors
/// What the conversion says: only numbers that no JavaScript number holds fail.
pub fn pack<T: Serialize>(message: &T, beside: &[&JsValue]) -> Result<Array, JsValue> {
    let parcel = Array::of1(&serde_wasm_bindgen::to_value(message).map_err(JsValue::from)?);
    for value in beside {
        parcel.push(value);
    }
    Ok(parcel)
}

/// The message of a parcel, and what travelled beside it.
///
/// # Errors
/// When the data is no parcel of such a message.
pub fn unpack<T: DeserializeOwned>(data: JsValue) -> Result<(T, Array), JsValue> {
    let parcel: Array = data.dyn_into()?;
    let message = serde_wasm_bindgen::from_value(parcel.shift()).map_err(JsValue::from)?;
    Ok((message, parcel))
}

/// A thrown value in words.
pub fn describe(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
