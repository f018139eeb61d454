//! Fills in what one event leaves out and another one tells: command lines and parents from the creation of the same
//! process, and the host of a connection from the process's own DNS query. Every cell that is filled is marked as
//! [inferred](event_table::Batch::is_inferred).
//!
//! Processes are the same when Sysmon's process GUID is; where there are no GUIDs, when host and process id are, and the
//! process was the last of that id to be created before the event, under the same file name.

use event_table::{Column, SourceId, Table, TableSet};
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
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

/// Which process, on which host: by its GUID, else by its number.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Guid(Box<str>),
    Id(Box<str>, i64),
}

struct Process {
    time: i64,
    file: Arc<str>,
    command_line: Arc<str>,
    parent: Arc<str>,
}

/// When a process asked for a name, in ticks, and the name.
type Query = (i64, Arc<str>);

#[derive(Default)]
struct Known {
    processes: FxHashMap<Key, Vec<Process>>,
    /// The names that a process asked for, by the address that came back.
    queries: FxHashMap<(Key, Box<str>), Vec<Query>>,
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
        move |row| match column {
            Some(Column::String(c)) => c.get(row),
            _ => "",
        }
    }

    fn number(&self, name: &str) -> impl Fn(usize) -> Option<i64> + use<'a> {
        let column = self.column(name);
        move |row| match column {
            Some(Column::Long(c) | Column::DateTime(c)) => c.get(row),
            Some(Column::Int(c)) => c.get(row).map(i64::from),
            _ => None,
        }
    }

    /// The process that a row names by these columns, under its GUID and under its number.
    fn keys(&self, guid: &str, id: &str) -> impl Fn(usize) -> [Option<Key>; 2] + use<'a> {
        let (guid, id, host) = (self.text(guid), self.number(id), self.text("DeviceName"));
        move |row| {
            let by_guid = Some(guid(row)).filter(|guid| !guid.is_empty()).map(|guid| Key::Guid(guid.into()));
            let by_id = id(row).map(|id| Key::Id(host(row).to_ascii_lowercase().into(), id));
            [by_guid, by_id]
        }
    }
}

impl Known {
    fn of(tables: &TableSet, is_event: &dyn Fn(SourceId) -> bool) -> Self {
        let mut known = Self::default();
        let batches = |table: &Table| -> Vec<usize> {
            (0..table.batches().len()).filter(|i| is_event(table.batches()[*i].source())).collect()
        };
        if let Some(table) = tables.get(PROCESSES) {
            batches(table).into_iter().for_each(|batch| known.add_processes(&Cells { table, batch }));
        }
        if let Some(table) = tables.get("DeviceEvents") {
            batches(table).into_iter().for_each(|batch| known.add_queries(&Cells { table, batch }));
        }
        known.processes.values_mut().for_each(|processes| processes.sort_by_key(|p| p.time));
        known.queries.values_mut().for_each(|queries| queries.sort_by_key(|q| q.0));
        known
    }

    fn add_processes(&mut self, cells: &Cells<'_>) {
        let keys = cells.keys("ProcessUniqueId", "ProcessId");
        let time = cells.number("Timestamp");
        let [file, line, parent] =
            ["FileName", "ProcessCommandLine", "InitiatingProcessFileName"].map(|name| cells.text(name));
        for row in 0..cells.table.batches()[cells.batch].len() {
            let Some(time) = time(row) else { continue };
            let [file, command_line, parent]: [Arc<str>; 3] = [file(row).into(), line(row).into(), parent(row).into()];
            for key in keys(row).into_iter().flatten() {
                let process =
                    Process { time, file: file.clone(), command_line: command_line.clone(), parent: parent.clone() };
                self.processes.entry(key).or_default().push(process);
            }
        }
    }

    fn add_queries(&mut self, cells: &Cells<'_>) {
        let keys = cells.keys("InitiatingProcessUniqueId", "InitiatingProcessId");
        let (action, name, fields) =
            (cells.text("ActionType"), cells.text("RemoteUrl"), cells.text("AdditionalFields"));
        let time = cells.number("Timestamp");
        for row in 0..cells.table.batches()[cells.batch].len() {
            if action(row) != "DnsQueryResponse" {
                continue;
            }
            let (Some(time), Ok(fields)) = (time(row), serde_json::from_str::<Value>(fields(row))) else { continue };
            let name: Arc<str> = name(row).into();
            let results = fields["QueryResults"].as_str().unwrap_or("");
            for address in results.split([';', ',']).map(plain_address).filter(|a| a.contains(['.', ':'])) {
                for key in keys(row).into_iter().flatten() {
                    self.queries.entry((key, address.into())).or_default().push((time, name.clone()));
                }
            }
        }
    }

    /// The process that an event at a time was of.
    fn process(&self, keys: &[Option<Key>; 2], time: Option<i64>, file: &str) -> Option<&Process> {
        if let Some(key @ Key::Guid(_)) = &keys[0]
            && let Some(found) = self.processes.get(key)
        {
            return found.first();
        }
        let (Some(key), Some(time)) = (&keys[1], time) else { return None };
        let found = self.processes.get(key)?.iter().rev().find(|p| p.time <= time)?;
        (file.is_empty() || found.file.eq_ignore_ascii_case(file)).then_some(found)
    }

    /// The name that led a process to an address.
    fn host(&self, keys: &[Option<Key>; 2], address: &str, time: Option<i64>) -> Option<&str> {
        let time = time?;
        keys.iter().flatten().find_map(|key| {
            let asked = self.queries.get(&(key.clone(), plain_address(address).into()))?;
            asked.iter().rev().find(|(at, _)| *at <= time + LATE).map(|(_, name)| &**name)
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
            for (column, from, texts) in inferred(tables, name, batch, &known) {
                let Some(table) = tables.get_mut(name) else { continue };
                let Some(index) = table.schema().position(column) else { continue };
                let cells = table.infer(batch, index, |row| texts[row].as_deref());
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

/// A column, what its texts are inferred from, and the texts, row by row.
type Texts = (&'static str, &'static str, Vec<Option<Arc<str>>>);

fn inferred(tables: &TableSet, name: &str, batch: usize, known: &Known) -> Vec<Texts> {
    let Some(table) = tables.get(name) else { return Vec::new() };
    let cells = Cells { table, batch };
    let rows = table.batches()[batch].len();
    let keys = cells.keys("InitiatingProcessUniqueId", "InitiatingProcessId");
    let (time, file) = (cells.number("Timestamp"), cells.text("InitiatingProcessFileName"));
    let mut out = Vec::new();
    let processes: Vec<Option<&Process>> =
        (0..rows).map(|row| known.process(&keys(row), time(row), file(row))).collect();
    let of = |part: fn(&Process) -> &Arc<str>| -> Vec<Option<Arc<str>>> {
        processes.iter().map(|p| p.map(|p| part(p).clone()).filter(|text| !text.is_empty())).collect()
    };
    const CREATION: &str = "the creation of the same process";
    let has = |column: &str| table.schema().position(column).is_some();
    out.push(("InitiatingProcessCommandLine", CREATION, of(|p| &p.command_line)));
    out.push(("InitiatingProcessParentFileName", CREATION, of(|p| &p.parent)));
    out.retain(|(column, ..)| has(column));
    if name == CONNECTIONS {
        let address = cells.text("RemoteIP");
        let asked = (0..rows).map(|row| known.host(&keys(row), address(row), time(row)).map(Into::into)).collect();
        out.push(("RemoteUrl", "the DNS query of the same process", asked));
        let fields = cells.text("AdditionalFields");
        let reverse = (0..rows).map(|row| host_name(fields(row))).collect();
        out.push((
            "RemoteUrl",
            "a reverse look-up of the address, whose name may be another than the one asked for",
            reverse,
        ));
    }
    out
}

/// The name that Sysmon looked up for an address.
fn host_name(fields: &str) -> Option<Arc<str>> {
    if !fields.contains("\"DestinationHostname\"") {
        return None;
    }
    let fields: Value = serde_json::from_str(fields).ok()?;
    fields["DestinationHostname"].as_str().filter(|name| !name.is_empty() && *name != "-").map(Into::into)
}
