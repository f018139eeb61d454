//! Long work with pauses, in which messages that came meanwhile are let in.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use gloo::events::EventListener;
use kql_engine::run::{Cancelled, Pace, Progress};
use wasm_bindgen::JsValue;
use web_sys::{MessageChannel, MessagePort, Performance};

use crate::mailbox::Mailbox;

/// Work goes on for this long without a pause, in milliseconds: half a frame.
const STRETCH: f64 = 8.0;

/// A run is long, and its progress worth telling, from here on, and is told this often; in milliseconds.
const TELL_AFTER: f64 = 150.0;
const TELL_EVERY: f64 = 100.0;

type Tell = Box<dyn Fn(Progress)>;

/// Pauses the engine's work, and calls a run off when a newer one has come.
pub(super) struct Rhythm {
    clock: Performance,
    /// Sends a message to itself: a pause as short as the event loop allows, where a timer would take 4 ms.
    back: MessagePort,
    returned: Rc<Mailbox<()>>,
    _listener: EventListener,
    worked_since: Cell<f64>,
    paused: Cell<f64>,
    begun: Cell<f64>,
    told: Cell<f64>,
    called_off: Cell<bool>,
    tell: RefCell<Option<Tell>>,
}

impl Rhythm {
    pub(super) fn new(clock: Performance) -> Result<Rhythm, JsValue> {
        let channel = MessageChannel::new()?;
        let returned = Rc::new(Mailbox::default());
        let putting = Rc::clone(&returned);
        let here = channel.port1();
        let listener = EventListener::new(&here, "message", move |_| putting.put(()));
        here.start();
        let now = clock.now();
        Ok(Rhythm {
            clock,
            back: channel.port2(),
            returned,
            _listener: listener,
            worked_since: Cell::new(now),
            paused: Cell::new(0.0),
            begun: Cell::new(now),
            told: Cell::new(now),
            called_off: Cell::new(false),
            tell: RefCell::default(),
        })
    }

    /// Milliseconds on this worker's clock.
    pub(super) fn now(&self) -> f64 {
        self.clock.now()
    }

    /// Begins a run, whose progress is told when it takes long.
    pub(super) fn begin(&self, tell: impl Fn(Progress) + 'static) {
        let now = self.now();
        self.called_off.set(false);
        self.paused.set(0.0);
        self.begun.set(now);
        self.told.set(now + TELL_AFTER - TELL_EVERY);
        self.tell.replace(Some(Box::new(tell)));
    }

    /// Ends a run: how long it took, pauses left out.
    pub(super) fn end(&self) -> f64 {
        self.tell.take();
        self.now() - self.begun.get() - self.paused.get()
    }

    /// Calls off the run that is going on.
    pub(super) fn call_off(&self) {
        self.called_off.set(true);
    }

    /// Pauses when work has gone on for long enough.
    pub(super) async fn rest(&self) {
        let now = self.now();
        if now - self.worked_since.get() < STRETCH {
            return;
        }
        if self.back.post_message(&JsValue::NULL).is_ok() {
            self.returned.next().await;
        }
        let back = self.now();
        self.paused.set(self.paused.get() + back - now);
        self.worked_since.set(back);
    }

    /// Work begins after the worker was idle.
    pub(super) fn awake(&self) {
        self.worked_since.set(self.now());
    }

    fn tell(&self, progress: Progress) {
        let now = self.now();
        if now - self.told.get() >= TELL_EVERY
            && let Some(tell) = &*self.tell.borrow()
        {
            self.told.set(now);
            tell(progress);
        }
    }
}

impl Pace for Rhythm {
    fn checkpoint(&self, progress: Progress) -> Pin<Box<dyn Future<Output = Result<(), Cancelled>> + '_>> {
        Box::pin(async move {
            self.tell(progress);
            self.rest().await;
            if self.called_off.get() { Err(Cancelled) } else { Ok(()) }
        })
    }
}
