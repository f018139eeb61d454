//! The validation scenarios as a host with Sysmon would have logged them, in three forms: the shipped rule gives the
//! same verdicts on them as on Defender's rows.
//!
//! A proxy's rows, which alone count bytes, stay as they are.

use crate::wall;
use detection::{Expected, Options, Sample, Session, samples};
use event_table::Table;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An event's number, time, computer and data.
struct Event {
    id: u32,
    time: String,
    computer: String,
    data: Vec<(&'static str, String)>,
}

/// The events of which Defender made a sample's rows, but for those of the proxy; and the proxy's files.
fn events(sample: &Sample) -> (Vec<Event>, Vec<&detection::SampleFile>) {
    let (proxy, sensor): (Vec<_>, Vec<_>) = sample.files.iter().partition(|file| file.name().contains("proxy"));
    let mut session = Session::new();
    for file in &sensor {
        session.load(file.name(), file.bytes(), Options::default());
    }
    let mut events = Vec::new();
    for table in session.tables().tables() {
        for row in 0..table.len() {
            events.extend(event(table, row));
        }
    }
    (events, proxy)
}

fn event(table: &Table, row: usize) -> Option<Event> {
    let cell = |name: &str| table.schema().position(name).map_or(String::new(), |c| table.value(row, c).to_string());
    let path = |folder: &str, file: &str| {
        let folder = cell(folder);
        if folder.ends_with(&cell(file)) { folder } else { format!("{folder}\\{}", cell(file)) }
    };
    let user = |of: &str| format!("{}\\{}", cell(&format!("{of}AccountDomain")), cell(&format!("{of}AccountName")));
    let acting = [
        ("Image", path("InitiatingProcessFolderPath", "InitiatingProcessFileName")),
        ("ProcessId", cell("InitiatingProcessId")),
        ("User", user("InitiatingProcess")),
    ];
    let (id, data) = match table.name() {
        "DeviceProcessEvents" => (
            1,
            vec![
                ("ProcessId", cell("ProcessId")),
                ("Image", path("FolderPath", "FileName")),
                ("CommandLine", cell("ProcessCommandLine")),
                ("User", user("")),
                ("ParentProcessId", cell("InitiatingProcessId")),
                ("ParentImage", path("InitiatingProcessFolderPath", "InitiatingProcessFileName")),
                ("ParentCommandLine", cell("InitiatingProcessCommandLine")),
            ],
        ),
        "DeviceNetworkEvents" => {
            let own = [
                ("Protocol", "tcp".to_owned()),
                ("Initiated", "true".to_owned()),
                ("SourceIp", cell("LocalIP")),
                ("SourcePort", cell("LocalPort")),
                ("DestinationIp", cell("RemoteIP")),
                ("DestinationHostname", cell("RemoteUrl")),
                ("DestinationPort", cell("RemotePort")),
            ];
            (3, acting.into_iter().chain(own).collect())
        }
        "DeviceFileEvents" => {
            (11, acting.into_iter().chain([("TargetFilename", path("FolderPath", "FileName"))]).collect())
        }
        _ => return None,
    };
    let time = cell("Timestamp");
    let utc = time.trim_end_matches('Z').replacen('T', " ", 1);
    let data = [("UtcTime", utc)].into_iter().chain(data).collect();
    Some(Event { id, time, computer: cell("DeviceName"), data })
}

const PROVIDER: &str = "Microsoft-Windows-Sysmon";
const CHANNEL: &str = "Microsoft-Windows-Sysmon/Operational";

fn data(event: &Event) -> Map<String, Value> {
    event.data.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
}

fn xml(events: &[Event]) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let one = |(record, event): (usize, &Event)| {
        let data: String =
            event.data.iter().map(|(name, value)| format!("<Data Name='{name}'>{}</Data>", escaped(value))).collect();
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='{PROVIDER}'/>\
             <EventID>{}</EventID><TimeCreated SystemTime='{}'/><EventRecordID>{record}</EventRecordID>\
             <Channel>{CHANNEL}</Channel><Computer>{}</Computer></System><EventData>{data}</EventData></Event>\n",
            event.id, event.time, event.computer
        )
    };
    format!("<Events>{}</Events>", events.iter().enumerate().map(one).collect::<String>())
}

fn evtx_dump(events: &[Event]) -> String {
    let one = |(record, event): (usize, &Event)| {
        let system = json!({
            "Provider": {"#attributes": {"Name": PROVIDER}}, "EventID": event.id,
            "TimeCreated": {"#attributes": {"SystemTime": event.time}}, "EventRecordID": record, "Channel": CHANNEL,
            "Computer": event.computer,
        });
        format!("{}\n", json!({"Event": {"System": system, "EventData": data(event)}}))
    };
    events.iter().enumerate().map(one).collect()
}

fn winlogbeat(events: &[Event]) -> String {
    let one = |(record, event): (usize, &Event)| {
        let winlog = json!({
            "event_id": event.id, "provider_name": PROVIDER, "channel": CHANNEL, "record_id": record,
            "computer_name": event.computer, "event_data": data(event),
        });
        format!("{}\n", json!({"@timestamp": event.time, "winlog": winlog}))
    };
    events.iter().enumerate().map(one).collect()
}

#[test]
fn the_validation_scenarios_as_sysmon_logs_give_the_verdicts_of_defenders_rows() {
    let scenarios: Vec<_> = samples().iter().filter(|sample| sample.group == "scenario").collect();
    assert_eq!(scenarios.len(), 4);
    for sample in scenarios {
        let (events, proxy) = events(sample);
        assert!(events.iter().any(|e| e.id == 1) && events.iter().any(|e| e.id == 3), "{}", sample.id);
        for (form, log) in
            [("xml", xml(&events)), ("evtx_dump", evtx_dump(&events)), ("winlogbeat", winlogbeat(&events))]
        {
            let mut session = Session::new();
            let report = session.load("export", log.as_bytes(), Options::default());
            assert_eq!((report.rows(), report.rejected.total), (events.len() as u64, 0), "{} {form}", sample.id);
            for file in &proxy {
                session.load(file.name(), file.bytes(), Options::default());
            }
            let report = session.run_now(wall());
            let found: BTreeMap<String, Expected> = report
                .signals
                .iter()
                .map(|s| (s.name.clone(), Expected { state: s.state, alerts: s.alerts }))
                .collect();
            assert_eq!(found, sample.expected, "{} as {form}", sample.id);
        }
    }
}

/// The text of a cell, and whether it was inferred.
fn cell(session: &Session, table: &str, row: usize, column: &str) -> (String, bool) {
    let tables = session.tables();
    let position = tables.position(table).expect("the table is there");
    let known = &tables.tables()[position];
    let text = known.schema().position(column).map_or(String::new(), |c| known.value(row, c).to_string());
    let row = event_table::RowRef { table: position as u32, row: row as u32 };
    (text, session.is_inferred(row, column))
}

#[test]
fn what_another_event_of_the_same_process_tells_is_filled_in_and_marked() {
    let data = |name: &'static str, value: &str| (name, value.to_owned());
    let event = |id, second: u32, data: Vec<(&'static str, String)>| {
        let time = format!("2025-06-01T09:30:{second:02}.0000000Z");
        let utc = time.trim_end_matches('Z').replacen('T', " ", 1);
        Event { id, time, computer: "ws-01".into(), data: [("UtcTime", utc)].into_iter().chain(data).collect() }
    };
    let git = || [data("Image", r"C:\git\git.exe"), data("ProcessId", "4242")];
    let connection = |ip: &str, name: &str| {
        let own = [data("DestinationIp", ip), data("DestinationHostname", name), data("DestinationPort", "443")];
        git().into_iter().chain(own).collect()
    };
    let log = xml(&[
        event(
            1,
            1,
            git().into_iter().chain([data("CommandLine", "git push"), data("ParentImage", r"C:\cmd.exe")]).collect(),
        ),
        event(
            22,
            2,
            git()
                .into_iter()
                .chain([
                    data("QueryName", "github.com"),
                    data("QueryResults", "type: 5 github.com;::ffff:140.82.121.4;"),
                ])
                .collect(),
        ),
        event(3, 3, connection("140.82.121.4", "lb-140-82-121-4.github.com")),
        event(3, 4, connection("192.0.2.1", "host.example")),
        event(3, 0, connection("140.82.121.4", "-")),
        // Another process has the number later.
        event(1, 5, vec![data("Image", r"C:\other.exe"), data("ProcessId", "4242"), data("CommandLine", "other")]),
        event(
            11,
            6,
            vec![data("Image", r"C:\other.exe"), data("ProcessId", "4242"), data("TargetFilename", r"C:\x.txt")],
        ),
    ]);
    let mut session = Session::new();
    let id = session.load("a.xml", log.as_bytes(), Options::default()).source;
    for (table, row, column, text, inferred) in [
        ("DeviceNetworkEvents", 0, "RemoteUrl", "github.com", true),
        ("DeviceNetworkEvents", 0, "InitiatingProcessCommandLine", "git push", true),
        ("DeviceNetworkEvents", 0, "InitiatingProcessParentFileName", "cmd.exe", true),
        ("DeviceNetworkEvents", 0, "InitiatingProcessFileName", "git.exe", false),
        ("DeviceNetworkEvents", 1, "RemoteUrl", "host.example", true),
        // Before the process was created, nothing is known of it; a query may be logged after what it was for.
        ("DeviceNetworkEvents", 2, "InitiatingProcessCommandLine", "", false),
        ("DeviceNetworkEvents", 2, "RemoteUrl", "github.com", true),
        ("DeviceFileEvents", 0, "InitiatingProcessCommandLine", "other", true),
        ("DeviceProcessEvents", 0, "ProcessCommandLine", "git push", false),
    ] {
        assert_eq!(cell(&session, table, row, column), (text.to_owned(), inferred), "{table} {row} {column}");
    }
    let urls: usize = session.inferred().iter().filter(|i| i.column == "RemoteUrl").map(|i| i.cells).sum();
    assert_eq!((urls, session.duplicates()), (3, 0));
    session.load("again.xml", log.as_bytes(), Options::default());
    assert_eq!(session.duplicates(), 7);
    session.remove(id);
    assert_eq!(session.duplicates(), 0);
}

/// Process creations of one channel by their record numbers.
fn records(numbers: std::ops::RangeInclusive<u32>) -> String {
    let record = |n: u32| {
        format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
             <Provider Name='Microsoft-Windows-Sysmon'/><EventID>1</EventID>\
             <TimeCreated SystemTime='2026-10-22T09:00:{n:02}Z'/><EventRecordID>{n}</EventRecordID>\
             <Channel>Microsoft-Windows-Sysmon/Operational</Channel><Computer>ws-01</Computer></System><EventData>\
             <Data Name='Image'>C:\\git\\git.exe</Data><Data Name='CommandLine'>git push https://github.com/{n}</Data>\
             </EventData></Event>\n"
        )
    };
    numbers.map(record).collect()
}

#[test]
fn duplicates_of_overlapping_exports_are_left_out_and_come_back() {
    let mut session = Session::new();
    session.load("first.xml", records(1..=6).as_bytes(), Options::default());
    let second = session.load("second.xml", records(4..=9).as_bytes(), Options::default()).source;
    session.set_query("DeviceProcessEvents | where FileName == 'git.exe' | project ProcessCommandLine");
    let lines = |session: &mut Session| {
        let report = session.run_now(wall());
        let csv = detection::output::csv(session);
        let numbers: Vec<u32> = csv.lines().skip(1).map(|l| l.rsplit('/').next().unwrap().parse().unwrap()).collect();
        (numbers, report.duplicates.rows, report.duplicates.left_out)
    };
    let all: Vec<u32> = (1..=6).chain(4..=9).collect();
    assert_eq!(lines(&mut session), (all.clone(), 3, false));
    // A row that stays keeps what is said of it, though it has another place now.
    let last = event_table::RowRef { table: 0, row: 11 };
    session.set_label(last, Some(detection::Label::Benign));
    session.drop_duplicates(true);
    assert_eq!(lines(&mut session), ((1..=9).collect(), 3, true));
    let moved = event_table::RowRef { table: 0, row: 8 };
    assert_eq!((session.label(moved), session.label(last)), (Some(detection::Label::Benign), None));
    assert_eq!(session.record(moved).map(|record| record.line), Some(6));
    // A log that comes later is looked at too, and one that goes takes nothing with it that others tell.
    session.load("third.json", br#"{"EventID":1,"Channel":"x"}"#, Options::default());
    session.load("fourth.xml", records(9..=10).as_bytes(), Options::default());
    assert_eq!(lines(&mut session).0, (1..=10).collect::<Vec<_>>());
    session.remove(second);
    assert_eq!(lines(&mut session), ((1..=6).chain(9..=10).collect(), 0, true));
    session.load("second.xml", records(4..=9).as_bytes(), Options::default());
    session.drop_duplicates(false);
    assert_eq!(lines(&mut session), ((1..=6).chain(9..=10).chain(4..=9).collect(), 4, false));
}

#[test]
fn the_host_of_a_connection_is_the_one_that_its_process_asked_for() {
    let root = std::env::var_os("EXFIL_SHARED").map_or_else(|| crate::root().join("../shared"), Into::into);
    for (file, address) in
        [("psh_mavinject_dll_notepad.zip", "140.82.121.4"), ("psh_cmstp_execution_bypassuac.zip", "140.82.113.3")]
    {
        let Ok(archive) = std::fs::read(root.join("data/otrf").join(file)) else {
            eprintln!("left out: {file} is not among the shared data");
            continue;
        };
        let mut session = Session::new();
        session.load(file, &archive, Options::default());
        let rows = session.tables().get("DeviceNetworkEvents").map_or(0, Table::len);
        let found = (0..rows).filter(|row| cell(&session, "DeviceNetworkEvents", *row, "RemoteIP").0 == address);
        let urls: Vec<_> = found.map(|row| cell(&session, "DeviceNetworkEvents", row, "RemoteUrl")).collect();
        assert!(urls.contains(&("github.com".to_owned(), true)), "{file}: {urls:?}");
    }
}
