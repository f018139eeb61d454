//! What somebody made is looked at: a lesson, a link, a session file. The user's own work waits meanwhile, and is what
//! is kept for the next visit.

use std::rc::Rc;

use detection::Clock;
use yew::AttrValue;

use super::keeping::begin_as_before;
use super::update::{Out, run, send};
use super::{Base, Command, EditorCommand, KeptVersion, LoadState, Pane, State};
use crate::protocol::{CaseText, Generation, LoadedSource, Opened, Opening, Request, TableKind, TableView};
use crate::storage::{KeptLesson, Saved};

/// What is looked at in place of the user's own work.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// What was opened.
    pub kind: VisitKind,
    /// What there is to do.
    pub case: Option<OpenCase>,
    /// What it was opened by, to open it again.
    opening: Opening,
    own: Own,
}

/// What something that was opened is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum VisitKind {
    Link,
    File,
    Lesson,
}

/// A lesson, or a case.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenCase {
    /// The short name of a lesson that is part of the program.
    pub id: Option<String>,
    /// What it says.
    pub text: Rc<CaseText>,
    /// What was answered, in the order of the questions.
    pub answers: Rc<Vec<String>>,
    /// How many hints were shown.
    pub hints: usize,
}

/// The user's own work.
#[derive(Debug, Clone, PartialEq)]
struct Own {
    saved: Saved,
    text: AttrValue,
    versions: Rc<Vec<KeptVersion>>,
    logs: OwnLogs,
}

/// Where the user's own logs are meanwhile.
#[derive(Debug, Clone, PartialEq)]
enum OwnLogs {
    /// They are looked at: what was opened has none.
    InUse,
    /// The engine has put them aside.
    Aside(Rc<Vec<LoadedSource>>),
    /// The engine has none of them.
    Unread,
}

/// Something that is on its way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Coming {
    request: Generation,
    kind: VisitKind,
    opening: Opening,
    /// How far a lesson was when it was last left.
    lesson: Option<KeptLesson>,
    /// Whether the page showed anything before.
    has_begun: bool,
    /// The text on screen stays: the engine failed, and what was open is opened again.
    keeps_text: bool,
}

impl State {
    /// What is kept for the next visit: the user's own work, whatever is looked at.
    pub fn saved(&self) -> Saved {
        let lesson = self.visit.as_ref().and_then(|visit| visit.case.as_ref()).and_then(|case| {
            Some(KeptLesson {
                id: case.id.clone()?,
                query: (self.rule.text != case.text.start).then(|| self.rule.text.to_string()),
                answers: (*case.answers).clone(),
                hints: case.hints,
            })
        });
        let own = match &self.visit {
            Some(visit) => visit.own.saved.clone(),
            None => self.own_work(),
        };
        Saved {
            rule_view: self.rule_view,
            theme: self.theme,
            keeping: self.kept.keeping,
            mappings: self.kept.mappings.clone(),
            drops_duplicates: self.kept.drops_duplicates,
            solved: self.solved.iter().cloned().collect(),
            marks: (*self.marks).clone(),
            lesson,
            ..own
        }
    }

    /// Whether the logs that are looked at are the user's own.
    pub(super) fn looks_at_own_logs(&self) -> bool {
        self.visit.as_ref().is_none_or(|visit| visit.own.logs == OwnLogs::InUse)
    }

    /// The user's own work as it was kept, of which the engine has nothing yet.
    fn own_at_start(&self) -> Saved {
        Saved {
            samples: self.kept.samples.clone(),
            logs: self.kept.missing.clone(),
            readings: self.kept.readings.clone(),
            ..self.own_work()
        }
    }

    fn own_work(&self) -> Saved {
        let version = |kept: &KeptVersion| (kept.name.to_string(), kept.text.to_string());
        Saved {
            query: (!self.rule.is_shipped()).then(|| self.rule.text.to_string()),
            clock: self.clock.clone(),
            sample: Some(self.sample.clone()),
            samples: Some(self.open_samples()),
            logs: self.own_logs(),
            readings: if self.kept.is_restoring { self.kept.readings.clone() } else { self.readings() },
            table: TableView { time: None, ..self.table.view.clone() },
            versions: self.versions.iter().map(version).collect(),
            ..Saved::default()
        }
    }

    /// The open lesson or case.
    pub fn open_case(&self) -> Option<&OpenCase> {
        self.visit.as_ref()?.case.as_ref()
    }

    pub(super) fn open_case_mut(&mut self) -> Option<&mut OpenCase> {
        self.visit.as_mut()?.case.as_mut()
    }
}

/// Opens something.
pub(super) fn open(state: &mut State, opening: Opening, lesson: Option<KeptLesson>, out: &mut Out) {
    // The dialog that a file was chosen in waits for it: what is wrong with it is told there.
    if !matches!(opening, Opening::File(_)) {
        state.dialog = None;
    }
    state.opening_problem = None;
    if state.coming.is_some() {
        // The engine will have opened that one: what it then shows is what the page must know of.
        forget_file(&opening, out);
        return;
    }
    for load in std::mem::take(&mut state.loads) {
        out.push(Command::StopReading(load.id));
        state.forget_file(load.id, out);
        if matches!(load.state, LoadState::Reading { .. }) {
            send(state, Request::Abandon { load: load.id }, out);
        }
    }
    let kind = match opening {
        Opening::Link(_) => VisitKind::Link,
        Opening::File(_) => VisitKind::File,
        Opening::Lesson(_) => VisitKind::Lesson,
    };
    let request = send(state, Request::Open { opening: opening.clone() }, out);
    let has_begun = state.visit.is_some() || !state.sources.is_empty() || state.result.is_some();
    state.coming = Some(Coming { request, kind, opening, lesson, has_begun, keeps_text: false });
}

/// Opens again what was open when the engine failed. What waited beside it is gone with the engine.
pub(super) fn reopen(state: &mut State, out: &mut Out) -> bool {
    let Some(visit) = &mut state.visit else { return false };
    visit.own.logs = OwnLogs::Unread;
    let (kind, opening) = (visit.kind, visit.opening.clone());
    let request = send(state, Request::Open { opening: opening.clone() }, out);
    state.coming = Some(Coming { request, kind, opening, lesson: None, has_begun: true, keeps_text: true });
    true
}

/// The engine has opened it, or not.
pub(super) fn opened(state: &mut State, request: Generation, answer: Result<Box<Opened>, String>, out: &mut Out) {
    let Some(coming) = state.coming.take_if(|coming| coming.request == request) else { return };
    let opened = match answer {
        Ok(opened) => *opened,
        Err(why) => {
            forget_file(&coming.opening, out);
            state.said = why.clone().into();
            match (coming.kind, state.dialog.is_some()) {
                (VisitKind::File, true) => state.opening_problem = Some(why.into()),
                // Of files that were tried one after the other the last is of interest.
                (VisitKind::File, false) => state.address_problems = vec![why.into()],
                _ => state.address_problems.push(why.into()),
            }
            if !coming.has_begun {
                begin_as_before(state, out);
            }
            return;
        }
    };
    state.dialog = None;
    if coming.kind == VisitKind::File {
        state.address_problems.clear();
    }
    let mut own = match state.visit.take() {
        Some(visit) => visit.own,
        None => Own {
            saved: if coming.has_begun { state.own_work() } else { state.own_at_start() },
            text: state.rule.text.clone(),
            versions: Rc::clone(&state.versions),
            logs: if coming.has_begun { OwnLogs::InUse } else { OwnLogs::Unread },
        },
    };
    if opened.has_logs && own.logs == OwnLogs::InUse {
        own.logs = OwnLogs::Aside(Rc::clone(&state.sources));
    }
    // What has no logs looks at the user's own, or at those of the first visit.
    let begins = !opened.has_logs && own.logs == OwnLogs::Unread;
    if begins {
        own.logs = OwnLogs::InUse;
    }
    let KeptLesson { query, answers, hints, .. } = coming.lesson.unwrap_or_default();
    let case = opened.case.map(|text| OpenCase {
        id: opened.lesson,
        answers: Rc::new((0..text.questions).map(|place| answers.get(place).cloned().unwrap_or_default()).collect()),
        hints: hints.min(text.hints.len()),
        text: Rc::new(text),
    });
    state.said = match &case {
        Some(case) => format!("{}. {}", case.text.title, case.text.goal).into(),
        None => "Opened.".into(),
    };
    state.visit = Some(Visit { kind: coming.kind, case, opening: coming.opening, own });
    if let Some(sample) = opened.sample {
        state.sample = sample;
    }
    state.versions = Rc::new(
        opened
            .versions
            .into_iter()
            .map(|kept| KeptVersion { name: kept.name.into(), text: kept.query.into() })
            .collect(),
    );
    let text = if coming.keeps_text { None } else { Some(query.unwrap_or(opened.query)) };
    look_at(state, text, opened.clock, opened.sources, out);
    if begins {
        begin_as_before(state, out);
    }
}

/// Brings the user's own work back.
pub(super) fn back(state: &mut State, out: &mut Out) {
    let Some(Visit { own, opening, .. }) = state.visit.take() else { return };
    forget_file(&opening, out);
    state.coming = None;
    out.push(Command::ClearAddress);
    send(state, Request::Back, out);
    state.versions = own.versions;
    if let Some(sample) = own.saved.sample.clone() {
        state.sample = sample;
    }
    let (clock, text) = (own.saved.clock.clone(), own.text.to_string());
    state.table.view = own.saved.table.clone();
    match own.logs {
        OwnLogs::InUse => look_at(state, Some(text), clock, state.sources.to_vec(), out),
        OwnLogs::Aside(sources) => look_at(state, Some(text), clock, sources.to_vec(), out),
        OwnLogs::Unread => {
            look_at(state, Some(text), clock, Vec::new(), out);
            state.kept.samples = own.saved.samples;
            state.kept.missing = own.saved.logs;
            begin_as_before(state, out);
        }
    }
}

/// What was opened is the user's own from now on.
pub(super) fn keep(state: &mut State, out: &mut Out) {
    if let Some(visit) = state.visit.take() {
        forget_file(&visit.opening, out);
    }
    out.push(Command::ClearAddress);
    send(state, Request::Keep, out);
    send(state, Request::KeepMarks, out);
    out.push(Command::Save);
}

fn forget_file(opening: &Opening, out: &mut Out) {
    if let Opening::File(load) = opening {
        out.push(Command::ForgetFile(*load));
    }
}

/// Other logs, another clock, another text: nothing on screen means what it meant.
fn look_at(state: &mut State, text: Option<String>, clock: Clock, sources: Vec<LoadedSource>, out: &mut Out) {
    state.base = Base::Shipped;
    state.clock = clock;
    state.story = None;
    state.pane = Pane::Rows;
    if state.visit.is_some() {
        state.table.view = TableView { sort: state.table.view.sort.take(), ..TableView::default() };
    }
    state.table.show(TableKind::Result);
    state.pin_history.forget();
    // The first row of what is there now is marked, as on the first visit.
    state.result = None;
    state.sources = Rc::new(sources);
    match text.filter(|text| state.rule.text != *text) {
        // The editor tells of the change, which runs it.
        Some(text) => out.push(Command::Editor(EditorCommand::SetText(text))),
        None => run(state, out),
    }
    out.push(Command::Save);
}
