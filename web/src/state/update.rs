//! What each action changes, and what it asks for.

use std::rc::Rc;

use detection::{Finding, Options, OwnFile, RunReport};
use event_table::RowRef;
use kql_syntax::Severity;
use yew::AttrValue;

use super::keeping::{begin_as_before, keep, loaded, mend_opened, restored};
use super::{
    Action, Base, Command, Dialog, EditorCommand, EngineState, GivenFile, Keeping, KeptVersion, Load, LoadState, Lost,
    OpenStory, Pace, Pane, RunResult, Screen, State, visit,
};
use crate::address::short;
use crate::editor::{Change, Diagnostic, Edit, Fix, Severity as EditorSeverity};
use crate::protocol::{
    Envelope, Generation, LoadId, LoadedSource, Opening, Origin, Others, Request, Response, RunAnswer, RunRequest,
    TableKind,
};
use crate::rule_text::RuleText;
use crate::words::{self, ResultKind};

/// Changes the state by an action.
pub fn update(state: &mut State, action: Action) -> Vec<Command> {
    let mut out = Out { commands: Vec::new() };
    match action {
        Action::Addressed(address) => {
            state.address_problems = address.problems.iter().map(|problem| problem.clone().into()).collect();
            state.address = Rc::new(address);
        }
        Action::AddressNoted => state.address_problems.clear(),
        Action::Opened(screen) => {
            state.screen = screen;
            out.push(Command::ApplyTheme(state.theme));
            open_at_start(state, &mut out);
        }
        Action::Said { response, now } => said(state, response, now, &mut out),
        Action::EngineFailed(reason) => engine_failed(state, reason, &mut out),
        Action::Restored => restore(state, &mut out),
        Action::VisitBegun(opening) => visit::open(state, opening, None, &mut out),
        Action::VisitLeft => visit::back(state, &mut out),
        Action::VisitKept => visit::keep(state, &mut out),
        Action::Answered { question, answer } => {
            if let Some(kept) = state.open_case_mut().and_then(|case| Rc::make_mut(&mut case.answers).get_mut(question))
            {
                *kept = answer;
                out.push(Command::Save);
            }
        }
        Action::HintShown => {
            if let Some(case) = state.open_case_mut() {
                case.hints = (case.hints + 1).min(case.text.hints.len());
                state.said =
                    state.open_case().map(|case| case.text.hints[case.hints - 1].clone()).unwrap_or_default().into();
                out.push(Command::Save);
            }
        }
        Action::LessonRestarted => {
            if let Some(case) = state.open_case_mut() {
                case.hints = 0;
                case.answers = Rc::new(vec![String::new(); case.text.questions]);
                let start = case.text.start.clone();
                out.push(Command::Editor(EditorCommand::SetText(start)));
                out.push(Command::Save);
            }
        }
        Action::LessonSolved => {
            let Some(case) = state.open_case() else { return out.commands };
            let (id, solved) = (case.id.clone(), format!("Solved: {}.", case.text.title));
            pass_by(state, &solved);
            if let Some(id) = id {
                Rc::make_mut(&mut state.solved).insert(id);
                out.push(Command::Save);
            }
        }
        Action::LostForgotten => {
            for lost in std::mem::take(&mut state.lost) {
                if let Lost::File(file) = lost {
                    state.forget_file(file.load, &mut out);
                }
            }
            state.engine = EngineState::Ready;
            if !visit::reopen(state, &mut out) {
                run(state, &mut out);
            }
        }

        Action::EditorReady => highlight(state, &mut out),
        Action::Edited { change, pace } => edited(state, change, pace, &mut out),
        Action::RunDue { edit } if edit == state.edits => run(state, &mut out),
        Action::RunDue { .. } => {}
        Action::RunNow => run(state, &mut out),
        Action::ClockSet(clock) => {
            state.clock = clock;
            out.push(Command::Save);
            run(state, &mut out);
        }
        Action::Undo => out.push(Command::Editor(EditorCommand::Undo)),
        Action::Redo => out.push(Command::Editor(EditorCommand::Redo)),
        Action::Reset => out.push(Command::Editor(EditorCommand::SetText(detection::rule::TEXT.to_owned()))),
        Action::Cleared => {
            out.push(Command::Editor(EditorCommand::SetText(String::new())));
            show_kql(state, 0, 0, &mut out);
        }
        Action::Formatted => match kql_syntax::format(&kql_syntax::parse(&state.rule.text)) {
            None => pass_by(state, "The query has a mistake, which has to be mended first."),
            Some(edits) if edits.is_empty() => pass_by(state, "The query has its usual layout."),
            Some(edits) => out.push(Command::Editor(EditorCommand::Apply(state.rule.version, edits))),
        },
        Action::Fixed { version, edits } => out.push(Command::Editor(EditorCommand::Apply(version, edits))),
        Action::RuleViewSet(view) => {
            state.rule_view = view;
            out.push(Command::Save);
        }
        Action::Revealed { from, to } => show_kql(state, from, to, &mut out),

        Action::FilesGiven(files) => files_given(state, files, &mut out),
        Action::ReadAgain { load, options } => read_again(state, load, options, &mut out),
        Action::DuplicatesDropped(drops) => {
            state.kept.drops_duplicates = drops;
            rows_renamed(state);
            send(state, Request::DropDuplicates { drops }, &mut out);
        }
        Action::LoadDismissed(load) => {
            dismiss(state, load, &mut out);
            read_next(state, &mut out);
        }
        Action::ReaderFailed { load, reason } => {
            send(state, Request::Abandon { load }, &mut out);
            load_failed(state, load, &format!("The browser's reader failed: {reason}."), &mut out);
        }
        Action::LogsRestored(count) => restored(state, count, &mut out),
        Action::KeepingSet(keeping) => {
            state.kept.keeping = keeping;
            state.kept.trouble = None;
            out.push(Command::Save);
            match keeping {
                Keeping::On => keep(state, &mut out),
                Keeping::Off => out.push(Command::KeepLogs(Vec::new())),
            }
        }
        Action::NotKept(why) => state.kept.trouble = Some(why),
        Action::MissingNoted => state.kept.missing.clear(),
        Action::EverythingForgotten => out.push(Command::ForgetEverything),
        Action::SampleChosen { id, others } => {
            state.dialog = None;
            if others == Others::Removed && state.open_case().is_some() {
                // A lesson is about its own logs.
                visit::back(state, &mut out);
            }
            if others == Others::Removed {
                // Other logs are of another time.
                state.table.view.time = None;
                for load in std::mem::take(&mut state.loads) {
                    out.push(Command::StopReading(load.id));
                    state.forget_file(load.id, &mut out);
                    if matches!(load.state, LoadState::Reading { .. }) {
                        send(state, Request::Abandon { load: load.id }, &mut out);
                    }
                }
                forget_files_of_sources(state, &mut out);
            }
            open_sample(state, id, others, &mut out);
            out.push(Command::Save);
        }
        Action::FileRemoved(name) => {
            let is_it = |load: &LoadId| state.given_file(*load).is_some_and(|given| given.name == name);
            let loads: Vec<LoadId> = state.files.iter().copied().filter(is_it).collect();
            loads.into_iter().for_each(|load| state.forget_file(load, &mut out));
            send(state, Request::RemoveFile { name }, &mut out);
            run(state, &mut out);
            keep(state, &mut out);
        }
        Action::SourceRemoved(source) => {
            let is_it = |known: &&LoadedSource| known.summary.id == source;
            let origin = state.sources.iter().find(is_it).map(|known| known.origin.clone());
            // Other logs of the same archive still need it.
            let is_last = state.sources.iter().filter(|known| Some(&known.origin) == origin.as_ref()).count() == 1;
            if let Some(Origin::Load(load)) = origin.filter(|_| is_last) {
                state.forget_file(load, &mut out);
            }
            send(state, Request::Remove { source }, &mut out);
        }

        Action::PaneShown(pane) => state.pane = pane,
        Action::BaseSet(base) => state.base = base,
        Action::VersionKept(name) => {
            let versions = Rc::make_mut(&mut state.versions);
            versions.push(KeptVersion { name: name.into(), text: state.rule.text.clone() });
            state.base = Base::Kept(versions.len() - 1);
            out.push(Command::Save);
        }
        Action::VersionForgotten(place) => {
            if place < state.versions.len() {
                Rc::make_mut(&mut state.versions).remove(place);
                state.base = Base::Shipped;
                out.push(Command::Save);
            }
        }
        Action::TableShown(kind) => {
            state.pane = Pane::Rows;
            if state.table.kind != kind {
                state.table.show(kind);
                ask_for_rows(state, &mut out);
            }
        }
        Action::Scrolled { first, count } => {
            if state.table.scrolled(first, count) {
                ask_for_rows(state, &mut out);
            }
        }
        Action::Sorted(column) => {
            if state.table.kind == TableKind::Result {
                state.table.sort(column);
                ask_for_rows(state, &mut out);
                out.push(Command::Save);
            }
        }
        Action::Filtered(text) => {
            state.table.view.text = text;
            ask_for_rows(state, &mut out);
            out.push(Command::Save);
        }
        Action::FilterAdded(filter) => {
            if !state.table.view.filters.contains(&filter) {
                state.table.view.filters.push(filter);
                ask_for_rows(state, &mut out);
                out.push(Command::Save);
            }
        }
        Action::FilterRemoved(place) => {
            if place < state.table.view.filters.len() {
                state.table.view.filters.remove(place);
                ask_for_rows(state, &mut out);
                out.push(Command::Save);
            }
        }
        Action::TimeChosen(time) => {
            state.table.view.time = time;
            if state.table.kind != TableKind::Result {
                state.table.show(TableKind::Result);
            }
            ask_for_rows(state, &mut out);
        }
        Action::FiltersCleared => {
            state.table.view.time = None;
            state.table.view.text.clear();
            state.table.view.filters.clear();
            ask_for_rows(state, &mut out);
            out.push(Command::Save);
        }
        Action::RowSelected(place) => {
            state.table.select(place);
            if state.story.is_some() {
                open_story(state, &mut out);
            }
        }
        Action::StoryOpened => open_story(state, &mut out),
        Action::RecordOpened { record, signal } => open_record(state, Some(record), signal, &mut out),
        Action::StoryClosed => state.story = None,
        Action::Marked { record, change } => {
            send(state, Request::Mark { record, change }, &mut out);
            if state.looks_at_own_logs() {
                send(state, Request::KeepMarks, &mut out);
            }
            run(state, &mut out);
        }

        Action::DialogOpened(dialog) => {
            state.dialog = Some(dialog);
            state.opening_problem = None;
        }
        Action::DialogClosed => {
            state.dialog = None;
            state.opening_problem = None;
        }
        Action::ThemeSet(theme) => {
            state.theme = theme;
            out.push(Command::ApplyTheme(theme));
            out.push(Command::Save);
        }
        Action::Announced(words) => {
            pass_by(state, &words);
        }
    }
    out.commands
}

pub(super) struct Out {
    commands: Vec<Command>,
}

impl Out {
    pub(super) fn push(&mut self, command: Command) {
        self.commands.push(command);
    }
}

/// Says something that passes by on screen, too.
fn pass_by(state: &mut State, words: &str) {
    state.said = words.to_owned().into();
    state.passing = (state.passing.0.wrapping_add(1), state.said.clone());
}

fn request(state: &mut State, body: Request) -> Envelope<Request> {
    state.last = Generation(state.last.0.wrapping_add(1));
    Envelope { generation: state.last, body }
}

pub(super) fn send(state: &mut State, body: Request, out: &mut Out) -> Generation {
    let request = request(state, body);
    let generation = request.generation;
    out.push(Command::Send(request));
    generation
}

pub(super) fn run(state: &mut State, out: &mut Out) {
    if matches!(state.engine, EngineState::Failed { .. } | EngineState::Absent { .. }) {
        // What made it fail may do so again: the user decides.
        return;
    }
    // What comes of a pause that is not over yet is this run.
    state.edits += 1;
    let (range, find) = match state.table.kind {
        TableKind::Result => (state.table.wanted(), state.table.named()),
        TableKind::Fallen { .. } => (0..0, None),
    };
    let body = Request::Run(RunRequest {
        query: state.rule.text.to_string(),
        clock: state.clock.clone(),
        view: state.table.view.clone(),
        range,
        find,
    });
    state.run.generation = send(state, body, out);
    state.run.version = state.rule.version;
    state.run.is_pending = true;
    state.run.progress = None;
    // Rows asked for before are of a result that will be gone.
    if state.table.kind == TableKind::Result {
        state.table.request = state.run.generation;
    }
}

fn ask_for_rows(state: &mut State, out: &mut Out) {
    let asked = state.table.rows_request();
    state.table.request = send(state, Request::Rows(asked), out);
}

fn edited(state: &mut State, change: Change, pace: Pace, out: &mut Out) {
    state.rule.read = Rc::new(RuleText::read(&change.text));
    state.rule.text = change.text.into();
    state.rule.version = change.version;
    state.rule.can_undo = change.can_undo;
    state.rule.can_redo = change.can_redo;
    highlight(state, out);
    out.push(Command::Save);
    match pace {
        Pace::AtOnce => run(state, out),
        Pace::Typing => {
            state.edits += 1;
            out.push(Command::RunLater { edit: state.edits });
        }
    }
}

fn highlight(state: &State, out: &mut Out) {
    let (version, highlights) = (state.rule.version, state.rule.read.highlights.clone());
    out.push(Command::Editor(EditorCommand::Highlight(version, highlights)));
}

fn show_kql(state: &mut State, from: usize, to: usize, out: &mut Out) {
    state.rule_view = super::RuleView::Kql;
    out.push(Command::Save);
    out.push(Command::Editor(EditorCommand::Reveal { from, to }));
}

pub(super) fn open_sample(state: &mut State, id: String, others: Others, out: &mut Out) {
    state.sample.clone_from(&id);
    send(state, Request::LoadSample { id, others }, out);
}

/// Opens what the address or the last visit asks for.
fn open_at_start(state: &mut State, out: &mut Out) {
    let address = Rc::clone(&state.address);
    let kept = state.kept_lesson.take();
    if let Some(link) = &address.link {
        visit::open(state, Opening::Link(link.clone()), None, out);
    } else if let Some(id) = &address.lesson {
        let kept = kept.filter(|kept| kept.id == *id);
        visit::open(state, Opening::Lesson(id.clone()), kept, out);
    } else if address.sample.is_some() {
        // Whether there is such a sample is known once the engine has named them.
    } else if let Some(kept) = kept {
        visit::open(state, Opening::Lesson(kept.id.clone()), Some(kept), out);
    } else {
        begin_as_before(state, out);
    }
}

/// Opens the sample that the address names; where there is none of that name, the one that would be open without it.
fn open_addressed(state: &mut State, out: &mut Out) {
    if state.coming.is_some() || state.visit.is_some() {
        return;
    }
    let Some(asked) = state.address.sample.clone() else { return mend_opened(state, out) };
    if state.samples.iter().any(|sample| sample.id == asked) {
        open_sample(state, asked, Others::Removed, out);
        return;
    }
    let problem = format!("There is no sample {}, which the address asks for.", short(&asked));
    state.address_problems.push(problem.into());
    open_sample(state, state.sample.clone(), Others::Removed, out);
}

fn open_story(state: &mut State, out: &mut Out) {
    let Some(selected) = state.table.selected else { return };
    let record = selected.name.map(|name| name.record);
    let signal = selected.name.and_then(|name| name.signal);
    open_record(state, record, signal, out);
}

fn open_record(state: &mut State, record: Option<RowRef>, signal: Option<u16>, out: &mut Out) {
    let same = state.story.take().filter(|open| open.record == record);
    let request = record.map(|record| send(state, Request::Story { record }, out)).unwrap_or_default();
    let story = same.and_then(|open| open.story);
    state.story = Some(OpenStory { record, signal, story, request });
}

fn said(state: &mut State, response: Envelope<Response>, now: f64, out: &mut Out) {
    let Envelope { generation, body } = response;
    match body {
        Response::Ready { samples, lessons } => {
            state.samples = Rc::new(samples);
            state.lessons = Rc::new(lessons);
            if state.kept.drops_duplicates {
                send(state, Request::DropDuplicates { drops: true }, out);
            }
            if state.engine == EngineState::Starting {
                state.engine = EngineState::Ready;
                open_addressed(state, out);
            }
        }
        // The client makes a failure of it.
        Response::Panicked { .. } => {}
        Response::KeptMarks(marks) if state.looks_at_own_logs() => {
            state.marks = Rc::new(marks);
            out.push(Command::Save);
        }
        Response::Opened(answer) => visit::opened(state, generation, answer, out),
        Response::Sources(sources) => sources_changed(state, sources, out),
        Response::Progress { load, bytes, rows } => {
            if let Some(load) = state.loads.iter_mut().find(|known| known.id == load) {
                load.progressed(bytes, rows, now);
            }
        }
        Response::FileKept { load } => file_kept(state, load, out),
        Response::OwnFile { load, what } => own_file_given(state, load, what, out),
        Response::NotRead { load, reason } => load_failed(state, load, &reason, out),
        Response::Running { done, total } if generation == state.run.generation => {
            state.run.progress = Some((done, total));
        }
        Response::Ran(answer) if generation == state.run.generation => ran(state, *answer, out),
        Response::CalledOff if generation == state.run.generation => {
            // Not by a run: the logs have changed, and their news are on the way.
            state.run.is_pending = false;
            state.run.progress = None;
        }
        Response::Rows(window) if generation == state.table.request => {
            if let Some(window) = window {
                state.table.take(window);
            }
        }
        Response::Story(story) => {
            if let Some(open) = state.story.as_mut().filter(|open| open.request == generation) {
                match story {
                    Some(story) => open.story = Some(Rc::from(story)),
                    None => state.story = None,
                }
            }
        }
        Response::Running { .. }
        | Response::Ran(_)
        | Response::CalledOff
        | Response::Rows(_)
        // Asked for by whoever waits for them.
        | Response::Original(_)
        | Response::LogColumns(_)
        | Response::Looked { .. }
        | Response::Found(_)
        | Response::Cell(_)
        | Response::WholeRow(_)
        | Response::Timeline(_)
        | Response::Histogram(_)
        | Response::Target(_)
        | Response::Exported(_)
        | Response::Completions(_)
        | Response::OwnNames(_)
        | Response::Renamed(_)
        | Response::NearMisses(_)
        | Response::Marks(_)
        | Response::Labelled { .. }
        | Response::Contributions(_)
        | Response::Checked(_)
        | Response::KeptMarks(_)
        | Response::Done
        | Response::Saved(_)
        | Response::Authored(_)
        | Response::Compared(_)
        | Response::Tuning(_)
        | Response::Help(_) => {}
    }
}

/// Closes what is about a row: it is gone, or called otherwise.
fn close_dialog_of_rows(state: &mut State) {
    if matches!(state.dialog, Some(Dialog::Original(_))) {
        state.dialog = None;
    }
}

/// Lets go of everything that names rows. They are named by their place in a table: after a removal the names mean
/// others.
fn rows_renamed(state: &mut State) {
    state.pin_history.forget();
    state.story = None;
    close_dialog_of_rows(state);
    state.table.selected = None;
    if state.table.kind != TableKind::Result {
        state.table.show(TableKind::Result);
    }
}

/// A file that was given is one that queries read by name.
fn file_kept(state: &mut State, load: LoadId, out: &mut Out) {
    out.push(Command::StopReading(load));
    state.loads.retain(|known| known.id != load);
    // Of several of one name the last counts.
    let name = state.given_file(load).map(|given| given.name.clone());
    let same = |other: &LoadId| state.given_file(*other).map(|given| &given.name) == name.as_ref();
    let older: Vec<LoadId> = state.files.iter().copied().filter(same).collect();
    older.into_iter().for_each(|older| state.forget_file(older, out));
    state.files.push(load);
    run(state, out);
    read_next(state, out);
    keep(state, out);
}

fn sources_changed(state: &mut State, sources: Vec<LoadedSource>, out: &mut Out) {
    let is_there = |known: &LoadedSource| sources.iter().any(|source| source.summary.id == known.summary.id);
    if !state.sources.iter().all(is_there) {
        rows_renamed(state);
    }
    let arrived = |load: &Load| sources.iter().any(|source| source.origin == Origin::Load(load.id));
    let before = Rc::clone(&state.sources);
    let is_new = |source: &LoadedSource| before.iter().all(|known| known.summary.id != source.summary.id);
    let replaced: Vec<LoadId> =
        state.loads.iter().filter(|load| arrived(load)).filter_map(|load| load.replaces).collect();
    for load in replaced {
        state.forget_file(load, out);
        for source in sources.iter().filter(|source| is_new(source)) {
            state.kept.learn(source);
        }
    }
    state.loads.retain(|load| !arrived(load));
    for load in sources.iter().filter_map(|source| match source.origin {
        Origin::Load(load) => Some(load),
        Origin::Sample(_) | Origin::Opened => None,
    }) {
        // The file itself is kept: it can be read again should the engine fail.
        out.push(Command::StopReading(load));
    }
    // What is told of a log stays while others come and go.
    if let Some(Dialog::Report(source)) = state.dialog
        && sources.iter().all(|other| other.summary.id != source)
    {
        state.dialog = None;
    }
    state.sources = Rc::new(sources);
    if state.looks_at_own_logs() && !state.marks.is_empty() {
        let marks = (*state.marks).clone();
        send(state, Request::RestoreMarks { marks }, out);
    }
    // Even where nothing changed, the engine has let go of the result.
    run(state, out);
    read_next(state, out);
    keep(state, out);
    out.push(Command::Save);
}

fn ran(state: &mut State, answer: RunAnswer, out: &mut Out) {
    let RunAnswer { report, window, pins, timings } = answer;
    let report = Rc::new(report);
    out.push(Command::Measured(timings));
    state.run.is_pending = false;
    state.run.progress = None;
    state.run.report = Some(Rc::clone(&report));
    let diagnostics = report.findings.iter().map(diagnostic).collect();
    out.push(Command::Editor(EditorCommand::Diagnose(state.run.version, diagnostics)));
    let rows = window.as_ref().map_or(&[][..], |window| &window.rows);
    let kind = match (&state.result, state.table.kind) {
        (Some(result), TableKind::Fallen { .. }) => result.kind,
        _ => ResultKind::of(&report, rows),
    };
    let said: AttrValue = words::outcome(&report, kind).into();
    if report.has_errors() {
        state.said = said;
        return;
    }
    let changes = changes(state.result.as_deref(), &report);
    let pins = state.pin_history.follow(&report.pins, pins, &state.rule.text);
    let is_first = state.result.is_none();
    state.said = said;
    let (version, generation) = (state.run.version, state.run.generation);
    state.result = Some(Rc::new(RunResult { report, kind, changes, version, generation, pins }));
    match (state.table.kind, window) {
        (TableKind::Result, Some(window)) => state.table.take(window),
        (TableKind::Fallen { signal, step }, _) => {
            let report = state.result.as_deref().map(|result| &result.report);
            let funnel = report.and_then(|report| report.signals.get(signal)?.funnel.as_ref());
            if funnel.is_none_or(|funnel| step >= funnel.steps.len()) {
                state.table.show(TableKind::Result);
            }
            ask_for_rows(state, out);
        }
        (TableKind::Result, None) => {}
    }
    if is_first && state.table.row(0).is_some() {
        state.table.select(0);
        if state.screen == Screen::Wide {
            open_story(state, out);
        }
    }
    // The story goes on under the new query.
    if let Some(record) = state.story.as_ref().and_then(|open| open.record) {
        let request = send(state, Request::Story { record }, out);
        if let Some(open) = &mut state.story {
            open.request = request;
        }
    }
}

/// How the alerts of each signal changed, where the same signals were there before.
fn changes(before: Option<&RunResult>, report: &RunReport) -> Vec<Option<i64>> {
    let old = |name: &str| before.and_then(|before| before.report.signals.iter().find(|signal| signal.name == name));
    let same_logs = before.is_some_and(|before| {
        let rows = |report: &RunReport| -> Vec<Option<usize>> {
            report.signals.iter().map(|signal| signal.funnel.as_ref().map(|funnel| funnel.rows)).collect()
        };
        rows(&before.report) == rows(report)
    });
    let change = |signal: &detection::SignalReport| {
        let old = old(&signal.name).filter(|_| same_logs)?;
        Some(signal.alerts as i64 - old.alerts as i64).filter(|change| *change != 0)
    };
    report.signals.iter().map(change).collect()
}

fn diagnostic(finding: &Finding) -> Diagnostic {
    Diagnostic {
        from: finding.start as usize,
        to: finding.end as usize,
        severity: match finding.severity {
            Severity::Error => EditorSeverity::Error,
            Severity::Warning => EditorSeverity::Warning,
            Severity::Info => EditorSeverity::Info,
        },
        code: finding.code.clone(),
        message: finding.message.clone(),
        hint: finding.hint.clone().unwrap_or_default(),
        fixes: finding.fixes.iter().map(fix).collect(),
    }
}

fn fix(fix: &kql_syntax::Fix) -> Fix {
    Fix { title: fix.title.clone(), edits: fix.edits.iter().map(Edit::from).collect() }
}

fn files_given(state: &mut State, files: Vec<GivenFile>, out: &mut Out) {
    state.dialog = None;
    for mut given in files {
        if let Some(options) = state.kept.options_of(&given) {
            given.options = options;
        }
        wait_to_be_read(state, given, None);
    }
    read_next(state, out);
}

fn wait_to_be_read(state: &mut State, given: GivenFile, replaces: Option<LoadId>) {
    let (name, size) = (given.name.clone().into(), given.size);
    state.loads.push(Load { id: given.load, name, size, replaces, state: LoadState::Waiting });
    state.file_given(given);
}

/// Reads a file in another way. What was read of it stays until that is done: it may be called off.
fn read_again(state: &mut State, load: LoadId, options: Options, out: &mut Out) {
    state.dialog = None;
    let Some(given) = state.given_file(load).cloned() else { return };
    // What is asked for last is what is wanted.
    let others: Vec<LoadId> =
        state.loads.iter().filter(|other| other.replaces == Some(load)).map(|other| other.id).collect();
    for other in others {
        dismiss(state, other, out);
    }
    // Who takes every column as its own wants that of the next log too.
    if options.columns.as_ref().is_none_or(Vec::is_empty) {
        let before = Rc::clone(&state.sources);
        before
            .iter()
            .filter(|source| source.origin == Origin::Load(load))
            .for_each(|source| state.kept.unlearn(source));
        out.push(Command::Save);
    }
    let again = state.name_load();
    out.push(Command::CopyFile { from: load, to: again });
    state.said = format!("{} is read again.", given.name).into();
    wait_to_be_read(state, GivenFile { load: again, options, ..given }, Some(load));
    read_next(state, out);
}

/// Reads a log no longer, or notes its failure.
fn dismiss(state: &mut State, load: LoadId, out: &mut Out) {
    let was_reading =
        state.loads.iter().any(|known| known.id == load && matches!(known.state, LoadState::Reading { .. }));
    state.loads.retain(|known| known.id != load);
    out.push(Command::StopReading(load));
    state.forget_file(load, out);
    if was_reading {
        send(state, Request::Abandon { load }, out);
    }
}

/// Begins with the next log, when none is being read: two at once would only share the disk and the engine.
fn read_next(state: &mut State, out: &mut Out) {
    if state.loads.iter().any(|load| matches!(load.state, LoadState::Reading { .. })) {
        return;
    }
    let Some(next) = state.loads.iter_mut().find(|load| load.state == LoadState::Waiting) else { return };
    next.state = LoadState::Reading { since: None, until: 0.0, from: 0, bytes: 0, rows: 0 };
    let (load, name, replaces) = (next.id, next.name.to_string(), next.replaces);
    let options = state.given_file(load).map(|given| given.options.clone()).unwrap_or_default();
    let (known, query) = (state.kept.mappings.clone(), state.rule.text.to_string());
    let request = request(state, Request::Receive { load, name, options, replaces, known, query });
    out.push(Command::Read { request, load });
}

/// A session or a case was given as a log: it is opened as by its own button, beside the user's own work. Where other
/// logs are still read, opening it would take them away.
fn own_file_given(state: &mut State, load: LoadId, what: OwnFile, out: &mut Out) {
    let has_others =
        state.loads.iter().any(|other| other.id != load && !matches!(other.state, LoadState::Failed { .. }));
    if what == OwnFile::YamlCase {
        load_failed(
            state,
            load,
            "This is a case file in YAML, which exfil test reads. The page opens it as JSON.",
            out,
        );
    } else if has_others || state.coming.is_some() {
        let what = if what == OwnFile::Case { "case file" } else { "session" };
        let reason = format!("This is a {what} of Exfil Playground, and no log. Give it by itself to open it.");
        load_failed(state, load, &reason, out);
    } else {
        out.push(Command::StopReading(load));
        state.loads.retain(|known| known.id != load);
        state.given_is_opened(load);
        visit::open(state, Opening::File(load), None, out);
    }
}

fn load_failed(state: &mut State, load: LoadId, reason: &str, out: &mut Out) {
    out.push(Command::StopReading(load));
    state.forget_file(load, out);
    if let Some(failed) = state.loads.iter_mut().find(|known| known.id == load) {
        failed.state = LoadState::Failed { reason: reason.to_owned().into() };
        state.said = format!("{} could not be read. {reason}", failed.name).into();
    }
    read_next(state, out);
}

fn forget_files_of_sources(state: &mut State, out: &mut Out) {
    for load in loaded(state) {
        state.forget_file(load, out);
    }
}

fn engine_failed(state: &mut State, reason: String, out: &mut Out) {
    if state.engine == EngineState::Starting {
        // It would not start the second time either.
        state.engine = EngineState::Absent { reason: reason.into() };
        return;
    }
    state.engine = EngineState::Failed { reason: reason.into() };
    state.said = "The query engine stopped. The query text is kept.".into();
    state.coming = None;
    for source in state.sources.iter() {
        let lost = match &source.origin {
            // They are opened again together with what they came with.
            Origin::Opened => continue,
            Origin::Sample(_) if state.visit.is_some() => continue,
            Origin::Sample(id) => Lost::Sample(id.clone()),
            // An archive is named as a whole, and not by the logs in it.
            Origin::Load(load) => match state.given_file(*load) {
                Some(file) => Lost::File(file.clone()),
                None => continue,
            },
        };
        // The files of one sample come back together.
        if !state.lost.contains(&lost) {
            state.lost.push(lost);
        }
    }
    let files = std::mem::take(&mut state.files).into_iter();
    let files: Vec<Lost> = files.filter_map(|file| Some(Lost::File(state.given_file(file)?.clone()))).collect();
    state.lost.extend(files);
    for load in std::mem::take(&mut state.loads) {
        if load.state != LoadState::Waiting && !matches!(load.state, LoadState::Reading { .. }) {
            continue;
        }
        out.push(Command::StopReading(load.id));
        // What was to be read otherwise is offered as it was.
        match state.given_file(load.id).filter(|_| load.replaces.is_none()).cloned() {
            Some(file) => state.lost.push(Lost::File(file)),
            None => state.forget_file(load.id, out),
        }
    }
    state.sources = Rc::default();
    state.story = None;
    close_dialog_of_rows(state);
    state.run.is_pending = false;
    state.run.progress = None;
    out.push(Command::RestartEngine);
}

/// Loads what was lost with the engine; the query runs once the logs are there.
fn restore(state: &mut State, out: &mut Out) {
    state.engine = EngineState::Ready;
    let lost = std::mem::take(&mut state.lost);
    let mut others = Others::Removed;
    let mut files = Vec::new();
    for lost in lost {
        match lost {
            Lost::Sample(id) => {
                send(state, Request::LoadSample { id, others }, out);
                others = Others::Kept;
            }
            Lost::File(file) => files.push(file),
        }
    }
    let is_reopened = visit::reopen(state, out);
    if others == Others::Removed && files.is_empty() && !is_reopened {
        run(state, out);
    }
    files_given(state, files, out);
}

impl State {
    /// A name for the next log to be read.
    pub fn name_load(&mut self) -> LoadId {
        self.next_load += 1;
        LoadId(self.next_load)
    }

    /// A request that the app makes for itself, such as for completions.
    pub fn request(&mut self, body: Request) -> Envelope<Request> {
        request(self, body)
    }
}

#[cfg(test)]
mod tests;
