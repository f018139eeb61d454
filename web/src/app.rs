//! The root of the page: holds the state, does what its commands say, and draws it.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use detection::Options;
use gloo::timers::callback::Timeout;
use gloo::utils::{document, window};
use js_sys::Object;
use kql_syntax::edit::TextEdit;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageChannel};
use yew::prelude::*;

use crate::address::{Address, Place};
use crate::client::Client;
use crate::components::{Page, PageProps};
use crate::dispatch::{Dispatch, NewText, TextChange};
use crate::dom;
use crate::editor::{self, Change, Completions, Edit, EditorSources, Handle, Question, Source};
use crate::focus::FocusKeeper;
use crate::format::bytes;
use crate::kept_logs;
use crate::mailbox::Mailbox;
use crate::measure::measured;
use crate::protocol::{Envelope, Generation, LoadId, Opening, ReaderRequest, Request, Response, Role};
use crate::state::{Action, Command, EditorCommand, GivenFile, Pace, Screen, State, Theme, update};
use crate::storage::Saved;

/// The keys rest when none was pressed for so long, in milliseconds.
const REST: u32 = 250;

/// A frame in milliseconds, and how many of them drawing may take.
const FRAME: u32 = 16;
const DRAWN_WITHIN: u32 = 60;

/// From this width on, in CSS pixels, a story has room beside the alerts.
const WIDE: f64 = 1500.0;

/// The root of the page.
pub struct App {
    state: Rc<State>,
    engine: Client,
    readers: HashMap<LoadId, Client>,
    /// Files that are being read, wait for it, or can be read again. What is in them is never looked at here.
    files: HashMap<LoadId, File>,
    editor: Option<Handle>,
    /// When the change that the editor tells of next is to be run.
    pace: Rc<Cell<Pace>>,
    run_later: Option<Timeout>,
    questions: HashMap<Generation, Callback<Response>>,
    dispatch: Dispatch,
    sources: EditorSources,
    _focus: FocusKeeper,
}

/// What the app is told.
pub enum Message {
    /// Something happened.
    Do(Action),
    /// The engine said something.
    Said(Envelope<Response>),
    /// The editor is there.
    EditorReady(Handle),
    /// The user gave files.
    FilesGiven(Vec<File>),
    /// The user gave a session, lesson or test file to open.
    FileOpened(File),
    /// The query's text is to be changed.
    ChangeText(TextChange),
    /// The engine is to be asked, and what to do with its answer.
    Ask(Request, Callback<Response>),
    /// A file that the user gave is wanted, and what to do with it; none when it is no longer here.
    FileWanted(LoadId, Callback<Option<File>>),
    /// The editor asks something about a place in a text of a version.
    EditorAsks(Question, Asked, Callback<Option<Response>>),
}

/// What the editor asks.
#[derive(Debug, Clone, Copy)]
pub enum Asked {
    /// What could stand there.
    Completions,
    /// What stands there.
    Help,
}

impl Component for App {
    type Message = Message;
    type Properties = ();

    fn create(ctx: &Context<App>) -> App {
        let link = ctx.link();
        let address = {
            let location = window().location();
            Address::read(&location.search().unwrap_or_default(), &location.hash().unwrap_or_default())
        };
        let saved = match address.place {
            Place::Alone => Saved::load(),
            Place::Embedded => Saved::default(),
        };
        link.send_message(Message::Do(Action::Addressed(address)));
        link.send_message(Message::Do(Action::Opened(screen())));
        let dispatch = Dispatch {
            act: link.callback(Message::Do),
            give_files: link.callback(Message::FilesGiven),
            open_file: link.callback(Message::FileOpened),
            change_text: link.callback(Message::ChangeText),
            ask: link.callback(|(request, answered)| Message::Ask(request, answered)),
            file: link.callback(|(load, given)| Message::FileWanted(load, given)),
        };
        App {
            state: Rc::new(State::new(saved)),
            engine: start_engine(ctx),
            readers: HashMap::new(),
            files: HashMap::new(),
            editor: None,
            pace: Rc::new(Cell::new(Pace::Typing)),
            run_later: None,
            questions: HashMap::new(),
            dispatch,
            sources: editor_sources(ctx),
            _focus: FocusKeeper::start(),
        }
    }

    fn update(&mut self, ctx: &Context<App>, message: Message) -> bool {
        match message {
            Message::Do(action) => self.act(ctx, action),
            Message::Said(response) => {
                if let Some(answered) = self.questions.remove(&response.generation) {
                    answered.emit(response.body.clone());
                }
                self.act(ctx, Action::Said { response, now: dom::now() });
            }
            Message::EditorReady(handle) => {
                self.editor = Some(handle);
                self.act(ctx, Action::EditorReady);
            }
            Message::FilesGiven(files) => {
                let given = files.into_iter().map(|file| {
                    let load = Rc::make_mut(&mut self.state).name_load();
                    let (name, size) = (file.name(), file.size() as u64);
                    let given = GivenFile { load, name, size, options: Options::default() };
                    self.files.insert(load, file);
                    given
                });
                let given = given.collect();
                self.act(ctx, Action::FilesGiven(given));
            }
            Message::FileOpened(file) => {
                let load = Rc::make_mut(&mut self.state).name_load();
                self.files.insert(load, file);
                self.act(ctx, Action::VisitBegun(Opening::File(load)));
            }
            Message::ChangeText(change) => {
                self.change_text(change);
                return false;
            }
            Message::Ask(request, answered) => {
                self.ask(request, answered);
                return false;
            }
            Message::FileWanted(load, given) => {
                given.emit(self.files.get(&load).cloned());
                return false;
            }
            Message::EditorAsks(question, asked, answered) => {
                self.editor_asks(question, asked, answered);
                return false;
            }
        }
        true
    }

    fn view(&self, ctx: &Context<App>) -> Html {
        let pace = Rc::clone(&self.pace);
        let link = ctx.link();
        let on_change = link.callback(move |change: Change| Message::Do(Action::Edited { change, pace: pace.get() }));
        let props = PageProps {
            state: Rc::clone(&self.state),
            on_change,
            on_editor: link.callback(Message::EditorReady),
            sources: self.sources.clone(),
        };
        html! {
            <ContextProvider<Dispatch> context={self.dispatch.clone()}>
                <Page ..props />
            </ContextProvider<Dispatch>>
        }
    }
}

impl App {
    fn act(&mut self, ctx: &Context<App>, action: Action) {
        let commands = update(Rc::make_mut(&mut self.state), action);
        for command in commands {
            self.perform(ctx, command);
        }
    }

    fn perform(&mut self, ctx: &Context<App>, command: Command) {
        match command {
            Command::Send(request) => self.send(&request),
            Command::Read { request, load } => self.read(ctx, &request, load),
            Command::CopyFile { from, to } => {
                if let Some(file) = self.files.get(&from).cloned() {
                    self.files.insert(to, file);
                }
            }
            Command::StopReading(load) => {
                self.readers.remove(&load);
            }
            Command::ForgetFile(load) => {
                self.files.remove(&load);
            }
            Command::RunLater { edit } => {
                let link = ctx.link().clone();
                let due = move || link.send_message(Message::Do(Action::RunDue { edit }));
                self.run_later = Some(Timeout::new(REST, due));
            }
            Command::RestartEngine => {
                self.questions.clear();
                self.engine = start_engine(ctx);
            }
            Command::Editor(command) => self.command_editor(command),
            // Within another page, what is looked at there is not this user's own work.
            Command::Save if self.state.address.place == Place::Embedded => {}
            Command::Save => self.state.saved().save(),
            Command::KeepLogs(_) if self.state.address.place == Place::Embedded => {}
            Command::RestoreLogs => restore_logs(ctx),
            Command::ClearAddress => clear_address(),
            Command::KeepLogs(loads) => self.keep_logs(ctx, &loads),
            Command::ForgetEverything => forget_everything(),
            Command::ApplyTheme(theme) => apply_theme(theme),
            Command::Measured(timings) => measured(timings),
        }
    }

    fn send(&self, request: &Envelope<Request>) {
        let file = match &request.body {
            Request::Open { opening: Opening::File(load) } => self.files.get(load),
            _ => None,
        };
        match file {
            Some(file) => self.engine.send(request, &[file], &[]),
            None => self.engine.send(request, &[], &[]),
        }
    }

    /// Joins a reader and the engine by a port, through which the file's bytes go past this thread.
    fn read(&mut self, ctx: &Context<App>, request: &Envelope<Request>, load: LoadId) {
        let link = ctx.link().clone();
        let failed = move |reason| Message::Do(Action::ReaderFailed { load, reason });
        let (Some(file), Ok(channel)) = (self.files.get(&load), MessageChannel::new()) else {
            link.send_message(failed("the file is no longer here".to_owned()));
            return;
        };
        let (to_engine, to_reader) = (JsValue::from(channel.port1()), JsValue::from(channel.port2()));
        self.engine.send(request, &[&to_engine], &[&to_engine]);
        let reader = Client::start(Role::Reader, Callback::noop(), link.callback(failed));
        reader.send(&ReaderRequest::Read, &[file, &to_reader], &[&to_reader]);
        self.readers.insert(load, reader);
    }

    fn keep_logs(&self, ctx: &Context<App>, loads: &[LoadId]) {
        let files: Vec<File> = loads.iter().filter_map(|load| self.files.get(load).cloned()).collect();
        let link = ctx.link().clone();
        spawn_local(async move {
            let why = match kept_logs::keep(files).await {
                Ok(true) => return,
                Ok(false) => format!("Logs of more than {} together are not kept.", bytes(kept_logs::MOST as u64)),
                Err(error) => format!("The browser does not keep the logs: {error}."),
            };
            link.send_message(Message::Do(Action::NotKept(why.into())));
        });
    }

    fn ask(&mut self, request: Request, answered: Callback<Response>) {
        let request = Rc::make_mut(&mut self.state).request(request);
        self.questions.insert(request.generation, answered);
        self.engine.send(&request, &[], &[]);
    }

    fn editor_asks(&mut self, question: Question, asked: Asked, answered: Callback<Option<Response>>) {
        if question.version != self.state.rule.version {
            answered.emit(None);
            return;
        }
        let text = self.state.rule.text.to_string();
        let offset = question.at as u32;
        let request = match asked {
            Asked::Completions => Request::Complete { text, offset },
            Asked::Help => Request::Hover { text, offset },
        };
        self.ask(request, answered.reform(Some));
    }

    fn change_text(&mut self, change: TextChange) {
        let Some(editor) = self.editor.as_ref().filter(|_| change.of == self.state.rule.text) else { return };
        self.pace.set(Pace::AtOnce);
        match change.to {
            NewText::Text(text) => editor.set_text(&text),
            NewText::Edits(edits) => {
                editor.apply_edits(self.state.rule.version, &edits_for_editor(&edits));
            }
        }
        self.pace.set(Pace::Typing);
    }

    fn command_editor(&mut self, command: EditorCommand) {
        let Some(editor) = &self.editor else { return };
        self.pace.set(Pace::AtOnce);
        match command {
            EditorCommand::SetText(text) => editor.set_text(&text),
            EditorCommand::Apply(version, edits) => {
                editor.apply_edits(version, &edits_for_editor(&edits));
            }
            EditorCommand::Undo => drop(editor.undo()),
            EditorCommand::Redo => drop(editor.redo()),
            EditorCommand::Highlight(version, highlights) => editor.set_highlights(version, &highlights),
            EditorCommand::Diagnose(version, diagnostics) => editor.set_diagnostics(version, &diagnostics),
            EditorCommand::Reveal { from, to } => {
                reveal_when_drawn(editor.clone(), from, to, DRAWN_WITHIN);
            }
        }
        self.pace.set(Pace::Typing);
    }
}

fn edits_for_editor(edits: &[TextEdit]) -> Vec<Edit> {
    edits.iter().map(Edit::from).collect()
}

/// Brings the logs that were kept on the last visit.
fn restore_logs(ctx: &Context<App>) {
    let link = ctx.link().clone();
    spawn_local(async move {
        // A browser that keeps nothing has kept nothing.
        let files = kept_logs::kept().await.unwrap_or_default();
        let count = files.len();
        link.send_message(Message::FilesGiven(files));
        link.send_message(Message::Do(Action::LogsRestored(count)));
    });
}

fn forget_everything() {
    spawn_local(async {
        Saved::forget();
        // Where nothing can be kept there is nothing to forget.
        let _ = kept_logs::keep(Vec::new()).await;
        let location = window().location();
        let path = location.pathname().unwrap_or_default();
        // A mere change of what stands behind the # would load nothing.
        clear_address();
        // The address of the page itself can always be gone to.
        let _ = location.replace(&path);
    });
}

/// Takes out of the address what it carries, without loading anything.
fn clear_address() {
    let path = window().location().pathname().unwrap_or_default();
    if let Ok(history) = window().history() {
        // Where a browser does not allow it, the address stays as it is.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
    }
}

fn start_engine(ctx: &Context<App>) -> Client {
    let link = ctx.link();
    let on_failure = link.callback(|reason| Message::Do(Action::EngineFailed(reason)));
    Client::start(Role::Engine, link.callback(Message::Said), on_failure)
}

/// What the editor asks, answered by the engine.
fn editor_sources(ctx: &Context<App>) -> EditorSources {
    let link = ctx.link().clone();
    let ask = move |question, asked| {
        let mailbox = Rc::new(Mailbox::default());
        let answered = {
            let mailbox = Rc::clone(&mailbox);
            Callback::from(move |response| mailbox.put(response))
        };
        link.send_message(Message::EditorAsks(question, asked, answered));
        async move { mailbox.next().await }
    };
    let asking = ask.clone();
    let complete = Source::new(move |question| {
        let answer = asking(question, Asked::Completions);
        async move {
            match answer.await {
                Some(Response::Completions(found)) => completions(found),
                _ => None,
            }
        }
    });
    let hover = Source::new(move |question| {
        let answer = ask(question, Asked::Help);
        async move {
            match answer.await {
                Some(Response::Help(Some(help))) => Some(editor::Help {
                    from: help.span.start as usize,
                    to: help.span.end as usize,
                    title: help.title,
                    text: help.body,
                }),
                _ => None,
            }
        }
    });
    EditorSources { complete, hover }
}

fn completions(found: Vec<crate::protocol::Completion>) -> Option<Completions> {
    let replace = found.first()?.replace.clone();
    let count = found.len();
    let items = found.into_iter().enumerate().map(|(place, found)| editor::CompletionItem {
        label: found.label,
        kind: found.kind,
        detail: found.detail,
        info: found.documentation,
        apply: found.insert,
        // They come in the order to offer them.
        boost: 50 - (place * 100 / count) as i8,
    });
    Some(Completions { from: replace.start as usize, to: replace.end as usize, items: items.collect() })
}

/// Shows a place once the view that the editor stands in is drawn: what is hidden takes no focus.
fn reveal_when_drawn(editor: Handle, from: usize, to: usize, patience: u32) {
    let is_hidden = document().query_selector("[hidden] .cm-content").ok().flatten().is_some();
    if is_hidden && patience > 0 {
        Timeout::new(FRAME, move || reveal_when_drawn(editor, from, to, patience - 1)).forget();
    } else {
        Timeout::new(0, move || editor.reveal(from, to)).forget();
    }
}

fn screen() -> Screen {
    let width = window().inner_width().ok().and_then(|width| width.as_f64());
    if width.is_some_and(|width| width >= WIDE) { Screen::Wide } else { Screen::Narrow }
}

fn apply_theme(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    let applied = match theme {
        Theme::System => root.remove_attribute("data-theme"),
        Theme::Light => root.set_attribute("data-theme", "light"),
        Theme::Dark => root.set_attribute("data-theme", "dark"),
    };
    if let Err(error) = applied {
        wasm_bindgen::throw_val(error);
    }
}

/// For a property of a plain object of ours.
pub(crate) fn object(properties: &[(&str, &JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // A new plain object takes every property.
        let _ = js_sys::Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object
}
