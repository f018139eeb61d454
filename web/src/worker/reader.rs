//! A reader: streams one file to the engine, in buffers that travel there and back; or finds one record in it again.
//!
//! A byte stream that fills our own buffers is the fastest way (performance.md), but has been seen to stall: when no
//! byte comes for a while, the rest is read as a plain stream, which makes its own buffers.

use std::rc::Rc;

use gloo::events::EventListener;
use gloo::timers::callback::Timeout;
use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    DedicatedWorkerGlobalScope, DomException, File, MessageEvent, MessagePort, ReadableStreamByobReader,
    ReadableStreamDefaultReader, ReadableStreamGetReaderOptions, ReadableStreamReaderMode,
};

use super::finder;
use crate::mailbox::Mailbox;
use crate::protocol::{FromReader, ReaderRequest, ToReader};
use crate::wire::{describe, pack, unpack};

/// Bytes of a buffer: large enough that messages cost nothing beside what is done with the bytes.
const BUFFER: u32 = 1 << 20;

/// How many buffers there are: so many chunks are on their way at most.
const BUFFERS: usize = 6;

/// A byte stream that gives nothing for so long has stalled, in milliseconds.
const PATIENCE: u32 = 1_500;

/// Takes up the part of a reader.
pub(super) fn start(scope: DedicatedWorkerGlobalScope) {
    let telling = scope.clone();
    EventListener::once(&scope, "message", move |event| {
        let event: &MessageEvent = event.unchecked_ref();
        match unpack(event.data()) {
            Ok((ReaderRequest::Read, beside)) => {
                let sender = Sender::new(beside.get(1).unchecked_into());
                spawn_local(read(beside.get(0).unchecked_into(), sender));
            }
            Ok((ReaderRequest::Find(place), beside)) => {
                spawn_local(finder::find(telling, beside.get(0).unchecked_into(), place));
            }
            Err(error) => wasm_bindgen::throw_val(error),
        }
    })
    .forget();
}

async fn read(file: File, sender: Sender) {
    let last = match send(&file, &sender).await {
        Ok(()) => FromReader::End,
        Err(error) => FromReader::Failed { reason: in_words(&error) },
    };
    if let Err(error) = sender.say(&last) {
        wasm_bindgen::throw_val(error);
    }
}

async fn send(file: &File, sender: &Sender) -> Result<(), JsValue> {
    let sent = send_byte_stream(file, sender).await?;
    if sent < file.size() { send_stream(file, sent, sender).await } else { Ok(()) }
}

/// What a read came to.
enum Outcome {
    Read(Result<JsValue, JsValue>),
    Stalled,
}

/// Sends as much as a byte stream gives; how many bytes that was.
async fn send_byte_stream(file: &File, sender: &Sender) -> Result<f64, JsValue> {
    let options = ReadableStreamGetReaderOptions::new();
    options.set_mode(ReadableStreamReaderMode::Byob);
    let stream = file.stream();
    let get_reader: js_sys::Function = Reflect::get(&stream, &JsValue::from_str("getReader"))?.unchecked_into();
    // A browser whose files give no byte streams throws here.
    let made: Result<JsValue, JsValue> = Reflect::apply(&get_reader, &stream, &Array::of1(&options));
    let Ok(reader) = made.map(JsCast::unchecked_into::<ReadableStreamByobReader>) else { return Ok(0.0) };
    let mut sent = 0.0;
    loop {
        let buffer = sender.buffer().await;
        let view = Uint8Array::new(&buffer);
        let outcome = Rc::new(Mailbox::default());
        let timeout = Timeout::new(PATIENCE, {
            let outcome = Rc::clone(&outcome);
            move || outcome.put(Outcome::Stalled)
        });
        let reading: Promise = reader.read_with_array_buffer_view(&view);
        spawn_local({
            let outcome = Rc::clone(&outcome);
            async move { outcome.put(Outcome::Read(JsFuture::from(reading).await)) }
        });
        let result = match outcome.next().await {
            Outcome::Read(result) => result?,
            Outcome::Stalled => {
                // The buffer is lost with the stream.
                sender.replace_buffer();
                return Ok(sent);
            }
        };
        drop(timeout);
        let is_done = Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy();
        let view = Reflect::get(&result, &JsValue::from_str("value"))?;
        if is_done || view.is_undefined() {
            return Ok(sent);
        }
        let view: Uint8Array = view.unchecked_into();
        sent += f64::from(view.length());
        sender.send(&view.buffer().unchecked_into(), view.length())?;
    }
}

/// Sends the rest of a file from a position on.
async fn send_stream(file: &File, from: f64, sender: &Sender) -> Result<(), JsValue> {
    let rest = file.slice_with_f64(from)?;
    let reader: ReadableStreamDefaultReader = rest.stream().get_reader().unchecked_into();
    let mut buffer = sender.buffer().await;
    let mut filled = 0;
    loop {
        let result = JsFuture::from(reader.read()).await?;
        if Reflect::get(&result, &JsValue::from_str("done"))?.is_truthy() {
            break;
        }
        let chunk: Uint8Array = Reflect::get(&result, &JsValue::from_str("value"))?.unchecked_into();
        let mut at = 0;
        while at < chunk.length() {
            let part = (chunk.length() - at).min(BUFFER - filled);
            Uint8Array::new(&buffer).set(&chunk.subarray(at, at + part), filled);
            at += part;
            filled += part;
            if filled == BUFFER {
                sender.send(&buffer, filled)?;
                buffer = sender.buffer().await;
                filled = 0;
            }
        }
    }
    if filled > 0 { sender.send(&buffer, filled) } else { Ok(()) }
}

/// The way to the engine, and the buffers that are here.
struct Sender {
    port: MessagePort,
    buffers: Rc<Mailbox<ArrayBuffer>>,
    _listener: EventListener,
}

impl Sender {
    fn new(port: MessagePort) -> Sender {
        let buffers = Rc::new(Mailbox::default());
        for _ in 0..BUFFERS {
            buffers.put(ArrayBuffer::new(BUFFER));
        }
        let returned = Rc::clone(&buffers);
        let listener = EventListener::new(&port, "message", move |event| {
            let event: &MessageEvent = event.unchecked_ref();
            match unpack(event.data()) {
                Ok((ToReader::Taken, beside)) => returned.put(beside.get(0).unchecked_into()),
                Err(error) => wasm_bindgen::throw_val(error),
            }
        });
        port.start();
        Sender { port, buffers, _listener: listener }
    }

    /// A buffer to fill, as soon as there is one.
    async fn buffer(&self) -> ArrayBuffer {
        self.buffers.next().await
    }

    fn replace_buffer(&self) {
        self.buffers.put(ArrayBuffer::new(BUFFER));
    }

    fn send(&self, buffer: &ArrayBuffer, length: u32) -> Result<(), JsValue> {
        let parcel = pack(&FromReader::Chunk { length }, &[buffer])?;
        self.port.post_message_with_transferable(&parcel, &Array::of1(buffer))
    }

    fn say(&self, message: &FromReader) -> Result<(), JsValue> {
        let parcel = pack(message, &[])?;
        self.port.post_message(&parcel)
    }
}

/// Why a file cannot be read, as far as a user can do something about it.
pub(super) fn in_words(error: &JsValue) -> String {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("NotReadableError") => {
            "The browser cannot read this file: it was changed since it was chosen, is locked, or is a folder."
                .to_owned()
        }
        Some("NotFoundError") => "This file is no longer where it was, or it is a folder.".to_owned(),
        _ => format!("The browser cannot read this file: {}.", describe(error)),
    }
}
