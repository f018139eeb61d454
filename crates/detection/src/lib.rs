//! The detection, and a session that ties logs, query and clock to answers.
//!
//! [`rule::TEXT`] is the shipped rule, one KQL document. A [`Session`] holds logs and a query text; running it gives a
//! [`RunReport`] (signals with their state and funnel, what the rule can see, findings), rows of the result to page
//! through, and for each the [`Story`] of why it fired. The command line, the tests and the browser's worker drive the
//! same session.
//!
//! **Invariant:** no wasm, no HTML, no browser, no clock and no file: bytes, instants and texts come as parameters.

mod case;
mod case_matters;
mod clock;
mod compare;
mod contribution;
mod export;
mod external;
mod fallen;
mod finding;
mod log_columns;
mod marks;
mod near;
mod original;
pub mod output;
mod own_file;
mod phrases;
mod pins;
mod placing;
mod redact;
mod result_view;
mod rows;
pub mod rule;
mod run_report;
mod samples;
mod saved;
mod session;
mod signals;
mod source;
mod story;
mod suggest;
mod target;
mod threshold;
mod timeline;
mod tuning;
mod visibility;

pub use case::{
    AuthorRequest, BuiltInLesson, CASE_VERSION, Case, CaseLabel, CaseLog, CaseReport, Changes, Expectations,
    ExpectedRow, ExpectedSignal, GoalReport, Holdout, Lesson, LessonText, Limits, Question, ReadFile, Replacement,
    Solution, lesson, lessons, no_files, run_case,
};
pub use clock::Clock;
pub use compare::{ComparedRow, Comparison, SignalDifference, Totals};
pub use contribution::{ConditionContribution, LiteralContribution};
pub use event_logs::{
    ColumnMapping, InferredCells, Mapping, Options, Proposal, RecordFinder, RecordPlace, RecordText, RecordUnit,
};
pub use export::{CsvCells, Export, ExportFailure, ExportRequest, RowChoice, RuleFacts};
pub use fallen::{FallenRow, FallenRows};
pub use finding::{Finding, LineIndex, render_findings};
pub use kql_engine::resolve::ExternalFile;
pub use kql_syntax::Severity;
pub use log_columns::{LogColumnReport, LogColumns};
pub use marks::{Pin, PinReport, Score, SignalScore, Wanted};
pub use near::{NearFailure, NearGroup, SignalNearMisses};
pub use original::Original;
pub use own_file::{OwnFile, own_file};
pub use redact::{NameKind, Replaced};
pub use result_view::{CellFilter, ResultView, SortBy, ViewRow};
pub use run_report::{ColumnReport, Duplicates, KeptFile, RenderReport, RunReport};
pub use samples::{DefaultLabel, Expected, Label, Sample, SampleFile, SampleLabel, SampleLabels, sample, samples};
pub use saved::{
    LINK_LENGTH, SaveRequest, Saved, SavedLabel, SavedMarks, SavedPin, SavedPreview, SavedVersion, TooLong,
};
pub use session::{Loading, RunFailure, Session};
pub use signals::{Funnel, FunnelStep, SignalReport, SignalState};
pub use source::{Source, SourceSummary};
pub use story::{ConditionStory, EvidenceCell, Mark, SignalStory, Story, StoryCell, SwallowedMark};
pub use suggest::Suggestion;
pub use target::{Lack, LackKind, LackPlace, LackingColumn, RequiredColumn, Target, TargetReport};
pub use threshold::{Bar, Histogram, Threshold, ThresholdScore};
pub use timeline::{SignalTimeline, TableTimeline, TimeRange, Timeline, TimelineRequest};
pub use tuning::{Exclusion, ExclusionClause, Tuning, TuningRequest};
pub use visibility::{ColumnVisibility, SignalSight, SourceSight, SourceVisibility};
