//! Fills in what one event leaves out and another one tells: command lines and parents from the creation of the same
//! process, and the host of a connection from the process's own DNS query. Every cell that is filled is marked as
//! [inferred](event_table::Batch::is_inferred).
//!
//! Processes are the same when Sysmon's process GUID is; where there are no GUIDs, when host and process id are, and the
//! process was the last of that id to be created before the event, under the same file name.

use event_table::{Batch, Column, SourceId, Table, TableSet};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;
use std::sync::Arc;

/// Cells of a column that were inferred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InferredCells {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// How many cells.
    pub cells: usize,
    /// What they were inferred from, in words.
    pub from: String,
}

const PROCESSES: &str = "DeviceProcessEvents";
const CONNECTIONS: &str = "DeviceNetworkEvents";
/// The tables whose rows tell of what a process did.
const ACTS: [&str; 6] = [
    CONNECTIONS,
    "DeviceFileEvents",
    "DeviceRegistryEvents",
    "DeviceImageLoadEvents",
    "DeviceEvents",
    "DeviceLogonEvents",
];
/// A query may be logged after the connection that it was for; ten seconds, in ticks.
const LATE: i64 = 100_000_000;

/// A row of a table: its batch, and its place there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    batch: u32,
    row: u32,
}

/// What a process is known by, put into one number: its GUID, or its host and number. Others may have the same, so that
/// what stands in the rows decides; a hasher whose numbers are hard to aim at, or hostile logs could make all the same.
type Mark = u32;

/// The creation of a process.
#[derive(Clone, Copy)]
struct Creation {
    mark: Mark,
    place: Place,
}

/// A process's query for a name, with one of the addresses that came back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Query {
    mark: Mark,
    address: u64,
    time: i64,
    place: Place,
}

/// What the rows tell of processes, by where they stand: no text is copied, as there may be millions of rows.
struct Known {
    /// By mark, and of the same by time.
    creations: Vec<Creation>,
    queries: Vec<Query>,
    processes: Columns,
    events: Columns,
}

/// The columns of each batch of a table, as they are before anything is inferred.
#[derive(Default)]
struct Columns {
    batches: Vec<Vec<Option<Arc<Column>>>>,
}

impl Columns {
    fn of(table: Option<&Table>, names: &[&str]) -> Self {
        let Some(table) = table else { return Self::default() };
        let places: Vec<_> = names.iter().map(|name| table.schema().position(name)).collect();
        let of_batch = |batch: &Batch| places.iter().map(|place| batch.column((*place)?.get()).cloned()).collect();
        Self { batches: table.batches().iter().map(of_batch).collect() }
    }

    fn column(&self, place: Place, which: usize) -> Option<&Column> {
        self.batches.get(place.batch as usize)?.get(which)?.as_deref()
    }

    fn text(&self, place: Place, which: usize) -> &str {
        text_at(self.column(place, which), place.row as usize)
    }

    fn time(&self, place: Place) -> Option<i64> {
        number_at(self.column(place, TIME), place.row as usize)
    }

    /// Whether a row names a process so.
    fn has(&self, place: Place, key: Key<'_>) -> bool {
        let id = number_at(self.column(place, ID), place.row as usize);
        keys_of(self.text(place, GUID), id, self.text(place, HOST)).into_iter().flatten().any(|own| own.is(key))
    }
}

/// The columns that are kept of rows that tell of a process's creation.
const OF_CREATION: [&str; 7] = [
    "ProcessUniqueId",
    "ProcessId",
    "DeviceName",
    "FileName",
    "ProcessCommandLine",
    "InitiatingProcessFileName",
    "Timestamp",
];
/// The same of queries.
const OF_QUERY: [&str; 5] =
    ["InitiatingProcessUniqueId", "InitiatingProcessId", "DeviceName", "RemoteUrl", "AdditionalFields"];
/// Where they stand in both.
const GUID: usize = 0;
const ID: usize = 1;
const HOST: usize = 2;
/// And in the first.
const FILE: usize = 3;
const COMMAND_LINE: usize = 4;
const PARENT: usize = 5;
const TIME: usize = 6;
/// And in the second.
const NAME: usize = 3;
const FIELDS: usize = 4;

fn text_at(column: Option<&Column>, row: usize) -> &str {
    match column {
        Some(Column::String(c)) => c.get(row),
        _ => "",
    }
}

fn number_at(column: Option<&Column>, row: usize) -> Option<i64> {
    match column {
        Some(Column::Long(c) | Column::DateTime(c)) => c.get(row),
        Some(Column::Int(c)) => c.get(row).map(i64::from),
        _ => None,
    }
}

/// How a row names a process.
#[derive(Clone, Copy)]
enum Key<'a> {
    Guid(&'a str),
    /// Host and number.
    Id(&'a str, i64),
}

impl Key<'_> {
    fn mark(self) -> Mark {
        let mut hasher = DefaultHasher::new();
        match self {
            Self::Guid(guid) => guid.hash(&mut hasher),
            Self::Id(host, id) => {
                host.bytes().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
                id.hash(&mut hasher);
            }
        }
        hasher.finish() as Mark
    }

    /// Whether it names the same process as another one.
    fn is(self, other: Key<'_>) -> bool {
        match (self, other) {
            (Self::Guid(a), Key::Guid(b)) => a == b,
            (Self::Id(host, id), Key::Id(other_host, other_id)) => {
                id == other_id && host.eq_ignore_ascii_case(other_host)
            }
            _ => false,
        }
    }
}

/// The process of a row under its GUID and under its number.
type Keys<'a> = [Option<Key<'a>>; 2];

fn keys_of<'a>(guid: &'a str, id: Option<i64>, host: &'a str) -> Keys<'a> {
    [Some(guid).filter(|guid| !guid.is_empty()).map(Key::Guid), id.map(|id| Key::Id(host, id))]
}

fn mark_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The cells of a batch that are asked for by name.
struct Cells<'a> {
    table: &'a Table,
    batch: usize,
}

impl<'a> Cells<'a> {
    fn column(&self, name: &str) -> Option<&'a Column> {
        let column = self.table.schema().position(name)?;
        self.table.batches().get(self.batch)?.column(column.get()).map(|c| &**c)
    }

    fn text(&self, name: &str) -> impl Fn(usize) -> &'a str + use<'a> {
        let column = self.column(name);
        move |row| text_at(column, row)
    }

    fn number(&self, name: &str) -> impl Fn(usize) -> Option<i64> + use<'a> {
        let column = self.column(name);
        move |row| number_at(column, row)
    }

    /// The process that a row names by these columns.
    fn keys(&self, guid: &str, id: &str) -> impl Fn(usize) -> Keys<'a> + use<'a> {
        let (guid, id, host) = (self.text(guid), self.number(id), self.text("DeviceName"));
        move |row| keys_of(guid(row), id(row), host(row))
    }

    fn places(&self) -> impl Iterator<Item = (usize, Place)> + use<'a> {
        let batch = self.batch as u32;
        let rows = self.table.batches().get(self.batch).map_or(0, Batch::len);
        (0..rows).map(move |row| (row, Place { batch, row: row as u32 }))
    }
}

impl Known {
    fn of(tables: &TableSet, is_event: &dyn Fn(SourceId) -> bool) -> Self {
        let (processes, events) = (tables.get(PROCESSES), tables.get("DeviceEvents"));
        let mut known = Self {
            creations: Vec::new(),
            queries: Vec::new(),
            processes: Columns::of(processes, &OF_CREATION),
            events: Columns::of(events, &OF_QUERY),
        };
        let batches = |table: &Table| -> Vec<usize> {
            (0..table.batches().len()).filter(|i| is_event(table.batches()[*i].source())).collect()
        };
        if let Some(table) = processes {
            // There may be millions: no more room than they need.
            let rows: usize = batches(table).into_iter().map(|batch| table.batches()[batch].len()).sum();
            known.creations.reserve_exact(2 * rows);
            batches(table).into_iter().for_each(|batch| known.add_processes(&Cells { table, batch }));
        }
        if let Some(table) = events {
            batches(table).into_iter().for_each(|batch| known.add_queries(&Cells { table, batch }));
        }
        let processes = &known.processes;
        known.creations.sort_unstable_by(|a, b| {
            let time = |c: &Creation| (processes.time(c.place), c.place);
            a.mark.cmp(&b.mark).then_with(|| time(a).cmp(&time(b)))
        });
        known.queries.sort_unstable();
        known
    }

    fn add_processes(&mut self, cells: &Cells<'_>) {
        let keys = cells.keys("ProcessUniqueId", "ProcessId");
        let time = cells.number("Timestamp");
        for (row, place) in cells.places() {
            if time(row).is_none() {
                continue;
            }
            self.creations.extend(keys(row).into_iter().flatten().map(|key| Creation { mark: key.mark(), place }));
        }
    }

    fn add_queries(&mut self, cells: &Cells<'_>) {
        let keys = cells.keys("InitiatingProcessUniqueId", "InitiatingProcessId");
        let (action, fields) = (cells.text("ActionType"), cells.text("AdditionalFields"));
        let time = cells.number("Timestamp");
        for (row, place) in cells.places() {
            if action(row) != "DnsQueryResponse" {
                continue;
            }
            let (Some(time), Ok(fields)) = (time(row), serde_json::from_str::<Value>(fields(row))) else { continue };
            let results = fields["QueryResults"].as_str().unwrap_or("");
            for address in results.split([';', ',']).map(plain_address).filter(|a| a.contains(['.', ':'])) {
                for key in keys(row).into_iter().flatten() {
                    self.queries.push(Query { mark: key.mark(), address: mark_of(address), time, place });
                }
            }
        }
    }

    /// The row that tells of the creation of the process that an event at a time was of.
    fn process(&self, keys: Keys<'_>, time: Option<i64>, file: &str) -> Option<Place> {
        let of = |key: Key<'_>| {
            let mark = key.mark();
            let from = self.creations.partition_point(|c| c.mark < mark);
            let count = self.creations[from..].partition_point(|c| c.mark == mark);
            &self.creations[from..from + count]
        };
        if let Some(key) = keys[0]
            && let Some(found) = of(key).iter().find(|c| self.processes.has(c.place, key))
        {
            return Some(found.place);
        }
        let (Some(key), Some(time)) = (keys[1], time) else { return None };
        let same = of(key);
        let before = &same[..same.partition_point(|c| self.processes.time(c.place) <= Some(time))];
        let found = before.iter().rev().find(|c| self.processes.has(c.place, key))?.place;
        (file.is_empty() || self.processes.text(found, FILE).eq_ignore_ascii_case(file)).then_some(found)
    }

    /// The row that tells of the query which led a process to an address.
    fn query(&self, keys: Keys<'_>, address: &str, time: Option<i64>) -> Option<Place> {
        let (time, address) = (time?, plain_address(address));
        keys.into_iter().flatten().find_map(|key| {
            let wanted = (key.mark(), mark_of(address));
            let from = self.queries.partition_point(|q| (q.mark, q.address) < wanted);
            let until = self.queries.partition_point(|q| ((q.mark, q.address), q.time) <= (wanted, time + LATE));
            let asked = self.queries.get(from..until)?;
            let is_it = |place: Place| self.events.has(place, key) && self.events.text(place, FIELDS).contains(address);
            asked.iter().rev().map(|q| q.place).find(|place| is_it(*place))
        })
    }
}

/// An address without the prefix that IPv4 has in IPv6.
fn plain_address(address: &str) -> &str {
    let address = address.trim();
    address.strip_prefix("::ffff:").unwrap_or(address)
}

/// Infers what it can for the rows of the sources of Windows events; what was inferred before is forgotten first.
pub fn enrich(tables: &mut TableSet, is_event: impl Fn(SourceId) -> bool) -> Vec<InferredCells> {
    tables.forget_inferred();
    let known = Known::of(tables, &is_event);
    let mut told: Vec<InferredCells> = Vec::new();
    for name in [PROCESSES].into_iter().chain(ACTS) {
        let batches: Vec<usize> = tables.get(name).map_or_else(Vec::new, |table| {
            (0..table.batches().len()).filter(|i| is_event(table.batches()[*i].source())).collect()
        });
        for batch in batches {
            for Inferred { column, from, texts } in inferred(tables, name, batch, &known) {
                let Some(table) = tables.get_mut(name) else { continue };
                let Some(index) = table.schema().position(column) else { continue };
                let cells = table.infer(batch, index, |row| texts.get(row, &known));
                match told.iter_mut().find(|t| t.table == name && t.column == column && t.from == from) {
                    Some(t) => t.cells += cells,
                    None if cells > 0 => {
                        told.push(InferredCells { table: name.into(), column: column.into(), cells, from: from.into() })
                    }
                    None => {}
                }
            }
        }
    }
    told
}

/// What the cells of a column are inferred to be.
struct Inferred {
    column: &'static str,
    /// What from, in words.
    from: &'static str,
    texts: Texts,
}

/// Texts for the rows of a batch.
enum Texts {
    /// A cell of the rows that tell of the processes' creation.
    Created(Rc<[Option<Place>]>, usize),
    /// The names that were asked for.
    Asked(Vec<Option<Place>>),
    /// What the rows say elsewhere.
    Own(Vec<Option<Box<str>>>),
}

impl Texts {
    fn get<'a>(&'a self, row: usize, known: &'a Known) -> Option<&'a str> {
        match self {
            Self::Created(places, which) => Some(known.processes.text((*places.get(row)?)?, *which)),
            Self::Asked(places) => Some(known.events.text((*places.get(row)?)?, NAME)),
            Self::Own(texts) => texts.get(row)?.as_deref(),
        }
    }
}

fn inferred(tables: &TableSet, name: &str, batch: usize, known: &Known) -> Vec<Inferred> {
    let Some(table) = tables.get(name) else { return Vec::new() };
    let cells = Cells { table, batch };
    let rows = table.batches()[batch].len();
    let keys = cells.keys("InitiatingProcessUniqueId", "InitiatingProcessId");
    let (time, file) = (cells.number("Timestamp"), cells.text("InitiatingProcessFileName"));
    const CREATION: &str = "the creation of the same process";
    let created: Rc<[Option<Place>]> = (0..rows).map(|row| known.process(keys(row), time(row), file(row))).collect();
    let mut out = vec![
        Inferred {
            column: "InitiatingProcessCommandLine",
            from: CREATION,
            texts: Texts::Created(created.clone(), COMMAND_LINE),
        },
        Inferred { column: "InitiatingProcessParentFileName", from: CREATION, texts: Texts::Created(created, PARENT) },
    ];
    out.retain(|inferred| table.schema().position(inferred.column).is_some());
    if name == CONNECTIONS {
        let (url, address, fields) = (cells.text("RemoteUrl"), cells.text("RemoteIP"), cells.text("AdditionalFields"));
        let asked = (0..rows).map(|row| known.query(keys(row), address(row), time(row))).collect();
        out.push(Inferred {
            column: "RemoteUrl",
            from: "the DNS query of the same process",
            texts: Texts::Asked(asked),
        });
        let host = |row: usize| if url(row).is_empty() { host_name(fields(row)) } else { None };
        out.push(Inferred {
            column: "RemoteUrl",
            from: "a reverse look-up of the address, whose name may be another than the one asked for",
            texts: Texts::Own((0..rows).map(host).collect()),
        });
    }
    out
}

/// The name that Sysmon looked up for an address.
fn host_name(fields: &str) -> Option<Box<str>> {
    if !fields.contains("\"DestinationHostname\"") {
        return None;
    }
    let fields: Value = serde_json::from_str(fields).ok()?;
    fields["DestinationHostname"].as_str().filter(|name| !name.is_empty() && *name != "-").map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where numbers are of 32 bits, as in a browser: with few marks, looking for a process takes ever longer.
    #[test]
    fn processes_have_marks_of_their_own() {
        let guids: Vec<String> = (0..2_000).map(|n| format!("{{9e9c1b26-7a1c-6835-{n:04x}-000000000800}}")).collect();
        let keys = guids.iter().map(|guid| Key::Guid(guid)).chain((0..2_000).map(|n| Key::Id("ws-01", n * 4)));
        let mut marks: Vec<Mark> = keys.map(Key::mark).collect();
        marks.sort_unstable();
        marks.dedup();
        assert!(marks.len() > 3_990, "{}", marks.len());
        assert_eq!(Key::Id("WS-01", 4).mark(), Key::Id("ws-01", 4).mark());
        assert!(Key::Id("WS-01", 4).is(Key::Id("ws-01", 4)) && !Key::Id("ws-01", 4).is(Key::Guid("ws-01")));
    }
}
