//! What a source is, by what it begins with. Its name is never asked.

use crate::format::json::{
    Field, Kind, Layout, OTHER_DOCUMENT_KEYS, RESULT_KEYS, Scanned, Scanner, TABLE_KEYS, events,
};
use crate::format::windows_xml;
use crate::magic;
use crate::naming::{self, Zone};
use crate::options::Options;
use crate::problem::Problem;
use crate::time_text::{self, TimeRule};
use serde::{Deserialize, Serialize};

/// How many bytes from its start a source is recognised by.
pub(crate) const HEAD: usize = 64 << 10;

/// The form of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The CSV export of Defender's portal.
    DefenderCsv,
    /// The CSV export of Log Analytics and Sentinel.
    LogAnalyticsCsv,
    /// Cells separated by commas, with columns that no published table has.
    Csv,
    /// Cells separated by tabs.
    Tsv,
    /// Cells separated by semicolons.
    SemicolonCsv,
    /// JSON objects, each a record.
    Ndjson,
    /// One JSON object.
    JsonObject,
    /// A JSON array of objects.
    JsonArray,
    /// The response of Defender's or Graph's hunting API: `Schema` and `Results`.
    HuntingResponse,
    /// The response of Log Analytics' API, or of Kusto's first version: tables of columns and rows.
    TablesResponse,
    /// Defender's streaming export, to Event Hubs or storage.
    StreamingExport,

    /// A Windows event log file.
    Evtx,
    /// A gzip archive.
    Gzip,
    /// A zip archive.
    Zip,
    /// A Parquet file.
    Parquet,
    /// The response of Kusto's second version: an array of frames.
    KustoFrames,
    /// Windows events as evtx_dump and chainsaw write them to JSON.
    EvtxJson,
    /// Windows events as winlogbeat and Elastic's agent ship them.
    Winlogbeat,
    /// Windows events with system fields and data beside one another, as NXLog ships them.
    WindowsJson,
    /// Splunk's export as JSON.
    SplunkJson,
    /// Splunk's export as CSV.
    SplunkCsv,
    /// Windows events as XML.
    WindowsXml,
    /// Other XML.
    Xml,
    /// A web page.
    Html,
    /// An image, a program, a document…
    NotALog,
    /// No bytes at all.
    Empty,
    /// Text of no known form.
    Unknown,
}

/// What the position of a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordUnit {
    /// Lines of the log.
    Line,
    /// Records, in a log without lines.
    Record,
}

impl RecordUnit {
    /// The word for one of them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Record => "record",
        }
    }
}

impl Format {
    /// The format's name for a screen.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::DefenderCsv => "Defender CSV",
            Self::LogAnalyticsCsv => "Log Analytics CSV",
            Self::Csv => "CSV",
            Self::Tsv => "Tab-separated",
            Self::SemicolonCsv => "CSV with semicolons",
            Self::Ndjson => "NDJSON",
            Self::JsonObject => "JSON object",
            Self::JsonArray => "JSON array",
            Self::HuntingResponse => "Hunting API response",
            Self::TablesResponse => "Log Analytics response",
            Self::StreamingExport => "Defender streaming export",
            Self::KustoFrames => "Kusto v2 response",
            Self::EvtxJson => "evtx_dump JSON",
            Self::Winlogbeat => "winlogbeat JSON",
            Self::WindowsJson => "Windows event JSON",
            Self::SplunkJson => "Splunk JSON",
            Self::SplunkCsv => "Splunk CSV",
            Self::Evtx => "EVTX",
            Self::Gzip => "gzip",
            Self::Zip => "zip",
            Self::Parquet => "Parquet",
            Self::WindowsXml => "Windows event XML",
            Self::Xml => "XML",
            Self::Html => "HTML",
            Self::NotALog => "Not a log",
            Self::Empty => "Empty",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether sources of this form are read.
    #[must_use]
    pub fn is_read(self) -> bool {
        self.delimiter().is_some() || self.layout().is_some() || matches!(self, Self::WindowsXml | Self::Evtx)
    }

    /// The formats that a text can be read as, whatever it was recognised as.
    pub const CHOICES: [Self; 16] = [
        Self::DefenderCsv,
        Self::LogAnalyticsCsv,
        Self::Csv,
        Self::Tsv,
        Self::SemicolonCsv,
        Self::Ndjson,
        Self::JsonArray,
        Self::HuntingResponse,
        Self::TablesResponse,
        Self::KustoFrames,
        Self::EvtxJson,
        Self::Winlogbeat,
        Self::WindowsJson,
        Self::SplunkJson,
        Self::SplunkCsv,
        Self::WindowsXml,
    ];

    /// Whether sources of this form are text, and could be read as another.
    #[must_use]
    pub fn is_text(self) -> bool {
        !matches!(self, Self::Evtx | Self::Gzip | Self::Zip | Self::Parquet | Self::NotALog | Self::Empty)
    }

    /// What the positions count that are told of its records.
    #[must_use]
    pub fn unit(self) -> RecordUnit {
        if self == Self::Evtx { RecordUnit::Record } else { RecordUnit::Line }
    }

    fn layout(self) -> Option<Layout> {
        match self {
            Self::Ndjson | Self::JsonObject | Self::JsonArray => Some(Layout::Records),
            Self::EvtxJson | Self::Winlogbeat | Self::WindowsJson => Some(Layout::Records),
            Self::SplunkJson => Some(Layout::Results),
            Self::KustoFrames => Some(Layout::Frames),
            Self::HuntingResponse => Some(Layout::Results),
            Self::TablesResponse => Some(Layout::Tables),
            _ => None,
        }
    }

    fn delimiter(self) -> Option<u8> {
        match self {
            Self::DefenderCsv | Self::LogAnalyticsCsv | Self::Csv | Self::SplunkCsv => Some(b','),
            Self::Tsv => Some(b'\t'),
            Self::SemicolonCsv => Some(b';'),
            _ => None,
        }
    }
}

/// What a source was recognised as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognition {
    /// The form.
    pub format: Format,
    /// What shows it, in a sentence.
    pub why: String,
}

impl Recognition {
    fn new(format: Format, why: impl Into<String>) -> Self {
        Self { format, why: why.into() }
    }
}

/// How a source is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    Delimited(u8),
    Json(Layout),
    WindowsXml,
    Evtx,
    /// Not at all.
    Nothing(Problem),
}

/// What a source is, from the bytes it begins with; `head` is the whole source when that is shorter than [`HEAD`].
pub(crate) fn recognise_bytes(head: &[u8]) -> Option<(Recognition, Problem)> {
    if head.is_empty() {
        return Some((Recognition::new(Format::Empty, "It has no bytes."), Problem::EmptyFile));
    }
    if head.iter().all(|b| *b == 0) {
        return Some((Recognition::new(Format::NotALog, "It begins with NUL bytes only."), Problem::OnlyNul));
    }
    let (format, what) = magic::of(head)?;
    let problem = if format == Format::NotALog { Problem::NotALog(what) } else { Problem::NotRead(what) };
    Some((Recognition::new(format, format!("It begins with the bytes of {what}.")), problem))
}

/// Whether a source is a Windows event log file, from the bytes it begins with.
pub(crate) fn recognise_evtx(head: &[u8]) -> Option<Recognition> {
    let (format, what) = magic::of(head)?;
    (format == Format::Evtx).then(|| Recognition::new(format, format!("It begins with the bytes of {what}.")))
}

/// What a text is, from its beginning in UTF-8.
pub(crate) fn recognise_text(head: &[u8], options: &Options) -> (Recognition, Recognised) {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start();
    if let Some(format) = options.format.filter(|f| f.is_read()) {
        let recognised = by_choice(format, text);
        return (Recognition::new(format, "It was chosen."), recognised);
    }
    if text.is_empty() {
        return (
            Recognition::new(Format::Empty, "It has nothing but spaces."),
            Recognised::Nothing(Problem::EmptyFile),
        );
    }
    let found = markup(text).or_else(|| json(text)).or_else(|| json_below(text)).or_else(|| delimited(text));
    found.or_else(|| events_below(text)).unwrap_or_else(|| {
        (
            Recognition::new(Format::Unknown, "Its beginning is of no known form."),
            Recognised::Nothing(Problem::NotRecognised),
        )
    })
}

fn by_choice(format: Format, text: &str) -> Recognised {
    match format {
        Format::WindowsXml => return Recognised::WindowsXml,
        // What does not begin as one is none, whatever was chosen.
        Format::Evtx => return Recognised::Nothing(Problem::NotEvtx),
        _ => {}
    }
    match (format.delimiter(), format.layout(), json(text)) {
        (Some(delimiter), ..) => Recognised::Delimited(delimiter),
        (_, Some(layout), _) => Recognised::Json(layout),
        // Streaming records come both in objects that hold many and one after the other.
        (_, None, Some((_, Recognised::Json(layout)))) => Recognised::Json(layout),
        _ => Recognised::Json(Layout::Records),
    }
}

/// JSON in one of its arrangements.
fn json(text: &str) -> Option<(Recognition, Recognised)> {
    let as_json = |format, why: &str, layout| Some((Recognition::new(format, why), Recognised::Json(layout)));
    let first = text.strip_prefix('[').map_or(text, str::trim_start);
    if text.starts_with('[') && first.starts_with(']') {
        return as_json(Format::JsonArray, "It is a JSON array without elements.", Layout::Records);
    }
    if !first.starts_with('{') {
        return None;
    }
    // A first line that breaks off says nothing of those below it, which are records by themselves.
    let line = text.lines().next().unwrap_or("").trim_end();
    if Scanner::default().scan(line.as_bytes()) != Scanned::Whole(line.len())
        && let Some(found) = json_below(text)
    {
        return Some(found);
    }
    let mut scanner = Scanner::default();
    let scanned = scanner.scan(first.as_bytes());
    let part = |(start, end): (u32, u32)| first.get(start as usize..end as usize).unwrap_or("");
    let has_key = |wanted: &str| scanner.fields.iter().any(|f| part(f.key) == wanted);
    let is_streamed = |text: &str| {
        let category = text.find("\"category\"").map(|at| text[at + 10..].trim_start_matches([' ', ':']));
        category.is_some_and(|value| value.starts_with("\"AdvancedHunting-"))
    };
    if text.starts_with('[') {
        if has_key("FrameType") {
            return as_json(Format::KustoFrames, "It is a JSON array of frames.", Layout::Frames);
        }
        if let Some((format, why)) = events::form_of(first, &scanner.fields, scanner.open) {
            return as_json(format, why, Layout::Records);
        }
        let streamed = is_streamed(first);
        let format = if streamed { Format::StreamingExport } else { Format::JsonArray };
        return as_json(format, "It is a JSON array of objects.", Layout::Records);
    }
    // A key that no response has shows that the object is a record itself.
    let deciding = scanner.fields.iter().chain(&scanner.open).find(|f| !OTHER_DOCUMENT_KEYS.contains(&part(f.key)));
    if let Some(field) = deciding.filter(|f| f.kind == Kind::Array) {
        let key = part(field.key);
        let elements = first[field.value.0 as usize + 1..].trim_start();
        if elements.starts_with(['{', ']']) && TABLE_KEYS.contains(&key) {
            return as_json(
                Format::TablesResponse,
                &format!("It is a JSON object with an array of {key}."),
                Layout::Tables,
            );
        }
        if elements.starts_with(['{', ']']) && RESULT_KEYS.contains(&key) {
            let streamed = is_streamed(elements);
            let format = match () {
                () if streamed => Format::StreamingExport,
                () if elements.contains("\"_raw\"") => Format::SplunkJson,
                () => Format::HuntingResponse,
            };
            return as_json(format, &format!("It is a JSON object with an array of {key}."), Layout::Results);
        }
    }
    if deciding.is_some_and(|f| f.kind == Kind::Object && part(f.key) == "hits") {
        return as_json(
            Format::Winlogbeat,
            "It is a JSON object with hits, as Elasticsearch answers.",
            Layout::Results,
        );
    }
    if deciding.is_none() && matches!(scanner.open, Some(Field { kind: Kind::Array, .. })) {
        // The columns of a response alone fill the beginning.
        return as_json(Format::HuntingResponse, "It is a JSON object that begins with a schema.", Layout::Results);
    }
    if is_streamed(first) {
        return as_json(Format::StreamingExport, "It has JSON objects of a category AdvancedHunting.", Layout::Records);
    }
    if let Some((format, why)) = events::form_of(first, &scanner.fields, scanner.open) {
        return as_json(format, why, Layout::Records);
    }
    match scanned {
        Scanned::Whole(length) if first[length..].trim().is_empty() && text.len() < HEAD => {
            as_json(Format::JsonObject, "It is one JSON object.", Layout::Records)
        }
        _ => as_json(Format::Ndjson, "It has JSON objects one after the other.", Layout::Records),
    }
}

/// Records of JSON under a first line that is none: one that was broken, or a note of who wrote the file.
fn json_below(text: &str) -> Option<(Recognition, Recognised)> {
    let (first, rest) = text.split_once('\n')?;
    let mut lines = rest.lines().map(str::trim_end).filter(|line| !line.is_empty());
    let is_record =
        |line: &str| line.starts_with('{') && Scanner::default().scan(line.as_bytes()) == Scanned::Whole(line.len());
    // The last line may be cut off by the end of what is looked at. A column of objects has its name above them.
    if !lines.next().is_some_and(is_record)
        || !lines.take(4).all(|line| line.starts_with('{'))
        || is_known(first.trim())
    {
        return None;
    }
    let (mut recognition, recognised) = json(rest.trim_start())?;
    recognition.why.push_str(" Its first line is none.");
    Some((recognition, recognised)).filter(|(_, r)| *r == Recognised::Json(Layout::Records))
}

/// Web pages and XML.
fn markup(text: &str) -> Option<(Recognition, Recognised)> {
    let begins = |with: &str| text.get(..with.len()).is_some_and(|t| t.eq_ignore_ascii_case(with));
    if begins("<!doctype html") || begins("<html") {
        let recognition = Recognition::new(Format::Html, "It begins as a web page does.");
        let what = "a web page (HTML), perhaps a sign-in page that was saved in the log's place";
        return Some((recognition, Recognised::Nothing(Problem::NotALog(what))));
    }
    let events = |why: &str| Some((Recognition::new(Format::WindowsXml, why), Recognised::WindowsXml));
    let has_events = windows_xml::find_opening(text.as_bytes()).is_some();
    // An event inside of JSON or of a cell is a text there; a first line that is JSON but for a broken beginning has those
    // below it, which are.
    let first_line = text.split(['\n', '\r']).next().unwrap_or("");
    let has_events = has_events && json_below(text).is_none();
    if has_events && text.starts_with('<') {
        return events("It has Event elements, as Windows writes events to XML.");
    }
    let in_lines = !text.starts_with(['{', '[']) && windows_xml::find_opening(first_line.as_bytes()).is_some();
    if has_events && in_lines {
        return events("Its lines hold Event elements, as Windows writes events to XML.");
    }
    if begins("<Events") {
        return events("It begins as Event Viewer's export of events does.");
    }
    if begins("<?xml") {
        let recognition = Recognition::new(Format::Xml, "It begins as XML does.");
        return Some((recognition, Recognised::Nothing(Problem::NotRead("XML"))));
    }
    None
}

/// Windows events under text that is of no form: the first one may be broken.
fn events_below(text: &str) -> Option<(Recognition, Recognised)> {
    windows_xml::find_opening(text.as_bytes())?;
    let why = "It has Event elements, as Windows writes events to XML, under text that is no log.";
    Some((Recognition::new(Format::WindowsXml, why), Recognised::WindowsXml))
}

/// The column of Splunk's exports that holds the original record.
pub(crate) const RAW: &str = "_raw";

/// The first line as a header.
fn delimited(text: &str) -> Option<(Recognition, Recognised)> {
    let hinted = text.strip_prefix("sep=").and_then(|rest| rest.bytes().next());
    let text = if hinted.is_some() { text.split_once(['\n', '\r'])?.1.trim_start() } else { text };
    let header = text.split(['\n', '\r']).next().unwrap_or("");
    let fields =
        |delimiter: char| -> Vec<&str> { header.split(delimiter).map(|cell| cell.trim().trim_matches('"')).collect() };
    let known = |fields: &[&str]| fields.iter().filter(|f| is_known(f)).count();
    // The delimiter that gives the most known names, then the most names; the header decides, not what cells hold.
    let sniffed = [',', '\t', ';'].into_iter().rev().max_by_key(|d| (known(&fields(*d)), fields(*d).len()))?;
    let delimiter = match hinted {
        Some(hint @ (b',' | b'\t' | b';')) => hint,
        _ => sniffed as u8,
    };
    let names = fields(delimiter.into());
    let is_splunk = names.contains(&RAW);
    let known = known(&names) + usize::from(is_splunk);
    // No cells begin as events do: what stands above them is none of theirs, and no header.
    if known == 0 && text.lines().any(|line| windows_xml::find_opening(line.trim_start().as_bytes()) == Some(0)) {
        return None;
    }
    if known == 0 && names.iter().any(|name| is_value(name)) {
        let recognition = Recognition::new(Format::Unknown, "Its first line holds values and no column names.");
        return Some((recognition, Recognised::Nothing(Problem::NoHeader)));
    }
    if known == 0 && !is_regular(text, delimiter, names.len()) {
        return None;
    }
    let between = match delimiter {
        b'\t' => "tabs",
        b';' => "semicolons",
        _ => "commas",
    };
    let zoned = names.iter().any(|name| naming::split_zone(name).1 != Zone::Unsaid);
    let from_sentinel =
        zoned || names.contains(&"TimeGenerated") && (names.contains(&"Type") || names.contains(&"TenantId"));
    let format = match delimiter {
        b'\t' => Format::Tsv,
        b';' => Format::SemicolonCsv,
        _ if is_splunk => Format::SplunkCsv,
        _ if from_sentinel => Format::LogAnalyticsCsv,
        _ if known > 0 => Format::DefenderCsv,
        _ => Format::Csv,
    };
    let columns = match names.len() {
        1 => "one column name".into(),
        // The header goes on beyond what was looked at.
        count if header.len() == text.len() && text.len() > HEAD / 2 => format!("{count} column names or more"),
        count => format!("{count} column names"),
    };
    let why = match known {
        _ if is_splunk => format!(
            "Its first line has {columns} with {between} between them, and _raw is one, as in Splunk's exports."
        ),
        0 => format!("Its first line has {columns} with {between} between them, and so many cells have its rows."),
        known => format!("Its first line has {columns} with {between} between them, of which {known} are Defender's."),
    };
    Some((Recognition::new(format, why), Recognised::Delimited(delimiter)))
}

/// Whether a header is a column of a published table.
fn is_known(header: &str) -> bool {
    naming::published_anywhere(naming::split_zone(header).0).is_some()
}

/// Whether a text is a time or number, as no column's name is.
fn is_value(text: &str) -> bool {
    text.parse::<f64>().is_ok() || time_text::parse(text, TimeRule::default()).is_some()
}

/// Whether the first lines after the header have as many cells as it, which must be two at least.
fn is_regular(text: &str, delimiter: u8, columns: usize) -> bool {
    let mut lines = text.split(['\n', '\r']).skip(1).filter(|line| !line.is_empty()).take(5).peekable();
    let cells = |line: &str| {
        let mut quoted = false;
        1 + line
            .bytes()
            .filter(|b| {
                quoted ^= *b == b'"';
                *b == delimiter && !quoted
            })
            .count()
    };
    columns > 1
        && lines.peek().is_some()
        && lines.all(|line| cells(line) == columns || line.matches('"').count() % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_under_whatever_was_left_of_the_first() {
        let event = "<Event xmlns='x'>\n  <System>\n    <EventID>1</EventID>\n  </System>\n</Event>\n";
        for first in ["8\n", "a,b\n", "Event xmlns='x'>\n</Event>\n", "12,3\n\n"] {
            let text = first.to_owned() + event;
            assert_eq!(recognise_text(text.as_bytes(), &Options::default()).0.format, Format::WindowsXml, "{text}");
        }
    }

    #[test]
    fn json_lines_with_events_in_them_stay_json_under_a_broken_first_line() {
        let line = "{\"preview\": false, \"result\": {\"_raw\": \"<Event xmlns='x'><System/></Event>\"}}\n";
        let broken = line.replacen("{\"preview", "m\"preview", 1);
        for (text, format) in [
            (line.repeat(3), Format::SplunkJson),
            (broken.clone() + &line.repeat(2), Format::SplunkJson),
            (line.replacen('{', "<", 1) + &line.repeat(2), Format::SplunkJson),
            // Of an array that is not closed on it, the first line is not the beginning of a response.
            (line.replacen("false", "[ false", 1)[..60].to_owned() + "\n" + &line.repeat(2), Format::SplunkJson),
            ("{\"results\": [{\"a\": 1,\n".to_owned() + &"{\"a\": 1}\n".repeat(2), Format::Ndjson),
            ("{\"results\": [\n{\"a\": 1},\n{\"a\": 2}\n]}\n".to_owned(), Format::HuntingResponse),
            // Lines of text around events, which are no JSON, are read for their events.
            (broken.repeat(3), Format::WindowsXml),
        ] {
            assert_eq!(recognise_text(text.as_bytes(), &Options::default()).0.format, format, "{text}");
        }
    }
}
