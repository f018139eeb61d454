//! The page's side of a worker: messages go out, responses and failures come back as callbacks.

use std::cell::RefCell;
use std::rc::Rc;

use gloo::events::EventListener;
use js_sys::Array;
use serde::Serialize;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use crate::loader::spawn_worker;
use crate::protocol::{Envelope, Response, Role};
use crate::wire::{describe, pack, unpack};

/// One worker, started when this is made and ended when it is dropped.
///
/// A worker that fails (a panic, a wasm file that does not load) reports it once through `on_failure` and answers no
/// more: drop this and start another.
pub struct Client {
    inner: Rc<Inner>,
}

struct Inner {
    worker: RefCell<Connection>,
    on_response: Callback<Envelope<Response>>,
    on_failure: Callback<String>,
}

/// A message as it is posted, and what of it changes hands.
struct Post {
    parcel: Array,
    transfer: Array,
}

enum Connection {
    /// Not there yet: what is said meanwhile waits.
    Starting(Vec<Post>),
    Running {
        worker: Worker,
        _listeners: [EventListener; 2],
    },
    Ended,
}

impl Client {
    /// Starts a worker.
    pub fn start(role: Role, on_response: Callback<Envelope<Response>>, on_failure: Callback<String>) -> Client {
        let worker = RefCell::new(Connection::Starting(Vec::new()));
        let inner = Rc::new(Inner { worker, on_response, on_failure });
        let starting = Rc::clone(&inner);
        spawn_local(async move {
            match spawn_worker(role.name()).await {
                Ok(worker) => Inner::connect(&starting, worker.unchecked_into()),
                Err(error) => starting.fail(describe(&error)),
            }
        });
        Client { inner }
    }

    /// Sends a message, with what travels beside it and what of that changes hands.
    pub fn send<T: Serialize>(&self, message: &T, beside: &[&JsValue], transfer: &[&JsValue]) {
        match pack(message, beside) {
            Ok(parcel) => {
                let transfer = transfer.iter().copied().collect();
                self.inner.post(Post { parcel, transfer });
            }
            Err(error) => self.inner.fail(describe(&error)),
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.inner.end();
    }
}

impl Inner {
    fn connect(inner: &Rc<Inner>, worker: Worker) {
        let Connection::Starting(waiting) = inner.worker.replace(Connection::Ended) else {
            // Dropped while the worker was on its way.
            worker.terminate();
            return;
        };
        let weak = Rc::downgrade(inner);
        let messages = EventListener::new(&worker, "message", move |event| {
            let Some(inner) = weak.upgrade() else { return };
            let event: &MessageEvent = event.unchecked_ref();
            match unpack::<Envelope<Response>>(event.data()) {
                Ok((Envelope { body: Response::Panicked { message }, .. }, _)) => inner.fail(message),
                Ok((response, _)) => inner.on_response.emit(response),
                Err(error) => inner.fail(describe(&error)),
            }
        });
        let weak = Rc::downgrade(inner);
        let errors = EventListener::new(&worker, "error", move |event| {
            let Some(inner) = weak.upgrade() else { return };
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
            inner.fail(message.unwrap_or_else(|| "the worker's script could not be run".to_owned()));
        });
        inner.worker.replace(Connection::Running { worker, _listeners: [messages, errors] });
        waiting.into_iter().for_each(|message| inner.post(message));
    }

    fn post(&self, message: Post) {
        let posted = match &mut *self.worker.borrow_mut() {
            Connection::Starting(waiting) => {
                waiting.push(message);
                Ok(())
            }
            Connection::Running { worker, .. } => worker.post_message_with_transfer(&message.parcel, &message.transfer),
            Connection::Ended => Ok(()),
        };
        if let Err(error) = posted {
            self.fail(describe(&error));
        }
    }

    /// Tells of a failure, once: what a worker says while it ends is not heard.
    fn fail(&self, reason: String) {
        if !matches!(*self.worker.borrow(), Connection::Ended) {
            self.end();
            self.on_failure.emit(reason);
        }
    }

    fn end(&self) {
        if let Connection::Running { worker, .. } = self.worker.replace(Connection::Ended) {
            worker.terminate();
        }
    }
}
