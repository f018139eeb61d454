//! What can happen, and what is to be done about it.

use detection::{Clock, Options, TimeRange};
use event_table::{RowRef, SourceId};
use kql_syntax::edit::TextEdit;
use yew::AttrValue;

use super::{Base, Dialog, Keeping, Pane, RuleView, Screen, Theme};
use crate::address::Address;
use crate::editor::{Change, Diagnostic, Highlight, Version};
use crate::protocol::{
    Envelope, LoadId, MarkChange, Opening, Others, Request, Response, TableKind, Timings, ValueFilter,
};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The page's address was read, before the page is opened.
    Addressed(Address),
    /// What is wrong with the address was noted.
    AddressNoted,
    /// The page was opened.
    Opened(Screen),
    /// The engine said something.
    Said {
        /// What.
        response: Envelope<Response>,
        /// When, in milliseconds of the page's clock.
        now: f64,
    },
    /// The engine failed, and is gone.
    EngineFailed(String),
    /// What was lost with the engine is to be loaded again.
    Restored,
    /// What was lost with the engine is to be forgotten.
    LostForgotten,

    /// The editor is there, with the text of the state.
    EditorReady,
    /// The text changed.
    Edited {
        /// The text now.
        change: Change,
        /// When it is to be run.
        pace: Pace,
    },
    /// The pause after an edit is over.
    RunDue {
        /// The edit.
        edit: u32,
    },
    /// The user wants the query run now.
    RunNow,
    /// The clock was set.
    ClockSet(Clock),
    /// The last change of the text is to be taken back.
    Undo,
    /// The change that was taken back is to be made again.
    Redo,
    /// The shipped rule is wanted.
    Reset,
    /// An empty query is wanted.
    Cleared,
    /// The query is to have its usual layout.
    Formatted,
    /// A fix is to be made.
    Fixed {
        /// The text that it is for.
        version: Version,
        /// What it changes.
        edits: Vec<TextEdit>,
    },
    /// The other view of the rule is wanted.
    RuleViewSet(RuleView),
    /// A place in the text is to be shown, in bytes.
    Revealed {
        /// First byte.
        from: usize,
        /// Byte after the last.
        to: usize,
    },

    /// The user gave files, or text as files.
    FilesGiven(Vec<GivenFile>),
    /// A log is to be read in another way; what was read of it stays until then.
    ReadAgain {
        /// The log.
        load: LoadId,
        /// How.
        options: Options,
    },
    /// Rows of events that rows before them tell of too are to be left out, or no longer.
    DuplicatesDropped(bool),
    /// A log is no longer to be read, or its failure was noted.
    LoadDismissed(LoadId),
    /// A reader failed.
    ReaderFailed {
        /// The log that it read.
        load: LoadId,
        /// What it said.
        reason: String,
    },
    /// The logs that were kept in this browser are here, so many.
    LogsRestored(usize),
    /// Whether logs are kept in this browser was chosen.
    KeepingSet(Keeping),
    /// Logs that should be kept are not, and why.
    NotKept(AttrValue),
    /// That logs of the last visit are not here was noted.
    MissingNoted,
    /// Everything that is kept is to be forgotten, and the page to open as if for the first time.
    EverythingForgotten,
    /// A link, a file or a lesson is to be opened.
    VisitBegun(Opening),
    /// The user's own work is to come back.
    VisitLeft,
    /// What was opened is the user's own from now on.
    VisitKept,
    /// A question of the open lesson was answered.
    Answered {
        /// The question, by position.
        question: usize,
        /// The answer.
        answer: String,
    },
    /// The next hint of the open lesson is wanted.
    HintShown,
    /// The open lesson is to begin anew.
    LessonRestarted,
    /// Every goal of the open lesson is met.
    LessonSolved,
    /// A sample was chosen.
    SampleChosen {
        /// Its short name.
        id: String,
        /// What becomes of the logs that are there.
        others: Others,
    },
    /// A file that queries read by name is to be taken out.
    FileRemoved(String),
    /// A source is to be taken out.
    SourceRemoved(SourceId),

    /// Something else is wanted in the place of the results.
    PaneShown(Pane),
    /// The text is to be compared with something else.
    BaseSet(Base),
    /// The text is to be kept under a name, to compare with.
    VersionKept(String),
    /// A kept version is no longer wanted, by its place.
    VersionForgotten(usize),
    /// Another table is to be looked at.
    TableShown(TableKind),
    /// Rows came into sight, by place.
    Scrolled {
        /// The first.
        first: usize,
        /// How many fit.
        count: usize,
    },
    /// Sorts by a column, then the other way round, then not.
    Sorted(String),
    /// Only rows with this text are wanted.
    Filtered(String),
    /// Only rows with, or without, a value are wanted.
    FilterAdded(ValueFilter),
    /// A filter is no longer wanted, by its place.
    FilterRemoved(usize),
    /// Only rows of a stretch of time are wanted, or of all time.
    TimeChosen(Option<TimeRange>),
    /// No filter is wanted.
    FiltersCleared,
    /// A row was marked, by place.
    RowSelected(usize),
    /// The story of the marked row is wanted.
    StoryOpened,
    /// The story of a row of the logs is wanted, wherever the row is named.
    RecordOpened {
        /// The row.
        record: RowRef,
        /// The signal that it is named with, by position.
        signal: Option<u16>,
    },
    /// The story is no longer wanted.
    StoryClosed,
    /// Something else is to be said of a row of the logs.
    Marked {
        /// The row.
        record: RowRef,
        /// What.
        change: MarkChange,
    },

    /// Something is to lie over the page.
    DialogOpened(Dialog),
    /// Nothing is to lie over the page.
    DialogClosed,
    /// Light or dark was chosen.
    ThemeSet(Theme),
    /// Something happened outside that is worth saying, aloud and on screen.
    Announced(AttrValue),
}

/// When a changed text is to be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Once the keys rest.
    Typing,
    /// At once: a list, a control, undo.
    AtOnce,
}

/// A file that the user gave. The file itself stays with the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenFile {
    /// The name that the app keeps it by.
    pub load: LoadId,
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// How it is to be read.
    pub options: Options,
}

/// Something to be done outside the state.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Ask the engine.
    Send(Envelope<Request>),
    /// Read a file: a reader and the engine are joined by a port.
    Read {
        /// The request that brings the port to the engine.
        request: Envelope<Request>,
        /// The file.
        load: LoadId,
    },
    /// Hold a file under another name too.
    CopyFile {
        /// The name that the app keeps it by.
        from: LoadId,
        /// The other name.
        to: LoadId,
    },
    /// End the reader of a file.
    StopReading(LoadId),
    /// Let go of a file.
    ForgetFile(LoadId),
    /// Run the query after a pause, unless it is edited meanwhile.
    RunLater {
        /// The edit.
        edit: u32,
    },
    /// Start another engine.
    RestartEngine,
    /// Tell the editor.
    Editor(EditorCommand),
    /// Keep what is to be kept for the next visit.
    Save,
    /// Take out of the address what it carries.
    ClearAddress,
    /// Read the logs that are kept in this browser.
    RestoreLogs,
    /// Keep these logs, and no others, in this browser.
    KeepLogs(Vec<LoadId>),
    /// Forget everything that is kept, and load the page anew.
    ForgetEverything,
    /// Show light or dark.
    ApplyTheme(Theme),
    /// Note how long a run took, for whoever measures the page.
    Measured(Timings),
}

/// What the editor is told.
#[derive(Debug, Clone, PartialEq)]
pub enum EditorCommand {
    /// Replace the text, as one step of the history.
    SetText(String),
    /// Change the text of a version in places, as one step of the history.
    Apply(Version, Vec<TextEdit>),
    /// Take back a step.
    Undo,
    /// Make a step again.
    Redo,
    /// Colour the text of a version.
    Highlight(Version, Vec<Highlight>),
    /// Underline what is wrong in the text of a version.
    Diagnose(Version, Vec<Diagnostic>),
    /// Show a place and go there.
    Reveal {
        /// First byte.
        from: usize,
        /// Byte after the last.
        to: usize,
    },
}
