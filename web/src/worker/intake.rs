//! Logs that are being read: their bytes come from readers, through ports.

use std::collections::HashMap;
use std::rc::Rc;

use detection::{Loading, OwnFile, Session, own_file};
use event_logs::Progress;
use event_table::SourceId;
use gloo::events::EventListener;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use kql_engine::run::MAX_FILE_BYTES;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{MessageEvent, MessagePort};

use crate::protocol::{FromReader, LoadId, ToReader};
use crate::wire::{describe, pack, unpack};

/// Progress is told this often, in milliseconds.
const TELL_EVERY: f64 = 100.0;

/// What came through a port.
pub(super) struct Delivery {
    load: LoadId,
    message: FromReader,
    beside: Array,
}

/// What became of a log by a delivery.
pub(super) enum Step {
    /// Nothing worth telling yet.
    Silent,
    /// It has come this far.
    Progress { load: LoadId, bytes: u64, rows: u64 },
    /// It is a source of the session now, and an archive is several.
    Finished {
        load: LoadId,
        sources: Vec<SourceId>,
        /// The log whose place it takes.
        replaces: Option<LoadId>,
    },
    /// It is kept for queries that read it by name.
    Kept { load: LoadId },
    /// It is no log, but a file of this program's own.
    Own { load: LoadId, what: OwnFile },
    /// It could not be read to its end.
    Failed { load: LoadId, reason: String },
}

/// What a file is read as.
pub(super) enum Reading {
    /// A log, or an archive of logs.
    Log(Loading),
    /// A file that queries read by name: it is kept as it is.
    File { name: String, bytes: Vec<u8> },
}

struct Load {
    reading: Reading,
    replaces: Option<LoadId>,
    port: MessagePort,
    _listener: EventListener,
    told: f64,
    has_begun: bool,
}

/// The logs that are being read, by name.
#[derive(Default)]
pub(super) struct Intake {
    loads: HashMap<LoadId, Load>,
    /// Chunks are copied here out of JavaScript's memory.
    chunk: Vec<u8>,
}

impl Intake {
    /// Begins to read a log whose bytes come through a port.
    pub(super) fn begin(
        &mut self,
        load: LoadId,
        reading: Reading,
        replaces: Option<LoadId>,
        port: MessagePort,
        deliver: Rc<dyn Fn(Delivery)>,
    ) {
        let listener = EventListener::new(&port, "message", move |event| {
            let event: &MessageEvent = event.unchecked_ref();
            let delivery = match unpack(event.data()) {
                Ok((message, beside)) => Delivery { load, message, beside },
                Err(error) => {
                    let message = FromReader::Failed { reason: describe(&error) };
                    Delivery { load, message, beside: Array::new() }
                }
            };
            deliver(delivery);
        });
        port.start();
        self.loads.insert(load, Load { reading, replaces, port, _listener: listener, told: 0.0, has_begun: false });
    }

    /// Takes out what was read of a log; false when it is not being read.
    pub(super) fn abandon(&mut self, session: &mut Session, load: LoadId) -> bool {
        let Some(load) = self.loads.remove(&load) else { return false };
        load.port.close();
        if let Reading::Log(loading) = load.reading {
            session.abandon(loading);
        }
        true
    }

    /// Takes in what came through a port. What comes for a log that was abandoned is dropped.
    pub(super) fn take(&mut self, session: &mut Session, delivery: Delivery, now: f64) -> Step {
        let Delivery { load, message, beside } = delivery;
        let Some(known) = self.loads.get_mut(&load) else { return Step::Silent };
        match message {
            FromReader::Chunk { length } => {
                let buffer: ArrayBuffer = beside.get(0).unchecked_into();
                self.chunk.resize(length as usize, 0);
                Uint8Array::new_with_byte_offset_and_length(&buffer, 0, length).copy_to(&mut self.chunk);
                let is_first = !std::mem::replace(&mut known.has_begun, true);
                if is_first
                    && known.replaces.is_none()
                    && matches!(known.reading, Reading::Log(_))
                    && let Some(what) = own_file(&self.chunk)
                {
                    self.abandon(session, load);
                    return Step::Own { load, what };
                }
                let progress = match &mut known.reading {
                    Reading::Log(loading) => {
                        session.feed(loading, &self.chunk);
                        loading.progress()
                    }
                    Reading::File { bytes, .. } if bytes.len() + self.chunk.len() > MAX_FILE_BYTES => {
                        self.abandon(session, load);
                        let most = MAX_FILE_BYTES / 1_000_000;
                        let reason = format!("A file that a query reads by name holds {most} MB at most.");
                        return Step::Failed { load, reason };
                    }
                    Reading::File { bytes, .. } => {
                        bytes.extend_from_slice(&self.chunk);
                        Progress { bytes: bytes.len() as u64, rows: 0 }
                    }
                };
                if let Err(error) = give_back(&known.port, &buffer) {
                    self.abandon(session, load);
                    return Step::Failed { load, reason: describe(&error) };
                }
                if now - known.told < TELL_EVERY {
                    return Step::Silent;
                }
                known.told = now;
                Step::Progress { load, bytes: progress.bytes, rows: progress.rows }
            }
            FromReader::End => {
                let Some(ended) = self.loads.remove(&load) else { return Step::Silent };
                ended.port.close();
                let loading = match ended.reading {
                    Reading::Log(loading) => loading,
                    Reading::File { name, bytes } => {
                        session.add_external(&name, bytes);
                        return Step::Kept { load };
                    }
                };
                let before = session.sources().len();
                session.finish(loading);
                let sources = session.sources().into_iter().skip(before).map(|source| source.id).collect();
                Step::Finished { load, sources, replaces: ended.replaces }
            }
            FromReader::Failed { reason } => {
                self.abandon(session, load);
                Step::Failed { load, reason }
            }
        }
    }
}

/// Lets the reader fill the buffer again.
fn give_back(port: &MessagePort, buffer: &ArrayBuffer) -> Result<(), JsValue> {
    let parcel = pack(&ToReader::Taken, &[buffer])?;
    port.post_message_with_transferable(&parcel, &Array::of1(buffer))
}
