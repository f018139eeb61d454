//! Where every format puts its rows: the tables of one source, their columns, and the batches that are being built.

use crate::naming::{self, Zone};
use crate::options::{MAX_MAPPED, MAX_RECORD_RANGE, Mapping, Options};
use crate::problem::Problem;
use crate::report::{Collector, LogColumn, TableRows, UnknownColumn};
use crate::table_choice;
use crate::time_text::TimeRule;
use crate::windows::{Windows, WindowsEvent};
use event_table::schema;
use event_table::{
    Batch, BatchBuilder, ColumnBuilder, ColumnDef, ColumnOrigin, ColumnType, EventIdentity, MAX_BATCH_ROWS, RecordSpan,
    Room, SourceId, TableSchema, TableSet,
};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// Bytes of records after which a batch is closed before it has all of its rows: while it is built, and its buffers
/// double, it takes several times the room that its rows need.
const MAX_BATCH_BYTES: u64 = 24 << 20;

/// Cells after which a batch is closed before it has all of its rows: a column that has no cell in a batch takes no
/// room there, so that logs with many columns of which each row has few stay small.
const MAX_BATCH_CELLS: usize = 16 << 20;
/// Missing cells that the log's own columns may cost, beyond one for each byte that is read. Past that, values under
/// keys that the batch has no column for are left out, or a log of ever other keys would fill the memory.
const SPARE_MISSING_CELLS: u64 = 32 << 20;

/// The most tables that the rows of a source are put into; those of further tables stay together in one.
const MAX_TABLES: usize = 256;

/// A table of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TableId(usize);

/// A column of one of the source's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ColumnId(usize);

/// Takes the rows of one source.
pub(crate) struct Sink {
    pub(crate) source: SourceId,
    /// The name of the source.
    pub(crate) name: String,
    pub(crate) options: Options,
    /// How logs of known shapes are read.
    known: Arc<[Mapping]>,
    /// The log's own shape, once its first record is there.
    shape: Option<Vec<String>>,
    pub(crate) collector: Collector,
    tables: Vec<TableSink>,
    finished: Vec<Finished>,
    windows: Box<Windows>,
}

/// A finished batch, its columns, and the table that it is for.
struct Finished {
    table: Arc<str>,
    defs: Vec<ColumnDef>,
    batch: Batch,
}

impl Sink {
    pub(crate) fn new(source: SourceId, name: &str, mut options: Options, known: Arc<[Mapping]>) -> Self {
        options.max_record_bytes = options.max_record_bytes.clamp(MAX_RECORD_RANGE[0], MAX_RECORD_RANGE[1]);
        options.table = options.table.filter(|table| !table.is_empty());
        options.tidy();
        Self {
            source,
            name: name.into(),
            options,
            known,
            shape: None,
            collector: Collector::default(),
            tables: Vec::new(),
            finished: Vec::new(),
            windows: Box::default(),
        }
    }

    /// Takes note of the log's shape, by the names of its columns, and of how logs of that shape are read.
    pub(crate) fn has_columns<'a>(&mut self, line: u64, names: impl Iterator<Item = &'a str>) {
        if self.shape.is_some() {
            return;
        }
        let mut shape: Vec<String> = names.map(str::to_owned).collect();
        shape.sort_unstable();
        if shape.len() > MAX_MAPPED {
            shape.clear();
        }
        let known = self.known.iter().find(|known| known.shape == shape && !shape.is_empty());
        if let Some(known) = known.filter(|_| self.options.leaves_open()) {
            self.options.take_known(&known.options);
            self.options.tidy();
            self.collector.warn(Some(line), Problem::ColumnsMapped);
        }
        self.shape = Some(shape);
    }

    /// The log's own shape, and what its columns became.
    pub(crate) fn columns(&mut self) -> (Vec<String>, Vec<LogColumn>) {
        let columns = self.tables.iter().flat_map(|table| {
            let of_log = table.columns.iter().filter_map(|column| Some((column.from.clone()?, column)));
            of_log.map(|(name, column)| LogColumn { name, table: table.name.clone(), column: column.def.name.clone() })
        });
        let columns = columns.take(MAX_MAPPED).collect();
        (self.shape.take().unwrap_or_default(), columns)
    }

    /// Adds the row that a Windows event becomes.
    pub(crate) fn add_event(&mut self, event: &WindowsEvent, span: RecordSpan) {
        let mut windows = std::mem::take(&mut self.windows);
        windows.add(event, span, self);
        self.windows = windows;
    }

    /// How many Windows events were read.
    pub(crate) fn events(&self) -> u64 {
        self.windows.events()
    }

    /// The table of a name; `why` says what tells that the rows belong to it. The caller's own choice goes before it.
    pub(crate) fn table(&mut self, name: &str, why: &str) -> TableId {
        let (name, why) = match &self.options.table {
            Some(chosen) => (chosen.as_str(), "it was chosen"),
            None => (name, why),
        };
        let position = |tables: &[TableSink], name: &str| tables.iter().position(|t| &*t.name == name);
        if let Some(table) = position(&self.tables, name) {
            return TableId(table);
        }
        let rest = table_choice::fallback(&self.name);
        let name = if self.tables.len() < MAX_TABLES {
            name
        } else {
            self.collector.warn(None, Problem::TooManyTables(MAX_TABLES));
            &rest
        };
        TableId(position(&self.tables, name).unwrap_or_else(|| {
            self.tables.push(TableSink::new(self.source, name, why));
            self.tables.len() - 1
        }))
    }

    pub(crate) fn table_mut(&mut self, table: TableId) -> &mut TableSink {
        &mut self.tables[table.0]
    }

    /// A table's rows and the collector of findings, to be used together.
    pub(crate) fn parts(&mut self, table: TableId) -> (&mut TableSink, &mut Collector) {
        (&mut self.tables[table.0], &mut self.collector)
    }

    /// Closes a table's batch when a record does not fit into it any more.
    pub(crate) fn make_room(&mut self, table: TableId, span: RecordSpan) {
        if !self.tables[table.0].has_room_for(span) {
            self.close_batch(table);
        }
    }

    /// Closes the batch that is being built for a table.
    pub(crate) fn close_batch(&mut self, table: TableId) {
        self.finished.extend(self.tables[table.0].close_batch());
    }

    /// The rows that were read so far.
    pub(crate) fn rows(&self) -> u64 {
        self.tables.iter().map(|t| t.rows).sum()
    }

    /// Moves the finished batches into the tables that a query sees.
    pub(crate) fn deliver(&mut self, tables: &mut TableSet) {
        for Finished { table, defs, batch } in self.finished.drain(..) {
            tables.table_mut(&table).append(&defs, batch);
        }
    }

    /// Closes all batches. Returns the tables that got rows, and their columns that their schemas do not have.
    pub(crate) fn finish(&mut self) -> (Vec<TableRows>, Vec<UnknownColumn>) {
        for table in 0..self.tables.len() {
            self.close_batch(TableId(table));
        }
        self.windows.tell(&mut self.collector);
        let with_rows = || self.tables.iter().filter(|t| t.rows > 0);
        let rows = with_rows().map(|t| TableRows { table: t.name.clone(), rows: t.rows, why: t.why.clone() }).collect();
        let unknown = with_rows().flat_map(TableSink::unknown_columns).collect();
        (rows, unknown)
    }
}

/// The rows of one source in one table.
pub(crate) struct TableSink {
    pub(crate) name: Arc<str>,
    why: String,
    source: SourceId,
    schema: Option<&'static TableSchema>,
    columns: Vec<SinkColumn>,
    by_name: FxHashMap<Arc<str>, ColumnId>,
    batch: BatchBuilder,
    batch_bytes: u64,
    rows: u64,
    /// Bytes of all rows' records.
    bytes: u64,
    /// Cells that rows had none of their own for.
    missing: u64,
}

struct SinkColumn {
    def: ColumnDef,
    /// The name of the log's column, where it has columns.
    from: Option<Arc<str>>,
    rule: TimeRule,
    /// The column's position in the batch that is being built, once it has a cell there.
    slot: Option<usize>,
    /// Whether it had a cell in any batch.
    is_used: bool,
    /// The room that its cells took in the batch before.
    room: Room,
    typed: Typed,
    /// Whether its meaning is known although its table's schema does not have it.
    is_understood: bool,
}

/// Where a column's type comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Typed {
    /// It is fixed.
    Fixed,
    /// It will be that of the first value.
    Unmet,
    /// It is that of the values so far.
    ByValues,
}

/// What type a column has whose table does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Typing {
    /// This one.
    Declared(ColumnType),
    /// This one, and what the column means is known.
    Understood(ColumnType),
    /// The one of the values that are met.
    Inferred,
}

impl TableSink {
    fn new(source: SourceId, name: &str, why: &str) -> Self {
        Self {
            name: name.into(),
            why: why.into(),
            source,
            schema: schema::published(name),
            columns: Vec::new(),
            by_name: FxHashMap::default(),
            batch: BatchBuilder::new(source, Vec::new()),
            batch_bytes: 0,
            rows: 0,
            bytes: 0,
            missing: 0,
        }
    }

    /// The column that stands under a name in the log: one of the table's schema, else one of the log's own.
    /// The text that comes back is the schema's name, where it differs in case.
    pub(crate) fn column(
        &mut self,
        name: &str,
        zone: Zone,
        typing: Typing,
        options: &Options,
    ) -> (ColumnId, Option<Arc<str>>) {
        let known = naming::known(self.schema, name);
        // A column of the schema that another name already stands for is not taken twice.
        let known = known.filter(|k| k.exact || !self.by_name.contains_key(&k.def.name));
        let exact = known.as_ref().is_none_or(|k| k.exact);
        let typed = if known.is_none() && typing == Typing::Inferred { Typed::Unmet } else { Typed::Fixed };
        let def = match (known, typing, zone) {
            (Some(known), ..) => known.def,
            (None, _, Zone::Utc | Zone::Local) => ColumnDef::new(name, ColumnType::DateTime),
            (None, Typing::Declared(ty) | Typing::Understood(ty), _) => ColumnDef::new(name, ty),
            (None, Typing::Inferred, _) => ColumnDef::new(name, ColumnType::String),
        };
        let changed = (!exact).then(|| def.name.clone());
        if let Some(found) = self.by_name.get(&def.name) {
            return (*found, changed);
        }
        let id = ColumnId(self.columns.len());
        self.by_name.insert(def.name.clone(), id);
        let rule = options.time_rule(zone == Zone::Local);
        let is_understood = matches!(typing, Typing::Understood(_));
        let room = Room::default();
        let slot = None;
        self.columns.push(SinkColumn { def, from: None, rule, slot, is_used: false, room, typed, is_understood });
        (id, changed)
    }

    /// Says which column of the log a column is.
    pub(crate) fn comes_from(&mut self, column: ColumnId, name: &str) {
        self.columns[column.0].from.get_or_insert_with(|| name.into());
    }

    /// Whether the table's schema has a column of exactly this name.
    pub(crate) fn has_exactly(&self, name: &str) -> bool {
        naming::known(self.schema, name).is_some_and(|k| k.exact)
    }

    pub(crate) fn def(&self, column: ColumnId) -> &ColumnDef {
        &self.columns[column.0].def
    }

    /// How the times of a column are read.
    pub(crate) fn rule(&self, column: ColumnId) -> TimeRule {
        self.columns[column.0].rule
    }

    /// Whether the table's schema does not have the column.
    pub(crate) fn is_unknown(&self, column: ColumnId) -> bool {
        self.columns[column.0].def.origin == ColumnOrigin::Log
    }

    /// Whether the column has cells in the batch that is being built.
    pub(crate) fn is_open(&self, column: ColumnId) -> bool {
        self.columns[column.0].slot.is_some()
    }

    /// The builder of a column's cells. Rows of the batch that came before have none.
    #[inline]
    pub(crate) fn builder(&mut self, column: ColumnId) -> &mut ColumnBuilder {
        let column = &mut self.columns[column.0];
        let slot = *column.slot.get_or_insert_with(|| {
            column.is_used = true;
            self.batch.add_column_with_room(column.def.clone(), column.room)
        });
        self.batch.column(slot)
    }

    /// The type that a value of `ty` is to be stored as in a column: the column's own, which is made to hold values of
    /// that type too when it follows from the values that are met.
    pub(crate) fn type_for(&mut self, column: ColumnId, ty: ColumnType) -> ColumnType {
        let SinkColumn { def, slot, typed, .. } = &mut self.columns[column.0];
        match typed {
            Typed::Fixed => {}
            Typed::Unmet => {
                def.ty = ty;
                *typed = Typed::ByValues;
            }
            Typed::ByValues if def.ty == ty => {}
            Typed::ByValues => {
                def.ty = match slot {
                    Some(slot) => self.batch.widen(*slot, ty),
                    None => def.ty.common(ty),
                };
            }
        }
        def.ty
    }

    /// Whether the column already has a cell in the row that is being added.
    pub(crate) fn has_cell(&mut self, column: ColumnId) -> bool {
        let rows = self.batch.len();
        self.columns[column.0].slot.is_some_and(|slot| self.batch.column(slot).len() > rows)
    }

    /// How many of some records, in order, fit into the batch that is being built.
    pub(crate) fn room(&self, spans: impl Iterator<Item = RecordSpan>) -> usize {
        let (mut rows, mut bytes) = (self.batch.len(), self.batch_bytes);
        let fits = |span: &RecordSpan| {
            let cells = rows * self.columns.len();
            let has_room = rows < MAX_BATCH_ROWS && bytes < MAX_BATCH_BYTES && cells < MAX_BATCH_CELLS;
            let fits = rows == 0 || has_room && self.batch.has_room_for(*span);
            (rows, bytes) = (rows + 1, bytes + u64::from(span.len));
            fits
        };
        spans.take_while(fits).count()
    }

    fn has_room_for(&self, span: RecordSpan) -> bool {
        self.room(std::iter::once(span)) == 1
    }

    /// Says what tells the event of the row that is being added from every other.
    pub(crate) fn identify(&mut self, identity: EventIdentity) {
        self.batch.identify(identity);
    }

    /// Ends a row of so many cells; columns that got none are missing there.
    pub(crate) fn end_row(&mut self, span: RecordSpan, cells: usize) {
        self.missing += (self.batch.defs().len() - cells.min(self.batch.defs().len())) as u64;
        self.batch.end_row(span);
        self.count_row(span);
    }

    /// Whether a column may get its first cell of the batch that is being built.
    pub(crate) fn may_open(&self, column: ColumnId) -> bool {
        self.is_open(column) || !self.is_unknown(column) || self.missing <= SPARE_MISSING_CELLS + self.bytes
    }

    /// Ends a row whose every open column got its cell.
    #[inline]
    pub(crate) fn end_full_row(&mut self, span: RecordSpan) {
        self.batch.end_full_row(span);
        self.count_row(span);
    }

    #[inline]
    fn count_row(&mut self, span: RecordSpan) {
        self.batch_bytes += u64::from(span.len);
        self.bytes += u64::from(span.len);
        self.rows += 1;
    }

    fn close_batch(&mut self) -> Option<Finished> {
        if self.batch.is_empty() {
            return None;
        }
        self.batch_bytes = 0;
        let built = std::mem::replace(&mut self.batch, BatchBuilder::new(self.source, Vec::new()));
        let (defs, batch) = built.finish();
        for column in &mut self.columns {
            let built = column.slot.take().and_then(|slot| batch.column(slot));
            column.room = built.map_or_else(Room::default, |built| built.room());
        }
        Some(Finished { table: self.name.clone(), defs, batch })
    }

    fn unknown_columns(&self) -> impl Iterator<Item = UnknownColumn> + '_ {
        let unknown =
            self.columns.iter().filter(|c| c.is_used && !c.is_understood && c.def.origin == ColumnOrigin::Log);
        let is_time = |name: &str| schema::TIME_COLUMNS.contains(&name);
        unknown.filter(move |c| !is_time(&c.def.name)).map(|c| UnknownColumn {
            table: self.name.clone(),
            column: c.def.name.clone(),
            ty: c.def.ty,
        })
    }
}

/// The table for rows of which nothing says where they belong.
pub(crate) fn guessed_table(sink: &mut Sink) -> TableId {
    let name = table_choice::fallback(&sink.name);
    if sink.options.table.is_none() {
        sink.collector.warn(None, Problem::TableGuessed(name.clone()));
    }
    sink.table(&name, "nothing says what table it is")
}
