//! Adds the rows of Windows events: which table an event is for, and the cells of its row.

use super::event::{System, WindowsEvent};
use super::mapping::{self, Origin, Rule};
use super::own::{self, OwnTable};
use super::values::{self, How, hashes};
use crate::cell;
use crate::naming::Zone;
use crate::problem::Problem;
use crate::report::Collector;
use crate::sink::{ColumnId, Sink, TableId, Typing};
use crate::time_text::{self, TimeRule};
use event_table::{ColumnType, EventIdentity, RecordSpan, TICKS_PER_SECOND};
use rustc_hash::FxHashMap;
use std::hash::{DefaultHasher, Hasher};
use std::num::NonZeroU64;

/// How many kinds of events are remembered; those of further ones are found anew each time.
const MAX_KINDS: usize = 4096;
/// Columns that a log may lack although its tables have them, and where that hides something.
const COMMAND_LINE: &str = "ProcessCommandLine";

/// The rows of a source's Windows events.
#[derive(Default)]
pub(crate) struct Windows {
    kinds: Vec<Kind>,
    by_name: FxHashMap<Box<str>, usize>,
    /// The kind of the event before.
    last: usize,
    own: FxHashMap<&'static str, OwnTable>,
    taken: Vec<bool>,
    name: String,
    rest: String,
    seen: Seen,
    events: u64,
}

/// All events of one provider, channel and number.
struct Kind {
    provider: Box<str>,
    channel: Box<str>,
    event_id: Box<str>,
    short_name: &'static str,
    rules: Vec<Target>,
}

/// A rule, and the columns that its cells are for.
struct Target {
    rule: &'static Rule,
    table: Option<TableId>,
    cells: Vec<TargetCell>,
    action: Option<ColumnId>,
    additional: Option<ColumnId>,
}

struct TargetCell {
    how: How,
    column: ColumnId,
    /// With where each stood in the event before.
    origins: Vec<(Origin, usize)>,
}

/// What a reader of the result should know of the events as a whole.
#[derive(Default)]
struct Seen {
    processes: u64,
    without_command_line: u64,
    connections: u64,
    /// The least and the greatest difference between an event's own time and the record's, in ticks.
    skew: Option<(i64, i64)>,
    /// How many events that is of.
    timed: u64,
}

impl Windows {
    /// Adds the row of an event.
    pub(crate) fn add(&mut self, event: &WindowsEvent, span: RecordSpan, sink: &mut Sink) {
        self.events += 1;
        let kind = self.kind(event);
        self.seen.see_times(event);
        let condition = |rule: &Rule| rule.condition.is_none_or(|(name, value)| event.get(name) == value);
        let short_name = self.kinds[kind].short_name;
        let target = self.kinds[kind].rules.iter_mut().find(|target| condition(target.rule));
        let (table, cells) = match target {
            Some(target) => {
                self.seen.see(target.rule, event);
                let table = target.table(sink);
                sink.make_room(table, span);
                (table, target.add(event, span, sink, &mut self.taken, &mut self.rest))
            }
            None => {
                let name = own::table_name(short_name, event.system(System::Channel));
                let own = self.own.entry(name).or_insert_with(|| {
                    let table = sink.table(name, "its Windows events have no table of their own in Defender");
                    OwnTable::new(table, name == "SecurityEvent", sink)
                });
                let utc = if short_name == "Sysmon" { event.get("UtcTime") } else { "" };
                let time = if utc.is_empty() || utc == "-" { event.system(System::Time) } else { utc };
                (own.table(), own.add(event, time, span, sink))
            }
        };
        let table = sink.table_mut(table);
        if let Some(identity) = identity(event) {
            table.identify(identity);
        }
        table.end_row(span, cells);
    }

    /// How many events were added.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// The kind of an event, as a position.
    fn kind(&mut self, event: &WindowsEvent) -> usize {
        let [provider, channel, id] = [System::Provider, System::Channel, System::EventId].map(|f| event.system(f));
        let is = |kind: &Kind| *kind.provider == *provider && *kind.channel == *channel && *kind.event_id == *id;
        if self.kinds.get(self.last).is_some_and(is) {
            return self.last;
        }
        self.name.clear();
        for part in [provider, "\0", channel, "\0", id] {
            self.name.push_str(part);
        }
        self.last = match self.by_name.get(self.name.as_str()) {
            Some(kind) => *kind,
            None => {
                let short_name = mapping::short_name(event);
                let rules = mapping::rules(short_name, id).map(Target::new).collect();
                let [provider, channel, event_id] = [provider, channel, id].map(Into::into);
                let kind = Kind { provider, channel, event_id, short_name, rules };
                // Of the kinds that are too many, only the newest is there, without its name.
                self.kinds.truncate(MAX_KINDS);
                self.kinds.push(kind);
                if self.kinds.len() <= MAX_KINDS {
                    self.by_name.insert(self.name.as_str().into(), self.kinds.len() - 1);
                }
                self.kinds.len() - 1
            }
        };
        self.last
    }

    /// Tells what the events as a whole do not show.
    pub(crate) fn tell(&self, collector: &mut Collector) {
        let seen = &self.seen;
        if seen.without_command_line > 0 {
            let problem = Problem::NoCommandLines { of: seen.processes };
            collector.warn_times(None, problem, seen.without_command_line);
        }
        if seen.connections > 0 {
            collector.warn_times(None, Problem::NoByteCounts, seen.connections);
        }
        // Whole quarters of an hour are zones; less is the time that an event takes to be written.
        if let Some((least, most)) = seen.skew
            && (least > MIN_SKEW || most < -MIN_SKEW)
        {
            let minutes = |ticks: i64| ticks / (60 * TICKS_PER_SECOND);
            collector.warn(None, Problem::TimesDisagree { minutes: minutes(i64::midpoint(least, most)) });
        }
    }
}

/// The difference between an event's own time and its record's from which on they are said to disagree.
const MIN_SKEW: i64 = 14 * 60 * TICKS_PER_SECOND;

impl Seen {
    fn see(&mut self, rule: &Rule, event: &WindowsEvent) {
        match rule.table {
            "DeviceProcessEvents" => {
                self.processes += 1;
                let has_line = |cell: &mapping::Cell| {
                    cell.column == COMMAND_LINE
                        && cell.origins.iter().any(|o| matches!(o, Origin::Datum(name) if !event.get(name).is_empty()))
                };
                self.without_command_line += u64::from(!rule.cells.iter().any(has_line));
            }
            "DeviceNetworkEvents" => self.connections += 1,
            _ => {}
        }
    }

    fn see_times(&mut self, event: &WindowsEvent) {
        // The rest are like the first.
        const LOOKED_AT: u64 = 1000;
        if self.timed > LOOKED_AT {
            return;
        }
        let time = |text: &str| time_text::parse(text, TimeRule::default());
        if let (Some(own), Some(record)) = (time(event.get("UtcTime")), time(event.system(System::Time))) {
            let skew = own.since(record).ticks();
            let (least, most) = self.skew.unwrap_or((skew, skew));
            self.skew = Some((least.min(skew), most.max(skew)));
            self.timed += 1;
        }
    }
}

/// What tells an event from every other: its number in its channel of its computer.
fn identity(event: &WindowsEvent) -> Option<EventIdentity> {
    let [record, channel, computer] = [System::RecordId, System::Channel, System::Computer].map(|f| event.system(f));
    let record: u64 = record.parse().ok().filter(|_| !channel.is_empty() && !computer.is_empty())?;
    // Of 64 bits on every machine: rows of one identity are taken for one event.
    let mut hasher = DefaultHasher::new();
    hasher.write(channel.to_ascii_lowercase().as_bytes());
    hasher.write_u8(0xFF);
    hasher.write(computer.to_ascii_lowercase().as_bytes());
    hasher.write_u64(record);
    NonZeroU64::new(hasher.finish()).map(EventIdentity)
}

impl Target {
    fn new(rule: &'static Rule) -> Self {
        Self { rule, table: None, cells: Vec::new(), action: None, additional: None }
    }

    /// The table of the rule, whose columns are looked up the first time.
    fn table(&mut self, sink: &mut Sink) -> TableId {
        if let Some(table) = self.table {
            return table;
        }
        let why = format!("{} event {} is a row of that table", self.rule.provider, self.rule.event_id);
        let table = sink.table(self.rule.table, &why);
        let options = sink.options.clone();
        let table_sink = sink.table_mut(table);
        let mut column = |name: &str, ty| table_sink.column(name, Zone::Unsaid, Typing::Understood(ty), &options).0;
        let published = event_table::schema::published(self.rule.table);
        for cell in &self.rule.cells {
            let ty = published.and_then(|s| s.column(cell.column)).map_or(ColumnType::String, |def| def.ty);
            let origins = cell.origins.iter().map(|origin| (*origin, usize::MAX)).collect();
            self.cells.push(TargetCell { how: cell.how, column: column(cell.column, ty), origins });
        }
        self.action = Some(column("ActionType", ColumnType::String));
        self.additional = Some(column("AdditionalFields", ColumnType::String));
        self.table = Some(table);
        table
    }

    /// Adds the cells of an event's row. Returns how many.
    fn add(
        &mut self,
        event: &WindowsEvent,
        span: RecordSpan,
        sink: &mut Sink,
        taken: &mut Vec<bool>,
        rest: &mut String,
    ) -> usize {
        let (Some(table), Some(action), Some(additional)) = (self.table, self.action, self.additional) else {
            return 0;
        };
        let (table, collector) = sink.parts(table);
        taken.clear();
        taken.resize(event.len(), false);
        rest.clear();
        rest.push_str("{\"EventID\":");
        push_number_or_text(rest, event.system(System::EventId));
        table.builder(action).push_str(self.rule.action);
        let mut cells = 2;
        for TargetCell { how, column, origins } in &mut self.cells {
            for (origin, likely) in origins {
                let value = match *origin {
                    Origin::System(field) => event.system(field),
                    Origin::Datum(name) => {
                        let Some(at) = event.position(name, *likely) else { continue };
                        *likely = at;
                        let value = event.datum(at).1;
                        if !is_none(value) {
                            taken[at] = true;
                        }
                        value
                    }
                };
                let made = if is_none(value) { "".into() } else { how.make(value) };
                if made.is_empty() {
                    continue;
                }
                cells += 1;
                let rule = table.rule(*column);
                if let Err(fault) = cell::push(table.builder(*column), &made, rule) {
                    let name = table.def(*column).name.clone();
                    collector.cell(span.line, &name, fault, value);
                }
                break;
            }
        }
        for (at, (name, value)) in event.data().enumerate() {
            if is_none(value) {
                continue;
            }
            if !taken[at] {
                push_member(rest, name, &values::uniform(name, value));
            } else if name == "Hashes" {
                // Defender has no column for the others.
                let others = hashes(value).filter(|(name, _)| !["MD5", "SHA1", "SHA256"].contains(name));
                others.for_each(|(name, hash)| push_member(rest, name, hash));
            }
        }
        rest.push('}');
        table.builder(additional).push_str(rest);
        cells
    }
}

/// Whether a datum says that there is no value.
fn is_none(value: &str) -> bool {
    value.is_empty() || value == "-"
}

fn push_member(json: &mut String, name: &str, value: &str) {
    json.push(',');
    push_text(json, name);
    json.push(':');
    push_text(json, value);
}

fn push_number_or_text(json: &mut String, text: &str) {
    if !text.is_empty()
        && text.len() < 10
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
    {
        json.push_str(text);
    } else {
        push_text(json, text);
    }
}

/// A JSON string.
fn push_text(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|b| b < b' ' || b == b'"' || b == b'\\') {
        json.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            other => json.push_str(&format!("\\u{other:04x}")),
        }
        rest = &rest[at + 1..];
    }
    json.push_str(rest);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where a machine's numbers have 32 bits, as in a browser: of those, two of a million records would be the same.
    #[test]
    fn events_have_identities_of_64_bits() {
        let identity_of = |record: &str, channel: &str, computer: &str| {
            let mut event = WindowsEvent::default();
            event.set(System::RecordId, record);
            event.set(System::Channel, channel);
            event.set(System::Computer, computer);
            identity(&event)
        };
        let all: Vec<u64> = (0..64).map(|n| identity_of(&n.to_string(), "Security", "pc").unwrap().0.get()).collect();
        assert!(all.iter().filter(|identity| **identity > u64::from(u32::MAX)).count() > 60);
        assert_eq!(identity_of("7", "SECURITY", "PC"), identity_of("7", "security", "pc"));
        assert_ne!(identity_of("7", "Security", "pc"), identity_of("7", "System", "pc"));
        assert_eq!(identity_of("7", "", "pc"), None);
    }
}
