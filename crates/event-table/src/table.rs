//! Tables and the set of tables that a query sees.

use crate::schema::{self, ColumnOrigin, TIME_COLUMNS};
use crate::{
    Batch, Bitmap, Column, ColumnDef, ColumnIndex, ColumnType, NamedFile, PrimitiveColumn, SourceId, TableSchema, Value,
};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A row of a table set. It names the same row until a source is added to or taken from the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowRef {
    /// The position of the table in the set.
    pub table: u32,
    /// The position of the row in the table, across batches.
    pub row: u32,
}

/// A table: a schema and batches of rows in the order in which they were read.
#[derive(Clone, Debug)]
pub struct Table {
    schema: TableSchema,
    batches: Vec<Batch>,
    /// The batches that rows are set aside of, whole, under their positions.
    whole: Vec<(usize, Batch)>,
    /// The position of each batch's first row, and after them the number of all rows.
    starts: Vec<usize>,
}

impl Table {
    /// An empty table with the published schema of that name, or without columns when none is published.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let schema = schema::published(name)
            .cloned()
            .unwrap_or_else(|| TableSchema { name: name.into(), columns: schema::common_columns() });
        Self { schema, batches: Vec::new(), whole: Vec::new(), starts: vec![0] }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.schema.name
    }

    /// The columns: the published ones, then what the logs brought.
    #[must_use]
    pub fn schema(&self) -> &TableSchema {
        &self.schema
    }

    /// The batches, in the order in which they were read.
    #[must_use]
    pub fn batches(&self) -> &[Batch] {
        &self.batches
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The position of a batch's first row.
    #[must_use]
    pub fn batch_start(&self, batch: usize) -> usize {
        self.starts.get(batch).copied().unwrap_or_else(|| self.len())
    }

    /// The batch that holds a row, and the row's position in it.
    #[must_use]
    pub fn locate(&self, row: usize) -> Option<(&Batch, usize)> {
        if row >= self.len() {
            return None;
        }
        let batch = self.starts.partition_point(|start| *start <= row) - 1;
        Some((self.batches.get(batch)?, row - self.starts[batch]))
    }

    /// A cell: null or empty where the row's source has no such column.
    #[must_use]
    pub fn value(&self, row: usize, column: ColumnIndex) -> Value {
        let cell = self.locate(row).and_then(|(batch, at)| batch.column(column.get()).map(|c| c.value(at)));
        cell.unwrap_or_else(|| {
            Value::missing(self.schema.columns.get(column.get()).map_or(ColumnType::Dynamic, |c| c.ty))
        })
    }

    /// Adds rows. Columns that the table does not have yet are added to its schema; a column that another log
    /// brought with another type takes the [common type](ColumnType::common) in both, and text where numbers would
    /// lose digits. `Timestamp` and `TimeGenerated` stand for one another where a row has just one of them.
    pub fn append(&mut self, defs: &[ColumnDef], mut batch: Batch) {
        let given = std::mem::take(batch.columns_mut());
        let known = self.schema.columns.iter().enumerate().map(|(i, c)| (c.name.clone(), i));
        let mut positions: FxHashMap<Arc<str>, usize> = known.collect();
        let mut columns: Vec<Option<Arc<Column>>> = vec![None; self.schema.columns.len()];
        for (def, column) in defs.iter().zip(given) {
            let Some(mut column) = column else { continue };
            let index = *positions.entry(def.name.clone()).or_insert_with(|| {
                self.schema.columns.push(ColumnDef { origin: ColumnOrigin::Log, ..def.clone() });
                columns.push(None);
                columns.len() - 1
            });
            if self.schema.columns[index].ty != column.column_type() {
                if self.schema.columns[index].origin == ColumnOrigin::Log {
                    self.widen(index, &column);
                }
                column = convert(&column, self.schema.columns[index].ty);
            }
            columns[index] = Some(column);
        }
        self.share_time(&mut columns);
        *batch.columns_mut() = columns;
        self.starts.push(self.len() + batch.len());
        self.batches.push(batch);
    }

    /// Lets the one time that a batch, or a row of it, has stand for the other one too.
    fn share_time(&mut self, columns: &mut Vec<Option<Arc<Column>>>) {
        let places = TIME_COLUMNS.map(|name| {
            let place = self.schema.position(name).map(ColumnIndex::get);
            place.filter(|c| columns[*c].as_ref().is_some_and(|c| is_time(c)))
        });
        let (here, other) = match places {
            [Some(here), None] => (here, TIME_COLUMNS[1]),
            [None, Some(here)] => (here, TIME_COLUMNS[0]),
            [Some(first), Some(second)] => {
                let filled = [(first, second), (second, first)]
                    .map(|(own, other)| filled(columns[own].as_deref()?, columns[other].as_deref()?));
                for (place, filled) in [first, second].into_iter().zip(filled) {
                    columns[place] = filled.map(Arc::new).or(columns[place].take());
                }
                return;
            }
            [None, None] => return,
        };
        let shared = columns[here].clone();
        match self.schema.position(other).map(ColumnIndex::get) {
            None => {
                self.schema.columns.push(ColumnDef::new(other, ColumnType::DateTime));
                columns.push(shared);
            }
            Some(index) if columns[index].is_none() && self.schema.columns[index].ty == ColumnType::DateTime => {
                columns[index] = shared;
            }
            Some(_) => {}
        }
    }

    /// Takes out the rows of a source; columns that only it brought stay in the schema, empty.
    pub fn remove_source(&mut self, source: SourceId) {
        let is_its = |batch: &Batch| batch.source() == source;
        let before = |place: usize| self.batches[..place].iter().filter(|batch| is_its(batch)).count();
        let whole = self.whole.iter().filter(|(_, batch)| !is_its(batch));
        self.whole = whole.map(|(place, batch)| (place - before(*place), batch.clone())).collect();
        self.batches.retain(|batch| !is_its(batch));
        self.count_rows();
    }

    fn count_rows(&mut self) {
        self.starts.truncate(1);
        for batch in &self.batches {
            self.starts.push(self.starts.last().copied().unwrap_or(0) + batch.len());
        }
    }

    /// Sets rows aside, as if they were not there, until they are [brought back](Self::bring_back). Returns how many.
    pub fn set_aside(&mut self, mut is_set_aside: impl FnMut(&Batch, usize) -> bool) -> usize {
        let mut count = 0;
        for (place, batch) in self.batches.iter_mut().enumerate() {
            let rows = Bitmap::from_fn(batch.len(), |row| is_set_aside(batch, row));
            if rows.any() {
                count += rows.count();
                let rest = batch.without(&rows);
                let whole = std::mem::replace(batch, rest);
                if !self.whole.iter().any(|(known, _)| *known == place) {
                    self.whole.push((place, whole));
                }
            }
        }
        self.count_rows();
        count
    }

    /// Brings back the rows that were set aside.
    pub fn bring_back(&mut self) {
        for (place, batch) in self.whole.drain(..) {
            self.batches[place] = batch;
        }
        self.count_rows();
    }

    /// Fills the empty cells of a column of strings in a batch with what `text` infers for the batch's rows, and marks
    /// them as [inferred](Batch::is_inferred). Returns how many were filled.
    pub fn infer<'a>(&mut self, batch: usize, column: ColumnIndex, text: impl Fn(usize) -> Option<&'a str>) -> usize {
        let is_string = self.schema.columns.get(column.get()).is_some_and(|def| def.ty == ColumnType::String);
        self.batches.get_mut(batch).filter(|_| is_string).map_or(0, |batch| batch.infer(column.get(), text))
    }

    /// Empties the cells that were inferred.
    pub fn forget_inferred(&mut self) {
        self.batches.iter_mut().for_each(Batch::forget_inferred);
    }

    /// In how many rows a column has a value, and how many rows there are, over the batches of some sources.
    #[must_use]
    pub fn filled(&self, column: ColumnIndex, of: impl Fn(SourceId) -> bool) -> (usize, usize) {
        let batches = self.batches.iter().filter(|batch| of(batch.source()));
        batches.fold((0, 0), |(filled, rows), batch| (filled + batch.filled(column.get()), rows + batch.len()))
    }

    /// Bytes of heap memory held by the rows.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.batches.iter().chain(self.whole.iter().map(|(_, batch)| batch)).map(Batch::heap_bytes).sum()
    }

    /// Gives a column the type that holds its cells so far and those of another column.
    fn widen(&mut self, index: usize, other: &Column) {
        let mut ty = self.schema.columns[index].ty.common(other.column_type());
        let all = || self.batches.iter().chain(self.whole.iter().map(|(_, batch)| batch));
        let so_far = || all().filter_map(|b| b.column(index).map(|c| &**c));
        if ty == ColumnType::Real && !so_far().chain([other]).all(Column::is_exact_as_real) {
            ty = ColumnType::String;
        }
        self.schema.columns[index].ty = ty;
        for batch in self.batches.iter_mut().chain(self.whole.iter_mut().map(|(_, batch)| batch)) {
            if let Some(Some(column)) = batch.columns_mut().get_mut(index) {
                *column = convert(column, ty);
            }
        }
    }
}

fn is_time(column: &Column) -> bool {
    column.column_type() == ColumnType::DateTime
}

/// A column of times with its empty cells filled from another; none when that fills no cell.
fn filled(own: &Column, other: &Column) -> Option<Column> {
    let (Column::DateTime(own), Column::DateTime(other)) = (own, other) else { return None };
    let valid = own.valid.as_ref()?;
    let gains = |row: &usize| !valid.get(*row) && other.get(*row).is_some();
    let mut gained = (0..own.values.len()).filter(gains).peekable();
    gained.peek()?;
    let (mut values, mut valid) = (own.values.clone(), valid.clone());
    for row in gained {
        values[row] = other.values[row];
        valid.set(row, true);
    }
    let valid = Some(valid).filter(|valid| !valid.all());
    Some(Column::DateTime(PrimitiveColumn { values, valid }))
}

/// The same cells as another type.
fn convert(column: &Arc<Column>, ty: ColumnType) -> Arc<Column> {
    if column.column_type() == ty { column.clone() } else { Arc::new(column.converting_to(ty).finish()) }
}

/// The tables that a query sees. Every published table is known, with no rows until a log brings some; a set
/// [made for a service](TableSet::knowing) knows that service's tables instead.
#[derive(Clone, Debug, Default)]
pub struct TableSet {
    tables: Vec<Table>,
    /// The tables known without rows; the published ones when none are named.
    known: Option<Arc<[TableSchema]>>,
    /// Files that queries read by name.
    files: Vec<NamedFile>,
}

impl TableSet {
    /// No rows at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// No rows, and no tables but these: what a service has, to ask whether a query would resolve there.
    #[must_use]
    pub fn knowing(schemas: Vec<TableSchema>) -> Self {
        Self { known: Some(schemas.into()), ..Self::default() }
    }

    /// The tables that logs brought, in the order in which they were first met.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The table of a name, if a log brought it. Names are case-sensitive, as in Kusto.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name() == name)
    }

    /// The position of a table, for [`RowRef::table`].
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.tables.iter().position(|table| table.name() == name)
    }

    /// The table of a name, made if there is none yet.
    pub fn table_mut(&mut self, name: &str) -> &mut Table {
        let index = self.position(name).unwrap_or_else(|| {
            self.tables.push(Table::new(name));
            self.tables.len() - 1
        });
        &mut self.tables[index]
    }

    /// Sets rows aside, as if they were not there, until they are [brought back](Self::bring_back). Asks of all rows,
    /// in order. Returns how many were set aside.
    pub fn set_aside(&mut self, mut is_set_aside: impl FnMut(&Batch, usize) -> bool) -> usize {
        self.tables.iter_mut().map(|table| table.set_aside(&mut is_set_aside)).sum()
    }

    /// Brings back the rows that were set aside.
    pub fn bring_back(&mut self) {
        self.tables.iter_mut().for_each(Table::bring_back);
    }

    /// Empties the cells of all tables that were inferred.
    pub fn forget_inferred(&mut self) {
        self.tables.iter_mut().for_each(Table::forget_inferred);
    }

    /// The table of a name, if a log brought it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Table> {
        self.tables.iter_mut().find(|table| table.name() == name)
    }

    /// The columns of a table: of the loaded one, else of the published one.
    #[must_use]
    pub fn schema(&self, name: &str) -> Option<&TableSchema> {
        self.get(name).map(Table::schema).or_else(|| self.known().iter().find(|schema| &*schema.name == name))
    }

    fn known(&self) -> &[TableSchema] {
        self.known.as_deref().unwrap_or_else(|| schema::all())
    }

    /// The names of all tables that a query may use: the loaded ones, then the published ones.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.tables.iter().map(Table::name).collect();
        names.extend(self.known().iter().map(|s| &*s.name).filter(|name| self.get(name).is_none()));
        names
    }

    /// Takes out the rows of a source, and tables that no rows are left of.
    pub fn remove_source(&mut self, source: SourceId) {
        self.tables.iter_mut().for_each(|table| table.remove_source(source));
        self.tables.retain(|table| !table.batches.is_empty());
    }

    /// The files that queries may read by name (`externaldata`), in the order in which they came.
    #[must_use]
    pub fn files(&self) -> &[NamedFile] {
        &self.files
    }

    /// Adds a file, in the place of one of the same name.
    pub fn set_file(&mut self, file: NamedFile) {
        match self.files.iter_mut().find(|known| known.name() == file.name()) {
            Some(known) => *known = file,
            None => self.files.push(file),
        }
    }

    /// Takes a file out again; whether there was one of that name.
    pub fn remove_file(&mut self, name: &str) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.name() != name);
        self.files.len() < before
    }

    /// Bytes of heap memory held by the rows and the files.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let files: usize = self.files.iter().map(|file| file.bytes().len()).sum();
        self.tables.iter().map(Table::heap_bytes).sum::<usize>() + files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BatchBuilder, DateTime, RecordSpan};

    fn batch(source: u32, defs: Vec<ColumnDef>, rows: &[&[Value]]) -> (Vec<ColumnDef>, Batch) {
        let mut builder = BatchBuilder::new(SourceId(source), defs);
        for (i, row) in rows.iter().enumerate() {
            row.iter().enumerate().for_each(|(c, v)| builder.column(c).push(v));
            builder.end_row(RecordSpan { line: i as u64 + 2, offset: 10 * i as u64, len: 9 });
        }
        builder.finish()
    }

    #[test]
    fn rows_are_found_across_batches_and_sources_can_leave() {
        let mut set = TableSet::new();
        for source in 0..3 {
            let rows = [[Value::string("a")], [Value::string("b")]];
            let (defs, batch) =
                batch(source, vec![ColumnDef::new("DeviceName", ColumnType::String)], &[&rows[0], &rows[1]]);
            set.table_mut("DeviceProcessEvents").append(&defs, batch);
        }
        let table = set.get("DeviceProcessEvents").unwrap();
        let name = table.schema().position("DeviceName").unwrap();
        assert_eq!((table.len(), table.value(5, name).to_string()), (6, "b".into()));
        assert_eq!(
            table.locate(3).map(|(b, row)| (b.source(), row, b.record(row).map(|r| r.line))),
            Some((SourceId(1), 1, Some(3)))
        );
        assert!(table.locate(6).is_none());
        set.remove_source(SourceId(1));
        assert_eq!(set.get("DeviceProcessEvents").map(Table::len), Some(4));
        set.remove_source(SourceId(0));
        set.remove_source(SourceId(2));
        assert!(set.get("DeviceProcessEvents").is_none());
        assert!(set.schema("DeviceProcessEvents").is_some());
    }

    #[test]
    fn rows_that_are_set_aside_come_back_as_they_were() {
        let defs = vec![ColumnDef::new("Text", ColumnType::String), ColumnDef::new("N", ColumnType::Long)];
        let mut set = TableSet::new();
        for source in 0..3u32 {
            let rows =
                [0, 1, 2].map(|n| [Value::string(["a", "", "c"][n]), Value::Long(i64::from(source * 3) + n as i64)]);
            let (defs, batch) = batch(source, defs.clone(), &[&rows[0], &rows[1], &rows[2]]);
            set.table_mut("Own").append(&defs, batch);
        }
        let common = crate::schema::common_columns().len();
        let at = |table: &Table, row: usize| table.value(row, ColumnIndex(common as u32 + 1)).to_string();
        let all = |set: &TableSet| {
            let table = set.get("Own").unwrap();
            (0..table.len()).map(|row| at(table, row)).collect::<Vec<_>>()
        };
        let before = all(&set);
        // The whole middle batch, and the first row of the last.
        let aside =
            |batch: &Batch, row: usize| batch.source() == SourceId(1) || batch.source() == SourceId(2) && row == 0;
        assert_eq!(set.set_aside(aside), 4);
        assert_eq!(all(&set), ["0", "1", "2", "7", "8"]);
        let table = set.get("Own").unwrap();
        let place = table.locate(3).and_then(|(batch, row)| Some((batch.source(), batch.record(row)?.line)));
        assert_eq!(place, Some((SourceId(2), 3)));
        // Rows that come meanwhile, of a type that the column must take on, change what is set aside too.
        let other = [Value::string("d"), Value::Real(9.5)];
        let (defs, batch) = batch(3, vec![defs[0].clone(), ColumnDef::new("N", ColumnType::Real)], &[&other]);
        set.table_mut("Own").append(&defs, batch);
        assert_eq!(all(&set)[5], "9.5");
        set.remove_source(SourceId(0));
        set.bring_back();
        assert_eq!(all(&set).len(), 7);
        assert_eq!(all(&set)[..6].iter().map(|n| n.trim_end_matches(".0")).collect::<Vec<_>>(), before[3..]);
        // A source of which nothing is left but what is set aside is still there.
        assert_eq!(set.set_aside(|batch, _| batch.source() != SourceId(3)), 6);
        set.remove_source(SourceId(3));
        set.bring_back();
        assert_eq!(all(&set).len(), 6);
    }

    #[test]
    fn a_set_made_for_a_service_knows_its_tables_and_no_others() {
        let own = TableSchema { name: "Own".into(), columns: vec![ColumnDef::new("A", ColumnType::Long)] };
        let set = TableSet::knowing(vec![own]);
        assert_eq!(set.names(), ["Own"]);
        assert!(set.schema("Own").is_some() && set.schema("DeviceProcessEvents").is_none());
        assert!(TableSet::knowing(Vec::new()).names().is_empty());
        assert!(TableSet::new().schema("DeviceProcessEvents").is_some());
    }

    #[test]
    fn inferred_cells_are_marked_and_can_be_forgotten() {
        let mut table = Table::new("DeviceNetworkEvents");
        let rows = [[Value::string("a.exe"), Value::string("x")], [Value::string("b.exe"), Value::string("")]];
        let defs = ["InitiatingProcessFileName", "RemoteUrl"].map(|name| ColumnDef::new(name, ColumnType::String));
        let (defs, batch) = batch(0, defs.into(), &[&rows[0], &rows[1]]);
        table.append(&defs, batch);
        let [url, parent] =
            ["RemoteUrl", "InitiatingProcessParentFileName"].map(|name| table.schema().position(name).unwrap());
        let id = table.batches()[0].id();
        assert_eq!(table.infer(0, url, |row| Some(["inferred", "github.com"][row])), 1);
        assert_eq!(table.infer(0, parent, |row| (row == 0).then_some("cmd.exe")), 1);
        assert_ne!(table.batches()[0].id(), id);
        let told = |table: &Table| {
            let cell =
                |row, column| (table.value(row, column).to_string(), table.batches()[0].is_inferred(row, column.get()));
            [cell(0, url), cell(1, url), cell(0, parent), cell(1, parent)].map(|(text, mark)| format!("{text} {mark}"))
        };
        assert_eq!(told(&table), ["x false", "github.com true", "cmd.exe true", " false"]);
        table.forget_inferred();
        assert_eq!(told(&table), ["x false", " false", " false", " false"]);
        assert!(table.batches()[0].column(parent.get()).is_none());
    }

    #[test]
    fn timestamp_and_timegenerated_stand_for_one_another() {
        let t = DateTime::from_date(2025, 6, 1).unwrap();
        for given in TIME_COLUMNS {
            let mut table = Table::new("DeviceNetworkEvents");
            let (defs, batch) = batch(0, vec![ColumnDef::new(given, ColumnType::DateTime)], &[&[Value::DateTime(t)]]);
            table.append(&defs, batch);
            for name in TIME_COLUMNS {
                let column = table.schema().position(name).unwrap();
                assert_eq!(table.value(0, column).to_string(), t.to_string(), "{given} -> {name}");
            }
        }
    }

    #[test]
    fn rows_with_the_one_time_and_rows_with_the_other_have_both() {
        let [a, b, c] = [1, 2, 3].map(|day| Value::DateTime(DateTime::from_date(2025, 6, day).unwrap()));
        let defs = TIME_COLUMNS.map(|name| ColumnDef::new(name, ColumnType::DateTime)).to_vec();
        let rows: [[Value; 2]; 4] =
            [[a.clone(), Value::Null], [Value::Null, b.clone()], [a.clone(), c.clone()], [Value::Null, Value::Null]];
        let mut table = Table::new("DeviceNetworkEvents");
        let (defs, batch) = batch(0, defs, &[&rows[0], &rows[1], &rows[2], &rows[3]]);
        table.append(&defs, batch);
        let column = |name| table.schema().position(name).unwrap();
        let times = |row| TIME_COLUMNS.map(|name| table.value(row, column(name)).to_string());
        let wanted = [[a.clone(), a.clone()], [b.clone(), b], [a, c], [Value::Null, Value::Null]];
        assert_eq!([0, 1, 2, 3].map(times), wanted.map(|row| row.map(|cell| cell.to_string())));
    }

    #[test]
    fn a_log_column_of_two_types_takes_their_common_type_without_losing_a_digit() {
        let big = Value::Long((1 << 53) + 1);
        for (cells, ty, texts) in [
            ([Value::Long(7), Value::string("x")], ColumnType::String, ["7", "x"]),
            ([Value::Long(7), Value::Real(0.5)], ColumnType::Real, ["7.0", "0.5"]),
            ([Value::Real(0.5), Value::Long(7)], ColumnType::Real, ["0.5", "7.0"]),
            ([Value::Int(7), Value::Long(8)], ColumnType::Long, ["7", "8"]),
            ([Value::Bool(true), Value::Long(8)], ColumnType::String, ["true", "8"]),
            ([big.clone(), Value::Real(0.5)], ColumnType::String, ["9007199254740993", "0.5"]),
            ([Value::Real(0.5), big], ColumnType::String, ["0.5", "9007199254740993"]),
        ] {
            let mut table = Table::new("Custom");
            for (i, value) in cells.iter().enumerate() {
                let (defs, batch) = batch(
                    i as u32,
                    vec![ColumnDef::new("Score", value.column_type().unwrap())],
                    &[std::slice::from_ref(value)],
                );
                table.append(&defs, batch);
            }
            let score = table.schema().position("Score").unwrap();
            assert_eq!(table.schema().columns[score.get()].ty, ty, "{cells:?}");
            assert_eq!([0, 1].map(|row| table.value(row, score).to_string()), texts, "{cells:?}");
        }
    }

    #[test]
    fn a_table_that_nobody_publishes_has_both_times_too() {
        let t = DateTime::from_date(2025, 6, 1).unwrap();
        for given in TIME_COLUMNS {
            let mut table = Table::new("SecurityEvent");
            let (defs, batch) = batch(0, vec![ColumnDef::new(given, ColumnType::DateTime)], &[&[Value::DateTime(t)]]);
            table.append(&defs, batch);
            for name in TIME_COLUMNS {
                let column = table.schema().position(name).unwrap();
                assert_eq!(table.value(0, column).to_string(), t.to_string(), "{given} -> {name}");
            }
        }
    }
}
