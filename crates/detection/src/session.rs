//! Logs, a query and a clock, and the answers to them.

use crate::compare::{Comparison, compare};
use crate::contribution::{ConditionContribution, contributions};
use crate::fallen::Fallen;
use crate::marks::{Marks, Pin, Wanted, alerting};
use crate::near::{self, NearMemory, SignalNearMisses, near_misses};
use crate::result_view::{arrange, view_row};
use crate::run_report::{ColumnReport, RenderReport};
use crate::samples::Label;
use crate::source::HeldLog;
use crate::story::story;
use crate::{
    Clock, Duplicates, FallenRows, Finding, LineIndex, ResultView, RunReport, Sample, Source, SourceSummary, Story,
    Suggestion, TimeRange, ViewRow, pins, rule, signals, visibility,
};
use event_logs::{InferredCells, Intake, Mapping, Options, Progress, Report};
use event_table::{DateTime, RecordSpan, RowRef, SourceId, TableSet};
use kql_engine::plan::Plan;
use kql_engine::resolve::{Resolution, resolve, resolve_paced};
use kql_engine::run::{Cancelled, Outcome, Pace, RunError, Runner, Unpaced, block_on};
use kql_syntax::parse;
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use std::sync::Arc;

/// Why a run gave no report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunFailure {
    /// It was called off.
    Cancelled,
}

/// The state behind every screen: the logs that were read, the query text, the clock, and the newest result.
pub struct Session {
    pub(crate) tables: TableSet,
    pub(crate) sources: Vec<Source>,
    pub(crate) next_source: u32,
    pub(crate) query: String,
    pub(crate) clock: Clock,
    pub(crate) runner: Runner,
    pub(crate) last: Option<LastRun>,
    pub(crate) marks: Marks,
    near: NearMemory,
    pub(crate) inferred: Vec<InferredCells>,
    pub(crate) mappings: Arc<[Mapping]>,
    pub(crate) drops_duplicates: bool,
    duplicates: usize,
}

/// A query's newest run: what was run, and what came of it.
pub(crate) struct LastRun {
    pub(crate) plan: Plan,
    pub(crate) outcome: Outcome,
    pub(crate) query: String,
    pub(crate) now: DateTime,
    view: (ResultView, Option<TimeRange>),
    shown: Vec<u32>,
    fallen: Option<Fallen>,
}

/// Which version of a comparison the other text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Older,
    Newer,
}

/// A label or pin by the record that it is on.
struct NamedMark {
    source: SourceId,
    offset: u64,
    label: Option<Label>,
    pin: Option<Pin>,
}

/// The findings of a text and, when none is an error, its plan.
pub(crate) fn resolve_text(text: &str, tables: &TableSet, now: DateTime) -> (Vec<Finding>, Option<Plan>) {
    let parsed = parse(text);
    let resolution = resolve(&parsed.document(), tables, now);
    let findings = findings(text, &parsed, &resolution);
    let failed = findings.iter().any(|f| f.severity == kql_syntax::Severity::Error);
    (findings, resolution.plan.filter(|_| !failed))
}

/// What parsing and resolving found, by position.
fn findings(text: &str, parsed: &kql_syntax::Parse, resolution: &Resolution) -> Vec<Finding> {
    let lines = LineIndex::new(text);
    let mut found: Vec<_> = parsed.diagnostics().iter().chain(&resolution.diagnostics).collect();
    found.sort_by_key(|d| (d.span, d.severity));
    found.into_iter().map(|d| lines.finding(d)).collect()
}

/// A file that is being read: a log, or an archive of several. Dropped unfinished, [`Session::abandon`] takes its rows
/// out.
pub struct Loading {
    intake: Intake,
    id: SourceId,
    /// Whether the number above is still to be given to a log.
    is_id_free: bool,
}

impl Loading {
    /// What names the file's source, of an archive its first one.
    #[must_use]
    pub fn id(&self) -> SourceId {
        self.id
    }

    /// How far reading has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.intake.progress()
    }
}

/// The number for the next log of a file: the first has the one that the file was begun with.
fn next_source(first: SourceId, is_free: &mut bool, next: &mut u32) -> SourceId {
    if std::mem::take(is_free) {
        return first;
    }
    *next += 1;
    SourceId(*next - 1)
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

impl Session {
    /// No logs, the shipped rule, and the newest time as now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            tables: TableSet::new(),
            sources: Vec::new(),
            next_source: 0,
            query: rule::TEXT.to_owned(),
            clock: Clock::default(),
            runner: Runner::new(),
            last: None,
            marks: Marks::default(),
            near: NearMemory::default(),
            inferred: Vec::new(),
            mappings: Arc::default(),
            drops_duplicates: false,
            duplicates: 0,
        }
    }

    /// Says how logs of known shapes are read from now on, where their reader is not told otherwise.
    pub fn set_mappings(&mut self, mappings: impl Into<Arc<[Mapping]>>) {
        self.mappings = mappings.into();
    }

    /// Begins to read a log.
    pub fn begin(&mut self, name: &str, options: Options) -> Loading {
        let id = SourceId(self.next_source);
        self.next_source += 1;
        Loading { intake: Intake::knowing(name, options, self.mappings.clone()), id, is_id_free: true }
    }

    /// Reads the next bytes of a log.
    pub fn feed(&mut self, loading: &mut Loading, chunk: &[u8]) {
        let Loading { intake, id, is_id_free, .. } = loading;
        let mut next = || next_source(*id, is_id_free, &mut self.next_source);
        intake.feed(chunk, &mut self.tables, &mut next);
    }

    /// Ends the reading of a file: each of its logs is a source of the session from now on. Gives the report of the
    /// first; those of an archive's others are in [`Session::sources`].
    pub fn finish(&mut self, loading: Loading) -> &Report {
        let Loading { intake, id, mut is_id_free } = loading;
        let mut next = || next_source(id, &mut is_id_free, &mut self.next_source);
        let reports = intake.finish(&mut self.tables, &mut next);
        self.last = None;
        let first = self.sources.len();
        let source = |report: Report| Source { id: report.source, report, held: None };
        self.sources.extend(reports.into_iter().map(source));
        self.complete();
        // An intake gives one report at least.
        &self.sources[first].report
    }

    /// Does what needs all logs: what one Windows event leaves out and another one tells is filled in, and duplicates
    /// are found, and taken out where that is wanted.
    fn complete(&mut self) {
        self.tables.bring_back();
        self.enrich();
        self.duplicates = self.count_duplicates();
        if self.drops_duplicates && self.duplicates > 0 {
            let mut seen = FxHashSet::default();
            self.tables.set_aside(|batch, row| batch.identity(row).is_some_and(|identity| !seen.insert(identity)));
        }
    }

    fn enrich(&mut self) {
        let events: Vec<SourceId> = self.sources.iter().filter(|s| s.report.windows_events > 0).map(|s| s.id).collect();
        self.inferred = if events.is_empty() {
            Vec::new()
        } else {
            event_logs::enrich(&mut self.tables, |id| events.contains(&id))
        };
    }

    /// The cells of Windows events that were filled in from other events, by table and column.
    #[must_use]
    pub fn inferred(&self) -> &[InferredCells] {
        &self.inferred
    }

    /// Whether a cell was filled in from another event: its own record does not say it.
    #[must_use]
    pub fn is_inferred(&self, row: RowRef, column: &str) -> bool {
        let Some(table) = self.tables.tables().get(row.table as usize) else { return false };
        let column = table.schema().position(column);
        let (Some(column), Some((batch, at))) = (column, table.locate(row.row as usize)) else { return false };
        batch.is_inferred(at, column.get())
    }

    /// How many rows tell of an event that a row before them tells of too: the same record of the same channel of the
    /// same computer, as in overlapping exports. They are counted even where they are [left out](Self::drop_duplicates).
    #[must_use]
    pub fn duplicates(&self) -> usize {
        self.duplicates
    }

    /// Whether duplicates are left out.
    #[must_use]
    pub fn drops_duplicates(&self) -> bool {
        self.drops_duplicates
    }

    /// Leaves out rows that tell of an event that a row before them tells of too, of all logs now and later; or no
    /// longer. What is said of rows that stay is kept.
    pub fn drop_duplicates(&mut self, drops: bool) {
        if drops == self.drops_duplicates {
            return;
        }
        self.drops_duplicates = drops;
        if self.duplicates > 0 {
            let kept = self.named_marks(None);
            self.complete();
            self.last = None;
            self.restore_marks(kept);
        }
    }

    fn count_duplicates(&self) -> usize {
        let batches = self.tables.tables().iter().flat_map(|table| table.batches()).filter(|b| b.has_identities());
        let batches: Vec<_> = batches.collect();
        // There may be millions, for which a set would take several times the room.
        let mut identities = Vec::with_capacity(batches.iter().map(|batch| batch.len()).sum());
        for batch in batches {
            identities.extend((0..batch.len()).filter_map(|row| batch.identity(row)));
        }
        identities.sort_unstable();
        identities.windows(2).filter(|pair| pair[0] == pair[1]).count()
    }

    /// Takes out what was read of a log that will not be read to its end.
    pub fn abandon(&mut self, loading: Loading) {
        loading.intake.sources().iter().for_each(|source| self.tables.remove_source(*source));
        self.last = None;
    }

    /// Reads a log that is wholly in memory.
    pub fn load(&mut self, name: &str, bytes: &[u8], options: Options) -> &Report {
        let mut loading = self.begin(name, options);
        self.feed(&mut loading, bytes);
        self.finish(loading)
    }

    /// Reads a log that is wholly in memory, and holds its bytes for those who want to see a record as it stands there.
    pub(crate) fn load_held(&mut self, name: &str, log: HeldLog) -> &Report {
        let first = self.sources.len();
        self.load(name, log.bytes(), Options::default());
        self.sources[first..].iter_mut().for_each(|source| source.held = Some(log.clone()));
        // A file gives one source at least.
        &self.sources[first].report
    }

    /// Reads the logs of a sample.
    pub fn load_sample(&mut self, sample: &Sample) {
        let labels = sample.labels();
        for file in &sample.files {
            let id = self.load_held(file.name(), HeldLog::Static(file.bytes())).source;
            self.label_source(id, |line| labels.label(file.name(), line));
        }
    }

    /// Labels the records of a source by the line that each starts on.
    pub fn label_source(&mut self, source: SourceId, label: impl Fn(u64) -> Option<Label>) {
        let labelled: Vec<(RowRef, Label)> =
            self.records_of_source(source).filter_map(|(row, record)| Some((row, label(record.line)?))).collect();
        self.marks.labels.extend(labelled);
    }

    /// The rows that a source gave, each with where its record stands there.
    pub(crate) fn records_of_source(&self, source: SourceId) -> impl Iterator<Item = (RowRef, RecordSpan)> {
        self.tables.tables().iter().enumerate().flat_map(move |(position, table)| {
            let batches = table.batches().iter().enumerate().filter(move |(_, batch)| batch.source() == source);
            batches.flat_map(move |(index, batch)| {
                let row =
                    move |at: usize| RowRef { table: position as u32, row: (table.batch_start(index) + at) as u32 };
                (0..batch.len()).filter_map(move |at| Some((row(at), batch.record(at)?)))
            })
        })
    }

    /// Where the record of a row stands in its source.
    #[must_use]
    pub fn record(&self, row: RowRef) -> Option<RecordSpan> {
        let (batch, at) = self.tables.tables().get(row.table as usize)?.locate(row.row as usize)?;
        batch.record(at)
    }

    /// Labels a row, or takes its label away.
    pub fn set_label(&mut self, row: RowRef, label: Option<Label>) {
        match label {
            Some(label) => self.marks.labels.insert(row, label),
            None => self.marks.labels.remove(&row),
        };
    }

    /// The label of a row.
    #[must_use]
    pub fn label(&self, row: RowRef) -> Option<Label> {
        self.marks.labels.get(&row).copied()
    }

    /// Protects a row, or changes what is asked of it; without anything asked it is no longer protected.
    pub fn set_pin(&mut self, row: RowRef, wanted: Option<(Wanted, Option<String>)>) {
        self.marks.pins.retain(|pin| pin.row != row);
        if let Some((wanted, signal)) = wanted {
            self.marks.pins.push(Pin { row, wanted, signal });
        }
    }

    /// The protected rows.
    #[must_use]
    pub fn pins(&self) -> &[Pin] {
        &self.marks.pins
    }

    /// Takes a source out.
    pub fn remove(&mut self, source: SourceId) {
        // Rows are named by their place: what is said of those that stay moves with them.
        let kept = self.named_marks(Some(source));
        self.tables.remove_source(source);
        self.sources.retain(|s| s.id != source);
        self.last = None;
        self.complete();
        self.restore_marks(kept);
    }

    /// Marks by source and line, but for those of one source.
    fn named_marks(&self, without: Option<SourceId>) -> Vec<NamedMark> {
        let name = |row: RowRef| {
            let (batch, at) = self.tables.tables().get(row.table as usize)?.locate(row.row as usize)?;
            Some((batch.source(), batch.record(at)?.offset)).filter(|(source, _)| Some(*source) != without)
        };
        let labels = self.marks.labels.iter().filter_map(|(row, label)| {
            let (source, offset) = name(*row)?;
            Some(NamedMark { source, offset, label: Some(*label), pin: None })
        });
        let pins = self.marks.pins.iter().filter_map(|pin| {
            let (source, offset) = name(pin.row)?;
            Some(NamedMark { source, offset, label: None, pin: Some(pin.clone()) })
        });
        labels.chain(pins).collect()
    }

    fn restore_marks(&mut self, kept: Vec<NamedMark>) {
        self.marks = Marks::default();
        let mut places: FxHashMap<(SourceId, u64), RowRef> = FxHashMap::default();
        let sources: Vec<SourceId> = self.sources.iter().map(|s| s.id).collect();
        for source in sources {
            places.extend(self.records_of_source(source).map(|(row, record)| ((source, record.offset), row)));
        }
        for mark in kept {
            let Some(row) = places.get(&(mark.source, mark.offset)) else { continue };
            if let Some(label) = mark.label {
                self.marks.labels.insert(*row, label);
            }
            if let Some(pin) = mark.pin {
                self.marks.pins.push(Pin { row: *row, ..pin });
            }
        }
    }

    /// Takes every source out.
    pub fn clear(&mut self) {
        self.tables = TableSet::new();
        self.sources.clear();
        self.inferred.clear();
        self.duplicates = 0;
        self.last = None;
        self.marks = Marks::default();
        self.near = NearMemory::default();
    }

    /// The sources, in the order in which they were read.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceSummary> {
        self.sources.iter().map(Source::summary).collect()
    }

    /// The tables that the sources gave.
    #[must_use]
    pub fn tables(&self) -> &TableSet {
        &self.tables
    }

    /// The query text.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// Sets the query text.
    pub fn set_query(&mut self, text: impl Into<String>) {
        self.query = text.into();
    }

    /// What is now.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Sets the clock.
    pub fn set_clock(&mut self, clock: Clock) {
        self.clock = clock;
    }

    /// The newest time in the logs: the largest `Timestamp` or `TimeGenerated`.
    #[must_use]
    pub fn newest(&self) -> Option<DateTime> {
        let in_table = |table: &event_table::Table| {
            let column = event_table::schema::TIME_COLUMNS.iter().find_map(|name| table.schema().position(name))?;
            table.batches().iter().filter_map(|batch| batch.newest(column.get())).max()
        };
        self.tables.tables().iter().filter_map(in_table).max()
    }

    /// Resolves the query without running it: its columns and findings. `wall` is the wall clock.
    #[must_use]
    pub fn check(&self, wall: DateTime) -> RunReport {
        let now = self.clock.instant(self.newest(), wall);
        let parsed = parse(&self.query);
        let resolution = resolve(&parsed.document(), &self.tables, now);
        self.resolved(&parsed, resolution, now).0
    }

    fn resolved(&self, parsed: &kql_syntax::Parse, resolution: Resolution, now: DateTime) -> (RunReport, Option<Plan>) {
        let newest = self.newest();
        let findings = findings(&self.query, parsed, &resolution);
        let report = RunReport {
            columns: resolution.columns.iter().map(|c| ColumnReport { name: c.name.to_string(), ty: c.ty }).collect(),
            findings,
            clock: self.clock.clone(),
            now: now.to_string(),
            newest: newest.map(|t| t.to_string()),
            files: self.kept_files(&resolution.external),
            duplicates: Duplicates { rows: self.duplicates, left_out: self.drops_duplicates },
            ..RunReport::default()
        };
        let plan = resolution.plan.filter(|_| !report.has_errors());
        (report, plan)
    }

    /// Runs the query. `wall` is the wall clock; the pace may pause the work or call it off. A query with errors
    /// gives a report that tells them, and the result before it stays.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn run(&mut self, wall: DateTime, pace: &dyn Pace) -> Result<RunReport, RunFailure> {
        let now = self.clock.instant(self.newest(), wall);
        let parsed = parse(&self.query);
        // Columns of plugins depend on rows: those are run first.
        let resolution = resolve_paced(&parsed.document(), &self.tables, now, pace).await;
        let resolution = resolution.map_err(|Cancelled| RunFailure::Cancelled)?;
        let (mut report, plan) = self.resolved(&parsed, resolution, now);
        let Some(plan) = plan else { return Ok(report) };
        let outcome = match self.runner.run(&plan, &self.tables, now, pace).await {
            Ok(outcome) => outcome,
            Err(RunError::Cancelled) => return Err(RunFailure::Cancelled),
            Err(RunError::TooLarge(words) | RunError::Invalid(words)) => {
                report.failure = Some(words);
                return Ok(report);
            }
        };
        report.rows = outcome.relation.len();
        report.signals = signals::reports(&plan, &outcome, &self.tables, &self.query, now);
        report.visibility = visibility::visibility(&plan, &outcome, &self.tables, &self.sources);
        report.sources = visibility::sight(&plan, &outcome, &self.tables, &self.sources, &report.visibility, now);
        report.render =
            plan.render.as_ref().map(|r| RenderReport { chart: r.chart.clone(), properties: r.properties.clone() });
        if !self.marks.is_empty() {
            let alerting = alerting(&plan, &outcome);
            report.score = self.marks.score(&alerting);
            report.pins = pins::reports(&self.marks.pins, &alerting, &plan, &outcome, &self.tables, &self.query, now);
        }
        let shown = (0..outcome.relation.len() as u32).collect();
        let query = self.query.clone();
        self.last = Some(LastRun { plan, outcome, query, now, view: Default::default(), shown, fallen: None });
        Ok(report)
    }

    /// Runs the query to its end without pauses.
    pub fn run_now(&mut self, wall: DateTime) -> RunReport {
        block_on(self.run(wall, &Unpaced)).unwrap_or_default()
    }

    /// Arranges the newest result for looking at; gives the number of rows shown.
    pub fn arrange(&mut self, view: ResultView) -> usize {
        self.arrange_within(view, None)
    }

    /// Arranges the alerts of a stretch of time, as one is marked on a [`Timeline`](crate::Timeline); gives the number
    /// of rows shown.
    pub fn arrange_within(&mut self, view: ResultView, range: Option<TimeRange>) -> usize {
        let Some(last) = &self.last else { return 0 };
        let asked = (view, range);
        if last.view == asked {
            return last.shown.len();
        }
        let mut shown = arrange(&last.outcome.relation, &asked.0);
        if let Some(range) = range {
            let times = self.alert_times(last);
            let within = |at: i64| range.from <= at && at < range.to;
            shown.retain(|row| times.get(*row as usize).and_then(|(at, _)| *at).is_some_and(within));
        }
        let count = shown.len();
        if let Some(last) = &mut self.last {
            (last.view, last.shown) = (asked, shown);
        }
        count
    }

    /// Rows of the newest result as arranged.
    #[must_use]
    pub fn rows(&self, range: Range<usize>) -> Vec<ViewRow> {
        let Some(last) = &self.last else { return Vec::new() };
        let shown = last.shown.iter().skip(range.start).take(range.len());
        shown.map(|row| view_row(&last.outcome.relation, *row as usize)).collect()
    }

    /// The place, in the newest result as arranged, of a row of the logs that came through a signal.
    #[must_use]
    pub fn place(&self, record: RowRef, signal: Option<u16>) -> Option<usize> {
        let last = self.last.as_ref()?;
        let is_it = |row: &u32| {
            let origin = last.outcome.relation.origin(*row as usize);
            origin.is_some_and(|o| o.row == record && signal.is_none_or(|signal| o.leg.unwrap_or(0) == signal))
        };
        last.shown.iter().position(is_it)
    }

    /// The rows that fell at a condition of a signal in the newest run: that passed every condition before it, and not
    /// this one. `None` when the signal has no such condition on a table of the logs.
    pub fn fallen(&mut self, signal: usize, step: usize, range: Range<usize>) -> Option<FallenRows> {
        let last = self.last.as_mut()?;
        if last.fallen.as_ref().is_none_or(|kept| (kept.signal, kept.step) != (signal, step)) {
            last.fallen = Fallen::find(signal, step, &last.plan, &last.outcome, &self.tables, last.now);
        }
        last.fallen.as_ref().map(|fallen| fallen.rows(range, &self.tables))
    }

    /// The near misses of the newest run: the rows that failed just `failed` conditions of a signal, as a rule one.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn near_misses(&mut self, failed: usize, pace: &dyn Pace) -> Result<Vec<SignalNearMisses>, RunFailure> {
        let Some(last) = &self.last else { return Ok(Vec::new()) };
        let found = near_misses(last, failed, (&mut self.runner, &mut self.near), &self.tables, pace);
        found.await.map_err(|_| RunFailure::Cancelled)
    }

    /// The near misses of the newest run, found without pauses.
    pub fn near_misses_now(&mut self, failed: usize) -> Vec<SignalNearMisses> {
        block_on(self.near_misses(failed, &Unpaced)).unwrap_or_default()
    }

    /// Edits of the newest run's query that would make a row alert: for the signal that it fails in the fewest
    /// conditions first, the smallest edit first.
    #[must_use]
    pub fn suggestions(&self, row: RowRef) -> Vec<Suggestion> {
        let Some(last) = &self.last else { return Vec::new() };
        near::suggestions_for(row, &last.plan, &last.outcome, &self.tables, &last.query, last.now)
    }

    /// The rows with a label, in order.
    #[must_use]
    pub fn labelled(&self, label: Label) -> Vec<RowRef> {
        let mut rows: Vec<RowRef> =
            self.marks.labels.iter().filter(|(_, l)| **l == label).map(|(row, _)| *row).collect();
        rows.sort_unstable();
        rows
    }

    /// What the literals of the newest run's query do.
    #[must_use]
    pub fn contributions(&self) -> Vec<ConditionContribution> {
        self.last.as_ref().map_or_else(Vec::new, |last| contributions(&last.plan, &last.outcome, &self.tables))
    }

    /// Compares the newest run, as the newer version, with another text on the same logs and at the same instant.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn compare_with(&mut self, older: &str, pace: &dyn Pace) -> Result<Comparison, RunFailure> {
        self.compared(older, pace, Side::Older).await
    }

    /// Compares the newest run with an older text without pauses.
    pub fn compare_now(&mut self, older: &str) -> Comparison {
        block_on(self.compare_with(older, &Unpaced)).unwrap_or_default()
    }

    /// What a text would do to the alerts of the newest run.
    ///
    /// # Errors
    /// When the pace called it off.
    pub async fn preview(&mut self, newer: &str, pace: &dyn Pace) -> Result<Comparison, RunFailure> {
        self.compared(newer, pace, Side::Newer).await
    }

    async fn compared(&mut self, text: &str, pace: &dyn Pace, side: Side) -> Result<Comparison, RunFailure> {
        let Some(last) = &self.last else { return Ok(Comparison::default()) };
        let (findings, plan) = resolve_text(text, &self.tables, last.now);
        let Some(plan) = plan else { return Ok(Comparison { findings, ..Comparison::default() }) };
        let outcome = match self.runner.run(&plan, &self.tables, last.now, pace).await {
            Ok(outcome) => outcome,
            Err(RunError::Cancelled) => return Err(RunFailure::Cancelled),
            Err(RunError::TooLarge(_) | RunError::Invalid(_)) => return Ok(Comparison::default()),
        };
        let (own, other) = ((&last.plan, &last.outcome), (&plan, &outcome));
        Ok(match side {
            Side::Older => compare(other, own),
            Side::Newer => compare(own, other),
        })
    }

    /// The newest result.
    #[must_use]
    pub fn result(&self) -> Option<&kql_engine::run::Relation> {
        self.last.as_ref().map(|last| &*last.outcome.relation)
    }

    /// The story of a row of the newest result; `None` when it is no single row of a log.
    #[must_use]
    pub fn story_of_result(&self, row: usize) -> Option<Story> {
        let origin = self.last.as_ref()?.outcome.relation.origin(row)?;
        self.story(origin.row)
    }

    /// The story of a row of the logs, under the query of the newest result.
    #[must_use]
    pub fn story(&self, row: RowRef) -> Option<Story> {
        let last = self.last.as_ref()?;
        story(row, &last.plan, &last.outcome, &self.tables, &self.sources, &last.query, last.now)
    }
}
