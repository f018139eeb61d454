//! Finds the record of a row again in the file that it was read from.

use detection::{RecordFinder, RecordPlace, RecordText};
use js_sys::{Date, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DedicatedWorkerGlobalScope, File};

use super::reader::in_words;
use crate::protocol::{Envelope, Generation, Response};
use crate::wire::pack;

/// Bytes that are looked through at once.
const PIECE: f64 = (1u32 << 20) as f64;

/// How far it is is told this often, in milliseconds.
const TELL_EVERY: f64 = 100.0;

/// Finds a record, and tells the page of it.
pub(super) async fn find(scope: DedicatedWorkerGlobalScope, file: File, place: RecordPlace) {
    let found = look(&scope, &file, &place).await;
    say(&scope, Response::Found(found));
}

async fn look(scope: &DedicatedWorkerGlobalScope, file: &File, place: &RecordPlace) -> Result<RecordText, String> {
    let mut finder = RecordFinder::new(place);
    let (mut at, end) = match finder.range() {
        Some(range) => (range.start as f64, (range.end as f64).min(file.size())),
        None => (0.0, file.size()),
    };
    let mut told = Date::now();
    while at < end {
        let to = (at + PIECE).min(end);
        let bytes = bytes(file, at, to).await.map_err(|error| in_words(&error))?;
        if !finder.feed(&bytes) {
            break;
        }
        at = to;
        if Date::now() - told >= TELL_EVERY {
            told = Date::now();
            say(scope, Response::Looked { bytes: at as u64 });
        }
    }
    finder.record().ok_or_else(|| "The record is not where it was read: the file was changed since.".to_owned())
}

async fn bytes(file: &File, from: f64, to: f64) -> Result<Vec<u8>, JsValue> {
    let slice = file.slice_with_f64_and_f64(from, to)?;
    Ok(Uint8Array::new(&JsFuture::from(slice.array_buffer()).await?).to_vec())
}

fn say(scope: &DedicatedWorkerGlobalScope, body: Response) {
    let said = pack(&Envelope { generation: Generation::default(), body }, &[]);
    if let Err(error) = said.and_then(|parcel| scope.post_message(&parcel)) {
        wasm_bindgen::throw_val(error);
    }
}
