//! What somebody made: links, session files, lessons. While one is open, the user's own session waits beside it.

use std::collections::HashMap;

use detection::{
    AuthorRequest, Case, ExportFailure, RunFailure, SaveRequest, Saved, Session, SourceSummary, lesson, lessons,
};
use event_table::{DateTime, SourceId};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::pace::Rhythm;
use crate::protocol::{
    Authored, CaseText, LessonSummary, LoadedSource, Opened, Opening, Origin, Request, Response, SavedText,
};

/// What waits while something else is open.
pub(super) struct Aside {
    session: Session,
    origins: HashMap<SourceId, Origin>,
}

/// The open lesson or case, and what waits for its end.
#[derive(Default)]
pub(super) struct Visits {
    case: Option<Box<Case>>,
    aside: Option<Aside>,
}

/// The sources of a session, with where they came from.
pub(super) fn sources(session: &Session, origins: &HashMap<SourceId, Origin>) -> Vec<LoadedSource> {
    let known = |summary: SourceSummary| {
        let origin = origins.get(&summary.id)?.clone();
        Some(LoadedSource { summary, origin })
    };
    session.sources().into_iter().filter_map(known).collect()
}

/// The lessons as the page lists them.
pub(super) fn summaries() -> Vec<LessonSummary> {
    let summary = |known: &detection::BuiltInLesson| LessonSummary {
        id: known.id.clone(),
        title: known.case.title.clone(),
        goal: known.case.lesson.as_ref().map(|lesson| lesson.goal.clone()).unwrap_or_default(),
    };
    lessons().iter().map(summary).collect()
}

/// Whether a request is answered by [`Visits::answer`]. Of an older result nobody wants it.
pub(super) fn is_asked(request: &Request) -> bool {
    matches!(request, Request::Check { .. } | Request::Save { .. } | Request::Author { .. })
}

impl Visits {
    /// Opens something, and puts what is the user's own aside.
    pub(super) async fn open(
        &mut self,
        opening: Opening,
        file: Option<Blob>,
        session: &mut Session,
        origins: &mut HashMap<SourceId, Origin>,
    ) -> Result<Box<Opened>, String> {
        let saved = read(opening, file).await?;
        let mut fresh = Session::new();
        fresh.drop_duplicates(session.drops_duplicates());
        fresh.restore(&saved)?;
        let case = match (&saved.case, saved.lesson.as_deref().and_then(lesson)) {
            (Some(case), _) => Some(case.clone()),
            (None, known) => known.map(|known| Box::new(known.case.clone())),
        };
        let sample = saved.sample.clone().filter(|_| case.is_none());
        let has_logs = !fresh.sources().is_empty();
        let (query, clock) = (fresh.query().to_owned(), fresh.clock().clone());
        if has_logs {
            // The sample's logs come before those that travelled.
            let of_sample = fresh.sources().len() - saved.logs.len().min(fresh.sources().len());
            let origin = |place: usize| match &sample {
                Some(id) if place < of_sample => Origin::Sample(id.clone()),
                _ => Origin::Opened,
            };
            let known = fresh.sources().iter().enumerate().map(|(place, source)| (source.id, origin(place))).collect();
            let own = Aside { session: std::mem::replace(session, fresh), origins: std::mem::replace(origins, known) };
            self.aside.get_or_insert(own);
        }
        let opened = Opened {
            query,
            clock,
            sources: sources(session, origins),
            has_logs,
            sample,
            lesson: saved.lesson,
            case: case.as_deref().map(case_text),
            versions: saved.versions,
        };
        self.case = case;
        Ok(Box::new(opened))
    }

    /// Brings back what was put aside.
    pub(super) fn back(&mut self, session: &mut Session, origins: &mut HashMap<SourceId, Origin>) {
        self.case = None;
        if let Some(own) = self.aside.take() {
            let drops = session.drops_duplicates();
            (*session, *origins) = (own.session, own.origins);
            session.drop_duplicates(drops);
        }
    }

    /// Forgets what was put aside.
    pub(super) fn keep(&mut self) {
        self.case = None;
        self.aside = None;
    }

    /// Answers a request that [`is_asked`] here.
    pub(super) async fn answer(
        &self,
        asked: Request,
        session: &mut Session,
        wall: DateTime,
        rhythm: &Rhythm,
    ) -> Response {
        rhythm.begin(|_| {});
        let answer = match asked {
            Request::Check { answers } => match &self.case {
                Some(case) => session
                    .check_case(case, &answers, wall, rhythm)
                    .await
                    .map(|report| Response::Checked(Some(Box::new(report)))),
                None => Ok(Response::Checked(None)),
            },
            Request::Save { request } => told(save(session, &request, rhythm).await).map(Response::Saved),
            Request::Author { request } => told(author(session, &request, rhythm).await).map(Response::Authored),
            _ => Err(RunFailure::Cancelled),
        };
        rhythm.end();
        answer.unwrap_or(Response::CalledOff)
    }
}

fn told<T>(made: Result<T, ExportFailure>) -> Result<Result<Box<T>, String>, RunFailure> {
    match made {
        Ok(made) => Ok(Ok(Box::new(made))),
        Err(ExportFailure::Impossible(why)) => Ok(Err(why)),
        Err(ExportFailure::Cancelled) => Err(RunFailure::Cancelled),
    }
}

async fn save(session: &mut Session, request: &SaveRequest, rhythm: &Rhythm) -> Result<SavedText, ExportFailure> {
    let mut preview = session.save(request, rhythm).await?;
    let file = std::mem::take(&mut preview.saved).to_json();
    Ok(SavedText { file, preview })
}

async fn author(session: &mut Session, request: &AuthorRequest, rhythm: &Rhythm) -> Result<Authored, ExportFailure> {
    let case = session.author_case(request, rhythm).await?;
    let (alert, silent) = (case.expect.alert.len(), case.expect.silent.len());
    let file = case.to_json();
    let link = Saved { version: 1, case: Some(Box::new(case)), ..Saved::default() }.to_link().ok();
    Ok(Authored { file, link, alert, silent })
}

async fn read(opening: Opening, file: Option<Blob>) -> Result<Saved, String> {
    let new = || Saved { version: 1, ..Saved::default() };
    match opening {
        Opening::Link(payload) => Saved::from_link(&payload),
        Opening::Lesson(id) if lesson(&id).is_none() => Err(format!("There is no lesson '{id}'.")),
        Opening::Lesson(id) => Ok(Saved { lesson: Some(id), ..new() }),
        Opening::File(_) => {
            let text = text_of(file).await?;
            match Case::read(&text) {
                Ok(case) => Ok(Saved { case: Some(Box::new(case)), ..new() }),
                // Only a case has a title.
                Err(why) if text.contains("\"title\"") => Saved::from_json(&text).map_err(|_| why),
                Err(_) => Saved::from_json(&text),
            }
        }
    }
}

async fn text_of(file: Option<Blob>) -> Result<String, String> {
    /// The session believes no longer file, in bytes.
    const MOST: f64 = (256u32 << 20) as f64;
    let file = file.ok_or("The file is no longer here.")?;
    if file.size() > MOST {
        return Err("The file is longer than any session.".to_owned());
    }
    let text = JsFuture::from(file.text()).await.ok().as_ref().and_then(JsValue::as_string);
    text.ok_or_else(|| "The browser could not read the file.".to_owned())
}

fn case_text(case: &Case) -> CaseText {
    let lesson = case.lesson.clone().unwrap_or_default();
    CaseText {
        title: case.title.clone(),
        about: case.about.clone(),
        goal: lesson.goal,
        start: case.start().to_owned(),
        questions: lesson.questions.len(),
        hints: lesson.hints,
        takeaway: lesson.takeaway,
    }
}
