//! The engine: one session, and the requests to it, one after the other.
//!
//! Requests stand before bytes of logs, so that a screen never waits for a file; a run is called off by a newer one,
//! and by whatever changes the logs that it looks at.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;

use detection::{RunFailure, Session, samples};
use event_table::{DateTime, RowRef, SourceId};
use gloo::events::EventListener;
use js_sys::{Array, Date};
use kql_engine::assist;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, MessagePort};

use super::intake::{Delivery, Intake, Reading, Step};
use super::pace::Rhythm;
use super::visits::Visits;
use super::{figures, marks, rows, tuning, visits};
use crate::protocol::{
    Completion, Envelope, Generation, Help, LoadId, Origin, OriginalRecord, OriginalText, Others, Request, Response,
    RunAnswer, RunRequest, SampleSummary, Timings,
};
use crate::wire::{pack, unpack};

/// Takes up the part of the engine.
pub(super) fn start(scope: DedicatedWorkerGlobalScope) {
    let clock = scope.performance().unwrap_or_else(|| panic!("this browser gives workers no clock"));
    let rhythm = Rhythm::new(clock).unwrap_or_else(|error| wasm_bindgen::throw_val(error));
    let engine = Rc::new(Engine {
        scope: scope.clone(),
        rhythm,
        requests: RefCell::default(),
        deliveries: RefCell::default(),
        is_working: Cell::new(false),
    });
    let work = Rc::new(RefCell::new(Work::default()));
    let listening = Rc::clone(&engine);
    EventListener::new(&scope, "message", move |event| {
        let event: &MessageEvent = event.unchecked_ref();
        match unpack(event.data()) {
            Ok((request, beside)) => listening.accept(request, beside, &work),
            Err(error) => wasm_bindgen::throw_val(error),
        }
    })
    .forget();
    let samples = samples().iter().map(|sample| SampleSummary {
        id: sample.id.clone(),
        group: sample.group.clone(),
        title: sample.title.clone(),
        look_for: sample.look_for.clone(),
    });
    let ready = Response::Ready { samples: samples.collect(), lessons: visits::summaries() };
    engine.say(Generation::default(), ready);
}

/// What waits to be done, and the way to tell of it.
struct Engine {
    scope: DedicatedWorkerGlobalScope,
    rhythm: Rhythm,
    requests: RefCell<VecDeque<(Envelope<Request>, Array)>>,
    deliveries: RefCell<VecDeque<Delivery>>,
    is_working: Cell<bool>,
}

/// What work is done on. Only one piece of work is done at a time, so nobody else ever holds it.
#[derive(Default)]
struct Work {
    session: Session,
    intake: Intake,
    origins: HashMap<SourceId, Origin>,
    visits: Visits,
}

impl Engine {
    fn say(&self, generation: Generation, body: Response) {
        let said = pack(&Envelope { generation, body }, &[]).and_then(|parcel| self.scope.post_message(&parcel));
        if let Err(error) = said {
            wasm_bindgen::throw_val(error);
        }
    }

    fn accept(self: &Rc<Engine>, request: Envelope<Request>, beside: Array, work: &Rc<RefCell<Work>>) {
        if matches!(
            request.body,
            Request::Run(_)
                | Request::LoadSample { .. }
                | Request::Remove { .. }
                | Request::Abandon { .. }
                | Request::DropDuplicates { .. }
                | Request::RemoveFile { .. }
                | Request::Open { .. }
                | Request::Back
        ) {
            self.rhythm.call_off();
            if matches!(request.body, Request::Run(_)) {
                let mut requests = self.requests.borrow_mut();
                requests.retain(|(waiting, _)| {
                    let stays = !matches!(waiting.body, Request::Run(_))
                        && !tuning::is_asked(&waiting.body)
                        && !figures::is_asked(&waiting.body)
                        && !visits::is_asked(&waiting.body);
                    if !stays {
                        self.say(waiting.generation, Response::CalledOff);
                    }
                    stays
                });
            }
        }
        self.requests.borrow_mut().push_back((request, beside));
        self.wake(work);
    }

    /// Works off what waits, unless that is being done.
    fn wake(self: &Rc<Engine>, work: &Rc<RefCell<Work>>) {
        if self.is_working.replace(true) {
            return;
        }
        self.rhythm.awake();
        let engine = Rc::clone(self);
        let work = Rc::clone(work);
        spawn_local(async move {
            while engine.next(&work).await {
                engine.rhythm.rest().await;
            }
            engine.is_working.set(false);
        });
    }

    /// Does one thing; false when nothing waits.
    #[expect(clippy::await_holding_refcell_ref, reason = "only the one who works holds it")]
    async fn next(self: &Rc<Engine>, shared: &Rc<RefCell<Work>>) -> bool {
        let request = self.requests.borrow_mut().pop_front();
        if let Some((request, beside)) = request {
            let mut work = shared.borrow_mut();
            let generation = request.generation;
            let answer = match request.body {
                Request::Run(run) => self.run(generation, run, &mut work.session).await,
                Request::Receive { load, name, options, replaces, known, query } => {
                    let engine = Rc::clone(self);
                    let waking = Rc::clone(shared);
                    let deliver = Rc::new(move |delivery| {
                        engine.deliveries.borrow_mut().push_back(delivery);
                        engine.wake(&waking);
                    });
                    let port: MessagePort = beside.get(0).unchecked_into();
                    let Work { session, intake, .. } = &mut *work;
                    session.set_query(query);
                    session.set_mappings(known);
                    let reading = if replaces.is_none() && session.asks_for(&name, wall_clock()) {
                        Reading::File { name, bytes: Vec::new() }
                    } else {
                        Reading::Log(session.begin(&name, options))
                    };
                    intake.begin(load, reading, replaces, port, deliver);
                    return true;
                }
                asked if figures::is_asked(&asked) => figures::answer(asked, &mut work.session, &self.rhythm).await,
                asked if tuning::is_asked(&asked) => tuning::answer(asked, &mut work.session, &self.rhythm).await,
                Request::Open { opening } => {
                    let Work { session, origins, visits, .. } = &mut *work;
                    let file = beside.get(0).dyn_into().ok();
                    Response::Opened(visits.open(opening, file, session, origins).await)
                }
                asked if visits::is_asked(&asked) => {
                    let Work { session, visits, .. } = &mut *work;
                    visits.answer(asked, session, wall_clock(), &self.rhythm).await
                }
                other => work.answer(other),
            };
            drop(work);
            self.say(generation, answer);
            return true;
        }
        let Some(delivery) = self.deliveries.borrow_mut().pop_front() else { return false };
        let mut work = shared.borrow_mut();
        let Work { session, intake, .. } = &mut *work;
        let unasked = Generation::default();
        match intake.take(session, delivery, self.rhythm.now()) {
            Step::Silent => {}
            Step::Progress { load, bytes, rows } => self.say(unasked, Response::Progress { load, bytes, rows }),
            Step::Finished { load, sources, replaces } => {
                if let Some(replaced) = replaces {
                    work.remove_load(replaced);
                }
                work.origins.extend(sources.into_iter().map(|source| (source, Origin::Load(load))));
                self.say(unasked, work.sources());
            }
            Step::Own { load, what } => self.say(unasked, Response::OwnFile { load, what }),
            Step::Kept { load } => self.say(unasked, Response::FileKept { load }),
            Step::Failed { load, reason } => self.say(unasked, Response::NotRead { load, reason }),
        }
        true
    }

    async fn run(self: &Rc<Engine>, generation: Generation, asked: RunRequest, session: &mut Session) -> Response {
        let telling = Rc::clone(self);
        self.rhythm.begin(move |progress| {
            telling.say(generation, Response::Running { done: progress.done, total: progress.total });
        });
        session.set_query(asked.query);
        session.set_clock(asked.clock);
        let outcome = session.run(wall_clock(), &self.rhythm).await;
        let run = self.rhythm.end();
        let mut report = match outcome {
            Ok(report) => report,
            Err(RunFailure::Cancelled) => return Response::CalledOff,
        };
        // Of the shipped rule there is nothing to look at: none of its tests minds case.
        report.findings.extend(session.case_findings());
        let begun = self.rhythm.now();
        let window = (!report.has_errors())
            .then(|| rows::result(session, &asked.view, asked.range.clone(), asked.find))
            .flatten();
        let (arrange, held) = (self.rhythm.now() - begun, session.tables().heap_bytes() as f64);
        let timings = Timings { run, arrange, memory: memory(), held };
        Response::Ran(Box::new(RunAnswer { report, window, pins: marks::pin_titles(session), timings }))
    }
}

/// Bytes of memory that this worker's WebAssembly has.
fn memory() -> f64 {
    let memory: js_sys::WebAssembly::Memory = wasm_bindgen::memory().unchecked_into();
    let buffer: js_sys::ArrayBuffer = memory.buffer().unchecked_into();
    f64::from(buffer.byte_length())
}

impl Work {
    /// Answers what takes no pauses.
    fn answer(&mut self, request: Request) -> Response {
        match request {
            Request::LoadSample { id, others } => {
                if others == Others::Removed {
                    self.session.clear();
                    self.origins.clear();
                }
                if let Some(sample) = detection::sample(&id) {
                    let before: Vec<SourceId> = self.session.sources().iter().map(|source| source.id).collect();
                    self.session.load_sample(sample);
                    for source in self.session.sources() {
                        if !before.contains(&source.id) {
                            self.origins.insert(source.id, Origin::Sample(id.clone()));
                        }
                    }
                }
                self.sources()
            }
            Request::Abandon { load } => {
                self.intake.abandon(&mut self.session, load);
                self.sources()
            }
            Request::Remove { source } => {
                self.session.remove(source);
                self.origins.remove(&source);
                self.sources()
            }
            Request::Back => {
                let Work { session, origins, visits, .. } = self;
                visits.back(session, origins);
                self.sources()
            }
            Request::Keep => {
                self.visits.keep();
                self.sources()
            }
            Request::RemoveFile { name } => {
                self.session.remove_external(&name);
                Response::Done
            }
            Request::DropDuplicates { drops } => {
                self.session.drop_duplicates(drops);
                self.sources()
            }
            Request::LogColumns { source } => Response::LogColumns(self.session.log_columns(source)),
            Request::Rows(asked) => Response::Rows(rows::window(&mut self.session, &asked)),
            Request::Story { record } => Response::Story(self.session.story(record).map(Box::new)),
            Request::Original { record } => Response::Original(self.original(record).map(Box::new)),
            Request::Cell { row, column } => {
                let value = self.session.result().map(|result| result.value(row, column).to_string());
                Response::Cell(value.unwrap_or_default())
            }
            Request::WholeRow { row } => Response::WholeRow(rows::whole(&self.session, row)),
            Request::Marks { record } => Response::Marks(marks::marks(&self.session, record)),
            Request::Mark { record, change } => Response::Marks(marks::change(&mut self.session, record, change)),
            Request::KeepMarks => {
                let samples: HashSet<&str> = self
                    .origins
                    .values()
                    .filter_map(|origin| match origin {
                        Origin::Sample(id) => Some(id.as_str()),
                        _ => None,
                    })
                    .collect();
                let samples: Vec<&str> = samples.into_iter().collect();
                Response::KeptMarks(self.session.saved_marks(&samples))
            }
            Request::RestoreMarks { marks } => {
                self.session.apply_marks(&marks);
                Response::Done
            }
            Request::Labelled { label, alerts } => {
                let (rows, total) = marks::labelled(&self.session, label, alerts);
                Response::Labelled { rows, total }
            }
            Request::Complete { text, offset } => {
                let found = assist::complete(&text, offset, self.session.tables(), wall_clock());
                Response::Completions(found.into_iter().map(completion).collect())
            }
            Request::Hover { text, offset } => {
                let found = assist::hover(&text, offset, self.session.tables(), wall_clock());
                Response::Help(found.map(|found| Help {
                    span: found.span.start..found.span.end,
                    title: found.title,
                    body: found.body,
                }))
            }
            Request::OwnNames { text } => {
                Response::OwnNames(assist::own_names(&text, self.session.tables(), wall_clock()))
            }
            Request::Rename { text, declared, to } => {
                let edits = assist::rename(&text, self.session.tables(), wall_clock(), declared, &to);
                Response::Renamed(edits.map_err(|refused| refused.to_string()))
            }
            // Not asked here: these take pauses, or a port.
            Request::Run(_)
            | Request::Receive { .. }
            | Request::Timeline { .. }
            | Request::Histogram { .. }
            | Request::Target { .. }
            | Request::Export { .. }
            | Request::Open { .. }
            | Request::Check { .. }
            | Request::Save { .. }
            | Request::Author { .. }
            | Request::NearMisses { .. }
            | Request::Contributions
            | Request::Compare(_)
            | Request::Tuning(_) => Response::CalledOff,
        }
    }

    /// Takes out what was read of a file.
    fn remove_load(&mut self, load: LoadId) {
        let is_its = |(source, origin): (&SourceId, &Origin)| (*origin == Origin::Load(load)).then_some(*source);
        let sources: Vec<SourceId> = self.origins.iter().filter_map(is_its).collect();
        for source in sources {
            self.session.remove(source);
            self.origins.remove(&source);
        }
    }

    fn original(&self, record: RowRef) -> Option<OriginalRecord> {
        let original = self.session.original(record)?;
        let text = match (original.record, self.origins.get(&original.source)) {
            (Some(record), _) => OriginalText::Here(record),
            (None, Some(Origin::Load(load))) => OriginalText::InFile(*load),
            (None, _) => OriginalText::Gone,
        };
        Some(OriginalRecord { log: original.name, place: original.place, text })
    }

    fn sources(&self) -> Response {
        Response::Sources(visits::sources(&self.session, &self.origins))
    }
}

fn completion(found: assist::Completion) -> Completion {
    let kind = match found.kind {
        assist::CompletionKind::Column => "column",
        assist::CompletionKind::Table => "table",
        assist::CompletionKind::Operator => "operator",
        assist::CompletionKind::Function | assist::CompletionKind::Aggregate => "function",
        assist::CompletionKind::Keyword | assist::CompletionKind::Type => "keyword",
        assist::CompletionKind::Variable => "value",
    };
    Completion {
        label: found.label,
        kind: kind.to_owned(),
        detail: found.detail,
        documentation: found.documentation,
        insert: found.insert,
        replace: found.replace.start..found.replace.end,
    }
}

/// The wall clock, to the millisecond.
fn wall_clock() -> DateTime {
    const TICKS_PER_MILLISECOND: i64 = 10_000;
    DateTime::from_unix_ticks((Date::now() as i64).saturating_mul(TICKS_PER_MILLISECOND)).unwrap_or(DateTime::MAX)
}
