//! Everything that the page shows, as one value.
//!
//! [`update()`] is the only way it changes: it takes an [`Action`] (a user did something, a worker said something) and
//! gives the [`Command`]s that the change asks for. It touches no browser, so all of it is tested natively.

mod action;
mod keeping;
mod loads;
mod pins;
mod results;
mod update;
mod visit;

use std::collections::BTreeSet;
use std::rc::Rc;

use detection::{Clock, Finding, RunReport, SavedMarks, Story};
use event_table::{RowRef, SourceId};
use yew::AttrValue;

pub use self::action::{Action, Command, EditorCommand, GivenFile, Pace};
pub use self::keeping::{Keeping, Kept, KeptReading};
pub use self::loads::{Load, LoadState, Lost};
pub use self::pins::PinnedRow;
pub use self::results::{Selected, Table};
pub use self::update::update;
pub use self::visit::{OpenCase, Visit, VisitKind};
use crate::address::Address;
use crate::editor::Version;
use crate::protocol::{Generation, LessonSummary, LoadId, LoadedSource, SampleSummary};
use crate::rule_text::RuleText;
use crate::storage::{KeptLesson, Saved};
use crate::words::ResultKind;

/// The sample that is open when a user comes for the first time.
pub const FIRST_SAMPLE: &str = "mixed-day";

/// Everything that the page shows.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What the page's address asks for.
    pub address: Rc<Address>,
    /// What is wrong with the address, or could not be opened, in sentences, until that was noted.
    pub address_problems: Vec<AttrValue>,
    /// Why the file that was last chosen in the open dialog could not be opened.
    pub opening_problem: Option<AttrValue>,
    /// Whether the engine can be asked.
    pub engine: EngineState,
    /// The samples, once the engine has named them.
    pub samples: Rc<Vec<SampleSummary>>,
    /// The sample that was opened last.
    pub sample: String,
    /// The query text and what stands in it.
    pub rule: Rule,
    /// What is now.
    pub clock: Clock,
    /// The logs that were read.
    pub sources: Rc<Vec<LoadedSource>>,
    /// The logs that are being read, wait for it, or could not be read.
    pub loads: Vec<Load>,
    /// The files that the user gave and the app still holds, in the order in which they were given.
    given: Vec<GivenFile>,
    /// Those of them that are kept for queries that read them by name.
    files: Vec<LoadId>,
    /// What is kept from one visit to the next.
    pub kept: Kept,
    /// What was loaded when the engine failed.
    pub lost: Vec<Lost>,
    /// The newest run.
    pub run: Run,
    /// The newest result, which stays while a query has errors.
    pub result: Option<Rc<RunResult>>,
    /// What stands in the place of the results.
    pub pane: Pane,
    /// The versions that were kept to compare with.
    pub versions: Rc<Vec<KeptVersion>>,
    /// What the user said of rows of the own logs, as it is kept.
    pub marks: Rc<SavedMarks>,
    /// What the text is compared with.
    pub base: Base,
    /// The rows that are looked at.
    pub table: Table,
    /// The row whose story is open.
    pub story: Option<OpenStory>,
    /// What is looked at in place of the user's own work.
    pub visit: Option<Visit>,
    /// The lessons, in the order to take them.
    pub lessons: Rc<Vec<LessonSummary>>,
    /// The short names of those that were solved.
    pub solved: Rc<BTreeSet<String>>,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// Which view of the rule is shown.
    pub rule_view: RuleView,
    /// Light, dark, or as the system has it.
    pub theme: Theme,
    /// The last thing worth saying aloud.
    pub said: AttrValue,
    /// Under which texts the protected rows held.
    pin_history: pins::PinHistory,
    /// Words that pass by on screen, with a number that tells them from the same words said before.
    pub passing: (u32, AttrValue),
    /// What is being opened.
    coming: Option<visit::Coming>,
    /// The lesson that was open on the last visit.
    kept_lesson: Option<KeptLesson>,
    /// How much room there is.
    screen: Screen,
    /// The generation of the last request.
    last: Generation,
    /// Counts edits: a run that was put off is for one of them.
    edits: u32,
    /// Names the next log to be read.
    next_load: u32,
}

/// Whether the engine can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineState {
    /// It is being fetched and started.
    Starting,
    /// It is there.
    Ready,
    /// It failed; another one has been started, and waits for the user.
    Failed {
        /// What it said.
        reason: AttrValue,
    },
    /// It could not even be started.
    Absent {
        /// Why.
        reason: AttrValue,
    },
}

/// The query text and what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The text.
    pub text: AttrValue,
    /// The editor's count of its changes.
    pub version: Version,
    /// Its literals, signals and colours.
    pub read: Rc<RuleText>,
    /// Whether undo would do something.
    pub can_undo: bool,
    /// Whether redo would do something.
    pub can_redo: bool,
}

impl Rule {
    /// Whether it is the shipped rule, to the letter.
    pub fn is_shipped(&self) -> bool {
        self.text == detection::rule::TEXT
    }
}

/// The newest run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// The request, to tell its answer from those of older ones.
    pub generation: Generation,
    /// The version of the text that it runs.
    pub version: Version,
    /// How far it is, once that is worth telling.
    pub progress: Option<(usize, usize)>,
    /// Whether the answer is still to come.
    pub is_pending: bool,
    /// Its report, once it has ended; of a query with errors too.
    pub report: Option<Rc<RunReport>>,
}

impl Run {
    /// The report of a query that could not be run.
    pub fn failed(&self) -> Option<&Rc<RunReport>> {
        self.report.as_ref().filter(|report| report.has_errors())
    }
}

/// The newest result.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    /// What was reported of the run.
    pub report: Rc<RunReport>,
    /// What its rows are.
    pub kind: ResultKind,
    /// For each signal, how its alerts changed by the last edit, if that is known.
    pub changes: Vec<Option<i64>>,
    /// The version of the text that gave it.
    pub version: Version,
    /// The request that it answers: tells it from every other result.
    pub generation: Generation,
    /// The protected rows.
    pub pins: Vec<PinnedRow>,
}

/// The row whose story is open.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenStory {
    /// The row; none for one that was computed from several.
    pub record: Option<RowRef>,
    /// The signal that it came through or fell in.
    pub signal: Option<u16>,
    /// The story, once it has come.
    pub story: Option<Rc<Story>>,
    request: Generation,
}

/// What lies over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// The samples.
    Samples,
    /// A field to paste a log into.
    Paste,
    /// The keys, and light or dark.
    Keys,
    /// The commands.
    Palette,
    /// The query and its alerts for other places.
    Export,
    /// Whether everything is to be forgotten.
    Reset,
    /// The lessons.
    Lessons,
    /// What is there as a link or a file.
    Share,
    /// A lesson or a test of what is there.
    Author,
    /// Another name for something that the query declares: for what stands at a place in the text, in bytes.
    Rename(Option<usize>),
    /// What was read of a source, and what was refused.
    Report(SourceId),
    /// The record of a row as it stands in its file.
    Original(RowRef),
}

/// What stands in the place of the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The result, or the rows that fell at a condition.
    #[default]
    Rows,
    /// The rows that one condition kept from alerting.
    NearMisses,
    /// What the rule does to the alerts of another version.
    Compare,
    /// How the alerts fare by the labels.
    Score,
}

/// A version of the text that was kept to compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptVersion {
    /// What it is called.
    pub name: AttrValue,
    /// The text.
    pub text: AttrValue,
}

/// What the text is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Base {
    /// The shipped rule.
    #[default]
    Shipped,
    /// A version that was kept, by its place.
    Kept(usize),
}

/// How much room there is: where there is enough, the first alert's story stands beside the alerts from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Screen {
    Wide,
    Narrow,
}

/// The two views of the rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleView {
    /// Every literal as a control.
    #[default]
    Lists,
    /// The text.
    Kql,
}

/// Light, dark, or as the system has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl State {
    /// The page as it opens, before any worker has said anything.
    pub fn new(saved: Saved) -> State {
        let text = saved.query.unwrap_or_else(|| detection::rule::TEXT.to_owned());
        State {
            address: Rc::default(),
            address_problems: Vec::new(),
            opening_problem: None,
            engine: EngineState::Starting,
            samples: Rc::default(),
            sample: saved.sample.unwrap_or_else(|| FIRST_SAMPLE.to_owned()),
            rule: Rule {
                read: Rc::new(RuleText::read(&text)),
                text: text.into(),
                version: 0,
                can_undo: false,
                can_redo: false,
            },
            clock: saved.clock,
            sources: Rc::default(),
            loads: Vec::new(),
            given: Vec::new(),
            files: Vec::new(),
            kept: Kept {
                is_restoring: saved.keeping == Keeping::On,
                keeping: saved.keeping,
                trouble: None,
                missing: saved.logs,
                samples: saved.samples,
                readings: saved.readings,
                mappings: saved.mappings,
                drops_duplicates: saved.drops_duplicates,
            },
            lost: Vec::new(),
            run: Run::default(),
            result: None,
            pane: Pane::Rows,
            versions: Rc::new(
                saved
                    .versions
                    .into_iter()
                    .map(|(name, text)| KeptVersion { name: name.into(), text: text.into() })
                    .collect(),
            ),
            marks: Rc::new(saved.marks),
            base: Base::Shipped,
            table: Table::looked_at(saved.table),
            story: None,
            visit: None,
            lessons: Rc::default(),
            solved: Rc::new(saved.solved.into_iter().collect()),
            dialog: None,
            coming: None,
            kept_lesson: saved.lesson,
            rule_view: saved.rule_view,
            theme: saved.theme,
            said: AttrValue::default(),
            pin_history: pins::PinHistory::default(),
            passing: (0, AttrValue::default()),
            screen: Screen::Narrow,
            last: Generation::default(),
            edits: 0,
            next_load: 0,
        }
    }

    /// What was found in the text as it stands; nothing while that is still to be told.
    pub fn findings(&self) -> &[Finding] {
        let is_current = !self.run.is_pending && self.run.version == self.rule.version;
        let report = self.run.report.as_ref().filter(|_| is_current);
        report.map_or(&[], |report| &report.findings)
    }

    /// The row of the logs that is looked at: the one whose story is open, or else the one that is marked.
    pub fn looked_at_record(&self) -> Option<RowRef> {
        match &self.story {
            Some(open) => open.record,
            None => self.table.selected?.name.map(|name| name.record),
        }
    }

    /// Whether the newest result is that of an older text than the one on screen.
    pub fn is_stale(&self) -> bool {
        self.result.is_some() && self.run.failed().is_some()
    }
}
