//! The page's side of a worker: requests go out, responses and failures come back as callbacks.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo::events::EventListener;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use crate::loader::spawn_worker;
use crate::protocol::{Envelope, Generation, Request, Response, Role};

/// One worker, started when this is made and ended when it is dropped.
///
/// A worker that fails (a panic, a wasm file that does not load) reports it once through `on_failure` and answers no
/// more: drop this and start another.
pub struct Client {
    inner: Rc<Inner>,
}

struct Inner {
    worker: RefCell<Connection>,
    last: Cell<Generation>,
    on_response: Callback<Envelope<Response>>,
    on_failure: Callback<String>,
}

enum Connection {
    /// Not there yet: what is asked meanwhile waits.
    Starting(Vec<JsValue>),
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
        let inner = Rc::new(Inner { worker, last: Cell::default(), on_response, on_failure });
        let starting = Rc::clone(&inner);
        spawn_local(async move {
            match spawn_worker(role.name()).await {
                Ok(worker) => Inner::connect(&starting, worker.unchecked_into()),
                Err(error) => starting.fail(describe(&error)),
            }
        });
        Client { inner }
    }

    /// Sends a request; its responses carry the generation returned.
    pub fn send(&self, request: Request) -> Generation {
        let generation = Generation(self.inner.last.get().0.wrapping_add(1));
        self.inner.last.set(generation);
        match serde_wasm_bindgen::to_value(&Envelope { generation, body: request }) {
            Ok(message) => self.inner.post(message),
            Err(error) => self.inner.fail(error.to_string()),
        }
        generation
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
            match serde_wasm_bindgen::from_value(event.data()) {
                Ok(response) => inner.on_response.emit(response),
                Err(error) => inner.fail(error.to_string()),
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

    fn post(&self, message: JsValue) {
        let posted = match &mut *self.worker.borrow_mut() {
            Connection::Starting(waiting) => {
                waiting.push(message);
                Ok(())
            }
            Connection::Running { worker, .. } => worker.post_message(&message),
            Connection::Ended => Ok(()),
        };
        if let Err(error) = posted {
            self.fail(describe(&error));
        }
    }

    fn fail(&self, reason: String) {
        self.end();
        self.on_failure.emit(reason);
    }

    fn end(&self) {
        if let Connection::Running { worker, .. } = self.worker.replace(Connection::Ended) {
            worker.terminate();
        }
    }
}

/// A thrown value in words.
fn describe(error: &JsValue) -> String {
    let message = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    message.or_else(|| error.as_string()).unwrap_or_else(|| format!("{error:?}"))
}
