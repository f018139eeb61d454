//! A small log of every format, with the rows that a person reads in it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use event_logs::{DateOrder, Encoding, Format, Options};
use event_table::SourceId;
use support::{fixture, read, records_lead_back, row, rows, utf16};

/// The rows of a query's result.
const KUSTO: &[&str] = &[
    "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|RemotePort=443|RemoteUrl=github.com",
    "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|RemotePort=22|RemoteUrl=gitlab.com",
];

/// A log, what it is recognised as, and its rows, read off by hand.
const LOGS: [(&str, Format, &[&str]); 18] = [
    ("kusto_v2.json", Format::KustoFrames, KUSTO),
    ("kusto_v2_progressive.json", Format::KustoFrames, KUSTO),
    (
        "defender_portal.csv",
        Format::DefenderCsv,
        &[
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:35.9347784Z|DeviceId=d1a7|DeviceName=ws-01.contoso.example|\
             ActionType=ConnectionSuccess|RemoteIP=140.82.121.6|RemotePort=443|RemoteUrl=https://api.github.com/|LocalIP=10.0.0.5|\
             LocalPort=51000|Protocol=Tcp|InitiatingProcessFileName=git.exe|InitiatingProcessId=4242|\
             InitiatingProcessCommandLine=git.exe push \"origin\" main, now|\
             InitiatingProcessCreationTime=2025-06-01T09:30:30.0000000Z|ReportId=117|\
             AdditionalFields={\"direction\":\"Out\",\"bytes\":[1,2]}|IsInitiatingProcessRemoteSession=false|BytesSent=524289|\
             Ticket=CHG-1",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceId=d1a7|DeviceName=ws-01.contoso.example|\
             ActionType=ConnectionFailed|RemotePort=0|LocalIP=10.0.0.5|Protocol=Tcp|InitiatingProcessFileName=powershell.exe|\
             InitiatingProcessId=4300|InitiatingProcessCommandLine=powershell.exe -Command \"& {\r\n  Invoke-WebRequest \
             https://gist.github.com\r\n}\"|ReportId=118|IsInitiatingProcessRemoteSession=true",
        ],
    ),
    (
        "defender_grid.csv",
        Format::DefenderCsv,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|FileName=git.exe|\
             FolderPath=C:\\Program Files\\Git\\cmd\\git.exe|ProcessId=4242|ProcessCommandLine=git push https://github.com/o/r|\
             AccountName=ada",
            "DeviceProcessEvents: Timestamp=2024-12-31T00:00:01.0000000Z|DeviceName=ws-02|FileName=curl.exe|\
             FolderPath=C:\\Windows\\System32\\curl.exe|ProcessId=77|ProcessCommandLine=curl -d \"a,b\" \
             https://api.github.com/gists|AccountName=ben",
        ],
    ),
    (
        "sentinel_utc.csv",
        Format::LogAnalyticsCsv,
        &[
            "DeviceProcessEvents: Timestamp=2023-10-25T09:43:21.9940000Z|DeviceName=ws-01|ActionType=ProcessCreated|\
             FileName=git.exe|ProcessCommandLine=git push|InitiatingProcessCreationTime=2023-10-25T09:43:20.0000000Z|\
             Type=DeviceProcessEvents|TenantId=t-1",
            "DeviceNetworkEvents: Timestamp=2023-10-25T12:05:00.0000000Z|DeviceName=ws-01|ActionType=ConnectionSuccess|\
             RemotePort=443|RemoteUrl=https://github.com|Type=DeviceNetworkEvents|TenantId=t-1",
        ],
    ),
    (
        "sentinel_local.csv",
        Format::LogAnalyticsCsv,
        &[
            "DeviceNetworkEvents: Timestamp=2023-10-25T09:43:21.9940000Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com",
            "DeviceNetworkEvents: Timestamp=2023-10-25T09:43:21.0000000Z|DeviceName=ws-02|RemotePort=443|\
             RemoteUrl=https://gitlab.com",
        ],
    ),
    (
        "grid.tsv",
        Format::Tsv,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.5000000Z|DeviceName=ws-01|FileName=git.exe|ProcessId=4242|\
             ProcessCommandLine=\"C:\\Program Files\\Git\\git.exe\" push origin",
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|FileName=python.exe|ProcessId=4243|\
             ProcessCommandLine=python -c \"print(1)\"",
        ],
    ),
    (
        "excel_semicolon.csv",
        Format::SemicolonCsv,
        &[
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:00.0000000Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com/;x",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:31:00.0000000Z|DeviceName=ws-02|RemotePort=443|\
             RemoteUrl=https://gitlab.com|BytesSent=1000",
        ],
    ),
    (
        "array.json",
        Format::JsonArray,
        &[
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:35.9347784Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://api.github.com/|AdditionalFields={\"direction\": \"Out\", \"ports\": [443]}|\
             IsInitiatingProcessRemoteSession=true|BytesSent=524289|Score=7.0",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|RemotePort=22|Score=7.5|Tags=[\"a\",\"b\"]",
        ],
    ),
    (
        "object.json",
        Format::JsonObject,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|FileName=git.exe|ProcessId=4242|\
           ProcessCommandLine=\"C:\\git.exe\" push é😀",
        ],
    ),
    (
        "events.ndjson",
        Format::Ndjson,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|FileName=git.exe|ProcessId=42|\
             Type=DeviceProcessEvents|Risk=1",
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:38.0000000Z|DeviceName=ws-02|FileName=curl.exe|\
             Type=DeviceProcessEvents|Risk=high",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com|Type=DeviceNetworkEvents",
            "SecurityEvent: Type=SecurityEvent|Computer=ws-01|EventID=4688|Timestamp=2025-06-01T09:30:37.0000000Z",
        ],
    ),
    (
        "concatenated.json",
        Format::Ndjson,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|ActionType=ProcessCreated",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|ActionType=ConnectionSuccess",
        ],
    ),
    (
        "hunting_api.json",
        Format::HuntingResponse,
        &[
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:35.9347784Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com/|Sent=524289|IsKnown=true",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|IsKnown=false",
        ],
    ),
    (
        "graph.json",
        Format::HuntingResponse,
        &["DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|FileName=git.exe|ProcessId=4242|Total=3"],
    ),
    (
        "log_analytics.json",
        Format::TablesResponse,
        &[
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:35.9347784Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com|Type=DeviceNetworkEvents|Ratio=1.0|Bag={\"a\":[1,2]}",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|Type=DeviceNetworkEvents|Ratio=0.5|\
             Bag=plain",
        ],
    ),
    (
        "kusto_v1.json",
        Format::TablesResponse,
        &["DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.0000000Z|FileName=git.exe|ProcessId=4242"],
    ),
    (
        "streaming.ndjson",
        Format::StreamingExport,
        &[
            "DeviceProcessEvents: Timestamp=2025-06-01T09:30:35.9347784Z|DeviceName=ws-01|FileName=git.exe|ProcessId=4242|\
             ReportId=7|TenantId=t-1",
            "DeviceNetworkEvents: Timestamp=2025-06-01T09:31:00.2000000Z|DeviceName=ws-01|RemotePort=443|\
             RemoteUrl=https://github.com|TenantId=t-1",
        ],
    ),
    (
        "streaming_records.json",
        Format::StreamingExport,
        &[
            "DeviceEvents: Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=ws-01|ActionType=PowerShellCommand|TenantId=t-1",
            "DeviceEvents: Timestamp=2025-06-01T09:30:36.0000000Z|DeviceName=ws-02|ActionType=DnsQueryResponse|TenantId=t-1",
        ],
    ),
];

#[test]
fn every_format_gives_its_rows() {
    for (name, format, expected) in LOGS {
        // The name says nothing: neither the format nor the table may come from it.
        let (tables, report) = read("upload.bin", &fixture(name), Options::default());
        assert_eq!(report.recognition.format, format, "{name}");
        assert_eq!(rows(&tables), expected, "{name}");
        assert_eq!(report.rows(), expected.len() as u64, "{name}");
        assert_eq!(report.rejected.total, 0, "{name}: {:?}", report.rejected);
        assert!(report.truncated.is_none() && report.failure.is_none(), "{name}");
    }
}

#[test]
fn utf16_gives_the_same_rows_as_utf8() {
    for (name, format, expected) in LOGS {
        let text = String::from_utf8(fixture(name)).unwrap();
        let text = text.trim_start_matches('\u{FEFF}');
        for (encoding, mark) in [(Encoding::Utf16Le, true), (Encoding::Utf16Be, true), (Encoding::Utf16Le, false)] {
            let bytes = utf16(&if mark { format!("\u{FEFF}{text}") } else { text.to_owned() }, encoding);
            let (tables, report) = read("upload.bin", &bytes, Options::default());
            assert_eq!((report.recognition.format, report.encoding), (format, encoding), "{name}");
            assert_eq!(rows(&tables), expected, "{name}");
            records_lead_back(name, &tables, &bytes, encoding, text);
        }
    }
}

#[test]
fn the_original_record_of_every_row_is_found_again() {
    for (name, ..) in LOGS {
        let bytes = fixture(name);
        let (tables, report) = read("upload.bin", &bytes, Options::default());
        let text = String::from_utf8(bytes.clone()).unwrap();
        records_lead_back(name, &tables, &bytes, report.encoding, &text);
    }
}

#[test]
fn a_setting_says_the_zone_of_local_time() {
    for (minutes, first) in [(120, "2023-10-25T07:43:21.9940000Z"), (-330, "2023-10-25T15:13:21.9940000Z")] {
        let options = Options { local_offset_minutes: Some(minutes), ..Options::default() };
        let (tables, report) = read("x", &fixture("sentinel_local.csv"), options);
        let rows = rows(&tables);
        assert!(rows[0].contains(first), "{rows:?}");
        // A time that names its zone does not move.
        assert!(rows[1].contains("Timestamp=2023-10-25T09:43:21.0000000Z"), "{rows:?}");
        assert!(report.warnings[0].message.contains("as set"), "{report:?}");
    }
}

#[test]
fn the_caller_can_choose_the_table_the_format_and_the_order_of_dates() {
    let log = b"When;What;Where\n2/1/2023;a;b\n";
    let by_itself = read("proxy.csv", log, Options::default());
    assert_eq!(rows(&by_itself.0), ["proxy: When=2/1/2023|What=a|Where=b"]);

    let options = Options { table: Some("DeviceNetworkEvents".into()), ..Options::default() };
    assert_eq!(rows(&read("proxy.csv", log, options).0), ["DeviceNetworkEvents: When=2/1/2023|What=a|Where=b"]);

    let log = b"Timestamp,DeviceName\n2/1/2023 10:00:00 AM,a\n";
    for (date_order, time) in [(DateOrder::MonthFirst, "2023-02-01"), (DateOrder::DayFirst, "2023-01-02")] {
        let options = Options { date_order, ..Options::default() };
        assert_eq!(
            rows(&read("x.csv", log, options).0),
            [format!("x: Timestamp={time}T10:00:00.0000000Z|DeviceName=a")]
        );
    }

    let options = Options { format: Some(Format::SemicolonCsv), ..Options::default() };
    let (tables, report) = read("x.csv", b"Timestamp,a;DeviceName\nb;c\n", options);
    assert_eq!(rows(&tables), ["x: Timestamp,a=b|DeviceName=c"]);
    assert_eq!(report.recognition.why, "It was chosen.");
}

#[test]
fn the_table_is_told_in_the_order_of_the_specification() {
    let time = "2025-06-01T09:30:35Z";
    for (name, log, table) in [
        // The record goes before the file's name, and that before the columns.
        ("DeviceFileEvents.csv", "Timestamp,Type,RemoteUrl\n{time},DeviceEvents,x\n", "DeviceEvents"),
        ("DeviceFileEvents.csv", "Timestamp,RemoteUrl\n{time},x\n", "DeviceFileEvents"),
        ("x.csv", "Timestamp,RemoteUrl\n{time},x\n", "DeviceNetworkEvents"),
        ("x.csv", "Timestamp,$table,RemoteUrl\n{time},Custom,x\n", "Custom"),
        // A Type that names no table says nothing.
        ("x.csv", "Timestamp,Type,RemoteUrl\n{time},Warning,x\n", "DeviceNetworkEvents"),
        // ActionType settles what both tables' columns leave open.
        (
            "x.csv",
            "Timestamp,ActionType,FileName,FolderPath,RemoteIP\n{time},ConnectionSuccess,a,b,c\n",
            "DeviceNetworkEvents",
        ),
        (
            "x.csv",
            "Timestamp,ActionType,FileName,FolderPath,RemoteIP\n{time},ProcessCreated,a,b,c\n",
            "DeviceProcessEvents",
        ),
        ("x.csv", "timestamp,remoteurl\n{time},x\n", "DeviceNetworkEvents"),
        ("x.json", "{\"Timestamp\":\"{time}\",\"SourceTable\":\"DeviceEvents\",\"RemoteUrl\":\"x\"}", "DeviceEvents"),
        ("DeviceEvents.json", "{\"Timestamp\":\"{time}\",\"RemoteUrl\":\"x\"}", "DeviceEvents"),
        ("x.json", "{\"Timestamp\":\"{time}\",\"FileName\":\"x\",\"ProcessId\":1}", "DeviceProcessEvents"),
    ] {
        let (tables, _) = read(name, log.replace("{time}", time).as_bytes(), Options::default());
        let names: Vec<&str> = tables.tables().iter().map(|t| t.name()).collect();
        assert_eq!(names, [table], "{name} {log}");
    }
}

#[test]
fn columns_of_other_tables_are_not_told_as_unknown() {
    let log = "Timestamp,Type,ProcessCommandLine,RemoteUrl,Own\n\
               2025-06-01T09:30:35Z,DeviceProcessEvents,git push,,\n\
               2025-06-01T09:30:35Z,DeviceNetworkEvents,,https://github.com,x\n";
    let (tables, report) = read("x.csv", log.as_bytes(), Options::default());
    let unknown: Vec<(&str, &str)> = report.unknown_columns.iter().map(|c| (&*c.table, &*c.column)).collect();
    assert_eq!(unknown, [("DeviceNetworkEvents", "Own")]);
    assert!(tables.get("DeviceProcessEvents").unwrap().schema().position("RemoteUrl").is_none());
}

#[test]
fn batches_are_closed_when_they_are_full() {
    let mut log = "Timestamp,DeviceName,RemoteUrl,BytesSent\n".to_owned();
    for i in 0..150_000 {
        log += &format!("2025-06-01T09:30:35Z,pc{i},https://github.com/{},{i}\n", i % 7);
    }
    let (tables, report) = read("x.csv", log.as_bytes(), Options::default());
    let table = tables.get("DeviceNetworkEvents").unwrap();
    let sizes: Vec<usize> = table.batches().iter().map(event_table::Batch::len).collect();
    assert_eq!(sizes, [65_536, 65_536, 18_928]);
    assert_eq!((report.rows(), table.batches()[0].source()), (150_000, SourceId(1)));
    assert_eq!(
        row(table, 149_999),
        "Timestamp=2025-06-01T09:30:35.0000000Z|DeviceName=pc149999|RemoteUrl=https://github.com/3|BytesSent=149999"
    );
}
