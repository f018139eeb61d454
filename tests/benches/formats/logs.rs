//! Logs of each form, made of the generated rows.

use anyhow::{Context as _, Result};
use flate2::Crc;
use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use system_tests::{bench, generator};

/// A log on the disk.
pub(crate) struct Log {
    pub(crate) form: &'static str,
    pub(crate) path: PathBuf,
}

/// A row of the generator: the names and texts of its cells that have any.
type Row = Vec<(&'static str, String)>;

/// The logs, one of each form; EVTX only where the shared data is beside the checkout.
pub(crate) fn all() -> Result<Vec<Log>> {
    let size: Option<u64> = std::env::var("EXFIL_BENCH_MB").ok().and_then(|size| size.parse().ok());
    let mb = |usual: u64| size.unwrap_or(usual) * 1_000_000;
    let mut csv = Vec::new();
    generator::write_csv(20_000, 1, &mut csv)?;
    let rows = rows(&csv)?;
    let folder = bench::folder()?;
    let mut logs = Vec::new();
    let mut add = |form: &'static str, name: &str, write: &dyn Fn(&mut BufWriter<File>) -> Result<()>| -> Result<()> {
        let path = folder.join(name);
        let mut out = BufWriter::new(File::create(&path)?);
        write(&mut out)?;
        out.flush()?;
        logs.push(Log { form, path });
        Ok(())
    };
    add("Defender CSV", "bench.csv", &|out| {
        let (header, body) = csv.split_at(csv.iter().position(|b| *b == b'\n').context("a header")? + 1);
        out.write_all(header)?;
        repeated(out, mb(100), &|out, _| Ok(out.write_all(body).map(|()| body.len() as u64)?))
    })?;
    let lines = |out: &mut BufWriter<File>, size: u64, line: &dyn Fn(usize, &Row) -> String| {
        repeated(out, size, &|out, turn| {
            let mut written = 0;
            for (place, row) in rows.iter().enumerate() {
                let line = line(turn * rows.len() + place, row);
                out.write_all(line.as_bytes())?;
                written += line.len() as u64;
            }
            Ok(written)
        })
    };
    let object =
        |row: &Row| -> Map<String, Value> { row.iter().map(|(name, text)| ((*name).into(), json!(text))).collect() };
    add("NDJSON", "bench.ndjson", &|out| lines(out, mb(500), &|_, row| format!("{}\n", json!(object(row)))))?;
    add("Hunting API response", "bench.json", &|out| {
        out.write_all(b"{\"Schema\":[],\"Results\":[")?;
        lines(out, mb(100), &|n, row| format!("{}{}", if n == 0 { "" } else { ",\n" }, json!(object(row))))?;
        Ok(out.write_all(b"]}")?)
    })?;
    add("Windows event XML", "bench.xml", &|out| lines(out, mb(100), &xml))?;
    add("evtx_dump JSON", "bench-dump.ndjson", &|out| lines(out, mb(100), &evtx_dump))?;
    add("winlogbeat JSON", "bench-beat.ndjson", &|out| lines(out, mb(100), &winlogbeat))?;
    match evtx_chunk() {
        Ok(EvtxChunk { header, chunk, record }) => add("EVTX", "bench.evtx", &|out| {
            out.write_all(&header)?;
            repeated(out, mb(100), &|out, turn| {
                let mut chunk = chunk.clone();
                vary(&mut chunk, &record, turn as u64)?;
                Ok(out.write_all(&chunk).map(|()| chunk.len() as u64)?)
            })
        })?,
        Err(why) => println!("EVTX is left out: {why:#}"),
    }
    Ok(logs)
}

/// Writes something again and again up to a size; `write` is told which time it is.
fn repeated(
    out: &mut BufWriter<File>,
    size: u64,
    write: &dyn Fn(&mut BufWriter<File>, usize) -> Result<u64>,
) -> Result<()> {
    let (mut written, mut turn) = (0, 0);
    while written < size {
        written += write(out, turn)?;
        turn += 1;
    }
    Ok(())
}

/// The rows of a generated CSV.
fn rows(csv: &[u8]) -> Result<Vec<Row>> {
    let text = std::str::from_utf8(csv)?;
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c => cell.push(c),
        }
    }
    let named =
        |row: Vec<String>| generator::COLUMNS.into_iter().zip(row).filter(|(_, text)| !text.is_empty()).collect();
    Ok(rows.into_iter().skip(1).map(named).collect())
}

fn cell<'a>(row: &'a Row, name: &str) -> &'a str {
    row.iter().find(|(known, _)| *known == name).map_or("", |(_, text)| text)
}

/// The Sysmon event that tells of a row: its number and data.
fn event(row: &Row) -> (u32, Vec<(&'static str, String)>) {
    let utc = cell(row, "Timestamp").trim_end_matches('Z').replacen('T', " ", 1);
    let user = format!("CORP\\{}", cell(row, "AccountName"));
    let image = |name: &str| format!("C:\\Program Files\\Tools\\{}", cell(row, name));
    let parent = ("ParentImage", image("InitiatingProcessParentFileName"));
    if cell(row, "Type") == "DeviceNetworkEvents" {
        let host = ("DestinationHostname", cell(row, "RemoteUrl").to_owned());
        let port = ("DestinationPort", cell(row, "RemotePort").to_owned());
        return (3, vec![("UtcTime", utc), ("Image", image("InitiatingProcessFileName")), ("User", user), host, port]);
    }
    let command = ("CommandLine", cell(row, "ProcessCommandLine").to_owned());
    (1, vec![("UtcTime", utc), ("Image", image("FileName")), command, ("User", user), parent])
}

const PROVIDER: &str = "Microsoft-Windows-Sysmon";
const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";

fn xml(record: usize, row: &Row) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (id, data) = event(row);
    let data: String =
        data.iter().map(|(name, text)| format!("<Data Name='{name}'>{}</Data>", escaped(text))).collect();
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{PROVIDER}'/>\
         <EventID>{id}</EventID><TimeCreated SystemTime='{}'/><EventRecordID>{record}</EventRecordID>\
         <Channel>{CHANNEL}</Channel><Computer>{}</Computer></System><EventData>{data}</EventData></Event>\n",
        cell(row, "Timestamp"),
        cell(row, "DeviceName")
    )
}

fn evtx_dump(record: usize, row: &Row) -> String {
    let (id, data) = event(row);
    let data: Map<String, Value> = data.into_iter().map(|(name, text)| (name.into(), json!(text))).collect();
    let system = json!({
        "Provider": {"#attributes": {"Name": PROVIDER}}, "EventID": id, "EventRecordID": record, "Channel": CHANNEL,
        "TimeCreated": {"#attributes": {"SystemTime": cell(row, "Timestamp")}}, "Computer": cell(row, "DeviceName"),
    });
    format!("{}\n", json!({"Event": {"System": system, "EventData": data}}))
}

fn winlogbeat(record: usize, row: &Row) -> String {
    let (id, data) = event(row);
    let data: Map<String, Value> = data.into_iter().map(|(name, text)| (name.into(), json!(text))).collect();
    let winlog = json!({
        "event_id": id, "provider_name": PROVIDER, "channel": CHANNEL, "record_id": record,
        "computer_name": cell(row, "DeviceName"), "event_data": data,
    });
    format!("{}\n", json!({"@timestamp": cell(row, "Timestamp"), "winlog": winlog}))
}

/// Where things stand in a chunk of an EVTX file, by libevtx's description of the format.
const CHUNK: usize = 64 << 10;
const FILE_HEADER: usize = 4 << 10;
const FIRST_RECORD: usize = 512;
/// From the start of a record to the offset of its template's definition, and to the definition.
const TEMPLATE_OFFSET: usize = 34;
const TEMPLATE: usize = 38;
/// The type of a value that is XML in binary form, and from its start to its template's definition.
const BINARY_XML: u8 = 0x21;
const NESTED_TEMPLATE: usize = 14;
/// From the start of a definition to its size, and to its data.
const DEFINITION_SIZE: usize = 20;
const DEFINITION_DATA: usize = 24;

/// Where things stand in a record, and types of values.
const NUMBER: usize = 8;
const TIME: usize = 16;
const TYPE_TEXT: u8 = 0x01;
const TYPE_UINT32: u8 = 0x08;
const TYPE_UINT64: u8 = 0x0A;
const TYPE_GUID: u8 = 0x0F;
const TYPE_FILETIME: u8 = 0x11;

/// The header of an EVTX file, and a chunk that is full of copies of one real record, as a busy log's is: the first has
/// the definition of their template, the others refer to it.
struct EvtxChunk {
    header: Vec<u8>,
    chunk: Vec<u8>,
    /// What the copies are of.
    record: Vec<u8>,
}

/// The values of a template's instance, by the place of their number: their types, and where they stand.
fn values(bytes: &[u8], at: usize) -> Vec<(u8, std::ops::Range<usize>)> {
    let word = |at: usize| usize::from(bytes[at]) | usize::from(bytes[at + 1]) << 8;
    let count = word(at);
    let mut start = at + 4 + 4 * count;
    let value = |value: usize| {
        let descriptor = at + 4 + 4 * value;
        let from = start;
        start += word(descriptor);
        (bytes[descriptor + 2], from..start)
    };
    (0..count).map(value).collect()
}

/// Makes the records of a chunk differ as those of a real log do: in number, time, process and the end of the command
/// line.
fn vary(chunk: &mut [u8], record: &[u8], turn: u64) -> Result<()> {
    let outer = values(record, TEMPLATE);
    let of_type = |values: &[(u8, std::ops::Range<usize>)], wanted: u8| -> Vec<usize> {
        values.iter().filter(|(ty, _)| *ty == wanted).map(|(_, place)| place.start).collect()
    };
    let nested = of_type(&outer, BINARY_XML);
    let inner = values(record, nested.first().context("no event data")? + NESTED_TEMPLATE);
    let texts = inner.iter().filter(|(ty, place)| {
        *ty == TYPE_TEXT && record[place.clone()].chunks(2).filter(|pair| pair == b" \0").count() > 1
    });
    let command_line =
        texts.map(|(_, place)| place.clone()).max_by_key(|place| place.len()).context("no command line")?;
    let line_end = command_line.end - 20;
    let (numbers, times) = (of_type(&outer, TYPE_UINT64), of_type(&outer, TYPE_FILETIME));
    let (process, guid) = (of_type(&inner, TYPE_UINT32), of_type(&inner, TYPE_GUID));
    let first = FIRST_RECORD + number(chunk, FIRST_RECORD + 4);
    let free = number(chunk, 48);
    let per_chunk = ((free - first) / record.len()) as u64 + 1;
    for at in (first..free).step_by(record.len()) {
        let count = turn * per_chunk + ((at - first) / record.len()) as u64 + 2;
        let copy = &mut chunk[at..at + record.len()];
        let mut set = |places: &[usize], bytes: &[u8]| {
            if let Some(place) = places.first() {
                copy[*place..place + bytes.len()].copy_from_slice(bytes);
            }
        };
        let time = u64::from_le_bytes(record[TIME..TIME + 8].try_into()?) + count * 10_000_000;
        set(&[NUMBER], &count.to_le_bytes());
        set(&[TIME], &time.to_le_bytes());
        set(&numbers, &count.to_le_bytes());
        set(&times, &time.to_le_bytes());
        set(&process, &(count as u32 * 4).to_le_bytes());
        set(&guid, &(count * 0x9E37_79B9).to_le_bytes());
        let digits: Vec<u8> = format!("{count:010}").bytes().flat_map(|digit| [digit, 0]).collect();
        set(&[line_end], &digits);
    }
    seal(chunk, free);
    Ok(())
}

fn number(bytes: &[u8], at: usize) -> usize {
    let four: [u8; 4] = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
    u32::from_le_bytes(four) as usize
}

/// Writes the checksums of a chunk.
fn seal(chunk: &mut [u8], free: usize) {
    let sum = |parts: &[&[u8]]| {
        let mut crc = Crc::new();
        parts.iter().for_each(|part| crc.update(part));
        crc.sum().to_le_bytes()
    };
    let of_records = sum(&[&chunk[FIRST_RECORD..free]]);
    chunk[52..56].copy_from_slice(&of_records);
    let of_header = sum(&[&chunk[..120], &chunk[128..512]]);
    chunk[124..128].copy_from_slice(&of_header);
}

fn evtx_chunk() -> Result<EvtxChunk> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("EXFIL_SHARED").map_or_else(|| here.join("shared"), PathBuf::from);
    let folder = shared.join("data/sigma/proc_creation_win_curl_insecure_connection");
    let files = fs::read_dir(&folder).with_context(|| format!("{} is not here", folder.display()))?;
    let file = files.flatten().find(|file| file.path().extension().is_some_and(|e| e == "evtx")).context("no EVTX")?;
    let bytes = fs::read(file.path())?;
    let number = |at: usize| number(&bytes, at);
    let first = FILE_HEADER + FIRST_RECORD;
    let size = number(first + 4);
    let definition = DEFINITION_DATA + number(first + TEMPLATE + DEFINITION_SIZE);
    let mut chunk = bytes.get(FILE_HEADER..FILE_HEADER + FIRST_RECORD + size).context("the file is cut")?.to_vec();
    anyhow::ensure!(number(first + TEMPLATE_OFFSET) == FIRST_RECORD + TEMPLATE, "the record begins with no template");
    let whole = &bytes[first..first + size];
    let mut copy = [&whole[..TEMPLATE], &whole[TEMPLATE + definition..]].concat();
    // The data of the event is a value that has a template of its own, whose definition stands there too.
    let nested = values(&copy, TEMPLATE).into_iter().enumerate().find(|(_, (ty, _))| *ty == BINARY_XML);
    if let Some((nested, (_, place))) = nested {
        let at = place.start + NESTED_TEMPLATE;
        let definition = DEFINITION_DATA + number(first + definition + at + DEFINITION_SIZE);
        copy.drain(at..at + definition);
        let size = ((place.len() - definition) as u16).to_le_bytes();
        copy[TEMPLATE + 4 + 4 * nested..][..2].copy_from_slice(&size);
    }
    // Records are of whole eights, and say their size at both ends.
    let padding = copy.len().next_multiple_of(8) - copy.len();
    let end = copy.len() - 4;
    copy.splice(end..end, std::iter::repeat_n(0, padding));
    let size = (copy.len() as u32).to_le_bytes();
    let end = copy.len() - 4;
    copy[4..8].copy_from_slice(&size);
    copy[end..].copy_from_slice(&size);
    let mut last = 0u64;
    let mut records = 1u64;
    while chunk.len() + copy.len() <= CHUNK {
        last = chunk.len() as u64;
        records += 1;
        copy[8..16].copy_from_slice(&records.to_le_bytes());
        chunk.extend(&copy);
    }
    let free = chunk.len();
    chunk.resize(CHUNK, 0);
    for (at, number) in [(16, records), (32, records)] {
        chunk[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }
    chunk[44..48].copy_from_slice(&(last as u32).to_le_bytes());
    chunk[48..52].copy_from_slice(&(free as u32).to_le_bytes());
    seal(&mut chunk, free);
    Ok(EvtxChunk { header: bytes[..FILE_HEADER].to_vec(), chunk, record: copy })
}
