//! What the tests of whole logs share.

#![allow(
    dead_code,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "each test file uses its part, tells what it could not do, and fails where it cannot go on"
)]

use event_logs::{Encoding, Intake, Options, RecordFinder, RecordPlace, Report, read_bytes};
use event_table::{ColumnIndex, SourceId, Table, TableSet};
use flate2::write::{DeflateEncoder, GzEncoder};
use flate2::{Compression, Crc};
use std::io::Write;

/// Reads a log that is wholly in memory.
pub(crate) fn read(name: &str, bytes: &[u8], options: Options) -> (TableSet, Report) {
    let mut tables = TableSet::new();
    let report = read_bytes(SourceId(1), name, bytes, options, &mut tables);
    (tables, report)
}

/// Reads a file that may be an archive.
pub(crate) fn read_all(name: &str, bytes: &[u8]) -> (TableSet, Vec<Report>) {
    let (mut tables, mut numbers) = (TableSet::new(), 1..);
    let mut next = || SourceId(numbers.next().unwrap());
    let mut intake = Intake::new(name, Options::default());
    bytes.chunks(1 << 20).for_each(|chunk| intake.feed(chunk, &mut tables, &mut next));
    let reports = intake.finish(&mut tables, &mut next);
    (tables, reports)
}

/// The original record of a row, found again in the file.
pub(crate) fn original(table: &Table, row: usize, reports: &[Report], file: &[u8]) -> Option<String> {
    let (batch, at) = table.locate(row)?;
    let report = reports.iter().find(|report| report.source == batch.source())?;
    let mut finder = RecordFinder::new(&RecordPlace::new(report, batch.record(at)?));
    match finder.range() {
        Some(range) => {
            finder.feed(&file[range.start as usize..file.len().min(range.end as usize)]);
        }
        None => file.chunks(1000).take_while(|chunk| finder.feed(chunk)).for_each(drop),
    }
    finder.record().map(|record| record.text)
}

/// The bytes of a file that belongs to nobody's project and is only read where it is; `None`, told, when it is absent.
pub(crate) fn shared(path: &str) -> Option<Vec<u8>> {
    let root = std::env::var_os("EXFIL_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        std::path::PathBuf::from,
    );
    let bytes = std::fs::read(root.join("data").join(path)).ok();
    if bytes.is_none() {
        eprintln!("left out: {path} is not among the shared data");
    }
    bytes
}

/// The bytes of a file beside the tests.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The cells of a row that have a value, as `Column=value`, in the order of the schema. `TimeGenerated` stands there
/// only where it differs from `Timestamp`.
pub(crate) fn row(table: &Table, row: usize) -> String {
    let value = |name: &str| table.schema().position(name).map(|c| table.value(row, c).to_string());
    let time = value("Timestamp");
    let cells = table.schema().columns.iter().enumerate().filter_map(|(i, def)| {
        let text = table.value(row, ColumnIndex::from(i)).to_string();
        let told = text.is_empty() || (&*def.name == "TimeGenerated" && time.as_ref() == Some(&text));
        (!told).then(|| format!("{}={text}", def.name))
    });
    cells.collect::<Vec<_>>().join("|")
}

/// All rows, each as its table's name and [`row`].
pub(crate) fn rows(tables: &TableSet) -> Vec<String> {
    let of =
        |table: &Table| (0..table.len()).map(|i| format!("{}: {}", table.name(), row(table, i))).collect::<Vec<_>>();
    tables.tables().iter().flat_map(of).collect()
}

/// Reading a row's record alone, under the log's header where there is one, gives the row again.
pub(crate) fn records_lead_back(name: &str, tables: &TableSet, bytes: &[u8], encoding: Encoding, text: &str) {
    for table in tables.tables() {
        for i in 0..table.len() {
            let (batch, at) = table.locate(i).unwrap();
            let span = batch.record(at).unwrap();
            let (record, _) = encoding.text(&bytes[span.offset as usize..span.offset as usize + span.len as usize]);
            // The line is the one that holds the record's first line.
            let line = text.lines().nth(span.line as usize - 1).unwrap_or("");
            assert!(line.contains(record.lines().next().unwrap_or("?")), "{name} line {}: {record}", span.line);
            // A response's records have their types, and those in arrays their names too, from the response.
            if record.starts_with('[') || name == "hunting_api.json" {
                continue;
            }
            let header = if record.starts_with(['{', '<']) {
                String::new()
            } else {
                text.lines().find(|line| !line.starts_with("sep=")).unwrap_or("").to_owned() + "\n"
            };
            let options = Options { table: Some(table.name().into()), ..Options::default() };
            let (alone, _) = read("record", (header + &record).as_bytes(), options);
            // Of a table's rows, one may have made a column real that is long in the other's own record.
            let plain =
                |row: String| row.split('|').map(|cell| cell.trim_end_matches(".0").to_owned()).collect::<Vec<_>>();
            assert_eq!(plain(row(alone.get(table.name()).unwrap(), 0)), plain(row(table, i)), "{name}: {record}");
        }
    }
}

/// A text in UTF-16.
pub(crate) fn utf16(text: &str, encoding: Encoding) -> Vec<u8> {
    let bytes = |unit: u16| if encoding == Encoding::Utf16Be { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

/// A gzip archive.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// How a member of an archive is packed, and what lies about it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lies {
    pub(crate) stored: bool,
    pub(crate) descriptor: bool,
    pub(crate) encrypted: bool,
    pub(crate) method: Option<u16>,
    /// Added to the true size.
    pub(crate) size: u32,
    pub(crate) checksum: u32,
    /// Bytes of the data that are cut off.
    pub(crate) cut: usize,
}

/// A zip archive, by PKWARE's APPNOTE.
pub(crate) fn zip(members: &[(&str, &[u8], Lies)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes, lies) in members {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut packed = if lies.stored {
            bytes.to_vec()
        } else {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        packed.truncate(packed.len() - lies.cut);
        let method = lies.method.unwrap_or(if lies.stored { 0 } else { 8 });
        let flags = u16::from(lies.encrypted) | u16::from(lies.descriptor) << 3;
        let sizes = [crc.sum() ^ lies.checksum, packed.len() as u32, bytes.len() as u32 + lies.size];
        out.extend(b"PK\x03\x04\x14\0");
        out.extend([flags, method, 0, 0].map(u16::to_le_bytes).concat());
        out.extend(if lies.descriptor { [0; 3] } else { sizes }.map(u32::to_le_bytes).concat());
        out.extend([name.len() as u16, 0].map(u16::to_le_bytes).concat());
        out.extend(name.as_bytes());
        out.extend(packed);
        if lies.descriptor {
            out.extend(b"PK\x07\x08");
            out.extend(sizes.map(u32::to_le_bytes).concat());
        }
    }
    if !members.is_empty() {
        out.extend(b"PK\x01\x02");
        out.resize(out.len() + 42, 0);
    }
    out.extend(b"PK\x05\x06");
    out.resize(out.len() + 18, 0);
    out
}

/// No lies.
pub(crate) const TRUE: Lies =
    Lies { stored: false, descriptor: false, encrypted: false, method: None, size: 0, checksum: 0, cut: 0 };
