//! What is told of input that is bad: one section of `golden/bad_input.txt` for each case.
//!
//! The file is written anew with `UPDATE_GOLDEN=1`; its changes are to be read like code.

mod support;

use event_logs::{Code, Finding, Options, Report};
use std::fmt::Write;
use support::{Lies, TRUE, gzip, read, read_all, rows, zip};

const HEADER: &str = "Timestamp,DeviceName,RemoteUrl,BytesSent\n";
const GOOD: &str = "2025-06-01T09:30:35Z,first,https://github.com,1\n";
const LAST: &str = "2025-06-01T09:30:36Z,last,https://github.com,2\n";

/// A log with good rows around the bad part.
fn around(bad: &[u8]) -> Vec<u8> {
    [HEADER.as_bytes(), GOOD.as_bytes(), bad, LAST.as_bytes()].concat()
}

fn object(name: &str) -> String {
    format!("{{\"Timestamp\":\"2025-06-01T09:30:35Z\",\"DeviceName\":\"{name}\",\"RemoteUrl\":\"x\"}}")
}

/// A log whose first chunk is none, and whose second has a record that is none.
fn damaged_evtx() -> Vec<u8> {
    let mut file = vec![0; 4096 + 2 * 65_536];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[4096..4100].copy_from_slice(b"junk");
    let chunk = &mut file[4096 + 65_536..];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    let mut set = |at: usize, value: u32| chunk[at..at + 4].copy_from_slice(&value.to_le_bytes());
    // The header's length, the last record's place and the free space; then a record of 64 bytes.
    for (at, value) in [(40, 128), (44, 512), (48, 576), (512, 0x2A2A), (516, 64), (520, 1), (532, 0x01D5_0000)] {
        set(at, value);
    }
    chunk[536..572].fill(0xEE);
    file
}

fn event(id: u32, computer: &str, time: &str) -> String {
    let provider = if id == 4688 { "Microsoft-Windows-Security-Auditing" } else { "Microsoft-Windows-Sysmon" };
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{provider}'/>\
         <EventID>{id}</EventID><TimeCreated SystemTime='{time}'/><Computer>{computer}</Computer></System>\
         <EventData><Data Name='UtcTime'>2025-06-01 09:30:35.000</Data></EventData></Event>\n"
    )
}

fn cases() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let columns = (0..10_000).map(|i| format!("Column_{i}")).collect::<Vec<_>>();
    let cells = (0..10_000).map(|i| i.to_string()).collect::<Vec<_>>();
    let wide = format!("Timestamp,{}\n2025-06-01T09:30:35Z,{}\n", columns.join(","), cells.join(","));
    let long_line = format!("2025-06-01T09:30:35Z,long,{},3\n", "u".repeat(100_000_000));
    let swallowed = format!("2025-06-01T09:30:35Z,\"stray,https://gitlab.com,1\n{}", GOOD.repeat(500));
    let deep =
        format!("{}\n{{\"a\":{}1{}}}\n{}\n", object("first"), "[".repeat(5000), "]".repeat(5000), object("last"));
    let many_columns: Vec<String> = (0..17_000).map(|i| format!("c{i}")).collect();
    let many_keys: Vec<String> = (0..3000).map(|i| format!("\"k{i}\":{i}")).collect();
    let many_tables: String = (0..300).map(|i| format!("2025-06-01T09:30:35Z,T{i}\n")).collect();
    const TIME: &str = "2025-06-01T09:30:35.1Z";
    let [first_event, last_event] = ["first", "last"].map(|name| event(11, name, TIME));
    let text = |text: String| text.into_bytes();
    vec![
        ("an empty file", "a.csv", Vec::new()),
        ("a file of spaces", "a.csv", b" \n\n ".to_vec()),
        ("a file of NUL bytes", "a.csv", vec![0; 4096]),
        ("a PNG image named .csv", "a.csv", b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\0\x01".to_vec()),
        ("a PDF document", "a.csv", b"%PDF-1.7\n%\xE2\xE3".to_vec()),
        ("a Windows program", "a.csv", [&b"MZ\x90\0\x03"[..], &[0; 60]].concat()),
        ("the beginning of a Windows event log", "a.evtx", b"ElfFile\0\0\0\0\0".to_vec()),
        ("a Windows event log with damaged chunks", "a.evtx", damaged_evtx()),
        ("a Parquet file", "a.parquet", b"PAR1\x15\x04".to_vec()),
        ("the beginning of a zip archive", "a.zip", b"PK\x03\x04\x14\0".to_vec()),
        ("the beginning of a gzip archive", "a.csv.gz", b"\x1F\x8B\x08\0".to_vec()),
        (
            "a zip archive that lies",
            "a.zip",
            zip(&[
                ("../a.csv", HEADER.as_bytes(), Lies { size: 1_000_000, ..TRUE }),
                ("b.csv", HEADER.as_bytes(), Lies { encrypted: true, ..TRUE }),
                ("c.csv", HEADER.as_bytes(), Lies { method: Some(14), ..TRUE }),
                ("d.csv", HEADER.as_bytes(), Lies { checksum: 1, ..TRUE }),
                ("e.zip", &zip(&[("f.zip", &zip(&[]), TRUE)]), TRUE),
            ]),
        ),
        ("a gzip archive of nothing but spaces", "a.csv.gz", gzip(&vec![b' '; 100 << 20])),
        ("an event without a number", "a.xml", text(format!("<Events>{first_event}<Event/>{last_event}</Events>"))),
        (
            "an event whose number fits nowhere",
            "a.xml",
            text(format!("{first_event}{}{last_event}", event(4688, "x", TIME).replace("4688", "4658000000000"))),
        ),
        ("XML without events", "a.xml", b"<?xml version=\"1.0\"?><rss/>".to_vec()),
        ("an export without events", "a.xml", b"<Events></Events>".to_vec()),
        (
            "broken events",
            "a.xml",
            text(format!("{first_event}<Event><System></Event>\n<Event><System><EventID>1\n{last_event}")),
        ),
        ("an event that is cut off", "a.xml", text(format!("{first_event}{last_event}<Event><System><EventID>1"))),
        ("events amid text", "a.txt", text(format!("Jun 1 ws-01 {first_event}Jun 1 ws-01 {last_event}"))),
        (
            "processes without command lines and connections",
            "a.xml",
            text([event(4688, "first", TIME), event(3, "last", TIME), event(3, "last", TIME)].concat()),
        ),
        ("times that disagree", "a.xml", text(event(11, "first", "2025-06-01T11:30:35.1Z"))),
        ("a sign-in page", "a.csv", b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>".to_vec()),
        ("prose", "a.csv", b"Dear colleague,\n\nplease find attached the export, as discussed.\n\nRegards".to_vec()),
        (
            "rows without a header",
            "a.csv",
            b"2025-06-01T09:30:35Z,pc1,git.exe\n2025-06-01T09:30:36Z,pc2,git.exe\n".to_vec(),
        ),
        ("a header alone", "a.csv", text(HEADER.into())),
        ("a header twice", "a.csv", around(HEADER.as_bytes())),
        (
            "ragged rows",
            "a.csv",
            around(b"2025-06-01T09:30:35Z,few\n2025-06-01T09:30:35Z,many,x,1,y\n2025-06-01T09:30:35Z,empties,x,1,,\n"),
        ),
        ("a last line that is cut off", "a.csv", text(format!("{HEADER}{GOOD}{LAST}2025-06-01T09:3"))),
        (
            "a last line that is cut off in quotes",
            "a.csv",
            text(format!("{HEADER}{GOOD}{LAST}2025-06-01T09:30:35Z,\"cut\nin two")),
        ),
        (
            "cells of another type",
            "a.csv",
            around(b"yesterday,a,x,n/a\nlast week,b,x,9223372036854775808\n2025-06-01T09:30:35Z,c,x,\n"),
        ),
        ("NUL characters", "a.csv", around(b"2025-06-01T09:30:35Z,nul\0nul,x,1\n")),
        (
            "bytes that are no UTF-8",
            "a.csv",
            around(b"2025-06-01T09:30:35Z,caf\xE9,x,1\n2025-06-01T09:30:35Z,\xFF\xFE,x,1\n"),
        ),
        ("a quote that is not closed", "a.csv", around(swallowed.as_bytes())),
        (
            "a quote that swallows the file",
            "a.csv",
            text(format!("{HEADER}{GOOD}2025-06-01T09:30:35Z,\"stray,x,1\n{}", LAST.repeat(3))),
        ),
        (
            "a quoted row with too many cells over several lines",
            "a.csv",
            around(b"2025-06-01T09:30:35Z,\"a\nb\",x,1,too,many\n"),
        ),
        (
            "line ends of every kind",
            "a.csv",
            around(b"2025-06-01T09:30:35Z,cr,x,1\r2025-06-01T09:30:35Z,crlf,x,1\r\n\r\n\n"),
        ),
        (
            "a column twice, one without a name, one in capitals",
            "a.csv",
            b"Timestamp,DEVICENAME,RemoteUrl,RemoteUrl,\n2025-06-01T09:30:35Z,a,b,c,d\n".to_vec(),
        ),
        ("10,000 columns", "a.csv", text(wide)),
        ("a line of 100 MB", "a.csv", around(long_line.as_bytes())),
        (
            "truncated JSON",
            "a.json",
            text(format!("[{},{},{{\"Timestamp\":\"2025-06", object("first"), object("last"))),
        ),
        ("a JSON array that is not closed", "a.json", text(format!("[{},{}", object("first"), object("last")))),
        (
            "a broken line of NDJSON",
            "a.json",
            text(format!("{}\n{{\"Timestamp\":\"x\"\"DeviceName\":1}}\n{}\n", object("first"), object("last"))),
        ),
        (
            "a first line of NDJSON that is none",
            "a.json",
            text(format!("\"DeviceName\":1,\"RemoteUrl\":2}}\n{}\n{}\n", object("first"), object("last"))),
        ),
        (
            "a record without its end",
            "a.json",
            text(format!("{}\n{{\"Timestamp\":{{\"a\":\n{}\n", object("first"), object("last"))),
        ),
        (
            "a broken record in an array on one line",
            "a.json",
            text(format!("[{},{{\"Timestamp\":\"C:\\Program\"}},{}]", object("first"), object("last"))),
        ),
        (
            "values that are no records",
            "a.json",
            text(format!("{}\n17\n\"text\"\nINFO started\n{}\n", object("first"), object("last"))),
        ),
        (
            "a key twice",
            "a.json",
            b"{\"Timestamp\":\"2025-06-01T09:30:35Z\",\"DeviceName\":\"a\",\"DeviceName\":\"b\"}".to_vec(),
        ),
        ("deep nesting", "a.json", text(deep)),
        ("a JSON array without elements", "a.json", b"[]".to_vec()),
        (
            "a response without results",
            "a.json",
            b"{\"Schema\":[{\"Name\":\"Timestamp\",\"Type\":\"DateTime\"}],\"Results\":[]}".to_vec(),
        ),
        ("cells of types that no published table has", "a.json", b"{\"tables\":[{\"columns\":[{\"name\":\"a\",\"type\":\"timespan\"},{\"name\":\"b\",\"type\":\"guid\"},{\"name\":\"c\",\"type\":\"bool\"}],\"rows\":[[\"soon\",\"x\",\"maybe\"],[\"01:00:00\",null,1]]}]}".to_vec()),
        ("local time", "a.csv", b"Timestamp [Local Time],RemoteUrl\n\"10/25/2023, 9:43:21.994 AM\",x\n".to_vec()),
        ("a response with the query's status", "a.json", b"{\"Tables\":[{\"Columns\":[{\"ColumnName\":\"RemoteUrl\",\"DataType\":\"String\"}],\"Rows\":[[\"x\"]]},{\"Columns\":[],\"Rows\":[]}]}".to_vec()),
        ("300 tables", "a.csv", text(format!("Timestamp,$table\n{}", many_tables))),
        ("17,000 columns", "a.csv", text(format!("Timestamp,{}\n", many_columns.join(",")))),
        ("3,000 keys", "a.json", text(format!("{}\n{{{}}}\n{}\n", object("first"), many_keys.join(","), object("last")))),
        ("a JSON record of 20 MB", "a.json", text(format!("{}\n{{\"a\":\"{}\"}}\n{}\n", object("first"), "x".repeat(20_000_000), object("last")))),
        ("JSON that is broken over and over", "a.json", text(format!("{}\n{}", object("first"), "{\"a\":[\n".repeat(200_000)))),
        (
            "rows before their columns",
            "a.json",
            b"{\"tables\":[{\"rows\":[[1]],\"columns\":[{\"name\":\"a\",\"type\":\"int\"}]}]}".to_vec(),
        ),
    ]
}

/// What a person would be told.
fn told(report: &Report) -> String {
    let mut out = format!("{}: {}\n", report.recognition.format.title(), report.recognition.why);
    if let Some(failure) = &report.failure {
        let _ = writeln!(out, "failure {}: {}", failure.code, failure.message);
    }
    for table in report.tables.iter().rev().take(3).rev() {
        let _ = writeln!(out, "{} rows of {}: {}", table.rows, table.table, table.why);
    }
    let finding = |f: &Finding| {
        let column = f.column.map_or(String::new(), |c| format!(", column {c}"));
        let field = f.field.as_ref().map_or(String::new(), |f| format!(", {f}"));
        format!("line {}{column}{field}: {}: {}\n", f.line, f.code, f.message)
    };
    for (what, findings) in [("record refused", &report.rejected), ("cell lost", &report.cells)] {
        findings.first.iter().take(10).for_each(|f| out += &format!("{what}, {}", finding(f)));
        if findings.total > 10 {
            let _ = writeln!(out, "{what}: {} in all", findings.total);
        }
        assert_eq!(findings.total, findings.by_code.iter().map(|c| c.count).sum::<u64>());
    }
    for times in &report.unread_times {
        let _ = writeln!(
            out,
            "times not understood: {} of {}, first “{}” on line {}",
            times.count, times.column, times.example, times.line
        );
    }
    for warning in &report.warnings {
        let line = warning.line.map_or(String::new(), |line| format!(", line {line}"));
        let _ = writeln!(out, "{:?} {}{line}: {}", warning.severity, warning.code, warning.message);
    }
    if let Some(truncated) = &report.truncated {
        let _ = writeln!(out, "end {}, line {}: {}", truncated.code, truncated.line, truncated.message);
    }
    if !report.unknown_columns.is_empty() {
        let names: Vec<&str> = report.unknown_columns.iter().take(3).map(|c| &*c.column).collect();
        let _ = writeln!(out, "{} columns not understood: {}…", report.unknown_columns.len(), names.join(", "));
    }
    out
}

#[test]
fn bad_input_is_told_and_every_good_row_is_kept() {
    let mut golden = String::new();
    for (title, name, bytes) in cases() {
        let (tables, reports) = read_all(name, &bytes);
        let _ = writeln!(golden, "## {title}");
        for report in &reports {
            assert!(report.bytes == bytes.len() as u64 || !report.packed.is_empty() || report.bytes == 0, "{title}");
            if report.name != name {
                let _ = writeln!(golden, "{}", report.name);
            }
            golden += &told(report);
        }
        golden.push('\n');
        let rows = rows(&tables);
        let text = String::from_utf8_lossy(&bytes);
        for marker in ["first", "last"].iter().filter(|m| text.contains(*m)) {
            let is_kept = rows.iter().any(|row| row.contains(&format!("DeviceName={marker}")));
            assert!(is_kept, "{title}: {marker} is lost");
        }
    }
    let path = format!("{}/tests/golden/bad_input.txt", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &golden).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    // What was said of another log before is no part of these cases: `crates/detection/src/log_columns.rs` has it.
    for code in Code::ALL.into_iter().filter(|code| *code != Code::ColumnsMapped) {
        assert!(golden.contains(&format!(" {code}")), "{code} has no example");
    }
    let differs = golden.lines().zip(expected.lines()).find(|(found, expected)| found != expected);
    assert_eq!(differs, None);
    assert_eq!(golden.lines().count(), expected.lines().count());
}

#[test]
fn the_first_hundred_are_told_and_the_rest_counted() {
    let log = format!("{HEADER}{}", "yesterday,x\nyesterday,a,x,n/a\n".repeat(1000));
    let report = read("a.csv", log.as_bytes(), Options::default()).1;
    assert_eq!((report.rejected.total, report.rejected.first.len()), (1000, event_logs::LISTED));
    assert_eq!((report.cells.total, report.cells.first.len()), (2000, event_logs::LISTED));
    let lines: Vec<(u64, &str)> =
        report.cells.first.iter().take(3).map(|f| (f.line, f.field.as_deref().unwrap_or(""))).collect();
    assert_eq!(lines, [(3, "Timestamp"), (3, "BytesSent"), (5, "Timestamp")]);
    assert_eq!((report.unread_times[0].count, report.unread_times[0].line), (1000, 3));
}

#[test]
fn a_report_survives_its_serialisation() {
    let report = read("a.csv", &around(b"x\n\0,\xFF,y,n/a\nyesterday,\""), Options::default()).1;
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
}
