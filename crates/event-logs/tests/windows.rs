//! Windows events in every form in which they are exported: the same events become the same rows.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use event_logs::{Code, Encoding, Format, Options};
use support::{fixture, read, records_lead_back, rows, utf16};

/// Logs of the same events in each form, and the file that has their rows, read off by hand.
const LOGS: [(&str, Format, &str); 19] = [
    ("sysmon.xml", Format::WindowsXml, "sysmon.rows"),
    ("security.xml", Format::WindowsXml, "security.rows"),
    ("syslog_events.txt", Format::WindowsXml, "syslog_events.rows"),
    ("sysmon_evtx_dump.ndjson", Format::EvtxJson, "sysmon.rows"),
    ("sysmon_chainsaw.json", Format::EvtxJson, "sysmon.rows"),
    ("sysmon_winlogbeat.ndjson", Format::Winlogbeat, "sysmon.rows"),
    ("sysmon_elastic.ndjson", Format::Winlogbeat, "sysmon.rows"),
    ("sysmon_splunk.ndjson", Format::SplunkJson, "sysmon.rows"),
    ("sysmon_splunk.json", Format::SplunkJson, "sysmon.rows"),
    ("sysmon_splunk.csv", Format::SplunkCsv, "sysmon.rows"),
    ("sysmon_nxlog.ndjson", Format::WindowsJson, "sysmon.rows"),
    ("security_evtx_dump.ndjson", Format::EvtxJson, "security.rows"),
    ("security_chainsaw.json", Format::EvtxJson, "security.rows"),
    ("security_winlogbeat.ndjson", Format::Winlogbeat, "security.rows"),
    ("security_elastic.ndjson", Format::Winlogbeat, "security.rows"),
    ("security_splunk.ndjson", Format::SplunkJson, "security.rows"),
    ("security_splunk.json", Format::SplunkJson, "security.rows"),
    ("security_splunk.csv", Format::SplunkCsv, "security.rows"),
    ("security_nxlog.ndjson", Format::WindowsJson, "security.rows"),
];

fn expected(name: &str) -> Vec<String> {
    String::from_utf8(fixture(name)).unwrap().lines().map(str::to_owned).collect()
}

/// Rows without what a form leaves out.
fn without(name: &str, rows: Vec<String>) -> Vec<String> {
    // winlogbeat writes levels and keywords in words, and NXLog has neither them nor what is no event's data.
    let left_out: &[&str] = match name {
        _ if name.contains("winlogbeat") || name.contains("elastic") => &["|Level=0", "|Version=3"],
        _ if name.contains("nxlog") => &["|Version=3"],
        _ => &[],
    };
    let without = |row: String| left_out.iter().fold(row, |row, cell| row.replace(cell, ""));
    let is_there = |row: &String| {
        !name.contains("nxlog") || !["Sysmon: ", "SecurityEvent: ", "WindowsEvent: "].iter().any(|t| row.starts_with(t))
    };
    rows.into_iter().filter(is_there).map(without).collect()
}

#[test]
fn events_become_the_rows_of_the_mapping_in_every_form() {
    for (name, format, wanted) in LOGS {
        let (tables, report) = read("upload.bin", &fixture(name), Options::default());
        assert_eq!(report.recognition.format, format, "{name}");
        assert_eq!(without(name, rows(&tables)), without(name, expected(wanted)), "{name}");
        assert_eq!((report.rejected.total, report.cells.total, report.truncated), (0, 0, None), "{name}");
        assert!(report.unknown_columns.is_empty(), "{name}: {:?}", report.unknown_columns);
    }
}

#[test]
fn the_original_record_of_every_event_is_found_again() {
    for (name, ..) in LOGS {
        let bytes = fixture(name);
        let text = String::from_utf8(bytes.clone()).unwrap();
        let (tables, _) = read("upload.bin", &bytes, Options::default());
        records_lead_back(name, &tables, &bytes, Encoding::Utf8, &text);
    }
}

#[test]
fn events_in_utf16_give_the_same_rows_with_a_mark_and_without() {
    for (name, format, wanted) in LOGS {
        let text = String::from_utf8(fixture(name)).unwrap();
        for (encoding, mark) in
            [(Encoding::Utf16Le, "\u{FEFF}"), (Encoding::Utf16Be, "\u{FEFF}"), (Encoding::Utf16Le, "")]
        {
            let bytes = utf16(&format!("{mark}{text}"), encoding);
            let (tables, report) = read("upload.bin", &bytes, Options::default());
            assert_eq!((report.recognition.format, report.encoding), (format, encoding), "{name}");
            assert_eq!(without(name, rows(&tables)), without(name, expected(wanted)), "{name}");
            records_lead_back(name, &tables, &bytes, encoding, &text);
        }
    }
}

#[test]
fn what_windows_events_cannot_show_is_told() {
    let of = |name: &str| {
        let report = read(name, &fixture(name), Options::default()).1;
        let codes = report.warnings.iter().map(|w| w.code).filter(|code| code.is_blind_spot());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(of("sysmon.xml"), [Code::NoByteCounts]);
    assert_eq!(of("syslog_events.txt"), []);
}
