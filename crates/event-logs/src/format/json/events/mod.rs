//! Windows events in the JSON that tools make of them.
//!
//! | shape | whose | told by |
//! |---|---|---|
//! | `{"Event":{"System":{…},"EventData":{…}}}` | evtx_dump, chainsaw (which wraps it, and writes `…_attributes`) | `Event` with `System` |
//! | `{"winlog":{"event_id":…,"event_data":{…}}}` | winlogbeat, Elastic's exports (under `_source`) | `winlog`; of version 6 `event_data` beside `event_id` |
//! | `{"EventID":1,"SourceName":…,"CommandLine":…}` | NXLog, OTRF's data sets | `EventID` beside `SourceName` or `Channel` and no table's name |
//! | a text that is an `<Event>` or the lines of one | Splunk's `_raw`, and any other key | the text |

mod dump;
mod flat;
mod winlog;

use super::scan::{Field, Kind, Scanner};
use super::text::unescaped;
use crate::recognise::Format;
use crate::windows::text::read_text;
use crate::windows::xml::{EventReader, XmlFault};
use crate::windows::{System, WindowsEvent};

/// How deeply the parts of an event are looked into.
const MAX_NESTING: usize = 16;

/// An object or array of a record, and what is directly inside.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) fields: &'a [Field],
}

/// A member of a part.
#[derive(Clone, Copy)]
pub(super) struct Member<'a> {
    /// As it stands in the source; empty for an element of an array.
    pub(super) key: &'a str,
    pub(super) kind: Kind,
    /// As it stands in the source; of a string, what is between the quotes.
    pub(super) value: &'a str,
}

impl<'a> Part<'a> {
    pub(super) fn members(self) -> impl Iterator<Item = Member<'a>> {
        self.fields.iter().map(move |field| {
            let part = |(start, end): (u32, u32)| self.text.get(start as usize..end as usize).unwrap_or("");
            Member { key: part(field.key), kind: field.kind, value: part(field.value) }
        })
    }

    pub(super) fn member(self, key: &str) -> Option<Member<'a>> {
        self.members().find(|m| m.key == key)
    }

    pub(super) fn object(self, key: &str) -> Option<Member<'a>> {
        self.members().find(|m| m.kind == Kind::Object && m.key == key)
    }
}

impl Member<'_> {
    fn is_container(&self) -> bool {
        matches!(self.kind, Kind::Object | Kind::Array)
    }
}

/// Calls back with what is directly inside an object or array; scanners are used again for others as deep.
fn inside<T>(
    member: &Member<'_>,
    depth: usize,
    spare: &mut Vec<Scanner>,
    with: impl FnOnce(Part<'_>, &mut Vec<Scanner>) -> T,
) -> Option<T> {
    if depth >= MAX_NESTING || !member.is_container() {
        return None;
    }
    let mut scanner = spare.pop().unwrap_or_default();
    scanner.scan(member.value.as_bytes());
    let result = with(Part { text: member.value, fields: &scanner.fields }, spare);
    spare.push(scanner);
    Some(result)
}

/// The text that a scalar is; nothing for null and for what has parts.
fn scalar<'a>(member: &Member<'a>, scratch: &'a mut String) -> &'a str {
    match member.kind {
        Kind::String(true) => unescaped(member.value, scratch),
        Kind::Null | Kind::Object | Kind::Array => "",
        _ => member.value,
    }
}

/// What a record is found to be.
pub(super) enum Found {
    /// No Windows event.
    Nothing,
    Event,
    Broken(XmlFault),
}

/// Reads the Windows events that records are, with memory that is used again.
#[derive(Default)]
pub(super) struct Events {
    pub(super) event: WindowsEvent,
    xml: EventReader,
    spare: Vec<Scanner>,
    scratch: String,
    text: String,
}

/// What the keys of a record let expect.
#[derive(Default)]
struct Hints {
    event: bool,
    winlog: bool,
    flat: bool,
    /// The positions of what may hold the event whole.
    wrapper: Option<usize>,
    text: Option<usize>,
}

impl Hints {
    fn of(record: Part<'_>) -> Self {
        let mut hints = Self::default();
        let (mut has_id, mut has_source, mut names_a_table) = (false, false, false);
        for (at, member) in record.members().enumerate() {
            match (member.kind, member.key) {
                (Kind::Object, "Event") => hints.event = true,
                (Kind::Object, "winlog" | "event_data") | (_, "winlog.event_id") => hints.winlog = true,
                (Kind::Object, "_source" | "result" | "document" | "data") => hints.wrapper = Some(at),
                (Kind::String(_) | Kind::Number, "EventID" | "EventId" | "EventCode") => has_id = true,
                (Kind::String(_), "SourceName" | "Channel" | "Provider_Name" | "ProviderName" | "LogName") => {
                    has_source = true;
                }
                // So are rows of Log Analytics' tables of events.
                (_, "Type" | "$table" | "TableName" | "SourceTable" | "EventSourceName" | "TimeGenerated") => {
                    names_a_table = true;
                }
                (Kind::String(_), "_raw") if hints.text.is_none() => hints.text = Some(at),
                (Kind::String(_), _) if member.value.starts_with("<Event") => hints.text = Some(at),
                _ => {}
            }
        }
        hints.flat = has_id && has_source && !names_a_table;
        hints
    }
}

/// The form that a source has whose first record this is, when it is one of Windows events.
pub(crate) fn form_of(text: &str, fields: &[Field], open: Option<Field>) -> Option<(Format, &'static str)> {
    let mut fields = fields.to_vec();
    // Where the record is not all there, what is open goes on to the end.
    fields.extend(open.map(|field| Field { value: (field.value.0, text.len() as u32), ..field }));
    let record = Part { text, fields: &fields };
    let hints = Hints::of(record);
    let wrapper = hints.wrapper.and_then(|at| record.members().nth(at));
    let text = hints.text.and_then(|at| record.members().nth(at));
    let is_raw = |member: &Member<'_>| member.key == "_raw";
    Some(match () {
        () if hints.event && record.object("Event").is_some_and(|e| e.value.contains("\"System\"")) => {
            (Format::EvtxJson, "Its objects have Event and System, as evtx_dump and chainsaw write events.")
        }
        () if hints.winlog => {
            (Format::Winlogbeat, "Its objects have winlog or event_data, as winlogbeat writes events.")
        }
        () if text.as_ref().is_some_and(is_raw) => {
            (Format::SplunkJson, "Its objects have _raw, as Splunk's exports do.")
        }
        () if text.is_some() => (Format::Ndjson, "Its objects hold Windows events as XML."),
        () if wrapper.is_some_and(|w| w.key == "result" && w.value.contains("\"_raw\"")) => {
            (Format::SplunkJson, "Its objects have a result with _raw, as Splunk's exports do.")
        }
        () if wrapper.is_some_and(|w| w.key == "_source" && w.value.contains("\"winlog\"")) => {
            (Format::Winlogbeat, "Its objects have winlog under _source, as Elastic's exports do.")
        }
        () if wrapper.is_some_and(|w| w.key == "document" && w.value.contains("\"System\"")) => {
            (Format::EvtxJson, "Its objects have a document with an Event, as chainsaw writes what it finds.")
        }
        () if hints.flat => (Format::WindowsJson, "Its objects have EventID beside SourceName or Channel."),
        () => return None,
    })
}

impl Events {
    /// Reads the Windows event that a record is.
    pub(super) fn read(&mut self, record: Part<'_>) -> Found {
        self.read_at(record, 0)
    }

    fn read_at(&mut self, record: Part<'_>, depth: usize) -> Found {
        let hints = Hints::of(record);
        if !(hints.event || hints.winlog || hints.flat || hints.wrapper.is_some() || hints.text.is_some()) {
            return Found::Nothing;
        }
        if hints.event && dump::read(record, &mut self.event, &mut self.spare, &mut self.scratch) {
            return Found::Event;
        }
        if hints.winlog && winlog::read(record, &mut self.event, &mut self.spare, &mut self.scratch) {
            return Found::Event;
        }
        if let Some(member) = hints.text.and_then(|at| record.members().nth(at)) {
            match self.read_text(&member) {
                Found::Nothing => {}
                found => {
                    // Classic collectors write the time without its zone; Splunk's own has it.
                    if let Some(time) = record.member("_time").filter(|_| !member.value.starts_with("<Event")) {
                        self.event.set(System::Time, scalar(&time, &mut self.scratch));
                    }
                    return found;
                }
            }
        }
        if let Some(member) = hints.wrapper.and_then(|at| record.members().nth(at))
            && depth < MAX_NESTING
        {
            let mut scanner = self.spare.pop().unwrap_or_default();
            scanner.scan(member.value.as_bytes());
            let found = self.read_at(Part { text: member.value, fields: &scanner.fields }, depth + 1);
            self.spare.push(scanner);
            if !matches!(found, Found::Nothing) {
                return found;
            }
        }
        if hints.flat {
            flat::read(record, &mut self.event, &mut self.scratch);
            return Found::Event;
        }
        Found::Nothing
    }

    fn read_text(&mut self, member: &Member<'_>) -> Found {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        text.push_str(scalar(member, &mut self.scratch));
        let found = read_text(&text, &mut self.xml, &mut self.event);
        self.text = text;
        match found {
            None => Found::Nothing,
            Some(Ok(())) => Found::Event,
            Some(Err(fault)) => Found::Broken(fault),
        }
    }
}

/// Adds what a value is, under a name: of an object its innermost members, of an array its elements.
fn add(
    name: &str,
    member: &Member<'_>,
    depth: usize,
    event: &mut WindowsEvent,
    spare: &mut Vec<Scanner>,
    scratch: &mut String,
) {
    if !member.is_container() {
        event.add(name, scalar(member, scratch));
        return;
    }
    let is_array = member.kind == Kind::Array;
    let whole = inside(member, depth, spare, |part, spare| {
        for inner in part.members() {
            let name = if is_array || inner.key == "#text" { name } else { inner.key };
            if inner.key != "#attributes" && !inner.key.ends_with("_attributes") {
                add(name, &inner, depth + 1, event, spare, scratch);
            }
        }
    });
    if whole.is_none() {
        event.add(name, member.value);
    }
}

/// Sets a system field to what a member is: a scalar, or an object's `#text`.
fn set(field: System, member: &Member<'_>, event: &mut WindowsEvent, spare: &mut Vec<Scanner>, scratch: &mut String) {
    if member.kind == Kind::Object {
        inside(member, 0, spare, |part, _| {
            if let Some(text) = part.member("#text") {
                event.set(field, scalar(&text, scratch));
            }
        });
    } else {
        event.set(field, scalar(member, scratch));
    }
}
